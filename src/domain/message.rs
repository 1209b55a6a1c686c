//! A message as everybody sees it. Never how it is stored or sent.

use super::ids::{AttachmentId, ConversationId, MessageId, UserId};
use super::time::Timestamp;
use super::words::words;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

words! {
    /// Who speaks.
    SenderType {
        /// The customer.
        Customer = "customer",
        /// A colleague or the owner.
        Support = "support",
        /// A model.
        Ai = "ai",
        /// Nobody: a notice.
        System = "system",
    }

    /// Where a message was written.
    Origin {
        /// Our dashboard.
        App = "app",
        /// Our API with a token.
        Api = "api",
        /// The owner's own phone app.
        Phone = "phone",
        /// The web chat.
        Widget = "widget",
        /// The platform: a customer's message, or the owner's from a page inbox or another tool.
        Platform = "platform",
        /// A flow.
        Flow = "flow",
        /// A model.
        Ai = "ai",
    }

    /// What a message is.
    MessageType {
        /// Only words.
        Text = "text",
        /// A picture.
        Image = "image",
        /// A film.
        Video = "video",
        /// A sound file.
        Audio = "audio",
        /// A recording.
        Voice = "voice",
        /// A file.
        Document = "document",
        /// A sticker.
        Sticker = "sticker",
        /// A silent film.
        Animation = "animation",
        /// A place.
        Location = "location",
        /// Contact cards.
        Contact = "contact",
        /// An answer by button or list.
        Interactive = "interactive",
        /// A press of a menu button.
        Postback = "postback",
        /// The customer mentioned us in a story.
        StoryMention = "story_mention",
        /// An answer to our story.
        StoryReply = "story_reply",
        /// A notice.
        System = "system",
        /// A kind the platform does not hand over; a visible placeholder.
        Unsupported = "unsupported",
    }

    /// How far a message came.
    MessageStatus {
        /// From a customer.
        Received = "received",
        /// In our outbox.
        Queued = "queued",
        /// Handed to the platform, no answer yet.
        Sending = "sending",
        /// Accepted by the platform.
        Sent = "sent",
        /// On the customer's device.
        Delivered = "delivered",
        /// Its customer has seen it.
        Read = "read",
        /// Listened to.
        Played = "played",
        /// Refused, with a reason.
        Failed = "failed",
        /// Perhaps sent: the answer was lost.
        Unconfirmed = "unconfirmed",
    }

    /// How far an attachment came.
    ProcessingStatus {
        /// Being fetched.
        Pending = "pending",
        /// It can be had.
        Ready = "ready",
        /// Not to be had.
        Failed = "failed",
    }

    /// What a user thinks of an AI's answer.
    Rating {
        /// The answer was good.
        Positive = "positive",
        /// The answer was bad.
        Negative = "negative",
    }
}

impl MessageStatus {
    /// The rung of a receipt's ladder; statuses only go up it
    /// (queued < sending < sent < delivered < read < played). `None` is off the ladder.
    pub fn rung(self) -> Option<u8> {
        match self {
            Self::Queued => Some(0),
            Self::Sending => Some(1),
            Self::Sent => Some(2),
            Self::Delivered => Some(3),
            Self::Read => Some(4),
            Self::Played => Some(5),
            Self::Received | Self::Failed | Self::Unconfirmed => None,
        }
    }

    /// Whether news of `next` changes a message that stands at `self`:
    /// receipts only go up, and `failed` counts only below `delivered`.
    pub fn yields_to(self, next: Self) -> bool {
        match (self, next) {
            (Self::Received, _) => false,
            (now, Self::Failed | Self::Unconfirmed) => {
                now != next
                    && now != Self::Failed
                    && now.rung().is_none_or(|rung| rung < 3)
                    && !(next == Self::Unconfirmed && now.rung() == Some(2))
            }
            // A late receipt proves more than a lost answer or an early refusal said.
            (Self::Failed, next) => next.rung().is_some_and(|rung| rung >= 3),
            (Self::Unconfirmed, next) => next.rung().is_some_and(|rung| rung >= 2),
            (now, next) => match (now.rung(), next.rung()) {
                (Some(now), Some(next)) => next > now,
                _ => false,
            },
        }
    }
}

/// One message: the contract's fields, always all of them, and `reactions`, `quote`, `details` beside.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Message {
    /// Unique in the server.
    pub id: MessageId,
    /// Where it belongs.
    pub conversation_id: ConversationId,
    /// Its place in the conversation: the version that made it.
    pub seq: i64,
    /// The newest change of it, counted by the conversation.
    pub version: i64,
    /// Who speaks.
    pub sender_type: SenderType,
    /// The speaker, if it is a person we know.
    pub sender: Sender,
    /// Where it was written.
    pub origin: Origin,
    /// What it is.
    pub message_type: MessageType,
    /// Its words; none in a picture without caption and in a deleted message.
    pub content: Option<String>,
    /// Its files.
    pub attachments: Vec<Attachment>,
    /// The message it answers.
    pub reply_to: Option<MessageId>,
    /// What that message said.
    pub quote: Option<Quote>,
    /// Its identity on the platform.
    pub platform_message_id: Option<String>,
    /// Its identity at the client that wrote it.
    pub client_id: Option<String>,
    /// How far it came.
    pub status: MessageStatus,
    /// Why it failed, in the platform's own words.
    pub error: Option<Failure>,
    /// Whether a model wrote it.
    pub is_ai_response: bool,
    /// Whether our side has written since (of a customer's message).
    pub is_answered: bool,
    /// What a user thinks of an AI's answer.
    pub feedback: Option<Feedback>,
    /// Who reacted how.
    pub reactions: Vec<Reaction>,
    /// Whether it is a note among colleagues: no customer ever gets or sees it.
    pub is_private: bool,
    /// The colleagues whom a note mentions.
    pub mentions: Vec<UserId>,
    /// What else belongs to its type: a place, contact cards, a button's payload, where it came from.
    #[schema(value_type = Option<Object>)]
    pub details: Option<Value>,
    /// When we stored it.
    pub created_at: Timestamp,
    /// When the platform says it was written.
    pub platform_sent_at: Option<Timestamp>,
    /// When it was last edited.
    pub edited_at: Option<Timestamp>,
    /// When it was taken back.
    pub deleted_at: Option<Timestamp>,
    /// When it is to be sent, if not at once; until then it can be taken back.
    pub send_at: Option<Timestamp>,
}

/// Who speaks.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct Sender {
    /// The user's or the customer's id; null for the owner's phone, models and notices.
    pub id: Option<i64>,
    /// What to call them.
    pub name: Option<String>,
    /// Their picture.
    pub avatar_url: Option<String>,
    /// The name they sign in by, or have on the platform. Visitors are never told.
    pub username: Option<String>,
    /// A colleague's e-mail. Visitors are never told.
    pub email: Option<String>,
}

/// One file of a message.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Attachment {
    /// Unique in the server.
    pub id: AttachmentId,
    /// image, video, audio, voice, document, sticker, animation, share.
    pub kind: String,
    /// Where it can be had; null until it is ready.
    pub media_url: Option<String>,
    /// Where a small picture of it can be had; null where there is none.
    pub thumbnail_url: Option<String>,
    /// The name its sender gave it.
    pub file_name: Option<String>,
    /// Its type.
    pub mime_type: Option<String>,
    /// In bytes.
    pub size: Option<i64>,
    /// In seconds.
    pub duration: Option<i64>,
    /// In pixels.
    pub width: Option<i64>,
    /// In pixels.
    pub height: Option<i64>,
    /// How far it came.
    pub processing_status: ProcessingStatus,
    /// Why it is not here, or not yet.
    pub processing_error: Option<String>,
    /// The words of a recording.
    pub transcription: Option<String>,
}

/// A reason, as the platform gave it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Failure {
    /// The platform's code, or ours.
    pub code: String,
    /// In the platform's own words.
    pub message: String,
}

/// What a message quotes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Quote {
    /// The quoted message.
    pub id: MessageId,
    /// Its words.
    pub content: Option<String>,
    /// Who wrote it.
    pub sender_name: Option<String>,
    /// What it is.
    pub message_type: MessageType,
}

/// What a user thinks of an AI's answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Feedback {
    /// Good, bad, or withdrawn.
    pub rating: Option<Rating>,
    /// What the user says of it.
    pub comment: Option<String>,
    /// When it was rated.
    pub at: Timestamp,
}

/// One person's reaction.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Reaction {
    /// The sign.
    pub emoji: String,
    /// Who: `customer:7`, `user:3`, `owner`.
    pub actor: String,
    /// What to call them.
    pub name: Option<String>,
}

/// The words of a preview or a comparison, at most `limit` characters of them.
pub fn excerpt(text: &str, limit: usize) -> String {
    text.chars().take(limit).collect()
}

#[cfg(test)]
mod tests {
    use crate::domain::message::MessageStatus::{self, *};

    fn check(now: MessageStatus, next: MessageStatus, changes: bool) {
        assert_eq!(now.yields_to(next), changes, "{now} then {next}");
    }

    #[test]
    fn receipts_only_go_up() {
        check(Queued, Sending, true);
        check(Sent, Delivered, true);
        check(Sent, Read, true);
        check(Read, Delivered, false);
        check(Read, Played, true);
        check(Delivered, Delivered, false);
    }

    #[test]
    fn failed_counts_only_below_delivered() {
        check(Sent, Failed, true);
        check(Delivered, Failed, false);
        check(Failed, Sent, false);
        check(Failed, Delivered, true);
    }

    #[test]
    fn proof_raises_a_lost_answer_and_a_lost_answer_lowers_nothing() {
        check(Sending, Unconfirmed, true);
        check(Unconfirmed, Sent, true);
        check(Unconfirmed, Read, true);
        check(Sent, Unconfirmed, false);
        check(Read, Unconfirmed, false);
        check(Unconfirmed, Failed, true);
    }

    #[test]
    fn a_customers_message_has_no_ladder() {
        check(Received, Read, false);
    }
}
