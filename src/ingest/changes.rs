//! Edits, deletions and reactions: they change a message there is, or wait for it. Ordered by the
//! platform's own number or time, never by arrival.

use super::attachments;
use super::event::{Receive, Received, Source, parked_receive};
use super::message::store_edited;
use super::parked::{Details, KINDS, actor, details_after, park};
use crate::domain::inbound::{Deletion, Edit, InboundEvent, InboundKind, InboundMessage, Reaction};
use crate::domain::{ChannelId, ConversationId, Outcome};
use crate::ledger::{Command, LedgerError, Subject, Tx};
use crate::store::delivery::parked_events;
use crate::store::messages::{self, MessageRow};
use crate::thread::entries;

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
