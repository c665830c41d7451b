//! A FranceConnect by hand (french-domain §1): strict about what it is asked, and answering wrongly as a test wants.

use std::convert::Infallible;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use base64::Engine as _;
use guichet::base::Clock as _;
use guichet::base::clock::ManualClock;
use guichet::base::encode::b64u;
use guichet::crypto::{Algorithm, SigningKey, jose};
use http_body_util::{BodyExt as _, Full};
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use serde_json::{Map, Value, json};
use tokio::net::TcpListener;
use url::Url;

use super::TestApp;

pub const CLIENT_ID: &str = "guichet-fc";
pub const SECRET: &str = "a-secret-of-guichet-at-franceconnect";

/// How things are signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signing {
    /// With the published key.
    Rightly,
    /// With a key that is not published, under the name of the one that is.
    Forged,
    /// With the secret.
    Hs256,
    /// Not at all.
    None,
}

/// A change of what is answered.
pub type Edit = Box<dyn Fn(&mut Map<String, Value>) + Send>;

/// A code that was given.
struct Code {
    text: String,
    nonce: String,
    at: i64,
    used: bool,
    challenge: Option<String>,
}

pub struct State {
    key: SigningKey,
    /// The published keys.
    pub published: Vec<Value>,
    /// The person there.
    pub person: Map<String, Value>,
    /// `acr`.
    pub acr: String,
    pub signing: Signing,
    pub edit_id_token: Option<Edit>,
    pub edit_userinfo: Option<Edit>,
    pub edit_discovery: Option<Edit>,
    /// Userinfo as it is answered, whatever the person.
    pub raw_userinfo: Option<(&'static str, String)>,
    /// What is signed is encrypted to this key.
    pub encrypt_to: Option<Value>,
    /// Everything answers 503.
    pub down: bool,
    /// Discovery sends there.
    pub redirect: Option<String>,
    /// Each answer takes so long.
    pub pause: Duration,
    /// It is asked as ProConnect is, of professionals.
    pub agents: bool,
    codes: Vec<Code>,
    tokens: Vec<(String, i64)>,
    /// Paths asked for.
    pub asked: Vec<String>,
    /// The assertion that a client authenticated with last.
    pub assertion: Option<String>,
    secret: String,
}

/// It listens as long as the runtime of the test lives.
#[derive(Clone)]
pub struct Upstream {
    port: u16,
    clock: Arc<ManualClock>,
    state: Arc<Mutex<State>>,
}

fn key(alg: Algorithm) -> SigningKey {
    SigningKey::load(alg, &SigningKey::generate(alg).unwrap()).unwrap()
}

fn published(key: &SigningKey) -> Value {
    key.public_jwk().clone()
}

/// A person of the registry.
pub fn angela() -> Value {
    json!({
        "sub": "b6048e95bb134ec5b1d1e1fa69f287172e91722b9354d637a1bcf2ebb0fd2ef5v1",
        "given_name": "Angela Claire Louise", "given_name_array": ["Angela", "Claire", "Louise"], "family_name": "DUBOIS",
        "birthdate": "1962-08-24", "gender": "female", "birthplace": "75107", "birthcountry": "99100",
        "email": "angela@mel.example",
    })
}

impl Upstream {
    pub async fn start(app: &TestApp) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let key = key(Algorithm::ES256);
        let state = State {
            published: vec![published(&key)],
            key,
            person: angela().as_object().unwrap().clone(),
            acr: "eidas1".into(),
            signing: Signing::Rightly,
            edit_id_token: None,
            edit_userinfo: None,
            edit_discovery: None,
            raw_userinfo: None,
            encrypt_to: None,
            down: false,
            redirect: None,
            pause: Duration::ZERO,
            agents: false,
            codes: Vec::new(),
            tokens: Vec::new(),
            asked: Vec::new(),
            assertion: None,
            secret: SECRET.into(),
        };
        let this = Self { port, clock: app.clock.clone(), state: Arc::new(Mutex::new(state)) };
        let served = this.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let upstream = served.clone();
                tokio::spawn(async move {
                    let service = service_fn(move |request| upstream.clone().answer(request));
                    let _ = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
                });
            }
        });
        this
    }

    pub fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    pub fn issuer(&self) -> String {
        format!("http://127.0.0.1:{}/api/v2", self.port)
    }

    /// Its declaration; `more` are further members.
    pub fn declaration(&self, id: &str, more: &str) -> String {
        format!(
            "[[provider]]\nid = \"{id}\"\nkind = \"franceconnect\"\nissuer = \"{}\"\nclient_id = \"{CLIENT_ID}\"\nclient_secret = \"{SECRET}\"\n{more}\n",
            self.issuer()
        )
    }

    /// From now on it signs with another key, published or not.
    pub fn rotate(&self, alg: Algorithm, publish: bool) {
        let mut state = self.state();
        state.key = key(alg);
        if publish {
            let public = published(&state.key);
            state.published.push(public);
        }
    }

    /// The person identifies there, for the request in this address; the path of our callback with the answer.
    pub fn visit(&self, address: &str) -> String {
        let url = Url::parse(address).unwrap();
        assert_eq!(url.path(), "/api/v2/authorize");
        let get = |name: &str| url.query_pairs().find(|(n, _)| n == name).map(|(_, v)| v.into_owned());
        // french-domain §1.3: anything else is refused on a page.
        let mut known =
            vec!["response_type", "client_id", "redirect_uri", "scope", "acr_values", "state", "nonce", "claims", "prompt", "idp_hint"];
        let agents = self.state().agents;
        if agents {
            // french-domain §2.2.
            known.extend(["response_mode", "login_hint", "siret_hint", "code_challenge", "code_challenge_method"]);
            assert_eq!(get("code_challenge_method").as_deref(), Some("S256"));
        }
        for (name, _) in url.query_pairs() {
            assert!(known.contains(&name.as_ref()), "Y030007: {name}");
            assert_eq!(url.query_pairs().filter(|(n, _)| *n == name).count(), 1, "{name} twice");
        }
        assert_eq!(get("response_type").as_deref(), Some("code"));
        assert_eq!(get("client_id").as_deref(), Some(CLIENT_ID));
        assert!(get("scope").unwrap().split(' ').any(|s| s == "openid"));
        assert!(get("nonce").unwrap().len() >= 43 && get("state").unwrap().len() >= 43 && (agents || get("acr_values").is_some()));
        let code = b64u(guichet::base::rng::bytes::<24>(&guichet::base::rng::SystemRng));
        let (text, nonce, at) = (code.clone(), get("nonce").unwrap(), self.clock.now().secs());
        self.state().codes.push(Code { text, nonce, at, used: false, challenge: get("code_challenge") });
        let back = Url::parse(&get("redirect_uri").unwrap()).unwrap();
        let query = super::encode(&[("code", &code), ("state", &get("state").unwrap()), ("iss", &self.issuer())]);
        format!("{}?{query}", back.path())
    }

    async fn answer(self, request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
        let (parts, body) = request.into_parts();
        let body = body.collect().await.map(|b| b.to_bytes()).unwrap_or_default();
        let path = parts.uri.path().to_owned();
        let header = |name: &str| parts.headers.get(name).and_then(|v| v.to_str().ok()).unwrap_or_default().to_owned();
        let pause = self.state().pause;
        tokio::time::sleep(pause).await;
        let (status, kind, body) = {
            self.state().asked.push(path.clone());
            match path.as_str() {
                _ if self.state().down => (503, "text/plain", "down".to_owned()),
                "/api/v2/.well-known/openid-configuration" => (200, "application/json", self.discovery()),
                "/api/v2/jwks" => (200, "application/json", json!({ "keys": self.state().published }).to_string()),
                "/api/v2/token" => self.token(&header("authorization"), &body),
                "/api/v2/userinfo" => self.userinfo(&header("authorization")),
                _ => (404, "text/plain", String::new()),
            }
        };
        let mut response = Response::new(Full::new(Bytes::from(body)));
        *response.status_mut() = StatusCode::from_u16(status).unwrap();
        response.headers_mut().insert("content-type", kind.parse().unwrap());
        if let Some(to) = self.state().redirect.clone().filter(|_| path.ends_with("openid-configuration")) {
            *response.status_mut() = StatusCode::FOUND;
            response.headers_mut().insert("location", to.parse().unwrap());
        }
        Ok(response)
    }

    fn discovery(&self) -> String {
        let issuer = self.issuer();
        let place = |path: &str| format!("{issuer}{path}");
        let mut document = json!({
            "issuer": issuer, "authorization_endpoint": place("/authorize"), "token_endpoint": place("/token"),
            "userinfo_endpoint": place("/userinfo"), "jwks_uri": place("/jwks"), "end_session_endpoint": place("/session/end"),
            "response_types_supported": ["code"], "subject_types_supported": ["pairwise"],
            "id_token_signing_alg_values_supported": ["ES256", "RS256", "HS256"],
            "authorization_response_iss_parameter_supported": true,
        });
        if let (Some(edit), Some(map)) = (&self.state().edit_discovery, document.as_object_mut()) {
            edit(map);
        }
        document.to_string()
    }

    fn token(&self, authorization: &str, body: &[u8]) -> (u16, &'static str, String) {
        let form: Vec<(String, String)> = url::form_urlencoded::parse(body).into_owned().collect();
        let get = |name: &str| form.iter().find(|(n, _)| n == name).map(|(_, v)| v.clone()).unwrap_or_default();
        let basic = format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(format!("{CLIENT_ID}:{SECRET}")));
        let known = authorization == basic
            || (get("client_id") == CLIENT_ID && (get("client_secret") == SECRET || self.asserted(&get("client_assertion"))));
        let refuse = |error: &str| {
            (400, "application/json", json!({ "error": error, "error_uri": "https://docs.example/?code=Y04C013C&id=1" }).to_string())
        };
        if !known || get("grant_type") != "authorization_code" {
            return refuse("invalid_client");
        }
        let now = self.clock.now().secs();
        let mut state = self.state();
        let code = state.codes.iter_mut().find(|code| code.text == get("code") && !code.used && now - code.at <= 30);
        let Some(code) = code else { return refuse("invalid_grant") };
        code.used = true;
        let hashed = (!get("code_verifier").is_empty()).then(|| guichet::crypto::sha256(get("code_verifier").as_bytes()));
        if code.challenge != hashed {
            return refuse("invalid_grant");
        }
        let nonce = code.nonce.clone();
        let access = b64u(guichet::base::rng::bytes::<24>(&guichet::base::rng::SystemRng));
        state.tokens.push((access.clone(), now));
        let claims = json!({
            "iss": self.issuer(), "aud": CLIENT_ID, "sub": state.person["sub"], "iat": now, "exp": now + 60, "nonce": nonce, "acr": state.acr,
            "auth_time": now, "at_hash": Algorithm::ES256.half_hash(&access),
        });
        let mut claims = claims.as_object().unwrap().clone();
        if let Some(edit) = &state.edit_id_token {
            edit(&mut claims);
        }
        let id_token = state.sign(&claims);
        let answer = json!({ "access_token": access, "expires_in": 60, "id_token": id_token, "scope": "openid", "token_type": "Bearer" });
        (200, "application/json", answer.to_string())
    }

    /// RFC 7523: three parts that name us; the signature is checked by the test that looks at it.
    fn asserted(&self, assertion: &str) -> bool {
        self.state().assertion = Some(assertion.to_owned()).filter(|a| !a.is_empty());
        assertion.split('.').count() == 3 && jose::peek::<Value>(assertion).is_ok_and(|c| c["sub"] == CLIENT_ID && c["aud"].is_string())
    }

    fn userinfo(&self, authorization: &str) -> (u16, &'static str, String) {
        let now = self.clock.now().secs();
        let state = self.state();
        if !state.tokens.iter().any(|(token, at)| authorization == format!("Bearer {token}") && now - at <= 60) {
            return (401, "application/json", json!({ "error": "invalid_token" }).to_string());
        }
        if let Some((kind, raw)) = &state.raw_userinfo {
            return (200, kind, raw.clone());
        }
        let mut claims = state.person.clone();
        for (name, value) in [("iss", json!(self.issuer())), ("aud", json!(CLIENT_ID)), ("iat", json!(now)), ("exp", json!(now + 60))] {
            claims.insert(name.into(), value);
        }
        if let Some(edit) = &state.edit_userinfo {
            edit(&mut claims);
        }
        (200, "application/jwt", state.sign(&claims))
    }
}

impl State {
    fn sign(&self, claims: &Map<String, Value>) -> String {
        let signed = self.signed(claims);
        match &self.encrypt_to {
            Some(key) => encrypted(key, &signed),
            None => signed,
        }
    }

    fn signed(&self, claims: &Map<String, Value>) -> String {
        let by_hand = |header: Value, sign: &dyn Fn(&str) -> Vec<u8>| {
            let signed = format!("{}.{}", b64u(header.to_string()), b64u(serde_json::to_vec(claims).unwrap()));
            format!("{signed}.{}", b64u(sign(&signed)))
        };
        match self.signing {
            Signing::Rightly => jose::sign(&self.key, "JWT", claims).unwrap(),
            Signing::Forged => {
                let other = key(self.key.alg());
                by_hand(json!({ "alg": self.key.alg().name(), "kid": self.key.kid() }), &|signed| other.sign(signed.as_bytes()).unwrap())
            }
            Signing::None => by_hand(json!({ "alg": "none" }), &|_| Vec::new()),
            Signing::Hs256 => by_hand(json!({ "alg": "HS256" }), &|signed| {
                let key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, self.secret.as_bytes());
                aws_lc_rs::hmac::sign(&key, signed.as_bytes()).as_ref().to_vec()
            }),
        }
    }
}

/// A nested JWT, as FranceConnect+ sends (french-domain §1.1).
fn encrypted(key: &Value, signed: &str) -> String {
    use josekit::jwe::{self, JweEncrypter, JweHeader};
    let jwk = josekit::jwk::Jwk::from_bytes(key.to_string()).unwrap();
    let mut header = JweHeader::new();
    header.set_content_encryption("A256GCM");
    header.set_content_type("JWT");
    if let Some(kid) = jwk.key_id() {
        header.set_key_id(kid);
    }
    let encrypter: Box<dyn JweEncrypter> = match key["kty"].as_str() {
        Some("EC") => Box::new(jwe::ECDH_ES.encrypter_from_jwk(&jwk).unwrap()),
        _ => Box::new(jwe::RSA_OAEP.encrypter_from_jwk(&jwk).unwrap()),
    };
    jwe::serialize_compact(signed.as_bytes(), &header, encrypter.as_ref()).unwrap()
}
