//! Recovery codes.

use guichet::audit::Kind;

use super::*;
use crate::support::rp::DOSSIER;

/// Makes a set; the codes and the page that shows them.
async fn made(browser: &mut Browser) -> (Vec<String>, Page) {
    let page = browser.get("/compte/securite/codes").await;
    let page = browser
        .submit(&page, &[("jeu", &page.forms().iter().find_map(|f| f.hidden.iter().find(|(n, _)| n == "jeu")).unwrap().1.clone())])
        .await;
    let codes: Vec<String> = page.body.split("<code>").skip(1).map(|c| c.split('<').next().unwrap().to_owned()).collect();
    (codes, page)
}

/// From the page of the application to the one for recovery codes.
async fn to_recovery(browser: &mut Browser, page: &Page) -> Page {
    let link = page.links().into_iter().find(|l| l.starts_with("/connexion/verification/moyens")).unwrap();
    let page = browser.get(&link).await;
    let link = page.links().into_iter().find(|l| l.starts_with("/connexion/verification/secours")).unwrap();
    browser.get(&link).await
}

on_both! {
    async fn ten_codes_are_shown_once_and_downloaded(app) {
        let mut browser = signed_in(&app, CAMILLE).await;
        let (codes, page) = made(&mut browser).await;
        assert_eq!(codes.len(), 10);
        assert!(codes.iter().all(|c| c.len() == 9 && c.is_ascii()), "{codes:?}");
        assert_eq!(app.count("SELECT COUNT(*) FROM recovery_code").await, 10);
        let file = browser.press(&page, "/compte/securite/codes/telecharger", &[]).await;
        assert!(file.answer.header("content-disposition").contains("codes-de-secours.txt"));
        assert!(codes.iter().all(|c| file.body.contains(&format!("{c}\r\n"))), "{}", file.body);
        // Nothing goes on before the person says they kept them; then they are never shown again.
        let stay = browser.submit(&page, &[("terminer", "1")]).await;
        assert!(stay.says("Confirmez que vous avez conservé ces codes.") && stay.body.contains(&codes[0]), "{}", stay.body);
        let done = browser.submit(&stay, &[("terminer", "1"), ("conserves", "oui")]).await;
        assert!(done.path == "/compte/securite" && done.says("Il vous reste 10 codes de secours"), "{}", done.body);
        assert!(!codes.iter().any(|c| done.body.contains(c)));
        assert!(told(&app, CAMILLE, SecurityEvent::RecoveryCodesMade).await);
    }

    async fn a_form_sent_twice_makes_one_set(app) {
        let mut browser = signed_in(&app, CAMILLE).await;
        let form = browser.get("/compte/securite/codes").await;
        let first = browser.submit(&form, &[("jeu", "")]).await;
        let second = browser.submit(&form, &[("jeu", "")]).await;
        assert!(first.body.contains("<code>") && !second.body.contains("<code>"));
        assert_eq!(happened(&app, Kind::RecoveryCodesMade).await, 1);
    }

    async fn a_code_signs_in_without_any_other_means_once(app) {
        let mut browser = signed_in(&app, CAMILLE).await;
        enrolled(&app, &mut browser).await;
        let (codes, _) = made(&mut browser).await;
        for (typed, taken) in [(codes[0].to_lowercase().replace('-', " "), true), (codes[0].clone(), false), (codes[1].clone(), true)] {
            let mut other = app.browser();
            let page = DOSSIER.sign_in(&mut other, &[("acr_values", "aal2")]).await;
            let page = to_recovery(&mut other, &page).await;
            let page = other.submit(&page, &[("code_secours", &typed)]).await;
            assert_eq!(page.left_for.is_some(), taken, "{typed}: {}", page.body);
        }
        assert!(told(&app, CAMILLE, SecurityEvent::RecoveryCodeUsed { left: 9 }).await);
        assert!(told(&app, CAMILLE, SecurityEvent::RecoveryCodeUsed { left: 8 }).await);
        assert_eq!(happened(&app, Kind::RecoveryCodeUsed).await, 2);
    }

    async fn a_typing_mistake_costs_no_try_and_guesses_are_counted(app) {
        let mut browser = signed_in(&app, CAMILLE).await;
        enrolled(&app, &mut browser).await;
        made(&mut browser).await;
        let mut other = app.browser();
        let page = DOSSIER.sign_in(&mut other, &[("acr_values", "aal2")]).await;
        let mut page = to_recovery(&mut other, &page).await;
        for typo in ["K7QF-M2Z", "0000-0000", "", "é"] {
            page = other.submit(&page, &[("code_secours", typo)]).await;
            assert!(page.says("Saisissez les 8 caractères"), "{}", page.body);
        }
        assert_eq!(app.count("SELECT COUNT(*) FROM throttle WHERE id LIKE 'recovery|%'").await, 0);
        for n in 0..6 {
            page = other.submit(&page, &[("code_secours", "2222-2222")]).await;
            let words = if n < 5 { "n’est pas valable ou a déjà été utilisé" } else { "Trop d’essais" };
            assert!(page.says(words), "{n}: {}", page.body);
        }
        assert!(told(&app, CAMILLE, SecurityEvent::FactorSuspended).await);
    }

    async fn a_new_set_voids_the_one_before_and_those_of_others_stay(app) {
        let mut camille = signed_in(&app, CAMILLE).await;
        enrolled(&app, &mut camille).await;
        let (old, _) = made(&mut camille).await;
        let mut dominique = signed_in(&app, DOMINIQUE).await;
        let (others, _) = made(&mut dominique).await;
        app.advance(1);
        let (new, _) = made(&mut camille).await;
        assert!(old.iter().all(|c| !new.contains(c)));
        for (code, taken) in [(&old[3], false), (&others[0], false), (&new[0], true)] {
            let mut browser = app.browser();
            let page = DOSSIER.sign_in(&mut browser, &[("acr_values", "aal2")]).await;
            let page = to_recovery(&mut browser, &page).await;
            assert_eq!(browser.submit(&page, &[("code_secours", code)]).await.left_for.is_some(), taken, "{code}");
        }
        assert_eq!(app.count("SELECT COUNT(*) FROM recovery_code").await, 20);
    }
}
