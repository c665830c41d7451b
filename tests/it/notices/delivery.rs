//! What becomes of notices on their way.

use std::time::{Duration, Instant};

use guichet::base::Clock;
use guichet::base::id::{AccountId, NoticeId};
use guichet::config::Environment;
use guichet::jobs::MAX_ATTEMPTS;
use guichet::jobs::notice::{self, Event, Kind};
use guichet::web::admin;
use tower::ServiceExt;

use super::*;
use crate::support::{Answer, Engine};

/// Says that a session of Camille's ended at a client, which is due at once.
async fn happened(app: &TestApp, client: &str) {
    let (account,): (String,) =
        guichet::sql!(&mut app.app.db.read().await.unwrap(), "SELECT id FROM account ORDER BY id LIMIT 1"; (String,); one).unwrap();
    let ctx = app.app.ctx(Actor::System);
    let event = Event {
        kind: Kind::SessionEnded,
        client: Some(client.into()),
        account: AccountId::from_store(account),
        session: Some(SessionId::new(ctx.now(), ctx.rng.as_ref())),
        siret: None,
        service: None,
        at: ctx.now(),
    };
    let mut tx = app.app.db.begin().await.unwrap();
    notice::store::insert(&mut tx, &NoticeId::new(ctx.now(), ctx.rng.as_ref()), &event).unwrap();
    tx.commit().await.unwrap();
}

async fn only(app: &TestApp) -> Notice {
    let mut all = notices(app).await;
    assert_eq!(all.len(), 1);
    all.remove(0)
}

on_both! {
    async fn what_fails_is_tried_again_later_with_a_token_of_its_own(app) {
        let receiver = receiver(&app).await;
        receiver.turn(503, "");
        happened(&app, "dossier").await;
        drain(&app).await;
        let failed = only(&app).await;
        assert_eq!((failed.state.as_str(), failed.attempts, failed.last_error.as_deref()), ("pending", 1, Some("127.0.0.1: HTTP 503")));
        assert!(failed.run_at > app.clock.now());
        drain(&app).await;
        assert_eq!(receiver.asked().len(), 1, "not before it is due");
        receiver.turn(204, "");
        app.advance(10);
        drain(&app).await;
        let sent = only(&app).await;
        assert_eq!((sent.state.as_str(), sent.attempts, sent.last_error), ("sent", 2, None));
        let asked = receiver.asked();
        let (first, second) = (logout_token(&app, &asked[0]).await, logout_token(&app, &asked[1]).await);
        assert_eq!(first["sid"], second["sid"]);
        assert_ne!(first["jti"], second["jti"]);
        assert!(second["iat"].as_i64() > first["iat"].as_i64(), "signed when it is sent");
    }

    async fn a_receiver_that_never_takes_it_is_given_up_and_seen(app) {
        let measured = admin::router(&app.app);
        let receiver = receiver(&app).await;
        receiver.turn(400, r#"{"error":"invalid_request","error_description":"<b>no</b>"}"#);
        happened(&app, "dossier").await;
        happened(&app, "mandat").await;
        for _ in 0..MAX_ATTEMPTS + 2 {
            drain(&app).await;
            app.advance(6_000);
        }
        assert_eq!(receiver.asked().len() as i64, 2 * MAX_ATTEMPTS);
        let mut read = app.app.db.read().await.unwrap();
        let dead = store::list(&mut read, Some("dossier"), true, 10).await.unwrap();
        assert_eq!((dead.len(), dead[0].state.as_str(), dead[0].attempts), (1, "dead", MAX_ATTEMPTS));
        assert_eq!(dead[0].last_error.as_deref(), Some("given up after 10 attempts: 127.0.0.1: HTTP 400 (invalid_request)"));
        assert_eq!(store::list(&mut read, None, true, 10).await.unwrap().len(), 2);
        let standing = store::standing(&mut read).await.unwrap();
        assert_eq!(standing.iter().map(|s| (s.client_id.as_str(), s.pending, s.dead)).collect::<Vec<_>>(), [("dossier", 0, 1), ("mandat", 0, 1)]);
        drop(read);
        let request = axum::http::Request::get("/metrics").body(axum::body::Body::empty()).unwrap();
        let metrics = Answer::of(measured.oneshot(request).await.unwrap()).await.body;
        assert!(metrics.contains("guichet_notices_dead 2") && metrics.contains(r#"guichet_notices_total{kind="session_ended",outcome="dead"}"#), "{metrics}");
        // Kept for thirty days.
        app.advance(30 * 86_400);
        drain(&app).await;
        assert!(notices(&app).await.is_empty());
    }

    async fn a_redirect_is_not_followed(app) {
        let (receiver, elsewhere) = (receiver(&app).await, HttpGateway::start().await);
        receiver.redirect(elsewhere.url("/").as_str());
        happened(&app, "dossier").await;
        drain(&app).await;
        assert!(elsewhere.asked().is_empty());
        assert_eq!(only(&app).await.last_error.as_deref(), Some("127.0.0.1: a redirect (307)"));
    }

    async fn a_client_disabled_meanwhile_is_told_nothing(app) {
        let receiver = receiver(&app).await;
        receiver.turn(500, "");
        happened(&app, "dossier").await;
        drain(&app).await;
        let mut tx = app.app.db.begin().await.unwrap();
        guichet::oidc::registry::set_enabled(&mut tx, &app.app.ctx(Actor::Operator), "dossier", false).await.unwrap();
        tx.commit().await.unwrap();
        happened(&app, "dossier").await;
        app.advance(10);
        drain(&app).await;
        assert_eq!((receiver.asked().len(), only(&app).await.last_error.as_deref()), (1, Some("the client is disabled")));
    }

    async fn two_nodes_tell_it_once(app) {
        let receiver = receiver(&app).await;
        let other = app.another_node().await;
        for _ in 0..20 {
            happened(&app, "dossier").await;
        }
        tokio::join!(drain(&app), drain(&other));
        drain(&app).await;
        assert_eq!(receiver.asked().len(), 20);
        assert!(notices(&app).await.iter().all(|n| n.state == "sent" && n.attempts == 1));
    }

    async fn a_slow_receiver_delays_nobody_else(app) {
        let (slow, fast) = (receiver(&app).await, HttpGateway::start().await);
        let uri = fast.url("/").to_string();
        register(&app, "mandat", |m| m.backchannel_logout_uri = Some(uri)).await;
        slow.pause(Duration::from_secs(10));
        for _ in 0..30 {
            happened(&app, "dossier").await;
        }
        happened(&app, "mandat").await;
        let began = Instant::now();
        let worker = worker::start(&app.app).unwrap();
        while fast.asked().is_empty() || slow.asked().is_empty() {
            assert!(began.elapsed() < Duration::from_secs(8), "kept waiting");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        assert!((1..=4).contains(&slow.asked().len()), "{}", slow.asked().len());
        worker.stop(Duration::from_secs(20)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn in_production_internal_addresses_are_out_of_reach_unless_the_client_is_allowed_them() {
    let app = TestApp::start(Engine::Sqlite, |config| {
        config.server.environment = Environment::Production;
        config.server.issuer = "https://sso.example.fr".parse().unwrap();
    })
    .await;
    let receiver = HttpGateway::start().await;
    let (plain, tls) = (receiver.url("/").to_string(), receiver.url("/").to_string().replace("http:", "https:"));
    register(&app, "dossier", |m| m.backchannel_logout_uri = Some(tls.clone())).await;
    register(&app, "mandat", |m| m.backchannel_logout_uri = Some(tls.replace("127.0.0.1", "localhost"))).await;
    register(&app, "legacy", |m| (m.backchannel_logout_uri, m.allow_private_network) = (Some(plain), true)).await;
    register(&app, "mobile", |m| (m.backchannel_logout_uri, m.allow_private_network) = (Some(tls), true)).await;
    for client in ["dossier", "mandat", "legacy", "mobile"] {
        happened(&app, client).await;
    }
    drain(&app).await;
    assert!(receiver.asked().is_empty());
    let mut all = notices(&app).await;
    all.sort_by(|a, b| a.client_id.cmp(&b.client_id));
    let states: Vec<(&str, &str)> = all.iter().map(|n| (n.client_id.as_str(), n.state.as_str())).collect();
    assert_eq!(states, [("dossier", "dead"), ("legacy", "dead"), ("mandat", "dead"), ("mobile", "pending")]);
    assert!(all[..3].iter().all(|n| n.last_error.as_ref().unwrap().contains("out of reach")), "{all:?}");
    assert!(all[3].last_error.as_ref().unwrap().contains("unreachable"), "it was called: {all:?}");
}
