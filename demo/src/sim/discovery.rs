//! Discovery and JWKS.

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::{App, Platform, Sim, scopes};

/// Both documents may be kept ten minutes.
const CACHE: &str = "public, max-age=600";

fn metadata(sim: &Sim) -> Value {
    let issuer = &sim.issuer;
    let plus = sim.platform == Platform::FranceConnectPlus;
    let algs: &[&str] = if plus { &["ES256"] } else { &["ES256", "RS256"] };
    let mut document = json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}/authorize"),
        "token_endpoint": format!("{issuer}/token"),
        "userinfo_endpoint": format!("{issuer}/userinfo"),
        "jwks_uri": format!("{issuer}/jwks"),
        "end_session_endpoint": format!("{issuer}/session/end"),
        "revocation_endpoint": format!("{issuer}/token/revocation"),
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code"],
        "subject_types_supported": ["pairwise"],
        "scopes_supported": scopes::all(sim.platform),
        "acr_values_supported": sim.platform.levels(),
        "claim_types_supported": ["normal"],
        "claims_parameter_supported": true,
        "request_parameter_supported": false,
        "request_uri_parameter_supported": false,
        "token_endpoint_auth_methods_supported": ["client_secret_post", "private_key_jwt"],
        "token_endpoint_auth_signing_alg_values_supported": ["ES256", "RS256"],
        "revocation_endpoint_auth_methods_supported": ["client_secret_post", "private_key_jwt"],
        "id_token_signing_alg_values_supported": algs,
        "userinfo_signing_alg_values_supported": algs,
        "authorization_response_iss_parameter_supported": true,
    });
    if let Some(members) = document.as_object_mut() {
        if sim.platform == Platform::ProConnect {
            members.insert("grant_types_supported".into(), json!(["authorization_code", "refresh_token"]));
            members.insert("subject_types_supported".into(), json!(["public"]));
            members.insert("code_challenge_methods_supported".into(), json!(["S256"]));
        }
        for kind in ["id_token", "userinfo"].into_iter().filter(|_| plus) {
            members.insert(format!("{kind}_encryption_alg_values_supported"), json!(["ECDH-ES", "RSA-OAEP"]));
            members.insert(format!("{kind}_encryption_enc_values_supported"), json!(["A256GCM"]));
        }
    }
    document
}

pub(super) async fn configuration(State(sim): App) -> Response {
    ([(header::CACHE_CONTROL, CACHE)], Json(metadata(&sim))).into_response()
}

pub(super) async fn jwks(State(sim): App) -> Response {
    match sim.keys.jwks() {
        Ok(set) => ([(header::CACHE_CONTROL, CACHE)], Json(set)).into_response(),
        Err(error) => {
            tracing::error!(%error, "no keys");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}
