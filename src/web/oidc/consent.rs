//! S-16: what a service will receive, with values; « Autoriser » or « Refuser ».

use axum::response::Response;
use serde::Deserialize;

use super::{flow, relay};
use crate::audit::{self, Event, Kind};
use crate::authn::LiveSession;
use crate::oidc::authorize::{Request, respond};
use crate::oidc::claims;
use crate::oidc::client::{Client, Consent};
use crate::oidc::consent::store;
use crate::oidc::error::{Code, OAuthError};
use crate::web::error::Failure;
use crate::web::extract::{Journey, ProtectedForm, Visit};
use crate::web::view::format;
use crate::web::view::sign_in::{ConsentPage, SharedKind, SharedValue};

/// The page.
pub async fn show(journey: Journey) -> Result<Response, Failure> {
    let Journey { visit, interaction, t } = journey;
    let (Some(session), Some((client, request))) = (visit.session.clone(), flow::pending(&visit, &interaction)?) else {
        return Ok(visit.go(&crate::web::view::link("/connexion", &t)));
    };
    if !interaction.satisfied_by(&session) || !flow::terms_accepted(&visit, session.account()) {
        return flow::next(&visit, &session, &interaction).await;
    }
    let mut page = visit.page();
    page.service = Some(client.metadata.client_name.clone());
    visit.ok(&ConsentPage {
        page,
        t,
        service: client.metadata.client_name.clone(),
        values: shared(&visit, &session, &request),
        offline: request.has_scope("offline_access"),
        privacy_url: client.metadata.policy_uri.clone(),
        terms_url: client.metadata.tos_uri.clone(),
    })
}

fn shared(visit: &Visit, session: &LiveSession, request: &Request) -> Vec<SharedValue> {
    let account = session.account();
    let mut all = claims::for_userinfo(account, &request.scope, request.claims.as_ref());
    all.extend(claims::for_id_token(account, request.claims.as_ref()));
    let text = |name: &str| all.get(name).and_then(|v| v.as_str()).map(str::to_owned);
    let named = all.contains_key("name");
    let given = text("given_name").or_else(|| named.then(|| account.given_name.clone()));
    let family = text("family_name").or_else(|| named.then(|| account.family_name.clone()));
    let updated = all.get("updated_at").map(|_| format::date(visit.page().t, account.updated_at.millis()));
    let kinds = [
        (SharedKind::GivenName, given),
        (SharedKind::FamilyName, family),
        (SharedKind::Email, text("email")),
        (SharedKind::Phone, text("phone_number")),
        (SharedKind::Language, text("locale")),
        (SharedKind::UpdatedAt, updated),
    ];
    kinds.into_iter().filter_map(|(kind, value)| Some(SharedValue { kind, value: value? })).collect()
}

/// `decision`.
#[derive(Debug, Deserialize)]
pub struct Answer {
    decision: String,
}

/// The answer.
pub async fn decide(axum::extract::RawQuery(query): axum::extract::RawQuery, form: ProtectedForm<Answer>) -> Result<Response, Failure> {
    let Journey { visit, interaction, t } = Journey::of(form.visit, query.as_deref())?;
    let (Some(session), Some((client, request))) = (visit.session.clone(), flow::pending(&visit, &interaction)?) else {
        return Ok(visit.go(&crate::web::view::link("/connexion", &t)));
    };
    if !interaction.satisfied_by(&session) {
        return flow::next(&visit, &session, &interaction).await;
    }
    if form.fields.decision == "autoriser" {
        remember(&visit, &session, &client, &request).await?;
        return flow::after_consent(&visit, &session, &interaction).await;
    }
    let error = OAuthError::new(Code::AccessDenied, "the person refused");
    let mut tx = visit.app.db.begin().await?;
    let event = Event::new(Kind::AuthorizationRefused).account(&session.account().id).client(&client.id);
    audit::append(&mut tx, &visit.ctx, event.with("error", error.code.as_str())).await?;
    tx.commit().await?;
    let leaving = respond::error(&visit.app.issuer, &(&request).into(), &error);
    relay::leave(&visit, &session, &interaction, &client, &leaving, false).await
}

/// Consents add up; a consent asked each time is not kept.
async fn remember(visit: &Visit, session: &LiveSession, client: &Client, request: &Request) -> Result<(), Failure> {
    match client.metadata.consent {
        Consent::None | Consent::Always => return Ok(()),
        Consent::Once => {}
    }
    let account = &session.account().id;
    let mut tx = visit.app.db.begin().await?;
    let before = store::find_consent(&mut tx, account, &client.id).await?.unwrap_or_default();
    let mut scopes: Vec<&str> = before.split_ascii_whitespace().chain(request.scope.split_ascii_whitespace()).collect();
    scopes.sort_unstable();
    scopes.dedup();
    store::put_consent(&mut tx, account, &client.id, &scopes.join(" "), visit.ctx.now()).await?;
    let event = Event::new(Kind::ConsentGiven).account(account).client(&client.id).session(&session.session().id);
    audit::append(&mut tx, &visit.ctx, event.with("scope", scopes.join(" "))).await?;
    tx.commit().await?;
    Ok(())
}
