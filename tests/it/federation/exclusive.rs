//! Domains whose people sign in through a provider and no other way: creating an account, « Mot de passe oublié » and the first
//! sign-in lead there too, whoever it is.

use guichet::mail::message::MailMessage;
use serde_json::json;

use super::*;
use crate::support::Engine;
use crate::support::gateway::HttpGateway;

const KNOWN: &str = "camille@boulangerie.example";
const UNKNOWN: &str = "personne@boulangerie.example";

fn declaration(upstream: &Upstream, more: &str) -> String {
    upstream.declaration("proconnect", more).replace("kind = \"franceconnect\"", "kind = \"proconnect\"")
}

/// A ProConnect to which the domain of [`KNOWN`] belongs.
async fn owner(app: &TestApp) -> Upstream {
    let upstream = Upstream::start(app).await;
    upstream.state().agents = true;
    upstream.state().person = json!({
        "sub": "agent-1", "given_name": "Noé", "usual_name": "NEUF", "email": "neuf@boulangerie.example", "uid": "n", "siret": "11009001600053",
    }).as_object().unwrap().clone();
    app.apply(&declaration(&upstream, "domains = [\"boulangerie.example\"]\nexclusive = true")).await;
    upstream
}

/// What a page answers to each address: where it leads, and its words without the address.
async fn answers(app: &TestApp, upstream: &Upstream, path: &str, more: &[(&str, &str)]) {
    let mut seen = Vec::new();
    for email in [KNOWN, UNKNOWN] {
        let mut browser = app.browser();
        let page = browser.get(path).await;
        let fields: Vec<_> = [("courriel", email)].into_iter().chain(more.iter().copied()).collect();
        let page = browser.submit(&page, &fields).await;
        let left = page.left_for.clone().unwrap_or_else(|| panic!("{path} {email}: {} {}", page.path, page.body));
        assert!(left.starts_with(&upstream.issuer()), "{path}: {left}");
        let hint = url::Url::parse(&left).unwrap().query_pairs().find(|(n, _)| n == "login_hint").unwrap().1.into_owned();
        assert_eq!(hint, email);
        seen.push((page.status, page.h1()));
        assert!(app.mails(email).await.is_empty(), "{path} {email}: nothing is sent");
    }
    assert_eq!(seen[0], seen[1], "{path}: known or not, the same answer");
    assert_eq!(app.count("SELECT COUNT(*) FROM email_code").await, 0);
}

on_both! {
    async fn creating_an_account_leads_to_the_provider_of_the_domain(app) {
        let upstream = owner(&app).await;
        answers(&app, &upstream, "/creation", &[]).await;
        // The account is made there, at the first sign-in.
        let mut browser = app.browser();
        let page = browser.get("/creation").await;
        let page = browser.submit(&page, &[("courriel", "neuf@boulangerie.example")]).await;
        let page = browser.get(&upstream.visit(&page.left_for.unwrap())).await;
        assert_eq!(page.path, "/accueil", "{}", page.body);
        // Other domains are ours.
        let mut browser = app.browser();
        let page = browser.get("/creation").await;
        let page = browser.submit(&page, &[("courriel", "neuf@sous.boulangerie.example")]).await;
        assert!(page.path.starts_with("/creation/code"), "{}", page.path);
    }

    async fn a_forgotten_password_leads_to_the_provider_of_the_domain(app) {
        let upstream = owner(&app).await;
        answers(&app, &upstream, "/mot-de-passe-oublie", &[]).await;
    }

    async fn what_was_begun_before_the_domain_was_given_away_makes_and_changes_nothing(app) {
        let (mut reset, mut creation) = (app.browser(), app.browser());
        let page = reset.get("/mot-de-passe-oublie").await;
        let page = reset.submit(&page, &[("courriel", KNOWN)]).await;
        let reset_page = reset.submit(&page, &[("code", &app.last_code(KNOWN).await)]).await;
        assert!(reset_page.path.starts_with("/mot-de-passe-oublie/nouveau"), "{}", reset_page.path);
        let page = creation.get("/creation").await;
        let page = creation.submit(&page, &[("courriel", UNKNOWN)]).await;
        let creation_page = creation.submit(&page, &[("code", &app.last_code(UNKNOWN).await)]).await;
        assert!(creation_page.path.starts_with("/creation/identite"), "{}", creation_page.path);
        owner(&app).await;
        let changes = "SELECT COUNT(*) FROM audit_event WHERE kind = 'account.password_changed'";
        let (before, changed) = (rows(&app).await, app.count(changes).await);
        let page = reset.submit(&reset_page, &[("nouveau_mot_de_passe", "quinze parapluies au vestiaire")]).await;
        assert!(page.path.starts_with("/mot-de-passe-oublie?"), "{}", page.path);
        let page = creation.submit(&creation_page, &[("prenom", "Noé"), ("nom", "Neuf")]).await;
        assert!(page.path.starts_with("/creation?"), "{}", page.path);
        assert_eq!(rows(&app).await, before);
        assert_eq!(app.count(changes).await, changed);
    }

    async fn s20_who_signs_in_through_the_provider_is_asked_for_no_password(app) {
        let upstream = owner(&app).await;
        app.apply("[[account]]\nlogin_email = \"repris@boulangerie.example\"\ngiven_name = \"Lise\"\nfamily_name = \"Petit\"\nto_activate = true\nemail_verified = true\n").await;
        upstream.state().person.insert("email".into(), "repris@boulangerie.example".into());
        let mut browser = app.browser();
        let page = browser.get("/connexion").await;
        let page = browser.submit(&page, &[("courriel", "repris@boulangerie.example")]).await;
        let page = browser.get(&upstream.visit(&page.left_for.unwrap())).await;
        assert!(page.path.starts_with("/connexion/rapprochement"), "{}", page.path);
        let page = browser.submit(&page, &[("choix", "rattacher")]).await;
        assert!(app.mails("repris@boulangerie.example").await.iter().any(|m| matches!(m, MailMessage::LinkCode { .. })));
        let page = browser.submit(&page, &[("code", &app.last_code("repris@boulangerie.example").await)]).await;
        assert_eq!(page.path, "/accueil", "{}", page.body);
        let t = browser.get("/connexion").await;
        assert!(!t.path.starts_with("/connexion/activation"), "{}", t.path);
    }
}

#[tokio::test]
async fn s22_a_first_sign_in_leads_to_the_provider_of_the_domain_designated_or_not() {
    let gateway = HttpGateway::start().await;
    let url = gateway.url("/v1/messages");
    let app = TestApp::start(Engine::Sqlite, |config| config.sms.url = Some(url)).await;
    let upstream = owner(&app).await;
    app.apply("[[designation]]\nlogin_email = 'camille@boulangerie.example'\nmobile = '06 12 34 56 78'\n").await;
    let waiting = app.mails(KNOWN).await.len();
    let mut seen = Vec::new();
    for email in [KNOWN, UNKNOWN] {
        let mut browser = app.browser();
        let page = browser.get("/premiere-connexion").await;
        let page = browser.submit(&page, &[("courriel", email), ("telephone", "06 12 34 56 78")]).await;
        assert!(page.left_for.as_ref().is_some_and(|left| left.starts_with(&upstream.issuer())), "{email}: {}", page.path);
        seen.push((page.status, page.h1()));
    }
    assert_eq!(seen[0], seen[1]);
    assert_eq!((app.mails(KNOWN).await.len(), app.mails(UNKNOWN).await.len(), gateway.asked().len()), (waiting, 0, 0));
}
