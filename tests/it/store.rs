//! The store itself: every statement on both engines, the same schema, transactions under load and under cancellation.

use std::collections::BTreeSet;

use futures_util::future::join_all;
use guichet::db;

use crate::support::{Engine, TestApp};

/// Every statement constant of every `store.rs`.
fn statements() -> Vec<&'static str> {
    [
        guichet::account::store::ALL,
        guichet::account::civil::store::ALL,
        guichet::audit::store::ALL,
        guichet::audit::chain::store::ALL,
        guichet::authn::card::store::ALL,
        guichet::authn::store::ALL,
        guichet::authn::factor::store::ALL,
        guichet::authn::first_sign_in::store::ALL,
        guichet::authn::factor::totp::store::ALL,
        guichet::authn::factor::recovery::store::ALL,
        guichet::authn::trusted_browser::store::ALL,
        guichet::authn::lost::store::ALL,
        guichet::authn::factor::passkey::store::ALL,
        guichet::crypto::store::ALL,
        guichet::federation::store::ALL,
        guichet::federation::verify::store::ALL,
        guichet::jobs::store::ALL,
        guichet::jobs::notice::store::ALL,
        guichet::org::store::ALL,
        guichet::org::listing::store::ALL,
        guichet::org::service::store::ALL,
        guichet::org::habilitation::store::ALL,
        guichet::org::request::store::ALL,
        guichet::org::newcomer::store::ALL,
        guichet::org::review::store::ALL,
        guichet::org::succession::store::ALL,
        guichet::org::register::store::ALL,
        guichet::org::register::stock::store::ALL,
        guichet::org::invitation::store::ALL,
        guichet::org::claim::store::ALL,
        guichet::org::handover::store::ALL,
        guichet::oidc::store::ALL,
        guichet::oidc::consent::store::ALL,
        guichet::oidc::notice::store::ALL,
        guichet::oidc::registry::store::ALL,
    ]
    .concat()
}

/// Those that one engine alone knows.
fn own(engine: Engine) -> Vec<&'static str> {
    use guichet::org::register::{stock, store};
    match engine {
        Engine::Sqlite => [store::SQLITE, stock::store::SQLITE].concat(),
        Engine::Postgres => [store::POSTGRES, stock::store::POSTGRES].concat(),
    }
}

/// Highest `$n`, when the numbers have no gap: a forgotten one is silently NULL on SQLite.
fn placeholders(statement: &str) -> Result<usize, String> {
    let numbers: BTreeSet<usize> = statement
        .split('$')
        .skip(1)
        .filter_map(|rest| rest.chars().take_while(char::is_ascii_digit).collect::<String>().parse().ok())
        .collect();
    let highest = numbers.last().copied().unwrap_or(0);
    if numbers.len() == highest { Ok(highest) } else { Err(format!("gap in the placeholders of {statement}")) }
}

#[test]
fn a_gap_in_placeholders_is_seen() {
    assert_eq!(placeholders("SELECT $1, $2, $1"), Ok(2));
    assert!(placeholders("SELECT $1, $3").is_err());
}

/// A `store.rs` that is not in the list above would escape the test.
#[test]
fn every_store_is_listed() {
    fn stores(dir: &std::path::Path, out: &mut Vec<String>) {
        for entry in std::fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                stores(&path, out);
            } else if path.file_name().is_some_and(|n| n == "store.rs") {
                out.push(std::fs::read_to_string(path).unwrap());
            }
        }
    }
    let mut found = Vec::new();
    stores(std::path::Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/src")), &mut found);
    let all = [statements(), own(Engine::Sqlite), own(Engine::Postgres)].concat();
    let known: Vec<String> = all.into_iter().map(squeeze).collect();
    for text in found {
        for part in text.split("const ").skip(1).filter(|p| p.contains("&str = \"")) {
            let literal = part.split_once("= \"").or_else(|| part.split_once("=\n    \"")).unwrap().1.split("\";").next().unwrap();
            let literal = squeeze(&literal.replace("\\\n", " "));
            assert!(known.contains(&literal), "not in ALL: {literal}");
        }
    }
}

fn squeeze(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

on_both! {
    async fn every_statement_prepares(app) {
        for statement in [statements(), own(app.engine)].concat() {
            placeholders(statement).unwrap();
            let mut tx = app.app.db.begin().await.unwrap();
            let prepared = db::prepare(&mut tx, statement).await;
            tx.rollback().await.unwrap();
            prepared.unwrap_or_else(|e| panic!("{e}: {statement}"));
        }
        let mut tx = app.app.db.begin().await.unwrap();
        assert!(db::prepare(&mut tx, "SELECT nothing FROM nowhere").await.is_err(), "the check can fail");
    }

    /// Each statement costs the same with ten million accounts (DESIGN §9): it finds its rows by an index.
    async fn no_statement_reads_a_whole_table(app) {
        // Small by nature, or read whole on purpose.
        const WHOLE: &[&str] = &["client", "signing_key", "config_version", "job", "instance_setting", "provider", "service"];
        // How many are not chained yet: few, unless the worker stopped, which is what the count is for.
        const COUNTS: &[&str] = &["SELECT COUNT(*) FROM audit_event WHERE seq IS NULL"];
        if app.engine != Engine::Sqlite { return }
        for statement in [statements(), own(app.engine)].concat().into_iter().filter(|s| (!s.starts_with("INSERT") || s.contains("SELECT")) && !COUNTS.contains(s)) {
            for step in app.plan(statement).await {
                // The number after the colon says how the module of the table finds its rows: 0 and none is a look at each of them.
                let indexed = step.split_once("VIRTUAL TABLE INDEX ").is_some_and(|(_, how)| how.split_once(':').is_some_and(|(_, how)| !how.is_empty()));
                let table = step.strip_prefix("SCAN ").filter(|rest| !indexed && *rest != "CONSTANT ROW").map(|rest| rest.split(' ').next().unwrap_or_default().to_owned());
                let limited = statement.contains("LIMIT") && step.contains("USING") && !step.contains("LIST SUBQUERY");
                assert!(table.is_none_or(|t| WHOLE.contains(&t.as_str()) || limited), "{step}: {statement}");
            }
        }
        assert!(app.plan("SELECT id FROM account WHERE given_name = 'x'").await.iter().any(|s| s.starts_with("SCAN")), "the check can fail");
    }

    async fn a_hundred_transactions_at_once_all_count(app) {
        let all = (0..100).map(|i| { let db = app.app.db.clone(); tokio::spawn(async move {
            let mut tx = db.begin().await?;
            guichet::authn::store::hit(&mut tx, "race", guichet::base::Timestamp::from_millis(1), guichet::base::Timestamp::from_millis(i64::MAX)).await?;
            // One in four gives up, one in ten is dropped.
            if i % 4 == 0 { tx.rollback().await } else if i % 10 == 3 { drop(tx); Ok(()) } else { tx.commit().await }
        })});
        let kept = (0..100).filter(|i| i % 4 != 0 && i % 10 != 3).count() as i64;
        for r in join_all(all).await { r.unwrap().unwrap(); }
        assert_eq!(app.count("SELECT CAST(SUM(hits) AS BIGINT) FROM throttle WHERE id = 'race'").await, kept);
    }

    async fn a_failed_statement_spoils_only_its_own_transaction(app) {
        let all = (0..40).map(|i| { let db = app.app.db.clone(); tokio::spawn(async move {
            let mut tx = db.begin().await.unwrap();
            let name = format!("s{}", i / 2);
            let now = guichet::base::Timestamp::from_millis(1);
            let first = guichet::oidc::store::use_assertion(&mut tx, &name, now).await.unwrap();
            let second = if i % 2 == 0 { guichet::db::prepare(&mut tx, "SELECT broken").await } else { Ok(()) };
            match second { Ok(()) => { tx.commit().await.unwrap(); first } Err(_) => { tx.rollback().await.unwrap(); false } }
        })});
        let won = join_all(all).await.into_iter().filter(|r| *r.as_ref().unwrap()).count();
        assert_eq!(app.count("SELECT COUNT(*) FROM client_assertion").await, won as i64);
        assert!(won > 0);
    }

    async fn a_caller_that_goes_away_blocks_nobody(app) {
        for _ in 0..50 {
            let db = app.app.db.clone();
            let task = tokio::spawn(async move {
                let mut tx = db.begin().await?;
                guichet::authn::store::hit(&mut tx, "gone", guichet::base::Timestamp::from_millis(1), guichet::base::Timestamp::from_millis(9)).await?;
                tx.commit().await
            });
            tokio::task::yield_now().await;
            task.abort();
        }
        let mut tx = app.app.db.begin().await.unwrap();
        guichet::oidc::store::use_assertion(&mut tx, "after", guichet::base::Timestamp::from_millis(1)).await.unwrap();
        tx.commit().await.unwrap();
    }
}

/// One migration list must leave the same tables and columns on both engines.
#[tokio::test]
async fn both_engines_have_the_same_schema() {
    let (a, b) = (TestApp::new(Engine::Sqlite).await, TestApp::new(Engine::Postgres).await);
    let (a, b) = (a.app.db.schema().await.unwrap(), b.app.db.schema().await.unwrap());
    assert!(a.len() > 100);
    assert_eq!(a, b);
}

#[tokio::test]
async fn a_newer_schema_is_refused() {
    let app = TestApp::new(Engine::Sqlite).await;
    const NEWER: &str = "UPDATE _sqlx_migrations SET version = 9999 WHERE version = (SELECT MAX(version) FROM _sqlx_migrations)";
    let mut tx = app.app.db.begin().await.unwrap();
    guichet::sql!(&mut tx, NEWER; exec).unwrap();
    tx.commit().await.unwrap();
    assert!(matches!(app.app.db.migration_status().await, Err(db::Error::Migration(_))));
}

#[tokio::test]
async fn a_read_handle_cannot_write_on_sqlite() {
    let app = TestApp::new(Engine::Sqlite).await;
    const WRITE: &str = "DELETE FROM account";
    let mut read = app.app.db.read().await.unwrap();
    assert!(guichet::sql!(&mut read, WRITE; exec).is_err());
}

const ADD_ROW: &str = "INSERT INTO revoked_jwt (jti, expires_at) VALUES ($1, $2)";
const COUNT_ROWS: &str = "SELECT COUNT(*) FROM revoked_jwt WHERE jti LIKE $1";

async fn count(app: &TestApp, like: &str) -> i64 {
    guichet::sql!(&mut app.app.db.read().await.unwrap(), COUNT_ROWS, like; (i64,); one).unwrap().0
}

on_both! {
    async fn writes_put_off_are_there_for_what_follows_them_and_go_with_their_transaction(app) {
        let mut tx = app.app.db.begin().await.unwrap();
        for n in 0..20_i64 {
            guichet::sql!(&mut tx, ADD_ROW, format!("put-off-{n}"), n; later).unwrap();
        }
        assert_eq!(guichet::sql!(&mut tx, COUNT_ROWS, "put-off-%"; (i64,); one).unwrap().0, 20, "seen by the next statement");
        guichet::sql!(&mut tx, ADD_ROW, "put-off-last", 0_i64; later).unwrap();
        tx.rollback().await.unwrap();
        assert_eq!(count(&app, "put-off-%").await, 0, "rolled back with the rest");

        // Nothing but writes put off: still one transaction, all or none.
        let mut tx = app.app.db.begin().await.unwrap();
        for id in ["alone-1", "alone-2", "alone-1"] {
            guichet::sql!(&mut tx, ADD_ROW, id, 0_i64; later).unwrap();
        }
        assert!(matches!(tx.commit().await, Err(db::Error::Conflict(_))));
        assert_eq!(count(&app, "alone-%").await, 0);
    }

    async fn a_write_put_off_that_fails_undoes_its_own_transaction_only(app) {
        let all = (0..60_i64).map(|n| {
            let db = app.app.db.clone();
            tokio::spawn(async move {
                let mut tx = db.begin().await.unwrap();
                // One in three takes the same key: the first of them wins.
                let id = if n % 3 == 0 { "shared".to_owned() } else { format!("own-{n}") };
                guichet::sql!(&mut tx, ADD_ROW, format!("beside-{n}"), n; later).unwrap();
                guichet::sql!(&mut tx, ADD_ROW, id, n; later).unwrap();
                tx.commit().await
            })
        });
        let ended: Vec<_> = join_all(all).await.into_iter().map(Result::unwrap).collect();
        let refused = ended.iter().filter(|r| matches!(r, Err(db::Error::Conflict(_)))).count();
        assert_eq!((ended.iter().filter(|r| r.is_ok()).count(), refused), (41, 19));
        assert_eq!((count(&app, "own-%").await, count(&app, "shared").await, count(&app, "beside-%").await), (40, 1, 41));
    }
}

#[tokio::test]
async fn nodes_hear_of_a_change_once_it_is_committed() {
    use guichet::base::Actor;
    use guichet::oidc::registry;

    let app = TestApp::new(Engine::Postgres).await;
    let mut listener = app.app.db.listen().await.unwrap().unwrap();
    let mut heard = async |seconds| tokio::time::timeout(std::time::Duration::from_secs(seconds), listener.next()).await;
    for (commits, enabled) in [(false, false), (true, false), (true, true)] {
        let mut tx = app.app.db.begin().await.unwrap();
        assert!(registry::set_enabled(&mut tx, &app.app.ctx(Actor::Operator), "dossier", enabled).await.unwrap());
        if commits {
            tx.commit().await.unwrap()
        } else {
            tx.rollback().await.unwrap()
        }
        match heard(if commits { 20 } else { 1 }).await {
            Ok(what) => assert!(commits && what.unwrap() == "clients"),
            Err(_) => assert!(!commits, "not told in time"),
        }
    }
    assert!(TestApp::new(Engine::Sqlite).await.app.db.listen().await.unwrap().is_none());
}
