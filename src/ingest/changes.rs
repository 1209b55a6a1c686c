//! Edits, deletions and reactions: they change a message there is, or wait for it. Ordered by the
//! platform's own number or time, never by arrival.

use super::receive::{Receive, Received};
use super::{attachments, people};
use crate::chat::{LedgerError, Tx, entries, settle};
use crate::domain::inbound::{Author, Deletion, Edit, InboundEvent, InboundKind, Participant, Reaction};
use crate::domain::{MessageType, Outcome};
use crate::store::messages::{self, MessageRow};
use crate::store::waiting::{self, NewParked};
use std::time::Duration;

type Details = serde_json::Map<String, serde_json::Value>;

/// How long a change waits for the message it speaks of: platforms redeliver for 7 days.
const PATIENCE: Duration = Duration::from_hours(7 * 24);
/// What may wait for a message.
const KINDS: [&str; 3] = ["edit", "reaction", "deletion"];

/// A message has new content.
pub(super) async fn edit(tx: &mut Tx<'_>, receive: &Receive, edit: &Edit) -> Result<Received, LedgerError> {
    match messages::by_identity(tx.conn, receive.source.channel_id, &edit.target).await? {
        Some(mut row) => {
            let outcome = apply_edit(tx, receive, edit, &mut row).await?;
            Ok(Received::new(outcome, receive.event.kind.direction()).about(&row))
        }
        None => park(tx, receive, "edit", &edit.target, &edit.order.to_string()).await,
    }
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
    let details = details_after(row, edit);
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
fn details_after(row: &MessageRow, edit: &Edit) -> Details {
    let before = details_of(row);
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
    let state = people::conversation_of(tx, &receive.source, &reaction.thread).await?;
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
        expires_at: tx.now.plus(PATIENCE),
    };
    let is_new = waiting::park(tx.conn, parked, tx.now).await?;
    let outcome = if is_new { Outcome::Updated } else { Outcome::Duplicate };
    Ok(Received::new(outcome, receive.event.kind.direction()))
}

/// Applies what came before the message it speaks of.
pub(super) async fn apply_parked(
    tx: &mut Tx<'_>,
    receive: &Receive,
    row: &MessageRow,
) -> Result<(), LedgerError> {
    let Some(id) = &row.body.platform_message_id else { return Ok(()) };
    let mut row = row.clone();
    for parked in waiting::for_message(tx.conn, receive.source.channel_id, &KINDS, id).await? {
        waiting::unpark(tx.conn, parked.id).await?;
        let Ok(event) = serde_json::from_str::<InboundEvent>(&parked.body) else { continue };
        let receive = Receive { event: event.into(), ..receive.clone() };
        match &receive.event.kind {
            InboundKind::Edit(edit) => drop(apply_edit(tx, &receive, edit, &mut row).await?),
            InboundKind::Deletion(_) => drop(apply_deletion(tx, &receive, &mut row).await?),
            InboundKind::Reaction(reaction) => drop(apply_reaction(tx, &receive, reaction, &mut row).await?),
            _ => {}
        }
    }
    if row.body.sender_type != crate::domain::SenderType::Customer
        && row.body.message_type != MessageType::System
    {
        settle::apply_receipts(tx, receive.source.channel_id, id, &mut row, None).await?;
        // What was read before this customer had a conversation.
        if let Some(customer) = receive.event.kind.thread().and_then(|thread| thread.first()) {
            let (channel, name) = (receive.source.channel_id, &customer.external_id);
            let marks = waiting::for_message(tx.conn, channel, &[settle::MARK], name).await?;
            settle::apply_marks(tx, &mut row, &marks, None).await?;
        }
    }
    Ok(())
}
