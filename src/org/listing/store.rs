//! Pages of establishments in the database.

use super::Place;
use crate::base::Siret;
use crate::base::id::AccountId;
use crate::db::{Error, Handle, Result};
use crate::org::{Establishment, Role};
use crate::sql;

const PLACES: &str = "SELECT m.siret, e.name, m.role FROM membership m JOIN establishment e ON e.siret = m.siret \
     WHERE m.account_id = $1 AND m.siret > $2 AND m.state = 'active' ORDER BY m.siret LIMIT $3";

/// Every statement of this file.
pub const ALL: &[&str] = &[PLACES];

/// Places in force of a person after a SIRET (empty for the first ones), in order.
pub async fn places(h: &mut impl Handle, account: &AccountId, after: &str, limit: usize) -> Result<Vec<Place>> {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let place = |(siret, name, role): (String, String, String)| {
        let wrong = || Error::inconsistent(format!("membership of {account} in {siret}"));
        let establishment = Establishment { siret: Siret::parse(&siret).map_err(|_| wrong())?, name };
        Ok(Place { establishment, role: Role::parse(&role).ok_or_else(wrong)? })
    };
    sql!(h, PLACES, account.as_str(), after, limit; (String, String, String); all)?.into_iter().map(place).collect()
}
