//! The first admin's way in: once, with the link that was printed at the start. Never a second time.

use super::login::signed_in;
use crate::api::admin::user_views::UserView;
use crate::api::http::identity::require_own_origin;
use crate::api::http::problem::Problem;
use crate::app::App;
use crate::auth::checked_password;
use crate::desk::users::{CreateFirstAdmin, checked_email, checked_full_name, checked_username};
use crate::domain::{Refusal, Role};
use crate::store::accounts::account;
use crate::store::accounts::users::NewUser;
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Whether the server waits for its first admin.
#[derive(Debug, Serialize, ToSchema)]
pub struct SetupState {
    needed: bool,
}

/// Whether the server waits for its first admin.
#[utoipa::path(get, path = "/api/v1/setup", operation_id = "get_setup_state", tag = "signing in",
    security(()),
    responses((status = 200, body = SetupState)))]
pub async fn state(app: web::Data<App>) -> Result<HttpResponse, Problem> {
    Ok(HttpResponse::Ok().json(SetupState { needed: app.needs_setup().await? }))
}

/// The first admin, with the token from the printed link.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(
    as = CreateFirstAdminBody,
    example = json!({"token": "from the printed link", "username": "olga",
        "password": "correct horse battery"})
)]
pub struct FirstAdmin {
    /// What stands behind `#` in the printed link.
    #[schema(value_type = String)]
    token: SecretString,
    username: String,
    full_name: Option<String>,
    email: Option<String>,
    /// 12 characters or more.
    #[schema(value_type = String, format = Password)]
    password: SecretString,
    workspace_name: Option<String>,
}

/// Makes the first admin and signs them in.
#[utoipa::path(
    post,
    path = "/api/v1/setup",
    operation_id = "create_first_admin",
    tag = "signing in",
    security(()),
    request_body = FirstAdmin,
    responses(
        (status = 201, body = UserView),
        (status = 403, body = Problem, description = "The link is not the printed one"),
        (status = 409, body = Problem, description = "There is a user already")
    )
)]
pub async fn create(
    app: web::Data<App>,
    request: HttpRequest,
    body: web::Json<FirstAdmin>,
) -> Result<HttpResponse, Problem> {
    require_own_origin(&app, &request)?;
    let body = body.into_inner();
    if !app.needs_setup().await? {
        return Err(Refusal::conflict("already_set_up", "Users already exist. Sign in instead.").into());
    }
    if !app.setup.fits(body.token.expose_secret()) {
        return Err(Refusal::forbidden(
            "This is not the setup link that the server printed when it started.",
        )
        .into());
    }
    let username = checked_username(&body.username)?;
    let full_name = checked_full_name(body.full_name.as_deref(), &username)?;
    let email = checked_email(body.email.as_deref())?;
    let password_hash = app.hasher.hash(checked_password(body.password)?).await;
    let admin = NewUser { username, full_name, email, role: Role::Admin, password_hash };
    let workspace_name =
        body.workspace_name.map(|name| checked_full_name(Some(&name), "Rapport")).transpose()?;
    let user = app.ledger.give(CreateFirstAdmin { admin, workspace_name }).await?;
    app.setup.close();
    log::info!("user {} is the first admin", user.id);
    let account = app.db.read(async move |conn| account::of_user(conn, user.id).await).await?;
    let account = account.ok_or_else(Problem::not_signed_in)?;
    signed_in(&app, &request, account, StatusCode::CREATED).await
}
