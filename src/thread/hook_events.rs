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
use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;
use serde_json::{Value, json};
use std::collections::{BTreeSet, HashMap, HashSet};

/// Conversations that are read together.
const PAGE: usize = 100;

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
pub fn queue<'a>(
    conn: &'a mut Conn,
    events: &'a [Event],
    now: Timestamp,
) -> LocalBoxFuture<'a, Result<(), StoreError>> {
    write(conn, events, now).boxed_local()
}

async fn write(conn: &mut Conn, events: &[Event], now: Timestamp) -> Result<(), StoreError> {
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
    let mut queued = Vec::new();
    for notice in notices(conn, events, &wants).await? {
        let hearing = listening.iter().filter(|hook| hears(hook, &notice));
        queued.extend(hearing.map(|hook| delivery(hook, &notice, now)));
    }
    hooks::enqueue(conn, &queued).await
}

/// What is worth telling of these events, in their order: what stands around them is read for all together.
async fn notices(
    conn: &mut Conn,
    events: &[Event],
    wants: &impl Fn(WorkspaceId, HookEvent) -> bool,
) -> Result<Vec<Notice>, StoreError> {
    let told = |(at, event): &(usize, &Event)| match event {
        Event::Message(news) => is_worth_telling(news, wants),
        Event::Conversation(news) => !is_of_nothing(&events[..*at], news) && is_told(news, wants),
        _ => false,
    };
    let told: Vec<&Event> = events.iter().enumerate().filter(told).map(|(_, event)| event).collect();
    let with_customers = with_customers(conn, &told).await?;
    let mut shown = shown(conn, &told).await?.into_iter();
    let mut notices = Vec::new();
    for event in told {
        match event {
            Event::Message(news) if with_customers.contains(&news.conversation_id) => {
                notices.extend(of_message(conn, news, wants).await?);
            }
            Event::Conversation(news) => {
                notices.extend(shown.next().map(|shown| of_conversation(news, &shown)));
            }
            _ => {}
        }
    }
    Ok(notices)
}

/// Which of the messages' conversations are with customers.
async fn with_customers(conn: &mut Conn, told: &[&Event]) -> Result<HashSet<ConversationId>, StoreError> {
    let ids: BTreeSet<ConversationId> = told
        .iter()
        .filter_map(|event| match event {
            Event::Message(news) => Some(news.conversation_id),
            _ => None,
        })
        .collect();
    if ids.is_empty() {
        return Ok(HashSet::new());
    }
    let states = conversations::by_ids(conn, &ids.into_iter().collect::<Vec<_>>()).await?;
    let with_customers = states.into_iter().filter(|state| state.kind != ConversationKind::Direct);
    Ok(with_customers.map(|state| state.id).collect())
}

/// The conversations as the list shows them, one for each that is told.
async fn shown(conn: &mut Conn, told: &[&Event]) -> Result<Vec<Conversation>, StoreError> {
    let states: Vec<ConversationState> = told
        .iter()
        .filter_map(|event| match event {
            Event::Conversation(news) => Some(news.state.clone()),
            _ => None,
        })
        .collect();
    let mut shown = Vec::with_capacity(states.len());
    for page in states.chunks(PAGE) {
        shown.extend(list::views(conn, page, &HashMap::new()).await?);
    }
    Ok(shown)
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

/// Whether some hook listens for what happened to a message: it is new, or it could not be delivered.
fn is_worth_telling(news: &MessageEvent, wants: &impl Fn(WorkspaceId, HookEvent) -> bool) -> bool {
    (news.is_new && wants(news.workspace_id, HookEvent::MessageCreated))
        || (is_lost(news) && wants(news.workspace_id, HookEvent::DeliveryFailed))
}

fn is_lost(news: &MessageEvent) -> bool {
    news.message.sender_type != SenderType::Customer && news.message.status == MessageStatus::Failed
}

/// A new message, or one that could not be delivered.
async fn of_message(
    conn: &mut Conn,
    news: &MessageEvent,
    wants: &impl Fn(WorkspaceId, HookEvent) -> bool,
) -> Result<Vec<Notice>, StoreError> {
    let message = &news.message;
    let mut notices = Vec::new();
    if news.is_new && wants(news.workspace_id, HookEvent::MessageCreated) {
        notices.push(about(news, HookEvent::MessageCreated, format!("message-{}-created", message.id)));
    }
    if is_lost(news) && wants(news.workspace_id, HookEvent::DeliveryFailed) {
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

/// Whether some hook listens for a change of the conversation itself; who read how far is nobody's business
/// outside.
fn is_told(news: &ConversationEvent, wants: &impl Fn(WorkspaceId, HookEvent) -> bool) -> bool {
    news.reason != Reason::Read
        && news.only_for.is_none()
        && news.state.kind == ConversationKind::Customer
        && wants(news.state.workspace_id, HookEvent::ConversationUpdated)
}

/// A change of the conversation itself.
fn of_conversation(news: &ConversationEvent, shown: &Conversation) -> Notice {
    Notice {
        workspace_id: news.state.workspace_id,
        conversation_id: news.state.id,
        event: HookEvent::ConversationUpdated,
        id: format!("conversation-{}-{}", news.state.id, news.state.revision),
        data: json!({ "reason": news.reason, "conversation": shown }),
    }
}
