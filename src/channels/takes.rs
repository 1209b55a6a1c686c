//! What each platform takes: one table, by which messages are sent and which the page reads before somebody
//! sends one. Never a file's bytes. Source: docs/platforms.md 2.6, 3.4, 4, 5.4, 5.5.

use crate::domain::ChannelKind;
use crate::domain::inbound::AttachmentKind::{
    self, Animation, Audio, Document, Image, Share, Sticker, Video, Voice,
};
use crate::domain::outbound::OutboundMedia;
use serde::Serialize;
use utoipa::ToSchema;

/// Files that a platform takes as one kind.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[schema(as = FilesTaken)]
pub struct Takes {
    /// As what they are shown there.
    pub kind: AttachmentKind,
    /// Which kinds of ours go so.
    #[schema(value_type = Vec<AttachmentKind>)]
    pub from: &'static [AttachmentKind],
    /// Of which media types; none: of all.
    #[schema(value_type = Vec<String>)]
    pub mime_types: &'static [&'static str],
    /// How many bytes.
    pub max_bytes: usize,
    /// Width and height together, in pixels.
    pub max_sides: Option<i64>,
    /// How many times as long as wide.
    pub max_ratio: Option<i64>,
}

const MEGABYTE: usize = 1024 * 1024;
const EVERY: &[AttachmentKind] = AttachmentKind::ALL;

/// Of these kinds and types, up to so many bytes.
const fn takes(
    kind: AttachmentKind,
    from: &'static [AttachmentKind],
    mime_types: &'static [&'static str],
    max_bytes: usize,
) -> Takes {
    Takes { kind, from, mime_types, max_bytes, max_sides: None, max_ratio: None }
}

const WHATSAPP: &[Takes] = &[
    takes(Sticker, &[Sticker], &["image/webp"], 500 * 1024),
    takes(Image, &[Image, Share, Sticker], &["image/jpeg", "image/png"], 5 * MEGABYTE),
    takes(Video, &[Video, Animation], &["video/mp4", "video/3gpp"], 16 * MEGABYTE),
    takes(Voice, &[Voice], &["audio/ogg"], 16 * MEGABYTE),
    takes(
        Audio,
        &[Audio, Voice],
        &["audio/aac", "audio/amr", "audio/mpeg", "audio/mp4", "audio/ogg"],
        16 * MEGABYTE,
    ),
    takes(Document, EVERY, &[], 100 * MEGABYTE),
];

const TELEGRAM: &[Takes] = &[
    Takes {
        max_sides: Some(10_000),
        max_ratio: Some(20),
        ..takes(Image, &[Image, Share], &["image/jpeg", "image/png", "image/webp"], 10 * MEGABYTE)
    },
    takes(Video, &[Video], &["video/mp4"], 50 * MEGABYTE),
    takes(Animation, &[Animation], &["image/gif", "video/mp4"], 50 * MEGABYTE),
    takes(Voice, &[Voice], &["audio/ogg", "audio/mpeg", "audio/mp4"], 50 * MEGABYTE),
    takes(Audio, &[Audio], &["audio/mpeg", "audio/mp4"], 50 * MEGABYTE),
    takes(Sticker, &[Sticker], &["image/webp", "video/webm", "application/x-tgsticker"], 50 * MEGABYTE),
    takes(Document, EVERY, &[], 50 * MEGABYTE),
];

const INSTAGRAM: &[Takes] = &[
    takes(
        Image,
        &[Image, Sticker, Share, Animation],
        &["image/jpeg", "image/png", "image/gif"],
        8 * MEGABYTE,
    ),
    takes(
        Video,
        &[Video, Animation],
        &["video/mp4", "video/ogg", "video/x-msvideo", "video/quicktime", "video/webm"],
        25 * MEGABYTE,
    ),
    takes(Audio, &[Audio, Voice], &["audio/aac", "audio/mp4", "audio/wav", "audio/x-wav"], 25 * MEGABYTE),
    takes(Document, &[Document], &["application/pdf"], 25 * MEGABYTE),
];

const MESSENGER: &[Takes] = &[
    takes(Image, &[Image, Sticker, Share, Animation], &[], 25 * MEGABYTE),
    takes(Video, &[Video], &[], 25 * MEGABYTE),
    takes(Audio, &[Audio, Voice], &[], 25 * MEGABYTE),
    takes(Document, EVERY, &[], 25 * MEGABYTE),
];

/// What a channel takes, the first that fits; the last is how it takes what fits nowhere else.
pub fn files(channel: ChannelKind) -> &'static [Takes] {
    match channel {
        ChannelKind::Whatsapp => WHATSAPP,
        ChannelKind::Telegram => TELEGRAM,
        ChannelKind::Instagram => INSTAGRAM,
        ChannelKind::Messenger => MESSENGER,
        ChannelKind::Webchat => &[],
    }
}

impl Takes {
    fn fits(&self, media: &OutboundMedia) -> bool {
        let mime = media.mime_type.split(';').next().unwrap_or_default().trim();
        self.from.contains(&media.kind)
            && (self.mime_types.is_empty() || self.mime_types.contains(&mime))
            && media.bytes().is_none_or(|bytes| bytes <= self.max_bytes)
            && media.size_in_pixels.is_none_or(|size| self.fits_in(size))
    }

    fn fits_in(&self, (width, height): (i64, i64)) -> bool {
        let (long, short) = (width.max(height), width.min(height));
        self.max_sides.is_none_or(|most| width.saturating_add(height) <= most)
            && self.max_ratio.is_none_or(|most| long <= short.saturating_mul(most))
    }
}

/// As what a file goes there; what fits nowhere is left for the platform to judge, as a document.
pub fn goes_as(channel: ChannelKind, media: &OutboundMedia) -> AttachmentKind {
    files(channel).iter().find(|takes| takes.fits(media)).map_or(Document, |takes| takes.kind)
}

/// What else a channel can do, beside words and files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ChannelAbility)]
pub enum Ability {
    /// An answer names the message it answers.
    Quote,
    /// A message is answered by a sign.
    Reaction,
    /// A recording is a voice note.
    Voice,
    /// A place on the map.
    Location,
    /// A card with numbers.
    Contact,
    /// Messages approved beforehand.
    Template,
}

/// What a channel can do.
pub fn abilities(channel: ChannelKind) -> &'static [Ability] {
    use Ability::{Contact, Location, Quote, Reaction, Template, Voice};
    match channel {
        ChannelKind::Whatsapp => &[Quote, Reaction, Voice, Location, Contact, Template],
        ChannelKind::Telegram => &[Quote, Reaction, Voice, Location, Contact],
        ChannelKind::Messenger => &[Quote, Reaction],
        ChannelKind::Instagram => &[Reaction],
        ChannelKind::Webchat => &[Quote],
    }
}
