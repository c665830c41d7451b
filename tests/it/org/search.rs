//! Looking for an establishment and joining it, by the pages.

use super::*;
use crate::register::filled;

on_both! {
    async fn ag_06_a_professional_joins_an_establishment_by_siret_or_by_name(app) {
        let app = world(app).await;
        filled(&app).await;
        let mut browser = signed_in(&app, CAMILLE).await;
        for typed in ["732 829 320 00082", "fournil gare"] {
            let page = browser.get(&format!("/etablissements/recherche?{}", crate::support::encode(&[("q", typed), ("lieu", "Nevers")]))).await;
            assert!(page.status == 200 && page.says("LE FOURNIL DE LA GARE"), "{typed}: {}", page.body);
            assert!(page.links().iter().any(|l| l == "/etablissements/73282932000082/rejoindre"), "{:?}", page.links());
        }
        // FA-14, FA-15: one after the other, by oneself, at any time.
        for siret in ["73282932000082", "91000001700012"] {
            let page = browser.get(&format!("/etablissements/{siret}/rejoindre")).await;
            assert!(page.says("Vous serez le premier utilisateur de cet espace"), "{}", page.body);
            let page = browser.press(&page, &format!("/etablissements/{siret}/rejoindre"), &[]).await;
            assert!(page.says("Vous êtes désormais gestionnaire de compte"), "{} {}", page.path, page.body);
        }
        assert_eq!(app.count("SELECT COUNT(*) FROM membership WHERE role = 'manager' AND state = 'active' AND link = 'declared'").await, 3 - 1);
        // The bakery has a manager: it is a request, with a message.
        let page = browser.get(&format!("/etablissements/{BAKERY}/rejoindre")).await;
        assert!(page.says("Votre demande sera envoyée au gestionnaire de compte"), "{}", page.body);
        let page = browser.submit(&page, &[("role", "contact"), ("message", "Bonjour <b>")]).await;
        assert!(page.says("Votre demande a été envoyée") && page.says("Bonjour <b>"), "{} {}", page.path, page.body);
        assert_eq!(heard(&app, GASTON, OrgEvent::JoinToDecide).await.message.as_deref(), Some("Bonjour <b>"));
        let list = browser.get("/demandes").await;
        assert!(list.says("Rejoindre un établissement") && list.says("Boulangerie Durand"), "{}", list.body);
    }

    async fn what_cannot_be_joined_is_said_with_what_to_do(app) {
        let app = world(app).await;
        filled(&app).await;
        let mut browser = signed_in(&app, CAMILLE).await;
        for (typed, said) in [
            ("73282932000075", "Ce numéro de SIRET n’est pas valable"),
            ("7328293200007", "Un SIRET compte 14 chiffres"),
            ("ab", "Saisissez au moins trois lettres"),
            ("zzzzzzzz", "Aucun établissement ne correspond"),
            ("13002526500013", "Aucun établissement ne correspond"),
            ("93000001300019", "Cet établissement est fermé depuis le"),
        ] {
            let page = browser.get(&format!("/etablissements/recherche?{}", crate::support::encode(&[("q", typed)]))).await;
            assert!(page.status == 422 && page.says(said), "{typed}: {}", page.body);
        }
        // FA-11: closed, and the one that took over is offered.
        let page = browser.get("/etablissements/recherche?q=93000001300019").await;
        assert!(page.links().iter().any(|l| l == "/etablissements/93000002100012/rejoindre"), "{:?}", page.links());
        let page = browser.get("/etablissements/93000001300019/rejoindre").await;
        assert!(page.path.starts_with("/etablissements/recherche?q=93000001300019"), "{}", page.path);
        for unknown in ["13002526500013", "1", "73282932000075"] {
            assert_eq!(browser.get(&format!("/etablissements/{unknown}/rejoindre")).await.status, 404, "{unknown}");
        }
        assert_eq!(app.count("SELECT COUNT(*) FROM request").await, 0);
    }

    async fn a_directory_that_is_away_is_said_and_loses_nothing(app) {
        // Nobody listens there.
        let app = TestApp::start(app.engine, |c| c.register.live_url = Some("http://127.0.0.1:9/search".parse().unwrap())).await;
        app.apply(WORLD).await;
        let mut browser = signed_in(&app, CAMILLE).await;
        for typed in ["13002526500013", "boulangerie"] {
            let page = browser.get(&format!("/etablissements/recherche?{}", crate::support::encode(&[("q", typed), ("lieu", "Nevers")]))).await;
            assert!(page.status == 422 && page.says("momentanément indisponible"), "{typed}: {}", page.body);
            assert!(page.body.contains(&format!("value=\"{typed}\"")) && page.body.contains("value=\"Nevers\""), "what was typed is kept");
        }
    }

    async fn establishments_of_the_domain_of_the_address_come_first(app) {
        let app = world(app).await;
        app.apply(&format!("[[establishment]]\nsiret = \"{TOWN_HALL}\"\nname = \"Mairie\"\nemail_domains = [\"boulangerie.example\"]\n")).await;
        let mut browser = signed_in(&app, CAMILLE).await;
        let page = browser.get("/etablissements/recherche").await;
        assert!(page.says("Établissements correspondant à votre adresse e-mail") && page.says("Mairie"), "{}", page.body);
    }

    async fn ef_04_ag_29_the_catalogue_shows_every_service_and_how_it_stands(app) {
        let app = world(app).await;
        place(&app, CAMILLE, BAKERY, "").await;
        app.apply("[[service]]\nid = \"libre\"\nname = \"Espace ouvert\"\ndescription = \"À l’écoute\"\nurl = \"https://libre.example.fr/\"\n").await;
        app.apply("[[service]]\nid = \"citoyens\"\nname = \"Pour les citoyens\"\naudience = \"individuals\"\n").await;
        let anonymous = app.browser().get("/services").await;
        assert!(["Dépôt des aides", "Espace ouvert", "Pour les citoyens"].iter().all(|n| anonymous.says(n)), "{}", anonymous.body);
        let mut browser = signed_in(&app, CAMILLE).await;
        let page = browser.get("/services").await;
        assert!(page.says("Dépôt des aides") && !page.says("Pour les citoyens") && page.says("Sur demande"), "{}", page.body);
        let narrowed = browser.get("/services?q=ecoute").await;
        assert!(narrowed.says("Espace ouvert") && !narrowed.says("Dépôt des aides"), "{}", narrowed.body);
        let one = browser.get("/services/aides").await;
        assert!(one.says("Lecteur, Instructeur") && one.says("365 jours") && one.says("Demander un accès"), "{}", one.body);
        grant(&app, CAMILLE, BAKERY, "\"lecteur\"").await;
        assert!(browser.get("/services").await.says("Accès ouvert"));
        assert_eq!(browser.get("/services/inconnu").await.status, 404);
    }
}
