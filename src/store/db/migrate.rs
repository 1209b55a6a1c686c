//! Brings a database up to date. Never destroys what it cannot keep: see each migration; never touches one
//! that a newer program made.
//! Over 400 lines: two databases, each with its own way to hold nobody up.

use super::error::StoreError;
use super::tls;
use crate::on;
use diesel::connection::SimpleConnection;
use diesel::migration::{Migration, MigrationSource, MigrationVersion};
use diesel::pg::Pg;
use diesel::sql_types::{BigInt, Bool, Text};
use diesel::sqlite::Sqlite;
use diesel::{QueryableByName, RunQueryDsl, SqliteConnection};
use diesel_async::AsyncPgConnection;
use diesel_async::async_connection_wrapper::AsyncConnectionWrapper;
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};
use std::thread;
use std::time::Duration;

/// The tables on SQLite.
pub const SQLITE: EmbeddedMigrations = embed_migrations!("migrations/sqlite");
/// The same tables on PostgreSQL.
pub const POSTGRES: EmbeddedMigrations = embed_migrations!("migrations/postgres");

/// Any number, the same in every process: two servers that start at once migrate one by one.
const ADVISORY_LOCK: i64 = 7_061_646;
/// How often, and how far apart, a migration asks for what another session holds.
const ASKED: usize = 240;
const APART: Duration = Duration::from_millis(250);
/// How long it waits in line each time: whoever comes behind it waits as long.
const IN_LINE: &str = "500ms";

/// What a database says of itself before anything in it is touched.
#[derive(Debug, Default)]
pub(crate) struct Standing {
    /// The migrations it knows, in order.
    applied: Vec<String>,
    notes: Vec<Note>,
    /// Tables of somebody else, where none is ours.
    foreign: i64,
}

#[derive(Debug, QueryableByName)]
struct Note {
    #[diesel(sql_type = Text)]
    version: String,
    #[diesel(sql_type = Text)]
    release: String,
    #[diesel(sql_type = Bool)]
    only_adds: bool,
}

#[derive(QueryableByName)]
struct Applied {
    #[diesel(sql_type = Text)]
    version: String,
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    found: i64,
}

/// Reads how a database stands: the same on both, but for where each keeps the names of its tables.
macro_rules! standing {
    ($conn:expr, $tables:literal, $named:literal) => {{
        let conn = $conn;
        let count = |conn: &mut _, more: &str| -> Result<i64, StoreError> {
            let sql = format!(concat!("SELECT COUNT(*) AS found FROM ", $tables, " {}"), more);
            let row: Count = diesel::sql_query(sql).get_result(conn)?;
            Ok(row.found)
        };
        let mut standing = Standing::default();
        if count(conn, concat!("AND ", $named, " = '__diesel_schema_migrations'"))? == 0 {
            standing.foreign = count(conn, "")?;
        } else {
            let sql = "SELECT version FROM __diesel_schema_migrations ORDER BY version";
            let rows: Vec<Applied> = diesel::sql_query(sql).load(conn)?;
            standing.applied = rows.into_iter().map(|row| row.version).collect();
            if count(conn, concat!("AND ", $named, " = 'migration_notes'"))? > 0 {
                let sql = "SELECT version, release, only_adds FROM migration_notes";
                standing.notes = diesel::sql_query(sql).load(conn)?;
            }
        }
        Ok(standing)
    }};
}

impl Standing {
    /// Whether it is a database of ours.
    pub(crate) fn is_ours(&self) -> bool {
        !self.applied.is_empty()
    }

    /// Whether this program has something to bring to it.
    pub(crate) fn is_behind(&self) -> bool {
        known().iter().any(|version| !self.applied.contains(version))
    }

    /// Refuses what a newer program made, unless all it did is recorded there as only adding, and what is no
    /// database of ours at all. Names both versions.
    pub(crate) fn check(&self, place: &str) -> Result<(), StoreError> {
        if self.foreign > 0 {
            return Err(StoreError::Unfit(format!(
                "{place} holds tables of another program: name a database of its own for Rapport"
            )));
        }
        let known = known();
        let ours = known.last().map_or("none", String::as_str);
        let Some(stranger) = self.applied.iter().rev().find(|version| self.is_strange(version, &known))
        else {
            return Ok(());
        };
        let note = self.notes.iter().find(|note| note.version == *stranger);
        let by = note.map_or_else(String::new, |note| format!(" of Rapport {}", note.release));
        Err(StoreError::Unfit(format!(
            "{place} is of a newer version than this program: it has migration {stranger}{by}, and this is \
                Rapport {} \
             with migrations up to {ours}; start the newer program, or put the backup from before the \
             upgrade back \
             (docs/rescue.md)",
            env!("CARGO_PKG_VERSION")
        )))
    }

    fn is_strange(&self, version: &str, known: &[String]) -> bool {
        !known.iter().any(|ours| ours == version)
            && !self.notes.iter().any(|note| note.version == version && note.only_adds)
    }

    fn check_as_it_is(&self, place: &str, is_current: bool) -> Result<(), StoreError> {
        self.check(place)?;
        if !self.is_ours() {
            return Err(absent(place));
        }
        if is_current && self.is_behind() {
            return Err(StoreError::Unfit(format!(
                "{place} is not of this version: run `rapport migrate` first"
            )));
        }
        Ok(())
    }
}

/// The migrations this program knows, in order: the same on both databases.
fn known() -> Vec<String> {
    let migrations: Vec<Box<dyn Migration<Sqlite>>> = SQLITE.migrations().unwrap_or_default();
    let mut versions: Vec<String> =
        migrations.iter().map(|migration| migration.name().version().to_string()).collect();
    versions.sort();
    versions
}

/// The newest migration a database knows, and how many channels it has: for the line at a start.
pub async fn standing_of(conn: &mut crate::store::Conn) -> Result<(String, i64), StoreError> {
    let newest = "SELECT COALESCE(MAX(version), 'none') AS version FROM __diesel_schema_migrations";
    let newest: Applied =
        on!(conn, db => diesel_async::RunQueryDsl::get_result(diesel::sql_query(newest), db).await)?;
    let channels = "SELECT COUNT(*) AS found FROM channels WHERE state <> 'off'";
    let count: Count =
        on!(conn, db => diesel_async::RunQueryDsl::get_result(diesel::sql_query(channels), db).await)?;
    Ok((newest.version, count.found))
}

/// How an open SQLite database stands.
pub(crate) fn sqlite_standing(raw: &mut SqliteConnection) -> Result<Standing, StoreError> {
    standing!(raw, "sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'", "name")
}

fn postgres_standing(raw: &mut Blocking) -> Result<Standing, StoreError> {
    let standing: Result<Standing, StoreError> =
        standing!(raw, "pg_tables WHERE schemaname = current_schema()", "tablename");
    // Extensions put tables of their own beside ours.
    Ok(Standing { foreign: 0, ..standing? })
}

/// Migrates an open SQLite database.
pub fn sqlite(raw: &mut SqliteConnection) -> Result<(), StoreError> {
    let is_old = sqlite_standing(raw)?.is_ours();
    let pending = raw.pending_migrations(SQLITE).map_err(|error| failed(&*error))?;
    let mut applied = Vec::with_capacity(pending.len());
    for (at, migration) in pending.iter().enumerate() {
        if is_old {
            log::info!("migration {}, {} of {}", migration.name(), at + 1, pending.len());
        }
        applied.push(raw.run_migration(&**migration).map_err(|error| failed(&*error))?);
    }
    say(&applied);
    Ok(())
}

/// Which migrations were made just now.
fn say(applied: &[MigrationVersion<'_>]) {
    if !applied.is_empty() {
        let names: Vec<_> = applied.iter().map(ToString::to_string).collect();
        log::info!("migrations applied: {}", names.join(", "));
    }
}

/// Migrates the PostgreSQL database at `url`; blocks, and needs no libpq.
pub fn postgres(url: &str) -> Result<(), StoreError> {
    postgres_as(url, true)
}

/// The same; one that is not there is refused unless it `may_make` it.
pub(crate) fn postgres_as(url: &str, may_make: bool) -> Result<(), StoreError> {
    let place = tls::place(url);
    let mut raw = connect(url)?;
    let standing = postgres_standing(&mut raw)?;
    standing.check(&place)?;
    if !standing.is_ours() && !may_make {
        return Err(absent(&place));
    }
    if standing.is_ours() && !standing.is_behind() {
        return Ok(());
    }
    lock(&mut raw, &place)?;
    let done = run_pending(&mut raw, standing.is_ours(), &place);
    unlock(&mut raw)?;
    done
}

/// Makes what is missing, while other programs go on writing. Where it is killed, it goes on the next time.
fn run_pending(raw: &mut Blocking, is_old: bool, place: &str) -> Result<(), StoreError> {
    let pending = raw.pending_migrations(POSTGRES).map_err(|error| failed(&*error))?;
    raw.batch_execute(&format!("SET lock_timeout = '{IN_LINE}'"))?;
    let mut applied = Vec::with_capacity(pending.len());
    for (at, migration) in pending.iter().enumerate() {
        if is_old {
            log::info!("migration {}, {} of {}", migration.name(), at + 1, pending.len());
        }
        applied.push(run_one(raw, &**migration, place)?);
    }
    say(&applied);
    Ok(())
}

/// Asks again and again for what others hold, and never stands in their way for long.
fn run_one(
    raw: &mut Blocking,
    migration: &dyn Migration<Pg>,
    place: &str,
) -> Result<MigrationVersion<'static>, StoreError> {
    let mut asked = 1;
    loop {
        drop_unfinished(raw)?;
        match raw.run_migration(migration) {
            Err(error) if is_held(&error.to_string()) && asked < ASKED => asked += 1,
            Err(error) if is_held(&error.to_string()) => return Err(waited(place)),
            done => return done.map_err(|error| failed(&*error)),
        }
        rest();
    }
}

/// Between two tries.
#[expect(
    clippy::disallowed_methods,
    reason = "migrations have a thread of their own, where nothing else waits"
)]
fn rest() {
    thread::sleep(APART);
}

/// Whether an error says that somebody else holds what was asked for.
fn is_held(why: &str) -> bool {
    why.contains("lock timeout") || why.contains("deadlock detected")
}

/// Takes away indexes whose making was broken off.
fn drop_unfinished(raw: &mut Blocking) -> Result<(), StoreError> {
    let rows: Vec<Applied> = diesel::sql_query(
        "SELECT quote_ident(c.relname) AS version FROM pg_index AS i \
         JOIN pg_class AS c ON c.oid = i.indexrelid WHERE NOT i.indisvalid \
         AND c.relnamespace = current_schema()::regnamespace",
    )
    .load(raw)?;
    for row in rows {
        raw.batch_execute(&format!("DROP INDEX {}", row.version))?;
    }
    Ok(())
}

/// Nobody else migrates from now on. Asked for again and again: a session that waited in line would have a
/// snapshot, and an index that is made meanwhile would wait for that.
pub(crate) fn lock(raw: &mut Blocking, place: &str) -> Result<(), StoreError> {
    for _ in 0..ASKED {
        let sql = format!("SELECT pg_try_advisory_lock({ADVISORY_LOCK})::int::int8 AS found");
        let taken: Count = diesel::sql_query(sql).get_result(raw)?;
        if taken.found > 0 {
            return Ok(());
        }
        rest();
    }
    Err(waited(place))
}

/// Others may.
pub(crate) fn unlock(raw: &mut Blocking) -> Result<(), StoreError> {
    Ok(raw.batch_execute(&format!("SELECT pg_advisory_unlock({ADVISORY_LOCK})"))?)
}

/// A connection of PostgreSQL for whoever may block.
pub(crate) type Blocking = AsyncConnectionWrapper<AsyncPgConnection>;

/// The same way as everybody connects, for whoever may block.
pub(crate) fn connect(url: &str) -> Result<Blocking, StoreError> {
    let connected = tokio::runtime::Handle::current().block_on(tls::establish(url));
    connected.map(Blocking::from).map_err(|error| StoreError::Unavailable(error.to_string()))
}

/// Refuses a SQLite database that is not ours, newer, or not up to date where it must be; changes nothing.
pub(crate) fn sqlite_as_it_is(
    raw: &mut SqliteConnection,
    place: &str,
    is_current: bool,
) -> Result<(), StoreError> {
    sqlite_standing(raw)?.check_as_it_is(place, is_current)
}

/// The same of a PostgreSQL database.
pub(crate) fn postgres_as_it_is(url: &str, is_current: bool) -> Result<(), StoreError> {
    postgres_standing(&mut connect(url)?)?.check_as_it_is(&tls::place(url), is_current)
}

/// Refuses a PostgreSQL database that Rapport has used before.
pub(crate) fn postgres_is_free(url: &str) -> Result<(), StoreError> {
    if postgres_standing(&mut connect(url)?)?.is_ours() {
        return Err(StoreError::Unfit(format!(
            "{} is a database of Rapport already: restore makes a new one and writes over none; name an \
                empty database \
             (DATABASE_URL), or drop this one and create it anew if nobody needs it",
            tls::place(url)
        )));
    }
    Ok(())
}

/// Refuses what a copy has of migrations that this program cannot make.
pub(crate) fn refuse_unknown(versions: &[String]) -> Result<(), StoreError> {
    let known = known();
    match versions.iter().find(|version| !known.contains(version)) {
        None => Ok(()),
        Some(stranger) => Err(StoreError::Unfit(format!(
            "the backup is of a newer version than this program: it has migration {stranger}, and this is \
                Rapport {} \
             with migrations up to {}; restore it with the newer program",
            env!("CARGO_PKG_VERSION"),
            known.last().map_or("none", String::as_str)
        ))),
    }
}

/// Makes the tables of exactly these migrations; what needs to be in no transaction, when it is opened next.
pub(crate) fn up_to(raw: &mut Blocking, versions: &[String]) -> Result<(), StoreError> {
    for migration in raw.pending_migrations(POSTGRES).map_err(|error| failed(&*error))? {
        let is_known = versions.contains(&migration.name().version().to_string());
        if is_known && migration.metadata().run_in_transaction() {
            raw.run_migration(&*migration).map_err(|error| failed(&*error))?;
        }
    }
    Ok(())
}

/// There is none, and this is not who makes one.
pub(crate) fn absent(place: &str) -> StoreError {
    StoreError::Unfit(format!(
        "there is no database at {place}: check DATABASE_URL and the folder this runs in (serve, migrate and \
         restore make a new one)"
    ))
}

fn waited(place: &str) -> StoreError {
    StoreError::Unfit(format!(
        "the migration waited 60 s for a lock that another session at {place} holds: end that session (or \
         the other server's migration) and start again; it goes on where it stopped"
    ))
}

fn failed(error: &(dyn std::error::Error + Send + Sync)) -> StoreError {
    StoreError::Broken(format!("a migration failed: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn standing(applied: &[&str], notes: &[(&str, bool)]) -> Standing {
        let note = |(version, only_adds): &(&str, bool)| Note {
            version: (*version).to_owned(),
            release: "9.9.0".to_owned(),
            only_adds: *only_adds,
        };
        let applied = applied.iter().map(|version| (*version).to_owned()).collect();
        Standing { applied, notes: notes.iter().map(note).collect(), foreign: 0 }
    }

    #[test]
    fn only_a_migration_that_says_it_adds_may_be_unknown() {
        assert!(standing(&["0001", "0013"], &[]).check("here").is_ok());
        assert!(standing(&["0001", "9998"], &[("9998", true)]).check("here").is_ok());
        let mixed = standing(&["9998", "9999"], &[("9998", true), ("9999", false)]);
        for (newer, named) in [(standing(&["0001", "9999"], &[]), "9999"), (mixed, "9999 of Rapport 9.9.0")] {
            let line = newer.check("here").expect_err("refused").to_string();
            assert!(line.contains(named) && line.contains(env!("CARGO_PKG_VERSION")), "{line}");
            assert_eq!(line.lines().count(), 1, "{line}");
        }
    }
}
