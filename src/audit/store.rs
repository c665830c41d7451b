//! Rows of the trail.

use super::{Event, Kind};
use crate::base::id::{AccountId, AuditId};
use crate::base::{Ctx, Siret, Timestamp};
use crate::db::{Handle, Result, Tx};
use crate::sql;

const INSERT: &str = "INSERT INTO audit_event (id, at, kind, actor, account_id, client_id, session_id, request_id, address, detail, siret) \
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
const OF_ACCOUNT: &str = "SELECT id, at, kind, actor, account_id, client_id, session_id, request_id, address, detail, seq, hash \
     FROM audit_event WHERE account_id = $1 AND at < $2 ORDER BY at DESC, id DESC LIMIT $3";
const HISTORY: &str = "SELECT id, at, kind, actor, account_id, client_id, session_id, request_id, address, detail, seq, hash \
     FROM audit_event WHERE account_id = $1 AND at >= $2 AND (at < $3 OR at = $3 AND id < $4) AND $5 LIKE '% ' || kind || ' %' \
     ORDER BY at DESC, id DESC LIMIT $6";
const OF_SIRET: &str = "SELECT id, at, kind, actor, account_id, client_id, session_id, request_id, address, detail, seq, hash, siret \
     FROM audit_event WHERE siret = $1 AND at >= $2 AND (at < $3 OR at = $3 AND id < $4) AND $5 LIKE '% ' || kind || ' %' \
     ORDER BY at DESC, id DESC LIMIT $6";

const LATEST: &str = "SELECT at FROM audit_event ORDER BY at DESC LIMIT 1";

/// Every statement of this file.
pub const ALL: &[&str] = &[INSERT, OF_ACCOUNT, HISTORY, OF_SIRET, LATEST];

/// Appends a row; `seq` and `hash` come later, from the worker.
pub fn insert(tx: &mut Tx, id: &AuditId, ctx: &Ctx, event: &Event) -> Result<()> {
    let (at, kind, actor) = (ctx.now().millis(), event.kind.name(), ctx.actor.audit_form());
    let (account, session) = (event.account.as_ref().map(|a| a.as_str()), event.session.as_ref().map(|s| s.as_str()));
    let (address, detail) = (ctx.client_addr.map(|a| a.to_string()), event.detail.to_string());
    let (request, siret) = (ctx.request_id.as_str(), event.siret());
    sql!(tx, INSERT, id.as_str(), at, kind, actor, account, event.client.as_deref(), session, request, address, detail, siret; later)
}

/// A row of the trail.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Row {
    /// Identifier.
    pub id: String,
    /// Unix milliseconds.
    pub at: i64,
    /// See [`Kind::name`].
    pub kind: String,
    /// Who acted.
    pub actor: String,
    /// Account concerned.
    pub account_id: Option<String>,
    /// Client concerned.
    pub client_id: Option<String>,
    /// Session.
    pub session_id: Option<String>,
    /// Request, as in logs and error pages.
    pub request_id: String,
    /// Client address.
    pub address: Option<String>,
    /// JSON.
    pub detail: String,
    /// Place in the chain.
    pub seq: Option<i64>,
    /// Hash of the chain up to here.
    pub hash: Option<String>,
    /// The establishment that the particulars name, to find the row by; not hashed, as they are.
    #[sqlx(default)]
    pub siret: Option<String>,
}

impl Row {
    /// The kind, when this binary knows it.
    pub fn kind(&self) -> Option<Kind> {
        Kind::parse(&self.kind)
    }
}

/// Latest events of an account before an instant, newest first.
pub async fn of_account(h: &mut impl Handle, account: &AccountId, before: Timestamp, limit: i64) -> Result<Vec<Row>> {
    sql!(h, OF_ACCOUNT, account.as_str(), before.millis(), limit; Row; all)
}

/// Where a page of a history begins: strictly before this instant and identifier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor {
    /// Instant.
    pub at: Timestamp,
    /// Identifier among the events of that instant.
    pub id: String,
}

/// Events of these kinds of an account, from `since` on and before `cursor`, newest first.
pub async fn history(
    h: &mut impl Handle,
    account: &AccountId,
    kinds: &[Kind],
    since: Timestamp,
    cursor: &Cursor,
    limit: i64,
) -> Result<Vec<Row>> {
    // One parameter for any number of kinds: a name is looked for between spaces, which names do not hold.
    let kinds = kinds.iter().fold(String::from(" "), |list, kind| list + kind.name() + " ");
    let (since, at) = (since.millis(), cursor.at.millis());
    sql!(h, HISTORY, account.as_str(), since, at, cursor.id.as_str(), kinds, limit; Row; all)
}

/// Events of these kinds in an establishment, from `since` on and before `cursor`, newest first.
pub async fn of_siret(
    h: &mut impl Handle,
    siret: &Siret,
    kinds: &[Kind],
    since: Timestamp,
    cursor: &Cursor,
    limit: i64,
) -> Result<Vec<Row>> {
    let kinds = kinds.iter().fold(String::from(" "), |list, kind| list + kind.name() + " ");
    sql!(h, OF_SIRET, siret.as_str(), since.millis(), cursor.at.millis(), cursor.id.as_str(), kinds, limit; Row; all)
}

/// The instant of the latest event.
pub async fn latest(h: &mut impl Handle) -> Result<Option<Timestamp>> {
    Ok(sql!(h, LATEST; (i64,); optional)?.map(|(at,)| Timestamp::from_millis(at)))
}
