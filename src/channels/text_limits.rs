//! How long a text may be, in the unit its platform counts in. Never cuts a text: what is too long is refused
//! with a clear word.

use crate::domain::ChannelKind;
use serde::Serialize;
use utoipa::ToSchema;

/// A text a platform would not take.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the text is {length} {unit} long, {kind} accepts {limit}")]
pub struct TooLong {
    /// The platform.
    pub kind: ChannelKind,
    /// How long it is.
    pub length: usize,
    /// How long it may be.
    pub limit: usize,
    /// What is counted.
    pub unit: &'static str,
}

/// How a platform counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = LengthUnit)]
pub enum Unit {
    /// Letters and signs.
    Characters,
    /// Bytes of UTF-8.
    Bytes,
    /// Units of UTF-16.
    Utf16,
}

/// How long something may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = LengthLimit)]
pub struct Limit {
    /// So many.
    pub limit: usize,
    /// Of these.
    pub unit: Unit,
}

impl Unit {
    fn count(self, text: &str) -> usize {
        match self {
            Self::Characters => text.chars().count(),
            Self::Bytes => text.len(),
            Self::Utf16 => text.encode_utf16().count(),
        }
    }

    fn word(self) -> &'static str {
        match self {
            Self::Bytes => "bytes",
            Self::Characters | Self::Utf16 => "characters",
        }
    }
}

impl Limit {
    /// So many letters and signs.
    pub const fn characters(limit: usize) -> Self {
        Self { limit, unit: Unit::Characters }
    }

    /// So many bytes of UTF-8.
    pub const fn bytes(limit: usize) -> Self {
        Self { limit, unit: Unit::Bytes }
    }

    /// So many units of UTF-16.
    pub const fn utf16(limit: usize) -> Self {
        Self { limit, unit: Unit::Utf16 }
    }

    /// Whether a text on a channel of this kind is within it.
    pub fn check(self, kind: ChannelKind, text: &str) -> Result<(), TooLong> {
        let Self { limit, unit } = self;
        let length = unit.count(text);
        if length > limit { Err(TooLong { kind, length, limit, unit: unit.word() }) } else { Ok(()) }
    }
}
