//! The closed vocabularies: each is one text in Rust, SQL and JSON. Never free text.
//! Over 400 lines because every closed list of words stands in this one table.

use serde::{Deserialize, Serialize};

macro_rules! words {
    ($($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $text:literal),* $(,)? })*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        pub enum $name { $($(#[$vdoc])* #[serde(rename = $text)] $variant),* }

        impl $name {
            /// Every word, in order.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The word as it stands in JSON and in the database.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),* }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl std::str::FromStr for $name {
            type Err = UnknownWord;
            fn from_str(text: &str) -> Result<Self, UnknownWord> {
                Self::ALL.iter().copied().find(|word| word.as_str() == text)
                    .ok_or_else(|| UnknownWord { kind: stringify!($name), text: text.chars().take(40).collect() })
            }
        }
    )*};
}

/// A text that is not in a vocabulary.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a valid {kind}")]
pub struct UnknownWord {
    /// The vocabulary.
    pub kind: &'static str,
    /// The text, cut to 40 characters.
    pub text: String,
}

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
        /// Neither.
        Off = "off",
    }

    /// Who may do what.
    Role {
        /// Everything, channels and users included.
        Admin = "admin",
        /// Conversations.
        Agent = "agent",
    }

    /// With whom a conversation is.
    ConversationKind {
        /// A customer, over a channel.
        Customer = "customer",
        /// Colleagues.
        Direct = "direct",
    }

    /// Where a conversation stands.
    ConversationStatus {
        /// Needs somebody.
        Open = "open",
        /// Waits for something.
        Pending = "pending",
        /// Comes back at a time.
        Snoozed = "snoozed",
        /// Done, until the customer writes again.
        Closed = "closed",
        /// Nobody needs it, nor its sender: in no list but its own, whatever comes.
        Spam = "spam",
    }

    /// How urgent a conversation is.
    Priority {
        /// Can wait.
        Low = "low",
        /// In its turn.
        Medium = "medium",
        /// Before others.
        High = "high",
        /// Now.
        Urgent = "urgent",
    }

    /// What changed in a conversation (the frame's `reason`).
    Reason {
        /// It is new.
        Created = "created",
        /// The customer wrote.
        NewCustomerMessage = "new_customer_message",
        /// Our side wrote.
        MessageSent = "message_sent",
        /// Its status.
        Status = "status",
        /// Its assignee.
        Assigned = "assigned",
        /// A user's read mark: only that user's sessions hear of it.
        Read = "read",
    }

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
        /// Words.
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
        /// Seen.
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
        /// There.
        Ready = "ready",
        /// Not to be had.
        Failed = "failed",
    }

    /// How far a row of the outbox came.
    DeliveryStatus {
        /// Waits for its turn.
        Queued = "queued",
        /// Held by a worker, nothing sent yet.
        Claimed = "claimed",
        /// Attempt committed: the first byte may have left.
        Sending = "sending",
        /// Accepted.
        Sent = "sent",
        /// Refused.
        Failed = "failed",
        /// The answer was lost.
        Unconfirmed = "unconfirmed",
        /// Taken back before it was sent.
        Cancelled = "cancelled",
    }

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

    /// What starts a flow by itself.
    TriggerKind {
        /// A program calls the flow's secret address.
        Webhook = "webhook",
        /// A customer writes one of its keywords.
        Keyword = "keyword",
        /// A customer writes for the first time.
        NewConversation = "new_conversation",
        /// Nothing: people start it.
        Manual = "manual",
    }

    /// What began a run.
    StartedBy {
        /// The flow's secret address was called.
        Webhook = "webhook",
        /// A customer wrote a keyword.
        Keyword = "keyword",
        /// A customer wrote for the first time.
        NewConversation = "new_conversation",
        /// A person.
        Manual = "manual",
        /// A person, for many at once.
        Broadcast = "broadcast",
    }

    /// Where a run stands.
    RunStatus {
        /// Its next step is due.
        Running = "running",
        /// It waits for a moment.
        Waiting = "waiting",
        /// It waits for the customer's answer.
        WaitingForAnswer = "waiting_for_answer",
        /// It came to its end.
        Done = "done",
        /// A step could not be done.
        Failed = "failed",
        /// Somebody stopped it.
        Stopped = "stopped",
        /// A person answered the customer.
        TakenOver = "taken_over",
    }

    /// Whether a model answers.
    AiMode {
        /// Not at all.
        Off = "off",
        /// It writes, a person sends.
        Draft = "draft",
        /// By itself.
        Auto = "auto",
    }

    /// What becomes of a label.
    LabelChange {
        /// The conversation carries it.
        Put = "put",
        /// It does not.
        Remove = "remove",
    }

    /// How far an answer of a model came.
    TurnState {
        /// Waits for another try.
        Waiting = "waiting",
        /// A worker asks the model.
        Running = "running",
        /// A person must send or discard it.
        Drafted = "drafted",
        /// It is a message.
        Sent = "sent",
        /// A person did not want it.
        Discarded = "discarded",
        /// Somebody wrote in between, or there was nothing to answer.
        Withheld = "withheld",
        /// The model gave no answer.
        Failed = "failed",
    }

    /// How far the words of a recording came.
    TranscriptState {
        /// Waits to be heard, or for another try.
        Waiting = "waiting",
        /// The endpoint hears it.
        Running = "running",
        /// The words are there, or there are none in it.
        Done = "done",
        /// The endpoint gave no words.
        Failed = "failed",
    }

    /// What a program outside may hear.
    HookEvent {
        /// Somebody wrote.
        MessageCreated = "message_created",
        /// A conversation changed.
        ConversationUpdated = "conversation_updated",
        /// A message did not reach its customer.
        DeliveryFailed = "delivery_failed",
    }

    /// How far an event came on its way to a hook.
    HookState {
        /// Waits for its first try, or another.
        Waiting = "waiting",
        /// A worker calls the address.
        Running = "running",
        /// It was taken.
        Delivered = "delivered",
        /// It was tried often enough.
        Failed = "failed",
    }

    /// What a user thinks of an AI's answer.
    Rating {
        /// Good.
        Positive = "positive",
        /// Bad.
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

impl RunStatus {
    /// Those of a run that may still say something.
    pub const ACTIVE: [Self; 3] = [Self::Running, Self::Waiting, Self::WaitingForAnswer];

    /// Whether the run may still say something.
    pub fn is_active(self) -> bool {
        Self::ACTIVE.contains(&self)
    }
}

impl ChannelKind {
    /// Whether a person may answer for 7 days, with a tag (docs/platforms.md 3.5, 4).
    pub fn has_human_agent_tag(self) -> bool {
        matches!(self, Self::Instagram | Self::Messenger)
    }
}

#[cfg(test)]
mod tests {
    use super::MessageStatus::{self, *};

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
