//! Who may use a service in an establishment, as the service reads it.

use super::*;
use crate::support::rp::{Rp, claims};

fn path(n: u32) -> String {
    format!("/api/v1/establishments/{}/people", siret(n))
}

/// A catalogue of two services on request; `mandat` belongs to one of them and reads its people.
async fn catalogue(app: &TestApp) {
    let mut text = String::new();
    for id in ["aides", "autre"] {
        text += &format!("[[service]]\nid = \"{id}\"\nname = \"Service {id}\"\naccess = \"request\"\n");
        text += "profiles = [{ id = \"lecteur\", name = \"Lecteur\" }, { id = \"instructeur\", name = \"Instructeur\" }]\n";
    }
    app.apply(&text).await;
    let mut client = app.app.clients().any("mandat").unwrap().as_ref().clone();
    client.metadata.scope.push_str(" people other");
    client.metadata.service = Some("aides".into());
    app.put_client(client).await;
}

async fn entitle(app: &TestApp, who: &str, n: u32, service: &str, more: &str) {
    let siret = siret(n);
    app.apply(&format!(
        "[[habilitation]]\nlogin_email = \"{who}\"\nsiret = \"{siret}\"\nservice = \"{service}\"\nprofiles = [\"instructeur\"]\n{more}"
    ))
    .await;
}

/// A token of a client for itself.
async fn own(app: &TestApp, rp: Rp, scope: &str) -> String {
    let answer = rp.post(app, "/oauth/token", &[("grant_type", "client_credentials"), ("scope", scope)]).await;
    answer.json()["access_token"].as_str().unwrap_or_else(|| panic!("{}", answer.body)).to_owned()
}

fn names(body: &Value) -> Vec<String> {
    body["people"].as_array().unwrap().iter().map(|p| p["given_name"].as_str().unwrap().to_owned()).collect()
}

on_both! {
    async fn a_service_reads_who_may_use_it_in_an_establishment_and_nobody_else(app) {
        catalogue(&app).await;
        act_for(&app, CAMILLE, 1..=2, "contact").await;
        act_for(&app, "dominique@boulangerie.example", 1..=1, "contact").await;
        entitle(&app, CAMILLE, 1, "aides", "expires_on = \"2027-06-30\"\n").await;
        entitle(&app, "dominique@boulangerie.example", 1, "autre", "").await;
        let told = {
            let hint = siret(1);
            claims(MANDAT.tokens(&mut app.browser(), &[("siret_hint", &hint)]).await["id_token"].as_str().unwrap())
        };
        let token = own(&app, MANDAT, "people").await;
        let body = ask(&app, &path(1), &token).await.json();
        let until = body["people"][0]["until"].as_i64().unwrap();
        assert!((1_814_000_000..1_815_000_000).contains(&until), "{until}");
        assert_eq!(body, serde_json::json!({ "people": [{
            "sub": told["sub"], "given_name": "Camille", "family_name": "Durand", "email": CAMILLE, "role": "contact",
            "profiles": ["instructeur"], "until": until,
        }] }));
        for n in [2, 9] {
            assert_eq!(ask(&app, &path(n), &token).await.json(), serde_json::json!({ "people": [] }), "nobody, or no such establishment");
        }
    }

    async fn what_is_not_in_force_is_not_listed(app) {
        catalogue(&app).await;
        act_for(&app, CAMILLE, 1..=1, "contact").await;
        entitle(&app, CAMILLE, 1, "aides", "expires_on = \"2027-06-30\"\n").await;
        let token = own(&app, MANDAT, "people").await;
        for (away, back) in [
            ("UPDATE habilitation SET state = 'suspended'", "UPDATE habilitation SET state = 'active'"),
            ("UPDATE habilitation SET profiles = ''", "UPDATE habilitation SET profiles = 'lecteur'"),
            ("UPDATE membership SET state = 'disabled'", "UPDATE membership SET state = 'active'"),
            ("UPDATE membership SET expires_at = 1", "UPDATE membership SET expires_at = NULL"),
            ("UPDATE account SET state = 'disabled'", "UPDATE account SET state = 'active'"),
        ] {
            for (statement, seen) in [(away, 0), (back, 1)] {
                let mut tx = app.app.db.begin().await.unwrap();
                guichet::sql!(&mut tx, statement; exec).unwrap();
                tx.commit().await.unwrap();
                assert_eq!(names(&ask(&app, &path(1), &token).await.json()).len(), seen, "{statement}");
            }
        }
        app.advance(200 * 86_400);
        let token = own(&app, MANDAT, "people").await;
        assert!(names(&ask(&app, &path(1), &token).await.json()).is_empty(), "past its end");
    }

    async fn many_people_come_page_after_page(app) {
        catalogue(&app).await;
        for n in 0..7 {
            let who = format!("p{n}@atelier.example");
            app.apply(&format!("[[account]]\nlogin_email = \"{who}\"\ngiven_name = \"Prénom{n}\"\nfamily_name = \"Nom\"\nemail_verified = true\n")).await;
            act_for(&app, &who, 1..=2, "contact").await;
            entitle(&app, &who, 1, "aides", "").await;
        }
        let token = own(&app, MANDAT, "people").await;
        let (mut all, mut cursor) = (Vec::new(), String::new());
        loop {
            let page = ask(&app, &format!("{}?limit=3{cursor}", path(1)), &token).await.json();
            assert!(names(&page).len() <= 3 && !page["people"].to_string().contains("acc_"), "accounts have no name outside: {page}");
            all.extend(names(&page));
            let Some(next) = page["next"].as_str() else { break };
            cursor = format!("&cursor={next}");
        }
        all.sort();
        assert_eq!(all, (0..7).map(|n| format!("Prénom{n}")).collect::<Vec<_>>());
        let elsewhere = ask(&app, &format!("{}?limit=3{cursor}", path(2)), &token).await;
        assert_eq!((elsewhere.status.as_u16(), elsewhere.json()["error"].as_str()), (400, Some("invalid_request")), "a cursor of another list");
    }

    async fn only_a_service_of_the_catalogue_with_the_scope_reads_people(app) {
        catalogue(&app).await;
        act_for(&app, CAMILLE, 1..=1, "contact").await;
        entitle(&app, CAMILLE, 1, "aides", "").await;
        assert_eq!(app.get(&path(1)).await.status, 401);
        let refused = async |token: &str, what: &str| {
            let answer = ask(&app, &path(1), token).await;
            assert_eq!((answer.status.as_u16(), answer.json()["error"].as_str()), (403, Some("insufficient_scope")), "{what}");
        };
        refused(&own(&app, MANDAT, "other").await, "another scope").await;
        let person = MANDAT.tokens(&mut app.browser(), &[("scope", "openid people")]).await;
        refused(person["access_token"].as_str().unwrap(), "a person's token").await;
        let token = own(&app, MANDAT, "people").await;
        assert_eq!(ask(&app, "/api/v1/establishments/73282932000075/people", &token).await.status, 400, "not a SIRET");
        assert_eq!(ask(&app, &path(1), &token).await.status, 200);
        app.apply("[[service]]\nid = \"aides\"\nname = \"Service aides\"\naccess = \"request\"\nenabled = false\nprofiles = [{ id = \"instructeur\", name = \"I\" }]\n").await;
        refused(&token, "a closed service").await;
        let mut client = app.app.clients().any("mandat").unwrap().as_ref().clone();
        client.metadata.service = None;
        app.put_client(client).await;
        refused(&token, "a client of no service").await;
    }
}
