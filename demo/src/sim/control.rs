//! How a simulator behaves: a page for people, JSON for programs. Nothing of it exists on the real platform.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use askama::Template;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::params::Pairs;
use super::{AGENTS, Agent, App, Client, IDPS, Idp, JOURNAL, PERSONAS, Persona, Platform, Sim, cookie, lock};

/// Longest delay, in milliseconds.
const SLOWEST: u64 = 60_000;
/// Longest body that the journal reads.
const BODY: usize = 64 * 1_024;

macro_rules! faults {
    ($($(#[$doc:meta])* $name:ident = $text:literal, $words:literal;)*) => {
        /// A way to misbehave.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
        pub enum Fault {
            $($(#[$doc])* #[serde(rename = $text)] $name,)*
        }

        impl Fault {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// As the JSON names it.
            pub fn name(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }

            /// As the page says it.
            pub fn words(self) -> &'static str {
                match self { $(Self::$name => $words,)* }
            }
        }
    };
}

faults! {
    /// `state` of the answer is another one.
    WrongState = "wrong_state", "Retour\u{a0}: «\u{a0}state\u{a0}» faux";
    /// The answer has no `state`.
    NoState = "no_state", "Retour\u{a0}: sans «\u{a0}state\u{a0}»";
    /// `iss` of the answer is another one.
    WrongIss = "wrong_iss", "Retour\u{a0}: «\u{a0}iss\u{a0}» faux";
    /// The answer has no `iss`.
    NoIss = "no_iss", "Retour\u{a0}: sans «\u{a0}iss\u{a0}»";
    /// The answer has neither code nor error.
    NoCode = "no_code", "Retour\u{a0}: sans code";
    /// Error descriptions do not end with the code.
    NoErrorCode = "no_error_code", "Retour d’erreur\u{a0}: sans le code Y";
    /// `nonce` of the identity token is another one.
    WrongNonce = "wrong_nonce", "Jeton\u{a0}: «\u{a0}nonce\u{a0}» faux";
    /// No `nonce` in the identity token.
    NoNonce = "no_nonce", "Jeton\u{a0}: sans «\u{a0}nonce\u{a0}»";
    /// Its signature does not verify.
    WrongSignature = "wrong_signature", "Jeton\u{a0}: signature fausse";
    /// Signed by a key that is not published.
    UnknownKey = "unknown_key", "Jeton\u{a0}: clé inconnue";
    /// Signed with the client's secret.
    Hs256 = "hs256", "Jeton\u{a0}: HS256";
    /// Not signed.
    AlgNone = "alg_none", "Jeton\u{a0}: non signé";
    /// For another client.
    WrongAudience = "wrong_audience", "Jeton\u{a0}: autre destinataire";
    /// From another issuer.
    WrongIssuer = "wrong_issuer", "Jeton\u{a0}: autre émetteur";
    /// Two hours old.
    Expired = "expired", "Jeton\u{a0}: expiré";
    /// `at_hash` of another access token.
    WrongAtHash = "wrong_at_hash", "Jeton\u{a0}: «\u{a0}at_hash\u{a0}» faux";
    /// No `at_hash`.
    NoAtHash = "no_at_hash", "Jeton\u{a0}: sans «\u{a0}at_hash\u{a0}»";
    /// A level below the one asked for.
    LowAcr = "low_acr", "Jeton\u{a0}: niveau trop bas";
    /// No level.
    NoAcr = "no_acr", "Jeton\u{a0}: sans niveau";
    /// User information about somebody else.
    OtherSubject = "other_sub", "Identité\u{a0}: autre «\u{a0}sub\u{a0}»";
    /// User information in plain JSON.
    PlainUserinfo = "plain_userinfo", "Identité\u{a0}: JSON non signé";
    /// User information whose signature does not verify.
    WrongUserinfoSignature = "wrong_userinfo_signature", "Identité\u{a0}: signature fausse";
    /// User information for another client.
    WrongUserinfoAudience = "wrong_userinfo_audience", "Identité\u{a0}: autre destinataire";
    /// Markup in names.
    Markup = "markup", "Identité\u{a0}: balises dans les noms";
    /// Control characters in names.
    Controls = "controls", "Identité\u{a0}: caractères de contrôle";
    /// A name of a million characters.
    Huge = "huge", "Identité\u{a0}: un nom d’un million de caractères";
    /// Discovery redirects to an internal address.
    DiscoveryRedirect = "discovery_redirect", "Découverte\u{a0}: redirige vers une adresse interne";
}

/// How a simulator behaves now.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Control {
    /// Endpoints that answer 503: `all`, or `discovery`, `jwks`, `authorize`, `token`, `userinfo`, `logout`, `pages`.
    pub outage: BTreeSet<String>,
    /// Delay of the endpoints named by `slow` (all of them when it is empty), in milliseconds.
    pub slow_ms: u64,
    /// See `slow_ms`.
    pub slow: BTreeSet<String>,
    /// Faults injected.
    pub faults: BTreeSet<Fault>,
    /// As if each request carried `x-suspicious: 1`.
    pub suspicious: bool,
    /// Identity providers switched off (020017).
    pub fi_disabled: BTreeSet<String>,
    /// Identity providers black-listed for every client (020023).
    pub fi_blacklist: BTreeSet<String>,
}

impl Control {
    /// Whether that endpoint is named by `outage`.
    fn is_out(&self, name: &str) -> bool {
        self.outage.contains(name)
    }

    /// Whether that identity provider is switched off.
    pub(super) fn has_cut(&self, idp: &Idp) -> bool {
        self.fi_disabled.contains(idp.uid)
    }

    /// Whether it is black-listed for every client.
    pub(super) fn has_barred(&self, idp: &Idp) -> bool {
        self.fi_blacklist.contains(idp.uid)
    }
}

/// A request received: names of parameters only, never values.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Seen {
    endpoint: &'static str,
    method: String,
    parameters: Vec<String>,
}

fn endpoint(path: &str) -> Option<&'static str> {
    let api = path.strip_prefix("/api/v2");
    Some(match api {
        Some("/.well-known/openid-configuration") => "discovery",
        Some("/jwks") => "jwks",
        Some("/authorize") => "authorize",
        Some("/token") => "token",
        Some("/token/revocation") => "revocation",
        Some("/userinfo") => "userinfo",
        Some("/session/end") => "logout",
        Some(_) => "pages",
        None if path.starts_with("/fi/") => "pages",
        None => return None,
    })
}

/// Notes each request, then lets the control have its way with it.
pub(super) async fn gate(State(sim): App, request: Request, next: Next) -> Response {
    let Some(endpoint) = endpoint(request.uri().path()) else { return next.run(request).await };
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, BODY).await else { return StatusCode::PAYLOAD_TOO_LARGE.into_response() };
    let mut parameters = Pairs::parse(parts.uri.query().unwrap_or_default()).names();
    parameters.extend(Pairs::parse(&String::from_utf8_lossy(&body)).names());
    {
        let mut journal = lock(&sim.journal);
        journal.push_back(Seen { endpoint, method: parts.method.to_string(), parameters });
        if journal.len() > JOURNAL {
            journal.pop_front();
        }
    }
    let control = lock(&sim.control).clone();
    if control.slow_ms > 0 && (control.slow.is_empty() || control.slow.contains(endpoint)) {
        tokio::time::sleep(Duration::from_millis(control.slow_ms.min(SLOWEST))).await;
    }
    if control.is_out("all") || control.is_out(endpoint) {
        return (StatusCode::SERVICE_UNAVAILABLE, "Service indisponible (panne simulée)\n").into_response();
    }
    if endpoint == "discovery" && control.faults.contains(&Fault::DiscoveryRedirect) {
        return Redirect::temporary("http://169.254.169.254/api/v2/.well-known/openid-configuration").into_response();
    }
    next.run(Request::from_parts(parts, Body::from(body))).await
}

/// Hostile names, when asked for.
pub(super) fn spoil(sim: &Sim, claims: &mut Map<String, Value>) {
    let hostile = if sim.with_fault(Fault::Huge) {
        Some("A".repeat(1_000_000))
    } else if sim.with_fault(Fault::Controls) {
        Some("NOM\u{0}\u{7}\u{202e}\r\nX-Injecte: oui".into())
    } else if sim.with_fault(Fault::Markup) {
        Some("<script>alert(1)</script>\"'&{{7*7}}".into())
    } else {
        None
    };
    if let Some(hostile) = hostile {
        for name in ["family_name", "given_name", "preferred_username"] {
            if let Some(value) = claims.get_mut(name) {
                *value = json!(hostile);
            }
        }
    }
}

/// Routes of the control.
pub(super) fn routes() -> Router<Arc<Sim>> {
    Router::new()
        .route("/", get(show).post(submit))
        .route("/api/control", get(read).post(change))
        .route("/api/control/reset", post(reset))
        .route("/api/control/rotate", post(rotate))
        .route("/api/control/requests", get(requests))
        .route("/api/control/clients", get(clients).post(register))
        .route("/api/personas", get(personas))
}

#[derive(Template)]
#[template(path = "sim/control.html")]
struct ControlPage<'a> {
    platform: &'static str,
    issuer: &'a str,
    control: Control,
    faults: &'static [Fault],
    idps: Vec<&'static Idp>,
    personas: &'static [Persona],
    agents: &'static [Agent],
    session: bool,
}

async fn show(State(sim): App, headers: HeaderMap) -> Response {
    let now = sim.ms();
    let session = cookie(&headers, &sim.cookie_name())
        .is_some_and(|id| sim.state().session(&id, now).is_some_and(|s| s.idp.is_some() || s.sso.is_some()));
    let pro = sim.platform == Platform::ProConnect;
    let page = ControlPage {
        platform: sim.platform.name(),
        issuer: &sim.issuer,
        control: lock(&sim.control).clone(),
        faults: Fault::ALL,
        idps: IDPS.iter().filter(|i| !pro && i.serves(sim.platform)).collect(),
        personas: if pro { &[] } else { &PERSONAS },
        agents: if pro { &AGENTS } else { &[] },
        session,
    };
    sim.page(StatusCode::OK, &page)
}

/// The page's form.
async fn submit(State(sim): App, headers: HeaderMap, form: Pairs) -> Response {
    if sim.foreign(&headers) {
        return StatusCode::FORBIDDEN.into_response();
    }
    match form.get("action") {
        Some("remettre") => *lock(&sim.control) = Control::default(),
        Some("cles") => {
            if sim.keys.rotate().is_err() {
                return StatusCode::INTERNAL_SERVER_ERROR.into_response();
            }
        }
        _ => {
            let all = |name| form.all(name).map(str::to_owned).collect();
            *lock(&sim.control) = Control {
                outage: all("panne"),
                slow_ms: form.get("lenteur").and_then(|v| v.parse().ok()).unwrap_or(0),
                slow: BTreeSet::new(),
                faults: Fault::ALL.iter().copied().filter(|f| form.all("defaut").any(|d| d == f.name())).collect(),
                suspicious: form.get("suspect").is_some(),
                fi_disabled: all("fi_coupe"),
                fi_blacklist: all("fi_refuse"),
            };
        }
    }
    Redirect::to("/").into_response()
}

fn state_of(sim: &Sim) -> Response {
    ([(header::CACHE_CONTROL, "no-store")], Json(lock(&sim.control).clone())).into_response()
}

async fn read(State(sim): App) -> Response {
    state_of(&sim)
}

/// Members given replace those that are there.
async fn change(State(sim): App, headers: HeaderMap, Json(given): Json<Map<String, Value>>) -> Response {
    if sim.foreign(&headers) {
        return StatusCode::FORBIDDEN.into_response();
    }
    let mut merged = match serde_json::to_value(lock(&sim.control).clone()) {
        Ok(Value::Object(members)) => members,
        _ => Map::new(),
    };
    merged.extend(given);
    match serde_json::from_value(Value::Object(merged)) {
        Ok(control) => {
            *lock(&sim.control) = control;
            state_of(&sim)
        }
        Err(error) => (StatusCode::BAD_REQUEST, Json(json!({ "error": error.to_string() }))).into_response(),
    }
}

async fn reset(State(sim): App, headers: HeaderMap) -> Response {
    if sim.foreign(&headers) {
        return StatusCode::FORBIDDEN.into_response();
    }
    *lock(&sim.control) = Control::default();
    lock(&sim.journal).clear();
    state_of(&sim)
}

async fn rotate(State(sim): App, headers: HeaderMap) -> Response {
    match (sim.foreign(&headers), sim.keys.rotate()) {
        (true, _) => StatusCode::FORBIDDEN.into_response(),
        (false, Ok(())) => StatusCode::NO_CONTENT.into_response(),
        (false, Err(_)) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

async fn requests(State(sim): App) -> Response {
    Json(lock(&sim.journal).iter().cloned().collect::<Vec<_>>()).into_response()
}

async fn clients(State(sim): App) -> Response {
    Json(lock(&sim.clients).clone()).into_response()
}

/// Adds a client, or replaces the one of that identifier.
async fn register(State(sim): App, headers: HeaderMap, Json(client): Json<Client>) -> Response {
    if sim.foreign(&headers) {
        return StatusCode::FORBIDDEN.into_response();
    }
    let mut clients = lock(&sim.clients);
    clients.retain(|c| c.client_id != client.client_id);
    clients.push(client);
    StatusCode::CREATED.into_response()
}

/// Who there is, and what happens to them.
async fn personas() -> Response {
    use super::persona::{Account, Civil};
    let code = |p: &Persona| match (p.given.faults().is_empty(), p.civil, p.account) {
        (false, _, _) => Some("600006"),
        (true, Civil::Refused(code), _) => Some(code),
        (true, _, Account::Deactivated) => Some("180001"),
        (true, _, Account::Blocks(_)) => Some("100011"),
        (true, Civil::Same | Civil::Rectified(_), Account::Open) => None,
    };
    let list: Vec<Value> = PERSONAS
        .iter()
        .map(|p| {
            let registered = p.registered().map(|i| i.pivot("")).ok();
            json!({ "id": p.id, "title": p.title, "about": p.about, "email": p.given.email, "code": code(p), "registered": registered })
        })
        .collect();
    Json(list).into_response()
}
