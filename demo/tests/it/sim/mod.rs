//! The simulators against the rules of the reference (french-domain §1): each table below is one of its tables.

mod claims;
mod errors;
mod faults;
mod parameters;
mod plus;
mod pro;
mod sessions;
mod tokens;

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode, header};
use guichet::base::rng::SeededRng;
use guichet_demo::sim::{Client, Platform, Settings, Simulator};
use josekit::jwk::{Jwk, JwkSet};
use josekit::{jws, jwt};
use serde_json::{Map, Value};
use tower::ServiceExt;
use url::Url;

pub const BASE: &str = "http://fc.test";
pub const ISSUER: &str = "http://fc.test/api/v2";
pub const CALLBACK: &str = "http://fs.test/retour";
pub const OUT: &str = "http://fs.test/deconnecte";
pub const SECRET: &str = "un-secret-de-plus-de-trente-deux-octets";
pub const STATE: &str = "etat-de-ce-navigateur-et-de-nul-autre";
pub const NONCE: &str = "0123456789-0123456789-0123456789";
/// 2026-03-02T09:00:00Z
const START: i64 = 1_772_442_000_000;

/// A client that may ask for everything.
pub fn client() -> Client {
    let scopes = "openid profile birth identite_pivot given_name family_name gender birthdate birthplace birthcountry email \
                  preferred_username idp_birthdate idp_id amr rnipp_identite_pivot";
    Client {
        client_id: "fs".into(),
        client_secret: SECRET.into(),
        name: "Un service".into(),
        entity_id: "entite".into(),
        scopes: scopes.split_whitespace().map(str::to_owned).collect(),
        claims: vec!["amr".into()],
        redirect_uris: vec![CALLBACK.into()],
        post_logout_redirect_uris: vec![OUT.into()],
        ..Client::default()
    }
}

/// The parameters that a partner documents, and nothing else.
pub fn request() -> Vec<(&'static str, String)> {
    [
        ("client_id", "fs"),
        ("response_type", "code"),
        ("redirect_uri", CALLBACK),
        ("scope", "openid identite_pivot email"),
        ("state", STATE),
        ("nonce", NONCE),
        ("acr_values", "eidas1"),
    ]
    .map(|(n, v)| (n, v.to_owned()))
    .to_vec()
}

/// The same with these instead, or beside.
pub fn with(changes: &[(&'static str, &str)]) -> Vec<(&'static str, String)> {
    let mut all = request();
    for (name, value) in changes {
        all.retain(|(n, _)| n != name);
        all.push((name, (*value).to_owned()));
    }
    all
}

/// An answer.
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: String,
}

impl Answer {
    pub fn location(&self) -> &str {
        self.headers.get(header::LOCATION).unwrap_or_else(|| panic!("{}: {}", self.status, self.body)).to_str().unwrap()
    }

    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("{}: {}", self.status, self.body))
    }

    /// The code an error page shows.
    pub fn code(&self) -> &str {
        let after = self.body.split("id=\"code\">").nth(1).unwrap_or_else(|| panic!("{}: {}", self.status, self.body));
        after.split('<').next().unwrap()
    }

    /// Where « back to the service » leads.
    pub fn back(&self) -> HashMap<String, String> {
        let after = self.body.split("id=\"back-to-sp\" href=\"").nth(1).unwrap_or_else(|| panic!("{}: {}", self.status, self.body));
        query(&after.split('"').next().unwrap().replace("&#38;", "&"))
    }
}

/// The parameters of an address on the callback.
pub fn query(url: &str) -> HashMap<String, String> {
    assert!(url.starts_with(CALLBACK), "{url}");
    Url::parse(url).unwrap().query_pairs().into_owned().collect()
}

/// A simulator, its clock, and one browser.
pub struct World {
    pub sim: Simulator,
    router: Router,
    clock: Arc<AtomicI64>,
    pub jar: HashMap<String, String>,
    pub headers: Vec<(&'static str, &'static str)>,
}

impl World {
    pub fn new(clients: Vec<Client>) -> Self {
        Self::on(Platform::FranceConnect, clients, None)
    }

    pub fn on(platform: Platform, clients: Vec<Client>, smtp: Option<SocketAddr>) -> Self {
        let clock = Arc::new(AtomicI64::new(START));
        let now = clock.clone();
        let sim = Simulator::new(Settings {
            platform,
            base_url: BASE.into(),
            clients,
            now: Arc::new(move || now.load(Ordering::Relaxed)),
            rng: Arc::new(SeededRng::new(1)),
            smtp,
            resolve: vec![],
        })
        .unwrap();
        Self { router: sim.router(), sim, clock, jar: HashMap::new(), headers: vec![] }
    }

    /// Time passes.
    pub fn wait(&self, seconds: i64) {
        self.clock.fetch_add(seconds * 1_000, Ordering::Relaxed);
    }

    /// Now, in Unix seconds.
    pub fn now(&self) -> i64 {
        self.clock.load(Ordering::Relaxed) / 1_000
    }

    /// Another browser of the same simulator.
    pub fn other(&self) -> Self {
        Self { sim: self.sim.clone(), router: self.router.clone(), clock: self.clock.clone(), jar: HashMap::new(), headers: vec![] }
    }

    pub async fn send(&mut self, method: &str, url: &str, headers: &[(&str, String)], body: String) -> Answer {
        let path = url.strip_prefix(BASE).unwrap_or(url);
        let mut request = Request::builder().method(method).uri(path);
        let cookies: Vec<String> = self.jar.iter().map(|(n, v)| format!("{n}={v}")).collect();
        if !cookies.is_empty() {
            request = request.header(header::COOKIE, cookies.join("; "));
        }
        for (name, value) in &self.headers {
            request = request.header(*name, *value);
        }
        for (name, value) in headers {
            request = request.header(*name, value);
        }
        let answer = self.router.clone().oneshot(request.body(Body::from(body)).unwrap()).await.unwrap();
        for cookie in answer.headers().get_all(header::SET_COOKIE) {
            let (name, value) = cookie.to_str().unwrap().split(';').next().unwrap().split_once('=').unwrap();
            self.jar.insert(name.into(), value.into());
        }
        let (parts, body) = answer.into_parts();
        let body = String::from_utf8(to_bytes(body, 8_000_000).await.unwrap().to_vec()).unwrap();
        Answer { status: parts.status, headers: parts.headers, body }
    }

    pub async fn get(&mut self, url: &str) -> Answer {
        self.send("GET", url, &[], String::new()).await
    }

    pub async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let kind = ("content-type", "application/x-www-form-urlencoded".to_owned());
        self.send("POST", path, &[kind, ("origin", BASE.into())], body).await
    }

    pub async fn authorize(&mut self, parameters: &[(&'static str, String)]) -> Answer {
        let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(parameters).finish();
        self.get(&format!("/api/v2/authorize?{query}")).await
    }

    /// Sends the form of `page` that has this field and value, with its other fields.
    pub async fn submit(&mut self, page: &Answer, name: &str, value: &str) -> Answer {
        let form = page.body.split("<form").find(|f| f.contains(&format!("name=\"{name}\" value=\"{value}\"")));
        let form = form.unwrap_or_else(|| panic!("no {name}={value}: {}", page.body)).split("</form>").next().unwrap();
        let between = |text: &str, from: &str| text.split(from).nth(1).and_then(|t| t.split('"').next()).unwrap_or_default().to_owned();
        let action = between(form, "action=\"");
        let hidden = form.split("type=\"hidden\"").skip(1).map(|i| (between(i, "name=\""), between(i, "value=\"")));
        let mut fields: Vec<(String, String)> = hidden.filter(|(n, _)| n != name).collect();
        fields.push((name.into(), value.into()));
        let fields: Vec<(&str, &str)> = fields.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        self.post(&action, &fields).await
    }

    /// From the request to the identity provider's page.
    pub async fn at_idp(&mut self, parameters: &[(&'static str, String)], idp: &str) -> Answer {
        let answer = self.authorize(parameters).await;
        let page = self.get(answer.location()).await;
        assert_eq!(page.status, StatusCode::OK, "{}", page.body);
        let answer = self.submit(&page, "providerUid", idp).await;
        self.get(answer.location()).await
    }

    /// The identity provider's answer, and what FranceConnect makes of it: a redirect or an error page.
    pub async fn answer(&mut self, page: &Answer, persona: &str, fields: &[(&str, &str)]) -> Answer {
        let between = |from: &str| page.body.split(from).nth(1).and_then(|t| t.split('"').next()).unwrap().to_owned();
        let (action, state) = (between("action=\""), between("name=\"state\" value=\""));
        let mut all = vec![("state", state.as_str()), ("persona", persona)];
        all.extend(fields);
        let answer = self.post(&action, &all).await;
        self.get(answer.location()).await
    }

    /// As far as the page before return, or the error page.
    pub async fn recognised(&mut self, parameters: &[(&'static str, String)], idp: &str, persona: &str) -> Answer {
        let page = self.at_idp(parameters, idp).await;
        let answer = self.answer(&page, persona, &[]).await;
        match answer.status {
            StatusCode::SEE_OTHER => self.get(answer.location()).await,
            _ => answer,
        }
    }

    /// All the way: the parameters of the callback.
    pub async fn sign_in_as(&mut self, parameters: &[(&'static str, String)], idp: &str, persona: &str) -> HashMap<String, String> {
        let page = self.recognised(parameters, idp, persona).await;
        let uid = page.body.split("name=\"uid\" value=\"").nth(1).unwrap_or_else(|| panic!("{}", page.body)).split('"').next().unwrap();
        let answer = self.submit(&page, "uid", uid).await;
        query(answer.location())
    }

    pub async fn sign_in(&mut self, persona: &str) -> HashMap<String, String> {
        self.sign_in_as(&request(), "impots", persona).await
    }

    /// The token endpoint, as the client documents it.
    pub async fn token(&mut self, code: &str) -> Answer {
        let fields = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", CALLBACK),
            ("client_id", "fs"),
            ("client_secret", SECRET),
        ];
        self.other().post("/api/v2/token", &fields).await
    }

    pub async fn userinfo(&mut self, access: &str) -> Answer {
        self.other().send("GET", "/api/v2/userinfo", &[("authorization", format!("Bearer {access}"))], String::new()).await
    }

    /// Verifies a JWT against the published keys; its algorithm and claims.
    pub async fn verified(&mut self, token: &str) -> (String, Map<String, Value>) {
        let jwks = self.other().get("/api/v2/jwks").await.body;
        let header = jwt::decode_header(token).unwrap();
        let text = |name| header.claim(name).unwrap().as_str().unwrap().to_owned();
        let set = JwkSet::from_bytes(jwks).unwrap();
        let key: &Jwk = set.keys().into_iter().find(|k| k.key_id() == Some(&text("kid"))).expect("a published key");
        assert_eq!(key.algorithm(), Some(text("alg").as_str()));
        let (payload, _) = match text("alg").as_str() {
            "ES256" => jws::deserialize_compact(token, &jws::ES256.verifier_from_jwk(key).unwrap()).unwrap(),
            "RS256" => jws::deserialize_compact(token, &jws::RS256.verifier_from_jwk(key).unwrap()).unwrap(),
            other => panic!("{other}"),
        };
        (text("alg"), serde_json::from_slice(&payload).unwrap())
    }

    /// Signs a persona in and answers the claims of their identity token and of user information.
    pub async fn everything(
        &mut self,
        parameters: &[(&'static str, String)],
        idp: &str,
        persona: &str,
    ) -> (Map<String, Value>, Map<String, Value>) {
        let back = self.sign_in_as(parameters, idp, persona).await;
        let tokens = self.token(&back["code"]).await.json();
        let info = self.userinfo(tokens["access_token"].as_str().unwrap()).await;
        assert_eq!(info.headers["content-type"], "application/jwt", "{}", info.body);
        (self.verified(tokens["id_token"].as_str().unwrap()).await.1, self.verified(&info.body).await.1)
    }
}
