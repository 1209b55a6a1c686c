//! What each kind of channel takes and can do, for whoever writes and whoever connects one: the page and
//! programs read it here, and know no platform themselves. Never a channel of somebody's.

use crate::api::http::pagination::Page;
use crate::channels::file_limits::Takes;
use crate::channels::kind::{Ability, Address, Field, Formatting, Kind, Rates, Window};
use crate::channels::registry;
use crate::channels::text_limits::Limit;
use crate::channels::webhook::Endpoint;
use crate::domain::{ChannelKind, Identity, PlatformCheck};
use actix_web::HttpResponse;
use serde::Serialize;
use utoipa::ToSchema;

/// One kind of channel.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ChannelKindProfile)]
pub struct KindView {
    kind: ChannelKind,
    /// What its owner calls it.
    title: &'static str,
    /// How long a text may be: `{limit, unit}`, counted in `characters`, `bytes` or `utf16`.
    text: Limit,
    /// How long the words under a file may be; null: it has none.
    caption: Option<Limit>,
    /// What files go as, the first that fits: `{kind, from, mime_types, max_bytes, max_sides, max_ratio}`.
    /// What fits none cannot go. None at all: every file goes.
    #[schema(value_type = Vec<Takes>)]
    files: &'static [Takes],
    /// quote, reaction, voice, location, contact, template, receipt, typing, edit, first_contact.
    #[schema(value_type = Vec<Ability>)]
    abilities: &'static [Ability],
    /// Which marks it shows as bold, italic and the like: `none`, `marks` or `marks_and_quotes`.
    formatting: Formatting,
    /// Which credentials a channel needs.
    #[schema(value_type = Vec<String>)]
    credentials: &'static [&'static str],
    /// What one is asked for who connects a channel.
    #[schema(value_type = Vec<Field>)]
    fields: &'static [Field],
    /// How the platform calls us; null: nobody does.
    webhook: Option<WebhookView>,
    /// Whether its customers are visitors of our own widget: there is no account elsewhere.
    has_widget: bool,
    /// How long one may write freely after the customer wrote; null: always.
    window: Option<Window>,
    /// How fast we send.
    rates: Rates,
    /// What a customer is known by to whoever writes first: `phone` or `id`.
    address: Address,
    /// How many seconds the answer to a send that was lost may still be proved.
    proof_seconds: u64,
    /// What is asked of its platform now and then: `messages` (what webhooks lost is read back), `webhook`,
    /// `token`, `number`. Without `messages` the platform gives no way to read what was missed.
    #[schema(value_type = Vec<PlatformCheck>)]
    checks: &'static [PlatformCheck],
}

/// How a platform calls us.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ChannelKindWebhook)]
pub struct WebhookView {
    /// Whether each channel has an address of its own; else all channels of the kind share one.
    is_per_channel: bool,
    /// Whether the platform first asks whether the address is ours, by the `verify_token`.
    has_handshake: bool,
    /// Whether we tell the platform the address ourselves; else an admin enters it there.
    is_set_by_us: bool,
    /// The fields that an admin subscribes to at the platform; none: there is nothing to choose.
    #[schema(value_type = Vec<String>)]
    subscribes_to: &'static [&'static str],
}

impl From<&'static Kind> for KindView {
    fn from(kind: &'static Kind) -> Self {
        let webhook = kind.webhook.as_ref().map(|webhook| WebhookView {
            is_per_channel: webhook.endpoint == Endpoint::OfChannel,
            has_handshake: webhook.has_handshake,
            is_set_by_us: webhook.is_set_by_us,
            subscribes_to: webhook.subscribes_to,
        });
        Self {
            kind: kind.kind,
            title: kind.title,
            text: kind.text,
            caption: kind.caption.map(|caption| caption.limit),
            files: kind.files,
            abilities: kind.abilities,
            formatting: kind.formatting,
            credentials: kind.needs,
            fields: kind.fields,
            webhook,
            has_widget: kind.has_widget,
            window: kind.window,
            rates: kind.rates,
            address: kind.address,
            proof_seconds: kind.proof.as_secs(),
            checks: kind.checks,
        }
    }
}

/// Every kind of channel with its limits, abilities, needed credentials and window.
#[utoipa::path(get, path = "/api/v1/channel-kinds", operation_id = "list_channel_kinds", tag = "channels",
    responses((status = 200, body = Page<KindView>)))]
pub async fn list(_: Identity) -> HttpResponse {
    let items = registry::kinds().map(KindView::from).collect();
    HttpResponse::Ok().json(Page { items, next_cursor: None })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    #[test]
    fn every_kind_says_the_same_things_of_itself() {
        let fields =
            |value: &Value| value.as_object().expect("an object").keys().cloned().collect::<Vec<_>>();
        let shown: Vec<Value> = registry::kinds().map(|kind| json!(KindView::from(kind))).collect();
        let first = fields(&shown[0]);
        for kind in &shown {
            assert_eq!(fields(kind), first, "{}", kind["kind"]);
            for needed in ["kind", "title", "text", "abilities", "formatting", "rates", "address"] {
                assert!(!kind[needed].is_null(), "{}: {needed}", kind["kind"]);
            }
        }
    }
}
