//! Instagram messaging, by Instagram or by Facebook login: its webhooks and its send call.
//! Never another platform's shapes; what it shares with Messenger is in `meta::messaging`.

use super::meta::messaging::{self, Flavour};
use crate::domain::inbound::InboundEvent;
use serde_json::value::RawValue;

/// What the body says.
pub fn parse(whole: &RawValue) -> Vec<InboundEvent> {
    messaging::parse(whole, Flavour::Instagram)
}
