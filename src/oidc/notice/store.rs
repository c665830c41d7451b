//! Notices on their way to clients, and what became of them.

use std::time::Duration;

use super::Notice;
use crate::base::id::{AccountId, NoticeId, SessionId};
use crate::base::{Siret, Timestamp};
use crate::db::{Error, Handle, Purge, Result, Tx};
use crate::jobs::Verdict;
use crate::jobs::notice::{Event, Kind};
use crate::sql;

// Alive when it happened: what ended in the same transaction counts. Rights in one establishment are no news to a client for which
// the person acts elsewhere; one that closed may have been followed by it.
const HOLDERS: &str = "SELECT DISTINCT g.client_id, CASE WHEN $3 = '' OR g.siret IS NULL OR g.siret = $3 THEN '' ELSE g.siret END AS closed \
     FROM oidc_grant g LEFT JOIN session s ON s.id = g.session_id \
     WHERE g.account_id = $1 AND g.created_at <= $2 AND g.expires_at > $2 AND (g.revoked_at IS NULL OR g.revoked_at >= $2) \
     AND ($3 = '' OR g.siret IS NULL OR g.siret = $3 \
     OR EXISTS (SELECT 1 FROM establishment e WHERE e.siret = g.siret AND e.succeeded_by IS NOT NULL)) \
     AND (g.offline OR (s.expires_at > $2 AND (s.ended_at IS NULL OR s.ended_at >= $2))) ORDER BY g.client_id LIMIT 500";
// In sessions that go on: of those that ended the client is told anyhow. Where the person came back for another establishment, what
// they opened there is not the business of this one.
const USERS: &str = "SELECT DISTINCT g.client_id, g.session_id, CASE WHEN g.siret = $3 THEN '' ELSE g.siret END AS closed \
     FROM oidc_grant g JOIN session s ON s.id = g.session_id \
     JOIN session_client c ON c.session_id = g.session_id AND c.client_id = g.client_id AND c.siret = g.siret \
     WHERE g.account_id = $1 AND g.created_at <= $2 AND g.expires_at > $2 AND (g.revoked_at IS NULL OR g.revoked_at >= $2) \
     AND (g.siret = $3 OR EXISTS (SELECT 1 FROM establishment e WHERE e.siret = g.siret AND e.succeeded_by IS NOT NULL)) \
     AND s.ended_at IS NULL AND s.expires_at > $2 ORDER BY g.client_id, g.session_id LIMIT 2000";
const INSERT: &str = "INSERT INTO notice (id, kind, client_id, account_id, session_id, siret, state, attempts, run_at, locked_until, \
     created_at) VALUES ($1, $2, $3, $4, $5, $6, 'pending', 0, $7, 0, $7)";
const DUE: &str = "SELECT client_id FROM notice WHERE state = 'pending' AND run_at <= $1 AND locked_until <= $1 \
     GROUP BY client_id ORDER BY MIN(run_at), client_id LIMIT 200";
// The guard stands twice: PostgreSQL checks the outer one again after waiting for another node's reservation.
const RESERVE: &str = "UPDATE notice SET locked_until = $3, attempts = attempts + 1 WHERE id IN (SELECT id FROM notice \
     WHERE state = 'pending' AND client_id = $1 AND run_at <= $2 AND locked_until <= $2 ORDER BY run_at, id LIMIT $4) \
     AND state = 'pending' AND run_at <= $2 AND locked_until <= $2 \
     RETURNING id, kind, client_id, account_id, session_id, siret, state, attempts, run_at, last_error, created_at";
const SETTLE: &str = "UPDATE notice SET state = $3, run_at = $4, locked_until = 0, last_error = $5 \
     WHERE id = $1 AND attempts = $2 AND state = 'pending'";
const LIST: &str = "SELECT id, kind, client_id, account_id, session_id, siret, state, attempts, run_at, last_error, created_at \
     FROM notice ORDER BY created_at DESC, id DESC LIMIT $1";
const LIST_OF: &str = "SELECT id, kind, client_id, account_id, session_id, siret, state, attempts, run_at, last_error, created_at \
     FROM notice WHERE client_id = $2 ORDER BY created_at DESC, id DESC LIMIT $1";
const FAILED: &str = "SELECT id, kind, client_id, account_id, session_id, siret, state, attempts, run_at, last_error, created_at \
     FROM notice WHERE state IN ('dead', 'pending') AND last_error IS NOT NULL ORDER BY created_at DESC, id DESC LIMIT $1";
const FAILED_OF: &str = "SELECT id, kind, client_id, account_id, session_id, siret, state, attempts, run_at, last_error, created_at \
     FROM notice WHERE state IN ('dead', 'pending') AND client_id = $2 AND last_error IS NOT NULL ORDER BY created_at DESC, id DESC LIMIT $1";
const RETRY: &str = "UPDATE notice SET state = 'pending', attempts = 0, run_at = $2, locked_until = 0 WHERE id = $1 AND state = 'dead'";
const RETRY_OF: &str = "UPDATE notice SET state = 'pending', attempts = 0, run_at = $2, locked_until = 0 WHERE state = 'dead' \
     AND client_id = $1";
const OUTCOME: &str = "SELECT state, last_error FROM notice WHERE client_id = $1 AND created_at >= $2 AND session_id = $3";
const STANDING: &str = "SELECT client_id, CAST(SUM(CASE WHEN state = 'pending' THEN 1 ELSE 0 END) AS BIGINT), \
     CAST(SUM(CASE WHEN state = 'dead' THEN 1 ELSE 0 END) AS BIGINT), MIN(CASE WHEN state = 'pending' THEN created_at END) \
     FROM notice WHERE state IN ('pending', 'dead') GROUP BY client_id ORDER BY client_id";
const PURGE: &str = "DELETE FROM notice WHERE id IN (SELECT id FROM notice WHERE created_at <= $1 LIMIT $2)";

/// Every statement of this file.
pub const ALL: &[&str] =
    &[HOLDERS, USERS, INSERT, DUE, RESERVE, SETTLE, LIST, LIST_OF, FAILED, FAILED_OF, RETRY, RETRY_OF, OUTCOME, STANDING, PURGE];

/// What the worker removes.
pub const PURGES: &[Purge] = &[Purge { table: "notice", keep: Duration::from_secs(30 * 86_400), statements: &[PURGE] }];

/// A client that holds something live of an account.
#[derive(Debug, Clone)]
pub struct Holder {
    /// Which.
    pub client: String,
    /// In which session, where that matters.
    pub session: Option<SessionId>,
    /// The establishment it was granted for, when that is another than where it happened, and closed.
    pub closed: Option<Siret>,
}

fn closed(siret: &str) -> Result<Option<Siret>> {
    let read = |_| Error::inconsistent(format!("oidc_grant.siret {siret}"));
    (!siret.is_empty()).then(|| Siret::unchecked(siret).map_err(read)).transpose()
}

/// Clients that held a live grant of the account when it happened: there, or for no establishment, when it happened in one; or for
/// one that closed.
pub async fn holders(h: &mut impl Handle, event: &Event) -> Result<Vec<Holder>> {
    let (at, siret) = (event.at.millis(), event.siret.as_deref().unwrap_or_default());
    let rows = sql!(h, HOLDERS, event.account.as_str(), at, siret; (String, String); all)?;
    rows.into_iter().map(|(client, place)| Ok(Holder { client, session: None, closed: closed(&place)? })).collect()
}

/// Clients with which the person acts in a session that goes on, by a live grant: there, or for an establishment that closed.
pub async fn users(h: &mut impl Handle, event: &Event) -> Result<Vec<Holder>> {
    let (at, siret) = (event.at.millis(), event.siret.as_deref().unwrap_or_default());
    let rows = sql!(h, USERS, event.account.as_str(), at, siret; (String, String, String); all)?;
    let holder = |(client, session, place): (String, String, String)| {
        Ok(Holder { client, session: Some(SessionId::from_store(session)), closed: closed(&place)? })
    };
    rows.into_iter().map(holder).collect()
}

/// Adds a notice of what happened for a client, due at once.
pub fn insert(tx: &mut Tx, id: &NoticeId, client: &str, e: &Event) -> Result<()> {
    sql!(
        tx, INSERT, id.as_str(), e.kind.name(), client, e.account.as_str(), e.session.as_ref().map(SessionId::as_str),
        e.siret.as_deref(), e.at.millis(); later
    )
}

/// Clients that have notices due, the one that waits longest first.
pub async fn due(h: &mut impl Handle, now: Timestamp) -> Result<Vec<String>> {
    Ok(sql!(h, DUE, now.millis(); (String,); all)?.into_iter().map(|(c,)| c).collect())
}

#[derive(sqlx::FromRow)]
struct Row {
    id: String,
    kind: String,
    client_id: String,
    account_id: String,
    session_id: Option<String>,
    siret: Option<String>,
    state: String,
    attempts: i64,
    run_at: i64,
    last_error: Option<String>,
    created_at: i64,
}

impl TryFrom<Row> for Notice {
    type Error = Error;

    fn try_from(r: Row) -> Result<Self> {
        Ok(Self {
            kind: Kind::parse(&r.kind).ok_or_else(|| Error::inconsistent(format!("notice.kind of {}", r.id)))?,
            id: NoticeId::from_store(r.id),
            client_id: r.client_id,
            account: AccountId::from_store(r.account_id),
            session: r.session_id.map(SessionId::from_store),
            siret: r.siret,
            state: r.state,
            attempts: r.attempts,
            run_at: Timestamp::from_millis(r.run_at),
            last_error: r.last_error,
            created_at: Timestamp::from_millis(r.created_at),
        })
    }
}

fn read(rows: Vec<Row>) -> Result<Vec<Notice>> {
    rows.into_iter().map(Notice::try_from).collect()
}

/// Takes up to `limit` due notices of a client for oneself until `locked_until`.
pub async fn reserve(tx: &mut Tx, client: &str, now: Timestamp, locked_until: Timestamp, limit: i64) -> Result<Vec<Notice>> {
    read(sql!(tx, RESERVE, client, now.millis(), locked_until.millis(), limit; Row; all)?)
}

/// Records what became of an attempt, due again `at` when it is to be retried; 0 when the reservation was lost meanwhile.
pub async fn settle(tx: &mut Tx, notice: &Notice, verdict: &Verdict, at: Timestamp) -> Result<u64> {
    let (state, why) = match verdict {
        Verdict::Done => ("sent", None),
        Verdict::Retry(why) => ("pending", Some(why.as_str())),
        Verdict::Dead(why) => ("dead", Some(why.as_str())),
    };
    sql!(tx, SETTLE, notice.id.as_str(), notice.attempts, state, at.millis(), why; exec)
}

/// One that was given up is due again; 0 when it was not given up.
pub async fn retry(tx: &mut Tx, id: &NoticeId, now: Timestamp) -> Result<u64> {
    sql!(tx, RETRY, id.as_str(), now.millis(); exec)
}

/// All those of a client that were given up.
pub async fn retry_of(tx: &mut Tx, client: &str, now: Timestamp) -> Result<u64> {
    sql!(tx, RETRY_OF, client, now.millis(); exec)
}

/// Notices, latest first: of one client or of all, whatever became of them or only those that failed.
pub async fn list(h: &mut impl Handle, client: Option<&str>, failed: bool, limit: i64) -> Result<Vec<Notice>> {
    read(match (client, failed) {
        (None, false) => sql!(h, LIST, limit; Row; all)?,
        (Some(client), false) => sql!(h, LIST_OF, limit, client; Row; all)?,
        (None, true) => sql!(h, FAILED, limit; Row; all)?,
        (Some(client), true) => sql!(h, FAILED_OF, limit, client; Row; all)?,
    })
}

/// Whether a client has heard of a session that ended since an instant: `None` while nobody knows.
pub async fn heard(h: &mut impl Handle, client: &str, session: &SessionId, since: Timestamp) -> Result<Option<bool>> {
    let row = sql!(h, OUTCOME, client, since.millis(), session.as_str(); (String, Option<String>); optional)?;
    Ok(row.and_then(|(state, error)| match state.as_str() {
        "sent" => Some(true),
        _ => error.map(|_| false),
    }))
}

/// How the notices of a client stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// Which client.
    pub client_id: String,
    /// To send, those in hand included.
    pub pending: i64,
    /// Given up.
    pub dead: i64,
    /// When what the oldest one to send is about happened.
    pub oldest: Option<Timestamp>,
}

/// Clients with notices that are not sent.
pub async fn standing(h: &mut impl Handle) -> Result<Vec<Standing>> {
    let rows = sql!(h, STANDING; (String, i64, i64, Option<i64>); all)?;
    let standing = |(client_id, pending, dead, oldest): (String, i64, i64, Option<i64>)| Standing {
        client_id,
        pending,
        dead,
        oldest: oldest.map(Timestamp::from_millis),
    };
    Ok(rows.into_iter().map(standing).collect())
}
