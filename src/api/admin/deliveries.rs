//! `GET /api/v1/deliveries`: the outbox and its log, newest first.

use crate::api::http::may::{DeliveriesSee, May};
use crate::api::http::pagination::{self, Page};
use crate::api::http::problem::Problem;
use crate::app::App;
use crate::domain::message::{self, Failure};
use crate::domain::{
    ChannelId, ConversationId, ConversationKind, CustomerId, DeliveryId, DeliveryStatus, MessageId,
    MessageType, Timestamp,
};
use crate::store::conversations::customers::{self, CustomerRow};
use crate::store::delivery::outbox::{self, Attempt, Delivery, Wanted};
use crate::store::messages::MessageRow;
use crate::store::{Conn, StoreError, conversations, messages};
use actix_web::{HttpResponse, web};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use utoipa::{IntoParams, ToSchema};

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

/// One part of one message, owed to a customer.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Delivery)]
pub struct DeliveryView {
    id: DeliveryId,
    message_id: MessageId,
    /// What it says; null: not everybody's to see, or deleted.
    message: Option<OwedMessage>,
    conversation_id: ConversationId,
    /// To whom; null: nobody's in particular.
    customer: Option<OwedTo>,
    channel_id: ChannelId,
    /// Which part of the message: 0 the words, from 1 on the files.
    part: i64,
    status: DeliveryStatus,
    /// In their order.
    attempts: Vec<AttemptView>,
    attempt_count: usize,
    /// When it is to be sent, if not at once.
    send_at: Option<Timestamp>,
    /// When it is tried next; null: it is not.
    next_attempt_at: Option<Timestamp>,
    /// Why it did not go through.
    error: Option<Failure>,
    platform_message_id: Option<String>,
    created_at: Timestamp,
    updated_at: Timestamp,
}

/// The message that is owed.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = DeliveryMessage)]
pub struct OwedMessage {
    /// Its first words; null: it has none.
    preview: Option<String>,
    message_type: MessageType,
}

/// The customer to whom it is owed.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = DeliveryCustomer)]
pub struct OwedTo {
    id: CustomerId,
    name: Option<String>,
}

/// One try to send.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = DeliveryAttempt)]
pub struct AttemptView {
    id: String,
    /// The process that tried.
    worker: String,
    started_at: Timestamp,
    finished_at: Option<Timestamp>,
    /// accepted, not_sent, refused, unknown, expired.
    outcome: Option<String>,
    /// The platform's code, or ours.
    code: Option<String>,
    /// In the platform's own words.
    message: Option<String>,
    platform_message_id: Option<String>,
}

/// The outbox and its log.
#[utoipa::path(get, path = "/api/v1/deliveries", operation_id = "list_deliveries", tag = "deliveries",
    params(ListQuery),
    responses((status = 200, body = Page<DeliveryView>), (status = 422, body = Problem)))]
pub async fn list(
    app: web::Data<App>,
    May(identity, _): May<DeliveriesSee>,
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
    let mut by_delivery: HashMap<DeliveryId, Vec<AttemptView>> = HashMap::new();
    for attempt in attempts {
        by_delivery.entry(attempt.delivery_id).or_default().push(attempt_view(&attempt));
    }
    let log = |row: &Delivery| by_delivery.get(&row.id).cloned().unwrap_or_default();
    let page = Page::of(rows, limit, |row| row.id, |row| view(&row, log(&row), &named));
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
    customers: HashMap<ConversationId, OwedTo>,
    /// What it says, as far as it has words, and of which type it is.
    messages: HashMap<MessageId, OwedMessage>,
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
            .filter_map(|state| {
                let id = state.customer_id?;
                Some((state.id, OwedTo { id, name: named(id) }))
            })
            .collect();
        let seen = rows.iter().filter(|row| customers.contains_key(&row.conversation_id));
        let ids: Vec<_> = seen.map(|row| row.message_id).collect();
        let rows = messages::by_ids(conn, &ids).await?;
        let shown = rows.into_iter().filter(|row| !row.body.is_private && row.body.deleted_at.is_none());
        let preview = |words: &str| message::excerpt(words, PREVIEW);
        let owed = |row: &MessageRow| OwedMessage {
            preview: row.body.content.as_deref().map(preview),
            message_type: row.body.message_type,
        };
        let messages = shown.map(|row| (row.id, owed(&row))).collect();
        Ok(Self { customers, messages })
    }
}

fn view(row: &Delivery, attempts: Vec<AttemptView>, named: &Named) -> DeliveryView {
    DeliveryView {
        id: row.id,
        message_id: row.message_id,
        message: named.messages.get(&row.message_id).cloned(),
        conversation_id: row.conversation_id,
        customer: named.customers.get(&row.conversation_id).cloned(),
        channel_id: row.channel_id,
        part: row.part,
        status: row.status,
        attempt_count: attempts.len(),
        attempts,
        send_at: row.send_at,
        next_attempt_at: (row.status == DeliveryStatus::Queued).then_some(row.due_at),
        error: error(row.error_code.as_ref(), row.error_message.as_ref()),
        platform_message_id: row.platform_message_id.clone(),
        created_at: row.created_at,
        updated_at: row.updated_at,
    }
}

fn attempt_view(attempt: &Attempt) -> AttemptView {
    AttemptView {
        id: attempt.attempt_id.clone(),
        worker: attempt.worker.clone(),
        started_at: attempt.started_at,
        finished_at: attempt.ended_at,
        outcome: attempt.outcome.clone(),
        code: attempt.error_code.clone(),
        message: attempt.error_message.clone(),
        platform_message_id: attempt.platform_message_id.clone(),
    }
}

fn error(code: Option<&String>, message: Option<&String>) -> Option<Failure> {
    code.map(|code| Failure { code: code.clone(), message: message.cloned().unwrap_or_default() })
}
