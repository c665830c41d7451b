//! What services read besides tokens and userinfo.

mod people;

use guichet::account::AccountState;
use guichet::base::{Actor, Email};
use serde_json::Value;

use crate::support::rp::{DOSSIER, MANDAT};
use crate::support::{Answer, TestApp};

const PATH: &str = "/api/v1/me/establishments";
const CAMILLE: &str = "camille@boulangerie.example";

async fn ask(app: &TestApp, path: &str, token: &str) -> Answer {
    let request = axum::http::Request::get(path).header("authorization", format!("Bearer {token}"));
    Answer::of(app.send(request.body(axum::body::Body::empty()).unwrap()).await).await
}

/// An access token of Camille's for `dossier`, which may ask for the scope.
async fn token(app: &TestApp, scope: &str) -> String {
    let mut client = app.app.clients().any("dossier").unwrap().as_ref().clone();
    client.metadata.scope.push_str(" establishment");
    app.put_client(client).await;
    let hint = siret(1);
    let tokens = DOSSIER.tokens(&mut app.browser(), &[("scope", scope), ("siret_hint", &hint)]).await;
    tokens["access_token"].as_str().unwrap().to_owned()
}

/// Nine digits and a valid end.
fn siret(n: u32) -> String {
    let base = format!("7{:08}{:04}", n, 1);
    (0..10).map(|check| format!("{base}{check}")).find(|s| guichet::base::Siret::parse(s).is_ok()).unwrap()
}

async fn act_for(app: &TestApp, who: &str, numbers: impl Iterator<Item = u32>, role: &str) {
    let mut text = String::new();
    for n in numbers {
        let siret = siret(n);
        text += &format!("[[establishment]]\nsiret = \"{siret}\"\nname = \"Atelier {n}\"\n");
        text += &format!("[[membership]]\nlogin_email = \"{who}\"\nsiret = \"{siret}\"\nrole = \"{role}\"\n");
    }
    app.apply(&text).await;
}

fn sirets(body: &Value) -> Vec<String> {
    body["establishments"].as_array().unwrap().iter().map(|e| e["siret"].as_str().unwrap().to_owned()).collect()
}

on_both! {
    async fn a_service_reads_all_the_establishments_of_a_person_page_after_page(app) {
        act_for(&app, CAMILLE, 1..=23, "contact").await;
        act_for(&app, "dominique@boulangerie.example", 24..=30, "manager").await;
        let token = token(&app, "openid establishment").await;
        let first = ask(&app, &format!("{PATH}?limit=10"), &token).await;
        assert_eq!((first.status.as_u16(), first.header("cache-control")), (200, "no-store"));
        let first = first.json();
        assert_eq!(first["establishments"][0], serde_json::json!({ "siret": siret(1), "siren": &siret(1)[..9], "name": "Atelier 1", "role": "contact", "link": "approved" }));
        let mut all = sirets(&first);
        let mut next = first["next"].as_str().map(str::to_owned);
        while let Some(cursor) = next {
            let page = ask(&app, &format!("{PATH}?limit=10&cursor={cursor}"), &token).await.json();
            all.extend(sirets(&page));
            next = page["next"].as_str().map(str::to_owned);
        }
        assert_eq!(all, (1..=23).map(siret).collect::<Vec<_>>(), "all of them once, and nobody else's");
        let whole = ask(&app, PATH, &token).await.json();
        assert!(whole.get("next").is_none() && sirets(&whole).len() == 23);
    }

    async fn a_page_that_ends_with_the_last_one_has_no_next(app) {
        act_for(&app, CAMILLE, 1..=10, "contact").await;
        let token = token(&app, "openid establishment").await;
        assert!(ask(&app, &format!("{PATH}?limit=10"), &token).await.json().get("next").is_none());
        assert!(ask(&app, &format!("{PATH}?limit=9"), &token).await.json()["next"].is_string());
    }

    async fn what_is_no_place_any_more_is_not_listed(app) {
        act_for(&app, CAMILLE, 1..=3, "contact").await;
        let token = token(&app, "openid establishment").await;
        let place = |n| format!("[[membership]]\nlogin_email = \"{CAMILLE}\"\nsiret = \"{}\"\nrole = \"contact\"\n", siret(n));
        app.apply(&format!("{}state = \"disabled\"\n", place(2))).await;
        assert_eq!(sirets(&ask(&app, PATH, &token).await.json()), [siret(1), siret(3)]);
        let mut tx = app.app.db.begin().await.unwrap();
        guichet::sql!(&mut tx, "UPDATE membership SET expires_at = 1 WHERE siret = $1", siret(3); exec).unwrap();
        tx.commit().await.unwrap();
        assert_eq!(sirets(&ask(&app, PATH, &token).await.json()), [siret(1)]);
    }

    async fn only_a_person_s_token_with_the_scope_reads_them(app) {
        act_for(&app, CAMILLE, 1..=2, "contact").await;
        let none = app.get(PATH).await;
        assert_eq!((none.status.as_u16(), none.header("www-authenticate")), (401, "Bearer realm=\"http://sso.localhost:8000\""));
        let unknown = ask(&app, PATH, "nothing").await;
        assert_eq!((unknown.status.as_u16(), unknown.json()["error"].as_str()), (401, Some("invalid_token")));
        let without = ask(&app, PATH, &token(&app, "openid profile").await).await;
        assert_eq!((without.status.as_u16(), without.json()["error"].as_str()), (403, Some("insufficient_scope")));
        let own = MANDAT.post(&app, "/oauth/token", &[("grant_type", "client_credentials")]).await.json();
        let own = ask(&app, PATH, own["access_token"].as_str().unwrap()).await;
        assert_eq!((own.status.as_u16(), own.json()["error"].as_str()), (403, Some("insufficient_scope")));
        let good = token(&app, "openid establishment").await;
        assert_eq!(ask(&app, PATH, &good).await.status, 200);
        let account = guichet::account::store::find_by_login(&mut app.app.db.read().await.unwrap(), &Email::parse(CAMILLE).unwrap()).await.unwrap().unwrap();
        let mut tx = app.app.db.begin().await.unwrap();
        guichet::oidc::people::set_state(&mut tx, &app.app.ctx(Actor::Operator), &account, AccountState::Disabled).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(ask(&app, PATH, &good).await.status, 401, "dead with the account");
    }

    async fn a_malformed_page_is_refused(app) {
        let token = token(&app, "openid establishment").await;
        for bad in ["limit=0", "limit=101", "limit=-1", "limit=x", "limit=1&limit=2", "cursor=x", "cursor=NzMyODI5MzIwMDAwNzU", "cursor=%00", "cursor=4pyT"] {
            let answer = ask(&app, &format!("{PATH}?{bad}"), &token).await;
            assert_eq!((answer.status.as_u16(), answer.json()["error"].as_str()), (400, Some("invalid_request")), "{bad}");
        }
        assert_eq!(ask(&app, PATH, &token).await.json(), serde_json::json!({ "establishments": [] }));
    }
}
