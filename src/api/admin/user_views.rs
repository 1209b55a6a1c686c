//! How users and tokens look in JSON. Never a hash.

use crate::auth::SignedIn;
use crate::domain::{
    AccountId, Credential, Identity, LoginSessionId, Permissions, Role, TeamId, Timestamp, TokenId, User,
    UserId, Workspace, WorkspaceId,
};
use crate::store::accounts::account::Account;
use crate::store::accounts::login_sessions::SessionRow;
use crate::store::accounts::tokens::Token;
use crate::store::accounts::users::Member;
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

impl From<User> for UserView {
    fn from(user: User) -> Self {
        let User { id, username, full_name, email, role, team_ids, avatar_url, created_at, .. } = user;
        Self { id, username, full_name, email, role, team_ids, avatar_url, is_active: true, created_at }
    }
}

impl From<Member> for UserView {
    fn from(member: Member) -> Self {
        Self { is_active: member.deactivated_at.is_none(), ..member.user.into() }
    }
}

/// A workspace, as its members name it.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = WorkspaceName)]
pub struct WorkspaceNameView {
    /// Unique in the server.
    #[schema(value_type = i64)]
    pub id: WorkspaceId,
    /// Its name in addresses: `/w/{slug}/`.
    pub slug: String,
    /// What people call it.
    pub name: String,
}

impl From<&Workspace> for WorkspaceNameView {
    fn from(workspace: &Workspace) -> Self {
        Self { id: workspace.id, slug: workspace.slug.clone(), name: workspace.name.clone() }
    }
}

/// Whoever signs in, in one or many workspaces.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Account)]
pub struct AccountView {
    /// Unique in the server.
    #[schema(value_type = i64)]
    pub id: AccountId,
    /// What they sign in with.
    pub username: String,
    /// What they are called where nobody knows them yet.
    pub full_name: String,
    /// Where to write to them.
    pub email: Option<String>,
    /// Since when they are here.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
}

/// Of which workspace one is a member, as whom.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Membership)]
pub struct MembershipView {
    /// The workspace.
    pub workspace: WorkspaceNameView,
    /// Who one is there.
    #[schema(value_type = i64)]
    pub user_id: UserId,
    /// The slug of one's role there.
    #[schema(value_type = String, example = "agent")]
    pub role: Role,
}

/// Who is signed in, where, and where else.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Me)]
pub struct MeView {
    /// The membership of this workspace.
    #[serde(flatten)]
    pub user: UserView,
    /// Who signed in.
    pub account: AccountView,
    /// Where this was asked.
    pub workspace: WorkspaceNameView,
    /// Every workspace one is a member of, this one too; a token has one.
    pub memberships: Vec<MembershipView>,
    /// What one's role allows here.
    pub permissions: Permissions,
    /// Whether one may make a workspace.
    pub can_create_workspaces: bool,
}

impl MeView {
    /// Who asks, by what account, and whether that may make workspaces.
    pub fn of(identity: Identity, (account, is_maker): (Account, bool), signed_in: &SignedIn) -> Self {
        let Account { id, username, full_name, email, created_at, .. } = account;
        let membership = |seat: &std::sync::Arc<Identity>| MembershipView {
            workspace: (&seat.workspace).into(),
            user_id: seat.user.id,
            role: seat.user.role,
        };
        Self {
            account: AccountView { id, username, full_name, email, created_at },
            workspace: (&identity.workspace).into(),
            memberships: signed_in.seats.iter().map(membership).collect(),
            permissions: identity.user.permissions,
            can_create_workspaces: is_maker,
            user: identity.user.into(),
        }
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
