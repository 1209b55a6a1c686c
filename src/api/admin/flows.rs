//! Flows: seen by everybody, changed by admins. Never a step of a run: that is the timer's, and the
//! secret address is in nobody's answer but an admin's.

mod body;
pub(crate) mod dry_run;
pub(crate) mod hook;
pub(crate) mod runs;
mod view;

pub use body::{CreateFlowBody, UpdateFlowBody};
pub use view::FlowView;

use crate::api::http::deleted::{self, Deleted, Restorable, RestorableQuery};
use crate::api::http::may::{FlowsManage, May};
use crate::api::http::pagination::{self, Page};
use crate::api::http::problem::{Problem, private};
use crate::app::App;
use crate::auth::{Purpose, TokenHash, new_token};
use crate::desk::restore::Restore;
use crate::domain::{FlowId, Identity, Permission, Refusal, Sight};
use crate::flows::{CreateFlow, DeleteFlow, NewHook, UpdateFlow};
use crate::store::automation::flow_runs;
use crate::store::automation::flows::{self, FlowRow};
use crate::store::{Conn, StoreError};
use actix_web::{HttpResponse, web};
use secrecy::ExposeSecret;
use std::collections::HashMap;

/// All flows, by their ids.
#[utoipa::path(get, path = "/api/v1/flows", operation_id = "list_flows", tag = "flows",
    params(RestorableQuery),
    responses((status = 200, body = Page<Restorable<FlowView>>)))]
pub async fn list(
    app: web::Data<App>,
    identity: Identity,
    query: web::Query<RestorableQuery>,
) -> Result<HttpResponse, Problem> {
    if query.deleted {
        return list_deleted(&app, &identity, &query).await;
    }
    let limit = pagination::limit(query.limit)?;
    let after = pagination::decode(query.cursor.as_deref())?.unwrap_or(0);
    let workspace = identity.user.workspace_id;
    let rows = app
        .db
        .read(async move |conn| {
            let rows = flows::list(conn, workspace, after, pagination::one_more(limit)).await?;
            around(conn, rows).await
        })
        .await?;
    let page =
        Page::of(rows, limit, |known| known.0.id.0, |known| deleted::in_use(view(&app, &identity, known)));
    let mut answer = HttpResponse::Ok().json(page);
    private(&mut answer);
    Ok(answer)
}

async fn list_deleted(
    app: &App,
    identity: &Identity,
    query: &RestorableQuery,
) -> Result<HttpResponse, Problem> {
    let workspace = identity.user.workspace_id;
    let read = async move |conn: &mut Conn, of: Deleted| {
        let rows = flows::deleted(conn, workspace, of.since, of.after, of.limit).await?;
        let (rows, times): (Vec<_>, Vec<_>) = rows.into_iter().unzip();
        Ok(around(conn, rows).await?.into_iter().zip(times).collect::<Vec<_>>())
    };
    let show = |known: Known| view(app, identity, known);
    let page = deleted::page(app, query, read, |known: &Known| known.0.id.0, show).await?;
    let mut answer = HttpResponse::Ok().json(page);
    private(&mut answer);
    Ok(answer)
}

/// Brings a deleted flow back, switched off, for 30 days after it was deleted.
#[utoipa::path(post, path = "/api/v1/flows/{id}/restore", operation_id = "restore_flow", tag = "flows",
    params(("id" = i64, Path)),
    responses((status = 200, body = FlowView), (status = 403, body = Problem),
        (status = 404, body = Problem)))]
pub async fn bring_back(
    app: web::Data<App>,
    May(admin, _): May<FlowsManage>,
    id: web::Path<FlowId>,
) -> Result<HttpResponse, Problem> {
    let row = app.ledger.give(Restore { user: admin.user.clone(), id: id.into_inner() }).await?;
    log::info!("user {} restored flow {}", admin.user.id, row.id);
    Ok(HttpResponse::Ok().json(shown(&app, &admin, row).await?))
}

/// One flow.
#[utoipa::path(get, path = "/api/v1/flows/{id}", operation_id = "get_flow", tag = "flows",
    params(("id" = i64, Path)),
    responses((status = 200, body = FlowView), (status = 404, body = Problem)))]
pub async fn show(
    app: web::Data<App>,
    identity: Identity,
    id: web::Path<FlowId>,
) -> Result<HttpResponse, Problem> {
    let row = existing(&app, &identity, id.into_inner()).await?;
    Ok(HttpResponse::Ok().json(shown(&app, &identity, row).await?))
}

/// Makes a flow.
#[utoipa::path(post, path = "/api/v1/flows", operation_id = "create_flow", tag = "flows",
    request_body = CreateFlowBody,
    responses((status = 201, body = FlowView), (status = 403, body = Problem),
        (status = 422, body = Problem, description = "The detail names the step at fault")))]
pub async fn create(
    app: web::Data<App>,
    May(admin, _): May<FlowsManage>,
    body: web::Json<CreateFlowBody>,
) -> Result<HttpResponse, Problem> {
    let wanted = body.into_inner().checked()?;
    let create = CreateFlow { user: admin.user.clone(), wanted, hook: new_hook(&app) };
    let row = app.ledger.give(create).await?;
    log::info!("user {} created flow {}", admin.user.id, row.id);
    Ok(HttpResponse::Created().json(shown(&app, &admin, row).await?))
}

/// Changes a flow; what is absent stays. Runs follow the steps they began with.
#[utoipa::path(patch, path = "/api/v1/flows/{id}", operation_id = "update_flow", tag = "flows",
    params(("id" = i64, Path)),
    request_body = UpdateFlowBody,
    responses((status = 200, body = FlowView), (status = 403, body = Problem), (status = 404, body = Problem),
        (status = 422, body = Problem)))]
pub async fn update(
    app: web::Data<App>,
    May(admin, _): May<FlowsManage>,
    id: web::Path<FlowId>,
    body: web::Json<UpdateFlowBody>,
) -> Result<HttpResponse, Problem> {
    let change = body.into_inner().checked()?;
    let update = UpdateFlow { user: admin.user.clone(), id: id.into_inner(), change };
    let row = app.ledger.give(update).await?;
    log::info!("user {} changed flow {}", admin.user.id, row.id);
    Ok(HttpResponse::Ok().json(shown(&app, &admin, row).await?))
}

/// Takes a flow away; its runs stop where they are.
#[utoipa::path(delete, path = "/api/v1/flows/{id}", operation_id = "delete_flow", tag = "flows",
    params(("id" = i64, Path)),
    responses((status = 204, description = "Gone"), (status = 403, body = Problem),
        (status = 404, body = Problem)))]
pub async fn delete(
    app: web::Data<App>,
    May(admin, _): May<FlowsManage>,
    id: web::Path<FlowId>,
) -> Result<HttpResponse, Problem> {
    let id = id.into_inner();
    let by = admin.user.id;
    app.ledger.give(DeleteFlow { user: admin.user, id }).await?;
    log::info!("user {by} deleted flow {id}");
    Ok(HttpResponse::NoContent().finish())
}

/// Gives a flow another secret address; the one it had starts nothing more.
#[utoipa::path(post, path = "/api/v1/flows/{id}/hook", operation_id = "renew_flow_hook", tag = "flows",
    params(("id" = i64, Path)),
    responses((status = 200, body = FlowView), (status = 403, body = Problem),
        (status = 404, body = Problem)))]
pub async fn new_address(
    app: web::Data<App>,
    May(admin, _): May<FlowsManage>,
    id: web::Path<FlowId>,
) -> Result<HttpResponse, Problem> {
    let change = NewHook { user: admin.user.clone(), id: id.into_inner(), hook: new_hook(&app) };
    let row = app.ledger.give(change).await?;
    log::info!("user {} changed the address of flow {}", admin.user.id, row.id);
    Ok(HttpResponse::Ok().json(shown(&app, &admin, row).await?))
}

/// The hash of a new token, and the token sealed.
fn new_hook(app: &App) -> (Vec<u8>, Vec<u8>) {
    let token = new_token();
    let token = token.expose_secret();
    (TokenHash::of(token).0.to_vec(), app.vault.seal(Purpose::FlowHook, token.as_bytes()))
}

/// A flow of the asker's workspace.
async fn existing(app: &App, identity: &Identity, id: FlowId) -> Result<FlowRow, Problem> {
    let workspace = identity.user.workspace_id;
    let row = app.db.read(async move |conn| flows::find(conn, workspace, id).await).await?;
    row.ok_or_else(|| Refusal::not_found("flow").into())
}

/// A flow with its steps and how many of its runs stand where.
type Known = (FlowRow, String, HashMap<&'static str, i64>);

async fn around(conn: &mut Conn, rows: Vec<FlowRow>) -> Result<Vec<Known>, StoreError> {
    let ids: Vec<_> = rows.iter().map(|row| row.id).collect();
    let counts = flow_runs::counts(conn, &ids).await?;
    let mut known = Vec::with_capacity(rows.len());
    for row in rows {
        let steps = flows::steps(conn, row.id, row.version).await?.unwrap_or_default();
        let of_row = counts.iter().filter(|(flow, ..)| *flow == row.id);
        let counts = of_row.map(|(_, status, count)| (status.as_str(), *count)).collect();
        known.push((row, steps, counts));
    }
    Ok(known)
}

async fn shown(app: &App, identity: &Identity, row: FlowRow) -> Result<FlowView, Problem> {
    let mut known = app.db.read(async move |conn| around(conn, vec![row]).await).await?;
    let known = known.pop().ok_or(StoreError::NotFound)?;
    Ok(view(app, identity, known))
}

/// Only who manages flows sees the address: who knows it can start the flow.
fn view(app: &App, identity: &Identity, (row, steps, mut counts): Known) -> FlowView {
    if identity.user.sight != Sight::Everything {
        // How often it ran tells of what they do not see.
        counts.clear();
    }
    let may_see = identity.user.may(Permission::FlowsManage);
    let token = app
        .vault
        .open(Purpose::FlowHook, &row.hook_sealed)
        .ok()
        .and_then(|token| String::from_utf8(token).ok());
    let hook_url = token.filter(|_| may_see).map(|token| app.public_url.at(&format!("/hooks/flows/{token}")));
    FlowView::of(row, &steps, counts, hook_url)
}
