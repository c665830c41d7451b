//! Deciding on requests: who may, and what comes of it. A link in a mail never decides (DESIGN §2.8).

use super::{Desk, Request, State, Wish, lacks, record, store};
use crate::account::{self, Account};
use crate::audit::{self, Event, Kind};
use crate::base::id::{AccountId, AskId};
use crate::base::texts::Locale;
use crate::base::{Siret, Timestamp};
use crate::db::{Handle, Result, Tx};
use crate::jobs::{self, Job};
use crate::mail::message::{MailMessage, OrgEvent, OrgFacts};
use crate::org::people::{Manager, Word};
use crate::org::register::{self, Closed};
use crate::org::service::{Approver, Service, Services};
use crate::org::{self, Proof, Role, habilitation, newcomer, people};

/// Who decided, when a claim that nobody answered came due.
const CLAIM: &str = "claim";
/// Who decided, when the operator did.
const OPERATOR: &str = "operator";

/// Proof that somebody may decide on a request at this instant. Only [`Decider::of`] and [`Decider::operator`] make one.
#[derive(Debug, Clone)]
pub struct Decider {
    by: String,
    word: Word,
}

impl Decider {
    /// The operator, who may decide on anything.
    pub fn operator() -> Self {
        Self { by: OPERATOR.to_owned(), word: Proof::Operator.into() }
    }

    /// Nobody: the delay of a claim is over.
    fn of_claim() -> Self {
        Self { by: CLAIM.to_owned(), word: Proof::First.into() }
    }

    /// A person: a manager of the establishment, or whoever is named for the service. Never the one who asks.
    pub async fn of(h: &mut impl Handle, services: &Services, who: &AccountId, request: &Request, now: Timestamp) -> Result<Option<Self>> {
        if *who == request.account {
            return Ok(None);
        }
        let siret = &request.establishment.siret;
        let word = match &request.wish {
            Wish::Join(_) => Manager::of(h, who, siret, now).await?.map(|manager| Word::of(&manager, Proof::Manager)),
            Wish::Use { service, .. } => match services.live(service) {
                Some(service) => decides(h, service, who, siret, now).await?.then(|| Proof::Manager.into()),
                None => None,
            },
        };
        Ok(word.map(|word| Self { by: who.to_string(), word }))
    }
}

/// Whether somebody decides on the requests of a service in an establishment.
pub async fn decides(h: &mut impl Handle, service: &Service, who: &AccountId, siret: &Siret, now: Timestamp) -> Result<bool> {
    match service.metadata.approver {
        Approver::Managers => Ok(Manager::of(h, who, siret, now).await?.is_some()),
        Approver::Named => Ok(org::service::store::approvers(h, &service.id, siret).await?.iter().any(|a| a.account == *who)),
        Approver::Operator => Ok(false),
    }
}

/// What is decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Accepted, for the role asked or another.
    Admit(Role),
    /// Accepted for these profiles, which may be fewer than asked, until an end.
    Grant {
        /// Profiles.
        profiles: Vec<String>,
        /// End; the service may set an earlier one.
        until: Option<Timestamp>,
    },
    /// Declined, for this reason, which the person is told.
    Decline(String),
    /// Sent back: something is to be changed, as said.
    AskChanges(String),
}

/// Why nothing was decided.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// There is no such request, or not for whoever decides.
    #[error("no such request")]
    Unknown,
    /// Somebody decided already, or it was withdrawn.
    #[error("decided already")]
    Late,
    /// The verdict does not fit what is asked.
    #[error("the verdict does not fit the request")]
    Unfit,
    /// The operator holds the right back.
    #[error("suspended by the operator")]
    Barred,
    /// The person does not act for the establishment any more.
    #[error("the person left the establishment")]
    Gone,
    /// The person lacks these attestations, which the service demands.
    #[error("attestations missing: {}", .0.join(", "))]
    Lacks(Vec<String>),
    /// The establishment closed meanwhile.
    #[error("the establishment closed{}", .0.successor.as_ref().map(|s| format!("; {s} took over")).unwrap_or_default())]
    Closed(Closed),
}

/// Decides. `who` is `None` for the operator. Checked again inside the transaction, after its turn: a manager who has just lost
/// the role decides nothing, and of two decisions one is late.
pub async fn decide(
    tx: &mut Tx,
    desk: Desk<'_>,
    who: Option<&AccountId>,
    id: &AskId,
    verdict: &Verdict,
) -> Result<Result<Request, Refused>> {
    let Some(asked) = store::find(tx, id).await? else { return Ok(Err(Refused::Unknown)) };
    let siret = &asked.establishment.siret;
    let (kit, now) = (desk.kit, desk.kit.ctx.now());
    org::store::take_turn(tx, siret).await?;
    let decider = match who {
        None => Some(Decider::operator()),
        Some(who) => Decider::of(tx, desk.services, who, &asked, now).await?,
    };
    let Some(decider) = decider else {
        if let Some(who) = who {
            people::refuse(tx, kit, who, siret, "not_decider").await?;
        }
        return Ok(Err(Refused::Unknown));
    };
    settle(tx, desk, decider, &asked, verdict).await
}

/// Grants a claim that nobody answered within its delay: the caller looked at everything else.
pub(in crate::org) async fn grant_claim(tx: &mut Tx, desk: Desk<'_>, asked: &Request) -> Result<Result<Request, Refused>> {
    settle(tx, desk, Decider::of_claim(), asked, &Verdict::Admit(Role::Manager)).await
}

/// Declines one whose establishment closed meanwhile, for a reason that the person is told.
pub(in crate::org) async fn decline_claim(
    tx: &mut Tx,
    desk: Desk<'_>,
    asked: &Request,
    reason: String,
) -> Result<Result<Request, Refused>> {
    settle(tx, desk, Decider::of_claim(), asked, &Verdict::Decline(reason)).await
}

async fn settle(tx: &mut Tx, desk: Desk<'_>, decider: Decider, asked: &Request, verdict: &Verdict) -> Result<Result<Request, Refused>> {
    let (kit, now, siret) = (desk.kit, desk.kit.ctx.now(), &asked.establishment.siret);
    let Some(outcome) = outcome(asked, verdict) else { return Ok(Err(Refused::Unfit)) };
    // Before anything is written: a refusal leaves nothing half-done.
    if let Verdict::Admit(_) = verdict
        && let Some(closed) = register::closing(tx, siret).await?
    {
        refuse_closed(tx, desk, &decider, asked).await?;
        return Ok(Err(Refused::Closed(closed)));
    }
    let grant = match to_grant(tx, desk, asked, verdict, &decider).await? {
        Ok(grant) => grant,
        Err(refused) => return Ok(Err(refused)),
    };
    let reason = match verdict {
        Verdict::Decline(reason) | Verdict::AskChanges(reason) => Some(reason.as_str()),
        Verdict::Admit(_) | Verdict::Grant { .. } => None,
    };
    let decision = store::Decision { state: outcome, granted: granted(verdict), reason, by: &decider.by, now };
    let Some(decided) = store::decide(tx, &asked.id, &decision).await? else { return Ok(Err(Refused::Late)) };
    let person = account::store::find(tx, &decided.account).await?;
    if let Some(grant) = &grant {
        habilitation::grant(tx, kit, grant).await?;
    }
    let mut newcomer = false;
    if let Verdict::Admit(role) = verdict {
        // Whoever claims an establishment comes first: there is nobody who set anything for newcomers.
        newcomer = decider.by != CLAIM && org::membership(tx, &decided.account, siret, now).await?.is_none();
        // What the person showed by themselves stands beside the word of whoever lets them in.
        let shown = match &person {
            Some(person) => org::official::word(tx, person, siret, now).await?,
            None => None,
        };
        people::admit(tx, kit, &decided.account, &decided.establishment, *role, decider.word.or(shown)).await?;
    }
    record(tx, kit, Kind::RequestDecided, &decided, Some(&decider.by)).await?;
    if let Some(person) = person {
        people::tell(tx, kit, &person, event(&decided, verdict), decided.facts(desk.services, None)).await?;
    }
    if newcomer {
        newcomer::welcome(tx, desk, &decider.by, siret, &decided.account).await?;
    }
    Ok(Ok(decided))
}

/// Records that whoever decides may not let this person in any more: it is not the one who asks that is refused.
async fn refuse_closed(tx: &mut Tx, desk: Desk<'_>, decider: &Decider, asked: &Request) -> Result<()> {
    let event = Event::new(Kind::RightRefused).with("siret", asked.establishment.siret.as_str()).with("why", "closed");
    let event = event.with("request", asked.id.as_str()).with("asker", asked.account.as_str());
    let event = match AccountId::parse(&decider.by) {
        Some(who) => event.account(&who),
        None => event,
    };
    audit::append(tx, desk.kit.ctx, event).await
}

/// What the request becomes; `None` when the verdict does not fit it.
fn outcome(asked: &Request, verdict: &Verdict) -> Option<State> {
    match (&asked.wish, verdict) {
        (Wish::Join(_), Verdict::Admit(_)) => Some(State::Accepted),
        (Wish::Use { profiles: wanted, .. }, Verdict::Grant { profiles, .. }) => {
            if profiles.is_empty() {
                None
            } else if wanted.iter().all(|p| profiles.contains(p)) {
                Some(State::Accepted)
            } else {
                Some(State::Partly)
            }
        }
        (Wish::Join(_) | Wish::Use { .. }, Verdict::Decline(reason)) => (!reason.trim().is_empty()).then_some(State::Declined),
        (Wish::Use { .. }, Verdict::AskChanges(reason)) => (!reason.trim().is_empty()).then_some(State::Changes),
        (Wish::Join(_), Verdict::Grant { .. } | Verdict::AskChanges(_)) | (Wish::Use { .. }, Verdict::Admit(_)) => None,
    }
}

fn granted(verdict: &Verdict) -> Option<String> {
    match verdict {
        Verdict::Admit(role) => Some(role.name().to_owned()),
        Verdict::Grant { profiles, .. } => Some(profiles.join(" ")),
        Verdict::Decline(_) | Verdict::AskChanges(_) => None,
    }
}

/// The habilitation that a verdict gives, if it gives one and can.
async fn to_grant(
    tx: &mut Tx,
    desk: Desk<'_>,
    asked: &Request,
    verdict: &Verdict,
    decider: &Decider,
) -> Result<Result<Option<habilitation::Grant>, Refused>> {
    let Verdict::Grant { profiles, until } = verdict else { return Ok(Ok(None)) };
    let (siret, now) = (&asked.establishment.siret, desk.kit.ctx.now());
    let Some(service) = desk.services.live(asked.wish.service()) else { return Ok(Err(Refused::Unfit)) };
    if profiles.iter().any(|p| service.profile(p).is_none()) || until.is_some_and(|end| end <= now) {
        return Ok(Err(Refused::Unfit));
    }
    if !org::store::membership(tx, &asked.account, siret).await?.is_some_and(|m| m.holds(now)) {
        return Ok(Err(Refused::Gone));
    }
    let present = habilitation::of_person(tx, &asked.account, siret).await?;
    if decider.by != OPERATOR && present.iter().any(|h| h.service == service.id && h.is_operators()) {
        return Ok(Err(Refused::Barred));
    }
    let kinds = lacks(tx, &asked.account, service, now).await?;
    if !kinds.is_empty() {
        return Ok(Err(Refused::Lacks(kinds)));
    }
    let expires_at = until.iter().copied().chain(service.latest_end(now)).min();
    let (account, service, by) = (asked.account.clone(), service.id.clone(), decider.by.clone());
    Ok(Ok(Some(habilitation::Grant { account, siret: siret.clone(), service, profiles: profiles.clone(), expires_at, by })))
}

fn event(request: &Request, verdict: &Verdict) -> OrgEvent {
    match (verdict, request.state) {
        (Verdict::Admit(_), _) if request.decided_by.as_deref() == Some(CLAIM) => OrgEvent::Manager,
        (Verdict::Admit(_), _) => OrgEvent::JoinAccepted,
        (Verdict::Grant { .. }, State::Partly) => OrgEvent::AccessPartly,
        (Verdict::Grant { .. }, State::Accepted | State::Pending | State::Changes | State::Declined | State::Cancelled) => {
            OrgEvent::AccessOpened
        }
        (Verdict::Decline(_), _) => match request.wish {
            Wish::Join(_) => OrgEvent::JoinDeclined,
            Wish::Use { .. } => OrgEvent::AccessDeclined,
        },
        (Verdict::AskChanges(_), _) => OrgEvent::AccessChanges,
    }
}

/// Those who decide on a request: people, or the operator's support where nobody else does.
pub async fn deciders(h: &mut impl Handle, services: &Services, request: &Request, now: Timestamp) -> Result<Vec<Account>> {
    let siret = &request.establishment.siret;
    let ids: Vec<AccountId> = match &request.wish {
        Wish::Join(_) => managers(h, siret, now).await?,
        Wish::Use { service, .. } => match services.live(service).map(|s| s.metadata.approver) {
            Some(Approver::Managers) => managers(h, siret, now).await?,
            Some(Approver::Named) => org::service::store::approvers(h, service, siret).await?.into_iter().map(|a| a.account).collect(),
            Some(Approver::Operator) | None => Vec::new(),
        },
    };
    let mut people = Vec::new();
    for id in ids.into_iter().filter(|id| *id != request.account) {
        people.extend(account::store::find(h, &id).await?.filter(Account::is_alive));
    }
    Ok(people)
}

async fn managers(h: &mut impl Handle, siret: &Siret, now: Timestamp) -> Result<Vec<AccountId>> {
    Ok(org::managers(h, siret, now).await?.into_iter().map(|m| m.account).collect())
}

/// Whether there is anybody among them, so that it does not wait for the operator's support.
pub async fn has_deciders(h: &mut impl Handle, services: &Services, request: &Request, now: Timestamp) -> Result<bool> {
    let (siret, who) = (&request.establishment.siret, &request.account);
    let approver = match &request.wish {
        Wish::Join(_) => Some(Approver::Managers),
        Wish::Use { service, .. } => services.live(service).map(|s| s.metadata.approver),
    };
    Ok(match approver {
        Some(Approver::Managers) => org::store::count_other_managers(h, siret, who, now).await? > 0,
        Some(Approver::Named) => org::service::store::count_other_approvers(h, request.wish.service(), siret, who).await? > 0,
        Some(Approver::Operator) | None => false,
    })
}

/// Writes to those who decide, or to the operator's support where there is nobody (AG-20, EF-13).
pub async fn tell_deciders(tx: &mut Tx, desk: Desk<'_>, request: &Request, who: &Account, event: OrgEvent) -> Result<()> {
    let facts = request.facts(desk.services, Some(who));
    let people = deciders(tx, desk.services, request, desk.kit.ctx.now()).await?;
    if people.is_empty() {
        return tell_support(tx, desk, event, facts).await;
    }
    for person in &people {
        people::tell(tx, desk.kit, person, event, facts.clone()).await?;
    }
    Ok(())
}

/// Writes to the operator's support, if it has an address.
pub async fn tell_support(tx: &mut Tx, desk: Desk<'_>, event: OrgEvent, facts: OrgFacts) -> Result<()> {
    let brand = &desk.kit.config.brand;
    let Some(to) = &brand.support_email else { return Ok(()) };
    let locale: Locale = brand.locale;
    let job = Job::Mail { to: to.clone(), locale, message: MailMessage::Organisation { event, facts: Box::new(facts) } };
    jobs::enqueue(tx, desk.kit.ctx, &desk.kit.keys.rest, &job, std::time::Duration::ZERO).await.map(drop)
}
