//! A private PostgreSQL cluster on the servers' core, durable, gone with the run.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, bail};

use crate::process::{self, Owned};

/// Initialises a cluster in `$1`/pg and becomes its server. As root, PostgreSQL runs as `postgres`.
const START: &str = r#"
set -e
dir=$1
bin=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1)
[ -n "$bin" ] || bin=$(dirname "$(command -v initdb)")
as=""
if [ "$(id -u)" = 0 ]; then as="setpriv --reuid=postgres --regid=postgres --init-groups --"; chown postgres "$dir"; fi
cd "$dir"
$as "$bin/initdb" -D "$dir/data" -U postgres --auth=trust --no-sync --locale=C -E UTF8 >"$dir/initdb.log" 2>&1
exec $as "$bin/postgres" -D "$dir/data" -k "$dir" -c listen_addresses='' -c shared_buffers=256MB
"#;

/// A running cluster.
pub struct Cluster {
    process: Owned,
    folder: PathBuf,
}

impl Cluster {
    /// Starts one below `folder`, with an empty database.
    pub async fn start(folder: &Path) -> Result<Self> {
        let folder = folder.join("pg");
        std::fs::create_dir_all(&folder)?;
        let log = std::fs::File::create(folder.join("log"))?;
        let mut command = process::on_server_core("sh");
        command.args(["-c", START, "sh"]).arg(&folder).stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log);
        let process = Owned::new(command.spawn()?);
        let mut cluster = Self { process, folder };
        for _ in 0..300 {
            if cluster.psql("CREATE DATABASE guichet").is_ok() {
                return Ok(cluster);
            }
            if cluster.process.ended() {
                break;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        bail!("PostgreSQL did not start: {}", std::fs::read_to_string(cluster.folder.join("log")).unwrap_or_default())
    }

    /// Its version.
    pub fn version(&self) -> Result<String> {
        self.psql("SHOW server_version")
    }

    /// `psql` on one of its databases, stopping at the first error.
    pub fn client(&self, database: &str) -> Command {
        let mut command = Command::new("psql");
        command.args(["-q", "-t", "-A", "-X", "-v", "ON_ERROR_STOP=1", "-U", "postgres", "-d", database, "-h"]).arg(&self.folder);
        command
    }

    /// Drops the hub's database and makes an empty one.
    pub fn afresh(&self) -> Result<()> {
        self.psql("DROP DATABASE guichet WITH (FORCE)")?;
        self.psql("CREATE DATABASE guichet").map(drop)
    }

    fn psql(&self, statement: &str) -> Result<String> {
        let output = self.client("postgres").args(["-c", statement]).output().context("psql")?;
        if !output.status.success() {
            bail!("{}", String::from_utf8_lossy(&output.stderr));
        }
        Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
    }

    /// Address of the database.
    pub fn url(&self) -> String {
        format!("postgres://postgres@localhost/guichet?host={}", self.folder.display())
    }

    /// The server's processes now.
    pub fn pids(&self) -> Vec<u32> {
        process::family(self.process.pid())
    }
}
