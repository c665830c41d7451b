//! User information: always a JWT, signed; nested in a JWE on FranceConnect+ (§1.1, §1.7).

use axum::Json;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};

use super::params::Pairs;
use super::state::Grant;
use super::token::broken;
use super::{App, Fault, Sim, TOKEN_S};

pub(super) async fn userinfo(State(sim): App, headers: HeaderMap, RawQuery(query): RawQuery) -> Response {
    let query = Pairs::parse(&query.unwrap_or_default());
    let bearer = headers.get(header::AUTHORIZATION).and_then(|v| v.to_str().ok()).and_then(|v| v.strip_prefix("Bearer "));
    let (Some(token), false) = (bearer.or(query.get("access_token")), bearer.is_some() && query.get("access_token").is_some()) else {
        return refused(StatusCode::BAD_REQUEST, "invalid_request", "no access token provided");
    };
    let now = sim.ms();
    let grant = sim.state().access.get(token).filter(|a| a.ends > now).map(|a| a.grant.clone());
    let Some(grant) = grant else { return refused(StatusCode::UNAUTHORIZED, "invalid_token", "invalid token provided") };
    let claims = claims(&sim, &grant);
    if sim.with_fault(Fault::PlainUserinfo) {
        return Json(claims).into_response();
    }
    let Some(client) = sim.client(&grant.client_id) else {
        return refused(StatusCode::UNAUTHORIZED, "invalid_token", "invalid token provided");
    };
    let signed = sim.sign(client.userinfo_signed_response_alg, &claims);
    let sealed = match signed {
        Ok(token) => sim.sealed(&client, broken(token, sim.with_fault(Fault::WrongUserinfoSignature))).await,
        Err(error) => Err(error),
    };
    match sealed {
        Ok(jwt) => ([(header::CONTENT_TYPE, HeaderValue::from_static("application/jwt"))], jwt).into_response(),
        Err(error) => {
            tracing::warn!(client = client.client_id, %error, "no userinfo");
            refused(StatusCode::INTERNAL_SERVER_ERROR, "server_error", "oops! something went wrong")
        }
    }
}

fn claims(sim: &Sim, grant: &Grant) -> Map<String, Value> {
    let now = sim.ms() / 1_000;
    let mut claims = grant.claims.clone();
    let sub = if sim.with_fault(Fault::OtherSubject) { "0".repeat(64) + "v1" } else { grant.sub.clone() };
    claims.insert("sub".into(), json!(sub));
    claims.insert(
        "aud".into(),
        json!(if sim.with_fault(Fault::WrongUserinfoAudience) { "un-autre-client" } else { grant.client_id.as_str() }),
    );
    claims.insert("exp".into(), json!(now + TOKEN_S));
    claims.insert("iat".into(), json!(now));
    claims.insert("iss".into(), json!(sim.issuer));
    claims
}

fn refused(status: StatusCode, error: &str, description: &str) -> Response {
    let challenge = format!("Bearer error=\"{error}\", error_description=\"{description}\"");
    let mut response = (status, Json(json!({ "error": error, "error_description": description }))).into_response();
    if let Ok(value) = HeaderValue::from_str(&challenge) {
        response.headers_mut().insert(header::WWW_AUTHENTICATE, value);
    }
    response
}
