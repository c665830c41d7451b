//! Reservation of due jobs, and what becomes of them: at least once each, never by two nodes within the lock.

use std::time::Duration;

use super::store;
use crate::base::id::JobId;
use crate::base::rng::{self, Rng};
use crate::base::{Ctx, Timestamp};
use crate::db::{Db, Result};

/// A reserved job is nobody else's for so long. Work on it must end before; a node that dies gives it back then.
pub const LOCK: Duration = Duration::from_secs(60);

/// A job is tried so often.
pub const MAX_ATTEMPTS: i64 = 10;

const FIRST_DELAY: Duration = Duration::from_secs(5);

/// A job in our hands until the lock ends. `attempts` names the reservation: whoever reserves it later has another.
#[derive(Debug, Clone)]
pub struct Reserved {
    /// Identifier.
    pub id: JobId,
    /// The sealed work; see [`super::open`].
    pub sealed: String,
    /// Which attempt this is, from 1.
    pub attempts: i64,
    /// When its cause was committed.
    pub created_at: Timestamp,
}

/// What became of an attempt. Texts are for the operator, without secrets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Done.
    Done,
    /// May succeed later.
    Retry(String),
    /// Will never succeed.
    Dead(String),
}

impl Verdict {
    /// The verdict after so many attempts: the last retry is a death.
    #[must_use]
    pub fn after(self, attempts: i64) -> Self {
        match self {
            Self::Retry(why) if attempts >= MAX_ATTEMPTS => Self::Dead(format!("given up after {MAX_ATTEMPTS} attempts: {why}")),
            Self::Done | Self::Retry(_) | Self::Dead(_) => self,
        }
    }
}

/// Takes up to `limit` due jobs of a kind. Their locks are on disk when this returns.
pub async fn reserve(db: &Db, ctx: &Ctx, kind: &str, limit: usize) -> Result<Vec<Reserved>> {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    if limit == 0 || !store::is_due(&mut db.read().await?, kind, ctx.now()).await? {
        return Ok(Vec::new());
    }
    let mut tx = db.begin().await?;
    let now = ctx.now();
    let jobs = store::reserve(&mut tx, kind, now, now.plus(LOCK), limit).await?;
    tx.commit().await?;
    Ok(jobs)
}

/// Records what became of an attempt. Answers what was recorded: the last retry is a death, and `None` means that the
/// reservation was lost, so that somebody else's verdict counts.
pub async fn settle(db: &Db, ctx: &Ctx, job: &Reserved, verdict: Verdict) -> Result<Option<Verdict>> {
    let verdict = verdict.after(job.attempts);
    let mut tx = db.begin().await?;
    let recorded = match &verdict {
        Verdict::Done => store::finish(&mut tx, job).await?,
        Verdict::Retry(why) => store::retry(&mut tx, job, ctx.now().plus(backoff(job.attempts, ctx.rng.as_ref())), why).await?,
        Verdict::Dead(why) => store::bury(&mut tx, job, ctx.now(), why).await?,
    };
    tx.commit().await?;
    Ok((recorded == 1).then_some(verdict))
}

/// 5 s × 2ⁿ, and up to a quarter more so that what failed together does not come back together.
pub fn backoff(attempts: i64, rng: &dyn Rng) -> Duration {
    let doublings = u32::try_from(attempts.clamp(1, MAX_ATTEMPTS) - 1).unwrap_or(0);
    let delay = FIRST_DELAY * 2_u32.pow(doublings);
    delay + delay * u32::from(u16::from_le_bytes(rng::bytes(rng))) / (4 * u32::from(u16::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::rng::SeededRng;

    #[test]
    fn delays_double_and_spread_without_ever_shrinking() {
        let rng = SeededRng::new(1);
        for attempts in 1..=MAX_ATTEMPTS {
            let base = FIRST_DELAY * 2_u32.pow(u32::try_from(attempts).unwrap() - 1);
            let delays: Vec<Duration> = (0..100).map(|_| backoff(attempts, &rng)).collect();
            assert!(delays.iter().all(|d| (base..=base * 5 / 4).contains(d)), "{attempts}: {delays:?}");
            assert!(delays.windows(2).any(|w| w[0] != w[1]));
        }
        assert!(backoff(i64::MAX, &rng) <= FIRST_DELAY * 640 && backoff(i64::MIN, &rng) >= FIRST_DELAY);
    }
}
