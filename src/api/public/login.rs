//! Signing in and out, and one's own account. One signs in once, for every workspace one is a member of.
//! Never whether a username exists.

use super::sign_ins::{device_cookie, failed, known_device};
use crate::api::admin::user_views::{MeView, UserView};
use crate::api::http::address::Origin;
use crate::api::http::identity::{Signed, cookie, no_cookie, require_own_origin, workspace_named};
use crate::api::http::problem::{Problem, private};
use crate::app::App;
use crate::auth::{Asker, SignedIn, Throttle, TokenHash, checked_password, new_token};
use crate::desk::users::{ChangePassword, EndCredential, SignIn, forgiven, wrong_credentials};
use crate::desk::workspaces::is_host;
use crate::domain::{Credential, Identity, Refusal, RefusalKind, Timestamp, UserId};
use crate::store::accounts::account::{self, Account, username_key};
use crate::store::accounts::memberships::{self, Seat};
use crate::store::accounts::users;
use crate::store::{Conn, StoreError};
use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse, web};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use tokio::sync::Semaphore;
use utoipa::ToSchema;

/// A username and a password.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = LoginBody, example = json!({"username": "olga", "password": "correct horse battery"}))]
pub struct Login {
    username: String,
    #[schema(value_type = String, format = Password)]
    password: SecretString,
}

/// Signs a browser in: the answer sets its cookie.
#[utoipa::path(
    post,
    path = "/api/v1/login",
    operation_id = "login",
    tag = "signing in",
    security(()),
    request_body = Login,
    responses(
        (status = 200, body = UserView),
        (status = 401, body = Problem, description = "Incorrect username or password"),
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
    let place = LOOKUPS.acquire().await;
    let Named { key, account, first, forgiven } =
        app.db.read(async move |conn| found(conn, &username).await).await?;
    drop(place);
    let from = Origin::of(&app, &request);
    let known = first.and_then(|user| known_device(&app, &request, user));
    // Longer than any username: one counter for all of them.
    let name = if key.len() > 256 { String::new() } else { key };
    let asker = Asker { name: &name, place: &from.place(), device: known.as_deref(), forgiven };
    let whose = account.as_ref().map(|account| account.id).zip(first);
    let guessed = guess(&app, &app.throttle, asker, account, password).await;
    let account = guessed.inspect_err(|no| failed(&app, whose, from, no.kind == RefusalKind::TooMany))?;
    app.sign_ins.right.one();
    signed_in(&app, &request, account, StatusCode::OK).await
}

/// What a name leads to.
struct Named {
    /// The name, in the one form of all its ways to be written.
    key: String,
    /// Whose it is.
    account: Option<Account>,
    /// Their first membership: their devices are known by it.
    first: Option<UserId>,
    /// Since when wrong passwords count.
    forgiven: Option<Timestamp>,
}

/// Sign-ins that look an account up at once. A flood of them waits here, and leaves the database's
/// connections to everybody else.
static LOOKUPS: Semaphore = Semaphore::const_new(2);

async fn found(conn: &mut Conn, username: &str) -> Result<Named, StoreError> {
    let key = username_key(username);
    let Some(account) = account::by_username(conn, username).await? else {
        return Ok(Named { key, account: None, first: None, forgiven: None });
    };
    let first = users::all_of_account(conn, account.id).await?.first().map(|member| member.user.id);
    let forgiven = forgiven(conn, account.id).await?;
    Ok(Named { key, account: Some(account), first, forgiven })
}

/// One guess at an account's password; counted if it is wrong.
async fn guess(
    app: &App,
    throttle: &Throttle,
    asker: Asker<'_>,
    account: Option<Account>,
    password: SecretString,
) -> Result<Account, Refusal> {
    let turn = throttle.turn(asker, Timestamp::now()).await?;
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

/// Begins a session for an account whose password was checked, and answers with its membership where the
/// address names a workspace (else the first one), its cookie and the device's mark.
pub(crate) async fn signed_in(
    app: &App,
    request: &HttpRequest,
    account: Account,
    status: StatusCode,
) -> Result<HttpResponse, Problem> {
    let id = account.id;
    let (first, seats) = app
        .db
        .read(async move |conn| {
            let all = users::all_of_account(conn, id).await?;
            Ok((all.first().map(|member| member.user.id), memberships::seats(conn, id).await?))
        })
        .await?;
    let named = workspace_named(request);
    let here = seats.iter().find(|seat| named.as_ref().is_some_and(|slug| seat.workspace.slug == *slug));
    let (Some(Seat { user, .. }), Some(first)) = (here.or(seats.first()), first) else {
        return Err(wrong_credentials().into());
    };
    let token = new_token();
    let by = (user.workspace_id, user.id);
    let token_hash = TokenHash::of(token.expose_secret());
    let device = device(request);
    app.ledger.give(SignIn { user: by, verified: account.password_hash, token_hash, device }).await?;
    log::info!("user {} signed in", user.id);
    let mut answer = HttpResponse::build(status)
        .cookie(cookie(&app.public_url, token.expose_secret()))
        .cookie(device_cookie(app, first))
        .json(UserView::from(user.clone()));
    private(&mut answer);
    Ok(answer)
}

/// What a browser says it is, cut; its owner knows it again by that.
fn device(request: &HttpRequest) -> Option<String> {
    let said = request.headers().get(header::USER_AGENT)?.to_str().ok()?;
    Some(said.chars().filter(|sign| !sign.is_control()).take(200).collect())
}

/// Ends this sign-in; its sockets close. With a bearer token: nothing ends (delete the token).
#[utoipa::path(post, path = "/api/v1/logout", operation_id = "logout", tag = "signing in",
    security(()),
    responses((status = 204, description = "Signed out")))]
pub async fn logout(
    app: web::Data<App>,
    request: HttpRequest,
    account: Option<Signed>,
) -> Result<HttpResponse, Problem> {
    require_own_origin(&app, &request)?;
    if let Some(Signed(signed_in)) = account
        && let (Credential::Login(_), Some(seat)) = (signed_in.credential, signed_in.seats.first())
    {
        let (by, user) = ((seat.user.workspace_id, seat.user.id), seat.user.id);
        app.ledger.give(EndCredential { by, user, credential: signed_in.credential }).await?;
        log::info!("user {user} signed out");
    }
    Ok(HttpResponse::NoContent().cookie(no_cookie(&app.public_url)).finish())
}

/// Who is signed in: the account, its membership of this workspace, and of which others it is a member.
#[utoipa::path(
    get,
    path = "/api/v1/me",
    operation_id = "get_me",
    tag = "signing in",
    responses((status = 200, body = MeView), (status = 400, body = Problem), (status = 401, body = Problem))
)]
pub async fn me(
    app: web::Data<App>,
    identity: Identity,
    Signed(signed_in): Signed,
) -> Result<HttpResponse, Problem> {
    let (id, within) = (signed_in.account_id, signed_in.bound_to());
    let read =
        app.db.read(async move |conn| Ok((account::find(conn, id).await?, is_host(conn, id, within).await?)));
    let (stored, is_host) = read.await?;
    let stored = stored.ok_or_else(Problem::not_signed_in)?;
    let is_maker = is_host || app.config.workspaces.by_anybody();
    let mut answer = HttpResponse::Ok().json(MeView::of(identity, (stored, is_maker), &signed_in));
    private(&mut answer);
    Ok(answer)
}

/// The old password and the new one.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(
    as = ChangePasswordBody,
    example = json!({"current_password": "correct horse battery", "new_password": "a better one, longer"})
)]
pub struct NewPassword {
    /// The one there is.
    #[serde(alias = "old_password")]
    #[schema(value_type = String, format = Password)]
    current_password: SecretString,
    /// 12 characters or more.
    #[serde(alias = "password")]
    #[schema(value_type = String, format = Password)]
    new_password: SecretString,
    /// Whether every other sign-in and every token ends.
    #[serde(default = "yes")]
    end_sessions: bool,
}

fn yes() -> bool {
    true
}

/// Changes your own password: every other sign-in and every token ends, unless `end_sessions` is false.
#[utoipa::path(
    put,
    path = "/api/v1/me/password",
    operation_id = "change_password",
    tag = "signing in",
    request_body = NewPassword,
    responses((status = 204, description = "Replaced"), (status = 403, body = Problem),
        (status = 422, body = Problem))
)]
pub async fn change_password(
    app: web::Data<App>,
    Signed(signed_in): Signed,
    body: web::Json<NewPassword>,
) -> Result<HttpResponse, Problem> {
    let NewPassword { current_password, new_password, end_sessions } = body.into_inner();
    let new_password = checked_password(new_password)?;
    let account = stored_account(&app, &signed_in).await?;
    let Some(seat) = signed_in.seats.first() else { return Err(Problem::not_signed_in()) };
    let (name, place) = (account.id.to_string(), format!("{:?}", signed_in.credential));
    let asker = Asker { name: &name, place: &place, device: None, forgiven: None };
    let account = guess(&app, &app.own_passwords, asker, Some(account), current_password)
        .await
        .map_err(wrong_current)?;
    let kept = match signed_in.credential {
        Credential::Login(id) => Some(id),
        Credential::Token(_) => None,
    };
    let password_hash = app.hasher.hash(new_password).await;
    let user = (seat.user.workspace_id, seat.user.id);
    let verified = account.password_hash;
    app.ledger.give(ChangePassword { user, verified, password_hash, kept, end_sessions }).await?;
    log::info!("user {} changed their password", seat.user.id);
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

async fn stored_account(app: &App, signed_in: &SignedIn) -> Result<Account, Problem> {
    let id = signed_in.account_id;
    let account = app.db.read(async move |conn| account::find(conn, id).await).await?;
    account.ok_or_else(Problem::not_signed_in)
}
