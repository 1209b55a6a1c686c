//! The names of rows: one newtype a table, so that a user's id is never taken for a message's.
//! Never anything but a number: what an id points at is the store's business.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
        #[serde(transparent)]
        pub struct $name(pub i64);

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }

        impl std::str::FromStr for $name {
            type Err = std::num::ParseIntError;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }
    )*};
}

ids! {
    /// One tenant; every query carries it.
    WorkspaceId,
    /// Whoever signs in: one person, in one or many workspaces.
    AccountId,
    /// A membership: a person who answers in one workspace.
    UserId,
    /// A workspace's wish to have somebody as a member.
    OfferId,
    /// One connected account on one platform, or one web chat.
    ChannelId,
    /// A person who writes to us.
    CustomerId,
    /// All that one customer and one channel, or a few colleagues, say to each other.
    ConversationId,
    /// One message of a conversation.
    MessageId,
    /// One file of a message.
    AttachmentId,
    /// One stored file.
    MediaId,
    /// One row of the outbox: what we owe a customer.
    DeliveryId,
    /// One flow.
    FlowId,
    /// One walk through a flow, for one conversation.
    RunId,
    /// One sign-in of one browser.
    LoginSessionId,
    /// One label of conversations.
    LabelId,
    /// One canned reply.
    CannedReplyId,
    /// Some of those who answer, together.
    TeamId,
    /// One saved filter of a user.
    ViewId,
    /// One change of everything that matched a filter.
    BulkJobId,
    /// One bearer token.
    TokenId,
    /// One answer of a model, written or not.
    TurnId,
    /// One program outside that hears what happens here.
    HookId,
    /// One event that a hook is owed.
    HookDeliveryId,
}
