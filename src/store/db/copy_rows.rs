//! PostgreSQL's copy: a file of JSON lines for each table, read in one snapshot, and written back in one
//! transaction. Needs no program of PostgreSQL's and no rights but those of the tables' owner. Never a rule
//! of any table.

use super::copied::{Copied, Word, cannot, facts, words};
use super::{migrate, tls};
use crate::on;
use crate::store::{Conn, StoreError};
use diesel::connection::SimpleConnection;
use diesel::sql_types::{BigInt, Text};
use diesel::{Connection, QueryableByName, RunQueryDsl};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

const FOLDER: &str = "rows";
/// Rows of one question, and of one statement.
const BATCH: usize = 500;
/// Bytes of one statement, about.
const MUCH: usize = 4 * 1024 * 1024;

/// Those of this schema that no extension brought.
const TABLES: &str = "SELECT tablename::text AS word FROM pg_tables WHERE schemaname = current_schema() \
    AND tablename <> '__diesel_schema_migrations' AND NOT EXISTS (SELECT 1 FROM pg_depend AS d WHERE \
    d.deptype = 'e' \
    AND d.objid = format('%I.%I', schemaname, tablename)::regclass) ORDER BY tablename";

#[derive(QueryableByName)]
struct Counted {
    #[diesel(sql_type = Text)]
    word: String,
    #[diesel(sql_type = BigInt)]
    n: i64,
}

/// Copies everything as it is at one moment.
pub(crate) async fn write(conn: &mut Conn, folder: &Path) -> Result<Copied, StoreError> {
    let rows = folder.join(FOLDER);
    std::fs::DirBuilder::new().mode(0o700).create(&rows).map_err(|error| cannot("make", &rows, &error))?;
    conn.begin_snapshot().await?;
    let written = write_snapshot(conn, &rows).await;
    conn.batch_execute("ROLLBACK").await?;
    written
}

async fn write_snapshot(conn: &mut Conn, rows: &Path) -> Result<Copied, StoreError> {
    let mut copied = facts(conn).await?;
    for table in words(conn, TABLES).await? {
        let path = rows.join(format!("{table}.jsonl"));
        let file = File::options().write(true).create_new(true).mode(0o600).open(&path);
        let mut file = BufWriter::new(file.map_err(|error| cannot("make", &path, &error))?);
        conn.batch_execute(&format!(
            "DECLARE copied NO SCROLL CURSOR FOR SELECT row_to_json(whole_row)::text AS word \
                FROM \"{table}\" AS whole_row"
        ))
        .await?;
        loop {
            let lines = words(conn, &format!("FETCH {BATCH} FROM copied")).await?;
            if lines.is_empty() {
                break;
            }
            let put = lines.iter().try_for_each(|line| writeln!(file, "{line}"));
            put.map_err(|error| cannot("write", &path, &error))?;
        }
        conn.batch_execute("CLOSE copied").await?;
        file.flush().map_err(|error| cannot("write", &path, &error))?;
    }
    // They belong to no snapshot: asked last, they are never behind the rows.
    copied.sequences = sequences(conn).await?;
    Ok(copied)
}

async fn sequences(conn: &mut Conn) -> Result<BTreeMap<String, i64>, StoreError> {
    let asked = || {
        diesel::sql_query(
            "SELECT sequencename::text AS word, last_value AS n FROM pg_sequences \
             WHERE schemaname = current_schema() AND last_value IS NOT NULL",
        )
    };
    let counted: Vec<Counted> = on!(conn, db => diesel_async::RunQueryDsl::load(asked(), db).await)?;
    Ok(counted.into_iter().map(|row| (row.word, row.n)).collect())
}

/// The files of a copy, by their names.
pub(crate) fn files(folder: &Path) -> Result<Vec<PathBuf>, StoreError> {
    let rows = folder.join(FOLDER);
    let listed =
        || std::fs::read_dir(&rows)?.map(|entry| Ok(entry?.path())).collect::<std::io::Result<Vec<_>>>();
    let mut files = listed().map_err(|error| cannot("read", &rows, &error))?;
    files.sort();
    Ok(files)
}

/// Makes the tables as the copy had them, and fills them: all of it or nothing.
pub(crate) fn put_back(url: &str, folder: &Path, copied: &Copied) -> Result<(), StoreError> {
    let place = tls::place(url);
    migrate::refuse_unknown(&copied.migrations)?;
    let mut raw = migrate::connect(url)?;
    migrate::lock(&mut raw, &place)?;
    let done = raw.transaction(|raw| {
        migrate::up_to(raw, &copied.migrations)?;
        let keys = drop_foreign_keys(raw)?;
        for file in files(folder)? {
            fill(raw, &file)?;
        }
        for key in keys {
            raw.batch_execute(&key)?;
        }
        for (name, last) in &copied.sequences {
            diesel::sql_query("SELECT setval(quote_ident($1)::regclass, $2) AS n")
                .bind::<Text, _>(name)
                .bind::<BigInt, _>(last)
                .execute(raw)?;
        }
        Ok(())
    });
    migrate::unlock(&mut raw)?;
    done
}

/// Takes the keys between tables away, so that rows may come in any order; gives what lays them again.
fn drop_foreign_keys(raw: &mut migrate::Blocking) -> Result<Vec<String>, StoreError> {
    let of = |text: &str, raw: &mut migrate::Blocking| -> Result<Vec<String>, StoreError> {
        let rows: Vec<Word> = diesel::sql_query(format!(
            "SELECT 'ALTER TABLE ' || conrelid::regclass || {text} AS word FROM pg_constraint \
             WHERE contype = 'f' AND connamespace = current_schema()::regnamespace ORDER BY oid"
        ))
        .load(raw)?;
        Ok(rows.into_iter().map(|row| row.word).collect())
    };
    let laid = of("' ADD CONSTRAINT ' || quote_ident(conname) || ' ' || pg_get_constraintdef(oid)", raw)?;
    for drop in of("' DROP CONSTRAINT ' || quote_ident(conname)", raw)? {
        raw.batch_execute(&drop)?;
    }
    Ok(laid)
}

/// Fills one table from its file; what a migration put there goes.
fn fill(raw: &mut migrate::Blocking, path: &Path) -> Result<(), StoreError> {
    let table = path.file_stem().and_then(|name| name.to_str()).unwrap_or_default();
    if table.is_empty()
        || !table.bytes().all(|sign| sign.is_ascii_lowercase() || sign.is_ascii_digit() || sign == b'_')
    {
        return Err(StoreError::Unfit(format!("{} is not the copy of a table", path.display())));
    }
    raw.batch_execute(&format!("DELETE FROM \"{table}\""))?;
    let columns: Word = diesel::sql_query(
        "SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) AS word FROM pg_attribute \
         WHERE attrelid = quote_ident($1)::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = \
         ''",
    )
    .bind::<Text, _>(table)
    .get_result(raw)?;
    let insert = format!(
        "INSERT INTO \"{table}\" ({0}) SELECT {0} FROM json_populate_recordset(NULL::\"{table}\", $1::json)",
        columns.word
    );
    let file = BufReader::new(File::open(path).map_err(|error| cannot("read", path, &error))?);
    let (mut batch, mut count) = (String::new(), 0);
    for line in file.lines() {
        let line = line.map_err(|error| cannot("read", path, &error))?;
        batch.push(if count == 0 { '[' } else { ',' });
        batch.push_str(&line);
        count += 1;
        if count == BATCH || batch.len() > MUCH {
            put(raw, &insert, &mut batch)?;
            count = 0;
        }
    }
    if count > 0 { put(raw, &insert, &mut batch) } else { Ok(()) }
}

fn put(raw: &mut migrate::Blocking, insert: &str, batch: &mut String) -> Result<(), StoreError> {
    batch.push(']');
    diesel::sql_query(insert).bind::<Text, _>(batch.as_str()).execute(raw)?;
    batch.clear();
    Ok(())
}
