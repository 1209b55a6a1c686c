//! What we ask a platform to send, and what may come of it.
//! Never a platform's JSON shape, never a row, never I/O.

use super::MediaId;
use super::inbound::{AttachmentKind, CustomerIdentity, Thread};
use super::template::TemplateMessage;
use super::words::words;
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use std::time::Duration;
use utoipa::ToSchema;

words! {
    /// How far a row of the outbox came.
    DeliveryStatus {
        /// Waits for its turn.
        Queued = "queued",
        /// Held by a worker, nothing sent yet.
        Claimed = "claimed",
        /// Attempt committed: the first byte may have left.
        Sending = "sending",
        /// The platform accepted it.
        Sent = "sent",
        /// The platform refused it.
        Failed = "failed",
        /// The answer was lost.
        Unconfirmed = "unconfirmed",
        /// Taken back before it was sent.
        Cancelled = "cancelled",
    }
}

/// One request to a platform, and so at most one message there.
#[derive(Debug, Clone, PartialEq)]
pub struct Outbound {
    /// To whom: every name we know, the sender picks the one its platform takes.
    pub thread: Thread,
    /// The part of its message that it sends.
    pub part: Part,
    /// The message it answers, by its platform id.
    pub reply_to: Option<String>,
    /// The topic of the group where the question stood (Telegram).
    pub topic: Option<String>,
    /// Our attempt's id: comes back in receipts (WhatsApp) or the echo (Messenger).
    pub token: String,
    /// A person answers after the 24-hour window (Instagram, Messenger: 7 days, reviewed permission).
    pub human_agent: bool,
}

/// What one request carries.
#[derive(Debug, Clone, PartialEq)]
pub enum Part {
    /// A text.
    Text(String),
    /// One file, with words under it where the platform has captions.
    Media(OutboundMedia),
    /// A reaction on one message; `None` takes it back.
    Reaction {
        /// The message's platform id.
        target: String,
        /// The emoji.
        emoji: Option<String>,
    },
    /// A message the platform approved beforehand.
    Template(Box<OutboundTemplate>),
    /// A place.
    Location {
        /// Degrees north.
        latitude: f64,
        /// Degrees east.
        longitude: f64,
        /// Its name.
        name: Option<String>,
        /// Its address.
        address: Option<String>,
    },
    /// A card with the numbers of somebody.
    Contact(ContactCard),
}

/// An approved message on its way.
#[derive(Debug, Clone, PartialEq)]
pub struct OutboundTemplate {
    /// Itself, filled in.
    pub message: TemplateMessage,
    /// The files that it shows.
    pub files: Vec<TemplateFile>,
}

/// A file that an approved message shows.
#[derive(Debug, Clone, PartialEq)]
pub struct TemplateFile {
    /// As the message names it.
    pub id: MediaId,
    /// Where it is, and what.
    pub media: OutboundMedia,
}

/// Whom to call or write to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ContactCard {
    /// Their name.
    pub name: String,
    /// Their numbers, as they are dialled.
    #[serde(default)]
    pub phones: Vec<String>,
    /// Their addresses.
    #[serde(default)]
    pub emails: Vec<String>,
    /// Where they work.
    #[serde(default)]
    pub organization: Option<String>,
}

/// A file to send.
#[derive(Debug, Clone, PartialEq)]
pub struct OutboundMedia {
    /// How it is to be shown.
    pub kind: AttachmentKind,
    /// Where it is.
    pub source: MediaSource,
    /// Its media type.
    pub mime_type: String,
    /// The name the customer sees.
    pub file_name: Option<String>,
    /// Words under it.
    pub caption: Option<String>,
    /// A picture's width and height, where they are known.
    pub size_in_pixels: Option<(i64, i64)>,
}

impl OutboundMedia {
    /// How many bytes there are, where they lie here.
    pub fn bytes(&self) -> Option<usize> {
        match &self.source {
            MediaSource::Bytes(bytes) => Some(bytes.len()),
            MediaSource::Url(_) | MediaSource::Uploaded(_) => None,
        }
    }
}

/// Where a file to send is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MediaSource {
    /// The bytes themselves.
    Bytes(Bytes),
    /// At an address the platform can reach.
    Url(String),
    /// At the platform already, under this id.
    Uploaded(String),
}

/// What came of a send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SendOutcome {
    /// The platform took it.
    Accepted {
        /// Its name there: what echoes and receipts will say.
        platform_message_id: String,
        /// Names of the customer the answer taught us (a `wa_id` other than the number we dialled).
        learned: Vec<CustomerIdentity>,
    },
    /// Surely not sent: may be tried again.
    NotSent {
        /// Why, without secrets or addresses.
        reason: String,
        /// How long the platform wants us to wait.
        retry_after: Option<Duration>,
        /// Whom the wait concerns.
        scope: Scope,
    },
    /// The platform says no: failed for good.
    Refused(PlatformRefusal),
    /// Perhaps sent: never tried again by itself.
    Unknown {
        /// What was seen, without secrets or addresses.
        reason: String,
    },
}

/// Whom a wait concerns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Scope {
    /// This customer.
    Recipient,
    /// This customer on this channel, ever longer: four times as long each time (WhatsApp).
    Pair,
    /// This channel.
    Channel,
    /// Every channel of this platform's app.
    App,
}

/// A platform's no.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PlatformRefusal {
    /// Its code; with a subcode, `code/subcode`. Ours are words: `too_long`, `unsupported` ….
    pub code: String,
    /// Its own words.
    pub message: String,
    /// The channel is broken (a dead token): pause it, keep its queue, ask a person.
    pub channel_broken: bool,
    /// This customer cannot be reached (blocked, gone).
    pub unreachable: bool,
    /// The time for free words is over: offer a template or the human-agent tag.
    pub window_closed: bool,
    /// A file that lay at the platform is not there any more: it must be brought again.
    pub file_gone: bool,
    /// The chat lives on under this identity: send once more, there.
    pub migrate_to: Option<CustomerIdentity>,
}

impl SendOutcome {
    /// A refusal of our own, before anything left.
    pub fn refused(code: &str, message: impl Into<String>) -> Self {
        Self::Refused(PlatformRefusal {
            code: code.to_owned(),
            message: message.into(),
            ..PlatformRefusal::default()
        })
    }

    /// Surely not sent, without a wait the platform named.
    pub fn not_sent(reason: impl Into<String>) -> Self {
        Self::NotSent { reason: reason.into(), retry_after: None, scope: Scope::Recipient }
    }

    /// Perhaps sent.
    pub fn unknown(reason: impl Into<String>) -> Self {
        Self::Unknown { reason: reason.into() }
    }
}
