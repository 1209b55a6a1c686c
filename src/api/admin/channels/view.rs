//! How a channel looks in JSON. Never a credential, only whether it is set.

use super::upkeep::UpkeepView;
use crate::auth::ConnectedChannel;
use crate::channels::{Finding, registry};
use crate::config::PublicUrl;
use crate::domain::{Channel, ChannelId, ChannelKind, ChannelState, ChannelTest, Timestamp};
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// A connected account.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Channel)]
pub struct ChannelView {
    /// Unique in the server.
    #[schema(value_type = i64)]
    id: ChannelId,
    /// Which platform.
    kind: ChannelKind,
    /// What people call it.
    name: String,
    /// What its webhooks carry.
    external_id: String,
    /// The platform's own settings.
    #[schema(value_type = Object)]
    options: Value,
    /// `active`, `paused` (receives, does not send) or `off`.
    state: ChannelState,
    /// Why it is not active.
    state_reason: Option<String>,
    /// What to enter on the platform's side; null for web chat.
    webhook_url: Option<String>,
    /// Whether the platform's handshake can be answered.
    verify_token_set: bool,
    /// Which credentials are set, by name.
    has_credentials: BTreeMap<&'static str, bool>,
    /// When it last said something.
    #[schema(value_type = Option<String>, format = DateTime)]
    last_event_at: Option<Timestamp>,
    /// What its last test found; null: nobody has tested what stands there now.
    last_test: Option<TestView>,
    /// Since when it is connected.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// What its platform says of it, asked now and then.
    upkeep: UpkeepView,
}

/// What the last test of a channel found.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = ChannelTest)]
pub struct TestView {
    /// When.
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// Whether everything was there.
    ok: bool,
    /// What was not, in words.
    fault: Option<String>,
}

impl From<ChannelTest> for TestView {
    fn from(test: ChannelTest) -> Self {
        Self { at: test.at, ok: test.fault.is_none(), fault: test.fault }
    }
}

impl ChannelView {
    /// As it looks from outside, at `public_url`.
    pub fn of(connected: &ConnectedChannel, upkeep: UpkeepView, public_url: &PublicUrl) -> Self {
        let ConnectedChannel { channel, access } = connected;
        let upkeep = upkeep.lacking(registry::platform(channel.kind).missing_for_token_life(access));
        let has = |name: &'static str| (name, access.credentials.get(name).is_some());
        let channel = channel.clone();
        Self {
            id: channel.id,
            kind: channel.kind,
            name: channel.name,
            external_id: channel.external_id,
            options: channel.options,
            state: channel.state,
            state_reason: channel.state_reason,
            webhook_url: webhook_path(channel.kind, channel.id).map(|path| public_url.at(&path)),
            verify_token_set: access.credentials.get("verify_token").is_some(),
            has_credentials: registry::credential_names().into_iter().map(has).collect(),
            last_event_at: channel.last_event_at,
            last_test: channel.last_test.map(TestView::from),
            created_at: channel.created_at,
            upkeep,
        }
    }
}

/// Where a platform sends its events; none: nobody calls.
pub fn webhook_path(kind: ChannelKind, id: ChannelId) -> Option<String> {
    registry::kind(kind).webhook.as_ref().map(|webhook| webhook.path(kind, id))
}

/// A new channel, and what we made up for it: the only time it is shown.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CreatedChannel)]
pub struct CreatedView {
    /// The channel.
    #[serde(flatten)]
    pub channel: ChannelView,
    /// What we made up for it.
    #[serde(flatten)]
    pub made: MadeUp,
}

/// What we made up for a new channel, to be entered on the other side; absent: nothing was made up.
#[derive(Debug, Default, Serialize, ToSchema)]
#[schema(as = MadeUpCredentials)]
pub struct MadeUp {
    /// For the platform's handshake.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub verify_token: Option<String>,
    /// What the platform's calls carry.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub webhook_secret: Option<String>,
    /// What a site signs its visitors with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub identity_secret: Option<String>,
}

/// What a test of a channel found.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ChannelCheck)]
pub struct CheckView {
    /// Whether everything is there.
    ok: bool,
    /// What is missing, by the names of the credentials.
    missing: Vec<&'static str>,
    /// `active`, `paused` or `off`.
    state: ChannelState,
    /// The same in words.
    detail: String,
    /// What the platform says.
    checks: Vec<Check>,
}

/// One thing that was asked of the platform.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ChannelFinding)]
pub struct Check {
    pub(super) ok: bool,
    /// What was asked.
    what: String,
    /// What the answer means, and what to do.
    text: String,
}

impl Check {
    /// It is as it should be.
    pub fn good(what: &str, text: impl Into<String>) -> Self {
        Self { ok: true, what: what.to_owned(), text: text.into() }
    }

    /// Something is missing.
    pub fn bad(what: &str, text: impl Into<String>) -> Self {
        Self { ok: false, what: what.to_owned(), text: text.into() }
    }
}

/// How a channel does.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ChannelHealth)]
pub struct HealthView {
    /// `active`, `paused` or `off`.
    state: ChannelState,
    /// Why it is not active: a dead token stands here.
    state_reason: Option<String>,
    /// When the platform last said something.
    #[schema(value_type = Option<String>, format = DateTime)]
    last_event_at: Option<Timestamp>,
    /// Webhooks of this kind whose signature fitted no channel, since the server started: a wrong secret.
    signature_failures: u64,
    /// When the last of them came.
    #[schema(value_type = Option<String>, format = DateTime)]
    last_signature_failure_at: Option<Timestamp>,
    /// What the platform says of the webhook (Telegram: `getWebhookInfo`); null where nothing was to be had.
    #[schema(value_type = Option<Object>)]
    webhook_info: Option<Value>,
}

impl HealthView {
    /// Put together from what is known.
    pub fn of(
        channel: &Channel,
        (count, last): (u64, Option<Timestamp>),
        webhook_info: Option<Value>,
    ) -> Self {
        Self {
            state: channel.state,
            state_reason: channel.state_reason.clone(),
            last_event_at: channel.last_event_at,
            signature_failures: count,
            last_signature_failure_at: last,
            webhook_info,
        }
    }
}

impl CheckView {
    /// What is said of a channel that lacks `missing`.
    pub fn of(channel: &Channel, missing: Vec<&'static str>, findings: Vec<Finding>) -> Self {
        let is_active = channel.state == ChannelState::Active;
        let wrong = findings.iter().find(|finding| !finding.ok);
        let detail = match (missing.is_empty(), is_active) {
            (true, _) if wrong.is_some() => wrong.map(|finding| finding.text.clone()).unwrap_or_default(),
            (true, true) => "This channel is fully set up.".to_owned(),
            (true, false) => format!("Setup is complete, but the channel is {}.", channel.state),
            (false, _) => format!("Missing: {}.", missing.join(", ")),
        };
        let ok = missing.is_empty() && is_active && wrong.is_none();
        let checks = findings
            .into_iter()
            .map(|finding| Check { ok: finding.ok, what: finding.what.to_string(), text: finding.text })
            .collect();
        Self { ok, missing, state: channel.state, detail, checks }
    }

    /// What is wrong with the account itself; that somebody turned the channel off is no fault of it.
    pub fn fault(&self) -> Option<String> {
        let is_whole = self.missing.is_empty() && self.checks.iter().all(|check| check.ok);
        (!is_whole).then(|| self.detail.clone())
    }
}
