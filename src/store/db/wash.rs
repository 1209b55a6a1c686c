//! Taking the words of what was deleted out of SQLite's index of words, which keeps them until its parts are
//! written anew. Never a word that is still to be found.

use crate::store::{Conn, StoreError};
use diesel::QueryableByName;
use diesel::sql_types::BigInt;
use diesel_async::RunQueryDsl;

/// Pages of the index that one step writes anew: some milliseconds.
const STEP: i64 = 500;

#[derive(QueryableByName)]
struct Changes {
    #[diesel(sql_type = BigInt)]
    n: i64,
}

/// Takes the words of what was deleted out of SQLite's index, a step at a time: it keeps them until its parts
/// are written anew. True: there is more. PostgreSQL's rows have gone with their words.
pub async fn index(conn: &mut Conn, is_first: bool) -> Result<bool, StoreError> {
    let Conn::Sqlite(db) = conn else { return Ok(false) };
    let mut is_more = false;
    for table in ["search_messages", "search_customers", "search_names", "search_numbers"] {
        // The first one has all parts written anew, whatever is in them; the others go on with that.
        let pages = if is_first { -STEP } else { STEP };
        let before: Changes = diesel::sql_query("SELECT total_changes() AS n").get_result(db).await?;
        diesel::sql_query(format!("INSERT INTO {table} ({table}, rank) VALUES ('merge', {pages})"))
            .execute(db)
            .await?;
        let after: Changes = diesel::sql_query("SELECT total_changes() AS n").get_result(db).await?;
        is_more |= after.n - before.n >= 2;
    }
    Ok(is_more)
}
