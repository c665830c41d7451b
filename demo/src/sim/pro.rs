//! ProConnect's own journey (§2.2 to §2.5): an address first, then the provider it leads to, then a code by e-mail when a
//! second factor is demanded; no page before return.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use guichet::base::encode::hex;
use guichet::base::rng;
use serde_json::Value;

use super::agent::{self, AGENTS, Agent, Employer};
use super::errors::{Back, Refusal};
use super::params::{self, Pairs, ProRequest};
use super::state::{Code, Grant, Session};
use super::{App, CODE_MS, Client, Fault, Sim, alert, cookie, redirect};

/// Life of the e-mail code, in milliseconds, and how many tries it has.
const MAIL_CODE_MS: i64 = 3_600_000;
const TRIES: u32 = 10;

/// An authorization under way.
#[derive(Clone)]
pub(super) struct ProJourney {
    pub uid: String,
    request: ProRequest,
    /// Levels of which one is demanded.
    essential: Vec<String>,
    ends: i64,
    email: Option<String>,
    at: Option<&'static Employer>,
    done: Option<Done>,
}

/// Who came, and the code that is missing.
#[derive(Clone)]
struct Done {
    agent: &'static Agent,
    code: String,
    sent: i64,
    tries: u32,
}

/// A person already recognised.
#[derive(Clone)]
pub(super) struct ProRecognised {
    agent: &'static Agent,
    acr: String,
    amr: Vec<&'static str>,
    at: i64,
    login_hint: Option<String>,
    idp_hint: Option<String>,
}

struct Seen {
    session: String,
    csrf: String,
    journey: ProJourney,
    client: Client,
}

impl Seen {
    fn back(&self) -> Back {
        let request = &self.journey.request;
        Back { name: self.client.name.clone(), redirect_uri: request.redirect_uri.clone(), state: request.state.clone() }
    }

    fn refusal(&self, code: &'static str) -> Refusal {
        Refusal::new(code).back(self.back())
    }
}

impl Sim {
    fn pro_seen(&self, headers: &HeaderMap, uid: &str) -> Result<Seen, Refusal> {
        let id = cookie(headers, &self.cookie_name()).ok_or_else(|| Refusal::new("190001"))?;
        let now = self.ms();
        let mut state = self.state();
        let session = state.session(&id, now).ok_or_else(|| Refusal::new("190001"))?;
        let journey = session.pro.iter().find(|j| j.uid == uid && j.ends > now).cloned().ok_or_else(|| Refusal::new("030025"))?;
        let csrf = session.csrf.clone();
        drop(state);
        let client = self.client(&journey.request.client_id).ok_or_else(|| Refusal::new("030027"))?;
        Ok(Seen { session: id, csrf, journey, client })
    }

    fn pro_keep(&self, seen: &Seen, change: impl FnOnce(&mut ProJourney)) {
        let now = self.ms();
        if let Some(journey) = self.state().session(&seen.session, now).and_then(|s| s.pro.iter_mut().find(|j| j.uid == seen.journey.uid)) {
            change(journey);
        }
    }

    fn pro_own(&self, headers: &HeaderMap, seen: &Seen, form: &Pairs) -> Result<(), Refusal> {
        match !self.foreign(headers) && form.get("csrfToken") == Some(&seen.csrf) {
            true => Ok(()),
            false => Err(seen.refusal("470001")),
        }
    }
}

pub(super) async fn get(State(sim): App, headers: HeaderMap, RawQuery(query): RawQuery) -> Response {
    let answer = begin(&sim, &headers, &Pairs::parse(&query.unwrap_or_default()));
    sim.answer(answer)
}

pub(super) async fn post(State(sim): App, headers: HeaderMap, pairs: Pairs) -> Response {
    let answer = begin(&sim, &headers, &pairs);
    sim.answer(answer)
}

fn begin(sim: &Arc<Sim>, headers: &HeaderMap, pairs: &Pairs) -> Result<Response, Refusal> {
    let request = params::pro_authorize(pairs).map_err(|why| Refusal::new("000400").because(why))?;
    let client = sim.client(&request.client_id).ok_or_else(|| Refusal::new("04EA6EF"))?;
    if !client.redirect_uris.contains(&request.redirect_uri) {
        return Err(Refusal::new("04C013C").because(request.redirect_uri));
    }
    let back = Back { name: client.name.clone(), redirect_uri: request.redirect_uri.clone(), state: request.state.clone() };
    let sent = |error: &str, why: &str| Ok(redirect(&sim.callback(&back, &[("error", error), ("error_description", why)]), &[]));
    if request.response_type != "code" {
        return sent("unsupported_response_type", "unsupported response_type requested");
    }
    if let Some(scope) = request.scope.iter().find(|s| *s != "openid" && is_scope(s) && !client.scopes.contains(s)) {
        return sent("invalid_scope", &format!("requested scope is not allowed: {scope}"));
    }
    let Ok(essential) = essential(&request) else { return sent("invalid_request", "could not parse the claims parameter JSON") };
    let now = sim.ms();
    let (life, _) = sim.platform.session();
    let known = cookie(headers, &sim.cookie_name());
    let mut state = sim.state();
    let (id, cookies) = match known.filter(|id| state.session(id, now).is_some()) {
        Some(id) => (id, vec![]),
        None => {
            let id = sim.random();
            state.open(id.clone(), Session { ends: now + life, csrf: sim.random(), ..Session::default() });
            (id.clone(), vec![format!("{}={id}; Path=/; HttpOnly; SameSite=Lax", sim.cookie_name())])
        }
    };
    let Some(session) = state.session(&id, now) else { return Err(Refusal::new("190001")) };
    let journey = ProJourney { uid: sim.random(), request, essential, ends: session.ends, email: None, at: None, done: None };
    let strongest = journey.essential.iter().any(|acr| acr == "eidas2" || acr == "eidas3");
    let same = |known: &&ProRecognised| {
        let request = &journey.request;
        let hints = [(&request.login_hint, &known.login_hint), (&request.idp_hint, &known.idp_hint)];
        hints.into_iter().all(|(asked, had)| asked.is_none() || asked == had)
            && (journey.essential.is_empty() || journey.essential.contains(&known.acr))
            && !strongest
            && !request.prompt.iter().any(|p| p == "login" || p == "select_account")
    };
    let sso = session.recognised.as_ref().filter(same).cloned();
    let silent = journey.request.prompt == ["none"];
    if sso.is_none() && silent {
        drop(state);
        return sent("login_required", "End-User authentication is required");
    }
    let uid = journey.uid.clone();
    let by_hint = journey.request.idp_hint.as_deref().and_then(agent::employer).is_some() || journey.request.login_hint.is_some();
    session.pro.push(journey.clone());
    let csrf = session.csrf.clone();
    drop(state);
    let seen = Seen { session: id, csrf, journey, client };
    match sso {
        Some(known) => finish(sim, &seen, known),
        None if by_hint => {
            let request = &seen.journey.request;
            let hinted = request.idp_hint.as_deref().and_then(agent::employer);
            let at = hinted.or_else(|| request.login_hint.as_deref().and_then(agent::route));
            sim.pro_keep(&seen, |j| (j.at, j.email) = (at, j.request.login_hint.clone()));
            Ok(redirect(&format!("{}/interaction/{uid}/fi", sim.issuer), &cookies))
        }
        None => Ok(redirect(&format!("{}/interaction/{uid}", sim.issuer), &cookies)),
    }
}

fn is_scope(name: &str) -> bool {
    agent::SCOPES.iter().any(|(scope, _)| *scope == name) || name == "amr"
}

/// Levels demanded through `claims`.
fn essential(request: &ProRequest) -> Result<Vec<String>, serde_json::Error> {
    let Some(text) = &request.claims else { return Ok(vec![]) };
    let claims: Value = serde_json::from_str(text)?;
    let acr = claims.pointer("/id_token/acr").filter(|acr| acr.get("essential") == Some(&Value::Bool(true)));
    let one = acr.and_then(|a| a.get("value")).and_then(Value::as_str).map(str::to_owned);
    let many = acr.and_then(|a| a.get("values")).and_then(Value::as_array).into_iter().flatten();
    Ok(many.filter_map(|v| v.as_str().map(str::to_owned)).chain(one).collect())
}

#[derive(Template)]
#[template(path = "sim/address.html")]
struct AddressPage<'a> {
    platform: &'static str,
    service: &'a str,
    uid: &'a str,
    csrf: &'a str,
    wrong: bool,
}

/// « What is your professional address? »
pub(super) async fn ask(State(sim): App, headers: HeaderMap, Path(uid): Path<String>) -> Response {
    let shown = || {
        let seen = sim.pro_seen(&headers, &uid)?;
        Ok(address(&sim, &seen, false))
    };
    sim.answer(shown())
}

fn address(sim: &Sim, seen: &Seen, wrong: bool) -> Response {
    let status = if wrong { StatusCode::BAD_REQUEST } else { StatusCode::OK };
    let (service, uid, csrf) = (&seen.client.name, &seen.journey.uid, &seen.csrf);
    sim.page(status, &AddressPage { platform: sim.platform.name(), service, uid, csrf, wrong })
}

/// The address leads to a provider.
pub(super) async fn route(State(sim): App, headers: HeaderMap, Path(uid): Path<String>, form: Pairs) -> Response {
    let routed = || {
        let seen = sim.pro_seen(&headers, &uid)?;
        sim.pro_own(&headers, &seen, &form)?;
        let email = form.get("email").unwrap_or_default().trim().to_lowercase();
        let Some(at) = agent::route(&email).filter(|_| params::is_email(&email)) else { return Ok(address(&sim, &seen, true)) };
        sim.pro_keep(&seen, |j| (j.at, j.email) = (Some(at), Some(email)));
        Ok(redirect(&format!("{}/interaction/{uid}/fi", sim.issuer), &[]))
    };
    sim.answer(routed())
}

#[derive(Template)]
#[template(path = "sim/agents.html")]
struct AgentsPage<'a> {
    idp: &'static Employer,
    uid: &'a str,
    csrf: &'a str,
    email: &'a str,
    agents: Vec<&'static Agent>,
}

/// The provider's page: who is it?
pub(super) async fn idp_page(State(sim): App, headers: HeaderMap, Path(uid): Path<String>) -> Response {
    let shown = || {
        let seen = sim.pro_seen(&headers, &uid)?;
        let Some(idp) = seen.journey.at else { return Err(seen.refusal("100004")) };
        let agents = AGENTS.iter().filter(|a| a.employer == idp.uid).collect();
        let email = seen.journey.email.as_deref().unwrap_or_default();
        Ok(sim.page(StatusCode::OK, &AgentsPage { idp, uid: &uid, csrf: &seen.csrf, email, agents }))
    };
    sim.answer(shown())
}

/// The provider's answer.
pub(super) async fn idp_answer(State(sim): App, headers: HeaderMap, Path(uid): Path<String>, form: Pairs) -> Response {
    let answered = || {
        let seen = sim.pro_seen(&headers, &uid)?;
        sim.pro_own(&headers, &seen, &form)?;
        let found = form.get("persona").and_then(agent::find).filter(|a| seen.journey.at.is_some_and(|at| at.uid == a.employer));
        let Some(agent) = found else { return Err(seen.refusal("020026")) };
        if agent.blocked {
            return Err(seen.refusal("500024"));
        }
        if !agent.at_home() {
            return Err(seen.refusal("500027"));
        }
        if !agent.public && !seen.client.private {
            return Err(seen.refusal("500015"));
        }
        let (acr, demanded) = (agent.level(), &seen.journey.essential);
        if demanded.is_empty() || demanded.iter().any(|d| d == acr) {
            return finish(&sim, &seen, recognised(&sim, &seen, agent, acr.to_owned(), agent.amr.to_vec()));
        }
        let raised = format!("{acr}-mfa");
        if !demanded.contains(&raised) || agent.amr.contains(&"mail") {
            return Ok(unmet(&sim, &seen));
        }
        let code = format!("{:08}", u32::from_le_bytes(rng::bytes::<4>(sim.rng.as_ref())) % 100_000_000);
        alert::send_code(&sim, agent.email, &code);
        let done = Done { agent, code, sent: sim.ms(), tries: 0 };
        sim.pro_keep(&seen, |j| j.done = Some(done));
        Ok(redirect(&format!("{}/interaction/{uid}/code", sim.issuer), &[]))
    };
    sim.answer(answered())
}

fn unmet(sim: &Sim, seen: &Seen) -> Response {
    let parameters = [("error", "access_denied"), ("error_description", "requested ACRs could not be satisfied")];
    redirect(&sim.callback(&seen.back(), &parameters), &[])
}

fn recognised(sim: &Sim, seen: &Seen, agent: &'static Agent, acr: String, amr: Vec<&'static str>) -> ProRecognised {
    let request = &seen.journey.request;
    ProRecognised { agent, acr, amr, at: sim.ms() / 1_000, login_hint: request.login_hint.clone(), idp_hint: request.idp_hint.clone() }
}

#[derive(Template)]
#[template(path = "sim/code.html")]
struct CodePage<'a> {
    platform: &'static str,
    uid: &'a str,
    csrf: &'a str,
    email: &'static str,
    wrong: bool,
}

/// « Type the code received by e-mail. »
pub(super) async fn code_page(State(sim): App, headers: HeaderMap, Path(uid): Path<String>) -> Response {
    let shown = || {
        let seen = sim.pro_seen(&headers, &uid)?;
        let Some(done) = &seen.journey.done else { return Err(seen.refusal("100004")) };
        let page = CodePage { platform: sim.platform.name(), uid: &uid, csrf: &seen.csrf, email: done.agent.email, wrong: done.tries > 0 };
        Ok(sim.page(StatusCode::OK, &page))
    };
    sim.answer(shown())
}

pub(super) async fn code_answer(State(sim): App, headers: HeaderMap, Path(uid): Path<String>, form: Pairs) -> Response {
    let answered = || {
        let seen = sim.pro_seen(&headers, &uid)?;
        sim.pro_own(&headers, &seen, &form)?;
        let Some(done) = &seen.journey.done else { return Err(seen.refusal("100004")) };
        let typed: String = form.get("code").unwrap_or_default().chars().filter(char::is_ascii_digit).collect();
        if done.tries >= TRIES || sim.ms() >= done.sent + MAIL_CODE_MS {
            return Ok(unmet(&sim, &seen));
        }
        if typed != done.code {
            sim.pro_keep(&seen, |j| {
                if let Some(done) = &mut j.done {
                    done.tries += 1;
                }
            });
            return Ok(redirect(&format!("{}/interaction/{uid}/code", sim.issuer), &[]));
        }
        let amr = done.agent.amr.iter().copied().chain(["mail", "mfa"]).collect();
        finish(&sim, &seen, recognised(&sim, &seen, done.agent, format!("{}-mfa", done.agent.level()), amr))
    };
    sim.answer(answered())
}

/// Mints the code and returns to the service, without a page.
fn finish(sim: &Sim, seen: &Seen, known: ProRecognised) -> Result<Response, Refusal> {
    let request = &seen.journey.request;
    let scopes: Vec<String> = request.scope.iter().filter(|s| is_scope(s)).cloned().collect();
    let mut claims = known.agent.claims(&scopes, request.siret_hint.as_deref());
    super::control::spoil(sim, &mut claims);
    let amr = scopes.iter().any(|s| s == "amr") || request.claims.as_deref().is_some_and(|c| c.contains("\"amr\""));
    let grant = Grant {
        client_id: request.client_id.clone(),
        redirect_uri: request.redirect_uri.clone(),
        nonce: request.nonce.clone(),
        challenge: request.code_challenge.clone(),
        scopes,
        sub: subject(sim, known.agent.account),
        acr: known.acr.clone(),
        amr: amr.then(|| known.amr.clone()),
        auth_time: known.at,
        claims,
    };
    let (code, now) = (sim.random(), sim.ms());
    let mut state = sim.state();
    let Some(session) = state.session(&seen.session, now) else { return Err(seen.refusal("190001")) };
    session.pro.retain(|j| j.uid != seen.journey.uid);
    session.idp = Some(known.agent.employer.into());
    session.recognised = Some(known);
    state.keep_code(code.clone(), Code { grant: Arc::new(grant), ends: now + CODE_MS, used: None });
    drop(state);
    let parameters: &[_] = if sim.with_fault(Fault::NoCode) { &[] } else { &[("code", code.as_str())] };
    Ok(redirect(&sim.callback(&seen.back(), parameters), &[]))
}

/// A public subject in the shape of a UUID: the account's, whatever the provider.
fn subject(sim: &Sim, account: &str) -> String {
    let hash = hex(sim.device.tag(&["account", account]).as_bytes());
    let part = |from, to| hash.get(from..to).unwrap_or_default();
    format!("{}-{}-4{}-8{}-{}", part(0, 8), part(8, 12), part(13, 16), part(17, 20), part(20, 32))
}
