//! What a page handler works with.

use std::sync::Arc;

use askama::Template;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};

use crate::app::App;
use crate::authn::{Found, LiveSession, PartialSession, session};
use crate::base::{Actor, Ctx, Timestamp};
use crate::crypto::{Token, TokenKind};
use crate::web::cookie;
use crate::web::error::{Failure, base_page, csrf};
use crate::web::layer::Browser;
use crate::web::view::{Notice, Page};

/// One visit of a page: application, circumstances, browser, and the live session if there is one.
#[derive(Debug, Clone)]
pub struct Visit {
    /// The application.
    pub app: App,
    /// The circumstances; acts as the person when signed in.
    pub ctx: Ctx,
    /// The browser.
    pub browser: Browser,
    /// The session, looked up and found alive at this request.
    pub session: Option<LiveSession>,
    /// A session that lacks something its account demands: of use on the pages that complete it only.
    pub partial: Option<PartialSession>,
    /// The mark of a browser that has signed in before.
    pub known: Option<Token>,
    /// What this browser presents to be spared the code that follows a password.
    pub trust: Option<String>,
    /// Our script found that this browser can make passkeys.
    pub makes_passkeys: bool,
    /// Path and query.
    pub path: String,
    notice: Option<Notice>,
}

impl FromRequestParts<App> for Visit {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Failure> {
        let missing = || Failure::Internal("route without its layer".into());
        let ctx = parts.extensions.get::<Arc<Ctx>>().ok_or_else(missing)?.as_ref().clone();
        let browser = parts.extensions.get::<Browser>().ok_or_else(missing)?.clone();
        let session = match cookie::get(&parts.headers, cookie::SESSION) {
            Some(value) => session::find(&mut app.db.read().await?, value, ctx.now(), app.rules()).await?,
            None => None,
        };
        let (session, partial) = match session {
            Some(Found::Live(live)) => (Some(live), None),
            Some(Found::Partial(partial)) => (None, Some(partial)),
            None => (None, None),
        };
        if let Some(live) = &session {
            app.touch(live);
        }
        let ctx = match &session {
            Some(live) => ctx.acting_as(Actor::Account(live.account().id.clone())),
            None => ctx,
        };
        let path = parts.uri.path_and_query().map_or_else(|| "/".to_owned(), |p| p.as_str().to_owned());
        let notice = cookie::get(&parts.headers, cookie::NOTICE).and_then(|sealed| open_notice(app, &browser, sealed));
        let known = cookie::get(&parts.headers, cookie::KNOWN).and_then(|c| Token::parse(TokenKind::Browser, c));
        let trust = cookie::get(&parts.headers, cookie::TRUST).map(str::to_owned);
        let makes_passkeys = cookie::get(&parts.headers, cookie::MAKES_PASSKEYS).is_some();
        Ok(Self { app: app.clone(), ctx, browser, session, partial, known, trust, makes_passkeys, path, notice })
    }
}

fn notice_context(browser: &Browser) -> String {
    format!("notice/{}", browser.cookie)
}

fn open_notice(app: &App, browser: &Browser, sealed: &str) -> Option<Notice> {
    let text = app.keys.browser.open(&notice_context(browser), sealed).ok()?;
    serde_json::from_slice(&text).ok()
}

impl Visit {
    /// The common part of a page.
    pub fn page(&self) -> Page {
        let mut page = base_page(&self.app, &self.ctx, &self.path);
        page.jeton = csrf(&self.app, &self.browser);
        page.manager = self.session.as_ref().is_some_and(|s| s.account().security.manager);
        page.person = self.session.as_ref().map(|s| s.account().full_name());
        page.notice.clone_from(&self.notice);
        page
    }

    /// A rendered page. A one-time notice is spent.
    pub fn html(&self, status: StatusCode, view: &impl Template) -> Result<Response, Failure> {
        let text = view.render()?;
        let mut response = (status, [(header::CONTENT_TYPE, "text/html; charset=utf-8")], text).into_response();
        if self.notice.is_some()
            && let Some(gone) = cookie::clear(cookie::NOTICE)
        {
            response.headers_mut().append(header::SET_COOKIE, gone);
        }
        Ok(response)
    }

    /// 200.
    pub fn ok(&self, view: &impl Template) -> Result<Response, Failure> {
        self.html(StatusCode::OK, view)
    }

    /// 422: a form shown again with its errors.
    pub fn invalid(&self, view: &impl Template) -> Result<Response, Failure> {
        self.html(StatusCode::UNPROCESSABLE_ENTITY, view)
    }

    /// 303 to a page of ours.
    pub fn go(&self, to: &str) -> Response {
        Redirect::to(to).into_response()
    }

    /// The visit of somebody signed in; others are led to sign in, then to `back`, a path of ours.
    #[allow(clippy::result_large_err)] // an extractor's rejection is a whole response
    pub fn signed_in(self, back: &str) -> Result<Person, Response> {
        match self.session.clone() {
            Some(session) => Ok(Person { visit: self, session }),
            None => {
                let query: String = form_urlencoded::Serializer::new(String::new()).append_pair("retour", back).finish();
                let response = self.go(&format!("/connexion?{query}"));
                // One that is to be completed is kept: signing in goes on from there.
                Err(if self.partial.is_some() { response } else { without_session(response) })
            }
        }
    }

    /// The session of this browser, complete or not.
    pub fn present(&self) -> Option<Found> {
        let live = self.session.clone().map(Found::Live);
        live.or_else(|| self.partial.clone().map(Found::Partial))
    }

    /// This visit with a session that was just found, opened or strengthened.
    pub fn hold(&mut self, found: Option<Found>) {
        (self.session, self.partial) = match found {
            Some(Found::Live(live)) => (Some(live), None),
            Some(Found::Partial(partial)) => (None, Some(partial)),
            None => (None, None),
        };
        if let Some(live) = &self.session {
            self.ctx = self.ctx.acting_as(Actor::Account(live.account().id.clone()));
        }
    }

    /// From here on in the language that the service of this journey asks for, if it does ([`Browser::speaks`]).
    pub fn speak(&mut self, asked: Option<&str>, since: Timestamp) {
        if let Some(locale) = self.browser.speaks(asked, since) {
            self.ctx.locale = locale;
        }
    }

    /// A parameter of the query; the first one when repeated.
    pub fn query(&self, name: &str) -> Option<String> {
        let (_, query) = self.path.split_once('?')?;
        form_urlencoded::parse(query.as_bytes()).find(|(n, _)| n == name).map(|(_, v)| v.into_owned())
    }

    /// 303 to a page of ours that will show a notice once.
    pub fn go_with(&self, to: &str, notice: &Notice) -> Response {
        self.with_notice(self.go(to), notice)
    }

    /// The same response, with a notice for the next page.
    pub fn with_notice(&self, mut response: Response, notice: &Notice) -> Response {
        let sealed = serde_json::to_vec(notice).ok().and_then(|t| self.app.keys.browser.seal(&notice_context(&self.browser), &t).ok());
        if let Some(value) = sealed.and_then(|s| cookie::set(cookie::NOTICE, &s, None)) {
            response.headers_mut().append(header::SET_COOKIE, value);
        }
        response
    }
}

/// Puts the session cookie of a sign-in on a response.
pub fn with_session(mut response: Response, token: Option<&Token>) -> Response {
    if let Some(value) = token.and_then(|t| cookie::set(cookie::SESSION, t.as_str(), None)) {
        response.headers_mut().append(header::SET_COOKIE, value);
    }
    response
}

/// Removes the session cookie.
pub fn without_session(mut response: Response) -> Response {
    if let Some(value) = cookie::clear(cookie::SESSION) {
        response.headers_mut().append(header::SET_COOKIE, value);
    }
    response
}

/// A visit by somebody signed in; others are led to sign in and come back (GET) or to the sign-in page.
#[derive(Debug, Clone)]
pub struct Person {
    /// The visit.
    pub visit: Visit,
    /// The session, alive.
    pub session: LiveSession,
}

impl FromRequestParts<App> for Person {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Response> {
        let visit = Visit::from_request_parts(parts, app).await.map_err(IntoResponse::into_response)?;
        let back = if parts.method.is_safe() { visit.path.clone() } else { "/compte".to_owned() };
        visit.signed_in(&back)
    }
}
