//! « Mon compte » and the portal pages, as the person concerned, as another person and as nobody.

mod courriel;
mod historique;
mod offline;
mod securite;

use axum::http::StatusCode;
use guichet::account::{AccountState, lifecycle, store as accounts};
use guichet::audit::Kind;
use guichet::base::{Actor, Email};
use guichet::mail::message::{MailMessage, SecurityEvent};

use crate::support::{Browser, Page, TestApp};

const CAMILLE: &str = "camille@boulangerie.example";
const DOMINIQUE: &str = "dominique@boulangerie.example";
const NEW: &str = "c.durand@ailleurs.example";
const PHRASE: &str = "trois ponts et un canal gris";

/// A browser in which this person has just signed in to the portal. A second passes: mails of one instant have no order.
async fn signed_in(app: &TestApp, email: &str) -> Browser {
    app.advance(1);
    let mut browser = app.browser();
    let page = browser.get("/connexion").await;
    let page = browser.sign_in_with_code(&page, email).await;
    assert_eq!(page.path, "/accueil");
    browser
}

async fn account(app: &TestApp, email: &str) -> guichet::account::Account {
    let mut read = app.app.db.read().await.unwrap();
    accounts::find_by_login(&mut read, &Email::parse(email).unwrap()).await.unwrap().unwrap()
}

async fn set_state(app: &TestApp, email: &str, state: AccountState) {
    let account = account(app, email).await;
    let mut tx = app.app.db.begin().await.unwrap();
    assert!(lifecycle::set_state(&mut tx, &app.app.ctx(Actor::Operator), &account, state).await.unwrap());
    tx.commit().await.unwrap();
}

/// How many events of this kind.
async fn events(app: &TestApp, kind: Kind) -> usize {
    app.audit().await.iter().filter(|k| *k == kind.name()).count()
}

fn notice(page: &Page) -> String {
    page.body.split("role=\"status\"><p>").nth(1).and_then(|s| s.split("</p>").next()).unwrap_or_default().to_owned()
}

async fn told(app: &TestApp, to: &str, wanted: SecurityEvent) -> bool {
    app.mails(to).await.iter().any(|m| matches!(m, MailMessage::SecurityNotice { event, .. } if *event == wanted))
}

const PAGES: &[&str] = &[
    "/accueil",
    "/compte",
    "/compte/identite",
    "/compte/courriel-connexion",
    "/compte/courriel-contact",
    "/compte/mot-de-passe",
    "/compte/sessions",
    "/compte/activite",
    "/compte/pas-moi",
    "/compte/autorisations",
];

on_both! {
    async fn pages_of_an_account_are_for_its_person(app) {
        let mut stranger = app.browser();
        for path in PAGES {
            let page = stranger.get(path).await;
            assert!(page.path.starts_with("/connexion?retour=%2F"), "{path}: {}", page.path);
            assert!(!page.body.contains("Durand"), "{path}");
        }
        let mut browser = signed_in(&app, CAMILLE).await;
        for path in PAGES {
            let page = browser.get(path).await;
            assert_eq!((page.status, page.path.as_str()), (StatusCode::OK, *path));
            assert!(page.body.contains("Camille Durand") && !page.body.contains("Martin"), "{path}: whose page");
            assert!(!page.h1().is_empty(), "{path}");
        }
        let page = browser.get("/compte").await;
        assert!(page.body.contains(CAMILLE) && page.body.contains("Aucun mot de passe") && page.body.contains("Une session ouverte"), "{}", page.body);
    }

    async fn signing_in_leads_back_to_the_page_that_was_asked_for(app) {
        let mut browser = app.browser();
        let page = browser.get("/compte/activite?famille=compte").await;
        let page = browser.sign_in_with_code(&page, CAMILLE).await;
        assert_eq!(page.path, "/compte/activite?famille=compte");
    }

    async fn ef_10_name_first_name_and_phone_can_be_edited(app) {
        let mut browser = signed_in(&app, CAMILLE).await;
        let page = browser.get("/compte/identite").await;
        let fields = [("prenom", " Camille-Rose "), ("nom", "d’Ormesson"), ("telephone", "06 12 34 56 78"), ("fonction", "Gérante")];
        let page = browser.submit(&page, &fields).await;
        assert_eq!((page.path.as_str(), notice(&page).as_str()), ("/compte", "Vos informations ont été enregistrées."));
        let saved = account(&app, CAMILLE).await;
        assert_eq!((saved.given_name.as_str(), saved.family_name.as_str()), ("Camille-Rose", "d’Ormesson"));
        assert_eq!((saved.phone.as_deref(), saved.job_title.as_deref()), (Some("+33612345678"), Some("Gérante")));
        assert!(page.body.contains("06 12 34 56 78"));
        assert_eq!(events(&app, Kind::ProfileChanged).await, 1);
        assert_eq!(notice(&browser.get("/compte").await), "", "a notice is shown once");

        // The same again changes nothing and leaves no trace.
        let page = browser.get("/compte/identite").await;
        browser.submit(&page, &fields).await;
        assert_eq!(events(&app, Kind::ProfileChanged).await, 1);
        // What is optional can be taken back.
        let page = browser.get("/compte/identite").await;
        browser.submit(&page, &[("prenom", "Camille"), ("nom", "Durand"), ("telephone", ""), ("fonction", "")]).await;
        assert_eq!(account(&app, CAMILLE).await.phone, None);
        assert_eq!(account(&app, DOMINIQUE).await.family_name, "Martin", "nobody else's");
    }

    async fn a_refused_identity_keeps_what_was_typed(app) {
        let mut browser = signed_in(&app, CAMILLE).await;
        let page = browser.get("/compte/identite").await;
        let page = browser.submit(&page, &[("prenom", ""), ("nom", "<b>"), ("telephone", "12"), ("fonction", "Gérante")]).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
        for words in ["Saisissez votre prénom", "Gérante", "value=\"&#60;b&#62;\"", "value=\"12\"", "3\u{a0}erreurs"] {
            assert!(page.body.contains(words), "{words}: {}", page.body);
        }
        assert_eq!(account(&app, CAMILLE).await.family_name, "Durand");
        assert_eq!(events(&app, Kind::ProfileChanged).await, 0);
    }
}
