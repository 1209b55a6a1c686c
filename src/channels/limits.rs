//! How long a text each platform takes, and how a message is laid into requests.
//! Never cuts a text: what is too long is refused with a clear word, or split where the caller asks.
//! Source: docs/platforms.md 2.5, 2.6, 3.4, 4, 5.4.

use crate::domain::ChannelKind;
use crate::domain::outbound::{OutboundMedia, Part};
use crate::domain::text::MAX_TEXT_BYTES;
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

/// How long a text may be.
pub fn text_limit(kind: ChannelKind) -> Limit {
    let (limit, unit) = match kind {
        ChannelKind::Whatsapp => (4096, Unit::Characters),
        ChannelKind::Instagram => (1000, Unit::Bytes),
        ChannelKind::Messenger => (2000, Unit::Characters),
        ChannelKind::Telegram => (4096, Unit::Utf16),
        ChannelKind::Webchat => (MAX_TEXT_BYTES, Unit::Bytes),
    };
    Limit { limit, unit }
}

/// How long the words under a file may be; `None`: this platform has no captions.
pub fn caption_limit(kind: ChannelKind) -> Option<Limit> {
    match kind {
        ChannelKind::Whatsapp => Some(Limit { limit: 1024, unit: Unit::Characters }),
        ChannelKind::Telegram => Some(Limit { limit: 1024, unit: Unit::Utf16 }),
        ChannelKind::Webchat => Some(text_limit(kind)),
        ChannelKind::Instagram | ChannelKind::Messenger => None,
    }
}

fn check(kind: ChannelKind, text: &str, Limit { limit, unit }: Limit) -> Result<(), TooLong> {
    let length = unit.count(text);
    if length > limit { Err(TooLong { kind, length, limit, unit: unit.word() }) } else { Ok(()) }
}

/// Whether a platform takes a text of this length.
pub fn check_text(kind: ChannelKind, text: &str) -> Result<(), TooLong> {
    check(kind, text, text_limit(kind))
}

/// Whether a platform takes a caption of this length.
pub fn check_caption(kind: ChannelKind, caption: &str) -> Result<(), TooLong> {
    check(kind, caption, caption_limit(kind).unwrap_or(Limit { limit: 0, unit: Unit::Characters }))
}

/// The requests one message becomes: words go under the only file where the platform has
/// captions and they fit, else before the files; one file a request.
pub fn parts(kind: ChannelKind, text: Option<&str>, mut files: Vec<OutboundMedia>) -> Vec<Part> {
    let text = text.filter(|text| !text.is_empty());
    if let ([only], Some(words)) = (&mut files[..], text) {
        let fits = caption_limit(kind).is_some() && check_caption(kind, words).is_ok();
        if fits && super::takes_caption(kind, only.kind) {
            only.caption = Some(words.to_owned());
            return files.into_iter().map(Part::Media).collect();
        }
    }
    text.map(|text| Part::Text(text.to_owned()))
        .into_iter()
        .chain(files.into_iter().map(Part::Media))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::inbound::AttachmentKind;
    use crate::domain::outbound::MediaSource;

    fn check_length(kind: ChannelKind, text: &str, fits: bool) {
        assert_eq!(check_text(kind, text).is_ok(), fits, "{kind} {}", text.len());
    }

    #[test]
    fn every_platform_counts_in_its_own_way() {
        check_length(ChannelKind::Whatsapp, &"é".repeat(4096), true);
        check_length(ChannelKind::Whatsapp, &"é".repeat(4097), false);
        check_length(ChannelKind::Instagram, &"😀".repeat(250), true);
        check_length(ChannelKind::Instagram, &"😀".repeat(251), false);
        check_length(ChannelKind::Messenger, &"é".repeat(2000), true);
        check_length(ChannelKind::Messenger, &"é".repeat(2001), false);
        check_length(ChannelKind::Telegram, &"😀".repeat(2048), true);
        check_length(ChannelKind::Telegram, &"😀".repeat(2049), false);
    }

    fn file(kind: AttachmentKind) -> OutboundMedia {
        OutboundMedia {
            kind,
            source: MediaSource::Url(String::new()),
            mime_type: String::new(),
            file_name: None,
            caption: None,
            size_in_pixels: None,
        }
    }

    fn check_parts(kind: ChannelKind, text: &str, files: &[AttachmentKind], requests: usize) {
        let files = files.iter().copied().map(file).collect();
        assert_eq!(parts(kind, Some(text), files).len(), requests, "{kind}");
    }

    #[test]
    fn words_go_under_the_only_file_where_the_platform_has_captions() {
        use AttachmentKind::{Image, Sticker};
        check_parts(ChannelKind::Whatsapp, "hi", &[Image], 1);
        check_parts(ChannelKind::Whatsapp, "hi", &[Sticker], 2);
        check_parts(ChannelKind::Whatsapp, &"x".repeat(1025), &[Image], 2);
        check_parts(ChannelKind::Instagram, "hi", &[Image], 2);
        check_parts(ChannelKind::Telegram, "hi", &[Image, Image], 3);
        check_parts(ChannelKind::Telegram, "", &[Image], 1);
    }
}
