//! Sessions and the password.

use super::*;
use crate::support::rp::DOSSIER;

on_both! {
    async fn sessions_are_listed_and_closed_one_by_one(app) {
        let mut here = app.browser();
        DOSSIER.tokens(&mut here, &[]).await;
        app.advance(60);
        let mut there = signed_in(&app, CAMILLE).await;
        let page = here.get("/compte/sessions").await;
        assert!(page.body.matches("Firefox, Linux").count() >= 2, "{}", page.body);
        assert_eq!(page.body.matches("Ce navigateur").count(), 1);
        assert!(page.body.contains("Dépôt des aides"), "services opened");
        let forms: Vec<_> = page.forms().into_iter().filter(|f| f.names.contains(&"session".to_owned())).collect();
        assert_eq!(forms.len(), 1, "the present one has no button");

        let page = here.submit(&page, &[("session", &forms[0].hidden.iter().find(|(n, _)| n == "session").unwrap().1)]).await;
        assert_eq!((page.path.as_str(), notice(&page).as_str()), ("/compte/sessions", "L’appareil a été déconnecté."));
        assert!(there.get("/compte").await.path.starts_with("/connexion?retour=%2Fcompte"));
        assert_eq!(here.get("/compte").await.path, "/compte");
        assert_eq!(events(&app, Kind::SignedOut).await, 1);
        assert!(!here.get("/compte/sessions").await.body.contains("Déconnecter tous les autres"));
    }

    async fn the_session_of_another_cannot_be_closed(app) {
        let (mut camille, mut dominique) = (signed_in(&app, CAMILLE).await, signed_in(&app, DOMINIQUE).await);
        let mut second = signed_in(&app, DOMINIQUE).await;
        let page = dominique.get("/compte/sessions").await;
        let id = page.forms().into_iter().find_map(|f| f.hidden.into_iter().find(|(n, _)| n == "session")).unwrap().1;
        signed_in(&app, CAMILLE).await;
        let page = camille.get("/compte/sessions").await;
        assert!(!page.body.contains(&id));
        let page = camille.submit(&page, &[("session", &id)]).await;
        assert_eq!((page.path.as_str(), notice(&page).as_str()), ("/compte/sessions", ""));
        for hostile in ["", "x", "ses_", "ses_00000000000000000000000000000000", "' OR 1=1 --"] {
            let page = camille.get("/compte/sessions").await;
            assert_eq!(notice(&camille.submit(&page, &[("session", hostile)]).await), "");
        }
        assert_eq!(second.get("/compte").await.path, "/compte");
        assert_eq!(events(&app, Kind::SignedOut).await, 0);
    }

    async fn all_the_others_are_closed_at_once_and_the_person_is_told(app) {
        let mut here = signed_in(&app, CAMILLE).await;
        let mut others = vec![signed_in(&app, CAMILLE).await, signed_in(&app, CAMILLE).await];
        let mut dominique = signed_in(&app, DOMINIQUE).await;
        let page = here.get("/compte/sessions").await;
        let page = here.submit(&page, &[("autres", "1")]).await;
        assert_eq!(notice(&page), "Tous les autres appareils ont été déconnectés.");
        for other in &mut others {
            assert!(other.get("/compte").await.path.starts_with("/connexion?retour"));
        }
        assert_eq!(here.get("/compte").await.path, "/compte");
        assert_eq!(dominique.get("/compte").await.path, "/compte");
        assert!(told(&app, CAMILLE, SecurityEvent::SessionsClosed).await);
        assert_eq!(events(&app, Kind::SignedOut).await, 2);
    }

    async fn an_idle_session_and_a_disabled_account_lead_to_sign_in(app) {
        let mut browser = signed_in(&app, CAMILLE).await;
        app.advance(7_199);
        assert_eq!(browser.get("/compte").await.path, "/compte");
        let idle = app.app.config.sign_in.session_idle.as_secs();
        app.advance(idle + 60);
        let page = browser.get("/compte").await;
        assert!(page.path.starts_with("/connexion?retour"), "{}", page.path);
        let mut browser = signed_in(&app, CAMILLE).await;
        let page = browser.get("/compte/identite").await;
        set_state(&app, CAMILLE, AccountState::Disabled).await;
        let page = browser.submit(&page, &[("prenom", "X"), ("nom", "Y")]).await;
        assert!(page.path.starts_with("/connexion?retour"), "{}", page.path);
        assert_eq!(account(&app, CAMILLE).await.given_name, "Camille");
    }

    async fn whoever_took_one_address_over_cannot_keep_a_new_password_from_the_other(app) {
        app.apply("[[account]]\nlogin_email = 'camille@boulangerie.example'\ncontact_email = 'c.durand@ailleurs.example'\n").await;
        let mut browser = signed_in(&app, CAMILLE).await;
        let page = browser.get("/compte/mot-de-passe").await;
        browser.submit(&page, &[("nouveau_mot_de_passe", PHRASE)]).await;
        for to in [CAMILLE, NEW] {
            assert!(told(&app, to, SecurityEvent::PasswordAdded).await, "{to}");
        }
    }

    async fn a_password_is_added_changed_and_removed(app) {
        let before = events(&app, Kind::PasswordChanged).await;
        let (mut here, mut there) = (signed_in(&app, CAMILLE).await, signed_in(&app, CAMILLE).await);
        let page = here.get("/compte/mot-de-passe").await;
        let weak = here.submit(&page, &[("nouveau_mot_de_passe", "motdepasse123")]).await;
        assert_eq!(weak.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(!weak.body.contains("motdepasse123"), "a password is never shown");
        let page = here.submit(&page, &[("nouveau_mot_de_passe", PHRASE)]).await;
        assert_eq!((page.path.as_str(), notice(&page).as_str()), ("/compte", "Votre mot de passe a été enregistré."));
        assert!(told(&app, CAMILLE, SecurityEvent::PasswordAdded).await);
        assert!(there.get("/compte").await.path.starts_with("/connexion?retour"), "other sessions are closed");

        // It signs in.
        let mut other = app.browser();
        let page = other.get("/connexion").await;
        let page = other.submit(&page, &[("courriel", CAMILLE)]).await;
        let link = page.links().into_iter().find(|l| l.starts_with("/connexion/mot-de-passe")).unwrap();
        let page = other.get(&link).await;
        assert_eq!(other.submit(&page, &[("mot_de_passe", PHRASE)]).await.path, "/accueil");

        // An hour later, changing it takes the present one.
        app.advance(3_600);
        let new = "une autre phrase, plus longue";
        let page = here.get("/compte/mot-de-passe").await;
        assert_eq!(page.path, "/compte/mot-de-passe");
        for (present, words) in [("", "Saisissez"), ("un mauvais mot de passe", "incorrect")] {
            let refused = here.submit(&page, &[("mot_de_passe", present), ("nouveau_mot_de_passe", new)]).await;
            assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{present}");
            assert!(refused.body.contains(words), "{present}: {}", refused.body);
        }
        let page = here.submit(&page, &[("mot_de_passe", PHRASE), ("nouveau_mot_de_passe", new)]).await;
        assert_eq!(notice(&page), "Votre mot de passe a été modifié. Vos autres sessions ont été fermées.");
        assert!(app.mails(CAMILLE).await.iter().any(|m| matches!(m, MailMessage::PasswordChanged { .. })));
        assert!(other.get("/compte").await.path.starts_with("/connexion?retour"));

        // Removing it takes a recent sign-in; the code by mail remains.
        let page = here.get("/compte/mot-de-passe").await;
        assert!(here.press(&page, "/compte/mot-de-passe/supprimer", &[]).await.path.starts_with("/connexion/confirmer"));
        let mut fresh = signed_in(&app, CAMILLE).await;
        let page = fresh.get("/compte/mot-de-passe").await;
        let page = fresh.press(&page, "/compte/mot-de-passe/supprimer", &[]).await;
        assert!(notice(&page).starts_with("Votre mot de passe a été supprimé."), "{}", notice(&page));
        assert!(told(&app, CAMILLE, SecurityEvent::PasswordRemoved).await);
        assert!(here.get("/compte").await.path.starts_with("/connexion?retour"));
        assert_eq!(app.count("SELECT COUNT(*) FROM account_password").await, 1, "Dominique’s");
        assert_eq!(events(&app, Kind::PasswordChanged).await, before + 3);
        signed_in(&app, CAMILLE).await;
    }

    async fn guessing_the_present_password_is_limited(app) {
        let before = events(&app, Kind::PasswordChanged).await;
        let mut browser = signed_in(&app, DOMINIQUE).await;
        app.advance(3_600);
        let page = browser.get("/compte/mot-de-passe").await;
        let fields = |present: &'static str| [("mot_de_passe", present), ("nouveau_mot_de_passe", PHRASE)];
        for _ in 0..app.app.config.sign_in.password_attempts {
            assert_eq!(browser.submit(&page, &fields("mauvais mot de passe")).await.status, StatusCode::UNPROCESSABLE_ENTITY);
        }
        let page = browser.submit(&page, &fields("une phrase assez longue 2026")).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "even the right one");
        assert!(events(&app, Kind::Throttled).await >= 1);
        assert_eq!(events(&app, Kind::PasswordChanged).await, before);
    }
}
