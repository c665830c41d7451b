//! What demands more than one factor, and what a token then says.

use axum::body::Body;
use axum::http::Request;
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
        assert_eq!(second["auth_time"], first["auth_time"], "a second factor alone does not say who");
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

    async fn max_age_is_not_met_by_a_second_factor_alone(app) {
        let mut browser = signed_in(&app, CAMILLE).await;
        let phone = enrolled(&app, &mut browser).await;
        browser.set_cookie("__Host-session", None);
        let page = DOSSIER.sign_in(&mut browser, &[]).await;
        let first = id_token(&app, &page).await;
        app.advance(5_400);
        let silent = DOSSIER.authorize(&[("prompt", "none"), ("max_age", "300")]);
        assert_eq!(browser.get(&silent).await.left_with("error").as_deref(), Some("login_required"));
        let page = browser.get(&DOSSIER.authorize(&[("claims", &essential(&["aal2"]))])).await;
        assert!(at(&page, "/connexion/verification/application"), "{}", page.path);
        let page = browser.submit(&page, &[("code", &phone.code(&app, 0))]).await;
        let raised = id_token(&app, &page).await;
        assert_eq!((&raised["acr"], &raised["auth_time"]), (&json!("aal2"), &first["auth_time"]));
        assert_eq!(browser.get(&silent).await.left_with("error").as_deref(), Some("login_required"));
        assert!(at(&browser.get(&DOSSIER.authorize(&[("max_age", "300")])).await, "/connexion/confirmer"));
    }

    async fn max_age_binds_the_second_factor_too(app) {
        let mut browser = signed_in(&app, CAMILLE).await;
        let phone = enrolled(&app, &mut browser).await;
        let wanted = essential(&["aal2"]);
        let page = browser.get(&DOSSIER.authorize(&[("claims", &wanted)])).await;
        let page = DOSSIER.consent(&mut browser, page).await;
        assert_eq!(id_token(&app, &page).await["acr"], "aal2");
        app.advance(5_400);
        // Only the code by mail is proved again.
        let page = browser.get(&DOSSIER.authorize(&[("prompt", "login")])).await;
        let page = browser.press(&page, "/connexion/code/renvoyer", &[]).await;
        let page = browser.submit(&page, &[("code", &app.last_code(CAMILLE).await)]).await;
        let told = id_token(&app, &page).await;
        assert_eq!((&told["acr"], &told["amr"]), (&json!("aal1"), &json!(["otp"])), "no more than was proved again");
        let asked = [("max_age", "300"), ("claims", wanted.as_str())];
        let silent = DOSSIER.authorize(&[asked[0], asked[1], ("prompt", "none")]);
        assert_eq!(browser.get(&silent).await.left_with("error").as_deref(), Some("unmet_authentication_requirements"));
        // The application alone is missing; however long it takes, the request ends.
        let page = browser.get(&DOSSIER.authorize(&asked)).await;
        assert!(at(&page, "/connexion/verification/application"), "{}", page.path);
        app.advance(400);
        let page = browser.submit(&page, &[("code", &phone.code(&app, 0))]).await;
        assert_eq!(id_token(&app, &page).await["acr"], "aal2");
        assert_eq!(browser.get(&silent).await.left_with("error").as_deref(), Some("login_required"));
    }

    async fn half_a_session_of_before_does_not_say_who_is_there_now(app) {
        let mut browser = signed_in(&app, CAMILLE).await;
        let phone = enrolled(&app, &mut browser).await;
        demand(&app, CAMILLE, Aal::Two).await;
        for asked in [("max_age", "300"), ("prompt", "login")] {
            app.advance(400);
            let mut browser = app.browser();
            let page = browser.get("/connexion").await;
            let page = browser.sign_in_with_code(&page, CAMILLE).await;
            assert!(at(&page, "/connexion/verification/application"), "{}", page.path);
            app.advance(400);
            let begun = browser.get(&DOSSIER.authorize(&[asked])).await;
            app.advance(1);
            // Straight to the page where they had stopped.
            let page = browser.get(&begun.path.replace("/connexion?", "/connexion/verification/application?")).await;
            assert!(at(&page, "/connexion"), "{asked:?}: {}", page.path);
            let page = browser.sign_in_with_code(&page, CAMILLE).await;
            let page = browser.submit(&page, &[("code", &phone.code(&app, 0))]).await;
            assert_eq!(id_token(&app, &page).await["acr"], "aal2", "{asked:?}");
        }
    }

    async fn a_journey_begun_again_asks_for_a_proof_as_recent(app) {
        let mut browser = signed_in(&app, CAMILLE).await;
        let phone = enrolled(&app, &mut browser).await;
        browser.set_cookie("__Host-session", None);
        DOSSIER.sign_in(&mut browser, &[]).await;
        let page = browser.get(&DOSSIER.authorize(&[("max_age", "300"), ("claims", &essential(&["aal2"]))])).await;
        assert!(at(&page, "/connexion/verification/application"), "{}", page.path);
        // The session is used meanwhile, the journey is not.
        for _ in 0..2 {
            app.advance(app.app.config.sign_in.interaction.as_secs() / 2 + 1);
            assert_eq!(browser.get("/compte").await.path, "/compte");
        }
        let late = browser.get(&page.path).await;
        let again = late.links().into_iter().find(|l| l.starts_with("/connexion?t=")).unwrap();
        let page = browser.get(&again).await;
        let page = browser.sign_in_with_code(&page, CAMILLE).await;
        let page = browser.submit(&page, &[("code", &phone.code(&app, 0))]).await;
        let told = id_token(&app, &page).await;
        assert_eq!(told["acr"], "aal2");
        assert!(told["auth_time"].as_i64().unwrap() >= app.app.ctx(guichet::base::Actor::System).now().secs() - 300, "{told}");
    }

    async fn a_session_that_is_merely_open_adds_no_means_on_the_way(app) {
        let mut browser = signed_in(&app, CAMILLE).await;
        app.advance(5_400);
        let page = browser.get(&DOSSIER.authorize(&[("claims", &essential(&["aal2"]))])).await;
        assert!(at(&page, "/connexion/confirmer"), "{}", page.path);
        // Nor by a link of a journey in which nothing was proved yet.
        let mut client = app.app.clients().any(MANDAT.id).unwrap().as_ref().clone();
        client.metadata.minimum_acr = Some(Aal::PhishingResistant);
        app.put_client(client).await;
        let begun = Request::get(MANDAT.authorize(&[])).body(Body::empty()).unwrap();
        let begun = browser.request(begun).await.header("location").to_owned();
        let (path, t) = begun.split_once("?t=").unwrap();
        assert_eq!(path, "/connexion/renforcement");
        for path in ["", "/application", "/cle", "/cle/options"] {
            let page = browser.get(&format!("/connexion/renforcement{path}?t={t}")).await;
            assert!(at(&page, "/connexion/confirmer"), "{path}: {}", page.path);
        }
        // Once they said who they are, the journey goes on to what it was about.
        let page = browser.press(&page, "/connexion/code/renvoyer", &[]).await;
        let page = browser.submit(&page, &[("code", &app.last_code(CAMILLE).await)]).await;
        assert!(at(&page, "/connexion/renforcement") && page.says("Étape 1 sur 3"), "{} {}", page.path, page.body);
        let offer = page.links().into_iter().find(|l| l.starts_with("/connexion/renforcement/application")).unwrap();
        let page = browser.get(&offer).await;
        let phone = Phone::reading(&page);
        let page = browser.submit(&page, &[("code", &phone.code(&app, 0))]).await;
        assert!(at(&page, "/compte/securite/codes"), "{} {}", page.path, page.body);
    }

    async fn a_form_left_open_adds_no_means_either(app) {
        minimum(&app, &DOSSIER, Aal::Two).await;
        let mut browser = signed_in(&app, CAMILLE).await;
        // Begun while the sign-in was recent, sent when it no longer is, and not proved in this journey.
        let page = browser.get(&DOSSIER.authorize(&[])).await;
        let link = page.links().into_iter().find(|l| l.starts_with("/connexion/renforcement/application")).unwrap();
        let page = browser.get(&link).await;
        let phone = Phone::reading(&page);
        app.advance(601);
        let page = browser.submit(&page, &[("code", &phone.code(&app, 0))]).await;
        assert!(at(&page, "/connexion/confirmer"), "{} {}", page.path, page.body);
        assert_eq!(app.count("SELECT COUNT(*) FROM factor").await, 0);
    }

    async fn a_stale_second_factor_is_proved_again_before_a_stronger_one_is_added(app) {
        let mut browser = signed_in(&app, CAMILLE).await;
        let phone = enrolled(&app, &mut browser).await;
        app.advance(5_400);
        let wanted = essential(&["aal3"]);
        let page = browser.get(&DOSSIER.authorize(&[("claims", &wanted)])).await;
        assert!(at(&page, "/connexion/confirmer"), "{}", page.path);
        let page = browser.press(&page, "/connexion/code/renvoyer", &[]).await;
        let page = browser.submit(&page, &[("code", &app.last_code(CAMILLE).await)]).await;
        assert!(at(&page, "/connexion/verification/application"), "{}", page.path);
        // Another journey, which asks nobody to say again who they are: the application is still stale.
        let other = browser.get(&DOSSIER.authorize(&[("claims", &wanted)])).await;
        assert!(at(&other, "/connexion/verification/application"), "{}", other.path);
        let page = browser.submit(&page, &[("code", &phone.code(&app, 0))]).await;
        assert!(at(&page, "/connexion/renforcement"), "{} {}", page.path, page.body);
    }

    async fn what_may_be_put_off_is_put_off_without_a_new_proof(app) {
        let mut browser = signed_in(&app, CAMILLE).await;
        demand(&app, CAMILLE, Aal::Two).await;
        let id = account(&app, CAMILLE).await.id;
        let mut tx = app.app.db.begin().await.unwrap();
        let end = guichet::base::Clock::now(app.clock.as_ref()).plus(std::time::Duration::from_secs(14 * 86_400));
        accounts::start_grace(&mut tx, &id, end).await.unwrap();
        tx.commit().await.unwrap();
        app.advance(1_200);
        let offer = browser.get("/connexion").await;
        assert!(at(&offer, "/connexion/renforcement") && offer.says("Plus tard"), "{} {}", offer.path, offer.body);
        let link = offer.links().into_iter().find(|l| l.starts_with("/connexion/renforcement/application")).unwrap();
        assert!(at(&browser.get(&link).await, "/connexion/confirmer"));
        assert_eq!(browser.submit(&offer, &[("plus_tard", "1")]).await.path, "/accueil");
    }

    async fn confirming_who_one_is_before_the_codes_does_not_lose_the_service(app) {
        minimum(&app, &DOSSIER, Aal::Two).await;
        let mut browser = app.browser();
        let page = DOSSIER.sign_in(&mut browser, &[]).await;
        let link = page.links().into_iter().find(|l| l.starts_with("/connexion/renforcement/application")).unwrap();
        let page = browser.get(&link).await;
        let phone = Phone::reading(&page);
        let codes = browser.submit(&page, &[("code", &phone.code(&app, 0))]).await;
        assert!(at(&codes, "/compte/securite/codes"), "{} {}", codes.path, codes.body);
        app.advance(700);
        let (shown, made) = (browser.get(&codes.path).await, browser.submit(&codes, &[("jeu", "")]).await);
        assert!(at(&shown, "/connexion/confirmer") && at(&made, "/connexion/confirmer"), "{} {}", shown.path, made.path);
        let page = browser.press(&made, "/connexion/code/renvoyer", &[]).await;
        let page = browser.submit(&page, &[("code", &app.last_code(CAMILLE).await)]).await;
        let page = browser.submit(&page, &[("code", &phone.code(&app, 0))]).await;
        assert!(at(&page, "/compte/securite/codes") && page.says("Étape 3 sur 3"), "{} {}", page.path, page.body);
        let page = browser.submit(&page, &[("jeu", "")]).await;
        let page = browser.submit(&page, &[("terminer", "1"), ("conserves", "oui")]).await;
        assert_eq!(id_token(&app, &page).await["acr"], "aal2", "the service is reached");
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
