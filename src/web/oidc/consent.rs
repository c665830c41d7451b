//! S-16: what a service will receive, with values; « Autoriser » or « Refuser ».

use axum::response::Response;
use serde::Deserialize;

use super::{flow, relay};
use crate::audit::{self, Event, Kind};
use crate::authn::LiveSession;
use crate::authn::interaction::Interaction;
use crate::oidc::authorize::{Request, respond};
use crate::oidc::claims::{self, Facts};
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
        values: shared(&visit, &session, &client, &request, &interaction).await?,
        offline: request.has_scope("offline_access"),
        privacy_url: client.metadata.policy_uri.clone(),
        terms_url: client.metadata.tos_uri.clone(),
    })
}

/// Kinds of information, and the claims that carry each.
pub const KINDS: &[(SharedKind, &[&str])] = &[
    (SharedKind::GivenName, &["given_name"]),
    (SharedKind::FamilyName, &["family_name", "usual_name"]),
    (SharedKind::PreferredName, &["preferred_username"]),
    (SharedKind::Gender, &["gender"]),
    (SharedKind::BirthDate, &["birthdate"]),
    (SharedKind::BirthPlace, &["birthplace"]),
    (SharedKind::BirthCountry, &["birthcountry"]),
    (SharedKind::Email, &["email"]),
    (SharedKind::Phone, &["phone_number"]),
    (SharedKind::Organization, &["organization_label"]),
    (SharedKind::Siret, &["siret"]),
    (SharedKind::Siren, &["siren"]),
    (SharedKind::Rights, &["habilitations"]),
    (SharedKind::Language, &["locale"]),
    (SharedKind::UpdatedAt, &["updated_at"]),
];

async fn shared(
    visit: &Visit,
    session: &LiveSession,
    client: &Client,
    request: &Request,
    interaction: &Interaction,
) -> Result<Vec<SharedValue>, Failure> {
    let account = session.account();
    let mut names = claims::for_userinfo(client, &request.scope, request.claims.as_ref());
    names.extend(claims::for_id_token(client, request.claims.as_ref()));
    let place = flow::place(visit, session, client, request, Some(interaction)).await?;
    let facts = Facts { account, sub: "", place: place.standing(), now: visit.ctx.now(), acr: None, amr: "" };
    let mut all = claims::collect(client.metadata.claims_vocabulary, &facts, &names);
    if all.contains_key("name") {
        all.insert("given_name".into(), account.given_name.as_str().into());
        all.insert("family_name".into(), account.family_name.as_str().into());
    }
    if let (true, Some(place)) = (all.contains_key("establishment"), place.standing()) {
        let establishment = &place.membership.establishment;
        all.insert("organization_label".into(), establishment.name.as_str().into());
        all.insert("siret".into(), establishment.siret.grouped().into());
    }
    if let (true, Some(service), Some(held)) =
        (all.contains_key("habilitations"), flow::service_of(visit, client), place.standing().and_then(|p| p.rights.as_ref()))
    {
        let names: Vec<String> = held.profiles.iter().filter_map(|id| service.profile(id)).map(|p| p.name).collect();
        all.insert("habilitations".into(), names.join(", ").into());
    }
    if all.contains_key("updated_at") {
        all.insert("updated_at".into(), format::date(visit.page().t, account.updated_at.millis()).into());
    }
    let text = |name: &&str| all.get(*name).and_then(|v| v.as_str()).filter(|v| !v.is_empty()).map(str::to_owned);
    let value = |(kind, claims): &(SharedKind, &[&str])| Some(SharedValue { kind: *kind, value: claims.iter().find_map(text)? });
    Ok(KINDS.iter().filter_map(value).collect())
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
    let leaving = respond::error(&visit.app.issuer, &(&request).into(), &error);
    relay::leave(&visit, tx, &session, &interaction, &client, &leaving, false).await
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
