//! Documents, client authentication, sign-out by services, and hostile input at every endpoint.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use guichet::crypto::{Algorithm, SigningKey, jose};
use serde_json::{Value, json};

use crate::support::rp::{API, DOSSIER, MANDAT, claims, header, userinfo};
use crate::support::{self, Answer, ISSUER, TestApp};

fn error(answer: &Answer) -> (u16, String) {
    (answer.status.as_u16(), answer.json()["error"].as_str().unwrap_or_default().to_owned())
}

on_both! {
    async fn discovery_says_exactly_what_works(app) {
        let answer = app.get("/.well-known/openid-configuration").await;
        assert_eq!(answer.header("content-type"), "application/json");
        let doc = answer.json();
        assert_eq!(doc["issuer"], ISSUER);
        for (name, value) in doc.as_object().unwrap() {
            if name.ends_with("_endpoint") || name == "jwks_uri" {
                let path = value.as_str().unwrap().strip_prefix(ISSUER).unwrap();
                assert_ne!(app.get(path).await.status, 404, "{name}");
            }
            if name.ends_with("_supported") && !value.is_boolean() {
                assert!(value.as_array().unwrap().iter().all(Value::is_string), "{name}");
            }
        }
        assert_eq!(doc["id_token_signing_alg_values_supported"], json!(["ES256", "RS256", "PS256", "EdDSA"]));
        assert_eq!(doc["response_types_supported"], json!(["code"]));
        assert_eq!(doc["code_challenge_methods_supported"], json!(["S256"]));
        assert_eq!(doc["authorization_response_iss_parameter_supported"], true);
    }

    async fn keys_are_public_and_named(app) {
        app.app.ensure_keys(&Algorithm::ALL).await.unwrap();
        let set = app.get("/oauth/jwks").await.json();
        let keys = set["keys"].as_array().unwrap();
        let mut names: Vec<&str> = keys.iter().map(|k| k["kid"].as_str().unwrap()).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), 8, "an active and a next key for each algorithm");
        for key in keys {
            assert!(["d", "p", "q", "dp", "dq", "qi", "k"].iter().all(|m| key.get(m).is_none()));
            assert_eq!(key["use"], "sig");
        }
    }

    async fn every_algorithm_signs_for_clients_that_ask_for_it(app) {
        app.app.ensure_keys(&Algorithm::ALL).await.unwrap();
        for alg in Algorithm::ALL {
            let mut dossier = (**app.app.clients().any("dossier").unwrap()).clone();
            dossier.metadata.id_token_signed_response_alg = Some(alg);
            app.put_client(dossier).await;
            let tokens = DOSSIER.tokens(&mut app.browser(), &[]).await;
            let jwt = tokens["id_token"].as_str().unwrap();
            assert_eq!(header(jwt)["alg"], alg.name());
            let set = app.get("/oauth/jwks").await.json();
            let verified: Value = jose::verify_with_jwks(&set, &[alg.name()], jwt).unwrap();
            assert_eq!(verified["at_hash"], alg.half_hash(tokens["access_token"].as_str().unwrap()).as_str());
            app.advance(120);
        }
    }

    async fn a_client_authenticates_as_it_is_registered_to_and_no_other_way(app) {
        let fields = [("grant_type", "client_credentials")];
        assert_eq!(API.post(&app, "/oauth/token", &fields).await.status, 200);
        let refused = (401, "invalid_client".to_owned());
        let in_form = app.post("/oauth/token", &[fields[0], ("client_id", "api"), ("client_secret", API.secret)], &[]).await;
        assert_eq!(error(&in_form), refused, "post instead of basic");
        let basic = app.post("/oauth/token", &fields, &[("authorization", &MANDAT.basic())]).await;
        assert_eq!(error(&basic), refused, "basic instead of post");
        assert!(basic.header("www-authenticate").starts_with("Basic "));
        let none = app.post("/oauth/token", &[fields[0], ("client_id", "api")], &[]).await;
        assert_eq!(error(&none), refused, "nothing");
        let both = app.post("/oauth/token", &[fields[0], ("client_id", "api"), ("client_secret", API.secret)], &[("authorization", &API.basic())]).await;
        assert_eq!(error(&both), (400, "invalid_request".into()), "two methods");
        let other = app.post("/oauth/token", &[fields[0], ("client_id", "dossier")], &[("authorization", &API.basic())]).await;
        assert_eq!(error(&other), refused, "another client_id in the form");
        let unknown = app.post("/oauth/token", &[fields[0], ("client_id", "nobody"), ("client_secret", "x")], &[]).await;
        assert_eq!(error(&unknown), refused);
        assert_eq!(unknown.json(), in_form.json(), "unknown and wrong look the same");
        assert!(app.audit().await.iter().filter(|k| *k == "client.refused").count() >= 5);
    }

    async fn private_key_jwt_is_checked_in_every_part_and_used_once(app) {
        let key = SigningKey::load(Algorithm::ES256, &SigningKey::generate(Algorithm::ES256).unwrap()).unwrap();
        let stranger = SigningKey::load(Algorithm::ES256, &SigningKey::generate(Algorithm::ES256).unwrap()).unwrap();
        let metadata = json!({
            "client_name": "Signataire", "token_endpoint_auth_method": "private_key_jwt", "grant_types": ["client_credentials"],
            "scope": "people:read", "jwks": { "keys": [key.public_jwk()] },
        });
        let client = guichet::oidc::client::Client {
            id: "signer".into(), metadata: serde_json::from_value(metadata).unwrap(), secrets: Default::default(), enabled: true, updated_at: app.app.clock.now(), published: Default::default(),
        };
        assert!(client.metadata.problems(false).is_empty());
        app.put_client(client).await;
        let good = json!({ "iss": "signer", "sub": "signer", "aud": format!("{ISSUER}/oauth/token"), "exp": 1_800_000_060, "iat": 1_800_000_000, "jti": "one" });
        let call = |key: &SigningKey, body: &Value| {
            let jwt = jose::sign(key, "JWT", body).unwrap();
            let app = app.clone();
            async move { present(&app, &jwt).await }
        };
        assert_eq!(call(&key, &good).await.status, 200);
        let refused = (401, "invalid_client".to_owned());
        assert_eq!(error(&call(&key, &good).await), refused, "replayed");
        let mut n = 0;
        let mut with = |name: &str, value: Value| {
            n += 1;
            let mut body = good.clone();
            body["jti"] = format!("j{n}").into();
            if value.is_null() { body.as_object_mut().unwrap().remove(name); } else { body[name] = value; }
            body
        };
        for (name, value) in [
            ("aud", json!("https://elsewhere.example")), ("aud", json!([])), ("iss", json!("other")), ("sub", json!("dossier")), ("sub", Value::Null),
            ("exp", json!(1_799_999_000)), ("exp", json!(1_900_000_000)), ("exp", Value::Null), ("nbf", json!(1_800_000_062)), ("jti", json!("")), ("jti", Value::Null),
        ] {
            let body = with(name, value.clone());
            assert_eq!(error(&call(&key, &body).await), refused, "{name} {value}");
        }
        assert_eq!(error(&call(&stranger, &with("x", json!(1))).await), refused, "another key");
        assert_eq!(call(&key, &with("aud", json!(ISSUER))).await.status, 200, "the issuer as audience");
        assert_eq!(call(&key, &with("nbf", json!(1_800_000_008))).await.status, 200, "eight seconds ahead");
        // A header that brings its own key, no algorithm, or HMAC under the public key.
        let unsigned = format!("{}.{}.", URL_SAFE_NO_PAD.encode(r#"{"alg":"none"}"#), URL_SAFE_NO_PAD.encode(with("x", json!(1)).to_string()));
        assert_eq!(error(&present(&app, &unsigned).await), refused);
        let hmac = format!("{}.{}.AAAA", URL_SAFE_NO_PAD.encode(r#"{"alg":"HS256"}"#), URL_SAFE_NO_PAD.encode(with("x", json!(1)).to_string()));
        assert_eq!(error(&present(&app, &hmac).await), refused);
    }

    async fn rp_initiated_logout_redirects_only_where_registered(app) {
        let signed_in = || async {
            let mut browser = app.browser();
            let tokens = DOSSIER.tokens(&mut browser, &[]).await;
            app.advance(130);
            (browser, tokens["id_token"].as_str().unwrap().to_owned())
        };
        let path = |fields: &[(&str, &str)]| format!("/deconnexion?{}", crate::support::encode(fields));
        let home = "https://dossier.example.fr/";
        let state = "a'b\"c<d>e\\f%g&h=i~";

        let (mut browser, hint) = signed_in().await;
        let page = browser.get(&path(&[("id_token_hint", &hint), ("post_logout_redirect_uri", home), ("state", state)])).await;
        assert_eq!(page.left_with("state").as_deref(), Some(state));
        assert_eq!(url::Url::parse(&page.left_for.clone().unwrap()).unwrap().query_pairs().count(), 1);
        let page = browser.get(&DOSSIER.authorize(&[("prompt", "none")])).await;
        assert_eq!(page.left_with("error").as_deref(), Some("login_required"), "really signed out");
        // Without a session any more, the redirect still happens, also with an expired hint.
        app.advance(90_000);
        let page = browser.get(&path(&[("id_token_hint", &hint), ("post_logout_redirect_uri", home)])).await;
        assert_eq!(page.left_for.as_deref(), Some(home));

        let (mut browser, hint) = signed_in().await;
        let none_alg = format!("{}.{}.", URL_SAFE_NO_PAD.encode(r#"{"alg":"none","typ":"JWT"}"#), hint.split('.').nth(1).unwrap());
        let stranger = SigningKey::load(Algorithm::ES256, &SigningKey::generate(Algorithm::ES256).unwrap()).unwrap();
        let foreign = jose::sign(&stranger, "JWT", &claims(&hint)).unwrap();
        for fields in [
            vec![("id_token_hint", hint.as_str()), ("post_logout_redirect_uri", "https://evil.example/")],
            vec![("id_token_hint", hint.as_str()), ("post_logout_redirect_uri", "https://dossier.example.fr/?foo=bar")],
            vec![("post_logout_redirect_uri", home), ("state", "x")],
            vec![("id_token_hint", hint.as_str()), ("client_id", "mandat"), ("post_logout_redirect_uri", home)],
        ] {
            let page = browser.get(&path(&fields)).await;
            assert_eq!((page.left_for.clone(), page.status.as_u16()), (None, 400), "{fields:?}");
        }
        // A hint that does not verify is none: the person is asked, and goes nowhere on its word, whatever they answer.
        for hint in [&none_alg, &foreign] {
            for client in [vec![], vec![("client_id", "dossier")]] {
                let mut fields = vec![("id_token_hint", hint.as_str()), ("post_logout_redirect_uri", home), ("state", "x")];
                fields.extend(client);
                let page = browser.get(&path(&fields)).await;
                assert_eq!((page.left_for.clone(), page.status.as_u16()), (None, 200), "{fields:?}");
                assert!(page.forms().iter().any(|f| f.names.iter().any(|n| n == "choix")), "{}", page.body);
                let page = browser.submit(&page, &[("choix", "rester")]).await;
                assert_eq!((page.left_for.clone(), page.path.as_str()), (None, "/accueil"));
                let page = app.browser().get(&path(&fields)).await;
                assert_eq!((page.left_for.clone(), page.status.as_u16()), (None, 200), "nobody is signed in");
            }
        }
        assert_eq!(browser.get("/accueil").await.path, "/accueil", "still signed in");
        // No parameters: a question, then the end.
        let page = browser.get("/deconnexion?state=x").await;
        assert_eq!(page.status, 200);
        assert!(page.body.contains("Dépôt des aides"), "services opened in this session");
        let page = browser.submit(&page, &[("choix", "tout")]).await;
        assert_eq!((page.status.as_u16(), page.left_for.clone()), (200, None));
        assert!(browser.get("/accueil").await.path.starts_with("/connexion"));
        // Signed out already.
        let page = browser.get("/deconnexion").await;
        assert_eq!((page.status.as_u16(), page.left_for), (200, None));
    }

    async fn a_hint_outlives_the_rotation_of_the_key_that_signed_it_and_not_its_revocation(app) {
        let mut browser = app.browser();
        let hint = DOSSIER.tokens(&mut browser, &[]).await["id_token"].as_str().unwrap().to_owned();
        let kid = header(&hint)["kid"].as_str().unwrap().to_owned();
        let ctx = app.app.ctx(guichet::base::Actor::Operator);
        let mut tx = app.app.db.begin().await.unwrap();
        guichet::crypto::keyring::rotate(&mut tx, &ctx, Algorithm::ES256).await.unwrap();
        tx.commit().await.unwrap();
        let path = format!("/deconnexion?{}", crate::support::encode(&[("id_token_hint", &hint), ("post_logout_redirect_uri", "https://dossier.example.fr/")]));
        // Used now and then, the session lives on for hours; keys are looked at meanwhile.
        for _ in 0..11 {
            app.advance(3_600);
            app.app.ensure_keys(&[Algorithm::ES256]).await.unwrap();
            let page = browser.get(&DOSSIER.authorize(&[("prompt", "none"), ("id_token_hint", &hint)])).await;
            assert!(page.left_with("code").is_some(), "{:?}", page.left_for);
            // Use is recorded beside the answer.
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        let mut other = app.browser();
        let page = other.get(&path).await;
        assert_eq!(page.left_for.as_deref(), Some("https://dossier.example.fr/"), "signed out already");
        let mut tx = app.app.db.begin().await.unwrap();
        guichet::crypto::keyring::revoke(&mut tx, &ctx, &kid).await.unwrap();
        tx.commit().await.unwrap();
        app.app.reload().await.unwrap();
        let page = browser.get(&path).await;
        assert_eq!((page.left_for.clone(), page.status.as_u16()), (None, 200));
        assert!(page.body.contains("Dépôt des aides"), "asked");
        let page = browser.submit(&page, &[("choix", "tout")]).await;
        assert_eq!((page.status.as_u16(), page.left_for.clone()), (200, None));
        assert!(browser.get("/accueil").await.path.starts_with("/connexion"));
    }

    async fn a_hint_of_another_session_does_not_end_this_one_unasked(app) {
        let mut victim = app.browser();
        DOSSIER.tokens(&mut victim, &[]).await;
        app.advance(130);
        let hint = DOSSIER.tokens(&mut app.browser(), &[]).await["id_token"].as_str().unwrap().to_owned();
        let page = victim.get(&format!("/deconnexion?id_token_hint={hint}")).await;
        assert!(page.forms().iter().any(|f| f.names.iter().any(|n| n == "choix")), "asked");
        assert_eq!(victim.get("/accueil").await.path, "/accueil");
    }

    async fn a_foreign_page_cannot_sign_anybody_out(app) {
        let mut browser = app.browser();
        DOSSIER.tokens(&mut browser, &[]).await;
        let answer = browser.post_once("/deconnexion", &[("jeton", "forged"), ("choix", "tout")]).await;
        assert_eq!(answer.status, 403);
        assert!(app.audit().await.contains(&"forgery.refused".to_owned()));
        assert_eq!(browser.get("/accueil").await.path, "/accueil");
    }

    async fn hostile_requests_get_a_clear_4xx(app) {
        let huge = "x".repeat(40_000);
        let nul = "a\0b";
        for path in ["/oauth/token", "/oauth/introspect", "/oauth/revoke"] {
            let auth = API.basic();
            for fields in [vec![("grant_type", huge.as_str())], vec![("grant_type", nul), ("token", nul)], vec![("token", "a"), ("token", "b")], vec![]] {
                let answer = app.post(path, &fields, &[("authorization", &auth)]).await;
                assert_eq!(answer.status.as_u16(), 400, "{path} {}", answer.body);
                assert_eq!(answer.json()["error"], "invalid_request");
                assert_eq!(answer.header("cache-control"), "no-store");
            }
            for auth in ["Basic", "Basic ====", "Basic w7/Dvw==", "Negotiate x", "Basic Og=="] {
                let answer = app.post(path, &[("grant_type", "client_credentials"), ("token", "x")], &[("authorization", auth)]).await;
                assert_eq!(answer.status.as_u16(), 401, "{path} {auth}");
            }
            assert_eq!(app.get(path).await.status, 405, "{path}");
        }
        let json = axum::http::Request::post("/oauth/token").header("content-type", "application/json").body("{}".into()).unwrap();
        assert_eq!(Answer::of(app.send(json).await).await.status, 400);
        for token in ["", "x", "a.b.c", "..", &huge, "gat_é", "eyJhbGciOiJub25lIn0.e30."] {
            let answer = userinfo(&app, &token.replace('é', "e")).await;
            assert!(answer.status.is_client_error(), "{token:?}: {}", answer.status);
            assert!(answer.header("www-authenticate").starts_with("Bearer") || answer.status == 400);
        }
        assert_eq!(app.get("/oauth/userinfo").await.status, 401);
        assert_eq!(app.get("/oauth/userinfo?access_token=x").await.status, 401, "never in the query");
        for query in ["%00", "%ff=%fe", "client_id=%00", "=&=&=", "client_id[]=x", "a=1&a=2"] {
            let answer = app.get(&format!("/oauth/authorize?{query}")).await;
            assert_eq!(answer.status, 400, "{query}");
            assert!(answer.header("content-type").starts_with("text/html"));
        }
        for path in ["/nowhere", "/connexion/suite/x", "/connexion/code?t=x", "/connexion/autorisation", "/%2e%2e/etc/passwd", "/connexion?t=%00"] {
            let answer = app.get(path).await;
            assert!(answer.status.is_client_error() || answer.status.is_redirection(), "{path}: {}", answer.status);
            assert!(!answer.body.to_lowercase().contains("panick"), "{path}");
        }
    }

    async fn pages_carry_the_strict_headers(app) {
        let answer = app.get(&DOSSIER.authorize(&[("client_id", "x")])).await;
        let csp = answer.header("content-security-policy");
        assert!(csp.contains("default-src 'none'") && csp.contains("form-action 'self'") && !csp.contains("unsafe"));
        assert_eq!(answer.header("cache-control"), "no-store");
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        assert_eq!(answer.header("referrer-policy"), "same-origin");
    }
}

async fn present(app: &TestApp, jwt: &str) -> Answer {
    let kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
    app.post("/oauth/token", &[("grant_type", "client_credentials"), ("client_assertion_type", kind), ("client_assertion", jwt)], &[]).await
}

#[tokio::test]
async fn a_client_that_asks_for_too_many_tokens_waits_and_the_others_do_not() {
    let app = TestApp::start(support::Engine::Sqlite, |config| config.limits.client = 3).await;
    let ask = |client: &'static str, secret: &'static str| {
        let app = app.clone();
        async move {
            let fields = [("grant_type", "client_credentials"), ("client_id", client), ("client_secret", secret)];
            app.post("/oauth/token", &fields, &[]).await
        }
    };
    // Who does not prove it is that client takes nothing from it.
    for _ in 0..5 {
        assert_eq!(ask("mandat", "wrong").await.status, 401);
    }
    for _ in 0..3 {
        assert_eq!(ask("mandat", "mandat-secret-for-tests-only-00001").await.status, 200);
    }
    let refused = ask("mandat", "mandat-secret-for-tests-only-00001").await;
    assert_eq!(refused.status, 429, "{}", refused.body);
    assert!(refused.header("retry-after").parse::<u64>().is_ok_and(|s| (1..=60).contains(&s)), "{}", refused.header("retry-after"));
    let basic = DOSSIER.basic();
    let other = app.post("/oauth/token", &[("grant_type", "refresh_token"), ("refresh_token", "x")], &[("authorization", &basic)]).await;
    assert_eq!(other.status, 400, "another client: {}", other.body);
}
