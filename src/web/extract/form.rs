//! Forms that cannot be read without their anti-forgery check.

use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use serde::de::DeserializeOwned;

use super::{Journey, Person, Visit, body};
use crate::app::App;
use crate::audit::{self, Event, Kind};
use crate::crypto::same;
use crate::web::error::{Failure, csrf};
use crate::web::view::error::{ErrorCode, Way};

/// Largest form, in bytes.
pub const MAX_FORM: usize = 64 * 1024;

/// A form posted by a page of ours, in the browser the page was shown in. Comes with the visit, so that nothing is
/// looked up before the check.
#[derive(Debug)]
pub struct ProtectedForm<T> {
    /// The visit.
    pub visit: Visit,
    /// The fields.
    pub fields: T,
}

impl<T: DeserializeOwned> FromRequest<App> for ProtectedForm<T> {
    type Rejection = Failure;

    async fn from_request(request: Request, app: &App) -> Result<Self, Failure> {
        let (mut parts, sent) = request.into_parts();
        let visit = Visit::from_request_parts(&mut parts, app).await?;
        let again = || Way::Retry(visit.path.clone());
        if visit.browser.fresh {
            let blocked = Failure::page(ErrorCode::A202, again());
            return Err(if visit.query("t").is_some() { Journey::open(visit).err().unwrap_or(blocked) } else { blocked });
        }
        let form = parts.headers.get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok());
        if !form.is_some_and(|c| c.split(';').next().is_some_and(|m| m.trim().eq_ignore_ascii_case("application/x-www-form-urlencoded"))) {
            return Err(Failure::page(ErrorCode::A900, again()));
        }
        let bytes = body::read(sent, MAX_FORM).await.map_err(|e| e.page(again()))?;
        let token = form_urlencoded::parse(&bytes).find(|(name, _)| name == "jeton").map(|(_, value)| value.into_owned());
        let expected = csrf(app, &visit.browser);
        if !from_here(&parts.headers, app) || !token.is_some_and(|t| same(&t, &expected)) {
            let mut tx = app.db.begin().await?;
            audit::append(&mut tx, &visit.ctx, Event::new(Kind::ForgeryRefused)).await?;
            tx.commit().await?;
            return Err(Failure::page(ErrorCode::A205, again()));
        }
        if bytes.contains(&0) || form_urlencoded::parse(&bytes).any(|(_, v)| v.contains('\0')) {
            return Err(Failure::page(ErrorCode::A900, again()));
        }
        let fields = serde_html_form::from_bytes(&bytes).map_err(|_| Failure::page(ErrorCode::A900, again()))?;
        Ok(Self { visit, fields })
    }
}

/// A [`ProtectedForm`] posted by somebody signed in; others are led to sign in.
#[derive(Debug)]
pub struct PersonForm<T> {
    /// Who.
    pub person: Person,
    /// The fields.
    pub fields: T,
}

impl<T: DeserializeOwned> FromRequest<App> for PersonForm<T> {
    type Rejection = Response;

    async fn from_request(request: Request, app: &App) -> Result<Self, Response> {
        let form = ProtectedForm::from_request(request, app).await.map_err(IntoResponse::into_response)?;
        Ok(Self { person: form.visit.signed_in("/compte")?, fields: form.fields })
    }
}

/// Whether the browser says that a page of ours posted. Browsers that say nothing are judged by the token alone.
fn from_here(headers: &HeaderMap, app: &App) -> bool {
    let text = |name: &str| headers.get(name).and_then(|v| v.to_str().ok());
    let site = text("sec-fetch-site").is_none_or(|s| s == "same-origin" || s == "none");
    let origin = text("origin").is_none_or(|o| o == app.issuer);
    site && origin
}
