//! The control: each fault does what it says, and only that simulator is touched.

use axum::http::StatusCode;
use guichet_demo::sim::Fault;
use serde_json::json;

use super::*;

fn only(world: &World, fault: Fault) {
    world.sim.control(|c| c.faults = [fault].into());
}

fn payload(token: &str) -> Map<String, Value> {
    serde_json::from_slice(&guichet::base::encode::from_b64u(token.split('.').nth(1).unwrap()).unwrap()).unwrap()
}

async fn id_token(world: &World) -> String {
    let code = world.other().sign_in("camille").await["code"].clone();
    world.other().token(&code).await.json()["id_token"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn answers_at_the_callback() {
    let world = World::new(vec![client()]);
    let good = ("code", "iss", "state");
    for (fault, code, iss, state) in [
        (Fault::WrongState, true, Some(ISSUER), false),
        (Fault::NoState, true, Some(ISSUER), false),
        (Fault::WrongIss, true, Some("https://ailleurs.example/api/v2"), true),
        (Fault::NoIss, true, None, true),
        (Fault::NoCode, false, Some(ISSUER), true),
    ] {
        only(&world, fault);
        let back = world.other().sign_in("camille").await;
        assert_eq!(back.contains_key(good.0), code, "{fault:?}");
        assert_eq!(back.get(good.1).map(String::as_str), iss, "{fault:?}");
        assert_eq!(back.get(good.2).is_some_and(|s| s == STATE), state, "{fault:?}");
    }
    only(&world, Fault::NoErrorCode);
    let page = world.other().recognised(&request(), "impots", "rnipp-inconnu").await;
    assert_eq!(page.back()["error_description"], "user authentication aborted");
}

#[tokio::test]
async fn identity_tokens() {
    let world = World::new(vec![client()]);
    for (fault, member, expected) in [
        (Fault::WrongNonce, "nonce", None),
        (Fault::NoNonce, "nonce", Some(Value::Null)),
        (Fault::WrongAudience, "aud", Some(json!("un-autre-client"))),
        (Fault::WrongIssuer, "iss", Some(json!("https://ailleurs.example/api/v2"))),
        (Fault::Expired, "exp", None),
        (Fault::NoAtHash, "at_hash", Some(Value::Null)),
        (Fault::LowAcr, "acr", Some(json!("eidas0"))),
        (Fault::NoAcr, "acr", Some(Value::Null)),
    ] {
        only(&world, fault);
        let token = id_token(&world).await;
        let (_, claims) = world.other().verified(&token).await;
        let seen = claims.get(member).cloned().unwrap_or(Value::Null);
        match (fault, expected) {
            (_, Some(expected)) => assert_eq!(seen, expected, "{fault:?}"),
            (Fault::WrongNonce, None) => assert_ne!(seen, NONCE),
            (_, None) => assert!(seen.as_i64().unwrap() < world.now()),
        }
    }
    only(&world, Fault::WrongAtHash);
    let (token, other) = (id_token(&world).await, id_token(&world).await);
    assert_eq!(payload(&token)["at_hash"], payload(&other)["at_hash"], "not that of the access token");
    let jwks = world.other().get("/api/v2/jwks").await.json();
    let keys: Vec<Value> = jwks["keys"].as_array().unwrap().iter().map(|k| k["kid"].clone()).collect();
    for (fault, alg, known) in [
        (Fault::WrongSignature, "ES256", true),
        (Fault::UnknownKey, "ES256", false),
        (Fault::Hs256, "HS256", false),
        (Fault::AlgNone, "none", false),
    ] {
        only(&world, fault);
        let token = id_token(&world).await;
        let header = jwt::decode_header(&token).unwrap();
        assert_eq!(header.claim("alg").unwrap(), alg, "{fault:?}");
        assert_eq!(header.claim("kid").is_some_and(|kid| keys.contains(kid)), known, "{fault:?}");
        if fault == Fault::WrongSignature {
            let key = Jwk::from_map(jwks["keys"][0].as_object().unwrap().clone()).unwrap();
            assert!(jws::deserialize_compact(&token, &jws::ES256.verifier_from_jwk(&key).unwrap()).is_err());
        }
    }
}

#[tokio::test]
async fn user_information() {
    let world = World::new(vec![client()]);
    let info = async || {
        let code = world.other().sign_in("camille").await["code"].clone();
        let tokens = world.other().token(&code).await.json();
        (tokens.clone(), world.other().userinfo(tokens["access_token"].as_str().unwrap()).await)
    };
    only(&world, Fault::OtherSubject);
    let (tokens, answer) = info().await;
    assert_ne!(payload(&answer.body)["sub"], payload(tokens["id_token"].as_str().unwrap())["sub"]);
    only(&world, Fault::PlainUserinfo);
    assert_eq!(info().await.1.headers["content-type"], "application/json");
    only(&world, Fault::WrongUserinfoAudience);
    assert_eq!(payload(&info().await.1.body)["aud"], "un-autre-client");
    only(&world, Fault::WrongUserinfoSignature);
    let token = info().await.1.body;
    let jwks = world.other().get("/api/v2/jwks").await.json();
    let key = Jwk::from_map(jwks["keys"][0].as_object().unwrap().clone()).unwrap();
    assert!(jws::deserialize_compact(&token, &jws::ES256.verifier_from_jwk(&key).unwrap()).is_err());
    for (fault, part, length) in [(Fault::Markup, "<script>", 20), (Fault::Controls, "\u{0}", 10), (Fault::Huge, "AAAA", 1_000_000)] {
        only(&world, fault);
        let claims = payload(&info().await.1.body);
        let name = claims["family_name"].as_str().unwrap();
        assert!(name.contains(part) && name.len() >= length, "{fault:?}");
    }
}

#[tokio::test]
async fn outages_and_the_journal_over_json() {
    let mut world = World::new(vec![client()]);
    let json_kind = ("content-type", "application/json".to_owned());
    let set =
        async |world: &mut World, body: Value| world.send("POST", "/api/control", std::slice::from_ref(&json_kind), body.to_string()).await;
    for (endpoint, path) in [
        ("discovery", "/api/v2/.well-known/openid-configuration"),
        ("jwks", "/api/v2/jwks"),
        ("authorize", "/api/v2/authorize"),
        ("userinfo", "/api/v2/userinfo"),
        ("logout", "/api/v2/session/end"),
        ("all", "/api/v2/jwks"),
    ] {
        assert_eq!(set(&mut world, json!({ "outage": [endpoint] })).await.status, StatusCode::OK);
        assert_eq!(world.get(path).await.status, StatusCode::SERVICE_UNAVAILABLE, "{endpoint}");
        if endpoint != "all" && endpoint != "jwks" {
            assert_eq!(world.get("/api/v2/jwks").await.status, StatusCode::OK, "{endpoint} only");
        }
    }
    let kept = set(&mut world, json!({ "faults": ["wrong_nonce"], "slow_ms": 1 })).await.json();
    assert_eq!((&kept["outage"], &kept["faults"]), (&json!(["all"]), &json!(["wrong_nonce"])), "the rest stays");
    for wrong in [json!({ "faults": ["inconnu"] }), json!({ "inconnu": 1 })] {
        assert_eq!(set(&mut world, wrong).await.status, StatusCode::BAD_REQUEST);
    }
    let foreign = ("origin", "https://ailleurs.example".to_owned());
    let answer = world.send("POST", "/api/control", &[json_kind.clone(), foreign.clone()], "{}".into()).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    for path in ["reset", "rotate"] {
        let path = format!("/api/control/{path}");
        assert_eq!(world.send("POST", &path, std::slice::from_ref(&foreign), String::new()).await.status, StatusCode::FORBIDDEN);
    }
    let reset = world.send("POST", "/api/control/reset", &[], String::new()).await.json();
    assert_eq!((&reset["outage"], &reset["faults"], &reset["slow_ms"]), (&json!([]), &json!([]), &json!(0)));

    let code = world.sign_in("camille").await["code"].clone();
    world.token(&code).await;
    let journal = world.get("/api/control/requests").await;
    let seen = journal.json();
    let entry = |name: &str| seen.as_array().unwrap().iter().find(|e| e["endpoint"] == name).unwrap().clone();
    assert_eq!(
        entry("authorize")["parameters"],
        json!(["client_id", "response_type", "redirect_uri", "scope", "state", "nonce", "acr_values"])
    );
    assert_eq!(entry("token")["method"], "POST");
    assert!(!journal.body.contains(SECRET) && !journal.body.contains(&code), "names only");
}

#[tokio::test]
async fn the_page_shows_and_changes_the_same_control() {
    let mut world = World::new(vec![client()]);
    let page = world.get("/").await;
    assert!(page.body.contains("<h1>Simulateur de FranceConnect</h1>") && page.body.contains("simulateur"), "{}", page.body);
    for fault in Fault::ALL {
        assert!(page.body.contains(&format!("value=\"{}\"", fault.name())), "{fault:?}");
    }
    let fields = [
        ("action", "appliquer"),
        ("defaut", "wrong_nonce"),
        ("defaut", "hs256"),
        ("panne", "jwks"),
        ("lenteur", "5"),
        ("suspect", "1"),
        ("fi_coupe", "msa"),
    ];
    assert_eq!(world.post("/", &fields).await.status, StatusCode::SEE_OTHER);
    let now = world.get("/api/control").await.json();
    assert_eq!((&now["faults"], &now["outage"], &now["slow_ms"]), (&json!(["wrong_nonce", "hs256"]), &json!(["jwks"]), &json!(5)));
    assert_eq!((&now["suspicious"], &now["fi_disabled"]), (&json!(true), &json!(["msa"])));
    assert!(world.get("/").await.body.contains("value=\"hs256\" checked"));
    world.post("/", &[("action", "remettre")]).await;
    assert_eq!(world.get("/api/control").await.json()["faults"], json!([]));
    let before = world.get("/api/v2/jwks").await.body;
    world.post("/", &[("action", "cles")]).await;
    assert_ne!(world.get("/api/v2/jwks").await.body, before);
}

#[tokio::test]
async fn slow_answers_are_slow_where_asked() {
    let mut world = World::new(vec![client()]);
    world.sim.control(|c| (c.slow_ms, c.slow) = (2_000, ["jwks".to_owned()].into()));
    for (path, slow) in [("/api/v2/jwks", true), ("/api/v2/.well-known/openid-configuration", false)] {
        world.get("/api/control").await;
        let before = std::time::Instant::now();
        world.get(path).await;
        assert!(!slow || before.elapsed().as_millis() >= 2_000, "{path}");
        assert!(slow || before.elapsed().as_millis() < 2_000, "{path}");
    }
}
