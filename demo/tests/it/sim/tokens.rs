//! §1.1 and §1.7: discovery, keys, the token endpoint, user information, revocation.

use axum::http::StatusCode;
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use guichet_demo::sim::{Alg, AuthMethod, Client};
use josekit::jwk::alg::ec::EcCurve;
use serde_json::json;

use super::*;

#[tokio::test]
async fn discovery_and_keys_may_be_kept_ten_minutes_and_set_no_cookie() {
    let mut world = World::new(vec![client()]);
    let answer = world.get("/api/v2/.well-known/openid-configuration").await;
    let metadata = answer.json();
    for (member, path) in [
        ("issuer", ""),
        ("authorization_endpoint", "/authorize"),
        ("token_endpoint", "/token"),
        ("userinfo_endpoint", "/userinfo"),
        ("jwks_uri", "/jwks"),
        ("end_session_endpoint", "/session/end"),
        ("revocation_endpoint", "/token/revocation"),
    ] {
        assert_eq!(metadata[member], format!("{ISSUER}{path}"), "{member}");
    }
    assert_eq!(metadata["subject_types_supported"], json!(["pairwise"]));
    assert_eq!(metadata["response_types_supported"], json!(["code"]));
    assert_eq!(metadata["acr_values_supported"], json!(["eidas1"]));
    assert!(metadata.get("code_challenge_methods_supported").is_none(), "no PKCE");
    let keys = world.get("/api/v2/jwks").await;
    let algs: Vec<Value> = keys.json()["keys"].as_array().unwrap().iter().map(|k| k["alg"].clone()).collect();
    assert_eq!(algs, [json!("ES256"), json!("RS256")]);
    assert!(!keys.body.contains("\"d\""), "no private part");
    for answer in [answer, keys] {
        assert_eq!(answer.headers["cache-control"], "public, max-age=600");
        assert!(!answer.headers.contains_key("set-cookie"));
    }
}

#[tokio::test]
async fn a_code_gives_exactly_five_members_once() {
    let mut world = World::new(vec![client()]);
    let back = world.sign_in("camille").await;
    assert_eq!((back["state"].as_str(), back["iss"].as_str(), back.len()), (STATE, ISSUER, 3));
    let answer = world.token(&back["code"]).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    assert!(!answer.headers.contains_key("set-cookie"));
    let tokens = answer.json();
    let mut members: Vec<&String> = tokens.as_object().unwrap().keys().collect();
    members.sort();
    assert_eq!(members, ["access_token", "expires_in", "id_token", "scope", "token_type"]);
    assert_eq!(
        (&tokens["expires_in"], &tokens["token_type"], &tokens["scope"]),
        (&json!(60), &json!("Bearer"), &json!("openid identite_pivot email"))
    );
    let (alg, claims) = world.verified(tokens["id_token"].as_str().unwrap()).await;
    let mut names: Vec<&String> = claims.keys().collect();
    names.sort();
    assert_eq!(names, ["acr", "at_hash", "aud", "auth_time", "exp", "iat", "iss", "nonce", "sub"], "no identity in it");
    assert_eq!((alg.as_str(), &claims["aud"], &claims["iss"], &claims["nonce"]), ("ES256", &json!("fs"), &json!(ISSUER), &json!(NONCE)));
    assert_eq!(claims["exp"].as_i64().unwrap() - world.now(), 60);
    assert_eq!(claims["auth_time"], world.now());
    let hash = guichet::base::encode::from_b64u(&guichet::crypto::sha256(tokens["access_token"].as_str().unwrap().as_bytes())).unwrap();
    assert_eq!(claims["at_hash"], URL_SAFE_NO_PAD.encode(&hash[..16]));

    let again = world.token(&back["code"]).await;
    assert_eq!((again.status, again.json()["error"].clone()), (StatusCode::BAD_REQUEST, json!("invalid_grant")));
    let info = world.userinfo(tokens["access_token"].as_str().unwrap()).await;
    assert_eq!(info.status, StatusCode::UNAUTHORIZED, "a replayed code ends what it gave");
}

#[tokio::test]
async fn a_code_lasts_thirty_seconds_and_a_token_sixty() {
    let mut world = World::new(vec![client()]);
    for (wait, status) in [(29, StatusCode::OK), (30, StatusCode::BAD_REQUEST)] {
        let back = world.other().sign_in("camille").await;
        world.wait(wait);
        assert_eq!(world.token(&back["code"]).await.status, status, "after {wait} s");
    }
    for (wait, status) in [(59, StatusCode::OK), (60, StatusCode::UNAUTHORIZED)] {
        let back = world.other().sign_in("camille").await;
        let tokens = world.token(&back["code"]).await.json();
        world.wait(wait);
        let info = world.userinfo(tokens["access_token"].as_str().unwrap()).await;
        assert_eq!(info.status, status, "after {wait} s");
        if status == StatusCode::UNAUTHORIZED {
            assert_eq!(info.json()["error"], "invalid_token");
            assert!(info.headers["www-authenticate"].to_str().unwrap().contains("invalid_token"));
        }
    }
}

#[tokio::test]
async fn the_code_is_bound_to_its_client_and_address() {
    let other = Client { client_id: "autre".into(), ..client() };
    let mut world = World::new(vec![client(), other]);
    let code = world.sign_in("camille").await["code"].clone();
    let good = [
        ("grant_type", "authorization_code"),
        ("code", code.as_str()),
        ("redirect_uri", CALLBACK),
        ("client_id", "fs"),
        ("client_secret", SECRET),
    ];
    for (name, value, status, error) in [
        ("client_secret", "faux", 401, "invalid_client"),
        ("client_id", "inconnu", 401, "invalid_client"),
        ("client_id", "autre", 400, "invalid_grant"),
        ("redirect_uri", "http://fs.test/autre", 400, "invalid_grant"),
        ("code", "inconnu", 400, "invalid_grant"),
        ("grant_type", "refresh_token", 400, "unsupported_grant_type"),
        ("grant_type", "client_credentials", 400, "unsupported_grant_type"),
    ] {
        let fields: Vec<(&str, &str)> = good.iter().map(|(n, v)| (*n, if *n == name { value } else { v })).collect();
        let answer = world.post("/api/v2/token", &fields).await;
        let body = answer.json();
        assert_eq!((answer.status.as_u16(), body["error"].as_str().unwrap()), (status, error), "{name}={value}");
        let uri = body["error_uri"].as_str().unwrap();
        let (_, named) = uri.split_once("?code=Y04").unwrap_or_else(|| panic!("{uri}"));
        let (code, id) = named.split_once("&id=").unwrap();
        assert!(code.len() == 5 && id.len() == 36, "{uri}");
    }
    assert_eq!(world.post("/api/v2/token", &good).await.status, StatusCode::OK, "a mistake does not use the code up");
}

#[tokio::test]
async fn clients_authenticate_by_post_by_basic_or_with_a_key() {
    let key = Jwk::generate_ec_key(EcCurve::P256).unwrap();
    let jwks = json!({ "keys": [key.to_public_key().unwrap()] });
    let keyed =
        Client { token_endpoint_auth_method: AuthMethod::PrivateKeyJwt, jwks: Some(jwks), client_secret: String::new(), ..client() };
    let mut world = World::new(vec![client()]);
    let code = world.sign_in("camille").await["code"].clone();
    let body = format!("grant_type=authorization_code&code={code}&redirect_uri={CALLBACK}");
    let basic = ("authorization", format!("Basic {}", STANDARD.encode(format!("fs:{SECRET}"))));
    let form = ("content-type", "application/x-www-form-urlencoded".to_owned());
    assert_eq!(world.send("POST", "/api/v2/token", &[basic, form], body).await.status, StatusCode::OK);

    let mut world = World::new(vec![keyed]);
    let assertion = |claims: Value| {
        let signer = jws::ES256.signer_from_jwk(&key).unwrap();
        jws::serialize_compact(claims.to_string().as_bytes(), &jws::JwsHeader::new(), &signer).unwrap()
    };
    let (now, aud) = (world.now(), format!("{ISSUER}/token"));
    let good = json!({ "iss": "fs", "sub": "fs", "aud": aud, "exp": now + 60, "jti": "unique" });
    let mut tries = vec![];
    for (member, value) in [("aud", json!("ailleurs")), ("exp", json!(now)), ("sub", json!("autre")), ("iss", json!("autre"))] {
        let mut claims = good.clone();
        claims[member] = value;
        tries.push((assertion(claims), StatusCode::UNAUTHORIZED));
    }
    tries.push((assertion(good.clone()), StatusCode::OK));
    tries.push((assertion(good), StatusCode::UNAUTHORIZED));
    for (assertion, status) in tries {
        let code = world.other().sign_in("camille").await["code"].clone();
        let fields = [
            ("grant_type", "authorization_code"),
            ("code", code.as_str()),
            ("redirect_uri", CALLBACK),
            ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"),
            ("client_assertion", assertion.as_str()),
        ];
        assert_eq!(world.post("/api/v2/token", &fields).await.status, status);
    }
    assert_eq!(world.token("code").await.status, StatusCode::UNAUTHORIZED, "no secret for a client with a key");
}

#[tokio::test]
async fn each_client_has_its_algorithms() {
    let rsa = Client { id_token_signed_response_alg: Alg::RS256, userinfo_signed_response_alg: Alg::RS256, ..client() };
    for (client, alg) in [(client(), "ES256"), (rsa, "RS256")] {
        let mut world = World::new(vec![client]);
        let code = world.sign_in("camille").await["code"].clone();
        let tokens = world.token(&code).await.json();
        let info = world.userinfo(tokens["access_token"].as_str().unwrap()).await;
        assert_eq!(world.verified(tokens["id_token"].as_str().unwrap()).await.0, alg);
        assert_eq!(world.verified(&info.body).await.0, alg);
    }
}

#[tokio::test]
async fn userinfo_is_a_signed_jwt_and_takes_the_token_from_the_query_too() {
    let mut world = World::new(vec![client()]);
    let code = world.sign_in("camille").await["code"].clone();
    let tokens = world.token(&code).await.json();
    let access = tokens["access_token"].as_str().unwrap();
    let answer = world.get(&format!("/api/v2/userinfo?access_token={access}")).await;
    assert_eq!(answer.headers["content-type"], "application/jwt");
    let (_, claims) = world.verified(&answer.body).await;
    assert_eq!((&claims["aud"], &claims["iss"]), (&json!("fs"), &json!(ISSUER)));
    assert_eq!(claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(), 60);
    let (_, id_token) = world.verified(tokens["id_token"].as_str().unwrap()).await;
    assert_eq!(claims["sub"], id_token["sub"]);
    assert_eq!(world.get("/api/v2/userinfo").await.status, StatusCode::BAD_REQUEST);
    let revoke = [("token", access), ("client_id", "fs"), ("client_secret", SECRET)];
    assert_eq!(world.post("/api/v2/token/revocation", &[("token", access)]).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(world.userinfo(access).await.status, StatusCode::OK);
    assert_eq!(world.post("/api/v2/token/revocation", &revoke).await.status, StatusCode::OK);
    assert_eq!(world.userinfo(access).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(world.post("/api/v2/token/revocation", &revoke).await.status, StatusCode::OK, "unknown tokens too");
}

#[tokio::test]
async fn keys_rotate_and_the_former_ones_stay_once_more() {
    let mut world = World::new(vec![client()]);
    let code = world.sign_in("camille").await["code"].clone();
    let former = world.token(&code).await.json()["id_token"].as_str().unwrap().to_owned();
    world.sim.rotate().unwrap();
    world.verified(&former).await;
    assert_eq!(world.get("/api/v2/jwks").await.json()["keys"].as_array().unwrap().len(), 4);
    let code = world.other().sign_in("camille").await["code"].clone();
    let latter = world.token(&code).await.json()["id_token"].as_str().unwrap().to_owned();
    let kid = |token: &str| jwt::decode_header(token).unwrap().claim("kid").unwrap().clone();
    assert_ne!(kid(&former), kid(&latter));
    world.verified(&latter).await;
}
