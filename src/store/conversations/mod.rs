//! Conversations: their counters, their list. Never a message's words.
//! Over 400 lines: one table, its counters and its changes.

pub(crate) mod append;
pub(crate) mod bulk;
pub(crate) mod canned;
pub(crate) mod consents;
pub(crate) mod customers;
pub(crate) mod erase;
mod filter;
pub(crate) mod filtered;
pub(crate) mod forgotten;
pub(crate) mod gaps;
pub(crate) mod joins;
pub(crate) mod labels;
pub(crate) mod list;
pub(crate) mod marks;
pub(crate) mod merges;
mod name_search;
mod narrowed;
pub(crate) mod reader;
pub(crate) mod saved;
pub(crate) mod standings;
pub(crate) mod timeline;
pub(crate) mod unread_looks;
pub(crate) mod visitors;

use super::db::in_list::among;
use super::db::prepared::Keep;
use super::db::schema::{conversations, customer_identities, direct_conversations};
use super::{Conn, StoreError};
use crate::domain::{
    AssignedBecause, ChannelId, ConversationId, ConversationKind, ConversationState, ConversationStatus,
    CustomerId, Priority, Stored, TeamId, Timestamp, UserId, WorkspaceId,
};
use crate::on;
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use diesel_async::RunQueryDsl;
use std::collections::HashMap;

pub use append::write_appended;

/// A conversation as it lies in its table.
#[derive(Debug, Clone, Queryable, QueryableByName, Selectable)]
#[diesel(table_name = conversations)]
pub(crate) struct ConversationRow {
    id: ConversationId,
    workspace_id: WorkspaceId,
    kind: ConversationKind,
    channel_id: Option<ChannelId>,
    customer_id: Option<CustomerId>,
    thread: String,
    status: ConversationStatus,
    assignee_id: Option<UserId>,
    assigned_because: Option<AssignedBecause>,
    team_id: Option<TeamId>,
    version: i64,
    revision: i64,
    unread_total: i64,
    answered_seq: i64,
    last_seq: i64,
    last_activity_at: Timestamp,
    window_expires_at: Option<Timestamp>,
    snoozed_until: Option<Timestamp>,
    priority: Option<Priority>,
    about_conversation_id: Option<ConversationId>,
    waiting_since: Option<Timestamp>,
    event_seq: i64,
    created_at: Timestamp,
    updated_at: Timestamp,
}

impl From<ConversationRow> for ConversationState {
    fn from(row: ConversationRow) -> Self {
        Self {
            id: row.id,
            workspace_id: row.workspace_id,
            kind: row.kind,
            channel_id: row.channel_id,
            customer_id: row.customer_id,
            thread: row.thread,
            status: row.status,
            assignee_id: row.assignee_id,
            assigned_because: row.assigned_because,
            team_id: row.team_id,
            version: row.version,
            revision: row.revision,
            unread_total: row.unread_total,
            answered_seq: row.answered_seq,
            last_seq: row.last_seq,
            last_activity_at: row.last_activity_at,
            window_expires_at: row.window_expires_at,
            snoozed_until: row.snoozed_until,
            priority: row.priority,
            about_conversation_id: row.about_conversation_id,
            waiting_since: row.waiting_since,
            event_seq: row.event_seq,
            created_at: row.created_at,
            updated_at: row.updated_at,
            stored: Stored { status: row.status, last_activity_at: row.last_activity_at },
        }
    }
}

/// Locks the rows of `ids` in the order of their ids, where several can write at once, and gives them as they
/// stand from here to the commit. Where one writes alone nothing has to be locked, and nothing is read.
pub async fn lock(conn: &mut Conn, ids: &[ConversationId]) -> Result<Vec<ConversationState>, StoreError> {
    match conn {
        Conn::Postgres(db) if !ids.is_empty() => {
            let rows: Vec<ConversationRow> = conversations::table
                .filter(among(conversations::id, ids))
                .order(conversations::id)
                .select(ConversationRow::as_select())
                .for_update()
                .load(db)
                .await?;
            Ok(rows.into_iter().map(Into::into).collect())
        }
        _ => Ok(Vec::new()),
    }
}

/// A conversation as it stands: its row is locked from here to the commit.
pub async fn locked(conn: &mut Conn, id: ConversationId) -> Result<ConversationState, StoreError> {
    let row = conversations::table.find(id);
    let row: ConversationRow = match conn {
        Conn::Sqlite(db) => row.select(ConversationRow::as_select()).first(db).await?,
        Conn::Postgres(db) => row.select(ConversationRow::as_select()).for_update().first(db).await?,
    };
    Ok(row.into())
}

/// A conversation by id.
pub async fn find(
    conn: &mut Conn,
    workspace: WorkspaceId,
    id: ConversationId,
) -> Result<Option<ConversationState>, StoreError> {
    let row: Option<ConversationRow> = on!(conn, db => conversations::table
        .filter(conversations::id.eq(id).and(conversations::workspace_id.eq(workspace)))
        .select(ConversationRow::as_select())
        .first(db).await.optional())?;
    Ok(row.map(Into::into))
}

/// Several conversations by id, whosever they are: for what one process tells itself.
pub async fn by_ids(conn: &mut Conn, ids: &[ConversationId]) -> Result<Vec<ConversationState>, StoreError> {
    let rows: Vec<ConversationRow> = on!(conn, db => conversations::table
        .filter(among(conversations::id, ids)).select(ConversationRow::as_select()).load(db).await)?;
    Ok(rows.into_iter().map(Into::into).collect())
}

/// The version a conversation is at, the place of its newest message and that of its newest event.
pub async fn standing(conn: &mut Conn, id: ConversationId) -> Result<Option<(i64, i64, i64)>, StoreError> {
    let columns = (conversations::version, conversations::last_seq, conversations::event_seq);
    Ok(on!(conn, db => conversations::table.find(id).select(columns).first(db).await.optional())?)
}

/// What changed since a moment: (id, version), the oldest change first.
pub async fn changed_since(
    conn: &mut Conn,
    since: Timestamp,
    limit: i64,
) -> Result<Vec<ConversationState>, StoreError> {
    let rows: Vec<ConversationRow> = on!(conn, db => conversations::table
        .filter(conversations::updated_at.ge(since))
        .order(conversations::updated_at)
        .limit(limit)
        .select(ConversationRow::as_select())
        .load(db).await)?;
    Ok(rows.into_iter().map(Into::into).collect())
}

/// The conversation of a customer on a channel.
pub async fn of_customer(
    conn: &mut Conn,
    channel: ChannelId,
    customer: CustomerId,
    thread: &str,
) -> Result<Option<ConversationState>, StoreError> {
    let row: Option<ConversationRow> = on!(conn, db => conversations::table
        .filter(conversations::channel_id.eq(channel).and(conversations::customer_id.eq(customer))
            .and(conversations::thread.eq(thread)))
        .select(ConversationRow::as_select())
        .first(db).await.optional())?;
    Ok(row.map(Into::into))
}

/// The conversations of several customers on a channel, their only ones there, in no order.
pub async fn of_customers(
    conn: &mut Conn,
    channel: ChannelId,
    customers: &[CustomerId],
) -> Result<Vec<ConversationState>, StoreError> {
    let rows: Vec<ConversationRow> = on!(conn, db => conversations::table
        .filter(conversations::channel_id.eq(channel)
            .and(among(conversations::customer_id, customers))
            .and(conversations::thread.eq("")))
        .select(ConversationRow::as_select())
        .load(db).await)?;
    Ok(rows.into_iter().map(Into::into).collect())
}

/// The conversations in which customers write on a channel, by the platform's names for them, as far as there
/// are any.
pub async fn of_identities(
    conn: &mut Conn,
    channel: ChannelId,
    external_ids: &[&str],
) -> Result<Vec<(String, ConversationId)>, StoreError> {
    Ok(on!(conn, db => customer_identities::table
        .inner_join(conversations::table
            .on(conversations::customer_id.eq(customer_identities::customer_id.nullable())
            .and(conversations::channel_id.eq(customer_identities::channel_id.nullable()))))
        .filter(customer_identities::channel_id.eq(channel)
            .and(among(customer_identities::external_id, external_ids))
            .and(conversations::thread.eq("")))
        .select((customer_identities::external_id, conversations::id))
        .load(db).await)?)
}

/// What a new conversation is.
#[derive(Debug, Clone)]
pub struct NewConversation<'a> {
    pub workspace: WorkspaceId,
    pub kind: ConversationKind,
    /// Over which channel.
    pub channel: Option<ChannelId>,
    /// With which customer.
    pub customer: Option<CustomerId>,
    /// Which thread with them.
    pub thread: &'a str,
}

/// Starts a conversation, perhaps a team's, whose first event the caller writes; none: somebody was first.
pub async fn insert(
    conn: &mut Conn,
    new: NewConversation<'_>,
    team: Option<TeamId>,
    now: Timestamp,
) -> Result<Option<ConversationState>, StoreError> {
    let row: Option<ConversationRow> = on!(conn, db => diesel::insert_into(conversations::table)
        .values((
            (
                conversations::workspace_id.eq(new.workspace),
                conversations::kind.eq(new.kind),
                conversations::channel_id.eq(new.channel),
                conversations::customer_id.eq(new.customer),
                conversations::thread.eq(new.thread),
                conversations::status.eq(ConversationStatus::Open),
                conversations::version.eq(0),
                conversations::team_id.eq(team),
            ),
            (
                conversations::revision.eq(1),
                conversations::event_seq.eq(1),
                conversations::unread_total.eq(0),
                conversations::answered_seq.eq(0),
                conversations::last_seq.eq(0),
                conversations::last_activity_at.eq(now),
                conversations::created_at.eq(now),
                conversations::updated_at.eq(now),
            ),
        ))
        .on_conflict_do_nothing()
        .returning(ConversationRow::as_returning())
        .get_result(db).await.optional())?;
    Ok(row.map(Into::into))
}

/// The direct conversation of a set of colleagues (`members`: their ids, ascending, by commas).
pub async fn direct(
    conn: &mut Conn,
    workspace: WorkspaceId,
    members: &str,
) -> Result<Option<ConversationId>, StoreError> {
    Ok(on!(conn, db => direct_conversations::table
        .filter(direct_conversations::workspace_id.eq(workspace)
            .and(direct_conversations::members.eq(members)))
        .select(direct_conversations::conversation_id)
        .first(db).await.optional())?)
}

/// Binds a set of colleagues to their conversation; false: somebody was first.
pub async fn bind_direct(
    conn: &mut Conn,
    workspace: WorkspaceId,
    members: &str,
    id: ConversationId,
) -> Result<bool, StoreError> {
    let bound = on!(conn, db => diesel::insert_into(direct_conversations::table)
        .values((
            direct_conversations::workspace_id.eq(workspace),
            direct_conversations::members.eq(members),
            direct_conversations::conversation_id.eq(id),
        ))
        .on_conflict_do_nothing()
        .execute(db).await)?;
    Ok(bound == 1)
}

/// Says which customer's conversation colleagues talk about.
pub async fn set_about(conn: &mut Conn, id: ConversationId, about: ConversationId) -> Result<(), StoreError> {
    on!(conn, db => diesel::update(conversations::table.find(id))
        .set(conversations::about_conversation_id.eq(about)).kept().execute(db).await)?;
    Ok(())
}

/// The customer's wait was answered.
pub async fn answered(conn: &mut Conn, id: ConversationId) -> Result<(), StoreError> {
    on!(conn, db => diesel::update(conversations::table.find(id))
        .set(conversations::waiting_since.eq(None::<Timestamp>)).kept().execute(db).await)?;
    Ok(())
}

/// The customer waits again since their oldest word that nobody answered, if there is one and nobody silenced
/// them.
const WAIT_AGAIN: &str = "UPDATE conversations SET waiting_since = ( \
        SELECT MIN(m.created_at) FROM messages AS m WHERE m.conversation_id = conversations.id \
        AND m.is_counted AND m.seq > conversations.answered_seq) \
    WHERE id = $1 AND waiting_since IS NULL AND kind = 'customer' AND NOT EXISTS ( \
        SELECT 1 FROM customers AS c WHERE c.id = conversations.customer_id AND (c.is_blocked OR c.is_spam))";

/// Whoever was silenced waits again, if they have no answer.
pub async fn wait_again(conn: &mut Conn, id: ConversationId) -> Result<(), StoreError> {
    on!(conn, db => diesel::sql_query(WAIT_AGAIN).bind::<BigInt, _>(id).kept().execute(db).await)?;
    Ok(())
}

/// A change of the conversation itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// Where it stands, and until when it sleeps.
    Status(ConversationStatus, Option<Timestamp>),
    /// Who cares for it, and why they do.
    Assignee(Option<UserId>, AssignedBecause),
    /// Which team's it is.
    Team(Option<TeamId>),
    /// How urgent it is.
    Priority(Option<Priority>),
}

/// Changes the conversation itself and gives the place of the event that tells of it, which the caller
/// writes.
pub async fn change(
    conn: &mut Conn,
    id: ConversationId,
    change: Change,
    now: Timestamp,
) -> Result<ConversationState, StoreError> {
    let next = (
        conversations::revision.eq(conversations::revision + 1),
        conversations::event_seq.eq(conversations::event_seq + 1),
        conversations::updated_at.eq(now),
    );
    let row: ConversationRow = match change {
        Change::Status(status, until) => on!(conn, db => diesel::update(conversations::table.find(id))
            .set((conversations::status.eq(status), conversations::snoozed_until.eq(until), next))
            .returning(ConversationRow::as_returning())
            .kept().get_result(db).await)?,
        Change::Priority(priority) => on!(conn, db => diesel::update(conversations::table.find(id))
            .set((conversations::priority.eq(priority), next))
            .returning(ConversationRow::as_returning())
            .kept().get_result(db).await)?,
        Change::Team(team) => on!(conn, db => diesel::update(conversations::table.find(id))
            .set((conversations::team_id.eq(team), next))
            .returning(ConversationRow::as_returning())
            .kept().get_result(db).await)?,
        Change::Assignee(assignee, because) => on!(conn, db => diesel::update(conversations::table.find(id))
            .set((
                conversations::assignee_id.eq(assignee),
                conversations::assigned_because.eq(assignee.map(|_| because)),
                next,
            ))
            .returning(ConversationRow::as_returning())
            .kept().get_result(db).await)?,
    };
    Ok(row.into())
}

/// What a user cares for, in the order in which it is locked.
pub async fn held_by(
    conn: &mut Conn,
    workspace: WorkspaceId,
    user: UserId,
) -> Result<Vec<ConversationId>, StoreError> {
    Ok(on!(conn, db => conversations::table
        .filter(conversations::workspace_id.eq(workspace).and(conversations::assignee_id.eq(user)))
        .order(conversations::id)
        .select(conversations::id)
        .load(db).await)?)
}

/// Hands what a user cares for to another, or to nobody: what `to` is not given is closed. Gives each the
/// place of the event that tells of it, which the caller writes.
pub async fn hand_over(
    conn: &mut Conn,
    (workspace, from): (WorkspaceId, UserId),
    to: Option<UserId>,
    now: Timestamp,
) -> Result<Vec<ConversationState>, StoreError> {
    let kept: &[ConversationStatus] = if to.is_some() { &[ConversationStatus::Closed] } else { &[] };
    let rows: Vec<ConversationRow> = on!(conn, db => {
        let held = conversations::workspace_id.eq(workspace).and(conversations::assignee_id.eq(from));
        diesel::update(conversations::table.filter(held).filter(conversations::status.ne_all(kept)))
            .set((
                conversations::assignee_id.eq(to),
                conversations::assigned_because.eq(to.map(|_| AssignedBecause::Manual)),
                conversations::revision.eq(conversations::revision + 1),
                conversations::event_seq.eq(conversations::event_seq + 1),
                conversations::updated_at.eq(now),
            ))
            .returning(ConversationRow::as_returning())
            .get_results(db).await
    })?;
    Ok(rows.into_iter().map(Into::into).collect())
}

/// A team's conversations, in the order in which they are locked.
pub async fn of_team(
    conn: &mut Conn,
    workspace: WorkspaceId,
    team: TeamId,
) -> Result<Vec<ConversationId>, StoreError> {
    Ok(on!(conn, db => conversations::table
        .filter(conversations::workspace_id.eq(workspace).and(conversations::team_id.eq(team)))
        .order(conversations::id)
        .select(conversations::id)
        .load(db).await)?)
}

/// Hands a team's conversations to another, or to none. Gives each the place of the event that tells of it,
/// which the caller writes.
pub async fn hand_over_team(
    conn: &mut Conn,
    (workspace, from): (WorkspaceId, TeamId),
    to: Option<TeamId>,
    now: Timestamp,
) -> Result<Vec<ConversationState>, StoreError> {
    let rows: Vec<ConversationRow> = on!(conn, db => {
        let theirs = conversations::workspace_id.eq(workspace).and(conversations::team_id.eq(from));
        diesel::update(conversations::table.filter(theirs))
            .set((
                conversations::team_id.eq(to),
                conversations::revision.eq(conversations::revision + 1),
                conversations::event_seq.eq(conversations::event_seq + 1),
                conversations::updated_at.eq(now),
            ))
            .returning(ConversationRow::as_returning())
            .get_results(db).await
    })?;
    Ok(rows.into_iter().map(Into::into).collect())
}

/// Gives the next version for a change of a message there is.
pub async fn bump(conn: &mut Conn, id: ConversationId, now: Timestamp) -> Result<i64, StoreError> {
    Ok(on!(conn, db => diesel::update(conversations::table.find(id))
        .set((
            conversations::version.eq(conversations::version + 1),
            conversations::changes.eq(conversations::changes + 1),
            conversations::updated_at.eq(now),
        ))
        .returning(conversations::version)
        .kept().get_result(db).await)?)
}

/// Tells that something around the conversation changed (its customer, say).
pub async fn touch(
    conn: &mut Conn,
    id: ConversationId,
    now: Timestamp,
) -> Result<ConversationState, StoreError> {
    let row: ConversationRow = on!(conn, db => diesel::update(conversations::table.find(id))
        .set((conversations::revision.eq(conversations::revision + 1), conversations::updated_at.eq(now)))
        .returning(ConversationRow::as_returning())
        .kept().get_result(db).await)?;
    Ok(row.into())
}

/// Names which of several threads with its customer a conversation is.
pub async fn set_thread(conn: &mut Conn, id: ConversationId, thread: &str) -> Result<(), StoreError> {
    on!(conn, db => diesel::update(conversations::table.find(id))
        .set(conversations::thread.eq(thread)).kept().execute(db).await)?;
    Ok(())
}

/// Opens the platform's window of a conversation without a message.
pub async fn open_window(conn: &mut Conn, id: ConversationId, until: Timestamp) -> Result<(), StoreError> {
    on!(conn, db => diesel::update(conversations::table.find(id)
            .filter(conversations::window_expires_at.is_null()
                .or(conversations::window_expires_at.lt(until).assume_not_null())))
        .set(conversations::window_expires_at.eq(until))
        .kept().execute(db).await)?;
    Ok(())
}

/// The sleeping conversations whose time has come, the longest due first.
pub async fn to_wake(
    conn: &mut Conn,
    now: Timestamp,
    limit: i64,
) -> Result<Vec<ConversationState>, StoreError> {
    let rows: Vec<ConversationRow> = on!(conn, db => conversations::table
        .filter(conversations::status.eq(ConversationStatus::Snoozed)
            .and(conversations::snoozed_until.le(now)))
        .order(conversations::snoozed_until)
        .limit(limit)
        .select(ConversationRow::as_select())
        .load(db).await)?;
    Ok(rows.into_iter().map(Into::into).collect())
}

/// The conversation that each of several customers was last in.
pub async fn last_of_customers(
    conn: &mut Conn,
    ids: &[CustomerId],
) -> Result<HashMap<CustomerId, ConversationId>, StoreError> {
    let rows: Vec<(Option<CustomerId>, ConversationId)> = on!(conn, db => conversations::table
        .filter(among(conversations::customer_id, ids))
        .order((conversations::last_activity_at, conversations::id))
        .select((conversations::customer_id, conversations::id))
        .load(db).await)?;
    Ok(rows.into_iter().filter_map(|(customer, id)| Some((customer?, id))).collect())
}

/// The conversations of a customer.
pub async fn ids_of_customer(
    conn: &mut Conn,
    customer: CustomerId,
) -> Result<Vec<ConversationId>, StoreError> {
    Ok(on!(conn, db => conversations::table
        .filter(conversations::customer_id.eq(customer))
        .order(conversations::id)
        .select(conversations::id)
        .load(db).await)?)
}
