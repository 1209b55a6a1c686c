//! `GET /api/v1/deliveries`: the outbox and its log, newest first.

use crate::api::http::pagination::{self, Page};
use crate::api::http::problem::Problem;
use crate::app::App;
use crate::domain::{
    ChannelId, ConversationId, ConversationKind, CustomerId, DeliveryId, DeliveryStatus, Identity, MessageId,
    MessageType, message,
};
use crate::store::conversations::customers::{self, CustomerRow};
use crate::store::delivery::outbox::{self, Attempt, Delivery, Wanted};
use crate::store::{Conn, StoreError, conversations, messages};
use actix_web::{HttpResponse, web};
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::HashMap;
use utoipa::IntoParams;

/// Signs of a message that a list shows.
const PREVIEW: usize = 120;

/// Which deliveries.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ListQuery {
    /// queued, claimed, sending, sent, failed, unconfirmed, cancelled; several with commas; absent: all.
    status: Option<String>,
    /// Only over this channel.
    #[param(value_type = Option<i64>)]
    channel_id: Option<ChannelId>,
    /// Only in this conversation.
    #[param(value_type = Option<i64>)]
    conversation_id: Option<ConversationId>,
    /// Only of this message.
    #[param(value_type = Option<i64>)]
    message_id: Option<MessageId>,
    limit: Option<i64>,
    cursor: Option<String>,
}

/// The outbox and its log.
#[utoipa::path(get, path = "/api/v1/deliveries", tag = "deliveries", params(ListQuery),
    responses((status = 200,
        description = "`{items: [delivery with its customer, a preview of its message and its attempts], \
            next_cursor}`"), (status = 422, body = Problem)))]
pub async fn list(
    app: web::Data<App>,
    identity: Identity,
    query: web::Query<ListQuery>,
) -> Result<HttpResponse, Problem> {
    let limit = pagination::limit(query.limit)?;
    let wanted = wanted(&query)?;
    let below = pagination::decode::<i64>(query.cursor.as_deref())?.map(DeliveryId);
    let workspace = identity.user.workspace_id;
    let (rows, attempts, named) = app
        .db
        .read(async move |conn| {
            let rows = outbox::page(conn, workspace, &wanted, below, pagination::one_more(limit)).await?;
            let ids: Vec<_> = rows.iter().map(|row| row.id).collect();
            let attempts = outbox::attempts_of(conn, &ids).await?;
            let named = Named::of(conn, &rows).await?;
            Ok((rows, attempts, named))
        })
        .await?;
    let mut by_delivery: HashMap<DeliveryId, Vec<Value>> = HashMap::new();
    for attempt in attempts {
        by_delivery.entry(attempt.delivery_id).or_default().push(attempt_view(&attempt));
    }
    let log = |row: &Delivery| by_delivery.get(&row.id).cloned().unwrap_or_default();
    let page = Page::of(rows, limit, |row| row.id, |row| view(&row, &log(&row), &named));
    Ok(HttpResponse::Ok().json(page))
}

fn wanted(query: &ListQuery) -> Result<Wanted, Problem> {
    let words = query.status.as_deref().unwrap_or_default().split(',').map(str::trim);
    let status = words.filter(|word| !word.is_empty()).map(str::parse).collect::<Result<Vec<_>, _>>();
    let status = status.map_err(|_| {
        Problem::bad_request(
            "bad_filter",
            "status must be queued, claimed, sending, sent, failed, unconfirmed or cancelled.",
        )
    })?;
    Ok(Wanted {
        status,
        channel: query.channel_id,
        conversation: query.conversation_id,
        message: query.message_id,
    })
}

/// What is owed to whom, in words.
struct Named {
    /// Whose conversation it is, and what they are called.
    customers: HashMap<ConversationId, (CustomerId, Option<String>)>,
    /// What it says, as far as it has words, and of which type it is.
    messages: HashMap<MessageId, (Option<String>, MessageType)>,
}

impl Named {
    /// Customers' conversations are everybody's of the workspace to see; nothing else is named.
    async fn of(conn: &mut Conn, rows: &[Delivery]) -> Result<Self, StoreError> {
        let mut ids: Vec<_> = rows.iter().map(|row| row.conversation_id).collect();
        ids.sort_unstable();
        ids.dedup();
        let mut states = conversations::by_ids(conn, &ids).await?;
        states.retain(|state| state.kind == ConversationKind::Customer);
        let whose: Vec<_> = states.iter().filter_map(|state| state.customer_id).collect();
        let people = customers::by_ids(conn, &whose).await?;
        let named = |id: CustomerId| people.get(&id).and_then(CustomerRow::shown_name).map(str::to_owned);
        let customers: HashMap<_, _> = states
            .iter()
            .filter_map(|state| Some((state.id, (state.customer_id?, named(state.customer_id?)))))
            .collect();
        let seen = rows.iter().filter(|row| customers.contains_key(&row.conversation_id));
        let ids: Vec<_> = seen.map(|row| row.message_id).collect();
        let rows = messages::by_ids(conn, &ids).await?;
        let shown = rows.into_iter().filter(|row| !row.body.is_private && row.body.deleted_at.is_none());
        let preview = |words: &str| message::excerpt(words, PREVIEW);
        let messages = shown
            .map(|row| (row.id, (row.body.content.as_deref().map(preview), row.body.message_type)))
            .collect();
        Ok(Self { customers, messages })
    }

    fn customer(&self, row: &Delivery) -> Value {
        let found = self.customers.get(&row.conversation_id);
        found.map_or(Value::Null, |(id, name)| json!({"id": id, "name": name}))
    }

    fn message(&self, row: &Delivery) -> Value {
        let found = self.messages.get(&row.message_id);
        found.map_or(Value::Null, |(preview, kind)| json!({"preview": preview, "message_type": kind}))
    }
}

fn view(row: &Delivery, log: &[Value], named: &Named) -> Value {
    json!({
        "id": row.id,
        "message_id": row.message_id,
        "message": named.message(row),
        "conversation_id": row.conversation_id,
        "customer": named.customer(row),
        "channel_id": row.channel_id,
        "part": row.part,
        "status": row.status,
        "attempts": log,
        "attempt_count": log.len(),
        "send_at": row.send_at,
        "next_attempt_at": (row.status == DeliveryStatus::Queued).then_some(row.due_at),
        "error": error(row.error_code.as_ref(), row.error_message.as_ref()),
        "platform_message_id": row.platform_message_id,
        "created_at": row.created_at,
        "updated_at": row.updated_at,
    })
}

fn attempt_view(attempt: &Attempt) -> Value {
    json!({
        "id": attempt.attempt_id,
        "worker": attempt.worker,
        "started_at": attempt.started_at,
        "finished_at": attempt.ended_at,
        "outcome": attempt.outcome,
        "code": attempt.error_code,
        "message": attempt.error_message,
        "platform_message_id": attempt.platform_message_id,
    })
}

fn error(code: Option<&String>, message: Option<&String>) -> Value {
    code.map_or(Value::Null, |code| json!({"code": code, "message": message}))
}
