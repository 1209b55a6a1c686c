//! Changes of many conversations: what is to change, of which, and how each went. Never the change itself:
//! that is a command for each.

use crate::domain::{BulkJobId, BulkOutcome, BulkState, ConversationId, Timestamp, UserId, WorkspaceId};
use crate::on;
use crate::store::accounts::audit;
use crate::store::db::in_list::among;
use crate::store::db::prepared::Keep;
use crate::store::db::schema::{bulk_items, bulk_jobs};
use crate::store::db::unnest::column;
use crate::store::{Conn, StoreError};
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Bool, Text};
use diesel_async::RunQueryDsl;

/// One change of many conversations.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = bulk_jobs)]
pub struct JobRow {
    /// Unique in the server.
    pub id: BulkJobId,
    pub workspace_id: WorkspaceId,
    /// Who wants it.
    pub user_id: UserId,
    /// JSON: what is to change.
    pub change: String,
    /// Of how many.
    pub total: i64,
    /// How far it came.
    pub state: BulkState,
    /// Until when somebody works on it.
    pub lease_until: Option<Timestamp>,
    /// From where it was asked for.
    pub address: Option<String>,
    /// The job whose changes it takes back; none: it changes by itself.
    pub undoes: Option<BulkJobId>,
}

/// Begins a job, as asked for from where the work under way was; its conversations follow.
pub async fn insert(
    conn: &mut Conn,
    (workspace, user): (WorkspaceId, UserId),
    change: &str,
    undoes: Option<BulkJobId>,
    now: Timestamp,
) -> Result<BulkJobId, StoreError> {
    Ok(on!(conn, db => diesel::insert_into(bulk_jobs::table)
        .values((
            bulk_jobs::workspace_id.eq(workspace),
            bulk_jobs::user_id.eq(user),
            bulk_jobs::change.eq(change),
            bulk_jobs::total.eq(0_i64),
            bulk_jobs::state.eq(BulkState::Running),
            bulk_jobs::created_at.eq(now),
            bulk_jobs::updated_at.eq(now),
            bulk_jobs::address.eq(audit::asked_from().as_deref()),
            bulk_jobs::undoes.eq(undoes),
        ))
        .returning(bulk_jobs::id)
        .get_result(db).await)?)
}

const ADD_HERE: &str = "INSERT INTO bulk_items (job_id, conversation_id, state) \
    SELECT $1, value, $2 FROM json_each($3)";
const ADD_THERE: &str = "INSERT INTO bulk_items (job_id, conversation_id, state) \
    SELECT $1, id, $2 FROM unnest($3) AS new (id)";

/// Adds conversations to a job.
pub async fn add(conn: &mut Conn, job: BulkJobId, ids: &[ConversationId]) -> Result<(), StoreError> {
    match conn {
        Conn::Sqlite(db) => {
            let ids = serde_json::to_string(ids).map_err(|error| StoreError::Broken(error.to_string()))?;
            diesel::sql_query(ADD_HERE)
                .bind::<BigInt, _>(job)
                .bind::<Text, _>(BulkOutcome::Waiting)
                .bind::<Text, _>(ids)
                .execute(db)
                .await?;
        }
        Conn::Postgres(db) => {
            diesel::sql_query(ADD_THERE)
                .bind::<BigInt, _>(job)
                .bind::<Text, _>(BulkOutcome::Waiting)
                .bind::<Array<BigInt>, _>(column(ids.iter().copied()))
                .execute(db)
                .await?;
        }
    }
    grow(conn, job, ids.len()).await?;
    Ok(())
}

/// Makes a job one of so many more; how many it is then of.
async fn grow(conn: &mut Conn, job: BulkJobId, by: usize) -> Result<i64, StoreError> {
    Ok(on!(conn, db => diesel::update(bulk_jobs::table.find(job))
        .set(bulk_jobs::total.eq(bulk_jobs::total + i64::try_from(by).unwrap_or(i64::MAX)))
        .returning(bulk_jobs::total)
        .get_result(db).await)?)
}

const ADD_CHANGED: &str = "INSERT INTO bulk_items (job_id, conversation_id, state) \
    SELECT $1, conversation_id, $2 FROM bulk_items WHERE job_id = $3 AND earlier IS NOT NULL";

/// Adds to a job all that another one changed; how many there are.
pub async fn add_changed(conn: &mut Conn, job: BulkJobId, other: BulkJobId) -> Result<i64, StoreError> {
    let added = on!(conn, db => diesel::sql_query(ADD_CHANGED)
        .bind::<BigInt, _>(job)
        .bind::<Text, _>(BulkOutcome::Waiting)
        .bind::<BigInt, _>(other)
        .execute(db).await)?;
    grow(conn, job, added).await
}

/// Keeps what would make a conversation as it was before a job changed it, and the place in its timeline that
/// it came to: at another place, somebody changed it since.
pub async fn remember(
    conn: &mut Conn,
    (job, conversation): (BulkJobId, ConversationId),
    earlier: &str,
    event_seq: i64,
) -> Result<(), StoreError> {
    on!(conn, db => diesel::update(bulk_items::table.find((job, conversation)))
        .set((bulk_items::earlier.eq(earlier), bulk_items::event_seq.eq(event_seq)))
        .kept().execute(db).await)?;
    Ok(())
}

/// What [`remember`] kept of a conversation; none: the job did not change it, or is forgotten.
pub async fn earlier(
    conn: &mut Conn,
    job: BulkJobId,
    conversation: ConversationId,
) -> Result<Option<(String, i64)>, StoreError> {
    let kept: Option<(Option<String>, Option<i64>)> = on!(conn, db => bulk_items::table
        .find((job, conversation))
        .select((bulk_items::earlier, bulk_items::event_seq))
        .first(db).await.optional())?;
    Ok(kept.and_then(|(earlier, event_seq)| earlier.zip(event_seq)))
}

/// The job that takes back what this one changed.
pub async fn undo_of(conn: &mut Conn, id: BulkJobId) -> Result<Option<JobRow>, StoreError> {
    Ok(on!(conn, db => bulk_jobs::table
        .filter(bulk_jobs::undoes.eq(id))
        .select(JobRow::as_select())
        .first(db).await.optional())?)
}

/// A job.
pub async fn find(conn: &mut Conn, id: BulkJobId) -> Result<Option<JobRow>, StoreError> {
    Ok(on!(conn, db => bulk_jobs::table.find(id).select(JobRow::as_select()).first(db).await.optional())?)
}

/// How many of a job's conversations went so.
pub async fn count(conn: &mut Conn, id: BulkJobId, outcome: BulkOutcome) -> Result<i64, StoreError> {
    Ok(on!(conn, db => bulk_items::table
        .filter(bulk_items::job_id.eq(id).and(bulk_items::state.eq(outcome)))
        .count()
        .get_result(db).await)?)
}

/// The jobs that nobody works on at the moment and that are not done.
pub async fn left(conn: &mut Conn, now: Timestamp, limit: i64) -> Result<Vec<BulkJobId>, StoreError> {
    Ok(on!(conn, db => bulk_jobs::table
        // In words: that is what its index is of.
        .filter(sql::<Bool>("bulk_jobs.state = 'running'"))
        .filter(bulk_jobs::lease_until.is_null().or(bulk_jobs::lease_until.lt(now).assume_not_null()))
        .order(bulk_jobs::id)
        .limit(limit)
        .select(bulk_jobs::id)
        .load(db).await)?)
}

/// Takes a job to work on it; none: somebody else has, or nothing of it is left.
pub async fn claim(
    conn: &mut Conn,
    id: BulkJobId,
    now: Timestamp,
    until: Timestamp,
) -> Result<Option<JobRow>, StoreError> {
    Ok(on!(conn, db => diesel::update(bulk_jobs::table
            .filter(bulk_jobs::id.eq(id).and(bulk_jobs::state.eq(BulkState::Running)))
            .filter(bulk_jobs::lease_until.is_null().or(bulk_jobs::lease_until.lt(now).assume_not_null())))
        .set(bulk_jobs::lease_until.eq(until))
        .returning(JobRow::as_returning())
        .get_result(db).await.optional())?)
}

/// The next conversations of a job that were not tried.
pub async fn next(conn: &mut Conn, id: BulkJobId, limit: i64) -> Result<Vec<ConversationId>, StoreError> {
    Ok(on!(conn, db => bulk_items::table
        .filter(bulk_items::job_id.eq(id).and(bulk_items::state.eq(BulkOutcome::Waiting)))
        .order(bulk_items::conversation_id)
        .limit(limit)
        .select(bulk_items::conversation_id)
        .load(db).await)?)
}

/// Notes how one went; false: that is known, or the job was stopped.
pub async fn settle(
    conn: &mut Conn,
    id: BulkJobId,
    conversation: ConversationId,
    outcome: BulkOutcome,
    error: Option<&str>,
) -> Result<bool, StoreError> {
    let running = || {
        bulk_jobs::table
            .filter(bulk_jobs::id.eq(id).and(bulk_jobs::state.eq(BulkState::Running)))
            .select(bulk_jobs::id)
    };
    let settled = on!(conn, db => diesel::update(bulk_items::table
            .filter(bulk_items::job_id.eq_any(running()))
            .filter(bulk_items::conversation_id.eq(conversation))
            .filter(bulk_items::state.eq(BulkOutcome::Waiting)))
        .set((bulk_items::state.eq(outcome), bulk_items::error_code.eq(error)))
        .execute(db).await)?;
    Ok(settled == 1)
}

/// Gives a running job back, or ends it; false: it had ended.
pub async fn release(
    conn: &mut Conn,
    id: BulkJobId,
    state: BulkState,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let released = on!(conn, db => diesel::update(bulk_jobs::table
            .filter(bulk_jobs::id.eq(id).and(bulk_jobs::state.eq(BulkState::Running))))
        .set((
            bulk_jobs::state.eq(state),
            bulk_jobs::lease_until.eq(None::<Timestamp>),
            bulk_jobs::updated_at.eq(now),
        ))
        .kept().execute(db).await)?;
    Ok(released == 1)
}

/// Forgets jobs that ended before a moment, with what became of each conversation.
pub async fn purge(conn: &mut Conn, before: Timestamp) -> Result<usize, StoreError> {
    let old: Vec<BulkJobId> = on!(conn, db => bulk_jobs::table
        .filter(bulk_jobs::state.ne(BulkState::Running).and(bulk_jobs::updated_at.lt(before)))
        .select(bulk_jobs::id)
        .load(db).await)?;
    Ok(on!(conn, db => diesel::delete(bulk_jobs::table.filter(among(bulk_jobs::id, &old)))
            .execute(db).await)?)
}
