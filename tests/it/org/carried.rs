//! What was granted for an establishment that another followed lives on in that one, for whoever was carried over (DESIGN §2.1).

use guichet::base::{Actor, Siret};
use guichet::org::request::Desk;
use guichet::org::succession;

use super::*;
use crate::support::rp::userinfo;

pub const POST_OFFICE: &str = "35600000000048";

/// The operator has the people of an establishment pass to another.
pub async fn carry(app: &TestApp, from: &str, to: &str) {
    app.advance(1);
    let (ctx, services) = (app.app.ctx(Actor::Operator), app.app.services());
    let kit = guichet::authn::factor::Kit { ctx: &ctx, keys: &app.app.keys, config: &app.app.config };
    let mut tx = app.app.db.begin().await.unwrap();
    let mut of = async |siret: &str| guichet::org::find(&mut tx, &Siret::parse(siret).unwrap()).await.unwrap().unwrap();
    let (from, to) = (of(from).await, of(to).await);
    succession::by_operator(&mut tx, Desk { kit: &kit, services: &services }, &from, &to).await.unwrap().unwrap();
    tx.commit().await.unwrap();
    app.advance(1);
}

/// Camille reads for the post office.
pub async fn reads_at_the_post_office(app: &TestApp) {
    app.apply(&format!("[[establishment]]\nsiret = \"{POST_OFFICE}\"\nname = \"Bureau de poste\"\n")).await;
    place(app, CAMILLE, POST_OFFICE, "").await;
    grant(app, CAMILLE, POST_OFFICE, "\"lecteur\"").await;
}

on_both! {
    async fn whoever_had_left_before_a_succession_is_not_carried_by_it(app) {
        let app = world(app).await;
        place(&app, CAMILLE, BAKERY, "").await;
        grant(&app, CAMILLE, BAKERY, "\"lecteur\"").await;
        let tokens = AIDES.tokens(&mut app.browser(), &[]).await;
        let access = tokens["access_token"].as_str().unwrap();
        assert_eq!(userinfo(&app, access).await.status, 200);
        place(&app, CAMILLE, BAKERY, "state = \"disabled\"").await;
        assert_eq!(userinfo(&app, access).await.status, 401);
        // They act for the one that follows too, on other grounds.
        place(&app, CAMILLE, TOWN_HALL, "").await;
        grant(&app, CAMILLE, TOWN_HALL, "\"instructeur\"").await;
        carry(&app, BAKERY, TOWN_HALL).await;
        assert_eq!(userinfo(&app, access).await.status, 401, "never chosen");
        let answer = AIDES.refresh(&app, tokens["refresh_token"].as_str().unwrap()).await;
        assert_eq!(answer.json()["error"], "invalid_grant");
    }

    async fn nor_is_whoever_left_between_two_successions(app) {
        let app = world(app).await;
        reads_at_the_post_office(&app).await;
        let tokens = AIDES.tokens(&mut app.browser(), &[]).await;
        let access = tokens["access_token"].as_str().unwrap();
        carry(&app, POST_OFFICE, BAKERY).await;
        let answer = userinfo(&app, access).await;
        assert_eq!((answer.status.as_u16(), answer.json()["establishment"]["siret"].as_str()), (200, Some(BAKERY)));
        place(&app, CAMILLE, BAKERY, "state = \"disabled\"").await;
        assert_eq!(userinfo(&app, access).await.status, 401);
        place(&app, CAMILLE, TOWN_HALL, "").await;
        grant(&app, CAMILLE, TOWN_HALL, "\"instructeur\"").await;
        carry(&app, BAKERY, TOWN_HALL).await;
        assert_eq!(userinfo(&app, access).await.status, 401);
    }

    async fn whoever_stayed_is_carried_through_several_in_a_row(app) {
        let app = world(app).await;
        reads_at_the_post_office(&app).await;
        let tokens = AIDES.tokens(&mut app.browser(), &[]).await;
        carry(&app, POST_OFFICE, BAKERY).await;
        carry(&app, BAKERY, TOWN_HALL).await;
        let answer = userinfo(&app, tokens["access_token"].as_str().unwrap()).await.json();
        assert_eq!((answer["establishment"]["siret"].as_str(), answer["habilitations"][0]["profiles"][0].as_str()), (Some(TOWN_HALL), Some("lecteur")));
    }
}
