//! One right of a person, as the managers of the establishment and the operator handle it: suspended, restored, extended, withdrawn; and its end,
//! told when it comes.

use super::habilitation::{self, Grant, Habilitation, State, Suspension};
use super::people::{self, Manager};
use super::request::{self, Desk};
use super::service::Service;
use super::{Establishment, Membership, rights, store};
use crate::account::{self, Account};
use crate::audit::{self, Event, Kind};
use crate::base::id::AccountId;
use crate::base::{Siret, Timestamp};
use crate::db::{Handle, Result, Tx};
use crate::jobs::notice;
use crate::mail::message::{OrgEvent, OrgFacts};

/// What is done with a right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    /// Suspends it, for a reason of whoever does.
    Suspend(Suspension),
    /// Gives it back.
    Restore,
    /// Sets another end; none for as long as the service allows.
    Extend(Option<Timestamp>),
    /// Withdraws it.
    Withdraw,
}

/// Why nothing was done.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// Whoever acts does not manage this establishment, now.
    #[error("not a manager of this establishment")]
    NotManager,
    /// Nobody handles their own rights.
    #[error("own rights")]
    Own,
    /// There is no such right, in a state that allows it.
    #[error("no such right to act on")]
    Unknown,
    /// It is not for managers to give.
    #[error("not for managers to give")]
    NotTheirs,
    /// The person lacks attestations that the service demands.
    #[error("attestations missing")]
    Lacks(Vec<String>),
}

/// Whether managers may give back a right that is suspended: not what the operator suspended.
pub fn is_restorable(h: &Habilitation) -> bool {
    match (h.state, h.suspended_for) {
        (State::Suspended, Some(why)) => why.is_managers() || why == Suspension::Review,
        (State::Suspended, None) | (State::Active | State::Revoked, _) => false,
    }
}

/// Does it, and writes to the person. Waits for its turn, then checks again that whoever acts manages the establishment; a
/// refusal comes before anything is written.
pub async fn act(
    tx: &mut Tx,
    desk: Desk<'_>,
    actor: &AccountId,
    siret: &Siret,
    who: &AccountId,
    service: &Service,
    act: Act,
) -> Result<Result<(), Refused>> {
    let (kit, now) = (desk.kit, desk.kit.ctx.now());
    store::take_turn(tx, siret).await?;
    let Some(manager) = Manager::of(tx, actor, siret, now).await? else {
        people::refuse(tx, kit, actor, siret, "not_manager").await?;
        return Ok(Err(Refused::NotManager));
    };
    if actor == who {
        return Ok(Err(Refused::Own));
    }
    perform(tx, desk, Hand::Manager(&manager), manager.establishment(), who, service, act).await
}

/// The same on the operator's word, who may give back whatever was suspended, and whose own suspension only they end.
pub async fn act_by_operator(
    tx: &mut Tx,
    desk: Desk<'_>,
    place: &Establishment,
    who: &AccountId,
    service: &Service,
    act: Act,
) -> Result<Result<(), Refused>> {
    store::take_turn(tx, &place.siret).await?;
    perform(tx, desk, Hand::Operator, place, who, service, act).await
}

/// Whose hand it is.
#[derive(Clone, Copy)]
enum Hand<'a> {
    Manager(&'a Manager),
    Operator,
}

impl Hand<'_> {
    fn may_suspend(self, why: Suspension) -> bool {
        match self {
            Self::Manager(_) => why.is_managers(),
            Self::Operator => why == Suspension::Operator,
        }
    }

    fn may_restore(self, held: &Habilitation) -> bool {
        match self {
            Self::Manager(_) => is_restorable(held),
            Self::Operator => true,
        }
    }

    fn may_extend(self, service: &Service) -> bool {
        match self {
            Self::Manager(_) => rights::is_given_by_managers(service),
            Self::Operator => true,
        }
    }

    fn name(self) -> String {
        match self {
            Self::Manager(manager) => manager.membership().account.to_string(),
            Self::Operator => "operator".to_owned(),
        }
    }
}

async fn perform(
    tx: &mut Tx,
    desk: Desk<'_>,
    hand: Hand<'_>,
    place: &Establishment,
    who: &AccountId,
    service: &Service,
    act: Act,
) -> Result<Result<(), Refused>> {
    let (kit, siret) = (desk.kit, &place.siret);
    let held = habilitation::of_person(tx, who, siret).await?.into_iter().find(|h| h.service == service.id);
    let Some(held) = held else { return Ok(Err(Refused::Unknown)) };
    let done = match (act, held.state) {
        // The operator holds back what a manager had suspended too.
        (Act::Suspend(why), State::Active | State::Suspended)
            if hand.may_suspend(why) && (held.state == State::Active || why == Suspension::Operator) =>
        {
            habilitation::suspend(tx, kit, who, siret, &service.id, why).await?
        }
        (Act::Restore, State::Suspended) if hand.may_restore(&held) => {
            let kinds = request::lacks(tx, who, service, kit.ctx.now()).await?;
            if !kinds.is_empty() {
                return Ok(Err(Refused::Lacks(kinds)));
            }
            habilitation::set_state(tx, kit, who, siret, &service.id, State::Active).await?
        }
        (Act::Restore, State::Suspended) => return Ok(Err(Refused::NotTheirs)),
        (Act::Withdraw, State::Active | State::Suspended) => {
            habilitation::set_state(tx, kit, who, siret, &service.id, State::Revoked).await?
        }
        (Act::Extend(_), State::Active) if !hand.may_extend(service) => return Ok(Err(Refused::NotTheirs)),
        (Act::Extend(until), State::Active) => match extend(tx, desk, hand, service, &held, until).await? {
            Ok(done) => done,
            Err(refused) => return Ok(Err(refused)),
        },
        (Act::Suspend(_), _) | (Act::Restore, State::Active | State::Revoked) => false,
        (Act::Withdraw, State::Revoked) | (Act::Extend(_), State::Suspended | State::Revoked) => false,
    };
    if !done {
        return Ok(Err(Refused::Unknown));
    }
    let event = match act {
        Act::Suspend(_) => OrgEvent::AccessSuspended,
        Act::Restore => OrgEvent::AccessRestored,
        Act::Extend(_) => OrgEvent::AccessExtended,
        Act::Withdraw => OrgEvent::AccessRevoked,
    };
    if let Some(person) = account::store::find(tx, who).await? {
        let now_held = habilitation::of_person(tx, who, siret).await?.into_iter().find(|h| h.service == service.id).unwrap_or(held);
        tell(tx, desk, &person, place, &now_held, event).await?;
    }
    Ok(Ok(()))
}

async fn extend(
    tx: &mut Tx,
    desk: Desk<'_>,
    hand: Hand<'_>,
    service: &Service,
    held: &Habilitation,
    until: Option<Timestamp>,
) -> Result<Result<bool, Refused>> {
    let now = desk.kit.ctx.now();
    let kinds = request::lacks(tx, &held.account, service, now).await?;
    if !kinds.is_empty() {
        return Ok(Err(Refused::Lacks(kinds)));
    }
    let profiles: Vec<String> = held.profiles.iter().filter(|p| service.profile(p).is_some()).cloned().collect();
    if profiles.is_empty() {
        return Ok(Ok(false));
    }
    let expires_at = until.into_iter().chain(service.latest_end(now)).min();
    let (account, siret, service) = (held.account.clone(), held.siret.clone(), service.id.clone());
    let grant = Grant { account, siret, service, profiles, expires_at, by: hand.name() };
    Ok(Ok(habilitation::grant(tx, desk.kit, &grant).await?))
}

/// Writes to a person about one of their rights.
pub async fn tell(
    tx: &mut Tx,
    desk: Desk<'_>,
    person: &Account,
    place: &Establishment,
    held: &Habilitation,
    event: OrgEvent,
) -> Result<()> {
    let service = desk.services.any(&held.service);
    let name = |id: &String| service.and_then(|s| s.profile(id)).map_or_else(|| id.clone(), |p| p.name);
    let facts = OrgFacts {
        service: Some(service.map_or_else(|| held.service.clone(), |s| s.metadata.name.clone())),
        profiles: Some(held.profiles.iter().map(name).collect::<Vec<_>>().join(", ")),
        until: held.expires_at.map(Timestamp::millis),
        suspension: held.suspended_for.map(|w| w.name().to_owned()),
        ..OrgFacts::of(&place.name, &place.siret)
    };
    people::tell(tx, desk.kit, person, event, facts).await
}

/// What ended by itself and was not told yet: places, and rights.
#[derive(Debug, Default)]
pub struct Ended {
    places: Vec<Membership>,
    rights: Vec<Habilitation>,
}

impl Ended {
    /// Some of it.
    pub async fn due(h: &mut impl Handle, now: Timestamp) -> Result<Self> {
        Ok(Self { places: store::ended(h, now).await?, rights: habilitation::store::ended(h, now).await? })
    }

    /// Nothing.
    pub fn is_empty(&self) -> bool {
        self.places.is_empty() && self.rights.is_empty()
    }

    /// Tells the people and the services, and the trail, once each whoever does it.
    pub async fn tell(&self, tx: &mut Tx, desk: Desk<'_>) -> Result<()> {
        let (kit, now) = (desk.kit, desk.kit.ctx.now());
        for place in &self.places {
            let siret = &place.establishment.siret;
            if store::end(tx, place, now).await? == 0 {
                continue;
            }
            let event = Event::new(Kind::MembershipChanged).account(&place.account).with("siret", siret.as_str());
            audit::append(tx, kit.ctx, event.with("role", place.role.name()).with("state", "ended")).await?;
            notice::claims_changed(tx, kit.ctx, &place.account, Some(siret))?;
            notice::right_ended(tx, kit.ctx, &place.account, siret, None)?;
            if let Some(person) = account::store::find(tx, &place.account).await?.filter(Account::is_alive) {
                let facts = OrgFacts { motif: Some("ended".to_owned()), ..OrgFacts::of(&place.establishment.name, siret) };
                people::tell(tx, kit, &person, OrgEvent::Deactivated, facts).await?;
            }
        }
        for held in &self.rights {
            self.right(tx, desk, held).await?;
        }
        Ok(())
    }

    async fn right(&self, tx: &mut Tx, desk: Desk<'_>, held: &Habilitation) -> Result<()> {
        let (kit, now) = (desk.kit, desk.kit.ctx.now());
        if habilitation::store::end(tx, held, now).await? == 0 {
            return Ok(());
        }
        let event = Event::new(Kind::HabilitationChanged).account(&held.account).with("siret", held.siret.as_str());
        audit::append(tx, kit.ctx, event.with("service", held.service.as_str()).with("state", "ended")).await?;
        notice::claims_changed(tx, kit.ctx, &held.account, Some(&held.siret))?;
        // Whoever left was told so, and has nothing to renew.
        let place = super::membership(tx, &held.account, &held.siret, now).await?;
        if place.is_some() {
            notice::right_ended(tx, kit.ctx, &held.account, &held.siret, Some(&held.service))?;
        }
        let person = account::store::find(tx, &held.account).await?.filter(Account::is_alive);
        if let (Some(place), Some(person)) = (place, person) {
            tell(tx, desk, &person, &place.establishment, held, OrgEvent::AccessEnded).await?;
        }
        Ok(())
    }
}
