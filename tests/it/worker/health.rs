//! The listener of health and metrics.

use axum::body::Body;
use axum::http::{Request, StatusCode};
use guichet::web::admin;
use tower::ServiceExt;

use crate::support::Answer;

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

    async fn a_lost_database_is_not_ready_and_says_when_to_ask_again(app) {
        let router = admin::router(&app.app);
        app.app.db.close().await;
        let answer = get(&router, "/health/ready").await;
        assert_eq!((answer.status, answer.header("retry-after")), (StatusCode::SERVICE_UNAVAILABLE, "5"));
        assert_eq!(answer.json()["database"], false);
        assert_eq!(get(&router, "/health/live").await.status, StatusCode::OK);
        let metrics = get(&router, "/metrics").await;
        assert_eq!(metrics.status, StatusCode::OK, "counters are shown without the database too");
    }

    async fn metrics_tell_the_levels_and_the_requests(app) {
        app.get("/nowhere").await;
        app.get("/connexion").await;
        let metrics = get(&admin::router(&app.app), "/metrics").await;
        assert!(metrics.header("content-type").starts_with("text/plain"));
        for name in ["guichet_outbox_pending 0", "guichet_outbox_dead 0", "guichet_hasher_waiting 0", "guichet_build_info{"] {
            assert!(metrics.body.contains(name), "{name}: {}", metrics.body);
        }
        assert!(!metrics.body.contains("camille"));
    }
}
