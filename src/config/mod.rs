//! Configuration: one struct per section, every key with a default that is safe.
//!
//! Read by [`load`]: file `guichet.toml`, then environment (`GUICHET__SECTION__KEY`). Unknown keys are refused.

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use serde::Deserialize;
use url::Url;

use crate::base::texts::Locale;
use crate::base::{Aal, Secret};

pub mod document;
pub mod duration;
mod load;
pub mod register;
pub mod shape;
pub mod sms;
pub mod template;
pub mod validate;

pub use load::{ConfigError, DEFAULT_FILE, environment, file, load};
pub use register::Register;
pub use sms::{Sms, SmsFormat};

/// Everything an operator can set.
#[derive(Debug, Clone, Deserialize, Default)]
#[serde(default)]
pub struct Config {
    /// Addresses and names.
    pub server: Server,
    /// Where data is kept.
    pub database: Database,
    /// The master key.
    pub keys: Keys,
    /// Outgoing mail.
    pub mail: Mail,
    /// Outgoing short messages.
    pub sms: Sms,
    /// Sessions and sign-in.
    pub sign_in: SignIn,
    /// What sign-ins must amount to.
    pub policy: Policy,
    /// Tokens.
    pub tokens: Tokens,
    /// Name and links shown to people.
    pub brand: Brand,
    /// Rate limits of each node.
    pub limits: Limits,
    /// Password hashing.
    pub passwords: Passwords,
    /// Passkeys.
    pub passkeys: Passkeys,
    /// The company register.
    pub register: Register,
    /// The audit trail.
    pub audit: Audit,
    /// Logs.
    pub log: Log,
    /// Traces.
    pub traces: Traces,
}

/// What kind of deployment this is: shown to people, and what is refused at start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Default)]
#[serde(rename_all = "lowercase")]
pub enum Environment {
    /// The real thing: https only.
    #[default]
    Production,
    /// A rehearsal: a band on every page.
    Test,
    /// Fictitious data: a band on every page; plain http on loopback is accepted.
    Demo,
}

impl Environment {
    /// Whether plain http is accepted, for the hub on this machine and for redirect URIs.
    pub const fn accepts_plain_http(self) -> bool {
        match self {
            Self::Production => false,
            Self::Test | Self::Demo => true,
        }
    }

    /// The name in the configuration.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Production => "production",
            Self::Test => "test",
            Self::Demo => "demo",
        }
    }
}

/// `[server]`
#[derive(Debug, Clone, Deserialize)]
#[serde(default)]
pub struct Server {
    /// The issuer: the public https URL of the hub, without path. Never change it once services use it.
    pub issuer: Url,
    /// Address the public listener binds.
    pub listen: SocketAddr,
    /// Address of health and metrics; never public.
    pub admin_listen: SocketAddr,
    /// Reverse proxies (addresses or CIDR blocks) whose forwarded headers are believed.
    pub trusted_proxies: Vec<String>,
    /// Kind of deployment.
    pub environment: Environment,
    /// Worker threads; 0 means one per core.
    pub threads: usize,
    /// How long requests in hand may take when stopping.
    #[serde(with = "duration")]
    pub stop_grace: Duration,
    /// Whether this node runs scheduled work and sends mail.
    pub worker: bool,
}

impl Default for Server {
    fn default() -> Self {
        Self {
            issuer: default_issuer(),
            listen: SocketAddr::from((IpAddr::from([127, 0, 0, 1]), 8080)),
            admin_listen: SocketAddr::from((IpAddr::from([127, 0, 0, 1]), 8081)),
            trusted_proxies: Vec::new(),
            environment: Environment::Production,
            threads: 0,
            stop_grace: Duration::from_secs(20),
            worker: true,
        }
    }
}

#[allow(clippy::expect_used)] // a constant, covered by every test
fn default_issuer() -> Url {
    Url::parse("http://localhost:8080").expect("a valid URL")
}

/// `[database]`
#[derive(Debug, Clone, Deserialize)]
#[serde(default)]
pub struct Database {
    /// Folder of the embedded database and of the default master key.
    pub folder: PathBuf,
    /// `postgres://…` to use a server instead of the embedded file.
    pub url: Option<Secret>,
    /// Connections: readers of the embedded file, or pool of the server.
    pub connections: u32,
    /// Migrate at start. With several nodes, prefer `guichet migrate` before rolling out.
    pub migrate_at_start: bool,
}

impl Default for Database {
    fn default() -> Self {
        Self { folder: PathBuf::from("data"), url: None, connections: 8, migrate_at_start: true }
    }
}

/// `[keys]`
#[derive(Debug, Clone, Deserialize)]
#[serde(default)]
pub struct Keys {
    /// File that holds the master key, mode 0600; default `<database.folder>/master.key`.
    pub master_key_file: Option<PathBuf>,
    /// The master key itself (unpadded base64url of 32 bytes); prefer the file.
    pub master_key: Option<Secret>,
    /// How long a signing key signs.
    #[serde(with = "duration")]
    pub rotate_every: Duration,
}

impl Default for Keys {
    fn default() -> Self {
        Self { master_key_file: None, master_key: None, rotate_every: Duration::from_secs(90 * 86_400) }
    }
}

/// `[mail]`
#[derive(Debug, Clone, Deserialize)]
#[serde(default)]
pub struct Mail {
    /// The one known sender (EF-07).
    pub from: String,
    /// Where answers go.
    pub reply_to: Option<String>,
    /// Relays, tried in order; the second is the fall-back.
    pub relays: Vec<Relay>,
    /// Mails a recipient may get per hour and per day, all kinds together.
    pub per_recipient_hour: i64,
    /// See `per_recipient_hour`.
    pub per_recipient_day: i64,
}

impl Default for Mail {
    fn default() -> Self {
        Self {
            from: "no-reply@localhost.localdomain".into(),
            reply_to: None,
            relays: Vec::new(),
            per_recipient_hour: 20,
            per_recipient_day: 60,
        }
    }
}

/// How the connection to a relay is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Default)]
#[serde(rename_all = "lowercase")]
pub enum Protection {
    /// STARTTLS, required.
    #[default]
    Starttls,
    /// TLS from the first byte.
    Tls,
    /// None; only accepted on loopback.
    None,
}

/// `[[mail.relays]]`
#[derive(Debug, Clone, Deserialize, Default)]
#[serde(default)]
pub struct Relay {
    /// Host name.
    pub host: String,
    /// Port; default 587, or 465 with `tls`.
    pub port: Option<u16>,
    /// Protection of the connection.
    pub protection: Protection,
    /// User name.
    pub username: Option<String>,
    /// Password.
    pub password: Option<Secret>,
    /// Certificates (PEM) of authorities trusted for this relay, beside those the machine trusts.
    pub ca_file: Option<PathBuf>,
}

/// `[sign_in]`
#[derive(Debug, Clone, Deserialize)]
#[serde(default)]
pub struct SignIn {
    /// A session ends after so long without use.
    #[serde(with = "duration")]
    pub session_idle: Duration,
    /// A session ends so long after sign-in, whatever its use.
    #[serde(with = "duration")]
    pub session_absolute: Duration,
    /// A pending sign-in is kept so long.
    #[serde(with = "duration")]
    pub interaction: Duration,
    /// Life of a code sent by mail.
    #[serde(with = "duration")]
    pub email_code: Duration,
    /// Tries for the live codes of one journey.
    pub email_code_attempts: i64,
    /// Wrong passwords an account may see per quarter of an hour before the password is suspended.
    pub password_attempts: i64,
    /// Whether people may register by themselves.
    pub registration: bool,
    /// Version of the terms of use people must have accepted; none asks nothing.
    pub terms_version: Option<String>,
}

impl Default for SignIn {
    fn default() -> Self {
        Self {
            session_idle: Duration::from_secs(2 * 3600),
            session_absolute: Duration::from_secs(12 * 3600),
            interaction: Duration::from_secs(1800),
            email_code: Duration::from_secs(900),
            email_code_attempts: 5,
            password_attempts: 10,
            registration: true,
            terms_version: None,
        }
    }
}

/// `[policy]`
#[derive(Debug, Clone, Deserialize)]
#[serde(default)]
pub struct Policy {
    /// A code by mail follows every password, unless the browser is trusted.
    pub two_step: bool,
    /// Demanded of managers of establishments.
    pub managers: Aal,
    /// Demanded of those who run the hub; two factors at least.
    pub administrators: Aal,
    /// Time left to set up a second factor, from the first sign-in that one is demanded of.
    #[serde(with = "duration")]
    pub grace: Duration,
    /// Whether people set up authenticator applications by themselves; otherwise managers link cards, and passkeys remain.
    pub self_enrolment: bool,
    /// Life of the trust in a browser.
    #[serde(with = "duration")]
    pub trusted_browser: Duration,
    /// Between the day lost means of connection are given up and the day it takes effect.
    #[serde(with = "duration")]
    pub recovery_delay: Duration,
    /// How long the identity of a professional stays verified.
    #[serde(with = "duration")]
    pub identity_valid_for: Duration,
    /// Whether every manager of an establishment manages the means of connection of its people; otherwise only those who
    /// were given that right.
    pub managers_manage_factors: bool,
    /// Whether the first person to join an establishment manages it at once, on their word; otherwise the operator decides,
    /// unless something proves that they work there.
    pub first_is_manager: bool,
    /// Between the day an establishment without a manager is claimed and the day the claim is granted.
    #[serde(with = "duration")]
    pub claim_delay: Duration,
    /// An establishment none of whose managers signed in for so long can be claimed; they are told when five sixths are over.
    #[serde(with = "duration")]
    pub idle_managers: Duration,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            two_step: false,
            managers: Aal::Two,
            administrators: Aal::Two,
            grace: Duration::from_secs(14 * 86_400),
            self_enrolment: true,
            trusted_browser: Duration::from_secs(30 * 86_400),
            recovery_delay: Duration::from_secs(86_400),
            identity_valid_for: Duration::from_secs(90 * 86_400),
            managers_manage_factors: true,
            first_is_manager: true,
            claim_delay: Duration::from_secs(7 * 86_400),
            idle_managers: Duration::from_secs(180 * 86_400),
        }
    }
}

/// `[tokens]`
#[derive(Debug, Clone, Deserialize)]
#[serde(default)]
pub struct Tokens {
    /// Life of an authorization code; at most a minute.
    #[serde(with = "duration")]
    pub code: Duration,
    /// Life of an access token.
    #[serde(with = "duration")]
    pub access: Duration,
    /// Life of an id_token.
    #[serde(with = "duration")]
    pub id: Duration,
    /// A refresh token unused for so long is dead.
    #[serde(with = "duration")]
    pub refresh_idle: Duration,
    /// An offline grant ends so long after sign-in, whatever its use.
    #[serde(with = "duration")]
    pub refresh_absolute: Duration,
}

impl Default for Tokens {
    fn default() -> Self {
        Self {
            code: Duration::from_secs(60),
            access: Duration::from_secs(600),
            id: Duration::from_secs(3600),
            refresh_idle: Duration::from_secs(30 * 86_400),
            refresh_absolute: Duration::from_secs(180 * 86_400),
        }
    }
}

/// `[brand]`
#[derive(Debug, Clone, Deserialize)]
#[serde(default)]
pub struct Brand {
    /// Name of the portal.
    pub name: String,
    /// Default language.
    pub locale: Locale,
    /// Where people find help; default the built-in page.
    pub help_url: Option<Url>,
    /// Address of the assistance, shown on error and contact pages.
    pub support_email: Option<String>,
    /// A document that says what is new, shown on the help page (EF-05).
    pub news_url: Option<Url>,
    /// Lines of assistance for different people, shown on the contact page (FA-34).
    pub contacts: Vec<Contact>,
}

impl Default for Brand {
    fn default() -> Self {
        Self { name: "Guichet".into(), locale: Locale::Fr, help_url: None, support_email: None, news_url: None, contacts: Vec::new() }
    }
}

/// `[[brand.contacts]]`
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Contact {
    /// For whom.
    pub label: String,
    /// Address.
    pub email: Option<String>,
    /// Phone, as printed.
    pub phone: Option<String>,
    /// Opening hours, as printed.
    pub hours: Option<String>,
}

/// `[limits]`: requests per minute and address, per class of route, on each node. 0 switches one off.
#[derive(Debug, Clone, Deserialize)]
#[serde(default)]
pub struct Limits {
    /// Pages.
    pub pages: u32,
    /// Forms that check a secret or send mail.
    pub credentials: u32,
    /// Protocol endpoints called by services. One address may be that of many services, or of a proxy.
    pub protocol: u32,
    /// Requests for tokens of one client that has proved who it is, whatever its addresses.
    pub client: u32,
    /// Codes sent per address: per hour and per day.
    pub codes_per_hour: i64,
    /// See `codes_per_hour`.
    pub codes_per_day: i64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { pages: 600, credentials: 60, protocol: 6_000, client: 600, codes_per_hour: 5, codes_per_day: 10 }
    }
}

/// `[passwords]`
#[derive(Debug, Clone, Deserialize)]
#[serde(default)]
pub struct Passwords {
    /// Argon2id memory, KiB.
    pub memory: u32,
    /// Argon2id passes.
    pub passes: u32,
    /// Hashes at a time; 0 means one per core.
    pub parallel: usize,
    /// Hashes that may wait; more answer 503.
    pub queue: usize,
    /// Shortest password, in characters.
    pub min_length: usize,
}

impl Default for Passwords {
    fn default() -> Self {
        Self { memory: 19_456, passes: 2, parallel: 0, queue: 64, min_length: 12 }
    }
}

/// `[passkeys]`
#[derive(Debug, Clone, Deserialize, Default)]
#[serde(default)]
pub struct Passkeys {
    /// What passkeys are bound to; default the host of the issuer. Fixed by the first start.
    pub rp_id: Option<String>,
}

/// `[audit]`
#[derive(Debug, Clone, Deserialize)]
#[serde(default)]
pub struct Audit {
    /// How long events are kept.
    #[serde(with = "duration")]
    pub keep: Duration,
}

impl Default for Audit {
    fn default() -> Self {
        Self { keep: Duration::from_secs(366 * 86_400) }
    }
}

/// `[log]`
#[derive(Debug, Clone, Deserialize)]
#[serde(default)]
pub struct Log {
    /// Filter, as `info` or `guichet=debug,info`.
    pub level: String,
    /// One JSON object a line rather than text.
    pub json: bool,
}

/// `[traces]`: OpenTelemetry, over OTLP with HTTP and protobuf.
#[derive(Debug, Clone, Deserialize)]
#[serde(default)]
pub struct Traces {
    /// Where spans are sent, as `http://127.0.0.1:4318/v1/traces`; none are made without it.
    pub endpoint: Option<Url>,
    /// Share of the requests that are traced, from 0 to 1, unless a trusted proxy has decided.
    pub ratio: f64,
}

impl Default for Traces {
    fn default() -> Self {
        Self { endpoint: None, ratio: 1.0 }
    }
}

impl Default for Log {
    fn default() -> Self {
        Self { level: "info".into(), json: true }
    }
}

impl Keys {
    /// The file that holds the master key, unless it is given itself.
    pub fn file(&self, database: &Database) -> PathBuf {
        self.master_key_file.clone().unwrap_or_else(|| database.folder.join("master.key"))
    }
}

impl Database {
    /// Where the data is.
    pub fn location(&self) -> crate::db::Location {
        match &self.url {
            Some(url) => crate::db::Location::Postgres { url: url.expose().to_owned(), connections: self.connections },
            None => crate::db::Location::Sqlite { path: self.folder.join("guichet.db"), readers: self.connections },
        }
    }
}

impl Server {
    /// Trusted proxies; what is not an address or block was refused by validation.
    pub fn proxies(&self) -> Vec<ipnet::IpNet> {
        let parse = |t: &String| t.parse().ok().or_else(|| t.parse::<IpAddr>().ok().map(ipnet::IpNet::from));
        self.trusted_proxies.iter().filter_map(parse).collect()
    }
}
