//! Caring for a conversation: status, assignee, read marks, what a user thinks of an answer, what
//! a person decides about a message whose fate is unknown. Never a word to a customer.
//! Over 400 lines until `desk` is laid out in folders: each act is a command of its own.

use super::{access, spam};
use crate::domain::{
    Cause, ConversationId, ConversationKind, ConversationState, ConversationStatus, DeliveryStatus, Event,
    LabelId, MOST_LABELS, Message, MessageId, MessageStatus, MessageType, Priority, Rating, ReadMark,
    Refusal, SenderType, Timestamp, User, UserId,
};
use crate::ledger::{Command, LedgerError, Subject, Tx};
use crate::store::accounts::{audit, channels, users};
use crate::store::conversations::{self, Change, labels, list};
use crate::store::delivery::outbox::{self, Delivery};
use crate::store::messages::{self, MessageRow, media};
use crate::thread::{entries, outgoing};
use serde_json::{Map, Value, json};
use std::sync::Arc;

/// Changes what stands around a conversation: status, assignee, priority, labels.
#[derive(Debug, Clone)]
pub struct UpdateConversation {
    pub user: User,
    pub conversation_id: ConversationId,
    /// Where it stands from now on, and until when it sleeps.
    pub status: Option<(ConversationStatus, Option<Timestamp>)>,
    /// Who cares for it from now on.
    pub assignee: Option<Option<UserId>>,
    /// How urgent it is from now on.
    pub priority: Option<Option<Priority>>,
    /// What it carries from now on, and nothing else.
    pub labels: Option<Vec<LabelId>>,
}

impl Command for UpdateConversation {
    type Answer = ConversationState;

    fn subject(&self) -> Subject {
        Subject::Conversation(self.conversation_id)
    }

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<ConversationState, LedgerError> {
        let mut state = access::conversation(tx.conn, &self.user, self.conversation_id).await?;
        let (before, cause) = (state.revision, Cause::user(&self.user));
        if state.kind == ConversationKind::Direct {
            return Err(Refusal::conflict(
                "direct_conversation",
                "A conversation among colleagues has no status, assignee, priority or labels.",
            )
            .into());
        }
        if let Some((status, until)) =
            self.status.filter(|(status, until)| (*status, *until) != (state.status, state.snoozed_until))
        {
            let is_spam = status == ConversationStatus::Spam;
            if is_spam != (state.status == ConversationStatus::Spam) {
                spam::mark(tx, &self.user, &state, is_spam).await?;
            }
            state = entries::change(tx, &state, Change::Status(status, until), &cause).await?;
        }
        if let Some(assignee) = self.assignee.filter(|assignee| *assignee != state.assignee_id) {
            if let Some(id) = assignee
                && !users::stays(tx.conn, self.user.workspace_id, id).await?
            {
                return Err(
                    Refusal::invalid("bad_assignee", "assignee_id is no colleague who can come in.").into()
                );
            }
            state = entries::change(tx, &state, Change::Assignee(assignee), &cause).await?;
        }
        if let Some(priority) = self.priority.filter(|priority| *priority != state.priority) {
            state = entries::change(tx, &state, Change::Priority(priority), &cause).await?;
        }
        if let Some(labels) = &self.labels {
            state = self.label(tx, state, labels).await?;
        }
        if state.revision != before {
            self.note(tx, &state).await?;
        }
        Ok(state)
    }
}

impl UpdateConversation {
    async fn note(&self, tx: &mut Tx<'_>, state: &ConversationState) -> Result<(), LedgerError> {
        let mut details = Map::new();
        if self.status.is_some() {
            details.insert("status".into(), json!(state.status));
        }
        if self.assignee.is_some() {
            let people = list::people(tx.conn, state.assignee_id.as_slice()).await?;
            details.insert("assignee_id".into(), json!(state.assignee_id));
            details.insert("assignee".into(), json!(people.into_values().next().map(|person| person.name)));
        }
        if self.priority.is_some() {
            details.insert("priority".into(), json!(state.priority));
        }
        if let Some(labels) = &self.labels {
            let named = labels::by_ids(tx.conn, labels).await?;
            details.insert("label_ids".into(), json!(labels));
            let named: Vec<String> = named.into_iter().map(|label| label.name).collect();
            details.insert("labels".into(), json!(named));
        }
        let subject = format!("conversation:{}", state.id);
        note(tx, &self.user, "conversation_changed", &subject, &details.into()).await
    }

    async fn label(
        &self,
        tx: &mut Tx<'_>,
        state: ConversationState,
        asked: &[LabelId],
    ) -> Result<ConversationState, LedgerError> {
        let mut wanted = asked.to_vec();
        wanted.sort_unstable();
        wanted.dedup();
        if wanted.len() > MOST_LABELS {
            return Err(
                Refusal::invalid("too_many_labels", "A conversation can have at most 20 labels.").into()
            );
        }
        if labels::known(tx.conn, self.user.workspace_id, &wanted).await? != wanted {
            return Err(
                Refusal::invalid("bad_label", "label_ids contains a label that does not exist.").into()
            );
        }
        let before = labels::carried(tx.conn, state.id).await?;
        if before == wanted {
            return Ok(state);
        }
        entries::carry(tx, &state, &before, &wanted, &Cause::user(&self.user)).await
    }
}

/// Marks as read up to a place.
#[derive(Debug, Clone)]
pub struct Read {
    pub user: User,
    pub conversation_id: ConversationId,
    /// The place; beyond the newest it is the newest.
    pub seq: i64,
}

impl Command for Read {
    /// The conversation and the mark.
    type Answer = (ConversationState, ReadMark);

    fn subject(&self) -> Subject {
        Subject::Conversation(self.conversation_id)
    }

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<Self::Answer, LedgerError> {
        let state = access::conversation(tx.conn, &self.user, self.conversation_id).await?;
        let known = list::mark(tx.conn, state.id, self.user.id).await?;
        let (mut mark, is_member) = known.unwrap_or_default();
        let seq = self.seq.min(state.version);
        if seq <= mark.read_seq {
            return Ok((state, mark));
        }
        mark.read_count +=
            messages::count_unread(tx.conn, state.id, mark.read_seq, seq, &self.user.author()).await?;
        mark.read_seq = seq;
        list::set_mark(tx.conn, state.id, self.user.id, mark, is_member).await?;
        entries::tell_read(tx, state.clone(), self.user.id, mark);
        Ok((state, mark))
    }
}

/// Says what a user thinks of an AI's answer.
#[derive(Debug, Clone)]
pub struct GiveFeedback {
    pub user: User,
    /// Of which message.
    pub message_id: MessageId,
    /// Good, bad, or withdrawn.
    pub rating: Option<Rating>,
    pub comment: Option<String>,
}

impl Command for GiveFeedback {
    type Answer = Arc<Message>;

    fn subject(&self) -> Subject {
        Subject::of(("message", self.message_id))
    }

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<Arc<Message>, LedgerError> {
        let mut row = visible(tx, &self.user, self.message_id).await?;
        if row.body.sender_type == SenderType::Customer {
            return Err(
                Refusal::conflict("not_ours", "Only replies can be rated, not customers' messages.").into()
            );
        }
        let is_withdrawn = self.rating.is_none() && self.comment.is_none();
        row.body.feedback_rating = self.rating;
        row.body.feedback_comment.clone_from(&self.comment);
        row.body.feedback_at = (!is_withdrawn).then_some(tx.now);
        entries::rewrite(tx, &mut row).await
    }
}

/// A message that the user may see.
async fn visible(tx: &mut Tx<'_>, user: &User, id: MessageId) -> Result<MessageRow, LedgerError> {
    let row =
        messages::find(tx.conn, user.workspace_id, id).await?.ok_or_else(|| Refusal::not_found("message"))?;
    access::conversation(tx.conn, user, row.conversation_id)
        .await
        .map_err(|_| Refusal::not_found("message"))?;
    // From here on the row is written: nobody else may, until the commit.
    conversations::lock(tx.conn, &[row.conversation_id]).await?;
    Ok(messages::find(tx.conn, user.workspace_id, id).await?.unwrap_or(row))
}

/// Decides what becomes of a message that failed or whose fate is unknown.
#[derive(Debug, Clone)]
pub struct Retry {
    pub user: User,
    pub message_id: MessageId,
    pub decision: Decision,
}

/// A person's decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// Send it again, though it may have been sent.
    Resend,
    /// It was sent: somebody saw it.
    MarkSent,
}

impl Command for Retry {
    type Answer = Arc<Message>;

    fn subject(&self) -> Subject {
        Subject::of(("message", self.message_id))
    }

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<Arc<Message>, LedgerError> {
        let row = visible(tx, &self.user, self.message_id).await?;
        let is_open = match self.decision {
            Decision::Resend => matches!(row.body.status, MessageStatus::Failed | MessageStatus::Unconfirmed),
            Decision::MarkSent => row.body.status == MessageStatus::Unconfirmed,
        };
        if !is_open {
            return Err(Refusal::conflict(
                "not_open",
                format!("This message is {}. It needs no decision.", row.body.status),
            )
            .into());
        }
        if row.body.deleted_at.is_some() {
            return Err(Refusal::conflict("deleted", "This message was deleted.").into());
        }
        for mut part in outbox::of_message_held(tx.conn, row.id).await? {
            if !matches!(
                part.status,
                DeliveryStatus::Failed | DeliveryStatus::Unconfirmed | DeliveryStatus::Cancelled
            ) {
                continue;
            }
            part.status =
                if self.decision == Decision::Resend { DeliveryStatus::Queued } else { DeliveryStatus::Sent };
            part.due_at = tx.now;
            part.attempts = 0;
            (part.error_code, part.error_message) = (None, None);
            part.updated_at = tx.now;
            outbox::update(tx.conn, &part).await?;
        }
        let mut row = row;
        let status =
            if self.decision == Decision::Resend { MessageStatus::Queued } else { MessageStatus::Sent };
        let message = entries::set_status(tx, &mut row, status, None).await?;
        tx.tell(Event::OutboxReady);
        let action =
            if self.decision == Decision::Resend { "message_sent_again" } else { "message_marked_sent" };
        note(tx, &self.user, action, &format!("message:{}", row.id), &json!({})).await?;
        Ok(message)
    }
}

/// Takes a message of a colleague's conversation back, or changes its words.
#[derive(Debug, Clone)]
pub struct Amend {
    pub user: User,
    pub message_id: MessageId,
    /// The new words; none: it is taken back.
    pub content: Option<String>,
}

impl Command for Amend {
    type Answer = Arc<Message>;

    fn subject(&self) -> Subject {
        Subject::of(("message", self.message_id))
    }

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<Arc<Message>, LedgerError> {
        let mut row = visible(tx, &self.user, self.message_id).await?;
        if row.body.sender_user_id != Some(self.user.id) {
            return Err(Refusal::forbidden("Only the author can change a message.").into());
        }
        if row.body.deleted_at.is_some() {
            return Err(Refusal::conflict("deleted", "This message was already deleted.").into());
        }
        if self.content.is_some()
            && row.body.content.is_none()
            && matches!(row.body.message_type, MessageType::Location | MessageType::Contact)
        {
            return Err(Refusal::conflict("no_words", "A location or a contact has no text to edit.").into());
        }
        self.reach(tx, &row).await?;
        match &self.content {
            Some(content) if content.trim().is_empty() => {
                return Err(Refusal::invalid("empty_message", "A message needs text.").into());
            }
            Some(content) => {
                super::reply::check_length(Some(content))?;
                row.body.content = Some(crate::domain::text::clean(content));
                row.body.edited_at = Some(tx.now);
            }
            None => {
                row.body.deleted_at = Some(tx.now);
                if row.body.status == MessageStatus::Queued {
                    row.body.status = MessageStatus::Failed;
                    (row.body.error_code, row.body.error_message) =
                        (Some("cancelled".into()), Some("It was deleted before it was sent.".into()));
                }
                (row.body.content, row.body.details, row.body.mentions) = (None, None, None);
                messages::delete_attachments(tx.conn, row.id).await?;
                row.body.has_attachments = false;
            }
        }
        // Never the words: they are the customer's, too.
        let action = if self.content.is_some() { "message_edited" } else { "message_deleted" };
        let details = json!({"conversation": row.conversation_id});
        note(tx, &self.user, action, &format!("message:{}", row.id), &details).await?;
        entries::reword(tx, &mut row).await
    }
}

/// Notes what a colleague did.
async fn note(
    tx: &mut Tx<'_>,
    user: &User,
    action: &str,
    subject: &str,
    details: &Value,
) -> Result<(), LedgerError> {
    let by = (user.workspace_id, Some(user.id));
    Ok(audit::note(tx.conn, by, action, subject, details, tx.now).await?)
}

impl Amend {
    /// What a platform already has cannot be changed here without a lie; what still waits is
    /// changed in the outbox, or taken out of it. No worker takes it meanwhile.
    async fn reach(&self, tx: &mut Tx<'_>, row: &MessageRow) -> Result<(), LedgerError> {
        let parts = outbox::of_message_held(tx.conn, row.id).await?;
        // Claimed: nothing has left yet, and without its row the attempt does not start. But its words were read.
        let is_waiting = |status| match status {
            DeliveryStatus::Queued | DeliveryStatus::Failed | DeliveryStatus::Cancelled => true,
            DeliveryStatus::Claimed => self.content.is_none(),
            _ => false,
        };
        if !parts.iter().all(|part| is_waiting(part.status)) {
            return Err(Refusal::conflict(
                "already_sent",
                "The customer may already have this message. It can no longer be changed here.",
            )
            .into());
        }
        if let Some(content) = &self.content {
            return keeps_its_parts(tx, row, content, &parts).await;
        }
        for mut part in parts {
            part.status = DeliveryStatus::Cancelled;
            (part.attempt_id, part.lease_until) = (None, None);
            part.updated_at = tx.now;
            outbox::update(tx.conn, &part).await?;
        }
        Ok(())
    }
}

/// Words go under a file or by themselves, as they fit. The queue was laid for the old ones: new
/// ones that would need another place are refused, so that none are lost.
async fn keeps_its_parts(
    tx: &mut Tx<'_>,
    row: &MessageRow,
    content: &str,
    parts: &[Delivery],
) -> Result<(), LedgerError> {
    let Some(first) = parts.first() else { return Ok(()) };
    let Some(channel) = channels::find(tx.conn, first.channel_id).await? else { return Ok(()) };
    let files = if row.body.has_attachments { media::of_message(tx.conn, row.id).await? } else { Vec::new() };
    let kinds = || files.iter().map(|file| file.kind.as_str());
    outgoing::check_words(channel.kind, Some(content), kinds()).map_err(super::reply::too_long)?;
    if !row.body.has_attachments {
        return Ok(());
    }
    let mut needed = outgoing::part_numbers(channel.kind, Some(content), kinds());
    needed.sort_unstable();
    if needed.iter().eq(parts.iter().map(|part| &part.part)) {
        return Ok(());
    }
    Err(Refusal::invalid(
        "does_not_fit",
        "These words do not fit where the old ones were sent, under the file or beside it: delete the \
            message and write it anew.",
    )
    .into())
}
