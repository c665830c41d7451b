//! What people may leave out of what a service asks for (S-16), and what a service of the same operator is told of (S-24).

use serde_json::{Value, json};

use crate::support::rp::{DOSSIER, LEGACY, MANDAT, Rp, userinfo};
use crate::support::{Browser, Page, TestApp};

const DOMINIQUE: &str = "dominique@boulangerie.example";
const PHONE: &str = "+33612345678";
const ASKED: &str = "openid email phone";

async fn may_leave_out(app: &TestApp, rp: Rp, scope: &str) {
    let mut client = app.app.clients().any(rp.id).unwrap().as_ref().clone();
    client.metadata.optional_scope = scope.to_owned();
    app.put_client(client).await;
}

/// The consent page of a new browser, in which Dominique signed in.
async fn asked(app: &TestApp, rp: Rp, extra: &[(&str, &str)]) -> (Browser, Page) {
    let mut browser = app.browser();
    let page = browser.get(&rp.authorize(extra)).await;
    let page = browser.sign_in_with_code(&page, DOMINIQUE).await;
    assert!(page.path.starts_with("/connexion/autorisation"), "{} {}", page.path, page.body);
    (browser, page)
}

/// The scope of the tokens that a page leads to, and what userinfo then says.
async fn given(app: &TestApp, rp: Rp, page: &Page) -> (String, Value, String) {
    let code = page.left_with("code").unwrap_or_else(|| panic!("{} {:?} {}", page.path, page.left_for, page.body));
    let tokens = rp.redeem(app, &code).await.json();
    let access = tokens["access_token"].as_str().unwrap_or_else(|| panic!("{tokens}")).to_owned();
    let told = userinfo(app, &access).await.json();
    (tokens["scope"].as_str().unwrap().to_owned(), told, access)
}

on_both! {
    async fn an_optional_scope_is_given_when_ticked_and_the_answer_holds(app) {
        may_leave_out(&app, MANDAT, "phone").await;
        let request = MANDAT.authorize(&[("scope", ASKED)]);
        let (mut browser, page) = asked(&app, MANDAT, &[("scope", ASKED)]).await;
        assert!(page.says("Vous pouvez aussi autoriser") && page.says("Téléphone") && page.says(PHONE), "{}", page.body);
        assert!(page.body.contains("name=\"portee\" value=\"phone\"") && !page.body.contains(" checked"), "{}", page.body);
        let page = browser.submit(&page, &[("decision", "autoriser")]).await;
        let (scope, told, _) = given(&app, MANDAT, &page).await;
        assert_eq!((scope.as_str(), &told["email"], told.get("phone_number")), ("openid email", &json!(DOMINIQUE), None));
        // Nobody is asked twice, and what was not allowed stays so.
        for silent in [request.clone(), format!("{request}&prompt=none")] {
            let page = browser.get(&silent).await;
            assert_eq!(page.status, 303, "{}", page.path);
            let (scope, told, _) = given(&app, MANDAT, &page).await;
            assert_eq!((scope.as_str(), told.get("phone_number")), ("openid email", None));
        }
        // Asked anew on purpose.
        let again = format!("{request}&prompt=consent");
        let page = browser.get(&again).await;
        assert!(page.path.starts_with("/connexion/autorisation"), "{}", page.path);
        let page = browser.submit(&page, &[("decision", "autoriser"), ("portee", "phone")]).await;
        let (scope, told, _) = given(&app, MANDAT, &page).await;
        assert_eq!((scope.as_str(), &told["phone_number"]), (ASKED, &json!(PHONE)));
        let (scope, _, held) = given(&app, MANDAT, &browser.get(&request).await).await;
        assert_eq!(scope, ASKED, "remembered too");
        // The last word counts, for what the service holds already too: what was allowed is ticked, for nobody to withdraw unawares.
        let page = browser.get(&again).await;
        assert!(page.body.contains("value=\"phone\" checked"), "{}", page.body);
        let page = browser.submit(&page, &[("decision", "autoriser")]).await;
        assert_eq!(given(&app, MANDAT, &page).await.0, "openid email");
        assert_eq!(userinfo(&app, &held).await.status, 401);
        assert_eq!(app.audit().await.iter().filter(|k| *k == "consent.withdrawn").count(), 1);
        // More of what cannot be left out is asked for.
        let page = browser.get(&MANDAT.authorize(&[("scope", "openid profile email phone")])).await;
        assert!(page.path.starts_with("/connexion/autorisation"), "{}", page.path);
    }

    async fn what_was_not_asked_for_is_not_given(app) {
        may_leave_out(&app, MANDAT, "phone").await;
        let (mut browser, page) = asked(&app, MANDAT, &[("scope", "openid email")]).await;
        assert!(!page.body.contains("portee"), "{}", page.body);
        let forged = [("decision", "autoriser"), ("portee", "phone"), ("portee", "profile"), ("portee", "openid phone")];
        let page = browser.press(&page, "/connexion/autorisation", &forged).await;
        let (scope, told, _) = given(&app, MANDAT, &page).await;
        assert_eq!((scope.as_str(), told.get("phone_number"), told.get("name")), ("openid email", None, None));
        let page = browser.get(&MANDAT.authorize(&[("scope", ASKED)])).await;
        assert_eq!(given(&app, MANDAT, &page).await.0, "openid email", "nor remembered");
    }

    async fn claims_asked_for_one_by_one_follow_the_scope_that_gives_them(app) {
        may_leave_out(&app, MANDAT, "phone").await;
        let claims = json!({ "userinfo": { "phone_number": null }, "id_token": { "phone_number": null, "email": null } }).to_string();
        let (mut browser, page) = asked(&app, MANDAT, &[("scope", ASKED), ("claims", &claims)]).await;
        let page = browser.submit(&page, &[("decision", "autoriser")]).await;
        let code = page.left_with("code").unwrap();
        let tokens = MANDAT.redeem(&app, &code).await.json();
        let id = crate::support::rp::claims(tokens["id_token"].as_str().unwrap());
        assert_eq!((&id["email"], id.get("phone_number")), (&json!(DOMINIQUE), None));
        assert_eq!(userinfo(&app, tokens["access_token"].as_str().unwrap()).await.json().get("phone_number"), None);
        // Nor without its scope.
        let page = browser.get(&MANDAT.authorize(&[("scope", "openid email"), ("claims", &claims)])).await;
        assert_eq!(given(&app, MANDAT, &page).await.1.get("phone_number"), None);
        let page = browser.get(&MANDAT.authorize(&[("scope", ASKED), ("claims", &claims), ("prompt", "consent")])).await;
        let page = browser.submit(&page, &[("decision", "autoriser"), ("portee", "phone")]).await;
        assert_eq!(given(&app, MANDAT, &page).await.1["phone_number"], PHONE);
    }

    async fn a_consent_asked_each_time_gives_what_is_ticked_that_time(app) {
        may_leave_out(&app, LEGACY, "email").await;
        let (mut browser, page) = asked(&app, LEGACY, &[]).await;
        let page = browser.submit(&page, &[("decision", "autoriser"), ("portee", "email")]).await;
        let (scope, told, _) = given(&app, LEGACY, &page).await;
        assert_eq!((scope.as_str(), &told["email"]), ("openid profile email", &json!(DOMINIQUE)));
        let page = browser.get(&LEGACY.authorize(&[])).await;
        let page = browser.submit(&page, &[("decision", "autoriser")]).await;
        let (scope, told, _) = given(&app, LEGACY, &page).await;
        assert_eq!((scope.as_str(), told.get("email"), &told["given_name"]), ("openid profile", None, &json!("Dominique")));
    }

    async fn leaving_everything_out_is_refusing(app) {
        may_leave_out(&app, MANDAT, "phone").await;
        let (mut browser, page) = asked(&app, MANDAT, &[("scope", "phone")]).await;
        assert!(page.says("Identifiant technique"), "{}", page.body);
        let page = browser.submit(&page, &[("decision", "autoriser")]).await;
        assert_eq!(page.left_with("error").as_deref(), Some("access_denied"));
    }

    async fn a_service_of_the_same_operator_asks_nothing_and_says_what_it_receives(app) {
        may_leave_out(&app, DOSSIER, "email").await;
        let mut browser = app.browser();
        let page = browser.get(&DOSSIER.authorize(&[])).await;
        let page = browser.sign_in_with_code(&page, DOMINIQUE).await;
        assert!(page.path.starts_with("/connexion/suite/"), "{}", page.path);
        assert!(page.says("Informations transmises à Dépôt des aides : Prénom, Nom, "), "{}", page.body);
        assert!(!page.says("Téléphone") && !page.body.contains("<script") && page.body.len() <= 15 * 1024, "{}", page.body);
        assert_eq!(given(&app, DOSSIER, &page).await.0, "openid profile email");
        let page = app.browser().get(&DOSSIER.authorize(&[("scope", "openid")])).await;
        assert!(!page.says("Informations transmises"));
        // Whoever was asked knows.
        let (mut browser, page) = asked(&app, MANDAT, &[]).await;
        let page = browser.submit(&page, &[("decision", "autoriser")]).await;
        assert!(page.path.starts_with("/connexion/suite/") && !page.says("Informations transmises"), "{} {}", page.path, page.body);
    }
}
