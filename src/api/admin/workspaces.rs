//! `/api/v1/workspaces`: where one is a member, with what is unread there, and making and naming workspaces.
//! Never a word of what happens in a workspace that one is no member of.

use super::user_views::WorkspaceNameView;
use crate::api::http::identity::Signed;
use crate::api::http::pagination::Page;
use crate::api::http::problem::Problem;
use crate::app::App;
use crate::auth::SignedIn;
use crate::desk::workspaces::{CreateWorkspace, UpdateWorkspace, WorkspaceChange, is_host};
use crate::domain::{Role, Timestamp, UserId, Workspace, WorkspaceId};
use crate::store::accounts::workspaces::{self, WorkspaceRow};
use crate::store::conversations::filtered::{self, Filter, Reader};
use crate::store::{Conn, StoreError};
use actix_web::{HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How far what is unread is counted.
const MOST_UNREAD: i64 = 100;

/// A workspace, as whoever asks stands to it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Workspace)]
pub struct WorkspaceView {
    /// How it is called, and in addresses.
    #[serde(flatten)]
    workspace: WorkspaceNameView,
    /// Whether nobody works there: its channels rest, its data stays.
    archived: bool,
    /// Since when it is there.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// Who one is there; null: no member. Who looks after the server sees every workspace's name, and
    /// nothing else of it.
    #[schema(value_type = Option<i64>)]
    user_id: Option<UserId>,
    /// What one may do there; null: no member.
    role: Option<Role>,
    /// Conversations with something that one has not read there; 100: that many or more. Null: no member.
    unread: Option<i64>,
}

impl WorkspaceView {
    fn of(row: WorkspaceRow, signed_in: &SignedIn) -> Self {
        let seat = signed_in.seats.iter().find(|seat| seat.workspace.id == row.id);
        Self {
            archived: row.archived_at.is_some(),
            created_at: row.created_at,
            user_id: seat.map(|seat| seat.user.id),
            role: seat.map(|seat| seat.user.role),
            unread: None,
            workspace: (&Workspace::from(row)).into(),
        }
    }
}

/// The workspaces one is a member of, with what is unread in each. Admins of the first workspace see the
/// names of all of them, archived ones too.
#[utoipa::path(get, path = "/api/v1/workspaces", operation_id = "list_workspaces", tag = "workspaces",
    responses((status = 200, body = Page<WorkspaceView>)))]
pub async fn list(app: web::Data<App>, Signed(own): Signed) -> Result<HttpResponse, Problem> {
    let items = app.db.read_slowly(async move |conn| seen(conn, &own).await).await?;
    Ok(HttpResponse::Ok().json(Page { items, next_cursor: None }))
}

async fn seen(conn: &mut Conn, own: &SignedIn) -> Result<Vec<WorkspaceView>, StoreError> {
    let sees_all = is_host(conn, own.account_id, own.bound_to()).await?;
    let mut items = Vec::new();
    for row in workspaces::all(conn).await? {
        let mut view = WorkspaceView::of(row, own);
        if let Some(seat) = own.seats.iter().find(|seat| seat.workspace.id == view.workspace.id) {
            let filter = Filter { unread: true, ..Filter::default() };
            let reader = Reader::from(&seat.user);
            view.unread = Some(filtered::count(conn, &reader, &filter, Some(MOST_UNREAD)).await?);
        }
        if sees_all || view.user_id.is_some() {
            items.push(view);
        }
    }
    Ok(items)
}

/// A new workspace.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = CreateWorkspaceBody, example = json!({"name": "Pier Bakery", "slug": "pier"}))]
pub struct CreateBody {
    /// 1 to 100 characters.
    name: String,
    /// Its name in addresses: small letters, digits and hyphens. Absent: made of the name.
    slug: Option<String>,
}

/// Makes a workspace, whose first admin one is. For admins of the first workspace, unless the server lets
/// everybody.
#[utoipa::path(post, path = "/api/v1/workspaces", operation_id = "create_workspace", tag = "workspaces",
    request_body = CreateBody,
    responses((status = 201, body = WorkspaceView), (status = 403, body = Problem),
        (status = 409, body = Problem, description = "The address is taken"),
        (status = 422, body = Problem)))]
pub async fn create(
    app: web::Data<App>,
    Signed(own): Signed,
    body: web::Json<CreateBody>,
) -> Result<HttpResponse, Problem> {
    let CreateBody { name, slug } = body.into_inner();
    let by_anybody = app.config.workspaces.by_anybody();
    let by = Some(own.account_id);
    let within = own.bound_to();
    let row = app.ledger.give(CreateWorkspace { by, within, by_anybody, name, slug }).await?;
    // Whoever made it is a member of it from now on.
    app.authenticator.forget();
    log::info!("workspace {} was made", row.id);
    Ok(HttpResponse::Created().json(WorkspaceView::of(row, &own)))
}

/// What to change; what is absent stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = UpdateWorkspaceBody, example = json!({"name": "Pier Bakery"}))]
pub struct UpdateBody {
    /// 1 to 100 characters.
    name: Option<String>,
    /// Its name in addresses; the old one leads nowhere from then on.
    slug: Option<String>,
    /// `true`: nobody works there, its channels rest and its data stays. `false`: it goes on as it was.
    archived: Option<bool>,
}

/// Names a workspace anew, archives it or brings it back: for its admins and those of the first workspace.
#[utoipa::path(patch, path = "/api/v1/workspaces/{id}", operation_id = "update_workspace", tag = "workspaces",
    params(("id" = i64, Path)), request_body = UpdateBody,
    responses((status = 200, body = WorkspaceView), (status = 403, body = Problem),
        (status = 404, body = Problem), (status = 409, body = Problem), (status = 422, body = Problem)))]
pub async fn update(
    app: web::Data<App>,
    Signed(own): Signed,
    id: web::Path<WorkspaceId>,
    body: web::Json<UpdateBody>,
) -> Result<HttpResponse, Problem> {
    let UpdateBody { name, slug, archived } = body.into_inner();
    let change = WorkspaceChange { name, slug, is_archived: archived };
    let by = Some(own.account_id);
    let (id, within) = (id.into_inner(), own.bound_to());
    let row = app.ledger.give(UpdateWorkspace { by, within, id, change }).await?;
    app.authenticator.forget();
    app.channels.forget();
    log::info!("workspace {} was changed", row.id);
    Ok(HttpResponse::Ok().json(WorkspaceView::of(row, &own)))
}
