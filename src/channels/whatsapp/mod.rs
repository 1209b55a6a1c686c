//! WhatsApp Cloud API: its webhooks, coexistence echoes and history included, and its calls.
//! Never another platform's shapes.

mod content;
mod customers;
mod history;
mod kind;
mod media;
mod message;
mod number;
mod parse;
mod read;
mod send;
mod statuses;
mod template_message;
mod template_news;
mod template_shape;
mod templates;

use super::actions::CallError;
use super::connect::Finding;
use super::kind::Kind;
use super::media::{FetchError, RemoteFile};
use super::meta::connect::{self, Account};
use super::meta::token;
use super::platform::Platform;
use super::templates::{TemplateAnswer, TemplateRequest};
use super::{ChannelAccess, ChannelOptions, Platforms};
use crate::domain::inbound::{CustomerIdentity, InboundEvent, RemoteSource, Thread};
use crate::domain::outbound::{MediaSource, Outbound, OutboundMedia, SendOutcome};
use crate::domain::template::PlatformTemplate;
use crate::domain::{NumberStanding, TokenLife};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use serde_json::value::RawValue;
use std::time::Duration;

use kind::KIND;

/// How long a file lies there: 30 days, and a day before that it is brought again (docs/platforms.md 2.6).
const KEPT: Duration = Duration::from_hours(29 * 24);

/// WhatsApp.
pub(super) struct WhatsApp;

impl Platform for WhatsApp {
    fn kind(&self) -> &'static Kind {
        &KIND
    }

    fn parse(&self, _: &str, whole: &RawValue) -> Vec<InboundEvent> {
        parse::parse(whole)
    }

    fn wrapped(&self, _: &str, business: Option<&str>, raw: &str) -> String {
        let id = serde_json::Value::from(business.unwrap_or_default());
        format!(r#"{{"object":"whatsapp_business_account","entry":[{{"id":{id},"changes":[{raw}]}}]}}"#)
    }

    fn identity(&self, external_id: &str, _: Option<&str>) -> CustomerIdentity {
        customers::phone_or_user(external_id)
    }

    fn missing_option(&self, options: &ChannelOptions) -> Option<&'static str> {
        options.waba_id.is_none().then_some("waba_id")
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
        _: &'a Thread,
        message_id: &'a str,
    ) -> BoxFuture<'a, Result<(), CallError>> {
        async move { Ok(send::mark_read(platforms, channel, message_id, false).await?) }.boxed()
    }

    /// Needs the customer's last message, marks it as read too, and cannot be taken back.
    fn typing<'a>(
        &'a self,
        platforms: &'a Platforms,
        channel: &'a ChannelAccess,
        _: &'a Thread,
        is_typing: bool,
        last_message_id: Option<&'a str>,
    ) -> BoxFuture<'a, Result<(), CallError>> {
        let last = last_message_id.filter(|_| is_typing);
        async move {
            match last {
                Some(id) => Ok(send::mark_read(platforms, channel, id, true).await?),
                None => Ok(()),
            }
        }
        .boxed()
    }

    fn fetch<'a>(
        &'a self,
        platforms: &'a Platforms,
        channel: &'a ChannelAccess,
        source: &'a RemoteSource,
        limit: u64,
    ) -> BoxFuture<'a, Result<RemoteFile, FetchError>> {
        match source {
            RemoteSource::WhatsappMedia { id, url } => {
                media::fetch(platforms, channel, id, url.as_deref(), limit).boxed()
            }
            _ => platforms.fetch_open(source, limit).boxed(),
        }
    }

    fn test<'a>(
        &'a self,
        platforms: &'a Platforms,
        channel: &'a ChannelAccess,
        _: &'a str,
    ) -> BoxFuture<'a, Vec<Finding>> {
        connect::test(platforms, channel, account(platforms, channel), KIND.secrets()).boxed()
    }

    fn subscribe<'a>(
        &'a self,
        platforms: &'a Platforms,
        channel: &'a ChannelAccess,
        _: &'a str,
    ) -> BoxFuture<'a, Result<(), CallError>> {
        connect::subscribe(platforms, channel, account(platforms, channel), None).boxed()
    }

    fn templates<'a>(
        &'a self,
        platforms: &'a Platforms,
        channel: &'a ChannelAccess,
    ) -> BoxFuture<'a, Result<Vec<PlatformTemplate>, CallError>> {
        templates::fetch(platforms, channel).boxed()
    }

    fn missing_for_token_life(&self, channel: &ChannelAccess) -> Option<&'static str> {
        token::missing(channel)
    }

    fn token_life<'a>(
        &'a self,
        platforms: &'a Platforms,
        channel: &'a ChannelAccess,
    ) -> BoxFuture<'a, Result<Option<TokenLife>, CallError>> {
        token::life(platforms, channel).boxed()
    }

    fn number_standing<'a>(
        &'a self,
        platforms: &'a Platforms,
        channel: &'a ChannelAccess,
    ) -> BoxFuture<'a, Result<Option<NumberStanding>, CallError>> {
        number::fetch(platforms, channel).boxed()
    }

    fn change_template<'a>(
        &'a self,
        platforms: &'a Platforms,
        channel: &'a ChannelAccess,
        change: &'a TemplateRequest,
    ) -> BoxFuture<'a, Result<TemplateAnswer, CallError>> {
        templates::change(platforms, channel, change).boxed()
    }

    fn upload<'a>(
        &'a self,
        platforms: &'a Platforms,
        channel: &'a ChannelAccess,
        media: &'a OutboundMedia,
    ) -> BoxFuture<'a, Result<(String, Duration), SendOutcome>> {
        async move {
            let MediaSource::Bytes(bytes) = &media.source else {
                return Err(SendOutcome::refused("file_gone", "this file no longer exists"));
            };
            Ok((send::upload(platforms, channel, media, bytes).await?, KEPT))
        }
        .boxed()
    }
}

/// The number; and the business account above it, whose subscription brings webhooks.
fn account(platforms: &Platforms, channel: &ChannelAccess) -> Account {
    let business = channel.options.waba_id.as_deref();
    Account {
        url: platforms.graph(&channel.external_id),
        fields: "id,display_phone_number,verified_name",
        asset: business.map(|id| platforms.graph(id)).ok_or("waba_id"),
    }
}
