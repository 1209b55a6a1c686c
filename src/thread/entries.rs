//! What commands write into a conversation: a new message, a changed message, a change of the
//! conversation itself. Each gives the version in the same transaction and tells what happened.
//! Never a rule about when to write.

use super::{look_up, timeline};
use crate::domain::{
    Cause, ConversationEvent, ConversationId, ConversationState, Event, LabelId, Message, MessageEffect,
    MessageEvent, MessageStatus, MessageType, Origin, ReadMark, Reason, SenderType, TeamId, Timestamp,
    UserId, WorkspaceId,
};
use crate::ledger::command::{LedgerError, Tx};
use crate::store::checks::reports::AnsweredWait;
use crate::store::conversations::{self, Change, labels};
use crate::store::messages::{
    self, MessageBody, MessageRow, NewAttachment, message_log, search, transcripts,
};
use std::sync::Arc;

/// A message that is to be written.
#[derive(Debug, Clone)]
pub struct NewMessage {
    pub workspace_id: WorkspaceId,
    pub conversation_id: ConversationId,
    /// What it does to the conversation.
    pub effect: MessageEffect,
    /// What the list is told.
    pub reason: Reason,
    /// Itself; place and version are given here.
    pub body: MessageBody,
    /// Its files; message and place are given here.
    pub attachments: Vec<NewAttachment>,
}

/// A message that was written.
#[derive(Debug, Clone)]
pub struct Added {
    /// The row.
    pub row: MessageRow,
    /// As people see it.
    pub message: Arc<Message>,
    /// The conversation after it.
    pub state: ConversationState,
}

/// A message without anything but its type and its words.
pub fn blank(message_type: MessageType, content: Option<String>) -> MessageBody {
    MessageBody {
        channel_id: None,
        seq: 0,
        version: 0,
        sender_type: SenderType::System,
        sender_user_id: None,
        sender_customer_id: None,
        sender_name: None,
        author: "system".into(),
        origin: Origin::Platform,
        message_type,
        content,
        details: None,
        reply_to_id: None,
        reply_to_platform_id: None,
        platform_message_id: None,
        client_id: None,
        fingerprint: None,
        status: MessageStatus::Received,
        error_code: None,
        error_message: None,
        is_counted: false,
        has_attachments: false,
        has_reactions: false,
        feedback_rating: None,
        feedback_comment: None,
        feedback_at: None,
        created_at: Timestamp::default(),
        platform_sent_at: None,
        edited_at: None,
        edit_order: None,
        deleted_at: None,
        is_private: false,
        mentions: None,
        send_at: None,
    }
}

/// Somebody's reactions on a message that is still to be written.
#[derive(Debug, Clone)]
pub struct Reacted {
    /// Who, as the row names them.
    pub actor: String,
    /// What they are called.
    pub name: Option<String>,
    /// Their signs; none: taken back.
    pub emojis: Vec<String>,
    pub at: Timestamp,
}

/// Writes a new message, its identity and its files, and tells both the room and the list.
pub async fn add(tx: &mut Tx<'_>, new: NewMessage) -> Result<Added, LedgerError> {
    add_with(tx, new, &[]).await
}

/// The same, of a message on which somebody reacted before it was here.
pub async fn add_with(tx: &mut Tx<'_>, new: NewMessage, reactions: &[Reacted]) -> Result<Added, LedgerError> {
    if !new.attachments.is_empty() || !reactions.is_empty() || new.body.reply_to_id.is_some() {
        // What stands around it is read from the rows.
        tx.alone()?;
    }
    let NewMessage { workspace_id, conversation_id, effect, reason, body, attachments } = new;
    let mut state = look_up::conversation(tx, conversation_id).await?;
    if let Some(before) = effect.apply(&mut state, tx.now) {
        timeline::note_opened(tx, body.channel_id, &mut state, before).await?;
    }
    if effect.is_answer && effect.is_shown {
        end_wait(tx, &mut state, body.sender_user_id);
    }
    let body = MessageBody {
        seq: state.version,
        version: state.version,
        created_at: tx.now,
        is_counted: effect.is_counted,
        has_attachments: !attachments.is_empty(),
        has_reactions: !reactions.is_empty(),
        ..body
    };
    let row = MessageRow { id: tx.next_message_id().await?, workspace_id, conversation_id, body };
    tx.unit.change(state.clone());
    tx.unit.add(row.clone());
    let message = Arc::new(match collected_view(tx, &row)? {
        Some(message) => message,
        None => write(tx, &row, attachments, reactions).await?,
    });
    tell_new(tx, &state, message.clone(), reason);
    Ok(Added { row, message, state })
}

/// A customer who waits is answered.
fn end_wait(tx: &mut Tx<'_>, state: &mut ConversationState, user_id: Option<UserId>) {
    let Some(asked_at) = state.waiting_since.take() else { return };
    tx.unit.answer(AnsweredWait {
        workspace_id: state.workspace_id,
        conversation_id: state.id,
        channel_id: state.channel_id,
        user_id,
        asked_at,
        answered_at: tx.now,
    });
}

/// A message as people see it, where it is collected with others; none: it is written now.
fn collected_view(tx: &mut Tx<'_>, row: &MessageRow) -> Result<Option<Message>, LedgerError> {
    let Some(known) = tx.known() else { return Ok(None) };
    let speaker = known.speaker(row.body.sender_user_id, row.body.sender_customer_id);
    Ok(Some(messages::view_of_new(row.clone(), speaker.ok_or(LedgerError::PutOff)?)))
}

/// Writes a message that has its turn alone, with its files and what was said of it; as people see it.
async fn write(
    tx: &mut Tx<'_>,
    row: &MessageRow,
    mut files: Vec<NewAttachment>,
    reactions: &[Reacted],
) -> Result<Message, LedgerError> {
    tx.settle().await?;
    for (position, file) in (0..).zip(&mut files) {
        (file.message_id, file.position) = (row.id, position);
    }
    messages::insert_attachments(tx.conn, &files).await?;
    for each in reactions {
        messages::react(tx.conn, row.id, &each.actor, each.name.as_deref(), &each.emojis, each.at).await?;
    }
    Ok(messages::view(tx.conn, row.clone()).await?)
}

/// Tells both the room and the list of a new message; `state`: the conversation after it.
fn tell_new(tx: &mut Tx<'_>, state: &ConversationState, message: Arc<Message>, reason: Reason) {
    let is_first = state.version == 1;
    tx.tell(Event::Message(MessageEvent {
        workspace_id: state.workspace_id,
        conversation_id: state.id,
        version: state.version,
        is_new: true,
        is_new_conversation: is_first,
        message: message.clone(),
    }));
    let shown = (state.last_seq == message.seq).then_some(message);
    tell_list(tx, if is_first { Reason::Created } else { reason }, state.clone(), shown, None);
}

/// Writes a changed message under the next version and tells its room.
pub async fn rewrite(tx: &mut Tx<'_>, row: &mut MessageRow) -> Result<Arc<Message>, LedgerError> {
    tx.alone()?;
    row.body.version = conversations::bump(tx.conn, row.conversation_id, tx.now).await?;
    messages::update(tx.conn, row).await?;
    if row.body.deleted_at.is_some() {
        search::forget_message(tx.conn, row.id).await?;
    }
    let message = Arc::new(messages::view(tx.conn, row.clone()).await?);
    tx.tell(Event::Message(MessageEvent {
        workspace_id: row.workspace_id,
        conversation_id: row.conversation_id,
        version: row.body.version,
        is_new: false,
        is_new_conversation: false,
        message: message.clone(),
    }));
    Ok(message)
}

/// Writes a message whose words changed, as [`rewrite`] does; it is found by the new ones, and by what
/// was heard in its recordings.
pub async fn reword(tx: &mut Tx<'_>, row: &mut MessageRow) -> Result<Arc<Message>, LedgerError> {
    tx.alone()?;
    let mut words = row.body.content.clone().unwrap_or_default();
    if row.body.has_attachments {
        for heard in transcripts::words_of(tx.conn, row.id).await? {
            words.extend(["\n", &heard]);
        }
    }
    search::index_message(tx.conn, row.id, &words).await?;
    rewrite(tx, row).await
}

/// Moves a message's status up, if the news is news; says whether it was.
pub async fn advance(
    tx: &mut Tx<'_>,
    row: &mut MessageRow,
    status: MessageStatus,
    error: Option<(String, String)>,
) -> Result<bool, LedgerError> {
    tx.alone()?;
    if !row.body.status.yields_to(status) {
        return Ok(false);
    }
    let details = serde_json::json!({"status": status, "error": error.as_ref().map(|(code, _)| code)});
    message_log::note(tx.conn, row.id, "receipt", &details, tx.now).await?;
    set_status(tx, row, status, error).await?;
    Ok(true)
}

/// Sets a message's status, up or down: only the sender and a person's decision go down.
pub async fn set_status(
    tx: &mut Tx<'_>,
    row: &mut MessageRow,
    status: MessageStatus,
    error: Option<(String, String)>,
) -> Result<Arc<Message>, LedgerError> {
    row.body.status = status;
    (row.body.error_code, row.body.error_message) = error.unzip();
    rewrite(tx, row).await
}

/// Changes the conversation itself, which stood as `before`, notes who did it and tells the list.
pub async fn change(
    tx: &mut Tx<'_>,
    before: &ConversationState,
    change: Change,
    cause: &Cause,
) -> Result<ConversationState, LedgerError> {
    tx.alone()?;
    let state = conversations::change(tx.conn, before.id, change, tx.now).await?;
    timeline::note_change(tx, before, &state, change, cause).await?;
    let reason = match change {
        Change::Status(..) | Change::Priority(_) => Reason::Status,
        Change::Assignee(..) | Change::Team(_) => Reason::Assigned,
    };
    tell_list(tx, reason, state.clone(), None, None);
    Ok(state)
}

/// Gives a conversation, which carried `before`, these labels and no others, notes who did it and tells the
/// list.
pub async fn carry(
    tx: &mut Tx<'_>,
    state: &ConversationState,
    before: &[LabelId],
    wanted: &[LabelId],
    cause: &Cause,
) -> Result<ConversationState, LedgerError> {
    tx.alone()?;
    labels::carry(tx.conn, state.id, wanted).await?;
    timeline::note_labels(tx, state, before, wanted, cause).await?;
    touch(tx, state.id).await
}

/// Hands all that a user cares for to `to`, or to nobody, and tells the list of each. What is closed is
/// nobody's then: it is everybody's when its customer writes again.
pub async fn hand_over(
    tx: &mut Tx<'_>,
    (workspace, from): (WorkspaceId, UserId),
    to: Option<UserId>,
    cause: &Cause,
) -> Result<usize, LedgerError> {
    tx.alone()?;
    let ids = conversations::held_by(tx.conn, workspace, from).await?;
    conversations::lock(tx.conn, &ids).await?;
    let mut handed = Vec::new();
    if to.is_some() {
        let states = conversations::hand_over(tx.conn, (workspace, from), to, tx.now).await?;
        handed.push((to, states));
    }
    handed.push((None, conversations::hand_over(tx.conn, (workspace, from), None, tx.now).await?));
    let mut count = 0;
    for (to, states) in handed {
        timeline::note_handed_over(tx, from, to, &states, cause).await?;
        count += states.len();
        states.into_iter().for_each(|state| tell_list(tx, Reason::Assigned, state, None, None));
    }
    Ok(count)
}

/// Hands a team's conversations to `to`, or to no team, and tells the list of each.
pub async fn hand_over_team(
    tx: &mut Tx<'_>,
    (workspace, from): (WorkspaceId, TeamId),
    to: Option<TeamId>,
    cause: &Cause,
) -> Result<usize, LedgerError> {
    tx.alone()?;
    let ids = conversations::of_team(tx.conn, workspace, from).await?;
    conversations::lock(tx.conn, &ids).await?;
    let states = conversations::hand_over_team(tx.conn, (workspace, from), to, tx.now).await?;
    timeline::note_team_handed_over(tx, from, to, &states, cause).await?;
    let count = states.len();
    states.into_iter().for_each(|state| tell_list(tx, Reason::Assigned, state, None, None));
    Ok(count)
}

/// Tells a user's own sessions how far they read.
pub fn tell_read(tx: &mut Tx<'_>, state: ConversationState, user: UserId, mark: ReadMark) {
    tell_list(tx, Reason::Read, state, None, Some((user, mark)));
}

fn tell_list(
    tx: &mut Tx<'_>,
    reason: Reason,
    state: ConversationState,
    last_message: Option<Arc<Message>>,
    mark: Option<(UserId, ReadMark)>,
) {
    let only_for = mark.filter(|_| reason == Reason::Read).map(|(user, _)| user);
    tx.tell(Event::Conversation(ConversationEvent { reason, state, last_message, mark, only_for }));
}

/// Tells the list that something around a conversation changed.
pub async fn touch(tx: &mut Tx<'_>, id: ConversationId) -> Result<ConversationState, LedgerError> {
    tx.alone()?;
    let state = conversations::touch(tx.conn, id, tx.now).await?;
    tell_list(tx, Reason::Status, state.clone(), None, None);
    Ok(state)
}
