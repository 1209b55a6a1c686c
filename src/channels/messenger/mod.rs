//! Messenger, a Facebook page's inbox: its webhooks and its calls.
//! Never another platform's shapes; what it shares with Instagram is in `meta`.

mod kind;

use super::actions::{CallError, FetchedProfile};
use super::connect::Finding;
use super::kind::Kind;
use super::media::segment;
use super::meta::connect::{self, Account};
use super::meta::messaging::{self, Flavour};
use super::meta::past::Past;
use super::meta::send::{self, Door};
use super::meta::{profile, token};
use super::platform::Platform;
use super::{ChannelAccess, PastMessages, PastThreads, Platforms};
use crate::domain::TokenLife;
use crate::domain::inbound::{CustomerIdentity, IdentityKind, InboundEvent, Thread};
use crate::domain::outbound::{Outbound, SendOutcome};
use futures_util::FutureExt;
use futures_util::future::{BoxFuture, ready};
use serde_json::value::RawValue;

use kind::KIND;

/// What we want to hear of: what an inbox lives on.
const SUBSCRIBED: &str = "messages,message_echoes,messaging_postbacks,message_deliveries,\
    message_reads,message_reactions,message_edits,messaging_referrals,standby";
/// What is asked of a person.
const PROFILE: &str = "first_name,last_name,profile_pic";

/// Messenger.
pub(super) struct Messenger;

impl Platform for Messenger {
    fn kind(&self) -> &'static Kind {
        &KIND
    }

    fn parse(&self, _: &str, whole: &RawValue) -> Vec<InboundEvent> {
        messaging::parse(whole, Flavour::Messenger)
    }

    fn wrapped(&self, account: &str, _: Option<&str>, raw: &str) -> String {
        messaging::wrapped(Flavour::Messenger, account, raw)
    }

    fn identity(&self, external_id: &str, _: Option<&str>) -> CustomerIdentity {
        CustomerIdentity::new(IdentityKind::Psid, external_id)
    }

    fn send<'a>(
        &'a self,
        platforms: &'a Platforms,
        channel: &'a ChannelAccess,
        outbound: &'a Outbound,
    ) -> BoxFuture<'a, SendOutcome> {
        hand_over(platforms, channel, outbound).boxed()
    }

    fn mark_read<'a>(
        &'a self,
        platforms: &'a Platforms,
        channel: &'a ChannelAccess,
        thread: &'a Thread,
        _: &'a str,
    ) -> BoxFuture<'a, Result<(), CallError>> {
        act(platforms, channel, thread, "mark_seen").boxed()
    }

    fn typing<'a>(
        &'a self,
        platforms: &'a Platforms,
        channel: &'a ChannelAccess,
        thread: &'a Thread,
        is_typing: bool,
        _: Option<&'a str>,
    ) -> BoxFuture<'a, Result<(), CallError>> {
        act(platforms, channel, thread, if is_typing { "typing_on" } else { "typing_off" }).boxed()
    }

    fn profile<'a>(
        &'a self,
        platforms: &'a Platforms,
        channel: &'a ChannelAccess,
        who: &'a CustomerIdentity,
    ) -> BoxFuture<'a, Result<Option<FetchedProfile>, CallError>> {
        if who.kind != IdentityKind::Psid {
            return ready(Ok(None)).boxed();
        }
        let url = person(platforms, channel, &who.external_id);
        async move { profile::fetch(platforms, channel, &url, PROFILE).await }.boxed()
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
        connect::subscribe(platforms, channel, account(platforms, channel), Some(SUBSCRIBED)).boxed()
    }

    fn past_threads<'a>(
        &'a self,
        platforms: &'a Platforms,
        channel: &'a ChannelAccess,
        after: Option<&'a str>,
    ) -> BoxFuture<'a, Result<PastThreads, CallError>> {
        async move { past(platforms, channel).threads(platforms, channel, after).await }.boxed()
    }

    fn past_messages<'a>(
        &'a self,
        platforms: &'a Platforms,
        channel: &'a ChannelAccess,
        thread: &'a str,
        after: Option<&'a str>,
    ) -> BoxFuture<'a, Result<PastMessages, CallError>> {
        async move { past(platforms, channel).messages(platforms, channel, thread, after).await }.boxed()
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
}

/// Hands one message over.
async fn hand_over(platforms: &Platforms, channel: &ChannelAccess, outbound: &Outbound) -> SendOutcome {
    match recipient(&outbound.thread) {
        Some(recipient) => {
            send::send(platforms, channel, &door(platforms, channel), recipient, outbound).await
        }
        None => SendOutcome::refused("no_address", "this customer has no Messenger id"),
    }
}

/// Tells a customer what is no message.
async fn act(
    platforms: &Platforms,
    channel: &ChannelAccess,
    thread: &Thread,
    action: &str,
) -> Result<(), CallError> {
    let Some(recipient) = recipient(thread) else { return Ok(()) };
    Ok(send::act(platforms, channel, &door(platforms, channel), recipient, action).await?)
}

/// The customer's id for this page.
fn recipient(thread: &Thread) -> Option<&CustomerIdentity> {
    thread.find(IdentityKind::Psid)
}

/// The page, which is subscribed to as well.
fn account(platforms: &Platforms, channel: &ChannelAccess) -> Account {
    let page = platforms.graph(&channel.external_id);
    Account { url: page.clone(), fields: "id,name", asset: Ok(page) }
}

/// Where a person is looked up.
fn person(platforms: &Platforms, _: &ChannelAccess, id: &str) -> String {
    platforms.graph(&segment(id))
}

/// Where the page's past is read.
fn past(platforms: &Platforms, channel: &ChannelAccess) -> Past {
    let account = platforms.graph(&channel.external_id);
    Past { flavour: Flavour::Messenger, account, node: |platforms, id| platforms.graph(id), itself: None }
}

/// The page's own calls.
fn door(platforms: &Platforms, channel: &ChannelAccess) -> Door {
    Door {
        base: platforms.graph(&channel.external_id),
        takes_metadata: true,
        takes_reply_to: true,
        needs_messaging_type: true,
        platform: None,
    }
}
