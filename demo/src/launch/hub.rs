//! The hub inside the demonstration: the only file that knows how it is built and served.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use guichet::app::App;
use guichet::base::Actor;
use guichet::base::clock::Clock;
use guichet::base::rng::Rng;
use guichet::cli::apply::{ApplyOptions, apply};
use guichet::config::{Config, Environment, Protection, Relay, Sms};
use guichet::crypto::Algorithm;
use guichet::org::register::stock::{self, Kind};
use guichet::worker::{self, WorkerHandle};

use super::card::Cards;

/// How long a request may wait for the signing keys after start.
const KEYS_WITHIN: Duration = Duration::from_secs(20);

/// What the hub is given.
pub(super) struct Settings {
    pub issuer: String,
    /// The mail catcher.
    pub smtp: SocketAddr,
    /// The phone.
    pub sms: Sms,
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
    worker: WorkerHandle,
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
        config.sms = settings.sms;
        let app = App::builder(config).clock(settings.clock).rng(settings.rng).create_master_key_if_new().build().await?;
        for declaration in &settings.declarations {
            put(&app, declaration).await?;
        }
        register(&app).await?;
        Ok(Self { worker: worker::start(&app)?, app })
    }

    /// Puts a declaration in place while the hub runs.
    pub async fn apply(&self, declaration: &Declaration) -> anyhow::Result<()> {
        put(&self.app, declaration).await
    }

    /// Puts the demonstration's cards in place.
    pub async fn stock(&self, cards: &Cards) -> anyhow::Result<()> {
        cards.stock(&self.app).await
    }

    /// The hub's routes.
    pub fn router(&self) -> Router {
        let gate = from_fn_with_state(self.app.clone(), wait_for_keys);
        guichet::web::router(&self.app).layer(gate)
    }

    /// Lets jobs in hand finish.
    pub async fn stop(self) {
        self.worker.stop(super::STOP_GRACE).await;
    }
}

async fn put(app: &App, declaration: &Declaration) -> anyhow::Result<()> {
    let put = apply(app, &declaration.text, ApplyOptions::default()).await;
    put.map(drop).map_err(|e| anyhow::anyhow!(e.in_file(&declaration.name)))
}

/// Imports the demonstration's company register: the way of an operator, with small files of fictitious establishments.
async fn register(app: &App) -> anyhow::Result<()> {
    let folder = app.config.database.folder.join("register");
    std::fs::create_dir_all(&folder)?;
    for (kind, text) in [
        (Kind::Units, include_str!("../../register/units.csv")),
        (Kind::Establishments, include_str!("../../register/establishments.csv")),
        (Kind::Successions, include_str!("../../register/successions.csv")),
    ] {
        let file = folder.join(format!("{}.csv", kind.name()));
        std::fs::write(&file, text)?;
        let counts = stock::import(&app.db, &app.ctx(Actor::Operator), kind, &file, false, |_| ()).await?;
        anyhow::ensure!(counts.refused == 0, "{} lines of {} are refused", counts.refused, file.display());
    }
    Ok(())
}

/// The worker makes RSA keys, which takes a second or two, once the demonstration already answers. What shows or uses
/// signing keys waits for them, so that nobody sees half of a key set.
async fn wait_for_keys(State(app): State<App>, request: Request, next: Next) -> Response {
    if matches!(request.uri().path(), "/oauth/jwks" | "/oauth/token") {
        let all_there = async {
            while Algorithm::ALL.iter().any(|alg| app.keyring().signing(*alg).is_none()) {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        if tokio::time::timeout(KEYS_WITHIN, all_there).await.is_err() {
            tracing::error!("signing keys are missing");
        }
    }
    next.run(request).await
}
