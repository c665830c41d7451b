//! Who manages what, and claims, in the database.

use super::Stewardship;
use crate::base::id::{AccountId, AskId};
use crate::base::{Siret, Timestamp};
use crate::db::{Error, Handle, Result, Tx};
use crate::org::Establishment;
use crate::sql;

macro_rules! in_force {
    () => {
        "WHERE m.siret = e.siret AND m.role = 'manager' AND m.state = 'active' AND (m.expires_at IS NULL OR m.expires_at > $2) \
         AND a.state = 'active'"
    };
}

macro_rules! stewardship {
    () => {
        concat!(
            "SELECT e.siret, e.name, EXISTS (SELECT 1 FROM membership p WHERE p.siret = e.siret) AS peopled, \
             EXISTS (SELECT 1 FROM manager_absence t WHERE t.siret = e.siret) AS told, \
             (SELECT COUNT(*) FROM membership m JOIN account a ON a.id = m.account_id ",
            in_force!(),
            ") AS managers, (SELECT MAX(m.updated_at) FROM membership m JOIN account a ON a.id = m.account_id ",
            in_force!(),
            ") AS since, (SELECT MAX(b.last_seen_at) FROM membership m JOIN account a ON a.id = m.account_id \
             JOIN known_browser b ON b.account_id = m.account_id ",
            in_force!(),
            ") AS browser_at, (SELECT MAX(s.last_seen_at) FROM membership m JOIN account a ON a.id = m.account_id \
             JOIN session s ON s.account_id = m.account_id ",
            in_force!(),
            ") AS session_at FROM establishment e "
        )
    };
}

const OF: &str = concat!(stewardship!(), "WHERE e.siret = $1");
const PAGE: &str = concat!(stewardship!(), "WHERE e.siret > $1 ORDER BY e.siret LIMIT $3");
const CONCERNED: &str = "SELECT m.account_id, (m.role = 'manager' AND m.state = 'active' AND (m.expires_at IS NULL OR m.expires_at > $2)) \
     AS manages FROM membership m WHERE m.siret = $1 AND (m.role = 'manager' OR (m.state = 'active' \
     AND (m.expires_at IS NULL OR m.expires_at > $2))) ORDER BY m.account_id LIMIT 2000";
const TELL: &str = "INSERT INTO manager_absence (siret, account_id, step, told_at) VALUES ($1, $2, $3, $4) \
     ON CONFLICT (siret, account_id) DO UPDATE SET step = excluded.step, told_at = excluded.told_at \
     WHERE manager_absence.step < excluded.step";
const FORGET: &str = "DELETE FROM manager_absence WHERE siret = $1";
const TAKE: &str = "UPDATE request SET claim_at = NULL WHERE id = $1 AND state = 'pending' AND claim_at <= $2";

/// Every statement of this file.
pub const ALL: &[&str] = &[OF, PAGE, CONCERNED, TELL, FORGET, TAKE];

#[derive(sqlx::FromRow)]
struct Row {
    siret: String,
    name: String,
    peopled: bool,
    told: bool,
    managers: i64,
    since: Option<i64>,
    browser_at: Option<i64>,
    session_at: Option<i64>,
}

impl TryFrom<Row> for Stewardship {
    type Error = Error;

    fn try_from(r: Row) -> Result<Self> {
        let siret = Siret::unchecked(&r.siret).map_err(|e| Error::inconsistent(format!("siret {}: {e}", r.siret)))?;
        let seen_at = [r.since, r.browser_at, r.session_at].into_iter().flatten().max().map(Timestamp::from_millis);
        let establishment = Establishment { siret, name: r.name };
        Ok(Self { establishment, peopled: r.peopled, managers: r.managers, seen_at, told: r.told })
    }
}

/// Of one establishment.
pub async fn of(h: &mut impl Handle, siret: &Siret, now: Timestamp) -> Result<Option<Stewardship>> {
    sql!(h, OF, siret.as_str(), now.millis(); Row; optional)?.map(Stewardship::try_from).transpose()
}

/// Of those after one of them, by SIRET.
pub async fn page(h: &mut impl Handle, after: &str, now: Timestamp, limit: i64) -> Result<Vec<Stewardship>> {
    sql!(h, PAGE, after, now.millis(), limit; Row; all)?.into_iter().map(Stewardship::try_from).collect()
}

/// Those who act for an establishment, or managed it, and whether they manage it now.
pub async fn concerned(h: &mut impl Handle, siret: &Siret, now: Timestamp) -> Result<Vec<(AccountId, bool)>> {
    let rows = sql!(h, CONCERNED, siret.as_str(), now.millis(); (String, bool); all)?;
    Ok(rows.into_iter().map(|(id, manages)| (AccountId::from_store(id), manages)).collect())
}

/// A manager is told of their absence; 0 when they were told as much.
pub async fn tell(tx: &mut Tx, siret: &Siret, account: &AccountId, step: i64, now: Timestamp) -> Result<u64> {
    sql!(tx, TELL, siret.as_str(), account.as_str(), step, now.millis(); exec)
}

/// A manager came back.
pub async fn forget(tx: &mut Tx, siret: &Siret) -> Result<u64> {
    sql!(tx, FORGET, siret.as_str(); exec)
}

/// Takes a claim whose delay is over; 0 when another did, or it was decided.
pub async fn take(tx: &mut Tx, id: &AskId, now: Timestamp) -> Result<u64> {
    sql!(tx, TAKE, id.as_str(), now.millis(); exec)
}
