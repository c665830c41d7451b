//! Simulators of FranceConnect, FranceConnect+ and ProConnect, faithful in what a client can see: parameters, lifetimes,
//! formats, levels, errors, sign-out. Section numbers are those of the reference on the French identity domain. Everything
//! that happens is invented here: no name, number or address is a real person's.

mod agent;
mod alert;
mod authorize;
mod client;
mod client_auth;
mod control;
mod discovery;
mod errors;
mod flow;
mod identity;
mod idp;
mod keys;
mod logout;
mod params;
mod persona;
mod pro;
mod scopes;
mod state;
mod token;
mod userinfo;

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::http::StatusCode;
use axum::http::header::COOKIE;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use guichet::base::rng::{self, Rng};
use guichet::crypto::MacKey;
use url::Url;

pub use agent::{AGENTS, Agent, EMPLOYERS, Employer};
pub use client::{Alg, AuthMethod, Client, Wrap};
pub use control::{Control, Fault};
pub use errors::{Known, TABLE, known};
pub use identity::Identity;
pub use idp::{IDPS, Idp};
pub use persona::{Account, Civil, PERSONAS, Persona};
pub use scopes::SCOPES;

use crate::clock::Now;
use crate::page;
use state::State;

/// Which service is simulated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Platform {
    /// FranceConnect, eIDAS low (§1.1).
    FranceConnect,
    /// FranceConnect+, eIDAS substantial and high: everything encrypted.
    FranceConnectPlus,
    /// ProConnect, for professionals (§2).
    ProConnect,
}

impl Platform {
    /// As people call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::FranceConnect => "FranceConnect",
            Self::FranceConnectPlus => "FranceConnect+",
            Self::ProConnect => "ProConnect",
        }
    }

    /// Prefix of its cookies.
    fn key(self) -> &'static str {
        match self {
            Self::FranceConnect => "fc",
            Self::FranceConnectPlus => "fcp",
            Self::ProConnect => "pc",
        }
    }

    /// Levels offered, the lowest first.
    pub fn levels(self) -> &'static [&'static str] {
        match self {
            Self::FranceConnect => &["eidas1"],
            Self::FranceConnectPlus => &["eidas2", "eidas3"],
            Self::ProConnect => &agent::LEVELS,
        }
    }

    /// The level taken when none of those asked is known.
    fn default_level(self) -> &'static str {
        match self {
            Self::FranceConnect | Self::ProConnect => "eidas1",
            Self::FranceConnectPlus => "eidas3",
        }
    }

    /// The only level at which a session serves again.
    fn sso_level(self) -> &'static str {
        match self {
            Self::FranceConnect | Self::ProConnect => "eidas1",
            Self::FranceConnectPlus => "eidas2",
        }
    }

    /// How long a web session lasts (milliseconds), and whether each visit prolongs it.
    fn session(self) -> (i64, bool) {
        match self {
            Self::FranceConnect => (1_800_000, true),
            Self::FranceConnectPlus => (600_000, false),
            Self::ProConnect => (43_200_000, false),
        }
    }
}

/// Life of an authorization code, in milliseconds (§1.7).
const CODE_MS: i64 = 30_000;
/// Life of access and identity tokens, in seconds.
const TOKEN_S: i64 = 60;
/// Requests remembered for `/api/control/requests`.
const JOURNAL: usize = 200;

/// What a simulator needs.
pub struct Settings {
    /// Which one.
    pub platform: Platform,
    /// Where it is served, without a final slash.
    pub base_url: String,
    /// The service providers it knows.
    pub clients: Vec<Client>,
    /// What time it is.
    pub now: Now,
    /// Codes, tokens and secrets come from here.
    pub rng: Arc<dyn Rng>,
    /// Where the connection alerts are sent.
    pub smtp: Option<SocketAddr>,
    /// Host names that DNS may not know, for reading clients' `jwks_uri`.
    pub resolve: Vec<(String, SocketAddr)>,
}

struct Sim {
    platform: Platform,
    base_url: String,
    issuer: String,
    clients: Mutex<Vec<Client>>,
    now: Now,
    rng: Arc<dyn Rng>,
    smtp: Option<SocketAddr>,
    http: reqwest::Client,
    keys: keys::Keys,
    sub_secret: String,
    device: MacKey,
    state: Mutex<State>,
    control: Mutex<Control>,
    journal: Mutex<VecDeque<control::Seen>>,
}

/// A running simulator; clones share it.
#[derive(Clone)]
pub struct Simulator(Arc<Sim>);

type App = axum::extract::State<Arc<Sim>>;

impl Simulator {
    /// Nothing is asked of the network before a client's encryption keys are needed.
    ///
    /// # Errors
    /// When no HTTP client can be built.
    pub fn new(settings: Settings) -> anyhow::Result<Self> {
        // reqwest is built without a TLS provider; a second install is refused and harmless.
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let mut http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy().timeout(Duration::from_secs(5));
        for (host, addr) in &settings.resolve {
            http = http.resolve(host, *addr);
        }
        let rng = settings.rng;
        Ok(Self(Arc::new(Sim {
            platform: settings.platform,
            issuer: format!("{}/api/v2", settings.base_url),
            base_url: settings.base_url,
            clients: Mutex::new(settings.clients),
            now: settings.now,
            smtp: settings.smtp,
            http: http.build()?,
            keys: keys::Keys::new(settings.platform != Platform::FranceConnectPlus),
            sub_secret: guichet::base::encode::b64u(rng::bytes::<32>(rng.as_ref())),
            device: MacKey::new(&rng::bytes::<32>(rng.as_ref())),
            rng,
            state: Mutex::default(),
            control: Mutex::default(),
            journal: Mutex::default(),
        })))
    }

    /// Its issuer identifier.
    pub fn issuer(&self) -> &str {
        &self.0.issuer
    }

    /// Changes how it behaves.
    pub fn control(&self, change: impl FnOnce(&mut Control)) {
        change(&mut lock(&self.0.control));
    }

    /// Makes new signing keys; the former ones stay published once more.
    ///
    /// # Errors
    /// When no key can be made.
    pub fn rotate(&self) -> anyhow::Result<()> {
        self.0.keys.rotate()
    }

    /// Its pages and endpoints.
    pub fn router(&self) -> Router {
        let journey = match self.0.platform {
            Platform::ProConnect => Router::new()
                .route("/authorize", get(pro::get).post(pro::post))
                .route("/interaction/{uid}", get(pro::ask).post(pro::route))
                .route("/interaction/{uid}/fi", get(pro::idp_page).post(pro::idp_answer))
                .route("/interaction/{uid}/code", get(pro::code_page).post(pro::code_answer)),
            Platform::FranceConnect | Platform::FranceConnectPlus => Router::new()
                .route("/authorize", get(authorize::get).post(authorize::post))
                .route("/interaction/{uid}", get(flow::choose))
                .route("/interaction/{uid}/verify", get(flow::verify))
                .route("/interaction/{uid}/consent", get(flow::consent))
                .route("/interaction/{uid}/abandon", get(flow::abandon))
                .route("/redirect-to-idp", post(flow::leave))
                .route("/oidc-callback", get(flow::back))
                .route("/login", post(flow::login)),
        };
        let v2 = journey
            .route("/.well-known/openid-configuration", get(discovery::configuration))
            .route("/jwks", get(discovery::jwks))
            .route("/token", post(token::token))
            .route("/token/revocation", post(token::revoke))
            .route("/userinfo", get(userinfo::userinfo))
            .route("/session/end", get(logout::end))
            .route("/client/logout-callback", get(logout::back));
        Router::new()
            .nest("/api/v2", v2)
            .route("/fi/{idp}/authorize", get(flow::idp_page))
            .route("/fi/{idp}/answer", post(flow::idp_answer))
            .route("/fi/{idp}/session/end", get(logout::idp_end))
            .route("/erreurs", get(errors::explain))
            .merge(control::routes())
            .layer(axum::middleware::from_fn_with_state(self.0.clone(), control::gate))
            .route("/style.css", get(page::style))
            .with_state(self.0.clone())
    }
}

impl Sim {
    fn ms(&self) -> i64 {
        (self.now)()
    }

    /// A value nobody can guess (256 bits).
    fn random(&self) -> String {
        guichet::base::encode::b64u(rng::bytes::<32>(self.rng.as_ref()))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }

    fn with_fault(&self, fault: Fault) -> bool {
        lock(&self.control).faults.contains(&fault)
    }

    fn client(&self, id: &str) -> Option<Client> {
        lock(&self.clients).iter().find(|c| c.client_id == id).cloned()
    }

    /// A page. Its forms end, through redirects, at clients' callbacks.
    fn page(&self, status: StatusCode, template: &impl askama::Template) -> Response {
        let mut origins: Vec<String> = lock(&self.clients)
            .iter()
            .flat_map(|c| c.redirect_uris.iter().chain(&c.post_logout_redirect_uris))
            .filter_map(|uri| Some(Url::parse(uri).ok()?.origin().ascii_serialization()))
            .collect();
        origins.sort_unstable();
        origins.dedup();
        let csp = page::CSP.replace("form-action 'self'", &format!("form-action 'self' {}", origins.join(" ")));
        page::render(status, template, &csp)
    }

    /// Whether a request comes from another origin's page.
    fn foreign(&self, headers: &HeaderMap) -> bool {
        headers.get(header::ORIGIN).is_some_and(|origin| origin.as_bytes() != self.base_url.as_bytes())
    }

    fn cookie_name(&self) -> String {
        format!("{}_session_id", self.platform.key())
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The value of a cookie.
fn cookie(headers: &HeaderMap, name: &str) -> Option<String> {
    headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find_map(|(n, value)| (n == name).then(|| value.to_owned()))
}

/// Goes to `url` with a GET, setting `cookies`.
fn redirect(url: &str, cookies: &[String]) -> Response {
    let mut response = (StatusCode::SEE_OTHER, [(header::CACHE_CONTROL, "no-store")]).into_response();
    if let Ok(location) = HeaderValue::from_str(url) {
        response.headers_mut().insert(header::LOCATION, location);
    }
    for value in cookies.iter().filter_map(|c| HeaderValue::from_str(c).ok()) {
        response.headers_mut().append(header::SET_COOKIE, value);
    }
    response
}
