//! How one stands to a conversation: marking it as unread, following it, being reminded of it. All of it is
//! one's own; nobody else sees it.

use super::conversations::shown_to;
use crate::api::http::problem::Problem;
use crate::app::App;
use crate::desk::reminders::{FollowConversation, SetReminder};
use crate::desk::unread::MarkUnread;
use crate::domain::{ConversationFor, ConversationId, Identity, Refusal, Timestamp};
use actix_web::{HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// From where on.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = MarkUnreadBody, example = json!({"from_seq": 12}))]
pub struct UnreadBody {
    /// The `seq` of the first message that is to count as unread.
    #[schema(required = true)]
    from_seq: Option<i64>,
}

/// What is left to read.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = MarkedUnread)]
pub struct UnreadAnswer {
    conversation_id: ConversationId,
    /// The place of the last message read.
    read_seq: i64,
    unread_count: i64,
    /// How often one marked it as unread: what `opening` of a `read` repeats.
    marked_unread: i64,
}

/// Marks a conversation as unread for oneself. It stays so until one opens it anew.
#[utoipa::path(put, path = "/api/v1/conversations/{id}/unread",
    operation_id = "mark_conversation_unread", tag = "conversations",
    params(("id" = i64, Path)), request_body = UnreadBody,
    responses((status = 200, body = UnreadAnswer),
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
    Ok(HttpResponse::Ok().json(UnreadAnswer {
        conversation_id: state.id,
        read_seq: mark.read_seq,
        unread_count: mark.unread(state.unread_total),
        marked_unread: mark.marked_unread,
    }))
}

/// Follows a conversation: one hears of it as of one's own.
#[utoipa::path(put, path = "/api/v1/conversations/{id}/follow",
    operation_id = "follow_conversation", tag = "conversations",
    params(("id" = i64, Path)),
    responses((status = 200, body = ConversationFor<'static>), (status = 404, body = Problem)))]
pub async fn follow(
    app: web::Data<App>,
    identity: Identity,
    id: web::Path<ConversationId>,
) -> Result<HttpResponse, Problem> {
    set_following(&app, identity, id.into_inner(), true).await
}

/// Follows a conversation no more.
#[utoipa::path(delete, path = "/api/v1/conversations/{id}/follow",
    operation_id = "unfollow_conversation", tag = "conversations",
    params(("id" = i64, Path)),
    responses((status = 200, body = ConversationFor<'static>), (status = 404, body = Problem)))]
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
#[schema(as = SetReminderBody,
    example = json!({"at": "2026-12-01T09:00:00.000Z", "only_if_unanswered": true}))]
pub struct ReminderBody {
    /// A moment in the future, within a year.
    #[schema(required = true)]
    at: Option<Timestamp>,
    /// Only if nobody answers until then: where a customer waits, one of us; else the customer.
    #[serde(default)]
    only_if_unanswered: bool,
}

/// Reminds one of a conversation: it is unread then, and a frame `reminder` comes.
///
/// A new reminder replaces the last.
#[utoipa::path(put, path = "/api/v1/conversations/{id}/reminder",
    operation_id = "set_reminder", tag = "conversations",
    params(("id" = i64, Path)), request_body = ReminderBody,
    responses((status = 200, body = ConversationFor<'static>), (status = 404, body = Problem),
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
#[utoipa::path(delete, path = "/api/v1/conversations/{id}/reminder",
    operation_id = "delete_reminder", tag = "conversations",
    params(("id" = i64, Path)),
    responses((status = 200, body = ConversationFor<'static>), (status = 404, body = Problem)))]
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
