//! `GET /api/v1/conversations/{id}/events`: what happened to a conversation, each with its cause. Never a
//! message, and never counted as unread.

use super::conversations::visible;
use crate::api::http::pagination::{self, Page};
use crate::api::http::problem::Problem;
use crate::app::App;
use crate::domain::{ConversationId, Identity, TimelineEvent};
use crate::store::conversations::timeline;
use actix_web::{HttpResponse, web};
use serde::Deserialize;
use utoipa::IntoParams;

/// Which part of a timeline.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct EventsQuery {
    /// The next ones above this place; 0: from the start.
    after: Option<i64>,
    /// The last ones below this place.
    before: Option<i64>,
    limit: Option<i64>,
}

/// What happened, ascending by `event_seq`; without `after` and `before` the newest. `next_cursor` is the
/// place to go on from the same way: the next `after`, else the next `before`.
#[utoipa::path(get, path = "/api/v1/conversations/{id}/events",
    operation_id = "list_conversation_events", tag = "conversations",
    params(("id" = i64, Path), EventsQuery),
    responses((status = 200, body = Page<TimelineEvent>), (status = 400, body = Problem),
        (status = 404, body = Problem)))]
pub async fn list(
    app: web::Data<App>,
    identity: Identity,
    id: web::Path<ConversationId>,
    query: web::Query<EventsQuery>,
) -> Result<HttpResponse, Problem> {
    let limit = pagination::limit(query.limit)?;
    let EventsQuery { after, before, .. } = query.into_inner();
    if after.is_some() && before.is_some() {
        return Err(Problem::bad_request("bad_page", "Use one of after and before."));
    }
    let id = visible(&app, &identity, id.into_inner()).await?.id;
    let asked = pagination::one_more(limit);
    let read = app.db.read(async move |conn| match after {
        Some(after) => timeline::after(conn, id, after, asked).await,
        None => timeline::before(conn, id, before.unwrap_or(i64::MAX), asked).await,
    });
    let mut items: Vec<TimelineEvent> = read.await?;
    let limit = usize::try_from(limit).unwrap_or(0);
    let has_more = items.len() > limit;
    items.truncate(limit);
    let next_cursor = items.last().filter(|_| has_more).map(|event| event.event_seq.to_string());
    if after.is_none() {
        items.reverse();
    }
    Ok(HttpResponse::Ok().json(Page { items, next_cursor }))
}
