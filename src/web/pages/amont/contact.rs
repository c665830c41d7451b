//! S-17: after a first sign-in through FranceConnect, where to write to the person. The address it gave and that they keep is
//! not proved again; another one is, by a code.

use axum::http::{HeaderMap, header};
use axum::response::Response;
use serde::Deserialize;

use crate::account::{Account, civil};
use crate::audit::{self, Event, Kind};
use crate::authn::factor::email_code::Purpose;
use crate::authn::{LiveSession, known_browser, session, trusted_browser};
use crate::base::Email;
use crate::db::Tx;
use crate::web::cookie;
use crate::web::error::Failure;
use crate::web::extract::{Journey, ProtectedForm};
use crate::web::pages::code::{self, Checked, Nothing};
use crate::web::pages::proved::upstream_name;
use crate::web::view::federation::FinishPage;
use crate::web::view::{Errors, Problem, format};

/// Where the page is.
pub const PATH: &str = "/connexion/finaliser";

/// The session of the individual who is still to be asked.
fn asked(journey: &Journey) -> Option<LiveSession> {
    journey.satisfied().filter(|live| live.account().awaits_contact()).cloned()
}

fn page(journey: &Journey, live: &LiveSession, courriel: String, trusted: bool, errors: Errors) -> FinishPage {
    let page = journey.page();
    let facts = facts(&page, live.account());
    let name = upstream_name(&journey.visit, live.session());
    FinishPage { page, t: journey.t.clone(), name, facts, courriel, trusted, errors }
}

/// The identity as it was vouched for, in words.
fn facts(page: &crate::web::view::Page, account: &Account) -> Vec<(String, String)> {
    let t = page.t;
    let Some(civil) = &account.civil else { return Vec::new() };
    let birth = civil.birthdate.as_deref().map(|date| format::civil(t, date));
    [
        (t.get("common-given-name"), Some(civil.given_name.clone())),
        (t.get("federation-family-name"), Some(civil.family_name.clone())),
        (t.get("federation-usage-name"), civil.preferred_username.clone()),
        (t.get("federation-birthdate"), birth),
    ]
    .into_iter()
    .filter_map(|(term, value)| Some((term, value.filter(|v| !v.is_empty())?)))
    .collect()
}

/// `GET /connexion/finaliser`
pub async fn show(mut journey: Journey) -> Result<Response, Failure> {
    let Some(live) = asked(&journey) else { return journey.go("/connexion") };
    let offered = journey.interaction.offered.as_ref().map(Email::to_string).unwrap_or_default();
    journey.visit.ok(&page(&journey, &live, offered, false, Errors::none()))
}

/// What is posted.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Fields {
    courriel_contact: String,
    confiance: String,
}

/// `POST /connexion/finaliser`
pub async fn submit(headers: HeaderMap, form: ProtectedForm<Fields>) -> Result<Response, Failure> {
    let (mut journey, fields) = (Journey::open(form.visit)?, form.fields);
    let Some(live) = asked(&journey) else { return journey.go("/connexion") };
    let trusted = fields.confiance == "oui";
    let email = match Email::parse(&fields.courriel_contact) {
        Ok(email) => email,
        Err(_) => {
            let problem = if fields.courriel_contact.trim().is_empty() { Problem::EmailMissing } else { Problem::EmailMalformed };
            let errors = Errors::one("courriel_contact", problem);
            return journey.visit.invalid(&page(&journey, &live, fields.courriel_contact, trusted, errors));
        }
    };
    let app = journey.visit.app.clone();
    let mut tx = app.db.begin().await?;
    let trust = if trusted { Some(trusted_browser::trust(&mut tx, &journey.kit(), &live.account().id).await?) } else { None };
    if let Some(trust) = &trust {
        journey.visit.trust = Some(trust.as_str().to_owned());
    }
    let kept = journey.interaction.offered.as_ref().is_some_and(|offered| offered.key() == email.key());
    let mut response = if kept {
        settle(&mut journey, &headers, tx, &live, &email, "upstream").await?
    } else {
        tx.commit().await?;
        (journey.interaction.email, journey.interaction.changes) = (Some(email.clone()), Some((live.account().id.clone(), email)));
        code::ask(&mut journey, Purpose::FirstContact).await?
    };
    let life = app.config.policy.trusted_browser;
    if let Some(value) = trust.and_then(|t| cookie::set(cookie::TRUST, t.as_str(), Some(life))) {
        response.headers_mut().append(header::SET_COOKIE, value);
    }
    Ok(response)
}

/// The address that a code was asked for, for this very account.
fn typed(journey: &Journey, live: &LiveSession) -> Option<Email> {
    let (account, email) = journey.interaction.changes.as_ref()?;
    (*account == live.account().id && journey.interaction.email.as_ref() == Some(email)).then(|| email.clone())
}

/// `GET /connexion/finaliser/code`
pub async fn show_code(mut journey: Journey) -> Result<Response, Failure> {
    match asked(&journey).and_then(|live| typed(&journey, &live)) {
        Some(_) => journey.visit.ok(&code::page(&journey, Purpose::FirstContact, Errors::none()).await?),
        None => journey.go(PATH),
    }
}

/// `GET /connexion/finaliser/code/renvoyer`: a reload; nothing is sent by a GET.
pub async fn back(mut journey: Journey) -> Result<Response, Failure> {
    journey.go("/connexion/finaliser/code")
}

/// `POST /connexion/finaliser/code/renvoyer`
pub async fn again(form: ProtectedForm<Nothing>) -> Result<Response, Failure> {
    let mut journey = Journey::open(form.visit)?;
    match asked(&journey).and_then(|live| typed(&journey, &live)) {
        Some(_) => code::ask_again(&mut journey, Purpose::FirstContact).await,
        None => journey.go(PATH),
    }
}

/// `POST /connexion/finaliser/code`
pub async fn submit_code(headers: HeaderMap, form: ProtectedForm<code::Fields>) -> Result<Response, Failure> {
    let mut journey = Journey::open(form.visit)?;
    let Some(live) = asked(&journey) else { return journey.go("/connexion") };
    let Some(email) = typed(&journey, &live) else { return journey.go(PATH) };
    match code::check(&journey, Purpose::FirstContact, &form.fields.code).await? {
        Checked::Proved(tx, proved) if proved.account() == Some(&live.account().id) => {
            settle(&mut journey, &headers, tx, &live, &email, "code").await
        }
        Checked::Proved(..) | Checked::Elsewhere => journey.go(PATH),
        Checked::Refused(errors) => journey.visit.invalid(&code::page(&journey, Purpose::FirstContact, errors).await?),
    }
}

/// Puts the address in place, tells of the sign-in there, and goes on.
async fn settle(
    journey: &mut Journey,
    headers: &HeaderMap,
    mut tx: Tx,
    live: &LiveSession,
    email: &Email,
    how: &str,
) -> Result<Response, Failure> {
    let (app, ctx, id) = (journey.visit.app.clone(), journey.visit.ctx.clone(), &live.account().id);
    if civil::store::first_contact(&mut tx, id, email, ctx.now()).await? == 1 {
        let event = Event::new(Kind::EmailChanged).account(id).with("which", "contact").with("how", how);
        audit::append(&mut tx, &ctx, event).await?;
        let account = Account { contact_email: Some(email.clone()), ..live.account().clone() };
        let (name, service) = (upstream_name(&journey.visit, live.session()), journey.service());
        let trust = journey.visit.trust.as_deref();
        known_browser::connected(&mut tx, &journey.kit(), &account, trust, &name, service.as_deref()).await?;
    }
    tx.commit().await?;
    // The session again, with the account as it is now.
    let secret = cookie::get(headers, cookie::SESSION).unwrap_or_default();
    journey.visit.hold(session::find(&mut app.db.read().await?, secret, ctx.now(), app.rules()).await?);
    match journey.visit.session.clone() {
        Some(live) => journey.next(&live).await,
        None => journey.go("/connexion"),
    }
}
