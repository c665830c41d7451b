//! Removal of rows past their end: each store says how, the worker says when.

use std::time::Duration;

use super::{Result, Tx};
use crate::base::Timestamp;
use crate::sql;

/// How the ended rows of a table are removed, in batches.
#[derive(Debug)]
pub struct Purge {
    /// The table.
    pub table: &'static str,
    /// For how long rows stay after their end.
    pub keep: Duration,
    /// Run in order, with `$1` the instant before which rows have ended and `$2` the size of the batch. The last one
    /// removes the rows of `table`; others, what goes with them.
    pub statements: &'static [&'static str],
}

impl Purge {
    /// Removes one batch; answers how many rows of the table went.
    pub async fn run(&self, tx: &mut Tx, now: Timestamp, batch: i64) -> Result<u64> {
        let before = now.minus(self.keep).millis();
        let mut removed = 0;
        for statement in self.statements {
            removed = sql!(tx, *statement, before, batch; exec)?;
        }
        Ok(removed)
    }
}
