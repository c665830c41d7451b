//! Authenticator applications in the database.

use super::{Application, Row};
use crate::base::Timestamp;
use crate::base::id::{AccountId, FactorId};
use crate::db::{Handle, Result, Tx};
use crate::sql;

const LIST: &str = "SELECT id, name, created_at, last_used_at FROM factor WHERE account_id = $1 AND kind = 'totp' ORDER BY created_at, id";
const ROWS: &str = "SELECT id, sealed, moving, drift FROM factor WHERE account_id = $1 AND kind = 'totp' ORDER BY created_at, id LIMIT 20";
const INSERT: &str = "INSERT INTO factor (id, account_id, kind, name, lookup, sealed, moving, drift, created_at) \
     VALUES ($1, $2, 'totp', $3, $4, $5, $6, 0, $7) ON CONFLICT (lookup) DO NOTHING";
const ACCEPT: &str = "UPDATE factor SET moving = $2, drift = $3, last_used_at = $4 WHERE id = $1 AND moving < $2";
const RENAME: &str = "UPDATE factor SET name = $3 WHERE id = $1 AND account_id = $2 AND kind = 'totp'";
const REMOVE: &str = "DELETE FROM factor WHERE id = $1 AND account_id = $2 AND kind = 'totp'";

/// Every statement of this file.
pub const ALL: &[&str] = &[LIST, ROWS, INSERT, ACCEPT, RENAME, REMOVE];

/// Applications of an account, oldest first.
pub async fn list(h: &mut impl Handle, account: &AccountId) -> Result<Vec<Application>> {
    let rows = sql!(h, LIST, account.as_str(); (String, String, i64, Option<i64>); all)?;
    let application = |(id, name, created_at, used): (String, String, i64, Option<i64>)| Application {
        id: FactorId::from_store(id),
        name,
        created_at: Timestamp::from_millis(created_at),
        last_used_at: used.map(Timestamp::from_millis),
    };
    Ok(rows.into_iter().map(application).collect())
}

/// The same, with what verifies a code.
pub async fn rows(h: &mut impl Handle, account: &AccountId) -> Result<Vec<Row>> {
    let rows = sql!(h, ROWS, account.as_str(); (String, String, i64, i64); all)?;
    let row = |(id, sealed, moving, drift): (String, String, i64, i64)| Row {
        id: FactorId::from_store(id),
        sealed,
        moving: u64::try_from(moving).unwrap_or(0),
        drift,
    };
    Ok(rows.into_iter().map(row).collect())
}

/// Adds an application; `false` when its secret is enrolled already.
pub async fn insert(tx: &mut Tx, account: &AccountId, row: &Row, lookup: &str, name: &str, now: Timestamp) -> Result<bool> {
    let moving = i64::try_from(row.moving).unwrap_or(i64::MAX);
    let added = sql!(tx, INSERT, row.id.as_str(), account.as_str(), name, lookup, &row.sealed, moving, now.millis(); exec)?;
    Ok(added == 1)
}

/// Takes a step, once: 0 when one as late was accepted meanwhile.
pub async fn accept(tx: &mut Tx, id: &FactorId, step: u64, drift: i64, now: Timestamp) -> Result<u64> {
    sql!(tx, ACCEPT, id.as_str(), i64::try_from(step).unwrap_or(i64::MAX), drift, now.millis(); exec)
}

/// Renames an application of this account.
pub async fn rename(tx: &mut Tx, account: &AccountId, id: &FactorId, name: &str) -> Result<u64> {
    sql!(tx, RENAME, id.as_str(), account.as_str(), name; exec)
}

/// Removes an application of this account.
pub async fn remove(tx: &mut Tx, account: &AccountId, id: &FactorId) -> Result<u64> {
    sql!(tx, REMOVE, id.as_str(), account.as_str(); exec)
}
