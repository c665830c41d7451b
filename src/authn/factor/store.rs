//! Codes sent by mail, and browsers already seen, in the database.

use super::email_code::{Purpose, Row};
use crate::base::Timestamp;
use crate::base::id::AccountId;
use crate::db::{Error, Handle, Result, Tx};
use crate::sql;

const FIND_CODE: &str = "SELECT account_id, codes, attempts, sent, last_sent_at, expires_at, consumed_at FROM email_code WHERE id = $1";
const START_CODES: &str = "INSERT INTO email_code (id, purpose, account_id, codes, attempts, sent, last_sent_at, created_at, expires_at) \
     VALUES ($1, $2, $3, $4, 0, $5, $6, $6, $7) ON CONFLICT (id) DO UPDATE SET account_id = excluded.account_id, codes = excluded.codes, \
     attempts = 0, sent = excluded.sent, last_sent_at = excluded.last_sent_at, expires_at = excluded.expires_at, consumed_at = NULL \
     WHERE email_code.sent = excluded.sent - 1";
const ADD_CODE: &str = "UPDATE email_code SET account_id = $2, codes = $3, sent = sent + 1, last_sent_at = $4, expires_at = $5 \
     WHERE id = $1 AND sent = $6 AND consumed_at IS NULL";
const TRY_CODE: &str = "UPDATE email_code SET attempts = attempts + 1 \
     WHERE id = $1 AND consumed_at IS NULL AND expires_at > $2 AND attempts < $3 RETURNING account_id, codes, attempts";
const CONSUME_CODE: &str = "UPDATE email_code SET consumed_at = $2, expires_at = $3, codes = '[]' \
     WHERE id = $1 AND consumed_at IS NULL RETURNING account_id";
const STANDS: &str = "SELECT COUNT(*) FROM email_code WHERE id = $1 AND consumed_at IS NOT NULL AND expires_at > $2";
const REDEEM: &str = "DELETE FROM email_code WHERE id = $1 AND consumed_at IS NOT NULL AND expires_at > $2 RETURNING account_id";
const SEE_BROWSER: &str = "UPDATE known_browser SET last_seen_at = $3 WHERE account_id = $1 AND browser_hash = $2";
const COUNT_BROWSERS: &str = "SELECT COUNT(*) FROM known_browser WHERE account_id = $1";
const ADD_BROWSER: &str = "INSERT INTO known_browser (account_id, browser_hash, first_seen_at, last_seen_at) VALUES ($1, $2, $3, $3) \
     ON CONFLICT (account_id, browser_hash) DO NOTHING";

/// Every statement of this file.
pub const ALL: &[&str] =
    &[FIND_CODE, START_CODES, ADD_CODE, TRY_CODE, CONSUME_CODE, STANDS, REDEEM, SEE_BROWSER, COUNT_BROWSERS, ADD_BROWSER];

#[derive(sqlx::FromRow)]
struct CodeRow {
    account_id: Option<String>,
    codes: String,
    attempts: i64,
    sent: i64,
    last_sent_at: i64,
    expires_at: i64,
    consumed_at: Option<i64>,
}

fn parsed<T: serde::de::DeserializeOwned>(codes: &str) -> Result<T> {
    serde_json::from_str(codes).map_err(|_| Error::inconsistent("email_code.codes"))
}

/// The codes of a journey.
pub async fn find_code(h: &mut impl Handle, id: &str) -> Result<Option<Row>> {
    let Some(r) = sql!(h, FIND_CODE, id; CodeRow; optional)? else { return Ok(None) };
    Ok(Some(Row {
        account: r.account_id.map(AccountId::from_store),
        codes: parsed(&r.codes)?,
        attempts: r.attempts,
        sent: r.sent,
        last_sent_at: Timestamp::from_millis(r.last_sent_at),
        expires_at: Timestamp::from_millis(r.expires_at),
        consumed: r.consumed_at.is_some(),
    }))
}

/// Begins a set of codes, in the place of one that can no longer be used. `row.sent` counts the new one; 0 rows when
/// another request sent one meanwhile.
pub async fn start_codes(tx: &mut Tx, id: &str, purpose: Purpose, row: &Row) -> Result<u64> {
    let account = row.account.as_ref().map(AccountId::as_str);
    let codes = serde_json::to_string(&row.codes).map_err(|e| Error::inconsistent(e.to_string()))?;
    sql!(tx, START_CODES, id, purpose.name(), account, codes.as_str(), row.sent, row.last_sent_at.millis(), row.expires_at.millis(); exec)
}

/// Replaces the live codes by these, one more having been sent. As [`start_codes`], but the tries made still count.
pub async fn add_code(tx: &mut Tx, id: &str, row: &Row) -> Result<u64> {
    let account = row.account.as_ref().map(AccountId::as_str);
    let codes = serde_json::to_string(&row.codes).map_err(|e| Error::inconsistent(e.to_string()))?;
    sql!(tx, ADD_CODE, id, account, codes.as_str(), row.last_sent_at.millis(), row.expires_at.millis(), row.sent - 1; exec)
}

/// What one try is made against.
pub struct Try {
    /// The account the codes were sent to.
    pub account: Option<AccountId>,
    /// Codes sent.
    pub codes: Vec<super::email_code::SentCode>,
    /// Tries so far, this one included.
    pub attempts: i64,
}

/// Counts one try, unless none is allowed: taken before comparing, so that parallel guesses cannot exceed the allowance.
pub async fn try_code(tx: &mut Tx, id: &str, now: Timestamp, allowed: i64) -> Result<Option<Try>> {
    let Some((account, codes, attempts)) = sql!(tx, TRY_CODE, id, now.millis(), allowed; (Option<String>, String, i64); optional)? else {
        return Ok(None);
    };
    Ok(Some(Try { account: account.map(AccountId::from_store), codes: parsed(&codes)?, attempts }))
}

/// Spends the codes of a journey; one caller wins. The row stays until `until` as the trace of the proof.
pub async fn consume_code(tx: &mut Tx, id: &str, now: Timestamp, until: Timestamp) -> Result<bool> {
    Ok(sql!(tx, CONSUME_CODE, id, now.millis(), until.millis(); (Option<String>,); optional)?.is_some())
}

/// Whether the trace of a proof stands.
pub async fn stands(h: &mut impl Handle, id: &str, now: Timestamp) -> Result<bool> {
    Ok(sql!(h, STANDS, id, now.millis(); (i64,); one)?.0 == 1)
}

/// Takes the trace of a proof away; one caller wins. The account the code had been sent to, if any.
pub async fn redeem(tx: &mut Tx, id: &str, now: Timestamp) -> Result<Option<Option<AccountId>>> {
    Ok(sql!(tx, REDEEM, id, now.millis(); (Option<String>,); optional)?.map(|(a,)| a.map(AccountId::from_store)))
}

/// Records a sign-in from a browser; whether it had been seen on this account.
pub async fn see_browser(tx: &mut Tx, account: &AccountId, hash: &str, now: Timestamp) -> Result<bool> {
    Ok(sql!(tx, SEE_BROWSER, account.as_str(), hash, now.millis(); exec)? == 1)
}

/// How many browsers have been seen on an account.
pub async fn count_browsers(tx: &mut Tx, account: &AccountId) -> Result<i64> {
    Ok(sql!(tx, COUNT_BROWSERS, account.as_str(); (i64,); one)?.0)
}

/// Remembers a browser.
pub async fn add_browser(tx: &mut Tx, account: &AccountId, hash: &str, now: Timestamp) -> Result<()> {
    sql!(tx, ADD_BROWSER, account.as_str(), hash, now.millis(); exec)?;
    Ok(())
}
