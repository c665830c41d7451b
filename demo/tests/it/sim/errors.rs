//! §1.11: codes, pages, and what the service receives.

use axum::http::StatusCode;
use guichet_demo::sim::{Client, PERSONAS, known};

use super::*;

/// The page of an error, and what « back to the service » delivers.
fn refused(answer: &Answer, code: &str) {
    let known = known(code).unwrap();
    assert_eq!((answer.code(), answer.status.as_u16()), (format!("Y{code}").as_str(), known.status));
    let back = answer.back();
    assert_eq!((back["error"].as_str(), back["state"].as_str(), back["iss"].as_str()), (known.error, STATE, ISSUER), "{code}");
    assert_eq!(back["error_description"], format!("{} (Y{code})", known.description));
    assert_eq!(back.len(), 4, "{code}");
    assert!(answer.body.contains("simulateur"), "says what it is");
}

#[test]
fn the_table_is_that_of_the_reference() {
    for (code, status, error) in [
        ("010004", 403, "access_denied"),
        ("010006", 403, "access_denied"),
        ("010007", 403, "access_denied"),
        ("010008", 403, "access_denied"),
        ("010009", 403, "access_denied"),
        ("010011", 504, "temporarily_unavailable"),
        ("010012", 504, "temporarily_unavailable"),
        ("010013", 400, "server_error"),
        ("010015", 403, "access_denied"),
        ("020017", 500, "server_error"),
        ("020019", 500, "server_error"),
        ("020021", 400, "invalid_request"),
        ("020022", 403, "invalid_request"),
        ("020023", 403, "access_denied"),
        ("020025", 400, "server_error"),
        ("020026", 502, "server_error"),
        ("020027", 502, "server_error"),
        ("020029", 500, "server_error"),
        ("020030", 500, "server_error"),
        ("030007", 400, "invalid_request"),
        ("030030", 303, "access_denied"),
        ("030032", 303, "invalid_idp_hint"),
        ("100011", 403, "access_denied"),
        ("180001", 403, "access_denied"),
        ("600020", 400, "access_denied"),
    ] {
        let known = known(code).unwrap_or_else(|| panic!("{code}"));
        assert_eq!((known.status, known.error), (status, error), "{code}");
    }
}

#[tokio::test]
async fn each_person_who_is_refused_sees_their_code() {
    let table = [
        ("rnipp-proche", "010004"),
        ("rnipp-plusieurs", "010006"),
        ("rnipp-nom-usage", "010007"),
        ("rnipp-inconnu", "010008"),
        ("sans-prenom-refuse", "010008"),
        ("rnipp-rejet", "010009"),
        ("rnipp-lent", "010011"),
        ("rnipp-injoignable", "010012"),
        ("rnipp-illisible", "010013"),
        ("decede", "010015"),
        ("fi-bloque", "100011"),
        ("desactive", "180001"),
        ("sans-genre", "600006"),
        ("sans-mail", "600006"),
        ("cog-invalide", "600006"),
        ("pays-invalide", "600006"),
    ];
    let mut world = World::new(vec![client()]);
    for persona in PERSONAS {
        let page = world.other().recognised(&request(), "impots", persona.id).await;
        match table.iter().find(|(id, _)| *id == persona.id) {
            Some((_, code)) => refused(&page, code),
            None => assert!(page.status == StatusCode::OK && page.body.contains("id=\"continue\""), "{}: {}", persona.id, page.body),
        }
    }
    let told: Value = world.get("/api/personas").await.json();
    for (persona, said) in PERSONAS.iter().zip(told.as_array().unwrap()) {
        let code = table.iter().find(|(id, _)| *id == persona.id).map(|(_, code)| *code);
        assert_eq!((said["id"].as_str().unwrap(), said["code"].as_str()), (persona.id, code));
    }
    let page = world.other().recognised(&request(), "laposte", "fi-bloque").await;
    assert_eq!(page.status, StatusCode::OK, "another provider is not blocked");
    let neutral = world.other().recognised(&request(), "impots", "decede").await;
    assert!(!neutral.body.contains("décéd"), "neutral wording");
}

#[tokio::test]
async fn each_fault_of_an_identity_provider_has_its_code() {
    let world = World::new(vec![client()]);
    for (how, code) in [
        ("sans-state", "020021"),
        ("autre-state", "020022"),
        ("sans-code", "020025"),
        ("erreur", "020025"),
        ("jeton-refuse", "020026"),
        ("jeton-invalide", "020030"),
        ("userinfo-refuse", "020027"),
        ("sans-sub", "020029"),
        ("niveau-bas", "100001"),
        ("niveau-absent", "100002"),
        ("niveau-inconnu", "100002"),
        ("niveau-interdit", "100018"),
    ] {
        let mut world = world.other();
        let page = world.at_idp(&request(), "impots").await;
        refused(&world.answer(&page, "camille", &[("reponse", how)]).await, code);
    }
}

#[tokio::test]
async fn providers_switched_off_unknown_or_barred_are_refused() {
    let world = World::new(vec![Client { idp_exclude: vec!["msa".into()], ..client() }]);
    world.sim.control(|c| {
        c.fi_disabled.insert("ameli".into());
        c.fi_blacklist.insert("yris".into());
    });
    let mut browser = world.other();
    let list = browser.authorize(&request()).await.location().to_owned();
    let list = browser.get(&list).await;
    assert!(!list.body.contains("id=\"idp-msa\""), "not offered to this service");
    assert!(list.body.contains("id=\"idp-ameli\" disabled"), "{}", list.body);
    for (idp, code) in [("ameli", "020017"), ("yris", "020023"), ("msa", "020023"), ("inconnu", "020019")] {
        let mut forged = Answer { body: list.body.replace("value=\"impots\"", &format!("value=\"{idp}\"")), ..list_of(&list) };
        forged.body = forged.body.replacen(&format!("id=\"idp-{idp}\""), "", 1);
        let answer = browser.submit(&forged, "providerUid", idp).await;
        refused(&answer, code);
    }
}

fn list_of(answer: &Answer) -> Answer {
    Answer { status: answer.status, headers: answer.headers.clone(), body: String::new() }
}

#[tokio::test]
async fn giving_up_is_told_to_the_service() {
    let mut world = World::new(vec![client()]);
    for from_idp in [false, true] {
        let page = match from_idp {
            true => world.at_idp(&request(), "impots").await,
            false => {
                let list = world.authorize(&request()).await.location().to_owned();
                world.get(&list).await
            }
        };
        let link = page.body.split("id=\"abandon\" href=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
        let answer = world.get(&link).await;
        let sent = query(answer.location());
        assert_eq!(
            (answer.status.as_u16(), sent["error"].as_str(), sent["error_description"].as_str()),
            (303, "access_denied", "User auth aborted")
        );
        assert_eq!((sent["state"].as_str(), sent["iss"].as_str()), (STATE, ISSUER));
        assert_eq!(world.get(&link).await.code(), "Y030025", "the journey is over");
    }
}

#[tokio::test]
async fn skipped_steps_forged_forms_and_lost_sessions_are_refused() {
    let mut world = World::new(vec![client()]);
    let list = world.authorize(&request()).await.location().to_owned();
    let page = world.get(&list).await;
    for step in ["consent", "verify"] {
        refused(&world.get(&format!("{list}/{step}")).await, "100004");
    }
    let uid = list.rsplit('/').next().unwrap();
    refused(&world.post("/api/v2/redirect-to-idp", &[("uid", uid), ("providerUid", "impots"), ("csrfToken", "faux")]).await, "470001");
    assert_eq!(world.other().get(&list).await.code(), "Y190001", "another browser");
    world.jar.clear();
    assert_eq!(world.submit(&page, "providerUid", "impots").await.code(), "Y190001", "cookies gone");
    let answer = world.get("/api/v2/oidc-callback?code=x&state=y").await;
    assert_eq!((answer.code(), answer.status), ("Y190001", StatusCode::UNAUTHORIZED));
}

#[tokio::test]
async fn mandates_are_checked_against_the_services_perimeters() {
    let health = Client { rep_scope: vec!["Social-Santé".into()], ..client() };
    let housing = Client { rep_scope: vec!["Logement".into()], ..client() };
    for (client, mode, code) in [
        (client(), "", None),
        (client(), "aidants-connect", None),
        (health.clone(), "franceconnect", None),
        (health.clone(), "", Some("600020")),
        (health, "aidants-connect", Some("600020")),
        (housing, "franceconnect", Some("600020")),
    ] {
        let mut world = World::new(vec![client]);
        let page = world.at_idp(&request(), "aidants-connect").await;
        let answer = world.answer(&page, "camille", &[("rep_scope", mode)]).await;
        match code {
            Some(code) => refused(&answer, code),
            None => assert!(answer.location().ends_with("/consent"), "{mode}"),
        }
    }
}
