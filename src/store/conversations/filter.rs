//! What a list of conversations is narrowed by. Never how it is written, which is `desk::lists`', and never
//! what it means to the database, which is `narrowed`'s.

use crate::domain::{
    ChannelId, ConversationId, ConversationKind, ConversationStatus, LabelId, Priority, TeamId, UserId,
    WorkspaceId,
};

/// Which conversations a list holds. Several values of one field: any of them; none: whatever it is.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Only with one of these; none: all but spam.
    pub statuses: Vec<ConversationStatus>,
    /// Only what nobody or one of these has.
    pub assignees: Assignees,
    /// Only of these channels.
    pub channels: Vec<ChannelId>,
    /// Only of these teams.
    pub teams: Vec<TeamId>,
    /// Only customers' or only direct ones.
    pub kind: Option<ConversationKind>,
    /// Only with one of these priorities.
    pub priorities: Vec<Priority>,
    /// Only what colleagues say about this conversation.
    pub about: Option<ConversationId>,
    /// Only with one of these labels.
    pub labels: Vec<LabelId>,
    /// Only where a note that the user has not read mentions them.
    pub mentioned: bool,
    /// Only where the user has something left to read.
    pub unread: bool,
    /// Only where a customer waits for an answer, or only where none does.
    pub waiting: Option<bool>,
    /// Only what the user follows.
    pub following: bool,
    /// Only with a person whose folded name holds this (folded, too).
    pub name: Option<String>,
    /// Or, beside a name, with a customer whose number holds these digits.
    pub number: Option<String>,
}

impl Filter {
    /// Whether it may take long to find what fits, however little: a short part of a name may be anybody's,
    /// and what is unread is known beforehand only of those who have read nearly all.
    pub fn may_take_long(&self) -> bool {
        self.unread || self.name.is_some()
    }
}

/// Whose conversations.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Assignees {
    /// Nobody's.
    pub nobody: bool,
    /// These users'.
    pub users: Vec<UserId>,
}

/// Whose marks are looked at.
pub type Owner = (WorkspaceId, UserId);
