//! Health and metrics, on a listener of their own that is never public (DESIGN §9).

use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde_json::json;
use tokio::sync::Mutex;

use crate::app::App;
use crate::base::{Actor, Timestamp};
use crate::crypto::Algorithm;
use crate::db::{self, lease};
use crate::oidc::notice;
use crate::telemetry::metrics::{self, Levels};
use crate::{audit, jobs};

/// A write that succeeded speaks for the database for so long: each probe costs it one.
const BELIEVED_FOR: Duration = Duration::from_secs(5);

/// A database that takes longer is not ready.
const ANSWERS_WITHIN: Duration = Duration::from_secs(3);

#[derive(Clone)]
struct Health {
    app: App,
    /// When the database last took a write.
    last: Arc<Mutex<Option<Timestamp>>>,
}

/// The router of `server.admin_listen`.
pub fn router(app: &App) -> Router {
    metrics::install();
    Router::new()
        .route("/health/live", get(async || no_store(StatusCode::OK, Json(json!({ "status": "live" })))))
        .route("/health/ready", get(ready))
        .route("/metrics", get(render))
        .with_state(Health { app: app.clone(), last: Arc::default() })
}

async fn ready(State(health): State<Health>) -> Response {
    let database = health.database().await;
    let keys = health.app.keyring().signing(Algorithm::ES256).is_some();
    let body = |status: &str| Json(json!({ "status": status, "database": database, "keys": keys }));
    if database && keys {
        return no_store(StatusCode::OK, body("ready"));
    }
    let mut response = no_store(StatusCode::SERVICE_UNAVAILABLE, body("unavailable"));
    response.headers_mut().insert(header::RETRY_AFTER, header::HeaderValue::from_static("5"));
    response
}

async fn render(State(health): State<Health>) -> Response {
    match tokio::time::timeout(ANSWERS_WITHIN, health.levels()).await {
        Ok(Ok(levels)) => metrics::levels(&levels),
        // The counters of failures are the more worth showing.
        Ok(Err(error)) => tracing::warn!(%error, "levels not measured"),
        Err(_) => tracing::warn!("levels not measured in time"),
    }
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], metrics::render()).into_response()
}

fn no_store(status: StatusCode, body: impl IntoResponse) -> Response {
    (status, [(header::CACHE_CONTROL, "no-store")], body).into_response()
}

impl Health {
    /// Whether the database took a write just now; one probe at a time.
    async fn database(&self) -> bool {
        let mut last = self.last.lock().await;
        let now = self.app.clock.now();
        if last.is_some_and(|at| at <= now && now.since(at) < BELIEVED_FOR) {
            return true;
        }
        let good = match tokio::time::timeout(ANSWERS_WITHIN, self.probe()).await {
            Ok(Ok(())) => true,
            Ok(Err(error)) => {
                tracing::warn!(%error, "the database is not ready");
                false
            }
            Err(_) => {
                tracing::warn!("the database does not answer");
                false
            }
        };
        *last = good.then_some(now);
        good
    }

    async fn probe(&self) -> db::Result<()> {
        let mut tx = self.app.db.begin().await?;
        lease::claim(&mut tx, &self.app.ctx(Actor::System), "health.probe", Duration::ZERO).await?;
        tx.commit().await
    }

    async fn levels(&self) -> db::Result<Levels> {
        let mut read = self.app.db.read().await?;
        let outbox = jobs::store::standing(&mut read).await?;
        let notices = notice::store::standing(&mut read).await?;
        Ok(Levels {
            hasher: self.app.hasher.load(),
            outbox_pending: outbox.pending,
            outbox_dead: outbox.dead,
            outbox_oldest: outbox.oldest.map_or(Duration::ZERO, |due| self.app.clock.now().since(due)),
            notices_pending: notices.iter().map(|n| n.pending).sum(),
            notices_dead: notices.iter().map(|n| n.dead).sum(),
            audit_unsealed: audit::chain::store::count_unsealed(&mut read).await?,
        })
    }
}
