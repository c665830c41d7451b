//! What happens to requests and habilitations by themselves: reminders, escalation, notices of an end (ux M16, M21).

use std::time::Duration;

use super::decide::{tell_deciders, tell_support};
use super::{Desk, Request, Wish, store};
use crate::account;
use crate::base::Timestamp;
use crate::db::{Handle, Result, Tx};
use crate::mail::message::{OrgEvent, OrgFacts};
use crate::org::{habilitation, people};

const DAY: u64 = 86_400;
/// Days after which those who decide are written to again: then every week.
const STEPS: [u64; 2] = [3, 7];
/// The operator's support is told after so many days.
const ESCALATION: u64 = 15;
/// Notice before a habilitation ends.
pub const NOTICE: Duration = Duration::from_secs(30 * DAY);

/// When the first reminder of a request made now is due.
pub fn first(now: Timestamp) -> Timestamp {
    now.plus(Duration::from_secs(3 * DAY))
}

/// When the reminder after `nudges` of them is due.
fn after(created: Timestamp, nudges: i64) -> Timestamp {
    let n = u64::try_from(nudges).unwrap_or(0);
    let day = usize::try_from(n).ok().and_then(|n| STEPS.get(n)).copied().unwrap_or(7 + 7 * n.saturating_sub(1));
    created.plus(Duration::from_secs(day * DAY))
}

/// Requests whose reminder is due, some of them.
pub async fn due(h: &mut impl Handle, now: Timestamp) -> Result<Vec<(Request, i64)>> {
    store::to_nudge(h, now).await
}

/// Claims whose delay is over, some of them.
pub async fn claims(h: &mut impl Handle, now: Timestamp) -> Result<Vec<Request>> {
    store::claims(h, now).await
}

/// Writes to those who decide; to the operator's support too once the request is old. `false` when another node did, or when
/// it was decided meanwhile.
pub async fn nudge(tx: &mut Tx, desk: Desk<'_>, request: &Request, nudges: i64) -> Result<bool> {
    let now = desk.kit.ctx.now();
    if store::nudged(tx, &request.id, nudges, after(request.created_at, nudges + 1)).await? == 0 {
        return Ok(false);
    }
    let Some(person) = account::store::find(tx, &request.account).await?.filter(account::Account::is_alive) else { return Ok(true) };
    let event = match request.wish {
        Wish::Join(_) => OrgEvent::JoinReminded,
        Wish::Use { .. } => OrgEvent::AccessReminded,
    };
    tell_deciders(tx, desk, request, &person, event).await?;
    if now.since(request.created_at) >= Duration::from_secs(ESCALATION * DAY) {
        tell_support(tx, desk, OrgEvent::Escalated, request.facts(desk.services, Some(&person))).await?;
    }
    Ok(true)
}

/// Tells people of the habilitations that end soon, once each. How many were told.
pub async fn notice_ends(tx: &mut Tx, desk: Desk<'_>) -> Result<u64> {
    let now = desk.kit.ctx.now();
    let mut told = 0;
    for h in habilitation::store::expiring(tx, now, now.plus(NOTICE)).await? {
        if habilitation::store::noticed(tx, &h, now).await? == 0 {
            continue;
        }
        let (person, place) = (account::store::find(tx, &h.account).await?, crate::org::find(tx, &h.siret).await?);
        if let (Some(person), Some(place)) = (person, place) {
            let service = desk.services.any(&h.service).map(|s| s.metadata.name.clone());
            let facts = OrgFacts { service, until: h.expires_at.map(Timestamp::millis), ..OrgFacts::of(&place.name, &h.siret) };
            people::tell(tx, desk.kit, &person, OrgEvent::AccessEnding, facts).await?;
            told += 1;
        }
    }
    Ok(told)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reminders_come_after_three_days_seven_days_then_every_week() {
        let at = |days: u64| Timestamp::from_secs(0).plus(Duration::from_secs(days * DAY));
        let due: Vec<Timestamp> = (0..5).map(|n| after(at(0), n)).collect();
        assert_eq!(due, [3, 7, 14, 21, 28].map(at));
        assert_eq!(first(at(0)), at(3));
    }
}
