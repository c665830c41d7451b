//! `POST /oauth/token`, `/oauth/introspect`, `/oauth/revoke`.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::body::Body;
use axum::extract::{Extension, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::protocol;
use crate::app::App;
use crate::base::Ctx;
use crate::oidc::client_auth::AuthenticatedClient;
use crate::oidc::error::{Code, Error, OAuthError};
use crate::oidc::token::{Outcome, client_credentials, code, refresh};
use crate::oidc::{introspection, revocation};
use crate::web::error::Failure;
use crate::web::extract::Params;
use crate::web::layer::limits::Limits;

/// RFC 6749 §3.2.
pub async fn token(
    State(app): State<App>,
    Extension(ctx): Extension<Arc<Ctx>>,
    Extension(limits): Extension<Limits>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let outcome = match client(&app, &ctx, &limits, &headers, body).await {
        Ok(Ok((params, client))) => grant(&app, &ctx, &params, &client).await,
        Ok(Err(wait)) => return Failure::TooManyRequests(wait).into_response(),
        Err(e) => Err(e),
    };
    match outcome {
        Ok(Outcome::Granted(tokens)) => (no_store(), Json(tokens)).into_response(),
        Ok(Outcome::Refused(e)) => protocol::error(&ctx, &app.issuer, &Error::OAuth(e)),
        Err(e) => protocol::error(&ctx, &app.issuer, &e),
    }
}

/// Who asks, and for what; or how long they must wait.
async fn client(
    app: &App,
    ctx: &Ctx,
    limits: &Limits,
    headers: &HeaderMap,
    body: Body,
) -> Result<Result<(Params, AuthenticatedClient), Duration>, Error> {
    let params = protocol::form(headers, body).await?;
    if params.get("grant_type").is_none() {
        return Err(OAuthError::new(Code::InvalidRequest, "grant_type is missing").into());
    }
    let client = protocol::client(app, ctx, headers, &params).await?;
    // Anybody can say the name of a public client: their addresses are what is counted.
    let admitted = if client.client().is_public() { Ok(()) } else { limits.admit_client(&client.client().id) };
    Ok(admitted.map(|()| (params, client)))
}

async fn grant(app: &App, ctx: &Ctx, params: &Params, client: &AuthenticatedClient) -> Result<Outcome, Error> {
    let kind = params.get("grant_type").unwrap_or_default();
    let (client, hub) = (client.client(), app.hub());
    match kind {
        "authorization_code" => {
            let input = code::Input {
                code: params.get("code"),
                redirect_uri: params.get("redirect_uri"),
                code_verifier: params.get("code_verifier"),
            };
            let mut tx = app.db.begin().await?;
            let outcome = code::redeem(&mut tx, ctx, &hub, client, input).await?;
            tx.commit().await?;
            Ok(outcome)
        }
        "refresh_token" => {
            let mut tx = app.db.begin().await?;
            let outcome = refresh::refresh(&mut tx, ctx, &hub, client, params.get("refresh_token"), params.get("scope")).await?;
            tx.commit().await?;
            Ok(outcome)
        }
        "client_credentials" => client_credentials::grant(&app.db, ctx, &hub, client, params.get("scope")).await,
        _ => Err(OAuthError::new(Code::UnsupportedGrantType, "grant_type is not supported").into()),
    }
}

fn no_store() -> [(header::HeaderName, HeaderValue); 2] {
    [(header::CACHE_CONTROL, HeaderValue::from_static("no-store")), (header::PRAGMA, HeaderValue::from_static("no-cache"))]
}

/// RFC 7662 §2.
pub async fn introspect(State(app): State<App>, Extension(ctx): Extension<Arc<Ctx>>, headers: HeaderMap, body: Body) -> Response {
    let answer = async {
        let params = protocol::form(&headers, body).await?;
        let client = protocol::client(&app, &ctx, &headers, &params).await?;
        if client.client().is_public() {
            return Err(OAuthError::new(Code::InvalidClient, "a public client cannot introspect").into());
        }
        introspection::introspect(&app.db, &app.hub(), client.client(), required(&params)?, ctx.now()).await
    };
    match answer.await {
        Ok(body) => Json(body).into_response(),
        Err(e) => protocol::error(&ctx, &app.issuer, &e),
    }
}

/// RFC 7009 §2.
pub async fn revoke(State(app): State<App>, Extension(ctx): Extension<Arc<Ctx>>, headers: HeaderMap, body: Body) -> Response {
    let answer = async {
        let params = protocol::form(&headers, body).await?;
        let client = protocol::client(&app, &ctx, &headers, &params).await?;
        revocation::revoke(&app.db, &ctx, &app.hub(), client.client(), required(&params)?).await
    };
    match answer.await {
        Ok(()) => StatusCode::OK.into_response(),
        Err(e) => protocol::error(&ctx, &app.issuer, &e),
    }
}

fn required(params: &Params) -> Result<&str, OAuthError> {
    params.get("token").ok_or(OAuthError::new(Code::InvalidRequest, "token is missing"))
}
