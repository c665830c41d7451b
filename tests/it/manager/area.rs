//! Every route of the manager's area, tried by everybody who may not.

use super::*;
use guichet::web::ROUTES;

/// Routes below an establishment that are not its managers' alone.
const OTHERS: &[&str] = &[
    "/etablissements/{siret}/quitter",
    "/etablissements/{siret}/rejoindre",
    "/etablissements/{siret}/reprendre",
    "/etablissements/{siret}/rejoindre/code",
    "/etablissements/{siret}/rejoindre/code/envoyer",
];

/// Every page of the area, as (method, path), with the ids of things that exist.
fn area(person: &AccountId, request: &AskId) -> Vec<(&'static str, String)> {
    let rows = ROUTES.iter().copied().flatten().filter(|r| r.path.starts_with("/etablissements/{siret}") && !OTHERS.contains(&r.path));
    let concrete = |path: &str| {
        let id = if path.contains("/demandes/") { request.as_str() } else { person.as_str() };
        path.replace("{siret}", BOULANGERIE).replace("{id}", id).replace("{serial}", "GADT0001").replace("{service}", "aides")
    };
    rows.flat_map(|r| r.methods.iter().map(move |m| (*m, concrete(r.path)))).collect()
}

/// A form that would do something, were it allowed.
fn form(path: &str, token: &str, person: &AccountId) -> Vec<(String, String)> {
    let mut fields = vec![("jeton", token)];
    fields.extend(match path {
        _ if path.ends_with("/desactiver") => vec![("motif", "depart")],
        _ if path.ends_with("/succession") => vec![("action", "reporter")],
        _ if path.ends_with("/revue") => vec![("fin_jour", "31"), ("fin_mois", "12"), ("fin_annee", "2026")],
        _ if path.ends_with("/inviter") => vec![("etape", "envoyer"), ("adresses", "nouveau@ailleurs.example"), ("role", "manager")],
        _ if path.ends_with("/transferer") => vec![("personne", person.as_str()), ("devenir_contact", "1")],
        _ if path.contains("/demandes/") => vec![("decision", "accepter"), ("role", "manager")],
        _ if path.contains("/acces/") => vec![("action", "retirer")],
        _ if path.contains("/intervenants/") => vec![("role", "manager"), ("etat", "actif")],
        _ if path.ends_with("/secours") => vec![("personne", person.as_str()), ("decision", "accepter")],
        _ => vec![],
    });
    fields.into_iter().map(|(n, v)| (n.to_owned(), v.to_owned())).collect()
}

/// Calls everything; each answer is the page for what does not exist, names nothing, and leaves one trace.
async fn kept_out(app: &TestApp, browser: &mut Browser, who: &str, person: &AccountId, request: &AskId) {
    let token = token(browser).await;
    let all = area(person, request);
    assert!(all.len() > 20, "the table was read: {}", all.len());
    for (method, path) in all {
        let before = events(app, Kind::RightRefused).await;
        let fields = form(&path, &token, person);
        let fields: Vec<(&str, &str)> = fields.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        let page = if method == "GET" { browser.get(&path).await } else { browser.post(&path, &fields).await };
        assert_eq!((page.status, page.path.as_str()), (StatusCode::NOT_FOUND, path.as_str()), "{who}: {method} {path}");
        assert!(!page.says("Boulangerie") && !page.says("Camille Durand</"), "{who}: {method} {path}: {}", page.body);
        assert_eq!(events(app, Kind::RightRefused).await, before + 1, "{who}: {method} {path} leaves a trace");
    }
}

on_both! {
    async fn every_route_of_the_area_refuses_whoever_is_not_a_manager_there_and_says_so_in_the_trail(app) {
        prepare(&app).await;
        let request = asks_to_join(&app, ANDREA).await;
        let camille = id(&app, CAMILLE).await;
        let refusals = events(&app, Kind::MembershipChanged).await;
        // A contact of the establishment, the manager of another one, somebody of none.
        for who in [CAMILLE, SACHA, ANDREA] {
            kept_out(&app, &mut signed_in(&app, who).await, who, &camille, &request).await;
        }
        // Nobody at all: led to sign in, and no form without its token.
        for (method, path) in area(&camille, &request) {
            let mut browser = app.browser();
            let page = if method == "GET" { browser.get(&path).await } else { browser.post(&path, &[("motif", "depart")]).await };
            let out = if method == "GET" { page.path.starts_with("/connexion?retour=") } else { page.status == StatusCode::FORBIDDEN || page.status == StatusCode::BAD_REQUEST };
            assert!(out && !page.says("Boulangerie"), "{method} {path}: {} {}", page.status, page.path);
        }
        assert_eq!(events(&app, Kind::MembershipChanged).await, refusals, "nothing changed");
        assert_eq!((events(&app, Kind::RequestDecided).await, events(&app, Kind::InvitationSent).await), (0, 0));
        assert_eq!(request_state(&app, &request).await, request::State::Pending);
    }

    async fn a_manager_who_was_deactivated_or_lost_the_role_is_out_at_the_next_click(app) {
        prepare(&app).await;
        let request = asks_to_join(&app, ANDREA).await;
        let camille = id(&app, CAMILLE).await;
        let mut lou = signed_in(&app, LOU).await;
        assert_eq!(lou.get(BASE).await.status, StatusCode::OK);
        app.apply("[[membership]]\nlogin_email = \"lou@boulangerie.example\"\nsiret = \"73282932000074\"\nrole = \"manager\"\nstate = \"disabled\"\n").await;
        kept_out(&app, &mut lou, "deactivated", &camille, &request).await;
        app.apply("[[membership]]\nlogin_email = \"lou@boulangerie.example\"\nsiret = \"73282932000074\"\nrole = \"contact\"\n").await;
        kept_out(&app, &mut lou, "demoted", &camille, &request).await;
    }

    async fn ids_of_another_establishment_do_not_exist_here(app) {
        prepare(&app).await;
        let mut sacha = signed_in(&app, SACHA).await;
        let token = token(&mut sacha).await;
        let (camille, request) = (id(&app, CAMILLE).await, asks_to_join(&app, ANDREA).await);
        let town_hall = format!("/etablissements/{MAIRIE}");
        assert_eq!(sacha.get(&town_hall).await.status, StatusCode::OK);
        for path in [
            format!("{town_hall}/intervenants/{camille}"),
            format!("{town_hall}/intervenants/{camille}/desactiver"),
            format!("{town_hall}/demandes/{request}"),
        ] {
            let before = events(&app, Kind::RightRefused).await;
            assert_eq!(sacha.get(&path).await.status, StatusCode::NOT_FOUND, "{path}");
            let fields = [("jeton", token.as_str()), ("motif", "depart"), ("decision", "accepter"), ("role", "manager"), ("etat", "actif")];
            assert_eq!(sacha.post(&path, &fields).await.status, StatusCode::NOT_FOUND, "{path}");
            assert_eq!(events(&app, Kind::RightRefused).await, before + 2, "{path}");
        }
        // In a form.
        let page = sacha.post(&format!("{town_hall}/transferer"), &[("jeton", &token), ("personne", camille.as_str())]).await;
        assert_eq!(page.status, StatusCode::NOT_FOUND);
        assert_eq!((role(&app, CAMILLE).await, request_state(&app, &request).await), (Some(Role::Contact), request::State::Pending));
    }

    async fn fa_12_the_data_of_a_company_are_read_here_and_corrected_at_their_source(app) {
        prepare(&app).await;
        let page = signed_in(&app, SACHA).await.get(&format!("/etablissements/{MAIRIE}")).await;
        assert!(page.says("Pour corriger le nom ou le SIRET, adressez-vous à l’Insee."), "{}", page.body);
        let names: Vec<String> = page.forms().into_iter().flat_map(|f| f.names).collect();
        assert!(!names.iter().any(|n| ["nom", "name", "siret", "adresse"].contains(&n.as_str())), "{names:?}");
    }

    async fn fa_16_everybody_sees_their_establishments_those_of_one_company_together(app) {
        prepare(&app).await;
        app.apply("[[establishment]]\nsiret = \"73282932000082\"\nname = \"Boulangerie Durand Gare\"\n\n[[membership]]\nlogin_email = \"camille@boulangerie.example\"\nsiret = \"73282932000082\"\nrole = \"manager\"\n").await;
        let mut camille = signed_in(&app, CAMILLE).await;
        let page = camille.get("/etablissements").await;
        for words in ["Entreprise 732 829 320", "Boulangerie Durand", "Boulangerie Durand Gare", "Contact de compte", "Gestionnaire de compte", "Ajouter un établissement", "Actif"] {
            assert!(page.says(words), "{words}: {}", page.body);
        }
        let links = page.links();
        assert!(links.contains(&"/etablissements/73282932000082".to_owned()) && !links.contains(&BASE.to_owned()), "{links:?}");
        assert!(!signed_in(&app, SACHA).await.get("/etablissements").await.says("Entreprise"), "only one of its company");
        assert!(signed_in(&app, ANDREA).await.get("/etablissements").await.says("rattaché à aucun établissement"));
        let narrowed = camille.get("/etablissements?q=gare").await;
        assert!(narrowed.says("Durand Gare") && !narrowed.links().contains(&format!("{BASE}/quitter")), "{}", narrowed.body);
    }

    async fn fa_10_one_leaves_an_establishment_by_oneself_but_never_as_its_last_manager(app) {
        prepare(&app).await;
        let mut camille = signed_in(&app, CAMILLE).await;
        let page = camille.get(&format!("{BASE}/quitter")).await;
        assert!(page.says("Boulangerie Durand") && page.says("retirés"), "{}", page.body);
        assert_eq!(role(&app, CAMILLE).await, Some(Role::Contact), "a link does nothing");
        let page = camille.press(&page, BASE, &[]).await;
        assert!(page.path == "/etablissements" && page.says("Vous avez quitté Boulangerie Durand"), "{}", page.body);
        assert_eq!(role(&app, CAMILLE).await, None);
        assert_eq!(camille.get(&format!("{BASE}/quitter")).await.status, StatusCode::NOT_FOUND);
        // AC-36: the last manager designates another one first.
        let mut sacha = signed_in(&app, SACHA).await;
        let page = sacha.get(&format!("/etablissements/{MAIRIE}/quitter")).await;
        let page = sacha.press(&page, "/etablissements", &[]).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(page.says("Désignez un autre gestionnaire avant de modifier votre rôle."), "{}", page.body);
        assert!(place(&app, SACHA, MAIRIE).await.unwrap().state == org::MembershipState::Active);
    }
}
