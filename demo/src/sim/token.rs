//! The token endpoint: a code against exactly five members (§1.1, §1.7), and revocation.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use guichet::base::encode::{b64u, from_b64u};
use serde_json::{Map, Value, json};

use super::keys::{self, sign_with_secret, sign_with_stranger, unsigned};
use super::params::Pairs;
use super::state::{Access, Grant};
use super::{Alg, App, Client, Fault, Platform, Sim, TOKEN_S};

/// A refusal of the token endpoint.
struct Denied(StatusCode, &'static str, &'static str);

const INVALID_CLIENT: Denied = Denied(StatusCode::UNAUTHORIZED, "invalid_client", "client authentication failed");
const INVALID_GRANT: Denied = Denied(StatusCode::BAD_REQUEST, "invalid_grant", "grant request is invalid");
const SERVER_ERROR: Denied = Denied(StatusCode::INTERNAL_SERVER_ERROR, "server_error", "oops! something went wrong");

impl Sim {
    /// JSON, with `error_uri` to the page that explains the code.
    fn denied(&self, denied: &Denied) -> Response {
        let Denied(status, error, description) = denied;
        let code = guichet::crypto::sha256(error.as_bytes());
        let hex = guichet::base::encode::hex(&from_b64u(&code).unwrap_or_default()).to_uppercase();
        let code = format!("Y04{}", hex.get(..5).unwrap_or_default());
        let uri = format!("{}/erreurs?code={code}&id={}", self.base_url, self.error_id());
        let body = Json(json!({ "error": error, "error_description": description, "error_uri": uri }));
        (*status, [(header::CACHE_CONTROL, "no-store")], body).into_response()
    }
}

pub(super) async fn token(State(sim): App, headers: HeaderMap, form: Pairs) -> Response {
    let Some(client) = sim.authenticate(&headers, &form).await else { return sim.denied(&INVALID_CLIENT) };
    let pro = sim.platform == Platform::ProConnect;
    let granted = match form.get("grant_type") {
        Some("authorization_code") => exchange(&sim, &client, &form),
        Some("refresh_token") if pro => renew(&sim, &client, &form),
        Some(_) => return sim.denied(&Denied(StatusCode::BAD_REQUEST, "unsupported_grant_type", "unsupported grant_type requested")),
        None => return sim.denied(&Denied(StatusCode::BAD_REQUEST, "invalid_request", "missing required parameter grant_type")),
    };
    let (access, grant) = match granted {
        Ok(granted) => granted,
        Err(denied) => return sim.denied(&denied),
    };
    match id_token(&sim, &client, &grant, &access).await {
        Ok(id_token) => {
            let mut body = json!({
                "access_token": access,
                "expires_in": TOKEN_S,
                "id_token": id_token,
                "scope": grant.scopes.join(" "),
                "token_type": "Bearer",
            });
            if pro && let Some(members) = body.as_object_mut() {
                let refresh = sim.random();
                members.insert("refresh_token".into(), json!(refresh));
                let ends = sim.ms() + sim.platform.session().0;
                sim.state().keep_refresh(refresh, Access { grant, ends });
            }
            ([(header::CACHE_CONTROL, "no-store")], Json(body)).into_response()
        }
        Err(error) => {
            tracing::warn!(client = client.client_id, %error, "no id_token");
            sim.denied(&SERVER_ERROR)
        }
    }
}

/// Takes the code, once. A second use ends what the first one obtained.
fn exchange(sim: &Sim, client: &Client, form: &Pairs) -> Result<(String, Arc<Grant>), Denied> {
    let Some(code) = form.get("code") else {
        return Err(Denied(StatusCode::BAD_REQUEST, "invalid_request", "missing required parameter code"));
    };
    let now = sim.ms();
    let access = sim.random();
    let mut state = sim.state();
    let kept = state.codes.get_mut(code).ok_or(INVALID_GRANT)?;
    if kept.grant.client_id != client.client_id {
        return Err(INVALID_GRANT);
    }
    if let Some(token) = kept.used.clone() {
        state.access.remove(&token);
        return Err(INVALID_GRANT);
    }
    if kept.ends <= now || form.get("redirect_uri") != Some(&kept.grant.redirect_uri) {
        return Err(INVALID_GRANT);
    }
    let verifier = form.get("code_verifier").map(|v| guichet::crypto::sha256(v.as_bytes()));
    if kept.grant.challenge.is_some() && kept.grant.challenge != verifier {
        return Err(INVALID_GRANT);
    }
    kept.used = Some(access.clone());
    let grant = kept.grant.clone();
    state.keep_access(access.clone(), Access { grant: grant.clone(), ends: now + TOKEN_S * 1_000 });
    Ok((access, grant))
}

/// Takes a refresh token, once (ProConnect only).
fn renew(sim: &Sim, client: &Client, form: &Pairs) -> Result<(String, Arc<Grant>), Denied> {
    let (now, access) = (sim.ms(), sim.random());
    let mut state = sim.state();
    let kept = form.get("refresh_token").and_then(|token| state.refresh.remove(token));
    let kept = kept.filter(|r| r.ends > now && r.grant.client_id == client.client_id).ok_or(INVALID_GRANT)?;
    state.keep_access(access.clone(), Access { grant: kept.grant.clone(), ends: now + TOKEN_S * 1_000 });
    Ok((access, kept.grant))
}

/// `at_hash`: the left half of the token's SHA-256 (OpenID Connect Core §3.1.3.6).
fn at_hash(access: &str) -> String {
    let hash = from_b64u(&guichet::crypto::sha256(access.as_bytes())).unwrap_or_default();
    b64u(hash.get(..16).unwrap_or_default())
}

/// Claims of an identity token: no identity in it.
fn claims(sim: &Sim, grant: &Grant, access: &str) -> Map<String, Value> {
    let fault = |fault| sim.with_fault(fault);
    let past = if fault(Fault::Expired) { 7_200 } else { 0 };
    let now = sim.ms() / 1_000 - past;
    let mut claims = Map::new();
    let mut set = |name: &str, value: Value| drop(claims.insert(name.into(), value));
    set("iss", json!(if fault(Fault::WrongIssuer) { "https://ailleurs.example/api/v2" } else { sim.issuer.as_str() }));
    set("sub", json!(grant.sub));
    set("aud", json!(if fault(Fault::WrongAudience) { "un-autre-client" } else { grant.client_id.as_str() }));
    set("exp", json!(now + TOKEN_S));
    set("iat", json!(now));
    set("auth_time", json!(grant.auth_time));
    if let Some(nonce) = grant.nonce.as_deref().filter(|_| !fault(Fault::NoNonce)) {
        set("nonce", json!(if fault(Fault::WrongNonce) { "une-autre-valeur-que-celle-envoyee" } else { nonce }));
    }
    match (fault(Fault::NoAcr), fault(Fault::LowAcr)) {
        (true, _) => {}
        (false, true) => set("acr", json!("eidas0")),
        (false, false) => set("acr", json!(grant.acr)),
    }
    if !fault(Fault::NoAtHash) {
        set("at_hash", json!(at_hash(if fault(Fault::WrongAtHash) { "autre" } else { access })));
    }
    if let Some(amr) = &grant.amr {
        set("amr", json!(amr));
    }
    claims
}

async fn id_token(sim: &Sim, client: &Client, grant: &Grant, access: &str) -> anyhow::Result<String> {
    let claims = claims(sim, grant, access);
    let signed = if sim.with_fault(Fault::Hs256) {
        sign_with_secret(&client.client_secret, &claims)?
    } else if sim.with_fault(Fault::AlgNone) {
        unsigned(&claims)?
    } else if sim.with_fault(Fault::UnknownKey) {
        sign_with_stranger(&claims)?
    } else {
        broken(sim.sign(client.id_token_signed_response_alg, &claims)?, sim.with_fault(Fault::WrongSignature))
    };
    sim.sealed(client, signed).await
}

impl Sim {
    /// Signed with the client's algorithm; FranceConnect+ knows one only.
    pub(super) fn sign(&self, alg: Alg, claims: &Map<String, Value>) -> anyhow::Result<String> {
        self.keys.sign(if self.platform == Platform::FranceConnectPlus { Alg::ES256 } else { alg }, claims)
    }

    /// Encrypted for a client that registered an encryption; FranceConnect+ sends nothing in clear.
    pub(super) async fn sealed(&self, client: &Client, token: String) -> anyhow::Result<String> {
        match client.encrypted_response_alg {
            Some(wrap) => keys::encrypt(&token, wrap, &self.jwks_of(client).await?),
            None if self.platform == Platform::FranceConnectPlus => anyhow::bail!("encryption is mandatory here"),
            None => Ok(token),
        }
    }
}

/// A signature that does not verify, when `wrong`.
pub(super) fn broken(token: String, wrong: bool) -> String {
    match (wrong, token.rsplit_once('.')) {
        (true, Some((signed, signature))) => format!("{signed}.{}", signature.chars().rev().collect::<String>()),
        _ => token,
    }
}

/// RFC 7009: answers 200 whether the token was known or not.
pub(super) async fn revoke(State(sim): App, headers: HeaderMap, form: Pairs) -> Response {
    let Some(client) = sim.authenticate(&headers, &form).await else { return sim.denied(&INVALID_CLIENT) };
    let Some(token) = form.get("token") else {
        return sim.denied(&Denied(StatusCode::BAD_REQUEST, "invalid_request", "missing required parameter token"));
    };
    let mut state = sim.state();
    if state.access.get(token).is_some_and(|a| a.grant.client_id == client.client_id) {
        state.access.remove(token);
    }
    if state.refresh.get(token).is_some_and(|r| r.grant.client_id == client.client_id) {
        state.refresh.remove(token);
    }
    StatusCode::OK.into_response()
}
