//! What is to know of Telegram. Source: docs/platforms.md 5.4, 5.5.

use super::secret;
use crate::channels::file_limits::{EVERY, MEGABYTE, Takes, takes};
use crate::channels::kind::{Ability, Address, Caption, Field, Formatting, Kind, Rates};
use crate::channels::text_limits::Limit;
use crate::channels::webhook::{Endpoint, Webhook};
use crate::domain::inbound::AttachmentKind::{
    Animation, Audio, Document, Image, Share, Sticker, Video, Voice,
};
use crate::domain::inbound::IdentityKind;
use crate::domain::{ChannelKind, PlatformCheck};
use std::time::Duration;

const FILES: &[Takes] = &[
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

/// A Telegram bot, business connections included. 30 messages a second, one a second to a chat; short bursts
/// pass. It echoes nothing of what a bot sends, so a lost answer is never proved.
pub(super) static KIND: Kind = Kind {
    kind: ChannelKind::named("telegram"),
    title: "Telegram",
    text: Limit::utf16(4096),
    caption: Some(Caption {
        limit: Limit::utf16(1024),
        under: &[Image, Video, Animation, Document, Share, Audio, Voice],
    }),
    files: FILES,
    abilities: &[
        Ability::Quote,
        Ability::Reaction,
        Ability::Voice,
        Ability::Location,
        Ability::Contact,
        Ability::Receipt,
        Ability::Typing,
        Ability::Edit,
    ],
    formatting: Formatting::None,
    window: None,
    rates: Rates { channel_per_second: 30, recipient_every_ms: 1_000, recipient_burst: 30 },
    proof: Duration::ZERO,
    fields: &[Field::secret("bot_token")],
    needs: &["bot_token", "webhook_secret"],
    makes: "webhook_secret",
    has_widget: false,
    webhook: Some(Webhook {
        endpoint: Endpoint::OfChannel,
        has_handshake: false,
        is_set_by_us: true,
        subscribes_to: &[],
        header: "x-telegram-bot-api-secret-token",
        secrets: &["webhook_secret"],
        is_proof: |value| !value.is_empty(),
        fits: |header, _, secret| secret::verify(header, secret),
        scheme: ("telegram_secret", "The channel's `webhook_secret`"),
    }),
    address: Address::Id,
    tells_of: &[IdentityKind::TelegramUser, IdentityKind::TelegramGroup, IdentityKind::TelegramBusiness],
    names_with_messages: true,
    receipts_reach_back: false,
    has_topics: true,
    typing_marks_read: false,
    checks: &[PlatformCheck::Webhook],
};
