//! The Telegram Bot API: updates, business connections included, and its calls.
//! Never another platform's shapes; the bot's token never leaves the request's address.

mod answer;
mod connect;
mod content;
mod kind;
mod media;
mod parse;
mod profile;
pub mod secret;
mod send;

use super::actions::{CallError, FetchedProfile};
use super::connect::Finding;
use super::kind::Kind;
use super::media::{FetchError, RemoteFile};
use super::platform::Platform;
use super::{ChannelAccess, Credentials, Platforms};
use crate::domain::WebhookStanding;
use crate::domain::inbound::{CustomerIdentity, IdentityKind, InboundEvent, RemoteSource, Thread};
use crate::domain::outbound::{Outbound, SendOutcome};
use futures_util::FutureExt;
use futures_util::future::{BoxFuture, ready};
use serde_json::Value;
use serde_json::value::RawValue;

use kind::KIND;

/// Telegram.
pub(super) struct Telegram;

impl Platform for Telegram {
    fn kind(&self) -> &'static Kind {
        &KIND
    }

    fn parse(&self, account: &str, whole: &RawValue) -> Vec<InboundEvent> {
        parse::parse(account, whole)
    }

    fn identity(&self, external_id: &str, business_connection: Option<&str>) -> CustomerIdentity {
        match business_connection {
            Some(connection) => CustomerIdentity::telegram_business(connection, external_id),
            None if external_id.starts_with('-') => {
                CustomerIdentity::new(IdentityKind::TelegramGroup, external_id)
            }
            None => CustomerIdentity::new(IdentityKind::TelegramUser, external_id),
        }
    }

    /// A bot's token begins with the bot's id: 123456:ABC-DEF.
    fn account(&self, credentials: &Credentials) -> Option<String> {
        let (id, _) = credentials.get("bot_token")?.split_once(':')?;
        Some(id.to_owned())
    }

    fn send<'a>(
        &'a self,
        platforms: &'a Platforms,
        channel: &'a ChannelAccess,
        outbound: &'a Outbound,
    ) -> BoxFuture<'a, SendOutcome> {
        send::send(platforms, channel, outbound).boxed()
    }

    fn mark_read<'a>(
        &'a self,
        platforms: &'a Platforms,
        channel: &'a ChannelAccess,
        thread: &'a Thread,
        message_id: &'a str,
    ) -> BoxFuture<'a, Result<(), CallError>> {
        async move { Ok(send::mark_read(platforms, channel, thread, message_id).await?) }.boxed()
    }

    /// Ends by itself after 5 seconds.
    fn typing<'a>(
        &'a self,
        platforms: &'a Platforms,
        channel: &'a ChannelAccess,
        thread: &'a Thread,
        is_typing: bool,
        _: Option<&'a str>,
    ) -> BoxFuture<'a, Result<(), CallError>> {
        if !is_typing {
            return ready(Ok(())).boxed();
        }
        async move { Ok(send::typing(platforms, channel, thread).await?) }.boxed()
    }

    /// Within 150 seconds of the press.
    fn answer_callback<'a>(
        &'a self,
        platforms: &'a Platforms,
        channel: &'a ChannelAccess,
        callback_id: &'a str,
    ) -> BoxFuture<'a, Result<(), CallError>> {
        async move { Ok(send::answer_callback(platforms, channel, callback_id).await?) }.boxed()
    }

    fn profile<'a>(
        &'a self,
        platforms: &'a Platforms,
        channel: &'a ChannelAccess,
        who: &'a CustomerIdentity,
    ) -> BoxFuture<'a, Result<Option<FetchedProfile>, CallError>> {
        if !KIND.tells_of.contains(&who.kind) {
            return ready(Ok(None)).boxed();
        }
        async move { profile::fetch(platforms, channel, who).await.map(Some) }.boxed()
    }

    fn fetch<'a>(
        &'a self,
        platforms: &'a Platforms,
        channel: &'a ChannelAccess,
        source: &'a RemoteSource,
        limit: u64,
    ) -> BoxFuture<'a, Result<RemoteFile, FetchError>> {
        match source {
            RemoteSource::TelegramFile { file_id } => {
                media::fetch(platforms, channel, file_id, limit).boxed()
            }
            _ => platforms.fetch_open(source, limit).boxed(),
        }
    }

    fn test<'a>(
        &'a self,
        platforms: &'a Platforms,
        channel: &'a ChannelAccess,
        webhook_url: &'a str,
    ) -> BoxFuture<'a, Vec<Finding>> {
        connect::test(platforms, channel, webhook_url).boxed()
    }

    fn subscribe<'a>(
        &'a self,
        platforms: &'a Platforms,
        channel: &'a ChannelAccess,
        webhook_url: &'a str,
    ) -> BoxFuture<'a, Result<(), CallError>> {
        connect::subscribe(platforms, channel, webhook_url).boxed()
    }

    fn webhook_info<'a>(
        &'a self,
        platforms: &'a Platforms,
        channel: &'a ChannelAccess,
    ) -> BoxFuture<'a, Option<Value>> {
        connect::webhook_info(platforms, channel).boxed()
    }

    fn webhook_standing<'a>(
        &'a self,
        platforms: &'a Platforms,
        channel: &'a ChannelAccess,
        webhook_url: &'a str,
    ) -> BoxFuture<'a, Result<Option<WebhookStanding>, CallError>> {
        connect::standing(platforms, channel, webhook_url).boxed()
    }
}
