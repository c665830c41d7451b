//! Sessions in the database.

use super::proof::Voucher;
use super::session::Proven;
use super::{Method, Session};
use crate::account::Account;
use crate::account::store::account_columns;
use crate::base::Timestamp;
use crate::base::id::{AccountId, SessionId};
use crate::db::{Error, Handle, Result, Tx};
use crate::sql;

const INSERT_SESSION: &str = "INSERT INTO session (id, secret_hash, account_id, created_at, auth_time, amr, last_seen_at, expires_at, \
     user_agent, address, spared, provider) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)";
const FIND_SESSION: &str = concat!(
    "SELECT s.id AS session_id, s.created_at AS session_created_at, s.auth_time, s.amr, s.last_seen_at, s.expires_at, \
     s.user_agent, s.address, s.spared, s.provider, ",
    account_columns!(),
    " FROM session s JOIN account a ON a.id = s.account_id WHERE s.secret_hash = $1 AND s.ended_at IS NULL AND s.expires_at > $2"
);
const LIST_SESSIONS: &str = "SELECT id, account_id, created_at, auth_time, amr, last_seen_at, expires_at, user_agent, address, spared, provider FROM session \
     WHERE account_id = $1 AND ended_at IS NULL AND expires_at > $2 ORDER BY last_seen_at DESC, id DESC LIMIT 200";
const PROVE: &str = "UPDATE session SET secret_hash = $3, auth_time = $4, amr = $5, last_seen_at = $9, expires_at = $6, spared = $7, provider = $8 \
     WHERE id = $1 AND amr = $2 AND ended_at IS NULL";
const SPARE: &str = "UPDATE session SET spared = TRUE WHERE id = $1";
const TOUCH: &str = "UPDATE session SET last_seen_at = $2 WHERE id = $1 AND last_seen_at < $2 AND ended_at IS NULL";
const END_SESSION: &str = "UPDATE session SET ended_at = $3 WHERE id = $1 AND account_id = $2 AND ended_at IS NULL";
// What depends on a session ends with it; these outlive theirs.
// Whoever ends it meanwhile waits, and then sees what hangs on it.
const HOLD: &str = "UPDATE session SET last_seen_at = last_seen_at WHERE id = $1 AND ended_at IS NULL";
const REVOKE_OFFLINE: &str = "UPDATE oidc_grant SET revoked_at = $2 WHERE account_id = $1 AND offline AND revoked_at IS NULL \
     AND session_id <> $3";
const USE_CLIENT: &str = "INSERT INTO session_client (session_id, client_id, first_used_at, siret) VALUES ($1, $2, $3, $4) \
     ON CONFLICT (session_id, client_id) DO UPDATE SET siret = excluded.siret \
     WHERE COALESCE(session_client.siret, '') <> COALESCE(excluded.siret, '')";
const PLACE_AT: &str = "SELECT siret FROM session_client WHERE session_id = $1 AND client_id = $2";
const CLIENTS: &str = "SELECT client_id FROM session_client WHERE session_id = $1 ORDER BY first_used_at, client_id";
const TELL_CLIENTS: &str = "INSERT INTO notice_event (id, kind, client_id, account_id, session_id, created_at) \
     SELECT session_id || '.' || client_id, 'session_ended', client_id, CAST($2 AS TEXT), session_id, CAST($3 AS BIGINT) \
     FROM session_client WHERE session_id = $1";
const CLIENTS_OF_ACCOUNT: &str = "SELECT c.session_id, c.client_id FROM session s JOIN session_client c ON c.session_id = s.id \
     WHERE s.account_id = $1 AND s.ended_at IS NULL AND s.expires_at > $2 ORDER BY c.first_used_at, c.client_id LIMIT 2000";
const PUT_UPSTREAM: &str = "INSERT INTO upstream_session (session_id, provider_id, sealed, expires_at) VALUES ($1, $2, $3, $4) \
     ON CONFLICT (session_id) DO UPDATE SET provider_id = excluded.provider_id, sealed = excluded.sealed, expires_at = excluded.expires_at";
const TAKE_UPSTREAM: &str = "DELETE FROM upstream_session WHERE session_id = $1 RETURNING provider_id, sealed";
const SPEND: &str = "INSERT INTO spent_challenge (id, expires_at) VALUES ($1, $2) ON CONFLICT (id) DO NOTHING";
const HIT: &str = "INSERT INTO throttle (id, hits, window_end) VALUES ($1, 1, $3) ON CONFLICT (id) DO UPDATE SET \
     hits = CASE WHEN throttle.window_end <= $2 THEN 1 ELSE throttle.hits + 1 END, \
     window_end = CASE WHEN throttle.window_end <= $2 THEN excluded.window_end ELSE throttle.window_end END \
     RETURNING hits, window_end";
const CLEAR_HITS: &str = "DELETE FROM throttle WHERE id = $1";

/// Every statement of this file.
pub const ALL: &[&str] = &[
    INSERT_SESSION,
    FIND_SESSION,
    LIST_SESSIONS,
    PROVE,
    SPARE,
    TOUCH,
    END_SESSION,
    HOLD,
    REVOKE_OFFLINE,
    USE_CLIENT,
    PLACE_AT,
    CLIENTS,
    CLIENTS_OF_ACCOUNT,
    TELL_CLIENTS,
    PUT_UPSTREAM,
    TAKE_UPSTREAM,
    HIT,
    CLEAR_HITS,
    SPEND,
];

/// `pwd@1700000000000 totp@1700000005000`
fn written(proofs: &[Proven]) -> String {
    proofs.iter().map(|p| format!("{}@{}", p.method.name(), p.at.millis())).collect::<Vec<_>>().join(" ")
}

fn read(amr: &str) -> Result<Vec<Proven>> {
    let proven = |text: &str| {
        let (name, at) = text.split_once('@')?;
        Some(Proven { method: Method::parse(name)?, at: Timestamp::from_millis(at.parse().ok()?) })
    };
    amr.split_ascii_whitespace().map(|t| proven(t).ok_or_else(|| Error::inconsistent(format!("session.amr {t}")))).collect()
}

/// Adds a session.
pub async fn insert_session(tx: &mut Tx, s: &Session, secret_hash: &str) -> Result<()> {
    sql!(
        tx, INSERT_SESSION, s.id.as_str(), secret_hash, s.account_id.as_str(), s.created_at.millis(), s.auth_time.millis(),
        written(&s.proofs), s.last_seen_at.millis(), s.expires_at.millis(), s.user_agent.as_deref(), s.address.as_deref(), s.spared,
        s.provider.as_deref(); exec
    )?;
    Ok(())
}

#[derive(sqlx::FromRow)]
struct SessionAccountRow {
    session_id: String,
    session_created_at: i64,
    auth_time: i64,
    amr: String,
    last_seen_at: i64,
    expires_at: i64,
    user_agent: Option<String>,
    address: Option<String>,
    spared: bool,
    provider: Option<String>,
    #[sqlx(flatten)]
    account: crate::account::store::AccountRow,
}

/// The session of this secret with its account, unless ended or past its absolute end.
pub async fn find_session(h: &mut impl Handle, secret_hash: &str, now: Timestamp) -> Result<Option<(Session, Account)>> {
    let Some(r) = sql!(h, FIND_SESSION, secret_hash, now.millis(); SessionAccountRow; optional)? else { return Ok(None) };
    let account = Account::try_from(r.account)?;
    let session = Session {
        id: SessionId::from_store(r.session_id),
        account_id: account.id.clone(),
        created_at: Timestamp::from_millis(r.session_created_at),
        auth_time: Timestamp::from_millis(r.auth_time),
        proofs: read(&r.amr)?,
        last_seen_at: Timestamp::from_millis(r.last_seen_at),
        expires_at: Timestamp::from_millis(r.expires_at),
        user_agent: r.user_agent,
        address: r.address,
        spared: r.spared,
        provider: r.provider,
    };
    Ok(Some((session, account)))
}

#[derive(sqlx::FromRow)]
struct SessionRow {
    id: String,
    account_id: String,
    created_at: i64,
    auth_time: i64,
    amr: String,
    last_seen_at: i64,
    expires_at: i64,
    user_agent: Option<String>,
    address: Option<String>,
    spared: bool,
    provider: Option<String>,
}

/// Open sessions of an account, last used first. Idle ones are included: the caller knows the limit.
pub async fn list_sessions(h: &mut impl Handle, account: &AccountId, now: Timestamp) -> Result<Vec<Session>> {
    sql!(h, LIST_SESSIONS, account.as_str(), now.millis(); SessionRow; all)?
        .into_iter()
        .map(|r| {
            Ok(Session {
                id: SessionId::from_store(r.id),
                account_id: AccountId::from_store(r.account_id),
                created_at: Timestamp::from_millis(r.created_at),
                auth_time: Timestamp::from_millis(r.auth_time),
                proofs: read(&r.amr)?,
                last_seen_at: Timestamp::from_millis(r.last_seen_at),
                expires_at: Timestamp::from_millis(r.expires_at),
                user_agent: r.user_agent,
                address: r.address,
                spared: r.spared,
                provider: r.provider,
            })
        })
        .collect()
}

/// Records what was proved in an open session whose proofs were `before`, under a new secret; 0 when they changed meanwhile.
pub async fn prove(tx: &mut Tx, s: &Session, before: &[Proven], secret_hash: &str) -> Result<u64> {
    sql!(
        tx, PROVE, s.id.as_str(), written(before), secret_hash, s.auth_time.millis(), written(&s.proofs), s.expires_at.millis(),
        s.spared, s.provider.as_deref(), s.last_seen_at.millis(); exec
    )
}

/// Spares an open session the code that follows a password.
pub async fn spare(tx: &mut Tx, id: &SessionId) -> Result<u64> {
    sql!(tx, SPARE, id.as_str(); exec)
}

/// Records use.
pub async fn touch(tx: &mut Tx, id: &SessionId, now: Timestamp) -> Result<u64> {
    sql!(tx, TOUCH, id.as_str(), now.millis(); exec)
}

/// Ends a session of this account; 0 when it was not open or is another's.
pub async fn end_session(tx: &mut Tx, id: &SessionId, account: &AccountId, now: Timestamp) -> Result<u64> {
    sql!(tx, END_SESSION, id.as_str(), account.as_str(), now.millis(); exec)
}

/// Remembers that a service was opened in a session.
pub fn use_client(tx: &mut Tx, id: &SessionId, client: &str, siret: Option<&str>, now: Timestamp) -> Result<()> {
    sql!(tx, USE_CLIENT, id.as_str(), client, now.millis(), siret; later)
}

/// The establishment last acted for at a client in a session.
pub async fn place_at(h: &mut impl Handle, id: &SessionId, client: &str) -> Result<Option<String>> {
    Ok(sql!(h, PLACE_AT, id.as_str(), client; (Option<String>,); optional)?.and_then(|(s,)| s))
}

/// Spends a single-use value of ours that has no row (a sealed challenge, the `state` of a request to a provider), remembered
/// until it ends by itself: 1 the first time, 0 ever after.
pub async fn spend(tx: &mut Tx, id: &str, until: Timestamp) -> Result<u64> {
    sql!(tx, SPEND, id, until.millis(); exec)
}

/// Services opened in a session, in order.
pub async fn clients(h: &mut impl Handle, id: &SessionId) -> Result<Vec<String>> {
    Ok(sql!(h, CLIENTS, id.as_str(); (String,); all)?.into_iter().map(|(c,)| c).collect())
}

/// Keeps a session from ending before this transaction does. False when it has ended.
pub async fn hold(tx: &mut Tx, session: &str) -> Result<bool> {
    Ok(sql!(tx, HOLD, session; exec)? > 0)
}

/// Revokes what an account granted for use without the person, in any session but one; how many grants.
pub async fn revoke_offline(tx: &mut Tx, account: &AccountId, except: Option<&SessionId>, now: Timestamp) -> Result<u64> {
    sql!(tx, REVOKE_OFFLINE, account.as_str(), now.millis(), except.map_or("", SessionId::as_str); exec)
}

/// Has the services opened in a session told that it ended.
pub fn tell_clients(tx: &mut Tx, id: &SessionId, account: &AccountId, now: Timestamp) -> Result<()> {
    sql!(tx, TELL_CLIENTS, id.as_str(), account.as_str(), now.millis(); later)
}

/// Services opened in every open session of an account: session, client.
pub async fn clients_of_account(h: &mut impl Handle, account: &AccountId, now: Timestamp) -> Result<Vec<(String, String)>> {
    sql!(h, CLIENTS_OF_ACCOUNT, account.as_str(), now.millis(); (String, String); all)
}

/// Keeps what ends the session at the provider behind one of ours.
pub async fn put_upstream(tx: &mut Tx, s: &Session, voucher: &Voucher) -> Result<()> {
    sql!(tx, PUT_UPSTREAM, s.id.as_str(), &voucher.provider, &voucher.sealed, s.expires_at.millis(); exec)?;
    Ok(())
}

/// Takes it, once.
pub async fn take_upstream(tx: &mut Tx, id: &SessionId) -> Result<Option<Voucher>> {
    let row = sql!(tx, TAKE_UPSTREAM, id.as_str(); (String, String); optional)?;
    Ok(row.map(|(provider, sealed)| Voucher { provider, sealed }))
}

/// Adds one to a counter, starting its window anew when it has passed. Answers the count and the end of the window.
pub async fn hit(tx: &mut Tx, id: &str, now: Timestamp, window_end: Timestamp) -> Result<(i64, Timestamp)> {
    let (hits, end) = sql!(tx, HIT, id, now.millis(), window_end.millis(); (i64, i64); one)?;
    Ok((hits, Timestamp::from_millis(end)))
}

/// Drops a counter.
pub async fn clear_hits(tx: &mut Tx, id: &str) -> Result<()> {
    sql!(tx, CLEAR_HITS, id; exec)?;
    Ok(())
}

/// What the worker removes.
pub const PURGES: &[crate::db::Purge] = &[
    crate::db::Purge {
        table: "spent_challenge",
        keep: std::time::Duration::ZERO,
        statements: &["DELETE FROM spent_challenge WHERE id IN (SELECT id FROM spent_challenge WHERE expires_at <= $1 LIMIT $2)"],
    },
    crate::db::Purge {
        table: "email_code",
        keep: std::time::Duration::ZERO,
        statements: &["DELETE FROM email_code WHERE id IN (SELECT id FROM email_code WHERE expires_at <= $1 LIMIT $2)"],
    },
    crate::db::Purge {
        table: "throttle",
        keep: std::time::Duration::ZERO,
        statements: &["DELETE FROM throttle WHERE id IN (SELECT id FROM throttle WHERE window_end <= $1 LIMIT $2)"],
    },
    crate::db::Purge {
        table: "known_browser",
        keep: std::time::Duration::from_secs(365 * 86_400),
        statements: &["DELETE FROM known_browser WHERE (account_id, browser_hash) IN \
             (SELECT account_id, browser_hash FROM known_browser WHERE last_seen_at <= $1 LIMIT $2)"],
    },
    crate::db::Purge {
        table: "trusted_browser",
        keep: std::time::Duration::ZERO,
        statements: &["DELETE FROM trusted_browser WHERE id IN (SELECT id FROM trusted_browser WHERE expires_at <= $1 LIMIT $2)"],
    },
    crate::db::Purge {
        table: "upstream_session",
        keep: std::time::Duration::ZERO,
        statements: &["DELETE FROM upstream_session WHERE session_id IN \
             (SELECT session_id FROM upstream_session WHERE expires_at <= $1 LIMIT $2)"],
    },
    crate::db::Purge {
        table: "recovery_request",
        keep: std::time::Duration::from_secs(365 * 86_400),
        statements: &["DELETE FROM recovery_request WHERE id IN (SELECT id FROM recovery_request WHERE expires_at <= $1 LIMIT $2)"],
    },
    crate::db::Purge {
        table: "session",
        keep: std::time::Duration::ZERO,
        statements: &[
            // Those that were not ended before: their services are told now.
            "INSERT INTO notice_event (id, kind, client_id, account_id, session_id, created_at) \
             SELECT s.id || '.' || c.client_id, 'session_ended', c.client_id, s.account_id, s.id, s.expires_at \
             FROM session s JOIN session_client c ON c.session_id = s.id WHERE s.ended_at IS NULL AND s.id IN \
             (SELECT id FROM session WHERE expires_at <= $1 ORDER BY expires_at, id LIMIT $2)",
            "DELETE FROM session_client WHERE session_id IN (SELECT id FROM session WHERE expires_at <= $1 \
             ORDER BY expires_at, id LIMIT $2)",
            "DELETE FROM session WHERE id IN (SELECT id FROM session WHERE expires_at <= $1 \
             ORDER BY expires_at, id LIMIT $2)",
        ],
    },
];
