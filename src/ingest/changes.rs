//! Edits, deletions and reactions: they change a message there is, or wait for it. Ordered by the
//! platform's own number or time, never by arrival.

use super::echo::parked_receive;
use super::receive::{Receive, Received, Source, store_edited};
use super::{attachments, identify};
use crate::domain::inbound::{
    Author, Deletion, Edit, InboundEvent, InboundKind, InboundMessage, Participant, Reaction,
};
use crate::domain::{ChannelId, ConversationId, MessageType, Outcome, SenderType, Timestamp};
use crate::ledger::{Command, LedgerError, Subject, Tx};
use crate::store::delivery::parked_events::{self, NewParked};
use crate::store::messages::{self, MessageRow};
use crate::thread::entries::{self, Reacted};
use crate::thread::receipts;
use std::borrow::Cow;
use std::time::Duration;

type Details = serde_json::Map<String, serde_json::Value>;

/// How long a change waits for the message it speaks of: platforms redeliver for 7 days.
const PARKED_FOR: Duration = Duration::from_hours(7 * 24);
/// What may wait for a message.
const KINDS: [&str; 3] = ["edit", "reaction", "deletion"];

/// A message has new content.
pub(super) async fn edit(tx: &mut Tx<'_>, receive: &Receive, edit: &Edit) -> Result<Received, LedgerError> {
    match messages::by_identity(tx.conn, receive.source.channel_id, &edit.target).await? {
        Some(mut row) => {
            let outcome = apply_edit(tx, receive, edit, &mut row).await?;
            Ok(Received::new(outcome, receive.event.kind.direction()).about(&row))
        }
        None => match edit.alone.as_deref().filter(|_| edit.is_whole) {
            Some(message) => alone(tx, receive, edit, message).await,
            None => park(tx, receive, "edit", &edit.target, &edit.order.to_string()).await,
        },
    }
}

/// An edit of a message that does not come any more: what it tells becomes the message.
async fn alone(
    tx: &mut Tx<'_>,
    receive: &Receive,
    edit: &Edit,
    message: &InboundMessage,
) -> Result<Received, LedgerError> {
    let added = store_edited(tx, receive, message, Some(edit)).await?;
    Ok(Received::new(Outcome::Stored, receive.event.kind.direction()).about(&added.row))
}

async fn apply_edit(
    tx: &mut Tx<'_>,
    receive: &Receive,
    edit: &Edit,
    row: &mut MessageRow,
) -> Result<Outcome, LedgerError> {
    let is_old = row.body.edit_order.is_some_and(|order| order >= edit.order);
    if is_old || row.body.deleted_at.is_some() {
        return Ok(Outcome::Duplicate);
    }
    let files = match &edit.attachments {
        Some(files) if !attachments::are(tx, row, files).await? => Some(files),
        _ => None,
    };
    let details = details_after(details_of(row), edit);
    let message_type = edit.message_type.unwrap_or(row.body.message_type);
    let words = if edit.text.is_none() && !edit.has_no_words { &row.body.content } else { &edit.text };
    let words = words.clone();
    let is_same = row.body.content == words
        && row.body.message_type == message_type
        && files.is_none()
        && details == details_of(row);
    row.body.edit_order = Some(edit.order);
    if is_same {
        // A link preview or a reaction count: nothing that people see.
        messages::update(tx.conn, row).await?;
        return Ok(Outcome::Duplicate);
    }
    row.body.content = words;
    row.body.message_type = message_type;
    row.body.edited_at = Some(receive.event.occurred_at.unwrap_or(tx.now));
    row.body.details = (!details.is_empty()).then(|| serde_json::Value::Object(details).to_string());
    if let Some(files) = files {
        messages::delete_attachments(tx.conn, row.id).await?;
        row.body.has_attachments = false;
        attachments::attach(tx, row, attachments::pending(&receive.source, files, tx.now)).await?;
    }
    entries::reword(tx, row).await?;
    Ok(Outcome::Updated)
}

fn details_of(row: &MessageRow) -> Details {
    row.body.details.as_deref().and_then(|json| serde_json::from_str(json).ok()).unwrap_or_default()
}

/// What an edit says beside the words; where a message stands it cannot change.
fn details_after(before: Details, edit: &Edit) -> Details {
    if edit.details.is_empty() {
        return before;
    }
    let mut after = edit.details.clone();
    for key in ["album", "standby"] {
        if let Some(kept) = before.get(key) {
            after.insert(key.to_owned(), kept.clone());
        }
    }
    after
}

/// A message with all that came before it, before it is written.
pub(super) struct Unborn<'m> {
    /// The message, as it is now.
    pub message: Cow<'m, InboundMessage>,
    /// When it was edited, if it was.
    pub edited_at: Option<Timestamp>,
    /// By the edit of which order.
    pub edit_order: Option<i64>,
    /// When it was taken back, if it was: then it holds nothing.
    pub deleted_at: Option<Timestamp>,
    /// Who reacted how.
    pub reactions: Vec<Reacted>,
}

/// Puts what waits for a message into it, so that nobody is ever told what it was before.
pub(super) async fn unborn<'m>(
    tx: &mut Tx<'_>,
    receive: &Receive,
    message: &'m InboundMessage,
    edit: Option<&Edit>,
) -> Result<Unborn<'m>, LedgerError> {
    let mut unborn = Unborn {
        message: Cow::Borrowed(message),
        edited_at: edit.map(|_| receive.event.occurred_at.unwrap_or(tx.now)),
        edit_order: edit.map(|edit| edit.order),
        deleted_at: None,
        reactions: Vec::new(),
    };
    let id = &message.platform_message_id;
    for parked in parked_events::for_message(tx.conn, receive.source.channel_id, &KINDS, id).await? {
        parked_events::unpark(tx.conn, parked.id).await?;
        let Ok(event) = serde_json::from_str::<InboundEvent>(&parked.body) else { continue };
        let receive = Receive { event: event.into(), ..receive.clone() };
        let at = receive.event.occurred_at.unwrap_or(tx.now);
        match &receive.event.kind {
            InboundKind::Edit(edit) => unborn.edit(edit, at),
            InboundKind::Deletion(_) => unborn.deleted_at = unborn.deleted_at.or(Some(at)),
            InboundKind::Reaction(reaction) => {
                let (actor, name) = actor(tx, &receive, reaction).await?;
                unborn.reactions.push(Reacted { actor, name, emojis: reaction.emojis.clone(), at });
            }
            _ => {}
        }
    }
    if unborn.deleted_at.is_some() {
        unborn.erase();
    }
    Ok(unborn)
}

impl Unborn<'_> {
    fn edit(&mut self, edit: &Edit, at: Timestamp) {
        if self.edit_order.is_some_and(|order| order >= edit.order) {
            return;
        }
        self.edit_order = Some(edit.order);
        let before = &*self.message;
        let mut after = before.clone();
        if edit.text.is_some() || edit.has_no_words {
            after.text.clone_from(&edit.text);
        }
        after.message_type = edit.message_type.unwrap_or(before.message_type);
        after.details = details_after(before.details.clone(), edit);
        if let Some(files) =
            edit.attachments.as_ref().filter(|files| !attachments::are_same(&before.attachments, files))
        {
            after.attachments.clone_from(files);
        }
        if after != *before {
            self.edited_at = Some(at);
            self.message = Cow::Owned(after);
        }
    }

    fn erase(&mut self) {
        let message = self.message.to_mut();
        message.text = None;
        message.attachments.clear();
        message.details.clear();
        message.album = None;
    }
}

/// Messages were taken back: their content is erased, their place stays.
pub(super) async fn delete(
    tx: &mut Tx<'_>,
    receive: &Receive,
    deletion: &Deletion,
) -> Result<Received, LedgerError> {
    let direction = receive.event.kind.direction();
    let mut received = Received::new(Outcome::Duplicate, direction);
    for target in &deletion.targets {
        if let Some(mut row) = messages::by_identity(tx.conn, receive.source.channel_id, target).await? {
            if apply_deletion(tx, receive, &mut row).await? {
                received.outcome = Outcome::Updated;
            }
            received = received.about(&row);
        } else {
            let parked = park(tx, receive, "deletion", target, "").await?;
            if received.message_id.is_none() {
                received.outcome = parked.outcome;
            }
        }
    }
    Ok(received)
}

async fn apply_deletion(
    tx: &mut Tx<'_>,
    receive: &Receive,
    row: &mut MessageRow,
) -> Result<bool, LedgerError> {
    if row.body.deleted_at.is_some() {
        return Ok(false);
    }
    row.body.deleted_at = Some(receive.event.occurred_at.unwrap_or(tx.now));
    (row.body.content, row.body.details) = (None, None);
    messages::delete_attachments(tx.conn, row.id).await?;
    row.body.has_attachments = false;
    entries::rewrite(tx, row).await?;
    Ok(true)
}

/// Somebody's reactions to a message are now these.
pub(super) async fn react(
    tx: &mut Tx<'_>,
    receive: &Receive,
    reaction: &Reaction,
) -> Result<Received, LedgerError> {
    if let Some(mut row) = messages::by_identity(tx.conn, receive.source.channel_id, &reaction.target).await?
    {
        let outcome = apply_reaction(tx, receive, reaction, &mut row).await?;
        Ok(Received::new(outcome, receive.event.kind.direction()).about(&row))
    } else {
        let order = receive.event.occurred_at.unwrap_or(tx.now).0;
        let actor = reaction.actor.as_ref().map_or("", |actor| actor.identity.external_id.as_str());
        let event = reaction.event_id.clone().unwrap_or_else(|| reaction.emojis.concat());
        park(tx, receive, "reaction", &reaction.target, &format!("{actor}:{order}:{event}")).await
    }
}

async fn apply_reaction(
    tx: &mut Tx<'_>,
    receive: &Receive,
    reaction: &Reaction,
    row: &mut MessageRow,
) -> Result<Outcome, LedgerError> {
    let (actor, name) = actor(tx, receive, reaction).await?;
    let at = receive.event.occurred_at.unwrap_or(tx.now);
    if !messages::react(tx.conn, row.id, &actor, name.as_deref(), &reaction.emojis, at).await? {
        return Ok(Outcome::Duplicate);
    }
    row.body.has_reactions = true;
    entries::rewrite(tx, row).await?;
    Ok(Outcome::Updated)
}

/// Who reacts: the owner, the member of a group, or the customer.
async fn actor(
    tx: &mut Tx<'_>,
    receive: &Receive,
    reaction: &Reaction,
) -> Result<(String, Option<String>), LedgerError> {
    let name = |who: &Participant| who.profile.name.clone().or(who.profile.username.clone());
    if reaction.author == Author::Owner {
        return Ok(("owner".into(), Some(receive.source.name.clone())));
    }
    if let Some(member) = reaction.actor.as_ref().filter(|_| reaction.thread.is_group()) {
        return Ok((format!("member:{}", member.identity.external_id), name(member)));
    }
    let state = identify::conversation_of(tx, &receive.source, &reaction.thread).await?;
    let customer = state
        .and_then(|state| state.customer_id)
        .map_or_else(|| "customer".into(), |id| format!("customer:{id}"));
    Ok((customer, reaction.actor.as_ref().and_then(name)))
}

/// Lets a change wait for its message.
async fn park(
    tx: &mut Tx<'_>,
    receive: &Receive,
    kind: &str,
    target: &str,
    key: &str,
) -> Result<Received, LedgerError> {
    let body = serde_json::to_string(&*receive.event).unwrap_or_default();
    let parked = NewParked {
        channel: receive.source.channel_id,
        kind,
        platform_message_id: target,
        event_key: key,
        conversation: None,
        body: &body,
        expires_at: tx.now.plus(PARKED_FOR),
    };
    let is_new = parked_events::park(tx.conn, parked, tx.now).await?;
    let outcome = if is_new { Outcome::Updated } else { Outcome::Duplicate };
    Ok(Received::new(outcome, receive.event.kind.direction()))
}

/// Raises a message of our side by the receipts that came before it.
pub(super) async fn apply_receipts(
    tx: &mut Tx<'_>,
    receive: &Receive,
    row: &MessageRow,
) -> Result<(), LedgerError> {
    let Some(id) = &row.body.platform_message_id else { return Ok(()) };
    if row.body.sender_type == SenderType::Customer || row.body.message_type == MessageType::System {
        return Ok(());
    }
    let mut row = row.clone();
    receipts::apply_receipts(tx, receive.source.channel_id, id, &mut row, None).await?;
    // What was read before this customer had a conversation.
    if let Some(customer) = receive.event.kind.thread().and_then(|thread| thread.first()) {
        let (channel, name) = (receive.source.channel_id, &customer.external_id);
        let marks = parked_events::for_message(tx.conn, channel, &[receipts::MARK], name).await?;
        receipts::apply_marks(tx, &mut row, &marks, None).await?;
    }
    Ok(())
}

/// Applies what waited for messages of ours that had no id yet: their send's answer has named them.
pub(super) async fn catch_up(tx: &mut Tx<'_>, conversation: ConversationId) -> Result<(), LedgerError> {
    for (parked, message) in parked_events::for_known(tx.conn, conversation, &KINDS).await? {
        parked_events::unpark(tx.conn, parked.id).await?;
        let Some(receive) = parked_receive(tx, conversation, &parked.body).await? else { continue };
        let Some(mut row) = messages::find(tx.conn, receive.source.workspace_id, message).await? else {
            continue;
        };
        match &receive.event.kind {
            InboundKind::Edit(edit) => drop(apply_edit(tx, &receive, edit, &mut row).await?),
            InboundKind::Deletion(_) => drop(apply_deletion(tx, &receive, &mut row).await?),
            InboundKind::Reaction(reaction) => drop(apply_reaction(tx, &receive, reaction, &mut row).await?),
            _ => {}
        }
    }
    Ok(())
}

/// Makes a message of edits that waited for it in vain.
#[derive(Debug, Clone)]
pub struct ReleaseEdits {
    /// By which channel they came.
    pub channel_id: ChannelId,
    /// The message's id on the platform.
    pub platform_message_id: String,
}

impl Command for ReleaseEdits {
    type Answer = ();

    fn subject(&self) -> Subject {
        Subject::of((self.channel_id, &self.platform_message_id))
    }

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<(), LedgerError> {
        let (channel, id) = (self.channel_id, &self.platform_message_id);
        let waiting = parked_events::for_message(tx.conn, channel, &["edit"], id).await?;
        let events =
            waiting.iter().filter_map(|parked| serde_json::from_str::<InboundEvent>(&parked.body).ok());
        let order = |event: &InboundEvent| match &event.kind {
            InboundKind::Edit(edit) => Some(edit.order),
            _ => None,
        };
        let newest = events.max_by_key(order);
        let is_known = messages::by_identity(tx.conn, channel, id).await?.is_some();
        if let Some(event) = newest.filter(|_| !is_known)
            && let Some(source) = Source::find(tx, channel).await?
            && let InboundKind::Edit(edit) = event.kind.clone()
        {
            let receive = Receive { source, event: event.into(), conversation: None };
            store_edited(tx, &receive, &edit.as_message(), Some(&edit)).await?;
        }
        for parked in waiting {
            parked_events::unpark(tx.conn, parked.id).await?;
        }
        Ok(())
    }
}
