//! Messages: a page of them, a new one, and what may be done to one. Never a platform.

use super::conversations::visible;
use super::problem::Problem;
use crate::app::App;
use crate::desk::care::{Amend, Decision, GiveFeedback, Retry};
use crate::desk::reply::Reply;
use crate::domain::{ConversationId, Credential, Identity, MessageId, MessageType, Origin, Rating, Refusal};
use crate::store::messages::{self, Span};
use actix_web::{HttpResponse, web};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

/// Which part of a conversation.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PageQuery {
    /// The last ones below this place.
    before_seq: Option<i64>,
    /// The next ones above this place; 0: from the start.
    after_seq: Option<i64>,
    limit: Option<i64>,
}

/// Messages, ascending by `seq`.
#[utoipa::path(get, path = "/api/v1/conversations/{id}/messages", tag = "messages", params(("id" = i64, Path), PageQuery),
    responses((status = 200, description = "`{items: [message], next_cursor}`"), (status = 404, body = Problem)))]
pub async fn list(
    app: web::Data<App>,
    identity: Identity,
    id: web::Path<ConversationId>,
    query: web::Query<PageQuery>,
) -> Result<HttpResponse, Problem> {
    let limit = super::page::limit(query.limit)?;
    let span = match (query.before_seq, query.after_seq) {
        (Some(_), Some(_)) => {
            return Err(Problem::bad_request("bad_page", "Use before_seq or after_seq, not both."));
        }
        (Some(seq), None) => Span::BeforeSeq(seq),
        (None, Some(seq)) => Span::AfterSeq(seq),
        (None, None) => Span::Newest,
    };
    let state = visible(&app, &identity, id.into_inner()).await?;
    let items = app
        .db
        .read(async move |conn| {
            let rows = messages::page(conn, state.id, span, limit).await?;
            messages::views(conn, rows).await
        })
        .await?;
    Ok(HttpResponse::Ok().json(serde_json::json!({"items": items, "next_cursor": null})))
}

/// What to write.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SendBody {
    content: Option<String>,
    /// Made by the client, unique per message: the same one never makes two messages.
    client_id: Option<String>,
    #[schema(value_type = Option<String>)]
    message_type: Option<MessageType>,
    #[serde(default)]
    attachment_ids: Vec<i64>,
    /// The id of the message it answers.
    #[schema(value_type = Option<i64>)]
    reply_to: Option<MessageId>,
}

/// Where a request was written: in our dashboard, or by a program.
pub fn origin_of(identity: &Identity) -> Origin {
    match identity.credential {
        Credential::Login(_) => Origin::App,
        Credential::Token(_) => Origin::Api,
    }
}

/// Writes a message.
#[utoipa::path(post, path = "/api/v1/conversations/{id}/messages", tag = "messages", params(("id" = i64, Path)), request_body = SendBody,
    responses((status = 201, description = "The message"), (status = 200, description = "The same message, written before"),
        (status = 404, body = Problem), (status = 409, body = Problem), (status = 422, body = Problem)))]
pub async fn send(
    app: web::Data<App>,
    identity: Identity,
    id: web::Path<ConversationId>,
    body: web::Json<SendBody>,
) -> Result<HttpResponse, Problem> {
    let body = body.into_inner();
    let reply = Reply {
        origin: origin_of(&identity),
        user: identity.user,
        conversation_id: id.into_inner(),
        client_id: body.client_id,
        content: body.content,
        attachment_ids: body.attachment_ids,
        message_type: body.message_type,
        reply_to: body.reply_to,
    };
    let replied = app.ledger.give(reply).await?;
    if replied.is_duplicate {
        app.live.metrics().repeated_sends.one();
        return Ok(HttpResponse::Ok().json(&*replied.message));
    }
    app.live.metrics().messages_out.one();
    Ok(HttpResponse::Created().json(&*replied.message))
}

/// New words.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AmendBody {
    content: String,
}

/// Changes the words of one's own message, as long as no customer may have it.
#[utoipa::path(patch, path = "/api/v1/messages/{id}", tag = "messages", params(("id" = i64, Path)), request_body = AmendBody,
    responses((status = 200, description = "The message"), (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem)))]
pub async fn amend(
    app: web::Data<App>,
    identity: Identity,
    id: web::Path<MessageId>,
    body: web::Json<AmendBody>,
) -> Result<HttpResponse, Problem> {
    let amend =
        Amend { user: identity.user, message_id: id.into_inner(), content: Some(body.into_inner().content) };
    Ok(HttpResponse::Ok().json(&*app.ledger.give(amend).await?))
}

/// Takes one's own message back, as long as no customer may have it.
#[utoipa::path(delete, path = "/api/v1/messages/{id}", tag = "messages", params(("id" = i64, Path)),
    responses((status = 200, description = "The message, deleted"), (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem)))]
pub async fn delete(
    app: web::Data<App>,
    identity: Identity,
    id: web::Path<MessageId>,
) -> Result<HttpResponse, Problem> {
    let amend = Amend { user: identity.user, message_id: id.into_inner(), content: None };
    Ok(HttpResponse::Ok().json(&*app.ledger.give(amend).await?))
}

/// What to do with a message that failed or whose fate is unknown.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RetryBody {
    /// `resend` (the default) or `mark_sent`.
    #[serde(default)]
    action: Action,
}

/// A person's decision.
#[derive(Debug, Default, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// Send it again.
    #[default]
    Resend,
    /// It was sent.
    MarkSent,
}

/// Sends a failed message again, or decides about one whose fate is unknown.
#[utoipa::path(post, path = "/api/v1/messages/{id}/retry", tag = "messages", params(("id" = i64, Path)), request_body = RetryBody,
    responses((status = 200, description = "The message"), (status = 404, body = Problem), (status = 409, body = Problem)))]
pub async fn retry(
    app: web::Data<App>,
    identity: Identity,
    id: web::Path<MessageId>,
    body: Option<web::Json<RetryBody>>,
) -> Result<HttpResponse, Problem> {
    let action = body.map(|body| body.action).unwrap_or_default();
    let decision = match action {
        Action::Resend => Decision::Resend,
        Action::MarkSent => Decision::MarkSent,
    };
    let retry = Retry { user: identity.user, message_id: id.into_inner(), decision };
    Ok(HttpResponse::Ok().json(&*app.ledger.give(retry).await?))
}

/// What a user thinks of an answer.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FeedbackBody {
    /// `positive`, `negative`, or null.
    #[schema(value_type = Option<String>)]
    rating: Option<Rating>,
    comment: Option<String>,
}

/// Says what one thinks of an answer.
#[utoipa::path(post, path = "/api/v1/messages/{id}/feedback", tag = "messages", params(("id" = i64, Path)), request_body = FeedbackBody,
    responses((status = 200, description = "The message"), (status = 404, body = Problem), (status = 409, body = Problem)))]
pub async fn feedback(
    app: web::Data<App>,
    identity: Identity,
    id: web::Path<MessageId>,
    body: web::Json<FeedbackBody>,
) -> Result<HttpResponse, Problem> {
    let FeedbackBody { rating, comment } = body.into_inner();
    let comment = comment.map(|text| crate::domain::text::clean(text.trim())).filter(|text| !text.is_empty());
    if comment.as_ref().is_some_and(|text| text.chars().count() > 2_000) {
        return Err(Refusal::invalid("too_long", "A comment has 2,000 characters at most.").into());
    }
    let give = GiveFeedback { user: identity.user, message_id: id.into_inner(), rating, comment };
    Ok(HttpResponse::Ok().json(&*app.ledger.give(give).await?))
}
