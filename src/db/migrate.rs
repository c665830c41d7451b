//! The one numbered list of migrations, embedded, run on both engines.

use sqlx::SqlSafeStr;
use sqlx::migrate::{Migration, MigrationType, Migrator};

use super::{Db, Dialect, Engine, Error, Result, pool};

/// One migration: number, name, and its text, per engine only where the DDL must differ.
pub struct Step {
    /// Number; never reused.
    pub version: i64,
    /// Short name.
    pub name: &'static str,
    /// DDL for SQLite.
    pub sqlite: &'static str,
    /// DDL for PostgreSQL.
    pub postgres: &'static str,
}

macro_rules! step {
    ($version:literal, $name:literal, $file:literal) => {
        Step { version: $version, name: $name, sqlite: include_str!($file), postgres: include_str!($file) }
    };
    // What is common, then what the engine adds.
    ($version:literal, $name:literal, $file:literal, $sqlite:literal, $postgres:literal) => {
        Step {
            version: $version,
            name: $name,
            sqlite: concat!(include_str!($file), include_str!($sqlite)),
            postgres: concat!(include_str!($file), include_str!($postgres)),
        }
    };
}

/// Every migration, oldest first.
pub const MIGRATIONS: &[Step] = &[
    step!(1, "init", "../../migrations/0001_init.sql"),
    step!(2, "strong sign-in", "../../migrations/0002_strong_sign_in.sql"),
    step!(3, "federation", "../../migrations/0003_federation.sql"),
    step!(4, "verified identity", "../../migrations/0004_verified_identity.sql"),
    step!(
        5,
        "register",
        "../../migrations/0005_register.sql",
        "../../migrations/0005_register.sqlite.sql",
        "../../migrations/0005_register.postgres.sql"
    ),
    step!(6, "notice", "../../migrations/0006_notice.sql"),
    step!(7, "organisation", "../../migrations/0007_organisation.sql"),
    step!(8, "rights", "../../migrations/0008_rights.sql"),
    step!(9, "people", "../../migrations/0009_people.sql"),
    step!(10, "passkey offer", "../../migrations/0010_passkey_offer.sql"),
    step!(
        11,
        "many places",
        "../../migrations/0011_many_places.sql",
        "../../migrations/0011_many_places.sqlite.sql",
        "../../migrations/0011_many_places.postgres.sql"
    ),
    step!(
        12,
        "register words",
        "../../migrations/0012_register_words.sql",
        "../../migrations/0012_register_words.sqlite.sql",
        "../../migrations/0012_register_words.postgres.sql"
    ),
    step!(13, "newcomer right", "../../migrations/0013_newcomer_right.sql"),
    step!(14, "invitation rights", "../../migrations/0014_invitation_rights.sql"),
    step!(15, "folded names", "../../migrations/0015_folded_names.sql"),
    step!(16, "right ended", "../../migrations/0016_right_ended.sql"),
    step!(17, "decoy", "../../migrations/0017_decoy.sql"),
    step!(18, "unfolded names", "../../migrations/0018_unfolded_names.sql"),
];

/// Where the schema stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MigrationStatus {
    /// Version applied last; 0 for an empty database.
    pub current: i64,
    /// What [`Db::migrate`] would run.
    pub pending: Vec<(i64, &'static str)>,
}

const APPLIED: &str = "SELECT version FROM _sqlx_migrations WHERE success ORDER BY version DESC LIMIT 1";
const EXISTS_SQLITE: &str = "SELECT COUNT(*) FROM sqlite_master WHERE name = '_sqlx_migrations'";
const EXISTS_POSTGRES: &str =
    "SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = current_schema() AND table_name = '_sqlx_migrations'";

impl Db {
    /// Compares the schema with what this binary knows. A newer schema is an error: an older binary must not serve it.
    pub async fn migration_status(&self) -> Result<MigrationStatus> {
        let mut read = self.read().await?;
        let exists = match self.dialect() {
            Dialect::Sqlite => EXISTS_SQLITE,
            Dialect::Postgres => EXISTS_POSTGRES,
        };
        let (count,): (i64,) = crate::sql!(&mut read, exists; (i64,); one)?;
        let current = if count == 0 { 0 } else { crate::sql!(&mut read, APPLIED; (i64,); optional)?.map_or(0, |(v,)| v) };
        let newest = MIGRATIONS.last().map_or(0, |s| s.version);
        if current > newest {
            return Err(Error::Migration(format!("the schema is at version {current}, this binary knows up to {newest}")));
        }
        let pending = MIGRATIONS.iter().filter(|s| s.version > current).map(|s| (s.version, s.name)).collect();
        Ok(MigrationStatus { current, pending })
    }

    /// Runs what is pending. PostgreSQL nodes that start together wait for one another.
    pub async fn migrate(&self) -> Result<MigrationStatus> {
        let before = self.migration_status().await?;
        let list = MIGRATIONS.iter().map(|s| {
            let text = match self.dialect() {
                Dialect::Sqlite => s.sqlite,
                Dialect::Postgres => s.postgres,
            };
            Migration::new(s.version, s.name.into(), MigrationType::Simple, text.into_sql_str(), false)
        });
        let migrator = Migrator::with_migrations(list.collect());
        let failed = |e: sqlx::migrate::MigrateError| Error::Migration(e.to_string());
        match &self.0 {
            Engine::Sqlite { writer, .. } => {
                writer.migrate(&migrator).await?;
            }
            Engine::Postgres(pool) => migrator.run_direct(None, pool::lend(pool).await?.conn(), false).await.map_err(failed)?,
        }
        Ok(before)
    }

    /// Column names of every table, for the test that both engines end with the same schema. The index of the register is
    /// left out: it is what each engine has for the purpose.
    pub async fn schema(&self) -> Result<Vec<(String, String)>> {
        const SQLITE: &str = "SELECT m.name, p.name FROM sqlite_master m JOIN pragma_table_info(m.name) p \
             WHERE m.type = 'table' AND m.name NOT LIKE '!_sqlx%' ESCAPE '!' AND m.name NOT LIKE 'sqlite!_%' ESCAPE '!' \
             AND m.name NOT LIKE 'register!_index%' ESCAPE '!' ORDER BY 1, 2";
        const POSTGRES: &str = "SELECT table_name::text, column_name::text FROM information_schema.columns \
             WHERE table_schema = current_schema() AND table_name NOT LIKE '!_sqlx%' ESCAPE '!' AND table_name <> 'register_index'";
        let mut read = self.read().await?;
        let statement = match self.dialect() {
            Dialect::Sqlite => SQLITE,
            Dialect::Postgres => POSTGRES,
        };
        let mut columns: Vec<(String, String)> = crate::sql!(&mut read, statement; (String, String); all)?;
        columns.sort();
        Ok(columns)
    }
}
