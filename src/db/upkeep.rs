//! Size and backup.

use std::path::Path;

use super::{Db, Dialect, Error, Result};

const SIZE_SQLITE: &str = "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()";
const SIZE_POSTGRES: &str = "SELECT pg_database_size(current_database())";
const WHOLE: &str = "PRAGMA quick_check(1)";
const COPY: &str = "VACUUM INTO $1";

/// Why no backup was made.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// A server has tools of its own.
    #[error("the data is on a PostgreSQL server: use its own tools, as `pg_dump --format=custom`")]
    NotEmbedded,
    /// The file exists.
    #[error("{0} exists already")]
    Exists(String),
    /// The file cannot be written.
    #[error("{0}")]
    Io(#[from] std::io::Error),
    /// The store.
    #[error(transparent)]
    Db(#[from] Error),
}

impl Db {
    /// Bytes of the data, without the write-ahead log.
    pub async fn size(&self) -> Result<i64> {
        let statement = match self.dialect() {
            Dialect::Sqlite => SIZE_SQLITE,
            Dialect::Postgres => SIZE_POSTGRES,
        };
        Ok(crate::sql!(&mut self.read().await?, statement; (i64,); one)?.0)
    }

    /// Whether the pages of an embedded database hold together. Reads all of it.
    pub async fn is_whole(&self) -> Result<bool> {
        match self.dialect() {
            Dialect::Sqlite => Ok(crate::sql!(&mut self.read().await?, WHOLE; (String,); one)?.0 == "ok"),
            Dialect::Postgres => Ok(true),
        }
    }

    /// Copies the embedded database, as of one instant, into a new file with mode 0600, while others read and write.
    pub async fn backup(&self, file: &Path) -> Result<(), BackupError> {
        if self.dialect() != Dialect::Sqlite {
            return Err(BackupError::NotEmbedded);
        }
        let mut read = self.read().await?;
        let mut options = std::fs::OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        {
            use std::os::unix::fs::OpenOptionsExt;
            options.mode(0o600);
        }
        options.open(file).map_err(|e| match e.kind() {
            std::io::ErrorKind::AlreadyExists => BackupError::Exists(file.display().to_string()),
            _ => BackupError::Io(e),
        })?;
        let target = file.to_str().ok_or_else(|| std::io::Error::other("the name of the file is not UTF-8"))?;
        // SQLite accepts an empty file as the target.
        let copied = crate::sql!(&mut read, COPY, target; exec);
        if copied.is_err() {
            let _ = std::fs::remove_file(file);
        }
        copied?;
        std::fs::File::open(file)?.sync_all()?;
        Ok(())
    }
}
