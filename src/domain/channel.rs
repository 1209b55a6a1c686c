//! A connected account. Never its secrets: they stay sealed until a platform needs them.

use super::ids::{ChannelId, WorkspaceId};
use super::time::Timestamp;
use super::words::words;
use serde_json::Value;

words! {
    /// The platforms.
    ChannelKind {
        /// WhatsApp Cloud API.
        Whatsapp = "whatsapp",
        /// Instagram messaging, by either login.
        Instagram = "instagram",
        /// Messenger: a Facebook page.
        Messenger = "messenger",
        /// A Telegram bot, business connections included.
        Telegram = "telegram",
        /// Our own widget.
        Webchat = "webchat",
    }

    /// Whether a channel takes part.
    ChannelState {
        /// Receives and sends.
        Active = "active",
        /// Receives; sending waits for a person (a broken token).
        Paused = "paused",
        /// Neither receives nor sends.
        Off = "off",
    }
}

impl ChannelKind {
    /// Whether a person may answer for 7 days, with a tag (docs/platforms.md 3.5, 4).
    pub fn has_human_agent_tag(self) -> bool {
        matches!(self, Self::Instagram | Self::Messenger)
    }
}

/// One account on one platform, or one web chat.
#[derive(Debug, Clone, PartialEq)]
pub struct Channel {
    /// Unique in the server.
    pub id: ChannelId,
    /// Whose it is.
    pub workspace_id: WorkspaceId,
    /// Which platform.
    pub kind: ChannelKind,
    /// What people call it.
    pub name: String,
    /// What its events carry: phone number id, Instagram account id, page id, bot id.
    pub external_id: String,
    /// The platform's own settings, as the contract names them.
    pub options: Value,
    /// Its credentials, sealed.
    pub sealed: Vec<u8>,
    /// Whether it takes part.
    pub state: ChannelState,
    /// Why not, in words for an admin.
    pub state_reason: Option<String>,
    /// When it last said something.
    pub last_event_at: Option<Timestamp>,
    /// Since when it is connected.
    pub created_at: Timestamp,
    /// What its last test found; none: nobody has tested what stands there now.
    pub last_test: Option<ChannelTest>,
}

impl Channel {
    /// Whether something stands above what its agents write.
    pub fn has_signature(&self) -> bool {
        matches!(self.options["signature"].as_str(), Some("name" | "text"))
    }
}

/// What a test of a channel found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChannelTest {
    /// When it was tested.
    pub at: Timestamp,
    /// What was wrong, in words for an admin; none: nothing.
    pub fault: Option<String>,
}
