//! The hub inside the demonstration: the only file that knows how it is built and served.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use guichet::app::App;
use guichet::base::clock::Clock;
use guichet::base::rng::Rng;
use guichet::cli::apply::{ApplyOptions, apply};
use guichet::config::{Config, Environment, Protection, Relay};
use guichet::crypto::Algorithm;
use tokio::sync::watch;

/// What the hub is given.
pub(super) struct Settings {
    pub issuer: String,
    /// The mail catcher.
    pub smtp: SocketAddr,
    /// Where the database and the master key are written.
    pub folder: PathBuf,
    pub clock: Arc<dyn Clock>,
    pub rng: Arc<dyn Rng>,
    /// What to put in place, in order.
    pub declarations: Vec<Declaration>,
}

/// A document for `guichet apply`.
pub(super) struct Declaration {
    /// Its file, as errors name it.
    pub name: String,
    /// Its text (TOML).
    pub text: String,
}

/// The running hub.
pub(super) struct Hub {
    app: App,
    /// Whether every signing key is there.
    keys: watch::Sender<bool>,
}

impl Hub {
    pub async fn start(settings: Settings) -> anyhow::Result<Self> {
        let mut config = Config::default();
        config.server.issuer = settings.issuer.parse()?;
        config.server.environment = Environment::Demo;
        config.database.folder = settings.folder;
        config.mail.from = "no-reply@sso.localhost".into();
        config.mail.relays = vec![Relay {
            host: settings.smtp.ip().to_string(),
            port: Some(settings.smtp.port()),
            protection: Protection::None,
            ..Relay::default()
        }];
        let app = App::builder(config).clock(settings.clock).rng(settings.rng).create_master_key_if_new().build().await?;
        for declaration in &settings.declarations {
            apply(&app, &declaration.text, ApplyOptions::default()).await.map_err(|e| anyhow::anyhow!(e.in_file(&declaration.name)))?;
        }
        let keys = watch::Sender::new(false);
        tokio::spawn(make_rsa_keys(app.clone(), keys.clone()));
        Ok(Self { app, keys })
    }

    /// The hub's routes.
    pub fn router(&self) -> Router {
        let gate = from_fn_with_state(self.keys.subscribe(), wait_for_keys);
        guichet::web::router(&self.app).layer(gate)
    }

    pub async fn stop(self) {}
}

/// RSA keys take a second or two to find, so the demonstration answers before it has them.
async fn make_rsa_keys(app: App, ready: watch::Sender<bool>) {
    if let Err(error) = app.ensure_keys(&[Algorithm::RS256, Algorithm::PS256]).await {
        tracing::error!(%error, "no RSA keys");
    }
    ready.send_replace(true);
}

/// Holds back what shows or uses signing keys until all are there.
async fn wait_for_keys(State(mut ready): State<watch::Receiver<bool>>, request: Request, next: Next) -> Response {
    if matches!(request.uri().path(), "/oauth/jwks" | "/oauth/token") {
        // An error means that the demonstration is stopping.
        let _ = ready.wait_for(|ready| *ready).await;
    }
    next.run(request).await
}
