//! The web chat: our own widget, on somebody's pages. Its visitors speak to this server by a socket, so there
//! is no platform to send to and none that calls us.

mod kind;

use super::connect::Finding;
use super::kind::Kind;
use super::platform::Platform;
use super::{ChannelAccess, Platforms};
use crate::domain::inbound::{CustomerIdentity, IdentityKind};
use crate::domain::outbound::{Outbound, SendOutcome};
use futures_util::FutureExt;
use futures_util::future::{BoxFuture, ready};

use kind::KIND;

/// The web chat.
pub(super) struct Webchat;

impl Platform for Webchat {
    fn kind(&self) -> &'static Kind {
        &KIND
    }

    fn identity(&self, external_id: &str, _: Option<&str>) -> CustomerIdentity {
        CustomerIdentity::new(IdentityKind::Visitor, external_id)
    }

    fn send<'a>(
        &'a self,
        _: &'a Platforms,
        _: &'a ChannelAccess,
        _: &'a Outbound,
    ) -> BoxFuture<'a, SendOutcome> {
        ready(SendOutcome::refused("unsupported", "web chat is not a platform to send to")).boxed()
    }

    fn test<'a>(&'a self, _: &'a Platforms, _: &'a ChannelAccess, _: &'a str) -> BoxFuture<'a, Vec<Finding>> {
        ready(vec![Finding::good("account", "the web chat needs no account")]).boxed()
    }
}
