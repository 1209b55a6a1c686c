//! Bearer tokens of programs: everybody makes their own. Never one that is shown twice.

use super::user_views::TokenView;
use crate::api::http::may::{May, TokensCreate};
use crate::api::http::pagination::{self, Page, PageQuery};
use crate::api::http::problem::{Problem, private};
use crate::app::App;
use crate::auth::{TokenHash, new_token};
use crate::desk::users::{CreateToken, EndCredential};
use crate::domain::{Credential, Identity, Refusal, Timestamp, TokenId, UserId};
use crate::store::accounts::tokens;
use actix_web::{HttpResponse, web};
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What to call a token.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = CreateTokenBody, example = json!({"name": "my script"}))]
pub struct NewToken {
    name: Option<String>,
    /// From when on it is no good; without it, it stays good.
    #[schema(value_type = Option<String>, format = DateTime)]
    expires_at: Option<Timestamp>,
}

/// A new token: the only time it is shown.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CreatedToken)]
pub struct ShownToken {
    /// What to send as `Authorization: Bearer …`.
    token: String,
    #[serde(flatten)]
    row: TokenView,
}

/// Creates a token for yourself.
#[utoipa::path(
    post,
    path = "/api/v1/tokens",
    operation_id = "create_token",
    tag = "signing in",
    request_body = NewToken,
    responses((status = 201, body = ShownToken))
)]
pub async fn create(
    app: web::Data<App>,
    May(identity, _): May<TokensCreate>,
    body: web::Json<NewToken>,
) -> Result<HttpResponse, Problem> {
    let NewToken { name, expires_at } = body.into_inner();
    let name = name.unwrap_or_default().trim().to_owned();
    if name.chars().count() > 100 {
        return Err(Refusal::invalid("invalid_name", "A token name can be at most 100 characters.").into());
    }
    let token = new_token();
    let user = (identity.user.workspace_id, identity.user.id);
    let token_hash = TokenHash::of(token.expose_secret());
    let row = app.ledger.give(CreateToken { user, name, token_hash, expires_at }).await?;
    log::info!("user {} created token {}", identity.user.id, row.id);
    let mut answer =
        HttpResponse::Created().json(ShownToken { token: token.expose_secret().to_owned(), row: row.into() });
    private(&mut answer);
    Ok(answer)
}

/// Your own tokens.
#[utoipa::path(
    get,
    path = "/api/v1/tokens",
    operation_id = "list_tokens",
    tag = "signing in",
    params(PageQuery),
    responses((status = 200, body = Page<TokenView>))
)]
pub async fn list(
    app: web::Data<App>,
    identity: Identity,
    query: web::Query<PageQuery>,
) -> Result<HttpResponse, Problem> {
    listed(&app, identity.user.id, &query).await
}

pub(crate) async fn listed(app: &App, user: UserId, query: &PageQuery) -> Result<HttpResponse, Problem> {
    let limit = query.limit()?;
    let after = query.after()?.unwrap_or(0);
    let rows = app
        .db
        .read(async move |conn| tokens::of_user(conn, user, after, pagination::one_more(limit)).await)
        .await?;
    Ok(HttpResponse::Ok().json(Page::of(rows, limit, |token| token.id, TokenView::from)))
}

/// Deletes one of your own tokens; its sockets close.
#[utoipa::path(
    delete,
    path = "/api/v1/tokens/{id}",
    operation_id = "delete_token",
    tag = "signing in",
    params(("id" = i64, Path)),
    responses((status = 204, description = "Gone"), (status = 404, body = Problem))
)]
pub async fn delete(
    app: web::Data<App>,
    identity: Identity,
    id: web::Path<TokenId>,
) -> Result<HttpResponse, Problem> {
    let credential = Credential::Token(id.into_inner());
    let by = (identity.user.workspace_id, identity.user.id);
    if !app.ledger.give(EndCredential { by, user: identity.user.id, credential }).await? {
        return Err(Refusal::not_found("token").into());
    }
    Ok(HttpResponse::NoContent().finish())
}
