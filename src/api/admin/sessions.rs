//! Sign-ins of browsers, one's own and, for admins, anybody's with their tokens: what there is, and ending
//! it. Never a token.

use super::tokens;
use super::user_views::{SessionView, TokenView};
use crate::api::http::identity::Signed;
use crate::api::http::may::{May, TokensManage};
use crate::api::http::pagination::{self, Page, PageQuery};
use crate::api::http::problem::Problem;
use crate::app::App;
use crate::auth::{LOGIN_IDLE, SignedIn};
use crate::desk::users::{EndCredential, belongs_elsewhere};
use crate::domain::{
    AccountId, Credential, Identity, LoginSessionId, Refusal, RefusalKind, Timestamp, TokenId, UserId,
    WorkspaceId,
};
use crate::store::Conn;
use crate::store::accounts::users::{self, Member};
use crate::store::accounts::{login_sessions, memberships};
use actix_web::{HttpResponse, web};

/// One's own sign-ins: which browsers, from where, when last.
#[utoipa::path(get, path = "/api/v1/me/sessions", operation_id = "list_my_sessions", tag = "signing in",
    params(PageQuery),
    responses((status = 200, body = Page<SessionView>)))]
pub async fn own(
    app: web::Data<App>,
    Signed(own): Signed,
    query: web::Query<PageQuery>,
) -> Result<HttpResponse, Problem> {
    require_own(&app, &own).await?;
    listed(&app, own.account_id, own.credential, &query).await
}

/// Ends every other sign-in of one's own; tokens stay.
#[utoipa::path(delete, path = "/api/v1/me/sessions",
    operation_id = "end_my_other_sessions", tag = "signing in",
    responses((status = 204, description = "Ended")))]
pub async fn end_others(app: web::Data<App>, Signed(own): Signed) -> Result<HttpResponse, Problem> {
    require_own(&app, &own).await?;
    let by = first_of(&own)?;
    let account = own.account_id;
    let since = Timestamp::now().minus(LOGIN_IDLE);
    loop {
        let rows = app
            .db
            .read(async move |conn| login_sessions::of_account(conn, account, since, 0, 200).await)
            .await?;
        let others: Vec<_> =
            rows.iter().map(|row| Credential::Login(row.id)).filter(|one| *one != own.credential).collect();
        if others.is_empty() {
            return Ok(HttpResponse::NoContent().finish());
        }
        for credential in others {
            is_ended(&app, by, by.1, credential).await?;
        }
    }
}

/// A token of one workspace is told nothing of sign-ins to others.
async fn require_own(app: &App, own: &SignedIn) -> Result<(), Problem> {
    let account = own.account_id;
    let is_elsewhere = async move |conn: &mut Conn| {
        let all = users::all_of_account(conn, account).await?;
        Ok(all.iter().filter(|one| one.deactivated_at.is_none()).count() > 1)
    };
    match own.credential {
        Credential::Token(_) if app.db.read(is_elsewhere).await? => Err(Refusal::new(
            RefusalKind::Forbidden,
            "sign_in_required",
            "A token belongs to one workspace. Sign in to see where you are signed in.",
        )
        .into()),
        _ => Ok(()),
    }
}

/// One of one's memberships: by it one ends what is one's account's.
fn first_of(own: &SignedIn) -> Result<(WorkspaceId, UserId), Problem> {
    let seat = own.seats.first().ok_or_else(Problem::not_signed_in)?;
    Ok((seat.user.workspace_id, seat.user.id))
}

/// Ends one of one's own sign-ins; its sockets close.
#[utoipa::path(delete, path = "/api/v1/me/sessions/{id}",
    operation_id = "end_my_session", tag = "signing in",
    params(("id" = i64, Path)),
    responses((status = 204, description = "Ended"), (status = 404, body = Problem)))]
pub async fn end_own(
    app: web::Data<App>,
    Signed(own): Signed,
    id: web::Path<LoginSessionId>,
) -> Result<HttpResponse, Problem> {
    require_own(&app, &own).await?;
    let credential = Credential::Login(id.into_inner());
    let by = first_of(&own)?;
    end(&app, by, by.1, credential).await
}

/// Somebody's sign-ins.
#[utoipa::path(get, path = "/api/v1/users/{id}/sessions",
    operation_id = "list_user_sessions", tag = "users",
    params(("id" = i64, Path), PageQuery),
    responses((status = 200, body = Page<SessionView>), (status = 403, body = Problem),
        (status = 404, body = Problem)))]
pub async fn of_user(
    app: web::Data<App>,
    May(admin, _): May<TokensManage>,
    id: web::Path<UserId>,
    query: web::Query<PageQuery>,
) -> Result<HttpResponse, Problem> {
    let member = existing(&app, &admin, id.into_inner()).await?;
    let account = member.account_id;
    let seats = app.db.read(async move |conn| memberships::seats(conn, account).await).await?;
    if seats.iter().any(|seat| seat.workspace.id != admin.workspace.id) {
        return Err(belongs_elsewhere().into());
    }
    listed(&app, account, admin.credential, &query).await
}

/// Ends one of somebody's sign-ins.
#[utoipa::path(delete, path = "/api/v1/users/{id}/sessions/{session_id}",
    operation_id = "end_user_session", tag = "users",
    params(("id" = i64, Path), ("session_id" = i64, Path)),
    responses((status = 204, description = "Ended"), (status = 403, body = Problem),
        (status = 404, body = Problem)))]
pub async fn end_of_user(
    app: web::Data<App>,
    May(admin, _): May<TokensManage>,
    ids: web::Path<(UserId, LoginSessionId)>,
) -> Result<HttpResponse, Problem> {
    let (user, id) = ids.into_inner();
    end(&app, (admin.workspace.id, admin.user.id), user, Credential::Login(id)).await
}

/// Somebody's tokens.
#[utoipa::path(get, path = "/api/v1/users/{id}/tokens", operation_id = "list_user_tokens", tag = "users",
    params(("id" = i64, Path), PageQuery),
    responses((status = 200, body = Page<TokenView>), (status = 403, body = Problem),
        (status = 404, body = Problem)))]
pub async fn tokens_of_user(
    app: web::Data<App>,
    May(admin, _): May<TokensManage>,
    id: web::Path<UserId>,
    query: web::Query<PageQuery>,
) -> Result<HttpResponse, Problem> {
    let member = existing(&app, &admin, id.into_inner()).await?;
    tokens::listed(&app, member.user.id, &query).await
}

/// Takes one of somebody's tokens away.
#[utoipa::path(delete, path = "/api/v1/users/{id}/tokens/{token_id}",
    operation_id = "delete_user_token", tag = "users",
    params(("id" = i64, Path), ("token_id" = i64, Path)),
    responses((status = 204, description = "Gone"), (status = 403, body = Problem),
        (status = 404, body = Problem)))]
pub async fn end_token_of_user(
    app: web::Data<App>,
    May(admin, _): May<TokensManage>,
    ids: web::Path<(UserId, TokenId)>,
) -> Result<HttpResponse, Problem> {
    let (user, id) = ids.into_inner();
    end(&app, (admin.workspace.id, admin.user.id), user, Credential::Token(id)).await
}

async fn existing(app: &App, admin: &Identity, id: UserId) -> Result<Member, Problem> {
    let workspace = admin.user.workspace_id;
    let found = app.db.read(async move |conn| users::find(conn, workspace, id).await).await?;
    found.ok_or_else(|| Refusal::not_found("user").into())
}

/// Ends a sign-in or a token; false: it was not there.
async fn is_ended(
    app: &App,
    by: (WorkspaceId, UserId),
    user: UserId,
    credential: Credential,
) -> Result<bool, Problem> {
    Ok(app.ledger.give(EndCredential { by, user, credential }).await?)
}

async fn end(
    app: &App,
    by: (WorkspaceId, UserId),
    user: UserId,
    credential: Credential,
) -> Result<HttpResponse, Problem> {
    if !is_ended(app, by, user, credential).await? {
        return Err(Refusal::not_found("session or token").into());
    }
    Ok(HttpResponse::NoContent().finish())
}

async fn listed(
    app: &App,
    account: AccountId,
    asks: Credential,
    query: &PageQuery,
) -> Result<HttpResponse, Problem> {
    let limit = query.limit()?;
    let after = query.after()?.unwrap_or(0);
    let now = Timestamp::now();
    let rows = app
        .db
        .read(async move |conn| {
            let since = now.minus(LOGIN_IDLE);
            login_sessions::of_account(conn, account, since, after, pagination::one_more(limit)).await
        })
        .await?;
    Ok(HttpResponse::Ok().json(Page::of(rows, limit, |row| row.id, |row| SessionView::of(row, asks))))
}
