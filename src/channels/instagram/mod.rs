//! Instagram messaging, by Instagram or by Facebook login: its webhooks and its send call.
//! Never another platform's shapes; what it shares with Messenger is in `meta`.

use super::meta::messaging::{self, Flavour};
use super::meta::send::{self, Door};
use super::{ChannelAccess, InstagramLogin, Platforms};
use crate::domain::inbound::{CustomerIdentity, IdentityKind, InboundEvent, Thread};
use crate::domain::outbound::{Outbound, SendOutcome};
use serde_json::value::RawValue;

/// What the body says.
pub fn parse(whole: &RawValue) -> Vec<InboundEvent> {
    messaging::parse(whole, Flavour::Instagram)
}

/// Hands one message to Instagram.
pub async fn send(platforms: &Platforms, channel: &ChannelAccess, outbound: &Outbound) -> SendOutcome {
    match recipient(&outbound.thread) {
        Some(recipient) => {
            send::send(platforms, channel, &door(platforms, channel), recipient, outbound).await
        }
        None => SendOutcome::refused("no_address", "this customer has no Instagram id"),
    }
}

/// The customer's id for this account.
pub fn recipient(thread: &Thread) -> Option<&CustomerIdentity> {
    thread.find(IdentityKind::Igsid)
}

/// The two logins differ in host, token and the name of the account.
pub fn door(platforms: &Platforms, channel: &ChannelAccess) -> Door {
    let base = match channel.options.login {
        InstagramLogin::Instagram => platforms.instagram("me"),
        InstagramLogin::Facebook => platforms.graph(channel.options.page_id.as_deref().unwrap_or("me")),
    };
    Door {
        base,
        // Not documented for Instagram; an unknown member would be refused.
        takes_metadata: false,
        takes_reply_to: channel.options.login == InstagramLogin::Facebook,
        needs_messaging_type: false,
        platform: Some("instagram"),
    }
}
