//! S-15: why there is no access to a service, for which establishment, and what to do about it.

use guichet::base::{Actor, Email, Siret};
use guichet::org::habilitation::{self, Suspension};

use super::access::decided;
use super::*;

/// Camille works at the bakery and at the town hall.
async fn both_places(app: TestApp) -> TestApp {
    let app = world(app).await;
    for siret in [BAKERY, TOWN_HALL] {
        place(&app, CAMILLE, siret, "").await;
    }
    app
}

async fn asks(browser: &mut Browser, siret: &str) -> AskId {
    let page = browser.get("/services/aides/demande").await;
    let page = browser.submit(&page, &[("etablissement", siret), ("profil", "lecteur")]).await;
    assert!(page.says("Votre demande a été envoyée"), "{} {}", page.path, page.body);
    request_of(&page)
}

async fn declined(app: &TestApp, id: &AskId) {
    decided(app, None, id, guichet::org::request::decide::Verdict::Decline("Une autre fois".into())).await.unwrap();
}

async fn suspend(app: &TestApp, siret: &str, why: Suspension) {
    let ctx = app.app.ctx(Actor::Operator);
    let kit = guichet::authn::factor::Kit { ctx: &ctx, keys: &app.app.keys, config: &app.app.config };
    let mut tx = app.app.db.begin().await.unwrap();
    let who = guichet::account::store::find_by_login(&mut tx, &Email::parse(CAMILLE).unwrap()).await.unwrap().unwrap().id;
    assert!(habilitation::suspend(&mut tx, &kit, &who, &Siret::parse(siret).unwrap(), "aides", why).await.unwrap());
    tx.commit().await.unwrap();
}

async fn refused(browser: &mut Browser, extra: &[(&str, &str)]) -> Page {
    let page = browser.get(&AIDES.authorize(extra)).await;
    assert!(page.h1().starts_with("Vous n’avez pas encore accès à"), "{} {}", page.path, page.body);
    page
}

/// The establishment for which the page offers to ask; empty where it names none.
fn offers(page: &Page) -> Option<String> {
    let link = page.links().into_iter().find(|l| l.starts_with("/services/aides/demande"))?;
    Some(link.split_once("?etablissement=").map(|(_, siret)| siret.to_owned()).unwrap_or_default())
}

on_both! {
    async fn the_page_is_about_the_establishment_that_is_meant(app) {
        let app = both_places(app).await;
        let mut browser = signed_in(&app, CAMILLE).await;
        assert_eq!(offers(&refused(&mut browser, &[]).await).as_deref(), Some(""), "none is meant");
        let id = asks(&mut browser, BAKERY).await;
        // The one with a request is meant, unless the service suggests another.
        let page = refused(&mut browser, &[]).await;
        assert!(page.says("attend une réponse") && page.says("Boulangerie Durand") && !page.says("Mairie"), "{}", page.body);
        let page = refused(&mut browser, &[("siret_hint", TOWN_HALL)]).await;
        assert!(!page.says("attend une réponse") && page.says("Mairie"), "{}", page.body);
        assert_eq!(offers(&page).as_deref(), Some(TOWN_HALL));
        let page = refused(&mut browser, &[("siret_hint", BAKERY)]).await;
        assert!(page.says("attend une réponse"), "{}", page.body);
        // One that the person does not act for is not taken from a hint.
        assert!(refused(&mut browser, &[("siret_hint", "35600000000048")]).await.says("attend une réponse"));
        // What was answered in one says nothing of the other.
        declined(&app, &id).await;
        assert!(refused(&mut browser, &[]).await.says("Une autre fois"));
        let page = refused(&mut browser, &[("siret_hint", TOWN_HALL)]).await;
        assert!(!page.says("Une autre fois") && page.says("ouvert sur demande"), "{}", page.body);
        // A place that is over is not meant any more.
        place(&app, CAMILLE, BAKERY, "state = \"disabled\"").await;
        assert!(refused(&mut browser, &[("siret_hint", BAKERY)]).await.says("ouvert sur demande"));
    }

    async fn ef_15_a_request_that_waits_can_be_reminded_from_there(app) {
        let app = both_places(app).await;
        let mut browser = signed_in(&app, CAMILLE).await;
        let id = asks(&mut browser, BAKERY).await;
        let page = refused(&mut browser, &[]).await;
        assert!(page.says("Les gestionnaires de compte de votre établissement décident de l’accès."), "{}", page.body);
        assert!(page.says("Vous pourrez relancer votre demande à partir du") && !page.says("Relancer ma demande"), "{}", page.body);
        assert!(page.links().contains(&format!("/demandes/{id}")) && offers(&page).is_none(), "{:?}", page.links());
        app.advance(3 * 86_400);
        let mut browser = signed_in(&app, CAMILLE).await;
        let page = refused(&mut browser, &[]).await;
        let page = browser.submit(&page, &[("action", "relancer")]).await;
        assert!(page.path.starts_with(&format!("/demandes/{id}")) && page.says("Votre demande a été relancée"), "{} {}", page.path, page.body);
        heard(&app, GASTON, OrgEvent::AccessReminded).await;
        assert!(!refused(&mut browser, &[]).await.says("Relancer ma demande"), "too early again");
    }

    async fn where_nobody_manages_the_request_waits_for_the_operators_team(app) {
        let app = both_places(app).await;
        let mut browser = signed_in(&app, CAMILLE).await;
        asks(&mut browser, TOWN_HALL).await;
        let page = refused(&mut browser, &[]).await;
        assert!(page.says("attend une réponse") && page.says("L’équipe du portail décide de l’accès."), "{}", page.body);
        assert!(!page.says("gestionnaires de compte de votre établissement décident"), "{}", page.body);
    }

    async fn suspended_withdrawn_and_ended_are_three_things(app) {
        let app = both_places(app).await;
        grant(&app, CAMILLE, BAKERY, "\"lecteur\"").await;
        let mut browser = signed_in(&app, CAMILLE).await;
        // A later answer elsewhere says nothing of it.
        let elsewhere = asks(&mut browser, TOWN_HALL).await;
        declined(&app, &elsewhere).await;
        suspend(&app, BAKERY, Suspension::Absence).await;
        let page = refused(&mut browser, &[]).await;
        assert!(page.says("Votre accès est suspendu. Adressez-vous à un gestionnaire") && page.says("Boulangerie Durand"), "{}", page.body);
        assert_eq!(offers(&page), None, "it is given back, not asked for");
        suspend(&app, BAKERY, Suspension::Operator).await;
        let page = refused(&mut browser, &[]).await;
        assert!(page.says("suspendu par l’équipe du portail") && offers(&page).is_none(), "{}", page.body);
        grant(&app, CAMILLE, BAKERY, "").await;
        let page = refused(&mut browser, &[("siret_hint", BAKERY)]).await;
        assert!(page.says("Votre accès a été retiré") && !page.says("suspendu"), "{}", page.body);
        assert_eq!(offers(&page).as_deref(), Some(BAKERY));
        // Another one, that ends by itself.
        let end = app.app.ctx(Actor::Anonymous).now().millis() + 5 * 86_400_000;
        let end = guichet::base::Timestamp::from_millis(end).to_string()[..10].to_owned();
        let right = format!("[[habilitation]]\nlogin_email = \"{CAMILLE}\"\nsiret = \"{TOWN_HALL}\"\nservice = \"aides\"\nprofiles = [\"lecteur\"]\nexpires_on = \"{end}\"\n");
        app.apply(&right).await;
        app.advance(6 * 86_400);
        let page = refused(&mut signed_in(&app, CAMILLE).await, &[]).await;
        assert!(page.says("Votre accès a pris fin le") && page.says("Mairie"), "{}", page.body);
        assert_eq!(offers(&page).as_deref(), Some(TOWN_HALL));
    }
}
