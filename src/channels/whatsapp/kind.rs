//! What is to know of WhatsApp. Source: docs/platforms.md 2.5, 2.6, 2.7.

use crate::channels::file_limits::{EVERY, MEGABYTE, Takes, takes};
use crate::channels::kind::{Ability, Address, After, Caption, Field, Formatting, Kind, Rates, Window};
use crate::channels::meta;
use crate::channels::text_limits::Limit;
use crate::channels::webhook::Webhook;
use crate::domain::inbound::AttachmentKind::{
    Animation, Audio, Document, Image, Share, Sticker, Video, Voice,
};
use crate::domain::{ChannelKind, PlatformCheck};

const FILES: &[Takes] = &[
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

/// WhatsApp Cloud API. 80 messages a second; to one customer 10 a minute with 45 borrowed.
pub(super) static KIND: Kind = Kind {
    kind: ChannelKind::named("whatsapp"),
    title: "WhatsApp",
    text: Limit::characters(4096),
    caption: Some(Caption {
        limit: Limit::characters(1024),
        under: &[Image, Video, Animation, Document, Share],
    }),
    files: FILES,
    abilities: &[
        Ability::Quote,
        Ability::Reaction,
        Ability::Voice,
        Ability::Location,
        Ability::Contact,
        Ability::Template,
        Ability::Receipt,
        Ability::Typing,
        Ability::FirstContact,
    ],
    formatting: Formatting::MarksAndQuotes,
    window: Some(Window { hours: 24, then: After::Template, opens_by_referral: false }),
    rates: Rates { channel_per_second: 80, recipient_every_ms: 6_000, recipient_burst: 45 },
    proof: meta::PROOF,
    fields: &[
        Field::account(),
        Field::asset("waba_id"),
        Field::secret("access_token"),
        Field::secret("app_secret"),
        Field::public("app_id"),
        Field::flag("coexistence"),
    ],
    needs: meta::NEEDS,
    makes: meta::MAKES,
    has_widget: false,
    webhook: Some(Webhook {
        subscribes_to: &[
            "messages",
            "smb_message_echoes",
            "smb_app_state_sync",
            "history",
            "account_update",
            "calls",
            "user_preferences",
            "message_template_status_update",
            "message_template_quality_update",
            "template_category_update",
            "message_template_components_update",
        ],
        ..meta::signed_by(&["app_secret"])
    }),
    address: Address::Phone,
    tells_of: &[],
    names_with_messages: false,
    receipts_reach_back: false,
    has_topics: false,
    typing_marks_read: true,
    checks: &[PlatformCheck::Token, PlatformCheck::Number],
};
