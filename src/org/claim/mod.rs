//! Establishments that nobody manages any more, or whose managers are away, and claiming them (french-domain §6 « Orphan
//! establishment »): everybody there is told, a delay passes, then somebody whose place is proved manages it, unless a manager
//! answered; for the others the operator decides.

pub mod store;

use crate::account::kit::Kit;
use crate::account::{self, Account};
use crate::base::texts::Texts;
use crate::base::{Siret, Timestamp};
use crate::config::Policy;
use crate::db::{Handle, Result, Tx};
use crate::mail::message::{OrgEvent, OrgFacts};
use crate::org::register::Closed;
use crate::org::request::decide::{self, Refused};
use crate::org::request::{Desk, Request};
use crate::org::{self, Establishment, Link, MembershipState, Role, official, people, register};

/// How an establishment is managed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Nobody has acted for it yet.
    Empty,
    /// People act, or acted, for it; nobody manages it.
    Orphan,
    /// Whoever manages it has not signed in for long.
    Away,
    /// Somebody manages it.
    Managed,
}

/// Who manages an establishment, and when one of them was last seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stewardship {
    /// Which.
    pub establishment: Establishment,
    /// Anybody acts for it, or did.
    pub peopled: bool,
    /// Managers in force.
    pub managers: i64,
    /// When the last of them signed in, or was given the role.
    pub seen_at: Option<Timestamp>,
    /// A manager was told of their absence.
    pub told: bool,
}

impl Stewardship {
    /// How it is managed now.
    pub fn standing(&self, policy: &Policy, now: Timestamp) -> Standing {
        match (self.managers, self.peopled) {
            (0, false) => Standing::Empty,
            (0, true) => Standing::Orphan,
            (_, _) if self.away_at(policy).is_some_and(|at| at <= now) => Standing::Away,
            (_, _) => Standing::Managed,
        }
    }

    /// From when its managers count as away.
    fn away_at(&self, policy: &Policy) -> Option<Timestamp> {
        self.seen_at.map(|at| at.plus(policy.idle_managers))
    }
}

/// From when a person who asks now would manage the establishment, if they may claim it: they act for it, or showed that they
/// work there; and nobody put them out.
pub async fn open_to(h: &mut impl Handle, kit: &Kit<'_>, who: &Account, siret: &Siret) -> Result<Option<Timestamp>> {
    let (policy, now) = (&kit.config.policy, kit.ctx.now());
    if register::closing(h, siret).await?.is_some() {
        return Ok(None);
    }
    let standing = store::of(h, siret, now).await?.map(|s| s.standing(policy, now));
    let open = match standing {
        Some(Standing::Orphan | Standing::Away) => true,
        Some(Standing::Empty | Standing::Managed) | None => false,
    };
    let entitled = match org::store::membership(h, &who.id, siret).await? {
        Some(place) if place.state == MembershipState::Disabled => false,
        Some(place) if place.holds(now) => place.role == Role::Contact,
        Some(_) | None => official::word(h, who, siret, now).await?.is_some(),
    };
    Ok((open && entitled).then(|| now.plus(policy.claim_delay)))
}

/// Whether the place of a person is proved, so that no operator has to look.
async fn is_proved(h: &mut impl Handle, who: &Account, siret: &Siret, now: Timestamp) -> Result<bool> {
    let place = org::store::membership(h, &who.id, siret).await?;
    if place.as_ref().is_some_and(|p| p.state == MembershipState::Disabled) {
        return Ok(false);
    }
    let by_place = place.is_some_and(|p| p.holds(now) && p.link == Link::Proved);
    Ok(by_place || official::word(h, who, siret, now).await?.is_some())
}

/// Writes to everybody concerned but the person: those who act for the establishment, and those who managed it. Managers are led
/// to where they can answer.
pub async fn tell_everybody(tx: &mut Tx, kit: &Kit<'_>, who: &Account, siret: &Siret, facts: &OrgFacts, to_answer: bool) -> Result<()> {
    let mut ids = store::concerned(tx, siret, kit.ctx.now()).await?;
    ids.retain(|(id, _)| *id != who.id);
    for (id, manages) in ids {
        let event = match (to_answer, manages) {
            (true, true) => OrgEvent::ClaimToAnswer,
            (true, false) => OrgEvent::ClaimTold,
            (false, _) => OrgEvent::ClaimGranted,
        };
        if let Some(person) = account::store::find(tx, &id).await?.filter(Account::is_alive) {
            people::tell(tx, kit, &person, event, facts.clone()).await?;
        }
    }
    Ok(())
}

/// What became of a claim whose time has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The person manages the establishment.
    Granted,
    /// Somebody manages it again: they decide, as on any request.
    Managed,
    /// The person has not shown that they work there: the operator decides.
    Referred,
    /// The establishment closed meanwhile: declined.
    Closed,
    /// Another node saw to it, or it was decided meanwhile.
    Settled,
}

/// Settles a claim whose delay is over. Everything is looked at again: who manages the establishment, and what the person has shown.
pub async fn settle(tx: &mut Tx, desk: Desk<'_>, claim: &Request) -> Result<Outcome> {
    let (kit, siret, now) = (desk.kit, &claim.establishment.siret, desk.kit.ctx.now());
    org::store::take_turn(tx, siret).await?;
    if store::take(tx, &claim.id, now).await? == 0 {
        return Ok(Outcome::Settled);
    }
    let Some(person) = account::store::find(tx, &claim.account).await?.filter(Account::is_alive) else { return Ok(Outcome::Settled) };
    if let Some(closed) = register::closing(tx, siret).await? {
        return decline(tx, desk, claim, &person, &closed).await;
    }
    let facts = claim.facts(desk.services, Some(&person));
    let standing = store::of(tx, siret, now).await?.map(|s| s.standing(&kit.config.policy, now));
    match standing {
        Some(Standing::Orphan | Standing::Away) => {}
        Some(Standing::Managed | Standing::Empty) | None => {
            decide::tell_deciders(tx, desk, claim, &person, OrgEvent::JoinReminded).await?;
            return Ok(Outcome::Managed);
        }
    }
    if !is_proved(tx, &person, siret, now).await? {
        return refer(tx, desk, facts).await;
    }
    match decide::grant_claim(tx, desk, claim).await? {
        Ok(_) => {
            tell_everybody(tx, kit, &person, siret, &facts, false).await?;
            Ok(Outcome::Granted)
        }
        // The register may be filled at this very moment.
        Err(Refused::Closed(closed)) => decline(tx, desk, claim, &person, &closed).await,
        Err(Refused::Late) => Ok(Outcome::Settled),
        Err(Refused::Unknown | Refused::Unfit | Refused::Barred | Refused::Gone | Refused::Lacks(_)) => refer(tx, desk, facts).await,
    }
}

/// Leaves it to the operator.
async fn refer(tx: &mut Tx, desk: Desk<'_>, facts: OrgFacts) -> Result<Outcome> {
    decide::tell_support(tx, desk, OrgEvent::ClaimToDecide, facts).await?;
    Ok(Outcome::Referred)
}

/// Nobody manages a closed establishment any more; the person is told, in their language.
async fn decline(tx: &mut Tx, desk: Desk<'_>, claim: &Request, person: &Account, closed: &Closed) -> Result<Outcome> {
    let t = Texts::new(person.locale);
    let reason = match &closed.successor {
        Some(siret) => t.with("org-claim-closed-next", &[("siret", &siret.grouped())]),
        None => t.get("org-claim-closed"),
    };
    match decide::decline_claim(tx, desk, claim, reason).await? {
        Ok(_) => Ok(Outcome::Closed),
        Err(Refused::Late) => Ok(Outcome::Settled),
        Err(Refused::Unknown | Refused::Unfit | Refused::Barred | Refused::Gone | Refused::Lacks(_) | Refused::Closed(_)) => {
            refer(tx, desk, claim.facts(desk.services, Some(person))).await
        }
    }
}

/// Establishments looked at in one go.
const PAGE: i64 = 500;

/// Looks at the establishments after one of them: tells managers who have been away for long, once a month before they count as
/// away and once when they do; forgets it of those who came back. The last one looked at, until there is none.
pub async fn watch(tx: &mut Tx, kit: &Kit<'_>, after: &str) -> Result<Option<String>> {
    let (policy, now) = (&kit.config.policy, kit.ctx.now());
    let page = store::page(tx, after, now, PAGE).await?;
    for s in &page {
        let siret = &s.establishment.siret;
        let soon = s.seen_at.is_some_and(|at| at.plus(policy.idle_managers / 6 * 5) <= now);
        let (step, event) = match s.standing(policy, now) {
            Standing::Away => (2, OrgEvent::Absence),
            Standing::Managed if soon => (1, OrgEvent::AbsenceSoon),
            Standing::Managed | Standing::Orphan | Standing::Empty => {
                if s.told {
                    store::forget(tx, siret).await?;
                }
                continue;
            }
        };
        let until = s.away_at(policy).map(Timestamp::millis);
        for manager in org::managers(tx, siret, now).await? {
            if store::tell(tx, siret, &manager.account, step, now).await? == 0 {
                continue;
            }
            if let Some(person) = account::store::find(tx, &manager.account).await? {
                let facts = OrgFacts { until, ..OrgFacts::of(&s.establishment.name, siret) };
                people::tell(tx, kit, &person, event, facts).await?;
            }
        }
    }
    Ok(page.last().map(|s| s.establishment.siret.to_string()))
}

/// Establishments of a standing, or of any, by SIRET: `limit` at most.
pub async fn list(
    h: &mut impl Handle,
    policy: &Policy,
    wanted: Option<Standing>,
    now: Timestamp,
    limit: usize,
) -> Result<Vec<Stewardship>> {
    let (mut found, mut after) = (Vec::new(), String::new());
    loop {
        let page = store::page(h, &after, now, PAGE).await?;
        let Some(last) = page.last() else { return Ok(found) };
        after = last.establishment.siret.to_string();
        for s in page.into_iter().filter(|s| wanted.is_none_or(|wanted| s.standing(policy, now) == wanted)) {
            found.push(s);
            if found.len() >= limit {
                return Ok(found);
            }
        }
    }
}
