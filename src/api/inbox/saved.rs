//! Canned replies (`/api/v1/canned-replies`) and saved views of the list (`/api/v1/views`): the team's and
//! one's own. Never a message: a canned reply is only text until somebody sends it.

use crate::api::http::deleted::{self, Deleted, Restorable, RestorableQuery};
use crate::api::http::optional::given;
use crate::api::http::pagination::{self, Page};
use crate::api::http::problem::Problem;
use crate::app::App;
use crate::desk::canned::{DeleteCannedReply, PutCannedReply};
use crate::desk::lists::ListFilter;
use crate::desk::restore::Restore;
use crate::desk::views::{DeleteView, SaveView};
use crate::domain::{CannedReplyId, Identity, Refusal, Timestamp, UserId, ViewId, text};
use crate::store::conversations::canned::{self, CannedReply};
use crate::store::conversations::filtered::{self, Reader};
use crate::store::conversations::saved::{self, ViewRow};
use crate::store::{Conn, StoreError};
use actix_web::{HttpResponse, web};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::{IntoParams, ToSchema};

/// Where counting for a badge ends: "999+".
const COUNTED: i64 = 1_000;
/// Canned replies that are looked through at once.
const LOOKED: i64 = 200;

/// Which canned replies.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct CannedQuery {
    /// Words that all occur in the shortcut, the text, the folder or the name of a file.
    q: Option<String>,
}

/// The team's canned replies and one's own, by shortcut.
#[utoipa::path(get, path = "/api/v1/canned-replies",
    operation_id = "list_canned_replies", tag = "canned replies",
    params(RestorableQuery, CannedQuery),
    responses((status = 200, body = Page<Restorable<CannedReply>>)))]
pub async fn canned(
    app: web::Data<App>,
    identity: Identity,
    query: web::Query<RestorableQuery>,
    words: web::Query<CannedQuery>,
) -> Result<HttpResponse, Problem> {
    let reader = (identity.user.workspace_id, identity.user.id);
    if query.deleted {
        let read = async move |conn: &mut Conn, of: Deleted| {
            canned::deleted(conn, reader, of.since, of.after, of.limit).await
        };
        let page = deleted::page(&app, &query, read, |reply: &CannedReply| reply.id.0, |reply| reply).await?;
        return Ok(HttpResponse::Ok().json(page));
    }
    let limit = pagination::limit(query.limit)?;
    let after = pagination::decode::<(String, i64)>(query.cursor.as_deref())?.unwrap_or_default();
    let words = text::fold(words.q.as_deref().unwrap_or_default());
    let words: Vec<String> = words.split_whitespace().map(str::to_owned).collect();
    let search =
        async move |conn: &mut Conn| found(conn, reader, after, &words, pagination::one_more(limit)).await;
    let rows = app.db.read(search).await?;
    let place = |reply: &CannedReply| (reply.shortcut.clone(), reply.id.0);
    Ok(HttpResponse::Ok().json(Page::of(rows, limit, place, deleted::in_use)))
}

/// The canned replies in which all words occur, after a place in their order; without words: all.
async fn found(
    conn: &mut Conn,
    reader: canned::Reader,
    (mut shortcut, mut id): (String, i64),
    words: &[String],
    limit: i64,
) -> Result<Vec<CannedReply>, StoreError> {
    let most = usize::try_from(limit).unwrap_or(usize::MAX);
    let mut found = Vec::new();
    loop {
        let page = canned::list(conn, reader, (&shortcut, id), LOOKED.max(limit)).await?;
        let Some(last) = page.last() else { return Ok(found) };
        (shortcut, id) = (last.shortcut.clone(), last.id.0);
        found.extend(page.into_iter().filter(|reply| holds(reply, words)));
        if found.len() >= most {
            found.truncate(most);
            return Ok(found);
        }
    }
}

fn holds(reply: &CannedReply, words: &[String]) -> bool {
    if words.is_empty() {
        return true;
    }
    let files = reply.attachments.iter().filter_map(|file| file.file_name.as_deref());
    let parts = [reply.shortcut.as_str(), &reply.content, reply.folder.as_deref().unwrap_or_default()];
    let said = text::fold(&parts.into_iter().chain(files).collect::<Vec<_>>().join("\n"));
    words.iter().all(|word| said.contains(word))
}

/// A canned reply.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = CannedReplyBody,
    example = json!({"shortcut": "hours", "content": "We are here from 9 to 17."}))]
pub struct CannedBody {
    /// What one types after `/` to get it.
    shortcut: Option<String>,
    content: Option<String>,
    /// In which folder it lies; null: in none.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    folder: Option<Option<String>>,
    /// Whether it is the team's (as a new one is, if nobody says) or one's own.
    is_shared: Option<bool>,
    /// Its files, uploaded before, and no others.
    attachment_ids: Option<Vec<i64>>,
}

async fn put(
    app: &App,
    identity: Identity,
    id: Option<CannedReplyId>,
    body: CannedBody,
) -> Result<CannedReply, Problem> {
    let CannedBody { shortcut, content, folder, is_shared, attachment_ids } = body;
    let user = identity.user;
    let put = PutCannedReply { user, id, shortcut, content, folder, is_shared, attachment_ids };
    Ok(app.ledger.give(put).await?)
}

/// Creates a canned reply.
#[utoipa::path(post, path = "/api/v1/canned-replies",
    operation_id = "create_canned_reply", tag = "canned replies",
    request_body = CannedBody,
    responses((status = 201, body = CannedReply), (status = 409, body = Problem),
        (status = 422, body = Problem)))]
pub async fn create_canned(
    app: web::Data<App>,
    identity: Identity,
    body: web::Json<CannedBody>,
) -> Result<HttpResponse, Problem> {
    Ok(HttpResponse::Created().json(put(&app, identity, None, body.into_inner()).await?))
}

/// Changes a canned reply.
#[utoipa::path(patch, path = "/api/v1/canned-replies/{id}",
    operation_id = "update_canned_reply", tag = "canned replies",
    params(("id" = i64, Path)), request_body = CannedBody,
    responses((status = 200, body = CannedReply), (status = 404, body = Problem),
        (status = 409, body = Problem), (status = 422, body = Problem)))]
pub async fn update_canned(
    app: web::Data<App>,
    identity: Identity,
    id: web::Path<CannedReplyId>,
    body: web::Json<CannedBody>,
) -> Result<HttpResponse, Problem> {
    Ok(HttpResponse::Ok().json(put(&app, identity, Some(id.into_inner()), body.into_inner()).await?))
}

/// Deletes a canned reply.
#[utoipa::path(delete, path = "/api/v1/canned-replies/{id}",
    operation_id = "delete_canned_reply", tag = "canned replies",
    params(("id" = i64, Path)),
    responses((status = 204, description = "Gone"), (status = 404, body = Problem)))]
pub async fn delete_canned(
    app: web::Data<App>,
    identity: Identity,
    id: web::Path<CannedReplyId>,
) -> Result<HttpResponse, Problem> {
    app.ledger.give(DeleteCannedReply { user: identity.user, id: id.into_inner() }).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// A saved filter of the list.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct SavedView {
    id: ViewId,
    name: String,
    /// Fields of the list's query.
    #[schema(value_type = Object)]
    filter: Map<String, Value>,
    /// Whether the whole team has it.
    is_shared: bool,
    /// In which folder it lies; null: in none.
    folder: Option<String>,
    /// Who made it.
    user_id: UserId,
    /// Whether one made it oneself.
    is_mine: bool,
    created_at: Timestamp,
}

/// A view as `me` sees it.
fn shown(view: &ViewRow, me: UserId) -> SavedView {
    SavedView {
        id: view.id,
        name: view.name.clone(),
        filter: serde_json::from_str(&view.filter).unwrap_or_default(),
        is_shared: view.is_shared,
        folder: view.folder.clone(),
        user_id: view.user_id,
        is_mine: view.user_id == me,
        created_at: view.created_at,
    }
}

/// One's own views and those that colleagues share, in the order they were made.
#[utoipa::path(get, path = "/api/v1/views", operation_id = "list_views", tag = "views",
    params(RestorableQuery),
    responses((status = 200, body = Page<Restorable<SavedView>>)))]
pub async fn views(
    app: web::Data<App>,
    identity: Identity,
    query: web::Query<RestorableQuery>,
) -> Result<HttpResponse, Problem> {
    let me = identity.user.id;
    if query.deleted {
        let read = async move |conn: &mut Conn, of: Deleted| {
            saved::deleted_views(conn, me, of.since, of.after, of.limit).await
        };
        let show = |view: ViewRow| shown(&view, me);
        let page = deleted::page(&app, &query, read, |view: &ViewRow| view.id.0, show).await?;
        return Ok(HttpResponse::Ok().json(page));
    }
    let limit = pagination::limit(query.limit)?;
    let after = pagination::decode(query.cursor.as_deref())?.unwrap_or(0);
    let reader = (identity.user.workspace_id, me);
    let rows = app
        .db
        .read(async move |conn| saved::views(conn, reader, after, pagination::one_more(limit)).await)
        .await?;
    let show = |view: ViewRow| deleted::in_use(shown(&view, me));
    Ok(HttpResponse::Ok().json(Page::of(rows, limit, |view| view.id.0, show)))
}

/// How many conversations each view shows.
#[derive(Debug, Serialize, ToSchema)]
pub struct ViewCounts {
    items: Vec<ViewCount>,
}

/// How many conversations a view shows.
#[derive(Debug, Serialize, ToSchema)]
pub struct ViewCount {
    id: ViewId,
    /// 1,000 at most; null: the view's filter is not valid any more.
    matching: Option<i64>,
    /// Whether counting ended at 1,000: there may be more.
    capped: bool,
}

/// How many conversations each of one's views shows, in one call.
///
/// `capped` where counting ended at 1,000; null where the view's filter is not valid any more.
#[utoipa::path(get, path = "/api/v1/views/counts", operation_id = "count_views", tag = "views",
    responses((status = 200, body = ViewCounts)))]
pub async fn view_counts(app: web::Data<App>, identity: Identity) -> Result<HttpResponse, Problem> {
    let (owner, reader) = ((identity.user.workspace_id, identity.user.id), Reader::from(&identity.user));
    let items = app
        .db
        .read_slowly(async move |conn| {
            let mut items = Vec::new();
            for view in saved::views(conn, owner, 0, COUNTED).await? {
                let matching = match ListFilter::of_row(&view.filter, owner.1) {
                    Some(filter) => Some(filtered::count(conn, &reader, &filter, Some(COUNTED)).await?),
                    None => None,
                };
                items.push(ViewCount { id: view.id, matching, capped: matching == Some(COUNTED) });
            }
            Ok(items)
        })
        .await?;
    Ok(HttpResponse::Ok().json(ViewCounts { items }))
}

/// A view to save.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"name": "Urgent and mine", "filter": {"assignee": "me", "priority": "urgent"}}))]
pub struct ViewBody {
    name: Option<String>,
    /// The fields of the list's query: status, assignee, channel_id, kind, label_id, about_conversation_id,
    /// priority, mentioned, unread, waiting, following, q, sort.
    #[schema(value_type = Option<Object>)]
    filter: Option<Map<String, Value>>,
    /// Whether the whole team has it; absent in a new one: it is one's own.
    is_shared: Option<bool>,
    /// In which folder it lies; null: in none.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    folder: Option<Option<String>>,
}

async fn save_view(
    app: &App,
    identity: Identity,
    id: Option<ViewId>,
    body: ViewBody,
) -> Result<SavedView, Problem> {
    let (me, user) = (identity.user.id, identity.user);
    let ViewBody { name, filter, is_shared, folder } = body;
    if let Some(filter) = &filter {
        ListFilter::of_json(filter)
            .and_then(|filter| filter.read(me))
            .map_err(|why| Refusal::invalid("bad_filter", why))?;
    }
    let filter = filter.map(|filter| Value::Object(filter).to_string());
    let view = app.ledger.give(SaveView { user, id, name, filter, is_shared, folder }).await?;
    Ok(shown(&view, me))
}

/// Saves a view of the list, for oneself or for the team.
#[utoipa::path(post, path = "/api/v1/views", operation_id = "create_view", tag = "views",
    request_body = ViewBody,
    responses((status = 201, body = SavedView), (status = 409, body = Problem),
        (status = 422, body = Problem)))]
pub async fn create_view(
    app: web::Data<App>,
    identity: Identity,
    body: web::Json<ViewBody>,
) -> Result<HttpResponse, Problem> {
    Ok(HttpResponse::Created().json(save_view(&app, identity, None, body.into_inner()).await?))
}

/// Changes a view: one's own; an admin changes the team's, too. What is absent stays.
#[utoipa::path(patch, path = "/api/v1/views/{id}", operation_id = "update_view", tag = "views",
    params(("id" = i64, Path)), request_body = ViewBody,
    responses((status = 200, body = SavedView), (status = 403, body = Problem),
        (status = 404, body = Problem), (status = 422, body = Problem)))]
pub async fn update_view(
    app: web::Data<App>,
    identity: Identity,
    id: web::Path<ViewId>,
    body: web::Json<ViewBody>,
) -> Result<HttpResponse, Problem> {
    Ok(HttpResponse::Ok().json(save_view(&app, identity, Some(id.into_inner()), body.into_inner()).await?))
}

/// Takes a view away: one's own; an admin takes one of the team's away, too.
#[utoipa::path(delete, path = "/api/v1/views/{id}", operation_id = "delete_view", tag = "views",
    params(("id" = i64, Path)),
    responses((status = 204, description = "Gone"), (status = 403, body = Problem),
        (status = 404, body = Problem)))]
pub async fn delete_view(
    app: web::Data<App>,
    identity: Identity,
    id: web::Path<ViewId>,
) -> Result<HttpResponse, Problem> {
    app.ledger.give(DeleteView { user: identity.user, id: id.into_inner() }).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Brings a deleted answer back, for 30 days after it was deleted.
#[utoipa::path(post, path = "/api/v1/canned-replies/{id}/restore",
    operation_id = "restore_canned_reply", tag = "canned replies",
    params(("id" = i64, Path)),
    responses((status = 200, body = CannedReply), (status = 404, body = Problem),
        (status = 409, body = Problem)))]
pub async fn restore_canned(
    app: web::Data<App>,
    identity: Identity,
    id: web::Path<CannedReplyId>,
) -> Result<HttpResponse, Problem> {
    Ok(HttpResponse::Ok().json(app.ledger.give(Restore { user: identity.user, id: id.into_inner() }).await?))
}

/// Brings one of one's own deleted views back, for 30 days after it was deleted.
#[utoipa::path(post, path = "/api/v1/views/{id}/restore", operation_id = "restore_view", tag = "views",
    params(("id" = i64, Path)),
    responses((status = 200, body = SavedView), (status = 404, body = Problem)))]
pub async fn restore_view(
    app: web::Data<App>,
    identity: Identity,
    id: web::Path<ViewId>,
) -> Result<HttpResponse, Problem> {
    let me = identity.user.id;
    let row = app.ledger.give(Restore { user: identity.user, id: id.into_inner() }).await?;
    Ok(HttpResponse::Ok().json(shown(&row, me)))
}
