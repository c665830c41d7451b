//! The listener of health and metrics, and a database that goes away.

use std::process::Command;
use std::time::Duration;

use axum::body::Body;
use axum::http::{Request, StatusCode};
use guichet::base::Actor;
use guichet::base::texts::Locale;
use guichet::db::Db;
use guichet::jobs::{self, Job};
use guichet::mail::message::{MailMessage, Origin};
use guichet::web::admin;
use guichet::worker;
use tower::ServiceExt;

use crate::support::smtp::{Mood, Smtp};
use crate::support::{Answer, Engine, TestApp};

async fn get(router: &axum::Router, path: &str) -> Answer {
    Answer::of(router.clone().oneshot(Request::get(path).body(Body::empty()).unwrap()).await.unwrap()).await
}

on_both! {
    async fn a_hub_that_works_is_live_and_ready(app) {
        let router = admin::router(&app.app);
        assert_eq!(get(&router, "/health/live").await.status, StatusCode::OK);
        let ready = get(&router, "/health/ready").await;
        assert_eq!((ready.status, ready.json()["status"].as_str()), (StatusCode::OK, Some("ready")));
        assert_eq!(ready.header("cache-control"), "no-store");
    }

    async fn metrics_tell_the_levels_and_the_requests(app) {
        let router = admin::router(&app.app);
        app.get("/connexion").await;
        let metrics = get(&router, "/metrics").await;
        assert!(metrics.header("content-type").starts_with("text/plain"));
        for name in ["guichet_outbox_pending 0", "guichet_outbox_dead 0", "guichet_hasher_waiting 0", "guichet_build_info{"] {
            assert!(metrics.body.contains(name), "{name}: {}", metrics.body);
        }
        assert!(metrics.body.contains(r#"guichet_http_requests_total{class="credential",status="200"} 1"#), "{}", metrics.body);
        assert!(!metrics.body.contains("camille"));
    }

    async fn a_lost_database_is_not_ready_and_everything_recovers_with_it(app) {
        let relay = Smtp::start(Mood::Friendly).await;
        let app = {
            let entry = relay.relay();
            TestApp::start(app.engine, |config| config.mail.relays = vec![entry]).await
        };
        let router = admin::router(&app.app);
        let worker = worker::start(&app.app).unwrap();
        enqueue(&app).await.unwrap();
        relay.wait_for(1).await;

        let away = take_away(&app).await;
        app.advance(6);
        let answer = get(&router, "/health/ready").await;
        assert_eq!((answer.status, answer.header("retry-after")), (StatusCode::SERVICE_UNAVAILABLE, "5"));
        assert_eq!(answer.json()["database"], false);
        assert_eq!(get(&router, "/health/live").await.status, StatusCode::OK);
        assert_eq!(get(&router, "/metrics").await.status, StatusCode::OK, "counters are shown without the database too");
        assert!(enqueue(&app).await.unwrap_err().is_unavailable());
        tokio::time::sleep(Duration::from_millis(1_500)).await;

        give_back(&app, away).await;
        let mut ready = get(&router, "/health/ready").await;
        for _ in 0..100 {
            if ready.status == StatusCode::OK {
                break;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
            ready = get(&router, "/health/ready").await;
        }
        assert_eq!(ready.status, StatusCode::OK);
        enqueue(&app).await.unwrap();
        relay.wait_for(2).await;
        worker.stop(Duration::from_secs(20)).await;
        assert_eq!(relay.mails().len(), 2, "what was refused was not done");
    }
}

async fn enqueue(app: &TestApp) -> guichet::db::Result<()> {
    let ctx = app.app.ctx(Actor::System);
    let origin = Origin { at: ctx.now().millis(), device: None, service: None };
    let job = Job::Mail { to: "camille@boulangerie.example".into(), locale: Locale::Fr, message: MailMessage::PasswordChanged { origin } };
    let mut tx = app.app.db.begin().await?;
    jobs::enqueue(&mut tx, &ctx, &app.app.keys.rest, &job, Duration::ZERO).await?;
    tx.commit().await
}

/// The database as it is while it takes no writes.
enum Away {
    /// Another process holds the file.
    Held(guichet::db::Tx),
    /// The server has turned everyone out.
    Out,
}

async fn take_away(app: &TestApp) -> Away {
    match app.engine {
        Engine::Sqlite => {
            let other = Db::open(&app.app.config.database.location()).await.unwrap();
            let mut tx = other.begin().await.unwrap();
            tx.start().await.unwrap();
            Away::Held(tx)
        }
        Engine::Postgres => {
            server(app, |name| {
                format!(
                    "ALTER DATABASE {name} ALLOW_CONNECTIONS false; \
                     SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"
                )
            });
            Away::Out
        }
    }
}

async fn give_back(app: &TestApp, away: Away) {
    match away {
        Away::Held(tx) => tx.rollback().await.unwrap(),
        Away::Out => server(app, |name| format!("ALTER DATABASE {name} ALLOW_CONNECTIONS true")),
    }
}

/// Speaks to the server about the database of this application, from another one.
fn server(app: &TestApp, statement: impl Fn(&str) -> String) {
    let url = app.app.config.database.url.as_ref().unwrap().expose();
    let (head, host) = url.split_once("?host=").unwrap();
    let name = head.rsplit('/').next().unwrap();
    let said =
        Command::new("psql").args(["-q", "-X", "-U", "postgres", "-d", "postgres", "-h", host, "-c", &statement(name)]).output().unwrap();
    assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
}
