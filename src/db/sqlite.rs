//! SQLite: read-only connections, and one writer whose concurrent transactions share a commit.
//!
//! Each [`SqliteTx`] is a savepoint inside one outer transaction. When a transaction ends while others wait for
//! the writer, its savepoint is left to the next to release and its caller waits; the last of the queue commits them
//! all, and every caller is answered only after that commit. `synchronous=FULL` then costs one disk flush a batch.
//!
//! A message to the driver's thread costs more than most statements: what surrounds a transaction, and the writes it put
//! off, go with one another.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use sqlx::sqlite::{SqliteArguments, SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, SqliteConnection};
use tokio::sync::{Mutex, OwnedMutexGuard, oneshot};

use super::batch::Batch;
use super::pool::{self, ACQUIRE_TIMEOUT, Pool};
use super::{Error, Result, STATEMENT_CACHE};

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
pub(super) async fn read_pool(path: &Path, readers: u32) -> Result<Pool<SqliteConnection>> {
    let options = options(path).read_only(true).pragma("cache_size", "-4096").pragma("mmap_size", "268435456");
    pool::open(options, readers).await
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
    /// Whether the savepoint of a transaction that ended well is still to be released.
    unreleased: bool,
    /// Callers whose transaction ended well and who wait for the commit.
    waiting: Vec<oneshot::Sender<Result<()>>>,
}

impl Writer {
    pub(super) async fn open(path: &Path) -> Result<Self> {
        make_private(path);
        let conn = connect(path).await?;
        let state = State { path: path.to_owned(), conn: Some(conn), open: false, unreleased: false, waiting: Vec::new() };
        Ok(Self { state: Arc::new(Mutex::new(state)), queued: Arc::default() })
    }

    pub(super) async fn begin(&self) -> Result<SqliteTx> {
        let place = Place::take(self);
        let locked = tokio::time::timeout(ACQUIRE_TIMEOUT, self.state.clone().lock_owned()).await;
        let Ok(state) = locked else { return Err(Error::unavailable("the writer is busy")) };
        place.leave();
        Ok(SqliteTx { state: Some(state), writer: self.clone(), stage: Stage::Fresh, batch: Batch::default() })
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

    /// Whether nobody waits for the writer.
    fn is_idle(&self) -> bool {
        self.queued.load(Ordering::SeqCst) == 0
    }

    /// Commits what is waiting if nobody else will.
    async fn settle(&self, state: &mut State) {
        if self.is_idle() || state.waiting.len() >= MAX_BATCH {
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
    async fn run(&mut self, script: &'static str) -> Result<()> {
        sqlx::query(script).execute(self.conn()?).await?;
        Ok(())
    }

    fn conn(&mut self) -> Result<&mut SqliteConnection> {
        self.conn.as_mut().ok_or_else(gone)
    }

    /// What opens the next savepoint. From here on the outer transaction counts as open.
    async fn prefix(&mut self) -> Result<&'static str> {
        if self.conn.is_none() {
            self.conn = Some(connect(&self.path).await?);
            (self.open, self.unreleased) = (false, false);
        }
        let prefix = match (self.open, self.unreleased) {
            (false, _) => "BEGIN IMMEDIATE;SAVEPOINT t;",
            (true, false) => "SAVEPOINT t;",
            (true, true) => "RELEASE t;SAVEPOINT t;",
        };
        (self.open, self.unreleased) = (true, false);
        Ok(prefix)
    }

    /// Commits the outer transaction and answers everyone who waits.
    async fn flush(&mut self) {
        if !self.open {
            return;
        }
        let end = if self.unreleased { "RELEASE t;COMMIT" } else { "COMMIT" };
        match self.run(end).await {
            Ok(()) => self.answer(),
            Err(e) => self.lose(&e.to_string()).await,
        }
    }

    /// The outer transaction is on disk.
    fn answer(&mut self) {
        (self.open, self.unreleased) = (false, false);
        for caller in self.waiting.drain(..) {
            let _ = caller.send(Ok(()));
        }
    }

    /// Undoes the transaction in hand, and nothing else; the batch is lost if that cannot be done.
    async fn undo(&mut self) {
        if let Err(e) = self.run("ROLLBACK TO t;RELEASE t").await {
            self.lose(&e.to_string()).await;
        }
    }

    /// The batch is lost: everyone is told, and the next transaction starts clean.
    async fn lose(&mut self, why: &str) {
        for caller in self.waiting.drain(..) {
            let _ = caller.send(Err(Error::unavailable(format!("commit failed: {why}"))));
        }
        // Fails when SQLite has rolled back by itself, as it does on a full disk.
        let _ = self.run("ROLLBACK").await;
        (self.open, self.unreleased) = (false, false);
        if self.run("SELECT 1").await.is_err() {
            self.conn = None;
        }
    }

    /// Runs `script`, which ends the transaction in hand. What fails before its end undoes that transaction only.
    async fn finish(&mut self, script: String, batch: Batch<SqliteArguments>) -> Result<()> {
        let Err(e) = send(self.conn()?, script, batch).await else { return Ok(()) };
        // The savepoint is still there: its own statements failed. Gone: the commit did, or SQLite gave everything up.
        match self.run("ROLLBACK TO t;RELEASE t").await {
            Ok(()) => Err(e.into()),
            Err(_) => {
                self.lose(&e.to_string()).await;
                Err(Error::unavailable(format!("transaction lost: {e}")))
            }
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// Nothing was sent.
    Fresh,
    /// Its savepoint was sent.
    Working,
    Done,
}

/// One write transaction.
#[derive(Debug)]
pub(super) struct SqliteTx {
    state: Option<OwnedMutexGuard<State>>,
    writer: Writer,
    stage: Stage,
    batch: Batch<SqliteArguments>,
}

impl SqliteTx {
    pub(super) fn later(&mut self, statement: &'static str) -> &mut SqliteArguments {
        self.batch.push(statement)
    }

    /// Opens the savepoint and runs what was put off.
    pub(super) async fn ready(&mut self) -> Result<()> {
        if self.stage != Stage::Fresh && self.batch.is_empty() {
            return Ok(());
        }
        let Some(state) = self.state.as_mut() else { return Err(gone()) };
        let prefix = if self.stage == Stage::Fresh { state.prefix().await? } else { "" };
        self.stage = Stage::Working;
        if self.batch.is_empty() {
            return state.run(prefix).await;
        }
        let batch = std::mem::take(&mut self.batch);
        let mut script = prefix.to_owned();
        batch.script(&mut script);
        Ok(send(state.conn()?, script, batch).await?)
    }

    pub(super) fn conn(&mut self) -> Result<&mut SqliteConnection> {
        self.state.as_mut().ok_or_else(gone)?.conn()
    }

    pub(super) async fn commit(mut self) -> Result<()> {
        let Some(mut state) = self.state.take() else { return Err(gone()) };
        let stage = std::mem::replace(&mut self.stage, Stage::Done);
        let batch = std::mem::take(&mut self.batch);
        if stage == Stage::Fresh && batch.is_empty() {
            self.writer.settle(&mut state).await;
            return Ok(());
        }
        let (answer, answered) = oneshot::channel();
        let writer = self.writer.clone();
        // In a task of its own: a caller that goes away must not stop it half-way.
        tokio::spawn(async move { commit(&writer, &mut state, stage, batch, answer).await });
        match answered.await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(e)) => Err(e),
            Err(_) => Err(gone()),
        }
    }

    pub(super) async fn rollback(mut self) -> Result<()> {
        let stage = std::mem::replace(&mut self.stage, Stage::Done);
        if let Some(mut state) = self.state.take() {
            undo(&self.writer, &mut state, stage).await;
        }
        Ok(())
    }
}

/// Ends a transaction well: now, with the batch it closes, or when the last of the queue does.
async fn commit(writer: &Writer, state: &mut State, stage: Stage, batch: Batch<SqliteArguments>, answer: oneshot::Sender<Result<()>>) {
    let mut script = String::new();
    if stage == Stage::Fresh {
        match state.prefix().await {
            Ok(prefix) => script.push_str(prefix),
            Err(e) => {
                let _ = answer.send(Err(e));
                return;
            }
        }
    }
    batch.script(&mut script);
    let last = writer.is_idle() || state.waiting.len() >= MAX_BATCH;
    if last {
        script.push_str("RELEASE t;COMMIT");
    }
    let ran = if script.is_empty() { Ok(()) } else { state.finish(script, batch).await };
    match ran {
        Err(e) => {
            let _ = answer.send(Err(e));
            writer.settle(state).await;
        }
        Ok(()) => {
            state.waiting.push(answer);
            if last {
                state.answer();
            } else {
                state.unreleased = true;
            }
        }
    }
}

/// Runs a script that ends with what was put off, or after it.
async fn send(conn: &mut SqliteConnection, script: String, batch: Batch<SqliteArguments>) -> Result<(), sqlx::Error> {
    let usual = batch.is_usual();
    sqlx::query_with(AssertSqlSafe(script), batch.arguments).persistent(usual).execute(conn).await.map(drop)
}

async fn undo(writer: &Writer, state: &mut State, stage: Stage) {
    match stage {
        Stage::Fresh | Stage::Done => {}
        Stage::Working => state.undo().await,
    }
    writer.settle(state).await;
}

impl Drop for SqliteTx {
    fn drop(&mut self) {
        if let Some(mut state) = self.state.take() {
            let (stage, writer) = (self.stage, self.writer.clone());
            spawn(async move { undo(&writer, &mut state, stage).await });
        }
    }
}

fn gone() -> Error {
    Error::unavailable("the writer has stopped")
}
