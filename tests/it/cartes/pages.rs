//! The pages of managers (G-10 to G-13) and of the holder (P-13).

use axum::http::StatusCode;

use super::*;
use crate::support::{Browser, Page};

const CARDS: &str = "/etablissements/73282932000074/cartes";

/// A browser in which this person has just signed in to the portal.
async fn signed_in(app: &TestApp, email: &str) -> Browser {
    app.advance(1);
    let mut browser = app.browser();
    let page = browser.get("/connexion").await;
    browser.sign_in_with_code(&page, email).await;
    browser
}

fn path(rest: &str) -> String {
    format!("{CARDS}{rest}")
}

fn has_field(page: &Page, name: &str) -> bool {
    page.forms().iter().any(|f| f.names.iter().any(|n| n == name))
}

on_both! {
    async fn ac_05_only_those_who_manage_the_cards_of_an_establishment_see_them(app) {
        prepare(&app).await;
        lent(&app, "GADT0001", CAMILLE).await;
        let all = ["", "/lier", "/lier/valider?carte=GADT0001", "/GADT0001/delier", "/GADT0001/resynchroniser"];
        // The manager of another establishment, and a person of this one who manages nothing.
        for email in [SACHA, CAMILLE] {
            let mut browser = signed_in(&app, email).await;
            for rest in all {
                let page = browser.get(&path(rest)).await;
                assert_eq!(page.status, StatusCode::NOT_FOUND, "{email} {rest}");
                assert!(!page.body.contains("Boulangerie") && !page.body.contains("GADT0001<"), "{email} {rest}: {}", page.body);
            }
        }
        let mut browser = signed_in(&app, DOMINIQUE).await;
        for rest in all {
            let page = browser.get(&path(rest)).await;
            assert_eq!((page.status, page.path.as_str()), (StatusCode::OK, path(rest).as_str()));
        }
        for siret in [MAIRIE, "73282932000075", "x", "../compte"] {
            assert_eq!(browser.get(&format!("/etablissements/{siret}/cartes")).await.status, StatusCode::NOT_FOUND, "{siret}");
        }
    }

    async fn cards_of_another_establishment_do_not_exist_here(app) {
        prepare(&app).await;
        send(&app, "GADT0002", MAIRIE).await;
        let mut browser = signed_in(&app, DOMINIQUE).await;
        for rest in ["/lier/valider?carte=GADT0002", "/GADT0002/delier", "/GADT0002/resynchroniser", "/GADT9999/delier", "/..%2f/delier"] {
            assert_eq!(browser.get(&path(rest)).await.status, StatusCode::NOT_FOUND, "{rest}");
        }
        // Forms that were made for a card of one's own are refused for another's.
        lent(&app, "GADT0001", CAMILLE).await;
        let own = browser.get(&path("/GADT0001/delier")).await;
        let jeton = own.forms().iter().flat_map(|f| f.hidden.clone()).find(|(n, _)| n == "jeton").unwrap().1;
        for rest in ["/GADT0002/delier", "/GADT0002/resynchroniser", "/lier/valider?carte=GADT0002"] {
            let fields = [("jeton", jeton.as_str()), ("motif", "loss"), ("code", "123456"), ("code_suivant", "123457")];
            assert_eq!(browser.post(&path(rest), &fields).await.status, StatusCode::NOT_FOUND, "{rest}");
        }
        assert_eq!(found(&app, "GADT0002").await.failures, 0);
    }

    async fn ac_06_a_manager_links_and_confirms_a_card_in_two_steps(app) {
        prepare(&app).await;
        send(&app, "GADT0001", BOULANGERIE).await;
        let mut browser = signed_in(&app, DOMINIQUE).await;
        assert!(browser.get("/etablissements").await.links().contains(&"/etablissements/73282932000074".to_owned()));
        let page = browser.get("/etablissements/73282932000074").await;
        assert!(page.links().contains(&CARDS.to_owned()), "{}", page.body);
        let page = browser.get(CARDS).await;
        assert!(page.says("GADT0001") && page.says("Disponible") && page.says("Boulangerie Durand"), "{}", page.body);
        let page = browser.get(&path("/lier")).await;
        assert!(page.says("Étape 1 sur 2") && page.says("Camille Durand") && !page.says("Sacha"), "{}", page.body);
        let camille = account(&app, CAMILLE).await.id;
        let page = browser.submit(&page, &[("personne", camille.as_str()), ("numero_serie", " gadt 0001 ")]).await;
        assert!(page.says("Étape 2 sur 2") && page.says("Il reste à la valider"), "{}", page.body);
        // Later: it waits in the list.
        let list = browser.get(CARDS).await;
        assert!(list.says("À valider") && list.says("Camille Durand"));
        let page = browser.submit(&page, &[("code", "BAT99")]).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(page.says("niveau de la batterie"), "{}", page.body);
        let page = browser.submit(&page, &[("code", &shown(&app, "GADT0001", 0))]).await;
        assert_eq!(page.path, CARDS);
        assert!(page.says("est validée") && page.says("En service"), "{}", page.body);
        assert_eq!(events(&app, Kind::CardValidated).await, 1);
        // The back button shows the step again: nothing is left to do.
        let again = browser.get(&path("/lier/valider?carte=GADT0001")).await;
        assert_eq!(browser.submit(&again, &[("code", "000000")]).await.path, CARDS);
    }

    async fn what_is_wrong_with_a_link_is_said_beside_its_field(app) {
        prepare(&app).await;
        for (name, to) in [("GADT0001", BOULANGERIE), ("GADT0002", MAIRIE), ("GADT0003", BOULANGERIE)] { send(&app, name, to).await; }
        lend(&app, "GADT0001", CAMILLE).await.unwrap();
        let mut browser = signed_in(&app, DOMINIQUE).await;
        let (camille, dominique, sacha) = (account(&app, CAMILLE).await.id, account(&app, DOMINIQUE).await.id, account(&app, SACHA).await.id);
        for (person, serial, words) in [
            ("", "GADT0003", "Choisissez une personne"),
            ("acc_x", "GADT0003", "Choisissez une personne"),
            (dominique.as_str(), "", "Saisissez le numéro de série"),
            (dominique.as_str(), "a/b", "Saisissez le numéro de série"),
            (dominique.as_str(), "GADT9999", "Aucune carte ne porte ce numéro de série."),
            (dominique.as_str(), "GADT0001", "déjà liée à un autre intervenant"),
            (dominique.as_str(), "GADT0002", "appartient à un autre établissement"),
            (dominique.as_str(), "GADT0004", "pas été attribuée à votre établissement"),
            (sacha.as_str(), "GADT0003", "pas rattachée à l’établissement"),
            (camille.as_str(), "GADT0003", "a déjà une carte"),
        ] {
            let page = browser.get(&path("/lier")).await;
            let page = browser.submit(&page, &[("personne", person), ("numero_serie", serial)]).await;
            assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{words}");
            assert!(page.says(words), "{words}: {}", page.body);
        }
        assert_eq!(events(&app, Kind::CardLinked).await, 1);
    }

    async fn a_manager_takes_a_card_back_with_a_reason_and_replaces_it_in_one_step(app) {
        prepare(&app).await;
        lent(&app, "GADT0001", CAMILLE).await;
        send(&app, "GADT0004", BOULANGERIE).await;
        let mut browser = signed_in(&app, DOMINIQUE).await;
        let page = browser.get(&path("/GADT0001/delier")).await;
        assert!(page.says("seul moyen de connexion renforcé") && page.says("Camille Durand"), "{}", page.body);
        let page = browser.submit(&page, &[("remplacer_par", "")]).await;
        assert!(page.status == StatusCode::UNPROCESSABLE_ENTITY && page.says("Choisissez un motif"), "{}", page.body);
        let page = browser.submit(&page, &[("motif", "breakage"), ("remplacer_par", "GADT0001")]).await;
        assert!(page.says("déjà liée"), "{}", page.body);
        let page = browser.submit(&page, &[("motif", "breakage"), ("remplacer_par", "gadt0004")]).await;
        assert_eq!(page.path, path("/lier/valider?carte=GADT0004"));
        assert_eq!((state(&app, "GADT0001").await, state(&app, "GADT0004").await), (CardState::Broken, CardState::Linked));
        let page = browser.submit(&page, &[("code", &shown(&app, "GADT0004", 0))]).await;
        assert!(page.says("Hors service") && page.says("En service"), "{}", page.body);

        // AC-35: the account is deactivated, the card still comes back.
        let camille = account(&app, CAMILLE).await;
        let mut tx = app.app.db.begin().await.unwrap();
        guichet::account::lifecycle::set_state(&mut tx, &app.app.ctx(Actor::Operator), &camille, guichet::account::AccountState::Disabled).await.unwrap();
        tx.commit().await.unwrap();
        assert!(browser.get(CARDS).await.says("Camille Durand"), "the holder is still named");
        let page = browser.get(&path("/GADT0004/delier")).await;
        let page = browser.submit(&page, &[("motif", "departure")]).await;
        assert!(page.path == CARDS && page.says("est déliée") && page.says("Disponible"), "{}", page.body);
        assert_eq!(browser.get(&path("/GADT0004/delier")).await.status, StatusCode::NOT_FOUND, "nobody holds it");
        assert_eq!(events(&app, Kind::CardUnlinked).await, 2);
    }

    async fn ac_36_a_new_manager_takes_the_card_of_the_one_who_leaves(app) {
        prepare(&app).await;
        lent(&app, "GADT0001", DOMINIQUE).await;
        app.apply("[[membership]]\nlogin_email = \"camille@boulangerie.example\"\nsiret = \"73282932000074\"\nrole = \"manager\"\n\n[[membership]]\nlogin_email = \"dominique@boulangerie.example\"\nsiret = \"73282932000074\"\nrole = \"manager\"\nstate = \"disabled\"\n").await;
        let mut browser = signed_in(&app, CAMILLE).await;
        assert!(browser.get(CARDS).await.says("Dominique Martin"));
        let page = browser.get(&path("/GADT0001/delier")).await;
        let page = browser.submit(&page, &[("motif", "departure")]).await;
        assert!(page.says("est déliée"), "{}", page.body);
        assert_eq!(found(&app, "GADT0001").await.account, None);
        assert_eq!(typed(&app, DOMINIQUE, &shown(&app, "GADT0001", 1)).await, Err(Refused::NoCard));
    }

    async fn a_locked_card_is_unlocked_by_its_manager_with_two_codes(app) {
        prepare(&app).await;
        lent(&app, "GADT0001", CAMILLE).await;
        app.advance(60);
        let no = wrong(&app, "GADT0001");
        for _ in 0..10 { assert!(typed(&app, CAMILLE, &no).await.is_err()); }
        let mut browser = signed_in(&app, DOMINIQUE).await;
        assert!(browser.get(CARDS).await.says("Bloquée"));
        let page = browser.get(&path("/GADT0001/resynchroniser")).await;
        let page = browser.submit(&page, &[("code", &no), ("code_suivant", &no)]).await;
        assert!(page.status == StatusCode::UNPROCESSABLE_ENTITY && page.says("deux codes successifs"), "{}", page.body);
        let (first, second) = (shown(&app, "GADT0001", 0), shown(&app, "GADT0001", 1));
        let page = browser.submit(&page, &[("code", &first), ("code_suivant", "12")]).await;
        assert!(page.body.contains("href=\"#code_suivant\""), "{}", page.body);
        let page = browser.submit(&page, &[("code", &first), ("code_suivant", &second)]).await;
        assert!(page.path == CARDS && page.says("est resynchronisée") && page.says("En service"), "{}", page.body);
    }

    async fn handling_cards_asks_for_a_recent_sign_in(app) {
        prepare(&app).await;
        lent(&app, "GADT0001", CAMILLE).await;
        send(&app, "GADT0004", BOULANGERIE).await;
        let mut browser = signed_in(&app, DOMINIQUE).await;
        let form = browser.get(&path("/GADT0001/delier")).await;
        app.advance(601);
        for rest in ["/lier", "/GADT0001/delier", "/GADT0001/resynchroniser", "/lier/valider?carte=GADT0001"] {
            let page = browser.get(&path(rest)).await;
            assert!(page.path.starts_with("/connexion/"), "{rest}: {}", page.path);
        }
        let page = browser.submit(&form, &[("motif", "loss")]).await;
        assert!(page.path.starts_with("/connexion/"), "{}", page.path);
        assert_eq!(state(&app, "GADT0001").await, CardState::Validated);
        assert_eq!(browser.get(CARDS).await.status, StatusCode::OK, "the list is only read");
    }

    async fn the_right_can_be_given_without_the_role_and_the_role_without_the_right(app) {
        prepare(&app).await;
        app.apply("[[membership]]\nlogin_email = \"camille@boulangerie.example\"\nsiret = \"73282932000074\"\nrole = \"contact\"\nfactors_manage = true\n").await;
        assert_eq!(signed_in(&app, CAMILLE).await.get(CARDS).await.status, StatusCode::OK);
        let strict = TestApp::start(app.engine, |c| c.policy.managers_manage_factors = false).await;
        prepare(&strict).await;
        let mut browser = signed_in(&strict, DOMINIQUE).await;
        assert_eq!(browser.get(CARDS).await.status, StatusCode::NOT_FOUND);
        let page = browser.get("/etablissements").await;
        assert!(page.says("Boulangerie Durand") && !page.body.contains(CARDS), "{}", page.body);
    }

    async fn p_13_a_holder_sees_their_card_and_reports_it_lost(app) {
        prepare(&app).await;
        let mut browser = signed_in(&app, CAMILLE).await;
        let page = browser.get("/compte/securite/carte").await;
        assert!(page.says("Aucune carte physique") && !has_field(&page, "perdue"), "{}", page.body);
        lent(&app, "GADT0001", CAMILLE).await;
        app.advance(60);
        let page = browser.get("/compte/securite/carte").await;
        for words in ["GADT0001", "En service", "Dominique Martin", "Boulangerie Durand", "strictement personnelle", "appui long affiche « BAT »"] {
            assert!(page.says(words), "{words}: {}", page.body);
        }
        let page = browser.submit(&page, &[("perdue", "1")]).await;
        assert!(page.says("Votre carte est suspendue") && page.says("Perdue") && !has_field(&page, "perdue"), "{}", page.body);
        assert_eq!((alerts(&app, DOMINIQUE).await, told(&app, CAMILLE).await.last()), (vec![CardAlert::ReportedLost], Some(&CardEvent::ReportedLost)));
        assert_eq!(typed(&app, CAMILLE, &shown(&app, "GADT0001", 0)).await, Err(Refused::NoCard));
        let history = browser.get("/compte/activite").await;
        assert!(history.says("Carte physique liée") && history.says("Carte physique déclarée perdue"), "{}", history.body);
        // Nobody else's.
        assert!(signed_in(&app, SACHA).await.get("/compte/securite/carte").await.says("Aucune carte physique"));
    }
}
