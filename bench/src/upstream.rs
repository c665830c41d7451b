//! A FranceConnect in the generator's process: as fast as one can be, so that what is measured is the hub.
//!
//! It keeps nothing: a code says whose it is and for which request, and an access token says whose it is.

use std::collections::HashMap;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use axum::extract::State;
use axum::http::{HeaderMap, header};
use axum::routing::{get, post};
use axum::{Form, Json, Router};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use crate::http::form;

/// Name of the provider in the hub.
pub const ID: &str = "franceconnect";
const CLIENT: &str = "guichet";
const SECRET: &str = "guichet-secret-for-bench-only-0001";
const KID: &str = "bench";

/// The provider, while the process lives.
#[derive(Debug)]
pub struct Upstream {
    issuer: String,
}

struct Served {
    issuer: String,
    key: EcdsaKeyPair,
}

type Shared = State<&'static Served>;

impl Upstream {
    /// Listens, on a thread of its own.
    pub fn start() -> Result<Self> {
        let listener = std::net::TcpListener::bind(("127.0.0.1", 0))?;
        listener.set_nonblocking(true)?;
        let issuer = format!("http://127.0.0.1:{}", listener.local_addr()?.port());
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new()).ok().context("key")?;
        let key = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8.as_ref()).ok().context("key")?;
        let served: &'static Served = Box::leak(Box::new(Served { issuer: issuer.clone(), key }));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        std::thread::spawn(move || {
            runtime.block_on(async move {
                let router = Router::new()
                    .route("/.well-known/openid-configuration", get(discovery))
                    .route("/jwks", get(jwks))
                    .route("/token", post(token))
                    .route("/userinfo", get(userinfo))
                    .with_state(served);
                let listener = tokio::net::TcpListener::from_std(listener)?;
                axum::serve(axum::serve::ListenerExt::tap_io(listener, |s| drop(s.set_nodelay(true))), router).await
            })
        });
        Ok(Self { issuer })
    }

    /// Its declaration, for `guichet apply`.
    pub fn declaration(&self) -> String {
        let issuer = &self.issuer;
        format!(
            "\n[[provider]]\nid = \"{ID}\"\nkind = \"franceconnect\"\nissuer = \"{issuer}\"\nclient_id = \"{CLIENT}\"\nclient_secret = \"{SECRET}\"\n"
        )
    }

    /// The way back from a request for authorization: where the browser of this person is sent.
    pub fn back(&self, request: &str, person: usize) -> Result<String> {
        let url = url::Url::parse(request)?;
        let get =
            |name: &str| url.query_pairs().find(|(n, _)| n == name).map(|(_, v)| v.into_owned()).with_context(|| format!("no {name}"));
        let back = url::Url::parse(&get("redirect_uri")?)?;
        let code = format!("{person}.{}", get("nonce")?);
        Ok(format!("{}?{}", back.path(), form(&[("code", &code), ("state", &get("state")?), ("iss", &self.issuer)])))
    }
}

impl Served {
    fn sign(&self, claims: &Value) -> String {
        let header = format!(r#"{{"alg":"ES256","typ":"JWT","kid":"{KID}"}}"#);
        let signed = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims.to_string()));
        let signature = self.key.sign(&SystemRandom::new(), signed.as_bytes()).map(|s| URL_SAFE_NO_PAD.encode(s)).unwrap_or_default();
        format!("{signed}.{signature}")
    }
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs()
}

async fn discovery(State(served): Shared) -> Json<Value> {
    let at = |path: &str| format!("{}{path}", served.issuer);
    Json(json!({
        "issuer": served.issuer, "authorization_endpoint": at("/authorize"), "token_endpoint": at("/token"), "userinfo_endpoint": at("/userinfo"),
        "jwks_uri": at("/jwks"), "response_types_supported": ["code"], "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": ["ES256"], "authorization_response_iss_parameter_supported": true,
    }))
}

async fn jwks(State(served): Shared) -> Json<Value> {
    let point = served.key.public_key().as_ref();
    // An uncompressed point: a byte, then two coordinates of 32.
    let coordinate = |from: usize| URL_SAFE_NO_PAD.encode(point.get(from..from + 32).unwrap_or_default());
    let key = json!({ "kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": KID, "x": coordinate(1), "y": coordinate(33) });
    Json(json!({ "keys": [key] }))
}

async fn token(State(served): Shared, Form(asked): Form<HashMap<String, String>>) -> Json<Value> {
    let (person, nonce) = asked.get("code").and_then(|c| c.split_once('.')).unwrap_or_default();
    let id_token = served.sign(&json!({
        "iss": served.issuer, "aud": CLIENT, "sub": subject(person), "iat": now(), "exp": now() + 60, "auth_time": now(), "nonce": nonce, "acr": "eidas1",
    }));
    Json(json!({ "access_token": person, "expires_in": 60, "id_token": id_token, "scope": "openid", "token_type": "Bearer" }))
}

async fn userinfo(State(served): Shared, headers: HeaderMap) -> ([(header::HeaderName, &'static str); 1], String) {
    let authorization = headers.get(header::AUTHORIZATION).and_then(|v| v.to_str().ok()).unwrap_or_default();
    let person = authorization.strip_prefix("Bearer ").unwrap_or_default();
    let signed = served.sign(&json!({
        "iss": served.issuer, "aud": CLIENT, "iat": now(), "exp": now() + 60, "sub": subject(person), "given_name": "Angela", "family_name": "DUBOIS",
        "birthdate": "1962-08-24", "gender": "female", "birthplace": "75107", "birthcountry": "99100", "email": format!("angela{person}@mel.example"),
    }));
    ([(header::CONTENT_TYPE, "application/jwt")], signed)
}

fn subject(person: &str) -> String {
    format!("b6048e95bb134ec5b1d1e1fa69f287172e91722b9354d637a1bcf2ebb0fd2e{person}v1")
}
