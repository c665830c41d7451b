//! The chain of the audit trail: what is changed afterwards shows.

use std::collections::HashSet;

use guichet::audit::chain::{self, Fault, Head, Report};
use guichet::audit::{self, Event, Kind};
use guichet::base::Actor;
use guichet::base::id::{AccountId, SessionId};
use guichet::worker;

use crate::support::TestApp;

async fn happen(app: &TestApp, times: usize) {
    let ctx = app.app.ctx(Actor::Operator);
    for n in 0..times {
        let mut tx = app.app.db.begin().await.unwrap();
        let account = AccountId::new(ctx.now(), ctx.rng.as_ref());
        let session = SessionId::new(ctx.now(), ctx.rng.as_ref());
        let event = Event::new(Kind::SignedIn).account(&account).client("dossier").session(&session).with("n", n);
        audit::append(&mut tx, &ctx, event).await.unwrap();
        tx.commit().await.unwrap();
    }
}

async fn verify(app: &TestApp) -> Report {
    verify_from(app, None).await
}

async fn verify_from(app: &TestApp, noted: Option<&Head>) -> Report {
    chain::verify(&mut app.app.db.read().await.unwrap(), noted).await.unwrap()
}

async fn tamper(app: &TestApp, statement: &'static str) {
    let mut tx = app.app.db.begin().await.unwrap();
    assert!(guichet::sql!(&mut tx, statement; exec).unwrap() > 0, "{statement}");
    tx.commit().await.unwrap();
}

/// A trail of exactly five chained rows after whatever starting the application wrote; the place before the first of them.
async fn five(app: &TestApp) -> i64 {
    worker::drain(&app.app).await.unwrap();
    let before = verify(app).await.head.seq;
    happen(app, 5).await;
    worker::drain(&app.app).await.unwrap();
    let report = verify(app).await;
    assert_eq!((report.head.seq, report.unsealed, report.faults), (before + 5, 0, vec![]));
    before
}

on_both! {
    async fn an_untouched_trail_verifies(app) {
        let before = five(&app).await;
        let noted = verify(&app).await.head;
        happen(&app, 700).await;
        assert_eq!(verify(&app).await.unsealed, 700);
        worker::drain(&app.app).await.unwrap();
        let report = verify_from(&app, Some(&noted)).await;
        assert_eq!((report.rows as i64, report.unsealed), (before + 705, 0));
        assert_eq!(report.faults, vec![]);
    }

    async fn changing_any_column_of_a_row_shows(app) {
        let before = five(&app).await;
        let third = before + 3;
        macro_rules! each {
            ($($column:literal $value:literal)*) => {[$(
                (
                    $column,
                    concat!("UPDATE audit_event SET ", $column, " = ", $value, " WHERE seq = (SELECT MAX(seq) - 2 FROM audit_event)"),
                ),
            )*]};
        }
        let changes = each! {
            "id" "'aud_x'" "at" "at + 1" "kind" "'client.created'" "actor" "'system'" "account_id" "'acc_x'" "client_id" "NULL"
            "session_id" "NULL" "request_id" "'req_x'" "address" "'::1'" "detail" "'{}'" "hash" "'x'" "siret" "'73282932000074'"
        };
        let columns: Vec<&str> = changes.iter().map(|(column, _)| *column).chain(["seq"]).collect();
        let schema = app.app.db.schema().await.unwrap();
        let all: Vec<&str> = schema.iter().filter(|(table, _)| table == "audit_event").map(|(_, column)| column.as_str()).collect();
        assert!(all.iter().all(|c| columns.contains(c)) && all.len() == columns.len(), "{all:?} / {columns:?}");
        for (column, change) in changes {
            let mut tx = app.app.db.begin().await.unwrap();
            assert_eq!(guichet::sql!(&mut tx, change; exec).unwrap(), 1);
            let report = chain::verify(&mut tx, None).await.unwrap();
            let seen = report.faults.iter().any(|f| matches!(f, Fault::Altered { seq, .. } if *seq == third));
            assert!(seen, "{column}: {:?}", report.faults);
            // A changed hash also breaks the row that follows; any other change is exactly one fault.
            assert!(report.faults.len() == if column == "hash" { 2 } else { 1 }, "{column}: {:?}", report.faults);
            tx.rollback().await.unwrap();
        }
        assert_eq!(verify(&app).await.faults, vec![]);
    }

    async fn removing_or_moving_rows_shows(app) {
        let before = five(&app).await;
        let noted = verify(&app).await.head;
        let mut tx = app.app.db.begin().await.unwrap();
        guichet::sql!(&mut tx, "DELETE FROM audit_event WHERE seq = (SELECT MAX(seq) - 2 FROM audit_event)"; exec).unwrap();
        let report = chain::verify(&mut tx, None).await.unwrap();
        assert_eq!(report.faults, vec![Fault::Removed { from: before + 3, to: before + 3 }]);
        tx.rollback().await.unwrap();

        // At the end only a head kept elsewhere tells.
        let mut tx = app.app.db.begin().await.unwrap();
        guichet::sql!(&mut tx, "DELETE FROM audit_event WHERE seq = (SELECT MAX(seq) FROM audit_event)"; exec).unwrap();
        assert_eq!(chain::verify(&mut tx, Some(&noted)).await.unwrap().faults, vec![Fault::HeadLost { seq: noted.seq }]);
        tx.rollback().await.unwrap();

        let mut tx = app.app.db.begin().await.unwrap();
        guichet::sql!(&mut tx, "UPDATE audit_event SET seq = seq + 1000 WHERE seq = (SELECT MAX(seq) - 2 FROM audit_event)"; exec).unwrap();
        let report = chain::verify(&mut tx, None).await.unwrap();
        assert_eq!(report.faults[0], Fault::Removed { from: before + 3, to: before + 3 });
        tx.rollback().await.unwrap();

        // At the beginning, where no purge says so.
        tamper(&app, "DELETE FROM audit_event WHERE seq = 1").await;
        assert_eq!(verify(&app).await.faults[0], Fault::Removed { from: 1, to: 1 });
    }

    async fn a_row_put_in_afterwards_shows(app) {
        let before = five(&app).await;
        tamper(&app, "INSERT INTO audit_event (id, at, kind, actor, request_id, detail, seq, hash) \
            SELECT 'aud_forged', at, kind, actor, request_id, detail, seq + 1, hash FROM audit_event \
            WHERE seq = (SELECT MAX(seq) FROM audit_event)").await;
        assert_eq!(verify(&app).await.faults, vec![Fault::Altered { seq: before + 6, id: "aud_forged".into() }]);
    }

    async fn a_row_dated_back_shows_even_when_the_worker_chains_it(app) {
        five(&app).await;
        tamper(&app, "INSERT INTO audit_event (id, at, kind, actor, request_id, detail) \
            VALUES ('aud_forged', 1799900000000, 'session.opened', 'operator', 'req_x', '{}')").await;
        worker::drain(&app.app).await.unwrap();
        let report = verify(&app).await;
        assert!(matches!(&report.faults[..], [Fault::Backdated { id, .. }] if id == "aud_forged"), "{:?}", report.faults);
    }

    async fn a_chain_written_anew_does_not_pass_through_the_noted_head(app) {
        five(&app).await;
        let noted = verify(&app).await.head;
        tamper(&app, "UPDATE audit_event SET actor = 'somebody else' WHERE seq = 2").await;
        tamper(&app, "UPDATE audit_event SET seq = NULL, hash = NULL").await;
        worker::drain(&app.app).await.unwrap();
        assert_eq!(verify(&app).await.faults, vec![]);
        assert_eq!(verify_from(&app, Some(&noted)).await.faults, vec![Fault::HeadLost { seq: noted.seq }]);
    }

    async fn a_transaction_that_commits_late_takes_a_later_place(app) {
        let before = five(&app).await;
        let slow = app.app.ctx(Actor::Operator);
        let early = slow.now();
        let late_id = {
            app.advance(2);
            happen(&app, 3).await;
            worker::drain(&app.app).await.unwrap();
            // Dated before the three, committed after they were chained.
            let mut tx = app.app.db.begin().await.unwrap();
            const LATE: &str = "INSERT INTO audit_event (id, at, kind, actor, request_id, detail) \
                VALUES ('aud_late', $1, 'session.opened', 'operator', 'req_x', '{}')";
            guichet::sql!(&mut tx, LATE, early.millis(); exec).unwrap();
            tx.commit().await.unwrap();
            "aud_late"
        };
        worker::drain(&app.app).await.unwrap();
        let report = verify(&app).await;
        assert_eq!((report.head.seq, report.faults), (before + 9, vec![]));
        let (seq,): (i64,) = guichet::sql!(&mut app.app.db.read().await.unwrap(), "SELECT seq FROM audit_event WHERE id = $1", late_id; (i64,); one).unwrap();
        assert_eq!(seq, before + 9);
    }

    async fn several_nodes_make_one_chain(app) {
        let nodes = [app.clone(), app.another_node().await, app.another_node().await];
        let before = verify(&app).await;
        let workers: Vec<_> = nodes.iter().map(|n| worker::start(&n.app).unwrap()).collect();
        futures_util::future::join_all(nodes.iter().map(|n| happen(n, 100))).await;
        for worker in workers {
            worker.stop(std::time::Duration::from_secs(20)).await;
        }
        futures_util::future::join_all(nodes.iter().map(|n| worker::drain(&n.app))).await.into_iter().for_each(|r| r.unwrap());
        let report = verify(&app).await;
        assert!(report.rows as i64 >= before.rows as i64 + before.unsealed + 300);
        assert_eq!((report.unsealed, report.faults), (0, vec![]));
    }

    async fn what_remains_after_the_retention_still_verifies(app) {
        five(&app).await;
        happen(&app, 1_100).await;
        worker::drain(&app.app).await.unwrap();
        let old = verify(&app).await;
        app.advance(200 * 86_400);
        happen(&app, 3).await;
        worker::drain(&app.app).await.unwrap();
        assert_eq!(app.count("SELECT COUNT(*) FROM audit_event WHERE kind = 'audit.purged'").await, 0);
        app.advance(170 * 86_400);
        happen(&app, 2).await;
        worker::drain(&app.app).await.unwrap();
        let report = verify_from(&app, Some(&old.head)).await;
        assert_eq!((report.faults, report.unsealed), (vec![], 0));
        assert_eq!(app.count("SELECT COUNT(*) FROM audit_event WHERE kind = 'session.opened'").await, 5);
        assert_eq!(app.count("SELECT COUNT(*) FROM audit_event WHERE kind = 'audit.purged'").await, 3, "batches of 500");
        assert_eq!(app.count("SELECT MIN(seq) FROM audit_event").await, old.head.seq + 1);

        // More rows taken from the front than the purge recorded.
        tamper(&app, "DELETE FROM audit_event WHERE seq = (SELECT MIN(seq) FROM audit_event)").await;
        let from = verify(&app).await;
        assert!(matches!(from.faults[..], [Fault::Removed { from: 1, .. }]), "{:?}", from.faults);
    }

    async fn a_trail_wholly_expired_does_not_begin_anew(app) {
        five(&app).await;
        let old = verify(&app).await.head;
        app.advance(400 * 86_400);
        worker::drain(&app.app).await.unwrap();
        app.advance(2 * 86_400);
        worker::drain(&app.app).await.unwrap();
        let report = verify(&app).await;
        assert_eq!(report.faults, vec![]);
        assert!(report.head.seq > old.seq && report.rows < old.seq as u64, "{report:?}");
    }

    async fn the_export_is_the_whole_trail_in_order(app) {
        five(&app).await;
        happen(&app, 1_200).await;
        worker::drain(&app.app).await.unwrap();
        let (mut lines, mut after) = (String::new(), 0);
        let mut read = app.app.db.read().await.unwrap();
        while let Some((page, last)) = chain::export(&mut read, after).await.unwrap() {
            lines.push_str(&page);
            after = last;
        }
        let rows: Vec<serde_json::Value> = lines.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
        assert_eq!(rows.len() as u64, verify(&app).await.rows);
        assert!(rows.windows(2).all(|w| w[0]["seq"].as_i64().unwrap() + 1 == w[1]["seq"].as_i64().unwrap()));
        let last = rows.last().unwrap();
        assert_eq!((last["kind"].as_str(), last["client"].as_str()), (Some("session.opened"), Some("dossier")));
        let written: HashSet<i64> = rows.iter().filter_map(|r| r["detail"]["n"].as_i64()).collect();
        assert_eq!(written.len(), 1_200);
        assert_eq!(last["hash"].as_str().unwrap(), verify(&app).await.head.hash);
    }
}
