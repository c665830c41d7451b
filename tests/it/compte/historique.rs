//! History, consents and services.

use guichet::audit::{self, Event};

use super::*;
use crate::support::rp::{MANDAT, userinfo};

on_both! {
    async fn one_s_own_history_is_told_in_plain_words(app) {
        let mut browser = app.browser();
        MANDAT.tokens(&mut browser, &[]).await;
        signed_in(&app, DOMINIQUE).await;
        let page = browser.get("/compte/identite").await;
        browser.submit(&page, &[("prenom", "Camille"), ("nom", "Petit"), ("telephone", ""), ("fonction", "")]).await;
        let page = browser.get("/compte/activite").await;
        let words = ["Identité modifiée", "Ouverture d’un service", "Mandats", "Autorisation donnée à un service", "Connexion par code reçu par e-mail", "Firefox, Linux"];
        for words in words {
            assert!(page.body.contains(words), "{words}: {}", page.body);
        }
        assert_eq!(page.body.matches("Connexion par code").count(), 1, "not those of others");
        let only = browser.get("/compte/activite?famille=compte").await;
        assert!(only.body.contains("Identité modifiée") && !only.body.contains("Connexion par code") && !only.body.contains("Mandats"));
        let services = browser.get("/compte/activite?famille=services").await;
        assert!(services.body.contains("Mandats") && !services.body.contains("Identité modifiée"));
        assert_eq!(browser.get("/compte/activite?famille=%00&avant=x").await.status, StatusCode::OK);
    }

    async fn a_long_history_is_read_page_by_page_and_forgotten_after_a_year(app) {
        let camille = account(&app, CAMILLE).await.id;
        let old = Event::new(Kind::PasswordChanged).account(&camille);
        append(&app, old, 1).await;
        app.advance(367 * 86_400);
        // Several at the same instant: none may fall between two pages.
        for _ in 0..4 {
            append(&app, Event::new(Kind::ProfileChanged).account(&camille), 30).await;
            app.advance(1);
        }
        append(&app, Event::new(Kind::AccountCreated).account(&account(&app, DOMINIQUE).await.id), 1).await;
        let mut browser = signed_in(&app, CAMILLE).await;
        let (mut path, mut pages, mut lines) = ("/compte/activite?famille=compte".to_owned(), 0, 0);
        loop {
            let page = browser.get(&path).await;
            pages += 1;
            lines += page.body.matches("Identité modifiée").count();
            assert!(!page.body.contains("Mot de passe modifié"), "more than a year ago");
            assert!(!page.body.contains("Création du compte"), "another person’s");
            assert!(!page.links().contains(&"/compte/activite?famille=compte&avant=".to_owned()));
            match page.links().into_iter().find(|l| l.contains("avant=")) {
                Some(next) => path = next,
                None => break,
            }
        }
        assert_eq!((pages, lines), (3, 120));

        let csv = browser.get("/compte/activite.csv?famille=compte").await;
        assert_eq!(csv.answer.header("content-type"), "text/csv; charset=utf-8");
        assert!(csv.answer.header("content-disposition").starts_with("attachment"));
        assert_eq!(csv.body.lines().count(), 121);
        assert!(csv.body.starts_with("\u{feff}\"Date (UTC)\";\"Événement\";\"Service\";\"Navigateur\"\r\n"), "{}", &csv.body[..100]);
    }

    async fn an_export_runs_no_formula(app) {
        app.apply(r#"
            [[client]]
            client_id = "piege"
            client_name = "=HYPERLINK(\"https://evil.example\";\"x\")"
            client_secret = "piege-secret-for-tests-only-000001"
            redirect_uris = ["https://piege.example.fr/cb"]
            scope = "openid"
        "#).await;
        let camille = account(&app, CAMILLE).await.id;
        append(&app, Event::new(Kind::Authorized).account(&camille).client("piege"), 1).await;
        let csv = signed_in(&app, CAMILLE).await.get("/compte/activite.csv").await;
        assert!(csv.body.contains("\"'=HYPERLINK(\"\"https://evil.example\"\";\"\"x\"\")\""), "{}", csv.body);
    }

    async fn ef_16_a_person_who_suspects_a_fraud_is_guided(app) {
        let (mut owner, mut thief) = (signed_in(&app, DOMINIQUE).await, signed_in(&app, DOMINIQUE).await);
        let page = owner.get("/compte/activite").await;
        let link = page.links().into_iter().find(|l| l == "/compte/pas-moi").expect("« Ce n’est pas moi »");
        let page = owner.get(&link).await;
        assert!(page.links().iter().any(|l| l.starts_with("/contact")));
        let page = owner.press(&page, "/compte/pas-moi", &[]).await;
        assert_eq!(page.path, "/compte/mot-de-passe");
        assert!(thief.get("/compte").await.path.starts_with("/connexion?retour"));
        let page = owner.submit(&page, &[("nouveau_mot_de_passe", PHRASE)]).await;
        assert!(notice(&page).starts_with("Votre mot de passe a été modifié"));
    }

    async fn a_consent_is_withdrawn_and_what_it_gave_is_dead(app) {
        let mut browser = app.browser();
        let tokens = MANDAT.tokens(&mut browser, &[]).await;
        let (access, refresh) = (tokens["access_token"].as_str().unwrap(), tokens["refresh_token"].as_str().unwrap());
        let other = account(&app, DOMINIQUE).await.id;
        let mut tx = app.app.db.begin().await.unwrap();
        guichet::oidc::consent::store::put_consent(&mut tx, &other, "mandat", "openid", app.app.ctx(Actor::System).now()).await.unwrap();
        tx.commit().await.unwrap();

        let page = browser.get("/compte/autorisations").await;
        for words in ["Mandats", "Prénom", "Accès en votre absence", "Dernière utilisation"] {
            assert!(page.body.contains(words), "{words}: {}", page.body);
        }
        assert!(!page.body.contains("Téléphone"), "was not asked for");
        // What was never given cannot be withdrawn.
        let nothing = browser.submit(&page, &[("service", "legacy")]).await;
        assert_eq!((nothing.path.as_str(), notice(&nothing).as_str()), ("/compte/autorisations", ""));
        assert_eq!(userinfo(&app, access).await.status, 200);

        let page = browser.press(&page, "/compte/autorisations", &[]).await;
        assert_eq!(notice(&page), "Vous avez retiré l’autorisation donnée à Mandats.");
        assert!(page.body.contains("Vous n’avez donné aucune autorisation"), "{}", page.body);
        assert_eq!(userinfo(&app, access).await.status, 401);
        assert_eq!(MANDAT.refresh(&app, refresh).await.json()["error"], "invalid_grant");
        assert_eq!(events(&app, Kind::ConsentWithdrawn).await, 1);
        assert_eq!(app.count("SELECT COUNT(*) FROM consent").await, 1, "the other person’s");
        // The service asks again.
        assert!(browser.get(&MANDAT.authorize(&[])).await.path.starts_with("/connexion/autorisation"));
    }

    async fn services_are_those_people_can_open(app) {
        app.apply(r#"
            [[client]]
            client_id = "piege"
            client_name = "Piège"
            client_uri = "javascript:alert(1)"
            client_secret = "piege-secret-for-tests-only-000001"
            redirect_uris = ["https://piege.example.fr/cb"]
            scope = "openid"
        "#).await;
        let mut browser = signed_in(&app, CAMILLE).await;
        let mut stranger = app.browser();
        for (path, page) in [
            ("/services", stranger.get("/services").await),
            ("/services", browser.get("/services").await),
            ("/accueil", browser.get("/accueil").await),
        ] {
            assert_eq!(page.status, StatusCode::OK);
            let links = page.links();
            assert!(links.contains(&"https://dossier.example.fr/".to_owned()) && links.contains(&"https://mandat.example.fr/".to_owned()), "{links:?}");
            for absent in ["javascript:", "Piège", "Serveur de ressources", "Ancien service"] {
                assert!(!page.body.contains(absent), "{path}: {absent}");
            }
        }
        let page = browser.get("/accueil").await;
        assert_eq!(page.h1(), "Bonjour Camille");
    }
}

async fn append(app: &TestApp, event: Event, times: usize) {
    let mut tx = app.app.db.begin().await.unwrap();
    let ctx = app.app.ctx(Actor::System);
    for _ in 0..times {
        audit::append(&mut tx, &ctx, event.clone()).await.unwrap();
    }
    tx.commit().await.unwrap();
}
