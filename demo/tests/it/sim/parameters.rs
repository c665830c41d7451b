//! §1.3: the strict list of parameters; §1.5 and §1.6: levels and `amr`.

use axum::http::StatusCode;
use guichet_demo::sim::Client;

use super::*;

#[tokio::test]
async fn what_partners_document_is_taken_by_get_and_by_post() {
    let mut world = World::new(vec![client()]);
    let answer = world.authorize(&request()).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    assert!(answer.location().starts_with(&format!("{ISSUER}/interaction/")));
    let all = request();
    let fields: Vec<(&str, &str)> = all.iter().map(|(n, v)| (*n, v.as_str())).collect();
    assert_eq!(world.other().post("/api/v2/authorize", &fields).await.status, StatusCode::SEE_OTHER);
    for optional in [("prompt", "login consent"), ("prompt", "consent"), ("ui_locales", "fr"), ("claims", "{}")] {
        assert_eq!(world.authorize(&with(&[optional])).await.status, StatusCode::SEE_OTHER, "{optional:?}");
    }
}

#[tokio::test]
async fn anything_else_is_y030007_on_the_platforms_own_page() {
    let mut world = World::new(vec![client()]);
    for name in ["code_challenge", "code_challenge_method", "login_hint", "max_age", "response_mode", "display", "request", "resource", "x"]
    {
        let answer = world.authorize(&with(&[(name, "S256")])).await;
        assert_eq!((answer.status, answer.code()), (StatusCode::BAD_REQUEST, "Y030007"), "{name}");
        assert!(!answer.body.contains("back-to-sp"), "{name}: never sent back");
    }
    for name in ["client_id", "response_type", "redirect_uri", "scope", "state", "nonce", "acr_values"] {
        for given in [None, Some(String::new())] {
            let mut parameters = request();
            parameters.retain(|(n, _)| *n != name);
            parameters.extend(given.clone().map(|v| (name, v)));
            assert_eq!(world.authorize(&parameters).await.code(), "Y030007", "{name} {given:?}");
        }
        let mut twice = request();
        twice.push((name, "deux".into()));
        assert_eq!(world.authorize(&twice).await.code(), "Y030007", "{name} twice");
    }
    for (name, value, taken) in [
        ("nonce", "012345678901234567890", false),
        ("nonce", "0123456789012345678901", true),
        ("prompt", "none", false),
        ("prompt", "login none", false),
        ("prompt", "select_account", false),
        ("prompt", "", false),
        ("redirect_uri", "pas une adresse", false),
        ("redirect_uri", "javascript:alert(1)", false),
    ] {
        let answer = world.authorize(&with(&[(name, value)])).await;
        assert_eq!(answer.status == StatusCode::SEE_OTHER, taken, "{name}={value}: {}", answer.body);
        assert!(taken || answer.code() == "Y030007", "{name}={value}");
    }
}

#[tokio::test]
async fn unknown_clients_and_addresses_are_never_redirected() {
    let mut world = World::new(vec![client()]);
    for (change, code) in [(("client_id", "inconnu"), "Y04EA6EF"), (("redirect_uri", "http://fs.test/retour/"), "Y04C013C")] {
        let answer = world.authorize(&with(&[change])).await;
        assert_eq!((answer.status, answer.code()), (StatusCode::BAD_REQUEST, code));
        assert!(!answer.body.contains("back-to-sp"));
    }
}

#[tokio::test]
async fn refusals_that_the_service_receives_at_once() {
    let few = Client { client_id: "peu".into(), scopes: vec!["openid".into(), "email".into()], ..client() };
    let mut world = World::new(vec![client(), few]);
    for (changes, error) in [
        (vec![("response_type", "token")], "unsupported_response_type"),
        (vec![("response_type", "code id_token")], "unsupported_response_type"),
        (vec![("client_id", "peu"), ("scope", "openid gender")], "invalid_scope"),
        (vec![("scope", "email")], "invalid_request"),
        (vec![("acr_values", "eidas2")], "invalid_acr"),
        (vec![("acr_values", "eidas3 eidas2")], "invalid_acr"),
        (vec![("idp_hint", "impots")], "invalid_idp_hint"),
    ] {
        let answer = world.authorize(&with(&changes)).await;
        let fragment = changes[0].1 != "token" && changes[0].1 != "code id_token";
        assert_eq!(answer.location().contains('#'), !fragment, "{}", answer.location());
        let sent = query(&answer.location().replace('#', "?"));
        assert_eq!((sent["error"].as_str(), sent["state"].as_str(), sent["iss"].as_str()), (error, STATE, ISSUER), "{changes:?}");
    }
    let told = world.authorize(&with(&[("acr_values", "eidas2")])).await;
    let description = query(told.location())["error_description"].clone();
    assert!(description.contains("eidas1") && description.contains("eidas2"), "expected and got: {description}");
}

#[tokio::test]
async fn levels_asked_give_the_lowest_known_or_the_platforms_own() {
    let mut world = World::new(vec![client()]);
    for asked in ["eidas1", "eidas3 eidas1", "eidas0", "urn:autre", "eidas2 eidas1 x"] {
        let back = world.other().sign_in_as(&with(&[("acr_values", asked)]), "france-identite", "camille").await;
        let token = world.token(&back["code"]).await.json();
        let (_, claims) = world.verified(token["id_token"].as_str().unwrap()).await;
        assert_eq!(claims["acr"], "eidas1", "{asked}");
    }
}

#[tokio::test]
async fn amr_is_for_clients_that_may_and_ask_by_claims() {
    let plain = Client { client_id: "sans".into(), claims: vec![], ..client() };
    let mut world = World::new(vec![client(), plain]);
    let asked = ("claims", r#"{"id_token":{"amr":{"essential":true}}}"#);
    for (changes, code, status) in [
        (vec![("client_id", "sans"), asked], "Y100009", 400),
        (vec![("claims", "{")], "Y030028", 500),
        (vec![("claims", "[]")], "Y030028", 500),
    ] {
        let answer = world.authorize(&with(&changes)).await;
        assert_eq!((answer.code(), answer.status.as_u16()), (code, status), "{changes:?}");
        assert_eq!(answer.back()["state"], STATE);
    }
    let (id_token, _) = world.other().everything(&with(&[asked]), "laposte", "camille").await;
    assert_eq!(id_token["amr"], serde_json::json!(["fc", "pwd", "mail", "mfa"]));
    let (id_token, _) = world.other().everything(&request(), "laposte", "camille").await;
    assert!(!id_token.contains_key("amr"));
}

#[tokio::test]
async fn a_hint_that_is_allowed_leads_straight_to_that_provider() {
    let mut world = World::new(vec![Client { allowed_idp_hints: vec!["ameli".into()], ..client() }]);
    let answer = world.authorize(&with(&[("idp_hint", "ameli")])).await;
    let answer = world.get(answer.location()).await;
    assert!(answer.location().starts_with(&format!("{BASE}/fi/ameli/authorize?")), "{}", answer.location());
    let sent = Url::parse(answer.location()).unwrap();
    let sent: HashMap<String, String> = sent.query_pairs().into_owned().collect();
    assert_eq!((sent["prompt"].as_str(), sent["acr_values"].as_str()), ("login", "eidas1"));
    assert_eq!(sent["redirect_uri"], format!("{ISSUER}/oidc-callback"));
    assert!(sent["state"].len() >= 43 && sent["nonce"].len() >= 43);
}
