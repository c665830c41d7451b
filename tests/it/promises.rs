//! Promises made to users about codes and passwords that no other module names.

use guichet::mail::message::MailMessage;

use crate::support::rp::DOSSIER;
use crate::support::{Browser, Page, TestApp};

const DOMINIQUE: &str = "dominique@boulangerie.example";
const PASSWORD: &str = "une phrase assez longue 2026";

async fn forgotten(app: &TestApp, browser: &mut Browser, email: &str) -> Page {
    app.advance(1);
    let page = browser.get("/mot-de-passe-oublie").await;
    browser.submit(&page, &[("courriel", email)]).await
}

on_both! {
    async fn ef_08_and_fa_05_the_address_recovers_the_password_and_no_password_is_ever_mailed(app) {
        let mut browser = app.browser();
        let page = forgotten(&app, &mut browser, DOMINIQUE).await;
        let mails = app.mails(DOMINIQUE).await;
        assert!(matches!(mails.as_slice(), [MailMessage::ResetCode { .. }]), "{mails:?}");
        let code = app.last_code(DOMINIQUE).await;
        let page = browser.submit(&page, &[("code", &code)]).await;
        let chosen = "trois ponts et un canal gris";
        let page = browser.submit(&page, &[("nouveau_mot_de_passe", chosen)]).await;
        assert!(page.says("Votre mot de passe a été modifié."), "{}", page.body);
        for mail in app.mails(DOMINIQUE).await {
            let text = serde_json::to_string(&mail).unwrap();
            assert!(!text.contains(chosen) && !text.contains(PASSWORD), "{text}");
        }
    }

    async fn fa_07_an_unknown_address_learns_it_by_mail_and_nobody_else_does(app) {
        let (mut one, mut other) = (app.browser(), app.browser());
        let unknown = forgotten(&app, &mut one, "personne@boulangerie.example").await;
        let known = forgotten(&app, &mut other, DOMINIQUE).await;
        assert_eq!((unknown.status, unknown.h1()), (known.status, known.h1()));
        assert!(matches!(app.mails("personne@boulangerie.example").await.as_slice(), [MailMessage::NoAccount { .. }]));
        assert!(unknown.says("Il est possible que cette adresse ne soit pas associée à un compte."), "{}", unknown.body);
    }

    async fn fa_02_a_password_that_does_not_work_leaves_other_ways_in(app) {
        let mut browser = app.browser();
        let page = browser.get("/connexion").await;
        let page = browser.submit(&page, &[("courriel", DOMINIQUE)]).await;
        let link = page.links().into_iter().find(|l| l.starts_with("/connexion/mot-de-passe")).unwrap();
        let page = browser.get(&link).await;
        let page = browser.submit(&page, &[("mot_de_passe", "un mot de passe reçu par courrier")]).await;
        assert!(page.says("Adresse e-mail ou mot de passe incorrect."), "{}", page.body);
        let links = page.links();
        for way in ["/mot-de-passe-oublie", "/connexion/autres-moyens", "/aide"] {
            assert!(links.iter().any(|l| l.starts_with(way)), "{way}: {links:?}");
        }
        assert!(page.forms().iter().any(|f| f.action.starts_with("/connexion/code/renvoyer")));
    }

    async fn ac_29_the_page_says_which_sender_to_authorise(app) {
        let mut browser = app.browser();
        let page = browser.get("/connexion").await;
        let page = browser.submit(&page, &[("courriel", DOMINIQUE)]).await;
        assert!(page.says("MailInBlack") && page.body.contains(&app.app.config.mail.from), "{}", page.body);
        assert!(page.says("Renvoyer un code") && page.says("courriers indésirables"));
    }

    async fn ac_26_a_session_left_open_ends_by_itself_and_can_be_ended_from_elsewhere(app) {
        let mut left = app.browser();
        let page = left.get("/connexion").await;
        left.sign_in_with_code(&page, DOMINIQUE).await;
        let mut elsewhere = app.browser();
        app.advance(60);
        let page = elsewhere.get("/connexion").await;
        elsewhere.sign_in_with_code(&page, DOMINIQUE).await;
        let page = elsewhere.get("/compte/sessions").await;
        elsewhere.submit(&page, &[("autres", "1")]).await;
        assert!(left.get("/compte").await.path.starts_with("/connexion?retour="), "ended from elsewhere");
        app.advance(2 * 3_600 + 60);
        assert!(elsewhere.get("/compte").await.path.starts_with("/connexion?retour="), "ended by itself");
    }

    async fn ac_28_help_says_why_a_card_may_not_have_come_and_what_to_use_meanwhile(app) {
        let page = app.browser().get("/aide").await;
        assert!(page.body.contains("href=\"#carte\"") && page.says("Je n’ai pas reçu ma carte physique"), "{}", page.body);
        assert!(page.says("test de compétences (Pix, par exemple)") && page.says("une application d’authentification rend le même service"));
    }

    async fn bg_07_every_connection_and_every_refusal_is_kept_and_told_to_its_person(app) {
        let by_password = |password: &'static str| {
            let mut browser = app.browser();
            app.advance(31);
            async move {
                let page = browser.get("/connexion").await;
                let page = browser.submit(&page, &[("courriel", DOMINIQUE)]).await;
                let link = page.links().into_iter().find(|l| l.starts_with("/connexion/mot-de-passe")).unwrap();
                let page = browser.get(&link).await;
                browser.submit(&page, &[("mot_de_passe", password)]).await;
                browser
            }
        };
        by_password("une autre phrase assez longue").await;
        let mut browser = by_password(PASSWORD).await;
        app.advance(60);
        let mut other = app.browser();
        let page = other.get("/connexion").await;
        other.sign_in_with_code(&page, DOMINIQUE).await;
        let page = other.get(&DOSSIER.authorize(&[])).await;
        assert!(page.left_with("code").is_some(), "{}", page.path);
        let kept = app.audit().await;
        let count = |kind: &str| kept.iter().filter(|k| *k == kind).count();
        assert_eq!((count("session.opened"), count("sign_in.refused")), (2, 1), "{kept:?}");
        let page = browser.get("/compte/activite").await;
        for words in ["Échec de connexion", "Connexion par mot de passe", "Connexion par code reçu par e-mail", "Ouverture d’un service", "Dépôt des aides"] {
            assert!(page.says(words), "{words}: {}", page.body);
        }
    }
}
