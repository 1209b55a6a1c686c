//! An event's message as a new row of its conversation, with what came before it: edits, reactions, receipts.

use super::event::Receive;
use super::{attachments, identify, parked, wishes};
use crate::channels::kind::Window;
use crate::channels::registry;
use crate::domain::inbound::{Author, Edit, InboundMessage, RemoteAttachment, RemoteSource};
use crate::domain::{
    ChannelKind, ConversationId, CustomerId, MessageEffect, MessageStatus, MessageType, Reason, SenderType,
    text,
};
use crate::flows;
use crate::ledger::{LedgerError, Tx};
use crate::store::accounts::channel_health;
use crate::store::delivery::parked_events;
use crate::store::messages::{MessageBody, questions};
use crate::thread::entries::{self, Added, NewMessage, blank};
use crate::thread::{look_up, recovered};
use std::time::Duration;

/// What is left of a second when its fraction is cut off.
const WHOLE_SECOND: Duration = Duration::from_millis(999);

/// Stores a message as a new row of its conversation.
pub(super) async fn store(
    tx: &mut Tx<'_>,
    receive: &Receive,
    message: &InboundMessage,
) -> Result<Added, LedgerError> {
    store_edited(tx, receive, message, None).await
}

/// The same, of a message that only an edit tells of.
pub(super) async fn store_edited(
    tx: &mut Tx<'_>,
    receive: &Receive,
    message: &InboundMessage,
    edit: Option<&Edit>,
) -> Result<Added, LedgerError> {
    let source = &receive.source;
    let is_customers = message.author == Author::Customer;
    // What comes when a wait is over is no news: nobody is to answer it by itself.
    let is_late = edit.is_some_and(|edit| !edit.is_whole);
    let is_live = message.history.is_none();
    let heard = identify::Heard {
        profile: &message.profile,
        referral: message.details.get("referral").filter(|_| is_customers && is_live),
        is_live: is_customers && is_live,
        cause: None,
    };
    let (customer, conversation) = identify::resolve(tx, source, &message.thread, heard).await?;
    let unborn = parked::unborn(tx, receive, message, edit).await?;
    let is_gone = unborn.deleted_at.is_some();
    let is_recovered = message.details.contains_key(recovered::RECOVERED);
    // What was read back long after it was written is people's to answer.
    let is_stale = recovered::is_stale(&message.details, receive.event.occurred_at, tx.now);
    let body = MessageBody {
        platform_sent_at: edit.and_then(|edit| edit.written_at).or(receive.event.occurred_at),
        edited_at: unborn.edited_at,
        edit_order: unborn.edit_order,
        deleted_at: unborn.deleted_at,
        ..body(tx, receive, &unborn.message, customer.id).await?
    };
    // What a blocked customer writes is kept, and calls nobody; nor does what was taken back.
    let calls = is_customers && is_live && !customer.is_blocked && !is_gone;
    let window = window(source.kind).filter(|_| is_customers && is_live && !is_late);
    let effect = MessageEffect {
        is_shown: (is_live && !is_gone && (calls || !is_customers)) || conversation.version == 0,
        window_expires_at: window.map(|window| receive.event.occurred_at.unwrap_or(tx.now).plus(window)),
        ..effect(&unborn.message, calls, is_gone)
    };
    let effect =
        if is_recovered { after_recovery(tx, receive, conversation.id, effect).await? } else { effect };
    let new = NewMessage {
        workspace_id: source.workspace_id,
        conversation_id: conversation.id,
        effect,
        reason: reason(is_customers, customer.is_blocked || is_gone),
        body,
        attachments: attachments::pending(source, &unborn.message.attachments, tx.now),
    };
    let added = entries::add_with(tx, new, &unborn.reactions).await?;
    if !is_gone && is_unclear(&unborn.message) {
        tx.alone()?;
        parked_events::keep_raw(
            tx.conn,
            source.channel_id,
            added.row.id,
            receive.event.raw.as_bytes(),
            tx.now,
        )
        .await?;
    }
    wishes::hear(tx, receive, message, customer.id).await?;
    parked::apply_receipts(tx, receive, &added.row).await?;
    if is_live && !is_late && !is_gone && !is_stale && !receive.event.standby {
        tell_flows(tx, &unborn.message, calls, &added).await?;
    }
    Ok(added)
}

/// What a message does to its conversation, wherever it is shown.
fn effect(message: &InboundMessage, calls: bool, is_gone: bool) -> MessageEffect {
    MessageEffect {
        is_counted: calls && message.message_type != MessageType::System,
        is_shown: false,
        is_answer: message.author == Author::Owner && !is_gone,
        reopens: calls,
        window_expires_at: None,
    }
}

/// What a message that was read back does: it is counted as recovered, and answers the customer only if they
/// wrote nothing after it.
async fn after_recovery(
    tx: &mut Tx<'_>,
    receive: &Receive,
    conversation: ConversationId,
    effect: MessageEffect,
) -> Result<MessageEffect, LedgerError> {
    tx.alone()?;
    let source = &receive.source;
    channel_health::count_recovered(tx.conn, (source.workspace_id, source.channel_id), tx.now).await?;
    if !effect.is_answer {
        return Ok(effect);
    }
    let asked = questions::newest_word(tx.conn, conversation).await?;
    // The platform tells its past in whole seconds.
    let written = receive.event.occurred_at.map(|at| at.plus(WHOLE_SECOND));
    let is_answer = asked.is_none_or(|asked| written.is_some_and(|written| written >= asked));
    Ok(MessageEffect { is_answer, ..effect })
}

/// Flows hear what a customer says; an owner's words end them. A call says nothing that a rule could answer.
async fn tell_flows(
    tx: &mut Tx<'_>,
    message: &InboundMessage,
    calls: bool,
    added: &Added,
) -> Result<(), LedgerError> {
    if message.message_type == MessageType::System {
        return Ok(());
    }
    if calls && !message.details.contains_key("call") {
        flows::on_customer_message(tx, added).await
    } else if message.author == Author::Owner {
        flows::taken_over(tx, added.row.conversation_id).await
    } else {
        Ok(())
    }
}

/// Whether there is more in the event than we can show.
fn is_unclear(message: &InboundMessage) -> bool {
    let is_withheld = |file: &RemoteAttachment| file.source == RemoteSource::Withheld;
    matches!(message.message_type, MessageType::Unsupported | MessageType::System)
        || message.attachments.iter().any(is_withheld)
}

fn reason(is_customers: bool, is_blocked: bool) -> Reason {
    match (is_customers, is_blocked) {
        (true, true) => Reason::Status,
        (true, false) => Reason::NewCustomerMessage,
        (false, _) => Reason::MessageSent,
    }
}

/// How long the platform lets us write freely after the customer wrote; none: always.
fn window(kind: ChannelKind) -> Option<Duration> {
    registry::kind(kind).window.map(Window::length)
}

/// What else belongs to a message, as JSON.
fn details(receive: &Receive, message: &InboundMessage) -> Option<String> {
    let mut details = message.details.clone();
    if receive.event.standby {
        details.insert("standby".into(), true.into());
    }
    if let Some(album) = &message.album {
        details.insert("album".into(), album.clone().into());
    }
    (!details.is_empty()).then(|| serde_json::Value::Object(details).to_string())
}

async fn body(
    tx: &mut Tx<'_>,
    receive: &Receive,
    message: &InboundMessage,
    customer: CustomerId,
) -> Result<MessageBody, LedgerError> {
    let source = &receive.source;
    let is_customers = message.author == Author::Customer;
    let quoted = match &message.reply_to {
        Some(id) => look_up::by_identity(tx, source.channel_id, id).await?,
        None => None,
    };
    let member = message.sender.as_ref().map(|sender| {
        let profile = &sender.profile;
        text::name_of(profile.name.as_deref())
            .or_else(|| text::name_of(profile.username.as_deref()))
            .unwrap_or_else(|| sender.identity.platform_id().to_owned())
    });
    Ok(MessageBody {
        channel_id: Some(source.channel_id),
        sender_type: match (is_customers, message.message_type) {
            (true, MessageType::System) => SenderType::System,
            (true, _) => SenderType::Customer,
            (false, _) => SenderType::Support,
        },
        sender_customer_id: is_customers.then_some(customer),
        sender_name: if is_customers { member } else { Some(source.name.clone()) },
        author: if is_customers { format!("customer:{customer}") } else { "owner".into() },
        origin: message.origin,
        details: details(receive, message),
        reply_to_id: quoted.map(|row| row.id),
        reply_to_platform_id: message.reply_to.clone(),
        platform_message_id: Some(message.platform_message_id.clone()),
        status: match message.history {
            Some(history) => history.status,
            None if is_customers => MessageStatus::Received,
            None => MessageStatus::Sent,
        },
        ..blank(message.message_type, message.text.clone())
    })
}
