//! What files a platform takes, and as what it shows them.

use crate::domain::inbound::AttachmentKind;
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

/// 1,048,576 bytes.
pub const MEGABYTE: usize = 1024 * 1024;
/// Files of every kind.
pub const EVERY: &[AttachmentKind] = AttachmentKind::ALL;

/// Of these kinds and types, up to so many bytes.
pub const fn takes(
    kind: AttachmentKind,
    from: &'static [AttachmentKind],
    mime_types: &'static [&'static str],
    max_bytes: usize,
) -> Takes {
    Takes { kind, from, mime_types, max_bytes, max_sides: None, max_ratio: None }
}

impl Takes {
    /// Whether a file goes so.
    pub fn fits(&self, media: &OutboundMedia) -> bool {
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
