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
