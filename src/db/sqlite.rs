//! SQLite: read-only connections, and one writer whose concurrent transactions share a commit.
//!
//! Each [`SqliteTx`] is a savepoint inside one outer transaction. When a transaction ends while others wait for
//! the writer, its savepoint is released and its caller waits; the last of the queue commits them all, and every
//! caller is answered only after that commit. `synchronous=FULL` then costs one disk flush a batch.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{ConnectOptions, Connection, SqliteConnection};
use tokio::sync::{Mutex, OwnedMutexGuard, oneshot};

use super::{ACQUIRE_TIMEOUT, Error, Result, STATEMENT_CACHE};

const MAX_BATCH: usize = 128;

fn options(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(Duration::from_secs(5))
        .pragma("temp_store", "MEMORY")
        .pragma("journal_size_limit", "67108864")
        .statement_cache_capacity(STATEMENT_CACHE)
        .disable_statement_logging()
}

/// The pool of read-only connections.
pub(super) async fn read_pool(path: &Path, readers: u32) -> Result<SqlitePool> {
    let options = options(path).read_only(true).pragma("cache_size", "-4096").pragma("mmap_size", "268435456");
    Ok(SqlitePoolOptions::new()
        .max_connections(readers)
        .min_connections(1)
        .test_before_acquire(false)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        .connect_with(options)
        .await?)
}

/// The single writer of the file.
#[derive(Clone, Debug)]
pub(super) struct Writer {
    state: Arc<Mutex<State>>,
    queued: Arc<AtomicUsize>,
}

#[derive(Debug)]
struct State {
    path: PathBuf,
    conn: Option<SqliteConnection>,
    /// Whether the outer transaction is open.
    open: bool,
    /// Callers whose savepoint is released and who wait for the commit.
    waiting: Vec<oneshot::Sender<Result<(), String>>>,
}

impl Writer {
    pub(super) async fn open(path: &Path) -> Result<Self> {
        make_private(path);
        let conn = connect(path).await?;
        let state = State { path: path.to_owned(), conn: Some(conn), open: false, waiting: Vec::new() };
        Ok(Self { state: Arc::new(Mutex::new(state)), queued: Arc::default() })
    }

    pub(super) async fn begin(&self) -> Result<SqliteTx> {
        let place = Place::take(self);
        let locked = tokio::time::timeout(ACQUIRE_TIMEOUT, self.state.clone().lock_owned()).await;
        let Ok(state) = locked else { return Err(Error::Unavailable("the writer is busy".into())) };
        place.leave();
        let mut tx = SqliteTx { state: Some(state), writer: self.clone(), stage: Stage::Opening };
        tx.open().await?;
        Ok(tx)
    }

    /// Runs the migrator, which manages its own transactions, on the writer's connection.
    pub(super) async fn migrate(&self, migrator: &sqlx::migrate::Migrator) -> Result<()> {
        let mut state = self.state.lock().await;
        state.flush().await;
        let conn = state.conn.as_mut().ok_or_else(gone)?;
        migrator.run_direct(None, conn, false).await.map_err(|e| Error::Migration(e.to_string()))
    }

    pub(super) async fn close(&self) {
        let mut state = self.state.lock().await;
        state.flush().await;
        if let Some(conn) = state.conn.take() {
            let _ = conn.close().await;
        }
    }

    /// Commits what is waiting if nobody else will.
    async fn settle(&self, state: &mut State) {
        if self.queued.load(Ordering::SeqCst) == 0 || state.waiting.len() >= MAX_BATCH {
            state.flush().await;
        }
    }
}

/// Makes a new file readable by its owner only; SQLite gives its log files the same mode. What goes wrong here goes wrong
/// again, with words, when the file is opened.
fn make_private(path: &Path) {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    let _ = options.open(path);
}

async fn connect(path: &Path) -> Result<SqliteConnection> {
    let options = options(path).create_if_missing(true).pragma("cache_size", "-16384");
    Ok(options.connect().await?)
}

/// A place in the queue of the writer, given up when the caller goes away.
struct Place<'a> {
    writer: &'a Writer,
    served: bool,
}

impl<'a> Place<'a> {
    fn take(writer: &'a Writer) -> Self {
        writer.queued.fetch_add(1, Ordering::SeqCst);
        Self { writer, served: false }
    }

    fn leave(mut self) {
        self.served = true;
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        let last = self.writer.queued.fetch_sub(1, Ordering::SeqCst) == 1;
        if last && !self.served {
            // Others may count on this caller to commit their batch.
            let writer = self.writer.clone();
            spawn(async move {
                let mut state = writer.state.lock().await;
                writer.settle(&mut state).await;
            });
        }
    }
}

fn spawn(work: impl Future<Output = ()> + Send + 'static) {
    if let Ok(runtime) = tokio::runtime::Handle::try_current() {
        runtime.spawn(work);
    }
}

impl State {
    async fn run(&mut self, statement: &'static str) -> Result<()> {
        let conn = self.conn.as_mut().ok_or_else(|| Error::Unavailable("no connection".into()))?;
        sqlx::query(statement).execute(conn).await?;
        Ok(())
    }

    /// Commits the outer transaction and answers everyone who waits.
    async fn flush(&mut self) {
        if !self.open {
            return;
        }
        match self.run("COMMIT").await {
            Ok(()) => {
                self.open = false;
                for caller in self.waiting.drain(..) {
                    let _ = caller.send(Ok(()));
                }
            }
            Err(e) => self.lose(&e.to_string()).await,
        }
    }

    /// The batch is lost: everyone is told, and the next transaction starts clean.
    async fn lose(&mut self, why: &str) {
        for caller in self.waiting.drain(..) {
            let _ = caller.send(Err(why.to_owned()));
        }
        // Fails when SQLite has rolled back by itself, as it does on a full disk.
        let _ = self.run("ROLLBACK").await;
        self.open = false;
        if sqlx::query("SELECT 1")
            .execute(match self.conn.as_mut() {
                Some(c) => c,
                None => return,
            })
            .await
            .is_err()
        {
            self.conn = None;
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Opening,
    Working,
    Releasing,
    Done,
}

/// One write transaction.
#[derive(Debug)]
pub(super) struct SqliteTx {
    state: Option<OwnedMutexGuard<State>>,
    writer: Writer,
    stage: Stage,
}

impl SqliteTx {
    async fn open(&mut self) -> Result<()> {
        let Some(state) = self.state.as_mut() else { return Err(gone()) };
        if state.conn.is_none() {
            let fresh = connect(&state.path).await?;
            state.conn = Some(fresh);
            state.open = false;
        }
        if !state.open {
            state.run("BEGIN IMMEDIATE").await?;
            state.open = true;
        }
        state.run("SAVEPOINT t").await?;
        self.stage = Stage::Working;
        Ok(())
    }

    pub(super) fn conn(&mut self) -> &mut SqliteConnection {
        // The guard and its connection live as long as the transaction is open; both are taken only at its end.
        #[allow(clippy::expect_used)]
        self.state.as_mut().and_then(|s| s.conn.as_mut()).expect("an open transaction has its connection")
    }

    pub(super) async fn commit(mut self) -> Result<()> {
        self.stage = Stage::Releasing;
        let Some(state) = self.state.as_mut() else { return Err(gone()) };
        if let Err(e) = state.run("RELEASE t").await {
            state.lose(&e.to_string()).await;
            self.stage = Stage::Done;
            return Err(Error::Unavailable(format!("transaction lost: {e}")));
        }
        let (answer, answered) = oneshot::channel();
        state.waiting.push(answer);
        self.stage = Stage::Done;
        let alone = self.writer.queued.load(Ordering::SeqCst) == 0 || state.waiting.len() >= MAX_BATCH;
        let Some(mut guard) = self.state.take() else { return Err(gone()) };
        if alone {
            // In a task of its own: a caller that goes away must not stop the commit half-way.
            tokio::spawn(async move { guard.flush().await });
        } else {
            drop(guard);
        }
        match answered.await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(why)) => Err(Error::Unavailable(format!("commit failed: {why}"))),
            Err(_) => Err(gone()),
        }
    }

    pub(super) async fn rollback(mut self) -> Result<()> {
        self.undo().await;
        Ok(())
    }

    async fn undo(&mut self) {
        let stage = std::mem::replace(&mut self.stage, Stage::Done);
        if let Some(mut state) = self.state.take() {
            undo(&mut state, stage).await;
            self.writer.settle(&mut state).await;
        }
    }
}

async fn undo(state: &mut State, stage: Stage) {
    match stage {
        Stage::Done => {}
        Stage::Opening => {
            // The caller left before or while the savepoint was made.
            if state.run("ROLLBACK TO t").await.is_ok() {
                let _ = state.run("RELEASE t").await;
            }
            if !state.open {
                let _ = state.run("ROLLBACK").await;
            }
        }
        Stage::Working => {
            let undone = match state.run("ROLLBACK TO t").await {
                Ok(()) => state.run("RELEASE t").await,
                Err(e) => Err(e),
            };
            if let Err(e) = undone {
                state.lose(&e.to_string()).await;
            }
        }
        Stage::Releasing => {
            // Either it was released, and stays part of the batch, or it is undone now.
            if state.run("ROLLBACK TO t").await.is_ok() {
                let _ = state.run("RELEASE t").await;
            }
        }
    }
}

impl Drop for SqliteTx {
    fn drop(&mut self) {
        if let Some(mut state) = self.state.take() {
            let (stage, writer) = (self.stage, self.writer.clone());
            spawn(async move {
                undo(&mut state, stage).await;
                writer.settle(&mut state).await;
            });
        }
    }
}

fn gone() -> Error {
    Error::Unavailable("the writer has stopped".into())
}
