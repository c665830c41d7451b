//! Handing over the management of an establishment (ux G-09, M25; AG-19, AC-36): a manager offers it to a contact, who has three days
//! to accept. Nothing changes until then.

pub mod store;

use std::time::Duration;

use super::people::{self, Change, Manager, Refused};
use super::{Establishment, MembershipState, Role};
use crate::account::kit::Kit;
use crate::account::{self, Account};
use crate::audit::{self, Event, Kind};
use crate::base::id::{AccountId, HandoverId};
use crate::base::{Siret, Timestamp};
use crate::db::{Error, Handle, Result, Tx};
use crate::mail::message::{OrgEvent, OrgFacts};

/// How long an offer can be accepted.
pub const LIFE: Duration = Duration::from_secs(72 * 3_600);

/// Where an offer stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Waits for an answer.
    Open,
    /// Accepted: the role was handed over.
    Accepted,
    /// Declined.
    Declined,
    /// Withdrawn by whoever made it, or replaced by another.
    Cancelled,
    /// One of the two lost their place.
    Dead,
}

impl State {
    const ALL: [Self; 5] = [Self::Open, Self::Accepted, Self::Declined, Self::Cancelled, Self::Dead];

    /// The stored name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Accepted => "accepted",
            Self::Declined => "declined",
            Self::Cancelled => "cancelled",
            Self::Dead => "dead",
        }
    }

    /// Reads a stored name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.name() == name)
    }
}

/// An offer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// Identifier.
    pub id: HandoverId,
    /// What is handed over.
    pub establishment: Establishment,
    /// The manager.
    pub from: AccountId,
    /// The contact.
    pub to: AccountId,
    /// The manager becomes a contact.
    pub step_down: bool,
    /// Where it stands.
    pub state: State,
    /// When it was made.
    pub created_at: Timestamp,
    /// End.
    pub expires_at: Timestamp,
}

impl Offer {
    fn facts(&self, person: &Account) -> OrgFacts {
        OrgFacts {
            person: Some(person.full_name()),
            request: Some(self.id.to_string()),
            until: Some(self.expires_at.millis()),
            ..OrgFacts::of(&self.establishment.name, &self.establishment.siret)
        }
    }
}

/// Why an offer cannot be answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotOpen {
    /// There is none, or it was made to somebody else.
    #[error("no such offer")]
    Unknown,
    /// It was answered, withdrawn, is too old, or one of the two lost their place.
    #[error("the offer is over")]
    Over,
}

/// Offers the role to a contact; takes the place of the offer this manager may have made here before. Both are told.
pub async fn offer(
    tx: &mut Tx,
    kit: &Kit<'_>,
    actor: &Account,
    siret: &Siret,
    to: &AccountId,
    step_down: bool,
) -> Result<std::result::Result<Offer, Refused>> {
    let now = kit.ctx.now();
    super::store::take_turn(tx, siret).await?;
    let Some(manager) = Manager::of(tx, &actor.id, siret, now).await? else {
        people::refuse(tx, kit, &actor.id, siret, "not_manager").await?;
        return Ok(Err(Refused::NotManager));
    };
    let Some(heir) = heir(tx, to, siret, now).await? else { return Ok(Err(Refused::NotMember)) };
    for open in store::open_of(tx, siret, &actor.id, now).await? {
        close(tx, kit, &open, State::Cancelled, "replaced").await?;
    }
    let offer = Offer {
        id: HandoverId::new(now, kit.ctx.rng.as_ref()),
        establishment: manager.establishment().clone(),
        from: actor.id.clone(),
        to: to.clone(),
        step_down,
        state: State::Open,
        created_at: now,
        expires_at: now.plus(LIFE),
    };
    store::insert(tx, &offer).await?;
    record(tx, kit, Kind::HandoverOffered, &offer, None).await?;
    people::tell(tx, kit, &heir, OrgEvent::HandoverOffered, offer.facts(actor)).await?;
    people::tell(tx, kit, actor, OrgEvent::HandoverMade, offer.facts(&heir)).await?;
    Ok(Ok(offer))
}

/// Somebody who can take over: a contact in force, whose account is alive.
async fn heir(h: &mut impl Handle, who: &AccountId, siret: &Siret, now: Timestamp) -> Result<Option<Account>> {
    let place = super::membership(h, who, siret, now).await?.filter(|m| m.role == Role::Contact);
    Ok(match place {
        Some(_) => account::store::find(h, who).await?.filter(Account::is_alive),
        None => None,
    })
}

/// The offer made to this person, if it can be answered now: it waits, and both still hold their places.
pub async fn look(h: &mut impl Handle, who: &AccountId, id: &HandoverId, now: Timestamp) -> Result<std::result::Result<Offer, NotOpen>> {
    let Some(offer) = store::find(h, id).await?.filter(|o| o.to == *who) else { return Ok(Err(NotOpen::Unknown)) };
    let (open, siret) = (offer.state == State::Open && now < offer.expires_at, &offer.establishment.siret);
    let giver = account::store::find(h, &offer.from).await?.is_some_and(|a| a.is_alive());
    let manages = giver && Manager::of(h, &offer.from, siret, now).await?.is_some();
    let stands = open && manages && heir(h, who, siret, now).await?.is_some();
    Ok(if stands { Ok(offer) } else { Err(NotOpen::Over) })
}

/// Accepts it: spent first, by one guarded statement; then the contact is a manager and, if that was offered, the manager a
/// contact. Refusals are audited; the transaction is to be committed either way.
pub async fn accept(tx: &mut Tx, kit: &Kit<'_>, who: &Account, id: &HandoverId) -> Result<std::result::Result<Offer, NotOpen>> {
    let now = kit.ctx.now();
    let refused = match look(tx, &who.id, id, now).await? {
        Err(refused) => refused,
        Ok(seen) => {
            let siret = &seen.establishment.siret;
            super::store::take_turn(tx, siret).await?;
            // Once more, now that nobody else changes the people of the establishment.
            match look(tx, &who.id, id, now).await? {
                Ok(offer) if store::settle(tx, id, State::Accepted, now).await? == 1 => {
                    hand_over(tx, kit, &offer).await?;
                    record(tx, kit, Kind::HandoverAccepted, &offer, None).await?;
                    tell_giver(tx, kit, &offer, who, OrgEvent::HandoverAccepted).await?;
                    return Ok(Ok(offer));
                }
                Ok(_) => NotOpen::Over,
                Err(refused) => refused,
            }
        }
    };
    refuse(tx, kit, &who.id, refused).await?;
    Ok(Err(refused))
}

async fn hand_over(tx: &mut Tx, kit: &Kit<'_>, offer: &Offer) -> Result<()> {
    let siret = &offer.establishment.siret;
    let as_role = |role, expires_at| Change { role, state: MembershipState::Active, expires_at, reason: None };
    let mut done = people::set(tx, kit, siret, &offer.to, &as_role(Role::Manager, None)).await?;
    if offer.step_down && done.is_ok() {
        let end = super::store::membership(tx, &offer.from, siret).await?.and_then(|m| m.expires_at);
        done = people::set(tx, kit, siret, &offer.from, &as_role(Role::Contact, end)).await?;
    }
    // Both held their places a moment ago, in this very turn.
    done.map(drop).map_err(|refused| Error::inconsistent(format!("handover {}: {refused}", offer.id)))
}

async fn tell_giver(tx: &mut Tx, kit: &Kit<'_>, offer: &Offer, who: &Account, event: OrgEvent) -> Result<()> {
    match account::store::find(tx, &offer.from).await? {
        Some(giver) => people::tell(tx, kit, &giver, event, offer.facts(who)).await,
        None => Ok(()),
    }
}

/// Declines it; whoever offered is told.
pub async fn decline(tx: &mut Tx, kit: &Kit<'_>, who: &Account, id: &HandoverId) -> Result<std::result::Result<Offer, NotOpen>> {
    let refused = match look(tx, &who.id, id, kit.ctx.now()).await? {
        Ok(offer) if close(tx, kit, &offer, State::Declined, "declined").await? => {
            tell_giver(tx, kit, &offer, who, OrgEvent::HandoverDeclined).await?;
            return Ok(Ok(offer));
        }
        Ok(_) => NotOpen::Over,
        Err(refused) => refused,
    };
    refuse(tx, kit, &who.id, refused).await?;
    Ok(Err(refused))
}

/// Withdraws an offer of one's own in this establishment; whoever received it is told. `false`: there is none that waits.
pub async fn cancel(tx: &mut Tx, kit: &Kit<'_>, actor: &Account, siret: &Siret, id: &HandoverId) -> Result<bool> {
    let own = |o: &Offer| o.from == actor.id && o.establishment.siret == *siret;
    let Some(offer) = store::find(tx, id).await?.filter(own) else {
        people::refuse(tx, kit, &actor.id, siret, "not_own_offer").await?;
        return Ok(false);
    };
    if !close(tx, kit, &offer, State::Cancelled, "withdrawn").await? {
        return Ok(false);
    }
    if let Some(heir) = account::store::find(tx, &offer.to).await? {
        people::tell(tx, kit, &heir, OrgEvent::HandoverCancelled, offer.facts(actor)).await?;
    }
    Ok(true)
}

/// Ends what somebody who leaves had offered, or was offered.
pub(super) async fn close_of(tx: &mut Tx, kit: &Kit<'_>, who: &AccountId, siret: &Siret) -> Result<()> {
    for offer in store::open_of(tx, siret, who, kit.ctx.now()).await? {
        close(tx, kit, &offer, State::Dead, "departure").await?;
    }
    Ok(())
}

async fn close(tx: &mut Tx, kit: &Kit<'_>, offer: &Offer, state: State, how: &str) -> Result<bool> {
    if store::settle(tx, &offer.id, state, kit.ctx.now()).await? == 0 {
        return Ok(false);
    }
    record(tx, kit, Kind::HandoverClosed, offer, Some(how)).await?;
    Ok(true)
}

async fn record(tx: &mut Tx, kit: &Kit<'_>, kind: Kind, offer: &Offer, how: Option<&str>) -> Result<()> {
    let event = Event::new(kind).account(&offer.from).with("siret", offer.establishment.siret.as_str()).with("to", offer.to.as_str());
    audit::append(tx, kit.ctx, event.with("offer", offer.id.as_str()).with("how", how)).await
}

/// Records that somebody came with an offer that is not theirs, or is over.
pub async fn refuse(tx: &mut Tx, kit: &Kit<'_>, who: &AccountId, why: NotOpen) -> Result<()> {
    let why = match why {
        NotOpen::Unknown => "unknown_handover",
        NotOpen::Over => "handover_over",
    };
    audit::append(tx, kit.ctx, Event::new(Kind::RightRefused).account(who).with("why", why)).await
}
