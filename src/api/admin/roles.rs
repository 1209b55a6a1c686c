//! Roles: four that come made, and the workspace's own. Everybody sees what they are called and allow.

use crate::api::http::may::{May, RolesManage};
use crate::api::http::pagination::Page;
use crate::api::http::problem::Problem;
use crate::app::App;
use crate::desk::roles::{ChangeRole, CreateRole, DeleteRole, RoleNow};
use crate::domain::{Identity, Permission, Permissions, Refusal, Role, Sight};
use crate::store::accounts::roles::{self, RoleRow};
use actix_web::{HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A role.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Role)]
pub struct RoleView {
    /// What programs call it, and what a user's `role` says.
    #[schema(value_type = String)]
    slug: Role,
    /// What people call it; the slug, for one that comes made.
    name: String,
    /// What it allows.
    permissions: Permissions,
    /// What of customers' conversations it shows: everything, teams (one's own and one's teams'), or
    /// own_and_unassigned (one's own, and what nobody has of one's teams').
    sight: Sight,
    /// Whether it comes made: then it keeps its name and cannot be deleted; `admin` allows everything.
    is_made: bool,
}

impl From<RoleNow> for RoleView {
    fn from(RoleNow { role, name, permissions, sight }: RoleNow) -> Self {
        Self { slug: role, name, permissions, sight, is_made: role.is_made() }
    }
}

/// The made ones, then the workspace's own.
fn every(rows: &[RoleRow]) -> Vec<RoleView> {
    let row_of = |role: Role| rows.iter().find(|row| row.slug == role);
    let now = |role: Role, name: String, (permissions, sight)| RoleNow { role, name, permissions, sight };
    let made = Role::MADE.into_iter().map(|role| {
        let allows = row_of(role).map_or_else(|| role.allows(None), RoleRow::allows);
        now(role, role.to_string(), allows)
    });
    let own = rows.iter().filter(|row| !row.slug.is_made());
    made.chain(own.map(|row| now(row.slug, row.name.clone(), row.allows()))).map(RoleView::from).collect()
}

/// All roles of the workspace: at most some hundred, on one page.
#[utoipa::path(get, path = "/api/v1/roles", operation_id = "list_roles", tag = "users",
    responses((status = 200, body = Page<RoleView>)))]
pub async fn list(app: web::Data<App>, identity: Identity) -> Result<HttpResponse, Problem> {
    let workspace = identity.user.workspace_id;
    let rows = app.db.read(async move |conn| roles::all(conn, workspace).await).await?;
    Ok(HttpResponse::Ok().json(Page { items: every(&rows), next_cursor: None }))
}

/// A new role.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = CreateRoleBody, example = json!({
    "name": "Night shift",
    "permissions": ["conversations.reply", "notes.write"]
}))]
pub struct CreateBody {
    name: String,
    /// 1 to 32 of a-z, 0-9, - and _; absent: made of the name.
    #[schema(value_type = Option<String>)]
    slug: Option<Role>,
    #[serde(default)]
    permissions: Vec<Permission>,
    /// Absent: everything. With less, permissions that deal with the whole workspace are refused (422
    /// `needs_everything`, with the `permission`).
    sight: Option<Sight>,
}

/// Makes a role. Nobody gives what they do not have: 403 with the `permission` that is missing.
#[utoipa::path(post, path = "/api/v1/roles", operation_id = "create_role", tag = "users",
    request_body = CreateBody,
    responses((status = 201, body = RoleView), (status = 403, body = Problem), (status = 409, body = Problem),
        (status = 422, body = Problem)))]
pub async fn create(
    app: web::Data<App>,
    May(asker, _): May<RolesManage>,
    body: web::Json<CreateBody>,
) -> Result<HttpResponse, Problem> {
    let CreateBody { name, slug, permissions, sight } = body.into_inner();
    let by = (asker.user.workspace_id, asker.user.id);
    let (permissions, sight) = (Permissions::of(&permissions), sight.unwrap_or(Sight::Everything));
    let create = CreateRole { by, name, slug, permissions, sight };
    let made = app.ledger.give(create).await?;
    log::info!("user {} created role {}", asker.user.id, made.role);
    Ok(HttpResponse::Created().json(RoleView::from(made)))
}

/// What to change; what is absent stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = UpdateRoleBody, example = json!({"permissions": ["conversations.reply", "export"]}))]
pub struct UpdateBody {
    name: Option<String>,
    permissions: Option<Vec<Permission>>,
    sight: Option<Sight>,
}

/// Changes a role: those who have it come back with what it allows now. `admin` cannot be changed.
#[utoipa::path(patch, path = "/api/v1/roles/{slug}", operation_id = "update_role", tag = "users",
    params(("slug" = String, Path)), request_body = UpdateBody,
    responses((status = 200, body = RoleView), (status = 403, body = Problem), (status = 404, body = Problem),
        (status = 409, body = Problem), (status = 422, body = Problem)))]
pub async fn update(
    app: web::Data<App>,
    May(asker, _): May<RolesManage>,
    slug: web::Path<String>,
    body: web::Json<UpdateBody>,
) -> Result<HttpResponse, Problem> {
    let (role, UpdateBody { name, permissions, sight }) = (named(&slug)?, body.into_inner());
    let by = (asker.user.workspace_id, asker.user.id);
    let permissions = permissions.map(|words| Permissions::of(&words));
    let now = app.ledger.give(ChangeRole { by, role, name, permissions, sight }).await?;
    // What it allows is remembered with who asks, and a name revokes nothing.
    app.authenticator.forget();
    log::info!("user {} changed role {role}", asker.user.id);
    Ok(HttpResponse::Ok().json(RoleView::from(now)))
}

/// Takes away one of the workspace's own roles; 409 while somebody has it.
#[utoipa::path(delete, path = "/api/v1/roles/{slug}", operation_id = "delete_role", tag = "users",
    params(("slug" = String, Path)),
    responses((status = 204, description = "Gone"), (status = 403, body = Problem),
        (status = 404, body = Problem), (status = 409, body = Problem)))]
pub async fn delete(
    app: web::Data<App>,
    May(asker, _): May<RolesManage>,
    slug: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let role = named(&slug)?;
    app.ledger.give(DeleteRole { by: (asker.user.workspace_id, asker.user.id), role }).await?;
    log::info!("user {} deleted role {role}", asker.user.id);
    Ok(HttpResponse::NoContent().finish())
}

fn named(slug: &str) -> Result<Role, Refusal> {
    slug.parse().map_err(|_| Refusal::not_found("role"))
}
