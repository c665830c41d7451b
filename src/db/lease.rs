//! Work that one node does at a time, and at most once in a while.

use std::time::Duration;

use super::{Result, Tx};
use crate::base::Ctx;
use crate::sql;

// A lease that ends later than any we would write comes from a clock that was wrong: it is taken.
const CLAIM: &str = "INSERT INTO lease (name, holder, until) VALUES ($1, $2, $4) \
     ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until = excluded.until \
     WHERE lease.until <= $3 OR lease.until > $4 OR lease.holder = excluded.holder RETURNING until";

/// Every statement of this file.
pub const ALL: &[&str] = &[CLAIM];

/// Claims `name` for `period`; false when the claim of another context stands. Until the transaction ends, others that
/// claim the same name wait: what is done in the same transaction is done by one node at a time.
pub async fn claim(tx: &mut Tx, ctx: &Ctx, name: &str, period: Duration) -> Result<bool> {
    let (now, until) = (ctx.now().millis(), ctx.now().plus(period).millis());
    let claimed = sql!(tx, CLAIM, name, ctx.request_id.as_str(), now, until; (i64,); optional)?;
    Ok(claimed.is_some())
}
