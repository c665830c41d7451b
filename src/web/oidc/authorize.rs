//! `GET` and `POST /oauth/authorize` (OpenID Connect Core §3.1.2).

use axum::body::{Body, to_bytes};
use axum::extract::RawQuery;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Redirect, Response};

use super::{flow, protocol, relay};
use crate::audit::{self, Event, Kind};
use crate::authn::interaction::Interaction;
use crate::base::texts::Locale;
use crate::oidc::authorize::{Decision, Invalid, Request, request, respond};
use crate::oidc::client::Client;
use crate::oidc::error::OAuthError;
use crate::web::cookie;
use crate::web::error::{Failure, PageFailure};
use crate::web::extract::params::MAX_PARAMS;
use crate::web::extract::{Params, Visit};
use crate::web::view::error::{ErrorCode, Technical, Way};
use crate::web::view::link;

/// The request in the query.
pub async fn get(visit: Visit, headers: HeaderMap, RawQuery(query): RawQuery) -> Result<Response, Failure> {
    let params = Params::parse(query.unwrap_or_default().as_bytes()).map_err(|e| invalid_page(None, &protocol::malformed(e)))?;
    let read = request::read(&|name| params.get(name), &visit.app.hub());
    match read {
        Ok((client, request)) => {
            let response = begin(&visit, &client, request).await?;
            Ok(remember_locale(response, &visit, &headers, &params))
        }
        Err(invalid) => refuse(&visit, invalid).await,
    }
}

/// The request in the body: led to the query, because the cookies of a sign-in do not come with a POST from elsewhere.
pub async fn post(headers: HeaderMap, body: Body) -> Result<Response, Failure> {
    let form =
        headers.get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).is_some_and(|v| v.starts_with("application/x-www-form-urlencoded"));
    let bytes = to_bytes(body, MAX_PARAMS).await.map_err(|_| Failure::page(ErrorCode::A913, Way::Home))?;
    let text = String::from_utf8(bytes.to_vec()).ok().filter(|t| form && t.len() < 7_000 && t.is_ascii());
    match text.filter(|t| !t.chars().any(|c| c.is_ascii_control() || c == '#' || c == ' ')) {
        Some(query) => Ok(Redirect::to(&format!("/oauth/authorize?{query}")).into_response()),
        None => Err(Failure::page(ErrorCode::A103, Way::Home)),
    }
}

/// A valid request: answered at once when nothing has to be asked, otherwise a journey begins.
async fn begin(visit: &Visit, client: &Client, request: Request) -> Result<Response, Failure> {
    let app = &visit.app;
    match flow::judge(visit, visit.session.as_ref(), client, &request, None, false).await? {
        Decision::Issue => {
            let Some(session) = &visit.session else { return Err(Failure::Internal("issue without a session".into())) };
            let (tx, leaving) = flow::give_code(visit, session, client, &request, None).await?;
            tx.commit().await?;
            relay::leave_silently(visit, client, &leaving, true)
        }
        Decision::Refuse(error) => {
            record(visit, client, &error).await?;
            relay::leave_silently(visit, client, &respond::error(&app.issuer, &(&request).into(), &error), false)
        }
        decision => {
            let mut interaction = Interaction::new(&visit.ctx, &visit.browser.cookie, None);
            if let Decision::SignIn { fresh, select } = decision {
                (interaction.fresh, interaction.select) = (fresh, select);
            }
            let hint = request.login_hint.as_deref().and_then(|h| crate::base::Email::parse(h).ok());
            interaction.email = hint;
            interaction.request = serde_json::to_value(&request).ok();
            match interaction.seal(&app.keys) {
                Ok(t) => Ok(visit.go(&link(flow::gate(&decision, visit.session.as_ref(), &interaction), &t))),
                Err(_) => {
                    let error = OAuthError::new(crate::oidc::error::Code::InvalidRequest, "the request is too long");
                    relay::leave_silently(visit, client, &respond::error(&app.issuer, &(&request).into(), &error), false)
                }
            }
        }
    }
}

/// `ui_locales` sets the language of a person who has not chosen one.
fn remember_locale(mut response: Response, visit: &Visit, headers: &HeaderMap, params: &Params) -> Response {
    let asked = params.get("ui_locales").filter(|_| cookie::get(headers, cookie::LOCALE).is_none());
    let accepted = headers.get(header::ACCEPT_LANGUAGE).and_then(|v| v.to_str().ok());
    let wanted = asked.map(|tags| Locale::negotiate(Some(tags), accepted, None)).filter(|l| *l != visit.ctx.locale);
    if let Some(value) = wanted.and_then(|l| cookie::set(cookie::LOCALE, l.as_str(), None)) {
        response.headers_mut().append(header::SET_COOKIE, value);
    }
    response
}

async fn record(visit: &Visit, client: &Client, error: &OAuthError) -> Result<(), Failure> {
    tracing::info!(request_id = visit.ctx.request_id.as_str(), client = client.id, error = error.code.as_str(), "authorization refused");
    if visit.session.is_none() {
        // An anonymous request writes nothing (DESIGN §2.6).
        return Ok(());
    }
    let mut tx = visit.app.db.begin().await?;
    let event = Event::new(Kind::AuthorizationRefused).client(&client.id).with("error", error.code.as_str());
    audit::append(&mut tx, &visit.ctx, event).await?;
    tx.commit().await?;
    Ok(())
}

async fn refuse(visit: &Visit, invalid: Invalid) -> Result<Response, Failure> {
    let page = |code, way, client: Option<&Client>, error: Option<&OAuthError>| {
        let technical = error.map(|e| Technical { error: e.code.as_str().into(), description: e.description.to_string() });
        let service = client.map(|c| c.metadata.client_name.clone());
        Err(Failure::Page(Box::new(PageFailure { code, way: Some(way), service, technical, upstream: None })))
    };
    let invalid_request = |what| OAuthError::new(crate::oidc::error::Code::InvalidRequest, what);
    match invalid {
        Invalid::UnknownClient => page(ErrorCode::A101, Way::Services, None, Some(&invalid_request("unknown client_id"))),
        Invalid::ClosedClient(client) => page(ErrorCode::A104, Way::Services, Some(&client), None),
        Invalid::RedirectUri(client) => {
            page(ErrorCode::A102, Way::Contact, Some(&client), Some(&invalid_request("redirect_uri is missing or not registered")))
        }
        Invalid::Redirectable { client, to, error } => {
            record(visit, &client, &error).await?;
            relay::leave_silently(visit, &client, &respond::error(&visit.app.issuer, &to, &error), false)
        }
    }
}

fn invalid_page(client: Option<&Client>, error: &OAuthError) -> Failure {
    let technical = Some(Technical { error: error.code.as_str().into(), description: error.description.to_string() });
    let service = client.map(|c| c.metadata.client_name.clone());
    Failure::Page(Box::new(PageFailure { code: ErrorCode::A103, way: Some(Way::Home), service, technical, upstream: None }))
}
