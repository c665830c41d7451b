//! The way back to a service. Interactive sign-ins end on a page of ours (S-24), because browsers apply `form-action` to the
//! redirects that follow a POST; silent ones answer a redirect at once (DESIGN §5).

use axum::extract::Path;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use serde::{Deserialize, Serialize};

use super::flow;
use crate::authn::LiveSession;
use crate::authn::interaction::Interaction;
use crate::base::texts::Locale;
use crate::crypto::{Token, TokenKind};
use crate::db::Tx;
use crate::oidc::authorize::respond::{self, Leaving};
use crate::oidc::client::Client;
use crate::oidc::error::{Code, OAuthError};
use crate::oidc::store;
use crate::web::error::Failure;
use crate::web::extract::{Journey, Visit};
use crate::web::layer::headers;
use crate::web::view::error::{ErrorCode, Way};
use crate::web::view::sign_in::{FormPostPage, RelayPage, SharedKind};

/// How a journey ends.
#[derive(Debug, Clone)]
pub enum Ending {
    /// An error goes back to the service.
    Refused,
    /// The person is signed in; what the service receives without their having been asked.
    SignedIn(Vec<SharedKind>),
}

#[derive(Serialize, Deserialize)]
struct Kept {
    leaving: Leaving,
    success: bool,
    #[serde(default)]
    told: Vec<SharedKind>,
    /// The language of the journey: the page that ends it speaks it too.
    #[serde(default)]
    locale: Locale,
}

/// Ends an interactive journey: keeps the answer for the relay page, in the transaction that made it, and leads there.
pub async fn leave(
    visit: &Visit,
    mut tx: Tx,
    session: &LiveSession,
    interaction: &Interaction,
    client: &Client,
    leaving: &Leaving,
    ending: Ending,
) -> Result<Response, Failure> {
    let internal = |e: String| Failure::Internal(e);
    let id = Token::new(TokenKind::Relay, visit.ctx.rng.as_ref());
    let (success, told) = match ending {
        Ending::Refused => (false, Vec::new()),
        Ending::SignedIn(told) => (true, told),
    };
    let kept = Kept { leaving: leaving.clone(), success, told, locale: visit.ctx.locale };
    let text = serde_json::to_vec(&kept).map_err(|e| internal(e.to_string()))?;
    let sealed = visit.app.keys.browser.seal(&context(&id.hash()), &text).map_err(|e| internal(e.to_string()))?;
    let relay = store::NewRelay {
        hash: &id.hash(),
        interaction: interaction.id.as_str(),
        session: session.session().id.as_str(),
        client: &client.id,
        sealed: &sealed,
        expires_at: visit.ctx.now().plus(visit.app.config.sign_in.interaction),
    };
    store::insert_relay(&mut tx, &relay)?;
    tx.commit().await?;
    Ok(visit.go(&format!("/connexion/suite/{}", id.as_str())))
}

fn context(hash: &str) -> String {
    format!("relay/{hash}")
}

/// S-24, once. Opened again, it says that the sign-in is over and offers to start anew at the service (A204).
pub async fn show(mut visit: Visit, Path(id): Path<String>) -> Result<Response, Failure> {
    let lost = || Failure::page(ErrorCode::A203, Way::Home);
    let hash = Token::parse(TokenKind::Relay, &id).ok_or_else(lost)?.hash();
    let mut tx = visit.app.db.begin().await?;
    let taken = store::consume_relay(&mut tx, &hash, visit.ctx.now()).await?;
    tx.commit().await?;
    let Some((client_id, sealed)) = taken else {
        let known = store::find_relay(&mut visit.app.db.read().await?, &hash).await?;
        return Err(known.map_or_else(lost, |(client, _)| finished(&visit, &client)));
    };
    let text = visit.app.keys.browser.open(&context(&hash), &sealed).map_err(|e| Failure::Internal(e.to_string()))?;
    let kept: Kept = serde_json::from_slice(&text).map_err(|e| Failure::Internal(e.to_string()))?;
    visit.ctx.locale = kept.locale;
    let client = visit.app.clients().live(&client_id).cloned().ok_or_else(|| Failure::page(ErrorCode::A104, Way::Services))?;
    page(&visit, &client, &kept.leaving, kept.success, kept.told)
}

/// The sign-in is over (A204), and here is the service.
pub fn finished(visit: &Visit, client_id: &str) -> Failure {
    let clients = visit.app.clients();
    let client = clients.live(client_id);
    let way = match client.and_then(|c| Some((c.metadata.client_name.clone(), c.metadata.client_uri.clone()?))) {
        Some((service, url)) => Way::Continue { service, url },
        None => Way::Services,
    };
    Failure::page(ErrorCode::A204, way)
}

/// Answers without a page of ours where a redirect will do.
pub fn leave_silently(visit: &Visit, client: &Client, leaving: &Leaving, success: bool) -> Result<Response, Failure> {
    match leaving {
        Leaving::Redirect(url) => Ok(Redirect::to(url).into_response()),
        Leaving::Form { .. } => page(visit, client, leaving, success, Vec::new()),
    }
}

fn page(visit: &Visit, client: &Client, leaving: &Leaving, success: bool, told: Vec<SharedKind>) -> Result<Response, Failure> {
    let service = client.metadata.client_name.clone();
    let mut page = visit.page();
    page.service = Some(service.clone());
    match leaving {
        Leaving::Redirect(url) => {
            let mut response = visit.ok(&RelayPage { page, service, url: url.clone(), success, told })?;
            if let Ok(refresh) = HeaderValue::from_str(&format!("0; url={url}")) {
                response.headers_mut().insert(header::REFRESH, refresh);
            }
            Ok(response)
        }
        Leaving::Form { action, fields } => {
            let view = FormPostPage { page, service, url: action.clone(), params: fields.clone(), success, told };
            let mut response = visit.html(StatusCode::OK, &view)?;
            response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(headers::CSP_FORM_POST));
            Ok(response)
        }
    }
}

/// « Retour à {service} »: the person gives up, the service learns it (`access_denied`).
pub async fn abandon(journey: Journey) -> Result<Response, Failure> {
    let Journey { visit, interaction, .. } = journey;
    refuse(&visit, &interaction, "the person went back to the service")
}

/// Sends `access_denied` to the service of a journey.
pub fn refuse(visit: &Visit, interaction: &Interaction, why: &'static str) -> Result<Response, Failure> {
    let Some((client, request)) = flow::pending(visit, interaction)? else { return Ok(visit.go("/")) };
    let leaving = respond::error(&visit.app.issuer, &(&request).into(), &OAuthError::new(Code::AccessDenied, why));
    leave_silently(visit, &client, &leaving, false)
}
