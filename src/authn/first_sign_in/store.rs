//! Designated managers who have yet to sign in.

use crate::base::Timestamp;
use crate::base::id::AccountId;
use crate::base::phone::Mobile;
use crate::base::rng::{self, Rng};
use crate::db::{Handle, Result, Tx};
use crate::sql;

const PUT: &str = "INSERT INTO designation (id, account_id, phone, created_at, expires_at) VALUES ($1, $2, $3, $4, $5) \
     ON CONFLICT (account_id) DO UPDATE SET id = excluded.id, phone = excluded.phone, created_at = excluded.created_at, \
     expires_at = excluded.expires_at, consumed_at = NULL";
const FIND: &str = "SELECT phone, consumed_at FROM designation WHERE account_id = $1 AND (consumed_at IS NOT NULL OR expires_at > $2)";
const FIND_OPEN: &str = "SELECT phone FROM designation WHERE account_id = $1 AND consumed_at IS NULL AND expires_at > $2";
const CONSUME: &str = "UPDATE designation SET consumed_at = $2 WHERE account_id = $1 AND consumed_at IS NULL AND expires_at > $2";
// Those that served stay: a declaration applied again must not designate anew. So do those that ran out, which gate the account.
// One for an account at most.
const WITHDRAW: &str = "DELETE FROM designation WHERE account_id = $1 AND consumed_at IS NULL";

/// Every statement of this file.
pub const ALL: &[&str] = &[PUT, FIND, FIND_OPEN, CONSUME, WITHDRAW];

/// Records a designation in the place of any other of this account.
pub async fn put(tx: &mut Tx, account: &AccountId, mobile: &Mobile, now: Timestamp, until: Timestamp, rng: &dyn Rng) -> Result<()> {
    let id = crate::base::encode::hex(&rng::bytes::<16>(rng));
    sql!(tx, PUT, id, account.as_str(), mobile.as_str(), now.millis(), until.millis(); exec)?;
    Ok(())
}

/// The mobile of the designation of this account, which waits or served, and whether it served.
pub async fn find(h: &mut impl Handle, account: &AccountId, now: Timestamp) -> Result<Option<(String, bool)>> {
    let found = sql!(h, FIND, account.as_str(), now.millis(); (String, Option<i64>); optional)?;
    Ok(found.map(|(phone, consumed)| (phone, consumed.is_some())))
}

/// The mobile of the designation that waits for this account.
pub async fn find_open(h: &mut impl Handle, account: &str, now: Timestamp) -> Result<Option<String>> {
    Ok(sql!(h, FIND_OPEN, account, now.millis(); (String,); optional)?.map(|(phone,)| phone))
}

/// Spends a designation; 0 when it was spent, or has ended.
pub async fn consume(tx: &mut Tx, account: &AccountId, now: Timestamp) -> Result<u64> {
    sql!(tx, CONSUME, account.as_str(), now.millis(); exec)
}

/// Takes back a designation that did not serve; 0 when there is none.
pub async fn withdraw(tx: &mut Tx, account: &AccountId) -> Result<u64> {
    sql!(tx, WITHDRAW, account.as_str(); exec)
}
