//! Cards in the database.

use super::{Card, CardState, Moves, Serial};
use crate::base::id::AccountId;
use crate::base::{Siret, Timestamp};
use crate::crypto::oath::Hash;
use crate::db::{Error, Handle, Result, Tx};
use crate::sql;

const FIND: &str = "SELECT serial, kind, algorithm, digits, step, sealed, state, siret, account_id, moving, drift, failures, locked_at, \
     created_at, changed_at, linked_at, linked_by, last_used_at FROM otp_card WHERE serial = $1";
const FIND_BY_ACCOUNT: &str = "SELECT serial, kind, algorithm, digits, step, sealed, state, siret, account_id, moving, drift, failures, \
     locked_at, created_at, changed_at, linked_at, linked_by, last_used_at FROM otp_card WHERE account_id = $1";
const LIST: &str = "SELECT serial, kind, algorithm, digits, step, sealed, state, siret, account_id, moving, drift, failures, locked_at, \
     created_at, changed_at, linked_at, linked_by, last_used_at FROM otp_card \
     WHERE serial > $1 AND ($2 = '' OR state = $2) AND ($3 = '' OR siret = $3) ORDER BY serial LIMIT $4";
const INSERT: &str = "INSERT INTO otp_card (serial, kind, algorithm, digits, step, sealed, state, moving, drift, failures, created_at, \
     changed_at) VALUES ($1, $2, $3, $4, $5, $6, 'in_stock', $7, $8, 0, $9, $9) ON CONFLICT (serial) DO NOTHING";
const SEND: &str = "UPDATE otp_card SET state = 'sent', siret = $2, changed_at = $3 \
     WHERE serial = $1 AND account_id IS NULL AND state IN ('in_stock', 'sent', 'returned')";
const LINK: &str = "UPDATE otp_card SET state = 'linked', account_id = $2, failures = 0, locked_at = NULL, linked_at = $3, linked_by = $4, \
     changed_at = $3 WHERE serial = $1 AND account_id IS NULL AND state IN ('in_stock', 'sent') \
     AND NOT EXISTS (SELECT 1 FROM otp_card other WHERE other.account_id = $2)";
const UNLINK: &str = "UPDATE otp_card SET state = $3, account_id = NULL, failures = 0, locked_at = NULL, linked_at = NULL, \
     linked_by = NULL, changed_at = $4 WHERE serial = $1 AND account_id = $2";
const SET_STATE: &str = "UPDATE otp_card SET state = $3, siret = CASE WHEN $3 = 'in_stock' THEN NULL ELSE siret END, changed_at = $4 \
     WHERE serial = $1 AND state = $2 AND account_id IS NULL";
const REPORT_LOST: &str = "UPDATE otp_card SET state = 'lost', changed_at = $2 \
     WHERE account_id = $1 AND state IN ('linked', 'validated') RETURNING serial";
const TRY: &str = "UPDATE otp_card SET failures = failures + 1, locked_at = CASE WHEN failures + 1 >= $3 THEN CAST($4 AS BIGINT) ELSE NULL END \
     WHERE serial = $1 AND account_id = $2 AND state = $5 AND locked_at IS NULL \
     RETURNING serial, kind, algorithm, digits, step, sealed, state, siret, account_id, moving, drift, failures, locked_at, created_at, \
     changed_at, linked_at, linked_by, last_used_at";
const FORGIVE: &str =
    "UPDATE otp_card SET failures = failures - 1, locked_at = NULL WHERE serial = $1 AND account_id = $2 AND failures = $3";
const ACCEPT: &str = "UPDATE otp_card SET moving = $4, drift = $5, failures = 0, locked_at = NULL, last_used_at = $6, state = 'validated', \
     changed_at = CASE WHEN state = 'validated' THEN changed_at ELSE $6 END \
     WHERE serial = $1 AND account_id = $2 AND moving = $3 AND state IN ('linked', 'validated')";

const FOLLOW: &str = "UPDATE otp_card SET siret = $2, changed_at = $3 WHERE siret = $1 \
     AND (state = 'sent' OR account_id IS NOT NULL) RETURNING serial, account_id";

/// Every statement of this file.
pub const ALL: &[&str] = &[FIND, FIND_BY_ACCOUNT, LIST, INSERT, SEND, FOLLOW, LINK, UNLINK, SET_STATE, REPORT_LOST, TRY, FORGIVE, ACCEPT];

#[derive(sqlx::FromRow)]
struct Row {
    serial: String,
    kind: String,
    algorithm: String,
    digits: i64,
    step: i64,
    sealed: String,
    state: String,
    siret: Option<String>,
    account_id: Option<String>,
    moving: i64,
    drift: i64,
    failures: i64,
    locked_at: Option<i64>,
    created_at: i64,
    changed_at: i64,
    linked_at: Option<i64>,
    linked_by: Option<String>,
    last_used_at: Option<i64>,
}

impl TryFrom<Row> for Card {
    type Error = Error;

    fn try_from(r: Row) -> Result<Self> {
        let wrong = |column: &str| Error::inconsistent(format!("otp_card.{column} of {}", r.serial));
        Ok(Self {
            serial: Serial::parse(&r.serial).ok_or_else(|| wrong("serial"))?,
            moves: u64::try_from(r.step).ok().and_then(|step| Moves::parse(&r.kind, step)).ok_or_else(|| wrong("kind"))?,
            hash: Hash::parse(&r.algorithm).ok_or_else(|| wrong("algorithm"))?,
            digits: u8::try_from(r.digits).map_err(|_| wrong("digits"))?,
            state: CardState::parse(&r.state).ok_or_else(|| wrong("state"))?,
            siret: r.siret.as_deref().map(Siret::unchecked).transpose().map_err(|_| wrong("siret"))?,
            moving: u64::try_from(r.moving).map_err(|_| wrong("moving"))?,
            account: r.account_id.map(AccountId::from_store),
            drift: r.drift,
            failures: r.failures,
            locked_at: r.locked_at.map(Timestamp::from_millis),
            created_at: Timestamp::from_millis(r.created_at),
            changed_at: Timestamp::from_millis(r.changed_at),
            linked_at: r.linked_at.map(Timestamp::from_millis),
            linked_by: r.linked_by,
            last_used_at: r.last_used_at.map(Timestamp::from_millis),
            sealed: r.sealed,
        })
    }
}

fn stored(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// The card of this serial number.
pub async fn find(h: &mut impl Handle, serial: &Serial) -> Result<Option<Card>> {
    sql!(h, FIND, serial.as_str(); Row; optional)?.map(Card::try_from).transpose()
}

/// The card a person holds.
pub async fn find_by_account(h: &mut impl Handle, account: &AccountId) -> Result<Option<Card>> {
    sql!(h, FIND_BY_ACCOUNT, account.as_str(); Row; optional)?.map(Card::try_from).transpose()
}

/// Which cards to list.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// In this state only.
    pub state: Option<CardState>,
    /// Of this establishment only.
    pub siret: Option<Siret>,
}

/// A page of cards after a serial number (empty for the first), by serial number.
pub async fn list(h: &mut impl Handle, filter: &Filter, after: &str, limit: i64) -> Result<Vec<Card>> {
    let (state, siret) = (filter.state.map_or("", CardState::name), filter.siret.as_ref().map_or("", Siret::as_str));
    sql!(h, LIST, after, state, siret, limit; Row; all)?.into_iter().map(Card::try_from).collect()
}

/// What a card is, before it has a life.
#[derive(Debug, Clone)]
pub struct Made<'a> {
    /// Its name.
    pub serial: &'a Serial,
    /// What moves it.
    pub moves: Moves,
    /// The hash of its codes.
    pub hash: Hash,
    /// Digits of its codes.
    pub digits: u8,
    /// First counter not used yet.
    pub counter: u64,
    /// Steps between its clock and ours.
    pub drift: i64,
    /// Its seed, sealed.
    pub sealed: &'a str,
}

/// Adds a card to the stock; 0 when its serial number is taken.
pub async fn insert(tx: &mut Tx, c: &Made<'_>, now: Timestamp) -> Result<u64> {
    let (kind, step) = (c.moves.name(), stored(c.moves.step()));
    sql!(
        tx, INSERT, c.serial.as_str(), kind, c.hash.name(), i64::from(c.digits), step, c.sealed, stored(c.counter), c.drift,
        now.millis(); exec
    )
}

/// Sends a card that nobody holds to an establishment; 0 when it cannot be.
pub async fn send(tx: &mut Tx, serial: &Serial, siret: &Siret, now: Timestamp) -> Result<u64> {
    sql!(tx, SEND, serial.as_str(), siret.as_str(), now.millis(); exec)
}

/// Gives the cards of an establishment, lent or to be lent, to another; their serial numbers and holders. One that was reported
/// lost is lent until a manager takes it back.
pub async fn follow(tx: &mut Tx, from: &Siret, to: &Siret, now: Timestamp) -> Result<Vec<(String, Option<AccountId>)>> {
    let rows = sql!(tx, FOLLOW, from.as_str(), to.as_str(), now.millis(); (String, Option<String>); all)?;
    Ok(rows.into_iter().map(|(serial, holder)| (serial, holder.map(AccountId::from_store))).collect())
}

/// Lends a card that nobody holds to a person who holds none; 0 otherwise. [`Error::Conflict`] when two were lent at once.
pub async fn link(tx: &mut Tx, serial: &Serial, account: &AccountId, by: &str, now: Timestamp) -> Result<u64> {
    sql!(tx, LINK, serial.as_str(), account.as_str(), now.millis(), by; exec)
}

/// Takes a card back from its holder; 0 when they no longer hold it.
pub async fn unlink(tx: &mut Tx, serial: &Serial, account: &AccountId, to: CardState, now: Timestamp) -> Result<u64> {
    sql!(tx, UNLINK, serial.as_str(), account.as_str(), to.name(), now.millis(); exec)
}

/// Moves a card that nobody holds from one state to another; 0 when it was not in the first.
pub async fn set_state(tx: &mut Tx, serial: &Serial, from: CardState, to: CardState, now: Timestamp) -> Result<u64> {
    sql!(tx, SET_STATE, serial.as_str(), from.name(), to.name(), now.millis(); exec)
}

/// Suspends the card of a person who lost it; whether they held one.
pub async fn report_lost(tx: &mut Tx, account: &AccountId, now: Timestamp) -> Result<bool> {
    Ok(sql!(tx, REPORT_LOST, account.as_str(), now.millis(); (String,); optional)?.is_some())
}

/// Counts one try of a code of a card in this state, unless it is locked; the last one allowed locks it. The row as it is
/// then: [`accept`] or [`forgive`] take the count back.
pub async fn attempt(
    tx: &mut Tx,
    serial: &Serial,
    account: &AccountId,
    state: CardState,
    allowed: i64,
    now: Timestamp,
) -> Result<Option<Card>> {
    let row = sql!(tx, TRY, serial.as_str(), account.as_str(), allowed, now.millis(), state.name(); Row; optional)?;
    row.map(Card::try_from).transpose()
}

/// Takes the count of one try back.
pub async fn forgive(tx: &mut Tx, card: &Card, account: &AccountId) -> Result<u64> {
    sql!(tx, FORGIVE, card.serial.as_str(), account.as_str(), card.failures; exec)
}

/// Spends a code: the card moves on from where it was seen, works and is not locked. 0 when it has moved meanwhile.
pub async fn accept(tx: &mut Tx, seen: &Card, account: &AccountId, moving: u64, drift: i64, now: Timestamp) -> Result<u64> {
    let (serial, from, to) = (seen.serial.as_str(), stored(seen.moving), stored(moving));
    sql!(tx, ACCEPT, serial, account.as_str(), from, to, drift, now.millis(); exec)
}
