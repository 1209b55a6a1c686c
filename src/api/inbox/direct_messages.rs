//! `POST /api/v1/direct-messages`: writes to a colleague; the conversation begins by itself.

use super::conversations::view;
use super::messages::origin_of;
use crate::api::http::problem::Problem;
use crate::app::App;
use crate::desk::direct::{Colleague, WriteDirect};
use crate::domain::{ConversationFor, ConversationId, Identity, Message, UserId};
use actix_web::{HttpResponse, web};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::ToSchema;

/// What to write to whom.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(
    as = SendDirectMessageBody,
    example = json!({"to": "ben", "content": "Can you take this one?", "client_id": "5f0c9a1e-2"})
)]
pub struct DirectBody {
    to: To,
    /// The customer's conversation one asks about: it gets a conversation of its own, linked to it.
    #[schema(value_type = Option<i64>)]
    about_conversation_id: Option<ConversationId>,
    content: String,
    client_id: Option<String>,
}

/// Whom to write to.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(untagged)]
#[schema(as = DirectRecipient)]
pub enum To {
    /// By id.
    Id(i64),
    /// By username.
    Username(String),
    /// Several, as one conversation.
    Several(Vec<One>),
}

/// A colleague.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(untagged)]
#[schema(as = ColleagueName)]
pub enum One {
    /// By id.
    Id(i64),
    /// By username.
    Username(String),
}

fn colleagues(to: To) -> Vec<Colleague> {
    let several = match to {
        To::Id(id) => vec![One::Id(id)],
        To::Username(username) => vec![One::Username(username)],
        To::Several(several) => several,
    };
    several
        .into_iter()
        .map(|one| match one {
            One::Id(id) => Colleague::Id(UserId(id)),
            One::Username(username) => Colleague::Username(username),
        })
        .collect()
}

/// What was written to a colleague, and where.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SentDirectMessage)]
pub struct DirectAnswer {
    conversation: ConversationFor<'static>,
    message: Message,
    is_new_conversation: bool,
}

/// Writes to a colleague, or to several at once; the same people have one conversation.
#[utoipa::path(post, path = "/api/v1/direct-messages",
    operation_id = "send_direct_message", tag = "messages",
    request_body = DirectBody,
    responses((status = 201, body = DirectAnswer),
        (status = 200, body = DirectAnswer, description = "The same, written before"),
        (status = 404, body = Problem), (status = 409, body = Problem)))]
pub async fn send(
    app: web::Data<App>,
    identity: Identity,
    body: web::Json<DirectBody>,
) -> Result<HttpResponse, Problem> {
    let body = body.into_inner();
    let write = WriteDirect {
        user: identity.user.clone(),
        to: colleagues(body.to),
        about: body.about_conversation_id,
        origin: origin_of(&identity),
        client_id: body.client_id,
        content: body.content,
    };
    let written = app.ledger.give(write).await?;
    let is_duplicate = written.replied.is_duplicate;
    let answer = DirectAnswer {
        conversation: view(&app, &identity, written.state).await?,
        message: Arc::unwrap_or_clone(written.replied.message),
        is_new_conversation: written.is_new_conversation,
    };
    Ok(if is_duplicate { HttpResponse::Ok().json(answer) } else { HttpResponse::Created().json(answer) })
}
