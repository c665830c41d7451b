//! Places and rights that end: a service that only implements Back-Channel Logout is told to sign the person out, and an
//! establishment that was followed by another goes on there.

use guichet::base::{Clock, Email, Siret, Timestamp};
use guichet::jobs::notice::Kind;
use guichet::org::habilitation::{self, Suspension};

use super::*;
use crate::org::carried::{POST_OFFICE, carry, reads_at_the_post_office};
use crate::org::{AIDES, BAKERY, CAMILLE, TOWN_HALL, grant, place, world};
use crate::support::rp::userinfo;

/// Where « Aides » is told that somebody is to be signed out; of changes too, if it wants.
async fn listening(app: &TestApp, changes: bool) -> HttpGateway {
    let receiver = HttpGateway::start().await;
    receiver.turn(200, "");
    let (logout, notices) = (receiver.url("/logout").to_string(), receiver.url("/notices").to_string());
    register(app, "aides", |m| {
        m.backchannel_logout_uri = Some(logout);
        m.claims_notice_uri = changes.then_some(notices);
    })
    .await;
    receiver
}

/// What one round finds, the next one tells.
async fn rounds(app: &TestApp) {
    drain(app).await;
    drain(app).await;
}

fn paths(receiver: &HttpGateway) -> Vec<String> {
    receiver.asked().into_iter().map(|a| a.path).collect()
}

async fn reads(app: &TestApp, at: &str) {
    place(app, CAMILLE, at, "").await;
    grant(app, CAMILLE, at, "\"lecteur\"").await;
}

/// Gives Camille a right on another service at the bakery, or takes it back.
async fn elsewhere(app: &TestApp, profiles: &str) {
    app.apply(&format!(
        "[[service]]\nid = \"autre\"\nname = \"Autre service\"\naccess = \"request\"\naudience = \"professionals\"\nprofiles = [{{ id = \"lecteur\", name = \"Lecteur\" }}]\n\n\
         [[habilitation]]\nlogin_email = \"{CAMILLE}\"\nsiret = \"{BAKERY}\"\nservice = \"autre\"\nprofiles = [{profiles}]\n"
    ))
    .await;
}

async fn suspend(app: &TestApp) {
    let (ctx, siret) = (app.app.ctx(Actor::Operator), Siret::parse(BAKERY).unwrap());
    let kit = guichet::authn::factor::Kit { ctx: &ctx, keys: &app.app.keys, config: &app.app.config };
    let mut tx = app.app.db.begin().await.unwrap();
    let who = guichet::account::store::find_by_login(&mut tx, &Email::parse(CAMILLE).unwrap()).await.unwrap().unwrap().id;
    assert!(habilitation::suspend(&mut tx, &kit, &who, &siret, "aides", Suspension::Security).await.unwrap());
    tx.commit().await.unwrap();
}

/// Sets the end of what Camille has, past the checks of days.
async fn ends(app: &TestApp, statement: &'static str, at: Timestamp) {
    let mut tx = app.app.db.begin().await.unwrap();
    let changed: u64 = guichet::sql!(&mut tx, statement, at.millis(); exec).unwrap();
    assert_eq!(changed, 1);
    tx.commit().await.unwrap();
}

on_both! {
    async fn a_service_that_hears_of_no_change_is_told_to_sign_out_whoever_lost_their_right(app) {
        let app = world(app).await;
        let receiver = listening(&app, false).await;
        reads(&app, BAKERY).await;
        reads(&app, TOWN_HALL).await;
        elsewhere(&app, "\"lecteur\"").await;
        let mut browser = app.browser();
        let known = id_token(&AIDES.tokens(&mut browser, &[("siret_hint", BAKERY)]).await);
        app.advance(60);
        // More, or less; nothing of it ended here.
        grant(&app, CAMILLE, BAKERY, "\"lecteur\", \"instructeur\"").await;
        grant(&app, CAMILLE, BAKERY, "\"instructeur\"").await;
        grant(&app, CAMILLE, TOWN_HALL, "").await;
        elsewhere(&app, "").await;
        place(&app, CAMILLE, TOWN_HALL, "state = \"disabled\"").await;
        rounds(&app).await;
        assert_eq!(paths(&receiver), Vec::<String>::new());
        app.advance(60);
        grant(&app, CAMILLE, BAKERY, "").await;
        assert_eq!(paths(&receiver), Vec::<String>::new(), "not before the worker");
        rounds(&app).await;
        assert_eq!(paths(&receiver), ["/logout"]);
        let token = logout_token(&app, &receiver.asked()[0]).await;
        for claim in ["iss", "aud", "sub", "sid"] {
            assert_eq!(token[claim], known[claim], "{claim}");
        }
        assert_eq!(token["events"], serde_json::json!({ LOGOUT: {} }));
        let told = notices(&app).await;
        assert_eq!((told.len(), told[0].kind, told[0].state.as_str(), told[0].siret.as_deref()), (1, Kind::RightEnded, "sent", Some(BAKERY)));
        // The session of the hub goes on, and leads to no code.
        assert_eq!(browser.get("/accueil").await.path, "/accueil");
        assert_eq!(browser.get(&AIDES.authorize(&[])).await.left_with("code"), None);
    }

    async fn however_it_ends_each_session_is_told_once(app) {
        let app = world(app).await;
        let receiver = listening(&app, false).await;
        let mut sids = Vec::new();
        for how in ["withdrawn", "right over", "place over", "place disabled", "suspended"] {
            reads(&app, BAKERY).await;
            let known = id_token(&AIDES.tokens(&mut app.browser(), &[]).await);
            sids.push(known["sid"].as_str().unwrap().to_owned());
            let before = receiver.asked().len();
            app.advance(60);
            let soon = app.clock.now().plus(std::time::Duration::from_secs(30));
            match how {
                "withdrawn" => grant(&app, CAMILLE, BAKERY, "").await,
                "right over" => ends(&app, "UPDATE habilitation SET expires_at = $1", soon).await,
                "place over" => ends(&app, "UPDATE membership SET expires_at = $1 WHERE role = 'contact'", soon).await,
                "place disabled" => place(&app, CAMILLE, BAKERY, "state = \"disabled\"").await,
                _ => suspend(&app).await,
            }
            app.advance(60);
            rounds(&app).await;
            rounds(&app).await;
            let mut told = Vec::new();
            for asked in &receiver.asked()[before..] {
                told.push(logout_token(&app, asked).await["sid"].as_str().unwrap().to_owned());
            }
            told.sort();
            sids.sort();
            assert_eq!(told, sids, "{how}");
        }
    }

    async fn a_service_that_hears_of_changes_hears_of_an_end_as_one(app) {
        let app = world(app).await;
        let receiver = listening(&app, true).await;
        reads(&app, BAKERY).await;
        AIDES.tokens(&mut app.browser(), &[]).await;
        app.advance(60);
        grant(&app, CAMILLE, BAKERY, "").await;
        rounds(&app).await;
        assert_eq!(paths(&receiver), ["/notices"]);
    }

    async fn whoever_came_back_for_another_establishment_stays_signed_in(app) {
        let app = world(app).await;
        let receiver = listening(&app, false).await;
        reads(&app, BAKERY).await;
        reads(&app, TOWN_HALL).await;
        let mut browser = app.browser();
        AIDES.tokens(&mut browser, &[("siret_hint", BAKERY)]).await;
        app.advance(1);
        let code = browser.get(&AIDES.authorize(&[("siret_hint", TOWN_HALL)])).await.left_with("code").unwrap();
        assert_eq!(AIDES.redeem(&app, &code).await.status, 200);
        app.advance(60);
        grant(&app, CAMILLE, BAKERY, "").await;
        rounds(&app).await;
        assert_eq!(paths(&receiver), Vec::<String>::new());
        grant(&app, CAMILLE, TOWN_HALL, "").await;
        rounds(&app).await;
        assert_eq!(paths(&receiver), ["/logout"]);
    }

    async fn services_hear_of_what_happens_where_people_were_carried_to(app) {
        for (changes, path) in [(true, "/notices"), (false, "/logout")] {
            let app = world(app.clone()).await;
            let receiver = listening(&app, changes).await;
            reads_at_the_post_office(&app).await;
            let tokens = AIDES.tokens(&mut app.browser(), &[]).await;
            carry(&app, POST_OFFICE, BAKERY).await;
            carry(&app, BAKERY, TOWN_HALL).await;
            rounds(&app).await;
            let before = receiver.asked().len();
            assert_eq!(before > 0, changes, "carried over, nothing ended");
            assert_eq!(userinfo(&app, tokens["access_token"].as_str().unwrap()).await.status, 200);
            app.advance(60);
            grant(&app, CAMILLE, TOWN_HALL, "").await;
            rounds(&app).await;
            assert_eq!(paths(&receiver)[before..], [path], "told once");
            assert_eq!(userinfo(&app, tokens["access_token"].as_str().unwrap()).await.status, 401);
        }
    }

    async fn whoever_is_not_carried_over_is_signed_out(app) {
        let app = world(app).await;
        let receiver = listening(&app, false).await;
        reads(&app, BAKERY).await;
        place(&app, CAMILLE, TOWN_HALL, "state = \"disabled\"").await;
        AIDES.tokens(&mut app.browser(), &[]).await;
        carry(&app, BAKERY, TOWN_HALL).await;
        rounds(&app).await;
        assert_eq!(paths(&receiver), ["/logout"]);
    }
}
