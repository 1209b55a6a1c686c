//! Whether something between us and PostgreSQL hands each transaction to another session (`PgBouncer` in
//! transaction mode): statements we prepared and locks we hold would then belong to somebody else. Looked for
//! at the start; never worked around.

use super::error::StoreError;
use super::tls;
use diesel::QueryableByName;
use diesel::sql_types::Integer;
use diesel_async::{AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection};
use std::time::Duration;

/// How often one connection is asked while another holds a session: a pool that takes turns is seen, too.
const ASKED: usize = 4;
const LIMIT: Duration = Duration::from_secs(10);

#[derive(QueryableByName)]
struct Session {
    #[diesel(sql_type = Integer)]
    id: i32,
}

/// Refuses, in one line, what shares sessions between transactions.
pub(crate) async fn refuse(url: &str) -> Result<(), StoreError> {
    let looked = tokio::time::timeout(LIMIT, is_pooled(url)).await;
    match looked {
        Ok(Ok(false)) => Ok(()),
        Ok(Ok(true)) => Err(StoreError::Unfit(format!(
            "{} is behind a pooler in transaction mode, which loses prepared statements and locks: use \
                PgBouncer's \
             session mode (pool_mode = session) or PostgreSQL's own port",
            tls::place(url)
        ))),
        Ok(Err(error)) => Err(error),
        Err(_) => Err(StoreError::Unavailable(format!(
            "PostgreSQL at {} does not answer two connections at once within {} s",
            tls::place(url),
            LIMIT.as_secs()
        ))),
    }
}

async fn is_pooled(url: &str) -> Result<bool, StoreError> {
    let mut ours = connect(url).await?;
    let first = session(&mut ours).await?;
    // Another transaction takes the session we just left, if sessions are shared; ours must then be another.
    let mut other = connect(url).await?;
    other.batch_execute("BEGIN").await?;
    let held = session(&mut other).await?;
    let mut is_pooled = held == first;
    for _ in 0..ASKED {
        is_pooled = is_pooled || session(&mut ours).await? != first;
    }
    other.batch_execute("ROLLBACK").await?;
    Ok(is_pooled)
}

async fn connect(url: &str) -> Result<AsyncPgConnection, StoreError> {
    tls::establish(url).await.map_err(|error| StoreError::Unavailable(error.to_string()))
}

/// The session that answers, by a statement that is prepared; a pooler that does not know it is one, too.
async fn session(conn: &mut AsyncPgConnection) -> Result<i32, StoreError> {
    let asked = diesel::sql_query("SELECT pg_backend_pid() AS id").get_result::<Session>(conn).await;
    match asked {
        Ok(session) => Ok(session.id),
        Err(error) if error.to_string().contains("prepared statement") => Ok(-1),
        Err(error) => Err(error.into()),
    }
}
