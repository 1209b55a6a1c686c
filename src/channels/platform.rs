//! What a platform can be asked: one trait, implemented once in each platform's folder. Never when or how
//! often: that is for whoever asks.

use super::actions::{CallError, FetchedProfile};
use super::connect::Finding;
use super::kind::Kind;
use super::media::{FetchError, RemoteFile};
use super::past::{PastMessages, PastThreads};
use super::templates::{TemplateAnswer, TemplateRequest};
use super::token::RenewedToken;
use super::{ChannelAccess, ChannelOptions, Credentials, Platforms};
use crate::domain::inbound::{CustomerIdentity, IdentityKind, InboundEvent, RemoteSource, Thread};
use crate::domain::outbound::{Outbound, OutboundMedia, SendOutcome};
use crate::domain::template::PlatformTemplate;
use crate::domain::{NumberStanding, TokenLife, WebhookStanding};
use futures_util::FutureExt;
use futures_util::future::{BoxFuture, ready};
use serde_json::Value;
use serde_json::value::RawValue;
use std::time::Duration;

/// A platform: all that differs between one kind of channel and another. What most have nothing for has an
/// answer here already.
pub trait Platform: Sync {
    /// What is to know of it.
    fn kind(&self) -> &'static Kind;

    /// What a webhook's body says. `account` is the channel's external id where the address of the webhook
    /// names the channel; empty: the body names its accounts itself.
    fn parse(&self, account: &str, whole: &RawValue) -> Vec<InboundEvent> {
        let _ = (account, whole);
        Vec::new()
    }

    /// One event that was kept by itself, as a body that [`Self::parse`] reads. `business`: what stands above
    /// the account.
    fn wrapped(&self, account: &str, business: Option<&str>, raw: &str) -> String {
        let _ = (account, business);
        raw.to_owned()
    }

    /// The customer that a person typed or a program named.
    fn identity(&self, external_id: &str, business_connection: Option<&str>) -> CustomerIdentity {
        let _ = business_connection;
        CustomerIdentity::new(IdentityKind::User, external_id)
    }

    /// The account's id, where its credentials tell it.
    fn account(&self, credentials: &Credentials) -> Option<String> {
        let _ = credentials;
        None
    }

    /// The option that is missing before we can be called or ask for templates.
    fn missing_option(&self, options: &ChannelOptions) -> Option<&'static str> {
        let _ = options;
        None
    }

    /// Hands one message to the platform, once. Never fails: what happened is the outcome.
    fn send<'a>(
        &'a self,
        platforms: &'a Platforms,
        channel: &'a ChannelAccess,
        outbound: &'a Outbound,
    ) -> BoxFuture<'a, SendOutcome>;

    /// Marks the customer's message, and all before it, as read by us.
    fn mark_read<'a>(
        &'a self,
        platforms: &'a Platforms,
        channel: &'a ChannelAccess,
        thread: &'a Thread,
        message_id: &'a str,
    ) -> BoxFuture<'a, Result<(), CallError>> {
        let _ = (platforms, channel, thread, message_id);
        ready(Ok(())).boxed()
    }

    /// Shows the customer that somebody writes, or no longer does. `last_message_id`: the customer's newest
    /// message, where the platform needs it.
    fn typing<'a>(
        &'a self,
        platforms: &'a Platforms,
        channel: &'a ChannelAccess,
        thread: &'a Thread,
        is_typing: bool,
        last_message_id: Option<&'a str>,
    ) -> BoxFuture<'a, Result<(), CallError>> {
        let _ = (platforms, channel, thread, is_typing, last_message_id);
        ready(Ok(())).boxed()
    }

    /// Tells the platform that a button press was seen.
    fn answer_callback<'a>(
        &'a self,
        platforms: &'a Platforms,
        channel: &'a ChannelAccess,
        callback_id: &'a str,
    ) -> BoxFuture<'a, Result<(), CallError>> {
        let _ = (platforms, channel, callback_id);
        ready(Ok(())).boxed()
    }

    /// What the platform knows of a person; `None` where it tells nothing.
    fn profile<'a>(
        &'a self,
        platforms: &'a Platforms,
        channel: &'a ChannelAccess,
        who: &'a CustomerIdentity,
    ) -> BoxFuture<'a, Result<Option<FetchedProfile>, CallError>> {
        let _ = (platforms, channel, who);
        ready(Ok(None)).boxed()
    }

    /// Fetches a file of at most `limit` bytes.
    fn fetch<'a>(
        &'a self,
        platforms: &'a Platforms,
        channel: &'a ChannelAccess,
        source: &'a RemoteSource,
        limit: u64,
    ) -> BoxFuture<'a, Result<RemoteFile, FetchError>> {
        let _ = channel;
        platforms.fetch_open(source, limit).boxed()
    }

    /// Asks the platform about the channel. `webhook_url` is where its webhooks should go.
    fn test<'a>(
        &'a self,
        platforms: &'a Platforms,
        channel: &'a ChannelAccess,
        webhook_url: &'a str,
    ) -> BoxFuture<'a, Vec<Finding>> {
        let _ = (platforms, channel, webhook_url);
        ready(Vec::new()).boxed()
    }

    /// Tells the platform to call us.
    fn subscribe<'a>(
        &'a self,
        platforms: &'a Platforms,
        channel: &'a ChannelAccess,
        webhook_url: &'a str,
    ) -> BoxFuture<'a, Result<(), CallError>> {
        let _ = (platforms, channel, webhook_url);
        ready(Ok(())).boxed()
    }

    /// What the platform says of our webhook; never an address with a secret in it. `None`: nothing, or it
    /// was not to be had.
    fn webhook_info<'a>(
        &'a self,
        platforms: &'a Platforms,
        channel: &'a ChannelAccess,
    ) -> BoxFuture<'a, Option<Value>> {
        let _ = (platforms, channel);
        ready(None).boxed()
    }

    /// The messages that the platform approved beforehand, all of them.
    fn templates<'a>(
        &'a self,
        platforms: &'a Platforms,
        channel: &'a ChannelAccess,
    ) -> BoxFuture<'a, Result<Vec<PlatformTemplate>, CallError>> {
        let _ = (platforms, channel);
        ready(Ok(Vec::new())).boxed()
    }
    /// The conversations that the platform has, those first in which somebody wrote last; `after`: where an
    /// answer before ended. None where it gives none.
    fn past_threads<'a>(
        &'a self,
        platforms: &'a Platforms,
        channel: &'a ChannelAccess,
        after: Option<&'a str>,
    ) -> BoxFuture<'a, Result<PastThreads, CallError>> {
        let _ = (platforms, channel, after);
        ready(Ok(PastThreads::default())).boxed()
    }

    /// The messages of one of them, the newest first; `after`: where an answer before ended.
    fn past_messages<'a>(
        &'a self,
        platforms: &'a Platforms,
        channel: &'a ChannelAccess,
        thread: &'a str,
        after: Option<&'a str>,
    ) -> BoxFuture<'a, Result<PastMessages, CallError>> {
        let _ = (platforms, channel, thread, after);
        ready(Ok(PastMessages::default())).boxed()
    }

    /// What the platform says of its webhook, which should go to `webhook_url`; `None`: nothing is to be had.
    fn webhook_standing<'a>(
        &'a self,
        platforms: &'a Platforms,
        channel: &'a ChannelAccess,
        webhook_url: &'a str,
    ) -> BoxFuture<'a, Result<Option<WebhookStanding>, CallError>> {
        let _ = (platforms, channel, webhook_url);
        ready(Ok(None)).boxed()
    }

    /// How long the channel's token lives; `None`: nobody can tell.
    fn token_life<'a>(
        &'a self,
        platforms: &'a Platforms,
        channel: &'a ChannelAccess,
    ) -> BoxFuture<'a, Result<Option<TokenLife>, CallError>> {
        let _ = (platforms, channel);
        ready(Ok(None)).boxed()
    }

    /// The credential without which nobody can tell how long the token lives; none: none is missing.
    fn missing_for_token_life(&self, channel: &ChannelAccess) -> Option<&'static str> {
        let _ = channel;
        None
    }

    /// Whether a token of such a channel can be made to live longer.
    fn renews_token(&self, channel: &ChannelAccess) -> bool {
        let _ = channel;
        false
    }

    /// Makes the channel's token live longer; `None`: that is not possible.
    fn renew_token<'a>(
        &'a self,
        platforms: &'a Platforms,
        channel: &'a ChannelAccess,
    ) -> BoxFuture<'a, Result<Option<RenewedToken>, CallError>> {
        let _ = (platforms, channel);
        ready(Ok(None)).boxed()
    }

    /// How the platform rates the channel's number; `None`: it has none.
    fn number_standing<'a>(
        &'a self,
        platforms: &'a Platforms,
        channel: &'a ChannelAccess,
    ) -> BoxFuture<'a, Result<Option<NumberStanding>, CallError>> {
        let _ = (platforms, channel);
        ready(Ok(None)).boxed()
    }

    /// What the platform says of a change of its approved messages; it has none: it refuses.
    fn change_template<'a>(
        &'a self,
        platforms: &'a Platforms,
        channel: &'a ChannelAccess,
        change: &'a TemplateRequest,
    ) -> BoxFuture<'a, Result<TemplateAnswer, CallError>> {
        let _ = (platforms, channel, change);
        let refused = SendOutcome::refused("no_templates", "this platform has no templates");
        ready(Err(refused.into())).boxed()
    }

    /// Brings a file to the platform before a message shows it: what it is called there, and for how long.
    fn upload<'a>(
        &'a self,
        platforms: &'a Platforms,
        channel: &'a ChannelAccess,
        media: &'a OutboundMedia,
    ) -> BoxFuture<'a, Result<(String, Duration), SendOutcome>> {
        let _ = (platforms, channel, media);
        ready(Err(SendOutcome::refused("unsupported", "this platform takes no files beforehand"))).boxed()
    }
}
