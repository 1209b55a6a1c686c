//! What a platform told us, in our own words: the values between the parsers and the ledger.
//! Never a platform's JSON shape, never a row, never I/O.

mod attachment;
mod people;

pub use attachment::{AttachmentKind, RemoteAttachment, RemoteSource};
pub use people::{CustomerIdentity, IdentityKind, PROVED_VISITOR, Participant, Profile, Thread};

use super::template::TemplateNews;
use super::words::words;
use super::{MessageStatus, MessageType, NumberStanding, Origin, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

words! {
    /// What became of a webhook's event.
    Outcome {
        /// A new message.
        Stored = "stored",
        /// Known already.
        Duplicate = "duplicate",
        /// Changed a message there is, or waits for it.
        Updated = "updated",
        /// Not ours.
        Ignored = "ignored",
    }

    /// Which way a webhook's event went.
    Direction {
        /// The customer wrote.
        CustomerToOwner = "customer_to_owner",
        /// Our side wrote, here or elsewhere.
        OwnerToCustomer = "owner_to_customer",
    }
}

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
    /// A person told the platform whether they want offers.
    Preference {
        /// Whom it concerns.
        thread: Thread,
        /// Whether they want them.
        wanted: bool,
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
    /// How the platform rates a number of the business, named as people dial it.
    NumberStanding(Box<NumberStanding>),
    /// Something about an approved message of the business account.
    Template(TemplateNews),
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
    /// The new words; `None`: as they were, or none any more.
    pub text: Option<String>,
    /// The event says that there are no words any more. Without it, words that are absent stay as they were.
    #[serde(default)]
    pub has_no_words: bool,
    /// The new files; `None`: as they were.
    pub attachments: Option<Vec<RemoteAttachment>>,
    /// The new details.
    pub details: Map<String, Value>,
    /// The message as it is now, as far as the edit tells: what is shown if the message never comes.
    #[serde(default)]
    pub alone: Option<Box<InboundMessage>>,
    /// `alone` is all of the message, and the message itself cannot follow any more.
    #[serde(default)]
    pub is_whole: bool,
    /// When the message was written, where the edit tells.
    #[serde(default)]
    pub written_at: Option<Timestamp>,
}

impl Edit {
    /// The message as far as the edit tells it.
    pub fn as_message(&self) -> InboundMessage {
        if let Some(alone) = &self.alone {
            return (**alone).clone();
        }
        let files = self.attachments.clone().unwrap_or_default();
        let is_told = self.text.is_some() || !files.is_empty();
        let mut details = self.details.clone();
        if !is_told {
            details.insert("unsupported".into(), serde_json::json!({ "type": "edit", "code": null }));
        }
        InboundMessage {
            author: self.author,
            origin: if self.author == Author::Owner { Origin::Phone } else { Origin::Platform },
            may_be_ours: false,
            platform_message_id: self.target.clone(),
            thread: self.thread.clone(),
            profile: Profile::default(),
            sender: None,
            message_type: if is_told {
                self.message_type.unwrap_or(MessageType::Text)
            } else {
                MessageType::Unsupported
            },
            text: self.text.clone(),
            attachments: files,
            reply_to: None,
            details,
            our_token: None,
            app_id: None,
            album: None,
            history: None,
            callback_id: None,
        }
    }
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
    /// With whom.
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
            Self::Reachability { thread, .. } | Self::Preference { thread, .. } => Some(thread),
            _ => None,
        }
    }
}
