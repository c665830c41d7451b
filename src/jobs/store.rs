//! Rows of the outbox.

use crate::base::Timestamp;
use crate::base::id::JobId;
use crate::db::{Result, Tx};
use crate::sql;

const INSERT: &str = "INSERT INTO job (id, kind, sealed, state, run_at, attempts, locked_until, created_at) \
     VALUES ($1, $2, $3, 'pending', $4, 0, 0, $5)";

/// Every statement of this file.
pub const ALL: &[&str] = &[INSERT];

/// Adds a pending job.
pub async fn insert(tx: &mut Tx, id: &JobId, kind: &str, sealed: &str, run_at: Timestamp, now: Timestamp) -> Result<()> {
    sql!(tx, INSERT, id.as_str(), kind, sealed, run_at.millis(), now.millis(); exec)?;
    Ok(())
}
