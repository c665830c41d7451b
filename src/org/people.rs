//! What a manager does with the people of their establishment, and what people do with their own place. An establishment never
//! loses its last manager by any of it.

use super::{Establishment, Link, Membership, MembershipState, Proof, Role, habilitation, store};
use crate::account::kit::Kit;
use crate::account::{self, Account};
use crate::audit::{self, Event, Kind};
use crate::base::id::AccountId;
use crate::base::{Actor, Siret, Timestamp};
use crate::db::{Handle, Result, Tx};
use crate::jobs::{self, Job};
use crate::mail::message::{By, MailMessage, OrgEvent, OrgFacts};

/// Proof that somebody manages an establishment at this instant. Only [`Manager::of`] makes one.
#[derive(Debug, Clone)]
pub struct Manager {
    membership: Membership,
}

impl Manager {
    /// Of this person in this establishment, if they manage it now.
    pub async fn of(h: &mut impl Handle, account: &AccountId, siret: &Siret, now: Timestamp) -> Result<Option<Self>> {
        let found = super::membership(h, account, siret, now).await?;
        Ok(found.and_then(|membership| match membership.role {
            Role::Manager => Some(Self { membership }),
            Role::Contact => None,
        }))
    }

    /// Their place.
    pub fn membership(&self) -> &Membership {
        &self.membership
    }

    /// What they manage.
    pub fn establishment(&self) -> &Establishment {
        &self.membership.establishment
    }
}

/// What a place rests on: a proof, and how well it establishes the place. A manager's word is worth no more than the manager's
/// own place: somebody who only says that they manage an establishment makes nobody else's place more than said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word {
    proof: Proof,
    link: Link,
    evidence: Option<String>,
}

impl Word {
    /// A manager's.
    pub fn of(manager: &Manager, proof: Proof) -> Self {
        Self { proof, link: proof.link().min(manager.membership.link), evidence: None }
    }

    /// Of an official source, which names what it rests on.
    pub(super) fn proved(proof: Proof, evidence: String) -> Self {
        Self { proof, link: proof.link(), evidence: Some(evidence) }
    }

    /// The one of the two that is worth more; this one when they are worth the same.
    #[must_use]
    pub fn or(self, other: Option<Self>) -> Self {
        other.filter(|other| other.link > self.link).unwrap_or(self)
    }
}

impl From<Proof> for Word {
    /// Nobody's but the proof's own.
    fn from(proof: Proof) -> Self {
        Self { proof, link: proof.link(), evidence: None }
    }
}

/// Why nothing was changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// Whoever acts does not manage this establishment, now.
    #[error("not a manager of this establishment")]
    NotManager,
    /// The person has no place there.
    #[error("not a person of this establishment")]
    NotMember,
    /// It would be without a manager.
    #[error("the last manager of the establishment")]
    LastManager,
    /// It would be left to managers whose places end.
    #[error("the last manager of the establishment whose place has no end")]
    OthersEnd,
}

impl Refused {
    /// The guard that stands in the way, as the trail names it when the operator forces it.
    const fn guard(self) -> Option<&'static str> {
        match self {
            Self::LastManager => Some("last_manager"),
            Self::OthersEnd => Some("others_end"),
            Self::NotManager | Self::NotMember => None,
        }
    }
}

/// The reason of a deactivation that cannot wait.
const SECURITY: &str = "security";

/// What a manager decides of a person's place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Role.
    pub role: Role,
    /// Whether it counts.
    pub state: MembershipState,
    /// End.
    pub expires_at: Option<Timestamp>,
    /// Why, in a word, when it ends.
    pub reason: Option<&'static str>,
}

/// Changes the place of a person (« Modifier les droits », « Désactiver »). Waits for its turn first, then checks again that
/// whoever acts manages the establishment: of two managers who remove each other one is too late. `Ok(false)`: it stood so.
/// Somebody else is deactivated for security though the managers who are left have an end: whoever acts is one of them today.
pub async fn change(
    tx: &mut Tx,
    kit: &Kit<'_>,
    actor: &AccountId,
    siret: &Siret,
    who: &AccountId,
    change: &Change,
) -> Result<Result<bool, Refused>> {
    let now = kit.ctx.now();
    store::take_turn(tx, siret).await?;
    if Manager::of(tx, actor, siret, now).await?.is_none() {
        refuse(tx, kit, actor, siret, "not_manager").await?;
        return Ok(Err(Refused::NotManager));
    }
    let urgent = actor != who && change.state == MembershipState::Disabled && change.reason == Some(SECURITY);
    match set(tx, kit, siret, who, change).await? {
        Err(Refused::OthersEnd) if urgent => write(tx, kit, siret, who, change).await,
        done => Ok(done),
    }
}

/// A person leaves an establishment by themselves (« Quitter cet établissement »).
pub async fn leave(tx: &mut Tx, kit: &Kit<'_>, who: &AccountId, siret: &Siret) -> Result<Result<bool, Refused>> {
    store::take_turn(tx, siret).await?;
    let Some(present) = super::membership(tx, who, siret, kit.ctx.now()).await? else {
        return Ok(Err(Refused::NotMember));
    };
    let change = Change { role: present.role, state: MembershipState::Disabled, expires_at: None, reason: Some("left") };
    set(tx, kit, siret, who, &change).await
}

/// The operator's word, by the same rules; `force` leaves an establishment without a manager.
pub async fn set_by_operator(
    tx: &mut Tx,
    kit: &Kit<'_>,
    siret: &Siret,
    who: &AccountId,
    change: &Change,
    force: bool,
) -> Result<Result<bool, Refused>> {
    store::take_turn(tx, siret).await?;
    let done = set(tx, kit, siret, who, change).await?;
    let Some(guard) = done.err().and_then(Refused::guard).filter(|_| force) else { return Ok(done) };
    let event = Event::new(Kind::GuardForced).account(who).with("siret", siret.as_str()).with("guard", guard);
    audit::append(tx, kit.ctx, event).await?;
    write(tx, kit, siret, who, change).await
}

/// Puts a person in an establishment on the operator's word, and tells them. One who is there already only gains. `false`: it stood so.
pub async fn place_by_operator(tx: &mut Tx, kit: &Kit<'_>, who: &Account, establishment: &Establishment, role: Role) -> Result<bool> {
    if !admit(tx, kit, &who.id, establishment, role, Proof::Operator.into()).await? {
        return Ok(false);
    }
    let event = if role == Role::Manager { OrgEvent::Manager } else { OrgEvent::JoinAccepted };
    let facts = OrgFacts { role: Some(role.name().to_owned()), ..OrgFacts::of(&establishment.name, &establishment.siret) };
    tell(tx, kit, who, event, facts).await?;
    Ok(true)
}

pub(super) async fn set(tx: &mut Tx, kit: &Kit<'_>, siret: &Siret, who: &AccountId, change: &Change) -> Result<Result<bool, Refused>> {
    let now = kit.ctx.now();
    let Some(manager) = Manager::of(tx, who, siret, now).await? else { return write(tx, kit, siret, who, change).await };
    let no_sooner = match (manager.membership.expires_at, change.expires_at) {
        (_, None) => true,
        (None, Some(_)) => false,
        (Some(before), Some(after)) => before <= after,
    };
    let stays = match (change.role, change.state) {
        (Role::Manager, MembershipState::Active) => no_sooner,
        (Role::Contact, _) | (Role::Manager, MembershipState::Disabled) => false,
    };
    // One whose own end is set leaves the establishment to nobody, later.
    if !stays && store::count_other_lasting_managers(tx, siret, who).await? == 0 {
        let alone = store::count_other_managers(tx, siret, who, now).await? == 0;
        return Ok(Err(if alone { Refused::LastManager } else { Refused::OthersEnd }));
    }
    write(tx, kit, siret, who, change).await
}

async fn write(tx: &mut Tx, kit: &Kit<'_>, siret: &Siret, who: &AccountId, change: &Change) -> Result<Result<bool, Refused>> {
    let Some(present) = store::membership(tx, who, siret).await? else { return Ok(Err(Refused::NotMember)) };
    let wanted = Membership { role: change.role, state: change.state, expires_at: change.expires_at, ..present.clone() };
    if !super::put_membership(tx, kit, &wanted).await? {
        return Ok(Ok(false));
    }
    let (account, now) = (account::store::find(tx, who).await?, kit.ctx.now());
    let same = present.role == wanted.role;
    let event = match (present.state, wanted.state) {
        (MembershipState::Active, MembershipState::Disabled) => {
            habilitation::revoke_all(tx, kit, who, siret, change.reason.unwrap_or("departure")).await?;
            super::request::close_of(tx, kit, who, siret).await?;
            super::handover::close_of(tx, kit, who, siret).await?;
            if let Some(account) = &account {
                super::invitation::close_of(tx, account, siret).await?;
            }
            Some(OrgEvent::Deactivated)
        }
        (MembershipState::Disabled, MembershipState::Active) => Some(OrgEvent::Reactivated),
        // They were told of its end.
        (MembershipState::Active, MembershipState::Active) if !present.holds(now) && wanted.holds(now) => Some(OrgEvent::Reactivated),
        // Another end alone is no news of a role.
        (MembershipState::Active, MembershipState::Active) | (MembershipState::Disabled, MembershipState::Disabled) if same => None,
        (MembershipState::Active, MembershipState::Active) | (MembershipState::Disabled, MembershipState::Disabled) => {
            Some(if wanted.role == Role::Manager { OrgEvent::Manager } else { OrgEvent::RoleChanged })
        }
    };
    if let (Some(account), Some(event)) = (account, event) {
        let mut facts = OrgFacts { role: Some(wanted.role.name().to_owned()), ..OrgFacts::of(&wanted.establishment.name, siret) };
        if present.state != wanted.state {
            facts.by = by(tx, kit, who).await?;
            facts.motif = change.reason.map(str::to_owned);
        }
        tell(tx, kit, &account, event, facts).await?;
    }
    Ok(Ok(true))
}

/// By whom a place is ended or given back, as its person is told: nobody, where it is themselves.
async fn by(tx: &mut Tx, kit: &Kit<'_>, who: &AccountId) -> Result<Option<By>> {
    match &kit.ctx.actor {
        Actor::Account(actor) if actor == who => Ok(None),
        Actor::Account(actor) => Ok(account::store::find(tx, actor).await?.map(|a| By::Person(a.full_name()))),
        Actor::Anonymous | Actor::Client(_) | Actor::Operator | Actor::System => Ok(Some(By::Operator)),
    }
}

/// Puts a person in an establishment: accepted, invited, or proved. One who is there already only gains; what somebody held whose
/// place was over stays over.
pub async fn admit(tx: &mut Tx, kit: &Kit<'_>, account: &AccountId, establishment: &Establishment, role: Role, word: Word) -> Result<bool> {
    store::take_turn(tx, &establishment.siret).await?;
    let mut wanted = Membership {
        link: word.link,
        evidence: word.evidence,
        ..Membership::new(account.clone(), establishment.clone(), role, word.proof)
    };
    if let Some(present) = super::membership(tx, account, &establishment.siret, kit.ctx.now()).await? {
        wanted.factors_manage = present.factors_manage;
        wanted.expires_at = present.expires_at.filter(|_| role == Role::Contact);
        if present.link >= wanted.link {
            (wanted.link, wanted.proof, wanted.proved_at) = (present.link, present.proof, present.proved_at);
            wanted.evidence = present.evidence;
        }
        if present.role == Role::Manager {
            wanted.role = Role::Manager;
        }
    }
    super::put_membership(tx, kit, &wanted).await
}

/// A place becomes as well established as this word makes it; nothing else of it changes.
pub(super) async fn strengthen(tx: &mut Tx, kit: &Kit<'_>, place: Membership, word: Word) -> Result<bool> {
    let Word { proof, link, evidence } = word;
    super::put_membership(tx, kit, &Membership { proof, link, evidence, proved_at: None, ..place }).await
}

/// Records that somebody tried what they may not.
pub async fn refuse(tx: &mut Tx, kit: &Kit<'_>, actor: &AccountId, siret: &Siret, why: &str) -> Result<()> {
    let event = Event::new(Kind::RightRefused).account(actor).with("siret", siret.as_str()).with("why", why);
    audit::append(tx, kit.ctx, event).await
}

/// Asks somebody of the establishment to set up a strong means of connection, in the name of a manager.
pub async fn remind_enrolment(tx: &mut Tx, kit: &Kit<'_>, actor: &Account, siret: &Siret, who: &Account) -> Result<Result<(), Refused>> {
    let now = kit.ctx.now();
    let Some(manager) = Manager::of(tx, &actor.id, siret, now).await? else {
        refuse(tx, kit, &actor.id, siret, "not_manager").await?;
        return Ok(Err(Refused::NotManager));
    };
    if super::membership(tx, &who.id, siret, now).await?.is_none() {
        return Ok(Err(Refused::NotMember));
    }
    audit::append(tx, kit.ctx, Event::new(Kind::EnrolmentReminded).account(&who.id).with("siret", siret.as_str())).await?;
    let facts = OrgFacts { person: Some(actor.full_name()), ..OrgFacts::of(&manager.establishment().name, siret) };
    tell(tx, kit, who, OrgEvent::EnrolmentReminded, facts).await?;
    Ok(Ok(()))
}

/// Writes to a person about an establishment.
pub async fn tell(tx: &mut Tx, kit: &Kit<'_>, to: &Account, event: OrgEvent, facts: OrgFacts) -> Result<()> {
    let Some(email) = to.notice_email() else { return Ok(()) };
    let job = Job::Mail {
        to: email.as_str().to_owned(),
        locale: to.locale,
        message: MailMessage::Organisation { event, facts: Box::new(facts) },
    };
    jobs::enqueue(tx, kit.ctx, &kit.keys.rest, &job, std::time::Duration::ZERO).await.map(drop)
}

/// The same, to every manager of an establishment.
pub(super) async fn tell_managers(tx: &mut Tx, kit: &Kit<'_>, siret: &Siret, event: OrgEvent, facts: &OrgFacts) -> Result<()> {
    for member in super::managers(tx, siret, kit.ctx.now()).await? {
        if let Some(manager) = account::store::find(tx, &member.account).await? {
            tell(tx, kit, &manager, event, facts.clone()).await?;
        }
    }
    Ok(())
}
