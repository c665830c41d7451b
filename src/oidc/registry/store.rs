//! Single clients in the database; [`crate::oidc::store`] lists them all.

use crate::base::Timestamp;
use crate::crypto::store::bump;
use crate::db::{Error, Handle, Result, Tx};
use crate::oidc::Client;
use crate::oidc::store::ClientRow;
use crate::sql;

const FIND: &str =
    "SELECT id, state, metadata, secret_hash, previous_secret_hash, previous_secret_until, updated_at FROM client WHERE id = $1";
const INSERT: &str = "INSERT INTO client (id, state, metadata, secret_hash, previous_secret_hash, previous_secret_until, created_at, \
     updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $7)";
const UPDATE: &str = "UPDATE client SET state = $2, metadata = $3, secret_hash = $4, previous_secret_hash = $5, \
     previous_secret_until = $6, updated_at = $7 WHERE id = $1 AND updated_at = $8";

/// Every statement of this file.
pub const ALL: &[&str] = &[FIND, INSERT, UPDATE];

/// The client of this identifier, in any state.
pub async fn find(h: &mut impl Handle, id: &str) -> Result<Option<Client>> {
    sql!(h, FIND, id; ClientRow; optional)?.map(Client::try_from).transpose()
}

struct Columns {
    state: &'static str,
    metadata: String,
    current: Option<String>,
    previous: Option<String>,
    until: Option<i64>,
}

fn columns(c: &Client) -> Result<Columns> {
    Ok(Columns {
        state: if c.enabled { "enabled" } else { "disabled" },
        metadata: serde_json::to_string(&c.metadata).map_err(|e| Error::inconsistent(e.to_string()))?,
        current: c.secrets.current.clone(),
        previous: c.secrets.previous.as_ref().map(|(hash, _)| hash.clone()),
        until: c.secrets.previous.as_ref().map(|(_, until)| until.millis()),
    })
}

/// Adds a client; nodes reload. [`Error::Conflict`] when the identifier is taken.
pub async fn insert(tx: &mut Tx, c: &Client) -> Result<()> {
    let v = columns(c)?;
    sql!(tx, INSERT, &c.id, v.state, v.metadata, v.current, v.previous, v.until, c.updated_at.millis(); exec)?;
    bump(tx, "clients").await
}

/// Writes a client unless it has changed since `before`; nodes reload. Answers the number of rows written.
pub async fn update(tx: &mut Tx, c: &Client, before: Timestamp) -> Result<u64> {
    let v = columns(c)?;
    let (now, before) = (c.updated_at.millis(), before.millis());
    let written = sql!(tx, UPDATE, &c.id, v.state, v.metadata, v.current, v.previous, v.until, now, before; exec)?;
    bump(tx, "clients").await?;
    Ok(written)
}
