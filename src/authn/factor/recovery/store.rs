//! Recovery codes in the database.

use super::Standing;
use crate::base::Timestamp;
use crate::base::id::AccountId;
use crate::db::{Handle, Result, Tx};
use crate::sql;

const STANDING: &str = "SELECT COUNT(*), COALESCE(MIN(created_at), 0), COUNT(used_at) FROM recovery_code WHERE account_id = $1";
const INSERT: &str = "INSERT INTO recovery_code (hash, account_id, created_at) VALUES ($1, $2, $3)";
const TAKE: &str = "UPDATE recovery_code SET used_at = $3 WHERE hash = $1 AND account_id = $2 AND used_at IS NULL";
const REMOVE_ALL: &str = "DELETE FROM recovery_code WHERE account_id = $1";

/// Every statement of this file.
pub const ALL: &[&str] = &[STANDING, INSERT, TAKE, REMOVE_ALL];

/// What is left of the set of an account.
pub async fn standing(h: &mut impl Handle, account: &AccountId) -> Result<Option<Standing>> {
    let (all, made_at, used) = sql!(h, STANDING, account.as_str(); (i64, i64, i64); one)?;
    let left = u32::try_from(all.saturating_sub(used)).unwrap_or(0);
    Ok((all > 0).then_some(Standing { left, made_at: Timestamp::from_millis(made_at) }))
}

/// Adds a code.
pub async fn insert(tx: &mut Tx, account: &AccountId, hash: &str, now: Timestamp) -> Result<()> {
    sql!(tx, INSERT, hash, account.as_str(), now.millis(); exec)?;
    Ok(())
}

/// Takes a code, once; 0 when it is none of this account's, or used.
pub async fn take(tx: &mut Tx, account: &AccountId, hash: &str, now: Timestamp) -> Result<u64> {
    sql!(tx, TAKE, hash, account.as_str(), now.millis(); exec)
}

/// Removes the set of an account.
pub async fn remove_all(tx: &mut Tx, account: &AccountId) -> Result<()> {
    sql!(tx, REMOVE_ALL, account.as_str(); exec)?;
    Ok(())
}
