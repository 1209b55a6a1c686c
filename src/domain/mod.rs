//! Plain values: what the product talks about. Never I/O, never a platform, never SQL.

pub mod ai;
pub mod bulk;
pub mod channel;
pub mod channel_health;
pub mod consent;
pub mod conversation;
pub mod event;
pub mod flow;
pub mod hook;
pub mod ids;
pub mod inbound;
pub mod message;
pub mod message_effect;
pub mod outbound;
pub mod permission;
pub mod phone;
pub mod refusal;
pub mod role;
pub mod send_gate;
pub mod sight;
pub mod template;
pub mod text;
pub mod time;
pub mod timeline;
pub mod user;
pub mod words;
pub mod workspace;

pub use ai::{AiMode, TranscriptState, TurnState};
pub use bulk::{BulkOutcome, BulkState};
pub use channel::{Channel, ChannelKind, ChannelState, ChannelTest};
pub use channel_health::{NumberStanding, PlatformCheck, TokenLife, WebhookStanding};
pub use consent::{Consent, ConsentPurpose, ConsentSource, ConsentState};
pub use conversation::{
    AiDraft, AssignedBecause, Conversation, ConversationFor, ConversationKind, ConversationState,
    ConversationStatus, Customer, Label, ListOrder, MOST_LABELS, Person, Priority, ReadMark, Stored,
    TeamName,
};
pub use event::{
    AnswerFrom, ChannelEvent, ConversationEvent, Erased, Event, MessageEvent, Reason, Reminder, Revoked,
    TimelineNews,
};
pub use flow::{LabelChange, RunStatus, StartedBy, TriggerKind};
pub use hook::{HookEvent, HookState};
pub use ids::*;
pub use inbound::{Direction, Outcome};
pub use message::{Message, MessageStatus, MessageType, Origin, ProcessingStatus, Rating, SenderType};
pub use message_effect::MessageEffect;
pub use outbound::DeliveryStatus;
pub use permission::{Permission, Permissions};
pub use refusal::{Refusal, RefusalKind};
pub use role::Role;
pub use send_gate::{SendAlternative, SendDecision, SendReason, Verdict};
pub use sight::Sight;
pub use time::Timestamp;
pub use timeline::{Cause, CauseKind, TimelineEvent, TimelineKind};
pub use user::{Credential, Identity, User};
pub use words::UnknownWord;
pub use workspace::Workspace;
