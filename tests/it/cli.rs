//! The real binary, typed at as a newcomer would.

mod cards;
mod changes;
mod notices;
mod org;
mod serving;
mod traces;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

use serving::Server;

use crate::support::rp::{DOSSIER, userinfo};
use crate::support::{TestApp, postgres};

const HUB: &str = r#"
[[client]]
client_id = "dossier"
client_name = "Dépôt des aides"
client_secret = "a secret of the tests"
redirect_uris = ["https://dossier.example.fr/cb"]
post_logout_redirect_uris = ["https://dossier.example.fr/"]
grant_types = ["authorization_code", "refresh_token", "client_credentials"]
scope = "openid profile email offline_access"
consent = "none"

[[account]]
login_email = "camille@boulangerie.example"
given_name = "Camille"
family_name = "Durand"
password = "quatorze parapluies au vestiaire"
email_verified = true
"#;

struct Folder(TempDir);

struct Said {
    code: i32,
    out: String,
    err: String,
}

impl Said {
    fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|e| panic!("{e}: {} {}", self.out, self.err))
    }
}

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn write(&self, name: &str, text: &str) -> &Self {
        std::fs::write(self.path(name), text).unwrap();
        self
    }

    fn command(&self, arguments: &[&str], env: &[(&str, &str)]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_guichet"));
        command.args(arguments).current_dir(self.0.path()).env_remove("GUICHET_CONFIG").stdin(Stdio::null());
        command.envs(env.iter().copied());
        command
    }

    fn run_with(&self, arguments: &[&str], env: &[(&str, &str)]) -> Said {
        let done = self.command(arguments, env).output().unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        Said { code: done.status.code().unwrap(), out: text(done.stdout), err: text(done.stderr) }
    }

    fn run(&self, arguments: &[&str]) -> Said {
        self.run_with(arguments, &[])
    }

    #[track_caller]
    fn ok(&self, arguments: &[&str]) -> Said {
        let said = self.run(arguments);
        assert_eq!(said.code, 0, "{arguments:?}: {} {}", said.out, said.err);
        said
    }

    /// A folder in which `init` and `apply` have run.
    fn in_place() -> Self {
        let folder = Self::new();
        folder.ok(&["init"]);
        folder.write("hub.toml", HUB).ok(&["apply", "hub.toml"]);
        folder
    }
}

#[test]
fn a_newcomer_goes_from_nothing_to_a_declared_client() {
    let folder = Folder::new();
    let said = folder.ok(&["init"]);
    assert!(said.out.contains("guichet.toml") && said.err.contains("guichet serve"), "{} {}", said.out, said.err);
    let checked = folder.ok(&["check"]);
    assert!(checked.out.starts_with("ok       configuration  guichet.toml"), "{}", checked.out);
    assert!(checked.out.contains("warning  issuer") && checked.out.contains("none yet at data/guichet.db"), "{}", checked.out);
    assert!(!folder.path("data/guichet.db").exists(), "check writes nothing");

    folder.write("hub.toml", HUB);
    let dry = folder.ok(&["apply", "hub.toml", "--dry-run"]);
    assert!(dry.out.contains("+ client dossier") && dry.out.contains("2 created, 0 changed, 0 unchanged (dry run"), "{}", dry.out);
    assert_eq!(folder.ok(&["client", "list", "--json"]).json(), serde_json::json!([]));
    let first = folder.ok(&["apply", "hub.toml"]);
    assert!(first.out.ends_with("2 created, 0 changed, 0 unchanged\n"), "{}", first.out);
    let again = folder.ok(&["apply", "hub.toml"]);
    assert!(again.out.contains("= client dossier") && again.out.ends_with("0 created, 0 changed, 2 unchanged\n"), "{}", again.out);

    let clients = folder.ok(&["client", "list", "--json"]).json();
    assert_eq!(clients[0]["client_id"], "dossier");
    assert_eq!((&clients[0]["has_secret"], &clients[0]["consent"]), (&true.into(), &"none".into()));
    assert_eq!(folder.ok(&["account", "show", " CAMILLE@boulangerie.example ", "--json"]).json()["given_name"], "Camille");
    folder.write("hub.toml", &HUB.replace("Dépôt des aides", "Aides"));
    let changed = folder.ok(&["apply", "hub.toml"]);
    assert!(changed.out.contains("~ client dossier\n    client_name: Dépôt des aides → Aides\n"), "{}", changed.out);
    let checked = folder.ok(&["check"]);
    assert!(checked.out.contains("ok       signing keys") && checked.out.contains("ok       clock"), "{}", checked.out);
}

#[test]
fn init_overwrites_nothing_and_keeps_secrets_to_their_owner() {
    use std::os::unix::fs::PermissionsExt;
    let folder = Folder::in_place();
    let before = std::fs::read(folder.path("data/master.key")).unwrap();
    let said = folder.run(&["init"]);
    assert_eq!((said.code, said.out.as_str()), (3, ""));
    assert!(said.err.contains("exists already"), "{}", said.err);
    assert_eq!(std::fs::read(folder.path("data/master.key")).unwrap(), before);
    for name in ["guichet.toml", "data/master.key", "data/guichet.db"] {
        let mode = std::fs::metadata(folder.path(name)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
    std::fs::remove_file(folder.path("guichet.toml")).unwrap();
    assert_eq!(folder.run(&["init"]).code, 3, "a key without its configuration is kept too");
    folder.ok(&["init", "--folder", "real", "--issuer", "https://sso.example.fr"]);
    let checked = folder.ok(&["check", "--config", "real/guichet.toml", "--json"]).json();
    assert!(checked.as_array().unwrap().iter().any(|l| l["subject"] == "issuer" && l["text"] == "https://sso.example.fr"), "{checked}");
    assert_eq!(folder.run(&["init", "--folder", "x", "--issuer", "http://sso.example.fr"]).code, 2);
}

#[test]
fn what_is_wrong_is_said_with_file_line_and_key() {
    let folder = Folder::in_place();
    folder.write("bad.toml", "[server]\nisuer = 'https://sso.example.fr'\n[tokens]\ncode = '5m'\n");
    let said = folder.run(&["check", "--config", "bad.toml"]);
    assert_eq!(said.code, 1);
    assert!(said.out.contains("error    configuration  bad.toml:2: server.isuer: unknown key"), "{}", said.out);
    assert!(said.out.contains("→ did you mean `issuer`?"), "{}", said.out);
    let said = folder.run(&["serve", "--config", "bad.toml"]);
    assert!(said.code == 1 && said.err.contains("bad.toml:2: server.isuer"), "{}", said.err);
    let said = folder.run_with(&["client", "list"], &[("GUICHET__SERVER__ISSEUR", "x")]);
    assert!(said.code == 1 && said.err.contains("GUICHET__SERVER__ISSEUR: server.isseur: unknown key"), "{}", said.err);

    folder.write("hub.toml", &HUB.replace("consent", "consnet"));
    let said = folder.run(&["apply", "hub.toml"]);
    assert!(
        said.code == 1 && said.err.contains("hub.toml:10: client dossier: consnet: unknown key\n  → did you mean `consent`?"),
        "{}",
        said.err
    );
}

#[test]
fn a_master_key_that_is_missing_wrong_or_readable_by_others_stops_everything() {
    use std::os::unix::fs::PermissionsExt;
    let folder = Folder::in_place();
    let key = folder.path("data/master.key");
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o644)).unwrap();
    for command in [&["check"][..], &["client", "list"], &["serve"]] {
        let said = folder.run(command);
        assert!(
            said.code == 1 && format!("{}{}", said.out, said.err).contains("mode 644, expected 600"),
            "{command:?} {} {}",
            said.out,
            said.err
        );
    }
    std::fs::remove_file(&key).unwrap();
    let said = folder.run(&["serve"]);
    assert!(said.code == 1 && said.err.contains("put its own back"), "{}", said.err);
    assert!(!key.exists(), "nothing is made anew for a database that exists");
    std::fs::write(&key, "A".repeat(43)).unwrap();
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o600)).unwrap();
    let said = folder.run(&["check"]);
    assert!(said.code == 1 && said.out.contains("initialised with another one"), "{}", said.out);
}

#[test]
fn a_secret_is_printed_once() {
    let folder = Folder::in_place();
    let made =
        folder.ok(&["client", "create", "mandat", "--name", "Mandats", "--redirect-uri", "https://mandat.example.fr/cb", "--json"]).json();
    let secret = made["client_secret"].as_str().unwrap().to_owned();
    assert!(secret.starts_with("gcs_"));
    assert_eq!(made["scope"], "openid profile email");
    let rotated = folder.ok(&["client", "rotate-secret", "mandat"]);
    assert!(rotated.out.contains("client_secret   gcs_") && !rotated.out.contains(&secret), "{}", rotated.out);
    assert!(rotated.err.contains("The secret before still serves until"), "{}", rotated.err);
    let shown = folder.ok(&["client", "show", "mandat", "--json"]);
    assert!(!shown.out.contains("gcs_") && shown.json()["previous_secret_until"].is_string(), "{}", shown.out);
    let ended = folder.ok(&["client", "rotate-secret", "mandat", "--overlap", "0s", "--json"]).json();
    assert!(ended["previous_secret_until"].is_null());
    let public = folder.ok(&["client", "change", "mandat", "--set", "token_endpoint_auth_method=none", "--json"]).json();
    assert_eq!(public["has_secret"], false);
    assert_eq!(folder.run(&["client", "rotate-secret", "mandat"]).code, 3);
    let again = folder.ok(&["client", "change", "mandat", "--unset", "token_endpoint_auth_method", "--json"]).json();
    assert!(again["client_secret"].as_str().unwrap().starts_with("gcs_"), "a first secret is needed again");
    for file in ["data/guichet.db", "data/guichet.db-wal"] {
        let bytes = std::fs::read(folder.path(file)).unwrap_or_default();
        let text = String::from_utf8_lossy(&bytes);
        for secret in [&secret, ended["client_secret"].as_str().unwrap(), again["client_secret"].as_str().unwrap()] {
            assert!(!text.contains(secret), "{file} holds a secret in clear");
        }
    }
}

#[test]
fn exit_statuses_tell_usage_guards_and_absence_apart() {
    let folder = Folder::in_place();
    for (arguments, code) in [
        (&["client", "show", "nobody"][..], 4),
        (&["account", "show", "nobody@example.fr"], 4),
        (&["account", "show", "nobody"], 2),
        (&["account", "show", "acc_00000000000000000000000000000000"], 4),
        (&["apply", "absent.toml"], 4),
        (&["client", "create", "dossier", "--name", "x"], 3),
        (&["client", "create", "x y", "--name", "x", "--redirect-uri", "https://a.example/"], 1),
        (&["client", "change", "dossier", "--set", "consnet=none"], 2),
        (&["client", "change", "dossier", "--set", "require_pkce=perhaps"], 2),
        (&["client", "change", "dossier", "--set", "consent=never"], 1),
        (&["account", "create", "camille@boulangerie.example", "--given-name", "A", "--family-name", "B"], 3),
        (&["account", "create", "sans@nom.example"], 1),
        (&["key", "rotate"], 3),
        (&["key", "rotate", "HS256"], 2),
        (&["key", "revoke", "absent"], 4),
        (&["frobnicate"], 2),
        (&["--config", "absent.toml", "client", "list"], 1),
    ] {
        let said = folder.run(arguments);
        assert_eq!((said.code, said.out.as_str()), (code, ""), "{arguments:?}: {}", said.err);
        assert!(!said.err.is_empty(), "{arguments:?}");
    }
    assert!(folder.ok(&["version"]).out.starts_with("guichet "));
    assert!(folder.ok(&["completion", "bash"]).out.contains("rotate-secret"));
}

#[test]
fn accounts_are_made_changed_and_disabled() {
    let folder = Folder::in_place();
    let made = folder
        .ok(&["account", "create", "lou@mairie.example", "--given-name", "Lou", "--family-name", "Martin", "--email-verified", "--json"])
        .json();
    let id = made["id"].as_str().unwrap();
    assert_eq!(made["email_verified"], true);
    let changed =
        folder.ok(&["account", "change", id, "--login-email", "lou.martin@mairie.example", "--phone", "01 23 45 67 89", "--json"]).json();
    assert_eq!((&changed["login_email"], &changed["email_verified"]), (&"lou.martin@mairie.example".into(), &false.into()));
    let cleared = folder.ok(&["account", "change", id, "--phone", "", "--json"]).json();
    assert!(cleared["phone"].is_null());
    assert!(folder.ok(&["account", "disable", id]).err.contains("disabled"));
    assert!(folder.ok(&["account", "disable", id]).err.contains("was already disabled"));
    assert_eq!(folder.ok(&["account", "list", "--json"]).json()[1]["state"], "disabled");
    folder.ok(&["account", "enable", "lou.martin@mairie.example"]);
    let page = folder.ok(&["account", "list", "--limit", "1", "--json"]);
    let first = page.json()[0]["id"].as_str().unwrap().to_owned();
    assert!(page.err.contains(&format!("--after {first}")), "{}", page.err);
    assert_eq!(folder.ok(&["account", "list", "--after", &first, "--json"]).json()[0]["id"], id);

    let mut child =
        folder.command(&["account", "change", id, "--password-stdin"], &[]).stdin(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(b"too short\n").unwrap();
    let done = child.wait_with_output().unwrap();
    assert_eq!(done.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&done.stderr).contains("at least 12 characters"));
}

#[test]
fn keys_rotate_behind_a_guard_and_are_revoked_on_purpose() {
    let folder = Folder::in_place();
    let keys = |state: &str| {
        let list = folder.ok(&["key", "list", "--json"]).json();
        let of = list.as_array().unwrap().iter().filter(|k| k["alg"] == "ES256" && k["state"] == state);
        of.map(|k| k["kid"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let (active, next) = (keys("active"), keys("next"));
    assert!(folder.run(&["key", "rotate", "ES256"]).err.contains("less than 24 h ago"));
    folder.ok(&["key", "rotate", "ES256", "--force"]);
    assert_eq!((keys("active"), keys("retired")), (next.clone(), active));
    assert_eq!(keys("next").len(), 1, "there is always a next key");
    let refused = folder.run(&["key", "revoke", &next[0]]);
    assert!(refused.code == 3 && refused.err.contains("--yes"), "{}", refused.err);
    folder.ok(&["key", "revoke", &next[0], "--yes"]);
    assert!(!folder.ok(&["key", "list"]).out.contains(&next[0]));
    assert_eq!((keys("active").len(), keys("next").len()), (1, 1));
}

#[test]
fn a_migration_can_be_rehearsed() {
    let folder = Folder::new();
    assert_eq!(folder.run(&["migrate"]).code, 3, "without a master key");
    folder.ok(&["init"]);
    assert!(folder.ok(&["migrate", "--dry-run"]).out.contains("would run 0001 init"));
    assert!(!folder.path("data/guichet.db").exists());
    assert_eq!(folder.run(&["doctor"]).code, 4);
    assert!(folder.ok(&["migrate"]).out.contains("ran 0001 init"));
    assert!(folder.ok(&["migrate"]).out.contains("up to date"));
    assert_eq!(folder.ok(&["client", "list", "--json"]).json(), serde_json::json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_commands_work_on_postgresql() {
    let database = postgres::Database::empty().await;
    let folder = Folder::new();
    folder.ok(&["init"]);
    folder.write("hub.toml", HUB).write("url", &format!("{}\n", database.url()));
    let env = [("GUICHET__DATABASE__URL_FILE", "url")];
    let ok = |arguments: &[&str]| {
        let said = folder.run_with(arguments, &env);
        assert_eq!(said.code, 0, "{arguments:?}: {} {}", said.out, said.err);
        said
    };
    assert!(ok(&["check"]).out.contains("warning  schema         empty"));
    assert!(ok(&["migrate", "--dry-run"]).out.contains("would run 0001 init"));
    assert!(ok(&["apply", "hub.toml"]).out.ends_with("2 created, 0 changed, 0 unchanged\n"));
    assert!(ok(&["apply", "hub.toml"]).out.ends_with("0 created, 0 changed, 2 unchanged\n"));
    ok(&["client", "disable", "dossier"]);
    assert_eq!(ok(&["client", "show", "dossier", "--json"]).json()["enabled"], false);
    let checked = ok(&["check"]);
    assert!(
        checked.out.contains("ok       database       PostgreSQL on localhost") && checked.out.contains("ok       signing keys"),
        "{}",
        checked.out
    );
    assert!(ok(&["doctor"]).out.contains("PostgreSQL"));
    let refused = folder.run_with(&["backup", "x.db"], &env);
    assert!(refused.code == 3 && refused.err.contains("pg_dump"), "{}", refused.err);
    assert!(!folder.path("data/guichet.db").exists());
}

#[test]
fn check_tries_the_mail_relays_when_asked() {
    let relay = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = relay.local_addr().unwrap().port();
    std::thread::spawn(move || {
        let (stream, _) = relay.accept().unwrap();
        let mut answers = stream.try_clone().unwrap();
        answers.write_all(b"220 relay.example ESMTP\r\n").unwrap();
        for line in BufReader::new(stream).lines().map_while(Result::ok) {
            let answer: &[u8] = if line.starts_with("QUIT") { b"221 bye\r\n" } else { b"250 relay.example\r\n" };
            answers.write_all(answer).unwrap();
        }
    });
    let folder = Folder::in_place();
    let dead = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    folder.write("guichet.toml", &format!(
        "[mail]\nfrom = 'aides@example.fr'\n[[mail.relays]]\nhost = '127.0.0.1'\nport = {port}\nprotection = 'none'\n[[mail.relays]]\nhost = '127.0.0.1'\nport = {dead}\nprotection = 'none'\n"
    ));
    assert!(folder.ok(&["check"]).out.contains("2 relays, not tried"));
    let said = folder.run(&["check", "--mail"]);
    assert_eq!(said.code, 1, "{}", said.out);
    assert!(said.out.contains(&format!("ok       mail           127.0.0.1:{port} answers")), "{}", said.out);
    assert!(said.out.contains(&format!("error    mail           127.0.0.1:{dead} does not let us in")), "{}", said.out);
}

on_both! {
    async fn an_account_disabled_and_enabled_again_finds_none_of_what_it_had(app) {
        use guichet::account::{AccountState, store};
        use guichet::base::{Actor, Email};

        let mut browser = app.browser();
        let tokens = DOSSIER.tokens(&mut browser, &[("scope", "openid offline_access")]).await;
        let text = |name: &str| tokens[name].as_str().unwrap().to_owned();
        let (access, refresh) = (text("access_token"), text("refresh_token"));
        assert_eq!(userinfo(&app, &access).await.status, 200);
        let ctx = app.app.ctx(Actor::Operator);
        for state in [AccountState::Disabled, AccountState::Active] {
            let mut tx = app.app.db.begin().await.unwrap();
            let email = Email::parse("camille@boulangerie.example").unwrap();
            let account = store::find_by_login(&mut tx, &email).await.unwrap().unwrap();
            assert!(guichet::oidc::people::set_state(&mut tx, &ctx, &account, state).await.unwrap());
            tx.commit().await.unwrap();
            assert_eq!(userinfo(&app, &access).await.status, 401, "{state:?}");
            assert_eq!(DOSSIER.refresh(&app, &refresh).await.status, 400, "{state:?}");
            let page = browser.get(&DOSSIER.authorize(&[("prompt", "none")])).await;
            assert_eq!(page.left_with("error").as_deref(), Some("login_required"), "{state:?} {}", page.path);
        }
        let kinds = app.audit().await;
        assert!(kinds.iter().any(|k| k == "account.disabled") && kinds.iter().any(|k| k == "account.enabled"));
        // And may sign in anew.
        DOSSIER.tokens(&mut app.browser(), &[]).await;
    }

    async fn changes_made_to_a_client_at_the_same_time_are_all_kept(app) {
        use guichet::base::Actor;
        use guichet::oidc::registry::{self, Error, Rules};

        async fn add(app: &TestApp, contact: String) -> Result<(), Error> {
            let rules = Rules { key: &app.app.keys.client_secret, environment: app.app.config.server.environment };
            let mut tx = app.app.db.begin().await?;
            let present = registry::store::find(&mut tx, "dossier").await?.unwrap();
            let mut metadata = present.metadata.clone();
            metadata.contacts.push(contact);
            registry::change(&mut tx, &app.app.ctx(Actor::Operator), rules, present, metadata).await?;
            Ok(tx.commit().await?)
        }
        let all = (0..12).map(|i| {
            let app = app.clone();
            async move {
                loop {
                    match add(&app, format!("person-{i}@example.fr")).await {
                        Ok(()) => return,
                        Err(Error::Meanwhile(_)) => {}
                        Err(e) => panic!("{e}"),
                    }
                }
            }
        });
        futures_util::future::join_all(all.map(tokio::spawn)).await.into_iter().for_each(|done| done.unwrap());
        app.app.reload().await.unwrap();
        assert_eq!(app.app.clients().any("dossier").unwrap().metadata.contacts.len(), 12);
        assert_eq!(app.audit().await.iter().filter(|k| *k == "client.changed").count(), 12);
    }
}
