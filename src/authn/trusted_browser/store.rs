//! Trusted browsers in the database.

use super::Trust;
use crate::base::Timestamp;
use crate::base::id::{AccountId, TrustId};
use crate::db::{Handle, Result, Tx};
use crate::sql;

const INSERT: &str = "INSERT INTO trusted_browser (id, account_id, secret_hash, user_agent, created_at, last_used_at, expires_at) \
     VALUES ($1, $2, $3, $4, $5, $5, $6)";
const USED: &str = "UPDATE trusted_browser SET last_used_at = $3 WHERE secret_hash = $1 AND account_id = $2 AND expires_at > $3";
const LIST: &str = "SELECT id, user_agent, created_at, expires_at FROM trusted_browser WHERE account_id = $1 AND expires_at > $2 \
     ORDER BY last_used_at DESC, id DESC LIMIT 200";
const REMOVE: &str = "DELETE FROM trusted_browser WHERE id = $1 AND account_id = $2";
const REMOVE_ALL: &str = "DELETE FROM trusted_browser WHERE account_id = $1";

/// Every statement of this file.
pub const ALL: &[&str] = &[INSERT, USED, LIST, REMOVE, REMOVE_ALL];

/// Adds a trust.
pub async fn insert(tx: &mut Tx, account: &AccountId, t: &Trust, secret_hash: &str) -> Result<()> {
    let (from, until) = (t.created_at.millis(), t.expires_at.millis());
    sql!(tx, INSERT, t.id.as_str(), account.as_str(), secret_hash, t.user_agent.as_deref(), from, until; exec)?;
    Ok(())
}

/// Records that a trust was used; 0 when it does not stand for this account.
pub async fn used(tx: &mut Tx, account: &AccountId, secret_hash: &str, now: Timestamp) -> Result<u64> {
    sql!(tx, USED, secret_hash, account.as_str(), now.millis(); exec)
}

/// Trusts of an account that stand.
pub async fn list(h: &mut impl Handle, account: &AccountId, now: Timestamp) -> Result<Vec<Trust>> {
    let rows = sql!(h, LIST, account.as_str(), now.millis(); (String, Option<String>, i64, i64); all)?;
    let trust = |(id, user_agent, created_at, expires_at): (String, Option<String>, i64, i64)| Trust {
        id: TrustId::from_store(id),
        user_agent,
        created_at: Timestamp::from_millis(created_at),
        expires_at: Timestamp::from_millis(expires_at),
    };
    Ok(rows.into_iter().map(trust).collect())
}

/// Removes a trust of this account.
pub async fn remove(tx: &mut Tx, account: &AccountId, id: &TrustId) -> Result<u64> {
    sql!(tx, REMOVE, id.as_str(), account.as_str(); exec)
}

/// Removes every trust of an account.
pub async fn remove_all(tx: &mut Tx, account: &AccountId) -> Result<u64> {
    sql!(tx, REMOVE_ALL, account.as_str(); exec)
}
