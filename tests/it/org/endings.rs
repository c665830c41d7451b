//! What is over is over everywhere, and nobody takes what others left (DESIGN §2.1).

use std::collections::{BTreeMap, BTreeSet};

use guichet::base::Actor;
use guichet::org::invitation::{self, NotAccepted};
use guichet::org::people::Change;
use guichet::org::request::{Desk, Filed, decide};
use guichet::org::{self, Link, MembershipState, Role, rights};

use super::access::decided;
use super::joining::{join, membership};
use super::*;
use crate::support::rp::{claims, userinfo};

async fn manages(app: &TestApp, email: &str, siret: &str, more: &str) {
    app.apply(&format!("[[membership]]\nlogin_email = \"{email}\"\nsiret = \"{siret}\"\nrole = \"manager\"\n{more}\n")).await;
}

on_both! {
    async fn a_place_that_ended_by_itself_manages_and_decides_nothing(app) {
        let app = world(app).await;
        let mut gaston = signed_in(&app, GASTON).await;
        let paths = ["", "/intervenants", "/cartes", "/secours", "/demandes"].map(|path| format!("/etablissements/{BAKERY}{path}"));
        for path in &paths {
            assert_eq!(gaston.get(path).await.status, 200, "{path}");
        }
        manages(&app, GASTON, BAKERY, "expires_on = \"2001-01-01\"").await;
        for path in &paths {
            assert_eq!(gaston.get(path).await.status, 404, "{path}");
        }
        assert_eq!(happened(&app, Kind::RightRefused).await, paths.len());
        assert!(!gaston.get("/services/aides/demande").await.says("Boulangerie Durand"), "nothing is asked for there either");
        let Filed::Waits(id) = join(&app, CAMILLE, BAKERY, Role::Contact).await else { panic!() };
        assert!(told(&app, GASTON).await.is_empty(), "and nobody writes to them");
        assert_eq!(decided(&app, Some(GASTON), &id, decide::Verdict::Admit(Role::Contact)).await.unwrap_err(), decide::Refused::Unknown);
    }

    async fn an_establishment_without_a_manager_is_not_for_the_taking(app) {
        let app = world(app).await;
        place(&app, CAMILLE, TOWN_HALL, "").await;
        let Filed::Waits(_) = join(&app, GASTON, TOWN_HALL, Role::Manager).await else { panic!("somebody acts for it") };
        manages(&app, GASTON, BAKERY, "state = \"disabled\"").await;
        let Filed::Waits(_) = join(&app, CAMILLE, BAKERY, Role::Manager).await else { panic!("somebody did") };
        let Filed::Waits(_) = join(&app, GASTON, BAKERY, Role::Manager).await else { panic!("whoever was put out is not the first") };
        assert_eq!(membership(&app, GASTON, BAKERY).await, None);
        let mut browser = signed_in(&app, CAMILLE).await;
        assert!(browser.get(&format!("/etablissements/{BAKERY}/rejoindre")).await.says("n’a plus de gestionnaire de compte"));
    }

    async fn whoever_only_says_that_they_manage_makes_nobody_more_than_said(app) {
        let app = world(app).await;
        assert_eq!(join(&app, CAMILLE, TOWN_HALL, Role::Manager).await, Filed::Granted);
        let Filed::Waits(id) = join(&app, GASTON, TOWN_HALL, Role::Contact).await else { panic!() };
        decided(&app, Some(CAMILLE), &id, decide::Verdict::Admit(Role::Contact)).await.unwrap();
        assert_eq!(membership(&app, GASTON, TOWN_HALL).await.unwrap().link, Link::Declared);
        // A manager whom the operator put there is another matter.
        let Filed::Waits(id) = join(&app, CAMILLE, BAKERY, Role::Contact).await else { panic!() };
        decided(&app, Some(GASTON), &id, decide::Verdict::Admit(Role::Contact)).await.unwrap();
        assert_eq!(membership(&app, CAMILLE, BAKERY).await.unwrap().link, Link::Approved);
    }

    async fn coming_back_brings_no_right_back(app) {
        let app = world(app).await;
        for over in ["state = \"disabled\"", "expires_on = \"2001-01-01\""] {
            place(&app, CAMILLE, BAKERY, "").await;
            grant(&app, CAMILLE, BAKERY, "\"instructeur\"").await;
            place(&app, CAMILLE, BAKERY, over).await;
            let Filed::Waits(id) = join(&app, CAMILLE, BAKERY, Role::Contact).await else { panic!("{over}") };
            decided(&app, Some(GASTON), &id, decide::Verdict::Admit(Role::Contact)).await.unwrap();
            assert!(membership(&app, CAMILLE, BAKERY).await.is_some(), "{over}");
            assert_eq!(app.count("SELECT COUNT(*) FROM habilitation WHERE state = 'active'").await, 0, "{over}");
        }
        // Nor does the operator by putting the place back.
        grant(&app, CAMILLE, BAKERY, "\"instructeur\"").await;
        place(&app, CAMILLE, BAKERY, "state = \"disabled\"").await;
        place(&app, CAMILLE, BAKERY, "").await;
        assert_eq!(app.count("SELECT COUNT(*) FROM habilitation WHERE state = 'active'").await, 0);
    }

    async fn the_invitation_of_a_manager_whose_account_is_disabled_is_dead(app) {
        let app = world(app).await;
        let mut gaston = signed_in(&app, GASTON).await;
        let page = gaston.get(&format!("/etablissements/{BAKERY}/inviter")).await;
        let page = gaston.submit(&page, &[("adresses", CAMILLE), ("role", "contact"), ("etape", "apercu")]).await;
        gaston.submit(&page, &[("etape", "envoyer")]).await;
        let secret = heard(&app, CAMILLE, OrgEvent::Invited).await.request.unwrap();
        app.apply(&format!("[[account]]\nlogin_email = \"{GASTON}\"\nstate = \"disabled\"\n")).await;
        let ctx = app.app.ctx(Actor::Anonymous);
        let kit = guichet::authn::factor::Kit { ctx: &ctx, keys: &app.app.keys, config: &app.app.config };
        let mut tx = app.app.db.begin().await.unwrap();
        let email = guichet::base::Email::parse(CAMILLE).unwrap();
        let camille = guichet::account::store::find_by_login(&mut tx, &email).await.unwrap().unwrap();
        assert_eq!(invitation::accept(&mut tx, Desk { kit: &kit, services: &app.app.services() }, &camille, &secret).await.unwrap(), Err(NotAccepted::Unknown));
        tx.commit().await.unwrap();
        assert_eq!(membership(&app, CAMILLE, BAKERY).await, None);
    }

    async fn a_client_of_a_service_that_is_not_in_the_catalogue_is_closed(app) {
        let app = world(app).await;
        place(&app, CAMILLE, BAKERY, "").await;
        grant(&app, CAMILLE, BAKERY, "\"lecteur\"").await;
        let mut browser = app.browser();
        let tokens = AIDES.tokens(&mut browser, &[]).await;
        app.apply(&WORLD.replace("service = \"aides\"\nconsent", "service = \"ailleurs\"\nconsent")).await;
        assert_eq!(userinfo(&app, tokens["access_token"].as_str().unwrap()).await.status, 401);
        assert_eq!(browser.get(&AIDES.authorize(&[("prompt", "none")])).await.left_with("error").as_deref(), Some("access_denied"));
        assert!(browser.get(&AIDES.authorize(&[])).await.says("fermé pour le moment"));
    }

    async fn other_profiles_are_no_longer_time(app) {
        let app = world(app).await;
        place(&app, CAMILLE, BAKERY, "").await;
        let habilitation = format!("[[habilitation]]\nlogin_email = \"{CAMILLE}\"\nsiret = \"{BAKERY}\"\nservice = \"aides\"\nprofiles = [\"lecteur\"]\n");
        let soon = app.app.clock.now().plus(std::time::Duration::from_secs(100 * 86_400)).to_string();
        app.apply(&format!("{habilitation}expires_on = \"{}\"\n", &soon[..10])).await;
        let before = app.count("SELECT expires_at FROM habilitation").await;
        let ctx = app.app.ctx(Actor::Operator);
        let kit = guichet::authn::factor::Kit { ctx: &ctx, keys: &app.app.keys, config: &app.app.config };
        let (services, siret) = (app.app.services(), guichet::base::Siret::parse(BAKERY).unwrap());
        assert!(before > ctx.now().millis(), "it is not over");
        let mut tx = app.app.db.begin().await.unwrap();
        let mut of = async |email: &str| {
            let email = guichet::base::Email::parse(email).unwrap();
            guichet::account::store::find_by_login(&mut tx, &email).await.unwrap().unwrap().id
        };
        let (gaston, camille) = (of(GASTON).await, of(CAMILLE).await);
        let wanted = BTreeMap::from([("aides".to_owned(), BTreeSet::from(["lecteur".to_owned(), "instructeur".to_owned()]))]);
        let change = Change { role: Role::Contact, state: MembershipState::Active, expires_at: None, reason: None };
        let desk = Desk { kit: &kit, services: &services };
        rights::set(&mut tx, desk, &gaston, &siret, &camille, &change, Some(&wanted)).await.unwrap().unwrap();
        tx.commit().await.unwrap();
        assert_eq!(app.count("SELECT expires_at FROM habilitation WHERE profiles LIKE '%instructeur%'").await, before);
    }

    async fn an_establishment_whose_real_number_fails_the_check_can_be_acted_for(app) {
        let app = world(app).await;
        let real = guichet::base::Siret::unchecked("88974287600009").unwrap();
        assert!(!real.is_checked());
        place(&app, CAMILLE, BAKERY, "").await;
        let ctx = app.app.ctx(Actor::Operator);
        let kit = guichet::authn::factor::Kit { ctx: &ctx, keys: &app.app.keys, config: &app.app.config };
        let mut tx = app.app.db.begin().await.unwrap();
        let email = guichet::base::Email::parse(CAMILLE).unwrap();
        let camille = guichet::account::store::find_by_login(&mut tx, &email).await.unwrap().unwrap().id;
        let e = org::Establishment { siret: real.clone(), name: "Singulier".into() };
        org::put(&mut tx, &ctx, &e).await.unwrap();
        org::put_membership(&mut tx, &kit, &org::Membership::new(camille, e, Role::Contact, org::Proof::Operator)).await.unwrap();
        tx.commit().await.unwrap();
        app.apply(&WORLD.replace("access = \"request\"\n", "")).await;
        let mut browser = signed_in(&app, CAMILLE).await;
        let page = browser.get(&AIDES.authorize(&[("siret_hint", BAKERY), ("prompt", "select_establishment")])).await;
        let done = browser.submit(&page, &[("etablissement", real.as_str())]).await;
        let code = done.left_with("code").unwrap_or_else(|| panic!("{} {}", done.path, done.body));
        let tokens = AIDES.redeem(&app, &code).await.json();
        assert_eq!(claims(tokens["id_token"].as_str().unwrap())["establishment"]["siret"], real.as_str());
    }

    async fn a_person_sends_so_many_requests_a_day_and_no_more(app) {
        let app = world(app).await;
        place(&app, CAMILLE, BAKERY, "").await;
        let mut browser = signed_in(&app, CAMILLE).await;
        for n in 0..=30 {
            let page = browser.get("/services/aides/demande").await;
            let page = browser.submit(&page, &[("etablissement", BAKERY), ("profil", "lecteur")]).await;
            match n {
                30 => assert!(page.status == 422 && page.says("trop de demandes"), "{}", page.body),
                _ => drop(browser.submit(&page, &[("action", "annuler")]).await),
            }
        }
        let asked = told(&app, GASTON).await.into_iter().filter(|(e, _)| *e == OrgEvent::AccessToDecide).count();
        assert_eq!(asked, 30);
    }
}
