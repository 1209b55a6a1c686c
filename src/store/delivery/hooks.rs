//! Programs outside and what they are to hear: events, written beside what happened, and each try to
//! hand them over. Never a call, never an opened secret.

use crate::domain::{ConversationId, HookDeliveryId, HookEvent, HookId, HookState, Timestamp, WorkspaceId};
use crate::on;
use crate::store::db::prepared::Keep;
use crate::store::db::schema::{hook_attempts, hook_deliveries, hooks};
use crate::store::{Conn, StoreError};
use diesel::dsl::exists;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

/// One program outside.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = hooks)]
pub struct Hook {
    /// Unique in the server.
    pub id: HookId,
    pub workspace_id: WorkspaceId,
    /// What admins call it.
    pub name: String,
    /// Where it is called.
    pub url: String,
    /// JSON: what it hears.
    pub events: String,
    /// Sealed: what signs its events.
    pub secret: Vec<u8>,
    /// Whether it hears anything.
    pub is_on: bool,
    /// Since when it is there.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

impl Hook {
    /// What it hears.
    pub fn events(&self) -> Vec<HookEvent> {
        serde_json::from_str(&self.events).unwrap_or_default()
    }
}

/// A program to be added.
#[derive(Debug, Clone, Insertable)]
#[diesel(table_name = hooks)]
pub struct NewHook {
    pub workspace_id: WorkspaceId,
    /// What admins call it.
    pub name: String,
    /// Where it is called.
    pub url: String,
    /// JSON: what it hears.
    pub events: String,
    /// Sealed: what signs its events.
    pub secret: Vec<u8>,
    /// Whether it hears anything.
    pub is_on: bool,
    /// Since when.
    pub created_at: Timestamp,
    /// The same.
    pub updated_at: Timestamp,
}

/// One event for a hook.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = hook_deliveries)]
pub struct HookDelivery {
    /// Unique in the server.
    pub id: HookDeliveryId,
    pub workspace_id: WorkspaceId,
    /// By which hook.
    pub hook_id: HookId,
    /// About which conversation.
    pub conversation_id: ConversationId,
    /// The event's own name: the same at each try, for each hook.
    pub event_id: String,
    /// What happened.
    pub event: HookEvent,
    /// JSON: what is handed over, to the byte.
    pub body: String,
    /// How far it came.
    pub state: HookState,
    /// The fence: only a result of this attempt counts.
    pub attempt_id: Option<String>,
    /// How often it was tried since it was last asked for.
    pub attempts: i64,
    /// When to try next; while it is tried: until when its worker holds it.
    pub due_at: Timestamp,
    /// When it happened.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// An event that a hook is to hear.
#[derive(Debug, Clone, Insertable)]
#[diesel(table_name = hook_deliveries)]
pub struct NewHookDelivery {
    pub workspace_id: WorkspaceId,
    /// By which hook.
    pub hook_id: HookId,
    /// About which conversation.
    pub conversation_id: ConversationId,
    /// The event's own name.
    pub event_id: String,
    /// What happened.
    pub event: HookEvent,
    /// JSON.
    pub body: String,
    /// How it begins.
    pub state: HookState,
    /// None yet.
    pub attempts: i64,
    /// When to try.
    pub due_at: Timestamp,
    /// When it happened.
    pub created_at: Timestamp,
    /// The same.
    pub updated_at: Timestamp,
}

/// One try.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = hook_attempts)]
pub struct HookAttempt {
    /// Unique in the server.
    pub id: i64,
    /// Of which delivery.
    pub delivery_id: HookDeliveryId,
    /// When it began.
    pub started_at: Timestamp,
    /// When its answer came; none: not yet, or its worker ended.
    pub finished_at: Option<Timestamp>,
    /// What the address answered.
    pub status_code: Option<i64>,
    /// Why it counts as failed.
    pub error: Option<String>,
}

/// Adds a program.
pub async fn insert(conn: &mut Conn, new: &NewHook) -> Result<Hook, StoreError> {
    Ok(on!(conn, db => diesel::insert_into(hooks::table)
        .values(new).returning(Hook::as_returning()).get_result(db).await)?)
}

/// A program of a workspace.
pub async fn find(conn: &mut Conn, workspace: WorkspaceId, id: HookId) -> Result<Option<Hook>, StoreError> {
    Ok(on!(conn, db => hooks::table
        .filter(hooks::id.eq(id).and(hooks::workspace_id.eq(workspace)))
        .select(Hook::as_select()).first(db).await.optional())?)
}

/// The programs of a workspace by their ids, above `after`.
pub async fn page(
    conn: &mut Conn,
    workspace: WorkspaceId,
    after: i64,
    limit: i64,
) -> Result<Vec<Hook>, StoreError> {
    Ok(on!(conn, db => hooks::table
        .filter(hooks::workspace_id.eq(workspace).and(hooks::id.gt(HookId(after))))
        .order(hooks::id).limit(limit)
        .select(Hook::as_select()).load(db).await)?)
}

/// All that hear something.
pub async fn listening(conn: &mut Conn) -> Result<Vec<Hook>, StoreError> {
    Ok(on!(conn, db => hooks::table
        .filter(hooks::is_on.eq(true)).order(hooks::id)
        .select(Hook::as_select()).load(db).await)?)
}

/// Rewrites what may change of a program.
pub async fn update(conn: &mut Conn, hook: &Hook) -> Result<(), StoreError> {
    on!(conn, db => diesel::update(hooks::table.find(hook.id))
        .set((
            hooks::name.eq(&hook.name),
            hooks::url.eq(&hook.url),
            hooks::events.eq(&hook.events),
            hooks::secret.eq(&hook.secret),
            hooks::is_on.eq(hook.is_on),
            hooks::updated_at.eq(hook.updated_at),
        ))
        .kept().execute(db).await)?;
    Ok(())
}

/// It hears nothing until somebody switches it on.
pub async fn switch_off(conn: &mut Conn, id: HookId, now: Timestamp) -> Result<(), StoreError> {
    on!(conn, db => diesel::update(hooks::table.filter(hooks::id.eq(id)))
        .set((hooks::is_on.eq(false), hooks::updated_at.eq(now)))
        .kept().execute(db)
        .await)?;
    Ok(())
}

/// Deletes a program, with all its events; says whether it was there.
pub async fn delete(conn: &mut Conn, workspace: WorkspaceId, id: HookId) -> Result<bool, StoreError> {
    let gone = on!(conn, db => diesel::delete(
            hooks::table.filter(hooks::id.eq(id).and(hooks::workspace_id.eq(workspace))),
        ).execute(db).await)?;
    Ok(gone > 0)
}

/// Rows that one statement writes: PostgreSQL takes 65,535 values.
const ROWS: usize = 1_000;

/// Queues events, but for those that are queued for their hook already; several cost PostgreSQL one journey.
pub async fn enqueue(conn: &mut Conn, new: &[NewHookDelivery]) -> Result<(), StoreError> {
    match conn {
        Conn::Postgres(db) => {
            for rows in new.chunks(ROWS) {
                let insert = diesel::insert_into(hook_deliveries::table).values(rows);
                insert.on_conflict_do_nothing().execute(db).await?;
            }
        }
        Conn::Sqlite(db) => {
            for row in new {
                let insert = diesel::insert_into(hook_deliveries::table).values(row);
                insert.on_conflict_do_nothing().kept().execute(db).await?;
            }
        }
    }
    Ok(())
}

/// A delivery by id.
pub async fn delivery(conn: &mut Conn, id: HookDeliveryId) -> Result<Option<HookDelivery>, StoreError> {
    Ok(on!(conn, db => hook_deliveries::table.find(id)
        .select(HookDelivery::as_select()).first(db).await.optional())?)
}

/// The events of a hook, the newest first, below `before`.
pub async fn deliveries(
    conn: &mut Conn,
    hook: HookId,
    before: Option<i64>,
    limit: i64,
) -> Result<Vec<HookDelivery>, StoreError> {
    let before = HookDeliveryId(before.unwrap_or(i64::MAX));
    Ok(on!(conn, db => hook_deliveries::table
        .filter(hook_deliveries::hook_id.eq(hook).and(hook_deliveries::id.lt(before)))
        .order(hook_deliveries::id.desc()).limit(limit)
        .select(HookDelivery::as_select()).load(db).await)?)
}

/// The tries of some deliveries, in their order.
pub async fn attempts(conn: &mut Conn, ids: &[HookDeliveryId]) -> Result<Vec<HookAttempt>, StoreError> {
    Ok(on!(conn, db => hook_attempts::table
        .filter(hook_attempts::delivery_id.eq_any(ids))
        .order(hook_attempts::id)
        .select(HookAttempt::as_select()).load(db).await)?)
}

/// The programs for which an event is due now.
pub async fn with_due_events(conn: &mut Conn, now: Timestamp) -> Result<Vec<Hook>, StoreError> {
    let waits = hook_deliveries::state.eq(HookState::Waiting).and(hook_deliveries::due_at.le(now));
    let is_held = hook_deliveries::state.eq(HookState::Running).and(hook_deliveries::due_at.lt(now));
    let of_this = || hook_deliveries::table.filter(hook_deliveries::hook_id.eq(hooks::id));
    Ok(on!(conn, db => hooks::table
        .filter(exists(of_this().filter(waits)).or(exists(of_this().filter(is_held))))
        .order(hooks::id)
        .select(Hook::as_select()).load(db).await)?)
}

/// What a program is due, or what is held by a worker that has not come back in time. On PostgreSQL it stays
/// locked until the commit.
pub async fn due(
    conn: &mut Conn,
    hook: HookId,
    now: Timestamp,
    limit: i64,
) -> Result<Vec<HookDelivery>, StoreError> {
    let due = hook_deliveries::table
        .filter(hook_deliveries::hook_id.eq(hook))
        .filter(
            hook_deliveries::state
                .eq(HookState::Waiting)
                .and(hook_deliveries::due_at.le(now))
                .or(hook_deliveries::state.eq(HookState::Running).and(hook_deliveries::due_at.lt(now))),
        )
        .order((hook_deliveries::due_at, hook_deliveries::id))
        .limit(limit);
    Ok(match conn {
        Conn::Sqlite(db) => due.select(HookDelivery::as_select()).load(db).await?,
        Conn::Postgres(db) => {
            due.select(HookDelivery::as_select()).for_update().skip_locked().load(db).await?
        }
    })
}

/// Rewrites what may change of a delivery.
pub async fn update_delivery(conn: &mut Conn, delivery: &HookDelivery) -> Result<(), StoreError> {
    on!(conn, db => diesel::update(hook_deliveries::table.find(delivery.id))
        .set((
            hook_deliveries::state.eq(delivery.state),
            hook_deliveries::attempt_id.eq(&delivery.attempt_id),
            hook_deliveries::attempts.eq(delivery.attempts),
            hook_deliveries::due_at.eq(delivery.due_at),
            hook_deliveries::updated_at.eq(delivery.updated_at),
        ))
        .kept().execute(db).await)?;
    Ok(())
}

/// Notes that a try begins.
pub async fn begin_attempt(
    conn: &mut Conn,
    id: HookDeliveryId,
    attempt_id: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    on!(conn, db => diesel::insert_into(hook_attempts::table)
        .values((
            hook_attempts::delivery_id.eq(id),
            hook_attempts::attempt_id.eq(attempt_id),
            hook_attempts::started_at.eq(now),
        ))
        .execute(db).await)?;
    Ok(())
}

/// Notes what came of a try.
pub async fn end_attempt(
    conn: &mut Conn,
    id: HookDeliveryId,
    attempt_id: &str,
    now: Timestamp,
    status_code: Option<i64>,
    error: Option<&str>,
) -> Result<(), StoreError> {
    on!(conn, db => diesel::update(hook_attempts::table.filter(
            hook_attempts::delivery_id.eq(id).and(hook_attempts::attempt_id.eq(attempt_id)),
        ))
        .set((
            hook_attempts::finished_at.eq(now),
            hook_attempts::status_code.eq(status_code),
            hook_attempts::error.eq(error),
        ))
        .kept().execute(db).await)?;
    Ok(())
}

/// Forgets what was settled before a moment.
pub async fn forget(conn: &mut Conn, before: Timestamp) -> Result<usize, StoreError> {
    Ok(on!(conn, db => diesel::delete(hook_deliveries::table.filter(
            hook_deliveries::updated_at.lt(before)
                .and(hook_deliveries::state.eq_any([HookState::Delivered, HookState::Failed])),
        )).execute(db).await)?)
}
