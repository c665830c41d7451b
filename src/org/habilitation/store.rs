//! Habilitations and attestations in the database.

use super::{Grant, Habilitation, State, Suspension};
use crate::base::id::AccountId;
use crate::base::{Siret, Timestamp};
use crate::db::{Error, Handle, Result, Tx};
use crate::sql;

// Granted to somebody who acts for the establishment at this very instant, or not at all.
const GRANT: &str = "INSERT INTO habilitation (account_id, siret, service_id, profiles, state, granted_by, granted_at, expires_at, updated_at) \
     SELECT m.account_id, m.siret, $3, $4, 'active', $5, $6, $7, $6 FROM membership m \
     WHERE m.account_id = $1 AND m.siret = $2 AND m.state = 'active' \
     ON CONFLICT (account_id, siret, service_id) DO UPDATE SET profiles = excluded.profiles, state = 'active', \
     granted_by = excluded.granted_by, granted_at = excluded.granted_at, expires_at = excluded.expires_at, noticed_at = NULL, \
     ended_at = NULL, suspended_for = NULL, updated_at = excluded.updated_at WHERE (habilitation.profiles <> excluded.profiles \
     OR habilitation.state <> 'active' OR COALESCE(habilitation.expires_at, 0) <> COALESCE(excluded.expires_at, 0)) \
     AND (COALESCE(habilitation.suspended_for, '') <> 'operator' OR excluded.granted_by = 'operator')";
// What the operator holds back stays so, whatever becomes of the right.
const SET_STATE: &str = "UPDATE habilitation SET state = $4, \
     suspended_for = CASE WHEN $4 = 'revoked' AND suspended_for = 'operator' THEN suspended_for ELSE CAST($6 AS TEXT) END, updated_at = $5 \
     WHERE account_id = $1 AND siret = $2 AND service_id = $3 AND state <> 'revoked' \
     AND (state <> $4 OR COALESCE(suspended_for, '') <> COALESCE(CAST($6 AS TEXT), ''))";
const REVOKE_ALL: &str = "UPDATE habilitation SET state = 'revoked', \
     suspended_for = CASE WHEN suspended_for = 'operator' THEN suspended_for END, updated_at = $3 \
     WHERE account_id = $1 AND siret = $2 AND state <> 'revoked'";
const OF_PERSON: &str = "SELECT account_id, siret, service_id, profiles, state, suspended_for, granted_by, granted_at, expires_at, \
     reviewed_at FROM habilitation WHERE account_id = $1 AND siret = $2 ORDER BY service_id LIMIT 500";
const OF_SERVICE: &str = "SELECT h.account_id, h.siret, h.service_id, h.profiles, h.state, h.suspended_for, h.granted_by, h.granted_at, \
     h.expires_at, h.reviewed_at FROM habilitation h JOIN membership m ON m.account_id = h.account_id AND m.siret = h.siret \
     WHERE h.siret = $1 AND h.service_id = $2 AND h.account_id > $3 AND h.state = 'active' AND m.state = 'active' \
     ORDER BY h.account_id LIMIT $4";
const EXPIRING: &str = "SELECT account_id, siret, service_id, profiles, state, suspended_for, granted_by, granted_at, expires_at, \
     reviewed_at FROM habilitation WHERE expires_at > $1 AND expires_at <= $2 AND state = 'active' AND noticed_at IS NULL ORDER BY expires_at LIMIT 100";
const ENDED: &str = "SELECT account_id, siret, service_id, profiles, state, suspended_for, granted_by, granted_at, expires_at, reviewed_at \
     FROM habilitation WHERE expires_at <= $1 AND state = 'active' AND ended_at IS NULL ORDER BY expires_at LIMIT 100";
const END: &str = "UPDATE habilitation SET ended_at = $4 WHERE account_id = $1 AND siret = $2 AND service_id = $3 AND ended_at IS NULL";
const RENEWABLE: &str = "SELECT h.account_id, h.siret, h.service_id, h.profiles, h.state, h.suspended_for, h.granted_by, h.granted_at, \
     h.expires_at, h.reviewed_at, e.name FROM habilitation h JOIN membership m ON m.account_id = h.account_id AND m.siret = h.siret \
     JOIN establishment e ON e.siret = h.siret WHERE h.account_id = $1 AND h.expires_at > $2 AND h.expires_at <= $3 AND h.state = 'active' \
     AND h.profiles <> '' AND m.state = 'active' AND (m.expires_at IS NULL OR m.expires_at > $4) ORDER BY h.expires_at, h.siret LIMIT 50";
const OF_ACCOUNT_IN: &str = "SELECT h.account_id, h.siret, h.service_id, h.profiles, h.state, h.suspended_for, h.granted_by, h.granted_at, \
     h.expires_at, h.reviewed_at, e.name FROM habilitation h JOIN membership m ON m.account_id = h.account_id AND m.siret = h.siret \
     JOIN establishment e ON e.siret = h.siret WHERE h.account_id = $1 AND h.service_id = $2 AND h.state <> 'revoked' AND h.profiles <> '' \
     AND m.state = 'active' AND (m.expires_at IS NULL OR m.expires_at > $3) ORDER BY e.name_folded, h.siret LIMIT 50";
const NOTICED: &str =
    "UPDATE habilitation SET noticed_at = $4 WHERE account_id = $1 AND siret = $2 AND service_id = $3 AND noticed_at IS NULL";
const REVIEWED: &str =
    "UPDATE habilitation SET reviewed_at = $4 WHERE account_id = $1 AND siret = $2 AND service_id = $3 AND state = 'active'";
const PUT_ATTESTATION: &str = "INSERT INTO attestation (account_id, kind, obtained_at, expires_at, evidence, created_at) \
     VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (account_id, kind) DO UPDATE SET obtained_at = excluded.obtained_at, \
     expires_at = excluded.expires_at, evidence = excluded.evidence WHERE attestation.obtained_at <> excluded.obtained_at \
     OR COALESCE(attestation.expires_at, 0) <> COALESCE(excluded.expires_at, 0) \
     OR COALESCE(attestation.evidence, '') <> COALESCE(excluded.evidence, '')";
const COUNT_BY_SERVICE: &str = "SELECT h.service_id, COUNT(*) FROM habilitation h JOIN membership m ON m.account_id = h.account_id AND m.siret = h.siret \
     JOIN account a ON a.id = h.account_id WHERE h.siret = $1 AND h.state = 'active' AND h.profiles <> '' \
     AND (h.expires_at IS NULL OR h.expires_at > $2) AND m.state = 'active' AND (m.expires_at IS NULL OR m.expires_at > $2) \
     AND a.state = 'active' GROUP BY h.service_id ORDER BY h.service_id LIMIT 500";
const OF_ACCOUNT: &str = "SELECT account_id, siret, service_id, profiles, state, suspended_for, granted_by, granted_at, expires_at, \
     reviewed_at FROM habilitation WHERE account_id = $1 AND (siret, service_id) > ($2, $3) ORDER BY siret, service_id LIMIT $4";
const ATTESTATIONS: &str = "SELECT kind, obtained_at, expires_at, evidence FROM attestation WHERE account_id = $1 ORDER BY kind LIMIT 200";

const SERVICES_OF: &str = "SELECT DISTINCT h.service_id FROM habilitation h JOIN membership m ON m.account_id = h.account_id AND m.siret = h.siret \
     WHERE h.account_id = $1 AND h.state = 'active' AND h.profiles <> '' AND (h.expires_at IS NULL OR h.expires_at > $2) \
     AND m.state = 'active' AND (m.expires_at IS NULL OR m.expires_at > $2) LIMIT 500";

/// Every statement of this file.
pub const ALL: &[&str] = &[
    GRANT,
    SET_STATE,
    REVOKE_ALL,
    OF_PERSON,
    SERVICES_OF,
    OF_SERVICE,
    EXPIRING,
    NOTICED,
    ENDED,
    END,
    RENEWABLE,
    OF_ACCOUNT_IN,
    REVIEWED,
    PUT_ATTESTATION,
    COUNT_BY_SERVICE,
    OF_ACCOUNT,
    ATTESTATIONS,
];

/// A row of `habilitation`.
#[derive(sqlx::FromRow)]
pub(in crate::org) struct HabilitationRow {
    account_id: String,
    siret: String,
    service_id: String,
    profiles: String,
    state: String,
    suspended_for: Option<String>,
    granted_by: String,
    granted_at: i64,
    expires_at: Option<i64>,
    reviewed_at: Option<i64>,
}

impl TryFrom<HabilitationRow> for Habilitation {
    type Error = Error;

    fn try_from(r: HabilitationRow) -> Result<Self> {
        let wrong = |column: &str| Error::inconsistent(format!("habilitation.{column} of {}", r.account_id));
        Ok(Self {
            siret: Siret::unchecked(&r.siret).map_err(|_| wrong("siret"))?,
            state: State::parse(&r.state).ok_or_else(|| wrong("state"))?,
            suspended_for: r.suspended_for.as_deref().map(|w| Suspension::parse(w).ok_or_else(|| wrong("suspended_for"))).transpose()?,
            profiles: r.profiles.split_ascii_whitespace().map(str::to_owned).collect(),
            account: AccountId::from_store(r.account_id),
            service: r.service_id,
            granted_by: r.granted_by,
            granted_at: Timestamp::from_millis(r.granted_at),
            expires_at: r.expires_at.map(Timestamp::from_millis),
            reviewed_at: r.reviewed_at.map(Timestamp::from_millis),
        })
    }
}

/// Writes a grant; 0 when it stands so already, or when the person does not act for the establishment.
pub async fn grant(tx: &mut Tx, g: &Grant, now: Timestamp) -> Result<u64> {
    let (account, siret, end) = (g.account.as_str(), g.siret.as_str(), g.expires_at.map(Timestamp::millis));
    sql!(tx, GRANT, account, siret, &g.service, &g.profiles.join(" "), &g.by, now.millis(), end; exec)
}

/// Changes the state of one that was not withdrawn; 0 when it stands so already.
pub async fn set_state(
    tx: &mut Tx,
    account: &AccountId,
    siret: &Siret,
    service: &str,
    state: State,
    why: Option<Suspension>,
    now: Timestamp,
) -> Result<u64> {
    let why = why.map(Suspension::name);
    sql!(tx, SET_STATE, account.as_str(), siret.as_str(), service, state.name(), now.millis(), why; exec)
}

/// Withdraws all of a person in an establishment.
pub async fn revoke_all(tx: &mut Tx, account: &AccountId, siret: &Siret, now: Timestamp) -> Result<u64> {
    sql!(tx, REVOKE_ALL, account.as_str(), siret.as_str(), now.millis(); exec)
}

/// What a person holds in an establishment, in any state.
pub async fn of_person(h: &mut impl Handle, account: &AccountId, siret: &Siret) -> Result<Vec<Habilitation>> {
    sql!(h, OF_PERSON, account.as_str(), siret.as_str(); HabilitationRow; all)?.into_iter().map(Habilitation::try_from).collect()
}

/// Services a person holds something in, in whichever establishment.
pub async fn services_of(h: &mut impl Handle, account: &AccountId, now: Timestamp) -> Result<Vec<String>> {
    Ok(sql!(h, SERVICES_OF, account.as_str(), now.millis(); (String,); all)?.into_iter().map(|(s,)| s).collect())
}

/// Active ones of a service in an establishment, of people who act for it, in the order of accounts, after one of them.
pub async fn of_service(h: &mut impl Handle, siret: &Siret, service: &str, after: &str, limit: i64) -> Result<Vec<Habilitation>> {
    let rows = sql!(h, OF_SERVICE, siret.as_str(), service, after, limit; HabilitationRow; all)?;
    rows.into_iter().map(Habilitation::try_from).collect()
}

/// Active ones that end between two instants, whose person was not told yet.
pub async fn expiring(h: &mut impl Handle, now: Timestamp, until: Timestamp) -> Result<Vec<Habilitation>> {
    sql!(h, EXPIRING, now.millis(), until.millis(); HabilitationRow; all)?.into_iter().map(Habilitation::try_from).collect()
}

/// The person was told of the end; 0 when they were already.
pub async fn noticed(tx: &mut Tx, h: &Habilitation, now: Timestamp) -> Result<u64> {
    sql!(tx, NOTICED, h.account.as_str(), h.siret.as_str(), &h.service, now.millis(); exec)
}

/// Active ones that are over, whose end was not told yet: some of them.
pub async fn ended(h: &mut impl Handle, now: Timestamp) -> Result<Vec<Habilitation>> {
    sql!(h, ENDED, now.millis(); HabilitationRow; all)?.into_iter().map(Habilitation::try_from).collect()
}

/// The end is told now; 0 when it was already.
pub async fn end(tx: &mut Tx, h: &Habilitation, now: Timestamp) -> Result<u64> {
    sql!(tx, END, h.account.as_str(), h.siret.as_str(), &h.service, now.millis(); exec)
}

#[derive(sqlx::FromRow)]
struct PlacedRow {
    #[sqlx(flatten)]
    habilitation: HabilitationRow,
    name: String,
}

impl PlacedRow {
    fn read(self) -> Result<(Habilitation, String)> {
        Ok((Habilitation::try_from(self.habilitation)?, self.name))
    }
}

/// Active ones of a person that end in a span of time, where they act now; each with the name of the establishment.
pub async fn renewable(
    h: &mut impl Handle,
    who: &AccountId,
    span: (Timestamp, Timestamp),
    now: Timestamp,
) -> Result<Vec<(Habilitation, String)>> {
    let rows = sql!(h, RENEWABLE, who.as_str(), span.0.millis(), span.1.millis(), now.millis(); PlacedRow; all)?;
    rows.into_iter().map(PlacedRow::read).collect()
}

/// Those of a person in a service, where they act now, suspended and past ones included; each with the name of the establishment.
pub async fn of_account_in(h: &mut impl Handle, who: &AccountId, service: &str, now: Timestamp) -> Result<Vec<(Habilitation, String)>> {
    let rows = sql!(h, OF_ACCOUNT_IN, who.as_str(), service, now.millis(); PlacedRow; all)?;
    rows.into_iter().map(PlacedRow::read).collect()
}

/// A manager confirmed it.
pub async fn reviewed(tx: &mut Tx, account: &AccountId, siret: &Siret, service: &str, now: Timestamp) -> Result<u64> {
    sql!(tx, REVIEWED, account.as_str(), siret.as_str(), service, now.millis(); exec)
}

/// What a person holds whatever their establishment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attestation {
    /// What.
    pub kind: String,
    /// Since.
    pub obtained_at: Timestamp,
    /// End.
    pub expires_at: Option<Timestamp>,
    /// What proves it.
    pub evidence: Option<String>,
}

/// Writes an attestation; 0 when it stands so already.
pub async fn put_attestation(tx: &mut Tx, account: &AccountId, a: &Attestation, now: Timestamp) -> Result<u64> {
    let end = a.expires_at.map(Timestamp::millis);
    sql!(tx, PUT_ATTESTATION, account.as_str(), &a.kind, a.obtained_at.millis(), end, a.evidence.as_deref(), now.millis(); exec)
}

/// A page of all that a person holds or held, wherever, after a SIRET and a service.
pub async fn of_account(h: &mut impl Handle, account: &AccountId, after: (&str, &str), limit: i64) -> Result<Vec<Habilitation>> {
    let rows = sql!(h, OF_ACCOUNT, account.as_str(), after.0, after.1, limit; HabilitationRow; all)?;
    rows.into_iter().map(Habilitation::try_from).collect()
}

/// How many people of an establishment may use each service now.
pub async fn count_by_service(h: &mut impl Handle, siret: &Siret, now: Timestamp) -> Result<Vec<(String, i64)>> {
    sql!(h, COUNT_BY_SERVICE, siret.as_str(), now.millis(); (String, i64); all)
}

/// Attestations of a person, past ones included.
pub async fn attestations(h: &mut impl Handle, account: &AccountId) -> Result<Vec<Attestation>> {
    let rows = sql!(h, ATTESTATIONS, account.as_str(); (String, i64, Option<i64>, Option<String>); all)?;
    let read = |(kind, obtained, end, evidence): (String, i64, Option<i64>, Option<String>)| Attestation {
        kind,
        obtained_at: Timestamp::from_millis(obtained),
        expires_at: end.map(Timestamp::from_millis),
        evidence,
    };
    Ok(rows.into_iter().map(read).collect())
}
