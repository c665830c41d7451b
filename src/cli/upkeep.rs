//! `guichet migrate`, `doctor` and `backup`: the database as it stands, without its keys.

use std::process::ExitCode;

use serde_json::{Value, json};

use super::args::{Backup, Migrate};
use super::out::{Failure, Out, list, message, table};
use crate::audit::chain::store::count_unsealed;
use crate::base::Timestamp;
use crate::base::clock::{Clock, SystemClock};
use crate::config::Config;
use crate::crypto::store::list_keys;
use crate::db::{self, BackupError, Db, Location, MIGRATIONS, lease};
use crate::jobs::store::{DeadRow, dead, standing};
use crate::oidc::notice;

const DEAD_SHOWN: i64 = 20;

/// Opens a database that exists; an embedded one is never made here.
pub async fn open(config: &Config) -> Result<Db, Failure> {
    let location = config.database.location();
    if let Location::Sqlite { path, .. } = &location
        && !path.exists()
    {
        let advice = "`guichet serve`, `migrate` or `apply` make it";
        return Err(Failure::NotFound(format!("no database at {}\n  → {advice}", path.display())));
    }
    Ok(Db::open(&location).await?)
}

/// `PostgreSQL` or `SQLite data/guichet.db`; never the URL, which holds a password.
pub fn engine(config: &Config) -> String {
    match config.database.location() {
        Location::Sqlite { path, .. } => format!("SQLite {}", path.display()),
        Location::Postgres { url, .. } => {
            let host = url::Url::parse(&url).ok().and_then(|u| u.host_str().map(|h| format!(" on {h}{}", u.path())));
            format!("PostgreSQL{}", host.unwrap_or_default())
        }
    }
}

pub async fn migrate(out: Out, config: &Config, args: &Migrate) -> Result<(), Failure> {
    let location = config.database.location();
    let new = matches!(&location, Location::Sqlite { path, .. } if !path.exists());
    if new && !args.dry_run && config.keys.master_key.is_none() && !config.keys.file(&config.database).exists() {
        return Err(Failure::Refused(
            "no master key yet: what would fill the database could not be opened\n  → `guichet init` makes one".to_owned(),
        ));
    }
    let status = if new && args.dry_run {
        db::MigrationStatus { current: 0, pending: MIGRATIONS.iter().map(|s| (s.version, s.name)).collect() }
    } else {
        if let Location::Sqlite { path, .. } = &location
            && let Some(folder) = path.parent()
        {
            std::fs::create_dir_all(folder).map_err(|e| Failure::Error(format!("{}: {e}", folder.display())))?;
        }
        let db = Db::open(&location).await?;
        let status = if args.dry_run { db.migration_status().await } else { db.migrate().await };
        db.close().await;
        status?
    };
    let pending: Vec<Value> = status.pending.iter().map(|(v, name)| json!({ "version": v, "name": name })).collect();
    let data = json!({ "dry_run": args.dry_run, "from": status.current, "migrations": pending });
    out.data(&data, || {
        if status.pending.is_empty() {
            return format!("the schema is up to date, at version {}", status.current);
        }
        let verb = if args.dry_run { "would run" } else { "ran" };
        status.pending.iter().map(|(v, name)| format!("{verb} {v:04} {name}")).collect::<Vec<_>>().join("\n")
    });
    Ok(())
}

pub async fn backup(out: Out, config: &Config, args: &Backup) -> Result<(), Failure> {
    let db = open(config).await?;
    let copied = db.backup(&args.file).await;
    db.close().await;
    copied.map_err(|e| match e {
        BackupError::NotEmbedded | BackupError::Exists(_) => Failure::Refused(e.to_string()),
        BackupError::Io(e) => Failure::Error(format!("{}: {e}", args.file.display())),
        BackupError::Db(e) => e.into(),
    })?;
    let size = std::fs::metadata(&args.file).map(|m| m.len()).unwrap_or(0);
    out.data(&json!({ "file": args.file, "bytes": size }), || format!("{}  {}", args.file.display(), bytes(size)));
    message("The copy opens only with the master key: keep that too, elsewhere.");
    Ok(())
}

pub async fn doctor(out: Out, config: &Config) -> Result<ExitCode, Failure> {
    let db = open(config).await?;
    let state = examine(&db).await;
    db.close().await;
    let state = state?;
    let now = SystemClock.now();
    out.data(&state.data(config, now), || state.text(config, now));
    Ok(ExitCode::SUCCESS)
}

struct State {
    size: i64,
    schema: i64,
    pending_migrations: usize,
    outbox: crate::jobs::store::Standing,
    dead: Vec<DeadRow>,
    notices: Vec<notice::store::Standing>,
    keys: Vec<crate::crypto::store::StoredKey>,
    unsealed: i64,
    leases: Vec<lease::Lease>,
}

async fn examine(db: &Db) -> Result<State, Failure> {
    let status = db.migration_status().await?;
    if status.current == 0 {
        return Err(Failure::NotFound("the database is empty\n  → `guichet migrate`".to_owned()));
    }
    let mut read = db.read().await?;
    let state = State {
        size: db.size().await?,
        schema: status.current,
        pending_migrations: status.pending.len(),
        outbox: standing(&mut read).await?,
        dead: dead(&mut read, DEAD_SHOWN).await?,
        notices: notice::store::standing(&mut read).await?,
        keys: list_keys(&mut read).await?,
        unsealed: count_unsealed(&mut read).await?,
        leases: lease::list(&mut read).await?,
    };
    Ok(state)
}

impl State {
    fn data(&self, config: &Config, now: Timestamp) -> Value {
        let dead: Vec<Value> = self.dead.iter().map(|d| {
            json!({ "id": d.id, "kind": d.kind, "attempts": d.attempts, "last_error": d.last_error, "at": Timestamp::from_millis(d.run_at).to_string() })
        }).collect();
        let keys: Vec<Value> = self
            .keys
            .iter()
            .map(
                |k| json!({ "alg": k.alg.name(), "state": k.state.name(), "kid": k.kid, "age_seconds": now.since(k.created_at).as_secs() }),
            )
            .collect();
        let leases: Vec<Value> =
            self.leases.iter().map(|l| json!({ "name": l.name, "holder": l.holder, "until": l.until.to_string() })).collect();
        let notices: Vec<Value> = self
            .notices
            .iter()
            .map(|n| json!({ "client_id": n.client_id, "pending": n.pending, "oldest": n.oldest.map(|t| t.to_string()), "dead": n.dead }))
            .collect();
        json!({
            "database": { "engine": engine(config), "bytes": self.size, "schema": self.schema, "pending_migrations": self.pending_migrations },
            "outbox": { "pending": self.outbox.pending, "oldest": self.outbox.oldest.map(|t| t.to_string()), "dead": self.outbox.dead, "dead_letters": dead },
            "notices": notices,
            "keys": keys,
            "audit": { "unsealed": self.unsealed },
            "leases": leases,
        })
    }

    fn text(&self, config: &Config, now: Timestamp) -> String {
        let size = format!("{}, {}", engine(config), bytes(self.size.unsigned_abs()));
        let schema = match self.pending_migrations {
            0 => format!("version {}", self.schema),
            n => format!("version {}, {n} to run: `guichet migrate`", self.schema),
        };
        let waits = self.outbox.oldest.map(|t| format!(", the oldest for {}", age(now, t))).unwrap_or_default();
        let mut parts = vec![list(&[
            ("database", size),
            ("schema", schema),
            ("outbox", format!("{} to do{waits}; {} given up", self.outbox.pending, self.outbox.dead)),
            ("audit", format!("{} events to chain", self.unsealed)),
            ("worker", self.worker(now)),
        ])];
        let keys = self.keys.iter().map(|k| vec![k.alg.name().into(), k.state.name().into(), k.kid.clone(), age(now, k.created_at)]);
        parts.push(table(&["ALG", "STATE", "KID", "AGE"], &keys.collect::<Vec<_>>()));
        if !self.notices.is_empty() {
            let rows = self.notices.iter().map(|n| {
                vec![n.client_id.clone(), n.pending.to_string(), n.oldest.map(|t| age(now, t)).unwrap_or_default(), n.dead.to_string()]
            });
            parts.push(table(&["NOTICES TO", "TO SEND", "OLDEST", "GIVEN UP"], &rows.collect::<Vec<_>>()));
        }
        if !self.dead.is_empty() {
            let rows = self.dead.iter().map(|d| {
                let why = d.last_error.clone().unwrap_or_default();
                vec![Timestamp::from_millis(d.run_at).to_string(), d.kind.clone(), d.attempts.to_string(), why]
            });
            parts.push(table(&["GIVEN UP", "KIND", "TRIES", "LAST ERROR"], &rows.collect::<Vec<_>>()));
        }
        parts.join("\n\n")
    }

    /// A worker claims these rounds every minute or so.
    fn worker(&self, now: Timestamp) -> String {
        let rounds = self.leases.iter().filter(|l| ["audit.seal", "purge"].contains(&l.name.as_str()));
        match rounds.map(|l| l.until).max() {
            None => "has never run".to_owned(),
            Some(last) if now.since(last).as_secs() < 120 => "at work".to_owned(),
            Some(last) => format!("last seen {} ago", age(now, last)),
        }
    }
}

fn age(now: Timestamp, then: Timestamp) -> String {
    let s = now.since(then).as_secs();
    match s {
        0..120 => format!("{s} s"),
        120..7_200 => format!("{} min", s / 60),
        7_200..172_800 => format!("{} h", s / 3_600),
        _ => format!("{} days", s / 86_400),
    }
}

/// Bytes for people.
pub fn bytes(n: u64) -> String {
    match n {
        0..10_000 => format!("{n} B"),
        10_000..10_000_000 => format!("{} kB", n / 1_000),
        10_000_000..10_000_000_000 => format!("{} MB", n / 1_000_000),
        _ => format!("{} GB", n / 1_000_000_000),
    }
}
