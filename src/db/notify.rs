//! Telling the other nodes at once that what they hold in memory has changed, where the engine can (`LISTEN`/`NOTIFY` of
//! PostgreSQL). Whoever is not told finds out by polling.

use sqlx::postgres::{PgListener, PgPoolOptions};

use super::{Db, Engine, Error, Result, Tx, TxKind};
use crate::sql;

const CHANNEL: &str = "guichet";
const NOTIFY: &str = "SELECT pg_notify('guichet', $1)";

/// Tells every node, once the transaction is committed, that `what` has changed.
pub async fn tell(tx: &mut Tx, what: &str) -> Result<()> {
    match &tx.kind {
        TxKind::Sqlite(_) => Ok(()),
        TxKind::Postgres(_) => sql!(tx, NOTIFY, what; exec).map(drop),
    }
}

/// Hears what [`tell`] says.
#[derive(Debug)]
pub struct Listener(PgListener);

impl Listener {
    /// The next thing that changed. After an error the listener is of no more use.
    pub async fn next(&mut self) -> Result<String> {
        match self.0.try_recv().await? {
            Some(said) => Ok(said.payload().to_owned()),
            None => Err(Error::unavailable("the listening connection was cut")),
        }
    }
}

impl Db {
    /// A listener on a connection of its own; nothing on an engine without notifications.
    pub async fn listen(&self) -> Result<Option<Listener>> {
        let Engine::Postgres(pool) = &self.0 else { return Ok(None) };
        let alone = PgPoolOptions::new()
            .max_connections(1)
            .max_lifetime(None)
            .idle_timeout(None)
            .connect_lazy_with(pool.manager().options().clone());
        let mut listener = PgListener::connect_with(&alone).await?;
        listener.listen(CHANNEL).await?;
        Ok(Some(Listener(listener)))
    }
}
