//! Teams: seen by everybody, changed by who may.

use crate::api::http::may::{May, TeamsManage};
use crate::api::http::optional::given;
use crate::api::http::pagination::{self, Page, PageQuery};
use crate::api::http::problem::Problem;
use crate::app::App;
use crate::desk::teams::{DeleteTeam, PutTeam};
use crate::domain::{ChannelId, Identity, TeamId, Timestamp, UserId};
use crate::store::accounts::teams::{self, TeamRow};
use crate::store::{Conn, StoreError};
use actix_web::{HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// A team.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Team)]
pub struct TeamView {
    /// Unique in the server.
    #[schema(value_type = i64)]
    id: TeamId,
    name: String,
    /// Who leads it, one of its members.
    #[schema(value_type = Option<i64>)]
    lead_id: Option<UserId>,
    /// Who is in it.
    #[schema(value_type = Vec<i64>)]
    member_ids: Vec<UserId>,
    /// Over which channels it is written to: a new conversation on a channel of exactly one team is that
    /// team's.
    #[schema(value_type = Vec<i64>)]
    channel_ids: Vec<ChannelId>,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
}

async fn views(conn: &mut Conn, rows: Vec<TeamRow>) -> Result<Vec<TeamView>, StoreError> {
    let ids: Vec<TeamId> = rows.iter().map(|row| row.id).collect();
    let mut members = teams::members(conn, &ids).await?;
    let mut channels = teams::channels_of(conn, &ids).await?;
    let view = |TeamRow { id, name, lead_id, created_at }| TeamView {
        id,
        name,
        lead_id,
        member_ids: members.remove(&id).unwrap_or_default(),
        channel_ids: channels.remove(&id).unwrap_or_default(),
        created_at,
    };
    Ok(rows.into_iter().map(view).collect())
}

/// The teams, by their names.
#[utoipa::path(get, path = "/api/v1/teams", operation_id = "list_teams", tag = "users",
    params(PageQuery),
    responses((status = 200, body = Page<TeamView>)))]
pub async fn list(
    app: web::Data<App>,
    identity: Identity,
    query: web::Query<PageQuery>,
) -> Result<HttpResponse, Problem> {
    let limit = query.limit()?;
    let after = query.after_word()?.unwrap_or_default();
    let workspace = identity.user.workspace_id;
    let read = async move |conn: &mut Conn| {
        let rows = teams::page(conn, workspace, &after, pagination::one_more(limit)).await?;
        views(conn, rows).await
    };
    let rows = app.db.read(read).await?;
    Ok(HttpResponse::Ok().json(Page::of(rows, limit, |team| team.name.clone(), |team| team)))
}

/// A team as it is to be; what is absent stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"name": "Returns", "member_ids": [1, 2], "channel_ids": [1], "lead_id": 1}))]
pub struct TeamBody {
    name: Option<String>,
    /// One of its members; null: nobody.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<i64>)]
    lead_id: Option<Option<UserId>>,
    /// Who is in it, and nobody else.
    #[schema(value_type = Option<Vec<i64>>)]
    member_ids: Option<Vec<UserId>>,
    /// Over which channels it is written to, and no others.
    #[schema(value_type = Option<Vec<i64>>)]
    channel_ids: Option<Vec<ChannelId>>,
}

async fn put(app: &App, asker: &Identity, id: Option<TeamId>, body: TeamBody) -> Result<TeamView, Problem> {
    let TeamBody { name, lead_id, member_ids, channel_ids } = body;
    let by = (asker.user.workspace_id, asker.user.id);
    let row = app.ledger.give(PutTeam { by, id, name, lead_id, member_ids, channel_ids }).await?;
    // Who is in which team is remembered with who asks.
    app.authenticator.forget();
    log::info!("user {} wrote team {}", asker.user.id, row.id);
    let view = app.db.read(async move |conn| views(conn, vec![row]).await).await?.pop();
    view.ok_or_else(|| StoreError::NotFound.into())
}

/// Makes a team.
#[utoipa::path(post, path = "/api/v1/teams", operation_id = "create_team", tag = "users",
    request_body = TeamBody,
    responses((status = 201, body = TeamView), (status = 403, body = Problem), (status = 409, body = Problem),
        (status = 422, body = Problem)))]
pub async fn create(
    app: web::Data<App>,
    May(asker, _): May<TeamsManage>,
    body: web::Json<TeamBody>,
) -> Result<HttpResponse, Problem> {
    Ok(HttpResponse::Created().json(put(&app, &asker, None, body.into_inner()).await?))
}

/// Changes a team.
#[utoipa::path(patch, path = "/api/v1/teams/{id}", operation_id = "update_team", tag = "users",
    params(("id" = i64, Path)), request_body = TeamBody,
    responses((status = 200, body = TeamView), (status = 403, body = Problem), (status = 404, body = Problem),
        (status = 409, body = Problem), (status = 422, body = Problem)))]
pub async fn update(
    app: web::Data<App>,
    May(asker, _): May<TeamsManage>,
    id: web::Path<TeamId>,
    body: web::Json<TeamBody>,
) -> Result<HttpResponse, Problem> {
    Ok(HttpResponse::Ok().json(put(&app, &asker, Some(id.into_inner()), body.into_inner()).await?))
}

/// What becomes of its conversations.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Parting {
    /// The team whose they are from then on; absent: no team's.
    #[param(value_type = Option<i64>)]
    successor_id: Option<TeamId>,
}

/// Takes a team away: its conversations go to the successor, or to no team.
#[utoipa::path(delete, path = "/api/v1/teams/{id}", operation_id = "delete_team", tag = "users",
    params(("id" = i64, Path), Parting),
    responses((status = 204, description = "Gone"), (status = 403, body = Problem),
        (status = 404, body = Problem), (status = 422, body = Problem)))]
pub async fn delete(
    app: web::Data<App>,
    May(asker, _): May<TeamsManage>,
    id: web::Path<TeamId>,
    asked: web::Query<Parting>,
) -> Result<HttpResponse, Problem> {
    let (by, id) = ((asker.user.workspace_id, asker.user.id), id.into_inner());
    let count = app.ledger.give(DeleteTeam { by, id, successor: asked.successor_id }).await?;
    app.authenticator.forget();
    log::info!("user {} deleted team {id}, which had {count} conversations", asker.user.id);
    Ok(HttpResponse::NoContent().finish())
}
