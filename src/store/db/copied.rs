//! What a copy of a database says of itself, asked of whichever database it is.

use crate::on;
use crate::store::{Conn, StoreError};
use diesel::QueryableByName;
use diesel::sql_types::{BigInt, Text};
use diesel_async::RunQueryDsl;
use std::collections::BTreeMap;
use std::path::Path;

/// What was copied.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Copied {
    /// The migrations it knows, in order.
    pub migrations: Vec<String>,
    /// Rows of messages.
    pub messages: i64,
    /// Rows of conversations.
    pub conversations: i64,
    /// Deliveries that were not over at that moment.
    pub owed: i64,
    /// The names of all files in the folder that it speaks of.
    pub files: Vec<String>,
    /// The mark of that folder.
    pub mark: Option<String>,
    /// PostgreSQL: how far each sequence had counted.
    pub sequences: BTreeMap<String, i64>,
}

#[derive(QueryableByName)]
pub(super) struct Word {
    #[diesel(sql_type = Text)]
    pub(super) word: String,
}

#[derive(QueryableByName)]
struct Number {
    #[diesel(sql_type = BigInt)]
    n: i64,
}

/// What a database says of itself.
pub(super) async fn facts(conn: &mut Conn) -> Result<Copied, StoreError> {
    let migrations =
        words(conn, "SELECT version AS word FROM __diesel_schema_migrations ORDER BY version").await?;
    let is_marked = migrations.iter().any(|version| version == "0017");
    let marks =
        if is_marked { words(conn, "SELECT mark AS word FROM media_folder").await? } else { Vec::new() };
    Ok(Copied {
        messages: number(conn, "SELECT COUNT(*) AS n FROM messages").await?,
        conversations: number(conn, "SELECT COUNT(*) AS n FROM conversations").await?,
        owed: number(
            conn,
            "SELECT COUNT(*) AS n FROM outbox WHERE status IN ('queued', 'claimed', 'sending')",
        )
        .await?,
        files: words(conn, "SELECT storage_key AS word FROM media ORDER BY id").await?,
        mark: marks.into_iter().next(),
        migrations,
        sequences: BTreeMap::new(),
    })
}

/// The texts that a question is answered with.
pub(super) async fn words(conn: &mut Conn, sql: &str) -> Result<Vec<String>, StoreError> {
    let rows: Vec<Word> = on!(conn, db => diesel::sql_query(sql).load(db).await)?;
    Ok(rows.into_iter().map(|row| row.word).collect())
}

async fn number(conn: &mut Conn, sql: &str) -> Result<i64, StoreError> {
    let row: Number = on!(conn, db => diesel::sql_query(sql).get_result(db).await)?;
    Ok(row.n)
}

pub(super) fn cannot(what: &str, path: &Path, error: &std::io::Error) -> StoreError {
    StoreError::Unavailable(format!("cannot {what} {}: {error}", path.display()))
}
