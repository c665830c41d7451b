//! `/authorize`: the strict check of parameters, then the choice of an identity provider or the session's own answer.

use std::sync::Arc;

use axum::extract::{RawQuery, State};
use axum::http::HeaderMap;
use axum::response::Response;
use serde_json::Value;

use super::errors::{Back, Refusal, known};
use super::params::{self, Pairs, Request};
use super::state::{Journey, Session, Step};
use super::{App, Client, Sim, cookie, idp, lock, redirect, scopes};

/// Levels that exist, the lowest first (§1.5).
const LEVELS: [&str; 3] = ["eidas1", "eidas2", "eidas3"];

pub(super) async fn get(State(sim): App, headers: HeaderMap, RawQuery(query): RawQuery) -> Response {
    let answer = begin(&sim, &headers, &Pairs::parse(&query.unwrap_or_default()));
    sim.answer(answer)
}

pub(super) async fn post(State(sim): App, headers: HeaderMap, pairs: Pairs) -> Response {
    let answer = begin(&sim, &headers, &pairs);
    sim.answer(answer)
}

/// An error that the client receives at once.
struct Sent {
    error: &'static str,
    description: String,
}

fn sent(error: &'static str, description: impl Into<String>) -> Sent {
    Sent { error, description: description.into() }
}

fn begin(sim: &Arc<Sim>, headers: &HeaderMap, pairs: &Pairs) -> Result<Response, Refusal> {
    let request = params::authorize(pairs).map_err(|why| Refusal::new("030007").because(why))?;
    let client = sim.client(&request.client_id).ok_or_else(|| Refusal::new("04EA6EF"))?;
    if !client.redirect_uris.contains(&request.redirect_uri) {
        return Err(Refusal::new("04C013C").because(request.redirect_uri));
    }
    let back = Back::of(&client, &request);
    let amr = wants_amr(&client, &request).map_err(|code| Refusal::new(code).back(back.clone()))?;
    let scopes_and_level = check(sim, &client, &request);
    let (scopes, acr) = match scopes_and_level {
        Ok(found) => found,
        Err(Sent { error, description }) => {
            let url = sim.callback(&back, &[("error", error), ("error_description", &description)]);
            let fragment = request.response_type.split(' ').any(|t| t == "token" || t == "id_token");
            return Ok(redirect(&if fragment { url.replacen('?', "#", 1) } else { url }, &[]));
        }
    };
    if let Some(hint) = &request.idp_hint
        && !(client.allowed_idp_hints.contains(hint) && idp::find(hint).is_some())
        && let Some(found) = known("030032")
    {
        return Ok(redirect(&sim.error_url(&back, found), &[]));
    }
    let suspicious = lock(&sim.control).suspicious || headers.get("x-suspicious").is_some_and(|v| v.as_bytes() == b"1");
    let journey = Journey {
        uid: sim.random(),
        request,
        scopes,
        acr,
        amr,
        suspicious,
        ends: sim.ms() + sim.platform.session().0,
        step: Step::Choosing,
    };
    start(sim, headers, &client, journey)
}

/// Puts the journey in the browser's session, and goes to its first page.
fn start(sim: &Sim, headers: &HeaderMap, client: &Client, mut journey: Journey) -> Result<Response, Refusal> {
    let now = sim.ms();
    let (life, _) = sim.platform.session();
    let known = cookie(headers, &sim.cookie_name());
    let mut state = sim.state();
    let (id, cookies) = match known.filter(|id| state.session(id, now).is_some()) {
        Some(id) => (id, vec![]),
        None => {
            let id = sim.random();
            let cookie = format!("{}={id}; Path=/; HttpOnly; SameSite=Lax", sim.cookie_name());
            state.open(id.clone(), Session { ends: now + life, csrf: sim.random(), ..Session::default() });
            (id, vec![cookie])
        }
    };
    let uid = journey.uid.clone();
    let hint = journey.request.idp_hint.clone();
    let Some(session) = state.session(&id, now) else { return Err(Refusal::new("190001")) };
    let sso = session.sso.clone().filter(|known| {
        known.acr == sim.platform.sso_level()
            && known.acr >= journey.acr
            && !journey.suspicious
            && client.takes(known.idp.uid)
            && hint.as_ref().is_none_or(|hint| hint == known.idp.uid)
    });
    let next = match (sso, hint) {
        (Some(known), _) => {
            journey.step = Step::Recognised(known);
            "/verify"
        }
        (None, Some(hint)) => match idp::find(&hint) {
            Some(idp) => {
                journey.step = Step::AtIdp { idp, state: sim.random(), answer: None };
                "/verify"
            }
            None => "",
        },
        (None, None) => "",
    };
    session.begin(journey);
    Ok(redirect(&format!("{}/interaction/{uid}{next}", sim.issuer), &cookies))
}

/// Whether `amr` is asked for; refused to clients that may not.
fn wants_amr(client: &Client, request: &Request) -> Result<bool, &'static str> {
    let Some(text) = &request.claims else { return Ok(false) };
    let claims: Value = serde_json::from_str(text).map_err(|_| "030028")?;
    if !claims.is_object() {
        return Err("030028");
    }
    let asked = claims.pointer("/id_token/amr").is_some();
    if asked && !client.claims.iter().any(|c| c == "amr") {
        return Err("100009");
    }
    Ok(asked)
}

/// Scopes granted and the level to reach.
fn check(sim: &Sim, client: &Client, request: &Request) -> Result<(Vec<String>, String), Sent> {
    if request.response_type != "code" {
        return Err(sent("unsupported_response_type", "unsupported response_type requested"));
    }
    let granted = scopes::grant(sim.platform, client, &request.scope)
        .map_err(|scope| sent("invalid_scope", format!("requested scope is not allowed: {scope}")))?;
    if !granted.iter().any(|s| s == "openid") {
        return Err(sent("invalid_request", "openid scope must be requested"));
    }
    let lowest = LEVELS.into_iter().find(|level| request.acr_values.iter().any(|asked| asked == level));
    let acr = lowest.unwrap_or(sim.platform.default_level());
    if !sim.platform.levels().contains(&acr) {
        let expected = sim.platform.levels().join(",");
        return Err(sent("invalid_acr", format!("acr_value is not valid, expected: {expected}, got: {}", request.acr_values.join(","))));
    }
    Ok((granted, acr.to_owned()))
}
