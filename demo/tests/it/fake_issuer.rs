//! A stand-in issuer that answers at once, and can be told to misbehave: the relying party's
//! checks are tested against it, since the hub itself never misbehaves on demand.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use axum::{Form, Json, Router};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use openidconnect::core::*;
use openidconnect::{
    AccessToken, Audience, EmptyAdditionalClaims, IssuerUrl, JsonWebKeyId, Nonce, PkceCodeChallenge, PkceCodeVerifier, PrivateSigningKey,
    StandardClaims, SubjectIdentifier,
};
use serde_json::{Value, json};

/// How the issuer misbehaves.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fault {
    None,
    /// `error=access_denied` comes back instead of a code.
    Denies,
    WrongIss,
    NoIss,
    WrongNonce,
    WrongAudience,
    Expired,
    WrongAtHash,
    /// The signature is by a key that the JWKS does not have.
    UnknownKey,
    /// Userinfo is about somebody else.
    OtherSubject,
    /// The refreshed ID token is about somebody else.
    OtherSubjectOnRefresh,
    /// The access and refresh tokens are no longer accepted.
    Revoked,
    /// `auth_time` stays an hour old even under `prompt=login`.
    OldAuthentication,
}

pub struct Fake {
    pub issuer: String,
    pub fault: Mutex<Fault>,
    /// Seed of the signing key; changing it is a rotation.
    pub key: Mutex<u8>,
    /// How each call to the token endpoint authenticated.
    pub seen_auth: Mutex<Vec<&'static str>>,
    pub discoveries: Mutex<u32>,
    codes: Mutex<HashMap<String, HashMap<String, String>>>,
    refreshes: Mutex<u32>,
}

type App = State<Arc<Fake>>;
type Params = HashMap<String, String>;

pub async fn start() -> Arc<Fake> {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let addr: SocketAddr = listener.local_addr().unwrap();
    let fake = Arc::new(Fake {
        // A name only the relying party's `resolve` knows.
        issuer: format!("http://sso.localhost:{}", addr.port()),
        fault: Mutex::new(Fault::None),
        key: Mutex::new(1),
        seen_auth: Mutex::default(),
        discoveries: Mutex::default(),
        codes: Mutex::default(),
        refreshes: Mutex::default(),
    });
    let router = Router::new()
        .route("/.well-known/openid-configuration", get(discovery))
        .route("/jwks", get(jwks))
        .route("/authorize", get(authorize))
        .route("/token", post(token))
        .route("/userinfo", get(userinfo))
        .with_state(fake.clone());
    tokio::spawn(async move { axum::serve(listener, router).await });
    fake
}

impl Fake {
    pub fn addr(&self) -> SocketAddr {
        let port = self.issuer.rsplit(':').next().unwrap();
        format!("127.0.0.1:{port}").parse().unwrap()
    }

    pub fn misbehave(&self, fault: Fault) {
        *self.fault.lock().unwrap() = fault;
    }

    fn fault(&self) -> Fault {
        *self.fault.lock().unwrap()
    }

    fn signing_key(&self, seed: u8) -> CoreEdDsaPrivateSigningKey {
        // PKCS#8 wrapping of an Ed25519 seed (RFC 8410 §7).
        let mut der = vec![0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20];
        der.extend([seed; 32]);
        let body = STANDARD.encode(der);
        let label = "PRIVATE KEY";
        let pem = format!("-----BEGIN {label}-----\n{body}\n-----END {label}-----\n");
        let kid = JsonWebKeyId::new(format!("k{seed}"));
        CoreEdDsaPrivateSigningKey::from_ed25519_pem(&pem, Some(kid)).unwrap()
    }

    fn id_token(&self, params: &Params, access_token: &str, refreshed: bool) -> CoreIdToken {
        let fault = self.fault();
        let now = SystemTime::now();
        let ago = |s| now - Duration::from_secs(s);
        let or = |wanted, bad: &str, good: &str| {
            if fault == wanted { bad.to_owned() } else { good.to_owned() }
        };
        let subject = match refreshed {
            true => or(Fault::OtherSubjectOnRefresh, "someone-else", "sub-camille"),
            false => "sub-camille".to_owned(),
        };
        let issued = if fault == Fault::Expired { ago(7200) } else { now };
        let authenticated = match params.get("prompt") {
            Some(_) if fault != Fault::OldAuthentication => now,
            _ => ago(3600),
        };
        let claims = CoreIdTokenClaims::new(
            IssuerUrl::new(self.issuer.clone()).unwrap(),
            vec![Audience::new(or(Fault::WrongAudience, "other", "dossier"))],
            (issued + Duration::from_secs(300)).into(),
            issued.into(),
            StandardClaims::new(SubjectIdentifier::new(subject)),
            EmptyAdditionalClaims {},
        )
        .set_auth_time(Some(authenticated.into()));
        let claims = match refreshed {
            true => claims,
            false => claims.set_nonce(Some(Nonce::new(or(Fault::WrongNonce, "other", &params["nonce"])))),
        };
        let seed = if fault == Fault::UnknownKey { 99 } else { *self.key.lock().unwrap() };
        let hashed = AccessToken::new(or(Fault::WrongAtHash, "other", access_token));
        CoreIdToken::new(claims, &self.signing_key(seed), CoreJwsSigningAlgorithm::EdDsa, Some(&hashed), None).unwrap()
    }
}

/// Claims of a logout token beyond those of an ID token.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
struct Logout {
    events: Value,
    #[serde(skip_serializing_if = "Option::is_none")]
    sid: Option<String>,
}
impl openidconnect::AdditionalClaims for Logout {}

impl Fake {
    /// A logout token about Camille, signed by the key of this seed; `sid` names one session.
    pub fn logout_token(&self, seed: u8, event: &str, sid: Option<&str>, nonce: Option<&str>) -> String {
        let now = SystemTime::now();
        let claims = openidconnect::IdTokenClaims::<Logout, CoreGenderClaim>::new(
            IssuerUrl::new(self.issuer.clone()).unwrap(),
            vec![Audience::new("dossier".to_owned())],
            (now + Duration::from_secs(120)).into(),
            now.into(),
            StandardClaims::new(SubjectIdentifier::new("sub-camille".to_owned())),
            Logout { events: json!({ event: {} }), sid: sid.map(str::to_owned) },
        )
        .set_nonce(nonce.map(|n| Nonce::new(n.to_owned())));
        type Token = openidconnect::IdToken<Logout, CoreGenderClaim, CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm>;
        Token::new(claims, &self.signing_key(seed), CoreJwsSigningAlgorithm::EdDsa, None, None).unwrap().to_string()
    }

    /// An ID token, which is no logout token.
    pub fn some_id_token(&self) -> String {
        self.id_token(&HashMap::from([("nonce".to_owned(), "n".to_owned())]), "at0", true).to_string()
    }
}

async fn discovery(State(fake): App) -> Json<Value> {
    *fake.discoveries.lock().unwrap() += 1;
    let i = &fake.issuer;
    Json(json!({
        "issuer": i,
        "authorization_endpoint": format!("{i}/authorize"),
        "token_endpoint": format!("{i}/token"),
        "userinfo_endpoint": format!("{i}/userinfo"),
        "end_session_endpoint": format!("{i}/logout"),
        "jwks_uri": format!("{i}/jwks"),
        "response_types_supported": ["code"],
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": ["EdDSA"],
        "authorization_response_iss_parameter_supported": true,
    }))
}

async fn jwks(State(fake): App) -> Json<Value> {
    let key = fake.signing_key(*fake.key.lock().unwrap()).as_verification_key();
    Json(json!({ "keys": [key] }))
}

async fn authorize(State(fake): App, Query(params): Query<Params>) -> Response {
    assert_eq!(params["response_type"], "code");
    assert_eq!(params["code_challenge_method"], "S256");
    let mut back = url::Url::parse(&params["redirect_uri"]).unwrap();
    back.query_pairs_mut().append_pair("state", &params["state"]);
    let fault = fake.fault();
    match fault {
        Fault::NoIss => {}
        Fault::WrongIss => drop(back.query_pairs_mut().append_pair("iss", "http://evil.localhost")),
        _ => drop(back.query_pairs_mut().append_pair("iss", &fake.issuer)),
    }
    if fault == Fault::Denies {
        back.query_pairs_mut().append_pair("error", "access_denied").append_pair("error_description", "<b>The person refused</b>");
    } else {
        let code = Nonce::new_random().secret().clone();
        back.query_pairs_mut().append_pair("code", &code);
        fake.codes.lock().unwrap().insert(code, params);
    }
    Redirect::to(back.as_str()).into_response()
}

async fn token(State(fake): App, headers: HeaderMap, Form(form): Form<Params>) -> Response {
    let basic = format!("Basic {}", STANDARD.encode("dossier:a%2Fsecret"));
    let auth = match headers.get(header::AUTHORIZATION) {
        Some(value) if value.as_bytes() == basic.as_bytes() => "basic",
        None if form.get("client_secret").is_some_and(|s| s == "a/secret") => "post",
        _ => {
            return (StatusCode::UNAUTHORIZED, Json(json!({ "error": "invalid_client" }))).into_response();
        }
    };
    fake.seen_auth.lock().unwrap().push(auth);
    let refused = (StatusCode::BAD_REQUEST, Json(json!({ "error": "invalid_grant" })));
    let refreshed = form["grant_type"] == "refresh_token";
    let params = match refreshed {
        true if fake.fault() == Fault::Revoked => return refused.into_response(),
        true => {
            let mut count = fake.refreshes.lock().unwrap();
            if form["refresh_token"] != format!("rt{count}") {
                return refused.into_response();
            }
            *count += 1;
            Params::default()
        }
        false => {
            let params = fake.codes.lock().unwrap().remove(&form["code"]);
            let verifier = PkceCodeVerifier::new(form["code_verifier"].clone());
            let challenge = PkceCodeChallenge::from_code_verifier_sha256(&verifier);
            match params {
                Some(params) if params["code_challenge"] == challenge.as_str() => params,
                _ => return refused.into_response(),
            }
        }
    };
    let access_token = format!("at{}", fake.refreshes.lock().unwrap());
    let id_token = fake.id_token(&params, &access_token, refreshed).to_string();
    Json(json!({
        "access_token": access_token, "token_type": "Bearer", "expires_in": 300, "id_token": id_token,
        "refresh_token": format!("rt{}", fake.refreshes.lock().unwrap()),
    }))
    .into_response()
}

async fn userinfo(State(fake): App, headers: HeaderMap) -> Response {
    let sub = match fake.fault() {
        Fault::Revoked => return StatusCode::UNAUTHORIZED.into_response(),
        Fault::OtherSubject => "someone-else",
        _ => "sub-camille",
    };
    let token = headers[header::AUTHORIZATION].to_str().unwrap();
    assert_eq!(token, format!("Bearer at{}", fake.refreshes.lock().unwrap()));
    Json(json!({ "sub": sub, "name": "Camille <Durand>", "siret": "12345678900012" })).into_response()
}
