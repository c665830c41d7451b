//! Requests of people who lost their means of connection, in the database.

use super::Request;
use crate::base::Timestamp;
use crate::base::id::{AccountId, RecoveryId};
use crate::db::{Handle, Result, Tx};
use crate::sql;

const OPEN: &str = "SELECT id, account_id, created_at, ready_at FROM recovery_request \
     WHERE account_id = $1 AND state IN ('waiting', 'granted') AND expires_at > $2";
const CLOSE_EXPIRED: &str = "UPDATE recovery_request SET state = 'cancelled' \
     WHERE account_id = $1 AND state = 'waiting' AND expires_at <= $2";
const INSERT: &str = "INSERT INTO recovery_request (id, account_id, state, route, created_at, expires_at) \
     VALUES ($1, $2, 'waiting', $3, $4, $5) ON CONFLICT DO NOTHING";
const GRANT: &str = "UPDATE recovery_request SET state = 'granted', ready_at = $2, decided_by = $3 \
     WHERE account_id = $1 AND state = 'waiting' AND expires_at > $4 RETURNING id";
const CANCEL: &str =
    "UPDATE recovery_request SET state = 'cancelled' WHERE account_id = $1 AND state IN ('waiting', 'granted') RETURNING id";
const ACCOUNT_OF: &str = "SELECT account_id FROM recovery_request WHERE id = $1 AND state IN ('waiting', 'granted') AND expires_at > $2";
const DUE: &str = "SELECT id, account_id, created_at, ready_at FROM recovery_request \
     WHERE state = 'granted' AND ready_at <= $1 ORDER BY ready_at LIMIT 100";
const FINISH: &str = "UPDATE recovery_request SET state = 'done' WHERE id = $1 AND state = 'granted' AND ready_at <= $2";
const REMOVE_FACTORS: &str = "DELETE FROM factor WHERE account_id = $1";

/// Every statement of this file.
pub const ALL: &[&str] = &[OPEN, CLOSE_EXPIRED, INSERT, GRANT, CANCEL, ACCOUNT_OF, DUE, FINISH, REMOVE_FACTORS];

fn request((id, account, created_at, ready_at): (String, String, i64, Option<i64>)) -> Request {
    Request {
        id: RecoveryId::from_store(id),
        account: AccountId::from_store(account),
        created_at: Timestamp::from_millis(created_at),
        ready_at: ready_at.map(Timestamp::from_millis),
    }
}

/// The open request of an account.
pub async fn open(h: &mut impl Handle, account: &AccountId, now: Timestamp) -> Result<Option<Request>> {
    Ok(sql!(h, OPEN, account.as_str(), now.millis(); (String, String, i64, Option<i64>); optional)?.map(request))
}

/// Closes the one that nobody answered in time.
pub async fn close_expired(tx: &mut Tx, account: &AccountId, now: Timestamp) -> Result<u64> {
    sql!(tx, CLOSE_EXPIRED, account.as_str(), now.millis(); exec)
}

/// Adds a request; 0 when one is open.
pub async fn insert(tx: &mut Tx, r: &Request, route: &str, expires_at: Timestamp) -> Result<u64> {
    sql!(tx, INSERT, r.id.as_str(), r.account.as_str(), route, r.created_at.millis(), expires_at.millis(); exec)
}

/// Grants the one that waits.
pub async fn grant(tx: &mut Tx, account: &AccountId, ready_at: Timestamp, by: &str, now: Timestamp) -> Result<Option<RecoveryId>> {
    let row = sql!(tx, GRANT, account.as_str(), ready_at.millis(), by, now.millis(); (String,); optional)?;
    Ok(row.map(|(id,)| RecoveryId::from_store(id)))
}

/// Stops the open one.
pub async fn cancel(tx: &mut Tx, account: &AccountId) -> Result<Option<RecoveryId>> {
    Ok(sql!(tx, CANCEL, account.as_str(); (String,); optional)?.map(|(id,)| RecoveryId::from_store(id)))
}

/// Whose open request this is.
pub async fn account_of(h: &mut impl Handle, id: &RecoveryId, now: Timestamp) -> Result<Option<AccountId>> {
    Ok(sql!(h, ACCOUNT_OF, id.as_str(), now.millis(); (String,); optional)?.map(|(a,)| AccountId::from_store(a)))
}

/// Granted ones whose time has come.
pub async fn due(h: &mut impl Handle, now: Timestamp) -> Result<Vec<Request>> {
    let rows = sql!(h, DUE, now.millis(); (String, String, i64, Option<i64>); all)?;
    Ok(rows.into_iter().map(request).collect())
}

/// Takes a due one, once; 0 when it was stopped or done meanwhile.
pub async fn finish(tx: &mut Tx, id: &RecoveryId, now: Timestamp) -> Result<u64> {
    sql!(tx, FINISH, id.as_str(), now.millis(); exec)
}

/// Removes applications and passkeys of an account; how many.
pub async fn remove_factors(tx: &mut Tx, account: &AccountId) -> Result<u64> {
    sql!(tx, REMOVE_FACTORS, account.as_str(); exec)
}
