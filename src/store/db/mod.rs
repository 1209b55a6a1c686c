//! Opens the database that a URL names and decides where work on it runs: SQLite on threads of
//! its own, PostgreSQL through a pool. Never a query of the product.

pub(crate) mod conn;
pub(crate) mod copied;
mod copy;
mod copy_rows;
pub(crate) mod delivery_lock;
pub(crate) mod drop_workspace;
pub(crate) mod epochs;
pub(crate) mod error;
pub(crate) mod in_list;
pub mod migrate;
pub(crate) mod opening;
pub(crate) mod pg_pool;
pub(crate) mod pooled;
pub(crate) mod prepared;
mod readers;
pub(crate) mod schema;
pub(crate) mod sealed;
pub(crate) mod shift_clock;
pub(crate) mod tls;
pub(crate) mod types;
pub(crate) mod unnest;
pub(crate) mod wash;

use conn::{Conn, Inline};
use diesel::connection::SimpleConnection;
use diesel::{Connection, QueryableByName, RunQueryDsl, SqliteConnection};
use diesel_async::AsyncPgConnection;
use diesel_async::pooled_connection::deadpool::Pool;
use diesel_async::sync_connection_wrapper::SyncConnectionWrapper;
use error::StoreError;
use opening::{Hold, Opening};
use readers::Readers;
use std::num::NonZero;
use std::path::Path;
use std::sync::Arc;
use std::thread::available_parallelism;
use std::time::Duration;

/// SQLite before 3.51.3 can corrupt a WAL database (the WAL-reset bug): refuse to start on it.
const OLDEST_SQLITE: (u32, u32, u32) = (3, 51, 3);
const SQLITE_READERS: usize = 2;
/// For what may take long: those who search and those who ask for reports wait for each other at most.
const SLOW_READERS: usize = 2;
/// How long such a read may take; who asks for more asks for less at once.
const SLOW_ENDS: Duration = Duration::from_secs(30);
/// One more connection than cores can use only adds lock waits (docs/decisions/sqlite-lanes.md).
const PG_CONNECTIONS: usize = 8;

/// The database, for reading. Whoever writes asks for a [`Writer`].
#[derive(Clone)]
pub enum Db {
    /// Embedded, with threads that read.
    Sqlite(Arc<Sqlite>),
    /// A server, with a pool.
    Postgres {
        /// Where it is.
        url: Arc<str>,
        /// Connections for reads.
        pool: Pool<AsyncPgConnection>,
        /// Connections for reads that may take long.
        slow: Pool<AsyncPgConnection>,
    },
}

/// The embedded database's readers.
pub struct Sqlite {
    path: String,
    readers: Readers,
    slow: Readers,
    /// Kept for as long as the database is open.
    #[allow(dead_code, reason = "dropping it is its use")]
    hold: Option<Hold>,
}

impl Db {
    /// Opens `sqlite://PATH` or `postgres://…` and brings it up to date; makes it where it is not there.
    pub async fn open(url: &str) -> Result<Self, StoreError> {
        Self::open_as(url, Opening::MAKE).await
    }

    /// Opens `sqlite://PATH` or `postgres://…` as told, and brings it up to date.
    pub async fn open_as(url: &str, opening: Opening) -> Result<Self, StoreError> {
        if is_postgres(url) {
            let owned = url.to_owned();
            pooled::refuse(url).await?;
            off_thread(move || migrate::postgres_as(&owned, opening.may_make)).await?;
            Self::pools(url)
        } else {
            let path = sqlite_path(url).to_owned();
            off_thread(move || Sqlite::open(path, opening)).await.map(|sqlite| Self::Sqlite(Arc::new(sqlite)))
        }
    }

    /// Opens a database as it is, to look at it: it must be there and up to date.
    pub async fn open_unchanged(url: &str) -> Result<Self, StoreError> {
        Self::open_as_it_is(url, true).await
    }

    /// Opens a database as it is, to copy it: it must be there; an older program may have made it.
    pub async fn open_to_copy(url: &str) -> Result<Self, StoreError> {
        Self::open_as_it_is(url, false).await
    }

    async fn open_as_it_is(url: &str, is_current: bool) -> Result<Self, StoreError> {
        if is_postgres(url) {
            let owned = url.to_owned();
            off_thread(move || migrate::postgres_as_it_is(&owned, is_current)).await?;
            Self::pools(url)
        } else {
            let path = sqlite_path(url).to_owned();
            off_thread(move || Sqlite::open_as_it_is(path, is_current))
                .await
                .map(|sqlite| Self::Sqlite(Arc::new(sqlite)))
        }
    }

    fn pools(url: &str) -> Result<Self, StoreError> {
        let runtime = pg_pool::runtime()?;
        let pool = pg_pool::open(url, PG_CONNECTIONS, Some(runtime.clone()), None)?;
        let slow = pg_pool::open(url, SLOW_READERS, Some(runtime), Some(SLOW_ENDS))?;
        Ok(Self::Postgres { url: url.into(), pool, slow })
    }

    /// Reads: `work` gets a connection that cannot write on SQLite, and a snapshot only if it
    /// opens a transaction.
    pub async fn read<R, F>(&self, work: F) -> Result<R, StoreError>
    where
        F: AsyncFnOnce(&mut Conn) -> Result<R, StoreError> + Send + 'static,
        R: Send + 'static,
    {
        match self {
            Self::Sqlite(sqlite) => sqlite.readers.read(work).await,
            Self::Postgres { pool, .. } => work(&mut pg_pool::take(pool).await?).await,
        }
    }

    /// Reads what may take long (a search, a report, an export) on connections of its own: no other read
    /// waits for it. It ends after 30 s with [`StoreError::Unavailable`].
    pub async fn read_slowly<R, F>(&self, work: F) -> Result<R, StoreError>
    where
        F: AsyncFnOnce(&mut Conn) -> Result<R, StoreError> + Send + 'static,
        R: Send + 'static,
    {
        let read = async {
            match self {
                Self::Sqlite(sqlite) => sqlite.slow.read(work).await,
                Self::Postgres { slow, .. } => work(&mut pg_pool::take(slow).await?).await,
            }
        };
        let late =
            || unavailable(format!("a read took more than {} s: ask for less at once", SLOW_ENDS.as_secs()));
        tokio::time::timeout(SLOW_ENDS, read).await.map_err(|_| late())?
    }

    /// A connection that may write. SQLite must have only one of them in the whole system.
    pub async fn writer(&self) -> Result<Writer, StoreError> {
        match self {
            Self::Sqlite(sqlite) => {
                let path = sqlite.path.clone();
                let raw = off_thread(move || connect(&path, false)).await?;
                Ok(Writer::Sqlite(Conn::Sqlite(SyncConnectionWrapper::with_runtime(raw, Inline))))
            }
            // Its socket task runs where it is polled: on the ledger's own thread.
            Self::Postgres { url, .. } => Ok(Writer::Postgres(pg_pool::open(url, 1, None, None)?, None)),
        }
    }

    /// How many connections may write at once: more than there are cores part what waits into smaller
    /// batches.
    pub fn writers(&self) -> usize {
        match self {
            Self::Sqlite(_) => 1,
            Self::Postgres { .. } => available_parallelism().map_or(2, NonZero::get).clamp(2, 4),
        }
    }

    /// Folds SQLite's log into the database file, so that this file alone is whole. For the end, after the
    /// last write: it waits for whoever still reads. PostgreSQL keeps house by itself.
    pub async fn fold(&self) -> Result<(), StoreError> {
        let Self::Sqlite(sqlite) = self else { return Ok(()) };
        let path = sqlite.path.clone();
        off_thread(move || fold(&mut connect(&path, false)?)).await
    }

    /// Writes SQLite's file anew: pages that were parted and joined keep pieces of rows that are deleted.
    /// False: it is longer than `most` bytes, and whoever writes would wait too long. PostgreSQL keeps house
    /// by itself.
    pub async fn compact(&self, most: u64) -> Result<bool, StoreError> {
        let Self::Sqlite(sqlite) = self else { return Ok(true) };
        let path = sqlite.path.clone();
        off_thread(move || {
            let about = std::fs::metadata(&path)
                .map_err(|error| unavailable(format!("cannot read {path}: {error}")))?;
            if about.len() > most {
                return Ok(false);
            }
            connect(&path, false)?.batch_execute("VACUUM")?;
            Ok(true)
        })
        .await
    }

    /// Where it is, for people: never a password.
    pub fn named(&self) -> String {
        match self {
            Self::Sqlite(sqlite) => format!("SQLite {}", sqlite.path),
            Self::Postgres { url, .. } => format!("PostgreSQL {}", tls::place(url)),
        }
    }

    /// Whether other processes may write to the same database.
    pub fn is_shared(&self) -> bool {
        matches!(self, Self::Postgres { .. })
    }

    /// Answers as soon as the database does.
    pub async fn ping(&self) -> Result<(), StoreError> {
        self.read(async |conn| Ok(conn.batch_execute("SELECT 1").await?)).await
    }
}

/// One connection that writes, taken anew when it broke.
pub enum Writer {
    /// The only one.
    Sqlite(Conn),
    /// One of a few.
    Postgres(Pool<AsyncPgConnection>, Option<Conn>),
}

impl Writer {
    /// The connection, fresh if the last one was given up.
    pub async fn conn(&mut self) -> Result<&mut Conn, StoreError> {
        match self {
            Self::Sqlite(conn) => Ok(conn),
            Self::Postgres(_, Some(conn)) => Ok(conn),
            Self::Postgres(pool, slot) => Ok(slot.insert(pg_pool::take(pool).await?)),
        }
    }

    /// Leaves every open transaction and, on PostgreSQL, the connection: it may be broken.
    pub async fn reset(&mut self) {
        match self {
            Self::Sqlite(conn) => while conn.rollback().await.is_ok() {},
            Self::Postgres(_, slot) => *slot = None,
        }
    }
}

impl Sqlite {
    fn open(path: String, opening: Opening) -> Result<Self, StoreError> {
        if !opening.may_make && !opening::is_there(Path::new(&path)) {
            return Err(migrate::absent(&path));
        }
        opening::make_room(&path)?;
        let hold = if opening.is_alone { Some(Hold::take(&path)?) } else { None };
        let mut first = connect(&path, false)?;
        refuse_old_sqlite(&mut first)?;
        let standing = migrate::sqlite_standing(&mut first)?;
        standing.check(&path)?;
        if !standing.is_ours() && !opening.may_make {
            return Err(migrate::absent(&path));
        }
        if standing.is_behind() {
            // Never under a server that runs: the hold is only for as long as this takes.
            let migrating = if hold.is_none() { Some(Hold::take(&path)?) } else { None };
            migrate::sqlite(&mut first)?;
            drop(migrating);
        }
        drop(first);
        let mut opened = Self::with_readers(path)?;
        opened.hold = hold;
        Ok(opened)
    }

    fn open_as_it_is(path: String, is_current: bool) -> Result<Self, StoreError> {
        if !opening::is_there(Path::new(&path)) {
            return Err(migrate::absent(&path));
        }
        migrate::sqlite_as_it_is(&mut connect(&path, true)?, &path, is_current)?;
        Self::with_readers(path)
    }

    /// Its file.
    pub(crate) fn path(&self) -> &str {
        &self.path
    }

    fn with_readers(path: String) -> Result<Self, StoreError> {
        let some = |count| (0..count).map(|_| connect(&path, true)).collect::<Result<Vec<_>, _>>();
        let readers = Readers::open(some(SQLITE_READERS)?, "reader")?;
        let slow = Readers::open(some(SLOW_READERS)?, "slow-reader")?;
        Ok(Self { path, readers, slow, hold: None })
    }
}

pub(crate) fn connect(path: &str, read_only: bool) -> Result<SqliteConnection, StoreError> {
    let mut raw = SqliteConnection::establish(path)
        .map_err(|error| unavailable(format!("cannot open {path}: {error}")))?;
    raw.batch_execute(
        "PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; \
         PRAGMA foreign_keys = ON; PRAGMA temp_store = MEMORY; PRAGMA cache_size = -8000; \
         PRAGMA secure_delete = ON;",
    )?;
    if read_only {
        raw.batch_execute("PRAGMA query_only = ON;")?;
    }
    Ok(raw)
}

/// What a checkpoint answers.
#[derive(QueryableByName)]
struct Checkpoint {
    /// 1: somebody read or wrote meanwhile, and the log stays.
    #[diesel(sql_type = diesel::sql_types::Integer)]
    busy: i32,
}

fn fold(raw: &mut SqliteConnection) -> Result<(), StoreError> {
    let done: Checkpoint = diesel::sql_query("PRAGMA wal_checkpoint(TRUNCATE)").get_result(raw)?;
    if done.busy == 0 { Ok(()) } else { Err(unavailable("its log is still in use")) }
}

fn refuse_old_sqlite(raw: &mut SqliteConnection) -> Result<(), StoreError> {
    let version: String =
        diesel::select(diesel::dsl::sql::<diesel::sql_types::Text>("sqlite_version()")).get_result(raw)?;
    let mut parts = version.split('.').map(|part| part.parse::<u32>().unwrap_or(0));
    let mut part = || parts.next().unwrap_or(0);
    if (part(), part(), part()) < OLDEST_SQLITE {
        return Err(unavailable(format!("SQLite {version} may corrupt its log; 3.51.3 or newer is needed")));
    }
    Ok(())
}

pub(crate) fn is_postgres(url: &str) -> bool {
    url.starts_with("postgres://") || url.starts_with("postgresql://")
}

/// The path of `sqlite://PATH`; the settings let nothing else pass.
pub(crate) fn sqlite_path(url: &str) -> &str {
    url.strip_prefix("sqlite://").unwrap_or(url)
}

pub(crate) async fn off_thread<R: Send + 'static>(
    work: impl FnOnce() -> Result<R, StoreError> + Send + 'static,
) -> Result<R, StoreError> {
    tokio::task::spawn_blocking(work).await.map_err(|_| unavailable("opening the database panicked"))?
}

fn unavailable(why: impl Into<String>) -> StoreError {
    StoreError::Unavailable(why.into())
}
