//! Conversations: the list, one of them, and caring for it. Never a message: see `messages`.

use super::page::{self, Page};
use super::problem::Problem;
use super::recipient::{self, CustomerBody};
use crate::app::App;
use crate::desk::access;
use crate::desk::care::{Care, Read};
use crate::domain::{
    ChannelId, Conversation, ConversationFor, ConversationId, ConversationState, ConversationStatus,
    Identity, Timestamp, UserId, text,
};
use crate::store::inbox::{self, After, Assignee, Filter};
use crate::store::{Conn, StoreError};
use actix_web::{HttpResponse, web};
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use std::collections::HashMap;
use utoipa::{IntoParams, ToSchema};

/// Which conversations.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ListQuery {
    /// open, pending, snoozed, closed; absent: all.
    status: Option<String>,
    /// A user's id, `me`, or `none`.
    assignee: Option<String>,
    channel_id: Option<i64>,
    /// customer or direct; absent: both.
    kind: Option<String>,
    /// A name, or a part of it.
    q: Option<String>,
    limit: Option<i64>,
    cursor: Option<String>,
}

impl ListQuery {
    fn filter(&self, me: UserId) -> Result<Filter, Problem> {
        let given = |text: &Option<String>| {
            text.as_deref().map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned)
        };
        Ok(Filter {
            status: given(&self.status)
                .map(|word| word.parse())
                .transpose()
                .map_err(|_| bad("status", "open, pending, snoozed or closed"))?,
            assignee: match given(&self.assignee).as_deref() {
                None => None,
                Some("me") => Some(Assignee::User(me)),
                Some("none" | "unassigned") => Some(Assignee::Nobody),
                Some(id) => {
                    Some(Assignee::User(id.parse().map_err(|_| bad("assignee", "a user's id, me, or none"))?))
                }
            },
            channel: self.channel_id.map(ChannelId),
            kind: given(&self.kind)
                .map(|word| word.parse())
                .transpose()
                .map_err(|_| bad("kind", "customer or direct"))?,
            name_like: given(&self.q).map(|name| like(&name)),
        })
    }
}

fn bad(field: &str, allowed: &str) -> Problem {
    Problem::bad_request("bad_filter", format!("{field} must be {allowed}."))
}

/// `%name%`, with what LIKE takes for a sign escaped.
fn like(name: &str) -> String {
    let folded = text::fold(name).replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
    format!("%{folded}%")
}

/// The list, newest activity first.
#[utoipa::path(get, path = "/api/v1/conversations", tag = "conversations", params(ListQuery),
    responses((status = 200, description = "`{items: [conversation], next_cursor}`"), (status = 422, body = Problem)))]
pub async fn list(
    app: web::Data<App>,
    identity: Identity,
    query: web::Query<ListQuery>,
) -> Result<HttpResponse, Problem> {
    let limit = page::limit(query.limit)?;
    let filter = query.filter(identity.user.id)?;
    let after = page::decode::<(i64, i64)>(query.cursor.as_deref())?
        .map(|(at, id)| After { last_activity_at: Timestamp(at), id: ConversationId(id) });
    let (workspace, user) = (identity.user.workspace_id, identity.user.id);
    let rows = app
        .db
        .read(async move |conn| {
            let states = inbox::page(conn, workspace, user, &filter, after, page::one_more(limit)).await?;
            in_the_eyes_of(conn, user, &states).await
        })
        .await?;
    let place =
        |(conversation, _): &(Conversation, i64)| (conversation.last_activity_at.0, conversation.id.0);
    let page = Page::of(rows, limit, place, |(conversation, unread)| shown(&conversation, unread));
    Ok(HttpResponse::Ok().json(page))
}

/// Conversations and what the user has not read of them.
async fn in_the_eyes_of(
    conn: &mut Conn,
    user: UserId,
    states: &[ConversationState],
) -> Result<Vec<(Conversation, i64)>, StoreError> {
    let views = inbox::views(conn, states, &HashMap::new()).await?;
    let ids: Vec<_> = states.iter().map(|state| state.id).collect();
    let marks = inbox::marks_of(conn, user, &ids).await?;
    Ok(views
        .into_iter()
        .map(|view| {
            let unread = marks.get(&view.id).copied().unwrap_or_default().unread(view.unread_total);
            (view, unread)
        })
        .collect())
}

fn shown(conversation: &Conversation, unread_count: i64) -> Value {
    serde_json::to_value(ConversationFor { conversation, unread_count }).unwrap_or_default()
}

/// One conversation, as the user sees it.
pub async fn view(app: &App, identity: &Identity, state: ConversationState) -> Result<Value, Problem> {
    let user = identity.user.id;
    let views = app.db.read(async move |conn| in_the_eyes_of(conn, user, &[state]).await).await?;
    let (conversation, unread) = views.into_iter().next().ok_or(StoreError::NotFound)?;
    Ok(shown(&conversation, unread))
}

/// The conversation, if the user may see it.
pub async fn visible(
    app: &App,
    identity: &Identity,
    id: ConversationId,
) -> Result<ConversationState, Problem> {
    let user = identity.user.clone();
    let seen = app.db.read(async move |conn| Ok(access::conversation(conn, &user, id).await)).await?;
    Ok(seen?)
}

/// One conversation.
#[utoipa::path(get, path = "/api/v1/conversations/{id}", tag = "conversations", params(("id" = i64, Path)),
    responses((status = 200, description = "The conversation"), (status = 404, body = Problem)))]
pub async fn show(
    app: web::Data<App>,
    identity: Identity,
    id: web::Path<ConversationId>,
) -> Result<HttpResponse, Problem> {
    let state = visible(&app, &identity, id.into_inner()).await?;
    Ok(HttpResponse::Ok().json(view(&app, &identity, state).await?))
}

/// With whom to start one.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StartBody {
    channel_id: i64,
    customer: CustomerBody,
}

/// Starts a conversation, or finds the one there is.
#[utoipa::path(post, path = "/api/v1/conversations", tag = "conversations", request_body = StartBody,
    responses((status = 201, description = "A new conversation"), (status = 200, description = "The one there is"),
        (status = 404, body = Problem), (status = 422, body = Problem)))]
pub async fn start(
    app: web::Data<App>,
    identity: Identity,
    body: web::Json<StartBody>,
) -> Result<HttpResponse, Problem> {
    let StartBody { channel_id, customer } = body.into_inner();
    let workspace = identity.user.workspace_id;
    let (state, is_new) = recipient::conversation(&app, workspace, ChannelId(channel_id), customer).await?;
    let shown = view(&app, &identity, state).await?;
    Ok(if is_new { HttpResponse::Created().json(shown) } else { HttpResponse::Ok().json(shown) })
}

/// What may be changed.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CareBody {
    /// open, pending, snoozed, closed.
    #[schema(value_type = Option<String>)]
    status: Option<ConversationStatus>,
    /// Until when it sleeps, if it is snoozed.
    #[schema(value_type = Option<String>)]
    snoozed_until: Option<Timestamp>,
    /// A user's id; null: nobody.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<i64>)]
    assignee_id: Option<Option<UserId>>,
}

/// Tells `null` from absence.
fn given<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Option<Option<T>>, D::Error> {
    Option::<T>::deserialize(deserializer).map(Some)
}

/// Changes status or assignee.
#[utoipa::path(patch, path = "/api/v1/conversations/{id}", tag = "conversations", params(("id" = i64, Path)), request_body = CareBody,
    responses((status = 200, description = "The conversation"), (status = 404, body = Problem), (status = 422, body = Problem)))]
pub async fn care(
    app: web::Data<App>,
    identity: Identity,
    id: web::Path<ConversationId>,
    body: web::Json<CareBody>,
) -> Result<HttpResponse, Problem> {
    let body = body.into_inner();
    let status = match (body.status, body.snoozed_until) {
        (Some(status), until) => Some((status, until.filter(|_| status == ConversationStatus::Snoozed))),
        (None, Some(until)) => Some((ConversationStatus::Snoozed, Some(until))),
        (None, None) => None,
    };
    let care = Care {
        user: identity.user.clone(),
        conversation_id: id.into_inner(),
        status,
        assignee: body.assignee_id,
    };
    let state = app.ledger.give(care).await?;
    Ok(HttpResponse::Ok().json(view(&app, &identity, state).await?))
}

/// Up to where.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReadBody {
    seq: i64,
}

/// Marks as read up to a place.
#[utoipa::path(post, path = "/api/v1/conversations/{id}/read", tag = "conversations", params(("id" = i64, Path)), request_body = ReadBody,
    responses((status = 200, description = "`{conversation_id, read_seq, unread_count}`"), (status = 404, body = Problem)))]
pub async fn read(
    app: web::Data<App>,
    identity: Identity,
    id: web::Path<ConversationId>,
    body: web::Json<ReadBody>,
) -> Result<HttpResponse, Problem> {
    let read = Read { user: identity.user, conversation_id: id.into_inner(), seq: body.seq };
    let (state, mark) = app.ledger.give(read).await?;
    let unread_count = mark.unread(state.unread_total);
    Ok(HttpResponse::Ok().json(serde_json::json!({"conversation_id": state.id, "read_seq": mark.read_seq, "unread_count": unread_count})))
}
