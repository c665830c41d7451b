//! Lending cards to people and taking them back (french-domain §4.2; ux G-11 to G-13). Every step is audited with its reason
//! and mailed to the holder.

use super::{Card, CardState, Serial, UnlinkReason, notice, store};
use crate::account::Account;
use crate::audit::{self, Event, Kind};
use crate::authn::factor::Kit;
use crate::authn::trusted_browser;
use crate::base::Siret;
use crate::base::Timestamp;
use crate::base::id::AccountId;
use crate::db::{self, Handle, Result, Tx};
use crate::mail::message::{CardAlert, CardEvent};
use crate::org;

/// Who handles cards, and how far they may.
#[derive(Debug, Clone, Copy)]
pub struct Handler<'a> {
    /// The name that the holder is told; none for the operator.
    pub name: Option<&'a str>,
    /// Cards and people of this establishment only; of any for the operator.
    pub within: Option<&'a Siret>,
}

impl Handler<'static> {
    /// The operator, who may handle every card.
    pub const OPERATOR: Self = Self { name: None, within: None };
}

/// Why a card is not lent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotLinked {
    /// No such card.
    #[error("no card has this serial number")]
    Unknown,
    /// It was sent to another establishment.
    #[error("this card belongs to another establishment")]
    Elsewhere,
    /// It was not sent to any establishment.
    #[error("this card was not sent to the establishment")]
    NotSent,
    /// Somebody else holds it.
    #[error("this card is linked to somebody already")]
    Taken,
    /// It was lost, broken or returned.
    #[error("this card is {}", .0.name())]
    Unusable(CardState),
    /// The person is not of the card's establishment, or may not sign in.
    #[error("this person does not act for the establishment of the card, or their account is disabled")]
    NotMember,
    /// The person holds another card.
    #[error("this person holds a card already")]
    HoldsOne,
}

/// Why a card is not taken back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotUnlinked {
    /// It was sent to another establishment.
    #[error("this card belongs to another establishment")]
    Elsewhere,
    /// Nobody holds it.
    #[error("nobody holds this card")]
    Free,
}

/// Whether a card is the handler's business.
fn within(card: &Card, handler: &Handler<'_>) -> bool {
    handler.within.is_none_or(|siret| card.siret.as_ref() == Some(siret))
}

/// Lends a card to a person; a code of it must then confirm it ([`super::confirm`]).
pub async fn link(tx: &mut Tx, kit: &Kit<'_>, serial: &Serial, person: &Account, handler: &Handler<'_>) -> Result<Result<Card, NotLinked>> {
    let card = match may_lend(tx, kit.ctx.now(), serial, person, handler).await? {
        Ok(card) => card,
        Err(why) => return Ok(Err(why)),
    };
    let by = kit.ctx.actor.audit_form();
    match store::link(tx, serial, &person.id, &by, kit.ctx.now()).await {
        Ok(0) => return Ok(Err(NotLinked::Taken)),
        Ok(_) => {}
        // Two cards were lent to one person at the same instant. The transaction is lost on PostgreSQL, and has done nothing.
        Err(db::Error::Conflict(_)) => return Ok(Err(NotLinked::HoldsOne)),
        Err(e) => return Err(e),
    }
    audit::append(tx, kit.ctx, event(Kind::CardLinked, &card).account(&person.id)).await?;
    notice::tell_holder(tx, kit, &card, &person.id, CardEvent::Linked, handler.name).await?;
    Ok(store::find(tx, serial).await?.ok_or(NotLinked::Unknown))
}

async fn may_lend(
    tx: &mut Tx,
    now: Timestamp,
    serial: &Serial,
    person: &Account,
    handler: &Handler<'_>,
) -> Result<Result<Card, NotLinked>> {
    let Some(card) = store::find(tx, serial).await? else { return Ok(Err(NotLinked::Unknown)) };
    let why = match (&card.siret, card.state) {
        (None, _) if handler.within.is_some() => Some(NotLinked::NotSent),
        (Some(_), _) if !within(&card, handler) => Some(NotLinked::Elsewhere),
        _ if card.account.is_some() => Some(NotLinked::Taken),
        (_, CardState::InStock | CardState::Sent) => None,
        (_, CardState::Linked | CardState::Validated) => Some(NotLinked::Taken),
        (_, state @ (CardState::Lost | CardState::Broken | CardState::Returned)) => Some(NotLinked::Unusable(state)),
    };
    if let Some(why) = why {
        return Ok(Err(why));
    }
    let member = match &card.siret {
        Some(siret) => org::membership(tx, &person.id, siret, now).await?.is_some(),
        None => true,
    };
    if !member || !person.is_alive() {
        return Ok(Err(NotLinked::NotMember));
    }
    let holds = store::find_by_account(tx, &person.id).await?.is_some();
    Ok(if holds { Err(NotLinked::HoldsOne) } else { Ok(card) })
}

/// What becomes of a card that is taken back.
fn after(card: &Card, reason: UnlinkReason) -> CardState {
    match reason {
        UnlinkReason::Loss | UnlinkReason::Theft => CardState::Lost,
        UnlinkReason::Breakage | UnlinkReason::Malfunction => CardState::Broken,
        UnlinkReason::Departure | UnlinkReason::Mistake | UnlinkReason::Other => {
            if card.siret.is_some() {
                CardState::Sent
            } else {
                CardState::InStock
            }
        }
    }
}

/// Takes a card back from its holder, whose sign-ins it serves no longer.
pub async fn unlink(
    tx: &mut Tx,
    kit: &Kit<'_>,
    card: &Card,
    reason: UnlinkReason,
    handler: &Handler<'_>,
) -> Result<Result<(), NotUnlinked>> {
    if !within(card, handler) {
        return Ok(Err(NotUnlinked::Elsewhere));
    }
    let Some(holder) = &card.account else { return Ok(Err(NotUnlinked::Free)) };
    let to = after(card, reason);
    if store::unlink(tx, &card.serial, holder, to, kit.ctx.now()).await? == 0 {
        return Ok(Err(NotUnlinked::Free));
    }
    match reason {
        // Lent to somebody else than it was for.
        UnlinkReason::Mistake => {}
        UnlinkReason::Loss
        | UnlinkReason::Theft
        | UnlinkReason::Breakage
        | UnlinkReason::Malfunction
        | UnlinkReason::Departure
        | UnlinkReason::Other => no_more_time(tx, kit, card, holder).await?,
    }
    let event = event(Kind::CardUnlinked, card).account(holder).with("reason", reason.name()).with("state", to.name());
    audit::append(tx, kit.ctx, event).await?;
    // A means that is gone takes the trust in browsers with it (ux 3.6).
    trusted_browser::distrust_all(tx, kit, holder).await?;
    notice::tell_holder(tx, kit, card, holder, CardEvent::Unlinked { reason }, handler.name).await?;
    Ok(Ok(()))
}

/// Whoever signed in with a card that is gone is not given time with one factor: it is for those who never had two.
async fn no_more_time(tx: &mut Tx, kit: &Kit<'_>, card: &Card, holder: &AccountId) -> Result<()> {
    match card.state {
        CardState::Validated => crate::account::store::end_grace(tx, holder, kit.ctx.now()).await.map(drop),
        CardState::InStock | CardState::Sent | CardState::Linked | CardState::Lost | CardState::Broken | CardState::Returned => Ok(()),
    }
}

/// Takes a card back and lends another to the same person. When the other cannot be lent, roll back: nothing is to change.
pub async fn replace(
    tx: &mut Tx,
    kit: &Kit<'_>,
    card: &Card,
    reason: UnlinkReason,
    (new, person): (&Serial, &Account),
    handler: &Handler<'_>,
) -> Result<Result<Card, NotLinked>> {
    if new == &card.serial || card.account.as_ref() != Some(&person.id) {
        return Ok(Err(NotLinked::Taken));
    }
    match unlink(tx, kit, card, reason, handler).await? {
        Ok(()) => link(tx, kit, new, person, handler).await,
        Err(NotUnlinked::Elsewhere) => Ok(Err(NotLinked::Elsewhere)),
        Err(NotUnlinked::Free) => Ok(Err(NotLinked::Taken)),
    }
}

/// Suspends the card of somebody who says that they lost it, and warns those who manage it (P-13). Whether they held one that
/// was not reported yet.
pub async fn report_lost(tx: &mut Tx, kit: &Kit<'_>, holder: &AccountId) -> Result<bool> {
    let Some(card) = store::find_by_account(tx, holder).await? else { return Ok(false) };
    if !store::report_lost(tx, holder, kit.ctx.now()).await? {
        return Ok(false);
    }
    no_more_time(tx, kit, &card, holder).await?;
    let told = event(Kind::CardChanged, &card).account(holder).with("state", CardState::Lost.name()).with("reason", "reported");
    audit::append(tx, kit.ctx, told).await?;
    trusted_browser::distrust_all(tx, kit, holder).await?;
    notice::tell_holder(tx, kit, &card, holder, CardEvent::ReportedLost, None).await?;
    notice::tell_managers(tx, kit, &card, holder, CardAlert::ReportedLost).await?;
    Ok(true)
}

/// Why a card does not change hands or state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotMoved {
    /// No such card.
    #[error("no card has this serial number")]
    Unknown,
    /// Somebody holds it: take it back first.
    #[error("somebody holds this card; unlink it first")]
    Held,
    /// A lost or broken card is put back in stock before it is sent.
    #[error("this card is {}; put it back in stock first", .0.name())]
    Unusable(CardState),
    /// Those states come from linking and sending.
    #[error("a card becomes {} by another command", .0.name())]
    NotByHand(CardState),
}

/// Sends a card to an establishment: its managers may lend it from then on.
pub async fn send(tx: &mut Tx, kit: &Kit<'_>, serial: &Serial, siret: &Siret) -> Result<Result<(), NotMoved>> {
    let Some(card) = store::find(tx, serial).await? else { return Ok(Err(NotMoved::Unknown)) };
    if card.state == CardState::Sent && card.siret.as_ref() == Some(siret) {
        return Ok(Ok(()));
    }
    if store::send(tx, serial, siret, kit.ctx.now()).await? == 0 {
        return Ok(Err(if card.account.is_some() { NotMoved::Held } else { NotMoved::Unusable(card.state) }));
    }
    audit::append(tx, kit.ctx, event(Kind::CardSent, &card).with("to", siret.as_str()).with("siret", siret.as_str())).await?;
    Ok(Ok(()))
}

/// The people of an establishment passed to another: its cards go along, so that the managers there lend and take them back.
pub async fn follow(tx: &mut Tx, kit: &Kit<'_>, from: &Siret, to: &Siret) -> Result<u64> {
    let cards = store::follow(tx, from, to, kit.ctx.now()).await?;
    for (serial, holder) in &cards {
        let event = Event::new(Kind::CardSent).with("serial", serial.as_str()).with("from", from.as_str());
        let event = event.with("to", to.as_str()).with("siret", to.as_str());
        audit::append(tx, kit.ctx, holder.iter().fold(event, |event, holder| event.account(holder))).await?;
    }
    Ok(u64::try_from(cards.len()).unwrap_or(u64::MAX))
}

/// Puts a card that nobody holds in another state: returned, back in stock, lost, broken.
pub async fn set_state(tx: &mut Tx, kit: &Kit<'_>, serial: &Serial, to: CardState, reason: &str) -> Result<Result<(), NotMoved>> {
    match to {
        CardState::InStock | CardState::Lost | CardState::Broken | CardState::Returned => {}
        CardState::Sent | CardState::Linked | CardState::Validated => return Ok(Err(NotMoved::NotByHand(to))),
    }
    let Some(card) = store::find(tx, serial).await? else { return Ok(Err(NotMoved::Unknown)) };
    if card.account.is_some() {
        return Ok(Err(NotMoved::Held));
    }
    if card.state == to {
        return Ok(Ok(()));
    }
    if store::set_state(tx, serial, card.state, to, kit.ctx.now()).await? == 0 {
        return Ok(Err(NotMoved::Held));
    }
    let event = event(Kind::CardChanged, &card).with("state", to.name()).with("from", card.state.name()).with("reason", reason);
    audit::append(tx, kit.ctx, event).await?;
    Ok(Ok(()))
}

/// The cards of an establishment, by serial number, with who holds them.
pub async fn of_establishment(h: &mut impl Handle, siret: &Siret, after: &str, limit: i64) -> Result<Vec<Card>> {
    let filter = store::Filter { state: None, siret: Some(siret.clone()) };
    store::list(h, &filter, after, limit).await
}

fn event(kind: Kind, card: &Card) -> Event {
    let event = Event::new(kind).with("serial", card.serial.as_str());
    match &card.siret {
        Some(siret) => event.with("siret", siret.as_str()),
        None => event,
    }
}
