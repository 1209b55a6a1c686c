//! Messenger, a Facebook page's inbox: its webhooks and its send call.
//! Never another platform's shapes; what it shares with Instagram is in `meta`.

use super::meta::messaging::{self, Flavour};
use super::meta::send::{self, Door};
use super::{ChannelAccess, Platforms};
use crate::domain::inbound::{CustomerIdentity, IdentityKind, InboundEvent, Thread};
use crate::domain::outbound::{Outbound, SendOutcome};
use serde_json::value::RawValue;

/// What the body says.
pub fn parse(whole: &RawValue) -> Vec<InboundEvent> {
    messaging::parse(whole, Flavour::Messenger)
}

/// Hands one message to Messenger.
pub async fn send(platforms: &Platforms, channel: &ChannelAccess, outbound: &Outbound) -> SendOutcome {
    match recipient(&outbound.thread) {
        Some(recipient) => {
            send::send(platforms, channel, &door(platforms, channel), recipient, outbound).await
        }
        None => SendOutcome::refused("no_address", "this customer has no Messenger id"),
    }
}

/// The customer's id for this page.
pub fn recipient(thread: &Thread) -> Option<&CustomerIdentity> {
    thread.find(IdentityKind::Psid)
}

/// The page's own calls.
pub fn door(platforms: &Platforms, channel: &ChannelAccess) -> Door {
    Door {
        base: platforms.graph(&channel.external_id),
        takes_metadata: true,
        takes_reply_to: true,
        needs_messaging_type: true,
        platform: None,
    }
}
