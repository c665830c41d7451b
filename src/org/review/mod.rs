//! Reviews of rights (ux G-16): before a day, managers confirm or withdraw each right of their establishment; what nobody
//! confirmed is suspended that day, never deleted.

pub mod store;

use std::time::Duration;

use super::habilitation::{self, State, Suspension};
use super::people::{self, Manager};
use super::request::Desk;
use super::{Establishment, holding};
use crate::account::{self, Account};
use crate::audit::{self, Event, Kind};
use crate::base::id::{AccountId, ReviewId};
use crate::base::{Siret, Timestamp};
use crate::db::{Handle, Result, Tx};
use crate::mail::message::{OrgEvent, OrgFacts};
use store::Scope;

const DAY: Duration = Duration::from_secs(86_400);
const WEEK: Duration = Duration::from_secs(7 * 86_400);
/// Longest review.
pub const LONGEST: Duration = Duration::from_secs(90 * 86_400);
/// Rights suspended in one transaction.
const BATCH: i64 = 50;

/// A review of the rights in an establishment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Review {
    /// Identifier.
    pub id: ReviewId,
    /// Where.
    pub establishment: Establishment,
    /// Of the rights in this service; empty for all.
    pub service: String,
    /// Who opened it: an account, or `operator`.
    pub opened_by: String,
    /// When; rights given later are not reviewed.
    pub opened_at: Timestamp,
    /// The first instant that is too late.
    pub due_at: Timestamp,
    /// How many rights there were to review.
    pub rights: i64,
    /// Mails to the managers so far: at the opening, a week before, on the day.
    pub told: i64,
    /// When it ended.
    pub closed_at: Option<Timestamp>,
}

impl Review {
    /// What is left to review.
    pub fn scope(&self, now: Timestamp) -> Scope<'_> {
        Scope { siret: &self.establishment.siret, service: &self.service, now, since: self.opened_at }
    }

    /// What the next mail is and when it is due: after the last one, the end.
    fn next(&self, told: i64, now: Timestamp) -> Timestamp {
        let day = self.due_at.minus(DAY);
        let stages = [(2, day.minus(WEEK)), (3, day)];
        stages.into_iter().find(|(n, at)| *n > told && *at > now).map_or(self.due_at, |(_, at)| at)
    }
}

/// Why nothing was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// Whoever acts does not manage this establishment, now.
    #[error("not a manager of this establishment")]
    NotManager,
    /// A review is open already.
    #[error("a review is open")]
    Open,
    /// There is no right to review.
    #[error("no right to review")]
    Nothing,
    /// The day is over, or too far away.
    #[error("not a day for the end of a review")]
    Day,
    /// There is no such right to review, or not any more.
    #[error("no such right to review")]
    Unknown,
    /// Another manager reviews the rights of this one.
    #[error("own right")]
    Own,
}

/// Opens a review: by a manager, or by the operator (`None`). The managers are written to.
pub async fn open(
    tx: &mut Tx,
    desk: Desk<'_>,
    by: Option<&AccountId>,
    establishment: &Establishment,
    service: &str,
    due_at: Timestamp,
) -> Result<Result<Review, Refused>> {
    let (kit, now, siret) = (desk.kit, desk.kit.ctx.now(), &establishment.siret);
    super::store::take_turn(tx, siret).await?;
    if let Some(actor) = by
        && Manager::of(tx, actor, siret, now).await?.is_none()
    {
        people::refuse(tx, kit, actor, siret, "not_manager").await?;
        return Ok(Err(Refused::NotManager));
    }
    if due_at <= now || due_at > now.plus(LONGEST) {
        return Ok(Err(Refused::Day));
    }
    let scope = Scope { siret, service, now, since: now };
    let review = Review {
        id: ReviewId::new(now, kit.ctx.rng.as_ref()),
        establishment: establishment.clone(),
        service: service.to_owned(),
        opened_by: by.map_or_else(|| "operator".to_owned(), ToString::to_string),
        opened_at: now,
        due_at,
        rights: store::count_left(tx, &scope).await?,
        told: 1,
        closed_at: None,
    };
    if review.rights == 0 {
        return Ok(Err(Refused::Nothing));
    }
    if store::insert(tx, &review, review.next(1, now)).await? == 0 {
        return Ok(Err(Refused::Open));
    }
    record(tx, desk, Kind::ReviewOpened, &review, None).await?;
    tell_managers(tx, desk, &review, OrgEvent::ReviewOpened).await?;
    Ok(Ok(review))
}

/// What a manager says of a right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// « Toujours en poste »: it stays.
    Stays,
    /// « Parti »: it is withdrawn.
    Gone,
}

/// Judges one right. Waits for its turn, then checks everything again. A manager judges their own only where there is no other.
pub async fn judge(
    tx: &mut Tx,
    desk: Desk<'_>,
    actor: &AccountId,
    siret: &Siret,
    who: &AccountId,
    service: &str,
    verdict: Verdict,
) -> Result<Result<(), Refused>> {
    let (kit, now) = (desk.kit, desk.kit.ctx.now());
    super::store::take_turn(tx, siret).await?;
    if Manager::of(tx, actor, siret, now).await?.is_none() {
        people::refuse(tx, kit, actor, siret, "not_manager").await?;
        return Ok(Err(Refused::NotManager));
    }
    let Some(review) = store::open(tx, siret).await?.filter(|r| r.service.is_empty() || r.service == service) else {
        return Ok(Err(Refused::Unknown));
    };
    let held = habilitation::of_person(tx, who, siret).await?.into_iter().find(|h| h.service == service);
    let Some(held) = held.filter(|h| h.holds(now) && h.granted_at <= review.opened_at) else { return Ok(Err(Refused::Unknown)) };
    if held.reviewed_at.is_some_and(|at| at >= review.opened_at) {
        return Ok(Err(Refused::Unknown));
    }
    if who == actor && super::store::count_other_managers(tx, siret, actor, now).await? > 0 {
        return Ok(Err(Refused::Own));
    }
    match verdict {
        Verdict::Stays => {
            habilitation::store::reviewed(tx, who, siret, service, now).await?;
            let event = Event::new(Kind::HabilitationChanged).account(who).with("siret", siret.as_str()).with("service", service);
            audit::append(tx, kit.ctx, event.with("state", "confirmed")).await?;
        }
        Verdict::Gone => {
            habilitation::set_state(tx, kit, who, siret, service, State::Revoked).await?;
            if let Some(person) = account::store::find(tx, who).await? {
                holding::tell(tx, desk, &person, &review.establishment, &held, OrgEvent::AccessRevoked).await?;
            }
        }
    }
    Ok(Ok(()))
}

/// Ends a review before its day, by the operator: nothing is suspended. `false` when it is over.
pub async fn abandon(tx: &mut Tx, desk: Desk<'_>, review: &Review) -> Result<bool> {
    if store::close(tx, &review.id, desk.kit.ctx.now()).await? == 0 {
        return Ok(false);
    }
    record(tx, desk, Kind::ReviewClosed, review, Some("abandoned")).await?;
    Ok(true)
}

/// Does what is due in a review: writes to the managers, or suspends some of what nobody confirmed; at last, ends it. `false`
/// when nothing more is to be done now.
pub async fn advance(tx: &mut Tx, desk: Desk<'_>, review: &Review) -> Result<bool> {
    let now = desk.kit.ctx.now();
    if now >= review.due_at {
        return lapse(tx, desk, review).await;
    }
    let day = review.due_at.minus(DAY);
    let (told, event) = if now >= day { (3, OrgEvent::ReviewDue) } else { (2, OrgEvent::ReviewReminded) };
    if told <= review.told || store::told(tx, review, told, review.next(told, now)).await? == 0 {
        return Ok(false);
    }
    // Who has done everything is not pressed.
    if store::count_left(tx, &review.scope(now)).await? > 0 {
        tell_managers(tx, desk, review, event).await?;
    }
    Ok(false)
}

async fn lapse(tx: &mut Tx, desk: Desk<'_>, review: &Review) -> Result<bool> {
    let (kit, now, siret) = (desk.kit, desk.kit.ctx.now(), &review.establishment.siret);
    super::store::take_turn(tx, siret).await?;
    if store::find(tx, &review.id).await?.is_none_or(|r| r.closed_at.is_some()) {
        return Ok(false);
    }
    let left = store::left(tx, &review.scope(now), ("", ""), BATCH).await?;
    for row in &left {
        let who = row.account();
        if !habilitation::suspend(tx, kit, &who, siret, &row.service_id, Suspension::Review).await? {
            continue;
        }
        let held = habilitation::of_person(tx, &who, siret).await?.into_iter().find(|h| h.service == row.service_id);
        if let (Some(held), Some(person)) = (held, account::store::find(tx, &who).await?.filter(Account::is_alive)) {
            holding::tell(tx, desk, &person, &review.establishment, &held, OrgEvent::AccessSuspended).await?;
        }
    }
    if !left.is_empty() {
        return Ok(true);
    }
    if store::close(tx, &review.id, now).await? == 1 {
        record(tx, desk, Kind::ReviewClosed, review, Some("due")).await?;
        tell_managers(tx, desk, review, OrgEvent::ReviewClosed).await?;
    }
    Ok(false)
}

async fn record(tx: &mut Tx, desk: Desk<'_>, kind: Kind, review: &Review, how: Option<&str>) -> Result<()> {
    let event = Event::new(kind).with("review", review.id.as_str()).with("siret", review.establishment.siret.as_str());
    let event = event.with("service", review.service.as_str()).with("until", review.due_at.millis());
    audit::append(tx, desk.kit.ctx, event.with("how", how)).await
}

async fn tell_managers(tx: &mut Tx, desk: Desk<'_>, review: &Review, event: OrgEvent) -> Result<()> {
    let place = &review.establishment;
    let service = desk.services.any(&review.service).map(|s| s.metadata.name.clone());
    let facts = OrgFacts { service, until: Some(review.due_at.millis()), ..OrgFacts::of(&place.name, &place.siret) };
    people::tell_managers(tx, desk.kit, &place.siret, event, &facts).await
}

/// Reviews in which something is to be done now, some of them.
pub async fn due(h: &mut impl Handle, now: Timestamp) -> Result<Vec<Review>> {
    store::due(h, now).await
}
