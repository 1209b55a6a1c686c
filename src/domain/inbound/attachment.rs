//! Files that still lie at a platform. Never their bytes.

use crate::domain::{MessageType, UnknownWord};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A file that still lies at the platform.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RemoteAttachment {
    /// What it is shown as.
    pub kind: AttachmentKind,
    /// Where to get it.
    pub source: RemoteSource,
    /// The media type without parameters, lower case, as the platform claims.
    pub mime_type: Option<String>,
    /// The sender's name for it: for display, never for a path.
    pub file_name: Option<String>,
    /// Bytes, as the platform claims.
    pub size: Option<i64>,
    /// Seconds.
    pub duration: Option<i64>,
    /// Pixels.
    pub width: Option<i64>,
    /// Pixels.
    pub height: Option<i64>,
    /// It moves: an animated sticker, a film without sound.
    pub animated: bool,
}

impl RemoteAttachment {
    /// A file of which only the kind and the place are known.
    pub fn new(kind: AttachmentKind, source: RemoteSource) -> Self {
        Self {
            kind,
            source,
            mime_type: None,
            file_name: None,
            size: None,
            duration: None,
            width: None,
            height: None,
            animated: false,
        }
    }
}

/// What a file is shown as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AttachmentKind {
    /// A picture.
    Image,
    /// A film.
    Video,
    /// A sound file.
    Audio,
    /// A recording.
    Voice,
    /// Any file.
    Document,
    /// A sticker.
    Sticker,
    /// A film without sound.
    Animation,
    /// A shared post or reel.
    Share,
}

impl AttachmentKind {
    /// Every kind.
    pub const ALL: &'static [Self] = &[
        Self::Image,
        Self::Video,
        Self::Audio,
        Self::Voice,
        Self::Document,
        Self::Sticker,
        Self::Animation,
        Self::Share,
    ];

    /// The word as it stands in JSON and in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Image => "image",
            Self::Video => "video",
            Self::Audio => "audio",
            Self::Voice => "voice",
            Self::Document => "document",
            Self::Sticker => "sticker",
            Self::Animation => "animation",
            Self::Share => "share",
        }
    }

    /// The type of a message that holds one such file.
    pub fn message_type(self) -> MessageType {
        match self {
            Self::Image | Self::Share => MessageType::Image,
            Self::Video => MessageType::Video,
            Self::Audio => MessageType::Audio,
            Self::Voice => MessageType::Voice,
            Self::Document => MessageType::Document,
            Self::Sticker => MessageType::Sticker,
            Self::Animation => MessageType::Animation,
        }
    }

    /// The kind a media type is shown as.
    pub fn of_mime(mime: &str) -> Self {
        match mime.split('/').next() {
            Some("image") if mime == "image/gif" => Self::Animation,
            Some("image") => Self::Image,
            Some("video") => Self::Video,
            // Recorders write it, and platforms play it as a voice note.
            Some("audio") if matches!(mime, "audio/ogg" | "audio/opus") => Self::Voice,
            Some("audio") => Self::Audio,
            _ => Self::Document,
        }
    }
}

impl std::str::FromStr for AttachmentKind {
    type Err = UnknownWord;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .iter()
            .copied()
            .find(|kind| kind.as_str() == text)
            .ok_or_else(|| UnknownWord { kind: "AttachmentKind", text: text.chars().take(40).collect() })
    }
}

/// Where a file is to be got.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "at", rename_all = "snake_case")]
pub enum RemoteSource {
    /// WhatsApp: an id to look up; the address, if the webhook brought it, lives 5 minutes.
    WhatsappMedia {
        /// The media id.
        id: String,
        /// A short-lived address.
        url: Option<String>,
    },
    /// An address that expires.
    Url {
        /// The address.
        url: String,
    },
    /// Telegram: a file id of this bot.
    TelegramFile {
        /// What `getFile` takes.
        file_id: String,
    },
    /// The platform keeps it to itself (private, expired, too big).
    Withheld,
}

impl RemoteSource {
    /// Whether it is the same file: a short-lived address beside an id says nothing.
    pub fn is_same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::WhatsappMedia { id: one, .. }, Self::WhatsappMedia { id: other, .. }) => one == other,
            _ => self == other,
        }
    }
}
