//! The hub as an operator runs it: a release binary, a configuration file, a declaration, a data folder of its own.

use std::fs::{self, File};
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::http::{Connection, request};
use crate::process::{self, Owned};
use crate::upstream::Upstream;
use crate::{card, site};

/// Argon2id of the run: the hub's defaults. KiB and passes.
pub const HASH: (u32, u32) = (19_456, 2);

/// A hub that is not running, with its data in place.
pub struct Hub {
    binary: PathBuf,
    folder: PathBuf,
    address: SocketAddr,
}

/// A running hub.
pub struct Running {
    /// The process.
    pub process: Owned,
    /// Where it listens.
    pub address: SocketAddr,
    /// From its start to the first 200 on discovery.
    pub ready_in: Duration,
}

/// A port nobody listens on now.
pub fn free_port() -> Result<u16> {
    Ok(TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
}

impl Hub {
    /// Writes the configuration. `database` is the address of a PostgreSQL database, or none for the embedded one.
    pub fn new(binary: &Path, folder: &Path, database: Option<&str>) -> Result<Self> {
        let (port, admin) = (free_port()?, free_port()?);
        let data = folder.join("data");
        fs::create_dir_all(&data)?;
        // With a database server the hub makes no master key by itself.
        let mut key = [0; 32];
        aws_lc_rs::rand::fill(&mut key).ok().context("randomness")?;
        let key = URL_SAFE_NO_PAD.encode(key);
        let url = database.map_or_else(String::new, |url| format!("url = \"{url}\"\n\n[keys]\nmaster_key = \"{key}\"\n"));
        let (memory, passes) = HASH;
        // Limits of requests and tries are off: one address plays everybody. All the rest is as by default.
        let config = format!(
            r#"[server]
issuer = "http://localhost:{port}"
listen = "127.0.0.1:{port}"
admin_listen = "127.0.0.1:{admin}"
environment = "demo"

[database]
folder = "{}"
{url}
[passwords]
memory = {memory}
passes = {passes}

[limits]
pages = 0
credentials = 0
protocol = 0
client = 0
codes_per_hour = 1000000
codes_per_day = 1000000

[tokens]
access = "2h"
"#,
            data.display()
        );
        fs::write(folder.join("guichet.toml"), config)?;
        let address = SocketAddr::from(([127, 0, 0, 1], port));
        Ok(Self { binary: binary.to_owned(), folder: folder.to_owned(), address })
    }

    /// Puts clients and people in place.
    pub fn apply(&self, people: usize, upstream: &Upstream) -> Result<()> {
        self.declare(&(site::declaration(people) + &upstream.declaration()))?;
        fs::write(self.folder.join("cards.csv"), card::file(people))?;
        self.command(&["card", "import", "cards.csv"])?;
        let serials: Vec<String> = (0..people).map(card::serial).collect();
        let mut send = vec!["card", "send", site::SIRET];
        send.extend(serials.iter().map(String::as_str));
        self.command(&send)?;
        for (n, serial) in serials.iter().enumerate() {
            self.command(&["card", "link", serial, &site::email(n), "--code", &card::code(n, 0)])?;
        }
        Ok(())
    }

    /// Applies a declaration.
    pub fn declare(&self, declaration: &str) -> Result<()> {
        fs::write(self.folder.join("hub.toml"), declaration)?;
        self.command(&["apply", "hub.toml"])
    }

    /// One command of the hub's, as its operator types it.
    fn command(&self, arguments: &[&str]) -> Result<()> {
        let mut command = Command::new(&self.binary);
        let output = command.args(arguments).arg("--config").arg(self.folder.join("guichet.toml")).current_dir(&self.folder).output()?;
        if !output.status.success() {
            bail!("guichet {arguments:?}: {}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        }
        Ok(())
    }

    /// Starts it on the servers' core; its log goes to a file.
    pub async fn start(&self) -> Result<Running> {
        let log = File::options().create(true).append(true).open(self.folder.join("log"))?;
        let mut command = process::on_server_core(&self.binary);
        command.arg("serve").arg("--config").arg(self.folder.join("guichet.toml"));
        let start = Instant::now();
        let child = command.current_dir(&self.folder).stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log).spawn()?;
        let mut process = Owned::new(child);
        while start.elapsed() < Duration::from_secs(30) {
            if discovery(self.address).await.is_ok() {
                return Ok(Running { process, address: self.address, ready_in: start.elapsed() });
            }
            if process.ended() {
                break;
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        let log = fs::read_to_string(self.folder.join("log")).unwrap_or_default();
        bail!("the hub did not start: {}", log.lines().rev().take(5).collect::<Vec<_>>().join("\n"))
    }
}

async fn discovery(address: SocketAddr) -> Result<()> {
    let mut bytes = Vec::new();
    request(&mut bytes, "GET", "/.well-known/openid-configuration", "", "");
    Connection::open(address).await?.send(&bytes).await?.expect(200)?;
    Ok(())
}

/// The ceilings' server, on the same core as the hub.
pub async fn ceiling() -> Result<(Owned, SocketAddr)> {
    let port = free_port()?;
    let mut command = process::on_server_core(std::env::current_exe()?);
    let process = Owned::new(command.args(["ceiling", "--port", &port.to_string()]).spawn()?);
    let address = SocketAddr::from(([127, 0, 0, 1], port));
    for _ in 0..500 {
        if Connection::open(address).await.is_ok() {
            return Ok((process, address));
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    bail!("the ceilings' server did not start")
}

/// Password hashes a second on the servers' core: by the clock, and by processor time.
pub async fn hashes(time: Duration) -> Result<(f64, f64)> {
    let (memory, passes) = HASH;
    let mut command = process::on_server_core(std::env::current_exe()?);
    let seconds = format!("{}", time.as_secs_f64());
    command.args(["hash", "--memory", &memory.to_string(), "--passes", &passes.to_string(), "--seconds", &seconds]);
    let output = tokio::task::spawn_blocking(move || command.output()).await??;
    let text = String::from_utf8(output.stdout)?;
    let mut fields = text.split_ascii_whitespace().filter_map(|f| f.parse::<f64>().ok());
    let mut next = || fields.next().context("the hash measure said nothing");
    let (count, wall, cpu) = (next()?, next()?, next()?);
    Ok((count * 1e9 / wall, count * 1e9 / cpu.max(1.0)))
}

/// `openssl speed` on the servers' core: signatures and verifications a second for P-256 and RSA-2048.
pub fn openssl() -> Option<Vec<(String, String, String)>> {
    let output =
        process::on_server_core("openssl").args(["speed", "-seconds", "1", "ecdsap256", "rsa2048"]).stderr(Stdio::null()).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    let rows = text.lines().filter(|l| l.contains("ecdsa (nistp256)") || l.starts_with("rsa 2048") || l.starts_with("rsa  2048"));
    let rows = rows.filter_map(|line| {
        let fields: Vec<&str> = line.split_ascii_whitespace().collect();
        let name = if line.contains("nistp256") { "ECDSA P-256" } else { "RSA 2048" };
        let (sign, verify) = (fields.get(fields.len().checked_sub(2)?)?, fields.last()?);
        Some((name.to_owned(), (*sign).to_owned(), (*verify).to_owned()))
    });
    Some(rows.collect())
}
