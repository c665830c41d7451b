//! What services receive (DESIGN §6), and that it is true at every call.

use serde_json::{Value, json};

use super::*;
use crate::support::rp::{claims, userinfo};

async fn about(app: &TestApp, tokens: &Value) -> (u16, Value) {
    let answer = userinfo(app, tokens["access_token"].as_str().unwrap()).await;
    let body = if answer.status == 200 { answer.json() } else { Value::Null };
    (answer.status.as_u16(), body)
}

on_both! {
    async fn a_token_says_what_the_person_is_and_holds_where_they_act(app) {
        let app = world(app).await;
        place(&app, CAMILLE, BAKERY, "").await;
        grant(&app, CAMILLE, BAKERY, "\"lecteur\", \"instructeur\"").await;
        let mut browser = app.browser();
        let tokens = AIDES.tokens(&mut browser, &[]).await;
        let establishment = json!({ "siret": BAKERY, "siren": "732829320", "name": "Boulangerie Durand", "role": "contact", "link": "approved" });
        let rights = json!([{ "service": "aides", "profiles": ["lecteur", "instructeur"], "until": null }]);
        let id = claims(tokens["id_token"].as_str().unwrap());
        let (status, info) = about(&app, &tokens).await;
        assert_eq!(status, 200);
        let seen = AIDES.introspect(&app, tokens["access_token"].as_str().unwrap()).await;
        for said in [&id, &info, &seen] {
            assert_eq!(said["establishment"], establishment, "{said}");
            assert_eq!(said["habilitations"], rights, "{said}");
            assert_eq!(said["oal"], 2, "{said}");
        }
        assert_eq!(info["account_type"], "professionnel");
    }

    async fn losing_a_right_shows_at_the_next_call(app) {
        let app = world(app).await;
        place(&app, CAMILLE, BAKERY, "").await;
        grant(&app, CAMILLE, BAKERY, "\"lecteur\", \"instructeur\"").await;
        let mut browser = app.browser();
        let tokens = AIDES.tokens(&mut browser, &[]).await;
        // Narrowed: the next call says so.
        grant(&app, CAMILLE, BAKERY, "\"lecteur\"").await;
        assert_eq!(about(&app, &tokens).await.1["habilitations"][0]["profiles"], json!(["lecteur"]));
        let refreshed = AIDES.refresh(&app, tokens["refresh_token"].as_str().unwrap()).await;
        assert_eq!(refreshed.status, 200, "{}", refreshed.body);
        let refreshed = refreshed.json();
        assert_eq!(claims(refreshed["id_token"].as_str().unwrap())["habilitations"][0]["profiles"], json!(["lecteur"]));
        // Withdrawn: nothing is left of it anywhere.
        grant(&app, CAMILLE, BAKERY, "").await;
        assert_eq!(about(&app, &refreshed).await.0, 401);
        assert_eq!(AIDES.introspect(&app, refreshed["access_token"].as_str().unwrap()).await, json!({ "active": false }));
        let answer = AIDES.refresh(&app, refreshed["refresh_token"].as_str().unwrap()).await;
        assert_eq!((answer.status.as_u16(), answer.json()["error"].as_str().unwrap().to_owned()), (400, "invalid_grant".to_owned()));
    }

    async fn a_place_or_a_right_that_ends_by_itself_ends_everywhere(app) {
        let app = world(app).await;
        place(&app, CAMILLE, BAKERY, "expires_on = \"2100-01-01\"").await;
        grant(&app, CAMILLE, BAKERY, "\"lecteur\"").await;
        let mut browser = app.browser();
        let tokens = AIDES.tokens(&mut browser, &[]).await;
        assert_eq!(about(&app, &tokens).await.0, 200);
        place(&app, CAMILLE, BAKERY, "expires_on = \"2001-01-01\"").await;
        assert_eq!(about(&app, &tokens).await.0, 401);
        assert_eq!(browser.get(&AIDES.authorize(&[("prompt", "none")])).await.left_with("error").as_deref(), Some("access_denied"));
    }

    async fn a_closed_service_is_closed_to_tokens_already_given(app) {
        let app = world(app).await;
        place(&app, CAMILLE, BAKERY, "").await;
        grant(&app, CAMILLE, BAKERY, "\"lecteur\"").await;
        let mut browser = app.browser();
        let tokens = AIDES.tokens(&mut browser, &[]).await;
        let closed = WORLD.replace("id = \"aides\"\nname", "id = \"aides\"\nenabled = false\nname");
        app.apply(&closed).await;
        assert_eq!(about(&app, &tokens).await.0, 401);
        assert!(browser.get(&AIDES.authorize(&[])).await.says("fermé pour le moment"));
        app.apply(&WORLD.replace("id = \"aides\"\nname", "id = \"aides\"\nenabled = true\nname")).await;
        assert_eq!(about(&app, &tokens).await.0, 200);
    }

    async fn a_profile_that_demands_two_factors_demands_them_of_its_holders_only(app) {
        let app = world(app).await;
        place(&app, CAMILLE, BAKERY, "").await;
        grant(&app, CAMILLE, BAKERY, "\"lecteur\"").await;
        let strict = "{ id = \"instructeur\", name = \"Instructeur\", minimum_acr = \"aal2\" }";
        app.apply(&WORLD.replace("{ id = \"instructeur\", name = \"Instructeur\" }", strict)).await;
        let mut browser = app.browser();
        let tokens = AIDES.tokens(&mut browser, &[]).await;
        assert_eq!(about(&app, &tokens).await.0, 200);
        grant(&app, CAMILLE, BAKERY, "\"instructeur\"").await;
        let answer = userinfo(&app, tokens["access_token"].as_str().unwrap()).await;
        assert_eq!(answer.status, 401);
        assert!(answer.header("www-authenticate").contains("insufficient_user_authentication"), "{}", answer.header("www-authenticate"));
        assert_eq!(browser.get(&AIDES.authorize(&[])).await.path.split('?').next(), Some("/connexion/renforcement"));
    }

    async fn establishments_are_those_of_the_service_only(app) {
        let app = world(app).await;
        place(&app, CAMILLE, BAKERY, "").await;
        place(&app, CAMILLE, TOWN_HALL, "").await;
        grant(&app, CAMILLE, TOWN_HALL, "\"lecteur\"").await;
        let mut browser = app.browser();
        // Two places, one of which opens the service: nothing has to be asked.
        let tokens = AIDES.tokens(&mut browser, &[]).await;
        let id = claims(tokens["id_token"].as_str().unwrap());
        assert_eq!(id["establishment"]["siret"], TOWN_HALL);
    }
}
