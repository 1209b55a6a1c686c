//! What is to know of the web chat.

use crate::channels::file_limits::EVERY;
use crate::channels::kind::{Ability, Address, Caption, Field, Formatting, Kind, Rates};
use crate::channels::text_limits::Limit;
use crate::domain::ChannelKind;
use crate::domain::text::MAX_TEXT_BYTES;
use std::time::Duration;

/// The web chat: what the server takes, it takes. Its rates are those of nobody: nothing is queued.
pub(super) static KIND: Kind = Kind {
    kind: ChannelKind::named("webchat"),
    title: "Web chat",
    text: Limit::bytes(MAX_TEXT_BYTES),
    caption: Some(Caption { limit: Limit::bytes(MAX_TEXT_BYTES), under: EVERY }),
    files: &[],
    abilities: &[Ability::Quote, Ability::Typing, Ability::Edit],
    formatting: Formatting::None,
    window: None,
    rates: Rates { channel_per_second: 1_000, recipient_every_ms: 1, recipient_burst: 1_000 },
    proof: Duration::ZERO,
    fields: &[Field::sites("allowed_sites")],
    needs: &[],
    makes: "identity_secret",
    has_widget: true,
    webhook: None,
    address: Address::Id,
    tells_of: &[],
    names_with_messages: false,
    receipts_reach_back: false,
    has_topics: false,
    typing_marks_read: false,
    checks: &[],
};
