//! Offers to hand over in the database.

use super::{Offer, State};
use crate::base::id::{AccountId, HandoverId};
use crate::base::{Siret, Timestamp};
use crate::db::{Error, Handle, Purge, Result, Tx};
use crate::org::Establishment;
use crate::sql;

macro_rules! columns {
    () => {
        "o.id, o.siret, e.name, o.from_id, o.to_id, o.step_down, o.state, o.created_at, o.expires_at FROM handover o \
         JOIN establishment e ON e.siret = o.siret"
    };
}

const INSERT: &str = "INSERT INTO handover (id, siret, from_id, to_id, step_down, state, created_at, expires_at) \
     VALUES ($1, $2, $3, $4, $5, 'open', $6, $7)";
const FIND: &str = concat!("SELECT ", columns!(), " WHERE o.id = $1");
const OPEN_OF: &str = concat!(
    "SELECT ",
    columns!(),
    " WHERE o.siret = $1 AND o.state = 'open' AND o.expires_at > $3 AND (o.from_id = $2 OR o.to_id = $2) ORDER BY o.created_at LIMIT 100"
);
const SETTLE: &str = "UPDATE handover SET state = $2 WHERE id = $1 AND state = 'open' AND expires_at > $3";

/// What the worker removes: offers whose time was over thirty days ago.
pub const PURGES: &[Purge] = &[Purge {
    table: "handover",
    keep: std::time::Duration::from_secs(30 * 86_400),
    statements: &["DELETE FROM handover WHERE id IN (SELECT id FROM handover WHERE expires_at <= $1 LIMIT $2)"],
}];

/// Every statement of this file.
pub const ALL: &[&str] = &[INSERT, FIND, OPEN_OF, SETTLE];

#[derive(sqlx::FromRow)]
struct Row {
    id: String,
    siret: String,
    name: String,
    from_id: String,
    to_id: String,
    step_down: bool,
    state: String,
    created_at: i64,
    expires_at: i64,
}

impl TryFrom<Row> for Offer {
    type Error = Error;

    fn try_from(r: Row) -> Result<Self> {
        let wrong = |column: &str| Error::inconsistent(format!("handover.{column} of {}", r.id));
        let siret = Siret::unchecked(&r.siret).map_err(|_| wrong("siret"))?;
        Ok(Self {
            state: State::parse(&r.state).ok_or_else(|| wrong("state"))?,
            establishment: Establishment { siret, name: r.name },
            from: AccountId::from_store(r.from_id),
            to: AccountId::from_store(r.to_id),
            step_down: r.step_down,
            created_at: Timestamp::from_millis(r.created_at),
            expires_at: Timestamp::from_millis(r.expires_at),
            id: HandoverId::from_store(r.id),
        })
    }
}

/// Adds one.
pub async fn insert(tx: &mut Tx, o: &Offer) -> Result<()> {
    let (id, siret, from, to) = (o.id.as_str(), o.establishment.siret.as_str(), o.from.as_str(), o.to.as_str());
    sql!(tx, INSERT, id, siret, from, to, o.step_down, o.created_at.millis(), o.expires_at.millis(); exec)?;
    Ok(())
}

/// One, in any state.
pub async fn find(h: &mut impl Handle, id: &HandoverId) -> Result<Option<Offer>> {
    sql!(h, FIND, id.as_str(); Row; optional)?.map(Offer::try_from).transpose()
}

/// Those that wait in an establishment, made by this person or to them, oldest first.
pub async fn open_of(h: &mut impl Handle, siret: &Siret, who: &AccountId, now: Timestamp) -> Result<Vec<Offer>> {
    sql!(h, OPEN_OF, siret.as_str(), who.as_str(), now.millis(); Row; all)?.into_iter().map(Offer::try_from).collect()
}

/// Ends one that waits; 0 when it does not any more.
pub async fn settle(tx: &mut Tx, id: &HandoverId, state: State, now: Timestamp) -> Result<u64> {
    sql!(tx, SETTLE, id.as_str(), state.name(), now.millis(); exec)
}
