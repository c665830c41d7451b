//! Joining an establishment: the first one, and those after.

use guichet::base::{Actor, Email, Siret};
use guichet::org::request::{self, Desk, Filed, decide};
use guichet::org::{self, Role};

use super::access::decided;
use super::*;

pub async fn join(app: &TestApp, email: &str, siret: &str, role: Role) -> Filed {
    let ctx = app.app.ctx(Actor::Operator);
    let kit = guichet::authn::factor::Kit { ctx: &ctx, keys: &app.app.keys, config: &app.app.config };
    let all = app.app.services();
    let mut tx = app.app.db.begin().await.unwrap();
    let who = guichet::account::store::find_by_login(&mut tx, &Email::parse(email).unwrap()).await.unwrap().unwrap();
    let place = org::find(&mut tx, &Siret::parse(siret).unwrap()).await.unwrap().unwrap();
    let filed = request::join(&mut tx, Desk { kit: &kit, services: &all }, &who, &place, role, Some("Bonjour".into())).await.unwrap();
    tx.commit().await.unwrap();
    filed
}

pub async fn membership(app: &TestApp, email: &str, siret: &str) -> Option<org::Membership> {
    let mut read = app.app.db.read().await.unwrap();
    let who = guichet::account::store::find_by_login(&mut read, &Email::parse(email).unwrap()).await.unwrap().unwrap();
    org::membership(&mut read, &who.id, &Siret::parse(siret).unwrap(), app.app.clock.now()).await.unwrap()
}

on_both! {
    async fn ag_11_the_first_person_of_an_establishment_manages_it(app) {
        let app = world(app).await;
        assert_eq!(join(&app, CAMILLE, TOWN_HALL, Role::Contact).await, Filed::Granted);
        let place = membership(&app, CAMILLE, TOWN_HALL).await.unwrap();
        assert_eq!((place.role, place.link), (Role::Manager, org::Link::Declared), "on their word only");
        heard(&app, CAMILLE, OrgEvent::Manager).await;
        assert_eq!(join(&app, CAMILLE, TOWN_HALL, Role::Contact).await, Filed::Held);
    }

    async fn two_first_persons_at_once_make_one_manager(app) {
        let app = world(app).await;
        let (a, b) = futures_util::future::join(join(&app, CAMILLE, TOWN_HALL, Role::Manager), join(&app, GASTON, TOWN_HALL, Role::Manager)).await;
        assert!((a == Filed::Granted) != (b == Filed::Granted), "{a:?} {b:?}");
        assert!(matches!([a, b], [Filed::Waits(_), Filed::Granted] | [Filed::Granted, Filed::Waits(_)]));
    }

    async fn an_address_of_the_establishment_proves_the_place(app) {
        let app = world(app).await;
        app.apply(&format!("[[establishment]]\nsiret = \"{TOWN_HALL}\"\nname = \"Mairie\"\nemail_domains = [\"boulangerie.example\"]\n")).await;
        assert_eq!(join(&app, CAMILLE, TOWN_HALL, Role::Contact).await, Filed::Granted);
        assert_eq!(membership(&app, CAMILLE, TOWN_HALL).await.unwrap().link, org::Link::Proved);
    }

    async fn ac_39_the_operator_may_want_to_decide_on_the_first_person(app) {
        let app = TestApp::start(app.engine, |c| {
            c.policy.first_is_manager = false;
            c.brand.support_email = Some("support@hub.example".into());
        })
        .await;
        app.apply(WORLD).await;
        let Filed::Waits(id) = join(&app, CAMILLE, TOWN_HALL, Role::Contact).await else { panic!("nobody decides by themself") };
        assert_eq!(membership(&app, CAMILLE, TOWN_HALL).await, None);
        heard(&app, "support@hub.example", OrgEvent::JoinToDecide).await;
        decided(&app, None, &id, decide::Verdict::Admit(Role::Manager)).await.unwrap();
        let place = membership(&app, CAMILLE, TOWN_HALL).await.unwrap();
        assert_eq!((place.role, place.link), (Role::Manager, org::Link::Approved));
    }

    async fn ag_20_the_manager_is_asked_and_ag_21_answers(app) {
        let app = world(app).await;
        let Filed::Waits(id) = join(&app, CAMILLE, BAKERY, Role::Contact).await else { panic!("a manager is there") };
        let facts = heard(&app, GASTON, OrgEvent::JoinToDecide).await;
        assert_eq!((facts.email.as_deref(), facts.message.as_deref()), (Some(CAMILLE), Some("Bonjour")));
        assert_eq!(membership(&app, CAMILLE, BAKERY).await, None, "nothing before the answer");
        assert!(matches!(join(&app, CAMILLE, BAKERY, Role::Contact).await, Filed::Already(_)));
        decided(&app, Some(GASTON), &id, decide::Verdict::Decline("Je ne connais pas cette personne".into())).await.unwrap();
        let facts = heard(&app, CAMILLE, OrgEvent::JoinDeclined).await;
        assert_eq!(facts.reason.as_deref(), Some("Je ne connais pas cette personne"));
        // Asked again, and accepted.
        let Filed::Waits(id) = join(&app, CAMILLE, BAKERY, Role::Contact).await else { panic!() };
        decided(&app, Some(GASTON), &id, decide::Verdict::Admit(Role::Contact)).await.unwrap();
        assert_eq!(membership(&app, CAMILLE, BAKERY).await.unwrap().proof, org::Proof::Manager);
        heard(&app, CAMILLE, OrgEvent::JoinAccepted).await;
    }

    async fn nobody_answers_so_reminders_follow_and_support_hears_of_it(app) {
        let app = TestApp::start(app.engine, |c| c.brand.support_email = Some("support@hub.example".into())).await;
        app.apply(WORLD).await;
        let Filed::Waits(_) = join(&app, CAMILLE, BAKERY, Role::Contact).await else { panic!() };
        let count = async |event: OrgEvent, to: &str| told(&app, to).await.into_iter().filter(|(e, _)| *e == event).count();
        for (days, reminders, escalated) in [(2, 0, 0), (1, 1, 0), (4, 2, 0), (7, 3, 0), (7, 4, 1)] {
            app.advance(days * 86_400);
            guichet::worker::drain(&app.app).await.unwrap();
            assert_eq!(count(OrgEvent::JoinReminded, GASTON).await, reminders, "after {days} more days");
            assert_eq!(count(OrgEvent::Escalated, "support@hub.example").await, escalated, "after {days} more days");
        }
    }
}
