//! The real binary serving.

use super::*;
use crate::support::process::free_port;

/// A server of the real binary.
pub(super) struct Server {
    child: Child,
    pub(super) port: u16,
    pub(super) admin: u16,
}

impl Server {
    pub(super) fn start(folder: &Folder, env: &[(&str, &str)]) -> Self {
        let (port, admin) = (free_port(), free_port());
        let (listen, admin_listen) = (format!("127.0.0.1:{port}"), format!("127.0.0.1:{admin}"));
        let mut env = env.to_vec();
        env.extend([("GUICHET__SERVER__LISTEN", listen.as_str()), ("GUICHET__SERVER__ADMIN_LISTEN", admin_listen.as_str())]);
        let mut child = folder.command(&["serve"], &env).stderr(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
        // Its log is read, so that it never waits for us.
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        std::thread::spawn(move || while let Some(Ok(_)) = lines.next() {});
        let server = Self { child, port, admin };
        let until = Instant::now() + Duration::from_secs(30);
        while server.try_get(server.admin, "/health/ready").is_none_or(|a| !a.contains(" 200 ")) {
            assert!(Instant::now() < until, "the server is not ready");
            std::thread::sleep(Duration::from_millis(20));
        }
        server
    }

    pub(super) fn send(&self, port: u16, request: &str) -> Option<String> {
        let mut stream = TcpStream::connect(("127.0.0.1", port)).ok()?;
        stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        stream.write_all(request.as_bytes()).ok()?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).ok()?;
        Some(answer)
    }

    pub(super) fn try_get(&self, port: u16, path: &str) -> Option<String> {
        self.send(port, &format!("GET {path} HTTP/1.1\r\nhost: localhost:{port}\r\nconnection: close\r\n\r\n"))
    }

    /// A client_credentials request; its status line.
    pub(super) fn token(&self, id: &str, secret: &str) -> String {
        let fields = [("grant_type", "client_credentials"), ("client_id", id), ("client_secret", secret)];
        let body = crate::support::encode(&fields);
        let head = format!("POST /oauth/token HTTP/1.1\r\nhost: localhost:{}\r\nconnection: close\r\n", self.port);
        let form = "content-type: application/x-www-form-urlencoded";
        let answer = self.send(self.port, &format!("{head}{form}\r\ncontent-length: {}\r\n\r\n{body}", body.len())).unwrap();
        answer.lines().next().unwrap_or_default().to_owned()
    }

    pub(super) fn tell(&self, signal: &str) {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args([signal, &pid]).status().unwrap().success());
    }

    pub(super) fn wait(&mut self) -> Option<i32> {
        let until = Instant::now() + Duration::from_secs(30);
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.code();
            }
            assert!(Instant::now() < until, "the server does not stop");
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn serve_needs_nothing_but_an_empty_folder_and_stops_when_told() {
    let folder = Folder::new();
    for signal in ["-TERM", "-INT"] {
        let mut server = Server::start(&folder, &[]);
        let discovery = server.try_get(server.port, "/.well-known/openid-configuration").unwrap();
        assert!(discovery.contains(&format!("\"issuer\":\"http://localhost:{}\"", server.port)), "{discovery}");
        server.tell(signal);
        assert_eq!(server.wait(), Some(0), "{signal}");
    }
    let state = folder.ok(&["doctor", "--json"]).json();
    assert_eq!(state["outbox"], serde_json::json!({ "pending": 0, "oldest": null, "dead": 0, "dead_letters": [] }));
    let killed = &mut Server::start(&folder, &[]);
    killed.tell("-KILL");
    killed.wait();
    Server::start(&folder, &[]);
}

#[test]
fn what_is_typed_while_it_serves_counts_at_once() {
    let folder = Folder::in_place();
    let server = Server::start(&folder, &[]);
    let soon = |what: &str, secret: &str, status: &str| {
        let until = Instant::now() + Duration::from_secs(10);
        while !server.token("batch", secret).contains(status) {
            assert!(Instant::now() < until, "{what}: {}", server.token("batch", secret));
            std::thread::sleep(Duration::from_millis(50));
        }
    };
    let made = folder.ok(&[
        "client",
        "create",
        "batch",
        "--name",
        "Batch",
        "--scope",
        "openid",
        "--json",
        "--set",
        "grant_types=client_credentials",
        "--set",
        "token_endpoint_auth_method=client_secret_post",
    ]);
    let first = made.json()["client_secret"].as_str().unwrap().to_owned();
    soon("a new client", &first, " 200 ");
    let second = folder.ok(&["client", "rotate-secret", "batch", "--json"]).json()["client_secret"].as_str().unwrap().to_owned();
    soon("a new secret", &second, " 200 ");
    assert!(server.token("batch", &first).contains(" 200 "), "the one before still serves");
    folder.ok(&["client", "disable", "batch"]);
    soon("a disabled client", &second, " 401 ");
    folder.ok(&["client", "enable", "batch"]);
    soon("an enabled client", &second, " 200 ");
    folder.ok(&["key", "rotate", "ES256", "--force"]);
    let active = folder.ok(&["key", "list", "--json"]).json();
    let kids: Vec<&str> = active.as_array().unwrap().iter().filter_map(|k| k["kid"].as_str()).collect();
    let until = Instant::now() + Duration::from_secs(10);
    let jwks = || server.try_get(server.port, "/oauth/jwks").unwrap_or_default();
    while !kids.iter().all(|kid| jwks().contains(kid)) {
        assert!(Instant::now() < until, "{kids:?} {}", jwks());
        std::thread::sleep(Duration::from_millis(50));
    }
    // The trail is chained by the worker, and holds.
    let until = Instant::now() + Duration::from_secs(10);
    while folder.ok(&["doctor", "--json"]).json()["audit"]["unsealed"] != 0 {
        assert!(Instant::now() < until);
        std::thread::sleep(Duration::from_millis(100));
    }
    let verified = folder.ok(&["audit", "verify", "--json"]).json();
    let head = format!("{}:{}", verified["head"]["seq"], verified["head"]["hash"].as_str().unwrap());
    folder.ok(&["audit", "verify", "--head", &head]);
    let exported = folder.ok(&["audit", "export"]).out;
    assert_eq!(exported.lines().count() as u64, verified["rows"].as_u64().unwrap());
    let kinds = |kind: &str| exported.lines().filter(|l| l.contains(&format!("\"kind\":\"{kind}\""))).count();
    assert_eq!((kinds("client.created"), kinds("client.secret_rotated"), kinds("client.disabled"), kinds("client.enabled")), (2, 1, 1, 1));
    assert!(!exported.contains(&second), "the trail holds no secret");
    let wrong = folder.run(&["audit", "verify", "--head", &format!("{}:x", verified["head"]["seq"])]);
    assert!(wrong.code == 1 && wrong.out.contains("FAULT"), "{}", wrong.out);
}

#[test]
fn a_backup_made_while_serving_serves_elsewhere() {
    use std::os::unix::fs::PermissionsExt;
    let folder = Folder::in_place();
    let server = Server::start(&folder, &[]);
    folder.ok(&["backup", "copy.db"]);
    drop(server);
    assert_eq!(std::fs::metadata(folder.path("copy.db")).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(folder.run(&["backup", "copy.db"]).code, 3, "nothing is overwritten");
    let copy = folder.path("copy.db");
    let copy = copy.to_str().unwrap();
    let refused = folder.run(&["restore", copy]);
    assert!(refused.code == 3 && refused.err.contains("exists already"), "{}", refused.err);

    let other = Folder::new();
    assert!(other.run(&["restore", copy]).err.contains("put the master key of this backup in place first"));
    other.ok(&["init"]);
    let refused = other.run(&["restore", copy]);
    assert!(refused.code == 1 && refused.err.contains("initialised with another one"), "{}", refused.err);
    std::fs::copy(folder.path("data/master.key"), other.path("data/master.key")).unwrap();
    assert_eq!(other.run(&["restore", "absent"]).code, 4);
    other.write("notes", "not a database").write("hub.toml", HUB);
    assert!(other.run(&["restore", "notes"]).err.contains("not a usable backup"));
    let files =
        || std::fs::read_dir(other.path("data")).unwrap().map(|f| f.unwrap().file_name().into_string().unwrap()).collect::<Vec<_>>();
    assert_eq!(files(), ["master.key"], "what is refused leaves nothing behind");
    other.ok(&["restore", copy]);
    assert!(other.ok(&["apply", "hub.toml"]).out.ends_with("2 unchanged\n"));
    Server::start(&other, &[]);
}

#[test]
fn serve_refuses_another_rp_id_unless_the_loss_of_passkeys_is_accepted() {
    let folder = Folder::new();
    let (issuer, trial) = (("GUICHET__SERVER__ISSUER", "http://sso.aides.localhost:8000"), ("GUICHET__SERVER__ENVIRONMENT", "test"));
    let (fixed, other) = (("GUICHET__PASSKEYS__RP_ID", "sso.aides.localhost"), ("GUICHET__PASSKEYS__RP_ID", "aides.localhost"));
    drop(Server::start(&folder, &[issuer, trial]));
    drop(Server::start(&folder, &[issuer, trial, fixed]));
    let ports = [("GUICHET__SERVER__LISTEN", "127.0.0.1:0"), ("GUICHET__SERVER__ADMIN_LISTEN", "127.0.0.1:0")];
    let said = folder.run_with(&["serve"], &[&[issuer, trial, other], &ports[..]].concat());
    assert_eq!(said.code, 1, "{}", said.err);
    for words in ["`sso.aides.localhost`", "`aides.localhost`", "--accept-loss-of-passkeys"] {
        assert!(said.err.contains(words), "{words}: {}", said.err);
    }
    let said = folder.run_with(&["serve"], &[&[issuer, trial, ("GUICHET__PASSKEYS__RP_ID", "autre.localhost")], &ports[..]].concat());
    assert!(said.code == 1 && said.err.contains("passkeys.rp_id"), "not a domain of the issuer: {}", said.err);
    let mut child = folder.command(&["serve", "--accept-loss-of-passkeys"], &[&[issuer, trial, other], &ports[..]].concat());
    let mut child = child.stderr(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
    let served = BufReader::new(child.stderr.take().unwrap()).lines().any(|line| line.unwrap().contains("serving"));
    let _ = child.kill();
    let _ = child.wait();
    assert!(served);
    drop(Server::start(&folder, &[issuer, trial, other]));
}
