//! Brings a database up to date. Never destroys what it cannot keep: see each migration.

use super::error::StoreError;
use super::tls;
use diesel::SqliteConnection;
use diesel::connection::SimpleConnection;
use diesel_async::AsyncPgConnection;
use diesel_async::async_connection_wrapper::AsyncConnectionWrapper;
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

/// The tables on SQLite.
pub const SQLITE: EmbeddedMigrations = embed_migrations!("migrations/sqlite");
/// The same tables on PostgreSQL.
pub const POSTGRES: EmbeddedMigrations = embed_migrations!("migrations/postgres");

/// Any number, the same in every process: two servers that start at once migrate one by one.
const ADVISORY_LOCK: i64 = 7_061_646;

/// Migrates an open SQLite database.
pub fn sqlite(raw: &mut SqliteConnection) -> Result<(), StoreError> {
    raw.run_pending_migrations(SQLITE).map(drop).map_err(|error| failed(&*error))
}

/// Migrates the PostgreSQL database at `url`; blocks, and needs no libpq.
pub fn postgres(url: &str) -> Result<(), StoreError> {
    let mut raw = connect(url)?;
    raw.batch_execute(&format!("SELECT pg_advisory_lock({ADVISORY_LOCK})"))?;
    let done = raw.run_pending_migrations(POSTGRES).map(drop).map_err(|error| failed(&*error));
    raw.batch_execute(&format!("SELECT pg_advisory_unlock({ADVISORY_LOCK})"))?;
    done
}

type Blocking = AsyncConnectionWrapper<AsyncPgConnection>;

/// The same way as everybody connects, for whoever may block.
fn connect(url: &str) -> Result<Blocking, StoreError> {
    let connected = tokio::runtime::Handle::current().block_on(tls::establish(url));
    connected.map(Blocking::from).map_err(|error| StoreError::Unavailable(error.to_string()))
}

/// Refuses a SQLite database that is not up to date; changes nothing.
pub fn sqlite_is_current(raw: &mut SqliteConnection) -> Result<(), StoreError> {
    is_current(&raw.has_pending_migration(SQLITE))
}

/// Refuses a PostgreSQL database that is not up to date; changes nothing.
pub fn postgres_is_current(url: &str) -> Result<(), StoreError> {
    let mut raw = connect(url)?;
    is_current(&raw.has_pending_migration(POSTGRES))
}

fn is_current(pending: &diesel::migration::Result<bool>) -> Result<(), StoreError> {
    match pending {
        Ok(false) => Ok(()),
        Ok(true) | Err(_) => Err(StoreError::Unavailable(
            "it is not a database of this version: run `rapport migrate` first".into(),
        )),
    }
}

fn failed(error: &(dyn std::error::Error + Send + Sync)) -> StoreError {
    StoreError::Broken(format!("a migration failed: {error}"))
}
