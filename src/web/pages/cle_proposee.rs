//! « Créer une clé d’accès ? » (ux 3.5): between a sign-in and what it leads to, for people without a passkey whose browser can make
//! one, at most once a month. Never in the way: a silent sign-in does not pass here, and « Plus tard » goes on.

use axum::response::Response;
use axum::routing::get;
use serde::Deserialize;

use super::compte::cle;
use crate::account::AccountKind;
use crate::authn::LiveSession;
use crate::authn::factor::passkey::{offer, party};
use crate::authn::interaction::Interaction;
use crate::web::error::Failure;
use crate::web::extract::{Journey, ProtectedForm, Visit};
use crate::web::route::{Access, Class, Route};
use crate::web::view::passkey::OfferPasskeyPage;

/// Where the page is.
pub const PATH: &str = "/connexion/cle-proposee";

/// Rows of the route table.
pub const ROUTES: &[Route] =
    &[Route { path: PATH, methods: &["GET", "POST"], access: Access::Journey, class: Class::Page, handler: || get(show).post(submit) }];

/// Whether it is due now; it then counts as shown.
pub async fn is_due(visit: &Visit, live: &LiveSession, interaction: &Interaction) -> Result<bool, Failure> {
    if !concerns(visit, live, interaction) {
        return Ok(false);
    }
    let mut tx = visit.app.db.begin().await?;
    let due = offer::take(&mut tx, &visit.ctx, &live.account().id).await?;
    tx.commit().await?;
    Ok(due)
}

/// Somebody who just signed in by means of ours, in a browser that can make a key, and was not asked while their account was made.
fn concerns(visit: &Visit, live: &LiveSession, interaction: &Interaction) -> bool {
    let (account, session) = (live.account(), live.session());
    let asked_anew = interaction.fresh || interaction.level.is_some();
    let signed_in_here = session.provider.is_none() && session.proved_since(interaction.started_at) && !asked_anew;
    let newcomer = account.created_at >= interaction.started_at;
    let lacks = account.kind == AccountKind::Professional && !account.security.passkey && !newcomer;
    visit.makes_passkeys && party::of(&visit.app.config).is_some() && signed_in_here && lacks
}

/// Who is asked in this journey.
fn asked(journey: &Journey) -> Option<LiveSession> {
    journey.satisfied().filter(|live| !live.account().security.passkey).cloned()
}

async fn show(mut journey: Journey) -> Result<Response, Failure> {
    if asked(&journey).is_none() {
        return journey.go("/connexion");
    }
    let create_url = cle::then(&journey.link("/connexion"));
    journey.visit.ok(&OfferPasskeyPage { page: journey.page(), t: journey.t.clone(), create_url })
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Choice {
    choix: String,
}

async fn submit(form: ProtectedForm<Choice>) -> Result<Response, Failure> {
    let mut journey = Journey::open(form.visit)?;
    let Some(live) = asked(&journey) else { return journey.go("/connexion") };
    if form.fields.choix == "jamais" {
        let mut tx = journey.visit.app.db.begin().await?;
        offer::refuse(&mut tx, &live.account().id).await?;
        tx.commit().await?;
    }
    journey.next(&live).await
}
