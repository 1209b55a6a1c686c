//! What is to know of Messenger. Source: docs/platforms.md 4.

use crate::channels::file_limits::{EVERY, MEGABYTE, Takes, takes};
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
    takes(Image, &[Image, Sticker, Share, Animation], &[], 25 * MEGABYTE),
    takes(Video, &[Video], &[], 25 * MEGABYTE),
    takes(Audio, &[Audio, Voice], &[], 25 * MEGABYTE),
    takes(Document, EVERY, &[], 25 * MEGABYTE),
];

/// Messenger: a Facebook page. 300 messages a second; the burst to one customer is our choice.
pub(super) static KIND: Kind = Kind {
    kind: ChannelKind::named("messenger"),
    title: "Messenger",
    text: Limit::characters(2000),
    caption: None,
    files: FILES,
    abilities: &[Ability::Quote, Ability::Reaction, Ability::Receipt, Ability::Typing],
    formatting: Formatting::Marks,
    window: Some(Window { hours: 24, then: After::HumanAgent, opens_by_referral: true }),
    rates: Rates { channel_per_second: 300, recipient_every_ms: 500, recipient_burst: 30 },
    proof: meta::PROOF,
    fields: &[
        Field::account(),
        Field::secret("access_token"),
        Field::secret("app_secret"),
        Field::public("app_id"),
    ],
    needs: meta::NEEDS,
    makes: meta::MAKES,
    has_widget: false,
    webhook: Some(Webhook {
        subscribes_to: &[
            "messages",
            "message_echoes",
            "messaging_postbacks",
            "message_deliveries",
            "message_reads",
            "message_reactions",
            "message_edits",
            "messaging_referrals",
            "standby",
        ],
        ..meta::signed_by(&["app_secret"])
    }),
    address: Address::Id,
    tells_of: &[IdentityKind::Psid],
    names_with_messages: false,
    receipts_reach_back: false,
    has_topics: false,
    typing_marks_read: false,
    checks: &[PlatformCheck::Messages, PlatformCheck::Token],
};
