//! Requests in the database.

use super::{Request, State, Wish};
use crate::base::id::{AccountId, AskId};
use crate::base::{Siret, Timestamp};
use crate::db::{Error, Handle, Purge, Result, Tx};
use crate::org::{Establishment, Role};
use crate::sql;

macro_rules! columns {
    () => {
        "r.id, r.account_id, r.siret, (SELECT e.name FROM establishment e WHERE e.siret = r.siret) AS name, r.service_id, r.wish, \
         r.message, r.state, r.granted, r.reason, r.decided_by, r.decided_at, r.reminders, r.reminded_at, r.nudges, r.claim_at, \
         r.created_at"
    };
}

macro_rules! returned {
    () => {
        " RETURNING id, account_id, siret, (SELECT e.name FROM establishment e WHERE e.siret = request.siret) AS name, service_id, wish, \
         message, state, granted, reason, decided_by, decided_at, reminders, reminded_at, nudges, claim_at, \
         created_at"
    };
}

// What waits for changes gives way to what is asked anew.
const SUPERSEDE: &str = "UPDATE request SET state = 'cancelled', nudge_at = NULL, claim_at = NULL, updated_at = $4 WHERE account_id = $1 AND siret = $2 \
     AND service_id = $3 AND state = 'changes'";
const INSERT: &str = "INSERT INTO request (id, account_id, siret, service_id, wish, message, state, reminders, nudges, nudge_at, created_at, \
     updated_at, claim_at) VALUES ($1, $2, $3, $4, $5, $6, 'pending', 0, 0, $7, $8, $8, $9) ON CONFLICT DO NOTHING";
const FIND: &str = concat!("SELECT ", columns!(), " FROM request r WHERE r.id = $1");
const OPEN: &str = concat!(
    "SELECT ",
    columns!(),
    " FROM request r WHERE r.account_id = $1 AND r.siret = $2 AND r.service_id = $3 AND r.state IN ('pending', 'changes')"
);
const OF_ACCOUNT: &str =
    concat!("SELECT ", columns!(), " FROM request r WHERE r.account_id = $1 ORDER BY r.created_at DESC, r.id DESC LIMIT 100");
const OF_SIRET: &str =
    concat!("SELECT ", columns!(), " FROM request r WHERE r.siret = $1 AND r.state = 'pending' AND r.id > $2 ORDER BY r.id LIMIT $3");
const OF_SERVICE: &str =
    concat!("SELECT ", columns!(), " FROM request r WHERE r.service_id = $1 AND r.state = 'pending' AND r.id > $2 ORDER BY r.id LIMIT $3");
const COUNT: &str = "SELECT COUNT(*) FROM request WHERE siret = $1 AND state = 'pending'";
const DECIDE: &str = concat!(
    "UPDATE request SET state = $2, granted = $3, reason = $4, decided_by = $5, decided_at = $6, updated_at = $6, nudge_at = NULL, claim_at = NULL \
     WHERE id = $1 AND state = 'pending'",
    returned!()
);
const ANSWER: &str = concat!(
    "UPDATE request SET state = $2, granted = $3, reason = $4, decided_by = $5, decided_at = $6, updated_at = $6, nudge_at = NULL, claim_at = NULL \
     WHERE id = $1 AND state IN ('pending', 'changes')",
    returned!()
);
const CANCEL: &str = concat!(
    "UPDATE request SET state = 'cancelled', nudge_at = NULL, claim_at = NULL, updated_at = $3 WHERE id = $1 AND account_id = $2 \
     AND state IN ('pending', 'changes')",
    returned!()
);
const CANCEL_OF: &str = concat!(
    "UPDATE request SET state = 'cancelled', nudge_at = NULL, claim_at = NULL, updated_at = $3 WHERE account_id = $1 AND siret = $2 \
     AND state IN ('pending', 'changes')",
    returned!()
);
const REMIND: &str = concat!(
    "UPDATE request SET reminders = reminders + 1, reminded_at = $3, updated_at = $3 WHERE id = $1 AND account_id = $2 \
     AND state = 'pending' AND reminders < $5 AND COALESCE(reminded_at, created_at) <= $4",
    returned!()
);
const TO_NUDGE: &str = concat!("SELECT ", columns!(), " FROM request r WHERE r.nudge_at <= $1 ORDER BY r.nudge_at LIMIT 50");
const CLAIMS: &str =
    concat!("SELECT ", columns!(), " FROM request r WHERE r.claim_at <= $1 AND r.state = 'pending' ORDER BY r.claim_at LIMIT 50");
const NUDGED: &str = "UPDATE request SET nudges = nudges + 1, nudge_at = $3 WHERE id = $1 AND nudges = $2 AND state = 'pending'";
// Everywhere, or within a SIREN or a SIRET. Nobody decides on what they ask for themselves.
const OF_APPROVER: &str = concat!(
    "SELECT ",
    columns!(),
    " FROM request r WHERE r.service_id = $1 AND r.state = 'pending' AND r.account_id <> $2 AND r.id > $3 \
     AND EXISTS (SELECT 1 FROM service_approver a WHERE a.service_id = r.service_id AND a.account_id = $2 \
     AND a.scope IN ('', SUBSTR(r.siret, 1, 9), r.siret)) ORDER BY r.id LIMIT $4"
);
const SERVICES_OF_APPROVER: &str = "SELECT DISTINCT service_id FROM service_approver WHERE account_id = $1 ORDER BY service_id LIMIT 200";
// Services come as one text, each between two spaces. No more establishments are looked into than a page can be made of.
const TO_MANAGE: &str = "SELECT r.siret, (SELECT e.name FROM establishment e WHERE e.siret = r.siret) AS name, COUNT(*) FROM request r \
     WHERE r.state = 'pending' AND r.siret IN (SELECT m.siret FROM membership m WHERE m.account_id = $1 AND m.role = 'manager' \
     AND m.state = 'active' AND (m.expires_at IS NULL OR m.expires_at > $2) ORDER BY m.siret LIMIT 500) AND r.account_id <> $1 \
     AND (r.service_id = '' OR REPLACE($3, ' ' || r.service_id || ' ', '') <> $3) GROUP BY r.siret ORDER BY r.siret LIMIT $4";

/// What the worker removes: requests answered or withdrawn three years ago.
pub const PURGES: &[Purge] = &[Purge {
    table: "request",
    keep: std::time::Duration::from_secs(3 * 365 * 86_400),
    statements: &["DELETE FROM request WHERE id IN (SELECT id FROM request WHERE updated_at <= $1 \
         AND state IN ('accepted', 'partly', 'declined', 'cancelled') LIMIT $2)"],
}];

/// Every statement of this file.
pub const ALL: &[&str] = &[
    SUPERSEDE,
    INSERT,
    FIND,
    OPEN,
    OF_ACCOUNT,
    OF_SIRET,
    OF_SERVICE,
    COUNT,
    DECIDE,
    ANSWER,
    CANCEL,
    CANCEL_OF,
    REMIND,
    TO_NUDGE,
    CLAIMS,
    NUDGED,
    OF_APPROVER,
    SERVICES_OF_APPROVER,
    TO_MANAGE,
];

#[derive(sqlx::FromRow)]
struct Row {
    id: String,
    account_id: String,
    siret: String,
    name: Option<String>,
    service_id: String,
    wish: String,
    message: Option<String>,
    state: String,
    granted: Option<String>,
    reason: Option<String>,
    decided_by: Option<String>,
    decided_at: Option<i64>,
    reminders: i64,
    reminded_at: Option<i64>,
    nudges: i64,
    claim_at: Option<i64>,
    created_at: i64,
}

impl TryFrom<Row> for Request {
    type Error = Error;

    fn try_from(r: Row) -> Result<Self> {
        let wrong = |column: &str| Error::inconsistent(format!("request.{column} of {}", r.id));
        let wish = if r.service_id.is_empty() {
            Wish::Join(Role::parse(&r.wish).ok_or_else(|| wrong("wish"))?)
        } else {
            Wish::Use { service: r.service_id.clone(), profiles: r.wish.split_ascii_whitespace().map(str::to_owned).collect() }
        };
        let siret = Siret::unchecked(&r.siret).map_err(|_| wrong("siret"))?;
        Ok(Self {
            state: State::parse(&r.state).ok_or_else(|| wrong("state"))?,
            establishment: Establishment { siret, name: r.name.unwrap_or_default() },
            account: AccountId::from_store(r.account_id),
            message: r.message,
            granted: r.granted,
            reason: r.reason,
            decided_by: r.decided_by,
            decided_at: r.decided_at.map(Timestamp::from_millis),
            reminders: r.reminders,
            reminded_at: r.reminded_at.map(Timestamp::from_millis),
            claim_at: r.claim_at.map(Timestamp::from_millis),
            created_at: Timestamp::from_millis(r.created_at),
            id: AskId::from_store(r.id),
            wish,
        })
    }
}

fn read(rows: Vec<Row>) -> Result<Vec<Request>> {
    rows.into_iter().map(Request::try_from).collect()
}

/// Adds a request; 0 when the same is open.
pub async fn insert(tx: &mut Tx, r: &Request, nudge_at: Timestamp) -> Result<u64> {
    let (account, siret, service) = (r.account.as_str(), r.establishment.siret.as_str(), r.wish.service());
    sql!(tx, SUPERSEDE, account, siret, service, r.created_at.millis(); exec)?;
    let (id, wish, at, claim_at) = (r.id.as_str(), r.wish.stored(), r.created_at.millis(), r.claim_at.map(Timestamp::millis));
    sql!(tx, INSERT, id, account, siret, service, &wish, r.message.as_deref(), nudge_at.millis(), at, claim_at; exec)
}

/// One request, in any state.
pub async fn find(h: &mut impl Handle, id: &AskId) -> Result<Option<Request>> {
    sql!(h, FIND, id.as_str(); Row; optional)?.map(Request::try_from).transpose()
}

/// The open one of a person for an establishment and a service (empty for joining).
pub async fn open(h: &mut impl Handle, account: &AccountId, siret: &Siret, service: &str) -> Result<Option<Request>> {
    sql!(h, OPEN, account.as_str(), siret.as_str(), service; Row; optional)?.map(Request::try_from).transpose()
}

/// Those of a person, newest first.
pub async fn of_account(h: &mut impl Handle, account: &AccountId) -> Result<Vec<Request>> {
    read(sql!(h, OF_ACCOUNT, account.as_str(); Row; all)?)
}

/// Those that wait in an establishment, oldest first, after one of them.
pub async fn of_siret(h: &mut impl Handle, siret: &Siret, after: &str, limit: i64) -> Result<Vec<Request>> {
    read(sql!(h, OF_SIRET, siret.as_str(), after, limit; Row; all)?)
}

/// Those that wait for a service, oldest first, after one of them.
pub async fn of_service(h: &mut impl Handle, service: &str, after: &str, limit: i64) -> Result<Vec<Request>> {
    read(sql!(h, OF_SERVICE, service, after, limit; Row; all)?)
}

/// How many wait in an establishment.
pub async fn count(h: &mut impl Handle, siret: &Siret) -> Result<i64> {
    sql!(h, COUNT, siret.as_str(); (i64,); one).map(|(n,)| n)
}

/// A decision to write.
#[derive(Debug)]
pub struct Decision<'a> {
    /// What the request becomes.
    pub state: State,
    /// What was granted.
    pub granted: Option<String>,
    /// What the person is told.
    pub reason: Option<&'a str>,
    /// Who decides.
    pub by: &'a str,
    /// When.
    pub now: Timestamp,
}

/// Decides on one that waits; `None` when it does not wait any more.
pub async fn decide(tx: &mut Tx, id: &AskId, d: &Decision<'_>) -> Result<Option<Request>> {
    let (state, granted, now) = (d.state.name(), d.granted.as_deref(), d.now.millis());
    sql!(tx, DECIDE, id.as_str(), state, granted, d.reason, d.by, now; Row; optional)?.map(Request::try_from).transpose()
}

/// The same, for one that may wait for its person: what it asks for was given by another way. `None` when it is not open any more.
pub async fn answer(tx: &mut Tx, id: &AskId, d: &Decision<'_>) -> Result<Option<Request>> {
    let (state, granted, now) = (d.state.name(), d.granted.as_deref(), d.now.millis());
    sql!(tx, ANSWER, id.as_str(), state, granted, d.reason, d.by, now; Row; optional)?.map(Request::try_from).transpose()
}

/// Withdraws one; `None` when it is not open, or not this person's.
pub async fn cancel(tx: &mut Tx, account: &AccountId, id: &AskId, now: Timestamp) -> Result<Option<Request>> {
    sql!(tx, CANCEL, id.as_str(), account.as_str(), now.millis(); Row; optional)?.map(Request::try_from).transpose()
}

/// Withdraws all that a person asked for in an establishment.
pub async fn cancel_of(tx: &mut Tx, account: &AccountId, siret: &Siret, now: Timestamp) -> Result<Vec<Request>> {
    read(sql!(tx, CANCEL_OF, account.as_str(), siret.as_str(), now.millis(); Row; all)?)
}

/// Counts a reminder, if the last one is not later than `before` and there were fewer than `most`.
pub async fn remind(tx: &mut Tx, account: &AccountId, id: &AskId, now: Timestamp, before: Timestamp, most: i64) -> Result<Option<Request>> {
    let (id, account) = (id.as_str(), account.as_str());
    sql!(tx, REMIND, id, account, now.millis(), before.millis(), most; Row; optional)?.map(Request::try_from).transpose()
}

/// Those whose next reminder by itself is due, with how many there were.
pub async fn to_nudge(h: &mut impl Handle, now: Timestamp) -> Result<Vec<(Request, i64)>> {
    let rows = sql!(h, TO_NUDGE, now.millis(); Row; all)?;
    rows.into_iter().map(|r| (r.nudges, r)).map(|(n, r)| Request::try_from(r).map(|r| (r, n))).collect()
}

/// Claims whose delay is over, some of them.
pub async fn claims(h: &mut impl Handle, now: Timestamp) -> Result<Vec<Request>> {
    read(sql!(h, CLAIMS, now.millis(); Row; all)?)
}

/// Counts one, after `nudges` of them; 0 when that was done, or the request decided, meanwhile.
pub async fn nudged(tx: &mut Tx, id: &AskId, nudges: i64, next: Timestamp) -> Result<u64> {
    sql!(tx, NUDGED, id.as_str(), nudges, next.millis(); exec)
}

/// Those for a service that wait for a person who is named to decide there, oldest first, after one of them.
pub async fn of_approver(h: &mut impl Handle, service: &str, who: &AccountId, after: &str, limit: i64) -> Result<Vec<Request>> {
    read(sql!(h, OF_APPROVER, service, who.as_str(), after, limit; Row; all)?)
}

/// Services that a person is named to decide for, somewhere.
pub async fn services_of_approver(h: &mut impl Handle, who: &AccountId) -> Result<Vec<String>> {
    Ok(sql!(h, SERVICES_OF_APPROVER, who.as_str(); (String,); all)?.into_iter().map(|(service,)| service).collect())
}

/// Establishments a person manages where requests of others wait, to join or for one of these services: how many, by SIRET.
pub async fn to_manage(
    h: &mut impl Handle,
    who: &AccountId,
    services: &[String],
    limit: i64,
    now: Timestamp,
) -> Result<Vec<(Establishment, i64)>> {
    let services: String = services.iter().map(|id| format!(" {id} ")).collect();
    let rows = sql!(h, TO_MANAGE, who.as_str(), now.millis(), &services, limit; (String, Option<String>, i64); all)?;
    let place = |(siret, name, waiting): (String, Option<String>, i64)| {
        let siret = Siret::unchecked(&siret).map_err(|_| Error::inconsistent(format!("request.siret {siret}")))?;
        Ok((Establishment { siret, name: name.unwrap_or_default() }, waiting))
    };
    rows.into_iter().map(place).collect()
}
