//! A connected account. Never its secrets: they stay sealed until a platform needs them.

use super::ids::{ChannelId, WorkspaceId};
use super::time::Timestamp;
use super::words::{UnknownWord, words};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;
use std::fmt;
use std::str::FromStr;

words! {
    /// Whether a channel takes part.
    ChannelState {
        /// Receives and sends.
        Active = "active",
        /// Receives; sending waits for a person (a broken token).
        Paused = "paused",
        /// Neither receives nor sends.
        Off = "off",
    }
}

/// The most letters of a kind's name.
const MAX_NAME_BYTES: usize = 23;

/// The name of a kind of channel, as it stands in rows and in JSON: small letters, digits and `_`. Which
/// kinds there are, and all that is to know of each, is said in `channels` alone. A name that nobody
/// registered there is carried like any other, so that an older program opens a database in which a newer one
/// connected a channel.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ChannelKind([u8; MAX_NAME_BYTES]);

impl ChannelKind {
    /// The kind of this name; for names that stand in the code.
    pub const fn named(name: &str) -> Self {
        let letters = name.as_bytes();
        assert!(name.is_ascii() && letters.len() <= MAX_NAME_BYTES, "a kind's name is short and ASCII");
        let mut kept = [0; MAX_NAME_BYTES];
        let mut at = 0;
        while at < letters.len() {
            kept[at] = letters[at];
            at += 1;
        }
        Self(kept)
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        let length = self.0.iter().position(|letter| *letter == 0).unwrap_or(MAX_NAME_BYTES);
        // ASCII: nothing else is ever kept.
        std::str::from_utf8(&self.0[..length]).unwrap_or_default()
    }
}

impl FromStr for ChannelKind {
    type Err = UnknownWord;

    fn from_str(text: &str) -> Result<Self, UnknownWord> {
        let is_letter = |sign: u8| sign.is_ascii_lowercase() || sign.is_ascii_digit() || sign == b'_';
        if (1..=MAX_NAME_BYTES).contains(&text.len()) && text.bytes().all(is_letter) {
            return Ok(Self::named(text));
        }
        Err(UnknownWord { kind: "ChannelKind", text: text.chars().take(40).collect() })
    }
}

impl fmt::Display for ChannelKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for ChannelKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for ChannelKind {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for ChannelKind {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

// Which names there are is added by who describes the API.
impl utoipa::PartialSchema for ChannelKind {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        utoipa::openapi::schema::Object::builder().schema_type(utoipa::openapi::schema::Type::String).into()
    }
}

impl utoipa::ToSchema for ChannelKind {}

/// One account on one platform, or one web chat.
#[derive(Debug, Clone, PartialEq)]
pub struct Channel {
    /// Unique in the server.
    pub id: ChannelId,
    /// Whose it is.
    pub workspace_id: WorkspaceId,
    /// Which platform.
    pub kind: ChannelKind,
    /// What people call it.
    pub name: String,
    /// What its events carry: phone number id, Instagram account id, page id, bot id.
    pub external_id: String,
    /// The platform's own settings, as the contract names them.
    pub options: Value,
    /// Its credentials, sealed.
    pub sealed: Vec<u8>,
    /// Whether it takes part.
    pub state: ChannelState,
    /// Why not, in words for an admin.
    pub state_reason: Option<String>,
    /// When it last said something.
    pub last_event_at: Option<Timestamp>,
    /// Since when it is connected.
    pub created_at: Timestamp,
    /// What its last test found; none: nobody has tested what stands there now.
    pub last_test: Option<ChannelTest>,
    /// Another workspace says that the account is its own, and said so before. Who proves it first, by a
    /// test, has it: what both could read is theirs.
    pub is_contested: bool,
}

/// What a channel's reason begins with while nobody works in its workspace; then its state and its reason
/// before.
pub const ARCHIVED: &str = "archived:";

impl Channel {
    /// Whether it receives: it is not off, and people work in its workspace.
    pub fn receives(&self) -> bool {
        self.state != ChannelState::Off && !self.is_archived()
    }

    fn is_archived(&self) -> bool {
        self.state_reason.as_deref().is_some_and(|reason| reason.starts_with(ARCHIVED))
    }

    /// Its state and reason while nobody works in its workspace; none: it is off, and stays so.
    pub fn at_rest(&self) -> Option<(ChannelState, String)> {
        let reason = self.state_reason.as_deref().unwrap_or_default();
        let rests = self.receives().then(|| format!("{ARCHIVED}{}:{reason}", self.state));
        // Paused: what it owes stays owed.
        rests.map(|reason| (ChannelState::Paused, reason))
    }

    /// Its state and reason before that; none: it was not at rest.
    pub fn awake(&self) -> Option<(ChannelState, Option<String>)> {
        let (state, reason) = self.state_reason.as_deref()?.strip_prefix(ARCHIVED)?.split_once(':')?;
        let reason = (!reason.is_empty()).then(|| reason.to_owned());
        Some((state.parse().unwrap_or(ChannelState::Paused), reason))
    }

    /// Whether its last test found that the account is its workspace's.
    pub fn is_proved(&self) -> bool {
        self.last_test.as_ref().is_some_and(|test| test.fault.is_none())
    }

    /// Whether something stands above what its agents write.
    pub fn has_signature(&self) -> bool {
        matches!(self.options["signature"].as_str(), Some("name" | "text"))
    }
}

/// What a test of a channel found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChannelTest {
    /// When it was tested.
    pub at: Timestamp,
    /// What was wrong, in words for an admin; none: nothing.
    pub fault: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_is_its_name_whoever_registered_it() {
        let kind: ChannelKind = "telegram".parse().expect("a name");
        assert_eq!((kind, kind.as_str()), (ChannelKind::named("telegram"), "telegram"));
        assert_eq!(serde_json::to_string(&kind).expect("JSON"), "\"telegram\"");
        assert_eq!(
            serde_json::from_str::<ChannelKind>("\"of_tomorrow\"").expect("a name").as_str(),
            "of_tomorrow"
        );
        for odd in ["", "Telegram", "a b", "ü", "123456789012345678901234"] {
            assert!(odd.parse::<ChannelKind>().is_err(), "{odd}");
        }
    }
}
