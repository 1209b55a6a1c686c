//! Asking the platform of a channel: the one place where a call finds its platform. Never retries.

use super::actions::{CallError, FetchedProfile};
use super::connect::Finding;
use super::kind::Kind;
use super::media::{FetchError, RemoteFile};
use super::past::{PastMessages, PastThreads};
use super::registry::platform;
use super::templates::{TemplateAnswer, TemplateRequest};
use super::token::RenewedToken;
use super::{ChannelAccess, Platforms};
use crate::domain::inbound::{CustomerIdentity, RemoteSource, Thread};
use crate::domain::outbound::{Outbound, OutboundMedia, Part, SendOutcome};
use crate::domain::template::PlatformTemplate;
use crate::domain::{NumberStanding, TokenLife, WebhookStanding};
use serde_json::Value;
use std::time::Duration;

impl Platforms {
    /// Hands one message to its platform, once. Never fails: what happened is the outcome.
    pub async fn send(&self, channel: &ChannelAccess, outbound: &Outbound) -> SendOutcome {
        let platform = platform(channel.kind);
        if let Err(refused) = check(platform.kind(), &outbound.part) {
            return refused;
        }
        platform.send(self, channel, outbound).await
    }

    /// Marks the customer's message, and all before it, as read by us.
    pub async fn mark_read(
        &self,
        channel: &ChannelAccess,
        thread: &Thread,
        message_id: &str,
    ) -> Result<(), CallError> {
        platform(channel.kind).mark_read(self, channel, thread, message_id).await
    }

    /// Shows the customer that somebody writes, or no longer does. `last_message_id`: the customer's newest
    /// message, where the platform needs it (`Kind::typing_marks_read`).
    pub async fn typing(
        &self,
        channel: &ChannelAccess,
        thread: &Thread,
        is_typing: bool,
        last_message_id: Option<&str>,
    ) -> Result<(), CallError> {
        platform(channel.kind).typing(self, channel, thread, is_typing, last_message_id).await
    }

    /// Tells the platform that a button press was seen.
    pub async fn answer_callback(&self, channel: &ChannelAccess, callback_id: &str) -> Result<(), CallError> {
        platform(channel.kind).answer_callback(self, channel, callback_id).await
    }

    /// What the platform knows of a person; `None` where it tells nothing.
    pub async fn fetch_profile(
        &self,
        channel: &ChannelAccess,
        who: &CustomerIdentity,
    ) -> Result<Option<FetchedProfile>, CallError> {
        platform(channel.kind).profile(self, channel, who).await
    }

    /// Fetches a file of at most `limit` bytes.
    pub async fn fetch(
        &self,
        channel: &ChannelAccess,
        source: &RemoteSource,
        limit: u64,
    ) -> Result<RemoteFile, FetchError> {
        platform(channel.kind).fetch(self, channel, source, limit).await
    }

    /// Asks the platform about the channel. `webhook_url` is where its webhooks should go.
    pub async fn test(&self, channel: &ChannelAccess, webhook_url: &str) -> Vec<Finding> {
        platform(channel.kind).test(self, channel, webhook_url).await
    }

    /// Tells the platform to call us.
    pub async fn subscribe(&self, channel: &ChannelAccess, webhook_url: &str) -> Result<(), CallError> {
        platform(channel.kind).subscribe(self, channel, webhook_url).await
    }

    /// What the platform says of our webhook; never an address with a secret in it.
    pub async fn webhook_info(&self, channel: &ChannelAccess) -> Option<Value> {
        platform(channel.kind).webhook_info(self, channel).await
    }

    /// The conversations that the platform has, the latest first.
    pub async fn past_threads(
        &self,
        channel: &ChannelAccess,
        after: Option<&str>,
    ) -> Result<PastThreads, CallError> {
        platform(channel.kind).past_threads(self, channel, after).await
    }

    /// The messages of one of them, the newest first.
    pub async fn past_messages(
        &self,
        channel: &ChannelAccess,
        thread: &str,
        after: Option<&str>,
    ) -> Result<PastMessages, CallError> {
        platform(channel.kind).past_messages(self, channel, thread, after).await
    }

    /// What the platform says of its webhook, which should go to `webhook_url`.
    pub async fn webhook_standing(
        &self,
        channel: &ChannelAccess,
        webhook_url: &str,
    ) -> Result<Option<WebhookStanding>, CallError> {
        platform(channel.kind).webhook_standing(self, channel, webhook_url).await
    }

    /// How long the channel's token lives.
    pub async fn token_life(&self, channel: &ChannelAccess) -> Result<Option<TokenLife>, CallError> {
        platform(channel.kind).token_life(self, channel).await
    }

    /// Makes the channel's token live longer.
    pub async fn renew_token(&self, channel: &ChannelAccess) -> Result<Option<RenewedToken>, CallError> {
        platform(channel.kind).renew_token(self, channel).await
    }

    /// How the platform rates the channel's number.
    pub async fn number_standing(
        &self,
        channel: &ChannelAccess,
    ) -> Result<Option<NumberStanding>, CallError> {
        platform(channel.kind).number_standing(self, channel).await
    }

    /// The messages that the platform approved beforehand, all of them.
    pub async fn templates(&self, channel: &ChannelAccess) -> Result<Vec<PlatformTemplate>, CallError> {
        platform(channel.kind).templates(self, channel).await
    }

    /// Has the platform make, change or delete one of them.
    pub async fn change_template(
        &self,
        channel: &ChannelAccess,
        change: &TemplateRequest,
    ) -> Result<TemplateAnswer, CallError> {
        platform(channel.kind).change_template(self, channel, change).await
    }

    /// Brings a file to the platform before a message shows it: what it is called there, and for how long.
    pub async fn upload(
        &self,
        channel: &ChannelAccess,
        media: &OutboundMedia,
    ) -> Result<(String, Duration), SendOutcome> {
        platform(channel.kind).upload(self, channel, media).await
    }
}

/// What the platform would refuse or, worse, silently leave out.
fn check(kind: &Kind, part: &Part) -> Result<(), SendOutcome> {
    let fits = match part {
        Part::Text(text) => kind.check_text(text),
        Part::Media(OutboundMedia { caption: Some(_), kind: file, .. }) if !kind.takes_caption(*file) => {
            return Err(SendOutcome::refused(
                "unsupported",
                "this platform does not support captions on this kind of file",
            ));
        }
        Part::Media(OutboundMedia { caption: Some(caption), .. }) => kind.check_caption(caption),
        _ => Ok(()),
    };
    fits.map_err(|too_long| SendOutcome::refused("too_long", too_long.to_string()))
}
