//! What happens around every handler: identity of the request, limits, headers, errors turned into pages.

pub mod address;
pub mod cors;
pub mod headers;
pub mod limits;

use std::net::SocketAddr;
use std::sync::{Arc, OnceLock};

use axum::extract::{ConnectInfo, MatchedPath, Request, State};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use futures_util::FutureExt;
use tracing::Instrument as _;

use super::cookie;
use super::error::{self, Failure};
use super::route::Class;
use crate::app::App;
use crate::base::id::RequestId;
use crate::base::texts::Locale;
use crate::base::{Actor, Ctx, Timestamp};
use crate::crypto::{Token, TokenKind};
use crate::telemetry::metrics::{self, Stopwatch};
use crate::telemetry::traces;

/// What the layer of a route knows.
#[derive(Clone)]
pub struct RouteState {
    /// The application.
    pub app: App,
    /// Class of the route.
    pub class: Class,
    /// Limits of this node.
    pub limits: limits::Limits,
}

/// The browser a request comes from, by its cookie. Given to every page request.
#[derive(Debug, Clone)]
pub struct Browser {
    /// The cookie's value.
    pub cookie: String,
    /// The request came without it: this response sets it.
    pub fresh: bool,
    /// When the person last chose a language in it by hand.
    chose_language: Option<Timestamp>,
    /// The language of the journey that this page belongs to, once it is known: error pages, made around the handler, speak it too.
    spoken: Arc<OnceLock<Locale>>,
}

impl Browser {
    /// The language that the service of a journey asks for (`ui_locales`), unless the person has chosen one by hand since it began.
    /// Nothing is kept: the next journey has its own.
    pub fn speaks(&self, asked: Option<&str>, since: Timestamp) -> Option<Locale> {
        let chosen = self.chose_language.is_some_and(|at| at >= since);
        let locale = asked.filter(|_| !chosen).and_then(Locale::asked)?;
        let _ = self.spoken.set(locale);
        Some(locale)
    }
}

/// Around each route of the table.
pub async fn run(State(state): State<RouteState>, mut request: Request, next: Next) -> Response {
    if state.class == Class::Document {
        let mut response = next.run(request).await;
        headers::document(response.headers_mut());
        return response;
    }
    let watch = Stopwatch::start();
    let ctx = Arc::new(context(&state.app, &request));
    request.extensions_mut().insert(ctx.clone());
    let path = request.uri().path_and_query().map_or_else(|| "/".to_owned(), |p| p.as_str().to_owned());
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().map(|m| m.as_str().to_owned());
    let page = matches!(state.class, Class::Page | Class::Credential);
    if state.class == Class::Protocol {
        request.extensions_mut().insert(state.limits.clone());
    }
    let browser = page.then(|| browser(request.headers(), &ctx));
    if let Some(browser) = &browser {
        request.extensions_mut().insert(browser.clone());
    }
    let named = route.as_deref().unwrap_or("-");
    let told = address::is_trusted(peer(&request).map(|p| p.ip()), &state.app.trusted_proxies).then(|| request.headers());
    let origin = cors::origin(named, request.headers());
    let span = traces::request(&method, named, ctx.request_id.as_str(), told);
    let mut response = match state.limits.admit(state.class, ctx.client_addr, method.is_safe()) {
        Ok(()) => next.run(request).instrument(span.clone()).await,
        Err(wait) => Failure::TooManyRequests(wait).into_response(),
    };
    if let Some(failure) = response.extensions_mut().remove::<Arc<Failure>>() {
        let spoken = browser.as_ref().and_then(|b| b.spoken.get().copied());
        let ctx = Ctx { locale: spoken.unwrap_or(ctx.locale), ..(*ctx).clone() };
        response = error::render(&state.app, &ctx, browser.as_ref(), &path, &failure, page).await;
    }
    if page {
        headers::page(response.headers_mut(), &state.app);
        if let Some(fresh) = browser.filter(|b| b.fresh)
            && let Some(value) = cookie::set(cookie::BROWSER, &fresh.cookie, None)
        {
            response.headers_mut().append(header::SET_COOKIE, value);
        }
    } else {
        headers::protocol(response.headers_mut());
        if let Some(origin) = origin {
            cors::answer(&state.app, origin, method == Method::OPTIONS, response.headers_mut());
        }
    }
    if page && !method.is_safe() {
        // Whatever the form has put in the outbox goes out now.
        state.app.wake_worker();
    }
    let (status, elapsed) = (response.status().as_u16(), watch.elapsed());
    metrics::request(state.class.name(), status, elapsed);
    traces::answered(&span, status);
    tracing::info!(
        target: "http", request_id = ctx.request_id.as_str(), %method, route = named,
        status, ms = elapsed.as_millis() as u64
    );
    response
}

/// Around what no route matched.
pub async fn outer(State(state): State<RouteState>, request: Request, next: Next) -> Response {
    let (headers, extensions) = (request.headers().clone(), request.extensions().get::<ConnectInfo<SocketAddr>>().cloned());
    let path = request.uri().path().to_owned();
    let mut response = next.run(request).await;
    if let Some(failure) = response.extensions_mut().remove::<Arc<Failure>>() {
        let ctx = context_of(&state.app, &headers, extensions.map(|c| c.0));
        response = error::render(&state.app, &ctx, None, &path, &failure, true).await;
        headers::page(response.headers_mut(), &state.app);
    }
    response
}

/// A defect must not take the connection down, nor show anything of itself.
pub async fn catch_panic(request: Request, next: Next) -> Response {
    match std::panic::AssertUnwindSafe(next.run(request)).catch_unwind().await {
        Ok(response) => response,
        Err(_) => (StatusCode::INTERNAL_SERVER_ERROR, "internal error").into_response(),
    }
}

fn context(app: &App, request: &Request) -> Ctx {
    context_of(app, request.headers(), peer(request))
}

fn peer(request: &Request) -> Option<SocketAddr> {
    request.extensions().get::<ConnectInfo<SocketAddr>>().map(|c| c.0)
}

fn context_of(app: &App, headers: &HeaderMap, peer: Option<SocketAddr>) -> Ctx {
    let text = |name: header::HeaderName| headers.get(name).and_then(|v| v.to_str().ok());
    Ctx {
        request_id: RequestId::new(app.clock.now(), app.rng.as_ref()),
        clock: app.clock.clone(),
        rng: app.rng.clone(),
        client_addr: address::client(peer.map(|p| p.ip()), headers, &app.trusted_proxies),
        user_agent: text(header::USER_AGENT).map(|u| u.chars().filter(|c| !c.is_control()).take(300).collect()),
        actor: Actor::Anonymous,
        locale: Locale::negotiate(text(header::ACCEPT_LANGUAGE), cookie::get(headers, cookie::LOCALE)),
    }
}

fn browser(headers: &HeaderMap, ctx: &Ctx) -> Browser {
    let kept = cookie::get(headers, cookie::BROWSER).and_then(|c| Token::parse(TokenKind::Browser, c));
    let fresh = kept.is_none();
    let token = kept.unwrap_or_else(|| Token::new(TokenKind::Browser, ctx.rng.as_ref()));
    Browser { cookie: token.as_str().to_owned(), fresh, chose_language: cookie::chosen_at(headers), spoken: Arc::default() }
}
