//! What a platform told us, in our own words: the values between the parsers and the ledger.
//! Never a platform's JSON shape, never a row, never I/O.

use super::{ChannelKind, Direction, MessageStatus, MessageType, Origin, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// One event of one webhook body. A body's events come ordered by provider time, then position.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct InboundEvent {
    /// The channel's `external_id`; empty where the event names none.
    pub account: String,
    /// What stands above the account: WhatsApp's business account (WABA) id.
    pub business: Option<String>,
    /// The provider's time of the event, normalised.
    pub occurred_at: Option<Timestamp>,
    /// Where it stood in the body, counted from 0.
    pub position: usize,
    /// Another app holds this thread: stored and shown, read-only.
    pub standby: bool,
    /// The JSON text of this one event, cleaned of lone surrogates and NUL, otherwise as it came.
    pub raw: String,
    /// What happened.
    pub kind: InboundKind,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum InboundKind {
    /// Somebody wrote; also an echo of what our side wrote, here or elsewhere.
    Message(Box<InboundMessage>),
    /// What we sent came further, or failed.
    Receipt(Box<Receipt>),
    /// A message has new content.
    Edit(Box<Edit>),
    /// Messages were taken back.
    Deletion(Box<Deletion>),
    /// Somebody's reactions on one message are now these.
    Reaction(Box<Reaction>),
    /// A person has another number or id; the conversation goes on.
    IdentityChange(Box<IdentityChange>),
    /// A person came by an ad or a link, without a word of their own.
    Referral(Box<Referral>),
    /// A person blocked us, or lets us in again.
    Reachability {
        /// Whom it concerns.
        thread: Thread,
        /// Whether a message would reach them now.
        reachable: bool,
        /// The platform's number of the event.
        event_id: Option<String>,
    },
    /// A bot was connected to, or cut off from, an owner's personal account.
    BusinessConnection {
        /// The connection.
        id: String,
        /// The owner's user id.
        owner_id: String,
        /// Whether sending through it is allowed.
        enabled: bool,
        /// The platform's number of the event.
        event_id: Option<String>,
    },
    /// Something about the channel itself.
    ChannelNotice {
        /// The platform's word for it.
        code: String,
        /// What it means for the channel.
        effect: ChannelEffect,
        /// The platform's explanation, if it gave one.
        text: String,
    },
    /// Not for an inbox.
    Ignored {
        /// Why; never a customer's text.
        reason: String,
    },
    /// Shaped like a message or receipt, but not to be understood: goes to quarantine.
    Unreadable {
        /// What is wrong; never a customer's text.
        error: String,
    },
}

/// What a notice means for the channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChannelEffect {
    /// Sending no longer works until somebody acts.
    Broken,
    /// It works again.
    Restored,
    /// Only to be known.
    Note,
}

/// Which side speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Author {
    /// The customer.
    Customer,
    /// The business, by whatever tool.
    Owner,
}

/// A message, of either side.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct InboundMessage {
    /// Who wrote it.
    pub author: Author,
    /// Where it was written, as far as the event tells (an own send proves itself later).
    pub origin: Origin,
    /// Whether it may be the echo of a send of ours: only then it is matched and parked.
    pub may_be_ours: bool,
    /// The platform's name for it, unique within the channel.
    pub platform_message_id: String,
    /// With whom.
    pub thread: Thread,
    /// What the event says of the customer (or group).
    pub profile: Profile,
    /// Who of a group wrote it.
    pub sender: Option<Participant>,
    /// What it is.
    pub message_type: MessageType,
    /// Its words: text, caption, the title of a pressed button. Never empty.
    pub text: Option<String>,
    /// Its files, none of them fetched yet.
    pub attachments: Vec<RemoteAttachment>,
    /// The message it answers, by its platform id.
    pub reply_to: Option<String>,
    /// What else it holds: `location`, `contacts`, `interactive`, `referral`, `story`,
    /// `forwarded`, `unsupported`, `order`, `share` …; empty for plain words.
    pub details: Map<String, Value>,
    /// The token of ours that came back with an echo.
    pub our_token: Option<String>,
    /// The app an echo was written with, as the platform prints it.
    pub app_id: Option<String>,
    /// The album it belongs to; each picture comes as a message of its own.
    pub album: Option<String>,
    /// Set for an import of old messages: no unread, no bot, no window, no reopening.
    pub history: Option<History>,
    /// A press of a button that the platform wants answered by this id.
    pub callback_id: Option<String>,
}

/// How an old message stood when it was imported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct History {
    /// How far it had come.
    pub status: MessageStatus,
    /// Its media comes with a later event of the same id.
    pub placeholder: bool,
    /// This is that later event: it fills a placeholder that may be there.
    pub fills_placeholder: bool,
}

/// With whom a conversation is: what a conversation is found by, and what we send to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Thread {
    /// Every name of the customer (or the one of the group), the best first. Empty: unknown.
    pub identities: Vec<CustomerIdentity>,
    /// Telegram: the connection to an owner's personal account it came through.
    pub business_connection: Option<String>,
}

impl Thread {
    /// The thread of one identity.
    pub fn of(identity: CustomerIdentity) -> Self {
        Self { identities: vec![identity], business_connection: None }
    }

    /// The identity of this kind, if there is one.
    pub fn find(&self, kind: IdentityKind) -> Option<&CustomerIdentity> {
        self.identities.iter().find(|identity| identity.kind == kind)
    }

    /// The first identity: what a new customer is named by.
    pub fn first(&self) -> Option<&CustomerIdentity> {
        self.identities.first()
    }

    /// Whether it is a group's.
    pub fn is_group(&self) -> bool {
        self.identities.iter().any(|identity| identity.kind.is_group())
    }

    /// Adds an identity unless it is there.
    pub fn add(&mut self, identity: CustomerIdentity) {
        if !self.identities.contains(&identity) {
            self.identities.push(identity);
        }
    }
}

/// One name a platform knows a person or group by; `external_id` alone is unique in a channel.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct CustomerIdentity {
    /// What kind of name.
    pub kind: IdentityKind,
    /// The name. A telephone number has digits only, no `+`.
    pub external_id: String,
}

impl CustomerIdentity {
    /// A name of this kind.
    pub fn new(kind: IdentityKind, external_id: impl Into<String>) -> Self {
        Self { kind, external_id: external_id.into() }
    }

    /// A WhatsApp number, with or without `+`.
    pub fn phone(number: &str) -> Self {
        Self::new(IdentityKind::Phone, number.trim().trim_start_matches('+'))
    }

    /// The chat of an owner's personal Telegram account: apart from a bot chat with the same person.
    pub fn telegram_business(connection: &str, chat: &str) -> Self {
        Self::new(IdentityKind::TelegramBusiness, format!("{connection}:{chat}"))
    }

    /// What a person typed or an API call named (`external_id` of a channel's customer).
    pub fn from_external(channel: ChannelKind, external_id: &str, business_connection: Option<&str>) -> Self {
        let id = external_id.trim();
        match (channel, business_connection) {
            (ChannelKind::Whatsapp, _) if is_bsuid(id) => Self::new(IdentityKind::Bsuid, id),
            (ChannelKind::Whatsapp, _) => Self::phone(id),
            (ChannelKind::Instagram, _) => Self::new(IdentityKind::Igsid, id),
            (ChannelKind::Messenger, _) => Self::new(IdentityKind::Psid, id),
            (ChannelKind::Telegram, Some(connection)) => Self::telegram_business(connection, id),
            (ChannelKind::Telegram, None) if id.starts_with('-') => Self::new(IdentityKind::TelegramGroup, id),
            (ChannelKind::Telegram, None) => Self::new(IdentityKind::TelegramUser, id),
            (ChannelKind::Webchat, _) => Self::new(IdentityKind::Visitor, id),
        }
    }

    /// The id as the platform itself writes it, without the connection before it.
    pub fn platform_id(&self) -> &str {
        match (self.kind, self.external_id.rsplit_once(':')) {
            (IdentityKind::TelegramBusiness, Some((_, chat))) => chat,
            _ => &self.external_id,
        }
    }

    /// The connection an owner's personal chat goes through.
    pub fn business_connection(&self) -> Option<&str> {
        match (self.kind, self.external_id.rsplit_once(':')) {
            (IdentityKind::TelegramBusiness, Some((connection, _))) => Some(connection),
            _ => None,
        }
    }
}

/// `CC.…`: two capital letters, a dot, then letters, digits and dots.
fn is_bsuid(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.len() > 3
        && bytes[..2].iter().all(u8::is_ascii_uppercase)
        && bytes[2] == b'.'
        && bytes[3..].iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'.')
}

/// What kind of name an identity is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IdentityKind {
    /// A telephone number (WhatsApp's `wa_id`).
    Phone,
    /// WhatsApp's business-scoped user id.
    Bsuid,
    /// The same, scoped to a parent business.
    ParentBsuid,
    /// A group on WhatsApp.
    WhatsappGroup,
    /// Instagram's id of a person for one account.
    Igsid,
    /// Messenger's id of a person for one page.
    Psid,
    /// A Telegram user's id.
    TelegramUser,
    /// A Telegram group's or channel's id.
    TelegramGroup,
    /// A chat of an owner's personal account: `connection:chat`.
    TelegramBusiness,
    /// A visitor of the web chat.
    Visitor,
}

impl IdentityKind {
    /// Every kind.
    pub const ALL: &'static [Self] = &[
        Self::Phone, Self::Bsuid, Self::ParentBsuid, Self::WhatsappGroup, Self::Igsid, Self::Psid,
        Self::TelegramUser, Self::TelegramGroup, Self::TelegramBusiness, Self::Visitor,
    ];

    /// The word as it stands in JSON and in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Phone => "phone",
            Self::Bsuid => "bsuid",
            Self::ParentBsuid => "parent_bsuid",
            Self::WhatsappGroup => "whatsapp_group",
            Self::Igsid => "igsid",
            Self::Psid => "psid",
            Self::TelegramUser => "telegram_user",
            Self::TelegramGroup => "telegram_group",
            Self::TelegramBusiness => "telegram_business",
            Self::Visitor => "visitor",
        }
    }

    /// Whether many people stand behind one such name.
    pub fn is_group(self) -> bool {
        matches!(self, Self::WhatsappGroup | Self::TelegramGroup)
    }
}

impl std::str::FromStr for IdentityKind {
    type Err = super::UnknownWord;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.iter().copied().find(|kind| kind.as_str() == text)
            .ok_or_else(|| super::UnknownWord { kind: "IdentityKind", text: text.chars().take(40).collect() })
    }
}

/// What an event says of a person or group; `None` never overwrites what is known.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Profile {
    /// The name they chose.
    pub name: Option<String>,
    /// Their handle, without `@`.
    pub username: Option<String>,
    /// Where their picture is, for a while.
    pub avatar_url: Option<String>,
    /// Their language, as the platform writes it.
    pub locale: Option<String>,
}

/// One person of a group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Participant {
    /// Who.
    pub identity: CustomerIdentity,
    /// What the event says of them.
    pub profile: Profile,
}

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
            kind, source, mime_type: None, file_name: None, size: None,
            duration: None, width: None, height: None, animated: false,
        }
    }
}

/// What a file is shown as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
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
        Self::Image, Self::Video, Self::Audio, Self::Voice, Self::Document, Self::Sticker, Self::Animation, Self::Share,
    ];

    /// The word as it stands in JSON and in the database.
    pub fn as_str(self) -> &'static str {
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
            Some("audio") => Self::Audio,
            _ => Self::Document,
        }
    }
}

impl std::str::FromStr for AttachmentKind {
    type Err = super::UnknownWord;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.iter().copied().find(|kind| kind.as_str() == text)
            .ok_or_else(|| super::UnknownWord { kind: "AttachmentKind", text: text.chars().take(40).collect() })
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

/// News of what we sent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Receipt {
    /// The messages it names.
    pub message_ids: Vec<String>,
    /// It also counts for everything sent before.
    pub up_to: Option<UpTo>,
    /// How far they came.
    pub status: MessageStatus,
    /// Why they failed.
    pub error: Option<PlatformError>,
    /// The token of ours that came back with it.
    pub our_token: Option<String>,
    /// To whom they were sent.
    pub thread: Thread,
    /// Which member of the group it speaks of.
    pub participant: Option<CustomerIdentity>,
}

/// How far back a receipt counts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UpTo {
    /// This message and what our side sent before it.
    Message(String),
    /// What our side sent at or before this moment.
    Moment(Timestamp),
}

/// A platform's refusal, in its own words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlatformError {
    /// Its code; with a subcode, `code/subcode`.
    pub code: String,
    /// Its message.
    pub message: String,
}

/// New content of a message.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Edit {
    /// The message.
    pub target: String,
    /// The edit's own id, if it has one.
    pub event_id: Option<String>,
    /// Edits of one message count by this number, not by arrival; the higher wins.
    pub order: i64,
    /// Who edited.
    pub author: Author,
    /// In which conversation.
    pub thread: Thread,
    /// The new type; `None`: only the words changed.
    pub message_type: Option<MessageType>,
    /// The new words.
    pub text: Option<String>,
    /// The new files; `None`: as they were.
    pub attachments: Option<Vec<RemoteAttachment>>,
    /// The new details.
    pub details: Map<String, Value>,
}

/// Messages taken back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deletion {
    /// The messages; a tombstone is kept for one we do not know yet.
    pub targets: Vec<String>,
    /// The event's own id, if it has one.
    pub event_id: Option<String>,
    /// Who took them back.
    pub author: Author,
    /// In which conversation.
    pub thread: Thread,
}

/// All reactions of one person on one message, replacing what they were.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reaction {
    /// The message.
    pub target: String,
    /// The event's own id, if it has one.
    pub event_id: Option<String>,
    /// Which side reacts.
    pub author: Author,
    /// Who reacts.
    pub actor: Option<Participant>,
    /// Their emojis now; empty: none any more.
    pub emojis: Vec<String>,
    /// In which conversation.
    pub thread: Thread,
}

/// A person's names changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IdentityChange {
    /// The event's id: the notice is a message of that id.
    pub platform_message_id: String,
    /// The names they had.
    pub old: Vec<CustomerIdentity>,
    /// The names they have now.
    pub new: Vec<CustomerIdentity>,
    /// The platform's notice.
    pub notice: Option<String>,
}

/// How a person came.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Referral {
    /// Who.
    pub thread: Thread,
    /// Where from: `ref`, `source`, `type`, `ad_id` ….
    pub referral: Value,
}

impl InboundKind {
    /// Which way the event went; receipts and notices count as the customer's doing.
    pub fn direction(&self) -> Direction {
        let author = match self {
            Self::Message(message) => message.author,
            Self::Edit(edit) => edit.author,
            Self::Deletion(deletion) => deletion.author,
            Self::Reaction(reaction) => reaction.author,
            Self::Receipt(_) => Author::Owner,
            _ => Author::Customer,
        };
        match author {
            Author::Customer => Direction::CustomerToOwner,
            Author::Owner => Direction::OwnerToCustomer,
        }
    }

    /// The conversation it belongs to, if it names one.
    pub fn thread(&self) -> Option<&Thread> {
        match self {
            Self::Message(message) => Some(&message.thread),
            Self::Receipt(receipt) => Some(&receipt.thread),
            Self::Edit(edit) => Some(&edit.thread),
            Self::Deletion(deletion) => Some(&deletion.thread),
            Self::Reaction(reaction) => Some(&reaction.thread),
            Self::Referral(referral) => Some(&referral.thread),
            Self::Reachability { thread, .. } => Some(thread),
            _ => None,
        }
    }
}
