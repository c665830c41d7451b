//! Signing in with a card (S-08).

use axum::http::StatusCode;
use guichet::base::Aal;

use super::*;
use crate::support::rp::DOSSIER;
use crate::support::{Browser, Page};

const HERE: &str = "/connexion/verification/carte";

fn asked(page: &Page) -> bool {
    page.path.split('?').next() == Some(HERE)
}

/// At S-08, on the way to a service that asks for two factors.
async fn at_card(app: &TestApp) -> (Browser, Page) {
    app.advance(60);
    let mut browser = app.browser();
    let page = DOSSIER.sign_in(&mut browser, &[("acr_values", "aal2")]).await;
    assert!(asked(&page), "{}", page.path);
    (browser, page)
}

on_both! {
    async fn ac_04_without_the_card_nothing_opens_and_with_it_everything_does(app) {
        prepare(&app).await;
        lent(&app, "GADT0001", CAMILLE).await;
        let id = account(&app, CAMILLE).await.id;
        let mut tx = app.app.db.begin().await.unwrap();
        accounts::set_required(&mut tx, &id, Aal::Two).await.unwrap();
        tx.commit().await.unwrap();
        app.advance(60);
        let mut browser = app.browser();
        let page = browser.get("/connexion").await;
        let page = browser.sign_in_with_code(&page, CAMILLE).await;
        assert!(asked(&page) && page.says("Appuyez brièvement"), "{}", page.body);
        for path in ["/accueil", "/compte", "/compte/securite/carte"] {
            assert!(browser.get(path).await.path.starts_with("/connexion"), "{path}");
        }
        let page = browser.submit(&page, &[("code", &shown(&app, "GADT0001", 0))]).await;
        assert_eq!(page.path, "/accueil", "{}", page.body);
        assert_eq!(browser.get("/compte").await.path, "/compte");
    }

    async fn ac_34_what_a_long_press_shows_is_explained_at_sign_in(app) {
        prepare(&app).await;
        lent(&app, "GADT0001", CAMILLE).await;
        let (mut browser, page) = at_card(&app).await;
        let page = browser.submit(&page, &[("code", "BAT99")]).await;
        assert!(page.status == StatusCode::UNPROCESSABLE_ENTITY && page.says("« BAT » suivi d’un nombre"), "{}", page.body);
        let page = browser.submit(&page, &[("code", &shown(&app, "GADT0001", 0))]).await;
        assert!(page.left_for.is_some(), "{}", page.body);
    }

    async fn after_two_errors_two_codes_in_a_row_find_the_card_again(app) {
        prepare(&app).await;
        lent(&app, "GADT0001", CAMILLE).await;
        app.advance(7_200);
        let (mut browser, page) = at_card(&app).await;
        let far = |n| shown(&app, "GADT0001", n);
        let page = browser.submit(&page, &[("code", &far(30))]).await;
        assert!(page.says("Il vous reste 9 essais") && !page.body.contains("code_suivant"), "{}", page.body);
        let page = browser.submit(&page, &[("code", &far(30))]).await;
        assert!(page.says("deux codes successifs"), "{}", page.body);
        let page = browser.submit(&page, &[("code", &far(30)), ("code_suivant", &far(31))]).await;
        assert!(page.left_for.is_some(), "{}", page.body);
        assert_eq!(found(&app, "GADT0001").await.drift, 31);
    }

    async fn a_locked_card_says_so_and_the_other_ways_remain(app) {
        prepare(&app).await;
        lent(&app, "GADT0001", CAMILLE).await;
        let (mut browser, page) = at_card(&app).await;
        let no = wrong(&app, "GADT0001");
        for _ in 0..9 { assert!(typed(&app, CAMILLE, &no).await.is_err()); }
        let refused = browser.submit(&page, &[("code", &no)]).await;
        assert!(refused.left_for.is_none() && refused.says("bloquée"), "{}", refused.body);
        assert_eq!(alerts(&app, DOMINIQUE).await, [CardAlert::Locked]);
        assert_eq!(typed(&app, CAMILLE, &shown(&app, "GADT0001", 0)).await, Err(Refused::Locked));
        // What a service wishes for and nothing can answer to is no obstacle, and the service is told.
        let page = DOSSIER.sign_in(&mut app.browser(), &[("acr_values", "aal2")]).await;
        let tokens = DOSSIER.redeem(&app, &page.left_with("code").unwrap()).await.json();
        assert_eq!(crate::support::rp::claims(tokens["id_token"].as_str().unwrap())["acr"], "aal1");
        // What is demanded is: a locked card lets nobody set another means up with one factor.
        let essential = r#"{"id_token":{"acr":{"essential":true,"values":["aal2"]}}}"#;
        let page = DOSSIER.sign_in(&mut app.browser(), &[("claims", essential)]).await;
        assert!(page.path.starts_with("/connexion/verification/perdu"), "{}", page.path);
    }

    async fn a_card_taken_back_in_the_middle_of_a_sign_in_opens_nothing(app) {
        prepare(&app).await;
        lent(&app, "GADT0001", CAMILLE).await;
        let (mut browser, page) = at_card(&app).await;
        let card = found(&app, "GADT0001").await;
        let ctx = app.app.ctx(Actor::Operator);
        let mut tx = app.app.db.begin().await.unwrap();
        link::unlink(&mut tx, &kit(&app, &ctx), &card, UnlinkReason::Theft, &Handler::OPERATOR).await.unwrap().unwrap();
        tx.commit().await.unwrap();
        // The service that wished for two factors is told that there was one.
        let page = browser.submit(&page, &[("code", &shown(&app, "GADT0001", 0))]).await;
        let tokens = DOSSIER.redeem(&app, &page.left_with("code").unwrap()).await.json();
        let told = crate::support::rp::claims(tokens["id_token"].as_str().unwrap());
        assert_eq!((told["acr"].as_str(), &told["amr"]), (Some("aal1"), &serde_json::json!(["otp"])));
    }

    async fn whoever_loses_a_card_is_given_no_time_with_one_factor(app) {
        prepare(&app).await;
        for taken_back in [true, false] {
            let (name, email) = if taken_back { ("GADT0001", CAMILLE) } else { ("GADT0004", DOMINIQUE) };
            let id = account(&app, email).await.id;
            let mut tx = app.app.db.begin().await.unwrap();
            accounts::set_required(&mut tx, &id, Aal::Two).await.unwrap();
            accounts::start_grace(&mut tx, &id, app.clock.now().plus(std::time::Duration::from_secs(9 * 86_400))).await.unwrap();
            tx.commit().await.unwrap();
            lent(&app, name, email).await;
            let (ctx, card) = (app.app.ctx(Actor::Operator), found(&app, name).await);
            let mut tx = app.app.db.begin().await.unwrap();
            if taken_back {
                link::unlink(&mut tx, &kit(&app, &ctx), &card, UnlinkReason::Loss, &Handler::OPERATOR).await.unwrap().unwrap();
            } else {
                assert!(link::report_lost(&mut tx, &kit(&app, &ctx), &id).await.unwrap());
            }
            tx.commit().await.unwrap();
            let account = account(&app, email).await;
            assert!(!guichet::authn::policy::in_grace(&account, app.clock.now()), "{name}");
        }
    }

    async fn a_second_tab_that_sends_the_same_code_locks_nobody_out(app) {
        prepare(&app).await;
        lent(&app, "GADT0001", CAMILLE).await;
        let (mut first, page) = at_card(&app).await;
        let code = shown(&app, "GADT0001", 0);
        let mut second = first.clone();
        assert!(first.submit(&page, &[("code", &code)]).await.left_for.is_some());
        for _ in 0..12 {
            assert!(second.submit(&page, &[("code", &code)]).await.status.as_u16() < 500);
        }
        assert!(found(&app, "GADT0001").await.works());
    }
}
