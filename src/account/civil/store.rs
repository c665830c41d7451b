//! Identities vouched for, and first contact addresses, in the database.

use super::Civil;
use crate::base::id::AccountId;
use crate::base::{Email, Timestamp, fold};
use crate::db::{Error, Handle, Result, Tx};
use crate::sql;

const SET: &str = "UPDATE account SET civil = $2, given_name = $3, family_name = $4, name_folded = $6, \
     updated_at = CASE WHEN updated_at < $5 THEN $5 ELSE updated_at + 1 END WHERE id = $1 AND (civil IS NULL OR civil <> $2)";
const FIRST_CONTACT: &str = "UPDATE account SET contact_email = $2, contact_email_verified = TRUE, \
     updated_at = CASE WHEN updated_at < $3 THEN $3 ELSE updated_at + 1 END WHERE id = $1 AND contact_email IS NULL";
const INDIVIDUALS_AT: &str = "SELECT id FROM account WHERE LOWER(contact_email) = $1 AND kind = 'particulier' AND state = 'active' \
     ORDER BY id LIMIT 5";

const FORGET: &str = "UPDATE account SET civil = NULL, updated_at = CASE WHEN updated_at < $2 THEN $2 ELSE updated_at + 1 END \
     WHERE id = $1 AND civil IS NOT NULL AND kind = 'professionnel'";

/// Every statement of this file.
pub const ALL: &[&str] = &[SET, FORGET, FIRST_CONTACT, INDIVIDUALS_AT];

/// Writes what was vouched for, and the names shown with it; 0 when it is so already.
pub async fn set(tx: &mut Tx, id: &AccountId, civil: &Civil, now: Timestamp) -> Result<u64> {
    verify(tx, id, civil, &civil.given_name, &civil.family_name, now).await
}

/// The same, shown under these names.
pub async fn verify(tx: &mut Tx, id: &AccountId, civil: &Civil, given_name: &str, family_name: &str, now: Timestamp) -> Result<u64> {
    let text = serde_json::to_string(civil).map_err(|e| Error::inconsistent(e.to_string()))?;
    sql!(tx, SET, id.as_str(), text, given_name, family_name, now.millis(), fold::person(family_name, given_name); exec)
}

/// Forgets what was verified of a professional; the names stay.
pub async fn forget(tx: &mut Tx, id: &AccountId, now: Timestamp) -> Result<u64> {
    sql!(tx, FORGET, id.as_str(), now.millis(); exec)
}

/// Writes the first address of somebody who has none, proved; 0 when there is one already.
pub async fn first_contact(tx: &mut Tx, id: &AccountId, email: &Email, now: Timestamp) -> Result<u64> {
    sql!(tx, FIRST_CONTACT, id.as_str(), email.as_str(), now.millis(); exec)
}

/// Individuals who receive their notices at this address, a few.
pub async fn individuals_at(h: &mut impl Handle, email: &Email) -> Result<Vec<AccountId>> {
    Ok(sql!(h, INDIVIDUALS_AT, email.key(); (String,); all)?.into_iter().map(|(id,)| AccountId::from_store(id)).collect())
}
