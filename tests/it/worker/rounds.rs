//! Keys by the clock, and the removal of what has ended.

use std::collections::HashSet;

use guichet::crypto::{Algorithm, jose};
use guichet::db::Purge;
use guichet::worker;
use serde_json::{Value, json};

use crate::support::TestApp;

const DAY: u64 = 86_400;

async fn drain(app: &TestApp) {
    worker::drain(&app.app).await.unwrap();
}

fn sign(app: &TestApp) -> (String, String) {
    let keyring = app.app.keyring();
    let key = keyring.signing(Algorithm::ES256).unwrap();
    (key.kid().to_owned(), jose::sign(key, "JWT", &json!({ "sub": "x" })).unwrap())
}

fn verifies(app: &TestApp, token: &str) -> bool {
    jose::verify_own::<Value>(&app.app.keyring(), "JWT", token).is_ok()
}

on_both! {
    async fn keys_rotate_by_the_clock_and_old_tokens_still_verify(app) {
        let other = app.another_node().await;
        let (first, old) = sign(&app);
        app.advance(89 * DAY);
        drain(&app).await;
        assert_eq!(sign(&app).0, first, "not before its time");
        app.advance(2 * DAY);
        drain(&app).await;
        let (second, new) = sign(&app);
        assert_ne!(first, second);
        assert!(verifies(&app, &old) && verifies(&app, &new));

        // The other node agrees once it has looked, and both publish the old, the new and the next.
        other.app.reload().await.unwrap();
        assert_eq!(sign(&other).0, second);
        assert!(verifies(&other, &old) && verifies(&other, &new));
        assert_eq!(app.app.keyring().jwks(), other.app.keyring().jwks());
        let jwks: Value = serde_json::from_str(app.app.keyring().jwks()).unwrap();
        let es256 = jwks["keys"].as_array().unwrap().iter().filter(|k| k["alg"] == "ES256").count();
        assert_eq!(es256, 2, "the next one is made at the next round");
        drain(&app).await;
        let jwks: Value = serde_json::from_str(app.app.keyring().jwks()).unwrap();
        assert_eq!(jwks["keys"].as_array().unwrap().iter().filter(|k| k["alg"] == "ES256").count(), 3);

        // An id_token it signed is a hint as long as the session it speaks of.
        app.advance(app.app.config.sign_in.session_absolute.as_secs());
        drain(&app).await;
        assert!(verifies(&app, &old) && verifies(&app, &new));
        // Once nothing it signed can be of use, the old key is gone.
        app.advance(3_600);
        drain(&app).await;
        assert!(!verifies(&app, &old) && verifies(&app, &new));
        assert!(app.audit().await.iter().any(|k| k == "keys.changed"));
    }

    async fn reloads_that_cross_never_bring_back_what_was(app) {
        let looking = (0..6).map(|_| {
            let app = app.clone();
            tokio::spawn(async move {
                for _ in 0..100 {
                    app.app.reload().await.unwrap();
                }
            })
        });
        let looking: Vec<_> = looking.collect();
        for n in 0..20 {
            let mut client = app.app.clients().any("dossier").unwrap().as_ref().clone();
            client.enabled = n % 2 == 1;
            app.put_client(client).await;
            assert_eq!(app.app.clients().live("dossier").is_some(), n % 2 == 1, "{n}");
        }
        for task in looking {
            task.await.unwrap();
        }
        app.app.reload().await.unwrap();
        assert!(app.app.clients().live("dossier").is_some());
    }

    async fn nodes_that_start_together_make_one_key_of_each_kind(app) {
        let nodes = [app.clone(), app.another_node().await, app.another_node().await, app.another_node().await];
        let mut tx = app.app.db.begin().await.unwrap();
        guichet::sql!(&mut tx, "DELETE FROM signing_key"; exec).unwrap();
        tx.commit().await.unwrap();
        let made = futures_util::future::join_all(nodes.iter().map(|n| n.app.ensure_keys(&[Algorithm::ES256, Algorithm::EdDSA]))).await;
        assert!(made.iter().all(Result::is_ok));
        assert_eq!(app.count("SELECT COUNT(*) FROM signing_key").await, 4);
    }

    async fn rows_past_their_end_go_and_the_others_stay(app) {
        let now = guichet::base::Clock::now(app.clock.as_ref()).millis();
        let (past, ahead) = (now - 1, now + 1);
        let hour = 3_600_000;
        let year = 365 * 24 * hour;
        let mut tx = app.app.db.begin().await.unwrap();
        let (account,): (String,) = guichet::sql!(&mut tx, "SELECT id FROM account ORDER BY id LIMIT 1"; (String,); one).unwrap();
        macro_rules! insert {
            ($statement:literal, $($ended:expr, $live:expr);+) => {
                for (name, at) in [$(("ended", $ended), ("live", $live)),+] {
                    guichet::sql!(&mut tx, $statement, name, at, account.as_str(); exec).unwrap();
                }
            };
        }
        insert!("INSERT INTO email_code (id, purpose, codes, attempts, sent, last_sent_at, created_at, expires_at) VALUES ($1 || SUBSTR($3, 1, 0), 'x', '', 0, 0, 0, 0, $2)", past, ahead);
        insert!("INSERT INTO throttle (id, hits, window_end) VALUES ($1 || SUBSTR($3, 1, 0), 1, $2)", past, ahead);
        insert!("INSERT INTO known_browser (account_id, browser_hash, first_seen_at, last_seen_at) VALUES ($3, $1, 0, $2)", past - year, ahead - year);
        insert!("INSERT INTO email_change (id, account_id, which, old_email, new_email, undo_hash, undo_until, applied_at) VALUES ($1, $3, 'login', 'a', 'b', $1, 0, $2)", past - year, ahead - year);
        insert!("INSERT INTO session (id, secret_hash, account_id, created_at, auth_time, amr, last_seen_at, expires_at) VALUES ($1, $1, $3, 0, 0, '', 0, $2)", past, ahead);
        insert!("INSERT INTO session_client (session_id, client_id, first_used_at) VALUES ($1, 'dossier' || SUBSTR($3, 1, 0), $2)", past, ahead);
        insert!("INSERT INTO relay (id_hash, interaction_id, session_id, client_id, sealed, expires_at) VALUES ($1, '', $3, '', '', $2)", past, ahead);
        insert!("INSERT INTO authorization_code (hash, grant_id, client_id, account_id, session_id, redirect_uri, scope, auth_time, amr, created_at, expires_at) VALUES ($1, '', '', $3, '', '', '', 0, '', 0, $2)", past - hour, ahead - hour);
        insert!("INSERT INTO oidc_grant (id, client_id, account_id, session_id, scope, auth_time, amr, offline, created_at, expires_at) VALUES ($1, '', $3, '', '', 0, '', FALSE, 0, $2)", past, ahead);
        insert!("INSERT INTO refresh_token (hash, grant_id, created_at, expires_at) VALUES ($1, $3, 0, $2)", past, ahead);
        insert!("INSERT INTO access_token (hash, client_id, scope, created_at, expires_at) VALUES ($1, $3, '', 0, $2)", past, ahead);
        insert!("INSERT INTO revoked_jwt (jti, expires_at) VALUES ($1 || SUBSTR($3, 1, 0), $2)", past, ahead);
        insert!("INSERT INTO client_assertion (id, expires_at) VALUES ($1 || SUBSTR($3, 1, 0), $2)", past, ahead);
        insert!("INSERT INTO job (id, kind, sealed, state, run_at, attempts, locked_until, created_at) VALUES ($1 || SUBSTR($3, 1, 0), 'mail', '', 'dead', $2, 0, 0, 0)", past - 30 * 24 * hour, ahead - 30 * 24 * hour);
        insert!("INSERT INTO notice (id, kind, client_id, account_id, state, attempts, run_at, locked_until, created_at) VALUES ($1, 'session_ended', 'dossier', $3, 'sent', 1, 0, 0, $2)", past - 30 * 24 * hour, ahead - 30 * 24 * hour);
        tx.commit().await.unwrap();
        drain(&app).await;

        let mut read = app.app.db.read().await.unwrap();
        macro_rules! left {
            ($($table:literal $key:literal)*) => {$(
                const LEFT: &str = concat!("SELECT ", $key, " FROM ", $table, " WHERE ", $key, " IN ('ended', 'live')");
                let rows: Vec<(String,)> = guichet::sql!(&mut read, LEFT; (String,); all).unwrap();
                assert_eq!(rows, vec![("live".to_owned(),)], $table);
            )*};
        }
        { left!("email_code" "id"); }
        { left!("throttle" "id"); }
        { left!("known_browser" "browser_hash"); }
        { left!("email_change" "id"); }
        { left!("session" "id"); }
        { left!("session_client" "session_id"); }
        { left!("relay" "id_hash"); }
        { left!("authorization_code" "hash"); }
        { left!("oidc_grant" "id"); }
        { left!("refresh_token" "hash"); }
        { left!("access_token" "hash"); }
        { left!("revoked_jwt" "jti"); }
        { left!("client_assertion" "id"); }
        { left!("job" "id"); }
        { left!("notice" "id"); }
    }

    async fn more_than_a_batch_goes_at_once(app) {
        let mut tx = app.app.db.begin().await.unwrap();
        for n in 0..1_201 {
            guichet::sql!(&mut tx, "INSERT INTO revoked_jwt (jti, expires_at) VALUES ($1, 1)", format!("j{n}"); exec).unwrap();
        }
        tx.commit().await.unwrap();
        drain(&app).await;
        assert_eq!(app.count("SELECT COUNT(*) FROM revoked_jwt").await, 0);
    }

    async fn every_table_has_a_bound(app) {
        // These grow with what the operator and people own, not with time; the trail has its own retention.
        const LASTING: &[&str] = &[
            "account", "account_password", "audit_event", "client", "config_version", "consent", "designation", "establishment", "factor",
            "federated_identity", "instance_secret", "instance_setting", "lease", "membership", "otp_card", "provider", "recovery_code",
            "signing_key", "verified_identity", "establishment_domain", "service", "service_approver", "habilitation", "attestation",
            "account_choice", "manager_absence", "newcomer_right", "passkey_offer", "register_unit", "register_establishment", "register_succession",
            "register_index", "register_word", "register_import",
        ];
        // Removed with the row it belongs to.
        const DEPENDENT: &[&str] = &["session_client", "provider_document", "register_import_fault"];
        let tables: HashSet<String> = app.app.db.schema().await.unwrap().into_iter().map(|(table, _)| table).collect();
        let purged: Vec<&Purge> = worker::PURGES.iter().flat_map(|p| p.iter()).collect();
        for table in &tables {
            let known = LASTING.contains(&table.as_str()) || DEPENDENT.contains(&table.as_str()) || purged.iter().any(|p| p.table == table);
            assert!(known, "{table}: say what removes its rows");
        }
        for purge in purged {
            assert!(tables.contains(purge.table), "{}", purge.table);
            assert!(purge.statements.last().unwrap().starts_with(&format!("DELETE FROM {} ", purge.table)));
        }
    }
}
