//! Accounts: who signs in, with what. Never what they may do: that is a membership's (`users`).

use crate::domain::{AccountId, Timestamp, UserId, text};
use crate::on;
use crate::store::db::prepared::Keep;
use crate::store::db::schema::{accounts, users};
use crate::store::{Conn, StoreError};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

/// Whoever signs in.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = accounts)]
pub struct Account {
    /// Unique in the server.
    pub id: AccountId,
    /// What they sign in with; unique in the server, however it is written.
    pub username: String,
    /// What they are called where nobody knows them yet.
    pub full_name: String,
    /// Where to write to them.
    pub email: Option<String>,
    /// Their password's hash.
    pub password_hash: String,
    /// Since when they are here.
    pub created_at: Timestamp,
    /// Since when they may no longer come in, anywhere.
    pub deactivated_at: Option<Timestamp>,
    /// Whether somebody else chose the password.
    pub password_is_given: bool,
}

/// What a new account needs.
#[derive(Debug, Clone, Copy)]
pub struct NewAccount<'a> {
    /// What they sign in with.
    pub username: &'a str,
    /// What they are called.
    pub full_name: &'a str,
    /// Where to write to them.
    pub email: Option<&'a str>,
    /// Their password's hash.
    pub password_hash: &'a str,
}

/// One form for all the ways to write a username.
pub fn username_key(username: &str) -> String {
    text::fold(username.trim())
}

/// Makes an account; [`StoreError::Taken`] if the username is.
pub async fn create(conn: &mut Conn, new: NewAccount<'_>, now: Timestamp) -> Result<AccountId, StoreError> {
    Ok(on!(conn, db => diesel::insert_into(accounts::table)
        .values((
            accounts::username.eq(new.username),
            accounts::username_key.eq(username_key(new.username)),
            accounts::full_name.eq(new.full_name),
            accounts::email.eq(new.email),
            accounts::password_hash.eq(new.password_hash),
            accounts::created_at.eq(now),
        ))
        .returning(accounts::id)
        .get_result(db)
        .await)?)
}

/// Writes what may change of an account; [`StoreError::Taken`] if the new username is. Its memberships
/// follow by
/// `users::follow_account`.
pub async fn update(conn: &mut Conn, account: &Account) -> Result<(), StoreError> {
    on!(conn, db => diesel::update(accounts::table.find(account.id))
        .set((
            accounts::username.eq(&account.username),
            accounts::username_key.eq(username_key(&account.username)),
            accounts::full_name.eq(&account.full_name),
            accounts::email.eq(account.email.as_deref()),
            accounts::password_hash.eq(&account.password_hash),
            accounts::deactivated_at.eq(account.deactivated_at),
            accounts::password_is_given.eq(account.password_is_given),
        ))
        .kept().execute(db)
        .await)?;
    Ok(())
}

/// The account with this id.
pub async fn find(conn: &mut Conn, id: AccountId) -> Result<Option<Account>, StoreError> {
    Ok(on!(conn, db => accounts::table.find(id).select(Account::as_select()).first(db).await.optional())?)
}

/// The account that signs in with this username, however it is written.
pub async fn by_username(conn: &mut Conn, username: &str) -> Result<Option<Account>, StoreError> {
    Ok(on!(conn, db => accounts::table
        .filter(accounts::username_key.eq(username_key(username)))
        .select(Account::as_select())
        .first(db)
        .await
        .optional())?)
}

/// Whose membership this is.
pub async fn of_user(conn: &mut Conn, user: UserId) -> Result<Option<Account>, StoreError> {
    Ok(on!(conn, db => users::table
        .inner_join(accounts::table.on(users::account_id.eq(accounts::id.nullable())))
        .filter(users::id.eq(user))
        .select(Account::as_select())
        .first(db)
        .await
        .optional())?)
}
