//! Establishments and memberships in the database.

use super::habilitation::{self, Habilitation};
use super::{Establishment, Link, Member, Membership, MembershipState, Proof, Role, Standing};
use crate::base::id::AccountId;
use crate::base::{Siret, Timestamp, fold};
use crate::db::{Error, Handle, Purge, Result, Tx};
use crate::sql;

macro_rules! membership_columns {
    () => {
        "m.account_id, m.siret, e.name, m.role, m.factors_manage, m.state, m.link, m.proof, m.evidence, m.proved_at, m.expires_at, \
         m.last_used_at"
    };
}

const FIND_ESTABLISHMENT: &str = "SELECT siret, name FROM establishment WHERE siret = $1";
const PUT_ESTABLISHMENT: &str = "INSERT INTO establishment (siret, name, created_at, updated_at, name_folded) VALUES ($1, $2, $3, $3, $4) \
     ON CONFLICT (siret) DO UPDATE SET name = excluded.name, name_folded = excluded.name_folded, updated_at = excluded.updated_at \
     WHERE establishment.name <> excluded.name OR establishment.name_folded <> excluded.name_folded";
const UNFOLDED: &str = "SELECT siret, name FROM establishment WHERE name_folded = '' AND siret > $1 ORDER BY siret LIMIT $2";
const FOLD: &str = "UPDATE establishment SET name_folded = $3 WHERE siret = $1 AND name = $2 AND name_folded = ''";
const MEMBERSHIP: &str = concat!(
    "SELECT ",
    membership_columns!(),
    " FROM membership m JOIN establishment e ON e.siret = m.siret WHERE m.account_id = $1 AND m.siret = $2"
);
const MEMBERSHIPS: &str = concat!(
    "SELECT ",
    membership_columns!(),
    " FROM membership m JOIN establishment e ON e.siret = m.siret WHERE m.account_id = $1 AND m.state = 'active' \
     AND (m.expires_at IS NULL OR m.expires_at > $2) ORDER BY e.name_folded, m.siret LIMIT 200"
);
const PUT_MEMBERSHIP: &str = "INSERT INTO membership (account_id, siret, role, factors_manage, state, created_at, updated_at, link, proof, \
     proved_at, expires_at, evidence) VALUES ($1, $2, $3, $4, $5, $6, $6, $7, $8, $10, $9, $11) ON CONFLICT (account_id, siret) DO UPDATE SET \
     role = excluded.role, factors_manage = excluded.factors_manage, state = excluded.state, updated_at = excluded.updated_at, \
     link = excluded.link, proof = excluded.proof, proved_at = excluded.proved_at, expires_at = excluded.expires_at, \
     evidence = excluded.evidence, ended_at = NULL \
     WHERE membership.role <> excluded.role OR membership.factors_manage <> excluded.factors_manage \
     OR membership.state <> excluded.state OR membership.link <> excluded.link OR membership.proof <> excluded.proof \
     OR COALESCE(membership.expires_at, 0) <> COALESCE(excluded.expires_at, 0) \
     OR COALESCE(membership.evidence, '') <> COALESCE(excluded.evidence, '')";
const STANDING: &str = concat!(
    "SELECT ",
    membership_columns!(),
    ", h.service_id, h.profiles, h.state AS right_state, h.suspended_for, h.granted_by, h.granted_at, h.expires_at AS right_expires_at, h.reviewed_at \
     FROM membership m JOIN establishment e ON e.siret = m.siret LEFT JOIN habilitation h ON h.account_id = m.account_id \
     AND h.siret = m.siret AND h.service_id = $3 WHERE m.account_id = $1 AND m.siret = $2"
);
const OPEN_PLACES: &str = "SELECT m.siret FROM membership m WHERE m.account_id = $1 AND m.state = 'active' \
     AND (m.expires_at IS NULL OR m.expires_at > $2) ORDER BY m.siret LIMIT 2";
const ENTITLED_PLACES: &str = "SELECT h.siret FROM habilitation h JOIN membership m ON m.account_id = h.account_id AND m.siret = h.siret \
     WHERE h.account_id = $1 AND h.service_id = $3 AND h.state = 'active' AND h.profiles <> '' AND (h.expires_at IS NULL OR h.expires_at > $2) \
     AND m.state = 'active' AND (m.expires_at IS NULL OR m.expires_at > $2) ORDER BY h.siret LIMIT 2";
const PLACES: &str = concat!(
    "SELECT ",
    membership_columns!(),
    ", h.service_id, h.profiles, h.state AS right_state, h.suspended_for, h.granted_by, h.granted_at, h.expires_at AS right_expires_at, h.reviewed_at \
     FROM membership m JOIN establishment e ON e.siret = m.siret LEFT JOIN habilitation h ON h.account_id = m.account_id \
     AND h.siret = m.siret AND h.service_id = $2 WHERE m.account_id = $1 AND m.state = 'active' AND m.siret > $3 \
     AND (m.siret LIKE $4 OR e.name_folded LIKE $4) ORDER BY m.siret LIMIT $5"
);
const LAST_PLACES: &str = concat!(
    "SELECT ",
    membership_columns!(),
    " FROM membership m JOIN establishment e ON e.siret = m.siret WHERE m.account_id = $1 AND m.state = 'active' \
     AND m.last_used_at IS NOT NULL ORDER BY m.last_used_at DESC LIMIT $2"
);
const ENDED: &str = concat!(
    "SELECT ",
    membership_columns!(),
    " FROM membership m JOIN establishment e ON e.siret = m.siret WHERE m.expires_at <= $1 AND m.state = 'active' AND m.ended_at IS NULL \
     ORDER BY m.expires_at LIMIT 100"
);
const END: &str = "UPDATE membership SET ended_at = $3 WHERE account_id = $1 AND siret = $2 AND ended_at IS NULL";
const USE_PLACE: &str = "UPDATE membership SET last_used_at = $3 WHERE account_id = $1 AND siret = $2";
const TAKE_TURN: &str = "UPDATE establishment SET turn = turn + 1 WHERE siret = $1";
const COUNT_MANAGERS: &str = "SELECT COUNT(*) FROM membership m JOIN account a ON a.id = m.account_id WHERE m.siret = $1 AND m.role = 'manager' \
     AND m.state = 'active' AND (m.expires_at IS NULL OR m.expires_at > $3) AND a.state = 'active' AND m.account_id <> $2";
const COUNT_LASTING_MANAGERS: &str = "SELECT COUNT(*) FROM membership m JOIN account a ON a.id = m.account_id WHERE m.siret = $1 \
     AND m.role = 'manager' AND m.state = 'active' AND m.expires_at IS NULL AND a.state = 'active' AND m.account_id <> $2";
const IS_KNOWN: &str = "SELECT account_id FROM membership WHERE siret = $1 LIMIT 1";
const COUNT_PEOPLE: &str = "SELECT COUNT(*) FROM membership WHERE siret = $1 AND state = 'active'";
// People type « Élodie Écuyer » as well as « Écuyer Élodie »: one name after itself holds both.
const PEOPLE: &str = "SELECT m.account_id, a.given_name, a.family_name, a.login_email, m.role, m.state, m.factors_manage, m.last_used_at, \
     m.expires_at, EXISTS (SELECT 1 FROM factor f WHERE f.account_id = a.id AND f.kind = 'passkey') AS passkey, \
     EXISTS (SELECT 1 FROM factor f WHERE f.account_id = a.id AND f.kind = 'totp') AS application, \
     EXISTS (SELECT 1 FROM otp_card o WHERE o.account_id = a.id AND o.state = 'validated') AS card, \
     EXISTS (SELECT 1 FROM habilitation h WHERE h.account_id = m.account_id AND h.siret = m.siret AND h.state = 'suspended') AS suspended \
     FROM membership m JOIN account a ON a.id = m.account_id WHERE m.siret = $1 \
     AND (a.name_folded, m.account_id) > (COALESCE((SELECT l.name_folded FROM account l WHERE l.id = $2), ''), $2) \
     AND ((a.name_folded || '  ' || a.name_folded) LIKE $3 OR COALESCE(a.login_email_key, '') LIKE $4 ESCAPE '!') \
     AND ($5 = '' OR m.role = $5) AND ($6 = '' OR m.state = $6) AND COALESCE(m.last_used_at, 0) < $7 \
     ORDER BY a.name_folded, m.account_id LIMIT $8";
const DOMAINS: &str = "SELECT domain FROM establishment_domain WHERE siret = $1 ORDER BY domain LIMIT 100";
const PUT_DOMAIN: &str = "INSERT INTO establishment_domain (siret, domain) VALUES ($1, $2) ON CONFLICT (siret, domain) DO NOTHING";
const OF_DOMAIN: &str = "SELECT e.siret, e.name FROM establishment_domain d JOIN establishment e ON e.siret = d.siret WHERE d.domain = $1 \
     ORDER BY e.siret LIMIT 3";
const OFFICIAL: &str = "SELECT official_email FROM establishment WHERE siret = $1";
const PUT_OFFICIAL: &str =
    "UPDATE establishment SET official_email = $2 WHERE siret = $1 AND COALESCE(official_email, '') <> COALESCE($2, '')";
const PROVE: &str = "INSERT INTO official_proof (account_id, siret, email, proved_at) VALUES ($1, $2, $3, $4) \
     ON CONFLICT (account_id, siret) DO UPDATE SET email = excluded.email, proved_at = excluded.proved_at";
const PROVED: &str = "SELECT o.email, o.proved_at FROM official_proof o JOIN establishment e ON e.siret = o.siret \
     WHERE o.account_id = $1 AND o.siret = $2 AND o.proved_at > $3 AND o.email = e.official_email";
const CHOICE: &str = "SELECT siret FROM account_choice WHERE account_id = $1 AND client_id = $2";
const PUT_CHOICE: &str = "INSERT INTO account_choice (account_id, client_id, siret, updated_at) VALUES ($1, $2, $3, $4) \
     ON CONFLICT (account_id, client_id) DO UPDATE SET siret = excluded.siret, updated_at = excluded.updated_at";
const FORGET_CHOICE: &str = "DELETE FROM account_choice WHERE account_id = $1 AND client_id = $2";
macro_rules! members {
    () => {
        "SELECT a.id, a.given_name, a.family_name, a.login_email, a.contact_email, a.locale, m.role, m.factors_manage \
         FROM membership m JOIN account a ON a.id = m.account_id WHERE m.siret = $1 AND m.state = 'active' \
         AND (m.expires_at IS NULL OR m.expires_at > $2) AND a.state = 'active'"
    };
}

const MEMBERS: &str = concat!(members!(), " ORDER BY a.name_folded, a.id LIMIT 2000");
const LEADERS: &str = concat!(members!(), " AND (m.role = 'manager' OR m.factors_manage) ORDER BY a.name_folded, a.id LIMIT 500");

/// Every statement of this file.
pub const ALL: &[&str] = &[
    FIND_ESTABLISHMENT,
    PUT_ESTABLISHMENT,
    UNFOLDED,
    FOLD,
    MEMBERSHIP,
    MEMBERSHIPS,
    PUT_MEMBERSHIP,
    STANDING,
    OPEN_PLACES,
    ENTITLED_PLACES,
    PLACES,
    LAST_PLACES,
    ENDED,
    END,
    USE_PLACE,
    TAKE_TURN,
    COUNT_MANAGERS,
    COUNT_LASTING_MANAGERS,
    IS_KNOWN,
    COUNT_PEOPLE,
    PEOPLE,
    MEMBERS,
    LEADERS,
    DOMAINS,
    PUT_DOMAIN,
    OF_DOMAIN,
    OFFICIAL,
    PUT_OFFICIAL,
    PROVE,
    PROVED,
    CHOICE,
    PUT_CHOICE,
    FORGET_CHOICE,
];

fn siret(text: &str) -> Result<Siret> {
    Siret::unchecked(text).map_err(|e| Error::inconsistent(format!("siret {text}: {e}")))
}

/// The establishment of this SIRET.
pub async fn find_establishment(h: &mut impl Handle, which: &Siret) -> Result<Option<Establishment>> {
    let row = sql!(h, FIND_ESTABLISHMENT, which.as_str(); (String, String); optional)?;
    row.map(|(s, name)| Ok(Establishment { siret: siret(&s)?, name })).transpose()
}

/// Writes an establishment; 0 when it stands so already.
pub async fn put_establishment(tx: &mut Tx, e: &Establishment, now: Timestamp) -> Result<u64> {
    sql!(tx, PUT_ESTABLISHMENT, e.siret.as_str(), &e.name, now.millis(), fold::name(&e.name); exec)
}

/// Folds names that an older version wrote: a part of those after an establishment. Answers the last one, when there may be more.
pub async fn fold_names(tx: &mut Tx, after: &str, limit: usize) -> Result<Option<String>> {
    let mut rows = sql!(tx, UNFOLDED, after, i64::try_from(limit).unwrap_or(i64::MAX); (String, String); all)?;
    for (siret, name) in &rows {
        let folded = fold::name(name);
        if !folded.is_empty() {
            sql!(tx, FOLD, siret.as_str(), name.as_str(), folded; later)?;
        }
    }
    Ok(if rows.len() < limit { None } else { rows.pop().map(|(siret, _)| siret) })
}

#[derive(sqlx::FromRow)]
struct MembershipRow {
    account_id: String,
    siret: String,
    name: String,
    role: String,
    factors_manage: bool,
    state: String,
    link: String,
    proof: String,
    evidence: Option<String>,
    proved_at: Option<i64>,
    expires_at: Option<i64>,
    last_used_at: Option<i64>,
}

impl TryFrom<MembershipRow> for Membership {
    type Error = Error;

    fn try_from(r: MembershipRow) -> Result<Self> {
        let wrong = |column: &str| Error::inconsistent(format!("membership.{column} of {}", r.account_id));
        Ok(Self {
            role: Role::parse(&r.role).ok_or_else(|| wrong("role"))?,
            state: MembershipState::parse(&r.state).ok_or_else(|| wrong("state"))?,
            link: Link::parse(&r.link).ok_or_else(|| wrong("link"))?,
            proof: Proof::parse(&r.proof).ok_or_else(|| wrong("proof"))?,
            evidence: r.evidence,
            proved_at: r.proved_at.map(Timestamp::from_millis),
            expires_at: r.expires_at.map(Timestamp::from_millis),
            last_used_at: r.last_used_at.map(Timestamp::from_millis),
            establishment: Establishment { siret: siret(&r.siret)?, name: r.name },
            factors_manage: r.factors_manage,
            account: AccountId::from_store(r.account_id),
        })
    }
}

/// The place of a person in an establishment, whatever its state.
pub async fn membership(h: &mut impl Handle, account: &AccountId, which: &Siret) -> Result<Option<Membership>> {
    sql!(h, MEMBERSHIP, account.as_str(), which.as_str(); MembershipRow; optional)?.map(Membership::try_from).transpose()
}

/// Places in force of a person, by name of the establishment.
pub async fn memberships(h: &mut impl Handle, account: &AccountId, now: Timestamp) -> Result<Vec<Membership>> {
    sql!(h, MEMBERSHIPS, account.as_str(), now.millis(); MembershipRow; all)?.into_iter().map(Membership::try_from).collect()
}

/// Writes a membership; 0 when it stands so already.
pub async fn put_membership(tx: &mut Tx, m: &Membership, now: Timestamp) -> Result<u64> {
    let (account, siret, end) = (m.account.as_str(), m.establishment.siret.as_str(), m.expires_at.map(Timestamp::millis));
    let (role, state, link, proof) = (m.role.name(), m.state.name(), m.link.name(), m.proof.name());
    let (since, evidence) = (m.proved_at.unwrap_or(now).millis(), m.evidence.as_deref());
    sql!(tx, PUT_MEMBERSHIP, account, siret, role, m.factors_manage, state, now.millis(), link, proof, end, since, evidence; exec)
}

#[derive(sqlx::FromRow)]
struct StandingRow {
    #[sqlx(flatten)]
    membership: MembershipRow,
    service_id: Option<String>,
    profiles: Option<String>,
    right_state: Option<String>,
    suspended_for: Option<String>,
    granted_by: Option<String>,
    granted_at: Option<i64>,
    right_expires_at: Option<i64>,
    reviewed_at: Option<i64>,
}

impl TryFrom<StandingRow> for Standing {
    type Error = Error;

    fn try_from(r: StandingRow) -> Result<Self> {
        let membership = Membership::try_from(r.membership)?;
        let wrong = |column: &str| Error::inconsistent(format!("habilitation.{column} of {}", membership.account));
        let rights = match (r.service_id, r.profiles, r.right_state) {
            (Some(service), Some(profiles), Some(state)) => Some(Habilitation {
                account: membership.account.clone(),
                siret: membership.establishment.siret.clone(),
                state: habilitation::State::parse(&state).ok_or_else(|| wrong("state"))?,
                suspended_for: r.suspended_for.as_deref().and_then(habilitation::Suspension::parse),
                profiles: profiles.split_ascii_whitespace().map(str::to_owned).collect(),
                granted_by: r.granted_by.unwrap_or_default(),
                granted_at: Timestamp::from_millis(r.granted_at.unwrap_or_default()),
                expires_at: r.right_expires_at.map(Timestamp::from_millis),
                reviewed_at: r.reviewed_at.map(Timestamp::from_millis),
                service,
            }),
            (None, _, _) | (_, None, _) | (_, _, None) => None,
        };
        Ok(Self { membership, rights })
    }
}

/// The place of a person in an establishment, whatever its state, with their rights on a service (empty for none).
pub async fn standing(h: &mut impl Handle, account: &AccountId, which: &Siret, service: &str) -> Result<Option<Standing>> {
    sql!(h, STANDING, account.as_str(), which.as_str(), service; StandingRow; optional)?.map(Standing::try_from).transpose()
}

/// Two at most of the establishments a person acts for.
pub async fn open_places(h: &mut impl Handle, account: &AccountId, now: Timestamp) -> Result<Vec<Siret>> {
    let rows = sql!(h, OPEN_PLACES, account.as_str(), now.millis(); (String,); all)?;
    rows.into_iter().map(|(s,)| siret(&s)).collect()
}

/// Two at most of those in which they hold a habilitation for a service.
pub async fn entitled_places(h: &mut impl Handle, account: &AccountId, service: &str, now: Timestamp) -> Result<Vec<Siret>> {
    let rows = sql!(h, ENTITLED_PLACES, account.as_str(), now.millis(), service; (String,); all)?;
    rows.into_iter().map(|(s,)| siret(&s)).collect()
}

/// A part of the establishments a person acts for, by SIRET: those after one of them whose name or SIRET holds the words of `filter`.
pub async fn places(
    h: &mut impl Handle,
    account: &AccountId,
    service: &str,
    after: &str,
    filter: &str,
    limit: i64,
) -> Result<Vec<Standing>> {
    let rows = sql!(h, PLACES, account.as_str(), service, after, fold::pattern(filter), limit; StandingRow; all)?;
    rows.into_iter().map(Standing::try_from).collect()
}

/// The pattern of addresses that contain a text; `!` escapes.
fn containing(text: &str) -> String {
    let mut pattern = String::from("%");
    for c in text.trim().to_ascii_lowercase().chars().take(80) {
        if matches!(c, '%' | '_' | '!') {
            pattern.push('!');
        }
        pattern.push(c);
    }
    pattern + "%"
}

/// The establishments a person signed in for last.
pub async fn last_places(h: &mut impl Handle, account: &AccountId, limit: i64) -> Result<Vec<Membership>> {
    sql!(h, LAST_PLACES, account.as_str(), limit; MembershipRow; all)?.into_iter().map(Membership::try_from).collect()
}

/// Places that are over by themselves, whose end was not told yet: some of them.
pub async fn ended(h: &mut impl Handle, now: Timestamp) -> Result<Vec<Membership>> {
    sql!(h, ENDED, now.millis(); MembershipRow; all)?.into_iter().map(Membership::try_from).collect()
}

/// The end is told now; 0 when it was already.
pub async fn end(tx: &mut Tx, m: &Membership, now: Timestamp) -> Result<u64> {
    sql!(tx, END, m.account.as_str(), m.establishment.siret.as_str(), now.millis(); exec)
}

/// The person signs in for it.
pub fn use_place(tx: &mut Tx, account: &AccountId, which: &Siret, now: Timestamp) -> Result<()> {
    sql!(tx, USE_PLACE, account.as_str(), which.as_str(), now.millis(); later)
}

/// Waits for whoever changes the people of this establishment, until the end of the transaction. 0 for an unknown one.
pub async fn take_turn(tx: &mut Tx, which: &Siret) -> Result<u64> {
    sql!(tx, TAKE_TURN, which.as_str(); exec)
}

/// Managers in force, other than one.
pub async fn count_other_managers(h: &mut impl Handle, which: &Siret, account: &AccountId, now: Timestamp) -> Result<i64> {
    sql!(h, COUNT_MANAGERS, which.as_str(), account.as_str(), now.millis(); (i64,); one).map(|(n,)| n)
}

/// Managers without an end, other than one.
pub async fn count_other_lasting_managers(h: &mut impl Handle, which: &Siret, account: &AccountId) -> Result<i64> {
    sql!(h, COUNT_LASTING_MANAGERS, which.as_str(), account.as_str(); (i64,); one).map(|(n,)| n)
}

/// Managers in force.
pub async fn count_managers(h: &mut impl Handle, which: &Siret, now: Timestamp) -> Result<i64> {
    sql!(h, COUNT_MANAGERS, which.as_str(), "", now.millis(); (i64,); one).map(|(n,)| n)
}

/// Whether anybody acts for it, or ever did.
pub async fn is_peopled(h: &mut impl Handle, which: &Siret) -> Result<bool> {
    Ok(sql!(h, IS_KNOWN, which.as_str(); (String,); optional)?.is_some())
}

/// People who act for it.
pub async fn count_people(h: &mut impl Handle, which: &Siret) -> Result<i64> {
    sql!(h, COUNT_PEOPLE, which.as_str(); (i64,); one).map(|(n,)| n)
}

/// A line of « Intervenants associés à l’établissement ».
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct PersonRow {
    /// Account.
    pub account_id: String,
    /// *Prénom*.
    pub given_name: String,
    /// *Nom*.
    pub family_name: String,
    /// Sign-in address.
    pub login_email: Option<String>,
    /// Stored name of the role.
    pub role: String,
    /// Stored name of the state.
    pub state: String,
    /// May manage the means of connection of the others.
    pub factors_manage: bool,
    /// Unix milliseconds.
    pub last_used_at: Option<i64>,
    /// Unix milliseconds.
    pub expires_at: Option<i64>,
    /// Holds a passkey.
    pub passkey: bool,
    /// Holds an authenticator application.
    pub application: bool,
    /// Holds a card that serves.
    pub card: bool,
    /// One of their rights is suspended.
    pub suspended: bool,
}

/// Which people of an establishment.
#[derive(Debug, Clone, Copy)]
pub struct PeopleFilter<'a> {
    /// Those after this account; all when empty.
    pub after: &'a str,
    /// Whose name holds these words, or whose address contains this.
    pub text: &'a str,
    /// Stored name of a role; empty for any.
    pub role: &'a str,
    /// Stored name of a state; empty for any.
    pub state: &'a str,
    /// Who have not signed in for it since.
    pub used_before: Timestamp,
}

/// A part of the people of an establishment, by name.
pub async fn people(h: &mut impl Handle, which: &Siret, f: &PeopleFilter<'_>, limit: i64) -> Result<Vec<PersonRow>> {
    let (name, address) = (fold::pattern(f.text), containing(f.text));
    sql!(h, PEOPLE, which.as_str(), f.after, &name, &address, f.role, f.state, f.used_before.millis(), limit; PersonRow; all)
}

/// Domains whose addresses prove that a person works there.
pub async fn domains(h: &mut impl Handle, which: &Siret) -> Result<Vec<String>> {
    Ok(sql!(h, DOMAINS, which.as_str(); (String,); all)?.into_iter().map(|(d,)| d).collect())
}

/// Adds one; 0 when it is there.
pub async fn put_domain(tx: &mut Tx, which: &Siret, domain: &str) -> Result<u64> {
    sql!(tx, PUT_DOMAIN, which.as_str(), domain; exec)
}

/// Establishments of a domain, three at most.
pub async fn of_domain(h: &mut impl Handle, domain: &str) -> Result<Vec<Establishment>> {
    let rows = sql!(h, OF_DOMAIN, domain; (String, String); all)?;
    rows.into_iter().map(|(s, name)| Ok(Establishment { siret: siret(&s)?, name })).collect()
}

/// Where an official code is sent.
pub async fn official_email(h: &mut impl Handle, which: &Siret) -> Result<Option<String>> {
    Ok(sql!(h, OFFICIAL, which.as_str(); (Option<String>,); optional)?.and_then(|(e,)| e))
}

/// Sets it; 0 when it stands so already.
pub async fn put_official_email(tx: &mut Tx, which: &Siret, email: Option<&str>) -> Result<u64> {
    sql!(tx, PUT_OFFICIAL, which.as_str(), email; exec)
}

/// What the worker removes: proofs that are of no new use.
pub const PURGES: &[Purge] = &[Purge {
    table: "official_proof",
    keep: super::official::GOOD_FOR,
    statements: &["DELETE FROM official_proof WHERE (account_id, siret) IN \
         (SELECT account_id, siret FROM official_proof WHERE proved_at <= $1 LIMIT $2)"],
}];

/// The person gave back a code sent to this official address.
pub async fn prove(tx: &mut Tx, account: &AccountId, which: &Siret, email: &str, now: Timestamp) -> Result<u64> {
    sql!(tx, PROVE, account.as_str(), which.as_str(), email, now.millis(); exec)
}

/// The official address whose code the person gave back after `since`, if it is still that of the establishment; and when.
pub async fn proved(h: &mut impl Handle, account: &AccountId, which: &Siret, since: Timestamp) -> Result<Option<(String, Timestamp)>> {
    let row = sql!(h, PROVED, account.as_str(), which.as_str(), since.millis(); (String, i64); optional)?;
    Ok(row.map(|(email, at)| (email, Timestamp::from_millis(at))))
}

/// The establishment a person retained for a client.
pub async fn choice(h: &mut impl Handle, account: &AccountId, client: &str) -> Result<Option<Siret>> {
    sql!(h, CHOICE, account.as_str(), client; (String,); optional)?.map(|(s,)| siret(&s)).transpose()
}

/// Retains it; forgets it with none.
pub async fn put_choice(tx: &mut Tx, account: &AccountId, client: &str, which: Option<&Siret>, now: Timestamp) -> Result<u64> {
    match which {
        Some(which) => sql!(tx, PUT_CHOICE, account.as_str(), client, which.as_str(), now.millis(); exec),
        None => sql!(tx, FORGET_CHOICE, account.as_str(), client; exec),
    }
}

#[derive(sqlx::FromRow)]
struct MemberRow {
    id: String,
    given_name: String,
    family_name: String,
    login_email: Option<String>,
    contact_email: Option<String>,
    locale: String,
    role: String,
    factors_manage: bool,
}

impl TryFrom<MemberRow> for Member {
    type Error = Error;

    fn try_from(r: MemberRow) -> Result<Self> {
        let wrong = |column: &str| Error::inconsistent(format!("{column} of member {}", r.id));
        Ok(Self {
            role: Role::parse(&r.role).ok_or_else(|| wrong("role"))?,
            locale: r.locale.parse().map_err(|_| wrong("locale"))?,
            name: format!("{} {}", r.given_name, r.family_name).trim().to_owned(),
            notice_email: r.contact_email.or_else(|| r.login_email.clone()),
            login_email: r.login_email,
            factors_manage: r.factors_manage,
            account: AccountId::from_store(r.id),
        })
    }
}

/// Places in force in an establishment, of accounts that are alive, by name.
pub async fn members(h: &mut impl Handle, which: &Siret, now: Timestamp) -> Result<Vec<Member>> {
    sql!(h, MEMBERS, which.as_str(), now.millis(); MemberRow; all)?.into_iter().map(Member::try_from).collect()
}

/// Those among them who manage the establishment or its means of connection, however many others there are.
pub async fn leaders(h: &mut impl Handle, which: &Siret, now: Timestamp) -> Result<Vec<Member>> {
    sql!(h, LEADERS, which.as_str(), now.millis(); MemberRow; all)?.into_iter().map(Member::try_from).collect()
}
