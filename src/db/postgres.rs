//! PostgreSQL: a transaction that begins with its first statement.

use sqlx::postgres::PgArguments;
use sqlx::{AssertSqlSafe, PgConnection};

use super::batch::Batch;
use super::pool::Lent;
use super::{Error, Result};

/// One write transaction.
#[derive(Debug)]
pub(super) struct PgTx {
    /// Absent once it has ended.
    lent: Option<Lent<PgConnection>>,
    begun: bool,
    batch: Batch<PgArguments>,
}

impl PgTx {
    pub(super) fn new(lent: Lent<PgConnection>) -> Self {
        Self { lent: Some(lent), begun: false, batch: Batch::default() }
    }

    pub(super) fn later(&mut self, statement: &'static str) -> &mut PgArguments {
        self.batch.push(statement)
    }

    /// Begins, and runs what was put off.
    pub(super) async fn ready(&mut self) -> Result<()> {
        if !self.begun {
            // Before it is sent: a caller that goes away now leaves a transaction to be undone.
            self.begun = true;
            self.run("BEGIN").await?;
        }
        if self.batch.is_empty() { Ok(()) } else { self.send().await }
    }

    pub(super) fn conn(&mut self) -> Result<&mut PgConnection> {
        Ok(self.lent.as_mut().ok_or_else(ended)?.conn())
    }

    pub(super) fn rest(&mut self, error: Option<&Error>) {
        if let Some(link) = self.lent.as_mut() {
            link.rest(error);
        }
    }

    /// Commits. A transaction of nothing but writes put off is one statement, which PostgreSQL makes a transaction of.
    pub(super) async fn commit(mut self) -> Result<()> {
        if !self.batch.is_empty() {
            self.send().await?;
        }
        if self.begun {
            self.run("COMMIT").await?;
        }
        self.lent = None;
        Ok(())
    }

    pub(super) async fn rollback(mut self) -> Result<()> {
        if self.begun {
            self.run("ROLLBACK").await?;
        }
        self.lent = None;
        Ok(())
    }

    async fn send(&mut self) -> Result<()> {
        let batch = std::mem::take(&mut self.batch);
        let (text, usual) = (batch.statement(), batch.is_usual());
        let query = sqlx::query_with(AssertSqlSafe(text), batch.arguments).persistent(usual);
        let sent = query.execute(self.conn()?).await.map(drop).map_err(Error::from);
        self.rest(sent.as_ref().err());
        sent
    }

    async fn run(&mut self, statement: &'static str) -> Result<()> {
        let ran = sqlx::raw_sql(statement).execute(self.conn()?).await.map(drop).map_err(Error::from);
        self.rest(ran.as_ref().err());
        ran
    }
}

impl Drop for PgTx {
    fn drop(&mut self) {
        let Some(mut link) = self.lent.take().filter(|_| self.begun) else { return };
        // Otherwise the connection closes, and the server undoes what it began.
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(async move {
                let undone = sqlx::raw_sql("ROLLBACK").execute(link.conn()).await.map_err(Error::from);
                link.rest(undone.as_ref().err());
            });
        } else {
            link.conn();
        }
    }
}

fn ended() -> Error {
    Error::unavailable("the transaction has ended")
}
