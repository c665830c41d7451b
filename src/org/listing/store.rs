//! Pages in the database.

use super::{Holder, Place};
use crate::account::Account;
use crate::account::store::{AccountRow, account_columns};
use crate::base::id::AccountId;
use crate::base::{Siret, Timestamp};
use crate::db::{Error, Handle, Result};
use crate::org::{Establishment, Link, Role};
use crate::sql;

const PLACES: &str = "SELECT m.siret, e.name, m.role, m.link FROM membership m JOIN establishment e ON e.siret = m.siret \
     WHERE m.account_id = $1 AND m.siret > $2 AND m.state = 'active' AND (m.expires_at IS NULL OR m.expires_at > $3) \
     ORDER BY m.siret LIMIT $4";
const HOLDERS: &str = concat!(
    "SELECT h.profiles, h.expires_at AS until, m.role, ",
    account_columns!(),
    " FROM habilitation h JOIN membership m ON m.account_id = h.account_id AND m.siret = h.siret JOIN account a ON a.id = h.account_id \
     WHERE h.siret = $1 AND h.service_id = $2 AND h.account_id > $3 AND h.state = 'active' AND h.profiles <> '' \
     AND (h.expires_at IS NULL OR h.expires_at > $4) AND m.state = 'active' AND (m.expires_at IS NULL OR m.expires_at > $4) \
     AND a.state = 'active' ORDER BY h.account_id LIMIT $5"
);

/// Every statement of this file.
pub const ALL: &[&str] = &[PLACES, HOLDERS];

fn rows(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}

/// Places in force of a person after a SIRET (empty for the first ones), in order.
pub async fn places(h: &mut impl Handle, account: &AccountId, after: &str, limit: usize, now: Timestamp) -> Result<Vec<Place>> {
    let place = |(siret, name, role, link): (String, String, String, String)| {
        let wrong = || Error::inconsistent(format!("membership of {account} in {siret}"));
        let establishment = Establishment { siret: Siret::unchecked(&siret).map_err(|_| wrong())?, name };
        Ok(Place { establishment, role: Role::parse(&role).ok_or_else(wrong)?, link: Link::parse(&link).ok_or_else(wrong)? })
    };
    let found = sql!(h, PLACES, account.as_str(), after, now.millis(), rows(limit); (String, String, String, String); all)?;
    found.into_iter().map(place).collect()
}

#[derive(sqlx::FromRow)]
struct HolderRow {
    profiles: String,
    until: Option<i64>,
    role: String,
    #[sqlx(flatten)]
    account: AccountRow,
}

/// People with a habilitation in force after an account (empty for the first ones), in order.
pub async fn holders(h: &mut impl Handle, siret: &Siret, service: &str, after: &str, limit: usize, now: Timestamp) -> Result<Vec<Holder>> {
    let holder = |r: HolderRow| {
        Ok(Holder {
            role: Role::parse(&r.role).ok_or_else(|| Error::inconsistent(format!("membership.role in {siret}")))?,
            profiles: r.profiles.split_ascii_whitespace().map(str::to_owned).collect(),
            until: r.until.map(Timestamp::from_millis),
            account: Account::try_from(r.account)?,
        })
    };
    let found = sql!(h, HOLDERS, siret.as_str(), service, after, now.millis(), rows(limit); HolderRow; all)?;
    found.into_iter().map(holder).collect()
}
