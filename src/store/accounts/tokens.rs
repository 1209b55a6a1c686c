//! Bearer tokens of programs. Never a token, only its hash.

use super::roles;
use super::users::{Account, Rights, UserRow, rights};
use crate::domain::{Role, Timestamp, TokenId, UserId};
use crate::on;
use crate::store::db::in_list::among;
use crate::store::db::prepared::Keep;
use crate::store::db::schema::{api_tokens, users};
use crate::store::{Conn, StoreError};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

/// One token, as its owner sees it.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = api_tokens)]
pub struct Token {
    /// Unique in the server.
    pub id: TokenId,
    /// What its owner calls it.
    pub name: String,
    /// Since when it is there.
    pub created_at: Timestamp,
    /// When it was last used; updated now and then.
    pub seen_at: Option<Timestamp>,
    /// From when on it is no good; none: it stays good.
    pub expires_at: Option<Timestamp>,
}

impl Token {
    /// Whether it is good for anything.
    pub fn is_open(&self, now: Timestamp) -> bool {
        self.expires_at.is_none_or(|end| now < end)
    }
}

/// Makes a token.
pub async fn create(
    conn: &mut Conn,
    user: UserId,
    name: &str,
    token_hash: &[u8],
    expires_at: Option<Timestamp>,
    now: Timestamp,
) -> Result<Token, StoreError> {
    Ok(on!(conn, db => diesel::insert_into(api_tokens::table)
        .values((
            api_tokens::user_id.eq(user),
            api_tokens::name.eq(name),
            api_tokens::token_hash.eq(token_hash),
            api_tokens::created_at.eq(now),
            api_tokens::expires_at.eq(expires_at),
        ))
        .returning(Token::as_returning())
        .get_result(db)
        .await)?)
}

/// The token with this hash, and whose it is.
pub async fn by_hash(conn: &mut Conn, token_hash: &[u8]) -> Result<Option<(Token, Account)>, StoreError> {
    let found: Option<(Token, UserRow)> = on!(conn, db => api_tokens::table
        .inner_join(users::table.on(users::id.eq(api_tokens::user_id)))
        .filter(api_tokens::token_hash.eq(token_hash))
        .select((Token::as_select(), UserRow::as_select()))
        .kept().get_result(db)
        .await
        .optional())?;
    Ok(found.map(|(token, user)| (token, user.into())))
}

/// Those of these tokens that still hold, and what their owners may do.
pub async fn standing(
    conn: &mut Conn,
    ids: &[TokenId],
    now: Timestamp,
) -> Result<Vec<(TokenId, Rights)>, StoreError> {
    let rows: Vec<(TokenId, Role, Option<String>, String)> = on!(conn, db => api_tokens::table
        .inner_join(users::table.on(users::id.eq(api_tokens::user_id)))
        .filter(among(api_tokens::id, ids))
        .filter(api_tokens::expires_at.is_null().or(api_tokens::expires_at.gt(now)))
        .filter(users::deactivated_at.is_null())
        .select((api_tokens::id, users::role, roles::of_user(), users::team_ids))
        .load(db)
        .await)?;
    Ok(rows.into_iter().map(|(id, role, row, teams)| (id, rights(role, row.as_deref(), &teams))).collect())
}

/// A user's tokens, by their ids, above `after`.
pub async fn of_user(
    conn: &mut Conn,
    user: UserId,
    after: i64,
    limit: i64,
) -> Result<Vec<Token>, StoreError> {
    Ok(on!(conn, db => api_tokens::table
        .filter(api_tokens::user_id.eq(user))
        .filter(api_tokens::id.gt(after))
        .select(Token::as_select())
        .order(api_tokens::id)
        .limit(limit)
        .load(db)
        .await)?)
}

/// Notes that it was used.
pub async fn touch(conn: &mut Conn, id: TokenId, now: Timestamp) -> Result<(), StoreError> {
    on!(conn, db => diesel::update(api_tokens::table.filter(api_tokens::id.eq(id)))
        .set(api_tokens::seen_at.eq(now))
        .kept().execute(db)
        .await)?;
    Ok(())
}

/// Takes one token of a user away; says whether it was there.
pub async fn delete(conn: &mut Conn, user: UserId, id: TokenId) -> Result<bool, StoreError> {
    let gone = on!(conn, db => diesel::delete(
            api_tokens::table.filter(api_tokens::user_id.eq(user)).filter(api_tokens::id.eq(id)),
        )
        .execute(db)
        .await)?;
    Ok(gone > 0)
}

/// Takes all tokens of a user away.
pub async fn delete_all(conn: &mut Conn, user: UserId) -> Result<Vec<TokenId>, StoreError> {
    Ok(on!(conn, db => diesel::delete(api_tokens::table.filter(api_tokens::user_id.eq(user)))
        .returning(api_tokens::id)
        .get_results(db)
        .await)?)
}
