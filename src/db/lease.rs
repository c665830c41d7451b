//! Work that one node does at a time, and at most once in a while.

use std::time::Duration;

use super::{Handle, Result, Tx};
use crate::base::{Ctx, Timestamp};
use crate::sql;

// A lease that ends later than any we would write comes from a clock that was wrong: it is taken.
const CLAIM: &str = "INSERT INTO lease (name, holder, until) VALUES ($1, $2, $4) \
     ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until = excluded.until \
     WHERE lease.until <= $3 OR lease.until > $4 OR lease.holder = excluded.holder RETURNING until";

const LIST: &str = "SELECT name, holder, until FROM lease ORDER BY name";

/// Every statement of this file.
pub const ALL: &[&str] = &[CLAIM, LIST];

/// Claims `name` for `period`; false when the claim of another context stands. Until the transaction ends, others that
/// claim the same name wait: what is done in the same transaction is done by one node at a time.
pub async fn claim(tx: &mut Tx, ctx: &Ctx, name: &str, period: Duration) -> Result<bool> {
    let (now, until) = (ctx.now().millis(), ctx.now().plus(period).millis());
    let claimed = sql!(tx, CLAIM, name, ctx.request_id.as_str(), now, until; (i64,); optional)?;
    Ok(claimed.is_some())
}

/// A claim, past or present.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease {
    /// The work.
    pub name: String,
    /// Who claimed it.
    pub holder: String,
    /// Its end.
    pub until: Timestamp,
}

/// Every claim, past or present.
pub async fn list(h: &mut impl Handle) -> Result<Vec<Lease>> {
    let rows = sql!(h, LIST; (String, String, i64); all)?;
    Ok(rows.into_iter().map(|(name, holder, until)| Lease { name, holder, until: Timestamp::from_millis(until) }).collect())
}
