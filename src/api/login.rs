//! Signing in and out, and one's own account. Never whether a username exists.

use super::identity::{cookie, no_cookie, require_own_origin};
use super::people::UserView;
use super::problem::{Problem, private};
use crate::app::App;
use crate::auth::{TokenHash, checked_password, new_token};
use crate::desk::people::{ChangePassword, EndCredential, SignIn, wrong_credentials};
use crate::domain::{Credential, Identity, Refusal, RefusalKind, Timestamp, User};
use crate::store::users::{self, Account};
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use std::net::{IpAddr, Ipv4Addr};
use utoipa::ToSchema;

/// A username and a password.
#[derive(Debug, Deserialize, ToSchema)]
pub struct Login {
    username: String,
    #[schema(value_type = String, format = Password)]
    password: SecretString,
}

/// Signs a browser in: the answer sets its cookie.
#[utoipa::path(
    post,
    path = "/api/v1/login",
    tag = "signing in",
    request_body = Login,
    responses(
        (status = 200, body = UserView),
        (status = 401, body = Problem, description = "The username or the password is wrong"),
        (status = 429, body = Problem, description = "Too many wrong ones")
    )
)]
pub async fn login(
    app: web::Data<App>,
    request: HttpRequest,
    body: web::Json<Login>,
) -> Result<HttpResponse, Problem> {
    require_own_origin(&app, &request)?;
    let Login { username, password } = body.into_inner();
    let username_given = username.clone();
    let account = app.db.read(async move |conn| users::by_username(conn, &username_given).await).await?;
    let account = guess(&app, &users::username_key(&username), address(&request), account, password).await?;
    signed_in(&app, account, StatusCode::OK).await
}

/// One guess at an account's password; counted if it is wrong.
async fn guess(
    app: &App,
    key: &str,
    from: IpAddr,
    account: Option<Account>,
    password: SecretString,
) -> Result<Account, Refusal> {
    // Longer than any username: one counter for all of them.
    let key = if key.len() > 256 { "" } else { key };
    let turn = app.throttle.turn(key, from, Timestamp::now()).await?;
    let account = account.filter(|account| account.deactivated_at.is_none());
    let stored = account.as_ref().map(|account| account.password_hash.clone());
    let is_right = app.hasher.verify(password, stored).await;
    if let Some(account) = account.filter(|_| is_right) {
        turn.right();
        return Ok(account);
    }
    turn.wrong(Timestamp::now());
    Err(wrong_credentials())
}

/// Begins a session for a user whose password was checked, and answers with them and the cookie.
pub(super) async fn signed_in(
    app: &App,
    account: Account,
    status: StatusCode,
) -> Result<HttpResponse, Problem> {
    let token = new_token();
    let user = (account.user.workspace_id, account.user.id);
    let token_hash = TokenHash::of(token.expose_secret());
    app.ledger.give(SignIn { user, verified: account.password_hash, token_hash }).await?;
    log::info!("user {} signed in", account.user.id);
    let mut answer = HttpResponse::build(status)
        .cookie(cookie(&app.public_url, token.expose_secret()))
        .json(UserView::from(account.user));
    private(&mut answer);
    Ok(answer)
}

/// The peer itself: what `X-Forwarded-For` says anybody can write.
fn address(request: &HttpRequest) -> IpAddr {
    request.peer_addr().map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |peer| peer.ip())
}

/// Ends this sign-in; its sockets close. With a bearer token: nothing ends (delete the token).
#[utoipa::path(post, path = "/api/v1/logout", tag = "signing in", responses((status = 204, description = "Signed out")))]
pub async fn logout(
    app: web::Data<App>,
    request: HttpRequest,
    identity: Option<Identity>,
) -> Result<HttpResponse, Problem> {
    require_own_origin(&app, &request)?;
    if let Some(Identity { user, credential: credential @ Credential::Login(_) }) = identity {
        app.ledger.give(EndCredential { user: user.id, credential }).await?;
        log::info!("user {} signed out", user.id);
    }
    Ok(HttpResponse::NoContent().cookie(no_cookie(&app.public_url)).finish())
}

/// Who is signed in.
#[utoipa::path(
    get,
    path = "/api/v1/me",
    tag = "signing in",
    responses((status = 200, body = UserView), (status = 401, body = Problem))
)]
pub async fn me(identity: Identity) -> HttpResponse {
    let mut answer = HttpResponse::Ok().json(UserView::from(identity.user));
    private(&mut answer);
    answer
}

/// The old password and the new one.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewPassword {
    /// The one there is.
    #[serde(alias = "old_password")]
    #[schema(value_type = String, format = Password)]
    current_password: SecretString,
    /// 12 characters or more.
    #[serde(alias = "password")]
    #[schema(value_type = String, format = Password)]
    new_password: SecretString,
}

/// Replaces one's own password: every other sign-in ends, tokens stay.
#[utoipa::path(
    put,
    path = "/api/v1/me/password",
    tag = "signing in",
    request_body = NewPassword,
    responses((status = 204, description = "Replaced"), (status = 403, body = Problem), (status = 422, body = Problem))
)]
pub async fn change_password(
    app: web::Data<App>,
    request: HttpRequest,
    identity: Identity,
    body: web::Json<NewPassword>,
) -> Result<HttpResponse, Problem> {
    let NewPassword { current_password, new_password } = body.into_inner();
    let new_password = checked_password(new_password)?;
    let account = own_account(&app, &identity.user).await?;
    let key = users::username_key(&account.user.username);
    let account =
        guess(&app, &key, address(&request), Some(account), current_password).await.map_err(wrong_current)?;
    let kept = match identity.credential {
        Credential::Login(id) => Some(id),
        Credential::Token(_) => None,
    };
    let password_hash = app.hasher.hash(new_password).await;
    let user = (account.user.workspace_id, account.user.id);
    app.ledger.give(ChangePassword { user, verified: account.password_hash, password_hash, kept }).await?;
    log::info!("user {} changed their password", account.user.id);
    Ok(HttpResponse::NoContent().finish())
}

/// 401 would say that the asker is not signed in.
fn wrong_current(refusal: Refusal) -> Refusal {
    match refusal.kind {
        RefusalKind::Unauthenticated => {
            Refusal::new(RefusalKind::Forbidden, "wrong_password", "The current password is wrong.")
        }
        _ => refusal,
    }
}

async fn own_account(app: &App, user: &User) -> Result<Account, Problem> {
    let (workspace, id) = (user.workspace_id, user.id);
    let account = app.db.read(async move |conn| users::find(conn, workspace, id).await).await?;
    account.ok_or_else(Problem::not_signed_in)
}
