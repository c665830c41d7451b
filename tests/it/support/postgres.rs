//! A private PostgreSQL cluster: started by the first test that needs it, shared by every test process with the same
//! parent (the test runner), stopped when that parent ends.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use guichet::db::{Db, Location};

/// Initialises and starts a cluster in `$1`, then waits for process `$2` to end. As root, PostgreSQL runs as `postgres`.
const START: &str = r#"
set -e
dir=$1 parent=$2
bin=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1)
[ -n "$bin" ] || bin=$(dirname "$(command -v initdb)")
as=""
if [ "$(id -u)" = 0 ]; then as="runuser -u postgres --"; chown postgres "$dir"; fi
cd "$dir"
$as "$bin/initdb" -D "$dir/data" -U postgres --auth=trust --no-sync --locale=C -E UTF8 >"$dir/initdb.log" 2>&1
$as "$bin/pg_ctl" -D "$dir/data" -w -t 60 -l "$dir/log" -o "-F -k $dir -c listen_addresses='' -c max_connections=400 -c shared_buffers=64MB -c max_wal_size=128MB" start >/dev/null
touch "$dir/ready"
while kill -0 "$parent" 2>/dev/null; do sleep 1; done
$as "$bin/pg_ctl" -D "$dir/data" -m immediate stop >/dev/null 2>&1 || true
rm -rf "$dir"
"#;

fn folder() -> PathBuf {
    std::env::temp_dir().join(format!("guichet-pg-{}", std::os::unix::process::parent_id()))
}

async fn cluster() -> PathBuf {
    let dir = folder();
    if std::fs::create_dir(&dir).is_ok() {
        let parent = std::os::unix::process::parent_id().to_string();
        // `--fork` answers at once; the cluster outlives this process when other test processes use it.
        let started = Command::new("setsid")
            .args(["--fork", "sh", "-c", START, "sh"])
            .arg(&dir)
            .arg(parent)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(std::fs::File::create(dir.join("start.log")).unwrap())
            .status();
        assert!(started.is_ok_and(|s| s.success()), "setsid starts");
    }
    wait_for(&dir, &dir.join("ready")).await;
    dir
}

fn said(dir: &Path) -> String {
    ["start.log", "initdb.log", "log"].iter().filter_map(|f| std::fs::read_to_string(dir.join(f)).ok()).collect()
}

/// A database of its own in the shared cluster, which goes with this value: several hundred would fill a small disk.
pub struct Database {
    dir: PathBuf,
    name: String,
}

impl Database {
    /// Without any table.
    pub async fn empty() -> Self {
        Self::like(cluster().await, "template1")
    }

    /// With the tables of Guichet.
    pub async fn migrated() -> Self {
        let dir = cluster().await;
        once(&dir, TEMPLATE, async || {
            ask(&dir, &format!("CREATE DATABASE {TEMPLATE}"));
            let db = Db::open(&Location::Postgres { url: address(&dir, TEMPLATE), connections: 1 }).await.unwrap();
            db.migrate().await.unwrap();
            db.close().await;
        })
        .await;
        Self::like(dir, TEMPLATE)
    }

    fn like(dir: PathBuf, template: &str) -> Self {
        static NUMBER: AtomicU64 = AtomicU64::new(0);
        let name = format!("t{}_{}", std::process::id(), NUMBER.fetch_add(1, Ordering::SeqCst));
        ask(&dir, &format!("CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy"));
        Self { dir, name }
    }

    /// Where to connect.
    pub fn url(&self) -> String {
        address(&self.dir, &self.name)
    }

    /// Takes the database away, or gives it back.
    pub fn refuse_connections(&self, refuse: bool) {
        let Self { dir, name } = self;
        ask(dir, &format!("ALTER DATABASE {name} ALLOW_CONNECTIONS {}", !refuse));
        if refuse {
            ask(dir, &format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"));
        }
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        ask(&self.dir, &format!("DROP DATABASE {} WITH (FORCE)", self.name));
    }
}

/// What new databases are copied from.
const TEMPLATE: &str = "guichet";

fn address(dir: &Path, name: &str) -> String {
    format!("postgres://postgres@localhost/{name}?host={}", dir.display())
}

/// Does something in one of the test processes; the others wait for it.
async fn once(dir: &Path, what: &str, work: impl AsyncFnOnce()) {
    let done = dir.join(format!("{what}.done"));
    if std::fs::create_dir(dir.join(what)).is_ok() {
        work().await;
        std::fs::write(&done, "").unwrap();
    }
    wait_for(dir, &done).await;
}

async fn wait_for(dir: &Path, file: &Path) {
    for _ in 0..600 {
        if file.exists() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("PostgreSQL did not start: {}", said(dir));
}

fn ask(dir: &Path, statement: &str) {
    let asked = Command::new("psql")
        .args(["-q", "-X", "-U", "postgres", "-d", "postgres", "-h"])
        .arg(dir)
        .args(["-c", statement])
        .output()
        .expect("psql runs");
    assert!(asked.status.success(), "{}", String::from_utf8_lossy(&asked.stderr));
}
