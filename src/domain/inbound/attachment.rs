//! Files that still lie at a platform. Never their bytes.

use crate::domain::MessageType;
use crate::domain::words::words;
use serde::{Deserialize, Serialize};

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
    /// In seconds.
    pub duration: Option<i64>,
    /// In pixels.
    pub width: Option<i64>,
    /// In pixels.
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

words! {
    /// What a file is shown as.
    AttachmentKind {
        /// A picture.
        Image = "image",
        /// A film.
        Video = "video",
        /// A sound file.
        Audio = "audio",
        /// A recording.
        Voice = "voice",
        /// Any file.
        Document = "document",
        /// A sticker.
        Sticker = "sticker",
        /// A film without sound.
        Animation = "animation",
        /// A shared post or reel.
        Share = "share",
    }
}

impl AttachmentKind {
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
