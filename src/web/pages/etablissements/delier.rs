//! Taking a card back, and replacing it in one step (G-13).

use axum::extract::Path;
use axum::response::Response;
use serde::Deserialize;

use super::{Managing, link_problem, nothing};
use crate::account::Account;
use crate::authn::card::link::{self, NotUnlinked};
use crate::authn::card::{Card, CardState, Serial, UnlinkReason};
use crate::authn::factor::totp;
use crate::web::error::Failure;
use crate::web::extract::{Person, PersonForm};
use crate::web::pages::compte::kit;
use crate::web::view::cards::{CardNotice, CardProblem, UnlinkCardPage};
use crate::web::view::{Errors, Notice, Problem};

/// What the form holds.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Fields {
    motif: String,
    remplacer_par: String,
}

struct Held {
    card: Card,
    holder: Account,
    only_means: bool,
}

async fn held(managing: &Managing, serial: &str) -> Result<Held, Failure> {
    let mut read = managing.person.visit.app.db.read().await?;
    let card = managing.card(&mut read, serial).await?;
    let holder = managing.holder(&mut read, &card).await?;
    let applications = totp::list(&mut read, &holder.id).await?.len();
    let only_means = card.state == CardState::Validated && applications == 0 && !holder.security.live_passkey;
    Ok(Held { card, holder, only_means })
}

fn path(managing: &Managing, serial: &Serial) -> String {
    format!("{}/{serial}/delier", managing.base())
}

fn page(managing: &Managing, held: &Held, fields: Fields, errors: Errors) -> UnlinkCardPage {
    UnlinkCardPage {
        page: managing.person.visit.page(),
        base: managing.base(),
        serial: held.card.serial.to_string(),
        holder: held.holder.full_name(),
        only_means: held.only_means,
        motif: UnlinkReason::parse(&fields.motif),
        remplacer_par: fields.remplacer_par,
        errors,
    }
}

/// `GET /etablissements/{siret}/cartes/{serial}/delier`
pub async fn show(person: Person, Path((siret, serial)): Path<(String, String)>) -> Result<Response, Failure> {
    let managing = Managing::of(person, &siret).await?;
    let held = held(&managing, &serial).await?;
    if let Some(confirm) = managing.unless_recent(&path(&managing, &held.card.serial)) {
        return confirm;
    }
    managing.person.visit.ok(&page(&managing, &held, Fields::default(), Errors::none()))
}

/// `POST /etablissements/{siret}/cartes/{serial}/delier`
pub async fn save(
    Path((siret, serial)): Path<(String, String)>,
    PersonForm { person, fields }: PersonForm<Fields>,
) -> Result<Response, Failure> {
    let managing = Managing::of(person, &siret).await?;
    let held = held(&managing, &serial).await?;
    if let Some(confirm) = managing.unless_recent(&path(&managing, &held.card.serial)) {
        return confirm;
    }
    let refuse = |fields, field, problem| {
        let errors = Errors::one(field, Problem::Card(problem));
        managing.person.visit.invalid(&page(&managing, &held, fields, errors))
    };
    let Some(reason) = UnlinkReason::parse(&fields.motif) else { return refuse(fields, "motif", CardProblem::ReasonMissing) };
    if fields.remplacer_par.trim().is_empty() {
        return unlink(&managing, &held, reason).await;
    }
    let Some(new) = Serial::parse(&fields.remplacer_par) else {
        return refuse(fields, "remplacer_par", CardProblem::SerialMissing);
    };
    match replace(&managing, &held, reason, &new).await? {
        Ok(response) => Ok(response),
        Err(problem) => refuse(fields, "remplacer_par", problem),
    }
}

async fn unlink(managing: &Managing, held: &Held, reason: UnlinkReason) -> Result<Response, Failure> {
    let visit = &managing.person.visit;
    let mut tx = visit.app.db.begin().await?;
    match link::unlink(&mut tx, &kit(&managing.person), &held.card, reason, &managing.handler()).await? {
        // Taken back meanwhile: it is as it was asked to be.
        Ok(()) | Err(NotUnlinked::Free) => tx.commit().await?,
        Err(NotUnlinked::Elsewhere) => return Err(nothing()),
    }
    Ok(visit.go_with(&managing.base(), &Notice::Card(CardNotice::Unlinked(held.card.serial.to_string()))))
}

async fn replace(managing: &Managing, held: &Held, reason: UnlinkReason, new: &Serial) -> Result<Result<Response, CardProblem>, Failure> {
    let visit = &managing.person.visit;
    let mut tx = visit.app.db.begin().await?;
    let done = link::replace(&mut tx, &kit(&managing.person), &held.card, reason, (new, &held.holder), &managing.handler()).await?;
    let card = match done {
        Ok(card) => card,
        Err(why) => {
            tx.rollback().await?;
            return Ok(Err(link_problem(why).0));
        }
    };
    tx.commit().await?;
    let notice = Notice::Card(CardNotice::Linked(card.serial.to_string(), held.holder.full_name()));
    Ok(Ok(visit.go_with(&format!("{}/lier/valider?carte={}", managing.base(), card.serial), &notice)))
}
