//! Authenticator applications.

use futures_util::future::join_all;
use guichet::audit::Kind;

use super::*;
use crate::support::rp::{DOSSIER, claims};

on_both! {
    async fn ac_03_an_application_is_associated_and_its_codes_sign_in(app) {
        let mut browser = signed_in(&app, CAMILLE).await;
        let page = browser.get("/compte/securite/application").await;
        assert!(page.says("FreeOTP ou Proton Authenticator"), "{}", page.body);
        let phone = Phone::reading(&page);
        // A reload shows the same key, so what was scanned stays good.
        assert_eq!(*Phone::reading(&browser.get(&page.path).await).0.secret, *phone.0.secret);
        let picture = page.body.split("class=\"qr\" src=\"").nth(1).unwrap().split('"').next().unwrap().replace("&#38;", "&");
        let picture = browser.get(&picture).await;
        assert!(picture.body.starts_with("<?xml") && picture.answer.header("content-type") == "image/svg+xml", "{}", picture.body);

        let wrong = browser.submit(&page, &[("code", "000000"), ("nom_moyen", "Mon téléphone")]).await;
        assert!(wrong.status == 422 && wrong.says("Vérifiez que l’heure de votre téléphone"), "{}", wrong.body);
        let done = browser.submit(&page, &[("code", &phone.code(&app, 0)), ("nom_moyen", "Mon téléphone")]).await;
        assert!(done.path == "/compte/securite" && done.says("Mon téléphone") && done.says("Double authentification"), "{}", done.body);
        assert!(told(&app, CAMILLE, SecurityEvent::ApplicationAdded).await);
        assert_eq!(happened(&app, Kind::FactorAdded).await, 1);
        // The same form again, from another tab: the application is there once.
        let again = browser.submit(&page, &[("code", &phone.code(&app, 0)), ("nom_moyen", "Mon téléphone")]).await;
        assert!(again.says("déjà enregistrée"), "{}", again.body);
    }

    async fn ac_07_a_code_of_the_application_is_accepted_once_around_its_time(app) {
        let mut browser = signed_in(&app, CAMILLE).await;
        let phone = enrolled(&app, &mut browser).await;
        let asked = [("acr_values", "aal2")];
        for (ahead, taken) in [(-2, false), (2, false), (1, true), (0, false), (1, false), (2, true), (3, true)] {
            let mut other = app.browser();
            let page = DOSSIER.sign_in(&mut other, &asked).await;
            assert!(at(&page, "/connexion/verification/application"), "{}", page.path);
            let page = other.submit(&page, &[("code", &phone.code(&app, ahead))]).await;
            assert_eq!(page.left_for.is_some(), taken, "{ahead}: {}", page.body);
        }
        // The last one was three steps ahead: the clock of the telephone is followed.
        assert_eq!(app.count("SELECT drift FROM factor").await, 3);
    }

    async fn a_used_code_is_said_to_be_used(app) {
        let mut browser = signed_in(&app, CAMILLE).await;
        let phone = enrolled(&app, &mut browser).await;
        let code = phone.code(&app, 0);
        for (n, words) in [(0, ""), (1, "Ce code a déjà été utilisé. Attendez le code suivant.")] {
            let mut other = app.browser();
            let page = DOSSIER.sign_in(&mut other, &[("acr_values", "aal2")]).await;
            let page = other.submit(&page, &[("code", &code)]).await;
            assert!(if n == 0 { page.left_for.is_some() } else { page.says(words) }, "{}", page.body);
        }
    }

    async fn fifty_uses_of_one_code_have_one_winner(app) {
        let mut browser = signed_in(&app, CAMILLE).await;
        let phone = enrolled(&app, &mut browser).await;
        let (code, id) = (phone.code(&app, 0), account(&app, CAMILLE).await.id);
        let all = (0..50).map(|_| { let (app, code, id) = (app.clone(), code.clone(), id.clone()); tokio::spawn(async move {
            let ctx = app.app.ctx(guichet::base::Actor::System);
            let kit = guichet::authn::factor::Kit { ctx: &ctx, keys: &app.app.keys, config: &app.app.config };
            let mut tx = app.app.db.begin().await.unwrap();
            let verdict = guichet::authn::factor::totp::verify(&mut tx, &kit, &id, &code).await.unwrap();
            tx.commit().await.unwrap();
            verdict.is_ok()
        })});
        let won = join_all(all).await.into_iter().filter(|r| *r.as_ref().unwrap()).count();
        assert_eq!(won, 1);
    }

    async fn parallel_guesses_do_not_multiply_the_allowance(app) {
        let mut browser = signed_in(&app, CAMILLE).await;
        enrolled(&app, &mut browser).await;
        let id = account(&app, CAMILLE).await.id;
        let all = (0..40).map(|n| { let (app, id) = (app.clone(), id.clone()); tokio::spawn(async move {
            let ctx = app.app.ctx(guichet::base::Actor::System);
            let kit = guichet::authn::factor::Kit { ctx: &ctx, keys: &app.app.keys, config: &app.app.config };
            let mut tx = app.app.db.begin().await.unwrap();
            let verdict = guichet::authn::factor::totp::verify(&mut tx, &kit, &id, &format!("{n:06}")).await.unwrap();
            tx.commit().await.unwrap();
            matches!(verdict, Err(guichet::authn::factor::totp::Refused::Wrong))
        })});
        let compared = join_all(all).await.into_iter().filter(|r| *r.as_ref().unwrap()).count();
        assert_eq!(compared, 10, "ten tries a quarter of an hour, whatever the number of requests");
        assert!(told(&app, CAMILLE, SecurityEvent::FactorSuspended).await);
        // Nobody is shut out for long, and other means remain.
        app.advance(901);
        let mut other = app.browser();
        let page = DOSSIER.sign_in(&mut other, &[("acr_values", "aal2")]).await;
        assert!(other.submit(&page, &[("code", "000000")]).await.says("Ce code n’est pas valable"));
    }

    async fn the_code_of_another_person_opens_nothing(app) {
        let mut camille = signed_in(&app, CAMILLE).await;
        let phone = enrolled(&app, &mut camille).await;
        let mut dominique = signed_in(&app, DOMINIQUE).await;
        enrolled(&app, &mut dominique).await;
        let mut browser = app.browser();
        let page = browser.get(&DOSSIER.authorize(&[("acr_values", "aal2")])).await;
        let page = browser.sign_in_with_code(&page, DOMINIQUE).await;
        let page = browser.submit(&page, &[("code", &phone.code(&app, 0))]).await;
        assert!(page.status == 422 && page.says("Ce code n’est pas valable"), "{}", page.body);
        // Nor may one's own page be used to edit that of another.
        let id = guichet::authn::factor::totp::list(&mut app.app.db.read().await.unwrap(), &account(&app, CAMILLE).await.id).await.unwrap();
        let page = dominique.get(&format!("/compte/securite/application/{}", id[0].id.as_str())).await;
        assert_eq!(page.status, 404);
    }

    async fn an_application_is_renamed_and_removed(app) {
        let mut browser = signed_in(&app, CAMILLE).await;
        enrolled(&app, &mut browser).await;
        let list = browser.get("/compte/securite").await;
        let link = list.links().into_iter().find(|l| l.starts_with("/compte/securite/application/fac_")).unwrap();
        let page = browser.get(&link).await;
        let page = browser.submit(&page, &[("nom_moyen", "  Le   nouveau ")]).await;
        assert!(page.says("Le nouveau") && page.says("Le nom a été modifié."), "{}", page.body);
        let page = browser.get(&link).await;
        assert!(browser.submit(&page, &[("nom_moyen", &"x".repeat(61))]).await.says("au plus 60"));
        let page = browser.get(&link).await;
        let page = browser.submit(&page, &[("supprimer", "1")]).await;
        assert!(page.says("Le moyen de connexion a été supprimé.") && !page.says("Le nouveau"), "{}", page.body);
        assert!(told(&app, CAMILLE, SecurityEvent::ApplicationRemoved).await);
        assert_eq!(happened(&app, Kind::FactorRemoved).await, 1);
    }

    async fn the_last_strong_means_that_is_demanded_stays(app) {
        let mut browser = signed_in(&app, CAMILLE).await;
        let phone = enrolled(&app, &mut browser).await;
        demand(&app, CAMILLE, guichet::base::Aal::Two).await;
        let _ = phone;
        let list = browser.get("/compte/securite").await;
        let link = list.links().into_iter().find(|l| l.starts_with("/compte/securite/application/fac_")).unwrap();
        let page = browser.get(&link).await;
        assert!(page.says("C’est votre dernier moyen renforcé"), "{}", page.body);
        assert!(!page.forms().iter().any(|f| f.names.contains(&"supprimer".to_owned())));
        let jeton = page.forms()[0].hidden.iter().find(|(n, _)| n == "jeton").unwrap().1.clone();
        assert_eq!(browser.post(&link, &[("jeton", &jeton), ("supprimer", "1")]).await.status, 422);
        assert_eq!(app.count("SELECT COUNT(*) FROM factor").await, 1);
    }

    async fn a_factor_removed_in_the_middle_of_a_sign_in_opens_nothing(app) {
        let mut browser = signed_in(&app, CAMILLE).await;
        let phone = enrolled(&app, &mut browser).await;
        let mut other = app.browser();
        let page = DOSSIER.sign_in(&mut other, &[("acr_values", "aal2")]).await;
        let list = browser.get("/compte/securite").await;
        let link = list.links().into_iter().find(|l| l.starts_with("/compte/securite/application/fac_")).unwrap();
        let edit = browser.get(&link).await;
        browser.submit(&edit, &[("supprimer", "1")]).await;
        // The code proves nothing any more: the service that wished for two factors gets one, told as such.
        let page = other.submit(&page, &[("code", &phone.code(&app, 0))]).await;
        let code = page.left_with("code").unwrap();
        let tokens = DOSSIER.redeem(&app, &code).await.json();
        assert_eq!(claims(tokens["id_token"].as_str().unwrap())["acr"], "aal1");
    }

    async fn adding_a_means_asks_for_a_recent_and_strong_sign_in(app) {
        let mut browser = signed_in(&app, CAMILLE).await;
        let phone = enrolled(&app, &mut browser).await;
        app.advance(900);
        let page = browser.get("/compte/securite/application").await;
        assert!(at(&page, "/connexion/confirmer"), "{}", page.path);
        // The code by mail alone is not enough for somebody who has two factors.
        let page = browser.press(&page, "/connexion/code/renvoyer", &[]).await;
        let code = app.last_code(CAMILLE).await;
        let page = browser.submit(&page, &[("code", &code)]).await;
        assert!(at(&page, "/connexion/verification/application") && page.says("cette modification demande"), "{} {}", page.path, page.body);
        let page = browser.submit(&page, &[("code", &phone.code(&app, 0))]).await;
        assert!(at(&page, "/compte/securite/application"), "{}", page.path);
    }
}
