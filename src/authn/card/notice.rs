//! Who is told by mail of what happens to a card: its holder, and those who manage the cards of its establishment.

use std::time::Duration;

use super::Card;
use crate::account;
use crate::authn::factor::{self, Kit};
use crate::base::id::AccountId;
use crate::base::texts::Locale;
use crate::db::{Result, Tx};
use crate::jobs::{self, Job};
use crate::mail::message::{CardAlert, CardEvent, MailMessage};
use crate::org;

/// Tells the holder (M13), at every address we know of them. `by` is the name of the person who did it, when it was somebody else of
/// their establishment.
pub async fn tell_holder(tx: &mut Tx, kit: &Kit<'_>, card: &Card, holder: &AccountId, event: CardEvent, by: Option<&str>) -> Result<()> {
    let Some(person) = account::store::find(tx, holder).await? else { return Ok(()) };
    let (serial_end, by) = (card.serial.end().to_owned(), by.map(str::to_owned));
    let message = MailMessage::CardNotice { event, serial_end, by, origin: kit.origin(None) };
    factor::tell(tx, kit, &person, &message).await
}

/// Tells those who manage the cards of the establishment, the holder excepted; the operator's log when there is nobody else.
pub async fn tell_managers(tx: &mut Tx, kit: &Kit<'_>, card: &Card, holder: &AccountId, alert: CardAlert) -> Result<()> {
    let Some(person) = account::store::find(tx, holder).await? else { return Ok(()) };
    let (establishment, mut managers) = match &card.siret {
        Some(siret) => (org::find(tx, siret).await?, org::managers_of(tx, siret, kit.ctx.now()).await?),
        None => (None, Vec::new()),
    };
    managers.retain(|m| &m.account != holder && m.notice_email.is_some());
    if managers.is_empty() {
        tracing::warn!(serial = %card.serial, account = %holder, alert = ?alert, "no manager to tell about this card");
    }
    for manager in managers {
        let message = MailMessage::CardAlert {
            alert,
            serial: card.serial.to_string(),
            person: person.full_name(),
            establishment: establishment.as_ref().map(|e| e.name.clone()).unwrap_or_default(),
            siret: card.siret.as_ref().map(ToString::to_string).unwrap_or_default(),
            at: kit.ctx.now().millis(),
        };
        send(tx, kit, manager.notice_email.as_deref().unwrap_or_default(), manager.locale, message).await?;
    }
    Ok(())
}

async fn send(tx: &mut Tx, kit: &Kit<'_>, to: &str, locale: Locale, message: MailMessage) -> Result<()> {
    let job = Job::Mail { to: to.to_owned(), locale, message };
    jobs::enqueue(tx, kit.ctx, &kit.keys.rest, &job, Duration::ZERO).await.map(|_| ())
}
