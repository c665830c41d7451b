//! Reviews of rights in the database.

use super::Review;
use crate::base::id::{AccountId, ReviewId};
use crate::base::{Siret, Timestamp};
use crate::db::{Error, Handle, Purge, Result, Tx};
use crate::org::Establishment;
use crate::sql;

macro_rules! columns {
    () => {
        "r.id, r.siret, e.name, r.service_id, r.opened_by, r.opened_at, r.due_at, r.rights, r.told, r.closed_at"
    };
}

// What is in force and was given before the review, at people who act for the establishment, and that nobody confirmed since.
macro_rules! left {
    () => {
        " FROM habilitation h JOIN membership m ON m.account_id = h.account_id AND m.siret = h.siret JOIN account a ON a.id = h.account_id \
         WHERE h.siret = $1 AND ($2 = '' OR h.service_id = $2) AND h.state = 'active' AND h.profiles <> '' \
         AND (h.expires_at IS NULL OR h.expires_at > $3) AND h.granted_at <= $4 AND COALESCE(h.reviewed_at, 0) < $4 \
         AND m.state = 'active' AND (m.expires_at IS NULL OR m.expires_at > $3)"
    };
}

const INSERT: &str = "INSERT INTO review (id, siret, service_id, state, opened_by, opened_at, due_at, rights, told, next_at) \
     VALUES ($1, $2, $3, 'open', $4, $5, $6, $7, 1, $8) ON CONFLICT DO NOTHING";
const FIND: &str = concat!("SELECT ", columns!(), " FROM review r JOIN establishment e ON e.siret = r.siret WHERE r.id = $1");
const OPEN: &str =
    concat!("SELECT ", columns!(), " FROM review r JOIN establishment e ON e.siret = r.siret WHERE r.siret = $1 AND r.state = 'open'");
const LIST: &str = concat!(
    "SELECT ",
    columns!(),
    " FROM review r JOIN establishment e ON e.siret = r.siret WHERE r.state = 'open' AND r.id > $1 ORDER BY r.id LIMIT $2"
);
const DUE: &str = concat!(
    "SELECT ",
    columns!(),
    " FROM review r JOIN establishment e ON e.siret = r.siret WHERE r.next_at <= $1 ORDER BY r.next_at LIMIT 50"
);
const TOLD: &str = "UPDATE review SET told = $3, next_at = $4 WHERE id = $1 AND told = $2 AND state = 'open'";
const CLOSE: &str = "UPDATE review SET state = 'closed', closed_at = $2, next_at = NULL WHERE id = $1 AND state = 'open'";
const COUNT_LEFT: &str = concat!("SELECT COUNT(*)", left!());
const LEFT: &str = concat!(
    "SELECT h.account_id, h.service_id, h.profiles, a.given_name, a.family_name, a.login_email, m.last_used_at",
    left!(),
    " AND (h.service_id, h.account_id) > ($5, $6) ORDER BY h.service_id, h.account_id LIMIT $7"
);
const SIRETS_OF_SERVICE: &str = "SELECT DISTINCT h.siret FROM habilitation h WHERE h.service_id = $1 AND h.siret > $2 \
     AND h.state = 'active' ORDER BY h.siret LIMIT $3";
const SIRETS_BETWEEN: &str = "SELECT siret FROM establishment WHERE siret > $1 AND siret <= $2 ORDER BY siret LIMIT $3";

/// Every statement of this file.
pub const ALL: &[&str] = &[INSERT, FIND, OPEN, LIST, DUE, TOLD, CLOSE, COUNT_LEFT, LEFT, SIRETS_OF_SERVICE, SIRETS_BETWEEN];

/// What the worker removes: reviews that ended five years ago.
pub const PURGES: &[Purge] = &[Purge {
    table: "review",
    keep: std::time::Duration::from_secs(5 * 365 * 86_400),
    statements: &["DELETE FROM review WHERE id IN (SELECT id FROM review WHERE closed_at <= $1 LIMIT $2)"],
}];

#[derive(sqlx::FromRow)]
struct Row {
    id: String,
    siret: String,
    name: String,
    service_id: String,
    opened_by: String,
    opened_at: i64,
    due_at: i64,
    rights: i64,
    told: i64,
    closed_at: Option<i64>,
}

impl TryFrom<Row> for Review {
    type Error = Error;

    fn try_from(r: Row) -> Result<Self> {
        let siret = Siret::unchecked(&r.siret).map_err(|_| Error::inconsistent(format!("review.siret of {}", r.id)))?;
        Ok(Self {
            establishment: Establishment { siret, name: r.name },
            id: ReviewId::from_store(r.id),
            service: r.service_id,
            opened_by: r.opened_by,
            opened_at: Timestamp::from_millis(r.opened_at),
            due_at: Timestamp::from_millis(r.due_at),
            rights: r.rights,
            told: r.told,
            closed_at: r.closed_at.map(Timestamp::from_millis),
        })
    }
}

/// Writes one; 0 when the establishment has an open one.
pub async fn insert(tx: &mut Tx, r: &Review, next: Timestamp) -> Result<u64> {
    let (at, due, next) = (r.opened_at.millis(), r.due_at.millis(), next.millis());
    sql!(tx, INSERT, r.id.as_str(), r.establishment.siret.as_str(), &r.service, &r.opened_by, at, due, r.rights, next; exec)
}

/// One, in any state.
pub async fn find(h: &mut impl Handle, id: &ReviewId) -> Result<Option<Review>> {
    sql!(h, FIND, id.as_str(); Row; optional)?.map(Review::try_from).transpose()
}

/// The open one of an establishment.
pub async fn open(h: &mut impl Handle, siret: &Siret) -> Result<Option<Review>> {
    sql!(h, OPEN, siret.as_str(); Row; optional)?.map(Review::try_from).transpose()
}

/// Open ones, after one of them.
pub async fn list(h: &mut impl Handle, after: &str, limit: i64) -> Result<Vec<Review>> {
    sql!(h, LIST, after, limit; Row; all)?.into_iter().map(Review::try_from).collect()
}

/// Those in which something is to be done.
pub async fn due(h: &mut impl Handle, now: Timestamp) -> Result<Vec<Review>> {
    sql!(h, DUE, now.millis(); Row; all)?.into_iter().map(Review::try_from).collect()
}

/// Counts a mail to the managers; 0 when another node did.
pub async fn told(tx: &mut Tx, r: &Review, told: i64, next: Timestamp) -> Result<u64> {
    sql!(tx, TOLD, r.id.as_str(), r.told, told, next.millis(); exec)
}

/// Ends one; 0 when it is over.
pub async fn close(tx: &mut Tx, id: &ReviewId, now: Timestamp) -> Result<u64> {
    sql!(tx, CLOSE, id.as_str(), now.millis(); exec)
}

/// What to look for.
#[derive(Debug, Clone, Copy)]
pub struct Scope<'a> {
    /// Where.
    pub siret: &'a Siret,
    /// In which service; empty for all.
    pub service: &'a str,
    /// Now.
    pub now: Timestamp,
    /// Given until then, and not confirmed since.
    pub since: Timestamp,
}

/// A right that nobody confirmed yet.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct LeftRow {
    /// Whose.
    pub account_id: String,
    /// For what.
    pub service_id: String,
    /// Profiles, between spaces.
    pub profiles: String,
    /// *Prénom*.
    pub given_name: String,
    /// *Nom*.
    pub family_name: String,
    /// Sign-in address.
    pub login_email: Option<String>,
    /// When they last signed in for the establishment, in Unix milliseconds.
    pub last_used_at: Option<i64>,
}

/// How many are left.
pub async fn count_left(h: &mut impl Handle, s: &Scope<'_>) -> Result<i64> {
    sql!(h, COUNT_LEFT, s.siret.as_str(), s.service, s.now.millis(), s.since.millis(); (i64,); one).map(|(n,)| n)
}

/// Some of them, after a service and account.
pub async fn left(h: &mut impl Handle, s: &Scope<'_>, after: (&str, &str), limit: i64) -> Result<Vec<LeftRow>> {
    let (siret, now, since) = (s.siret.as_str(), s.now.millis(), s.since.millis());
    sql!(h, LEFT, siret, s.service, now, since, after.0, after.1, limit; LeftRow; all)
}

fn sirets(rows: Vec<(String,)>) -> Result<Vec<Siret>> {
    rows.into_iter().map(|(s,)| Siret::unchecked(&s).map_err(|_| Error::inconsistent(format!("siret {s}")))).collect()
}

/// Establishments where somebody holds something in a service, after one of them.
pub async fn sirets_of_service(h: &mut impl Handle, service: &str, after: &str, limit: i64) -> Result<Vec<Siret>> {
    sirets(sql!(h, SIRETS_OF_SERVICE, service, after, limit; (String,); all)?)
}

/// Establishments whose SIRET is after one text and not after another.
pub async fn sirets_between(h: &mut impl Handle, after: &str, last: &str, limit: i64) -> Result<Vec<Siret>> {
    sirets(sql!(h, SIRETS_BETWEEN, after, last, limit; (String,); all)?)
}

impl LeftRow {
    /// Whose it is.
    pub fn account(&self) -> AccountId {
        AccountId::from_store(self.account_id.clone())
    }
}
