//! `GET` and `POST /oauth/authorize` (OpenID Connect Core §3.1.2).

use std::time::Duration;

use axum::body::Body;
use axum::extract::RawQuery;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Redirect, Response};

use super::{flow, protocol, relay};
use crate::audit::{self, Event, Kind};
use crate::authn::interaction::Interaction;
use crate::oidc::authorize::{Decision, Invalid, Request, request, respond};
use crate::oidc::client::Client;
use crate::oidc::error::OAuthError;
use crate::web::error::{Failure, PageFailure};
use crate::web::extract::params::MAX_PARAMS;
use crate::web::extract::{Params, Visit, body};
use crate::web::view::error::{ErrorCode, Technical, Way};
use crate::web::view::link;

/// How long a choice of language made on an error page of this address holds against what the request asks.
const JUST_NOW: Duration = Duration::from_secs(60);

/// The request in the query.
pub async fn get(mut visit: Visit, RawQuery(query): RawQuery) -> Result<Response, Failure> {
    let read = Params::with_repeats(query.unwrap_or_default().as_bytes());
    let (params, repeated) = read.map_err(|e| invalid_page(&protocol::malformed(e)))?;
    let since = visit.ctx.now().minus(JUST_NOW);
    visit.speak(params.get("ui_locales"), since);
    let read = request::read(&|name| params.get(name), &repeated, &visit.app.hub());
    match read {
        Ok((client, request)) => begin(&visit, &client, request).await,
        Err(invalid) => refuse(&visit, invalid).await,
    }
}

/// The request in the body: led to the query, because the cookies of a sign-in do not come with a POST from elsewhere.
pub async fn post(headers: HeaderMap, sent: Body) -> Result<Response, Failure> {
    let form =
        headers.get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).is_some_and(|v| v.starts_with("application/x-www-form-urlencoded"));
    let bytes = body::read(sent, MAX_PARAMS).await.map_err(|e| e.page(Way::Home))?;
    let text = String::from_utf8(bytes.to_vec()).ok().filter(|t| form && t.len() < 7_000 && t.is_ascii());
    match text.filter(|t| !t.chars().any(|c| c.is_ascii_control() || c == '#' || c == ' ')) {
        Some(query) => Ok(Redirect::to(&format!("/oauth/authorize?{query}")).into_response()),
        None => Err(Failure::page(ErrorCode::A103, Way::Home)),
    }
}

/// A valid request: answered at once when nothing has to be asked, otherwise a journey begins.
async fn begin(visit: &Visit, client: &Client, request: Request) -> Result<Response, Failure> {
    let app = &visit.app;
    match flow::judge(visit, visit.session.as_ref(), client, &request, None, None).await? {
        Decision::Issue => {
            let Some(session) = &visit.session else { return Err(Failure::Internal("issue without a session".into())) };
            let (tx, leaving) = flow::give_code(visit, session, client, &request, None, None).await?;
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
        Invalid::Repeated(name) => {
            Err(invalid_page(&OAuthError::said(crate::oidc::error::Code::InvalidRequest, &format!("parameter {name} is repeated"))))
        }
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

fn invalid_page(error: &OAuthError) -> Failure {
    let technical = Some(Technical { error: error.code.as_str().into(), description: error.description.to_string() });
    Failure::Page(Box::new(PageFailure { code: ErrorCode::A103, way: Some(Way::Home), service: None, technical, upstream: None }))
}
