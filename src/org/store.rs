//! Establishments and memberships in the database.

use super::{Establishment, Member, Membership, MembershipState, Role};
use crate::base::id::AccountId;
use crate::base::{Siret, Timestamp};
use crate::db::{Error, Handle, Result, Tx};
use crate::sql;

const FIND_ESTABLISHMENT: &str = "SELECT siret, name FROM establishment WHERE siret = $1";
const PUT_ESTABLISHMENT: &str = "INSERT INTO establishment (siret, name, created_at, updated_at) VALUES ($1, $2, $3, $3) \
     ON CONFLICT (siret) DO UPDATE SET name = excluded.name, updated_at = excluded.updated_at \
     WHERE establishment.name <> excluded.name";
const MEMBERSHIP: &str = "SELECT m.account_id, m.siret, e.name, m.role, m.factors_manage, m.state FROM membership m \
     JOIN establishment e ON e.siret = m.siret WHERE m.account_id = $1 AND m.siret = $2";
const MEMBERSHIPS: &str = "SELECT m.account_id, m.siret, e.name, m.role, m.factors_manage, m.state FROM membership m \
     JOIN establishment e ON e.siret = m.siret WHERE m.account_id = $1 AND m.state = 'active' ORDER BY e.name, m.siret LIMIT 200";
const ESTABLISHMENTS_OF: &str = "SELECT e.siret, e.name FROM membership m JOIN establishment e ON e.siret = m.siret \
     WHERE m.account_id = $1 AND m.state = 'active' LIMIT 2";
const PUT_MEMBERSHIP: &str = "INSERT INTO membership (account_id, siret, role, factors_manage, state, created_at, updated_at) \
     VALUES ($1, $2, $3, $4, $5, $6, $6) ON CONFLICT (account_id, siret) DO UPDATE SET role = excluded.role, \
     factors_manage = excluded.factors_manage, state = excluded.state, updated_at = excluded.updated_at \
     WHERE membership.role <> excluded.role OR membership.factors_manage <> excluded.factors_manage \
     OR membership.state <> excluded.state";
const MEMBERS: &str = "SELECT a.id, a.given_name, a.family_name, a.login_email, a.contact_email, a.locale, m.role, m.factors_manage \
     FROM membership m JOIN account a ON a.id = m.account_id WHERE m.siret = $1 AND m.state = 'active' AND a.state = 'active' \
     ORDER BY a.family_name, a.given_name, a.id LIMIT 2000";

/// Every statement of this file.
pub const ALL: &[&str] = &[FIND_ESTABLISHMENT, PUT_ESTABLISHMENT, MEMBERSHIP, MEMBERSHIPS, ESTABLISHMENTS_OF, PUT_MEMBERSHIP, MEMBERS];

fn siret(text: &str) -> Result<Siret> {
    Siret::parse(text).map_err(|e| Error::inconsistent(format!("siret {text}: {e}")))
}

/// The establishment of this SIRET.
pub async fn find_establishment(h: &mut impl Handle, which: &Siret) -> Result<Option<Establishment>> {
    let row = sql!(h, FIND_ESTABLISHMENT, which.as_str(); (String, String); optional)?;
    row.map(|(s, name)| Ok(Establishment { siret: siret(&s)?, name })).transpose()
}

/// Writes an establishment; 0 when it stands so already.
pub async fn put_establishment(tx: &mut Tx, e: &Establishment, now: Timestamp) -> Result<u64> {
    sql!(tx, PUT_ESTABLISHMENT, e.siret.as_str(), &e.name, now.millis(); exec)
}

#[derive(sqlx::FromRow)]
struct MembershipRow {
    account_id: String,
    siret: String,
    name: String,
    role: String,
    factors_manage: bool,
    state: String,
}

impl TryFrom<MembershipRow> for Membership {
    type Error = Error;

    fn try_from(r: MembershipRow) -> Result<Self> {
        let wrong = |column: &str| Error::inconsistent(format!("membership.{column} of {}", r.account_id));
        Ok(Self {
            role: Role::parse(&r.role).ok_or_else(|| wrong("role"))?,
            state: MembershipState::parse(&r.state).ok_or_else(|| wrong("state"))?,
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
pub async fn memberships(h: &mut impl Handle, account: &AccountId) -> Result<Vec<Membership>> {
    sql!(h, MEMBERSHIPS, account.as_str(); MembershipRow; all)?.into_iter().map(Membership::try_from).collect()
}

/// The establishment of a person who acts for one only.
pub async fn only_establishment(h: &mut impl Handle, account: &AccountId) -> Result<Option<Establishment>> {
    let rows = sql!(h, ESTABLISHMENTS_OF, account.as_str(); (String, String); all)?;
    match <[(String, String); 1]>::try_from(rows) {
        Ok([(s, name)]) => Ok(Some(Establishment { siret: siret(&s)?, name })),
        Err(_) => Ok(None),
    }
}

/// Writes a membership; 0 when it stands so already.
pub async fn put_membership(tx: &mut Tx, m: &Membership, now: Timestamp) -> Result<u64> {
    let (account, siret) = (m.account.as_str(), m.establishment.siret.as_str());
    sql!(tx, PUT_MEMBERSHIP, account, siret, m.role.name(), m.factors_manage, m.state.name(), now.millis(); exec)
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

/// Places in force in an establishment, of accounts that are alive, by name.
pub async fn members(h: &mut impl Handle, which: &Siret) -> Result<Vec<Member>> {
    let member = |r: MemberRow| {
        let wrong = |column: &str| Error::inconsistent(format!("{column} of {} in {which}", r.id));
        Ok(Member {
            role: Role::parse(&r.role).ok_or_else(|| wrong("role"))?,
            locale: r.locale.parse().map_err(|_| wrong("locale"))?,
            name: format!("{} {}", r.given_name, r.family_name).trim().to_owned(),
            notice_email: r.contact_email.or_else(|| r.login_email.clone()),
            login_email: r.login_email,
            factors_manage: r.factors_manage,
            account: AccountId::from_store(r.id),
        })
    };
    sql!(h, MEMBERS, which.as_str(); MemberRow; all)?.into_iter().map(member).collect()
}
