//! What can go wrong in the store, sorted by what a caller can do about it.

use sqlx::error::ErrorKind;

use crate::telemetry::metrics;

/// A failure of the store.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The database cannot be reached or cannot write now; the same request may succeed later (503).
    #[error("database unavailable: {0}")]
    Unavailable(String),
    /// A row of that key exists.
    #[error("already exists: {0}")]
    Conflict(String),
    /// A stored value that our own code never writes.
    #[error("inconsistent row: {0}")]
    Inconsistent(String),
    /// A defect: wrong SQL, wrong type.
    #[error("query failed: {0}")]
    Query(#[source] sqlx::Error),
    /// The schema cannot be migrated.
    #[error("migration failed: {0}")]
    Migration(String),
}

impl Error {
    /// The database cannot be used now.
    pub(super) fn unavailable(why: impl Into<String>) -> Self {
        metrics::db_error("unavailable");
        Self::Unavailable(why.into())
    }

    /// A stored value that does not read back.
    pub fn inconsistent(what: impl Into<String>) -> Self {
        Self::Inconsistent(what.into())
    }

    /// Whether waiting may help.
    pub fn is_unavailable(&self) -> bool {
        matches!(self, Self::Unavailable(_))
    }
}

impl From<sqlx::Error> for Error {
    fn from(e: sqlx::Error) -> Self {
        let error = Self::sort(e);
        match &error {
            Self::Unavailable(_) => metrics::db_error("unavailable"),
            Self::Query(_) => metrics::db_error("query"),
            Self::Conflict(_) | Self::Inconsistent(_) | Self::Migration(_) => {}
        }
        error
    }
}

impl Error {
    fn sort(e: sqlx::Error) -> Self {
        match &e {
            sqlx::Error::Database(d) => {
                if d.kind() == ErrorKind::UniqueViolation {
                    return Self::Conflict(d.constraint().unwrap_or(d.message()).to_owned());
                }
                if d.code().is_some_and(|c| transient(&c)) { Self::Unavailable(e.to_string()) } else { Self::Query(e) }
            }
            sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed | sqlx::Error::WorkerCrashed | sqlx::Error::Io(_) | sqlx::Error::Tls(_) => {
                Self::Unavailable(e.to_string())
            }
            _ => Self::Query(e),
        }
    }
}

/// SQLite primary result codes (busy, locked, read-only, I/O error, full, cannot open) or PostgreSQL classes
/// (connection, resources, operator intervention, system, read-only, closed to connections) that pass with time.
fn transient(code: &str) -> bool {
    match code.parse::<u32>() {
        Ok(n) if code.len() <= 4 => matches!(n & 0xff, 5 | 6 | 8 | 10 | 13 | 14),
        _ => ["08", "53", "57", "58"].iter().any(|class| code.starts_with(class)) || matches!(code, "25006" | "55000"),
    }
}

#[cfg(test)]
mod tests {
    use super::transient;

    #[test]
    fn only_passing_conditions_are_transient() {
        assert!(["5", "13", "778", "57P01", "53100", "08006", "25006", "55000"].iter().all(|c| transient(c)));
        assert!(["1", "19", "42703", "23505"].iter().all(|c| !transient(c)));
    }
}
