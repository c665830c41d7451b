//! The whole application in process: real router, real store on both engines, fake clock, seeded randomness.
//!
//! ```ignore
//! on_both! {
//!     async fn ef_18_a_code_can_be_sent_again(app) {
//!         let mut b = app.browser();
//!         let page = b.get("/connexion").await;
//!         let page = b.submit(&page, &[("courriel", "camille@boulangerie.example")]).await; // follows redirects
//!         let code = app.last_code("camille@boulangerie.example").await;
//!     }
//! }
//! ```
//! makes two tests, `ef_18_…::sqlite` and `ef_18_…::postgres`. `app` is a [`TestApp`] with the clients and accounts of
//! `declaration.toml`. [`TestApp::start`] takes changes to the configuration.

pub mod authenticator;
pub mod browser;
pub mod gateway;
pub mod gateway_tls;
pub mod postgres;
pub mod process;
pub mod rp;
pub mod smtp;
pub mod smtp_tls;
pub mod upstream;

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::http::{Request, Response, StatusCode, header};
use guichet::app::App;
use guichet::base::clock::ManualClock;
use guichet::base::id::JobId;
use guichet::base::rng::SeededRng;
use guichet::base::texts::Locale;
use guichet::base::{Secret, Timestamp};
use guichet::config::{Config, Environment};
use guichet::jobs::{self, Job};
use guichet::mail::message::MailMessage;
use serde_json::Value;
use tower::ServiceExt;

pub use browser::{Browser, Page};

/// Which store a test runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    Sqlite,
    Postgres,
}

/// Runs the same test on SQLite and on PostgreSQL.
#[macro_export]
macro_rules! on_both {
    ($($(#[$meta:meta])* async fn $name:ident($app:ident) $body:block)*) => {$(
        mod $name {
            #[allow(unused_imports)]
            use super::*;

            $(#[$meta])*
            async fn test($app: $crate::support::TestApp) $body

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                test($crate::support::TestApp::new($crate::support::Engine::Sqlite).await).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                test($crate::support::TestApp::new($crate::support::Engine::Postgres).await).await;
            }
        }
    )*};
}

pub const ISSUER: &str = "http://sso.localhost:8000";

/// An application under test.
#[derive(Clone)]
pub struct TestApp {
    pub app: App,
    pub clock: Arc<ManualClock>,
    pub engine: Engine,
    router: axum::Router,
    config: Config,
    kept: Arc<Kept>,
}

/// What goes with the application under test.
struct Kept {
    folder: tempfile::TempDir,
    database: Option<postgres::Database>,
}

impl TestApp {
    /// With the seeded clients and accounts.
    pub async fn new(engine: Engine) -> Self {
        Self::start(engine, |_| {}).await
    }

    /// The same, with changes to the configuration.
    pub async fn start(engine: Engine, change: impl FnOnce(&mut Config)) -> Self {
        let database = match engine {
            Engine::Sqlite => None,
            Engine::Postgres => Some(postgres::Database::migrated().await),
        };
        let kept = Arc::new(Kept { folder: tempfile::tempdir().unwrap(), database });
        let mut config = Config::default();
        config.server.issuer = ISSUER.parse().unwrap();
        config.server.environment = Environment::Demo;
        config.database.folder = kept.folder.path().to_owned();
        config.database.connections = 4;
        config.keys.master_key = Some(Secret::new("A".repeat(43)));
        config.passwords.memory = 64;
        config.passwords.passes = 1;
        config.limits.pages = 0;
        config.limits.credentials = 0;
        (config.limits.protocol, config.limits.client) = (0, 0);
        // Many sign-ins of the same person; the tests of these limits set their own.
        (config.limits.codes_per_hour, config.limits.codes_per_day) = (50, 50);
        config.database.url = kept.database.as_ref().map(|d| Secret::new(d.url()));
        change(&mut config);
        let clock = Arc::new(ManualClock::frozen(Timestamp::from_secs(1_800_000_000)));
        let this = Self::build(engine, config, clock, kept).await;
        let declaration = include_str!("declaration.toml");
        let options = guichet::cli::apply::ApplyOptions::default();
        guichet::cli::apply::apply(&this.app, declaration, options).await.expect("the declaration applies");
        this
    }

    async fn build(engine: Engine, config: Config, clock: Arc<ManualClock>, kept: Arc<Kept>) -> Self {
        let seed = rand_seed(&clock);
        let app = App::builder(config.clone()).clock(clock.clone()).rng(Arc::new(SeededRng::new(seed))).build().await.unwrap();
        let router = guichet::web::router(&app);
        Self { app, clock, engine, router, config, kept }
    }

    /// Another node on the same database, with the same clock.
    pub async fn another_node(&self) -> Self {
        Self::build(self.engine, self.config.clone(), self.clock.clone(), self.kept.clone()).await
    }

    /// The database of the server, on PostgreSQL.
    pub fn database(&self) -> Option<&postgres::Database> {
        self.kept.database.as_ref()
    }

    /// Moves the clock.
    pub fn advance(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
    }

    /// One request to the real router, without cookies or redirects. It takes a millisecond: nothing happens at the very
    /// same instant as something else, and what is sorted by time is in order.
    pub async fn send(&self, request: Request<Body>) -> Response<Body> {
        self.clock.advance(Duration::from_millis(1));
        self.router.clone().oneshot(request).await.unwrap()
    }

    /// GET.
    pub async fn get(&self, path: &str) -> Answer {
        Answer::of(self.send(Request::get(path).body(Body::empty()).unwrap()).await).await
    }

    /// POST of a form, with extra headers.
    pub async fn post(&self, path: &str, fields: &[(&str, &str)], headers: &[(&str, &str)]) -> Answer {
        let mut request = Request::post(path).header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        Answer::of(self.send(request.body(Body::from(encode(fields))).unwrap()).await).await
    }

    /// A browser with its own cookies.
    pub fn browser(&self) -> Browser {
        Browser::new(self.clone())
    }

    /// Mails waiting in the outbox for this recipient, oldest first.
    pub async fn mails(&self, to: &str) -> Vec<MailMessage> {
        self.mails_in(to).await.into_iter().map(|(_, message)| message).collect()
    }

    /// The same, each with its language.
    pub async fn mails_in(&self, to: &str) -> Vec<(Locale, MailMessage)> {
        const JOBS: &str = "SELECT id, sealed FROM job WHERE kind = 'mail' ORDER BY id";
        let mut read = self.app.db.read().await.unwrap();
        let rows: Vec<(String, String)> = guichet::sql!(&mut read, JOBS; (String, String); all).unwrap();
        let mut out = Vec::new();
        for (id, sealed) in rows {
            let job = jobs::open(&self.app.keys.rest, &JobId::from_store(id), &sealed).unwrap();
            let Job::Mail { to: recipient, message, locale } = job else { continue };
            if recipient.eq_ignore_ascii_case(to) {
                out.push((locale, message));
            }
        }
        out
    }

    /// The last six-digit code sent to this recipient.
    pub async fn last_code(&self, to: &str) -> String {
        let mails = self.mails(to).await;
        mails
            .iter()
            .rev()
            .find_map(|m| find_code(&serde_json::to_value(m).unwrap()))
            .unwrap_or_else(|| panic!("no code for {to}: {mails:?}"))
    }

    /// Names of the audit events so far, in order.
    pub async fn audit(&self) -> Vec<String> {
        const EVENTS: &str = "SELECT kind FROM audit_event ORDER BY id";
        let mut read = self.app.db.read().await.unwrap();
        let rows: Vec<(String,)> = guichet::sql!(&mut read, EVENTS; (String,); all).unwrap();
        rows.into_iter().map(|(k,)| k).collect()
    }

    /// Number of rows of a query such as `SELECT COUNT(*) FROM session`.
    pub async fn count(&self, query: &'static str) -> i64 {
        let mut read = self.app.db.read().await.unwrap();
        let (n,): (i64,) = guichet::sql!(&mut read, query; (i64,); one).unwrap();
        n
    }

    /// How SQLite runs a statement.
    pub async fn plan(&self, statement: &'static str) -> Vec<String> {
        guichet::db::plan(&mut self.app.db.read().await.unwrap(), statement).await.unwrap()
    }

    /// Writes a client past every check, as another version of the hub might have.
    pub async fn put_client(&self, mut client: guichet::oidc::Client) {
        use guichet::oidc::registry::store;
        let mut tx = self.app.db.begin().await.unwrap();
        match store::find(&mut tx, &client.id).await.unwrap() {
            Some(old) => {
                client.updated_at = old.updated_at.plus(Duration::from_millis(1));
                assert_eq!(store::update(&mut tx, &client, old.updated_at).await.unwrap(), 1);
            }
            None => store::insert(&mut tx, &client).await.unwrap(),
        }
        tx.commit().await.unwrap();
        self.app.reload().await.unwrap();
    }

    /// Applies a declaration.
    pub async fn apply(&self, declaration: &str) {
        guichet::cli::apply::apply(&self.app, declaration, guichet::cli::apply::ApplyOptions::default()).await.unwrap();
        self.app.reload().await.unwrap();
    }
}

/// Nodes built at different instants, or one after the other, do not draw the same numbers.
fn rand_seed(clock: &ManualClock) -> u64 {
    use std::sync::atomic::{AtomicU64, Ordering};
    static BUILT: AtomicU64 = AtomicU64::new(42);
    use guichet::base::Clock;
    BUILT.fetch_add(1, Ordering::SeqCst) ^ clock.now().millis().unsigned_abs()
}

fn find_code(value: &Value) -> Option<String> {
    match value {
        Value::Object(map) => match map.get("digits") {
            Some(Value::String(digits)) => Some(digits.clone()),
            _ => map.values().find_map(find_code),
        },
        _ => None,
    }
}

/// `application/x-www-form-urlencoded`.
pub fn encode(fields: &[(&str, &str)]) -> String {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish()
}

/// A whole answer.
#[derive(Debug, Clone)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: axum::http::HeaderMap,
    pub body: String,
}

impl Answer {
    pub async fn of(response: Response<Body>) -> Self {
        let (parts, body) = response.into_parts();
        let bytes = axum::body::to_bytes(body, 4 << 20).await.unwrap();
        Self { status: parts.status, headers: parts.headers, body: String::from_utf8_lossy(&bytes).into_owned() }
    }

    /// A header, empty when absent.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|v| v.to_str().ok()).unwrap_or_default()
    }

    /// The body as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|e| panic!("{e}: {} {}", self.status, self.body))
    }
}
