//! What a model would answer: sent, changed or not, or discarded. Never a question to a model.

use super::conversations::visible;
use super::messages::origin_of;
use crate::ai::{DiscardDraft, SendDraft};
use crate::api::http::optional::Optional;
use crate::api::http::problem::Problem;
use crate::app::App;
use crate::domain::{ConversationId, Identity, Message, Refusal, TurnId};
use crate::store::automation::ai_turns;
use actix_web::{HttpResponse, web};
use serde::Deserialize;
use utoipa::ToSchema;

/// Other words.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = SendAiDraftBody, example = json!({"content": "We open at nine."}))]
pub struct SendDraftBody {
    /// Absent: the draft's own words, as the model's message; else the agent's.
    content: Option<String>,
}

/// Sends a draft, changed or not. Sent again, it is the same message.
#[utoipa::path(post, path = "/api/v1/ai-drafts/{id}/send", operation_id = "send_ai_draft", tag = "ai",
    params(("id" = i64, Path)), request_body = SendDraftBody,
    responses((status = 201, body = Message),
        (status = 200, body = Message, description = "The same message, sent before"),
        (status = 404, body = Problem),
        (status = 409, body = Problem, description = "Somebody wrote since")))]
pub async fn send(
    app: web::Data<App>,
    identity: Identity,
    id: web::Path<TurnId>,
    Optional(body): Optional<SendDraftBody>,
) -> Result<HttpResponse, Problem> {
    let id = id.into_inner();
    let conversation_id = place(&app, &identity, id).await?;
    let (origin, content) = (origin_of(&identity), body.content);
    let send = SendDraft { origin, user: identity.user, id, conversation_id, content };
    let sent = app.ledger.give(send).await?;
    if sent.is_duplicate {
        return Ok(HttpResponse::Ok().json(&*sent.message));
    }
    Ok(HttpResponse::Created().json(&*sent.message))
}

/// Discards a draft, or the note that there is none.
#[utoipa::path(delete, path = "/api/v1/ai-drafts/{id}", operation_id = "discard_ai_draft", tag = "ai",
    params(("id" = i64, Path)),
    responses((status = 204, description = "Gone"), (status = 404, body = Problem),
        (status = 409, body = Problem)))]
pub async fn discard(
    app: web::Data<App>,
    identity: Identity,
    id: web::Path<TurnId>,
) -> Result<HttpResponse, Problem> {
    let id = id.into_inner();
    let conversation_id = place(&app, &identity, id).await?;
    app.ledger.give(DiscardDraft { user: identity.user, id, conversation_id }).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// The conversation a draft is of.
async fn place(app: &App, identity: &Identity, id: TurnId) -> Result<ConversationId, Problem> {
    let turn = app.db.read(async move |conn| ai_turns::find(conn, id).await).await?;
    let turn = turn.filter(|turn| turn.workspace_id == identity.user.workspace_id);
    let id = turn.ok_or_else(|| Refusal::not_found("draft"))?.conversation_id;
    visible(app, identity, id).await.map_err(|_| Refusal::not_found("draft"))?;
    Ok(id)
}
