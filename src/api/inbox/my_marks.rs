//! How one stands to a conversation: marking it as unread, following it, being reminded of it. All of it is
//! one's own; nobody else sees it.

use super::conversations::shown_to;
use crate::api::http::problem::Problem;
use crate::app::App;
use crate::desk::reminders::{FollowConversation, SetReminder};
use crate::desk::unread::MarkUnread;
use crate::domain::{ConversationId, Identity, Refusal, Timestamp};
use actix_web::{HttpResponse, web};
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

/// From where on.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UnreadBody {
    /// The `seq` of the first message that is to count as unread.
    #[schema(required = true)]
    from_seq: Option<i64>,
}

/// Marks a conversation as unread for oneself. It stays so until one opens it anew.
#[utoipa::path(put, path = "/api/v1/conversations/{id}/unread", tag = "conversations",
    params(("id" = i64, Path)), request_body = UnreadBody,
    responses((status = 200, description = "`{conversation_id, read_seq, unread_count, marked_unread}`"),
        (status = 404, body = Problem), (status = 409, body = Problem), (status = 422, body = Problem)))]
pub async fn mark_unread(
    app: web::Data<App>,
    identity: Identity,
    id: web::Path<ConversationId>,
    body: web::Json<UnreadBody>,
) -> Result<HttpResponse, Problem> {
    let (conversation_id, from_seq) = (id.into_inner(), body.from_seq);
    let marked = MarkUnread { user: identity.user, conversation_id, from_seq };
    let (state, mark) = app.ledger.give(marked).await?;
    Ok(HttpResponse::Ok().json(json!({
        "conversation_id": state.id,
        "read_seq": mark.read_seq,
        "unread_count": mark.unread(state.unread_total),
        "marked_unread": mark.marked_unread,
    })))
}

/// Follows a conversation: one hears of it as of one's own.
#[utoipa::path(put, path = "/api/v1/conversations/{id}/follow", tag = "conversations",
    params(("id" = i64, Path)),
    responses((status = 200, description = "The conversation"), (status = 404, body = Problem)))]
pub async fn follow(
    app: web::Data<App>,
    identity: Identity,
    id: web::Path<ConversationId>,
) -> Result<HttpResponse, Problem> {
    set_following(&app, identity, id.into_inner(), true).await
}

/// Follows a conversation no more.
#[utoipa::path(delete, path = "/api/v1/conversations/{id}/follow", tag = "conversations",
    params(("id" = i64, Path)),
    responses((status = 200, description = "The conversation"), (status = 404, body = Problem)))]
pub async fn unfollow(
    app: web::Data<App>,
    identity: Identity,
    id: web::Path<ConversationId>,
) -> Result<HttpResponse, Problem> {
    set_following(&app, identity, id.into_inner(), false).await
}

async fn set_following(
    app: &App,
    identity: Identity,
    conversation_id: ConversationId,
    is_following: bool,
) -> Result<HttpResponse, Problem> {
    let user = identity.user;
    let asked = FollowConversation { user: user.clone(), conversation_id, is_following };
    let (state, _) = app.ledger.give(asked).await?;
    Ok(HttpResponse::Ok().json(shown_to(app, user.id, state).await?))
}

/// When to be reminded.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReminderBody {
    /// A moment in the future, within a year.
    #[schema(value_type = Option<String>, format = DateTime, required = true)]
    at: Option<Timestamp>,
    /// Only if nobody answers until then: where a customer waits, one of us; else the customer.
    #[serde(default)]
    only_if_unanswered: bool,
}

/// Reminds one of a conversation: it is unread then, and a frame `reminder` comes.
///
/// A new reminder replaces the last.
#[utoipa::path(put, path = "/api/v1/conversations/{id}/reminder", tag = "conversations",
    params(("id" = i64, Path)), request_body = ReminderBody,
    responses((status = 200, description = "The conversation"), (status = 404, body = Problem),
        (status = 422, body = Problem)))]
pub async fn remind(
    app: web::Data<App>,
    identity: Identity,
    id: web::Path<ConversationId>,
    body: web::Json<ReminderBody>,
) -> Result<HttpResponse, Problem> {
    let ReminderBody { at, only_if_unanswered } = body.into_inner();
    let at = at.ok_or_else(|| Refusal::invalid("bad_reminder", "at is missing: when to be reminded."))?;
    set_reminder(&app, identity, id.into_inner(), Some((at, only_if_unanswered))).await
}

/// Reminds one of a conversation no more.
#[utoipa::path(delete, path = "/api/v1/conversations/{id}/reminder", tag = "conversations",
    params(("id" = i64, Path)),
    responses((status = 200, description = "The conversation"), (status = 404, body = Problem)))]
pub async fn forget_reminder(
    app: web::Data<App>,
    identity: Identity,
    id: web::Path<ConversationId>,
) -> Result<HttpResponse, Problem> {
    set_reminder(&app, identity, id.into_inner(), None).await
}

async fn set_reminder(
    app: &App,
    identity: Identity,
    conversation_id: ConversationId,
    wanted: Option<(Timestamp, bool)>,
) -> Result<HttpResponse, Problem> {
    let user = identity.user;
    let asked = SetReminder { user: user.clone(), conversation_id, wanted };
    let (state, _) = app.ledger.give(asked).await?;
    Ok(HttpResponse::Ok().json(shown_to(app, user.id, state).await?))
}
