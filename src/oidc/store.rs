//! Clients in the database.

use super::client::{Client, Metadata, Secrets};
use crate::base::Timestamp;
use crate::crypto::store::bump;
use crate::db::{Error, Handle, Result, Tx};
use crate::sql;

const LIST_CLIENTS: &str =
    "SELECT id, state, metadata, secret_hash, previous_secret_hash, previous_secret_until, updated_at FROM client ORDER BY id";
const UPSERT_CLIENT: &str = "INSERT INTO client (id, state, metadata, secret_hash, previous_secret_hash, previous_secret_until, created_at, \
     updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $7) ON CONFLICT (id) DO UPDATE SET state = excluded.state, \
     metadata = excluded.metadata, secret_hash = excluded.secret_hash, previous_secret_hash = excluded.previous_secret_hash, \
     previous_secret_until = excluded.previous_secret_until, updated_at = excluded.updated_at";

/// Every statement of this file.
pub const ALL: &[&str] = &[LIST_CLIENTS, UPSERT_CLIENT];

#[derive(sqlx::FromRow)]
struct ClientRow {
    id: String,
    state: String,
    metadata: String,
    secret_hash: Option<String>,
    previous_secret_hash: Option<String>,
    previous_secret_until: Option<i64>,
    updated_at: i64,
}

/// Every client, in any state.
pub async fn list_clients(h: &mut impl Handle) -> Result<Vec<Client>> {
    let rows = sql!(h, LIST_CLIENTS; ClientRow; all)?;
    rows.into_iter()
        .map(|r| {
            let wrong = |what: &str| Error::inconsistent(format!("client.{what} of {}", r.id));
            let metadata: Metadata = serde_json::from_str(&r.metadata).map_err(|e| wrong(&format!("metadata ({e})")))?;
            let enabled = match r.state.as_str() {
                "enabled" => true,
                "disabled" => false,
                _ => return Err(wrong("state")),
            };
            let previous = r.previous_secret_hash.zip(r.previous_secret_until.map(Timestamp::from_millis));
            let secrets = Secrets { current: r.secret_hash, previous };
            Ok(Client { id: r.id, metadata, secrets, enabled, updated_at: Timestamp::from_millis(r.updated_at) })
        })
        .collect()
}

/// Creates or replaces a client; nodes reload.
pub async fn put_client(tx: &mut Tx, c: &Client, now: Timestamp) -> Result<()> {
    let metadata = serde_json::to_string(&c.metadata).map_err(|e| Error::inconsistent(e.to_string()))?;
    let state = if c.enabled { "enabled" } else { "disabled" };
    let previous = c.secrets.previous.as_ref();
    let (previous_hash, until) = (previous.map(|(h, _)| h.as_str()), previous.map(|(_, u)| u.millis()));
    sql!(tx, UPSERT_CLIENT, &c.id, state, metadata, c.secrets.current.as_deref(), previous_hash, until, now.millis(); exec)?;
    bump(tx, "clients").await
}
