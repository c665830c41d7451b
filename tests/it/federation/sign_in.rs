//! The way through.

use guichet::mail::message::MailMessage;

use super::*;
use crate::support::rp::DOSSIER;

on_both! {
    async fn ag_01_a_first_sign_in_opens_a_space_at_once(app) {
        let upstream = upstream(&app).await;
        let mut browser = app.browser();
        let landing = browser.get(&DOSSIER.authorize(&[])).await;
        assert!(landing.says("S’identifier avec FranceConnect") && landing.says("Qu’est-ce que FranceConnect ?"));
        let page = sign_in(&mut browser, &upstream, &landing).await;
        // The space exists already; only where to write is asked.
        assert!(page.path.starts_with("/connexion/finaliser"), "{}", page.path);
        assert!(page.says("Angela Claire Louise") && page.says("DUBOIS") && page.says("24 août 1962"));
        assert_eq!(app.count("SELECT COUNT(*) FROM account WHERE kind = 'particulier' AND login_email IS NULL").await, 1);
        // The address FranceConnect gave, kept: no code.
        let page = browser.submit(&page, &[("courriel_contact", ANGELA)]).await;
        let left = page.left_for.clone().expect("back to the service");
        assert!(left.starts_with("https://dossier.example.fr/cb?"), "{left}");
        let tokens = DOSSIER.redeem(&app, &page.left_with("code").unwrap()).await.json();
        assert!(tokens["id_token"].is_string());
        assert_eq!(app.count("SELECT COUNT(*) FROM account WHERE contact_email = 'angela@mel.example' AND contact_email_verified").await, 1);
        // Only what was to be kept: neither sex nor place of birth.
        assert_eq!(app.count("SELECT COUNT(*) FROM account WHERE civil LIKE '%1962-08-24%' AND civil NOT LIKE '%75107%' AND civil NOT LIKE '%female%'").await, 1);
        let audit = app.audit().await;
        for kind in ["account.created", "identity.linked", "session.opened", "account.email_changed"] {
            assert!(audit.iter().any(|k| k == kind), "{kind}: {audit:?}");
        }
    }

    async fn ag_01_the_second_time_it_is_the_same_space_whatever_the_address(app) {
        let upstream = upstream(&app).await;
        for address in [ANGELA, "autre@mel.example"] {
            upstream.state().person.insert("email".into(), address.into());
            let mut browser = app.browser();
            let landing = browser.get("/connexion").await;
            let page = sign_in(&mut browser, &upstream, &landing).await;
            if address == ANGELA {
                browser.submit(&page, &[("courriel_contact", ANGELA)]).await;
            } else {
                assert_eq!(page.path, "/accueil");
            }
        }
        let (_, _, identities) = rows(&app).await;
        assert_eq!((app.count("SELECT COUNT(*) FROM account WHERE kind = 'particulier'").await, identities), (1, 1));
        // The address of the second time was only a suggestion.
        assert_eq!(app.count("SELECT COUNT(*) FROM account WHERE contact_email = 'autre@mel.example'").await, 0);
    }

    async fn another_contact_address_is_proved_by_a_code(app) {
        let upstream = upstream(&app).await;
        let mut browser = app.browser();
        let landing = browser.get("/connexion").await;
        let page = sign_in(&mut browser, &upstream, &landing).await;
        let wrong = browser.submit(&page, &[("courriel_contact", "pas une adresse")]).await;
        assert_eq!(wrong.status.as_u16(), 422);
        let page = browser.submit(&page, &[("courriel_contact", "moi@ailleurs.example")]).await;
        assert!(page.path.starts_with("/connexion/finaliser/code"), "{}", page.path);
        assert_eq!(app.count("SELECT COUNT(*) FROM account WHERE contact_email = 'moi@ailleurs.example'").await, 0);
        let code = app.last_code("moi@ailleurs.example").await;
        let page = browser.submit(&page, &[("code", &code)]).await;
        assert_eq!(page.path, "/accueil");
        assert_eq!(app.count("SELECT COUNT(*) FROM account WHERE contact_email = 'moi@ailleurs.example' AND contact_email_verified").await, 1);
    }

    async fn ag_26_each_sign_in_is_told_by_mail_unless_the_browser_is_trusted(app) {
        let upstream = upstream(&app).await;
        let told = async || app.mails(ANGELA).await.iter().filter(|m| matches!(m, MailMessage::Connected { provider, .. } if provider == "FranceConnect")).count();
        let mut own = app.browser();
        let landing = own.get("/connexion").await;
        let page = sign_in(&mut own, &upstream, &landing).await;
        own.submit(&page, &[("courriel_contact", ANGELA), ("confiance", "oui")]).await;
        assert_eq!(told().await, 0, "trusted");
        own.set_cookie("__Host-session", None);
        let landing = own.get("/connexion").await;
        sign_in(&mut own, &upstream, &landing).await;
        assert_eq!(told().await, 0, "still trusted");
        let mut shared = app.browser();
        for n in 1..3 {
            shared.set_cookie("__Host-session", None);
            let landing = shared.get("/connexion").await;
            sign_in(&mut shared, &upstream, &landing).await;
            assert_eq!(told().await, n);
        }
        assert!(!app.mails(ANGELA).await.iter().any(|m| matches!(m, MailMessage::NewSignIn { .. })), "one notice, not two");
    }
}
