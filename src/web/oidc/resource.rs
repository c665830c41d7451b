//! `GET` and `POST /oauth/userinfo` (OpenID Connect Core §5.3, RFC 6750).

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
use crate::oidc::userinfo::{UserInfo, userinfo};

/// Token in the header.
pub async fn userinfo_get(State(app): State<App>, Extension(ctx): Extension<Arc<Ctx>>, headers: HeaderMap) -> Response {
    match bearer(&headers) {
        Ok(token) => answer(&app, &ctx, token).await,
        Err(e) => protocol::error(&ctx, &app.issuer, &e.into()),
    }
}

/// Token in the header or in the form, not both (RFC 6750 §2).
pub async fn userinfo_post(State(app): State<App>, Extension(ctx): Extension<Arc<Ctx>>, headers: HeaderMap, body: Body) -> Response {
    let in_header = match bearer(&headers) {
        Ok(token) => token,
        Err(e) => return protocol::error(&ctx, &app.issuer, &e.into()),
    };
    let form = headers.get(header::CONTENT_TYPE).is_some();
    let in_body = match if form { protocol::form(&headers, body).await.map(Some) } else { Ok(None) } {
        Ok(params) => params.and_then(|p| p.get("access_token").map(str::to_owned)),
        Err(_) if in_header.is_some() => None,
        Err(e) => return protocol::error(&ctx, &app.issuer, &e),
    };
    if in_header.is_some() && in_body.is_some() {
        let twice = OAuthError::new(Code::InvalidRequest, "the access token is sent twice");
        return protocol::error(&ctx, &app.issuer, &twice.into());
    }
    answer(&app, &ctx, in_header.or(in_body.as_deref())).await
}

/// `Bearer` in any letter case; a header of another scheme is an error of the request.
pub fn bearer(headers: &HeaderMap) -> Result<Option<&str>, OAuthError> {
    let mut all = headers.get_all(header::AUTHORIZATION).iter();
    let invalid = |what: &'static str| OAuthError::new(Code::InvalidRequest, what);
    let Some(value) = all.next() else { return Ok(None) };
    if all.next().is_some() {
        return Err(invalid("several Authorization headers"));
    }
    match value.to_str().ok().and_then(|v| v.split_once(' ')) {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => Ok(Some(token.trim())),
        Some(_) | None => Err(invalid("the Authorization header is not a Bearer token")),
    }
}

async fn answer(app: &App, ctx: &Arc<Ctx>, token: Option<&str>) -> Response {
    let Some(token) = token else { return challenge(app) };
    match userinfo(&app.db, &app.hub(), token, ctx.now()).await {
        Ok(UserInfo::Plain(body)) => Json(body).into_response(),
        Ok(UserInfo::Jwt(jwt)) => ([(header::CONTENT_TYPE, "application/jwt")], jwt).into_response(),
        Err(e) => protocol::error(ctx, &app.issuer, &e),
    }
}

/// The answer to a request without any token: its challenge carries no error (RFC 6750 §3.1).
pub fn challenge(app: &App) -> Response {
    let realm = HeaderValue::from_str(&format!("Bearer realm=\"{}\"", app.issuer));
    let realm = realm.unwrap_or_else(|_| HeaderValue::from_static("Bearer"));
    (StatusCode::UNAUTHORIZED, [(header::WWW_AUTHENTICATE, realm)]).into_response()
}

impl From<OAuthError> for Box<Error> {
    fn from(e: OAuthError) -> Self {
        Box::new(Error::OAuth(e))
    }
}
