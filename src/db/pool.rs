//! Connections lent one at a time. One that comes back in the middle of a statement (its caller went away), or after the
//! link failed, is closed rather than lent again; the others are lent again as they are, without a round trip.

use std::time::Duration;

use deadpool::managed::{self, Metrics, Object, QueueMode, RecycleError, RecycleResult, Timeouts};
use sqlx::Connection;

use super::{Error, Result};

/// How long a caller waits for a connection, or for the writer.
pub(super) const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(5);

/// A connection that rested for this long may have been cut meanwhile: it is tested before it is lent.
const RESTED: Duration = Duration::from_secs(2);

/// A pool of connections of one engine.
pub(super) type Pool<C> = managed::Pool<Opener<C>>;

/// A connection on loan.
pub(super) type Lent<C> = Object<Opener<C>>;

/// A connection, and whether it may be lent again.
#[derive(Debug)]
pub(super) struct Link<C> {
    conn: C,
    sound: bool,
}

impl<C> Link<C> {
    /// The connection, for one statement. Until [`Link::rest`] says that it ended, the connection counts as broken.
    pub(super) fn conn(&mut self) -> &mut C {
        self.sound = false;
        &mut self.conn
    }

    /// The statement ended, with `error` if it failed.
    pub(super) fn rest(&mut self, error: Option<&Error>) {
        self.sound = !error.is_some_and(Error::is_unavailable);
    }
}

/// Opens connections with fixed options.
pub(super) struct Opener<C: Connection>(C::Options);

impl<C: Connection> Opener<C> {
    /// How connections are opened.
    pub(super) fn options(&self) -> &C::Options {
        &self.0
    }
}

impl<C: Connection> std::fmt::Debug for Opener<C> {
    /// The options hold a password.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Opener")
    }
}

impl<C: Connection> managed::Manager for Opener<C> {
    type Type = Link<C>;
    type Error = Error;

    async fn create(&self) -> Result<Self::Type> {
        Ok(Link { conn: C::connect_with(&self.0).await?, sound: true })
    }

    async fn recycle(&self, link: &mut Self::Type, metrics: &Metrics) -> RecycleResult<Error> {
        if !link.sound {
            return Err(RecycleError::message("left in the middle of a statement"));
        }
        if metrics.last_used() >= RESTED {
            link.conn.ping().await.map_err(|e| RecycleError::Backend(e.into()))?;
        }
        Ok(())
    }
}

/// A pool of at most `size` connections; the first is opened now, so that a wrong address is known at once.
pub(super) async fn open<C: Connection>(options: C::Options, size: u32) -> Result<Pool<C>> {
    let wait = Some(ACQUIRE_TIMEOUT);
    let pool = managed::Pool::builder(Opener(options))
        .max_size(usize::try_from(size).unwrap_or(1).max(1))
        .queue_mode(QueueMode::Lifo)
        .timeouts(Timeouts { wait, create: wait, recycle: wait })
        .runtime(deadpool::Runtime::Tokio1)
        .build()
        .map_err(|e| Error::Unavailable(e.to_string()))?;
    drop(lend(&pool).await?);
    Ok(pool)
}

/// Lends a connection, when one is free.
pub(super) async fn lend<C: Connection>(pool: &Pool<C>) -> Result<Lent<C>> {
    pool.get().await.map_err(|e| match e {
        managed::PoolError::Backend(e) => e,
        other => Error::unavailable(format!("no connection: {other}")),
    })
}
