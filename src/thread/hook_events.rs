//! What programs outside are to hear, written in the transaction of what happened: whoever listens is
//! owed it, once. Never a call. Direct conversations are nobody's but their participants': nothing of
//! them is told.

use crate::domain::{
    Conversation, ConversationEvent, ConversationId, ConversationKind, ConversationState, Event, HookEvent,
    HookState, Message, MessageEvent, MessageStatus, Reason, SenderType, Timestamp, WorkspaceId,
};
use crate::store::conversations::{self, list};
use crate::store::delivery::hooks::{self, Hook, NewHookDelivery};
use crate::store::delivery::outbox;
use crate::store::{Conn, StoreError};
use serde_json::{Value, json};
use std::collections::HashMap;

/// Something worth telling, before it is known who listens.
struct Notice {
    workspace_id: WorkspaceId,
    conversation_id: ConversationId,
    event: HookEvent,
    id: String,
    data: Value,
}

/// Queues for every hook what it listens to of these events. Without hooks this is one small query a
/// transaction.
pub(crate) async fn write(conn: &mut Conn, events: &[Event], now: Timestamp) -> Result<(), StoreError> {
    if !events.iter().any(|event| matches!(event, Event::Message(_) | Event::Conversation(_))) {
        return Ok(());
    }
    let listening = hooks::listening(conn).await?;
    if listening.is_empty() {
        return Ok(());
    }
    let wants = |workspace: WorkspaceId, event: HookEvent| {
        listening.iter().any(|hook| hook.workspace_id == workspace && hook.events().contains(&event))
    };
    let mut notices = Vec::new();
    for (at, event) in events.iter().enumerate() {
        match event {
            Event::Message(news) => notices.extend(of_message(conn, news, &wants).await?),
            Event::Conversation(news) if is_of_nothing(&events[..at], news) => {}
            Event::Conversation(news) => notices.extend(of_conversation(conn, news, &wants).await?),
            _ => {}
        }
    }
    for notice in notices {
        for hook in listening.iter().filter(|hook| hears(hook, &notice)) {
            hooks::enqueue(conn, &delivery(hook, &notice, now)).await?;
        }
    }
    Ok(())
}

/// Whether a conversation only tells of a message that was taken back before it came: the message's
/// own notice is all that is told of it.
fn is_of_nothing(before: &[Event], news: &ConversationEvent) -> bool {
    matches!(before.last(), Some(Event::Message(message))
        if message.is_new
            && message.conversation_id == news.state.id
            && message.message.deleted_at.is_some())
}

fn hears(hook: &Hook, notice: &Notice) -> bool {
    hook.workspace_id == notice.workspace_id && hook.events().contains(&notice.event)
}

fn delivery(hook: &Hook, notice: &Notice, now: Timestamp) -> NewHookDelivery {
    let body = json!({
        "id": notice.id,
        "event": notice.event,
        "created_at": now,
        "data": notice.data,
    });
    NewHookDelivery {
        workspace_id: hook.workspace_id,
        hook_id: hook.id,
        conversation_id: notice.conversation_id,
        event_id: notice.id.clone(),
        event: notice.event,
        body: body.to_string(),
        state: HookState::Waiting,
        attempts: 0,
        due_at: now,
        created_at: now,
        updated_at: now,
    }
}

/// A new message, or one that could not be delivered.
async fn of_message(
    conn: &mut Conn,
    news: &MessageEvent,
    wants: &impl Fn(WorkspaceId, HookEvent) -> bool,
) -> Result<Vec<Notice>, StoreError> {
    let message = &news.message;
    let is_ours = message.sender_type != SenderType::Customer;
    let is_new = news.is_new && wants(news.workspace_id, HookEvent::MessageCreated);
    let is_lost = is_ours
        && message.status == MessageStatus::Failed
        && wants(news.workspace_id, HookEvent::DeliveryFailed);
    if !is_new && !is_lost {
        return Ok(Vec::new());
    }
    let state = conversations::by_ids(conn, &[news.conversation_id]).await?.into_iter().next();
    if state.is_none_or(|state| state.kind == ConversationKind::Direct) {
        return Ok(Vec::new());
    }
    let mut notices = Vec::new();
    if is_new {
        notices.push(about(news, HookEvent::MessageCreated, format!("message-{}-created", message.id)));
    }
    if is_lost {
        // A try of a person's after it is another failure; a changed rating is none.
        let owed = outbox::of_message(conn, message.id).await?;
        let tries: i64 = owed.iter().map(|delivery| delivery.attempts + 1).sum();
        notices.push(about(
            news,
            HookEvent::DeliveryFailed,
            format!("message-{}-failed-{tries}", message.id),
        ));
    }
    Ok(notices)
}

fn about(news: &MessageEvent, event: HookEvent, id: String) -> Notice {
    let message: &Message = &news.message;
    let data = json!({
        "conversation_id": news.conversation_id,
        "is_new_conversation": news.is_new_conversation,
        "message": message,
    });
    Notice { workspace_id: news.workspace_id, conversation_id: news.conversation_id, event, id, data }
}

/// A change of the conversation itself; who read how far is nobody's business outside.
async fn of_conversation(
    conn: &mut Conn,
    news: &ConversationEvent,
    wants: &impl Fn(WorkspaceId, HookEvent) -> bool,
) -> Result<Option<Notice>, StoreError> {
    let state: &ConversationState = &news.state;
    let is_told = news.reason != Reason::Read
        && news.only_for.is_none()
        && state.kind == ConversationKind::Customer
        && wants(state.workspace_id, HookEvent::ConversationUpdated);
    if !is_told {
        return Ok(None);
    }
    let shown = list::views(conn, std::slice::from_ref(state), &HashMap::new()).await?;
    let Some(conversation) = shown.into_iter().next() else { return Ok(None) };
    let conversation: Conversation = conversation;
    Ok(Some(Notice {
        workspace_id: state.workspace_id,
        conversation_id: state.id,
        event: HookEvent::ConversationUpdated,
        id: format!("conversation-{}-{}", state.id, state.revision),
        data: json!({ "reason": news.reason, "conversation": conversation }),
    }))
}
