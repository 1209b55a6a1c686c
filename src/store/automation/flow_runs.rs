//! The runs of flows and what each did. Never a decision: who may do the next step is the caller's,
//! the database only makes each step atomic.

use crate::domain::{
    ConversationId, FlowId, MessageId, RunId, RunStatus, StartedBy, Timestamp, UserId, WorkspaceId,
};
use crate::on;
use crate::store::db::in_list::among;
use crate::store::db::prepared::Keep;
use crate::store::db::schema::{flow_runs, flow_steps_done, workspaces};
use crate::store::{Conn, StoreError};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use std::collections::HashSet;

/// One walk through a flow, for one conversation.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = flow_runs)]
pub struct RunRow {
    /// Unique in the server.
    pub id: RunId,
    pub workspace_id: WorkspaceId,
    /// Through which flow.
    pub flow_id: FlowId,
    /// By which version of its steps.
    pub flow_version: i64,
    pub conversation_id: ConversationId,
    /// What began it.
    pub started_by: StartedBy,
    /// Which trigger it is: one run each.
    pub trigger_key: String,
    /// Who began it, if somebody did.
    pub user_id: Option<UserId>,
    /// Where it stands.
    pub status: RunStatus,
    /// The step it is at, from 0 on.
    pub step: i64,
    /// How many steps it did: the fence.
    pub turn: i64,
    /// What it knows: an object of texts in JSON.
    pub variables: String,
    /// When its step is due; none: only an answer moves it, or it has ended.
    pub due_at: Option<Timestamp>,
    /// Why it failed.
    pub error_code: Option<String>,
    pub error_message: Option<String>,
    /// When it began.
    pub created_at: Timestamp,
    /// When it last moved.
    pub updated_at: Timestamp,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// Whether what it says is an offer.
    pub is_marketing: bool,
}

/// A run that is to be.
#[derive(Debug, Clone, Insertable)]
#[diesel(table_name = flow_runs)]
pub struct NewRun {
    pub workspace_id: WorkspaceId,
    /// Through which flow.
    pub flow_id: FlowId,
    /// By which version of its steps.
    pub flow_version: i64,
    pub conversation_id: ConversationId,
    /// What began it.
    pub started_by: StartedBy,
    /// Which trigger it is.
    pub trigger_key: String,
    /// Who began it.
    pub user_id: Option<UserId>,
    /// Where it stands.
    pub status: RunStatus,
    /// The step it is at.
    pub step: i64,
    /// How many steps it did.
    pub turn: i64,
    /// What it knows.
    pub variables: String,
    /// When its step is due.
    pub due_at: Option<Timestamp>,
    /// When it began.
    pub created_at: Timestamp,
    /// The same.
    pub updated_at: Timestamp,
    /// Whether what it says is an offer.
    pub is_marketing: bool,
}

/// A step that a run did.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = flow_steps_done)]
pub struct StepDone {
    /// Of which run.
    pub run_id: RunId,
    /// The how-manieth step of the run it was, from 0 on.
    pub turn: i64,
    /// Which step of the flow, from 0 on.
    pub step: i64,
    /// What other steps call it.
    pub name: Option<String>,
    /// What it did.
    pub kind: String,
    /// How it went, where there is a choice.
    pub outcome: Option<String>,
    /// What it said.
    pub message_id: Option<MessageId>,
    pub done_at: Timestamp,
}

/// Begins a run; none: this trigger has begun one before.
pub async fn insert(conn: &mut Conn, new: &NewRun) -> Result<Option<RunRow>, StoreError> {
    Ok(on!(conn, db => diesel::insert_into(flow_runs::table)
        .values(new)
        .on_conflict_do_nothing()
        .returning(RunRow::as_returning())
        .get_result(db).await.optional())?)
}

/// The run that a trigger began.
pub async fn by_key(conn: &mut Conn, flow: FlowId, key: &str) -> Result<Option<RunRow>, StoreError> {
    Ok(on!(conn, db => flow_runs::table
        .filter(flow_runs::flow_id.eq(flow).and(flow_runs::trigger_key.eq(key)))
        .select(RunRow::as_select())
        .first(db).await.optional())?)
}

/// A run by id.
pub async fn find(conn: &mut Conn, id: RunId) -> Result<Option<RunRow>, StoreError> {
    Ok(on!(conn, db => flow_runs::table.find(id).select(RunRow::as_select()).first(db).await.optional())?)
}

/// The runs of a conversation that may still say something, the newest last.
pub async fn active_in(conn: &mut Conn, conversation: ConversationId) -> Result<Vec<RunRow>, StoreError> {
    Ok(on!(conn, db => flow_runs::table
        .filter(flow_runs::conversation_id.eq(conversation).and(flow_runs::status.eq_any(RunStatus::ACTIVE)))
        .order(flow_runs::id)
        .select(RunRow::as_select())
        .kept().load(db).await)?)
}

/// In which of these conversations a run may still say something.
pub async fn active_among(
    conn: &mut Conn,
    conversations: &[ConversationId],
) -> Result<HashSet<ConversationId>, StoreError> {
    let found: Vec<ConversationId> = on!(conn, db => flow_runs::table
        .filter(among(flow_runs::conversation_id, conversations)
            .and(flow_runs::status.eq_any(RunStatus::ACTIVE)))
        .select(flow_runs::conversation_id)
        .kept().load(db).await)?;
    Ok(found.into_iter().collect())
}

/// The runs of a flow that began in a conversation since a moment, the newest first.
pub async fn since(
    conn: &mut Conn,
    flow: FlowId,
    conversation: ConversationId,
    since: Timestamp,
) -> Result<Vec<RunRow>, StoreError> {
    Ok(on!(conn, db => flow_runs::table
        .filter(flow_runs::conversation_id.eq(conversation).and(flow_runs::flow_id.eq(flow)))
        .filter(flow_runs::created_at.ge(since))
        .order(flow_runs::id.desc())
        .select(RunRow::as_select())
        .load(db).await)?)
}

/// Where people work: in an archived workspace no run goes on.
macro_rules! at_work {
    () => {
        flow_runs::workspace_id
            .ne_all(workspaces::table.filter(workspaces::archived_at.is_not_null()).select(workspaces::id))
    };
}

/// Takes runs whose step is due, under a lease; those that another process holds are left out.
pub async fn claim(
    conn: &mut Conn,
    now: Timestamp,
    until: Timestamp,
    limit: i64,
) -> Result<Vec<RunRow>, StoreError> {
    let due = flow_runs::table
        .filter(flow_runs::due_at.le(now))
        .filter(flow_runs::lease_until.is_null().or(flow_runs::lease_until.lt(now).assume_not_null()))
        .filter(at_work!())
        .order((flow_runs::due_at, flow_runs::id))
        .limit(limit);
    let rows: Vec<RunRow> = match conn {
        Conn::Sqlite(db) => due.select(RunRow::as_select()).load(db).await?,
        Conn::Postgres(db) => due.select(RunRow::as_select()).for_update().skip_locked().load(db).await?,
    };
    let ids: Vec<_> = rows.iter().map(|run| run.id).collect();
    if !ids.is_empty() {
        on!(conn, db => diesel::update(flow_runs::table.filter(flow_runs::id.eq_any(&ids)))
            .set(flow_runs::lease_until.eq(until))
            .execute(db).await)?;
    }
    Ok(rows)
}

/// Whether a step is due that nobody holds.
pub async fn is_due(conn: &mut Conn, now: Timestamp) -> Result<bool, StoreError> {
    let found: Option<RunId> = on!(conn, db => flow_runs::table
        .filter(flow_runs::due_at.le(now))
        .filter(flow_runs::lease_until.is_null().or(flow_runs::lease_until.lt(now).assume_not_null()))
        .filter(at_work!())
        .select(flow_runs::id)
        .first(db).await.optional())?;
    Ok(found.is_some())
}

/// When the next step is due that nobody holds.
pub async fn next_due(conn: &mut Conn) -> Result<Option<Timestamp>, StoreError> {
    let due: Option<Option<Timestamp>> = on!(conn, db => flow_runs::table
        .filter(flow_runs::due_at.is_not_null().and(flow_runs::lease_until.is_null()))
        .filter(at_work!())
        .order(flow_runs::due_at)
        .select(flow_runs::due_at)
        .first(db).await.optional())?;
    Ok(due.flatten())
}

/// Moves a run that did as many steps as `turn` says and has not ended; false: it did not wait for
/// that.
pub async fn update(
    conn: &mut Conn,
    run: &RunRow,
    turn: i64,
    lease_until: Option<Timestamp>,
) -> Result<bool, StoreError> {
    let moved = on!(conn, db => diesel::update(flow_runs::table
            .filter(flow_runs::id.eq(run.id).and(flow_runs::turn.eq(turn)))
            .filter(flow_runs::status.eq_any(RunStatus::ACTIVE)))
        .set((
            flow_runs::status.eq(run.status),
            flow_runs::step.eq(run.step),
            flow_runs::turn.eq(run.turn),
            flow_runs::variables.eq(&run.variables),
            flow_runs::due_at.eq(run.due_at),
            flow_runs::lease_until.eq(lease_until),
            flow_runs::error_code.eq(&run.error_code),
            flow_runs::error_message.eq(&run.error_message),
            flow_runs::updated_at.eq(run.updated_at),
            flow_runs::ended_at.eq(run.ended_at),
        ))
        .execute(db).await)?;
    Ok(moved == 1)
}

/// Ends every run of a flow that may still say something.
pub async fn stop_all(conn: &mut Conn, flow: FlowId, now: Timestamp) -> Result<usize, StoreError> {
    Ok(on!(conn, db => diesel::update(flow_runs::table
            .filter(flow_runs::flow_id.eq(flow).and(flow_runs::status.eq_any(RunStatus::ACTIVE))))
        .set((
            flow_runs::status.eq(RunStatus::Stopped),
            flow_runs::due_at.eq(None::<Timestamp>),
            flow_runs::lease_until.eq(None::<Timestamp>),
            flow_runs::updated_at.eq(now),
            flow_runs::ended_at.eq(now),
        ))
        .execute(db).await)?)
}

/// Writes that a step is done: the key refuses a second time.
pub async fn insert_done(conn: &mut Conn, done: &StepDone) -> Result<(), StoreError> {
    on!(conn, db => diesel::insert_into(flow_steps_done::table).values(done).execute(db).await)?;
    Ok(())
}

/// What several runs did, in order.
pub async fn done_of(conn: &mut Conn, ids: &[RunId]) -> Result<Vec<StepDone>, StoreError> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    Ok(on!(conn, db => flow_steps_done::table
        .filter(flow_steps_done::run_id.eq_any(ids))
        .order((flow_steps_done::run_id, flow_steps_done::turn))
        .select(StepDone::as_select())
        .load(db).await)?)
}

#[derive(Debug, Clone, Copy, Default)]
pub struct Filter {
    /// Of a flow.
    pub flow: Option<FlowId>,
    /// In a conversation.
    pub conversation: Option<ConversationId>,
    /// Standing so.
    pub status: Option<RunStatus>,
}

/// A page of a workspace's runs, the newest first.
pub async fn page(
    conn: &mut Conn,
    workspace: WorkspaceId,
    filter: Filter,
    below: Option<RunId>,
    limit: i64,
) -> Result<Vec<RunRow>, StoreError> {
    Ok(on!(conn, db => {
        let mut query = flow_runs::table
            .filter(flow_runs::workspace_id.eq(workspace))
            .order(flow_runs::id.desc())
            .limit(limit)
            .select(RunRow::as_select())
            .into_boxed();
        if let Some(flow) = filter.flow {
            query = query.filter(flow_runs::flow_id.eq(flow));
        }
        if let Some(conversation) = filter.conversation {
            query = query.filter(flow_runs::conversation_id.eq(conversation));
        }
        if let Some(status) = filter.status {
            query = query.filter(flow_runs::status.eq(status));
        }
        if let Some(below) = below {
            query = query.filter(flow_runs::id.lt(below));
        }
        query.load(db).await
    })?)
}

/// How many runs of each flow stand where.
pub async fn counts(conn: &mut Conn, flows: &[FlowId]) -> Result<Vec<(FlowId, RunStatus, i64)>, StoreError> {
    if flows.is_empty() {
        return Ok(Vec::new());
    }
    Ok(on!(conn, db => flow_runs::table
        .filter(flow_runs::flow_id.eq_any(flows))
        .group_by((flow_runs::flow_id, flow_runs::status))
        .select((flow_runs::flow_id, flow_runs::status, diesel::dsl::count_star()))
        .load(db).await)?)
}
