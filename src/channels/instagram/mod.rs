//! Instagram messaging, by Instagram or by Facebook login: its webhooks and its calls.
//! Never another platform's shapes; what it shares with Messenger is in `meta`.

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
use super::{ChannelAccess, InstagramLogin, PastMessages, PastThreads, Platforms, RenewedToken};
use crate::domain::TokenLife;
use crate::domain::inbound::{CustomerIdentity, IdentityKind, InboundEvent, Thread};
use crate::domain::outbound::{Outbound, SendOutcome};
use futures_util::FutureExt;
use futures_util::future::{BoxFuture, ready};
use serde_json::value::RawValue;

use kind::KIND;

/// What we want to hear of: what an inbox lives on.
const SUBSCRIBED: &str =
    "messages,messaging_postbacks,messaging_seen,message_reactions,messaging_referral,message_edit,standby";
/// What is asked of a person.
const PROFILE: &str = "name,username,profile_pic,follower_count,is_user_follow_business,\
    is_business_follow_user,is_verified_user";

/// Instagram.
pub(super) struct Instagram;

impl Platform for Instagram {
    fn kind(&self) -> &'static Kind {
        &KIND
    }

    fn parse(&self, _: &str, whole: &RawValue) -> Vec<InboundEvent> {
        messaging::parse(whole, Flavour::Instagram)
    }

    fn wrapped(&self, account: &str, _: Option<&str>, raw: &str) -> String {
        messaging::wrapped(Flavour::Instagram, account, raw)
    }

    fn identity(&self, external_id: &str, _: Option<&str>) -> CustomerIdentity {
        CustomerIdentity::new(IdentityKind::Igsid, external_id)
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
        if who.kind != IdentityKind::Igsid {
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

    fn renews_token(&self, channel: &ChannelAccess) -> bool {
        channel.options.login == InstagramLogin::Instagram
    }

    fn missing_for_token_life(&self, channel: &ChannelAccess) -> Option<&'static str> {
        token::missing(channel).filter(|_| !self.renews_token(channel))
    }

    /// Only of Facebook's login: Instagram's own tells how long a token lives when it is renewed.
    fn token_life<'a>(
        &'a self,
        platforms: &'a Platforms,
        channel: &'a ChannelAccess,
    ) -> BoxFuture<'a, Result<Option<TokenLife>, CallError>> {
        match channel.options.login {
            InstagramLogin::Instagram => ready(Ok(None)).boxed(),
            InstagramLogin::Facebook => token::life(platforms, channel).boxed(),
        }
    }

    fn renew_token<'a>(
        &'a self,
        platforms: &'a Platforms,
        channel: &'a ChannelAccess,
    ) -> BoxFuture<'a, Result<Option<RenewedToken>, CallError>> {
        if !self.renews_token(channel) {
            return ready(Ok(None)).boxed();
        }
        token::renew(platforms, channel).boxed()
    }
}

/// Hands one message over.
async fn hand_over(platforms: &Platforms, channel: &ChannelAccess, outbound: &Outbound) -> SendOutcome {
    match recipient(&outbound.thread) {
        Some(recipient) => {
            send::send(platforms, channel, &door(platforms, channel), recipient, outbound).await
        }
        None => SendOutcome::refused("no_address", "this customer has no Instagram id"),
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

/// The customer's id for this account.
fn recipient(thread: &Thread) -> Option<&CustomerIdentity> {
    thread.find(IdentityKind::Igsid)
}

/// The account as either login sees it, and what is subscribed to.
fn account(platforms: &Platforms, channel: &ChannelAccess) -> Account {
    let page = channel.options.page_id.as_deref();
    match channel.options.login {
        InstagramLogin::Instagram => Account {
            url: platforms.instagram("me"),
            fields: "id,user_id,username",
            asset: Ok(platforms.instagram("me")),
        },
        InstagramLogin::Facebook => Account {
            url: platforms.graph(page.unwrap_or("me")),
            fields: "instagram_business_account,name",
            asset: page.map(|id| platforms.graph(id)).ok_or("page_id"),
        },
    }
}

/// Where a person is looked up.
fn person(platforms: &Platforms, channel: &ChannelAccess, id: &str) -> String {
    match channel.options.login {
        InstagramLogin::Instagram => platforms.instagram(&segment(id)),
        InstagramLogin::Facebook => platforms.graph(&segment(id)),
    }
}

/// Where the account's past is read.
fn past(platforms: &Platforms, channel: &ChannelAccess) -> Past {
    let flavour = Flavour::Instagram;
    match channel.options.login {
        // What is told there may call the account by its other id (docs/platforms.md 3.1).
        InstagramLogin::Instagram => Past {
            flavour,
            account: platforms.instagram("me"),
            node: |platforms, id| platforms.instagram(id),
            itself: Some(platforms.instagram("me")),
        },
        InstagramLogin::Facebook => Past {
            flavour,
            account: platforms.graph(channel.options.page_id.as_deref().unwrap_or("me")),
            node: |platforms, id| platforms.graph(id),
            itself: None,
        },
    }
}

/// The two logins differ in host, token and the name of the account.
fn door(platforms: &Platforms, channel: &ChannelAccess) -> Door {
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
