//! `POST /oauth/token`, `/oauth/introspect`, `/oauth/revoke`.

use std::sync::Arc;

use axum::Json;
use axum::body::Body;
use axum::extract::{Extension, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::protocol;
use crate::app::App;
use crate::base::Ctx;
use crate::oidc::error::{Code, Error, OAuthError};
use crate::oidc::token::{Outcome, client_credentials, code, refresh};
use crate::oidc::{introspection, revocation};
use crate::web::extract::Params;

/// RFC 6749 §3.2.
pub async fn token(State(app): State<App>, Extension(ctx): Extension<Arc<Ctx>>, headers: HeaderMap, body: Body) -> Response {
    match grant(&app, &ctx, &headers, body).await {
        Ok(Outcome::Granted(tokens)) => (no_store(), Json(tokens)).into_response(),
        Ok(Outcome::Refused(e)) => protocol::error(&ctx, &app.issuer, &Error::OAuth(e)),
        Err(e) => protocol::error(&ctx, &app.issuer, &e),
    }
}

async fn grant(app: &App, ctx: &Ctx, headers: &HeaderMap, body: Body) -> Result<Outcome, Error> {
    let params = protocol::form(headers, body).await?;
    let kind = params.get("grant_type").ok_or(OAuthError::new(Code::InvalidRequest, "grant_type is missing"))?;
    let client = protocol::client(app, ctx, headers, &params).await?;
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
