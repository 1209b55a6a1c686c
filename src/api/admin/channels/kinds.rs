//! What each kind of channel takes and can do, for whoever writes: the page and programs read it here, and
//! know no platform themselves. Never a channel of somebody's.

use crate::api::http::pagination::Page;
use crate::channels::limits::{self, Limit};
use crate::channels::takes::{self, Ability, Takes};
use crate::desk::channels::needed;
use crate::domain::{ChannelKind, Identity};
use actix_web::HttpResponse;
use serde::Serialize;
use utoipa::ToSchema;

/// One kind of channel.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ChannelKindProfile)]
pub struct KindView {
    kind: ChannelKind,
    /// How long a text may be: `{limit, unit}`, counted in `characters`, `bytes` or `utf16`.
    text: Limit,
    /// How long the words under a file may be; null: it has none.
    caption: Option<Limit>,
    /// What files go as, the first that fits: `{kind, from, mime_types, max_bytes, max_sides, max_ratio}`.
    /// What fits none cannot go. None at all: every file goes.
    #[schema(value_type = Vec<Takes>)]
    files: &'static [Takes],
    /// quote, reaction, voice, location, contact, template.
    #[schema(value_type = Vec<Ability>)]
    abilities: &'static [Ability],
    /// Which credentials a channel needs.
    #[schema(value_type = Vec<String>)]
    credentials: &'static [&'static str],
    /// How long one may write freely after the customer wrote; null: always.
    window: Option<WindowView>,
}

/// The time for free words.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = WriteWindow)]
pub struct WindowView {
    hours: u32,
    /// What is possible after it: `template`, `human_agent`.
    then: &'static str,
}

fn view(kind: ChannelKind) -> KindView {
    let window = match kind {
        ChannelKind::Whatsapp => Some("template"),
        ChannelKind::Instagram | ChannelKind::Messenger => Some("human_agent"),
        ChannelKind::Telegram | ChannelKind::Webchat => None,
    };
    KindView {
        kind,
        text: limits::text_limit(kind),
        caption: limits::caption_limit(kind),
        files: takes::files(kind),
        abilities: takes::abilities(kind),
        credentials: needed(kind),
        window: window.map(|then| WindowView { hours: 24, then }),
    }
}

/// Every kind of channel with its limits, abilities, needed credentials and window.
#[utoipa::path(get, path = "/api/v1/channel-kinds", operation_id = "list_channel_kinds", tag = "channels",
    responses((status = 200, body = Page<KindView>)))]
pub async fn list(_: Identity) -> HttpResponse {
    let items = ChannelKind::ALL.iter().map(|kind| view(*kind)).collect();
    HttpResponse::Ok().json(Page { items, next_cursor: None })
}
