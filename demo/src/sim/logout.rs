//! Sign-out (§1.9): the session ends, the identity provider is told through the browser, then the service gets it back.

use askama::Template;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde_json::Value;
use url::Url;

use super::errors::Refusal;
use super::params::{self, Pairs};
use super::state::Session;
use super::{App, Sim, cookie, redirect};

#[derive(Template)]
#[template(path = "sim/out.html")]
struct OutPage {
    platform: &'static str,
}

impl Sim {
    /// « You are signed out ».
    fn out(&self) -> Response {
        self.page(StatusCode::OK, &OutPage { platform: self.platform.name() })
    }
}

/// `/session/end`.
pub(super) async fn end(State(sim): App, headers: HeaderMap, RawQuery(query): RawQuery) -> Response {
    let pairs = Pairs::parse(&query.unwrap_or_default());
    let ended = || {
        let hint = params::end_session(&pairs).map_err(|why| Refusal::new("030007").because(why))?;
        let claims = sim.keys.verify(&hint).map_err(|why| Refusal::new("0469A55").because(why.to_string()))?;
        // The hint is long expired: that is not an error.
        if claims.get("at_hash").and_then(Value::as_str).is_none() {
            return Err(Refusal::new("100019"));
        }
        let client = claims.get("aud").and_then(Value::as_str).and_then(|id| sim.client(id)).ok_or_else(|| Refusal::new("04EA6EF"))?;
        if pairs.get("client_id").is_some_and(|id| id != client.client_id) {
            return Err(Refusal::new("04EA6EF"));
        }
        let target = match pairs.get("post_logout_redirect_uri") {
            Some(uri) if client.post_logout_redirect_uris.iter().any(|known| known == uri) => Some(uri),
            Some(uri) => return Err(Refusal::new("04CFAEF").because(uri)),
            None => None,
        };
        Ok(leave(&sim, &headers, target, pairs.get("state")))
    };
    sim.answer(ended())
}

/// Ends the session; where the browser goes next.
fn leave(sim: &Sim, headers: &HeaderMap, target: Option<&str>, state: Option<&str>) -> Response {
    let to = target.and_then(|uri| Url::parse(uri).ok()).map(|mut url| {
        if let Some(state) = state {
            url.query_pairs_mut().append_pair("state", state);
        }
        String::from(url)
    });
    let id = cookie(headers, &sim.cookie_name());
    let now = sim.ms();
    let mut all = sim.state();
    let ended = id.as_ref().and_then(|id| all.sessions.remove(id)).filter(|s| s.ends > now);
    let idp = ended.and_then(|s| s.idp);
    let Some((id, idp)) = id.zip(idp) else {
        drop(all);
        return match to {
            Some(to) => redirect(&to, &[]),
            None => sim.out(),
        };
    };
    // Only the way back is remembered.
    let state = sim.random();
    let leaving = Some((state.clone(), to.unwrap_or_default()));
    all.open(id, Session { ends: now + sim.platform.session().0, csrf: sim.random(), leaving, ..Session::default() });
    redirect(&format!("{}/fi/{idp}/session/end?state={state}", sim.base_url), &[])
}

/// The identity provider's own sign-out.
pub(super) async fn idp_end(State(sim): App, Path(_idp): Path<String>, RawQuery(query): RawQuery) -> Response {
    let pairs = Pairs::parse(&query.unwrap_or_default());
    let state: String = url::form_urlencoded::byte_serialize(pairs.get("state").unwrap_or_default().as_bytes()).collect();
    redirect(&format!("{}/client/logout-callback?state={state}", sim.issuer), &[])
}

/// Back from the identity provider.
pub(super) async fn back(State(sim): App, headers: HeaderMap, RawQuery(query): RawQuery) -> Response {
    let pairs = Pairs::parse(&query.unwrap_or_default());
    let now = sim.ms();
    let leaving = cookie(&headers, &sim.cookie_name()).and_then(|id| sim.state().session(&id, now)?.leaving.take());
    match leaving {
        Some((state, to)) if pairs.get("state") == Some(&state) => match to.as_str() {
            "" => sim.out(),
            to => redirect(to, &[]),
        },
        Some(_) => sim.refuse(&Refusal::new("020022")),
        None => sim.refuse(&Refusal::new("190001")),
    }
}
