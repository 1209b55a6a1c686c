//! Users: found by everybody, changed by who may. Never deleted: what they wrote stays theirs.

use super::user_views::UserView;
use crate::api::http::may::{May, UsersManage};
use crate::api::http::optional::{Optional, given};
use crate::api::http::pagination::{self, Page};
use crate::api::http::problem::Problem;
use crate::app::App;
use crate::auth::checked_password;
use crate::desk::users::{
    CreateUser, UpdateUser, UserChange, checked_email, checked_full_name, checked_username,
};
use crate::domain::{Identity, Role, UserId};
use crate::store::accounts::users::{self, NewUser, Search};
use actix_web::{HttpResponse, web};
use secrecy::SecretString;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

/// Which users.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ListQuery {
    /// Words that occur in the username, the name or the e-mail address, whatever the case or accents.
    #[serde(default)]
    q: String,
    /// Those who can no longer come in, instead of those who can.
    #[serde(default)]
    deactivated: bool,
    limit: Option<i64>,
    cursor: Option<String>,
}

/// The users that fit, by their ids.
#[utoipa::path(
    get,
    path = "/api/v1/users",
    operation_id = "list_users",
    tag = "users",
    params(ListQuery),
    responses((status = 200, body = Page<UserView>))
)]
pub async fn list(
    app: web::Data<App>,
    identity: Identity,
    query: web::Query<ListQuery>,
) -> Result<HttpResponse, Problem> {
    let query = query.into_inner();
    let limit = pagination::limit(query.limit)?;
    let after = pagination::decode(query.cursor.as_deref())?.unwrap_or(0);
    let search =
        Search { text: query.q, deactivated: query.deactivated, after, limit: pagination::one_more(limit) };
    let workspace = identity.user.workspace_id;
    let rows = app.db.read(async move |conn| users::search(conn, workspace, &search).await).await?;
    Ok(HttpResponse::Ok().json(Page::of(rows, limit, |member| member.user.id, UserView::from)))
}

/// A new user.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = CreateUserBody, example = json!({
    "username": "ana",
    "full_name": "Ana Lind",
    "email": "ana@example.org",
    "password": "correct horse battery",
    "role": "agent"
}))]
pub struct CreateBody {
    username: String,
    /// Absent: the username.
    full_name: Option<String>,
    email: Option<String>,
    /// 12 characters or more.
    #[schema(value_type = String, format = Password)]
    password: SecretString,
    /// The slug of a role; absent: `agent`.
    #[schema(value_type = Option<String>)]
    role: Option<Role>,
}

/// Creates a user.
#[utoipa::path(
    post,
    path = "/api/v1/users",
    operation_id = "create_user",
    tag = "users",
    request_body = CreateBody,
    responses(
        (status = 201, body = UserView),
        (status = 403, body = Problem),
        (status = 409, body = Problem, description = "The username is taken"),
        (status = 422, body = Problem)
    )
)]
pub async fn create(
    app: web::Data<App>,
    May(admin, _): May<UsersManage>,
    body: web::Json<CreateBody>,
) -> Result<HttpResponse, Problem> {
    let body = body.into_inner();
    let username = checked_username(&body.username)?;
    let full_name = checked_full_name(body.full_name.as_deref(), &username)?;
    let email = checked_email(body.email.as_deref())?;
    let password_hash = app.hasher.hash(checked_password(body.password)?).await;
    let user = NewUser { username, full_name, email, role: body.role.unwrap_or(Role::Agent), password_hash };
    let by = Some((admin.user.workspace_id, admin.user.id));
    let user = app.ledger.give(CreateUser { by, user }).await?;
    log::info!("user {} created user {} ({})", admin.user.id, user.id, user.role);
    Ok(HttpResponse::Created().json(UserView::from(user)))
}

/// What to change; what is absent stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = UpdateUserBody, example = json!({"full_name": "Ana Lind-Ode"}))]
pub struct UpdateBody {
    username: Option<String>,
    full_name: Option<String>,
    /// null takes it away.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    email: Option<Option<String>>,
    /// The slug of a role. Nobody gives, or changes somebody with, a role that allows more than their own.
    #[schema(value_type = Option<String>)]
    role: Option<Role>,
    /// Ends every sign-in and every token of theirs.
    #[schema(value_type = Option<String>, format = Password)]
    password: Option<SecretString>,
    /// `true` lets a deactivated user come in again.
    is_active: Option<bool>,
    /// `true`: wrong passwords at their name so far are forgiven.
    is_unlocked: Option<bool>,
    /// With `is_active: false`: who cares for their conversations from then on; absent: nobody.
    #[schema(value_type = Option<i64>)]
    successor_id: Option<UserId>,
}

/// Changes a user. Who is a member of another workspace, too, keeps username, password and sign-ins to
/// themselves.
#[utoipa::path(
    patch,
    path = "/api/v1/users/{id}",
    operation_id = "update_user",
    tag = "users",
    params(("id" = i64, Path)),
    request_body = UpdateBody,
    responses(
        (status = 200, body = UserView),
        (status = 403, body = Problem),
        (status = 404, body = Problem),
        (status = 409, body = Problem, description = "The username is taken, or this is the last admin")
    )
)]
pub async fn update(
    app: web::Data<App>,
    May(admin, _): May<UsersManage>,
    id: web::Path<UserId>,
    body: web::Json<UpdateBody>,
) -> Result<HttpResponse, Problem> {
    let change = checked(&app, body.into_inner()).await?;
    let view = give(&app, &admin, id.into_inner(), change).await?;
    Ok(HttpResponse::Ok().json(view))
}

async fn checked(app: &App, body: UpdateBody) -> Result<UserChange, Problem> {
    let username = body.username.as_deref().map(checked_username).transpose()?;
    // An empty name would leave nothing to call them.
    let full_name = body.full_name.filter(|name| !name.trim().is_empty());
    let full_name = full_name.map(|name| checked_full_name(Some(&name), "")).transpose()?;
    let email = body.email.map(|email| checked_email(email.as_deref())).transpose()?;
    let password_hash = match body.password {
        Some(password) => Some(app.hasher.hash(checked_password(password)?).await),
        None => None,
    };
    let is_unlocked = body.is_unlocked.unwrap_or(false);
    Ok(UserChange {
        username,
        full_name,
        email,
        role: body.role,
        password_hash,
        is_active: body.is_active,
        successor: body.successor_id,
        is_unlocked,
    })
}

/// What becomes of the work of one who goes.
#[derive(Debug, Default, Deserialize, ToSchema, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
#[schema(as = DeactivateUserBody, example = json!({"successor_id": 2}))]
pub struct Leaving {
    /// Who cares for their conversations from then on; absent: nobody. It may be said in the body, too.
    #[param(value_type = Option<i64>)]
    #[schema(value_type = Option<i64>)]
    successor_id: Option<UserId>,
}

/// Deactivates a user: their sign-ins, tokens and sockets end, what they wrote stays. What they care for goes
/// to the successor or to nobody. Who is a member of another workspace, too, goes on there.
#[utoipa::path(
    delete,
    path = "/api/v1/users/{id}",
    operation_id = "deactivate_user",
    tag = "users",
    params(("id" = i64, Path), Leaving),
    request_body(content = Option<Leaving>),
    responses((status = 204, description = "Deactivated"), (status = 404, body = Problem),
        (status = 409, body = Problem),
        (status = 422, body = Problem))
)]
pub async fn delete(
    app: web::Data<App>,
    May(admin, _): May<UsersManage>,
    id: web::Path<UserId>,
    asked: web::Query<Leaving>,
    body: Optional<Leaving>,
) -> Result<HttpResponse, Problem> {
    let successor = body.0.successor_id.or(asked.successor_id);
    let change = UserChange { is_active: Some(false), successor, ..UserChange::default() };
    give(&app, &admin, id.into_inner(), change).await?;
    Ok(HttpResponse::NoContent().finish())
}

async fn give(app: &App, admin: &Identity, id: UserId, change: UserChange) -> Result<UserView, Problem> {
    let by = (admin.user.workspace_id, Some(admin.user.id));
    let member = app.ledger.give(UpdateUser { by, id, change }).await?;
    // Their name may have changed too, and that revokes nothing.
    app.authenticator.forget();
    log::info!("user {} changed user {id}", admin.user.id);
    Ok(member.into())
}
