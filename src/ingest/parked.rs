//! What came before the message it speaks of: edits, deletions, reactions and receipts wait for it, and are
//! in it before anybody is told of it.

use super::event::{Receive, Received};
use super::{attachments, identify};
use crate::domain::inbound::{
    Author, Edit, InboundEvent, InboundKind, InboundMessage, Participant, Reaction,
};
use crate::domain::{MessageType, Outcome, SenderType, Timestamp};
use crate::ledger::{LedgerError, Tx};
use crate::store::delivery::parked_events::{self, NewParked};
use crate::store::messages::MessageRow;
use crate::thread::entries::Reacted;
use crate::thread::look_up;
use crate::thread::receipts;
use crate::thread::recovered::RECOVERED;
use std::borrow::Cow;
use std::time::Duration;

/// How long a change waits for the message it speaks of: platforms redeliver for 7 days.
const PARKED_FOR: Duration = Duration::from_hours(7 * 24);
/// What may wait for a message.
pub(super) const KINDS: [&str; 3] = ["edit", "reaction", "deletion"];

pub(super) type Details = serde_json::Map<String, serde_json::Value>;

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
    for parked in look_up::parked(tx, receive.source.channel_id, &KINDS, id).await? {
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

/// What an edit says beside the words; where a message stands it cannot change.
pub(super) fn details_after(before: Details, edit: &Edit) -> Details {
    if edit.details.is_empty() {
        return before;
    }
    let mut after = edit.details.clone();
    for key in ["album", "standby", RECOVERED] {
        if let Some(kept) = before.get(key) {
            after.insert(key.to_owned(), kept.clone());
        }
    }
    after
}

/// Who reacts: the owner, the member of a group, or the customer.
pub(super) async fn actor(
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
    tx.alone()?;
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

/// Lets a change wait for its message.
pub(super) async fn park(
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
