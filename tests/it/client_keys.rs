//! The keys that clients publish (`jwks_uri`, RFC 7591): for `private_key_jwt` and for what they are answered.

use std::convert::Infallible;
use std::sync::{Arc, Mutex};

use guichet::base::encode::from_b64u;
use guichet::crypto::{Algorithm, SigningKey, jose};
use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::support::{Answer, ISSUER, TestApp};

/// A place where a client publishes its keys.
#[derive(Clone)]
struct Place {
    port: u16,
    state: Arc<Mutex<State>>,
}

struct State {
    status: u16,
    body: String,
    location: Option<String>,
    asked: usize,
}

impl Place {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let state = State { status: 200, body: String::new(), location: None, asked: 0 };
        let this = Self { port, state: Arc::new(Mutex::new(state)) };
        let served = this.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let place = served.clone();
                tokio::spawn(async move {
                    let service = service_fn(move |_: Request<Incoming>| {
                        let mut state = place.state.lock().unwrap();
                        state.asked += 1;
                        let mut answer = Response::builder().status(state.status);
                        if let Some(to) = &state.location {
                            answer = answer.header("location", to);
                        }
                        let answer = answer.body(Full::new(Bytes::from(state.body.clone()))).unwrap();
                        async move { Ok::<_, Infallible>(answer) }
                    });
                    let _ = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
                });
            }
        });
        this
    }

    fn url(&self) -> String {
        format!("http://127.0.0.1:{}/jwks", self.port)
    }

    fn publishes(&self, keys: &[&Value]) {
        self.answers(200, &json!({ "keys": keys }).to_string());
    }

    fn answers(&self, status: u16, body: &str) {
        let mut state = self.state.lock().unwrap();
        (state.status, state.body) = (status, body.to_owned());
    }

    fn asked(&self) -> usize {
        self.state.lock().unwrap().asked
    }
}

fn key() -> SigningKey {
    SigningKey::load(Algorithm::ES256, &SigningKey::generate(Algorithm::ES256).unwrap()).unwrap()
}

async fn register(app: &TestApp, place: &Place) {
    app.apply(&format!(
        "[[client]]\nclient_id = \"signataire\"\nclient_name = \"Signataire\"\ntoken_endpoint_auth_method = \"private_key_jwt\"\n\
         grant_types = [\"client_credentials\"]\nscope = \"people:read\"\njwks_uri = \"{}\"\n",
        place.url()
    ))
    .await;
}

/// Asks for a token with an assertion that this key signed.
async fn ask(app: &TestApp, key: &SigningKey) -> Answer {
    let now = app.app.clock.now().secs();
    let jti: String = guichet::base::encode::b64u(guichet::base::rng::bytes::<16>(&guichet::base::rng::SystemRng));
    let claims = json!({ "iss": "signataire", "sub": "signataire", "aud": ISSUER, "iat": now, "exp": now + 60, "jti": jti });
    let assertion = jose::sign(key, "JWT", &claims).unwrap();
    let kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
    let fields = [("grant_type", "client_credentials"), ("client_assertion_type", kind), ("client_assertion", assertion.as_str())];
    app.post("/oauth/token", &fields, &[]).await
}

on_both! {
    async fn a_published_key_proves_its_client_and_is_read_once_an_hour(app) {
        let (place, key) = (Place::start().await, key());
        place.publishes(&[key.public_jwk()]);
        register(&app, &place).await;
        for _ in 0..3 {
            assert_eq!(ask(&app, &key).await.status, 200);
        }
        assert_eq!(place.asked(), 1);
        // Another client changed: what was read is still known.
        app.apply("[[client]]\nclient_id = \"autre\"\nclient_name = \"Autre\"\nclient_secret = \"autre-secret-for-tests-only-00001\"\ngrant_types = [\"client_credentials\"]\nscope = \"people:read\"\n").await;
        assert_eq!((ask(&app, &key).await.status.as_u16(), place.asked()), (200, 1));
        app.advance(3_601);
        assert_eq!((ask(&app, &key).await.status.as_u16(), place.asked()), (200, 2));
        // While it cannot be read, what is known serves.
        place.answers(503, "");
        app.advance(3_601);
        assert_eq!((ask(&app, &key).await.status.as_u16(), place.asked()), (200, 3));
        assert_eq!((ask(&app, &key).await.status.as_u16(), place.asked()), (200, 3), "and it is not asked each time");
    }

    async fn those_who_come_together_with_a_new_key_are_all_let_in(app) {
        let (place, first, second) = (Place::start().await, key(), Arc::new(key()));
        place.publishes(&[first.public_jwk()]);
        register(&app, &place).await;
        assert_eq!(ask(&app, &first).await.status, 200);
        app.advance(31);
        place.publishes(&[second.public_jwk()]);
        let mut all = tokio::task::JoinSet::new();
        for _ in 0..8 {
            let (app, key) = (app.clone(), second.clone());
            all.spawn(async move { ask(&app, &key).await.status.as_u16() });
        }
        assert_eq!(all.join_all().await, [200; 8]);
        assert_eq!(place.asked(), 2, "and one of them asked");
    }

    async fn a_new_key_is_looked_up_and_strangers_make_nobody_ask_often(app) {
        let (place, first, second) = (Place::start().await, key(), key());
        place.publishes(&[first.public_jwk()]);
        register(&app, &place).await;
        assert_eq!(ask(&app, &first).await.status, 200);
        app.advance(31);
        place.publishes(&[first.public_jwk(), second.public_jwk()]);
        assert_eq!((ask(&app, &second).await.status.as_u16(), place.asked()), (200, 2));
        for _ in 0..5 {
            assert_eq!(ask(&app, &key()).await.status, 401);
        }
        assert_eq!(place.asked(), 2, "asked a moment ago");
        // A key that is withdrawn proves nothing once the set was read anew.
        place.publishes(&[second.public_jwk()]);
        app.advance(3_601);
        assert_eq!(ask(&app, &first).await.status, 401);
        assert_eq!(ask(&app, &second).await.status, 200);
    }

    async fn what_is_no_set_of_public_keys_proves_nobody(app) {
        let (place, key) = (Place::start().await, key());
        let private = josekit::jwk::Jwk::generate_ec_key(josekit::jwk::alg::ec::EcCurve::P256).unwrap();
        let large = json!({ "keys": [key.public_jwk()], "padding": "x".repeat(200_000) }).to_string();
        register(&app, &place).await;
        for (status, body) in [(404, String::new()), (200, "<html>".into()), (200, json!({ "keys": [private.as_ref()] }).to_string()), (200, large)] {
            place.answers(status, &body);
            let before = place.asked();
            let answer = ask(&app, &key).await;
            assert_eq!((answer.status.as_u16(), place.asked()), (401, before + 1), "{}", &body[..body.len().min(60)]);
            app.advance(31);
        }
        // Nor is anybody followed elsewhere.
        let elsewhere = Place::start().await;
        elsewhere.publishes(&[key.public_jwk()]);
        place.answers(302, "");
        place.state.lock().unwrap().location = Some(elsewhere.url());
        assert_eq!((ask(&app, &key).await.status.as_u16(), elsewhere.asked()), (401, 0));
        assert!(app.audit().await.contains(&"client.refused".to_owned()));
    }

    async fn answers_are_encrypted_to_a_published_key(app) {
        let place = Place::start().await;
        let mut private = josekit::jwk::Jwk::generate_ec_key(josekit::jwk::alg::ec::EcCurve::P256).unwrap();
        private.set_key_id("enc-1");
        private.set_key_use("enc");
        let mut public: Value = serde_json::to_value(private.as_ref()).unwrap();
        public.as_object_mut().unwrap().remove("d");
        place.publishes(&[&public]);
        app.apply(&format!(
            "[[client]]\nclient_id = \"dossier\"\nclient_name = \"Dépôt des aides\"\nclient_secret = \"dossier-secret-for-tests-only-0001\"\n\
             token_endpoint_auth_method = \"client_secret_basic\"\nredirect_uris = [\"https://dossier.example.fr/cb\"]\n\
             scope = \"openid profile email phone offline_access\"\nconsent = \"none\"\njwks_uri = \"{}\"\n\
             id_token_encrypted_response_alg = \"ECDH-ES\"\nid_token_encrypted_response_enc = \"A256GCM\"\n",
            place.url()
        ))
        .await;
        let mut browser = app.browser();
        let tokens = crate::support::rp::DOSSIER.tokens(&mut browser, &[]).await;
        let id_token = tokens["id_token"].as_str().unwrap();
        let header: Value = serde_json::from_slice(&from_b64u(id_token.split('.').next().unwrap()).unwrap()).unwrap();
        assert_eq!((header["alg"].as_str(), header["kid"].as_str()), (Some("ECDH-ES"), Some("enc-1")));
        let decrypter = josekit::jwe::ECDH_ES.decrypter_from_jwk(&private).unwrap();
        let (inner, _) = josekit::jwe::deserialize_compact(id_token, &decrypter).unwrap();
        let claims: Value = jose::peek(std::str::from_utf8(&inner).unwrap()).unwrap();
        assert_eq!(claims["iss"], ISSUER);
        assert_eq!(place.asked(), 1);
    }
}

#[test]
fn a_place_for_keys_is_public_and_over_https_in_production() {
    let metadata = |more: Value| {
        let mut all = json!({
            "client_name": "Signataire", "token_endpoint_auth_method": "private_key_jwt", "grant_types": ["client_credentials"], "scope": "x",
        });
        all.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        serde_json::from_value::<guichet::oidc::client::Metadata>(all).unwrap()
    };
    let said = |more: Value| metadata(more).problems(false).join("; ");
    assert_eq!(said(json!({ "jwks_uri": "https://signataire.example.fr/jwks" })), "");
    assert!(said(json!({ "jwks_uri": "http://signataire.example.fr/jwks" })).contains("https is required"));
    for internal in ["https://127.0.0.1/jwks", "https://10.0.0.3/jwks", "https://localhost/jwks", "https://169.254.169.254/x"] {
        assert!(said(json!({ "jwks_uri": internal })).contains("an internal address"), "{internal}");
        assert_eq!(said(json!({ "jwks_uri": internal, "allow_private_network": true })), "");
    }
    let both = json!({ "jwks_uri": "https://signataire.example.fr/jwks", "jwks": { "keys": [key().public_jwk()] } });
    assert!(said(both).contains("not together with jwks"));
    assert!(said(json!({})).contains("private_key_jwt needs jwks_uri"));
}
