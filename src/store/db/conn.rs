//! One connection type for two databases: everything above this file is written once.
//! Never a query.

use diesel::SqliteConnection;
use diesel::connection::AnsiTransactionManager;
use diesel::result::Error;
use diesel_async::pooled_connection::deadpool;
use diesel_async::sync_connection_wrapper::{SpawnBlocking, SyncConnectionWrapper};
use diesel_async::{AsyncConnection, AsyncPgConnection, SimpleAsyncConnection, TransactionManager};
use futures_util::future::BoxFuture;

/// Runs SQLite's calls where they are polled: only threads that belong to the database poll them.
pub struct Inline;

impl SpawnBlocking for Inline {
    fn spawn_blocking<'a, R: Send + 'static>(
        &mut self,
        task: impl FnOnce() -> R + Send + 'static,
    ) -> BoxFuture<'a, Result<R, Box<dyn std::error::Error + Send + Sync>>> {
        Box::pin(async move { Ok(task()) })
    }

    fn get_runtime() -> Self {
        Self
    }
}

/// SQLite, made to look asynchronous.
pub type SqliteConn = SyncConnectionWrapper<SqliteConnection, Inline>;
/// PostgreSQL, from a pool.
pub type PgConn = deadpool::Object<AsyncPgConnection>;

/// A connection to whichever database the settings name.
pub enum Conn {
    /// The embedded database.
    Sqlite(SqliteConn),
    /// The server.
    Postgres(PgConn),
}

/// Writes a query once; it is type-checked for, and run on, whichever database `$conn` is.
#[macro_export]
macro_rules! on {
    ($conn:expr, $db:ident => $body:expr) => {
        match $conn {
            $crate::store::Conn::Sqlite($db) => $body,
            $crate::store::Conn::Postgres($db) => $body,
        }
    };
}

impl Conn {
    /// Runs SQL that both databases read alike.
    pub async fn batch_execute(&mut self, sql: &str) -> Result<(), Error> {
        on!(self, db => db.batch_execute(sql).await)
    }

    /// Opens a transaction, or a savepoint inside one.
    pub async fn begin(&mut self) -> Result<(), Error> {
        match self {
            // IMMEDIATE: never start as a reader and fail to become the writer (SQLITE_BUSY_SNAPSHOT).
            Self::Sqlite(db) => {
                if depth(db)? == 0 {
                    db.spawn_blocking(|raw| {
                        AnsiTransactionManager::begin_transaction_sql(raw, "BEGIN IMMEDIATE")
                    })
                    .await
                } else {
                    <SqliteConn as AsyncConnection>::TransactionManager::begin_transaction(db).await
                }
            }
            Self::Postgres(db) => {
                <PgConn as AsyncConnection>::TransactionManager::begin_transaction(db).await
            }
        }
    }

    /// Opens a transaction that only reads, all of it at one moment, and holds up no writer. End it
    /// with `ROLLBACK`.
    pub async fn begin_snapshot(&mut self) -> Result<(), Error> {
        match self {
            Self::Sqlite(db) => db.batch_execute("BEGIN DEFERRED").await,
            Self::Postgres(db) => {
                db.batch_execute("BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY").await
            }
        }
    }

    /// Commits the innermost transaction or savepoint. An error: nothing of it is stored.
    pub async fn commit(&mut self) -> Result<(), Error> {
        match self {
            Self::Sqlite(db) => {
                <SqliteConn as AsyncConnection>::TransactionManager::commit_transaction(db).await
            }
            Self::Postgres(db) => {
                if depth(db)? == 1 {
                    // Where a statement failed before, COMMIT undoes it all and is no error; this is one.
                    db.batch_execute("SELECT").await?;
                }
                <PgConn as AsyncConnection>::TransactionManager::commit_transaction(db).await
            }
        }
    }

    /// Undoes the innermost transaction or savepoint.
    pub async fn rollback(&mut self) -> Result<(), Error> {
        match self {
            Self::Sqlite(db) => {
                <SqliteConn as AsyncConnection>::TransactionManager::rollback_transaction(db).await
            }
            Self::Postgres(db) => {
                <PgConn as AsyncConnection>::TransactionManager::rollback_transaction(db).await
            }
        }
    }

    /// Whether rows must be locked by hand: SQLite has one writer, PostgreSQL has many.
    pub fn has_many_writers(&self) -> bool {
        matches!(self, Self::Postgres(_))
    }
}

/// How many transactions and savepoints are open.
fn depth<C: AsyncConnection>(db: &mut C) -> Result<u32, Error> {
    let status = C::TransactionManager::transaction_manager_status_mut(db);
    Ok(status.transaction_depth()?.map_or(0, std::num::NonZeroU32::get))
}
