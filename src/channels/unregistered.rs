//! A kind of channel that this program does not know: a newer one connected it. It keeps its conversations,
//! takes nothing in and sends nothing out.

use super::kind::{Address, Formatting, Kind, Rates};
use super::platform::Platform;
use super::text_limits::Limit;
use super::{ChannelAccess, Platforms};
use crate::domain::ChannelKind;
use crate::domain::outbound::{Outbound, SendOutcome};
use crate::domain::text::MAX_TEXT_BYTES;
use futures_util::FutureExt;
use futures_util::future::{BoxFuture, ready};
use std::time::Duration;

static KIND: Kind = Kind {
    kind: ChannelKind::named("unknown"),
    title: "Unknown channel",
    text: Limit::bytes(MAX_TEXT_BYTES),
    caption: None,
    files: &[],
    abilities: &[],
    formatting: Formatting::None,
    window: None,
    rates: Rates { channel_per_second: 1, recipient_every_ms: 1_000, recipient_burst: 1 },
    proof: Duration::ZERO,
    fields: &[],
    needs: &[],
    makes: "webhook_secret",
    has_widget: false,
    webhook: None,
    address: Address::Id,
    tells_of: &[],
    names_with_messages: false,
    receipts_reach_back: false,
    has_topics: false,
    typing_marks_read: false,
    checks: &[],
};

/// Whatever nobody registered.
pub(super) struct Unregistered;

impl Platform for Unregistered {
    fn kind(&self) -> &'static Kind {
        &KIND
    }

    fn send<'a>(
        &'a self,
        _: &'a Platforms,
        channel: &'a ChannelAccess,
        _: &'a Outbound,
    ) -> BoxFuture<'a, SendOutcome> {
        let why = format!("this version of the server does not know {}: update it", channel.kind);
        ready(SendOutcome::refused("unsupported", why)).boxed()
    }
}
