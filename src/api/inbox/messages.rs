//! Messages: a page of them, a new one, and what may be done to one. Never a platform.

use super::conversations::visible;
use crate::api::http::optional::Optional;
use crate::api::http::pagination::Page;
use crate::api::http::problem::Problem;
use crate::app::App;
use crate::desk::access;
use crate::desk::edit_message::Amend;
use crate::desk::enclosed::Enclosed;
use crate::desk::rate_reply::GiveFeedback;
use crate::desk::react::React;
use crate::desk::reply::Reply;
use crate::desk::retry::{Decision, Retry};
use crate::domain::template::TemplateMessage;
use crate::domain::{
    ConversationId, Credential, Identity, Message, MessageId, MessageType, Origin, Rating, Refusal,
    SendAlternative, SendDecision, SendReason, Timestamp,
};
use crate::store::messages::{self, Span};
use actix_web::{HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// Which part of a conversation.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PageQuery {
    /// The last ones below this place.
    before_seq: Option<i64>,
    /// The next ones above this place; 0: from the start.
    after_seq: Option<i64>,
    /// The ones around this place, it included: to jump to what a search found.
    around_seq: Option<i64>,
    limit: Option<i64>,
}

/// Messages, ascending by `seq`.
#[utoipa::path(get, path = "/api/v1/conversations/{id}/messages",
    operation_id = "list_messages", tag = "messages",
    params(("id" = i64, Path), PageQuery),
    responses((status = 200, body = Page<Message>, description = "`next_cursor` is null: ask by `seq`"),
        (status = 404, body = Problem)))]
pub async fn list(
    app: web::Data<App>,
    identity: Identity,
    id: web::Path<ConversationId>,
    query: web::Query<PageQuery>,
) -> Result<HttpResponse, Problem> {
    let limit = crate::api::http::pagination::limit(query.limit)?;
    let span = match (query.before_seq, query.after_seq, query.around_seq) {
        (Some(seq), None, None) => Ok(Span::BeforeSeq(seq)),
        (None, Some(seq), None) => Ok(Span::AfterSeq(seq)),
        (None, None, Some(seq)) => Err(seq),
        (None, None, None) => Ok(Span::Newest),
        _ => {
            return Err(Problem::bad_request("bad_page", "Use one of before_seq, after_seq and around_seq."));
        }
    };
    let state = visible(&app, &identity, id.into_inner()).await?;
    let items = app
        .db
        .read(async move |conn| {
            let rows = match span {
                Ok(span) => messages::page(conn, state.id, span, limit).await?,
                Err(seq) => messages::page_around(conn, state.id, seq, limit).await?,
            };
            messages::views(conn, rows).await
        })
        .await?;
    Ok(HttpResponse::Ok().json(Page { items, next_cursor: None }))
}

/// What to write.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(
    as = SendMessageBody,
    example = json!({"content": "Good morning! How can we help?", "client_id": "5f0c9a1e-1"})
)]
pub struct SendBody {
    content: Option<String>,
    /// Made by the client, unique per message: the same one never makes two messages.
    client_id: Option<String>,
    message_type: Option<MessageType>,
    #[serde(default)]
    attachment_ids: Vec<i64>,
    /// The id of the message it answers.
    reply_to: Option<MessageId>,
    /// A note among colleagues: no customer gets or sees it, `@username` calls somebody.
    #[serde(default)]
    is_private: bool,
    /// An approved message, where the channel has them; `content` is then what we show, else its own words.
    template: Option<TemplateMessage>,
    /// When it is to be sent, within a year; absent: at once.
    send_at: Option<Timestamp>,
    /// In place of words, where the channel has them (`abilities` of its kind): a place, or one card.
    details: Option<Enclosed>,
}

impl SendBody {
    fn reply(self, identity: &Identity, conversation_id: ConversationId) -> Reply {
        Reply {
            origin: origin_of(identity),
            user: identity.user.clone(),
            conversation_id,
            client_id: self.client_id,
            content: self.content,
            attachment_ids: self.attachment_ids,
            message_type: self.message_type,
            reply_to: self.reply_to,
            is_private: self.is_private,
            template: self.template,
            send_at: self.send_at,
            enclosed: self.details,
        }
    }
}

/// Where a request was written: in our dashboard, or by a program.
pub fn origin_of(identity: &Identity) -> Origin {
    match identity.credential {
        Credential::Login(_) => Origin::App,
        Credential::Token(_) => Origin::Api,
    }
}

/// Writes a message.
#[utoipa::path(post, path = "/api/v1/conversations/{id}/messages",
    operation_id = "send_message", tag = "messages",
    params(("id" = i64, Path)), request_body = SendBody,
    responses((status = 201, body = Message),
        (status = 200, body = Message, description = "The same message, written before"),
        (status = 404, body = Problem), (status = 409, body = Problem), (status = 422, body = Problem)))]
pub async fn send(
    app: web::Data<App>,
    identity: Identity,
    id: web::Path<ConversationId>,
    body: web::Json<SendBody>,
) -> Result<HttpResponse, Problem> {
    let reply = body.into_inner().reply(&identity, id.into_inner());
    let replied = app.ledger.give(reply).await?;
    if replied.is_duplicate {
        app.live.metrics().repeated_sends.one();
        return Ok(HttpResponse::Ok().json(&*replied.message));
    }
    Ok(HttpResponse::Created().json(&*replied.message))
}

/// Whether a message may be sent.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SendCheck)]
pub struct CheckAnswer {
    decision: SendDecision,
    /// The one that counts most; null: nothing speaks against it.
    reason: Option<SendReason>,
    /// What can be done instead, the best first.
    alternatives: Vec<SendAlternative>,
    /// When that changes, where it is known: the end of the window, or of a wait.
    until: Option<Timestamp>,
    /// For people: what is wrong and what to do.
    detail: Option<String>,
}

/// Says whether a message may be sent, and writes nothing: docs/sending.md. Without a body: of a text.
#[utoipa::path(post, path = "/api/v1/conversations/{id}/messages/check",
    operation_id = "check_message", tag = "messages",
    params(("id" = i64, Path)), request_body = SendBody,
    responses((status = 200, body = CheckAnswer), (status = 404, body = Problem),
        (status = 422, body = Problem)))]
pub async fn check(
    app: web::Data<App>,
    identity: Identity,
    id: web::Path<ConversationId>,
    Optional(body): Optional<SendBody>,
) -> Result<HttpResponse, Problem> {
    let reply = body.reply(&identity, id.into_inner());
    let now = Timestamp::now();
    let looked = app
        .db
        .read(async move |conn| match access::conversation(conn, &reply.user, reply.conversation_id).await {
            Ok(state) => Ok(reply.verdict(conn, &state, now).await),
            Err(error) => Ok(Err(error)),
        })
        .await?;
    let verdict = looked?;
    Ok(HttpResponse::Ok().json(CheckAnswer {
        decision: verdict.decision,
        reason: verdict.reason,
        alternatives: verdict.alternatives,
        until: verdict.until,
        detail: Some(verdict.words).filter(|words| !words.is_empty()),
    }))
}

/// New words.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = EditMessageBody, example = json!({"content": "Good morning, Ana!"}))]
pub struct AmendBody {
    content: String,
}

/// Changes the words of one's own message, as long as no customer may have it.
#[utoipa::path(patch, path = "/api/v1/messages/{id}", operation_id = "edit_message", tag = "messages",
    params(("id" = i64, Path)), request_body = AmendBody,
    responses((status = 200, body = Message), (status = 403, body = Problem), (status = 404, body = Problem),
        (status = 409, body = Problem)))]
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
#[utoipa::path(delete, path = "/api/v1/messages/{id}", operation_id = "delete_message", tag = "messages",
    params(("id" = i64, Path)),
    responses((status = 200, body = Message, description = "The message, deleted"),
        (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem)))]
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
#[schema(as = RetryMessageBody, example = json!({"action": "resend"}))]
pub struct RetryBody {
    /// `resend` (the default) or `mark_sent`.
    #[serde(default)]
    action: Action,
}

/// A person's decision.
#[derive(Debug, Default, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = RetryAction)]
pub enum Action {
    /// Send it again.
    #[default]
    Resend,
    /// It was sent.
    MarkSent,
}

/// Sends a failed message again, or decides about one whose fate is unknown.
#[utoipa::path(post, path = "/api/v1/messages/{id}/retry", operation_id = "retry_message", tag = "messages",
    params(("id" = i64, Path)), request_body = RetryBody,
    responses((status = 200, body = Message), (status = 404, body = Problem),
        (status = 409, body = Problem)))]
pub async fn retry(
    app: web::Data<App>,
    identity: Identity,
    id: web::Path<MessageId>,
    Optional(body): Optional<RetryBody>,
) -> Result<HttpResponse, Problem> {
    let decision = match body.action {
        Action::Resend => Decision::Resend,
        Action::MarkSent => Decision::MarkSent,
    };
    let retry = Retry { user: identity.user, message_id: id.into_inner(), decision };
    Ok(HttpResponse::Ok().json(&*app.ledger.give(retry).await?))
}

/// How to react.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ReactToMessageBody, example = json!({"emoji": "👍"}))]
pub struct ReactionBody {
    /// One sign; null takes it back.
    emoji: Option<String>,
}

/// Reacts to a message, or takes it back: our side has one reaction on a message. The platform is told
/// in the background; what it refuses goes again.
#[utoipa::path(put, path = "/api/v1/messages/{id}/reaction",
    operation_id = "react_to_message", tag = "messages",
    params(("id" = i64, Path)), request_body = ReactionBody,
    responses((status = 200, body = Message), (status = 404, body = Problem), (status = 409, body = Problem),
        (status = 422, body = Problem)))]
pub async fn react(
    app: web::Data<App>,
    identity: Identity,
    id: web::Path<MessageId>,
    body: web::Json<ReactionBody>,
) -> Result<HttpResponse, Problem> {
    let emoji = body.into_inner().emoji.filter(|emoji| !emoji.is_empty());
    let react = React { user: identity.user, message_id: id.into_inner(), emoji, instead_of: None };
    let reacted = app.ledger.give(react).await?;
    let message = reacted.message.clone();
    app.channel_signals.react(reacted);
    Ok(HttpResponse::Ok().json(&*message))
}

/// What a user thinks of an answer.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = RateMessageBody, example = json!({"rating": "positive", "comment": "Short and right."}))]
pub struct FeedbackBody {
    /// Null takes it back.
    rating: Option<Rating>,
    comment: Option<String>,
}

/// Says what one thinks of an answer.
#[utoipa::path(post, path = "/api/v1/messages/{id}/feedback",
    operation_id = "rate_message", tag = "messages",
    params(("id" = i64, Path)), request_body = FeedbackBody,
    responses((status = 200, body = Message), (status = 404, body = Problem),
        (status = 409, body = Problem)))]
pub async fn feedback(
    app: web::Data<App>,
    identity: Identity,
    id: web::Path<MessageId>,
    body: web::Json<FeedbackBody>,
) -> Result<HttpResponse, Problem> {
    let FeedbackBody { rating, comment } = body.into_inner();
    let comment = comment.map(|text| crate::domain::text::clean(text.trim())).filter(|text| !text.is_empty());
    if comment.as_ref().is_some_and(|text| text.chars().count() > 2_000) {
        return Err(Refusal::invalid("too_long", "A comment can be at most 2,000 characters.").into());
    }
    let give = GiveFeedback { user: identity.user, message_id: id.into_inner(), rating, comment };
    Ok(HttpResponse::Ok().json(&*app.ledger.give(give).await?))
}
