//! Administrators have no password, and prove two factors (issue « strong sign-in », point 7).

use guichet::account::{self, Account};
use guichet::authn::administrator;
use guichet::authn::factor::Kit;
use guichet::base::{Actor, Email};
use guichet::cli::apply::{ApplyOptions, apply};

use crate::support::{Browser, Page, TestApp};

const DOMINIQUE: &str = "dominique@boulangerie.example";
const PASSWORD: &str = "une phrase assez longue 2026";

fn at(page: &Page, path: &str) -> bool {
    page.path.split('?').next() == Some(path)
}

async fn find(app: &TestApp) -> Account {
    let email = Email::parse(DOMINIQUE).unwrap();
    account::store::find_by_login(&mut app.app.db.read().await.unwrap(), &email).await.unwrap().unwrap()
}

async fn set(app: &TestApp, on: bool) -> bool {
    let ctx = app.app.ctx(Actor::Operator);
    let kit = Kit { ctx: &ctx, keys: &app.app.keys, config: &app.app.config };
    let account = find(app).await;
    let mut tx = app.app.db.begin().await.unwrap();
    let changed = administrator::set(&mut tx, &kit, &account, on).await.unwrap();
    tx.commit().await.unwrap();
    changed
}

async fn has_password(app: &TestApp) -> bool {
    let id = find(app).await.id;
    account::store::find_password(&mut app.app.db.read().await.unwrap(), &id).await.unwrap().is_some()
}

async fn with_password(browser: &mut Browser) -> Page {
    browser.app().advance(60);
    let page = browser.get("/connexion").await;
    let page = browser.submit(&page, &[("courriel", DOMINIQUE)]).await;
    let link = page.links().into_iter().find(|l| l.starts_with("/connexion/mot-de-passe")).unwrap();
    let page = browser.get(&link).await;
    browser.submit(&page, &[("mot_de_passe", PASSWORD)]).await
}

on_both! {
    async fn a_new_administrator_loses_password_and_sessions_and_is_told(app) {
        let mut browser = app.browser();
        assert!(at(&with_password(&mut browser).await, "/accueil"));
        assert!(set(&app, true).await);
        assert!(!set(&app, true).await, "once");
        assert!(!has_password(&app).await);
        assert!(at(&browser.get("/compte").await, "/connexion"), "the session ended");
        let mails = format!("{:?}", app.mails(DOMINIQUE).await);
        assert!(mails.contains("AdministratorAdded"), "{mails}");
        assert!(app.audit().await.contains(&"account.administrator_changed".to_owned()));
        let refused = with_password(&mut app.browser()).await;
        assert!(refused.says("Adresse e-mail ou mot de passe incorrect"), "{}", refused.body);
    }

    async fn a_code_by_mail_alone_leads_an_administrator_to_a_second_factor(app) {
        set(&app, true).await;
        app.advance(60);
        let mut browser = app.browser();
        let page = browser.get("/connexion").await;
        let page = browser.sign_in_with_code(&page, DOMINIQUE).await;
        assert!(at(&page, "/connexion/renforcement"), "{}", page.path);
        assert!(at(&browser.get("/compte").await, "/connexion/renforcement") || !browser.get("/compte").await.says("Dominique Martin"));
    }

    async fn no_way_gives_an_administrator_a_password(app) {
        set(&app, true).await;
        app.advance(60);
        let mut browser = app.browser();
        let page = browser.get("/mot-de-passe-oublie").await;
        let page = browser.sign_in_with_code(&page, DOMINIQUE).await;
        assert!(page.says("Ce compte n’a pas de mot de passe"), "{}", page.body);
        // Even a form kept from before.
        let path = page.path.clone();
        let forged = browser.post(&path, &[("jeton", "x"), ("nouveau_mot_de_passe", "quatorze parapluies au vestiaire")]).await;
        assert!(!at(&forged, "/accueil"));
        let declared = format!("[[account]]\nlogin_email = '{DOMINIQUE}'\npassword = 'quatorze parapluies'\n");
        let refused = apply(&app.app, &declared, ApplyOptions::default()).await.map_err(|e| e.in_file("hub.toml")).unwrap_err();
        assert!(refused.contains("an administrator has none"), "{refused}");
        assert!(!has_password(&app).await);
    }

    async fn a_password_left_over_opens_nothing(app) {
        const LEFT: &str = "UPDATE account SET administrator = TRUE WHERE login_email = $1";
        let mut tx = app.app.db.begin().await.unwrap();
        guichet::sql!(&mut tx, LEFT, DOMINIQUE; exec).unwrap();
        tx.commit().await.unwrap();
        assert!(has_password(&app).await);
        let refused = with_password(&mut app.browser()).await;
        assert!(refused.says("Adresse e-mail ou mot de passe incorrect"), "{}", refused.body);
    }

    async fn an_ordinary_account_again_may_have_one(app) {
        set(&app, true).await;
        assert!(set(&app, false).await);
        assert!(!set(&app, false).await);
        app.apply(&format!("[[account]]\nlogin_email = '{DOMINIQUE}'\npassword = '{PASSWORD}'\n")).await;
        assert!(at(&with_password(&mut app.browser()).await, "/accueil"));
    }
}

/// The real command, in a folder of its own.
fn guichet(folder: &std::path::Path, arguments: &[&str]) -> (i32, String) {
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_guichet"));
    command.args(arguments).current_dir(folder).env_remove("GUICHET_CONFIG").stdin(std::process::Stdio::null());
    command.envs([("GUICHET__KEYS__MASTER_KEY", "A".repeat(43).as_str()), ("GUICHET__SMS__URL", "http://127.0.0.1:9/v1")]);
    command.envs([("GUICHET__PASSWORDS__MEMORY", "64"), ("GUICHET__PASSWORDS__PASSES", "1")]);
    let done = command.output().unwrap();
    let said = String::from_utf8_lossy(&done.stdout).into_owned() + &String::from_utf8_lossy(&done.stderr);
    (done.status.code().unwrap(), said)
}

#[test]
fn the_commands_say_what_they_did_and_refuse_with_their_status() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    std::fs::write(
        at.join("people.csv"),
        "login_email;given_name;family_name;password_hash\nlise@a.example;Lise;Petit;{SSHA}AZKja92fbuuB9SpRlHqaoXxbTc43Mzc2MDM1Ng==\nx;;;\n",
    )
    .unwrap();
    std::fs::write(at.join("hub.toml"), "[[establishment]]\nsiret = '73282932000074'\nname = 'Mairie'\n").unwrap();
    let mut all = String::new();
    for (status, arguments, words) in [
        (0, vec!["apply", "hub.toml"], "1 created"),
        (1, vec!["account", "import", "people.csv"], "nothing was written"),
        (1, vec!["account", "import", "people.csv", "--dry-run"], "+ line 2: lise@a.example"),
        (0, vec!["account", "import", "people.csv", "--skip-invalid"], "1 created, 0 changed, 0 unchanged, 0 left alone, 1 refused"),
        (4, vec!["account", "import", "nowhere.csv"], "nowhere.csv"),
        (4, vec!["admin", "add", "nobody@a.example"], "no account"),
        (0, vec!["admin", "add", "lise@a.example"], "a passkey, an application or a card must be added"),
        (0, vec!["admin", "add", "lise@a.example"], "was an administrator already"),
        (0, vec!["admin", "list"], "lise@a.example"),
        (0, vec!["admin", "list", "--json"], "\"administrator\": true"),
        (0, vec!["admin", "remove", "lise@a.example"], "is no longer an administrator"),
        (2, vec!["account", "designate", "anne@a.example", "--mobile", "01 23 45 67 89"], "landline"),
        (4, vec!["account", "designate", "anne@a.example", "--mobile", "06 12 34 56 78"], "--given-name and --family-name"),
        (4, vec!["account", "designate", "lise@a.example", "--mobile", "06 12 34 56 78", "--siret", "21750001600019"], "no establishment"),
        (0, vec!["account", "designate", "lise@a.example", "--mobile", "06 12 34 56 78", "--siret", "73282932000074"], "valid until"),
    ] {
        let (code, said) = guichet(at, &arguments);
        assert_eq!(code, status, "{arguments:?}: {said}");
        assert!(said.contains(words), "{arguments:?}: {said}");
        all += &said;
    }
    assert!(!all.contains("AZKja92"), "no command repeats a hash");
}
