//! The code by mail that follows a password, and the browsers that are spared it.

use guichet::audit::Kind;

use super::*;
use crate::support::rp::{DOSSIER, claims};

async fn two_step(app: &TestApp, email: &str) {
    let id = account(app, email).await.id;
    let mut tx = app.app.db.begin().await.unwrap();
    accounts::set_two_step(&mut tx, &id, true).await.unwrap();
    tx.commit().await.unwrap();
}

/// The password, then whatever page follows.
async fn password(browser: &mut Browser) -> Page {
    let page = at_password(browser, DOMINIQUE).await;
    browser.submit(&page, &[("mot_de_passe", PASSWORD)]).await
}

on_both! {
    async fn the_code_by_mail_follows_the_password_until_the_browser_is_trusted(app) {
        two_step(&app, DOMINIQUE).await;
        let mut browser = app.browser();
        let page = password(&mut browser).await;
        assert!(at(&page, "/connexion/code") && page.says("Faire confiance à ce navigateur pendant 30 jours"), "{} {}", page.path, page.body);
        assert!(!page.body.contains("checked"), "never ticked by us");
        let code = app.last_code(DOMINIQUE).await;
        // Half a sign-in opens nothing else.
        assert!(at(&browser.get("/compte").await, "/connexion/code"));
        let silent = browser.get(&DOSSIER.authorize(&[("prompt", "none")])).await;
        assert_eq!(silent.left_with("error").as_deref(), Some("login_required"));
        let page = browser.submit(&page, &[("code", &code), ("confiance", "oui")]).await;
        assert_eq!(page.path, "/accueil");
        assert!(browser.cookie("__Host-nav").is_some());
        assert_eq!(happened(&app, Kind::BrowserTrusted).await, 1);

        // The trust spares the code, for a month.
        browser.set_cookie("__Host-session", None);
        assert_eq!(password(&mut browser).await.path, "/accueil");
        app.advance(31 * 86_400);
        assert!(at(&password(&mut browser).await, "/connexion/code"));
    }

    async fn an_untrusted_browser_or_another_account_is_not_spared(app) {
        two_step(&app, DOMINIQUE).await;
        let mut browser = app.browser();
        let page = password(&mut browser).await;
        let code = app.last_code(DOMINIQUE).await;
        let page = browser.submit(&page, &[("code", &code)]).await;
        assert_eq!(page.path, "/accueil");
        assert!(browser.cookie("__Host-nav").is_none(), "not asked for");
        // The trust of another account is of no use here.
        let camille = account(&app, CAMILLE).await.id;
        let ctx = app.app.ctx(guichet::base::Actor::System);
        let kit = guichet::authn::factor::Kit { ctx: &ctx, keys: &app.app.keys, config: &app.app.config };
        let mut tx = app.app.db.begin().await.unwrap();
        let trust = guichet::authn::trusted_browser::trust(&mut tx, &kit, &camille).await.unwrap();
        tx.commit().await.unwrap();
        let mut other = app.browser();
        other.set_cookie("__Host-nav", Some(trust.as_str()));
        assert!(at(&password(&mut other).await, "/connexion/code"));
    }

    async fn a_trust_never_spares_a_second_factor_nor_raises_the_level(app) {
        two_step(&app, DOMINIQUE).await;
        let mut browser = app.browser();
        let page = password(&mut browser).await;
        let code = app.last_code(DOMINIQUE).await;
        browser.submit(&page, &[("code", &code), ("confiance", "oui")]).await;
        let phone = enrolled(&app, &mut browser).await;
        browser.set_cookie("__Host-session", None);
        assert_eq!(password(&mut browser).await.path, "/accueil");
        let page = browser.get(&DOSSIER.authorize(&[])).await;
        let tokens = DOSSIER.redeem(&app, &page.left_with("code").unwrap()).await.json();
        let id_token = claims(tokens["id_token"].as_str().unwrap());
        assert_eq!((id_token["acr"].as_str(), &id_token["amr"]), (Some("aal1"), &serde_json::json!(["pwd"])));
        let page = browser.get(&DOSSIER.authorize(&[("acr_values", "aal2")])).await;
        assert!(at(&page, "/connexion/verification/application"), "{}", page.path);
        let page = browser.submit(&page, &[("code", &phone.code(&app, 0))]).await;
        let tokens = DOSSIER.redeem(&app, &page.left_with("code").unwrap()).await.json();
        let id_token = claims(tokens["id_token"].as_str().unwrap());
        assert_eq!((id_token["acr"].as_str(), &id_token["amr"]), (Some("aal2"), &serde_json::json!(["pwd", "otp", "mfa"])));
    }

    async fn a_trust_is_listed_withdrawn_and_ends_with_the_password(app) {
        two_step(&app, DOMINIQUE).await;
        let mut browser = app.browser();
        for withdraw in ["list", "password", "devices"] {
            browser.set_cookie("__Host-session", None);
            let page = password(&mut browser).await;
            assert!(at(&page, "/connexion/code"), "{withdraw}: not spared any more: {}", page.path);
            app.advance(121);
            let page = browser.press(&page, "/connexion/code/renvoyer", &[]).await;
            let code = app.last_code(DOMINIQUE).await;
            let page = browser.submit(&page, &[("code", &code), ("confiance", "oui")]).await;
            assert_eq!(page.path, "/accueil", "{withdraw}");
            match withdraw {
                "list" => {
                    let page = browser.get("/compte/securite/navigateurs").await;
                    assert!(page.says("Firefox, Linux"), "{}", page.body);
                    let id = page.forms().into_iter().find_map(|f| f.hidden.into_iter().find(|(n, _)| n == "navigateur")).unwrap().1;
                    let page = browser.submit(&page, &[("navigateur", &id)]).await;
                    assert!(page.says("Ce navigateur n’est plus de confiance."));
                }
                "password" => {
                    let page = browser.get("/compte/mot-de-passe").await;
                    let page = browser.submit(&page, &[("nouveau_mot_de_passe", PASSWORD)]).await;
                    assert_eq!(page.path, "/compte");
                }
                _ => {
                    let mut second = signed_in(&app, DOMINIQUE).await;
                    let page = second.get("/compte/sessions").await;
                    second.submit(&page, &[("autres", "1")]).await;
                }
            }
            assert_eq!(app.count("SELECT COUNT(*) FROM trusted_browser").await, 0, "{withdraw}");
        }
    }

    async fn two_steps_are_asked_for_by_oneself(app) {
        let mut browser = app.browser();
        assert_eq!(password(&mut browser).await.path, "/accueil");
        let page = browser.get("/compte/securite").await;
        let page = browser.submit(&page, &[("active", "oui")]).await;
        assert!(page.says("Un code par e-mail suit votre mot de passe."), "{}", page.body);
        assert!(told(&app, DOMINIQUE, SecurityEvent::TwoStepOn).await && !told(&app, DOMINIQUE, SecurityEvent::TwoStepOff).await);
        // Off, then on again.
        browser.press(&page, "/compte/securite/deux-etapes", &[]).await;
        assert!(told(&app, DOMINIQUE, SecurityEvent::TwoStepOff).await);
        let page = browser.get("/compte/securite").await;
        browser.press(&page, "/compte/securite/deux-etapes", &[]).await;
        browser.set_cookie("__Host-session", None);
        assert!(at(&password(&mut browser).await, "/connexion/code"));
    }
}
