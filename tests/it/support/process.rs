//! The real binary as a process, for what only a process can show: being killed, and running out of disk.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const GUICHET: &str = env!("CARGO_BIN_EXE_guichet");

const CLIENTS: &str = r#"
[[client]]
client_id = "batch"
client_name = "Traitements"
client_secret = "batch-secret-for-tests-only-000001"
token_endpoint_auth_method = "client_secret_post"
grant_types = ["client_credentials"]
access_token_format = "opaque"
scope = "people:read"
"#;

/// A served hub and its folder. The process is killed when this goes away.
pub struct Process {
    child: Child,
    port: u16,
    folder: PathBuf,
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
    }
}

/// A port that is free now, and that nobody is given who asks for any: below those.
pub fn free_port() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    // Each test is a process of its own.
    let first = u16::try_from(std::process::id() * 61 % 20_000).unwrap();
    let mut tried = (0..20_000).map(|_| 10_240 + (first + NEXT.fetch_add(1, Ordering::Relaxed)) % 20_000);
    tried.find(|port| std::net::TcpListener::bind(("127.0.0.1", *port)).is_ok()).expect("a free port")
}

/// Writes a configuration and declares the client `batch`.
pub fn prepare(folder: &Path) {
    let (port, admin) = (free_port(), free_port());
    let text = format!(
        "[server]\nissuer = \"http://localhost:{port}\"\nlisten = \"127.0.0.1:{port}\"\nadmin_listen = \"127.0.0.1:{admin}\"\nenvironment = \"demo\"\n\
         [database]\nfolder = \"{0}/data\"\nconnections = 4\n[keys]\nmaster_key_file = \"{0}/master.key\"\n[limits]\nprotocol = 0\nclient = 0\n[log]\nlevel = \"warn\"\n",
        folder.display()
    );
    std::fs::write(folder.join("guichet.toml"), text).unwrap();
    let key = folder.join("master.key");
    std::fs::write(&key, "A".repeat(43)).unwrap();
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o600)).unwrap();
    std::fs::write(folder.join("clients.toml"), CLIENTS).unwrap();
}

fn port_of(folder: &Path) -> u16 {
    let text = std::fs::read_to_string(folder.join("guichet.toml")).unwrap();
    text.split("listen = \"127.0.0.1:").nth(1).unwrap().split('"').next().unwrap().parse().unwrap()
}

impl Process {
    /// Declares what is prepared, then serves. `before` runs first, in a mount namespace of its own.
    pub async fn start(folder: &Path, before: Option<&str>) -> Self {
        let serve = format!(
            "{} && '{GUICHET}' apply --config '{1}/guichet.toml' '{1}/clients.toml' >/dev/null && exec '{GUICHET}' serve --config '{1}/guichet.toml'",
            before.unwrap_or("true"),
            folder.display()
        );
        let mut command = match before {
            Some(_) => {
                let mut c = Command::new("unshare");
                c.args(["--user", "--map-root-user", "--mount", "sh", "-c", &serve]);
                c
            }
            None => {
                let mut c = Command::new("sh");
                c.args(["-c", &serve]);
                c
            }
        };
        let log = std::fs::File::options().create(true).append(true).open(folder.join("log")).unwrap();
        let child = command.current_dir(folder).stdin(Stdio::null()).stdout(log.try_clone().unwrap()).stderr(log).spawn().unwrap();
        let mut this = Self { child, port: port_of(folder), folder: folder.to_owned() };
        let deadline = Instant::now() + Duration::from_secs(60);
        while this.http("GET", "/.well-known/openid-configuration", "").await.is_none_or(|(status, _, _)| status != 200) {
            let gone = this.child.try_wait().unwrap();
            assert!(gone.is_none() && Instant::now() < deadline, "it does not serve: {gone:?} {}", this.log());
            tokio::time::sleep(Duration::from_millis(30)).await;
        }
        this
    }

    /// The process to look into (`/proc/<pid>/root`).
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// What it has said.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.folder.join("log")).unwrap_or_default()
    }

    /// `kill -9`.
    pub fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// One request: status, headers, body. `None` when the connection fails.
    pub async fn http(&self, method: &str, path: &str, body: &str) -> Option<(u16, String, String)> {
        request(self.port, method, path, body).await
    }

    /// Port of the public listener.
    pub fn port(&self) -> u16 {
        self.port
    }
}

/// See [`Process::http`].
pub async fn request(port: u16, method: &str, path: &str, body: &str) -> Option<(u16, String, String)> {
    let work = async {
        let mut stream = TcpStream::connect(("127.0.0.1", port)).await.ok()?;
        let head = format!(
            "{method} {path} HTTP/1.1\r\nHost: localhost:{port}\r\nConnection: close\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        stream.write_all(head.as_bytes()).await.ok()?;
        let mut text = String::new();
        stream.read_to_string(&mut text).await.ok()?;
        let (head, body) = text.split_once("\r\n\r\n")?;
        let status = head.split(' ').nth(1)?.parse().ok()?;
        Some((status, head.to_lowercase(), body.to_owned()))
    };
    tokio::time::timeout(Duration::from_secs(20), work).await.ok().flatten()
}

/// Credentials of the client `batch`.
pub const BATCH: &str = "client_id=batch&client_secret=batch-secret-for-tests-only-000001";

/// Asks for an opaque token: the status, and the token when there is one.
pub async fn token(port: u16) -> Option<(u16, String, Option<String>)> {
    let (status, head, body) = request(port, "POST", "/oauth/token", &format!("grant_type=client_credentials&{BATCH}")).await?;
    let token = serde_json::from_str::<serde_json::Value>(&body).ok().and_then(|v| Some(v["access_token"].as_str()?.to_owned()));
    Some((status, head, token))
}

/// Whether the hub still knows a token.
pub async fn is_active(port: u16, token: &str) -> bool {
    let answer = request(port, "POST", "/oauth/introspect", &format!("token={token}&{BATCH}")).await;
    answer.is_some_and(|(status, _, body)| status == 200 && body.contains("\"active\":true"))
}
