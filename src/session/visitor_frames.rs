//! The frames of the web chat, both ways, and a message in a customer's eyes. Never a decision.

use crate::domain::message::{Attachment, Failure, Quote, Reaction, Sender};
use crate::domain::{
    ChannelId, ConversationId, Message, MessageId, MessageStatus, MessageType, Origin, SenderType, Timestamp,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Who the page around the frame says its visitor is: `hash` is HMAC-SHA256 of `user_id` with the channel's
/// identity secret, in hex, which only that page's server can make.
#[derive(Debug, Clone, Deserialize)]
pub struct Identified {
    /// What the page knows the visitor by.
    pub user_id: String,
    /// The proof.
    pub hash: String,
    /// What they are called.
    #[serde(default)]
    pub name: Option<String>,
}

/// What a visitor writes.
#[derive(Debug, Clone, Deserialize)]
pub struct VisitorDraft {
    /// Made by the client, unique per message.
    pub client_id: String,
    /// The words.
    #[serde(default)]
    pub content: Option<String>,
    /// What it answers.
    #[serde(default)]
    pub reply_to: Option<MessageId>,
    /// Its files, uploaded before.
    #[serde(default)]
    pub attachment_ids: Vec<i64>,
}

#[derive(Debug, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(crate) enum FromVisitor {
    Hello {
        token: Option<String>,
        after: Option<i64>,
        name: Option<String>,
        #[serde(default)]
        identity: Option<Identified>,
    },
    Send(VisitorDraft),
    Typing {
        is_typing: bool,
    },
    Read {
        seq: i64,
    },
    History {
        before_seq: i64,
    },
    Ping,
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(crate) enum ToVisitor<'a> {
    Welcome {
        token: &'a str,
        /// The token is a new one of the same conversation: what a page shows of it stays.
        #[serde(rename = "renewed", skip_serializing_if = "std::ops::Not::not")]
        is_renewed: bool,
        conversation_id: Option<ConversationId>,
        version: i64,
        heartbeat_ms: u64,
        epoch: &'a str,
        channel: ChannelName<'a>,
        /// When somebody answers, `{time_zone, days: [{day, from, to}]}`; null: at any time, or nobody said.
        hours: Option<&'a Value>,
        /// What the visitor has not read of what our side wrote.
        unread: usize,
        messages: Vec<Seen<'a>>,
    },
    ChatMessage {
        conversation_id: ConversationId,
        version: i64,
        message: Seen<'a>,
    },
    MessageSent {
        client_id: &'a str,
        conversation_id: ConversationId,
        version: i64,
        message: Seen<'a>,
    },
    MessageUpdated {
        conversation_id: ConversationId,
        version: i64,
        message: Seen<'a>,
    },
    History {
        #[serde(rename = "ref")]
        reference: Option<&'a Value>,
        messages: Vec<Seen<'a>>,
    },
    Typing {
        is_typing: bool,
        name: Option<&'a str>,
    },
    Pong,
    Error {
        code: &'a str,
        message: &'a str,
        #[serde(rename = "ref")]
        reference: Option<&'a Value>,
        /// Seconds after which it may work.
        #[serde(skip_serializing_if = "Option::is_none")]
        retry_after: Option<u64>,
    },
}

#[derive(Serialize)]
pub(crate) struct ChannelName<'a> {
    pub name: &'a str,
}

/// Who speaks: never more than the name and picture that the team shows.
#[derive(Serialize)]
struct Speaker<'a> {
    id: Option<i64>,
    name: Option<&'a str>,
    avatar_url: Option<&'a str>,
}

impl<'a> Speaker<'a> {
    fn of(Sender { id, name, avatar_url, .. }: &'a Sender) -> Self {
        Self { id: *id, name: name.as_deref(), avatar_url: avatar_url.as_deref() }
    }
}

/// A message in a customer's eyes: no failure of ours, no feedback, no platform's id.
#[derive(Serialize)]
pub(crate) struct Seen<'a> {
    id: MessageId,
    conversation_id: ConversationId,
    seq: i64,
    version: i64,
    sender_type: SenderType,
    sender: Speaker<'a>,
    origin: Origin,
    message_type: MessageType,
    content: Option<&'a str>,
    attachments: Vec<Attachment>,
    reply_to: Option<MessageId>,
    quote: Option<&'a Quote>,
    reactions: &'a [Reaction],
    client_id: Option<&'a str>,
    status: MessageStatus,
    error: Option<&'a Failure>,
    is_ai_response: bool,
    created_at: Timestamp,
    edited_at: Option<Timestamp>,
    deleted_at: Option<Timestamp>,
}

impl<'a> Seen<'a> {
    /// As a visitor of this channel sees it: its files lie where a visitor may fetch them.
    pub(crate) fn of(message: &'a Message, channel: ChannelId) -> Self {
        let ours = |url: &mut Option<String>| {
            if let Some(url) = url {
                *url = url.replacen("/api/v1/media/", &format!("/widget/{channel}/media/"), 1);
            }
        };
        let mut attachments = message.attachments.clone();
        for file in &mut attachments {
            ours(&mut file.media_url);
            ours(&mut file.thumbnail_url);
            file.processing_error = None;
        }
        Self {
            id: message.id,
            conversation_id: message.conversation_id,
            seq: message.seq,
            version: message.version,
            sender_type: message.sender_type,
            sender: Speaker::of(&message.sender),
            origin: message.origin,
            message_type: message.message_type,
            content: message.content.as_deref(),
            attachments,
            reply_to: message.reply_to,
            quote: message.quote.as_ref(),
            reactions: &message.reactions,
            client_id: message.client_id.as_deref().filter(|_| message.sender_type == SenderType::Customer),
            status: message.status,
            error: None,
            is_ai_response: message.is_ai_response,
            created_at: message.created_at,
            edited_at: message.edited_at,
            deleted_at: message.deleted_at,
        }
    }
}
