//! Rows of the outbox.

use std::time::Duration;

use super::Reserved;
use crate::base::Timestamp;
use crate::base::id::JobId;
use crate::db::{Handle, Purge, Result, Tx};
use crate::sql;

const INSERT: &str = "INSERT INTO job (id, kind, sealed, state, run_at, attempts, locked_until, created_at) \
     VALUES ($1, $2, $3, 'pending', $4, 0, 0, $5)";
const DUE: &str = "SELECT id FROM job WHERE state = 'pending' AND run_at <= $2 AND locked_until <= $2 AND kind = $1 LIMIT 1";
// The guard stands twice: PostgreSQL checks the outer one again after waiting for another node's reservation.
const RESERVE: &str = "UPDATE job SET locked_until = $3, attempts = attempts + 1 WHERE id IN (SELECT id FROM job \
     WHERE state = 'pending' AND run_at <= $2 AND locked_until <= $2 AND kind = $1 ORDER BY run_at, id LIMIT $4) \
     AND state = 'pending' AND run_at <= $2 AND locked_until <= $2 RETURNING id, sealed, attempts, created_at";
const FINISH: &str = "DELETE FROM job WHERE id = $1 AND attempts = $2 AND state = 'pending'";
const RETRY: &str = "UPDATE job SET run_at = $3, locked_until = 0, last_error = $4 WHERE id = $1 AND attempts = $2 AND state = 'pending'";
const BURY: &str = "UPDATE job SET state = 'dead', run_at = $3, locked_until = 0, last_error = $4 \
     WHERE id = $1 AND attempts = $2 AND state = 'pending'";
const COUNT: &str = "SELECT CAST(COALESCE(SUM(CASE WHEN state = 'pending' THEN 1 ELSE 0 END), 0) AS BIGINT), \
     CAST(COALESCE(SUM(CASE WHEN state = 'dead' THEN 1 ELSE 0 END), 0) AS BIGINT), \
     MIN(CASE WHEN state = 'pending' THEN run_at END) FROM job";
const DEAD: &str = "SELECT id, kind, attempts, last_error, run_at, created_at FROM job WHERE state = 'dead' \
     ORDER BY run_at DESC, id DESC LIMIT $1";
const REVIVE: &str = "UPDATE job SET state = 'pending', attempts = 0, run_at = $2 WHERE id = $1 AND state = 'dead'";
// Due thirty days ago: dead since then, or never sent for want of a relay.
const PURGE: &str = "DELETE FROM job WHERE id IN (SELECT id FROM job WHERE state IN ('pending', 'dead') AND run_at <= $1 LIMIT $2)";

/// Every statement of this file.
pub const ALL: &[&str] = &[INSERT, DUE, RESERVE, FINISH, RETRY, BURY, COUNT, DEAD, REVIVE, PURGE];

/// What the worker removes.
pub const PURGES: &[Purge] = &[Purge { table: "job", keep: Duration::from_secs(30 * 86_400), statements: &[PURGE] }];

/// Adds a pending job.
pub fn insert(tx: &mut Tx, id: &JobId, kind: &str, sealed: &str, run_at: Timestamp, now: Timestamp) -> Result<()> {
    sql!(tx, INSERT, id.as_str(), kind, sealed, run_at.millis(), now.millis(); later)
}

/// Whether a job of this kind is due: spares an idle hub a write transaction each second.
pub async fn is_due(h: &mut impl Handle, kind: &str, now: Timestamp) -> Result<bool> {
    Ok(sql!(h, DUE, kind, now.millis(); (String,); optional)?.is_some())
}

/// Takes up to `limit` due jobs for oneself until `locked_until`.
pub async fn reserve(tx: &mut Tx, kind: &str, now: Timestamp, locked_until: Timestamp, limit: i64) -> Result<Vec<Reserved>> {
    let rows = sql!(tx, RESERVE, kind, now.millis(), locked_until.millis(), limit; (String, String, i64, i64); all)?;
    let reserved = |(id, sealed, attempts, created): (String, String, i64, i64)| Reserved {
        id: JobId::from_store(id),
        sealed,
        attempts,
        created_at: Timestamp::from_millis(created),
    };
    Ok(rows.into_iter().map(reserved).collect())
}

/// Removes a job that is done; 0 when the reservation was lost meanwhile.
pub async fn finish(tx: &mut Tx, job: &Reserved) -> Result<u64> {
    sql!(tx, FINISH, job.id.as_str(), job.attempts; exec)
}

/// Puts a job off; 0 when the reservation was lost meanwhile.
pub async fn retry(tx: &mut Tx, job: &Reserved, at: Timestamp, error: &str) -> Result<u64> {
    sql!(tx, RETRY, job.id.as_str(), job.attempts, at.millis(), error; exec)
}

/// Gives a job up; 0 when the reservation was lost meanwhile.
pub async fn bury(tx: &mut Tx, job: &Reserved, now: Timestamp, error: &str) -> Result<u64> {
    sql!(tx, BURY, job.id.as_str(), job.attempts, now.millis(), error; exec)
}

/// How the outbox stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// Jobs to do, those in hand included.
    pub pending: i64,
    /// Jobs given up.
    pub dead: i64,
    /// When the oldest pending job is or was due.
    pub oldest: Option<Timestamp>,
}

/// How the outbox stands.
pub async fn standing(h: &mut impl Handle) -> Result<Standing> {
    let (pending, dead, oldest) = sql!(h, COUNT; (i64, i64, Option<i64>); one)?;
    Ok(Standing { pending, dead, oldest: oldest.map(Timestamp::from_millis) })
}

/// A job given up, as shown to the operator: nothing of its content.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct DeadRow {
    /// Identifier.
    pub id: String,
    /// Kind of work.
    pub kind: String,
    /// How often it was tried.
    pub attempts: i64,
    /// Why it failed last; without secrets.
    pub last_error: Option<String>,
    /// Unix milliseconds of the last attempt.
    pub run_at: i64,
    /// Unix milliseconds of its cause.
    pub created_at: i64,
}

/// Jobs given up, latest first.
pub async fn dead(h: &mut impl Handle, limit: i64) -> Result<Vec<DeadRow>> {
    sql!(h, DEAD, limit; DeadRow; all)
}

/// Tries a dead job again from the beginning; 0 when it is not dead.
pub async fn revive(tx: &mut Tx, id: &JobId, now: Timestamp) -> Result<u64> {
    sql!(tx, REVIVE, id.as_str(), now.millis(); exec)
}
