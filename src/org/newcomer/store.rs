//! Rights of newcomers in the database.

use crate::base::id::AccountId;
use crate::base::{Siret, Timestamp};
use crate::db::{Handle, Result, Tx};
use crate::sql;

const OF: &str = "SELECT service_id, profiles FROM newcomer_right WHERE siret = $1 ORDER BY service_id LIMIT 500";
const PUT: &str = "INSERT INTO newcomer_right (siret, service_id, profiles, set_by, set_at) VALUES ($1, $2, $3, $4, $5) \
     ON CONFLICT (siret, service_id) DO UPDATE SET profiles = excluded.profiles, set_by = excluded.set_by, set_at = excluded.set_at";
const REMOVE: &str = "DELETE FROM newcomer_right WHERE siret = $1 AND service_id = $2";

/// Every statement of this file.
pub const ALL: &[&str] = &[OF, PUT, REMOVE];

/// Services, each with its profiles separated by spaces.
pub async fn of(h: &mut impl Handle, siret: &Siret) -> Result<Vec<(String, String)>> {
    sql!(h, OF, siret.as_str(); (String, String); all)
}

/// Writes what newcomers receive of a service.
pub async fn put(tx: &mut Tx, siret: &Siret, service: &str, profiles: &str, by: &AccountId, now: Timestamp) -> Result<()> {
    sql!(tx, PUT, siret.as_str(), service, profiles, by.as_str(), now.millis(); exec).map(drop)
}

/// They receive nothing of it any more.
pub async fn remove(tx: &mut Tx, siret: &Siret, service: &str) -> Result<()> {
    sql!(tx, REMOVE, siret.as_str(), service; exec).map(drop)
}
