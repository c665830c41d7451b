//! S-16: what a service will receive, with values, and what may be left out of it; « Autoriser » or « Refuser ».

use axum::response::Response;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::flow;
use super::relay::{self, Ending};
use crate::audit::{self, Event, Kind};
use crate::authn::LiveSession;
use crate::authn::interaction::Interaction;
use crate::oidc::authorize::{Request, issue, respond};
use crate::oidc::claims::{self, Facts};
use crate::oidc::client::{Client, Consent};
use crate::oidc::consent::store;
use crate::oidc::error::{Code, OAuthError};
use crate::web::error::Failure;
use crate::web::extract::{Journey, ProtectedForm, Visit};
use crate::web::view::format;
use crate::web::view::sign_in::{ConsentPage, OptionalShare, SharedKind, SharedValue};

/// The page.
pub async fn show(journey: Journey) -> Result<Response, Failure> {
    let Journey { visit, interaction, t } = journey;
    let (Some(session), Some((client, request))) = (visit.session.clone(), flow::pending(&visit, &interaction)?) else {
        return Ok(visit.go(&crate::web::view::link("/connexion", &t)));
    };
    if !interaction.satisfied_by(&session) || !flow::terms_accepted(&visit, session.account()) {
        return flow::next(&visit, &session, &interaction).await;
    }
    let held = held(&visit, &session, &client, &request, &interaction).await?;
    let needed = issue::allowed(&client, "", &request);
    let before = match client.metadata.consent {
        Consent::Once => store::find_consent(&mut visit.app.db.read().await?, &session.account().id, &client.id).await?,
        Consent::None | Consent::Always => None,
    };
    let mut values = values(&held, &names(&client, &needed));
    if values.is_empty() {
        let sub = claims::subject(&visit.app.keys.subject, &client, session.account());
        values.push(SharedValue { kind: SharedKind::Identifier, value: sub });
    }
    let mut page = visit.page();
    page.service = Some(client.metadata.client_name.clone());
    visit.ok(&ConsentPage {
        page,
        t,
        service: client.metadata.client_name.clone(),
        values,
        optional: optional(&held, &client, &request, &before.unwrap_or_default()),
        offline: needed.has_scope("offline_access"),
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
    (SharedKind::Organization, &["organization_label", "establishment"]),
    (SharedKind::Siret, &["siret", "establishment"]),
    (SharedKind::Siren, &["siren"]),
    (SharedKind::Rights, &["habilitations"]),
    (SharedKind::Language, &["locale"]),
    (SharedKind::UpdatedAt, &["updated_at"]),
];

/// Names of the claims that a request asks for.
fn names<'a>(client: &Client, request: &'a Request) -> Vec<&'a str> {
    let mut names = claims::for_userinfo(client, &request.scope, request.claims.as_ref());
    names.extend(claims::for_id_token(client, request.claims.as_ref()));
    names
}

/// What is held of all that a request asks for, under the names that [`KINDS`] knows.
async fn held(
    visit: &Visit,
    session: &LiveSession,
    client: &Client,
    request: &Request,
    interaction: &Interaction,
) -> Result<Map<String, Value>, Failure> {
    let account = session.account();
    let place = flow::place(visit, session, client, request, Some(interaction)).await?;
    let facts = Facts { account, sub: "", place: place.standing(), now: visit.ctx.now(), acr: None, amr: "" };
    let mut all = claims::collect(client.metadata.claims_vocabulary, &facts, &names(client, request));
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
    Ok(all)
}

/// Whether claims of these names tell something of a kind, which these others carry.
fn tells(names: &[&str], carriers: &[&str]) -> bool {
    let whole_name = names.contains(&"name") && ["given_name", "family_name"].iter().any(|part| carriers.contains(part));
    whole_name || carriers.iter().any(|claim| names.contains(claim))
}

/// What claims of these names tell, as far as it is held.
fn values(held: &Map<String, Value>, names: &[&str]) -> Vec<SharedValue> {
    let text = |name: &&str| held.get(*name).and_then(Value::as_str).filter(|v| !v.is_empty()).map(str::to_owned);
    let told = KINDS.iter().filter(|(_, carriers)| tells(names, carriers));
    told.filter_map(|(kind, carriers)| Some(SharedValue { kind: *kind, value: carriers.iter().find_map(text)? })).collect()
}

/// What may be left out of a request, scope by scope; ticked where the person allowed it `before`, for the last word counts.
fn optional(held: &Map<String, Value>, client: &Client, request: &Request, before: &str) -> Vec<OptionalShare> {
    let optional = client.optional_scopes();
    let share = |scope: &str| {
        let names = request.vocabulary.claims_of(scope);
        OptionalShare {
            scope: scope.to_owned(),
            given: before.split_ascii_whitespace().any(|s| s == scope),
            kinds: KINDS.iter().filter(|(_, carriers)| tells(names, carriers)).map(|(kind, _)| *kind).collect(),
            values: values(held, names).into_iter().map(|shared| shared.value).collect(),
        }
    };
    request.scope.split_ascii_whitespace().filter(|s| optional.contains(s)).map(share).collect()
}

/// What a service of the same operator receives, of which nobody is asked (S-24); nothing where they are.
pub async fn told(
    visit: &Visit,
    session: &LiveSession,
    client: &Client,
    request: &Request,
    interaction: &Interaction,
) -> Result<Vec<SharedKind>, Failure> {
    match client.metadata.consent {
        Consent::Once | Consent::Always => return Ok(Vec::new()),
        Consent::None => {}
    }
    let held = held(visit, session, client, request, interaction).await?;
    let kinds: Vec<SharedKind> = values(&held, &names(client, request)).into_iter().map(|shared| shared.kind).collect();
    Ok(if kinds.is_empty() { vec![SharedKind::Identifier] } else { kinds })
}

/// `decision`, and the optional scopes ticked.
#[derive(Debug, Deserialize)]
pub struct Answer {
    decision: String,
    #[serde(default)]
    portee: Vec<String>,
}

impl Answer {
    /// What it gives of a request: never more than was asked for.
    fn scopes<'a>(&self, client: &Client, request: &'a Request) -> Vec<&'a str> {
        let optional = client.optional_scopes();
        let given = |s: &&str| !optional.contains(s) || self.portee.iter().any(|ticked| ticked == s);
        if self.decision == "autoriser" { request.scope.split_ascii_whitespace().filter(given).collect() } else { Vec::new() }
    }
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
    let scopes = form.fields.scopes(&client, &request);
    if !scopes.is_empty() {
        let said = remember(&visit, &session, &client, &request, &scopes).await?;
        return flow::after_consent(&visit, &session, &interaction, &said).await;
    }
    let error = OAuthError::new(Code::AccessDenied, "the person refused");
    let mut tx = visit.app.db.begin().await?;
    let event = Event::new(Kind::AuthorizationRefused).account(&session.account().id).client(&client.id);
    audit::append(&mut tx, &visit.ctx, event.with("error", error.code.as_str())).await?;
    let leaving = respond::error(&visit.app.issuer, &(&request).into(), &error);
    relay::leave(&visit, tx, &session, &interaction, &client, &leaving, Ending::Refused).await
}

/// Consents add up, but of what may be left out the last word counts: what was allowed before and is not any more ends what
/// the service holds. A consent asked each time is not kept. Answers all that is allowed now.
async fn remember(visit: &Visit, session: &LiveSession, client: &Client, request: &Request, given: &[&str]) -> Result<String, Failure> {
    match client.metadata.consent {
        Consent::None | Consent::Always => return Ok(given.join(" ")),
        Consent::Once => {}
    }
    let optional = client.optional_scopes();
    let left = |s: &&str| optional.contains(s) && request.has_scope(s) && !given.contains(s);
    let account = &session.account().id;
    let mut tx = visit.app.db.begin().await?;
    let before = store::find_consent(&mut tx, account, &client.id).await?.unwrap_or_default();
    let (withdrawn, kept): (Vec<&str>, Vec<&str>) = before.split_ascii_whitespace().partition(left);
    if !withdrawn.is_empty() {
        let revoked = crate::oidc::store::revoke_grants(&mut tx, account, &client.id, visit.ctx.now()).await?;
        let event = Event::new(Kind::ConsentWithdrawn).account(account).client(&client.id);
        audit::append(&mut tx, &visit.ctx, event.with("scope", withdrawn.join(" ")).with("grants", revoked)).await?;
    }
    let mut scopes: Vec<&str> = kept.into_iter().chain(given.iter().copied()).collect();
    scopes.sort_unstable();
    scopes.dedup();
    let scopes = scopes.join(" ");
    store::put_consent(&mut tx, account, &client.id, &scopes, visit.ctx.now()).await?;
    let event = Event::new(Kind::ConsentGiven).account(account).client(&client.id).session(&session.session().id);
    audit::append(&mut tx, &visit.ctx, event.with("scope", scopes.as_str())).await?;
    tx.commit().await?;
    Ok(scopes)
}
