//! « Revue des accès » (G-16).

use super::*;
use guichet::org::habilitation::{State, Suspension};
use guichet::org::review::{self, Refused, Review};
use guichet::worker;

async fn give(app: &TestApp, email: &str, service: &str, profile: &str) {
    app.apply(&format!(
        "[[habilitation]]\nlogin_email = \"{email}\"\nsiret = \"{BOULANGERIE}\"\nservice = \"{service}\"\nprofiles = [\"{profile}\"]\n"
    ))
    .await;
    app.advance(1);
}

/// « Suspendu » and why, or the state.
async fn stands(app: &TestApp, email: &str, service: &str) -> (State, Option<Suspension>) {
    let who = id(app, email).await;
    let all = org::habilitation::of_person(&mut app.app.db.read().await.unwrap(), &who, &siret(BOULANGERIE)).await.unwrap();
    let held = all.into_iter().find(|h| h.service == service).unwrap();
    (held.state, held.suspended_for)
}

/// Opens one for so many days from the page.
async fn opened(app: &TestApp, browser: &mut Browser, days: i64) -> Page {
    let page = browser.get(&format!("{BASE}/revue")).await;
    let end = day(app, days);
    let [d, m, y] = end.each_ref().map(String::as_str);
    browser.submit(&page, &[("fin_jour", d), ("fin_mois", m), ("fin_annee", y)]).await
}

/// Answers for one right.
async fn answer(app: &TestApp, browser: &mut Browser, who: &str, service: &str, avis: &str) -> Page {
    let (token, who) = (token(browser).await, id(app, who).await);
    browser.post(&format!("{BASE}/revue"), &[("jeton", &token), ("droit", &format!("{service}:{who}")), ("avis", avis)]).await
}

/// A click on the button that the page shows for somebody.
fn offers(page: &Page, who: &AccountId) -> bool {
    page.body.contains(&format!(":{who}\""))
}

async fn told_of(app: &TestApp, email: &str, event: OrgEvent) -> usize {
    told(app, email).await.into_iter().filter(|(e, _)| *e == event).count()
}

async fn by_operator(app: &TestApp, service: &str, days: i64) -> Result<Review, Refused> {
    let (ctx, services) = (app.app.ctx(Actor::Operator), app.app.services());
    let kit = kit(app, &ctx);
    let mut tx = app.app.db.begin().await.unwrap();
    let place = org::find(&mut tx, &siret(BOULANGERIE)).await.unwrap().unwrap();
    let due = ctx.now().plus(std::time::Duration::from_secs(u64::try_from(days).unwrap() * 86_400));
    let opened = review::open(&mut tx, Desk { kit: &kit, services: &services }, None, &place, service, due).await.unwrap();
    tx.commit().await.unwrap();
    opened
}

on_both! {
    async fn a_review_confirms_withdraws_and_suspends_what_nobody_confirmed(app) {
        let app = lasting(app).await;
        let mut dominique = signed_in(&app, DOMINIQUE).await;
        let page = opened(&app, &mut dominique, 30).await;
        assert!(page.status == StatusCode::UNPROCESSABLE_ENTITY && page.says("Personne n’a d’accès à confirmer"), "{}", page.body);
        for (who, service, profile) in [(CAMILLE, "aides", "lecture"), (CAMILLE, "national", "national"), (LOU, "aides", "depot"), (DOMINIQUE, "aides", "depot")] {
            give(&app, who, service, profile).await;
        }
        let page = opened(&app, &mut dominique, 91).await;
        assert!(page.status == StatusCode::UNPROCESSABLE_ENTITY && page.says("dans les 90 jours"), "{}", page.body);
        let page = opened(&app, &mut dominique, 30).await;
        assert!(page.says("La revue des accès est ouverte") && page.says("0 accès vérifiés sur 4"), "{}", page.body);
        assert_eq!((told_of(&app, DOMINIQUE, OrgEvent::ReviewOpened).await, told_of(&app, LOU, OrgEvent::ReviewOpened).await), (1, 1));
        assert_eq!(told_of(&app, CAMILLE, OrgEvent::ReviewOpened).await, 0);
        // Lou's and Camille's rights are for Dominique to judge, Dominique's for Lou.
        assert!(page.says("À vérifier par un autre gestionnaire") && !offers(&page, &id(&app, DOMINIQUE).await), "{}", page.body);
        let refused = events(&app, Kind::RightRefused).await;
        assert_eq!(answer(&app, &mut dominique, DOMINIQUE, "aides", "poste").await.status, StatusCode::NOT_FOUND);
        assert_eq!(events(&app, Kind::RightRefused).await, refused + 1);
        let page = answer(&app, &mut dominique, CAMILLE, "aides", "poste").await;
        assert!(page.says("L’accès de Camille Durand est confirmé") && page.says("1 accès vérifiés sur 4"), "{}", page.body);
        let page = answer(&app, &mut dominique, CAMILLE, "national", "parti").await;
        assert!(page.says("est retiré") && page.says("2 accès vérifiés sur 4") && !offers(&page, &id(&app, CAMILLE).await), "{}", page.body);
        assert_eq!(last_told(&app, CAMILLE).await.0, OrgEvent::AccessRevoked);
        // Once judged, never again; what is not there does not exist.
        answer(&app, &mut dominique, CAMILLE, "aides", "parti").await;
        answer(&app, &mut dominique, CAMILLE, "formation", "poste").await;
        assert_eq!(stands(&app, CAMILLE, "aides").await, (State::Active, None));
        // What is given meanwhile is not reviewed.
        app.apply("[[attestation]]\nlogin_email = \"camille@boulangerie.example\"\nkind = \"diplome\"\nobtained_on = \"2026-01-15\"\n").await;
        give(&app, CAMILLE, "formation", "formation").await;
        let mut lou = signed_in(&app, LOU).await;
        let page = lou.get(&format!("{BASE}/revue")).await;
        assert!(offers(&page, &id(&app, DOMINIQUE).await) && !offers(&page, &id(&app, CAMILLE).await), "{}", page.body);
        answer(&app, &mut lou, DOMINIQUE, "aides", "poste").await;
        for (days, reminded, due, closed) in [(20, 0, 0, 0), (3, 1, 0, 0), (7, 1, 1, 0), (1, 1, 1, 1), (1, 1, 1, 1)] {
            app.advance(days * 86_400);
            worker::drain(&app.app).await.unwrap();
            for (event, times) in [(OrgEvent::ReviewReminded, reminded), (OrgEvent::ReviewDue, due), (OrgEvent::ReviewClosed, closed)] {
                assert_eq!(told_of(&app, LOU, event).await, times, "{event:?} after {days} more days");
            }
        }
        assert_eq!(stands(&app, LOU, "aides").await, (State::Suspended, Some(Suspension::Review)));
        assert_eq!(told(&app, LOU).await.into_iter().find(|(e, _)| *e == OrgEvent::AccessSuspended).unwrap().1.suspension.as_deref(), Some("review"));
        for (who, service) in [(CAMILLE, "aides"), (CAMILLE, "formation"), (DOMINIQUE, "aides")] {
            assert_eq!(stands(&app, who, service).await.0, State::Active, "{who} {service}");
        }
        assert_eq!((events(&app, Kind::ReviewOpened).await, events(&app, Kind::ReviewClosed).await), (1, 1));
        // A manager gives it back.
        let mut dominique = signed_in(&app, DOMINIQUE).await;
        let path = format!("{}/acces/aides", person_path(&app, LOU).await);
        let token = token(&mut dominique).await;
        dominique.post(&path, &[("jeton", &token), ("action", "retablir")]).await;
        assert_eq!(stands(&app, LOU, "aides").await, (State::Active, None));
    }

    async fn the_only_manager_reviews_their_own_right(app) {
        prepare(&app).await;
        give(&app, DOMINIQUE, "aides", "depot").await;
        app.apply("[[membership]]\nlogin_email = \"lou@boulangerie.example\"\nsiret = \"73282932000074\"\nrole = \"contact\"\n").await;
        let mut dominique = signed_in(&app, DOMINIQUE).await;
        opened(&app, &mut dominique, 10).await;
        let page = answer(&app, &mut dominique, DOMINIQUE, "aides", "poste").await;
        assert!(page.says("Tous les accès sont vérifiés"), "{}", page.body);
    }

    async fn the_operator_opens_a_review_of_one_service_and_gives_it_up(app) {
        prepare(&app).await;
        give(&app, CAMILLE, "aides", "lecture").await;
        give(&app, CAMILLE, "national", "national").await;
        let opened = by_operator(&app, "national", 30).await.unwrap();
        assert_eq!((opened.rights, by_operator(&app, "", 30).await), (1, Err(Refused::Open)));
        let mut dominique = signed_in(&app, DOMINIQUE).await;
        let page = dominique.get(&format!("{BASE}/revue")).await;
        assert!(page.says("Fichier national") && !page.says("Dépôt des aides"), "{}", page.body);
        answer(&app, &mut dominique, CAMILLE, "aides", "parti").await;
        assert_eq!(stands(&app, CAMILLE, "aides").await.0, State::Active, "it is not reviewed");
        let (ctx, services) = (app.app.ctx(Actor::Operator), app.app.services());
        let kit = kit(&app, &ctx);
        for given_up in [true, false] {
            let mut tx = app.app.db.begin().await.unwrap();
            assert_eq!(review::abandon(&mut tx, Desk { kit: &kit, services: &services }, &opened).await.unwrap(), given_up);
            tx.commit().await.unwrap();
        }
        app.advance(40 * 86_400);
        worker::drain(&app.app).await.unwrap();
        assert_eq!(stands(&app, CAMILLE, "national").await.0, State::Active, "nothing is suspended");
    }
}
