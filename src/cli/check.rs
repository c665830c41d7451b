//! `guichet check`: one line for each thing that must be in place. Nothing is written anywhere.

mod upstream;

use std::path::Path;
use std::process::ExitCode;

use serde::Serialize;

use super::args::Check;
use super::out::{Failure, Out};
use super::upkeep::{bytes, engine};
use crate::audit::store::latest;
use crate::base::clock::{Clock, SystemClock};
use crate::base::{Ctx, Timestamp};
use crate::config::{self, Config, Environment};
use crate::crypto::keyring::{KeyState, Keyring};
use crate::crypto::keys::{Keys, MasterKey};
use crate::crypto::{Algorithm, store};
use crate::db::{Db, Location};
use crate::mail::send::Mailer;
use crate::sms::gateway::Gateway;

/// A clock before this was never set: 2025-01-01.
const EPOCH: Timestamp = Timestamp::from_secs(1_735_689_600);

/// The clock may stand so much before the last event of the trail.
const SKEW: i64 = 5_000;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
enum Level {
    Ok,
    Warning,
    Error,
}

#[derive(Debug, Serialize)]
struct Line {
    level: Level,
    subject: &'static str,
    text: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    advice: Option<String>,
}

#[derive(Debug, Default)]
struct Findings(Vec<Line>);

impl Findings {
    fn add(&mut self, level: Level, subject: &'static str, text: impl Into<String>, advice: &str) {
        let advice = Some(advice.to_owned()).filter(|a| !a.is_empty());
        self.0.push(Line { level, subject, text: text.into(), advice });
    }

    fn ok(&mut self, subject: &'static str, text: impl Into<String>) {
        self.add(Level::Ok, subject, text, "");
    }

    fn warning(&mut self, subject: &'static str, text: impl Into<String>, advice: &str) {
        self.add(Level::Warning, subject, text, advice);
    }

    fn error(&mut self, subject: &'static str, text: impl Into<String>, advice: &str) {
        self.add(Level::Error, subject, text, advice);
    }
}

pub async fn run(out: Out, file: Option<&Path>, args: &Check) -> Result<ExitCode, Failure> {
    let mut found = Findings::default();
    if let Some(config) = configuration(&mut found, file) {
        let master = master_key(&mut found, &config);
        database(&mut found, &config, master.as_ref()).await;
        mail(&mut found, &config, args.mail).await;
        sms(&mut found, &config);
    }
    let worst = found.0.iter().map(|l| l.level).max();
    out.data(&found.0, || text(&found.0));
    Ok(if worst == Some(Level::Error) { ExitCode::from(1) } else { ExitCode::SUCCESS })
}

fn text(lines: &[Line]) -> String {
    let mut out = Vec::with_capacity(lines.len());
    for line in lines {
        let level = match line.level {
            Level::Ok => "ok",
            Level::Warning => "warning",
            Level::Error => "error",
        };
        out.push(format!("{level:<8} {:<14} {}", line.subject, line.text));
        out.extend(line.advice.iter().map(|a| format!("{:<24}→ {a}", "")));
    }
    out.join("\n")
}

fn configuration(found: &mut Findings, file: Option<&Path>) -> Option<Config> {
    let read = config::file(file);
    let name = read.as_ref().map_or_else(|| "defaults (no file)".to_owned(), |f| f.display().to_string());
    let config = match config::load(file, config::environment()) {
        Ok(config) => config,
        Err(e) => {
            for fault in &e.faults {
                let alone = config::document::Fault { advice: None, ..fault.clone() };
                found.error("configuration", alone.display(&name).to_string(), fault.advice.as_deref().unwrap_or(""));
            }
            return None;
        }
    };
    found.ok("configuration", name);
    let (server, issuer) = (&config.server, config.server.issuer.as_str().trim_end_matches('/'));
    match server.environment {
        Environment::Production => found.ok("issuer", issuer),
        Environment::Test | Environment::Demo => {
            let text = format!("{issuer}, environment \"{}\"", server.environment.name());
            found.warning("issuer", text, "for the real thing, set server.issuer to the public https address of the hub");
        }
    }
    if server.environment == Environment::Production && server.trusted_proxies.is_empty() {
        let advice = "name the reverse proxy that ends TLS in server.trusted_proxies, or limits will take everybody for it";
        found.warning("proxies", "none is trusted", advice);
    }
    Some(config)
}

fn master_key(found: &mut Findings, config: &Config) -> Option<MasterKey> {
    if let Some(text) = &config.keys.master_key {
        return match MasterKey::from_text(text.expose()) {
            Ok(key) => {
                found.ok("master key", "from keys.master_key");
                Some(key)
            }
            Err(e) => {
                found.error("master key", e.to_string(), "");
                None
            }
        };
    }
    let file = config.keys.file(&config.database);
    let new = matches!(config.database.location(), Location::Sqlite { path, .. } if !path.exists());
    if !file.exists() && new {
        found.warning("master key", format!("none yet at {}", file.display()), "`guichet init` makes it, or the first `guichet serve`");
        return None;
    }
    match MasterKey::from_file(&file) {
        Ok(key) => {
            found.ok("master key", file.display().to_string());
            Some(key)
        }
        Err(e) => {
            found.error("master key", e.to_string(), "put the file back with mode 600: nothing in the database opens without it");
            None
        }
    }
}

async fn database(found: &mut Findings, config: &Config, master: Option<&MasterKey>) {
    let location = config.database.location();
    if let Location::Sqlite { path, .. } = &location
        && !path.exists()
    {
        let text = format!("none yet at {}", path.display());
        return found.warning("database", text, "`guichet serve`, `migrate` or `apply` make it");
    }
    let db = match Db::open(&location).await {
        Ok(db) => db,
        Err(e) => return found.error("database", format!("{}: {e}", engine(config)), ""),
    };
    match db.size().await {
        Ok(size) => found.ok("database", format!("{}, {}", engine(config), bytes(size.unsigned_abs()))),
        Err(e) => found.error("database", format!("{}: {e}", engine(config)), ""),
    }
    match db.migration_status().await {
        Ok(status) if status.current == 0 => found.warning("schema", "empty", "`guichet serve` or `migrate` fill it"),
        Ok(status) if status.pending.is_empty() => found.ok("schema", format!("version {}", status.current)),
        Ok(status) => {
            let text = format!("version {}, {} to run", status.current, status.pending.len());
            found.warning("schema", text, "`guichet migrate`");
        }
        Err(e) => found.error("schema", e.to_string(), "run the version of Guichet that last served this database, or a later one"),
    }
    let filled = db.migration_status().await.is_ok_and(|s| s.pending.is_empty());
    if filled {
        if let Some(master) = master {
            keys(found, &db, master).await;
            upstream::providers(found, config, &db, master).await;
        }
        clock(found, &db).await;
    }
    db.close().await;
}

async fn keys(found: &mut Findings, db: &Db, master: &MasterKey) {
    match open_keyring(db, master).await {
        Ok(None) => found.warning("signing keys", "none yet", "`guichet serve` makes them"),
        Ok(Some((ring, count))) if ring.signing(Algorithm::ES256).is_some() => {
            found.ok("signing keys", format!("{count} open, {} sign", signing(&ring)));
        }
        Ok(Some(_)) => found.error("signing keys", "none signs with ES256", "`guichet serve` makes it"),
        Err(e) => found.error("signing keys", e, ""),
    }
}

fn ctx() -> Ctx {
    Ctx::internal(std::sync::Arc::new(SystemClock), std::sync::Arc::new(crate::base::rng::SystemRng), crate::base::Actor::Operator)
}

async fn open_keyring(db: &Db, master: &MasterKey) -> Result<Option<(Keyring, usize)>, String> {
    let mut read = db.read().await.map_err(|e| e.to_string())?;
    if !Keys::exist(&mut read).await.map_err(|e| e.to_string())? {
        return Ok(None);
    }
    let keys = Keys::open(db, master, &ctx()).await.map_err(|e| e.to_string())?;
    let stored = store::list_keys(&mut read).await.map_err(|e| e.to_string())?;
    if !stored.iter().any(|k| k.state == KeyState::Active) {
        return Ok(None);
    }
    let ring = Keyring::load(&mut read, &keys.rest).await.map_err(|e| e.to_string())?;
    Ok(Some((ring, stored.len())))
}

fn signing(ring: &Keyring) -> String {
    let names: Vec<&str> = Algorithm::ALL.into_iter().filter(|a| ring.signing(*a).is_some()).map(Algorithm::name).collect();
    names.join(", ")
}

async fn clock(found: &mut Findings, db: &Db) {
    let now = SystemClock.now();
    let last = match db.read().await {
        Ok(mut read) => latest(&mut read).await,
        Err(e) => Err(e),
    };
    match last {
        _ if now < EPOCH => found.error("clock", format!("{now} cannot be"), "set the clock of this machine (NTP)"),
        Ok(Some(last)) if last.millis() > now.millis() + SKEW => {
            let text = format!("{now}, before the last event of the trail at {last}");
            found.error("clock", text, "set the clocks of the machines that share this database (NTP)");
        }
        Ok(_) => found.ok("clock", now.to_string()),
        Err(e) => found.error("clock", e.to_string(), ""),
    }
}

/// The gateway of short messages is not tried: that would send one.
fn sms(found: &mut Findings, config: &Config) {
    match Gateway::new(&config.sms) {
        Ok(Some(_)) => found.ok("sms", format!("through {}", config.sms.url.as_ref().and_then(url::Url::host_str).unwrap_or_default())),
        Ok(None) => found.ok("sms", "no gateway: nobody is offered a first sign-in by SMS"),
        Err(e) => found.error("sms", e.to_string(), "see [sms]"),
    }
}

async fn mail(found: &mut Findings, config: &Config, connect: bool) {
    let mailer = match Mailer::new(config) {
        Ok(mailer) => mailer,
        Err(e) => return found.error("mail", e.to_string(), ""),
    };
    if !mailer.can_send() {
        return found.warning("mail", "no relay", "without [[mail.relays]] nobody can receive a code");
    }
    if config.mail.from == config::Mail::default().from {
        found.warning("mail", format!("sent as {}", config.mail.from), "set mail.from to an address of yours");
    }
    if !connect {
        return found.ok("mail", format!("{} relays, not tried (--mail tries them)", config.mail.relays.len()));
    }
    for (relay, answer) in mailer.probe().await {
        match answer {
            Ok(()) => found.ok("mail", format!("{relay} answers")),
            Err(e) => found.error("mail", format!("{relay} does not let us in: {e}"), "see [[mail.relays]]"),
        }
    }
}
