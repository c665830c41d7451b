//! The store: one SQL text for SQLite and PostgreSQL, native drivers, typed read and write handles (DESIGN §4).

mod error;
pub mod lease;
mod migrate;
mod purge;
mod sqlite;
mod upkeep;

use std::path::PathBuf;
use std::time::Duration;

use sqlx::pool::PoolConnection;
use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};
use sqlx::sqlite::SqlitePool;
use sqlx::{ConnectOptions, Connection, PgConnection, Postgres, Sqlite, SqliteConnection};

pub use error::Error;
pub use migrate::{MIGRATIONS, MigrationStatus};
pub use purge::Purge;
pub use upkeep::BackupError;

/// Result of a store operation.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Which database, and how to reach it.
#[derive(Debug, Clone)]
pub enum Location {
    /// An embedded file, created when absent.
    Sqlite {
        /// The database file; WAL files live beside it. Local disk only.
        path: PathBuf,
        /// Number of read connections.
        readers: u32,
    },
    /// A server that speaks PostgreSQL's protocol.
    Postgres {
        /// `postgres://user:password@host/database?…`
        url: String,
        /// Size of the pool.
        connections: u32,
    },
}

/// The engines spoken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// Embedded.
    Sqlite,
    /// Server.
    Postgres,
}

/// A handle on the store; cheap to clone.
#[derive(Clone, Debug)]
pub struct Db(Engine);

#[derive(Clone, Debug)]
enum Engine {
    Sqlite { read: SqlitePool, writer: sqlite::Writer },
    Postgres(PgPool),
}

/// A connection of either engine, for the [`sql!`](crate::sql) macro.
pub enum Conn<'a> {
    /// SQLite.
    Sqlite(&'a mut SqliteConnection),
    /// PostgreSQL.
    Postgres(&'a mut PgConnection),
}

/// What a statement can run on.
pub trait Handle: Send {
    /// The connection.
    fn conn(&mut self) -> Conn<'_>;
}

/// A read-only handle.
#[derive(Debug)]
pub enum Read {
    /// A read-only SQLite connection.
    Sqlite(PoolConnection<Sqlite>),
    /// A PostgreSQL connection in autocommit.
    Postgres(PoolConnection<Postgres>),
}

/// A write transaction. Dropping it rolls back; [`Tx::commit`] answers once the work is on disk.
#[derive(Debug)]
pub struct Tx(TxKind);

#[derive(Debug)]
enum TxKind {
    Sqlite(sqlite::SqliteTx),
    Postgres(sqlx::Transaction<'static, Postgres>),
}

impl Handle for Read {
    fn conn(&mut self) -> Conn<'_> {
        match self {
            Read::Sqlite(c) => Conn::Sqlite(c),
            Read::Postgres(c) => Conn::Postgres(c),
        }
    }
}

impl Handle for Tx {
    fn conn(&mut self) -> Conn<'_> {
        match &mut self.0 {
            TxKind::Sqlite(t) => Conn::Sqlite(t.conn()),
            TxKind::Postgres(t) => Conn::Postgres(t),
        }
    }
}

const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(5);
const STATEMENT_CACHE: usize = 512;
const RESTED: Duration = Duration::from_secs(2);

impl Db {
    /// Opens the database; no migration is run.
    pub async fn open(location: &Location) -> Result<Self> {
        match location {
            Location::Sqlite { path, readers } => {
                let writer = sqlite::Writer::open(path).await?;
                let read = sqlite::read_pool(path, *readers).await?;
                Ok(Self(Engine::Sqlite { read, writer }))
            }
            Location::Postgres { url, connections } => {
                let options: PgConnectOptions = url.parse().map_err(Error::from)?;
                let options = options.application_name("guichet").statement_cache_capacity(STATEMENT_CACHE).disable_statement_logging();
                let pool = PgPoolOptions::new()
                    .max_connections(*connections)
                    .test_before_acquire(false)
                    // A connection in steady use needs no test; one that rested may have been cut meanwhile.
                    .before_acquire(|conn, meta| {
                        Box::pin(async move {
                            if meta.idle_for >= RESTED {
                                conn.ping().await?;
                            }
                            Ok(true)
                        })
                    })
                    .acquire_timeout(ACQUIRE_TIMEOUT)
                    .connect_with(options)
                    .await?;
                Ok(Self(Engine::Postgres(pool)))
            }
        }
    }

    /// Which engine this is.
    pub fn dialect(&self) -> Dialect {
        match &self.0 {
            Engine::Sqlite { .. } => Dialect::Sqlite,
            Engine::Postgres(_) => Dialect::Postgres,
        }
    }

    /// A handle for reading.
    pub async fn read(&self) -> Result<Read> {
        Ok(match &self.0 {
            Engine::Sqlite { read, .. } => Read::Sqlite(read.acquire().await?),
            Engine::Postgres(pool) => Read::Postgres(pool.acquire().await?),
        })
    }

    /// Begins a write transaction. Nothing slow may happen before its end: no hashing, network or mail.
    pub async fn begin(&self) -> Result<Tx> {
        Ok(Tx(match &self.0 {
            Engine::Sqlite { writer, .. } => TxKind::Sqlite(writer.begin().await?),
            Engine::Postgres(pool) => TxKind::Postgres(pool.begin().await?),
        }))
    }

    /// Closes every connection, after the work in hand.
    pub async fn close(&self) {
        match &self.0 {
            Engine::Sqlite { read, writer } => {
                read.close().await;
                writer.close().await;
            }
            Engine::Postgres(pool) => pool.close().await,
        }
    }
}

impl Tx {
    /// Commits. On SQLite concurrent commits share one disk flush; the answer comes after it.
    pub async fn commit(self) -> Result<()> {
        match self.0 {
            TxKind::Sqlite(t) => t.commit().await,
            TxKind::Postgres(t) => Ok(t.commit().await?),
        }
    }

    /// Rolls back now rather than on drop.
    pub async fn rollback(self) -> Result<()> {
        match self.0 {
            TxKind::Sqlite(t) => t.rollback().await,
            TxKind::Postgres(t) => Ok(t.rollback().await?),
        }
    }
}

/// Runs one statement constant on a [`Handle`], whichever the engine.
///
/// `sql!(h, Q, a, b; Row; one|optional|all)` fetches rows that derive `sqlx::FromRow`;
/// `sql!(tx, Q, a, b; exec)` answers the number of rows affected. Arguments are evaluated once.
#[macro_export]
macro_rules! sql {
    ($h:expr, $q:expr $(, $a:expr)* ; exec) => {
        match $crate::db::Handle::conn($h) {
            $crate::db::Conn::Sqlite(c) => ::sqlx::query($q)$(.bind($a))*.execute(c).await.map(|r| r.rows_affected()),
            $crate::db::Conn::Postgres(c) => ::sqlx::query($q)$(.bind($a))*.execute(c).await.map(|r| r.rows_affected()),
        }
        .map_err($crate::db::Error::from)
    };
    ($h:expr, $q:expr $(, $a:expr)* ; $row:ty ; one) => { $crate::sql!(@ $h, $q $(, $a)* ; $row ; fetch_one) };
    ($h:expr, $q:expr $(, $a:expr)* ; $row:ty ; optional) => { $crate::sql!(@ $h, $q $(, $a)* ; $row ; fetch_optional) };
    ($h:expr, $q:expr $(, $a:expr)* ; $row:ty ; all) => { $crate::sql!(@ $h, $q $(, $a)* ; $row ; fetch_all) };
    (@ $h:expr, $q:expr $(, $a:expr)* ; $row:ty ; $fetch:ident) => {
        match $crate::db::Handle::conn($h) {
            $crate::db::Conn::Sqlite(c) => ::sqlx::query_as::<_, $row>($q)$(.bind($a))*.$fetch(c).await,
            $crate::db::Conn::Postgres(c) => ::sqlx::query_as::<_, $row>($q)$(.bind($a))*.$fetch(c).await,
        }
        .map_err($crate::db::Error::from)
    };
}

/// Prepares `statement` without running it; the error names what is wrong with it.
pub async fn prepare(h: &mut impl Handle, statement: &'static str) -> Result<()> {
    use sqlx::{Executor, SqlSafeStr};
    match h.conn() {
        Conn::Sqlite(c) => c.prepare(statement.into_sql_str()).await.map(|_| ())?,
        Conn::Postgres(c) => c.prepare(statement.into_sql_str()).await.map(|_| ())?,
    }
    Ok(())
}

/// How SQLite would run `statement`, one step a line (`EXPLAIN QUERY PLAN`). Nothing on PostgreSQL, whose plans depend on the data.
pub async fn plan(h: &mut impl Handle, statement: &'static str) -> Result<Vec<String>> {
    match h.conn() {
        Conn::Sqlite(c) => {
            let explain = sqlx::AssertSqlSafe(format!("EXPLAIN QUERY PLAN {statement}"));
            let steps: Vec<(i64, i64, i64, String)> = sqlx::query_as(explain).fetch_all(c).await?;
            Ok(steps.into_iter().map(|(_, _, _, step)| step).collect())
        }
        Conn::Postgres(_) => Ok(Vec::new()),
    }
}
