//! What happened and was not told yet. The ends of sessions are written by `authn::store`, which knows who took part.

use std::time::Duration;

use super::{Event, Kind};
use crate::base::Timestamp;
use crate::base::id::{AccountId, NoticeId, SessionId};
use crate::db::{Error, Handle, Purge, Result, Tx};
use crate::sql;

const INSERT: &str = "INSERT INTO notice_event (id, kind, client_id, account_id, session_id, siret, service_id, created_at) \
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
const ANY: &str = "SELECT id FROM notice_event LIMIT 1";
// Whoever takes a row takes it away: of two nodes one gets it.
const TAKE: &str = "DELETE FROM notice_event WHERE id IN (SELECT id FROM notice_event ORDER BY created_at, id LIMIT $1) \
     RETURNING kind, client_id, account_id, session_id, siret, service_id, created_at";
const PURGE: &str = "DELETE FROM notice_event WHERE id IN (SELECT id FROM notice_event WHERE created_at <= $1 LIMIT $2)";

/// Every statement of this file.
pub const ALL: &[&str] = &[INSERT, ANY, TAKE, PURGE];

/// What the worker removes.
pub const PURGES: &[Purge] = &[Purge { table: "notice_event", keep: Duration::from_secs(30 * 86_400), statements: &[PURGE] }];

/// Adds what happened.
pub fn insert(tx: &mut Tx, id: &NoticeId, e: &Event) -> Result<()> {
    sql!(
        tx, INSERT, id.as_str(), e.kind.name(), e.client.as_deref(), e.account.as_str(), e.session.as_ref().map(SessionId::as_str),
        e.siret.as_deref(), e.service.as_deref(), e.at.millis(); later
    )
}

/// Whether anything waits: spares an idle hub a write transaction each second.
pub async fn any(h: &mut impl Handle) -> Result<bool> {
    Ok(sql!(h, ANY; (String,); optional)?.is_some())
}

#[derive(sqlx::FromRow)]
struct Row {
    kind: String,
    client_id: Option<String>,
    account_id: String,
    session_id: Option<String>,
    siret: Option<String>,
    service_id: Option<String>,
    created_at: i64,
}

/// Takes up to `limit` of what happened, oldest first, once.
pub async fn take(tx: &mut Tx, limit: i64) -> Result<Vec<Event>> {
    let event = |r: Row| {
        Ok(Event {
            kind: Kind::parse(&r.kind).ok_or_else(|| Error::inconsistent(format!("notice_event.kind {}", r.kind)))?,
            client: r.client_id,
            account: AccountId::from_store(r.account_id),
            session: r.session_id.map(SessionId::from_store),
            siret: r.siret,
            service: r.service_id,
            at: Timestamp::from_millis(r.created_at),
        })
    };
    let mut events = sql!(tx, TAKE, limit; Row; all)?.into_iter().map(event).collect::<Result<Vec<_>>>()?;
    events.sort_by_key(|e| e.at);
    Ok(events)
}
