//! Whose name or number holds some signs: looked for by runs of three of them, with FTS5 on SQLite and an
//! index of such runs on PostgreSQL. Never a decision: each that is told is looked at once more.

use super::filter::Filter;
use super::narrowed::{like, of_customers};
use super::reader::Reader;
use crate::domain::ConversationId;
use crate::store::{Conn, StoreError};
use diesel::QueryableByName;
use diesel::pg::Pg;
use diesel::query_builder::BoxedSqlQuery;
use diesel::sql_types::{BigInt, Text};
use diesel::sqlite::Sqlite;
use diesel_async::RunQueryDsl;
use std::fmt::Write;

/// Signs of one run.
const RUN: usize = 3;
/// So many people are looked at; a part of a name that more have narrows nothing.
const MOST: usize = 20_000;
/// Runs that begin with one or two signs, at most.
const BEGINNINGS: usize = 200;

#[derive(QueryableByName)]
struct Run {
    #[diesel(sql_type = Text)]
    term: String,
}

/// All conversations that can be with somebody a filter names; none: too many can.
pub(super) async fn candidates(
    conn: &mut Conn,
    reader: &Reader,
    filter: &Filter,
) -> Result<Option<Vec<ConversationId>>, StoreError> {
    let Some(name) = filter.name.as_deref() else { return Ok(None) };
    let Some(mut people) = by_name(conn, name).await? else { return Ok(None) };
    if let Some(number) = filter.number.as_deref() {
        people.extend(by_number(conn, number).await?);
    }
    if people.len() > MOST {
        return Ok(None);
    }
    people.sort_unstable();
    people.dedup();
    let mut found = numbers(conn, colleagues(reader), &[like(name)]).await?;
    if let Some(from) = of_customers(&people, conn.has_many_writers()) {
        found.extend(numbers(conn, format!("SELECT c.id FROM {from}"), &[]).await?);
    }
    found.sort_unstable();
    found.dedup();
    Ok(Some(found.into_iter().map(ConversationId).collect()))
}

/// Whose name holds it, of customers; none: of too many.
async fn by_name(conn: &mut Conn, name: &str) -> Result<Option<Vec<i64>>, StoreError> {
    let (people, asked) = if conn.has_many_writers() {
        ("SELECT id FROM customers WHERE rapport_grams(search_text) @@ $1::tsquery", asked_there(name))
    } else {
        let Some(asked) = asked_here(conn, name).await? else { return Ok(None) };
        ("SELECT rowid AS id FROM search_names WHERE search_names MATCH $1", asked)
    };
    if asked.is_empty() {
        return Ok(Some(Vec::new()));
    }
    Ok(Some(numbers(conn, format!("{people} LIMIT {}", MOST + 1), &[asked]).await?))
}

/// Whose number holds it.
async fn by_number(conn: &mut Conn, number: &str) -> Result<Vec<i64>, StoreError> {
    let (people, asked) = if conn.has_many_writers() {
        let known = "SELECT customer_id AS id FROM customer_identities WHERE kind = 'phone' \
            AND rapport_grams(external_id) @@ $1::tsquery";
        (known, asked_there(number))
    } else {
        let known = "SELECT i.customer_id AS id FROM search_numbers AS s CROSS JOIN customer_identities AS i \
            WHERE search_numbers MATCH $1 AND i.id = s.rowid";
        (known, phrase(number))
    };
    numbers(conn, format!("{people} LIMIT {}", MOST + 1), &[asked]).await
}

/// The reader's conversations with colleagues of whom one is called $1.
fn colleagues(reader: &Reader) -> String {
    let user = reader.user;
    format!(
        "SELECT mine.conversation_id AS id FROM participants AS mine CROSS JOIN participants AS p \
         CROSS JOIN users AS u WHERE mine.user_id = {user} AND mine.is_member \
         AND p.conversation_id = mine.conversation_id AND p.is_member AND u.id = p.user_id \
         AND u.search_text LIKE $1 ESCAPE '\\'"
    )
}

/// What FTS5 is asked; less than a run is looked up among the beginnings of all runs. None: of too many;
/// nothing: nobody's name holds it.
async fn asked_here(conn: &mut Conn, name: &str) -> Result<Option<String>, StoreError> {
    let Conn::Sqlite(db) = conn else { return Ok(None) };
    if name.chars().count() >= RUN {
        return Ok(Some(phrase(name)));
    }
    let sql = format!(
        "SELECT term FROM search_names_terms WHERE term >= $1 AND term < $1 || char(1114111) LIMIT {}",
        BEGINNINGS + 1
    );
    let runs: Vec<Run> = diesel::sql_query(sql).bind::<Text, _>(name).load(db).await?;
    let all = runs.iter().map(|run| phrase(&run.term)).collect::<Vec<_>>().join(" OR ");
    Ok((runs.len() <= BEGINNINGS).then_some(all))
}

/// A text as FTS5 takes it for one.
fn phrase(text: &str) -> String {
    format!("\"{}\"", text.replace('"', "\"\""))
}

/// What PostgreSQL is asked: every run of three signs, or the beginning of one.
fn asked_there(text: &str) -> String {
    let signs: Vec<char> = text.chars().collect();
    let mut asked = String::new();
    for run in signs.windows(RUN.min(signs.len().max(1))) {
        let run: String = run.iter().collect();
        let and = if asked.is_empty() { "" } else { " & " };
        let _ = write!(asked, "{and}'{}'", run.replace('\\', "\\\\").replace('\'', "''"));
    }
    if signs.len() < RUN && !asked.is_empty() {
        asked.push_str(":*");
    }
    asked
}

#[derive(QueryableByName)]
struct Number {
    #[diesel(sql_type = BigInt)]
    id: i64,
}

/// The numbers that a statement gives as `id`.
pub(super) async fn numbers(conn: &mut Conn, sql: String, bound: &[String]) -> Result<Vec<i64>, StoreError> {
    let rows: Vec<Number> = match conn {
        Conn::Sqlite(db) => {
            let query = diesel::sql_query(sql).into_boxed::<Sqlite>();
            bound.iter().fold(query, BoxedSqlQuery::bind::<Text, _>).load(db).await?
        }
        Conn::Postgres(db) => {
            let query = diesel::sql_query(sql).into_boxed::<Pg>();
            bound.iter().fold(query, BoxedSqlQuery::bind::<Text, _>).load(db).await?
        }
    };
    Ok(rows.into_iter().map(|row| row.id).collect())
}

#[cfg(test)]
mod tests {
    use super::{asked_there, phrase};

    #[test]
    fn a_name_is_asked_for_by_its_runs_and_never_as_more_than_a_text() {
        assert_eq!(asked_there("anna"), "'ann' & 'nna'");
        assert_eq!(asked_there("o'"), "'o''':*");
        assert_eq!(asked_there(r"a\b"), r"'a\\b'");
        assert_eq!(phrase("\"x\" OR"), "\"\"\"x\"\" OR\"");
    }
}
