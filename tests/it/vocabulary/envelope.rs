//! Signed and encrypted answers, as a client registers for them.

use guichet::crypto::{Algorithm, ContentEncryption, KeyManagement, jose};
use guichet::oidc::client::Metadata;
use josekit::jwe::{self, JweDecrypter};
use josekit::jwk::Jwk;
use josekit::jwk::alg::ec::EcCurve;
use serde_json::{Value, json};

use crate::support::rp::{DOSSIER, claims, header, userinfo};
use crate::support::{ISSUER, TestApp};

/// Changes the registration of the client `dossier`, past every check.
async fn register(app: &TestApp, change: impl FnOnce(&mut Metadata)) {
    let mut dossier = (**app.app.clients().any("dossier").unwrap()).clone();
    change(&mut dossier.metadata);
    app.put_client(dossier).await;
}

/// A private key named `kid`.
pub fn private(alg: KeyManagement, kid: &str) -> Jwk {
    let mut key = match alg {
        KeyManagement::EcdhEs | KeyManagement::EcdhEsA256Kw => Jwk::generate_ec_key(EcCurve::P256).unwrap(),
        KeyManagement::RsaOaep | KeyManagement::RsaOaep256 => Jwk::generate_rsa_key(2048).unwrap(),
    };
    key.set_key_id(kid);
    key.set_key_use("enc");
    key
}

/// The public half, with its name and use.
fn public_part(key: &Jwk) -> Value {
    let mut key = serde_json::to_value(key).unwrap();
    key.as_object_mut().unwrap().retain(|name, _| !["d", "p", "q", "dp", "dq", "qi"].contains(&name.as_str()));
    key
}

pub fn public(keys: &[&Jwk]) -> Value {
    json!({ "keys": keys.iter().map(|k| public_part(k)).collect::<Vec<_>>() })
}

/// Decrypts as a client does.
pub fn open(alg: KeyManagement, key: &Jwk, token: &str) -> String {
    let decrypter: Box<dyn JweDecrypter> = match alg {
        KeyManagement::EcdhEs => Box::new(jwe::ECDH_ES.decrypter_from_jwk(key).unwrap()),
        KeyManagement::EcdhEsA256Kw => Box::new(jwe::ECDH_ES_A256KW.decrypter_from_jwk(key).unwrap()),
        KeyManagement::RsaOaep => Box::new(jwe::RSA_OAEP.decrypter_from_jwk(key).unwrap()),
        KeyManagement::RsaOaep256 => Box::new(jwe::RSA_OAEP_256.decrypter_from_jwk(key).unwrap()),
    };
    let (payload, _) = jwe::deserialize_compact(token, decrypter.as_ref()).unwrap();
    String::from_utf8(payload).unwrap()
}

/// Verifies a JWT with the published keys, as a client does.
pub async fn verify(app: &TestApp, alg: Algorithm, jwt: &str) -> Value {
    let set = app.get("/oauth/jwks").await.json();
    jose::verify_with_jwks(&set, &[alg.name()], jwt).unwrap()
}

on_both! {
    async fn userinfo_is_signed_for_clients_that_ask_for_it(app) {
        app.app.ensure_keys(&Algorithm::ALL).await.unwrap();
        for alg in Algorithm::ALL {
            register(&app, |m| m.userinfo_signed_response_alg = Some(alg)).await;
            let tokens = DOSSIER.tokens(&mut app.browser(), &[]).await;
            let answer = userinfo(&app, tokens["access_token"].as_str().unwrap()).await;
            assert_eq!(answer.header("content-type"), "application/jwt");
            assert_eq!(answer.header("cache-control"), "no-store");
            assert_eq!(header(&answer.body)["alg"], alg.name());
            let body = verify(&app, alg, &answer.body).await;
            assert_eq!((&body["iss"], &body["aud"]), (&json!(ISSUER), &json!("dossier")), "OpenID Connect Core 5.3.2");
            assert_eq!(body["sub"], claims(tokens["id_token"].as_str().unwrap())["sub"]);
            assert_eq!(body["email"], "camille@boulangerie.example");
            assert_eq!(body.get("nonce"), None);
            let life = body["exp"].as_i64().unwrap() - body["iat"].as_i64().unwrap();
            assert!((1..=3_600).contains(&life), "{life}");
            app.advance(120);
        }
    }

    async fn plain_json_stays_the_default(app) {
        let tokens = DOSSIER.tokens(&mut app.browser(), &[]).await;
        let answer = userinfo(&app, tokens["access_token"].as_str().unwrap()).await;
        assert_eq!(answer.header("content-type"), "application/json");
        let body = answer.json();
        assert_eq!((body.get("iss"), body.get("aud"), body.get("exp")), (None, None, None));
    }

    async fn a_dead_token_gets_an_error_and_no_jwt(app) {
        register(&app, |m| m.userinfo_signed_response_alg = Some(Algorithm::ES256)).await;
        let answer = userinfo(&app, "x").await;
        assert_eq!((answer.status.as_u16(), answer.json()["error"].as_str()), (401, Some("invalid_token")));
    }

    async fn signed_userinfo_is_no_id_token_hint(app) {
        register(&app, |m| m.userinfo_signed_response_alg = Some(Algorithm::ES256)).await;
        let mut browser = app.browser();
        let tokens = DOSSIER.tokens(&mut browser, &[]).await;
        let info = userinfo(&app, tokens["access_token"].as_str().unwrap()).await.body;
        let page = browser.get(&DOSSIER.authorize(&[("id_token_hint", &info)])).await;
        assert_eq!(page.left_with("error").as_deref(), Some("invalid_request"));
        let path = format!("/deconnexion?{}", crate::support::encode(&[("id_token_hint", &info), ("post_logout_redirect_uri", "https://dossier.example.fr/")]));
        let page = browser.get(&path).await;
        assert_eq!((page.status.as_u16(), page.left_for), (200, None), "asked, as without a hint");
    }

    async fn id_token_and_userinfo_are_signed_then_encrypted_to_the_clients_key(app) {
        for (alg, enc) in [
            (KeyManagement::EcdhEs, Some(ContentEncryption::A256GCM)),
            (KeyManagement::EcdhEsA256Kw, None),
            (KeyManagement::RsaOaep, Some(ContentEncryption::A256GCM)),
            (KeyManagement::RsaOaep256, Some(ContentEncryption::A256CbcHs512)),
        ] {
            let (key, other) = (private(alg, "mine"), private(KeyManagement::EcdhEs, "signatures"));
            let mut signs = public(&[&other]);
            signs["keys"][0]["use"] = json!("sig");
            let jwks = json!({ "keys": [signs["keys"][0], public(&[&key])["keys"][0]] });
            register(&app, |m| {
                m.jwks = Some(jwks);
                (m.id_token_encrypted_response_alg, m.userinfo_encrypted_response_alg) = (Some(alg), Some(alg));
                (m.id_token_encrypted_response_enc, m.userinfo_encrypted_response_enc) = (enc, enc);
                m.userinfo_signed_response_alg = Some(Algorithm::ES256);
                assert_eq!(m.problems(false), Vec::<String>::new());
            }).await;
            let tokens = DOSSIER.tokens(&mut app.browser(), &[]).await;
            let id_token = tokens["id_token"].as_str().unwrap();
            let info = userinfo(&app, tokens["access_token"].as_str().unwrap()).await;
            assert_eq!(info.header("content-type"), "application/jwt");
            for token in [id_token, &info.body] {
                let said = header(token);
                assert_eq!((&said["alg"], &said["kid"], &said["cty"]), (&json!(alg.name()), &json!("mine"), &json!("JWT")));
                assert_eq!(said["enc"], enc.unwrap_or(ContentEncryption::A128CbcHs256).name(), "Dynamic Client Registration 2");
            }
            let inner = open(alg, &key, id_token);
            let about = verify(&app, Algorithm::ES256, &inner).await;
            assert_eq!((&about["iss"], &about["aud"], &about["nonce"]), (&json!(ISSUER), &json!("dossier"), &json!("n-0S6_WzA2Mj")));
            let body = verify(&app, Algorithm::ES256, &open(alg, &key, &info.body)).await;
            assert_eq!((&body["sub"], &body["aud"]), (&about["sub"], &json!("dossier")));
            // The signed token inside is the hint of a sign-out (RP-Initiated Logout 1.0, section 2).
            let path = format!("/deconnexion?{}", crate::support::encode(&[("id_token_hint", &inner), ("post_logout_redirect_uri", "https://dossier.example.fr/")]));
            assert_eq!(app.browser().get(&path).await.left_for.as_deref(), Some("https://dossier.example.fr/"));
            app.advance(120);
        }
    }

    async fn refreshed_id_tokens_are_encrypted_too(app) {
        let key = private(KeyManagement::EcdhEs, "mine");
        register(&app, |m| {
            m.jwks = Some(public(&[&key]));
            m.id_token_encrypted_response_alg = Some(KeyManagement::EcdhEs);
        }).await;
        let tokens = DOSSIER.tokens(&mut app.browser(), &[]).await;
        let fresh = DOSSIER.refresh(&app, tokens["refresh_token"].as_str().unwrap()).await.json();
        let about = verify(&app, Algorithm::ES256, &open(KeyManagement::EcdhEs, &key, fresh["id_token"].as_str().unwrap())).await;
        assert_eq!(about["aud"], "dossier");
    }

    async fn userinfo_may_be_encrypted_without_being_signed(app) {
        let key = private(KeyManagement::RsaOaep256, "mine");
        register(&app, |m| {
            m.jwks = Some(public(&[&key]));
            m.userinfo_encrypted_response_alg = Some(KeyManagement::RsaOaep256);
        }).await;
        let tokens = DOSSIER.tokens(&mut app.browser(), &[]).await;
        let answer = userinfo(&app, tokens["access_token"].as_str().unwrap()).await;
        assert_eq!((answer.header("content-type"), header(&answer.body).get("cty")), ("application/jwt", None));
        let body: Value = serde_json::from_str(&open(KeyManagement::RsaOaep256, &key, &answer.body)).unwrap();
        assert_eq!(body["email"], "camille@boulangerie.example");
    }

    async fn nothing_leaves_in_clear_when_there_is_no_key_to_encrypt_to(app) {
        register(&app, |m| m.id_token_encrypted_response_alg = Some(KeyManagement::EcdhEs)).await;
        let code = DOSSIER.code(&mut app.browser(), &[]).await;
        let answer = DOSSIER.redeem(&app, &code).await;
        assert_eq!((answer.status.as_u16(), answer.json()["error"].as_str()), (500, Some("server_error")));
        register(&app, |m| (m.id_token_encrypted_response_alg, m.userinfo_encrypted_response_alg) = (None, Some(KeyManagement::EcdhEs))).await;
        let tokens = DOSSIER.tokens(&mut app.browser(), &[]).await;
        let answer = userinfo(&app, tokens["access_token"].as_str().unwrap()).await;
        assert_eq!(answer.status, 500);
        assert!(!answer.body.contains("camille"));
    }
}

/// What is wrong with `dossier`, changed.
fn problems(change: &Value) -> Vec<String> {
    let mut metadata = json!({
        "client_name": "Dossier", "redirect_uris": ["https://dossier.example.fr/cb"], "scope": "openid",
    });
    metadata.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
    match serde_json::from_value::<Metadata>(metadata) {
        Ok(metadata) => metadata.problems(false),
        Err(e) => vec![e.to_string()],
    }
}

#[test]
fn registrations_that_cannot_be_honoured_are_refused_with_a_reason() {
    let rsa = public(&[&private(KeyManagement::RsaOaep, "r")]);
    let ec = private(KeyManagement::EcdhEs, "e");
    let mut signs = public(&[&ec]);
    signs["keys"][0]["use"] = json!("sig");
    for (change, words) in [
        (json!({ "userinfo_signed_response_alg": "none" }), "unknown variant `none`"),
        (json!({ "userinfo_signed_response_alg": "HS256" }), "unknown variant `HS256`"),
        (json!({ "id_token_encrypted_response_alg": "RSA1_5", "jwks": rsa }), "unknown variant `RSA1_5`"),
        (json!({ "id_token_encrypted_response_alg": "dir", "jwks": rsa }), "unknown variant `dir`"),
        (
            json!({ "userinfo_encrypted_response_alg": "ECDH-ES", "userinfo_encrypted_response_enc": "A192GCM" }),
            "unknown variant `A192GCM`",
        ),
        (json!({ "userinfo_encrypted_response_enc": "A256GCM" }), "userinfo_encrypted_response_enc: needs userinfo_encrypted_response_alg"),
        (json!({ "id_token_encrypted_response_alg": "ECDH-ES" }), "jwks: id_token_encrypted_response_alg ECDH-ES needs an EC key"),
        (json!({ "id_token_encrypted_response_alg": "ECDH-ES", "jwks": rsa }), "needs an EC key"),
        (json!({ "userinfo_encrypted_response_alg": "RSA-OAEP", "jwks": public(&[&ec]) }), "needs an RSA key of 2048 bits or more"),
        (json!({ "userinfo_encrypted_response_alg": "ECDH-ES", "jwks": signs }), "with use enc or none"),
        (json!({ "jwks": { "keys": [ec] } }), "jwks: not a JWK set of public keys only"),
        (json!({ "claims_vocabulary": "saml" }), "unknown variant `saml`"),
        (json!({ "identity_vouched": true }), "identity_vouched: means something with claims_vocabulary"),
        (json!({ "email_domains": ["Mairie.example.fr"] }), "email_domains: Mairie.example.fr: not a domain in lower case"),
        (json!({ "email_domains": ["agent@mairie.example.fr"] }), "email_domains: "),
        (json!({ "jwks": "https://dossier.example.fr/jwks" }), "jwks: not a JWK set of public keys only"),
    ] {
        let wrong = problems(&change);
        assert!(wrong.iter().any(|w| w.contains(words)), "{change}: {wrong:?}");
    }
    assert_eq!(problems(&json!({ "userinfo_encrypted_response_alg": "RSA-OAEP", "jwks": rsa })), Vec::<String>::new());
}
