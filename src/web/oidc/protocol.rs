//! What protocol endpoints share: bounded forms, errors as JSON.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use crate::app::App;
use crate::base::{Aal, Ctx};
use crate::crypto::hasher;
use crate::oidc::client_auth::{self, AuthenticatedClient, Credentials};
use crate::oidc::error::{Code, Error, OAuthError};
use crate::web::extract::Params;
use crate::web::extract::body::{self, Unread};
use crate::web::extract::params::{MAX_PARAMS, Malformed};

/// Reads a form whose parameters occur at most once.
pub async fn form(headers: &HeaderMap, sent: Body) -> Result<Params, Error> {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).and_then(|v| v.split(';').next());
    if !kind.is_some_and(|k| k.trim().eq_ignore_ascii_case("application/x-www-form-urlencoded")) {
        return Err(OAuthError::new(Code::InvalidRequest, "the body must be application/x-www-form-urlencoded").into());
    }
    let bytes = body::read(sent, MAX_PARAMS).await.map_err(|e| match e {
        Unread::TooLarge => Error::from(OAuthError::new(Code::InvalidRequest, "the body is too large")),
        Unread::TooSlow => Error::Late,
    })?;
    Params::parse(&bytes).map_err(|e| malformed(e).into())
}

/// The error for malformed parameters.
pub fn malformed(e: Malformed) -> OAuthError {
    OAuthError::said(Code::InvalidRequest, &e.to_string())
}

/// Authenticates the client of a form.
pub async fn client(app: &App, ctx: &Ctx, headers: &HeaderMap, params: &Params) -> Result<AuthenticatedClient, Error> {
    let mut authorization = headers.get_all(header::AUTHORIZATION).iter();
    let (first, second) = (authorization.next(), authorization.next());
    if second.is_some() {
        return Err(OAuthError::new(Code::InvalidRequest, "several Authorization headers").into());
    }
    let credentials = Credentials {
        authorization: first.map(|v| v.to_str().unwrap_or_default()),
        client_id: params.get("client_id"),
        client_secret: params.get("client_secret"),
        assertion_type: params.get("client_assertion_type"),
        assertion: params.get("client_assertion"),
    };
    client_auth::authenticate(&app.db, ctx, &app.hub(), &credentials).await
}

/// An error as JSON, with the status and headers of its RFC. Logged once, here.
pub fn error(ctx: &Arc<Ctx>, issuer: &str, e: &Error) -> Response {
    let (status, body) = match e {
        Error::OAuth(e) => {
            tracing::info!(request_id = ctx.request_id.as_str(), error = e.code.as_str(), description = %e.description, "refused");
            return oauth(issuer, e);
        }
        Error::Late => {
            tracing::info!(request_id = ctx.request_id.as_str(), error = %e, "refused");
            (StatusCode::REQUEST_TIMEOUT, json!({ "error": Code::InvalidRequest.as_str(), "error_description": e.to_string() }))
        }
        Error::Db(d) if d.is_unavailable() => {
            tracing::error!(request_id = ctx.request_id.as_str(), error = %d, "store unavailable");
            return unavailable(Duration::from_secs(5));
        }
        Error::Hasher(hasher::Failure::Busy) => return unavailable(Duration::from_secs(2)),
        Error::Db(_) | Error::Hasher(_) | Error::Internal(_) => {
            tracing::error!(request_id = ctx.request_id.as_str(), error = %e, "internal error");
            let description = format!("reference {}", ctx.request_id.reference());
            (StatusCode::INTERNAL_SERVER_ERROR, json!({ "error": Code::ServerError.as_str(), "error_description": description }))
        }
    };
    (status, Json(body)).into_response()
}

fn unavailable(wait: Duration) -> Response {
    let body = json!({ "error": Code::TemporarilyUnavailable.as_str(), "error_description": "try again later" });
    (StatusCode::SERVICE_UNAVAILABLE, [(header::RETRY_AFTER, wait.as_secs().to_string())], Json(body)).into_response()
}

fn oauth(issuer: &str, e: &OAuthError) -> Response {
    let status = match e.code {
        Code::InvalidClient | Code::InvalidToken | Code::InsufficientUserAuthentication => StatusCode::UNAUTHORIZED,
        Code::InsufficientScope => StatusCode::FORBIDDEN,
        Code::InvalidRequest
        | Code::InvalidGrant
        | Code::UnauthorizedClient
        | Code::UnsupportedGrantType
        | Code::UnsupportedResponseType
        | Code::InvalidScope
        | Code::AccessDenied
        | Code::ServerError
        | Code::TemporarilyUnavailable
        | Code::LoginRequired
        | Code::InteractionRequired
        | Code::AccountSelectionRequired
        | Code::ConsentRequired
        | Code::RequestNotSupported
        | Code::RequestUriNotSupported
        | Code::RegistrationNotSupported
        | Code::UnmetAuthenticationRequirements => StatusCode::BAD_REQUEST,
    };
    let body = json!({ "error": e.code.as_str(), "error_description": e.description });
    let mut response = (status, Json(body)).into_response();
    let challenge = match e.code {
        Code::InvalidClient => Some(format!("Basic realm=\"{issuer}\"")),
        Code::InvalidToken | Code::InsufficientScope => {
            Some(format!("Bearer realm=\"{issuer}\", error=\"{}\", error_description=\"{}\"", e.code.as_str(), e.description))
        }
        Code::InsufficientUserAuthentication => {
            let acr = e.needed.map_or("", Aal::name);
            let (code, why) = (e.code.as_str(), &e.description);
            Some(format!("Bearer realm=\"{issuer}\", error=\"{code}\", error_description=\"{why}\", acr_values=\"{acr}\""))
        }
        _ => None,
    };
    if let Some(value) = challenge.and_then(|c| HeaderValue::from_str(&c).ok()) {
        response.headers_mut().insert(header::WWW_AUTHENTICATE, value);
    }
    response
}
