//! What models answered and are to answer: turns, and the conversations that wait for one. Never a
//! rule of when to answer: only which rows say that nobody wrote since.

use crate::domain::message::Failure;
use crate::domain::{
    AiDraft, AiMode, ChannelId, ChannelState, ConversationId, ConversationKind, ConversationState, MessageId,
    Origin, RunStatus, SenderType, Timestamp, TurnId, TurnState, UserId, WorkspaceId,
};
use crate::on;
use crate::store::conversations::ConversationRow;
use crate::store::db::prepared::Keep;
use crate::store::db::schema::{ai_conversations, ai_turns, channels, conversations, flow_runs, messages};
use crate::store::messages::MessageRow;
use crate::store::messages::rows::LoadMessages;
use crate::store::{Conn, StoreError};
use diesel::dsl::{exists, not};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use std::collections::HashMap;

/// One answer of a model.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = ai_turns)]
pub struct Turn {
    /// Unique in the server.
    pub id: TurnId,
    pub workspace_id: WorkspaceId,
    pub conversation_id: ConversationId,
    /// The customer had written so many messages: the newest of them is what it answers.
    pub counted: i64,
    /// The place of the first message it answers.
    pub first_seq: i64,
    /// The place of the newest message it answers.
    pub last_seq: i64,
    /// How far it came.
    pub state: TurnState,
    /// The fence: only a result of this attempt counts.
    pub attempt_id: Option<String>,
    /// How often the model was asked.
    pub attempts: i64,
    /// When to ask next; while it is asked: until when its worker holds it.
    pub due_at: Timestamp,
    /// The answer.
    pub content: Option<String>,
    /// Why there is none.
    pub error_code: Option<String>,
    pub error_message: Option<String>,
    /// The message it became.
    pub message_id: Option<MessageId>,
    /// Who sent or discarded it.
    pub decided_by: Option<UserId>,
    /// When it began.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

impl Turn {
    /// Whether nobody wrote since: neither the customer nor our side.
    pub fn is_current(&self, state: &ConversationState) -> bool {
        state.unread_total == self.counted && state.answered_seq < self.last_seq
    }
}

/// What a new turn is of.
#[derive(Debug, Clone, Insertable)]
#[diesel(table_name = ai_turns, treat_none_as_default_value = false)]
pub struct NewTurn {
    pub workspace_id: WorkspaceId,
    pub conversation_id: ConversationId,
    /// See [`Turn::counted`].
    pub counted: i64,
    /// See [`Turn::first_seq`].
    pub first_seq: i64,
    /// See [`Turn::last_seq`].
    pub last_seq: i64,
    /// How it begins.
    pub state: TurnState,
    /// Its fence.
    pub attempt_id: Option<String>,
    /// How often the model was asked.
    pub attempts: i64,
    /// When to ask.
    pub due_at: Timestamp,
    /// When it began.
    pub created_at: Timestamp,
    /// The same.
    pub updated_at: Timestamp,
}

/// Begins a turn; none: these messages have one.
pub async fn insert(conn: &mut Conn, new: &NewTurn) -> Result<Option<Turn>, StoreError> {
    Ok(on!(conn, db => diesel::insert_into(ai_turns::table)
        .values(new)
        .on_conflict_do_nothing()
        .returning(Turn::as_returning())
        .get_result(db).await.optional())?)
}

/// How often models were asked since a moment: altogether, for a channel and for a conversation.
pub async fn asked_since(
    conn: &mut Conn,
    workspace: WorkspaceId,
    channel: ChannelId,
    conversation: ConversationId,
    since: Timestamp,
) -> Result<[i64; 3], StoreError> {
    let rows: Vec<(ConversationId, Option<ChannelId>, i64)> = on!(conn, db => ai_turns::table
        .inner_join(conversations::table.on(conversations::id.eq(ai_turns::conversation_id)))
        .filter(ai_turns::workspace_id.eq(workspace).and(ai_turns::created_at.ge(since))
            .and(ai_turns::attempts.gt(0)))
        .select((ai_turns::conversation_id, conversations::channel_id, ai_turns::attempts))
        .load(db).await)?;
    let mut sums = [0; 3];
    for (of, over, attempts) in rows {
        sums[0] += attempts;
        sums[1] += if over == Some(channel) { attempts } else { 0 };
        sums[2] += if of == conversation { attempts } else { 0 };
    }
    Ok(sums)
}

/// A turn by id.
pub async fn find(conn: &mut Conn, id: TurnId) -> Result<Option<Turn>, StoreError> {
    Ok(on!(conn, db => ai_turns::table.find(id).select(Turn::as_select()).first(db).await.optional())?)
}

/// Takes a turn back that came to nothing: its messages may get another.
pub async fn forget(conn: &mut Conn, id: TurnId) -> Result<(), StoreError> {
    on!(conn, db => diesel::delete(ai_turns::table.find(id)).execute(db).await)?;
    Ok(())
}

/// Rewrites what may change of a turn.
pub async fn update(conn: &mut Conn, turn: &Turn) -> Result<(), StoreError> {
    on!(conn, db => diesel::update(ai_turns::table.find(turn.id))
        .set((
            ai_turns::state.eq(turn.state),
            ai_turns::attempt_id.eq(&turn.attempt_id),
            ai_turns::attempts.eq(turn.attempts),
            ai_turns::due_at.eq(turn.due_at),
            ai_turns::content.eq(&turn.content),
            ai_turns::error_code.eq(&turn.error_code),
            ai_turns::error_message.eq(&turn.error_message),
            ai_turns::message_id.eq(turn.message_id),
            ai_turns::decided_by.eq(turn.decided_by),
            ai_turns::updated_at.eq(turn.updated_at),
        ))
        .kept().execute(db).await)?;
    Ok(())
}

/// Turns that are to be asked about: those that wait and are due, and those whose worker has not
/// come back in time. On PostgreSQL they stay locked until the commit.
pub async fn due(conn: &mut Conn, now: Timestamp, limit: i64) -> Result<Vec<Turn>, StoreError> {
    let due = ai_turns::table
        .filter(
            ai_turns::state
                .eq(TurnState::Waiting)
                .and(ai_turns::due_at.le(now))
                .or(ai_turns::state.eq(TurnState::Running).and(ai_turns::due_at.lt(now))),
        )
        .order((ai_turns::due_at, ai_turns::id))
        .limit(limit);
    Ok(match conn {
        Conn::Sqlite(db) => due.select(Turn::as_select()).load(db).await?,
        Conn::Postgres(db) => due.select(Turn::as_select()).for_update().skip_locked().load(db).await?,
    })
}

/// How a channel wants its customers answered.
#[derive(Debug, Clone, Queryable)]
pub struct ChannelOptions {
    pub id: ChannelId,
    /// JSON: its options.
    pub options: String,
}

/// The options of the channels that take part and mention a model.
pub async fn channels_with_ai(conn: &mut Conn) -> Result<Vec<ChannelOptions>, StoreError> {
    Ok(on!(conn, db => channels::table
        .filter(channels::state.eq(ChannelState::Active).and(channels::options.like("%\"ai\"%")))
        .select((channels::id, channels::options))
        .load(db).await)?)
}

/// Whether a flow speaks in a conversation: until it ends, no model does.
#[diesel::dsl::auto_type]
fn has_flow() -> _ {
    let active: &'static [RunStatus] = &RunStatus::ACTIVE;
    exists(
        flow_runs::table
            .filter(flow_runs::conversation_id.eq(conversations::id).and(flow_runs::status.eq_any(active))),
    )
}

/// Conversations of a channel whose customer wrote last, between two moments, in which no flow runs
/// and that have no turn for it: the quietest first.
pub async fn unanswered(
    conn: &mut Conn,
    channel: ChannelId,
    since: Timestamp,
    until: Timestamp,
    limit: i64,
) -> Result<Vec<ConversationState>, StoreError> {
    let has_turn = exists(
        ai_turns::table.filter(
            ai_turns::conversation_id
                .eq(conversations::id)
                .and(ai_turns::counted.eq(conversations::unread_total)),
        ),
    );
    let rows: Vec<ConversationRow> = on!(conn, db => conversations::table
        .filter(conversations::channel_id.eq(channel)
            .and(conversations::last_activity_at.between(since, until))
            .and(conversations::kind.eq(ConversationKind::Customer))
            .and(conversations::unread_total.gt(0))
            .and(conversations::last_seq.gt(conversations::answered_seq))
            .and(not(has_turn))
            .and(not(has_flow())))
        .order((conversations::last_activity_at, conversations::id))
        .limit(limit)
        .select(ConversationRow::as_select())
        .load(db).await)?;
    Ok(rows.into_iter().map(Into::into).collect())
}

/// The same among the conversations that were handed to a model one by one.
pub async fn unanswered_handed_over(
    conn: &mut Conn,
    since: Timestamp,
    until: Timestamp,
    limit: i64,
) -> Result<Vec<ConversationState>, StoreError> {
    let has_turn = exists(
        ai_turns::table.filter(
            ai_turns::conversation_id
                .eq(conversations::id)
                .and(ai_turns::counted.eq(conversations::unread_total)),
        ),
    );
    let rows: Vec<ConversationRow> = on!(conn, db => conversations::table
        .inner_join(ai_conversations::table.on(ai_conversations::conversation_id.eq(conversations::id)))
        .filter(ai_conversations::mode.ne(AiMode::Off)
            .and(conversations::last_activity_at.between(since, until))
            .and(conversations::unread_total.gt(0))
            .and(conversations::last_seq.gt(conversations::answered_seq))
            .and(not(has_turn))
            .and(not(has_flow())))
        .order((conversations::last_activity_at, conversations::id))
        .limit(limit)
        .select(ConversationRow::as_select())
        .load(db).await)?;
    Ok(rows.into_iter().map(Into::into).collect())
}

/// What a conversation was told apart from its channel, until a person wrote in it.
pub async fn mode_of(conn: &mut Conn, id: ConversationId) -> Result<Option<AiMode>, StoreError> {
    let told: Option<(AiMode, Timestamp)> = on!(conn, db => ai_conversations::table.find(id)
        .select((ai_conversations::mode, ai_conversations::updated_at))
        .first(db).await.optional())?;
    let Some((mode, since)) = told else { return Ok(None) };
    let taken_over: Option<MessageId> = on!(conn, db => messages::table
        .filter(messages::conversation_id.eq(id)
            .and(messages::sender_type.eq(SenderType::Support))
            .and(messages::origin.ne(Origin::Flow))
            .and(messages::is_private.eq(false))
            .and(messages::created_at.gt(since)))
        .select(messages::id)
        .first(db).await.optional())?;
    Ok(taken_over.is_none().then_some(mode))
}

/// Tells a conversation apart from its channel.
pub async fn set_mode(
    conn: &mut Conn,
    id: ConversationId,
    mode: AiMode,
    now: Timestamp,
) -> Result<(), StoreError> {
    on!(conn, db => diesel::insert_into(ai_conversations::table)
        .values((
            ai_conversations::conversation_id.eq(id),
            ai_conversations::mode.eq(mode),
            ai_conversations::updated_at.eq(now),
        ))
        .on_conflict(ai_conversations::conversation_id)
        .do_update()
        .set((ai_conversations::mode.eq(mode), ai_conversations::updated_at.eq(now)))
        .kept().execute(db).await)?;
    Ok(())
}

/// The customer's messages above a place, ascending, the last `limit` of them.
pub async fn customers_words(
    conn: &mut Conn,
    conversation: ConversationId,
    above: i64,
    limit: i64,
) -> Result<Vec<MessageRow>, StoreError> {
    let mut rows: Vec<MessageRow> = on!(conn, db => db.rows(db.messages()
        .filter(messages::conversation_id.eq(conversation)
            .and(messages::seq.gt(above))
            .and(messages::sender_type.eq(SenderType::Customer))
            .and(messages::is_counted.eq(true)))
        .order(messages::seq.desc())
        .limit(limit)).await)?;
    rows.reverse();
    Ok(rows)
}

/// What people may decide about, in the conversations that stand at `states`.
pub async fn drafts(
    conn: &mut Conn,
    states: &[ConversationState],
) -> Result<HashMap<ConversationId, AiDraft>, StoreError> {
    let ids: Vec<_> = states
        .iter()
        .filter(|state| state.kind == ConversationKind::Customer && state.last_seq > state.answered_seq)
        .map(|state| state.id)
        .collect();
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let turns: Vec<Turn> = on!(conn, db => ai_turns::table
        .filter(ai_turns::conversation_id.eq_any(&ids)
            .and(ai_turns::state.eq_any([TurnState::Drafted, TurnState::Failed])))
        .order(ai_turns::counted)
        .select(Turn::as_select())
        .load(db).await)?;
    let open = turns
        .into_iter()
        .filter(|turn| states.iter().any(|state| state.id == turn.conversation_id && turn.is_current(state)));
    Ok(open.map(|turn| (turn.conversation_id, turn.into())).collect())
}

impl From<Turn> for AiDraft {
    fn from(turn: Turn) -> Self {
        Self {
            id: turn.id,
            error: turn
                .error_code
                .filter(|_| turn.state == TurnState::Failed)
                .map(|code| Failure { code, message: turn.error_message.unwrap_or_default() }),
            content: turn.content,
            created_at: turn.updated_at,
        }
    }
}
