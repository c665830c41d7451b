//! « Ma carte physique » (ux P-13).

use axum::response::Response;
use serde::Deserialize;

use super::kit;
use crate::account::store as accounts;
use crate::authn::card::{self, Card, link};
use crate::base::id::AccountId;
use crate::org;
use crate::web::error::Failure;
use crate::web::extract::{Person, PersonForm};
use crate::web::pages::etablissements::standing;
use crate::web::view::cards::{CardNotice, OwnCard, OwnCardPage};
use crate::web::view::{Notice, format};

/// The page itself.
pub const HERE: &str = "/compte/securite/carte";

/// `GET /compte/securite/carte`
pub async fn show(person: Person) -> Result<Response, Failure> {
    let visit = &person.visit;
    let card = card::of_account(&mut visit.app.db.read().await?, &person.session.account().id).await?;
    let card = match card {
        Some(card) => Some(own(&person, card).await?),
        None => None,
    };
    visit.ok(&OwnCardPage { page: visit.page(), card })
}

async fn own(person: &Person, card: Card) -> Result<OwnCard, Failure> {
    let (visit, t) = (&person.visit, person.visit.page().t);
    let mut read = visit.app.db.read().await?;
    let by = match card.linked_by.as_deref().and_then(AccountId::parse) {
        Some(id) => accounts::find(&mut read, &id).await?.map(|a| a.full_name()),
        None => None,
    };
    let establishment = match &card.siret {
        Some(siret) => org::find(&mut read, siret).await?.map(|e| e.name),
        None => None,
    };
    Ok(OwnCard {
        serial: card.serial.to_string(),
        standing: standing(&card),
        since: card.linked_at.map(|at| format::date(t, at.millis())).unwrap_or_default(),
        by,
        establishment,
        last_used: card.last_used_at.map(|at| format::date_time(t, at.millis())),
    })
}

/// What the form holds.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Fields {
    perdue: String,
}

/// `POST /compte/securite/carte`. Without a recent sign-in too: the sooner a lost card is suspended the better.
pub async fn lost(PersonForm { person, fields }: PersonForm<Fields>) -> Result<Response, Failure> {
    let visit = &person.visit;
    if fields.perdue != "1" {
        return Ok(visit.go(HERE));
    }
    let mut tx = visit.app.db.begin().await?;
    let reported = link::report_lost(&mut tx, &kit(&person), &person.session.account().id).await?;
    tx.commit().await?;
    Ok(if reported { visit.go_with(HERE, &Notice::Card(CardNotice::ReportedLost)) } else { visit.go(HERE) })
}
