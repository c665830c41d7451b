//! FranceConnect+: levels, nested encryption, its own session.

use axum::http::StatusCode;
use guichet_demo::sim::{Client, Wrap};
use josekit::jwe;
use josekit::jwk::alg::ec::EcCurve;
use serde_json::json;

use super::*;

fn keyed(wrap: Wrap) -> (Jwk, Client) {
    let key = match wrap {
        Wrap::EcdhEs => Jwk::generate_ec_key(EcCurve::P256).unwrap(),
        Wrap::RsaOaep => Jwk::generate_rsa_key(2048).unwrap(),
    };
    let mut public = key.to_public_key().unwrap();
    public.set_key_use("enc");
    public.set_key_id("chiffrement");
    let jwks = json!({ "keys": [public] });
    (key, Client { encrypted_response_alg: Some(wrap), jwks: Some(jwks), ..client() })
}

/// Opens a nested token; the wrapping, the encryption and the JWS inside.
fn opened(token: &str, key: &Jwk) -> (String, String, String) {
    let header = jwt::decode_header(token).unwrap();
    let text = |name| header.claim(name).unwrap().as_str().unwrap().to_owned();
    assert_eq!((text("cty").as_str(), text("kid").as_str()), ("JWT", "chiffrement"));
    let inner = match text("alg").as_str() {
        "ECDH-ES" => jwe::deserialize_compact(token, &jwe::ECDH_ES.decrypter_from_jwk(key).unwrap()).unwrap().0,
        "RSA-OAEP" => jwe::deserialize_compact(token, &jwe::RSA_OAEP.decrypter_from_jwk(key).unwrap()).unwrap().0,
        other => panic!("{other}"),
    };
    (text("alg"), text("enc"), String::from_utf8(inner).unwrap())
}

fn ask(acr: &str) -> Vec<(&'static str, String)> {
    with(&[("acr_values", acr), ("scope", "openid identite_pivot rnipp_identite_pivot email")])
}

#[tokio::test]
async fn identity_token_and_userinfo_are_signed_then_encrypted() {
    for (wrap, name) in [(Wrap::EcdhEs, "ECDH-ES"), (Wrap::RsaOaep, "RSA-OAEP")] {
        let (key, client) = keyed(wrap);
        let mut world = World::on(Platform::FranceConnectPlus, vec![client], None);
        let code = world.sign_in_as(&ask("eidas2"), "laposte", "rectifie").await["code"].clone();
        let tokens = world.token(&code).await.json();
        let (alg, enc, inner) = opened(tokens["id_token"].as_str().unwrap(), &key);
        assert_eq!((alg.as_str(), enc.as_str()), (name, "A256GCM"));
        let (alg, claims) = world.verified(&inner).await;
        assert_eq!((alg.as_str(), &claims["acr"]), ("ES256", &json!("eidas2")));
        let info = world.userinfo(tokens["access_token"].as_str().unwrap()).await;
        assert_eq!(info.headers["content-type"], "application/jwt");
        let (_, info) = world.verified(&opened(&info.body, &key).2).await;
        assert_eq!((&info["given_name"], &info["rnipp_given_name"]), (&json!("Jean Pierre"), &json!("Jean-Pierre Marie")));
        assert_eq!((&info["family_name"], &info["rnipp_family_name"]), (&json!("MARTINEZ"), &json!("MARTINEZ LOPEZ")));
        assert_eq!(info["sub"], claims["sub"]);
    }
}

#[tokio::test]
async fn without_keys_nothing_is_sent_in_clear() {
    let (_, client) = keyed(Wrap::EcdhEs);
    for client in [Client { encrypted_response_alg: None, ..client.clone() }, Client { jwks: None, ..client.clone() }] {
        let mut world = World::on(Platform::FranceConnectPlus, vec![client], None);
        let code = world.sign_in_as(&ask("eidas2"), "laposte", "camille").await["code"].clone();
        let answer = world.token(&code).await;
        assert_eq!((answer.status, answer.json()["error"].clone()), (StatusCode::INTERNAL_SERVER_ERROR, json!("server_error")));
    }
}

#[tokio::test]
async fn levels_are_substantial_and_high() {
    let (key, client) = keyed(Wrap::EcdhEs);
    let mut world = World::on(Platform::FranceConnectPlus, vec![client], None);
    let sent = query(world.authorize(&ask("eidas1")).await.location());
    assert_eq!(sent["error"], "invalid_acr");
    for (asked, idp, got) in
        [("eidas2", "france-identite", "eidas2"), ("eidas3", "france-identite", "eidas3"), ("inconnu", "france-identite", "eidas3")]
    {
        let code = world.other().sign_in_as(&ask(asked), idp, "camille").await["code"].clone();
        let tokens = world.token(&code).await.json();
        let (_, claims) = world.verified(&opened(tokens["id_token"].as_str().unwrap(), &key).2).await;
        assert_eq!(claims["acr"], got, "{asked}");
    }
    let mut browser = world.other();
    let list = browser.authorize(&ask("eidas3")).await.location().to_owned();
    let list = browser.get(&list).await;
    for (idp, open) in [("france-identite", true), ("laposte", false)] {
        assert_eq!(list.body.contains(&format!("id=\"idp-{idp}\">")), open, "{idp}");
    }
    for absent in ["impots", "aidants-connect"] {
        assert!(!list.body.contains(&format!("id=\"idp-{absent}\"")), "{absent}");
    }
    let metadata = world.get("/api/v2/.well-known/openid-configuration").await.json();
    assert_eq!(metadata["acr_values_supported"], json!(["eidas2", "eidas3"]));
    assert_eq!(metadata["id_token_signing_alg_values_supported"], json!(["ES256"]));
    assert_eq!(metadata["userinfo_encryption_enc_values_supported"], json!(["A256GCM"]));
    assert_eq!(world.get("/api/v2/jwks").await.json()["keys"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn its_session_lasts_ten_minutes_does_not_slide_and_serves_the_substantial_level_only() {
    let (_, client) = keyed(Wrap::EcdhEs);
    let world = World::on(Platform::FranceConnectPlus, vec![client], None);
    let straight = async |browser: &mut World, acr: &str| browser.authorize(&ask(acr)).await.location().ends_with("/verify");
    let mut browser = world.other();
    browser.sign_in_as(&ask("eidas2"), "laposte", "camille").await;
    assert!(straight(&mut browser, "eidas2").await);
    assert!(!straight(&mut browser, "eidas3").await);
    world.wait(9 * 60);
    assert!(straight(&mut browser, "eidas2").await);
    world.wait(60);
    assert!(!straight(&mut browser, "eidas2").await, "ten minutes, whatever was done meanwhile");
    let mut browser = world.other();
    browser.sign_in_as(&ask("eidas3"), "france-identite", "camille").await;
    assert!(!straight(&mut browser, "eidas3").await && !straight(&mut browser, "eidas2").await, "never at the high level");
}
