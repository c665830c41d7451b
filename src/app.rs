//! The application: everything injectable in one place, built once for the server, the worker, the command line and tests.

use std::collections::HashMap;
use std::ops::Deref;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use arc_swap::ArcSwap;
use tokio::sync::Notify;

use crate::authn::LiveSession;
use crate::authn::session::{self, TOUCH_EVERY};
use crate::authn::upstream::Upstreams;
use crate::base::clock::SystemClock;
use crate::base::rng::{Rng, SystemRng};
use crate::base::{Actor, Clock, Ctx};
use crate::config::Config;
use crate::crypto::hasher::Cost;
use crate::crypto::keyring::{self, KeyState, Schedule};
use crate::crypto::keys::{self, MasterKey};
use crate::crypto::remote::{self, DecryptionKeys};
use crate::crypto::{Algorithm, Hasher, Keyring, Keys, store};
use crate::db::{self, Db, Location};
use crate::federation::directory::{Directory, Live};
use crate::federation::discovery::{Cache, Net};
use crate::federation::http::Http;
use crate::federation::{self, Providers};
use crate::oidc::client_keys::Outside;
use crate::oidc::{Clients, Hub};
use crate::org::{self, service::Services};

/// A handle on the application; cheap to clone.
#[derive(Clone, Debug)]
pub struct App(Arc<Inner>);

/// The parts.
#[derive(Debug)]
pub struct Inner {
    /// What the operator set.
    pub config: Config,
    /// The store.
    pub db: Db,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub rng: Arc<dyn Rng>,
    /// Keys by purpose.
    pub keys: Arc<Keys>,
    /// Password hashing.
    pub hasher: Hasher,
    /// The issuer as published, also the origin that forms come from: no trailing slash.
    pub issuer: String,
    /// The discovery document, ready to serve.
    pub discovery: String,
    /// Reverse proxies whose forwarded headers are believed.
    pub trusted_proxies: Vec<ipnet::IpNet>,
    wake: Notify,
    news: Notify,
    keyring: ArcSwap<Keyring>,
    clients: ArcSwap<Clients>,
    services: ArcSwap<Services>,
    providers: ArcSwap<Providers>,
    upstreams: Upstreams,
    http: Http,
    documents: Cache,
    directory: Directory,
    versions: Mutex<HashMap<String, i64>>,
    reloading: tokio::sync::Mutex<()>,
}

impl Deref for App {
    type Target = Inner;
    fn deref(&self) -> &Inner {
        &self.0
    }
}

/// The application cannot be built.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// The store.
    #[error(transparent)]
    Db(#[from] db::Error),
    /// The keys.
    #[error(transparent)]
    Keys(#[from] keys::Error),
    /// The keyring.
    #[error(transparent)]
    Keyring(#[from] keyring::Error),
    /// The schema is behind and may not be migrated at start.
    #[error("the schema is behind; run `guichet migrate`")]
    SchemaBehind,
}

/// Builds an [`App`].
#[derive(Debug)]
pub struct Builder {
    config: Config,
    clock: Arc<dyn Clock>,
    rng: Arc<dyn Rng>,
    create_master_key: bool,
}

impl Builder {
    /// Another clock than the machine's.
    #[must_use]
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// Another generator than the machine's.
    #[must_use]
    pub fn rng(mut self, rng: Arc<dyn Rng>) -> Self {
        self.rng = rng;
        self
    }

    /// Makes the master key file when neither it nor the embedded database exists yet.
    #[must_use]
    pub fn create_master_key_if_new(mut self) -> Self {
        self.create_master_key = true;
        self
    }

    /// Opens the store, checks the schema, opens keys and loads what is kept in memory.
    pub async fn build(self) -> Result<App, BuildError> {
        let ctx = Ctx::internal(self.clock.clone(), self.rng.clone(), Actor::System);
        let location = self.config.database.location();
        let master = self.master_key(&location)?;
        if let Location::Sqlite { path, .. } = &location
            && let Some(folder) = path.parent()
        {
            std::fs::create_dir_all(folder).map_err(|e| db::Error::Unavailable(format!("{}: {e}", folder.display())))?;
        }
        let db = Db::open(&location).await?;
        if !db.migration_status().await?.pending.is_empty() {
            if !self.config.database.migrate_at_start {
                return Err(BuildError::SchemaBehind);
            }
            db.migrate().await?;
        }
        let keys = Arc::new(Keys::open(&db, &master, &ctx).await?);
        let p = &self.config.passwords;
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let slots = if p.parallel == 0 { cores } else { p.parallel };
        let hasher = Hasher::new(Cost { memory: p.memory, passes: p.passes }, slots, p.queue);
        let app = App(Arc::new(Inner {
            hasher,
            discovery: crate::oidc::discovery::document(self.config.server.issuer.as_str().trim_end_matches('/')).to_string(),
            issuer: self.config.server.issuer.as_str().trim_end_matches('/').to_owned(),
            trusted_proxies: self.config.server.proxies(),
            db,
            clock: self.clock,
            rng: self.rng,
            keys,
            wake: Notify::new(),
            news: Notify::new(),
            keyring: ArcSwap::default(),
            clients: ArcSwap::default(),
            services: ArcSwap::default(),
            providers: ArcSwap::default(),
            upstreams: Upstreams::default(),
            http: Http::default(),
            documents: Cache::default(),
            directory: Directory::default(),
            versions: Mutex::default(),
            reloading: tokio::sync::Mutex::default(),
            config: self.config,
        }));
        app.ensure_keys(&[Algorithm::ES256, Algorithm::EdDSA]).await?;
        app.reload().await?;
        app.ensure_decryption_keys().await?;
        Ok(app)
    }

    fn master_key(&self, location: &Location) -> Result<MasterKey, keys::Error> {
        let config = &self.config;
        if let Some(text) = &config.keys.master_key {
            return MasterKey::from_text(text.expose());
        }
        let file = &config.keys.file(&config.database);
        let new = match location {
            Location::Sqlite { path, .. } => !path.exists(),
            Location::Postgres { .. } => false,
        };
        if self.create_master_key && new && !file.exists() {
            MasterKey::create_file(file, self.rng.as_ref())
        } else {
            MasterKey::from_file(file)
        }
    }
}

impl App {
    /// Starts building.
    pub fn builder(config: Config) -> Builder {
        Builder { config, clock: Arc::new(SystemClock), rng: Arc::new(SystemRng), create_master_key: false }
    }

    /// A context without a person.
    pub fn ctx(&self, actor: Actor) -> Ctx {
        Ctx::internal(self.clock.clone(), self.rng.clone(), actor)
    }

    /// What protocol operations rest on, as of now.
    pub fn hub(&self) -> Hub<'_> {
        Hub {
            issuer: &self.issuer,
            tokens: &self.config.tokens,
            sign_in: &self.config.sign_in,
            policy: &self.config.policy,
            upstreams: &self.upstreams,
            outside: Outside { http: &self.http, trial: self.config.server.environment.accepts_plain_http() },
            keys: &self.keys,
            keyring: self.keyring(),
            clients: self.clients(),
            services: self.services(),
        }
    }

    /// What the operator set about sessions.
    pub fn rules(&self) -> session::Rules<'_> {
        session::Rules { limits: &self.config.sign_in, policy: &self.config.policy, upstreams: &self.upstreams }
    }

    /// Tells the worker of this node that the outbox, or what services are to be told, has gained something; call after the commit.
    pub fn wake_worker(&self) {
        self.wake.notify_one();
        self.news.notify_one();
    }

    /// Waits for [`App::wake_worker`]; one that came meanwhile counts.
    pub async fn worker_woken(&self) {
        self.wake.notified().await;
    }

    /// The same, for what tells services.
    pub async fn news_woken(&self) {
        self.news.notified().await;
    }

    /// Signing keys, as of the last reload.
    pub fn keyring(&self) -> Arc<Keyring> {
        self.keyring.load_full()
    }

    /// Clients, as of the last reload.
    pub fn clients(&self) -> Arc<Clients> {
        self.clients.load_full()
    }

    /// The catalogue, as of the last reload.
    pub fn services(&self) -> Arc<Services> {
        self.services.load_full()
    }

    /// Upstream providers, as of the last reload.
    pub fn providers(&self) -> Arc<Providers> {
        self.providers.load_full()
    }

    /// Makes the keys that providers encrypt with for us, once one of them does.
    pub async fn ensure_decryption_keys(&self) -> Result<(), keyring::Error> {
        let wanted = self.providers().all().iter().any(|p| p.metadata.encrypted);
        if !wanted || !self.keyring().decryption().is_empty() {
            return Ok(());
        }
        let keys = self.keys.clone();
        let made = tokio::task::spawn_blocking(move || DecryptionKeys::make(&keys.rest)).await;
        let made = made.map_err(|e| keyring::Error::Refused(e.to_string()))??;
        let mut tx = self.db.begin().await?;
        remote::keep(&mut tx, &made, self.clock.now()).await?;
        tx.commit().await?;
        self.reload().await
    }

    /// What calls to them rest on.
    pub fn net(&self) -> Net<'_> {
        let trial = self.config.server.environment.accepts_plain_http();
        Net { http: &self.http, cache: &self.documents, db: &self.db, trial }
    }

    /// Lookups of establishments, in the register and, where the operator named one, in a live directory.
    pub fn establishments(&self) -> Live<'_> {
        let trial = self.config.server.environment.accepts_plain_http();
        Live { http: &self.http, db: &self.db, directory: &self.directory, config: &self.config.register, trial }
    }

    /// Loads anew what has changed in the database since the last time. Called after every change of ours, and
    /// several times a second for the changes of others.
    pub async fn reload(&self) -> Result<(), keyring::Error> {
        // One at a time: of two that cross, the one that read first would put what it read over what the other read after it.
        let _alone = self.reloading.lock().await;
        let mut read = self.db.read().await?;
        let versions = store::versions(&mut read).await?;
        let stale = |name: &str| {
            let known = self.versions.lock().unwrap_or_else(PoisonError::into_inner);
            versions.iter().any(|(n, v)| n == name && known.get(n) != Some(v))
        };
        if stale("keys") {
            self.keyring.store(Arc::new(Keyring::load(&mut read, &self.keys.rest).await?));
        }
        if stale("clients") {
            let clients = crate::oidc::store::list_clients(&mut read).await?;
            self.clients.store(Arc::new(Clients::after(clients, &self.clients())));
        }
        if stale("services") {
            self.services.store(Arc::new(Services::new(org::service::store::list(&mut read).await?)));
        }
        if stale("providers") {
            let providers = Providers::new(federation::store::list(&mut read, &self.keys.rest).await?);
            let alive = providers.all().iter().filter(|p| p.enabled).map(|p| p.id.clone()).collect();
            self.upstreams.replace(alive, providers.reserved());
            self.providers.store(Arc::new(providers));
        }
        self.versions.lock().unwrap_or_else(PoisonError::into_inner).extend(versions);
        Ok(())
    }

    /// Records the use of a session, at most once a minute, without making the visitor wait.
    pub fn touch(&self, live: &LiveSession) {
        let (session, now) = (live.session(), self.clock.now());
        if now.since(session.last_seen_at) < TOUCH_EVERY {
            return;
        }
        let (db, id) = (self.db.clone(), session.id.clone());
        tokio::spawn(async move {
            let touched = async {
                let mut tx = db.begin().await?;
                crate::authn::store::touch(&mut tx, &id, now).await?;
                tx.commit().await
            };
            if let Err(e) = touched.await {
                tracing::warn!(error = %e, "session use not recorded");
            }
        });
    }

    /// Periods of the keyring. An id_token serves as a hint as long as the session it speaks of, which is longer than its life.
    pub fn key_schedule(&self) -> Schedule {
        let longest = self.config.tokens.id.max(self.config.tokens.access).max(self.config.sign_in.session_absolute);
        Schedule {
            active_for: self.config.keys.rotate_every,
            published_ahead: Duration::from_secs(86_400),
            retired_for: longest + Duration::from_secs(3_600),
        }
    }

    /// Makes the keys that are missing for these algorithms, promotes and drops what is due, and reloads.
    /// RSA keys are generated on a blocking thread; the server calls this again for them once it serves.
    pub async fn ensure_keys(&self, wanted: &[Algorithm]) -> Result<(), keyring::Error> {
        let missing = keyring::missing(&store::list_keys(&mut self.db.read().await?).await?, wanted);
        let mut fresh = Vec::with_capacity(missing.len());
        for (alg, state) in missing {
            let (keys, now) = (self.keys.clone(), self.clock.now());
            let made = tokio::task::spawn_blocking(move || keyring::generate(alg, state, &keys.rest, now)).await;
            fresh.push(made.map_err(|e| keyring::Error::Refused(e.to_string()))??);
        }
        let made = fresh.iter().any(|k| k.state == KeyState::Active);
        let mut tx = self.db.begin().await?;
        let ctx = self.ctx(Actor::System);
        let changes = keyring::advance(&mut tx, &ctx, &self.key_schedule(), fresh).await?;
        if !changes.is_empty() {
            let event = crate::audit::Event::new(crate::audit::Kind::KeysChanged).with("changes", changes);
            crate::audit::append(&mut tx, &ctx, event).await?;
        }
        tx.commit().await?;
        if made || !self.versions.lock().unwrap_or_else(PoisonError::into_inner).is_empty() {
            self.reload().await?;
        }
        Ok(())
    }
}
