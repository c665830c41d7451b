//! « Vérifier mon identité avec FranceConnect »: leaving for it from « Mon compte », coming back, and removing what was verified.

use axum::http::HeaderMap;
use axum::response::Response;
use serde::Deserialize;

use super::{identite, kit};
use crate::account::AccountKind;
use crate::authn::interaction::Interaction;
use crate::base::id::{AccountId, SessionId};
use crate::db;
use crate::federation::verify::{self, Denied, Errand};
use crate::federation::{Cause, Refusal};
use crate::web::error::Failure;
use crate::web::extract::{Journey, Person, PersonForm};
use crate::web::pages::amont::{self, Arrival};
use crate::web::pages::code::Nothing;
use crate::web::view::Notice;
use crate::web::view::error::{ErrorCode, Way};
use crate::web::view::federation::UpstreamButton;

/// Where the button posts.
pub const START: &str = "/compte/identite/verification";
/// Where the one that undoes it posts.
pub const REMOVE: &str = "/compte/identite/verification/supprimer";

/// The providers that can verify this person.
pub fn buttons(person: &Person) -> Vec<UpstreamButton> {
    match person.session.account().kind {
        AccountKind::Professional => {
            person.visit.app.providers().all().iter().filter(|p| verify::verifies(p)).map(|p| amont::button(p)).collect()
        }
        AccountKind::Individual => Vec::new(),
    }
}

/// Which provider.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Fields {
    fournisseur: String,
}

/// `POST /compte/identite/verification`
pub async fn start(headers: HeaderMap, PersonForm { person, fields }: PersonForm<Fields>) -> Result<Response, Failure> {
    let offered = buttons(&person).into_iter().any(|b| b.id == fields.fournisseur);
    let provider = person.visit.app.providers().live(&fields.fournisseur).filter(|_| offered).cloned();
    let provider = provider.ok_or_else(|| Failure::page(ErrorCode::A904, Way::Retry(identite::HERE.to_owned())))?;
    if !person.is_recent() {
        return person.confirm_identity(identite::HERE);
    }
    let errand = Errand::Verify(person.session.account().id.clone(), person.session.session().id.clone());
    let mut interaction = Interaction::new(&person.visit.ctx, &person.visit.browser.cookie, None);
    interaction.back = Some(identite::HERE.to_owned());
    let journey = Journey::resume(person.visit, interaction)?;
    amont::depart(&journey, &headers, &provider, Some(errand)).await
}

/// Back from there: for the session that left, and no other.
pub async fn come_back(arrival: Arrival, account: AccountId, session: SessionId) -> Result<Response, Failure> {
    let errand = Errand::Verify(account, session);
    let present = arrival.journey.visit.session.clone();
    let left = |live: &crate::authn::LiveSession| errand == Errand::Verify(live.account().id.clone(), live.session().id.clone());
    let Some(live) = present.filter(left) else {
        let refusal = Refusal { cause: Cause::Lost, code: None, why: "verification in another session".into() };
        return arrival.refuse(&refusal, Some(&errand)).await;
    };
    let vouched = match arrival.vouched().await {
        Ok(vouched) => vouched,
        Err(refusal) => return arrival.refuse(&refusal, Some(&errand)).await,
    };
    let visit = &arrival.journey.visit;
    let mut tx = visit.app.db.begin().await?;
    let outcome = match verify::record(&mut tx, &arrival.journey.kit(), &arrival.provider, &vouched, &live.account().id).await {
        Err(db::Error::Conflict(_)) => Err(Denied::Taken),
        other => other?,
    };
    let notice = match outcome {
        Ok(()) => {
            tx.commit().await?;
            Notice::IdentityVerified(arrival.provider.label().to_owned())
        }
        Err(denied) => {
            tx.rollback().await?;
            amont::record(visit, &arrival.provider.id, &denied.refusal()).await?;
            refused(denied)
        }
    };
    arrival.sign_out(&vouched, identite::HERE, &notice).await
}

fn refused(denied: Denied) -> Notice {
    match denied {
        Denied::Taken => Notice::IdentityTaken,
        Denied::SomebodyElse => Notice::IdentityOfSomebodyElse,
        Denied::Unavailable => Notice::IdentityUnavailable,
    }
}

/// `POST /compte/identite/verification/supprimer`
pub async fn remove(PersonForm { person, .. }: PersonForm<Nothing>) -> Result<Response, Failure> {
    if !person.is_recent() {
        return person.confirm_identity(identite::HERE);
    }
    let mut tx = person.visit.app.db.begin().await?;
    let removed = verify::remove(&mut tx, &kit(&person), &person.session.account().id, "person").await?;
    tx.commit().await?;
    Ok(match removed {
        true => person.visit.go_with(identite::HERE, &Notice::IdentityUnverified),
        false => person.visit.go(identite::HERE),
    })
}
