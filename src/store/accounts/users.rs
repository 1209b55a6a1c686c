//! Users: accounts as members of a workspace. Never what somebody signs in with, but for the copies that an
//! older program reads; never who may change whom. Over 400 lines: all that is asked of one table.

use super::account::{self, Account, NewAccount, username_key};
use super::roles;
use super::workspaces;
use crate::domain::{
    AccountId, Permissions, Role, Sight, TeamId, Timestamp, User, UserId, WorkspaceId, text, user,
};
use crate::on;
use crate::store::db::prepared::Keep;
use crate::store::db::schema::{accounts, users};
use crate::store::{Conn, StoreError};
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use diesel_async::RunQueryDsl;

/// Any number, the same in every process: who administers users waits for who does so already.
const ADVISORY_LOCK: i64 = 7_061_647;
/// Words of a search; more narrow nothing down.
const WORDS: usize = 6;

/// A user's row.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = users)]
pub struct UserRow {
    id: UserId,
    workspace_id: WorkspaceId,
    username: String,
    full_name: String,
    email: Option<String>,
    role: Role,
    #[diesel(select_expression = roles::of_user())]
    #[diesel(select_expression_type = roles::OfUser)]
    allowed: Option<String>,
    team_ids: String,
    avatar_media_id: Option<i64>,
    created_at: Timestamp,
    deactivated_at: Option<Timestamp>,
    account_id: Option<AccountId>,
}

/// A membership, and whose it is.
#[derive(Debug, Clone)]
pub struct Member {
    /// As the workspace sees them.
    pub user: User,
    /// Who signs in.
    pub account_id: AccountId,
    /// Since when they are no longer a member.
    pub deactivated_at: Option<Timestamp>,
}

/// What a user may do and see.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Rights {
    role: Role,
    permissions: Permissions,
    sight: Sight,
    teams: Vec<TeamId>,
}

impl From<&User> for Rights {
    fn from(user: &User) -> Self {
        let (role, permissions, sight) = (user.role, user.permissions, user.sight);
        Self { role, permissions, sight, teams: user.team_ids.clone() }
    }
}

/// As the rows say it.
pub(crate) fn rights(role: Role, row: Option<&str>, teams: &str) -> Rights {
    let (permissions, sight) = roles::allowed(role, row);
    Rights { role, permissions, sight, teams: user::teams_read(teams) }
}

impl From<UserRow> for Member {
    fn from(row: UserRow) -> Self {
        let (permissions, sight) = roles::allowed(row.role, row.allowed.as_deref());
        Self {
            user: User {
                id: row.id,
                workspace_id: row.workspace_id,
                username: row.username,
                full_name: row.full_name,
                email: row.email,
                role: row.role,
                permissions,
                sight,
                team_ids: user::teams_read(&row.team_ids),
                avatar_url: row.avatar_media_id.map(avatar_url),
                created_at: row.created_at,
            },
            // Every row has one, by the database itself; no account has the id 0.
            account_id: row.account_id.unwrap_or(AccountId(0)),
            deactivated_at: row.deactivated_at,
        }
    }
}

/// Where a picture is fetched.
pub fn avatar_url(media_id: i64) -> String {
    format!("/api/v1/media/{media_id}")
}

/// What keeps the key that an older program signs in by unique: the first membership has the account's own,
/// others one that nobody can type.
fn key_of(username: &str, workspace: WorkspaceId, is_first: bool) -> String {
    let key = username_key(username);
    if is_first { key } else { format!("{key} {workspace}") }
}

fn search_text(username: &str, full_name: &str, email: Option<&str>) -> String {
    text::fold(&format!("{username} {full_name} {}", email.unwrap_or_default()))
}

/// Holds off other processes that administer users until this transaction ends. SQLite has one
/// writer anyway.
pub async fn lock(conn: &mut Conn) -> Result<(), StoreError> {
    if let Conn::Postgres(db) = conn {
        diesel::sql_query(format!("SELECT pg_advisory_xact_lock({ADVISORY_LOCK})")).execute(db).await?;
    }
    Ok(())
}

/// Whether there is any user, deactivated ones too.
pub async fn is_empty(conn: &mut Conn) -> Result<bool, StoreError> {
    let first: Option<UserId> =
        on!(conn, db => users::table.select(users::id).limit(1).first(db).await.optional())?;
    Ok(first.is_none())
}

/// Makes a workspace; its name in addresses follows from what it is called.
pub async fn create_workspace(
    conn: &mut Conn,
    name: &str,
    now: Timestamp,
) -> Result<WorkspaceId, StoreError> {
    let slug = workspaces::free_slug(conn, name).await?;
    workspaces::create(conn, (name, &slug), now).await
}

/// What a new user needs.
#[derive(Debug, Clone)]
pub struct NewUser {
    /// What they sign in with.
    pub username: String,
    /// What others call them.
    pub full_name: String,
    /// Where to write to them.
    pub email: Option<String>,
    /// What they may do.
    pub role: Role,
    /// Their password's hash.
    pub password_hash: String,
}

/// Makes an account with one membership; [`StoreError::Taken`] if the username is.
pub async fn create(
    conn: &mut Conn,
    workspace: WorkspaceId,
    new: &NewUser,
    now: Timestamp,
) -> Result<User, StoreError> {
    let (username, full_name) = (new.username.as_str(), new.full_name.as_str());
    let (email, password_hash) = (new.email.as_deref(), new.password_hash.as_str());
    let id = account::create(conn, NewAccount { username, full_name, email, password_hash }, now).await?;
    let account = account::find(conn, id).await?.ok_or(StoreError::NotFound)?;
    join(conn, &account, (workspace, new.role), now).await
}

/// Makes an account a member of a workspace where it never was one.
pub async fn join(
    conn: &mut Conn,
    account: &Account,
    (workspace, role): (WorkspaceId, Role),
    now: Timestamp,
) -> Result<User, StoreError> {
    let is_first = all_of_account(conn, account.id).await?.is_empty();
    let search = search_text(&account.username, &account.full_name, account.email.as_deref());
    let id: UserId = on!(conn, db => diesel::insert_into(users::table)
        .values((
            users::workspace_id.eq(workspace),
            users::account_id.eq(account.id),
            users::username.eq(&account.username),
            users::username_key.eq(key_of(&account.username, workspace, is_first)),
            users::full_name.eq(&account.full_name),
            users::email.eq(account.email.as_deref()),
            users::search_text.eq(&search),
            users::password_hash.eq(&account.password_hash),
            users::role.eq(role),
            users::created_at.eq(now),
        ))
        .returning(users::id)
        .get_result(db)
        .await)?;
    let made = find(conn, workspace, id).await?;
    made.map(|account| account.user).ok_or(StoreError::NotFound)
}

/// Writes what may change of a membership; what the account signs in with stays.
pub async fn update(conn: &mut Conn, member: &Member) -> Result<(), StoreError> {
    let user = &member.user;
    let search = search_text(&user.username, &user.full_name, user.email.as_deref());
    on!(conn, db => diesel::update(users::table.filter(users::workspace_id.eq(user.workspace_id))
        .filter(users::id.eq(user.id)))
        .set((
            users::full_name.eq(&user.full_name),
            users::email.eq(user.email.as_deref()),
            users::search_text.eq(&search),
            users::role.eq(user.role),
            users::deactivated_at.eq(member.deactivated_at),
        ))
        .kept().execute(db)
        .await)?;
    Ok(())
}

/// Copies into every membership of an account what it signs in with: an older program reads it there, and
/// lists show the name.
pub async fn follow_account(conn: &mut Conn, account: &Account) -> Result<(), StoreError> {
    for (at, Member { user, .. }) in all_of_account(conn, account.id).await?.into_iter().enumerate() {
        let search = search_text(&account.username, &user.full_name, user.email.as_deref());
        on!(conn, db => diesel::update(users::table.find(user.id))
            .set((
                users::username.eq(&account.username),
                users::username_key.eq(key_of(&account.username, user.workspace_id, at == 0)),
                users::search_text.eq(&search),
                users::password_hash.eq(&account.password_hash),
            ))
            .kept().execute(db)
            .await)?;
    }
    Ok(())
}

/// Every membership of an account, those that ended too, by their ids.
pub async fn all_of_account(conn: &mut Conn, account: AccountId) -> Result<Vec<Member>, StoreError> {
    let rows: Vec<UserRow> = on!(conn, db => users::table
        .filter(users::account_id.eq(account))
        .select(UserRow::as_select())
        .order(users::id)
        .load(db)
        .await)?;
    Ok(rows.into_iter().map(Member::from).collect())
}

/// The member with this id.
pub async fn find(conn: &mut Conn, workspace: WorkspaceId, id: UserId) -> Result<Option<Member>, StoreError> {
    let row: Option<UserRow> = on!(conn, db => users::table
        .filter(users::workspace_id.eq(workspace))
        .filter(users::id.eq(id))
        .select(UserRow::as_select())
        .kept().get_result(db)
        .await
        .optional())?;
    Ok(row.map(Member::from))
}

/// Whether this user is of the workspace and can come in; they stay so until this transaction ends.
pub async fn stays(conn: &mut Conn, workspace: WorkspaceId, id: UserId) -> Result<bool, StoreError> {
    let active = || {
        users::table
            .filter(
                users::workspace_id.eq(workspace).and(users::id.eq(id)).and(users::deactivated_at.is_null()),
            )
            .select(users::id)
    };
    let found: Vec<UserId> = match conn {
        Conn::Postgres(db) => active().for_share().load(db).await?,
        Conn::Sqlite(db) => active().load(db).await?,
    };
    Ok(!found.is_empty())
}

/// The first membership of the account that signs in with this username, however it is written.
pub async fn by_username(conn: &mut Conn, username: &str) -> Result<Option<Member>, StoreError> {
    let row: Option<UserRow> = on!(conn, db => users::table
        .inner_join(accounts::table.on(users::account_id.eq(accounts::id.nullable())))
        .filter(accounts::username_key.eq(username_key(username)))
        .select(UserRow::as_select())
        .order(users::id)
        .first(db)
        .await
        .optional())?;
    Ok(row.map(Member::from))
}

/// The member of a workspace who signs in with this username, however it is written.
pub async fn named(
    conn: &mut Conn,
    workspace: WorkspaceId,
    username: &str,
) -> Result<Option<Member>, StoreError> {
    let row: Option<UserRow> = on!(conn, db => users::table
        .inner_join(accounts::table.on(users::account_id.eq(accounts::id.nullable())))
        .filter(accounts::username_key.eq(username_key(username)))
        .filter(users::workspace_id.eq(workspace))
        .select(UserRow::as_select())
        .kept().get_result(db)
        .await
        .optional())?;
    Ok(row.map(Member::from))
}

/// All users, those who can no longer come in too, by their ids.
pub async fn everybody(conn: &mut Conn) -> Result<Vec<Member>, StoreError> {
    let rows: Vec<UserRow> =
        on!(conn, db => users::table.select(UserRow::as_select()).order(users::id).load(db).await)?;
    Ok(rows.into_iter().map(Member::from).collect())
}

/// The members of a workspace, those who left too, by their ids.
pub async fn of_workspace(conn: &mut Conn, workspace: WorkspaceId) -> Result<Vec<Member>, StoreError> {
    let rows: Vec<UserRow> = on!(conn, db => users::table
        .filter(users::workspace_id.eq(workspace))
        .select(UserRow::as_select())
        .order(users::id)
        .load(db)
        .await)?;
    Ok(rows.into_iter().map(Member::from).collect())
}

/// The users of a workspace who can come in and sign in with one of these names (as
/// [`username_key`] writes them).
pub async fn ids_by_keys(
    conn: &mut Conn,
    workspace: WorkspaceId,
    keys: &[String],
) -> Result<Vec<UserId>, StoreError> {
    Ok(on!(conn, db => users::table
        .inner_join(accounts::table.on(users::account_id.eq(accounts::id.nullable())))
        .filter(users::workspace_id.eq(workspace).and(accounts::username_key.eq_any(keys))
            .and(users::deactivated_at.is_null()))
        .order(users::id)
        .select(users::id)
        .load(db)
        .await)?)
}

/// How many admins can come in.
pub async fn count_admins(conn: &mut Conn, workspace: WorkspaceId) -> Result<i64, StoreError> {
    Ok(on!(conn, db => users::table
        .filter(users::workspace_id.eq(workspace))
        .filter(users::role.eq(Role::Admin))
        .filter(users::deactivated_at.is_null())
        .select(sql::<BigInt>("count(*)"))
        .first(db)
        .await)?)
}

/// Which users a list shows.
#[derive(Debug, Clone, Default)]
pub struct Search {
    /// Words that all occur in the username, the name or the e-mail address.
    pub text: String,
    /// Those who can no longer come in, instead of those who can.
    pub deactivated: bool,
    /// Only ids above this one.
    pub after: i64,
    /// How many at most.
    pub limit: i64,
}

/// The users that fit, by their ids.
pub async fn search(
    conn: &mut Conn,
    workspace: WorkspaceId,
    search: &Search,
) -> Result<Vec<Member>, StoreError> {
    let patterns: Vec<String> =
        text::fold(&search.text).split_whitespace().take(WORDS).map(contains).collect();
    let rows: Vec<UserRow> = on!(conn, db => {
        let mut query = users::table
            .filter(users::workspace_id.eq(workspace))
            .filter(users::id.gt(search.after))
            .select(UserRow::as_select())
            .order(users::id)
            .limit(search.limit)
            .into_boxed();
        query = if search.deactivated {
            query.filter(users::deactivated_at.is_not_null())
        } else {
            query.filter(users::deactivated_at.is_null())
        };
        for pattern in &patterns {
            query = query.filter(users::search_text.like(pattern).escape('\\'));
        }
        query.load(db).await
    })?;
    Ok(rows.into_iter().map(Member::from).collect())
}

/// A LIKE pattern in which `word` means itself.
fn contains(word: &str) -> String {
    let mut pattern = String::from("%");
    for letter in word.chars() {
        if matches!(letter, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(letter);
    }
    pattern.push('%');
    pattern
}
