//! The store: one SQL text for SQLite and PostgreSQL, native drivers, typed read and write handles (DESIGN §4).

mod batch;
mod error;
pub mod lease;
mod migrate;
pub mod notify;
mod pool;
mod postgres;
mod purge;
mod sqlite;
mod upkeep;

use std::path::PathBuf;

use sqlx::postgres::{PgArguments, PgConnectOptions};
use sqlx::sqlite::SqliteArguments;
use sqlx::{ConnectOptions, PgConnection, SqliteConnection};
use tracing::Span;

use crate::telemetry::traces;

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
    Sqlite { read: pool::Pool<SqliteConnection>, writer: sqlite::Writer },
    Postgres(pool::Pool<PgConnection>),
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
    /// Which engine it reaches.
    fn dialect(&self) -> Dialect;

    /// The connection, for one statement; [`Handle::rest`] is to be told of its end.
    fn conn(&mut self) -> impl Future<Output = Result<Conn<'_>>> + Send;

    /// The statement ended.
    fn rest<T>(&mut self, outcome: Result<T, sqlx::Error>) -> Result<T>;
}

/// A read-only handle.
#[derive(Debug)]
pub struct Read(ReadKind);

#[derive(Debug)]
enum ReadKind {
    /// A read-only connection.
    Sqlite(pool::Lent<SqliteConnection>),
    /// A connection in autocommit.
    Postgres(pool::Lent<PgConnection>),
}

/// A write transaction. Dropping it rolls back; [`Tx::commit`] answers once the work is on disk.
#[derive(Debug)]
pub struct Tx {
    kind: TxKind,
    /// Ends with the transaction.
    _lasting: Span,
}

#[derive(Debug)]
enum TxKind {
    Sqlite(Box<sqlite::SqliteTx>),
    Postgres(Box<postgres::PgTx>),
}

impl Handle for Read {
    fn dialect(&self) -> Dialect {
        match &self.0 {
            ReadKind::Sqlite(_) => Dialect::Sqlite,
            ReadKind::Postgres(_) => Dialect::Postgres,
        }
    }

    async fn conn(&mut self) -> Result<Conn<'_>> {
        Ok(match &mut self.0 {
            ReadKind::Sqlite(link) => Conn::Sqlite(link.conn()),
            ReadKind::Postgres(link) => Conn::Postgres(link.conn()),
        })
    }

    fn rest<T>(&mut self, outcome: Result<T, sqlx::Error>) -> Result<T> {
        let outcome = outcome.map_err(Error::from);
        match &mut self.0 {
            ReadKind::Sqlite(link) => link.rest(outcome.as_ref().err()),
            ReadKind::Postgres(link) => link.rest(outcome.as_ref().err()),
        }
        outcome
    }
}

impl Handle for Tx {
    fn dialect(&self) -> Dialect {
        match &self.kind {
            TxKind::Sqlite(_) => Dialect::Sqlite,
            TxKind::Postgres(_) => Dialect::Postgres,
        }
    }

    async fn conn(&mut self) -> Result<Conn<'_>> {
        Ok(match &mut self.kind {
            TxKind::Sqlite(t) => {
                t.ready().await?;
                Conn::Sqlite(t.conn()?)
            }
            TxKind::Postgres(t) => {
                t.ready().await?;
                Conn::Postgres(t.conn()?)
            }
        })
    }

    fn rest<T>(&mut self, outcome: Result<T, sqlx::Error>) -> Result<T> {
        let outcome = outcome.map_err(Error::from);
        match &mut self.kind {
            TxKind::Sqlite(_) => {}
            TxKind::Postgres(t) => t.rest(outcome.as_ref().err()),
        }
        outcome
    }
}

const STATEMENT_CACHE: usize = 512;

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
                let pool = pool::open(options, *connections).await?;
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
        Ok(Read(match &self.0 {
            Engine::Sqlite { read, .. } => ReadKind::Sqlite(pool::lend(read).await?),
            Engine::Postgres(pool) => ReadKind::Postgres(pool::lend(pool).await?),
        }))
    }

    /// Begins a write transaction, which reaches the database with its first statement. Nothing slow may happen before its
    /// end: no hashing, network or mail.
    pub async fn begin(&self) -> Result<Tx> {
        let lasting = traces::part("transaction");
        let kind = match &self.0 {
            Engine::Sqlite { writer, .. } => TxKind::Sqlite(Box::new(writer.begin().await?)),
            Engine::Postgres(pool) => TxKind::Postgres(Box::new(postgres::PgTx::new(pool::lend(pool).await?))),
        };
        Ok(Tx { kind, _lasting: lasting })
    }

    /// Closes every connection, after the work in hand.
    pub async fn close(&self) {
        match &self.0 {
            Engine::Sqlite { read, writer } => {
                read.close();
                writer.close().await;
            }
            Engine::Postgres(pool) => pool.close(),
        }
    }
}

impl Tx {
    /// Commits. On SQLite concurrent commits share one disk flush; the answer comes after it.
    pub async fn commit(self) -> Result<()> {
        match self.kind {
            TxKind::Sqlite(t) => t.commit().await,
            TxKind::Postgres(t) => t.commit().await,
        }
    }

    /// Reaches the database now: fails when it cannot be written.
    pub async fn start(&mut self) -> Result<()> {
        self.conn().await.map(drop)?;
        self.rest(Ok(()))
    }

    /// Puts a write off until the next statement of the transaction, or its end: what `sql!(…; later)` makes.
    #[doc(hidden)]
    pub fn later(&mut self, statement: &'static str) -> Later<'_> {
        match &mut self.kind {
            TxKind::Sqlite(t) => Later::Sqlite(t.later(statement)),
            TxKind::Postgres(t) => Later::Postgres(t.later(statement)),
        }
    }

    /// Rolls back now rather than on drop.
    pub async fn rollback(self) -> Result<()> {
        match self.kind {
            TxKind::Sqlite(t) => t.rollback().await,
            TxKind::Postgres(t) => t.rollback().await,
        }
    }
}

/// Where the arguments of a write that is put off go, for the [`sql!`](crate::sql) macro.
#[doc(hidden)]
pub enum Later<'a> {
    /// SQLite.
    Sqlite(&'a mut SqliteArguments),
    /// PostgreSQL.
    Postgres(&'a mut PgArguments),
}

/// Runs one statement constant on a [`Handle`], whichever the engine.
///
/// `sql!(h, Q, a, b; Row; one|optional|all)` fetches rows that derive `sqlx::FromRow`;
/// `sql!(tx, Q, a, b; exec)` answers the number of rows affected. Arguments are evaluated once.
///
/// `sql!(tx, Q, a, b; later)` is for a write whose outcome decides nothing: it is sent with the next statement of the
/// transaction, or with its end, and fails there. Several such writes in a row may run in any order, so none may touch
/// a row that another of them writes.
#[macro_export]
macro_rules! sql {
    ($h:expr, $q:expr $(, $a:expr)* ; later) => {
        (|| -> ::std::result::Result<(), ::sqlx::error::BoxDynError> {
            use ::sqlx::Arguments as _;
            match $crate::db::Tx::later($h, $q) {
                $crate::db::Later::Sqlite(_to) => { $( _to.add($a)?; )* }
                $crate::db::Later::Postgres(_to) => { $( _to.add($a)?; )* }
            }
            Ok(())
        })()
        .map_err(|e| $crate::db::Error::from(::sqlx::Error::Encode(e)))
    };
    ($h:expr, $q:expr $(, $a:expr)* ; exec) => {{
        let handle = &mut *$h;
        match $crate::db::Handle::conn(handle).await {
            Err(e) => Err(e),
            Ok(conn) => {
                let outcome = match conn {
                    $crate::db::Conn::Sqlite(c) => ::sqlx::query($q)$(.bind($a))*.execute(c).await.map(|r| r.rows_affected()),
                    $crate::db::Conn::Postgres(c) => ::sqlx::query($q)$(.bind($a))*.execute(c).await.map(|r| r.rows_affected()),
                };
                $crate::db::Handle::rest(handle, outcome)
            }
        }
    }};
    ($h:expr, $q:expr $(, $a:expr)* ; $row:ty ; one) => { $crate::sql!(@ $h, $q $(, $a)* ; $row ; fetch_one) };
    ($h:expr, $q:expr $(, $a:expr)* ; $row:ty ; optional) => { $crate::sql!(@ $h, $q $(, $a)* ; $row ; fetch_optional) };
    ($h:expr, $q:expr $(, $a:expr)* ; $row:ty ; all) => { $crate::sql!(@ $h, $q $(, $a)* ; $row ; fetch_all) };
    (@ $h:expr, $q:expr $(, $a:expr)* ; $row:ty ; $fetch:ident) => {{
        let handle = &mut *$h;
        match $crate::db::Handle::conn(handle).await {
            Err(e) => Err(e),
            Ok(conn) => {
                let outcome = match conn {
                    $crate::db::Conn::Sqlite(c) => ::sqlx::query_as::<_, $row>($q)$(.bind($a))*.$fetch(c).await,
                    $crate::db::Conn::Postgres(c) => ::sqlx::query_as::<_, $row>($q)$(.bind($a))*.$fetch(c).await,
                };
                $crate::db::Handle::rest(handle, outcome)
            }
        }
    }};
}

/// Prepares `statement` without running it; the error names what is wrong with it.
pub async fn prepare(h: &mut impl Handle, statement: &'static str) -> Result<()> {
    use sqlx::{Executor, SqlSafeStr};
    let prepared = match h.conn().await? {
        Conn::Sqlite(c) => c.prepare(statement.into_sql_str()).await.map(drop),
        Conn::Postgres(c) => c.prepare(statement.into_sql_str()).await.map(drop),
    };
    h.rest(prepared)
}

/// How SQLite would run `statement`, one step a line (`EXPLAIN QUERY PLAN`). Nothing on PostgreSQL, whose plans depend on the data.
pub async fn plan(h: &mut impl Handle, statement: &'static str) -> Result<Vec<String>> {
    let steps = match h.conn().await? {
        Conn::Sqlite(c) => {
            let explain = sqlx::AssertSqlSafe(format!("EXPLAIN QUERY PLAN {statement}"));
            sqlx::query_as::<_, (i64, i64, i64, String)>(explain).fetch_all(c).await
        }
        Conn::Postgres(_) => Ok(Vec::new()),
    };
    Ok(h.rest(steps)?.into_iter().map(|(_, _, _, step)| step).collect())
}
