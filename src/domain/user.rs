//! A person who answers in a workspace, and who is asking. Never a password.

use super::conversation::{ConversationState, Person};
use super::ids::{AccountId, LoginSessionId, TeamId, TokenId, UserId, WorkspaceId};
use super::permission::{Permission, Permissions};
use super::refusal::Refusal;
use super::role::{self, Role};
use super::sight::{Eyes, Sight};
use super::time::Timestamp;

use super::workspace::Workspace;
use serde::Serialize;

/// One's membership of a workspace.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct User {
    /// Unique in the server.
    pub id: UserId,
    /// Whose they are.
    #[serde(skip)]
    pub workspace_id: WorkspaceId,
    /// What they sign in with.
    pub username: String,
    /// What others call them.
    pub full_name: String,
    /// Where to write to them.
    pub email: Option<String>,
    /// Their role.
    pub role: Role,
    /// What it allows them.
    #[serde(skip)]
    pub permissions: Permissions,
    /// What of customers' conversations it shows them.
    #[serde(skip)]
    pub sight: Sight,
    /// The teams they are in.
    pub team_ids: Vec<TeamId>,
    /// Their picture.
    pub avatar_url: Option<String>,
    /// Since when they are here.
    pub created_at: Timestamp,
}

impl User {
    /// What others see of them.
    pub fn person(&self) -> Person {
        Person { id: self.id, name: self.full_name.clone(), avatar_url: self.avatar_url.clone() }
    }

    /// Whether their role allows something.
    pub fn may(&self, permission: Permission) -> bool {
        self.permissions.has(permission)
    }

    /// What they see customers' conversations with.
    pub fn eyes(&self) -> Eyes {
        Eyes { user: self.id, sight: self.sight, teams: self.team_ids.clone() }
    }

    /// Whether they see a customer's conversation.
    pub fn sees(&self, state: &ConversationState) -> bool {
        self.sight == Sight::Everything || self.eyes().see(state.assignee_id, state.team_id)
    }

    /// Refuses what their role does not allow.
    pub fn require(&self, permission: Permission) -> Result<(), Refusal> {
        if self.may(permission) { Ok(()) } else { Err(role::lacks(permission)) }
    }

    /// Refuses whose role allows none of these; the first is named.
    pub fn require_any(&self, permissions: &[Permission]) -> Result<(), Refusal> {
        let [first, ..] = permissions else { return Ok(()) };
        if permissions.iter().any(|one| self.may(*one)) { Ok(()) } else { self.require(*first) }
    }

    /// How they stand as the author of a message.
    pub fn author(&self) -> String {
        format!("user:{}", self.id)
    }
}

/// The teams of a user as they stand in a row.
pub fn teams_written(ids: &[TeamId]) -> String {
    ids.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
}

/// The teams that a row names.
pub fn teams_read(text: &str) -> Vec<TeamId> {
    text.split_whitespace().filter_map(|id| id.parse().ok()).collect()
}

/// By what a request proved who it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Credential {
    /// A browser's cookie.
    Login(LoginSessionId),
    /// A bearer token.
    Token(TokenId),
}

/// Who is asking, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// Whoever signed in.
    pub account_id: AccountId,
    /// Their membership of the workspace.
    pub user: User,
    /// Where they ask.
    pub workspace: Workspace,
    /// How they proved it.
    pub credential: Credential,
}
