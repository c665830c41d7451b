//! Requests: to join an establishment, or to use a service for one (« Demander un accès », « Relancer ma demande »).

pub mod decide;
pub mod nudge;
pub mod store;

use std::time::Duration;

use super::service::{Approver, Service};
use super::{Establishment, Membership, Proof, Role, claim, habilitation, official, people};
use crate::account::Account;
use crate::account::kit::Kit;
use crate::audit::{self, Event, Kind};
use crate::base::id::{AccountId, AskId};
use crate::base::{Siret, Timestamp};
use crate::db::{Handle, Result, Tx};
use crate::mail::message::{OrgEvent, OrgFacts};

/// What is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wish {
    /// To join, in a role.
    Join(Role),
    /// To use a service, with profiles.
    Use {
        /// Service.
        service: String,
        /// Profiles.
        profiles: Vec<String>,
    },
}

impl Wish {
    /// Identifier of the service; empty for joining.
    pub fn service(&self) -> &str {
        match self {
            Self::Join(_) => "",
            Self::Use { service, .. } => service,
        }
    }

    fn stored(&self) -> String {
        match self {
            Self::Join(role) => role.name().to_owned(),
            Self::Use { profiles, .. } => profiles.join(" "),
        }
    }
}

/// Where a request stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Waits for an answer.
    Pending,
    /// Waits for the person: something is to be changed.
    Changes,
    /// Accepted.
    Accepted,
    /// Accepted for a part of what was asked.
    Partly,
    /// Declined.
    Declined,
    /// Withdrawn.
    Cancelled,
}

impl State {
    const ALL: [Self; 6] = [Self::Pending, Self::Changes, Self::Accepted, Self::Partly, Self::Declined, Self::Cancelled];

    /// The stored name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Changes => "changes",
            Self::Accepted => "accepted",
            Self::Partly => "partly",
            Self::Declined => "declined",
            Self::Cancelled => "cancelled",
        }
    }

    /// Reads a stored name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.name() == name)
    }

    /// Whether it still waits for somebody.
    pub const fn is_open(self) -> bool {
        match self {
            Self::Pending | Self::Changes => true,
            Self::Accepted | Self::Partly | Self::Declined | Self::Cancelled => false,
        }
    }
}

/// A request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// Identifier.
    pub id: AskId,
    /// Whose.
    pub account: AccountId,
    /// For which establishment.
    pub establishment: Establishment,
    /// What is asked.
    pub wish: Wish,
    /// Why, in the words of the person.
    pub message: Option<String>,
    /// Where it stands.
    pub state: State,
    /// Profiles granted, or the role; what was asked, until then.
    pub granted: Option<String>,
    /// What the person is told of the decision.
    pub reason: Option<String>,
    /// Who decided: an account, or `operator`.
    pub decided_by: Option<String>,
    /// When.
    pub decided_at: Option<Timestamp>,
    /// How often the person pressed « Relancer ma demande ».
    pub reminders: i64,
    /// When they last did.
    pub reminded_at: Option<Timestamp>,
    /// When it is granted unless a manager answers: the establishment is claimed.
    pub claim_at: Option<Timestamp>,
    /// When it was made.
    pub created_at: Timestamp,
}

/// From one reminder to the next (ux C-08).
pub const REMINDER_EVERY: Duration = Duration::from_secs(3 * 86_400);
/// Reminders at most.
pub const REMINDERS: i64 = 3;
/// Longest message, in characters.
pub const MESSAGE: usize = 500;

impl Request {
    /// From when the person may press « Relancer ma demande »; `None` when they may not any more.
    pub fn remindable_at(&self) -> Option<Timestamp> {
        let waits = self.state == State::Pending && self.reminders < REMINDERS;
        waits.then(|| self.reminded_at.unwrap_or(self.created_at).plus(REMINDER_EVERY))
    }

    /// What mails say of it.
    pub fn facts(&self, services: &super::service::Services, who: Option<&Account>) -> OrgFacts {
        let base = OrgFacts::of(&self.establishment.name, &self.establishment.siret);
        let (role, service, profiles) = match &self.wish {
            Wish::Join(role) => (Some(role.name().to_owned()), None, None),
            Wish::Use { service, profiles } => {
                let service = services.any(service);
                let name = |id: &String| service.and_then(|s| s.profile(id)).map_or_else(|| id.clone(), |p| p.name);
                let profiles = profiles.iter().map(name).collect::<Vec<_>>().join(", ");
                (None, service.map(|s| s.metadata.name.clone()), Some(profiles))
            }
        };
        OrgFacts {
            role,
            service,
            profiles,
            request: Some(self.id.to_string()),
            person: who.map(Account::full_name),
            email: who.and_then(|a| a.login_email.as_ref()).map(ToString::to_string),
            message: self.message.clone(),
            reason: self.reason.clone(),
            until: self.claim_at.map(Timestamp::millis),
            ..base
        }
    }
}

/// What became of a request just made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Filed {
    /// It waits for those who decide.
    Waits(AskId),
    /// Nobody has to decide: granted at once.
    Granted,
    /// The same is asked already.
    Already(Box<Request>),
    /// It is held already.
    Held,
    /// The person lacks these attestations, which the service demands.
    Lacks(Vec<String>),
    /// The person does not act for the establishment.
    NotMember,
}

/// What a request rests on besides its transaction.
#[derive(Debug, Clone, Copy)]
pub struct Desk<'a> {
    /// The circumstances.
    pub kit: &'a Kit<'a>,
    /// The catalogue.
    pub services: &'a super::service::Services,
}

/// Asks to join an establishment. The first person there is admitted as its manager, by what proves that they work there or
/// as the operator's policy says (AG-11); the others wait for a manager (AG-20).
pub async fn join(
    tx: &mut Tx,
    desk: Desk<'_>,
    who: &Account,
    establishment: &Establishment,
    role: Role,
    message: Option<String>,
) -> Result<Filed> {
    let (kit, siret) = (desk.kit, &establishment.siret);
    super::store::take_turn(tx, siret).await?;
    if super::membership(tx, &who.id, siret, kit.ctx.now()).await?.is_some() {
        return Ok(Filed::Held);
    }
    let claim_at = claim::open_to(tx, kit, who, siret).await?;
    if super::store::count_other_managers(tx, siret, &who.id, kit.ctx.now()).await? > 0 {
        let claim_at = claim_at.filter(|_| role == Role::Manager);
        return file(tx, desk, who, establishment, (Wish::Join(role), claim_at), message).await;
    }
    // Whoever comes after the last manager is not the first: the people and rights that are there are not for the taking.
    if super::store::is_peopled(tx, siret).await? {
        return file(tx, desk, who, establishment, (Wish::Join(Role::Manager), claim_at), message).await;
    }
    let shown = official::word(tx, who, siret, kit.ctx.now()).await?;
    if shown.is_none() && !kit.config.policy.first_is_manager {
        return file(tx, desk, who, establishment, (Wish::Join(Role::Manager), None), message).await;
    }
    people::admit(tx, kit, &who.id, establishment, Role::Manager, shown.unwrap_or_else(|| Proof::First.into())).await?;
    let facts = OrgFacts { role: Some(Role::Manager.name().to_owned()), ..OrgFacts::of(&establishment.name, siret) };
    people::tell(tx, kit, who, OrgEvent::Manager, facts).await?;
    Ok(Filed::Granted)
}

/// « Reprendre la gestion »: somebody who acts for an establishment that nobody manages, or whose managers are away, asks to manage
/// it. [`Filed::NotMember`] when it is not for them to claim.
pub async fn claim(tx: &mut Tx, desk: Desk<'_>, who: &Account, establishment: &Establishment, message: Option<String>) -> Result<Filed> {
    super::store::take_turn(tx, &establishment.siret).await?;
    match claim::open_to(tx, desk.kit, who, &establishment.siret).await? {
        Some(at) => file(tx, desk, who, establishment, (Wish::Join(Role::Manager), Some(at)), message).await,
        None => {
            people::refuse(tx, desk.kit, &who.id, &establishment.siret, "not_claimable").await?;
            Ok(Filed::NotMember)
        }
    }
}

/// Asks for access to a service for an establishment of the person (EF-12). Where its managers decide and the person is the
/// only one, nobody else can: it is granted at once, and said so in the trail.
pub async fn access(
    tx: &mut Tx,
    desk: Desk<'_>,
    who: &Account,
    service: &Service,
    siret: &Siret,
    profiles: Vec<String>,
    message: Option<String>,
) -> Result<Filed> {
    let (kit, now) = (desk.kit, desk.kit.ctx.now());
    super::store::take_turn(tx, siret).await?;
    let Some(standing) = super::store::standing(tx, &who.id, siret, &service.id).await?.filter(|s| s.membership.holds(now)) else {
        return Ok(Filed::NotMember);
    };
    let lacks = lacks(tx, &who.id, service, now).await?;
    if !lacks.is_empty() {
        return Ok(Filed::Lacks(lacks));
    }
    // What ends soon may be asked for again.
    let held = |h: &habilitation::Habilitation| h.holds(now) && !h.is_renewable(now) && profiles.iter().all(|p| h.profiles.contains(p));
    if standing.rights.as_ref().is_some_and(held) {
        return Ok(Filed::Held);
    }
    let barred = standing.rights.as_ref().is_some_and(habilitation::Habilitation::is_barred);
    let establishment = standing.membership.establishment;
    let alone = match (service.metadata.approver, standing.membership.role) {
        (Approver::Managers, Role::Manager) => super::store::count_other_managers(tx, siret, &who.id, now).await? == 0,
        (Approver::Managers, Role::Contact) | (Approver::Named | Approver::Operator, _) => false,
    };
    if alone && !barred {
        let (account, by) = (who.id.clone(), "sole_manager".to_owned());
        let (service_id, expires_at) = (service.id.clone(), service.latest_end(now));
        let grant = habilitation::Grant { account, siret: siret.clone(), service: service_id, profiles, expires_at, by };
        habilitation::grant(tx, kit, &grant).await?;
        return Ok(Filed::Granted);
    }
    file(tx, desk, who, &establishment, (Wish::Use { service: service.id.clone(), profiles }, None), message).await
}

/// The attestations that a service demands and the person does not hold now.
pub async fn lacks(h: &mut impl Handle, who: &AccountId, service: &Service, now: Timestamp) -> Result<Vec<String>> {
    if service.metadata.prerequisites.is_empty() {
        return Ok(Vec::new());
    }
    let held = habilitation::store::attestations(h, who).await?;
    let holds = |kind: &String| held.iter().any(|a| a.kind == *kind && a.expires_at.is_none_or(|end| now < end));
    Ok(service.metadata.prerequisites.iter().filter(|kind| !holds(kind)).cloned().collect())
}

async fn file(
    tx: &mut Tx,
    desk: Desk<'_>,
    who: &Account,
    establishment: &Establishment,
    (wish, claim_at): (Wish, Option<Timestamp>),
    message: Option<String>,
) -> Result<Filed> {
    let (kit, now) = (desk.kit, desk.kit.ctx.now());
    let message = message.map(|m| m.trim().chars().take(MESSAGE).collect::<String>()).filter(|m| !m.is_empty());
    let request = Request {
        id: AskId::new(now, kit.ctx.rng.as_ref()),
        account: who.id.clone(),
        establishment: establishment.clone(),
        wish,
        message,
        state: State::Pending,
        granted: None,
        reason: None,
        decided_by: None,
        decided_at: None,
        reminders: 0,
        reminded_at: None,
        claim_at,
        created_at: now,
    };
    if store::insert(tx, &request, nudge::first(now)).await? == 0 {
        let open = store::open(tx, &who.id, &establishment.siret, request.wish.service()).await?;
        return Ok(open.map_or(Filed::Held, |open| Filed::Already(Box::new(open))));
    }
    record(tx, kit, Kind::RequestFiled, &request, claim_at.map(|_| "claim")).await?;
    if claim_at.is_some() {
        let facts = request.facts(desk.services, Some(who));
        people::tell(tx, kit, who, OrgEvent::ClaimSent, request.facts(desk.services, None)).await?;
        claim::tell_everybody(tx, kit, who, &establishment.siret, &facts, true).await?;
        decide::tell_support(tx, desk, OrgEvent::ClaimToDecide, facts).await?;
        return Ok(Filed::Waits(request.id));
    }
    let (sent, to_decide) = match &request.wish {
        Wish::Join(_) => (OrgEvent::JoinSent, OrgEvent::JoinToDecide),
        Wish::Use { .. } => (OrgEvent::AccessSent, OrgEvent::AccessToDecide),
    };
    people::tell(tx, kit, who, sent, request.facts(desk.services, None)).await?;
    decide::tell_deciders(tx, desk, &request, who, to_decide).await?;
    Ok(Filed::Waits(request.id))
}

pub(super) async fn record(tx: &mut Tx, kit: &Kit<'_>, kind: Kind, request: &Request, how: Option<&str>) -> Result<()> {
    let event = Event::new(kind).account(&request.account).with("request", request.id.as_str());
    let event = event.with("siret", request.establishment.siret.as_str()).with("service", request.wish.service());
    audit::append(tx, kit.ctx, event.with("state", request.state.name()).with("how", how)).await
}

/// Somebody has a place now: what they asked for to join, and hold, waits for nobody any more.
pub(super) async fn placed(tx: &mut Tx, kit: &Kit<'_>, m: &Membership) -> Result<()> {
    if !m.holds(kit.ctx.now()) {
        return Ok(());
    }
    let Some(open) = store::open(tx, &m.account, &m.establishment.siret, "").await? else { return Ok(()) };
    let given = match &open.wish {
        Wish::Join(wanted) => *wanted == m.role || m.role == Role::Manager,
        Wish::Use { .. } => false,
    };
    if given { answered(tx, kit, &open, m.role.name().to_owned()).await } else { Ok(()) }
}

/// The same of a right: given without an answer to the request, it answers it.
pub(super) async fn covered(tx: &mut Tx, kit: &Kit<'_>, given: &habilitation::Grant) -> Result<()> {
    let Some(open) = store::open(tx, &given.account, &given.siret, &given.service).await? else { return Ok(()) };
    let all = match &open.wish {
        Wish::Use { profiles, .. } => profiles.iter().all(|p| given.profiles.contains(p)),
        Wish::Join(_) => false,
    };
    if all { answered(tx, kit, &open, given.profiles.join(" ")).await } else { Ok(()) }
}

async fn answered(tx: &mut Tx, kit: &Kit<'_>, open: &Request, granted: String) -> Result<()> {
    let by = kit.ctx.actor.audit_form();
    let decision = store::Decision { state: State::Accepted, granted: Some(granted), reason: None, by: &by, now: kit.ctx.now() };
    match store::answer(tx, &open.id, &decision).await? {
        Some(answered) => record(tx, kit, Kind::RequestDecided, &answered, Some("given")).await,
        None => Ok(()),
    }
}

/// Withdraws a request of one's own. `false` when it is not open any more.
pub async fn cancel(tx: &mut Tx, kit: &Kit<'_>, who: &AccountId, id: &AskId) -> Result<bool> {
    let Some(request) = store::cancel(tx, who, id, kit.ctx.now()).await? else { return Ok(false) };
    record(tx, kit, Kind::RequestCancelled, &request, Some("withdrawn")).await?;
    Ok(true)
}

/// Closes what a person asked for in an establishment they leave.
pub(super) async fn close_of(tx: &mut Tx, kit: &Kit<'_>, who: &AccountId, siret: &Siret) -> Result<()> {
    for request in store::cancel_of(tx, who, siret, kit.ctx.now()).await? {
        record(tx, kit, Kind::RequestCancelled, &request, Some("departure")).await?;
    }
    Ok(())
}

/// « Relancer ma demande » (EF-15): tells those who decide once more. `false` when it is too early, or too often.
pub async fn remind(tx: &mut Tx, desk: Desk<'_>, who: &Account, id: &AskId) -> Result<bool> {
    let now = desk.kit.ctx.now();
    let before = now.minus(REMINDER_EVERY);
    let Some(request) = store::remind(tx, &who.id, id, now, before, REMINDERS).await? else { return Ok(false) };
    record(tx, desk.kit, Kind::RequestReminded, &request, None).await?;
    let event = match request.wish {
        Wish::Join(_) => OrgEvent::JoinReminded,
        Wish::Use { .. } => OrgEvent::AccessReminded,
    };
    decide::tell_deciders(tx, desk, &request, who, event).await?;
    Ok(true)
}
