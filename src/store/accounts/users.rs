//! Users and their workspace. Never a password, only its hash; never who may change whom.

use super::roles;
use crate::domain::{Permissions, Role, Sight, TeamId, Timestamp, User, UserId, WorkspaceId, text, user};
use crate::on;
use crate::store::db::prepared::Keep;
use crate::store::db::schema::{users, workspaces};
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
    password_hash: String,
    deactivated_at: Option<Timestamp>,
}

/// A user, and what only signing in needs.
#[derive(Debug, Clone)]
pub struct Account {
    /// The user.
    pub user: User,
    /// Their password's hash.
    pub password_hash: String,
    /// Since when they may no longer come in.
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

impl From<UserRow> for Account {
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
            password_hash: row.password_hash,
            deactivated_at: row.deactivated_at,
        }
    }
}

/// Where a picture is fetched.
pub fn avatar_url(media_id: i64) -> String {
    format!("/api/v1/media/{media_id}")
}

/// One form for all the ways to write a username.
pub fn username_key(username: &str) -> String {
    text::fold(username.trim())
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

/// The workspace of this server, if it is set up.
pub async fn workspace(conn: &mut Conn) -> Result<Option<WorkspaceId>, StoreError> {
    Ok(on!(conn, db => workspaces::table.select(workspaces::id).order(workspaces::id).first(db).await
            .optional())?)
}

/// Makes the workspace.
pub async fn create_workspace(
    conn: &mut Conn,
    name: &str,
    now: Timestamp,
) -> Result<WorkspaceId, StoreError> {
    Ok(on!(conn, db => diesel::insert_into(workspaces::table)
        .values((workspaces::name.eq(name), workspaces::created_at.eq(now)))
        .returning(workspaces::id)
        .get_result(db)
        .await)?)
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

/// Makes a user; [`StoreError::Taken`] if the username is.
pub async fn create(
    conn: &mut Conn,
    workspace: WorkspaceId,
    new: &NewUser,
    now: Timestamp,
) -> Result<User, StoreError> {
    let search = search_text(&new.username, &new.full_name, new.email.as_deref());
    let id: UserId = on!(conn, db => diesel::insert_into(users::table)
        .values((
            users::workspace_id.eq(workspace),
            users::username.eq(&new.username),
            users::username_key.eq(username_key(&new.username)),
            users::full_name.eq(&new.full_name),
            users::email.eq(new.email.as_deref()),
            users::search_text.eq(&search),
            users::password_hash.eq(&new.password_hash),
            users::role.eq(new.role),
            users::created_at.eq(now),
        ))
        .returning(users::id)
        .get_result(db)
        .await)?;
    let made = find(conn, workspace, id).await?;
    made.map(|account| account.user).ok_or(StoreError::NotFound)
}

/// Writes what may change of a user; [`StoreError::Taken`] if the new username is.
pub async fn update(conn: &mut Conn, account: &Account) -> Result<(), StoreError> {
    let user = &account.user;
    let search = search_text(&user.username, &user.full_name, user.email.as_deref());
    on!(conn, db => diesel::update(users::table.filter(users::workspace_id.eq(user.workspace_id))
        .filter(users::id.eq(user.id)))
        .set((
            users::username.eq(&user.username),
            users::username_key.eq(username_key(&user.username)),
            users::full_name.eq(&user.full_name),
            users::email.eq(user.email.as_deref()),
            users::search_text.eq(&search),
            users::password_hash.eq(&account.password_hash),
            users::role.eq(user.role),
            users::deactivated_at.eq(account.deactivated_at),
        ))
        .kept().execute(db)
        .await)?;
    Ok(())
}

/// The account with this id.
pub async fn find(
    conn: &mut Conn,
    workspace: WorkspaceId,
    id: UserId,
) -> Result<Option<Account>, StoreError> {
    let row: Option<UserRow> = on!(conn, db => users::table
        .filter(users::workspace_id.eq(workspace))
        .filter(users::id.eq(id))
        .select(UserRow::as_select())
        .kept().get_result(db)
        .await
        .optional())?;
    Ok(row.map(Account::from))
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

/// The account that signs in with this username, however it is written.
pub async fn by_username(conn: &mut Conn, username: &str) -> Result<Option<Account>, StoreError> {
    let row: Option<UserRow> = on!(conn, db => users::table
        .filter(users::username_key.eq(username_key(username)))
        .select(UserRow::as_select())
        .kept().get_result(db)
        .await
        .optional())?;
    Ok(row.map(Account::from))
}

/// All users, those who can no longer come in too, by their ids.
pub async fn everybody(conn: &mut Conn) -> Result<Vec<Account>, StoreError> {
    let rows: Vec<UserRow> =
        on!(conn, db => users::table.select(UserRow::as_select()).order(users::id).load(db).await)?;
    Ok(rows.into_iter().map(Account::from).collect())
}

/// The users of a workspace who can come in and sign in with one of these names (as
/// [`username_key`] writes them).
pub async fn ids_by_keys(
    conn: &mut Conn,
    workspace: WorkspaceId,
    keys: &[String],
) -> Result<Vec<UserId>, StoreError> {
    Ok(on!(conn, db => users::table
        .filter(users::workspace_id.eq(workspace).and(users::username_key.eq_any(keys))
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
) -> Result<Vec<Account>, StoreError> {
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
    Ok(rows.into_iter().map(Account::from).collect())
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
