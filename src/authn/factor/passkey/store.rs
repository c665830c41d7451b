//! Passkeys and the RP ID in the database.

use crate::authn::factor::Kit;
use crate::base::Timestamp;
use crate::base::id::{AccountId, FactorId};
use crate::crypto::sha256;
use crate::crypto::webauthn::{Key, Proven};
use crate::db::{Error, Handle, Result, Tx};
use crate::sql;

const LIST: &str = "SELECT id, account_id, name, sealed, moving, created_at, last_used_at, suspended_at FROM factor \
     WHERE account_id = $1 AND kind = 'passkey' ORDER BY created_at, id";
const FIND: &str = "SELECT id, account_id, name, sealed, moving, created_at, last_used_at, suspended_at FROM factor \
     WHERE lookup = $1 AND kind = 'passkey'";
const INSERT: &str = "INSERT INTO factor (id, account_id, kind, name, lookup, sealed, moving, drift, created_at) \
     VALUES ($1, $2, 'passkey', $3, $4, $5, $6, 0, $7) ON CONFLICT (lookup) DO NOTHING";
// Where a counter is kept, it moves forward; where none is, it stays at zero.
const USED: &str = "UPDATE factor SET sealed = $2, moving = $3, last_used_at = $4 \
     WHERE id = $1 AND suspended_at IS NULL AND (moving < $3 OR moving + $3 = 0)";
const SUSPEND: &str = "UPDATE factor SET suspended_at = $2 WHERE id = $1 AND suspended_at IS NULL";
const RENAME: &str = "UPDATE factor SET name = $3 WHERE id = $1 AND account_id = $2 AND kind = 'passkey'";
const REMOVE: &str = "DELETE FROM factor WHERE id = $1 AND account_id = $2 AND kind = 'passkey'";
// Only passkeys have a lookup: its index finds them.
const REMOVE_ALL: &str = "DELETE FROM factor WHERE lookup > '' AND kind = 'passkey'";
const OFFER: &str = "INSERT INTO passkey_offer (account_id, offered_at) VALUES ($1, $2) ON CONFLICT (account_id) \
     DO UPDATE SET offered_at = excluded.offered_at WHERE passkey_offer.refused = FALSE AND passkey_offer.offered_at <= $3";
const REFUSE_OFFERS: &str = "UPDATE passkey_offer SET refused = TRUE WHERE account_id = $1";
const FIX_SETTING: &str = "INSERT INTO instance_setting (name, value, created_at) VALUES ($1, $2, $3) ON CONFLICT (name) DO NOTHING";
const SETTING: &str = "SELECT value FROM instance_setting WHERE name = $1";
const SET_SETTING: &str = "UPDATE instance_setting SET value = $2 WHERE name = $1";

/// Every statement of this file.
pub const ALL: &[&str] =
    &[LIST, FIND, INSERT, USED, SUSPEND, RENAME, REMOVE, REMOVE_ALL, FIX_SETTING, SETTING, SET_SETTING, OFFER, REFUSE_OFFERS];

#[derive(sqlx::FromRow)]
struct FactorRow {
    id: String,
    account_id: String,
    name: String,
    sealed: String,
    moving: i64,
    created_at: i64,
    last_used_at: Option<i64>,
    suspended_at: Option<i64>,
}

/// A passkey as stored.
#[derive(Debug, Clone)]
pub struct Row {
    /// Identifier.
    pub id: FactorId,
    /// Whose.
    pub account: AccountId,
    /// Its name.
    pub name: String,
    /// Its counter.
    pub counter: u32,
    /// Enrolment.
    pub created_at: Timestamp,
    /// Last use.
    pub last_used_at: Option<Timestamp>,
    /// Since when it is refused.
    pub suspended_at: Option<Timestamp>,
    sealed: String,
}

impl Row {
    /// The key itself.
    pub fn key(&self, kit: &Kit<'_>) -> Result<Key> {
        let unreadable = || Error::inconsistent(format!("factor {}", self.id));
        let text = kit.keys.rest.open(&context(&self.id), &self.sealed).map_err(|_| unreadable())?;
        Key::read(&text).map_err(|_| unreadable())
    }
}

impl From<FactorRow> for Row {
    fn from(r: FactorRow) -> Self {
        Self {
            id: FactorId::from_store(r.id),
            account: AccountId::from_store(r.account_id),
            name: r.name,
            // Only ever written from a u32.
            counter: u32::try_from(r.moving).unwrap_or(u32::MAX),
            created_at: Timestamp::from_millis(r.created_at),
            last_used_at: r.last_used_at.map(Timestamp::from_millis),
            suspended_at: r.suspended_at.map(Timestamp::from_millis),
            sealed: r.sealed,
        }
    }
}

fn context(id: &FactorId) -> String {
    format!("factor/{id}")
}

fn sealed(kit: &Kit<'_>, id: &FactorId, key: &Key) -> Result<String> {
    let text = key.write().map_err(|e| Error::inconsistent(e.to_string()))?;
    kit.keys.rest.seal(&context(id), &text).map_err(|e| Error::inconsistent(e.to_string()))
}

/// The passkeys of an account, oldest first.
pub async fn list(h: &mut impl Handle, account: &AccountId) -> Result<Vec<Row>> {
    Ok(sql!(h, LIST, account.as_str(); FactorRow; all)?.into_iter().map(Row::from).collect())
}

/// The passkey whose identifier, given by its authenticator, has this hash.
pub async fn find(h: &mut impl Handle, lookup: &str) -> Result<Option<Row>> {
    Ok(sql!(h, FIND, lookup; FactorRow; optional)?.map(Row::from))
}

/// A passkey to add.
#[derive(Debug, Clone, Copy)]
pub struct New<'a> {
    /// Identifier.
    pub id: &'a FactorId,
    /// Whose.
    pub account: &'a AccountId,
    /// Its name.
    pub name: &'a str,
    /// The key.
    pub key: &'a Key,
}

/// Adds a passkey; 0 when somebody has this key already.
pub async fn insert(tx: &mut Tx, kit: &Kit<'_>, new: &New<'_>) -> Result<u64> {
    let sealed = sealed(kit, new.id, new.key)?;
    sql!(
        tx, INSERT, new.id.as_str(), new.account.as_str(), new.name, sha256(new.key.id()), sealed.as_str(),
        i64::from(new.key.counter()), kit.ctx.now().millis(); exec
    )
}

/// Records a use; 0 when the counter does not move forward any more, or the key was suspended or removed meanwhile.
pub async fn used(tx: &mut Tx, kit: &Kit<'_>, id: &FactorId, proven: &Proven, now: Timestamp) -> Result<u64> {
    let sealed = sealed(kit, id, &proven.key)?;
    sql!(tx, USED, id.as_str(), sealed.as_str(), i64::from(proven.counter), now.millis(); exec)
}

/// Suspends a key; 0 when it was already.
pub async fn suspend(tx: &mut Tx, id: &FactorId, now: Timestamp) -> Result<u64> {
    sql!(tx, SUSPEND, id.as_str(), now.millis(); exec)
}

/// Names a passkey of this account.
pub async fn rename(tx: &mut Tx, account: &AccountId, id: &FactorId, name: &str) -> Result<u64> {
    sql!(tx, RENAME, id.as_str(), account.as_str(), name; exec)
}

/// Removes a passkey of this account.
pub async fn remove(tx: &mut Tx, account: &AccountId, id: &FactorId) -> Result<u64> {
    sql!(tx, REMOVE, id.as_str(), account.as_str(); exec)
}

/// Removes every passkey of everybody.
pub async fn remove_all(tx: &mut Tx) -> Result<u64> {
    sql!(tx, REMOVE_ALL; exec)
}

/// Writes a setting of the deployment unless it has one; answers the one it has.
pub async fn fix_setting(tx: &mut Tx, name: &str, value: &str, now: Timestamp) -> Result<String> {
    sql!(tx, FIX_SETTING, name, value, now.millis(); exec)?;
    Ok(sql!(tx, SETTING, name; (String,); one)?.0)
}

/// Changes a setting of the deployment.
pub async fn set_setting(tx: &mut Tx, name: &str, value: &str) -> Result<u64> {
    sql!(tx, SET_SETTING, name, value; exec)
}

/// Records that a key is proposed now; 0 when one was after `before`, or the person wants none proposed.
pub async fn offer(tx: &mut Tx, account: &AccountId, now: Timestamp, before: Timestamp) -> Result<u64> {
    sql!(tx, OFFER, account.as_str(), now.millis(), before.millis(); exec)
}

/// Proposes none any more.
pub async fn refuse_offers(tx: &mut Tx, account: &AccountId) -> Result<u64> {
    sql!(tx, REFUSE_OFFERS, account.as_str(); exec)
}
