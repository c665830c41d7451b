//! Failures of page handlers, turned into the error page X-01 (or JSON for services) at one place.

use std::sync::Arc;
use std::time::Duration;

use askama::Template;
use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use serde_json::json;

use super::layer::Browser;
use super::view::error::{ErrorCode, ErrorPage, Technical, Upstream, Way};
use super::view::{Page, format};
use crate::app::App;
use crate::base::Ctx;
use crate::base::texts::Texts;
use crate::config::Environment;
use crate::crypto::hasher;
use crate::db;

/// Why a handler shows no page of its own.
#[derive(Debug)]
pub enum Failure {
    /// An error page with its code, its way out and what integrators may read.
    Page(Box<PageFailure>),
    /// A page of ours says more: a redirect there.
    Elsewhere(String),
    /// The store.
    Db(db::Error),
    /// The hashing pool is full.
    Busy,
    /// Rate limit of this node.
    TooManyRequests(Duration),
    /// A template did not render, or another defect.
    Internal(String),
}

/// An error page.
#[derive(Debug)]
pub struct PageFailure {
    /// Which.
    pub code: ErrorCode,
    /// Main button.
    pub way: Option<Way>,
    /// The service concerned, by its registered name.
    pub service: Option<String>,
    /// For integrators.
    pub technical: Option<Technical>,
    /// What an upstream provider said.
    pub upstream: Option<Upstream>,
}

impl Failure {
    /// An error page with a way out.
    pub fn page(code: ErrorCode, way: Way) -> Self {
        Self::Page(Box::new(PageFailure { code, way: Some(way), service: None, technical: None, upstream: None }))
    }
}

impl From<db::Error> for Failure {
    fn from(e: db::Error) -> Self {
        Self::Db(e)
    }
}

impl From<askama::Error> for Failure {
    fn from(e: askama::Error) -> Self {
        Self::Internal(format!("template: {e}"))
    }
}

impl From<hasher::Failure> for Failure {
    fn from(e: hasher::Failure) -> Self {
        match e {
            hasher::Failure::Busy => Self::Busy,
            hasher::Failure::Unreadable => Self::Internal(e.to_string()),
        }
    }
}

/// The layer of the route renders it: it knows the request.
impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let mut response = StatusCode::INTERNAL_SERVER_ERROR.into_response();
        response.extensions_mut().insert(Arc::new(self));
        response
    }
}

/// The answer to a failure, logged once.
pub async fn render(app: &App, ctx: &Ctx, browser: Option<&Browser>, path: &str, failure: &Failure, page: bool) -> Response {
    let fallback =
        PageFailure { code: ErrorCode::A950, way: Some(Way::Retry(retry(path))), service: None, technical: None, upstream: None };
    let mut wait = None;
    let shown = match failure {
        Failure::Elsewhere(url) => return Redirect::to(url).into_response(),
        Failure::Page(shown) => {
            tracing::info!(request_id = ctx.request_id.as_str(), code = shown.code.as_str(), technical = ?shown.technical, "error page");
            shown.as_ref()
        }
        Failure::Db(e) if e.is_unavailable() => {
            tracing::error!(request_id = ctx.request_id.as_str(), error = %e, "store unavailable");
            wait = Some(Duration::from_secs(5));
            &PageFailure { code: ErrorCode::A953, ..fallback }
        }
        Failure::Busy => {
            tracing::warn!(request_id = ctx.request_id.as_str(), "password hashing pool is full");
            wait = Some(Duration::from_secs(2));
            &PageFailure { code: ErrorCode::A953, ..fallback }
        }
        Failure::TooManyRequests(d) => {
            tracing::warn!(request_id = ctx.request_id.as_str(), address = ?ctx.client_addr, "rate limit");
            wait = Some(*d);
            &PageFailure { code: ErrorCode::A429, ..fallback }
        }
        Failure::Db(e) => {
            tracing::error!(request_id = ctx.request_id.as_str(), error = %e, "store failed");
            &fallback
        }
        Failure::Internal(e) => {
            tracing::error!(request_id = ctx.request_id.as_str(), error = %e, "internal error");
            &fallback
        }
    };
    let status = StatusCode::from_u16(shown.code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = if page { html(app, ctx, browser, path, shown, wait) } else { document(ctx, status) };
    *response.status_mut() = status;
    if let Some(wait) = wait
        && let Ok(seconds) = HeaderValue::from_str(&wait.as_secs().max(1).to_string())
    {
        response.headers_mut().insert(header::RETRY_AFTER, seconds);
    }
    response
}

fn retry(path: &str) -> String {
    // Only a path of ours: never scheme-relative.
    if path.starts_with('/') && !path.starts_with("//") && path.len() < 8_000 { path.to_owned() } else { "/".to_owned() }
}

fn html(app: &App, ctx: &Ctx, browser: Option<&Browser>, path: &str, shown: &PageFailure, wait: Option<Duration>) -> Response {
    let mut page = base_page(app, ctx, path);
    page.service.clone_from(&shown.service);
    page.jeton = browser.map(|b| csrf(app, b)).unwrap_or_default();
    let view = ErrorPage {
        page,
        code: shown.code,
        way: shown.way.clone(),
        reference: ctx.request_id.reference(),
        date: format::date_time(Texts::new(ctx.locale), ctx.now().millis()),
        until: wait.map(|w| format::time(Texts::new(ctx.locale), ctx.now().plus(w).millis())),
        technical: shown.technical.clone(),
        upstream: shown.upstream.clone(),
    };
    match view.render() {
        Ok(text) => ([(header::CONTENT_TYPE, "text/html; charset=utf-8")], text).into_response(),
        Err(_) => ctx.request_id.reference().into_response(),
    }
}

fn document(ctx: &Ctx, status: StatusCode) -> Response {
    let error = if status.is_server_error() { "temporarily_unavailable" } else { "invalid_request" };
    Json(json!({ "error": error, "error_description": format!("reference {}", ctx.request_id.reference()) })).into_response()
}

/// The part common to every page.
pub fn base_page(app: &App, ctx: &Ctx, path: &str) -> Page {
    use super::view::Environment as Shown;
    Page {
        t: Texts::new(ctx.locale),
        portal: app.config.brand.name.clone(),
        environment: match app.config.server.environment {
            Environment::Production => Shown::Production,
            Environment::Test => Shown::Test,
            Environment::Demo => Shown::Demonstration,
        },
        password_min: u32::try_from(app.config.passwords.min_length).unwrap_or(u32::MAX),
        path: retry(path),
        ..Page::default()
    }
}

/// The anti-forgery token of forms in this browser.
pub fn csrf(app: &App, browser: &Browser) -> String {
    app.keys.csrf.tag(&["form", &browser.cookie])
}
