//! Establishments that follow others, in the database.

use super::{State, Succession};
use crate::base::id::{AccountId, AskId, SuccessionId};
use crate::base::{Siret, Timestamp};
use crate::db::{Error, Handle, Purge, Result, Tx};
use crate::org::Establishment;
use crate::sql;

const SUCCEEDED_BY: &str = "SELECT succeeded_by FROM establishment WHERE siret = $1";
const SUCCEED: &str =
    "UPDATE establishment SET succeeded_by = $2, succeeded_at = $3, updated_at = $3 WHERE siret = $1 AND succeeded_by IS NULL";
const INSERT: &str = "INSERT INTO succession (id, from_siret, to_siret, state, asked_by, asked_at) VALUES ($1, $2, $3, 'pending', $4, $5) \
     ON CONFLICT DO NOTHING";
const OPEN: &str = "SELECT s.id, s.from_siret, e.name, s.to_siret, s.state, s.asked_by, s.asked_at FROM succession s \
     JOIN establishment e ON e.siret = s.from_siret WHERE s.from_siret = $1 AND s.state = 'pending'";
const FIND: &str = "SELECT s.id, s.from_siret, e.name, s.to_siret, s.state, s.asked_by, s.asked_at FROM succession s \
     JOIN establishment e ON e.siret = s.from_siret WHERE s.id = $1";
const TO: &str = "SELECT s.id, s.from_siret, e.name, s.to_siret, s.state, s.asked_by, s.asked_at FROM succession s \
     JOIN establishment e ON e.siret = s.from_siret WHERE s.to_siret = $1 AND s.state = 'pending' ORDER BY s.asked_at, s.id LIMIT 20";
const DECIDE: &str = "UPDATE succession SET state = $2, decided_by = $3, decided_at = $4 WHERE id = $1 AND state = 'pending'";
const PEOPLE: &str = "SELECT account_id FROM membership WHERE siret = $1 AND state = 'active' AND (expires_at IS NULL OR expires_at > $3) \
     AND account_id > $2 ORDER BY account_id LIMIT 200";
// A place that was in force ended with its establishment, at the very instant that this was succeeded; another end is another's.
const CARRIED_TO: &str = "SELECT e.succeeded_by FROM establishment e JOIN membership m ON m.siret = e.siret WHERE e.siret = $1 AND m.account_id = $2 \
     AND e.succeeded_by IS NOT NULL AND m.state = 'disabled' AND m.updated_at = e.succeeded_at \
     AND (m.expires_at IS NULL OR m.expires_at > e.succeeded_at)";
// As it was: with its proof, dates and end. A place that is there stays as it is.
const CARRY_PLACES: &str = "INSERT INTO membership (account_id, siret, role, factors_manage, state, created_at, updated_at, link, proof, evidence, \
     proved_at, expires_at, last_used_at) SELECT m.account_id, $2, CASE WHEN $3 = '' THEN m.role ELSE $3 END, \
     CASE WHEN $3 = '' THEN m.factors_manage ELSE FALSE END, m.state, m.created_at, $4, m.link, m.proof, m.evidence, m.proved_at, m.expires_at, \
     m.last_used_at FROM membership m WHERE m.siret = $1 AND m.state = 'active' AND (m.expires_at IS NULL OR m.expires_at > $4) \
     ON CONFLICT (account_id, siret) DO NOTHING";
// What the operator holds back goes along, withdrawn or not.
const CARRY_RIGHTS: &str = "INSERT INTO habilitation (account_id, siret, service_id, profiles, state, suspended_for, granted_by, granted_at, \
     expires_at, noticed_at, ended_at, reviewed_at, updated_at) SELECT h.account_id, $2, h.service_id, h.profiles, h.state, h.suspended_for, \
     h.granted_by, h.granted_at, h.expires_at, h.noticed_at, h.ended_at, h.reviewed_at, $3 FROM habilitation h \
     JOIN membership f ON f.account_id = h.account_id AND f.siret = h.siret AND f.state = 'active' AND (f.expires_at IS NULL OR f.expires_at > $3) \
     JOIN membership t ON t.account_id = h.account_id AND t.siret = $2 AND t.state = 'active' \
     WHERE h.siret = $1 AND (h.state <> 'revoked' OR h.suspended_for = 'operator') ON CONFLICT (account_id, siret, service_id) DO NOTHING";
const END_RIGHTS: &str = "UPDATE habilitation SET state = 'revoked', updated_at = $2 WHERE siret = $1 AND state <> 'revoked'";
const END_PLACES: &str = "UPDATE membership SET state = 'disabled', updated_at = $2 WHERE siret = $1 AND state = 'active'";
const END_REQUESTS: &str = "UPDATE request SET state = 'cancelled', nudge_at = NULL, claim_at = NULL, updated_at = $2 WHERE siret = $1 \
     AND state IN ('pending', 'changes') RETURNING id";
const END_REVIEWS: &str = "UPDATE review SET state = 'closed', closed_at = $2, next_at = NULL WHERE siret = $1 AND state = 'open'";

/// Every statement of this file.
pub const ALL: &[&str] = &[
    SUCCEEDED_BY,
    SUCCEED,
    INSERT,
    OPEN,
    FIND,
    TO,
    DECIDE,
    PEOPLE,
    CARRIED_TO,
    CARRY_PLACES,
    CARRY_RIGHTS,
    END_RIGHTS,
    END_PLACES,
    END_REQUESTS,
    END_REVIEWS,
];

/// What the worker removes: what was answered three years ago. That an establishment was succeeded stays with it.
pub const PURGES: &[Purge] = &[Purge {
    table: "succession",
    keep: std::time::Duration::from_secs(3 * 365 * 86_400),
    statements: &["DELETE FROM succession WHERE id IN (SELECT id FROM succession WHERE decided_at <= $1 LIMIT $2)"],
}];

fn siret(text: &str) -> Result<Siret> {
    Siret::unchecked(text).map_err(|_| Error::inconsistent(format!("siret {text}")))
}

/// The establishment that took over the people of this one.
pub async fn succeeded_by(h: &mut impl Handle, from: &Siret) -> Result<Option<Siret>> {
    let found = sql!(h, SUCCEEDED_BY, from.as_str(); (Option<String>,); optional)?;
    found.and_then(|(next,)| next).map(|next| siret(&next)).transpose()
}

/// Says that one takes over from another; 0 when one did already.
pub async fn succeed(tx: &mut Tx, from: &Siret, to: &Siret, now: Timestamp) -> Result<u64> {
    sql!(tx, SUCCEED, from.as_str(), to.as_str(), now.millis(); exec)
}

#[derive(sqlx::FromRow)]
struct Row {
    id: String,
    from_siret: String,
    name: String,
    to_siret: String,
    state: String,
    asked_by: String,
    asked_at: i64,
}

impl TryFrom<Row> for Succession {
    type Error = Error;

    fn try_from(r: Row) -> Result<Self> {
        Ok(Self {
            from: Establishment { siret: siret(&r.from_siret)?, name: r.name },
            to: siret(&r.to_siret)?,
            state: State::parse(&r.state).ok_or_else(|| Error::inconsistent(format!("succession.state of {}", r.id)))?,
            asked_by: AccountId::from_store(r.asked_by),
            asked_at: Timestamp::from_millis(r.asked_at),
            id: SuccessionId::from_store(r.id),
        })
    }
}

/// Asks for one; 0 when it is asked for already.
pub async fn insert(tx: &mut Tx, s: &Succession) -> Result<u64> {
    let (from, to) = (s.from.siret.as_str(), s.to.as_str());
    sql!(tx, INSERT, s.id.as_str(), from, to, s.asked_by.as_str(), s.asked_at.millis(); exec)
}

/// The one that an establishment asked for.
pub async fn open(h: &mut impl Handle, from: &Siret) -> Result<Option<Succession>> {
    sql!(h, OPEN, from.as_str(); Row; optional)?.map(Succession::try_from).transpose()
}

/// One, in any state.
pub async fn find(h: &mut impl Handle, id: &SuccessionId) -> Result<Option<Succession>> {
    sql!(h, FIND, id.as_str(); Row; optional)?.map(Succession::try_from).transpose()
}

/// Those that an establishment is to answer.
pub async fn to_answer(h: &mut impl Handle, to: &Siret) -> Result<Vec<Succession>> {
    sql!(h, TO, to.as_str(); Row; all)?.into_iter().map(Succession::try_from).collect()
}

/// Answers one; 0 when it was.
pub async fn decide(tx: &mut Tx, id: &SuccessionId, state: State, by: &str, now: Timestamp) -> Result<u64> {
    sql!(tx, DECIDE, id.as_str(), state.name(), by, now.millis(); exec)
}

/// Some of those who have a place in force in an establishment, after one of them.
pub async fn people(h: &mut impl Handle, of: &Siret, after: &str, now: Timestamp) -> Result<Vec<AccountId>> {
    let rows = sql!(h, PEOPLE, of.as_str(), after, now.millis(); (String,); all)?;
    Ok(rows.into_iter().map(|(id,)| AccountId::from_store(id)).collect())
}

/// The establishment that took a person over from this one; none for whoever had no place in force there by then.
pub async fn carried_to(h: &mut impl Handle, from: &Siret, who: &AccountId) -> Result<Option<Siret>> {
    let found = sql!(h, CARRIED_TO, from.as_str(), who.as_str(); (String,); optional)?;
    found.map(|(next,)| siret(&next)).transpose()
}

/// Carries places and rights over, in a role if one is given, as they were otherwise; then ends them at the source.
pub async fn carry(tx: &mut Tx, from: &Siret, to: &Siret, role: &str, now: Timestamp) -> Result<(u64, u64)> {
    let (from, to, now) = (from.as_str(), to.as_str(), now.millis());
    let places = sql!(tx, CARRY_PLACES, from, to, role, now; exec)?;
    let rights = sql!(tx, CARRY_RIGHTS, from, to, now; exec)?;
    for end in [END_RIGHTS, END_PLACES, END_REVIEWS] {
        let _: u64 = sql!(tx, end, from, now; exec)?;
    }
    Ok((places, rights))
}

/// Cancels what waits in an establishment; which requests these were.
pub async fn end_requests(tx: &mut Tx, of: &Siret, now: Timestamp) -> Result<Vec<AskId>> {
    let rows = sql!(tx, END_REQUESTS, of.as_str(), now.millis(); (String,); all)?;
    Ok(rows.into_iter().map(|(id,)| AskId::from_store(id)).collect())
}
