//! Invitations in the database.

use super::Invitation;
use crate::base::id::{AccountId, InvitationId};
use crate::base::{Email, Siret, Timestamp};
use crate::db::{Error, Handle, Purge, Result, Tx};
use crate::org::{Establishment, Role, rights};
use crate::sql;

const INSERT: &str = "INSERT INTO invitation (id, hash, siret, email, role, state, invited_by, created_at, expires_at, rights) \
     VALUES ($1, $2, $3, $4, $5, 'pending', $6, $7, $8, $9)";
const FIND: &str = "SELECT i.id, i.siret, e.name, i.email, i.role, i.rights, i.invited_by, i.created_at, i.expires_at FROM invitation i \
     JOIN establishment e ON e.siret = i.siret WHERE i.hash = $1 AND i.state = 'pending' AND i.expires_at > $2";
const OF_SIRET: &str = "SELECT i.id, i.siret, e.name, i.email, i.role, i.rights, i.invited_by, i.created_at, i.expires_at FROM invitation i \
     JOIN establishment e ON e.siret = i.siret WHERE i.siret = $1 AND i.state = 'pending' AND i.expires_at > $2 \
     ORDER BY i.created_at, i.id LIMIT 200";
const TAKE: &str = "UPDATE invitation SET state = 'accepted' WHERE hash = $1 AND email = $2 AND state = 'pending' AND expires_at > $3";
const CANCEL: &str = "UPDATE invitation SET state = 'cancelled' WHERE siret = $1 AND state = 'pending' AND id = $2";
const CANCEL_OF: &str = "UPDATE invitation SET state = 'cancelled' WHERE siret = $1 AND state = 'pending' AND email = $2";
const PURGE: &str = "DELETE FROM invitation WHERE id IN (SELECT id FROM invitation WHERE expires_at <= $1 LIMIT $2)";

/// Every statement of this file.
pub const ALL: &[&str] = &[INSERT, FIND, OF_SIRET, TAKE, CANCEL, CANCEL_OF, PURGE];

/// What the worker removes.
pub const PURGES: &[Purge] = &[Purge { table: "invitation", keep: std::time::Duration::ZERO, statements: &[PURGE] }];

#[derive(sqlx::FromRow)]
struct Row {
    id: String,
    siret: String,
    name: String,
    email: String,
    role: String,
    rights: Option<String>,
    invited_by: String,
    created_at: i64,
    expires_at: i64,
}

impl TryFrom<Row> for Invitation {
    type Error = Error;

    fn try_from(r: Row) -> Result<Self> {
        let wrong = |column: &str| Error::inconsistent(format!("invitation.{column} of {}", r.id));
        let siret = Siret::unchecked(&r.siret).map_err(|_| wrong("siret"))?;
        Ok(Self {
            role: Role::parse(&r.role).ok_or_else(|| wrong("role"))?,
            rights: r.rights.as_deref().map(|names| rights::named(names.split_ascii_whitespace())),
            email: Email::parse(&r.email).map_err(|_| wrong("email"))?,
            establishment: Establishment { siret, name: r.name },
            invited_by: AccountId::from_store(r.invited_by),
            created_at: Timestamp::from_millis(r.created_at),
            expires_at: Timestamp::from_millis(r.expires_at),
            id: InvitationId::from_store(r.id),
        })
    }
}

/// Adds one, of which only the hash of its secret is kept.
pub async fn insert(tx: &mut Tx, i: &Invitation, hash: &str) -> Result<()> {
    let (id, siret, email) = (i.id.as_str(), i.establishment.siret.as_str(), i.email.key());
    let (role, by, made, end) = (i.role.name(), i.invited_by.as_str(), i.created_at.millis(), i.expires_at.millis());
    let rights = i.rights.as_ref().map(|r| rights::names(r).collect::<Vec<_>>().join(" "));
    sql!(tx, INSERT, id, hash, siret, &email, role, by, made, end, rights.as_deref(); exec)?;
    Ok(())
}

/// The one of this secret, while it waits.
pub async fn find(h: &mut impl Handle, hash: &str, now: Timestamp) -> Result<Option<Invitation>> {
    sql!(h, FIND, hash, now.millis(); Row; optional)?.map(Invitation::try_from).transpose()
}

/// Those that wait in an establishment, oldest first.
pub async fn of_siret(h: &mut impl Handle, siret: &Siret, now: Timestamp) -> Result<Vec<Invitation>> {
    sql!(h, OF_SIRET, siret.as_str(), now.millis(); Row; all)?.into_iter().map(Invitation::try_from).collect()
}

/// Spends one, for this address; 0 when it does not wait any more.
pub async fn take(tx: &mut Tx, hash: &str, email: &Email, now: Timestamp) -> Result<u64> {
    sql!(tx, TAKE, hash, &email.key(), now.millis(); exec)
}

/// Withdraws one of an establishment; 0 when it does not wait any more.
pub async fn cancel(tx: &mut Tx, siret: &Siret, id: &InvitationId) -> Result<u64> {
    sql!(tx, CANCEL, siret.as_str(), id.as_str(); exec)
}

/// Withdraws those of an address.
pub async fn cancel_of(tx: &mut Tx, siret: &Siret, email: &Email) -> Result<u64> {
    sql!(tx, CANCEL_OF, siret.as_str(), &email.key(); exec)
}
