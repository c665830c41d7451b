//! Handing over: an offer, and its answer (G-09; AG-19, AC-36).

use super::*;
use futures_util::future::join_all;
use guichet::base::id::HandoverId;
use guichet::org::handover::{self, NotOpen, State};

/// Offers, on the page of the manager; the identifier of the offer.
async fn offered(app: &TestApp, browser: &mut Browser, at: &str, to: &str, step_down: bool) -> HandoverId {
    let page = browser.get(&format!("/etablissements/{at}/transferer")).await;
    let heir = id(app, to).await;
    let mut fields = vec![("personne", heir.as_str())];
    if step_down {
        fields.push(("devenir_contact", "1"));
    }
    let page = browser.submit(&page, &fields).await;
    assert!(page.says("72 heures"), "{}", page.body);
    let (event, facts) = last_told(app, to).await;
    assert_eq!(event, OrgEvent::HandoverOffered);
    HandoverId::parse(&facts.request.unwrap()).unwrap()
}

async fn accepts(app: &TestApp, who: &str, offer: &HandoverId) -> Result<(), NotOpen> {
    let who = account(app, who).await;
    let ctx = app.app.ctx(Actor::Account(who.id.clone()));
    let mut tx = app.app.db.begin().await.unwrap();
    let done = handover::accept(&mut tx, &kit(app, &ctx), &who, offer).await.unwrap();
    tx.commit().await.unwrap();
    done.map(drop)
}

async fn state(app: &TestApp, offer: &HandoverId) -> State {
    handover::store::find(&mut app.app.db.read().await.unwrap(), offer).await.unwrap().unwrap().state
}

on_both! {
    async fn ag_19_an_offer_changes_nothing_until_it_is_accepted_on_its_page(app) {
        prepare(&app).await;
        let mut dominique = signed_in(&app, DOMINIQUE).await;
        let offer = offered(&app, &mut dominique, BOULANGERIE, CAMILLE, true).await;
        assert_eq!(last_told(&app, DOMINIQUE).await.0, OrgEvent::HandoverMade, "both are told");
        let mut camille = signed_in(&app, CAMILLE).await;
        let path = format!("/transfert/{offer}");
        let page = camille.get(&path).await;
        assert!(page.says("Dominique Martin vous propose") || page.says("Dominique Martin"), "{}", page.body);
        assert_eq!((role(&app, CAMILLE).await, role(&app, DOMINIQUE).await), (Some(Role::Contact), Some(Role::Manager)), "a link does nothing");
        let page = camille.press(&page, &path, &[("action", "accepter")]).await;
        assert!(page.path == "/etablissements" && page.says("Vous êtes désormais gestionnaire de compte de Boulangerie Durand"), "{}", page.body);
        assert_eq!((role(&app, CAMILLE).await, role(&app, DOMINIQUE).await), (Some(Role::Manager), Some(Role::Contact)));
        let news: Vec<OrgEvent> = told(&app, DOMINIQUE).await.into_iter().map(|(e, _)| e).collect();
        assert!(news.contains(&OrgEvent::HandoverAccepted) && news.contains(&OrgEvent::RoleChanged), "{news:?}");
        assert_eq!((events(&app, Kind::HandoverOffered).await, events(&app, Kind::HandoverAccepted).await), (1, 1));
        // Once.
        assert_eq!(camille.get(&path).await.status, StatusCode::GONE);
        assert_eq!(accepts(&app, CAMILLE, &offer).await, Err(NotOpen::Over));
    }

    async fn an_offer_ends_after_three_days_or_when_it_is_declined_withdrawn_or_replaced(app) {
        prepare(&app).await;
        let mut dominique = signed_in(&app, DOMINIQUE).await;
        let late = offered(&app, &mut dominique, BOULANGERIE, CAMILLE, false).await;
        app.advance(72 * 3_600);
        assert_eq!(accepts(&app, CAMILLE, &late).await, Err(NotOpen::Over));
        let mut dominique = signed_in(&app, DOMINIQUE).await;
        let first = offered(&app, &mut dominique, BOULANGERIE, CAMILLE, false).await;
        let second = offered(&app, &mut dominique, BOULANGERIE, CAMILLE, false).await;
        assert_eq!((state(&app, &first).await, state(&app, &second).await), (State::Cancelled, State::Open), "one at a time");
        let page = dominique.get(&format!("{BASE}/transferer")).await;
        let page = dominique.submit(&page, &[("annuler", second.as_str())]).await;
        assert!(page.says("La proposition est annulée"), "{}", page.body);
        assert_eq!(last_told(&app, CAMILLE).await.0, OrgEvent::HandoverCancelled);
        let third = offered(&app, &mut dominique, BOULANGERIE, CAMILLE, false).await;
        let mut camille = signed_in(&app, CAMILLE).await;
        let path = format!("/transfert/{third}");
        let page = camille.get(&path).await;
        camille.press(&page, &path, &[("action", "refuser")]).await;
        assert_eq!(last_told(&app, DOMINIQUE).await.0, OrgEvent::HandoverDeclined);
        for offer in [first, second, third] {
            assert_eq!(accepts(&app, CAMILLE, &offer).await, Err(NotOpen::Over), "{offer}");
        }
        assert_eq!(role(&app, CAMILLE).await, Some(Role::Contact));
    }

    async fn an_offer_is_for_one_person_and_withdrawn_by_one(app) {
        prepare(&app).await;
        let mut dominique = signed_in(&app, DOMINIQUE).await;
        let offer = offered(&app, &mut dominique, BOULANGERIE, CAMILLE, false).await;
        let path = format!("/transfert/{offer}");
        for who in [LOU, SACHA, ANDREA, DOMINIQUE] {
            let mut browser = signed_in(&app, who).await;
            let token = token(&mut browser).await;
            let before = events(&app, Kind::RightRefused).await;
            let page = browser.get(&path).await;
            assert!(page.status == StatusCode::NOT_FOUND && !page.says("Boulangerie"), "{who}: {}", page.body);
            let page = browser.post(&path, &[("jeton", &token), ("action", "accepter")]).await;
            assert_eq!(page.status, StatusCode::NOT_FOUND, "{who}");
            assert_eq!(events(&app, Kind::RightRefused).await, before + 2, "{who}: each leaves a trace");
        }
        // Another manager of the place, and the manager of another one, withdraw nothing.
        for (who, at) in [(LOU, BOULANGERIE), (SACHA, MAIRIE)] {
            let mut browser = signed_in(&app, who).await;
            let token = token(&mut browser).await;
            browser.post(&format!("/etablissements/{at}/transferer"), &[("jeton", &token), ("annuler", offer.as_str())]).await;
            assert_eq!(state(&app, &offer).await, State::Open, "{who}");
        }
        assert_eq!(accepts(&app, CAMILLE, &offer).await, Ok(()));
    }

    async fn an_offer_dies_with_the_place_of_either(app) {
        prepare(&app).await;
        let mut lou = signed_in(&app, LOU).await;
        let offer = offered(&app, &mut lou, BOULANGERIE, CAMILLE, false).await;
        // The giver is made a contact meanwhile.
        app.apply("[[membership]]\nlogin_email = \"lou@boulangerie.example\"\nsiret = \"73282932000074\"\nrole = \"contact\"\n").await;
        assert_eq!(accepts(&app, CAMILLE, &offer).await, Err(NotOpen::Over));
        assert_eq!(events(&app, Kind::RightRefused).await, 1);
        // The receiver is deactivated, and comes back.
        let mut dominique = signed_in(&app, DOMINIQUE).await;
        let offer = offered(&app, &mut dominique, BOULANGERIE, CAMILLE, false).await;
        let person = person_path(&app, CAMILLE).await;
        let page = dominique.get(&format!("{person}/desactiver")).await;
        dominique.submit(&page, &[("motif", "depart")]).await;
        assert_eq!(state(&app, &offer).await, State::Dead);
        app.apply("[[membership]]\nlogin_email = \"camille@boulangerie.example\"\nsiret = \"73282932000074\"\nrole = \"contact\"\n").await;
        assert_eq!(accepts(&app, CAMILLE, &offer).await, Err(NotOpen::Over), "what is dead stays dead");
        // The account of the giver is disabled.
        app.apply("[[membership]]\nlogin_email = \"lou@boulangerie.example\"\nsiret = \"73282932000074\"\nrole = \"manager\"\n").await;
        let mut lou = signed_in(&app, LOU).await;
        let offer = offered(&app, &mut lou, BOULANGERIE, CAMILLE, false).await;
        app.apply("[[account]]\nlogin_email = \"lou@boulangerie.example\"\nstate = \"disabled\"\n").await;
        assert_eq!(accepts(&app, CAMILLE, &offer).await, Err(NotOpen::Over));
        assert_eq!(role(&app, CAMILLE).await, Some(Role::Contact));
    }

    async fn of_offers_accepted_at_once_one_takes_effect_and_a_manager_remains(app) {
        prepare(&app).await;
        let (mut dominique, mut lou) = (signed_in(&app, DOMINIQUE).await, signed_in(&app, LOU).await);
        let one = offered(&app, &mut dominique, BOULANGERIE, CAMILLE, true).await;
        let other = offered(&app, &mut lou, BOULANGERIE, CAMILLE, true).await;
        let tries = (0..10).flat_map(|_| [&one, &other]).map(|offer| accepts(&app, CAMILLE, offer));
        let done = join_all(tries).await;
        assert_eq!(done.iter().filter(|d| d.is_ok()).count(), 1, "{done:?}");
        assert_eq!(role(&app, CAMILLE).await, Some(Role::Manager));
        let left = [role(&app, DOMINIQUE).await, role(&app, LOU).await];
        assert_eq!(left.iter().filter(|r| **r == Some(Role::Manager)).count(), 1, "the other one is a manager still: {left:?}");
        assert_eq!(events(&app, Kind::HandoverAccepted).await, 1);
    }
}
