//! `guichet restore`: a backup is put in place only once it is known to be whole, ours, and opened by the master key.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use serde_json::json;

use super::args::Restore;
use super::out::{Failure, Out};
use super::upkeep::bytes;
use crate::base::clock::SystemClock;
use crate::base::rng::SystemRng;
use crate::base::{Actor, Ctx};
use crate::config::Config;
use crate::crypto::keys::{Keys, MasterKey};
use crate::db::{Db, Location};

pub async fn run(out: Out, config: &Config, args: &Restore) -> Result<(), Failure> {
    let Location::Sqlite { path, .. } = config.database.location() else {
        return Err(Failure::Refused("the data is on a PostgreSQL server: use its own tools, as `pg_restore`".to_owned()));
    };
    // A log left by another database would be replayed into this one.
    for there in [path.clone(), beside(&path, "-wal"), beside(&path, "-shm")] {
        if there.exists() {
            let advice = "stop the server, then move the present database and its -wal and -shm files away";
            return Err(Failure::Refused(format!("{} exists already\n  → {advice}", there.display())));
        }
    }
    let master = master_key(config)?;
    let copy = beside(&path, ".part");
    let result = put(args, &master, &path, &copy).await;
    for left in [copy.clone(), beside(&copy, "-wal"), beside(&copy, "-shm")] {
        let _ = std::fs::remove_file(left);
    }
    let size = result?;
    out.data(&json!({ "database": path, "bytes": size }), || format!("{}  {}", path.display(), bytes(size)));
    Ok(())
}

fn master_key(config: &Config) -> Result<MasterKey, Failure> {
    let key = match &config.keys.master_key {
        Some(text) => MasterKey::from_text(text.expose()),
        None => MasterKey::from_file(&config.keys.file(&config.database)),
    };
    key.map_err(|e| Failure::Error(format!("{e}\n  → put the master key of this backup in place first")))
}

async fn put(args: &Restore, master: &MasterKey, path: &Path, copy: &Path) -> Result<u64, Failure> {
    let said = |e: std::io::Error| match e.kind() {
        std::io::ErrorKind::NotFound => Failure::NotFound(format!("{}: {e}", args.file.display())),
        _ => Failure::Error(format!("{}: {e}", args.file.display())),
    };
    let mut from = std::fs::File::open(&args.file).map_err(said)?;
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(said)?;
    }
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    let mut to = options.open(copy).map_err(|e| Failure::Error(format!("{}: {e}", copy.display())))?;
    let size = std::io::copy(&mut from, &mut to).and_then(|n| to.sync_all().map(|()| n)).map_err(said)?;
    let db = Db::open(&Location::Sqlite { path: copy.to_owned(), readers: 1 }).await.map_err(|e| not_ours(args, &e.to_string()))?;
    let examined = examine(args, &db, master).await;
    db.close().await;
    examined?;
    std::fs::rename(copy, path).map_err(|e| Failure::Error(format!("{}: {e}", path.display())))?;
    Ok(size)
}

async fn examine(args: &Restore, db: &Db, master: &MasterKey) -> Result<(), Failure> {
    let status = db.migration_status().await.map_err(|e| not_ours(args, &e.to_string()))?;
    if !db.is_whole().await.is_ok_and(|whole| whole) {
        return Err(not_ours(args, "damaged"));
    }
    if status.current == 0 || !Keys::exist(&mut db.read().await?).await.map_err(Failure::error)? {
        return Err(not_ours(args, "it holds no data of Guichet"));
    }
    let ctx = Ctx::internal(std::sync::Arc::new(SystemClock), std::sync::Arc::new(SystemRng), Actor::Operator);
    Keys::open(db, master, &ctx).await.map_err(Failure::error)?;
    Ok(())
}

fn not_ours(args: &Restore, why: &str) -> Failure {
    Failure::Error(format!("{}: not a usable backup: {why}", args.file.display()))
}

/// `guichet.db` → `guichet.db-wal`
fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(suffix);
    PathBuf::from(name)
}
