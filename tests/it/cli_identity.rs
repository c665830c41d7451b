//! Identities, verifications, providers and the keys they encrypt to, as operators handle them: the real binary, on the database of
//! a hub that people sign in to.

use std::process::{Command, Stdio};

use guichet::mail::message::{MailMessage, SecurityEvent};
use serde_json::Value;

use crate::federation::{ANGELA, sign_in, upstream};
use crate::support::upstream::Upstream;
use crate::support::{Browser, TestApp};

const CAMILLE: &str = "camille@boulangerie.example";
const ANGELA_SUB: &str = "b6048e95bb134ec5b1d1e1fa69f287172e91722b9354d637a1bcf2ebb0fd2ef5v1";

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

/// Types a command at the hub. The hub goes on meanwhile.
async fn type_at(app: &TestApp, arguments: &[&str]) -> Said {
    let config = &app.app.config;
    let mut command = Command::new(env!("CARGO_BIN_EXE_guichet"));
    command.args(arguments).current_dir(&config.database.folder).stdin(Stdio::null()).env_remove("GUICHET_CONFIG");
    command.env("GUICHET__SERVER__ISSUER", config.server.issuer.as_str()).env("GUICHET__SERVER__ENVIRONMENT", "demo");
    command.env("GUICHET__DATABASE__FOLDER", &config.database.folder);
    if let Some(url) = &config.database.url {
        command.env("GUICHET__DATABASE__URL", url.expose());
    }
    command.env("GUICHET__KEYS__MASTER_KEY", config.keys.master_key.as_ref().unwrap().expose());
    let done = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    let said = Said { code: done.status.code().unwrap(), out: text(done.stdout), err: text(done.stderr) };
    app.app.reload().await.unwrap();
    said
}

#[track_caller]
fn fine(said: Said) -> Said {
    assert_eq!(said.code, 0, "{} {}", said.out, said.err);
    said
}

/// Somebody signed in with their space complete.
async fn citizen(app: &TestApp, upstream: &Upstream, contact: &str) -> Browser {
    let mut browser = app.browser();
    let landing = browser.get("/connexion").await;
    let page = sign_in(&mut browser, upstream, &landing).await;
    if page.path.starts_with("/connexion/finaliser") {
        browser.submit(&page, &[("courriel_contact", contact)]).await;
    }
    browser
}

/// The identifier of the only account of an individual with this family name.
async fn individual(app: &TestApp, family: &str) -> String {
    let accounts = fine(type_at(app, &["account", "list", "--json"]).await).json();
    let mut found = accounts.as_array().unwrap().iter().filter(|a| a["kind"] == "particulier" && a["family_name"] == family);
    let id = found.next().unwrap_or_else(|| panic!("{accounts}"))["id"].as_str().unwrap().to_owned();
    assert!(found.next().is_none());
    id
}

async fn events(app: &TestApp, kind: &str) -> usize {
    app.audit().await.iter().filter(|k| *k == kind).count()
}

on_both! {
    async fn identities_are_listed_unlinked_and_moved(app) {
        let upstream = upstream(&app).await;
        let mut browser = citizen(&app, &upstream, ANGELA).await;
        assert_eq!(browser.get("/compte").await.path, "/compte");
        let angela = individual(&app, "DUBOIS").await;
        let listed = fine(type_at(&app, &["account", "identities", &angela, "--json"]).await).json();
        assert_eq!(listed.as_array().unwrap().len(), 1);
        let row = &listed[0];
        assert_eq!((row["sub"].as_str(), row["issuer"].as_str()), (Some(ANGELA_SUB), Some(upstream.issuer().as_str())));
        assert_eq!((row["provider"].as_str(), row["state"].as_str()), (Some("franceconnect"), Some("linked")));
        let table = fine(type_at(&app, &["account", "identities", &angela]).await);
        assert!(table.out.contains("LAST USED") && table.out.contains(ANGELA_SUB), "{}", table.out);
        assert_eq!(fine(type_at(&app, &["account", "identities", CAMILLE, "--json"]).await).json(), serde_json::json!([]));

        // Somebody else's, or one nobody has, is not undone.
        for (who, sub) in [(CAMILLE, ANGELA_SUB), (angela.as_str(), "another")] {
            let said = type_at(&app, &["account", "unlink", who, sub]).await;
            assert!(said.code == 4 && said.err.contains("no such identity is linked"), "{} {}", said.code, said.err);
        }
        let wrong = type_at(&app, &["account", "unlink", &angela, ANGELA_SUB, "--issuer", "https://autre.example"]).await;
        assert_eq!(wrong.code, 4, "{}", wrong.err);
        assert_eq!(browser.get("/compte").await.path, "/compte");
        fine(type_at(&app, &["account", "unlink", &angela, ANGELA_SUB, "--issuer", &upstream.issuer()]).await);
        assert!(browser.get("/compte").await.path.starts_with("/connexion"), "the session ended");
        assert_eq!(fine(type_at(&app, &["account", "identities", &angela, "--json"]).await).json()[0]["state"], "unlinked");
        assert_eq!((type_at(&app, &["account", "unlink", &angela, ANGELA_SUB]).await.code, events(&app, "identity.unlinked").await), (4, 1));
    }

    async fn an_identity_is_moved_to_the_account_of_its_person_and_to_no_professionals(app) {
        let upstream = upstream(&app).await;
        citizen(&app, &upstream, ANGELA).await;
        let wrong = individual(&app, "DUBOIS").await;
        for (name, value) in [("sub", "the-right-one"), ("family_name", "MARTIN"), ("email", "angela.martin@mel.example"), ("birthdate", "1990-01-02")] {
            upstream.state().person.insert(name.into(), value.into());
        }
        citizen(&app, &upstream, "angela.martin@mel.example").await;
        let right = individual(&app, "MARTIN").await;
        for to in [CAMILLE, wrong.as_str()] {
            let said = type_at(&app, &["account", "relink", &wrong, ANGELA_SUB, to]).await;
            assert!(said.code == 3 && said.err.contains("not another individual's account"), "{} {}", said.code, said.err);
        }
        assert_eq!(type_at(&app, &["account", "relink", &wrong, "another", &right]).await.code, 4);
        let said = fine(type_at(&app, &["account", "relink", &wrong, ANGELA_SUB, &right]).await);
        assert!(said.err.contains("now signs in"), "{}", said.err);
        assert_eq!(fine(type_at(&app, &["account", "identities", &wrong, "--json"]).await).json(), serde_json::json!([]));
        let listed = fine(type_at(&app, &["account", "identities", &right, "--json"]).await).json();
        let subs: Vec<_> = listed.as_array().unwrap().iter().map(|r| (r["sub"].as_str().unwrap(), r["state"].as_str().unwrap())).collect();
        assert!(subs.contains(&(ANGELA_SUB, "linked")) && subs.contains(&("the-right-one", "linked")), "{subs:?}");
        assert_eq!(events(&app, "identity.unlinked").await, 1);
    }

    async fn a_verification_is_removed_in_the_trail_and_by_mail(app) {
        let upstream = upstream(&app).await;
        let none = type_at(&app, &["account", "unverify", CAMILLE]).await;
        assert!(none.code == 4 && none.err.contains("no identity was verified"), "{} {}", none.code, none.err);
        let mut browser = app.browser();
        let page = browser.get("/connexion").await;
        browser.sign_in_with_code(&page, CAMILLE).await;
        let page = browser.get("/compte/identite").await;
        let page = browser.press(&page, "/compte/identite/verification", &[]).await;
        browser.get(&upstream.visit(&page.left_for.unwrap())).await;
        let page = browser.get("/compte/identite").await;
        assert!(page.says("DUBOIS") && !page.body.contains("name=\"nom\""), "{}", page.body);
        let shown = fine(type_at(&app, &["account", "show", CAMILLE]).await).out;
        let said = fine(type_at(&app, &["account", "unverify", CAMILLE]).await);
        assert!(said.err.contains("no longer verified"), "{}", said.err);
        assert_ne!(fine(type_at(&app, &["account", "show", CAMILLE]).await).out, shown);
        let page = browser.get("/compte/identite").await;
        assert!(page.body.contains("name=\"nom\""), "the name is theirs to change: {}", page.body);
        let told = |m: &MailMessage| matches!(m, MailMessage::SecurityNotice { event: SecurityEvent::IdentityUnverified, .. });
        assert_eq!(app.mails(CAMILLE).await.iter().filter(|m| told(m)).count(), 1);
        assert_eq!(events(&app, "identity.unverified").await, 1);
        let by = "SELECT COUNT(*) FROM audit_event WHERE kind = 'identity.unverified' AND actor = 'operator'";
        assert_eq!(app.count(by).await, 1);
        assert_eq!(type_at(&app, &["account", "unverify", CAMILLE]).await.code, 4);
    }

    async fn check_says_which_providers_are_declared_and_whether_they_answer(app) {
        // Its clock is the machine's, not the hub's: what it says of that is no matter here.
        let none = type_at(&app, &["check"]).await;
        assert!(none.out.contains("ok       provider       none"), "{}", none.out);
        let upstream = upstream(&app).await;
        let said = type_at(&app, &["check"]).await;
        let line = format!("ok       provider       franceconnect (FranceConnect) {} answers", upstream.issuer());
        assert!(said.out.contains(&line), "{}", said.out);
        let documents = app.count("SELECT COUNT(*) FROM provider_document").await;
        upstream.state().down = true;
        let said = type_at(&app, &["check"]).await;
        assert!(said.out.contains("warning  provider       franceconnect") && said.out.contains("503"), "{}", said.out);
        app.apply(&upstream.declaration("franceconnect", "enabled = false")).await;
        assert!(type_at(&app, &["check"]).await.out.contains(", disabled"));
        assert_eq!(app.count("SELECT COUNT(*) FROM provider_document").await, documents, "check writes nothing");
    }

    async fn bg_13_the_operator_activates_accounts_and_nobody_signs_in_before(app) {
        fine(type_at(&app, &["account", "disable", CAMILLE]).await);
        let mut browser = app.browser();
        let page = browser.get("/connexion").await;
        let page = browser.submit(&page, &[("courriel", CAMILLE)]).await;
        assert!(page.path.starts_with("/connexion/code"), "nothing shows it: {}", page.path);
        assert!(!app.mails(CAMILLE).await.iter().any(|m| matches!(m, MailMessage::SignInCode { .. })), "no code");
        fine(type_at(&app, &["account", "enable", CAMILLE]).await);
        let mut browser = app.browser();
        let page = browser.get("/connexion").await;
        assert_eq!(browser.sign_in_with_code(&page, CAMILLE).await.path, "/accueil");
        assert_eq!((events(&app, "account.disabled").await, events(&app, "account.enabled").await), (1, 1));
    }

    async fn keys_that_providers_encrypt_to_are_changed_and_revoked_behind_guards(app) {
        let said = type_at(&app, &["key", "rotate", "--decryption"]).await;
        assert!(said.code == 3 && said.err.contains("no decryption keys"), "{} {}", said.code, said.err);
        let upstream = Upstream::start(&app).await;
        app.apply(&upstream.declaration("franceconnect", "acr_values = \"eidas2\"\nencrypted = true")).await;
        let state = |keys: &Value, wanted: &str| -> Vec<String> {
            let enc = keys.as_array().unwrap().iter().filter(|k| k["use"] == "enc" && k["state"] == wanted);
            enc.map(|k| k["kid"].as_str().unwrap().to_owned()).collect()
        };
        let before = fine(type_at(&app, &["key", "list", "--json"]).await).json();
        let first = state(&before, "active");
        assert_eq!((first.len(), state(&before, "retired").len()), (2, 0), "{before}");
        fine(type_at(&app, &["key", "rotate", "--decryption"]).await);
        let after = fine(type_at(&app, &["key", "list", "--json"]).await).json();
        assert_eq!(state(&after, "retired"), first);
        let present = state(&after, "active");
        assert!(present.len() == 2 && present.iter().all(|kid| !first.contains(kid)));
        let published = app.get("/oauth/jwks").await.body;
        assert!(present.iter().all(|kid| published.contains(kid.as_str())) && first.iter().all(|kid| !published.contains(kid.as_str())));
        assert_eq!(type_at(&app, &["key", "rotate", "--decryption"]).await.code, 3, "the ones before still decrypt");
        assert_eq!(type_at(&app, &["key", "rotate", "ES256", "--decryption"]).await.code, 2);
        for (kid, more, code) in [(&present[0], "--yes", 3), (&first[0], "--json", 3), (&first[0], "--yes", 0)] {
            let said = type_at(&app, &["key", "revoke", kid, more]).await;
            assert_eq!(said.code, code, "{kid} {more}: {} {}", said.out, said.err);
        }
        assert!(state(&fine(type_at(&app, &["key", "list", "--json"]).await).json(), "retired").is_empty());
        let rotated = fine(type_at(&app, &["key", "rotate", "--decryption", "--force", "--json"]).await).json();
        assert_eq!((&rotated["changed"], rotated["keys"].as_array().map(Vec::len)), (&true.into(), Some(4)), "{rotated}");
        assert_eq!(events(&app, "keys.revoked").await, 1);
    }
}

#[test]
fn check_only_warns_of_providers_that_cannot_be_reached() {
    let folder = tempfile::tempdir().unwrap();
    crate::support::process::prepare(folder.path());
    let type_here = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_guichet"));
        let done = command.args(arguments).current_dir(folder.path()).stdin(Stdio::null()).env_remove("GUICHET_CONFIG").output().unwrap();
        (done.status.code().unwrap(), String::from_utf8(done.stdout).unwrap())
    };
    // Nobody listens on a port that was free a moment ago.
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let declaration = format!(
        "[[provider]]\nid = \"fc\"\nkind = \"franceconnect\"\nissuer = \"http://127.0.0.1:{port}/api/v2\"\nclient_id = \"x\"\nclient_secret = \"y\"\n"
    );
    std::fs::write(folder.path().join("providers.toml"), declaration).unwrap();
    assert_eq!(type_here(&["apply", "providers.toml"]).0, 0);
    let (code, out) = type_here(&["check"]);
    assert!(code == 0 && out.contains("warning  provider       fc (FranceConnect)") && out.contains("unreachable"), "{code} {out}");
}
