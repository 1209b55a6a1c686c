//! Plain values: what the product talks about. Never I/O, never a platform, never SQL.

pub mod channel;
pub mod conversation;
pub mod event;
pub mod flow;
pub mod ids;
pub mod inbound;
pub mod message;
pub mod outbound;
pub mod refusal;
pub mod text;
pub mod time;
pub mod user;
pub mod words;

pub use channel::{Channel, ChannelTest};
pub use conversation::{
    AiDraft, Conversation, ConversationFor, ConversationState, Customer, Label, MOST_LABELS, Person, ReadMark,
};
pub use event::{ChannelEvent, ConversationEvent, Erased, Event, MessageEvent, Revoked};
pub use ids::*;
pub use message::Message;
pub use refusal::{Refusal, RefusalKind};
pub use time::Timestamp;
pub use user::{Credential, Identity, User};
pub use words::*;
