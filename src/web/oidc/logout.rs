//! `/deconnexion`: RP-initiated logout (S-28, S-29), and « Se déconnecter » of our own pages.

use std::time::Duration;

use axum::body::Body;
use axum::extract::{FromRequest, RawQuery, Request};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;

use super::protocol;
use crate::app::App;
use crate::authn::factor::Kit;
use crate::authn::{Found, session, store};
use crate::base::Timestamp;
use crate::base::id::SessionId;
use crate::federation::logout::{self, Exit};
use crate::oidc::logout::{Input, LogoutRequest, read};
use crate::oidc::notice;
use crate::web::cookie;
use crate::web::error::{Failure, PageFailure};
use crate::web::extract::form::MAX_FORM;
use crate::web::extract::visit::without_session;
use crate::web::extract::{Params, ProtectedForm, Visit, body};
use crate::web::view::Link;
use crate::web::view::error::{ErrorCode, Technical, Way};
use crate::web::view::sign_out::{SignOutPage, SignedOutPage};

/// How long, and how often, we look whether services have heard of the end of a session.
const PATIENCE: Duration = Duration::from_secs(2);
const PAUSE: Duration = Duration::from_millis(50);

/// A service sends the person (OpenID Connect RP-Initiated Logout §2): with a hint of this very session it ends at once.
pub async fn get(visit: Visit, RawQuery(query): RawQuery) -> Result<Response, Failure> {
    let params = Params::parse(query.unwrap_or_default().as_bytes()).map_err(|e| refused(&e.to_string()))?;
    from_service(visit, &params).await
}

async fn from_service(visit: Visit, params: &Params) -> Result<Response, Failure> {
    let input = Input {
        id_token_hint: params.get("id_token_hint"),
        client_id: params.get("client_id"),
        post_logout_redirect_uri: params.get("post_logout_redirect_uri"),
        state: params.get("state"),
    };
    let request = read(&visit.app.hub(), &input).map_err(|e| refused(&e.to_string()))?;
    let Some(live) = visit.present() else { return done(&visit, &request, Ended::default(), true) };
    if request.speaks_of(&visit.app.hub(), &live.session().id) {
        let ended = end(&visit, &live, "service", request.return_to.clone()).await?;
        return done(&visit, &request, ended, true).map(without_session);
    }
    let services = opened(&visit, &live).await?;
    let hidden = ["id_token_hint", "client_id", "post_logout_redirect_uri", "state"];
    let hidden = hidden.iter().filter_map(|n| Some(((*n).to_owned(), params.get(n)?.to_owned()))).collect();
    visit.ok(&SignOutPage { page: visit.page(), services, hidden })
}

fn refused(why: &str) -> Failure {
    let technical = Some(Technical { error: "invalid_request".into(), description: why.into() });
    Failure::Page(Box::new(PageFailure { code: ErrorCode::A103, way: Some(Way::Home), service: None, technical, upstream: None }))
}

/// Answer of S-28 or button of our header (with `jeton`), or a service that posts (without).
pub async fn post(axum::extract::State(app): axum::extract::State<App>, request: Request) -> Result<Response, Failure> {
    let (parts, sent) = request.into_parts();
    let bytes = body::read(sent, MAX_FORM).await.map_err(|e| e.page(Way::Home))?;
    let ours = form_urlencoded::parse(&bytes).any(|(name, _)| name == "jeton");
    if ours {
        let request = Request::from_parts(parts, Body::from(bytes));
        return from_person(ProtectedForm::<Choice>::from_request(request, &app).await?).await;
    }
    // Cookies do not come with a POST from elsewhere: start again as a GET of ours.
    let params = protocol::form(&parts.headers, Body::from(bytes)).await.map_err(|e| refused(&e.to_string()))?;
    let mut query = form_urlencoded::Serializer::new(String::new());
    for (name, value) in params.iter() {
        query.append_pair(name, value);
    }
    let query = query.finish();
    if query.len() > 8_000 { Err(refused("too long")) } else { Ok(Redirect::to(&format!("/deconnexion?{query}")).into_response()) }
}

/// Fields of S-28; the header's button sends none but `jeton`.
#[derive(Debug, Deserialize)]
pub struct Choice {
    choix: Option<String>,
    id_token_hint: Option<String>,
    client_id: Option<String>,
    post_logout_redirect_uri: Option<String>,
    state: Option<String>,
}

async fn from_person(form: ProtectedForm<Choice>) -> Result<Response, Failure> {
    let (visit, f) = (form.visit, form.fields);
    let text = |t: &Option<String>| t.clone().filter(|t| !t.is_empty());
    let (hint, client, uri, state) = (text(&f.id_token_hint), text(&f.client_id), text(&f.post_logout_redirect_uri), text(&f.state));
    let input = Input {
        id_token_hint: hint.as_deref(),
        client_id: client.as_deref(),
        post_logout_redirect_uri: uri.as_deref(),
        state: state.as_deref(),
    };
    let request = read(&visit.app.hub(), &input).map_err(|e| refused(&e.to_string()))?;
    if f.choix.as_deref() == Some("rester") {
        return Ok(match request.return_to {
            Some(url) => relay_to(&visit, &url, &request.client.map(|c| c.metadata.client_name.clone()).unwrap_or_default())?,
            None => visit.go("/accueil"),
        });
    }
    let ended = match visit.present() {
        Some(live) => end(&visit, &live, "person", request.return_to.clone()).await?,
        None => Ended::default(),
    };
    done(&visit, &request, ended, false).map(without_session)
}

/// Names of the services opened in a session.
async fn opened(visit: &Visit, live: &Found) -> Result<Vec<String>, Failure> {
    let ids = store::clients(&mut visit.app.db.read().await?, &live.session().id).await?;
    Ok(names(visit, ids.iter()))
}

fn names<'a>(visit: &Visit, ids: impl Iterator<Item = &'a String>) -> Vec<String> {
    let clients = visit.app.clients();
    ids.filter_map(|id| clients.any(id)).map(|c| c.metadata.client_name.clone()).collect()
}

/// A session that was just ended: its services that have heard, the others, and the way out of the provider it rested on.
#[derive(Default)]
struct Ended {
    confirmed: Vec<String>,
    unconfirmed: Vec<String>,
    exit: Option<Exit>,
}

/// Waits a moment for the services of a session that ended to say that they have heard; S-29 is never late by more than three
/// seconds (ux S-29).
async fn hear(visit: &Visit, ids: &[String], session: &SessionId, since: Timestamp) -> Result<Vec<String>, Failure> {
    visit.app.wake_worker();
    let mut heard = Vec::new();
    let all = async {
        loop {
            let mut read = visit.app.db.read().await?;
            let (now, waiting) = notice::heard(&mut read, &visit.app.clients(), ids, session, since).await?;
            drop(read);
            heard = now;
            if !waiting {
                return Ok(());
            }
            tokio::time::sleep(PAUSE).await;
        }
    };
    // Those who have not answered by then have not.
    tokio::time::timeout(PATIENCE, all).await.unwrap_or(Ok(())).map(|()| heard)
}

async fn end(visit: &Visit, live: &Found, reason: &str, return_to: Option<String>) -> Result<Ended, Failure> {
    let app = &visit.app;
    let (session, since) = (&live.session().id, visit.ctx.now());
    let ids = store::clients(&mut app.db.read().await?, session).await?;
    let mut tx = app.db.begin().await?;
    let voucher = store::take_upstream(&mut tx, session).await?;
    session::end(&mut tx, &visit.ctx, session, &live.account().id, reason).await?;
    tx.commit().await?;
    let kit = Kit { ctx: &visit.ctx, keys: &app.keys, config: &app.config };
    let leaves = return_to.is_some();
    let exit = match voucher.as_ref().and_then(|v| app.providers().any(&v.provider).cloned().map(|p| (v, p))) {
        Some((voucher, provider)) => logout::exit(app.net(), &kit, &app.issuer, &provider, voucher, &visit.browser.cookie, return_to).await,
        None => None,
    };
    // Nobody reads the list on the way elsewhere.
    let heard = if exit.as_ref().map_or(leaves, |exit| exit.always) { Vec::new() } else { hear(visit, &ids, session, since).await? };
    let (confirmed, unconfirmed): (Vec<_>, Vec<_>) = ids.iter().partition(|id| heard.contains(id));
    Ok(Ended { confirmed: names(visit, confirmed.into_iter()), unconfirmed: names(visit, unconfirmed.into_iter()), exit })
}

/// Back to the service that asked, or S-29. A GET may redirect at once, unless the person may leave their provider too: that is
/// offered first, and leads back to the service.
fn done(visit: &Visit, request: &LogoutRequest, ended: Ended, reading: bool) -> Result<Response, Failure> {
    if let Some(exit) = ended.exit.as_ref().filter(|exit| exit.always) {
        let response = if reading { Redirect::to(&exit.url).into_response() } else { leave_for(visit, exit)? };
        return Ok(kept(response, exit));
    }
    let name = request.client.as_ref().map(|c| c.metadata.client_name.clone()).unwrap_or_default();
    if let (Some(url), None) = (&request.return_to, &ended.exit) {
        return if reading { Ok(Redirect::to(url).into_response()) } else { relay_to(visit, url, &name) };
    }
    let mut page = visit.page();
    page.person = None;
    let home = request.client.as_ref().and_then(|c| c.metadata.client_uri.clone());
    let back = request.return_to.clone().or(home).map(|url| Link { label: name, url });
    let upstream = ended.exit.as_ref().map(|exit| Link { label: exit.name.clone(), url: exit.url.clone() });
    let view = SignedOutPage { page, confirmed: ended.confirmed, unconfirmed: ended.unconfirmed, upstream, leaving: None, back };
    let response = visit.ok(&view)?;
    Ok(match &ended.exit {
        Some(exit) => kept(response, exit),
        None => response,
    })
}

/// On the way out of a provider too, through S-29: what follows a POST leaves through a page.
fn leave_for(visit: &Visit, exit: &Exit) -> Result<Response, Failure> {
    let mut page = visit.page();
    page.person = None;
    let upstream = Some(Link { label: exit.name.clone(), url: exit.url.clone() });
    let leaving = Some(exit.name.clone());
    let view = SignedOutPage { page, confirmed: Vec::new(), unconfirmed: Vec::new(), upstream, leaving, back: None };
    let mut response = visit.ok(&view)?;
    if let Ok(refresh) = HeaderValue::from_str(&format!("0; url={}", exit.url)) {
        response.headers_mut().insert(header::REFRESH, refresh);
    }
    Ok(response)
}

/// What the way back is checked with.
pub fn kept(mut response: Response, exit: &Exit) -> Response {
    let life = Some(std::time::Duration::from_secs(3_600));
    if let Some(value) = cookie::set(cookie::UPSTREAM_SIGN_OUT, &exit.sealed, life) {
        response.headers_mut().append(header::SET_COOKIE, value);
    }
    response
}

/// What follows a POST goes to a service through a page (`form-action`), here S-29 with `Refresh`.
fn relay_to(visit: &Visit, url: &str, name: &str) -> Result<Response, Failure> {
    let mut page = visit.page();
    page.person = None;
    let back = Some(Link { label: name.to_owned(), url: url.to_owned() });
    let view = SignedOutPage { page, confirmed: Vec::new(), unconfirmed: Vec::new(), upstream: None, leaving: None, back };
    let mut response = visit.html(StatusCode::OK, &view)?;
    if let Ok(refresh) = HeaderValue::from_str(&format!("0; url={url}")) {
        response.headers_mut().insert(header::REFRESH, refresh);
    }
    Ok(response)
}
