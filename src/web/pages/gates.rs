//! S-19: the terms of use, when a version was not accepted yet.

use axum::http::HeaderMap;
use axum::response::Response;
use axum::routing::get;
use serde::Deserialize;

use crate::account;
use crate::audit::{self, Event, Kind};
use crate::authn::session;
use crate::base::Timestamp;
use crate::base::texts::Texts;
use crate::web::cookie;
use crate::web::error::Failure;
use crate::web::extract::{Journey, ProtectedForm};
use crate::web::route::{Access, Class, Route};
use crate::web::view::sign_in::TermsGatePage;
use crate::web::view::{Errors, Problem, format};

/// Rows of the route table.
pub const ROUTES: &[Route] = &[Route {
    path: "/connexion/conditions",
    methods: &["GET", "POST"],
    access: Access::Journey,
    class: Class::Page,
    handler: || get(show).post(submit),
}];

/// The version still to be accepted by the person of this journey.
fn pending(journey: &Journey) -> Option<String> {
    let version = journey.visit.app.config.sign_in.terms_version.clone()?;
    let accepted = journey.satisfied()?.account().terms_version.as_ref() == Some(&version);
    (!accepted).then_some(version)
}

fn page(journey: &Journey, version: &str, errors: Errors) -> TermsGatePage {
    // A version that is a date is shown as one.
    let midnight: Option<jiff::Timestamp> = format!("{version}T12:00:00Z").parse().ok();
    let date = midnight.map(|at| Timestamp::from_millis(at.as_millisecond()).millis());
    let date = date.map_or_else(|| version.to_owned(), |ms| format::date(Texts::new(journey.visit.ctx.locale), ms));
    TermsGatePage { page: journey.page(), t: journey.t.clone(), date, changes: Vec::new(), errors }
}

async fn show(mut journey: Journey) -> Result<Response, Failure> {
    match pending(&journey) {
        Some(version) => journey.visit.ok(&page(&journey, &version, Errors::none())),
        None => journey.go("/connexion"),
    }
}

#[derive(Debug, Deserialize)]
struct Acceptance {
    #[serde(default)]
    acceptation: String,
}

async fn submit(headers: HeaderMap, form: ProtectedForm<Acceptance>) -> Result<Response, Failure> {
    let mut journey = Journey::open(form.visit)?;
    let (Some(version), Some(live)) = (pending(&journey), journey.visit.session.clone()) else { return journey.go("/connexion") };
    if form.fields.acceptation != "oui" {
        return journey.visit.invalid(&page(&journey, &version, Errors::one("acceptation", Problem::TermsNotAccepted)));
    }
    let (app, ctx, id) = (journey.visit.app.clone(), journey.visit.ctx.clone(), &live.account().id);
    let mut tx = app.db.begin().await?;
    account::store::accept_terms(&mut tx, id, &version, ctx.now()).await?;
    audit::append(&mut tx, &ctx, Event::new(Kind::TermsAccepted).account(id).with("version", version)).await?;
    tx.commit().await?;
    // The session again, with the account as it is now.
    let secret = cookie::get(&headers, cookie::SESSION).unwrap_or_default();
    journey.visit.hold(session::find(&mut app.db.read().await?, secret, ctx.now(), app.rules()).await?);
    match journey.visit.session.clone() {
        Some(live) => journey.next(&live).await,
        None => journey.go("/connexion"),
    }
}
