//! What is to know of Instagram. Source: docs/platforms.md 3.4, 3.5.

use crate::channels::file_limits::{MEGABYTE, Takes, takes};
use crate::channels::kind::{Ability, Address, After, Field, Formatting, Kind, Rates, Window};
use crate::channels::meta;
use crate::channels::text_limits::Limit;
use crate::channels::webhook::Webhook;
use crate::domain::inbound::AttachmentKind::{
    Animation, Audio, Document, Image, Share, Sticker, Video, Voice,
};
use crate::domain::inbound::IdentityKind;
use crate::domain::{ChannelKind, PlatformCheck};

const FILES: &[Takes] = &[
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

/// Instagram messaging, by either login. 100 messages a second; the burst to one customer is our choice.
pub(super) static KIND: Kind = Kind {
    kind: ChannelKind::named("instagram"),
    title: "Instagram",
    text: Limit::bytes(1000),
    caption: None,
    files: FILES,
    abilities: &[Ability::Reaction, Ability::Receipt, Ability::Typing],
    formatting: Formatting::None,
    window: Some(Window { hours: 24, then: After::HumanAgent, opens_by_referral: false }),
    rates: Rates { channel_per_second: 100, recipient_every_ms: 500, recipient_burst: 30 },
    proof: meta::PROOF,
    fields: &[
        Field::choice("login", &["instagram", "facebook"]),
        Field::account(),
        Field::asset("page_id"),
        Field::secret("access_token"),
        Field::secret("app_secret"),
        Field::optional_secret("instagram_app_secret"),
        Field::public("app_id"),
    ],
    needs: meta::NEEDS,
    makes: meta::MAKES,
    has_widget: false,
    webhook: Some(Webhook {
        subscribes_to: &[
            "messages",
            "messaging_postbacks",
            "messaging_seen",
            "message_reactions",
            "messaging_referral",
            "message_edit",
            "standby",
        ],
        ..meta::signed_by(&["app_secret", "instagram_app_secret"])
    }),
    address: Address::Id,
    tells_of: &[IdentityKind::Igsid],
    names_with_messages: false,
    receipts_reach_back: true,
    has_topics: false,
    typing_marks_read: false,
    checks: &[PlatformCheck::Messages, PlatformCheck::Token],
};
