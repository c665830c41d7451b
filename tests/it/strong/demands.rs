//! What demands more than one factor, and what a token then says.

use guichet::base::Aal;
use serde_json::json;

use super::*;
use crate::support::rp::{DOSSIER, MANDAT, Rp, claims, userinfo};

async fn minimum(app: &TestApp, rp: &Rp, aal: Aal) {
    let mut client = app.app.clients().any(rp.id).unwrap().as_ref().clone();
    client.metadata.minimum_acr = Some(aal);
    app.put_client(client).await;
}

async fn id_token(app: &TestApp, page: &Page) -> serde_json::Value {
    let tokens = DOSSIER.redeem(app, &page.left_with("code").unwrap_or_else(|| panic!("{} {}", page.path, page.body))).await.json();
    claims(tokens["id_token"].as_str().unwrap())
}

fn essential(values: &[&str]) -> String {
    json!({ "id_token": { "acr": { "essential": true, "values": values } } }).to_string()
}

on_both! {
    async fn a_token_says_what_happened_in_this_session(app) {
        let mut browser = signed_in(&app, CAMILLE).await;
        let phone = enrolled(&app, &mut browser).await;
        browser.set_cookie("__Host-session", None);
        let page = DOSSIER.sign_in(&mut browser, &[]).await;
        let first = id_token(&app, &page).await;
        assert_eq!((&first["acr"], &first["amr"]), (&json!("aal1"), &json!(["otp"])));
        app.advance(100);
        let page = browser.get(&DOSSIER.authorize(&[("acr_values", "aal2")])).await;
        assert!(page.says("Dépôt des aides demande une connexion renforcée."), "{}", page.body);
        let page = browser.submit(&page, &[("code", &phone.code(&app, 0))]).await;
        let second = id_token(&app, &page).await;
        assert_eq!((&second["acr"], &second["amr"]), (&json!("aal2"), &json!(["otp", "mfa"])));
        assert!(second["auth_time"].as_i64() >= first["auth_time"].as_i64().map(|t| t + 100));
        assert_eq!(second["sid"], first["sid"], "the same session, stronger");
        // The next service is told the same, without a page.
        let page = browser.get(&DOSSIER.authorize(&[("prompt", "none"), ("claims", &essential(&["aal2"]))])).await;
        assert_eq!(id_token(&app, &page).await["acr"], "aal2");
    }

    async fn an_essential_acr_is_reached_or_refused(app) {
        let mut browser = signed_in(&app, CAMILLE).await;
        let phone = enrolled(&app, &mut browser).await;
        browser.set_cookie("__Host-session", None);
        DOSSIER.sign_in(&mut browser, &[]).await;
        let page = browser.get(&DOSSIER.authorize(&[("prompt", "none"), ("claims", &essential(&["aal2"]))])).await;
        assert_eq!(page.left_with("error").as_deref(), Some("unmet_authentication_requirements"));
        let page = browser.get(&DOSSIER.authorize(&[("claims", &essential(&["urn:unknown"]))])).await;
        assert_eq!(page.left_with("error").as_deref(), Some("unmet_authentication_requirements"));
        let page = browser.get(&DOSSIER.authorize(&[("claims", &essential(&["aal2", "aal3"]))])).await;
        let page = browser.submit(&page, &[("code", &phone.code(&app, 0))]).await;
        assert_eq!(id_token(&app, &page).await["acr"], "aal2");
        // Only a passkey would do.
        let page = browser.get(&DOSSIER.authorize(&[("claims", &essential(&["aal3"]))])).await;
        assert!(at(&page, "/connexion/renforcement") && !page.says("Configurer une application"), "{} {}", page.path, page.body);
    }

    async fn an_acr_that_is_not_essential_is_the_same_wish_as_acr_values(app) {
        let mut browser = signed_in(&app, CAMILLE).await;
        let phone = enrolled(&app, &mut browser).await;
        browser.set_cookie("__Host-session", None);
        DOSSIER.sign_in(&mut browser, &[]).await;
        for wish in [json!({ "values": ["aal2"] }), json!({ "value": "aal2" })] {
            let wish = json!({ "id_token": { "acr": wish } }).to_string();
            let page = browser.get(&DOSSIER.authorize(&[("claims", &wish), ("acr_values", "aal1")])).await;
            assert_eq!(id_token(&app, &page).await["acr"], "aal1", "acr_values says it first");
            let page = browser.get(&DOSSIER.authorize(&[("claims", &wish)])).await;
            assert!(page.says("Dépôt des aides demande une connexion renforcée."), "{}", page.body);
        }
        let wish = json!({ "id_token": { "acr": { "values": ["aal2"] } } }).to_string();
        let page = browser.get(&DOSSIER.authorize(&[("claims", &wish)])).await;
        let page = browser.submit(&page, &[("code", &phone.code(&app, 0))]).await;
        assert_eq!(id_token(&app, &page).await["acr"], "aal2");
        // Whoever has one factor comes through.
        let mut other = app.browser();
        let page = other.get(&DOSSIER.authorize(&[("claims", &wish)])).await;
        let page = other.sign_in_with_code(&page, DOMINIQUE).await;
        assert_eq!(id_token(&app, &page).await["acr"], "aal1");
    }

    async fn acr_values_are_a_wish_for_whoever_has_one_factor(app) {
        let mut browser = app.browser();
        let page = DOSSIER.sign_in(&mut browser, &[("acr_values", "aal3 aal2")]).await;
        assert_eq!(id_token(&app, &page).await["acr"], "aal1");
    }

    async fn a_client_may_demand_two_factors_and_the_tunnel_sets_one_up(app) {
        minimum(&app, &DOSSIER, Aal::Two).await;
        let mut browser = app.browser();
        let page = DOSSIER.sign_in(&mut browser, &[]).await;
        assert!(at(&page, "/connexion/renforcement") && page.says("Étape 1 sur 3"), "{} {}", page.path, page.body);
        assert!(!page.says("Plus tard"), "a service does not wait");
        let link = page.links().into_iter().find(|l| l.starts_with("/connexion/renforcement/application")).unwrap();
        let page = browser.get(&link).await;
        let phone = Phone::reading(&page);
        let page = browser.submit(&page, &[("code", &phone.code(&app, 0))]).await;
        assert!(at(&page, "/compte/securite/codes") && page.says("Étape 3 sur 3"), "{} {}", page.path, page.body);
        let page = browser.submit(&page, &[("jeu", "")]).await;
        let page = browser.submit(&page, &[("terminer", "1"), ("conserves", "oui")]).await;
        let id = id_token(&app, &page).await;
        assert_eq!((&id["acr"], &id["amr"]), (&json!("aal2"), &json!(["otp", "mfa"])));
        // Silently for a session of one factor: the service is told that a page is needed.
        let mut other = app.browser();
        let started = other.get("/connexion").await;
        other.sign_in_with_code(&started, CAMILLE).await;
        let page = other.get(&DOSSIER.authorize(&[("prompt", "none")])).await;
        assert_eq!(page.left_with("error").as_deref(), Some("interaction_required"));
    }

    async fn rfc_9470_a_demand_raised_later_challenges_the_token(app) {
        let mut browser = app.browser();
        let tokens = MANDAT.tokens(&mut browser, &[]).await;
        let (access, refresh) = (tokens["access_token"].as_str().unwrap().to_owned(), tokens["refresh_token"].as_str().unwrap().to_owned());
        assert_eq!(userinfo(&app, &access).await.status, 200);
        assert_eq!(MANDAT.introspect(&app, &access).await["aal"], 1);
        minimum(&app, &MANDAT, Aal::Two).await;
        let answer = userinfo(&app, &access).await;
        assert_eq!(answer.status, 401);
        let challenge = answer.header("www-authenticate");
        assert!(challenge.contains("error=\"insufficient_user_authentication\"") && challenge.contains("acr_values=\"aal2\""), "{challenge}");
        assert_eq!(MANDAT.introspect(&app, &access).await["active"], false);
        let answer = MANDAT.refresh(&app, &refresh).await;
        assert_eq!((answer.status.as_u16(), answer.json()["error"].as_str()), (400, Some("invalid_grant")));
    }

    async fn a_person_who_demands_two_factors_has_time_to_set_one_up(app) {
        demand(&app, CAMILLE, Aal::Two).await;
        let mut browser = app.browser();
        let page = browser.get("/connexion").await;
        let page = browser.sign_in_with_code(&page, CAMILLE).await;
        assert!(at(&page, "/connexion/renforcement") && page.says("Plus tard (il vous reste 14 jours)"), "{} {}", page.path, page.body);
        let page = browser.submit(&page, &[("plus_tard", "1")]).await;
        assert_eq!(page.path, "/accueil");
        app.advance(13 * 86_400);
        let mut browser = app.browser();
        let page = browser.get("/connexion").await;
        let page = browser.sign_in_with_code(&page, CAMILLE).await;
        assert!(page.says("Plus tard (il vous reste un jour)"), "{}", page.body);
        // Then it is over, on every path.
        app.advance(2 * 86_400);
        let mut browser = app.browser();
        let page = browser.get("/connexion").await;
        let page = browser.sign_in_with_code(&page, CAMILLE).await;
        assert!(at(&page, "/connexion/renforcement") && !page.says("Plus tard"), "{} {}", page.path, page.body);
        assert!(at(&browser.get("/compte").await, "/connexion/renforcement"));
        let page = browser.get(&DOSSIER.authorize(&[("prompt", "none")])).await;
        assert_eq!(page.left_with("error").as_deref(), Some("login_required"));
        let page = browser.get(&DOSSIER.authorize(&[])).await;
        assert!(at(&page, "/connexion/renforcement"), "{}", page.path);
    }

    async fn half_a_session_cannot_add_a_factor_to_pass_by_the_one_that_is_owed(app) {
        let mut browser = signed_in(&app, CAMILLE).await;
        let phone = enrolled(&app, &mut browser).await;
        demand(&app, CAMILLE, Aal::Two).await;
        let mut thief = app.browser();
        let page = thief.get("/connexion").await;
        let page = thief.sign_in_with_code(&page, CAMILLE).await;
        assert!(at(&page, "/connexion/verification/application"), "{}", page.path);
        let t = page.path.split_once("t=").unwrap().1.to_owned();
        for path in ["/connexion/renforcement", "/connexion/renforcement/application"] {
            let page = thief.get(&format!("{path}?t={t}")).await;
            assert!(at(&page, "/connexion/verification/application"), "{path}: {}", page.path);
        }
        for path in ["/compte", "/compte/securite", "/compte/securite/application", "/compte/securite/codes", "/accueil"] {
            assert!(at(&thief.get(path).await, "/connexion/verification/application"), "{path}");
        }
        // It dies by itself, and can be ended by hand.
        app.advance(1_801);
        assert!(at(&thief.get(&DOSSIER.authorize(&[])).await, "/connexion"));
        let _ = phone;
    }

    async fn max_age_counts_what_was_proved_since(app) {
        minimum(&app, &DOSSIER, Aal::Two).await;
        let mut browser = signed_in(&app, CAMILLE).await;
        let phone = enrolled(&app, &mut browser).await;
        let page = browser.get(&DOSSIER.authorize(&[])).await;
        assert!(page.left_for.is_some(), "enrolling proved the second factor: {}", page.path);
        app.advance(600);
        let page = browser.get(&DOSSIER.authorize(&[("max_age", "300")])).await;
        assert!(at(&page, "/connexion/confirmer"), "{}", page.path);
        let page = browser.press(&page, "/connexion/code/renvoyer", &[]).await;
        let code = app.last_code(CAMILLE).await;
        let page = browser.submit(&page, &[("code", &code)]).await;
        assert!(at(&page, "/connexion/verification/application"), "both again: {}", page.path);
        let page = browser.submit(&page, &[("code", &phone.code(&app, 0))]).await;
        assert_eq!(id_token(&app, &page).await["acr"], "aal2");
    }

    async fn a_second_tab_goes_on_with_its_own_journey(app) {
        minimum(&app, &DOSSIER, Aal::Two).await;
        minimum(&app, &MANDAT, Aal::Two).await;
        let mut browser = signed_in(&app, CAMILLE).await;
        let phone = enrolled(&app, &mut browser).await;
        browser.set_cookie("__Host-session", None);
        let first = DOSSIER.sign_in(&mut browser, &[]).await;
        let second = browser.get(&MANDAT.authorize(&[])).await;
        assert!(at(&first, "/connexion/verification/application") && at(&second, "/connexion/verification/application"));
        let page = browser.submit(&first, &[("code", &phone.code(&app, 0))]).await;
        assert!(page.left_for.is_some_and(|u| u.starts_with(DOSSIER.redirect_uri)));
        // The other tab: nothing is owed any more; its own service comes next, whatever is typed.
        let page = browser.submit(&second, &[("code", "000000")]).await;
        assert!(at(&page, "/connexion/autorisation") && page.says("Mandats"), "{} {}", page.path, page.body);
        // Reload and back show where the journey is.
        let page = browser.get(&first.path).await;
        assert!(page.status == 409 && page.says("Dépôt des aides"), "{} {}", page.status, page.body);
    }
}
