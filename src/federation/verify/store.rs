//! Verified identities of professionals, in the database.

use crate::base::Timestamp;
use crate::base::id::AccountId;
use crate::db::{Handle, Result, Tx};
use crate::sql;

const OF_ACCOUNT: &str =
    "SELECT account_id, issuer, sub, provider_id, verified_at, valid_until FROM verified_identity WHERE account_id = $1";
const OF_PERSON: &str =
    "SELECT account_id, issuer, sub, provider_id, verified_at, valid_until FROM verified_identity WHERE issuer = $1 AND sub = $2";
const PUT: &str = "INSERT INTO verified_identity (account_id, issuer, sub, provider_id, verified_at, valid_until) \
     VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (account_id) DO UPDATE SET issuer = excluded.issuer, sub = excluded.sub, \
     provider_id = excluded.provider_id, verified_at = excluded.verified_at, valid_until = excluded.valid_until";
const REMOVE: &str = "DELETE FROM verified_identity WHERE account_id = $1";

/// Every statement of this file.
pub const ALL: &[&str] = &[OF_ACCOUNT, OF_PERSON, PUT, REMOVE];

/// Who verified the identity of an account, and until when that holds.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Row {
    account_id: String,
    /// Issuer.
    pub issuer: String,
    /// `sub`.
    pub sub: String,
    /// The provider.
    pub provider_id: String,
    verified_at: i64,
    valid_until: i64,
}

impl Row {
    /// The account.
    pub fn account(&self) -> AccountId {
        AccountId::from_store(self.account_id.clone())
    }

    /// When it was verified, last.
    pub fn verified_at(&self) -> Timestamp {
        Timestamp::from_millis(self.verified_at)
    }

    /// Until when that holds.
    pub fn valid_until(&self) -> Timestamp {
        Timestamp::from_millis(self.valid_until)
    }
}

/// That of an account.
pub async fn of_account(h: &mut impl Handle, account: &AccountId) -> Result<Option<Row>> {
    sql!(h, OF_ACCOUNT, account.as_str(); Row; optional)
}

/// That of a person of an issuer.
pub async fn of_person(h: &mut impl Handle, issuer: &str, sub: &str) -> Result<Option<Row>> {
    sql!(h, OF_PERSON, issuer, sub; Row; optional)
}

/// What is written: who, where, when and until when.
#[derive(Debug, Clone, Copy)]
pub struct Verified<'a> {
    /// Issuer.
    pub issuer: &'a str,
    /// `sub`.
    pub sub: &'a str,
    /// Provider.
    pub provider: &'a str,
    /// When.
    pub at: Timestamp,
    /// Until when it holds.
    pub until: Timestamp,
}

/// Writes that of an account. [`crate::db::Error::Conflict`] when the person verifies another account.
pub async fn put(tx: &mut Tx, account: &AccountId, v: &Verified<'_>) -> Result<u64> {
    sql!(tx, PUT, account.as_str(), v.issuer, v.sub, v.provider, v.at.millis(), v.until.millis(); exec)
}

/// Removes that of an account; 0 when there is none.
pub async fn remove(tx: &mut Tx, account: &AccountId) -> Result<u64> {
    sql!(tx, REMOVE, account.as_str(); exec)
}
