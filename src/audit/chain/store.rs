//! Rows of the trail as links of its chain.

use super::Head;
use crate::audit::Kind;
use crate::audit::store::Row;
use crate::base::Timestamp;
use crate::db::{Error, Handle, Result, Tx};
use crate::sql;

const OF_KIND: &str = "SELECT id, at, kind, actor, account_id, client_id, session_id, request_id, address, detail, seq, hash \
     FROM audit_event WHERE kind = $1 ORDER BY at DESC, id DESC LIMIT $2";
const HEAD: &str = "SELECT seq, hash FROM audit_event WHERE seq IS NOT NULL ORDER BY seq DESC LIMIT 1";
const UNSEALED: &str = "SELECT id, at, kind, actor, account_id, client_id, session_id, request_id, address, detail, seq, hash \
     FROM audit_event WHERE seq IS NULL ORDER BY at, id LIMIT $1";
const HAS_UNSEALED: &str = "SELECT id FROM audit_event WHERE seq IS NULL ORDER BY at, id LIMIT 1";
const COUNT_UNSEALED: &str = "SELECT COUNT(*) FROM audit_event WHERE seq IS NULL";
const PLACE: &str = "UPDATE audit_event SET seq = $2, hash = $3 WHERE id = $1 AND seq IS NULL";
const CHAINED_AFTER: &str = "SELECT id, at, kind, actor, account_id, client_id, session_id, request_id, address, detail, seq, hash, siret \
     FROM audit_event WHERE seq > $1 ORDER BY seq LIMIT $2";
const FRONT: &str = "SELECT seq, hash, at FROM audit_event WHERE seq < (SELECT MAX(seq) FROM audit_event) ORDER BY seq LIMIT $1";
const REMOVE_UP_TO: &str = "DELETE FROM audit_event WHERE seq <= $1";

/// Every statement of this file.
pub const ALL: &[&str] = &[OF_KIND, HEAD, UNSEALED, HAS_UNSEALED, COUNT_UNSEALED, PLACE, CHAINED_AFTER, FRONT, REMOVE_UP_TO];

/// Latest events of a kind, newest first.
pub async fn of_kind(h: &mut impl Handle, kind: Kind, limit: i64) -> Result<Vec<Row>> {
    sql!(h, OF_KIND, kind.name(), limit; Row; all)
}

/// The end of the chain.
pub async fn head(h: &mut impl Handle) -> Result<Option<Head>> {
    let Some((seq, hash)) = sql!(h, HEAD; (i64, Option<String>); optional)? else { return Ok(None) };
    let hash = hash.ok_or_else(|| Error::inconsistent("audit_event.hash"))?;
    Ok(Some(Head { seq, hash }))
}

/// Rows outside the chain, by time.
pub async fn unsealed(h: &mut impl Handle, limit: i64) -> Result<Vec<Row>> {
    sql!(h, UNSEALED, limit; Row; all)
}

/// Whether any row is outside the chain.
pub async fn has_unsealed(h: &mut impl Handle) -> Result<bool> {
    Ok(sql!(h, HAS_UNSEALED; (String,); optional)?.is_some())
}

/// How many rows are outside the chain.
pub async fn count_unsealed(h: &mut impl Handle) -> Result<i64> {
    Ok(sql!(h, COUNT_UNSEALED; (i64,); one)?.0)
}

/// Gives a row its place in the chain.
pub fn place(tx: &mut Tx, id: &str, head: &Head) -> Result<()> {
    sql!(tx, PLACE, id, head.seq, &head.hash; later)
}

/// Chained rows after a place, in order.
pub async fn chained_after(h: &mut impl Handle, seq: i64, limit: i64) -> Result<Vec<Row>> {
    sql!(h, CHAINED_AFTER, seq, limit; Row; all)
}

/// The last of the rows, at most `limit` from the front of the chain, that are older than `before` without
/// interruption; never the last of all.
pub async fn last_expired(h: &mut impl Handle, before: Timestamp, limit: i64) -> Result<Option<Head>> {
    let rows = sql!(h, FRONT, limit; (i64, Option<String>, i64); all)?;
    let expired = rows.into_iter().take_while(|(_, _, at)| *at < before.millis()).last();
    Ok(expired.map(|(seq, hash, _)| Head { seq, hash: hash.unwrap_or_default() }))
}

/// Removes the chain up to a place.
pub async fn remove_up_to(tx: &mut Tx, seq: i64) -> Result<u64> {
    sql!(tx, REMOVE_UP_TO, seq; exec)
}
