//! A person who answers in a workspace, and who is asking. Never a password.

use super::conversation::Person;
use super::ids::{AccountId, LoginSessionId, TokenId, UserId, WorkspaceId};
use super::time::Timestamp;
use super::words::words;
use super::workspace::Workspace;
use serde::Serialize;

words! {
    /// Who may do what.
    Role {
        /// Everything, channels and users included.
        Admin = "admin",
        /// Works with conversations.
        Agent = "agent",
    }
}

/// One's membership of a workspace: an agent or an admin there.
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
    /// What they may do.
    pub role: Role,
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

    /// How they stand as the author of a message.
    pub fn author(&self) -> String {
        format!("user:{}", self.id)
    }
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

/// What one may do by one's role, as `/me` tells it: the one place that is asked, so that roles of one's own
/// making change nothing else.
pub fn permissions(role: Role) -> Vec<&'static str> {
    const AGENT: [&str; 3] = ["conversations.read", "conversations.reply", "conversations.update"];
    const ADMIN: [&str; 7] = [
        "customers.erase",
        "channels.manage",
        "flows.manage",
        "hooks.manage",
        "members.manage",
        "reports.read",
        "settings.manage",
    ];
    let more: &[&str] = match role {
        Role::Admin => &ADMIN,
        Role::Agent => &[],
    };
    AGENT.iter().chain(more).copied().collect()
}
