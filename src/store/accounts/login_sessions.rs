//! Sign-ins of browsers. Never a token, only its hash.

use super::roles;
use super::users::{Account, Rights, UserRow, rights};
use crate::domain::{LoginSessionId, Role, Timestamp, UserId};
use crate::on;
use crate::store::db::in_list::among;
use crate::store::db::prepared::Keep;
use crate::store::db::schema::{login_sessions, users};
use crate::store::{Conn, StoreError};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

/// One sign-in and whose it is.
#[derive(Debug, Clone)]
pub struct LoginSession {
    /// Unique in the server.
    pub id: LoginSessionId,
    /// When it was last used; updated now and then.
    pub seen_at: Timestamp,
    /// When it ends whatever happens.
    pub expires_at: Timestamp,
    pub account: Account,
}

/// What begins a sign-in.
#[derive(Debug, Clone, Copy)]
pub struct NewSession<'a> {
    /// Of its token.
    pub token_hash: &'a [u8],
    /// What the browser says it is.
    pub device: Option<&'a str>,
    /// From where.
    pub address: Option<&'a str>,
}

/// A sign-in as its owner sees it.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = login_sessions)]
pub struct SessionRow {
    /// Unique in the server.
    pub id: LoginSessionId,
    /// When it began.
    pub created_at: Timestamp,
    /// When it was last used; updated now and then.
    pub seen_at: Timestamp,
    /// When it ends whatever happens.
    pub expires_at: Timestamp,
    /// What the browser said it is.
    pub device: Option<String>,
    /// From where it began.
    pub address: Option<String>,
}

/// A user's sign-ins that were used since `since`, by their ids, above `after`.
pub async fn of_user(
    conn: &mut Conn,
    user: UserId,
    since: Timestamp,
    after: i64,
    limit: i64,
) -> Result<Vec<SessionRow>, StoreError> {
    Ok(on!(conn, db => login_sessions::table
        .filter(login_sessions::user_id.eq(user).and(login_sessions::seen_at.ge(since)))
        .filter(login_sessions::id.gt(LoginSessionId(after)))
        .order(login_sessions::id)
        .limit(limit)
        .select(SessionRow::as_select())
        .load(db)
        .await)?)
}

/// Begins a sign-in.
pub async fn create(
    conn: &mut Conn,
    user: UserId,
    new: NewSession<'_>,
    now: Timestamp,
    expires_at: Timestamp,
) -> Result<LoginSessionId, StoreError> {
    Ok(on!(conn, db => diesel::insert_into(login_sessions::table)
        .values((
            login_sessions::user_id.eq(user),
            login_sessions::token_hash.eq(new.token_hash),
            login_sessions::device.eq(new.device),
            login_sessions::address.eq(new.address),
            login_sessions::created_at.eq(now),
            login_sessions::seen_at.eq(now),
            login_sessions::expires_at.eq(expires_at),
        ))
        .returning(login_sessions::id)
        .get_result(db)
        .await)?)
}

/// The sign-in with this token.
pub async fn by_hash(conn: &mut Conn, token_hash: &[u8]) -> Result<Option<LoginSession>, StoreError> {
    let found: Option<(LoginSessionId, Timestamp, Timestamp, UserRow)> = on!(conn, db => login_sessions::table
        .inner_join(users::table.on(users::id.eq(login_sessions::user_id)))
        .filter(login_sessions::token_hash.eq(token_hash))
        .select((login_sessions::id, login_sessions::seen_at, login_sessions::expires_at,
            UserRow::as_select()))
        .kept().get_result(db)
        .await
        .optional())?;
    Ok(found.map(|(id, seen_at, expires_at, user)| LoginSession {
        id,
        seen_at,
        expires_at,
        account: user.into(),
    }))
}

/// Those of these sign-ins that still hold, and what whoever signed in may do.
pub async fn standing(
    conn: &mut Conn,
    ids: &[LoginSessionId],
    now: Timestamp,
) -> Result<Vec<(LoginSessionId, Rights)>, StoreError> {
    let rows: Vec<(LoginSessionId, Role, Option<String>, String)> = on!(conn, db => login_sessions::table
        .inner_join(users::table.on(users::id.eq(login_sessions::user_id)))
        .filter(among(login_sessions::id, ids))
        .filter(login_sessions::expires_at.gt(now).and(users::deactivated_at.is_null()))
        .select((login_sessions::id, users::role, roles::of_user(), users::team_ids))
        .load(db)
        .await)?;
    Ok(rows.into_iter().map(|(id, role, row, teams)| (id, rights(role, row.as_deref(), &teams))).collect())
}

/// Notes that it was used.
pub async fn touch(conn: &mut Conn, id: LoginSessionId, now: Timestamp) -> Result<(), StoreError> {
    on!(conn, db => diesel::update(login_sessions::table.filter(login_sessions::id.eq(id)))
        .set(login_sessions::seen_at.eq(now))
        .kept().execute(db)
        .await)?;
    Ok(())
}

/// Ends one sign-in of a user; says whether it was there.
pub async fn delete(conn: &mut Conn, user: UserId, id: LoginSessionId) -> Result<bool, StoreError> {
    let ended = on!(conn, db => diesel::delete(
            login_sessions::table.filter(login_sessions::user_id.eq(user)).filter(login_sessions::id.eq(id)),
        )
        .execute(db)
        .await)?;
    Ok(ended > 0)
}

/// Ends all sign-ins of a user but `kept`; says which.
pub async fn delete_others(
    conn: &mut Conn,
    user: UserId,
    kept: Option<LoginSessionId>,
) -> Result<Vec<LoginSessionId>, StoreError> {
    // No row has the id 0.
    let kept = kept.unwrap_or(LoginSessionId(0));
    Ok(on!(conn, db => diesel::delete(
            login_sessions::table.filter(login_sessions::user_id.eq(user))
                .filter(login_sessions::id.ne(kept)),
        )
        .returning(login_sessions::id)
        .get_results(db)
        .await)?)
}

/// Sweeps a user's sign-ins that ended by themselves: too old, or unused since `unused_since`.
pub async fn delete_ended(
    conn: &mut Conn,
    user: UserId,
    now: Timestamp,
    unused_since: Timestamp,
) -> Result<(), StoreError> {
    on!(conn, db => diesel::delete(
            login_sessions::table
                .filter(login_sessions::user_id.eq(user))
                .filter(login_sessions::expires_at.le(now).or(login_sessions::seen_at.lt(unused_since))),
        )
        .execute(db)
        .await)?;
    Ok(())
}
