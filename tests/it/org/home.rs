//! Home (P-01) and « Mes demandes » (P-05): what is open to a person, what they asked for, and what waits for them.

use guichet::org::Role;
use guichet::org::request::Filed;

use super::access::{decided, grants};
use super::joining::join;
use super::*;

const MORE: &str = r#"
[[service]]
id = "simulateur"
name = "Simulateur"
url = "https://simulateur.example.fr/"

[[service]]
id = "national"
name = "Fichier national"
access = "request"
audience = "professionals"
approver = "operator"
url = "https://national.example.fr/"
"#;

fn leads(page: &Page, to: &str) -> bool {
    page.links().iter().any(|l| l == to)
}

async fn asks(browser: &mut Browser, service: &str) -> AskId {
    let page = browser.get(&format!("/services/{service}/demande")).await;
    let page = browser.submit(&page, &[("etablissement", BAKERY), ("profil", "lecteur")]).await;
    assert!(page.says("Votre demande a été envoyée"), "{} {}", page.path, page.body);
    request_of(&page)
}

on_both! {
    async fn home_shows_what_is_open_to_the_person_and_what_they_asked_for(app) {
        let app = world(app).await;
        app.apply(MORE).await;
        place(&app, CAMILLE, BAKERY, "").await;
        let mut camille = signed_in(&app, CAMILLE).await;
        let home = camille.get("/accueil").await;
        assert!(home.says("Simulateur") && leads(&home, "https://simulateur.example.fr/"), "{}", home.body);
        assert!(leads(&home, "https://mandat.example.fr/"), "those outside the catalogue too: {}", home.body);
        assert!(!leads(&home, "/services/aides") && !leads(&home, "/services/national"), "neither is open: {}", home.body);
        assert!(!home.says("Mes demandes en cours") && home.says("Renforcer ma connexion"), "{}", home.body);
        let id = asks(&mut camille, "aides").await;
        let home = camille.get("/accueil").await;
        assert!(home.says("Mes demandes en cours") && leads(&home, &format!("/demandes/{id}")), "{}", home.body);
        decided(&app, Some(GASTON), &id, grants(&["lecteur"])).await.unwrap();
        let home = camille.get("/accueil").await;
        assert!(leads(&home, "/services/aides") && home.says("Accès ouvert"), "{}", home.body);
        assert!(!leads(&home, &format!("/demandes/{id}")), "it is answered: {}", home.body);
    }

    async fn home_says_how_many_requests_wait_in_the_establishments_one_manages(app) {
        let app = world(app).await;
        app.apply(MORE).await;
        place(&app, CAMILLE, BAKERY, "").await;
        let (here, there) = (format!("/etablissements/{BAKERY}/demandes"), format!("/etablissements/{TOWN_HALL}/demandes"));
        let mut camille = signed_in(&app, CAMILLE).await;
        asks(&mut camille, "aides").await;
        // The operator decides on this one.
        asks(&mut camille, "national").await;
        let mut gaston = signed_in(&app, GASTON).await;
        let home = gaston.get("/accueil").await;
        assert!(leads(&home, &here) && home.says("1 demande : Boulangerie Durand"), "{}", home.body);
        assert!(!leads(&home, &there) && !leads(&home, "/demandes/a-traiter"), "{}", home.body);
        let home = camille.get("/accueil").await;
        assert!(!leads(&home, &here) && !home.says("Demandes à traiter"), "{}", home.body);
        // A role that is over counts nothing.
        app.apply(&format!("[[membership]]\nlogin_email = \"dominique@boulangerie.example\"\nsiret = \"{BAKERY}\"\nrole = \"manager\"\n")).await;
        place(&app, GASTON, BAKERY, "").await;
        assert!(!leads(&gaston.get("/accueil").await, &here));
    }

    async fn home_names_ten_establishments_at_most(app) {
        let app = world(app).await;
        many(&app, GASTON, "manager", 1..=11).await;
        for n in 1..=11 {
            assert!(matches!(join(&app, CAMILLE, &numbered(n), Role::Contact).await, Filed::Waits(_)));
        }
        let home = signed_in(&app, GASTON).await.get("/accueil").await;
        let named = (1..=11).filter(|n| leads(&home, &format!("/etablissements/{}/demandes", numbered(*n)))).count();
        assert_eq!(named, 10, "{}", home.body);
        assert!(home.says("Voir tous mes établissements"), "{}", home.body);
    }

    async fn strangers_see_the_services_that_are_open_to_all(app) {
        let app = world(app).await;
        app.apply(MORE).await;
        let page = app.browser().get("/").await;
        assert!(page.says("Simulateur") && leads(&page, "https://simulateur.example.fr/"), "{}", page.body);
        assert!(!page.says("Fichier national"), "{}", page.body);
    }

    async fn the_list_of_requests_says_who_decides(app) {
        let app = world(app).await;
        app.apply(MORE).await;
        place(&app, CAMILLE, BAKERY, "").await;
        let mut camille = signed_in(&app, CAMILLE).await;
        asks(&mut camille, "aides").await;
        let page = camille.get("/demandes").await;
        assert!(page.says("Responsable d’accès"), "{}", page.body);
        assert!(page.says("Les gestionnaires de compte de votre établissement décident de l’accès."), "{}", page.body);
        assert!(!page.says("L’équipe du portail décide de l’accès."), "{}", page.body);
        asks(&mut camille, "national").await;
        assert!(camille.get("/demandes").await.says("L’équipe du portail décide de l’accès."));
    }

    async fn where_nobody_else_decides_the_operators_team_does(app) {
        let app = world(app).await;
        place(&app, CAMILLE, BAKERY, "").await;
        let mut camille = signed_in(&app, CAMILLE).await;
        let access = asks(&mut camille, "aides").await;
        let (managers, team) = ("Les gestionnaires de compte de votre établissement décident", "L’équipe du portail décide");
        for path in ["/demandes".to_owned(), format!("/demandes/{access}")] {
            let page = camille.get(&path).await;
            assert!(page.says(managers) && !page.says(team), "{path}: {}", page.body);
        }
        // Camille is there, and nobody manages it.
        place(&app, GASTON, BAKERY, "").await;
        place(&app, GASTON, TOWN_HALL, "").await;
        let Filed::Waits(joining) = join(&app, CAMILLE, TOWN_HALL, Role::Manager).await else { panic!() };
        for path in ["/demandes".to_owned(), format!("/demandes/{access}"), format!("/demandes/{joining}")] {
            let page = camille.get(&path).await;
            assert!(page.says(team) && !page.says(managers), "{path}: {}", page.body);
        }
        // Whoever is named, but has no account that is alive, decides on nothing either.
        app.apply(&WORLD.replace("access = \"request\"", "access = \"request\"\napprover = \"named\"")).await;
        app.apply(&format!("[[approver]]\nservice = \"aides\"\nlogin_email = \"{GASTON}\"\nscope = \"{BAKERY}\"\n")).await;
        let page = camille.get(&format!("/demandes/{access}")).await;
        assert!(page.says("Les responsables d’accès du service décident"), "{}", page.body);
        let mut tx = app.app.db.begin().await.unwrap();
        guichet::sql!(&mut tx, "UPDATE account SET state = 'disabled' WHERE login_email = $1", GASTON; exec).unwrap();
        tx.commit().await.unwrap();
        let page = camille.get(&format!("/demandes/{access}")).await;
        assert!(page.says(team), "{}", page.body);
    }
}
