//! What services may use without the person (`offline_access`): it outlives a session, not the answer to a theft.

use super::*;
use crate::support::rp::{DOSSIER, MANDAT, userinfo};

/// A refresh token that outlives its session, in the hands of whoever signed in as this person.
async fn stolen(app: &TestApp, email: &str) -> String {
    app.advance(1);
    let mut thief = app.browser();
    let page = thief.get(&MANDAT.authorize(&[])).await;
    let page = thief.sign_in_with_code(&page, email).await;
    let page = MANDAT.consent(&mut thief, page).await;
    let code = page.left_with("code").unwrap_or_else(|| panic!("{} {}", page.path, page.body));
    let tokens = MANDAT.redeem(app, &code).await.json();
    alive(app, tokens["refresh_token"].as_str().unwrap()).await
}

/// It works; the one that takes its place.
async fn alive(app: &TestApp, token: &str) -> String {
    let answer = MANDAT.refresh(app, token).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    answer.json()["refresh_token"].as_str().unwrap().to_owned()
}

async fn dead(app: &TestApp, token: &str) {
    let answer = MANDAT.refresh(app, token).await;
    assert_eq!((answer.status, answer.json()["error"].as_str()), (StatusCode::BAD_REQUEST, Some("invalid_grant")));
}

on_both! {
    async fn signing_out_and_closing_one_device_leave_it(app) {
        let token = stolen(&app, CAMILLE).await;
        let mut browser = signed_in(&app, CAMILLE).await;
        let page = browser.get("/compte/sessions").await;
        let id = page.forms().into_iter().find_map(|f| f.hidden.into_iter().find(|(n, _)| n == "session")).unwrap().1;
        let page = browser.submit(&page, &[("session", &id)]).await;
        assert_eq!(notice(&page), "L’appareil a été déconnecté.");
        let page = browser.get("/deconnexion").await;
        browser.submit(&page, &[("choix", "tout")]).await;
        alive(&app, &token).await;
        assert_eq!(events(&app, Kind::TokenRevoked).await, 0);
    }

    async fn closing_every_other_device_ends_it(app) {
        let (token, others) = (stolen(&app, CAMILLE).await, stolen(&app, DOMINIQUE).await);
        let mut browser = signed_in(&app, CAMILLE).await;
        let page = browser.get("/compte/sessions").await;
        browser.submit(&page, &[("autres", "1")]).await;
        dead(&app, &token).await;
        alive(&app, &others).await;
        assert_eq!(events(&app, Kind::TokenRevoked).await, 1);
    }

    async fn not_me_ends_it_when_its_session_is_long_over(app) {
        let token = stolen(&app, CAMILLE).await;
        app.advance(13 * 3_600);
        let mut browser = signed_in(&app, CAMILLE).await;
        let page = browser.get("/compte/pas-moi").await;
        browser.press(&page, "/compte/pas-moi", &[]).await;
        dead(&app, &token).await;
    }

    async fn what_the_session_that_stays_opened_goes_on(app) {
        let mut browser = app.browser();
        let offline = MANDAT.tokens(&mut browser, &[]).await;
        let page = browser.get(&DOSSIER.authorize(&[])).await;
        let online = DOSSIER.redeem(&app, &page.left_with("code").unwrap()).await.json();
        let page = browser.get("/compte/pas-moi").await;
        browser.press(&page, "/compte/pas-moi", &[]).await;
        alive(&app, offline["refresh_token"].as_str().unwrap()).await;
        assert_eq!(userinfo(&app, online["access_token"].as_str().unwrap()).await.status, StatusCode::OK);
    }

    async fn a_password_set_changed_or_removed_ends_it(app) {
        let token = stolen(&app, CAMILLE).await;
        for phrase in [PHRASE, "une autre phrase, plus longue"] {
            let token = stolen(&app, CAMILLE).await;
            let mut browser = signed_in(&app, CAMILLE).await;
            let page = browser.get("/compte/mot-de-passe").await;
            let page = browser.submit(&page, &[("nouveau_mot_de_passe", phrase)]).await;
            assert_eq!(page.path, "/compte", "{}", page.body);
            dead(&app, &token).await;
        }
        dead(&app, &token).await;
        let token = stolen(&app, CAMILLE).await;
        let mut browser = signed_in(&app, CAMILLE).await;
        let page = browser.get("/compte/mot-de-passe").await;
        let page = browser.press(&page, "/compte/mot-de-passe/supprimer", &[]).await;
        assert!(notice(&page).starts_with("Votre mot de passe a été supprimé."), "{}", notice(&page));
        dead(&app, &token).await;
    }

    async fn a_forgotten_password_ends_it(app) {
        let token = stolen(&app, DOMINIQUE).await;
        let before = events(&app, Kind::PasswordChanged).await;
        app.advance(1);
        let mut browser = app.browser();
        let page = browser.get("/mot-de-passe-oublie").await;
        let page = browser.submit(&page, &[("courriel", DOMINIQUE)]).await;
        let page = browser.submit(&page, &[("code", &app.last_code(DOMINIQUE).await)]).await;
        browser.submit(&page, &[("nouveau_mot_de_passe", PHRASE)]).await;
        assert_eq!(events(&app, Kind::PasswordChanged).await, before + 1);
        dead(&app, &token).await;
    }

    async fn a_password_that_the_operator_sets_ends_it(app) {
        let token = stolen(&app, DOMINIQUE).await;
        app.apply("[[account]]\nlogin_email = \"dominique@boulangerie.example\"\npassword = \"une autre phrase assez longue 2027\"\n").await;
        dead(&app, &token).await;
    }

    async fn a_disabled_account_has_none_when_it_is_enabled_again(app) {
        let token = stolen(&app, CAMILLE).await;
        for state in [AccountState::Disabled, AccountState::Active] {
            let account = account(&app, CAMILLE).await;
            let mut tx = app.app.db.begin().await.unwrap();
            assert!(guichet::oidc::people::set_state(&mut tx, &app.app.ctx(Actor::Operator), &account, state).await.unwrap());
            tx.commit().await.unwrap();
        }
        dead(&app, &token).await;
    }

    async fn it_is_listed_and_withdrawn_also_where_no_consent_was_asked(app) {
        let mut browser = app.browser();
        let tokens = DOSSIER.tokens(&mut browser, &[("scope", "openid profile offline_access")]).await;
        let refresh = tokens["refresh_token"].as_str().unwrap();
        assert_eq!(app.count("SELECT COUNT(*) FROM consent").await, 0);
        let mut other = signed_in(&app, DOMINIQUE).await;
        let page = other.get("/compte/autorisations").await;
        assert!(page.body.contains("Vous n’avez donné aucune autorisation"), "{}", page.body);

        // Another sign-in, with more of it: one line.
        app.advance(60);
        let page = browser.get(&DOSSIER.authorize(&[("scope", "openid email offline_access")])).await;
        let second = DOSSIER.redeem(&app, &page.left_with("code").unwrap()).await.json();
        let page = browser.get("/compte/autorisations").await;
        for words in ["Dépôt des aides", "Prénom", "Accès en votre absence", "Dernière utilisation"] {
            assert!(page.body.contains(words), "{words}: {}", page.body);
        }
        assert_eq!(page.forms().iter().filter(|f| f.action == "/compte/autorisations").count(), 1);
        let page = browser.press(&page, "/compte/autorisations", &[]).await;
        assert_eq!(notice(&page), "Vous avez retiré l’autorisation donnée à Dépôt des aides.");
        assert!(page.body.contains("Vous n’avez donné aucune autorisation"), "{}", page.body);
        for token in [refresh, second["refresh_token"].as_str().unwrap()] {
            assert_eq!(DOSSIER.refresh(&app, token).await.json()["error"], "invalid_grant");
        }
        assert_eq!(events(&app, Kind::ConsentWithdrawn).await, 1);

        // What ends with the session is not listed.
        let page = browser.get(&DOSSIER.authorize(&[("scope", "openid profile")])).await;
        DOSSIER.redeem(&app, &page.left_with("code").unwrap()).await;
        let page = browser.get("/compte/autorisations").await;
        assert!(page.body.contains("Vous n’avez donné aucune autorisation"), "{}", page.body);
    }
}
