//! A customer as a person or a program names them, and the conversation with them. Never a message.

use crate::api::http::problem::Problem;
use crate::app::App;
use crate::channels::registry;
use crate::domain::inbound::{IdentityKind, Thread};
use crate::domain::{
    Cause, ChannelId, ChannelKind, ChannelState, ConversationState, Refusal, WorkspaceId, phone,
};
use crate::ingest::{NewThread, Source};
use serde::Deserialize;
use serde_json::Value;
use utoipa::ToSchema;

/// New customers written at once.
const BATCH: usize = 200;

/// A customer, as a person or a program names them.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"external_id": "+34600112233", "name": "Ana Lind"}))]
pub struct CustomerBody {
    /// A telephone number, or the platform's id.
    #[schema(value_type = String)]
    external_id: Value,
    name: Option<String>,
    /// Telegram: the connection to an owner's personal account.
    business_connection_id: Option<String>,
}

/// The conversation with a customer, begun by `cause` if there is none, and whether it is new.
pub async fn conversation(
    app: &App,
    workspace: WorkspaceId,
    channel: ChannelId,
    customer: CustomerBody,
    cause: Cause,
) -> Result<(ConversationState, bool), Problem> {
    let source = source(app, workspace, channel).await?;
    let thread = named(source.kind, &customer)?;
    Ok(app.ledger.give(NewThread { source, thread, name: customer.name, cause }).await?)
}

/// The conversations with many customers of a channel, in their order.
pub async fn conversations(
    app: &App,
    workspace: WorkspaceId,
    channel: ChannelId,
    customers: Vec<CustomerBody>,
    cause: &Cause,
) -> Result<Vec<ConversationState>, Problem> {
    let source = source(app, workspace, channel).await?;
    let mut threads = Vec::with_capacity(customers.len());
    for (index, customer) in customers.into_iter().enumerate() {
        let thread = named(source.kind, &customer)
            .map_err(|no| Refusal { message: format!("Customer {}: {}", index + 1, no.message), ..no })?;
        let cause = cause.clone();
        threads.push(NewThread { source: source.clone(), thread, name: customer.name, cause });
    }
    let mut states = Vec::with_capacity(threads.len());
    for some in threads.chunks(BATCH) {
        for found in app.ledger.give_all(some.to_vec()).await {
            states.push(found?.0);
        }
    }
    Ok(states)
}

async fn source(app: &App, workspace: WorkspaceId, id: ChannelId) -> Result<Source, Problem> {
    let channel = app
        .channels
        .get(id)
        .await?
        .filter(|channel| channel.channel.workspace_id == workspace)
        .ok_or_else(|| Refusal::not_found("channel"))?;
    let row = &channel.channel;
    if row.state == ChannelState::Off {
        return Err(Refusal::conflict("channel_off", "This channel is turned off.").into());
    }
    Ok(Source { channel_id: row.id, workspace_id: row.workspace_id, kind: row.kind, name: row.name.clone() })
}

fn named(kind: ChannelKind, customer: &CustomerBody) -> Result<Thread, Refusal> {
    let id = match &customer.external_id {
        Value::String(text) => text.trim().to_owned(),
        Value::Number(number) => number.to_string(),
        _ => String::new(),
    };
    if id.is_empty() || id.len() > 200 {
        return Err(Refusal::invalid(
            "bad_external_id",
            "external_id must be the customer's number with its country code, or their ID on the platform.",
        ));
    }
    let mut identity = registry::identity(kind, &id, customer.business_connection_id.as_deref());
    if identity.kind == IdentityKind::Phone {
        identity.external_id =
            phone::read(&id).map_err(|no| Refusal::invalid("bad_external_id", no.advice()))?;
    }
    let mut thread = Thread::of(identity);
    thread.business_connection.clone_from(&customer.business_connection_id);
    Ok(thread)
}
