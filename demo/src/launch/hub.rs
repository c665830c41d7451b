//! The hub inside the demonstration: the only file that knows how it is built and served.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use axum::Router;
use guichet::app::App;
use guichet::base::clock::Clock;
use guichet::base::rng::Rng;
use guichet::config::{Config, Environment, Protection, Relay};

/// What the hub is given.
pub(super) struct Settings {
    pub issuer: String,
    /// The mail catcher.
    pub smtp: SocketAddr,
    /// Where the database and the master key are written.
    pub folder: PathBuf,
    pub clock: Arc<dyn Clock>,
    pub rng: Arc<dyn Rng>,
    /// Documents for `guichet apply`, in order.
    pub declarations: Vec<String>,
}

/// The running hub.
pub(super) struct Hub {
    app: App,
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
        // Not yet offered by the hub: apply, worker, routes.
        drop(settings.declarations);
        Ok(Self { app })
    }

    pub fn router(&self) -> Router {
        guichet::web::router(&self.app)
    }

    pub async fn stop(self) {}
}
