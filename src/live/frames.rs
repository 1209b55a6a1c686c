//! The frames of the WebSocket, both ways, as the contract names them. Never a decision: text to
//! value and value to text.
//! Over 400 lines: both directions of one protocol and their tests.

use crate::domain::{
    ChannelId, ChannelState, ConversationId, Message, MessageId, Permission, Person, SendAlternative,
    SendDecision, SendReason, TeamId, TimelineEvent, Timestamp, User, UserId, ViewId,
};
use bytestring::ByteString;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// How a session closes; each code tells the client whether to come back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Close {
    /// 1000: the client said goodbye.
    Goodbye,
    /// 1007: text that is no UTF-8.
    NotText,
    /// 1008: abuse. Do not come back at once.
    Abuse,
    /// 1008: nobody said hello.
    NoHello,
    /// 1008: the chat was closed, or is not for this site any more.
    Closed,
    /// 1009: a frame too big.
    TooBig,
    /// 1012: the server restarts. Come back.
    Restart,
    /// 1012: what a visitor came with has ended. Come back, as who you are now.
    ComeBack,
    /// 4001: not signed in, or not any more. Sign in.
    SignedOut,
    /// 4008: too slow. Come back and resume.
    TooSlow,
    /// 1001: silent for too long. Come back.
    Silent,
}

impl Close {
    /// The code on the wire.
    pub fn code(self) -> u16 {
        match self {
            Self::Goodbye => 1000,
            Self::Silent => 1001,
            Self::NotText => 1007,
            Self::Abuse | Self::NoHello | Self::Closed => 1008,
            Self::TooBig => 1009,
            Self::Restart | Self::ComeBack => 1012,
            Self::SignedOut => 4001,
            Self::TooSlow => 4008,
        }
    }

    /// What it means, for people who look.
    pub fn reason(self) -> &'static str {
        match self {
            Self::Goodbye => "goodbye",
            Self::Silent => "no sign of life",
            Self::NotText => "not UTF-8",
            Self::Abuse => "too many bad frames",
            Self::NoHello => "no hello came",
            Self::Closed => "this chat is closed",
            Self::TooBig => "a frame is too big",
            Self::Restart => "the server restarts; come back and resume",
            Self::ComeBack => "what you came with has ended; come back and say hello",
            Self::SignedOut => "not signed in",
            Self::TooSlow => "too slow; come back and resume",
        }
    }
}

/// Which conversations a session's list holds, as a frame says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// Everything its user may see.
    #[default]
    All,
    /// The user's own.
    Mine,
    /// Nobody's.
    Unassigned,
    /// The user's own and nobody's: what calls a person, whatever part of the list they look at.
    MineAndUnassigned,
    /// A team's: `team_id` says which.
    Team,
    /// What a saved view shows: `view_id` says which.
    View,
    /// None.
    None,
}

/// What a client may say.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum FromClient {
    /// Follow a conversation.
    Subscribe {
        /// Which.
        conversation_id: ConversationId,
        /// The last version this client has; none: only what comes.
        #[serde(default)]
        after: Option<i64>,
        /// The place of the last event this client has; none: only what comes.
        #[serde(default)]
        after_event: Option<i64>,
    },
    /// Follow it no more.
    Unsubscribe {
        /// Which.
        conversation_id: ConversationId,
    },
    /// Follow the list.
    Watch {
        /// Which part of it.
        #[serde(default)]
        scope: Scope,
        /// Which team's, with the scope `team`.
        #[serde(default)]
        team_id: Option<TeamId>,
        /// Which saved view's, with the scope `view`.
        #[serde(default)]
        view_id: Option<ViewId>,
        /// Whether its changes, and who comes and goes, are told once a tick instead of one by one.
        #[serde(default)]
        batch: bool,
    },
    /// Write.
    Send(Draft),
    /// Being typed, or no more.
    Typing {
        /// Where.
        conversation_id: ConversationId,
        /// Whether.
        is_typing: bool,
    },
    /// Read up to a place.
    Read {
        /// Where.
        conversation_id: ConversationId,
        /// The place.
        seq: i64,
        /// `marked_unread` of the conversation when its reader opened it; none: when this session subscribed.
        #[serde(default)]
        opening: Option<i64>,
    },
    /// Looking at the page, or away from it while it stays open.
    Presence {
        /// Whether somebody looks.
        is_here: bool,
    },
    /// Looking at a conversation, or no more; the end of the socket ends it, too.
    Viewing {
        /// Where.
        conversation_id: ConversationId,
        /// Whether.
        is_viewing: bool,
    },
    /// Still there.
    Ping,
}

/// What an agent writes.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Draft {
    /// Where.
    pub conversation_id: ConversationId,
    /// Made by the client, unique per message.
    pub client_id: String,
    /// The words.
    #[serde(default)]
    pub content: Option<String>,
    /// Uploaded before.
    #[serde(default)]
    pub attachment_ids: Vec<i64>,
    /// What it answers.
    #[serde(default)]
    pub reply_to: Option<MessageId>,
    /// A note among colleagues.
    #[serde(default)]
    pub is_private: bool,
    /// When it is to be sent; none: at once.
    #[serde(default)]
    pub send_at: Option<Timestamp>,
}

/// A client's frame and what it wants back on the answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Asked {
    /// `ref`.
    pub reference: Option<Value>,
    /// The frame.
    pub frame: FromClient,
}

/// Reads a client's frame.
pub fn read(text: &str) -> Result<Asked, BadFrame> {
    let value: Value = serde_json::from_str(text)
        .map_err(|_| BadFrame::new("bad_json", "This frame is not a JSON object.", None))?;
    let reference = value.get("ref").cloned();
    let kind = value.get("type").and_then(Value::as_str).unwrap_or_default().to_owned();
    match FromClient::deserialize(&value) {
        Ok(frame) => match stray(&frame, &value) {
            None => Ok(Asked { reference, frame }),
            Some(key) => {
                let key = crate::domain::message::excerpt(key, 40);
                Err(BadFrame::new("bad_frame", format!("A `send` frame has no field `{key}`."), reference))
            }
        },
        Err(_) if kind.is_empty() => Err(BadFrame::new("unknown_type", "A frame needs a `type`.", reference)),
        Err(_) if TYPES.contains(&kind.as_str()) => Err(BadFrame::new(
            "bad_frame",
            format!("A field of this `{kind}` frame is missing or has the wrong type."),
            reference,
        )),
        Err(_) => Err(BadFrame::new(
            "unknown_type",
            format!("There is no frame of type `{}`.", crate::domain::message::excerpt(&kind, 40)),
            reference,
        )),
    }
}

/// The types of [`FromClient`].
const TYPES: [&str; 9] =
    ["subscribe", "unsubscribe", "watch", "send", "typing", "read", "presence", "viewing", "ping"];

/// What a `send` may hold; of HTTP's body it may repeat that it is a text.
const SENT: [&str; 9] = [
    "type",
    "ref",
    "conversation_id",
    "client_id",
    "content",
    "attachment_ids",
    "reply_to",
    "is_private",
    "send_at",
];

/// The first field that no `send` has: a slip in `is_private` must not send a note to a customer.
fn stray<'a>(frame: &FromClient, value: &'a Value) -> Option<&'a str> {
    let FromClient::Send(_) = frame else { return None };
    let is_known =
        |key: &str, value: &Value| SENT.contains(&key) || (key == "message_type" && value == "text");
    value.as_object()?.iter().find(|(key, value)| !is_known(key, value)).map(|(key, _)| key.as_str())
}

/// A frame that makes no sense.
#[derive(Debug, Clone, PartialEq)]
pub struct BadFrame {
    /// Stable, for programs.
    pub code: &'static str,
    /// For people.
    pub message: String,
    /// What the client wants back.
    pub reference: Option<Value>,
}

impl BadFrame {
    fn new(code: &'static str, message: impl Into<String>, reference: Option<Value>) -> Self {
        Self { code, message: message.into(), reference }
    }
}

/// What the server says.
#[derive(Debug, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ToClient<'a> {
    /// The first frame.
    Welcome {
        /// Who signed in.
        user: &'a User,
        /// This socket.
        session_id: u64,
        /// How often the server pings.
        heartbeat_ms: u64,
        /// Which telling of its history the database is in: another one than before means that it was put
        /// back from a backup, and that whoever has something of it fetches it anew.
        epoch: &'a str,
    },
    /// What `after` asked for is through.
    Subscribed {
        /// Where.
        conversation_id: ConversationId,
        /// The version the client has now.
        version: i64,
        /// The place of the newest event it has now, or of the newest there is.
        event_seq: i64,
        /// The client's own.
        #[serde(rename = "ref", skip_serializing_if = "Option::is_none")]
        reference: Option<&'a Value>,
    },
    /// The list is followed: whatever is committed from here on is told. Only to who gave a `ref`.
    Watching {
        /// Which part of it.
        scope: Scope,
        /// The client's own.
        #[serde(rename = "ref")]
        reference: &'a Value,
    },
    /// A new message.
    ChatMessage {
        /// Where.
        conversation_id: ConversationId,
        /// The version it makes.
        version: i64,
        /// Whether it is the first.
        is_new_conversation: bool,
        /// Itself.
        message: &'a Message,
    },
    /// A new message, to the session that sent it.
    MessageSent {
        /// What the client called it.
        client_id: &'a str,
        /// Where.
        conversation_id: ConversationId,
        /// The version it makes.
        version: i64,
        /// Itself.
        message: &'a Message,
        /// The client's own.
        #[serde(rename = "ref", skip_serializing_if = "Option::is_none")]
        reference: Option<&'a Value>,
    },
    /// A message changed.
    MessageUpdated {
        /// Where.
        conversation_id: ConversationId,
        /// The version that makes.
        version: i64,
        /// As it stands now.
        message: &'a Message,
    },
    /// Something happened to a conversation: a quiet line of its thread, never a message.
    ConversationEvent {
        /// Where.
        conversation_id: ConversationId,
        /// Its place: 1, 2, 3 … without gaps.
        event_seq: i64,
        /// What, and by whom or by what.
        event: &'a TimelineEvent,
    },
    /// Who looks at a conversation just now, whoever is told included.
    Viewers {
        /// Which.
        conversation_id: ConversationId,
        /// By id.
        users: &'a [&'a Person],
    },
    /// Too much of the list changed to tell each: who shows it fetches it once.
    ListStale {
        /// What the session watches.
        scope: Scope,
        /// After how long at most, in milliseconds: each waits as long as chance says, so that not all ask
        /// at once.
        within_ms: u64,
    },
    /// Somebody types.
    Typing {
        /// Where.
        conversation_id: ConversationId,
        /// A colleague; null: the customer.
        user: Option<&'a Person>,
        /// Whether.
        is_typing: bool,
    },
    /// Somebody came or went.
    Presence {
        /// Who.
        user_id: UserId,
        /// Whether they are here.
        online: bool,
    },
    /// Everybody who is here, to a session that begins to watch by ticks.
    PresenceSnapshot {
        /// By id; whoever is missing is not here.
        users: &'a [Present],
    },
    /// Who came and who went since the last tick.
    PresenceChanges {
        /// Each once, as it is now.
        items: &'a [Present],
    },
    /// A channel stopped or works again: what its queue holds waits, or goes out.
    ChannelUpdated {
        /// Which.
        channel_id: ChannelId,
        /// Whether it takes part.
        state: ChannelState,
        /// Why not, in words for an admin.
        state_reason: Option<&'a str>,
    },
    /// Approved messages changed: whoever shows them reads them again.
    TemplatesUpdated,
    /// A customer was forgotten, and these conversations with them.
    ConversationsErased {
        /// Which.
        conversation_ids: &'a [ConversationId],
    },
    /// A conversation that this user wanted to be reminded of.
    Reminder {
        /// Which.
        conversation_id: ConversationId,
        /// For when they asked.
        at: Timestamp,
        /// What its customer is called.
        customer_name: Option<&'a str>,
    },
    /// The answer to a ping.
    Pong {
        /// The client's own.
        #[serde(rename = "ref", skip_serializing_if = "Option::is_none")]
        reference: Option<&'a Value>,
    },
    /// Something asked for was not done.
    Error {
        /// Stable, for programs.
        code: &'a str,
        /// For people.
        message: &'a str,
        /// What whoever asked would have to be allowed, where their role is what forbids it.
        #[serde(skip_serializing_if = "Option::is_none")]
        permission: Option<Permission>,
        /// The message it is about.
        #[serde(skip_serializing_if = "Option::is_none")]
        client_id: Option<&'a str>,
        /// The client's own.
        #[serde(rename = "ref", skip_serializing_if = "Option::is_none")]
        reference: Option<&'a Value>,
        /// Where something was not to be sent: `refuse`, …
        #[serde(skip_serializing_if = "Option::is_none")]
        decision: Option<SendDecision>,
        /// … why …
        #[serde(skip_serializing_if = "Option::is_none")]
        reason: Option<SendReason>,
        /// … and what can be done instead.
        #[serde(skip_serializing_if = "Option::is_none")]
        alternatives: Option<&'a [SendAlternative]>,
    },
}

/// Writes a frame.
pub fn write(frame: &impl Serialize) -> ByteString {
    // Plain structs of numbers and texts: there is nothing in them that JSON cannot hold.
    serde_json::to_string(frame)
        .unwrap_or_else(|error| format!(r#"{{"type":"error","code":"encoding","message":"{error}"}}"#))
        .into()
}

/// Whether somebody is here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PresenceState {
    /// Somebody looks at one of their pages.
    Online,
    /// Nobody does.
    Offline,
}

/// One user, and whether they are here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Present {
    /// Who.
    pub id: UserId,
    /// Whether.
    pub state: PresenceState,
}

impl Present {
    /// Somebody who is here, or is not.
    pub fn new(id: UserId, is_here: bool) -> Self {
        Self { id, state: if is_here { PresenceState::Online } else { PresenceState::Offline } }
    }

    /// Whether they are here.
    pub fn is_here(self) -> bool {
        self.state == PresenceState::Online
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check_bad(text: &str, code: &str) {
        assert_eq!(read(text).expect_err("is refused").code, code, "{text}");
    }

    #[test]
    fn a_bad_frame_says_what_is_wrong_and_gives_the_reference_back() {
        check_bad("hello", "bad_json");
        check_bad("[]", "unknown_type");
        check_bad(r#"{"type":"dance"}"#, "unknown_type");
        check_bad(r#"{"type":"subscribe"}"#, "bad_frame");
        check_bad(r#"{"type":"send","conversation_id":"1","client_id":"a"}"#, "bad_frame");
        check_bad(r#"{"type":"watch","scope":"everyone"}"#, "bad_frame");
        check_bad(r#"{"type":"watch","batch":"yes"}"#, "bad_frame");
        check_bad(r#"{"type":"read","conversation_id":1,"seq":null}"#, "bad_frame");
        check_bad(r#"{"type":"viewing","conversation_id":1}"#, "bad_frame");
        check_bad(r#"{"type":"subscribe","conversation_id":1,"after_event":"9"}"#, "bad_frame");
        let slip = r#"{"type":"send","conversation_id":1,"client_id":"a","content":"psst","is_privat":true}"#;
        check_bad(slip, "bad_frame");
        check_bad(&slip.replace("is_privat", "isPrivate"), "bad_frame");
        let typed =
            r#"{"type":"send","conversation_id":1,"client_id":"a","content":"hi","message_type":"text"}"#;
        assert!(read(typed).is_ok(), "it repeats what it is");
        let bad = read(r#"{"type":"dance","ref":7}"#).expect_err("is refused");
        assert_eq!(bad.reference, Some(Value::from(7)));
    }

    #[test]
    fn frames_are_read_as_the_contract_names_them() {
        let asked = read(r#"{"type":"subscribe","conversation_id":4,"after":9,"ref":"x"}"#).expect("reads");
        let conversation_id = ConversationId(4);
        let plain = FromClient::Subscribe { conversation_id, after: Some(9), after_event: None };
        assert_eq!(asked.frame, plain);
        let asked = read(r#"{"type":"subscribe","conversation_id":4,"after_event":2}"#).expect("reads");
        let resumed = FromClient::Subscribe { conversation_id, after: None, after_event: Some(2) };
        assert_eq!(asked.frame, resumed);
        let asked = read(r#"{"type":"viewing","conversation_id":4,"is_viewing":true}"#).expect("reads");
        assert_eq!(asked.frame, FromClient::Viewing { conversation_id, is_viewing: true });
        let asked = read(r#"{"type":"watch"}"#).expect("reads");
        assert_eq!(
            asked.frame,
            FromClient::Watch { scope: Scope::All, team_id: None, view_id: None, batch: false }
        );
        let asked = read(r#"{"type":"watch","scope":"mine_and_unassigned","batch":true}"#).expect("reads");
        assert_eq!(
            asked.frame,
            FromClient::Watch { scope: Scope::MineAndUnassigned, team_id: None, view_id: None, batch: true }
        );
        let asked = read(r#"{"type":"presence","is_here":false}"#).expect("reads");
        assert_eq!(asked.frame, FromClient::Presence { is_here: false });
        assert_eq!(read(r#"{"type":"ping"}"#).expect("reads").frame, FromClient::Ping);
    }
}
