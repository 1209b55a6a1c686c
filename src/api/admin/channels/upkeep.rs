//! What is known of a channel beside its own row: what was read back from its platform, how its webhook, its
//! token and its number stand. Never a secret.

use crate::domain::{ChannelId, PlatformCheck, Timestamp};
use crate::store::accounts::channel_checks::{self, CheckRow};
use crate::store::accounts::channel_health::{self, HealthRow};
use crate::store::conversations::gaps;
use crate::store::{Conn, StoreError};
use serde::Serialize;
use std::collections::HashMap;
use utoipa::ToSchema;

/// What a channel's platform says of it; each part is null where its kind is not asked that
/// (`checks` of `GET /api/v1/channel-kinds`).
#[derive(Debug, Clone, Default, Serialize, ToSchema)]
#[schema(as = ChannelUpkeep)]
pub struct UpkeepView {
    /// Messages whose webhooks were lost.
    messages: Option<MessagesView>,
    /// Whether the platform calls us.
    webhook: Option<WebhookUpkeepView>,
    /// How long the channel's token lives.
    token: Option<TokenLifeView>,
    /// How the platform rates the number.
    number: Option<NumberView>,
}

impl UpkeepView {
    /// With what is missing to know how long the token lives.
    pub fn lacking(mut self, credential: Option<&'static str>) -> Self {
        if let Some(token) = &mut self.token {
            token.missing = credential;
        }
        self
    }
}

/// When the platform was asked.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = ChannelAsked)]
pub struct AskedView {
    /// When it last answered to the end.
    #[schema(value_type = Option<String>, format = DateTime)]
    at: Option<Timestamp>,
    /// When it is asked next.
    #[schema(value_type = String, format = DateTime)]
    next_at: Timestamp,
    /// Why it did not answer the last time, in its words.
    fault: Option<String>,
}

/// Messages whose webhooks were lost.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = ChannelRecovery)]
pub struct MessagesView {
    #[serde(flatten)]
    asked: AskedView,
    /// What happened before this moment was compared with the platform.
    #[schema(value_type = Option<String>, format = DateTime)]
    compared_until: Option<Timestamp>,
    /// How many messages were read back, ever.
    recovered: i64,
    /// When the last of them was.
    #[schema(value_type = Option<String>, format = DateTime)]
    recovered_at: Option<Timestamp>,
    /// How many are missing that the platform names and does not give any more.
    missing: usize,
}

/// Whether the platform calls us.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = ChannelWebhookUpkeep)]
pub struct WebhookUpkeepView {
    #[serde(flatten)]
    asked: AskedView,
    /// How many events wait at the platform.
    pending: Option<i64>,
    /// Why its last delivery failed, in its words.
    error: Option<String>,
    /// When that was.
    #[schema(value_type = Option<String>, format = DateTime)]
    error_at: Option<Timestamp>,
    /// When its webhook was last set anew, because it was taken away or led elsewhere.
    #[schema(value_type = Option<String>, format = DateTime)]
    set_at: Option<Timestamp>,
}

/// How long the channel's token lives.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = ChannelTokenLife)]
pub struct TokenLifeView {
    #[serde(flatten)]
    asked: AskedView,
    /// When it ends; null: it does not, or nobody can tell.
    #[schema(value_type = Option<String>, format = DateTime)]
    expires_at: Option<Timestamp>,
    /// When the access to people's data ends.
    #[schema(value_type = Option<String>, format = DateTime)]
    data_access_expires_at: Option<Timestamp>,
    /// When it was last renewed by itself.
    #[schema(value_type = Option<String>, format = DateTime)]
    renewed_at: Option<Timestamp>,
    /// The credential without which nobody can tell when it ends; null: none is missing.
    missing: Option<&'static str>,
}

/// How the platform rates the number, in its own words.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = ChannelNumber)]
pub struct NumberView {
    #[serde(flatten)]
    asked: AskedView,
    /// `GREEN`, `YELLOW`, `RED`.
    quality: Option<String>,
    /// How many people may be written to first in a day: `TIER_1K` …
    tier: Option<String>,
    /// Whether the shown name was approved.
    name_status: Option<String>,
    /// The name that customers see.
    verified_name: Option<String>,
}

/// What is known of several channels, read together.
#[derive(Debug, Default)]
pub struct Upkeep {
    health: HashMap<ChannelId, HealthRow>,
    checks: HashMap<(ChannelId, PlatformCheck), CheckRow>,
    missing: HashMap<ChannelId, usize>,
}

impl Upkeep {
    /// Reads what is known of these channels.
    pub async fn read(conn: &mut Conn, ids: &[ChannelId]) -> Result<Self, StoreError> {
        let health = channel_health::of_channels(conn, ids).await?;
        let checks = channel_checks::of_channels(conn, ids).await?;
        Ok(Self {
            health: health.into_iter().map(|row| (row.channel_id, row)).collect(),
            checks: checks.into_iter().map(|row| ((row.channel_id, row.what), row)).collect(),
            missing: gaps::missing(conn, ids).await?,
        })
    }

    /// What is known of one.
    pub fn of(&self, id: ChannelId) -> UpkeepView {
        let health = self.health.get(&id);
        UpkeepView {
            messages: self.asked(id, PlatformCheck::Messages).map(|asked| MessagesView {
                asked,
                compared_until: health.and_then(|health| health.compared_until),
                recovered: health.map_or(0, |health| health.recovered),
                recovered_at: health.and_then(|health| health.recovered_at),
                missing: self.missing.get(&id).copied().unwrap_or(0),
            }),
            webhook: self.asked(id, PlatformCheck::Webhook).map(|asked| WebhookUpkeepView {
                asked,
                pending: health.and_then(|health| health.webhook_pending),
                error: health.and_then(|health| health.webhook_error.clone()),
                error_at: health.and_then(|health| health.webhook_error_at),
                set_at: health.and_then(|health| health.webhook_set_at),
            }),
            token: self.asked(id, PlatformCheck::Token).map(|asked| TokenLifeView {
                asked,
                expires_at: health.and_then(|health| health.token_expires_at),
                data_access_expires_at: health.and_then(|health| health.data_access_expires_at),
                renewed_at: health.and_then(|health| health.token_renewed_at),
                missing: None,
            }),
            number: self.asked(id, PlatformCheck::Number).map(|asked| NumberView {
                asked,
                quality: health.and_then(|health| health.quality.clone()),
                tier: health.and_then(|health| health.tier.clone()),
                name_status: health.and_then(|health| health.name_status.clone()),
                verified_name: health.and_then(|health| health.verified_name.clone()),
            }),
        }
    }

    fn asked(&self, id: ChannelId, what: PlatformCheck) -> Option<AskedView> {
        let row = self.checks.get(&(id, what))?;
        Some(AskedView { at: row.done_at, next_at: row.due_at, fault: row.fault.clone() })
    }
}
