//! Messenger, a Facebook page's inbox: its webhooks and its send call.
//! Never another platform's shapes; what it shares with Instagram is in `meta::messaging`.

use super::meta::messaging::{self, Flavour};
use crate::domain::inbound::InboundEvent;
use serde_json::value::RawValue;

/// What the body says.
pub fn parse(whole: &RawValue) -> Vec<InboundEvent> {
    messaging::parse(whole, Flavour::Messenger)
}
