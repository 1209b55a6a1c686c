//! How users and tokens look in JSON. Never a hash.

use crate::domain::{
    Credential, LoginSessionId, Permissions, Role, TeamId, Timestamp, TokenId, User, UserId,
};
use crate::store::accounts::login_sessions::SessionRow;
use crate::store::accounts::tokens::Token;
use crate::store::accounts::users::Account;
use serde::Serialize;
use utoipa::ToSchema;

/// A user.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = User)]
pub struct UserView {
    /// Unique in the server.
    #[schema(value_type = i64)]
    pub id: UserId,
    /// What they sign in with.
    pub username: String,
    /// What others call them.
    pub full_name: String,
    /// Where to write to them.
    pub email: Option<String>,
    /// The slug of their role: `admin`, `supervisor`, `agent`, `viewer`, or one of the workspace's own.
    #[schema(value_type = String, example = "agent")]
    pub role: Role,
    /// The teams they are in.
    #[schema(value_type = Vec<i64>)]
    pub team_ids: Vec<TeamId>,
    /// Their picture.
    pub avatar_url: Option<String>,
    /// Whether they may come in.
    pub is_active: bool,
    /// Since when they are here.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
}

/// Whoever asks, and what their role allows them.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Me)]
pub struct MeView {
    #[serde(flatten)]
    user: UserView,
    /// What their role allows.
    permissions: Permissions,
}

impl From<User> for MeView {
    fn from(user: User) -> Self {
        Self { permissions: user.permissions, user: user.into() }
    }
}

impl From<User> for UserView {
    fn from(user: User) -> Self {
        let User { id, username, full_name, email, role, team_ids, avatar_url, created_at, .. } = user;
        Self { id, username, full_name, email, role, team_ids, avatar_url, is_active: true, created_at }
    }
}

impl From<Account> for UserView {
    fn from(account: Account) -> Self {
        Self { is_active: account.deactivated_at.is_none(), ..account.user.into() }
    }
}

/// A bearer token, without the token.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Token)]
pub struct TokenView {
    /// Unique in the server.
    #[schema(value_type = i64)]
    pub id: TokenId,
    /// What its owner calls it.
    pub name: String,
    /// Since when it is there.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// When it was last used, to some minutes.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub last_used_at: Option<Timestamp>,
    /// From when on it is no good.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub expires_at: Option<Timestamp>,
}

impl From<Token> for TokenView {
    fn from(token: Token) -> Self {
        let Token { id, name, created_at, seen_at, expires_at } = token;
        Self { id, name, created_at, last_used_at: seen_at, expires_at }
    }
}

/// A sign-in of a browser.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = LoginSession)]
pub struct SessionView {
    /// Unique in the server.
    #[schema(value_type = i64)]
    pub id: LoginSessionId,
    /// Whether it is the one that asks.
    pub is_current: bool,
    /// What the browser said it is, when it signed in.
    pub device: Option<String>,
    /// From where it signed in.
    pub address: Option<String>,
    /// When it began.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// When it was last used, to some minutes.
    #[schema(value_type = String, format = DateTime)]
    pub last_used_at: Timestamp,
    /// When it ends by itself.
    #[schema(value_type = String, format = DateTime)]
    pub expires_at: Timestamp,
}

impl SessionView {
    /// As whoever asks sees it.
    pub fn of(row: SessionRow, asks: Credential) -> Self {
        let SessionRow { id, created_at, seen_at, expires_at, device, address } = row;
        let is_current = asks == Credential::Login(id);
        Self { id, is_current, device, address, created_at, last_used_at: seen_at, expires_at }
    }
}
