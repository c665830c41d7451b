//! When an establishment closes and another takes over (french-domain §6, FA-11, FA-12): its people and their rights pass to the
//! one that follows, as they were. What was at the source stays readable there, and gives nothing any more.

pub mod store;

use super::people::{self, Manager};
use super::register;
use super::request::{self, Desk};
use super::{Establishment, Role};
use crate::account::{self, Account};
use crate::audit::{self, Event, Kind};
use crate::base::id::{AccountId, SuccessionId};
use crate::base::{Siret, Timestamp};
use crate::db::{Handle, Result, Tx};
use crate::jobs::notice;
use crate::mail::message::{OrgEvent, OrgFacts};

/// How many establishments may follow one another.
const HOPS: usize = 8;

/// Where an answer stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Waits for the managers of the one that follows.
    Pending,
    /// Accepted.
    Accepted,
    /// Declined.
    Declined,
    /// Settled otherwise.
    Cancelled,
}

impl State {
    /// The stored name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Accepted => "accepted",
            Self::Declined => "declined",
            Self::Cancelled => "cancelled",
        }
    }

    /// Reads a stored name.
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Pending, Self::Accepted, Self::Declined, Self::Cancelled].into_iter().find(|s| s.name() == name)
    }
}

/// What the managers of a closed establishment ask those of the one that follows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Succession {
    /// Identifier.
    pub id: SuccessionId,
    /// The closed one.
    pub from: Establishment,
    /// The one that follows.
    pub to: Siret,
    /// Where it stands.
    pub state: State,
    /// Who asked.
    pub asked_by: AccountId,
    /// When.
    pub asked_at: Timestamp,
}

/// Why nothing was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// Whoever acts does not manage the establishment, now.
    #[error("not a manager of this establishment")]
    NotManager,
    /// The register names nobody who follows.
    #[error("the register names no open establishment that follows")]
    NoSuccessor,
    /// Its people were carried over already, or that is asked for.
    #[error("done or asked for already")]
    Already,
    /// People act for the one that follows, and none of them manages it: the operator decides.
    #[error("the establishment that follows has people and no manager")]
    Orphan,
    /// There is nothing to answer, or not any more.
    #[error("nothing to answer")]
    Unknown,
}

/// What became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Done {
    /// The people were carried over. Their cards are to follow, in the same transaction (`authn::card::link::follow`).
    Carried {
        /// From where.
        from: Siret,
        /// To where.
        to: Siret,
        /// Places.
        places: u64,
        /// Rights.
        rights: u64,
    },
    /// The managers of the one that follows are asked.
    Asked,
}

/// The open establishment that the register says follows a closed one.
pub async fn offered(h: &mut impl Handle, from: &Siret) -> Result<Option<Establishment>> {
    if register::find(h, from).await?.is_none_or(|r| r.open) || store::succeeded_by(h, from).await?.is_some() {
        return Ok(None);
    }
    let Some(next) = register::successor(h, from).await? else { return Ok(None) };
    let known = register::find(h, &next.siret).await?.filter(|r| r.open);
    Ok(known.map(|r| Establishment { siret: r.siret, name: r.name }).filter(|e| e.siret != *from))
}

/// The establishment that took over the people of this one, however many did in between.
async fn follow(h: &mut impl Handle, from: &Siret) -> Result<Option<Siret>> {
    let mut last = None;
    for _ in 0..HOPS {
        match store::succeeded_by(h, last.as_ref().unwrap_or(from)).await? {
            Some(next) => last = Some(next),
            None => break,
        }
    }
    Ok(last)
}

/// The establishments that a person was carried over to from this one, one after the other: what was granted for it is held in the
/// last. Empty for whoever had left before, here or on the way.
pub async fn carried(h: &mut impl Handle, who: &AccountId, from: &Siret) -> Result<Vec<Siret>> {
    let mut places: Vec<Siret> = Vec::new();
    for _ in 0..HOPS {
        let Some(next) = store::carried_to(h, places.last().unwrap_or(from), who).await? else { break };
        places.push(next);
    }
    Ok(places)
}

/// A manager of a closed establishment carries its people over, where nobody is yet; asks its managers otherwise.
pub async fn ask(tx: &mut Tx, desk: Desk<'_>, actor: &AccountId, from: &Siret) -> Result<Result<Done, Refused>> {
    let (kit, now) = (desk.kit, desk.kit.ctx.now());
    let Some(to) = offered(tx, from).await? else { return Ok(Err(Refused::NoSuccessor)) };
    take_turns(tx, kit, from, &to).await?;
    let Some(manager) = Manager::of(tx, actor, from, now).await? else {
        people::refuse(tx, kit, actor, from, "not_manager").await?;
        return Ok(Err(Refused::NotManager));
    };
    if super::store::count_managers(tx, &to.siret, now).await? > 0 {
        let (id, place) = (SuccessionId::new(now, kit.ctx.rng.as_ref()), manager.establishment().clone());
        let asked = Succession { id, from: place, to: to.siret.clone(), state: State::Pending, asked_by: actor.clone(), asked_at: now };
        if store::insert(tx, &asked).await? == 0 {
            return Ok(Err(Refused::Already));
        }
        record(tx, desk, Kind::SuccessionAsked, from, &to.siret, None).await?;
        let facts = OrgFacts { former: Some(asked.from.name.clone()), ..OrgFacts::of(&to.name, &to.siret) };
        people::tell_managers(tx, kit, &to.siret, OrgEvent::SuccessionAsked, &facts).await?;
        return Ok(Ok(Done::Asked));
    }
    if super::store::is_peopled(tx, &to.siret).await? {
        return Ok(Err(Refused::Orphan));
    }
    let from = manager.establishment().clone();
    carry(tx, desk, &from, &to, false).await
}

/// A manager of the one that follows answers. Its own managers stay its only ones: whoever comes is a contact.
pub async fn answer(
    tx: &mut Tx,
    desk: Desk<'_>,
    actor: &AccountId,
    to: &Siret,
    id: &SuccessionId,
    accept: bool,
) -> Result<Result<Done, Refused>> {
    let (kit, now) = (desk.kit, desk.kit.ctx.now());
    let asked = store::find(tx, id).await?.filter(|s| s.to == *to && s.state == State::Pending);
    let (Some(asked), Some(place)) = (asked, super::find(tx, to).await?) else { return Ok(Err(Refused::Unknown)) };
    take_turns(tx, kit, &asked.from.siret, &place).await?;
    if Manager::of(tx, actor, to, now).await?.is_none() {
        people::refuse(tx, kit, actor, to, "not_manager").await?;
        return Ok(Err(Refused::NotManager));
    }
    let state = if accept { State::Accepted } else { State::Declined };
    if store::decide(tx, id, state, actor.as_str(), now).await? == 0 {
        return Ok(Err(Refused::Unknown));
    }
    if accept {
        return carry(tx, desk, &asked.from, &place, true).await;
    }
    record(tx, desk, Kind::SuccessionDeclined, &asked.from.siret, to, None).await?;
    if let Some(person) = account::store::find(tx, &asked.asked_by).await? {
        let facts = OrgFacts { former: Some(asked.from.name.clone()), ..OrgFacts::of(&place.name, to) };
        people::tell(tx, kit, &person, OrgEvent::SuccessionDeclined, facts).await?;
    }
    Ok(Ok(Done::Asked))
}

/// The operator's word: whatever the register says.
pub async fn by_operator(tx: &mut Tx, desk: Desk<'_>, from: &Establishment, to: &Establishment) -> Result<Result<Done, Refused>> {
    let now = desk.kit.ctx.now();
    if from.siret == to.siret {
        return Ok(Err(Refused::NoSuccessor));
    }
    take_turns(tx, desk.kit, &from.siret, to).await?;
    // A ring would lead nowhere.
    if follow(tx, &to.siret).await?.is_some() {
        return Ok(Err(Refused::Already));
    }
    if let Some(asked) = store::open(tx, &from.siret).await? {
        store::decide(tx, &asked.id, State::Cancelled, "operator", now).await?;
    }
    let managed = super::store::count_managers(tx, &to.siret, now).await? > 0;
    carry(tx, desk, from, to, managed).await
}

/// Both, always in the same order: two transfers never wait for each other.
async fn take_turns(tx: &mut Tx, kit: &crate::account::kit::Kit<'_>, from: &Siret, to: &Establishment) -> Result<()> {
    if super::find(tx, &to.siret).await?.is_none() {
        super::put(tx, kit.ctx, to).await?;
    }
    let mut both = [from, &to.siret];
    both.sort_by_key(|s| s.as_str());
    for siret in both {
        super::store::take_turn(tx, siret).await?;
    }
    Ok(())
}

async fn carry(tx: &mut Tx, desk: Desk<'_>, from: &Establishment, to: &Establishment, managed: bool) -> Result<Result<Done, Refused>> {
    let (kit, now) = (desk.kit, desk.kit.ctx.now());
    if store::succeed(tx, &from.siret, &to.siret, now).await? == 0 {
        return Ok(Err(Refused::Already));
    }
    let mut everybody: Vec<AccountId> = Vec::new();
    loop {
        let page = store::people(tx, &from.siret, everybody.last().map_or("", AccountId::as_str), now).await?;
        if page.is_empty() {
            break;
        }
        everybody.extend(page);
    }
    let role = if managed { Role::Contact.name() } else { "" };
    let (places, rights) = store::carry(tx, &from.siret, &to.siret, role, now).await?;
    record(tx, desk, Kind::EstablishmentSucceeded, &from.siret, &to.siret, Some((places, rights))).await?;
    for who in &everybody {
        // Whoever was put out there before does not come back by this.
        if super::membership(tx, who, &to.siret, now).await?.is_none() {
            notice::claims_changed(tx, kit.ctx, who, Some(&from.siret))?;
            notice::right_ended(tx, kit.ctx, who, &from.siret, None)?;
            continue;
        }
        notice::claims_changed(tx, kit.ctx, who, Some(&to.siret))?;
        if let Some(person) = account::store::find(tx, who).await?.filter(Account::is_alive) {
            let facts = OrgFacts { former: Some(from.name.clone()), ..OrgFacts::of(&to.name, &to.siret) };
            people::tell(tx, kit, &person, OrgEvent::Moved, facts).await?;
        }
    }
    close_requests(tx, desk, from, to).await?;
    Ok(Ok(Done::Carried { from: from.siret.clone(), to: to.siret.clone(), places, rights }))
}

/// Nobody answers any more what was asked of the closed one; whoever asked is told where to ask now.
async fn close_requests(tx: &mut Tx, desk: Desk<'_>, from: &Establishment, to: &Establishment) -> Result<()> {
    for id in store::end_requests(tx, &from.siret, desk.kit.ctx.now()).await? {
        let Some(asked) = request::store::find(tx, &id).await? else { continue };
        request::record(tx, desk.kit, Kind::RequestCancelled, &asked, Some("succession")).await?;
        if let Some(person) = account::store::find(tx, &asked.account).await?.filter(Account::is_alive) {
            let asked = OrgFacts { message: None, reason: None, ..asked.facts(desk.services, None) };
            let (establishment, siret, former) = (to.name.clone(), to.siret.to_string(), Some(from.name.clone()));
            let facts = OrgFacts { establishment, siret, former, ..asked };
            people::tell(tx, desk.kit, &person, OrgEvent::RequestClosed, facts).await?;
        }
    }
    Ok(())
}

/// In the journal of both.
async fn record(tx: &mut Tx, desk: Desk<'_>, kind: Kind, from: &Siret, to: &Siret, carried: Option<(u64, u64)>) -> Result<()> {
    for (siret, side) in [(from, "from"), (to, "to")] {
        let event = Event::new(kind).with("siret", siret.as_str()).with("side", side);
        let event = event.with("from", from.as_str()).with("to", to.as_str());
        let event = event.with("places", carried.map(|(places, _)| places)).with("rights", carried.map(|(_, rights)| rights));
        audit::append(tx, desk.kit.ctx, event).await?;
    }
    Ok(())
}
