//! « Créer une clé d’accès ? » after a sign-in (ux 3.5): to whom, how often, and how one goes on.

use super::*;
use crate::support::rp::{DOSSIER, MANDAT};

const DAY: u64 = 86_400;
const OFFER: &str = "/connexion/cle-proposee";

/// A browser whose script found that it can make passkeys, or one without.
fn browser(app: &TestApp, can: bool) -> Browser {
    let mut browser = app.browser();
    browser.set_cookie("__Host-cle", can.then_some("1"));
    browser
}

/// Where a sign-in with a code ends.
async fn sign_in(browser: &mut Browser, from: &str, email: &str) -> Page {
    let page = browser.get(from).await;
    browser.sign_in_with_code(&page, email).await
}

fn offered(page: &Page) -> bool {
    page.path.starts_with(OFFER)
}

on_both! {
    async fn once_a_month_a_key_is_proposed_and_later_goes_on_to_the_service(app) {
        let page = sign_in(&mut browser(&app, true), &DOSSIER.authorize(&[]), CAMILLE).await;
        assert!(offered(&page) && page.says("Créer une clé d’accès ?"), "{} {}", page.path, page.body);
        // Back and reload show it again; whoever goes on is at the service.
        let mut here = browser(&app, true);
        app.advance(31 * DAY);
        let page = sign_in(&mut here, &DOSSIER.authorize(&[]), CAMILLE).await;
        let again = here.get(&page.path).await;
        assert!(offered(&again) && again.says("Ne plus me le proposer"), "{}", again.body);
        let page = here.press(&again, OFFER, &[("choix", "plus_tard")]).await;
        assert!(page.left_for.as_ref().is_some_and(|left| left.starts_with("https://dossier.example.fr/cb?")), "{} {}", page.path, page.body);
        // Not again within the month, in whatever browser.
        app.advance(29 * DAY);
        let page = sign_in(&mut browser(&app, true), "/connexion", CAMILLE).await;
        assert_eq!(page.path, "/accueil");
        app.advance(2 * DAY);
        assert!(offered(&sign_in(&mut browser(&app, true), "/connexion", CAMILLE).await));
        // Somebody else's month is their own.
        assert!(offered(&sign_in(&mut browser(&app, true), "/connexion", DOMINIQUE).await));
    }

    async fn who_wants_none_proposed_is_left_alone(app) {
        let mut here = browser(&app, true);
        let page = sign_in(&mut here, "/connexion", CAMILLE).await;
        let page = here.press(&page, OFFER, &[("choix", "jamais")]).await;
        assert_eq!(page.path, "/accueil");
        app.advance(400 * DAY);
        assert_eq!(sign_in(&mut browser(&app, true), "/connexion", CAMILLE).await.path, "/accueil");
    }

    async fn a_key_is_proposed_only_where_it_can_be_made_and_to_who_has_none(app) {
        assert_eq!(sign_in(&mut browser(&app, false), "/connexion", CAMILLE).await.path, "/accueil", "without scripts");
        let (_, _key) = holder(&app, DOMINIQUE).await;
        app.advance(60);
        let page = sign_in(&mut browser(&app, true), "/connexion", DOMINIQUE).await;
        assert!(!offered(&page), "has one: {}", page.path);
        assert_eq!(app.count("SELECT COUNT(*) FROM passkey_offer").await, 0);
    }

    async fn it_leads_to_the_creation_of_a_key_and_then_to_the_service(app) {
        let mut here = browser(&app, true);
        let page = sign_in(&mut here, &DOSSIER.authorize(&[]), CAMILLE).await;
        let create = page.links().into_iter().find(|l| l.starts_with(ADD)).unwrap().replace("&amp;", "&");
        let page = here.get(&create).await;
        let onward = page.links().into_iter().find(|l| l.starts_with("/connexion?t=")).expect("a way on without a key");
        let left = here.get(&onward.replace("&amp;", "&")).await.left_for;
        assert!(left.is_some_and(|left| left.starts_with("https://dossier.example.fr/cb?")));
    }

    async fn a_session_that_serves_another_service_is_never_stopped_for_it(app) {
        let mut here = browser(&app, true);
        let page = sign_in(&mut here, "/connexion", CAMILLE).await;
        here.press(&page, OFFER, &[("choix", "plus_tard")]).await;
        app.advance(32 * DAY);
        // The first sign-in was long ago: a new session, put beside a silent request and an ordinary one.
        let mut here = browser(&app, false);
        assert_eq!(sign_in(&mut here, "/connexion", CAMILLE).await.path, "/accueil");
        here.set_cookie("__Host-cle", Some("1"));
        let silent = here.get(&DOSSIER.authorize(&[("prompt", "none")])).await;
        assert!(silent.left_with("code").is_some(), "{} {:?}", silent.path, silent.left_for);
        let page = here.get(&MANDAT.authorize(&[])).await;
        assert!(!offered(&page), "{}", page.path);
        // Nor where somebody confirms who they are for a sensitive change.
        app.advance(1_200);
        let page = here.get(ADD).await;
        assert!(page.path.starts_with("/connexion/confirmer"), "{}", page.path);
        assert_eq!(app.count("SELECT COUNT(*) FROM passkey_offer").await, 1);
    }
}
