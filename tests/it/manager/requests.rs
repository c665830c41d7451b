//! Requests and what managers decide (G-04, G-05).

use super::*;
use guichet::org::request::decide::{Refused, Verdict, decide};

/// Decides past the pages.
async fn decided(app: &TestApp, who: &str, id: &AskId, verdict: Verdict) -> Result<(), Refused> {
    let who = super::id(app, who).await;
    let (ctx, services) = (app.app.ctx(Actor::Account(who.clone())), app.app.services());
    let kit = kit(app, &ctx);
    let mut tx = app.app.db.begin().await.unwrap();
    let outcome = decide(&mut tx, Desk { kit: &kit, services: &services }, Some(&who), id, &verdict).await.unwrap();
    tx.commit().await.unwrap();
    outcome.map(drop)
}

async fn page_of(browser: &mut Browser, id: &AskId) -> Page {
    browser.get(&format!("{BASE}/demandes/{id}")).await
}

on_both! {
    async fn ag_20_a_request_to_join_is_mailed_to_the_managers_and_its_link_only_shows(app) {
        prepare(&app).await;
        let request = asks_to_join(&app, ANDREA).await;
        for manager in [DOMINIQUE, LOU] {
            let (event, facts) = last_told(&app, manager).await;
            assert_eq!((event, facts.person.as_deref()), (OrgEvent::JoinToDecide, Some("Andréa Moreau")));
            assert_eq!(event.path(&facts), format!("{BASE}/demandes/{request}"));
        }
        // The link asks to sign in, then shows; it never decides (EF-13).
        let mut browser = app.browser();
        let page = browser.get(&format!("{BASE}/demandes/{request}")).await;
        assert!(page.path.starts_with("/connexion?retour="), "{}", page.path);
        browser.sign_in_with_code(&page, DOMINIQUE).await;
        let page = page_of(&mut browser, &request).await;
        for words in ["Andréa Moreau", ANDREA, "Je commence lundi.", "hors des domaines vérifiés", "Identité déclarée", "uniquement si cette personne travaille"] {
            assert!(page.says(words), "{words}: {}", page.body);
        }
        assert_eq!((request_state(&app, &request).await, role(&app, ANDREA).await), (request::State::Pending, None));
    }

    async fn ag_21_a_manager_accepts_a_request_in_the_role_they_choose(app) {
        prepare(&app).await;
        let request = asks_to_join(&app, ANDREA).await;
        app.advance(3 * 86_400);
        let mut browser = signed_in(&app, DOMINIQUE).await;
        let list = browser.get(&format!("{BASE}/demandes")).await;
        assert!(list.says("Demandes (1)") && list.says("Andréa Moreau") && list.says("3 jours") && !list.says("Relancée"), "{}", list.body);
        let page = page_of(&mut browser, &request).await;
        let page = browser.submit(&page, &[("decision", "accepter"), ("role", "")]).await;
        assert!(page.status == StatusCode::UNPROCESSABLE_ENTITY && page.says("Choisissez un rôle"), "{}", page.body);
        let page = browser.submit(&page, &[("decision", "accepter"), ("role", "manager")]).await;
        assert!(page.path == format!("{BASE}/demandes") && page.says("La demande de Andréa Moreau est acceptée") && page.says("Demandes (0)"), "{}", page.body);
        assert_eq!(role(&app, ANDREA).await, Some(Role::Manager));
        assert_eq!(place(&app, ANDREA, BOULANGERIE).await.unwrap().link, org::Link::Approved);
        assert_eq!(last_told(&app, ANDREA).await.0, OrgEvent::JoinAccepted);
        // The back button, and the other manager's mail: it is done.
        let page = page_of(&mut signed_in(&app, LOU).await, &request).await;
        assert!(page.says("a déjà reçu une réponse"), "{}", page.body);
    }

    async fn ag_21_a_manager_declines_a_request_and_the_person_reads_why(app) {
        prepare(&app).await;
        let request = asks_to_join(&app, ANDREA).await;
        let mut browser = signed_in(&app, DOMINIQUE).await;
        let page = page_of(&mut browser, &request).await;
        let page = browser.submit(&page, &[("decision", "decliner"), ("motif", ""), ("precision", "")]).await;
        assert!(page.says("Choisissez un motif"), "{}", page.body);
        let page = browser.submit(&page, &[("decision", "decliner"), ("motif", "autre"), ("precision", " ")]).await;
        assert!(page.status == StatusCode::UNPROCESSABLE_ENTITY && page.says("Écrivez un message"), "{}", page.body);
        let page = browser.submit(&page, &[("decision", "decliner"), ("motif", "inconnu"), ("precision", "Voyez la mairie.")]).await;
        assert!(page.says("La demande de Andréa Moreau est déclinée"), "{}", page.body);
        let (event, facts) = last_told(&app, ANDREA).await;
        assert_eq!((event, facts.reason.as_deref()), (OrgEvent::JoinDeclined, Some("Cette personne n’est pas connue dans l’établissement. Voyez la mairie.")));
        assert_eq!((role(&app, ANDREA).await, request_state(&app, &request).await), (None, request::State::Declined));
    }

    async fn ef_13_access_is_granted_in_part_until_a_day_or_sent_back_for_changes(app) {
        prepare(&app).await;
        let request = asks_for_access(&app, CAMILLE, "aides", &["lecture", "depot"]).await;
        let mut browser = signed_in(&app, DOMINIQUE).await;
        let page = page_of(&mut browser, &request).await;
        let page = browser.submit(&page, &[("decision", "modifier"), ("motif", ""), ("precision", "")]).await;
        assert!(page.says("Écrivez un message"), "{}", page.body);
        let page = browser.submit(&page, &[("decision", "modifier"), ("motif", ""), ("precision", "La lecture suffit.")]).await;
        assert!(page.says("Une modification est demandée à Camille Durand"), "{}", page.body);
        assert_eq!(request_state(&app, &request).await, request::State::Changes);
        assert_eq!(last_told(&app, CAMILLE).await.0, OrgEvent::AccessChanges);

        let request = asks_for_access(&app, CAMILLE, "aides", &["lecture", "depot"]).await;
        let page = page_of(&mut browser, &request).await;
        let day_before = day(&app, -3);
        let [d, m, y] = day_before.each_ref().map(String::as_str);
        let page = browser.submit(&page, &[("decision", "accepter"), ("profil", "lecture"), ("fin_jour", d), ("fin_mois", m), ("fin_annee", y)]).await;
        assert!(page.status == StatusCode::UNPROCESSABLE_ENTITY && page.says("Choisissez une date à venir"), "{}", page.body);
        let day_after = day(&app, 30);
        let [d, m, y] = day_after.each_ref().map(String::as_str);
        let page = browser.submit(&page, &[("decision", "accepter"), ("profil", "lecture"), ("fin_jour", d), ("fin_mois", m), ("fin_annee", y)]).await;
        assert!(page.says("La demande de Camille Durand est acceptée"), "{}", page.body);
        assert_eq!(rights(&app, CAMILLE).await, ["aides lecture"]);
        assert_eq!(last_told(&app, CAMILLE).await.0, OrgEvent::AccessPartly);
        app.advance(31 * 86_400);
        assert_eq!(rights(&app, CAMILLE).await, Vec::<String>::new(), "it ended");
    }

    async fn a_request_is_decided_once_and_only_by_who_may_at_that_instant(app) {
        prepare(&app).await;
        let admit = || Verdict::Admit(Role::Contact);
        // Twice: by both managers at once.
        let request = asks_to_join(&app, ANDREA).await;
        let (a, b) = tokio::join!(decided(&app, DOMINIQUE, &request, admit()), decided(&app, LOU, &request, Verdict::Decline("Non.".into())));
        assert_eq!([&a, &b].into_iter().filter(|r| r.is_ok()).count(), 1, "{a:?} {b:?}");
        assert!([a, b].contains(&Err(Refused::Late)));
        assert_eq!(events(&app, Kind::RequestDecided).await, 1);
        // After it was withdrawn.
        let request = asks_for_access(&app, CAMILLE, "aides", &["lecture"]).await;
        let (ctx, camille) = (app.app.ctx(Actor::Anonymous), id(&app, CAMILLE).await);
        let mut tx = app.app.db.begin().await.unwrap();
        assert!(request::cancel(&mut tx, &kit(&app, &ctx), &camille, &request).await.unwrap());
        tx.commit().await.unwrap();
        let grant = || Verdict::Grant { profiles: vec!["lecture".into()], until: None };
        assert_eq!(decided(&app, DOMINIQUE, &request, grant()).await, Err(Refused::Late));
        let page = page_of(&mut signed_in(&app, DOMINIQUE).await, &request).await;
        assert!(page.says("a déjà reçu une réponse"), "{}", page.body);
        // By the one who asks.
        let request = asks_for_access(&app, LOU, "aides", &["lecture"]).await;
        let refusals = events(&app, Kind::RightRefused).await;
        assert_eq!(decided(&app, LOU, &request, grant()).await, Err(Refused::Unknown));
        let mut lou = signed_in(&app, LOU).await;
        assert_eq!(page_of(&mut lou, &request).await.status, StatusCode::NOT_FOUND);
        assert!(!lou.get(&format!("{BASE}/demandes")).await.links().contains(&format!("{BASE}/demandes/{request}")));
        assert_eq!(events(&app, Kind::RightRefused).await, refusals + 2);
        // By a manager who has just lost the role, from a page shown before.
        let mut browser = signed_in(&app, DOMINIQUE).await;
        let shown = page_of(&mut browser, &request).await;
        app.apply("[[membership]]\nlogin_email = \"dominique@boulangerie.example\"\nsiret = \"73282932000074\"\nrole = \"contact\"\n").await;
        let page = browser.submit(&shown, &[("decision", "accepter"), ("profil", "lecture")]).await;
        assert_eq!(page.status, StatusCode::NOT_FOUND);
        assert_eq!(decided(&app, DOMINIQUE, &request, grant()).await, Err(Refused::Unknown));
        assert_eq!(rights(&app, LOU).await, Vec::<String>::new());
        assert_eq!(request_state(&app, &request).await, request::State::Pending);
    }

    async fn what_others_decide_is_listed_but_not_the_managers_to_decide(app) {
        prepare(&app).await;
        let request = asks_for_access(&app, CAMILLE, "national", &["national"]).await;
        let mut browser = signed_in(&app, DOMINIQUE).await;
        let list = browser.get(&format!("{BASE}/demandes")).await;
        assert!(list.says("Fichier national") && list.says("Décidée par quelqu’un d’autre"), "{}", list.body);
        assert_eq!(page_of(&mut browser, &request).await.status, StatusCode::NOT_FOUND);
    }
}
