//! Tokens that live: one that can be renewed is, long before it ends; of the others it is known when they
//! end. Never a token in a line of the log. Source: docs/platforms.md 1.6.

use super::asking::{ChannelChecks, Outcome};
use super::commands::{Found, KeepToken};
use crate::auth::ConnectedChannel;
use crate::channels::{RenewedToken, registry};
use crate::domain::Timestamp;
use crate::store::accounts::channel_health::{self, HealthRow};
use secrecy::SecretString;
use std::time::Duration;

/// How often it is looked at.
pub(super) const DAY: Duration = Duration::from_hours(24);
/// A token that lives no longer than this is renewed: from day 30 of 60 on.
const RENEWED_WITHIN: Duration = Duration::from_hours(24 * 30);
/// Only a token of this age is renewed (docs/platforms.md 1.6).
const YOUNGEST: Duration = Duration::from_hours(24);

/// Looks, and renews it where that is due.
pub(super) async fn look(checks: &ChannelChecks, channel: &ConnectedChannel) -> Outcome {
    let platform = registry::platform(channel.channel.kind);
    if !platform.renews_token(&channel.access) {
        return ask(checks, channel).await;
    }
    let id = channel.channel.id;
    let health = match checks.db.read(async move |conn| channel_health::find(conn, id).await).await {
        Ok(health) => health,
        Err(error) => return error.into(),
    };
    match wait(health.as_ref(), channel.channel.created_at, Timestamp::now()) {
        Duration::ZERO => renew(checks, channel).await,
        wait => Outcome::done(wait.min(DAY)),
    }
}

/// How long the token need not be renewed yet.
fn wait(health: Option<&HealthRow>, connected: Timestamp, now: Timestamp) -> Duration {
    let ends = health.and_then(|health| health.token_expires_at);
    let since = health.and_then(|health| health.token_renewed_at.or(health.token_since));
    // Nobody said when it ends: it is renewed as soon as it may be, and then that is known.
    let due = match ends {
        Some(ends) => ends.minus(RENEWED_WITHIN),
        None => now,
    };
    let due = due.max(since.unwrap_or(connected).plus(YOUNGEST));
    Duration::from_millis(u64::try_from(due.0.saturating_sub(now.0)).unwrap_or(0))
}

async fn renew(checks: &ChannelChecks, channel: &ConnectedChannel) -> Outcome {
    let from = channel.access.credentials.get("access_token").unwrap_or_default();
    let from = SecretString::from(from);
    match checks.platforms.renew_token(&channel.access).await {
        Ok(Some(RenewedToken { token, expires_at })) => {
            let (channel, vault) = (channel.channel.id, checks.vault.clone());
            let keep = KeepToken { channel, vault, from, token, expires_at };
            let kept = checks.ledger.give_until_stored(keep, "a renewed token").await;
            checks.directory.forget();
            log::info!("channel {channel}: its token was renewed (kept: {})", kept == Some(true));
            Outcome::done(DAY)
        }
        Ok(None) => {
            Outcome { fault: Some("the platform returned no token".to_owned()), ..Outcome::default() }
        }
        Err(error) => Outcome::failed(error),
    }
}

/// Asks how long it lives.
async fn ask(checks: &ChannelChecks, channel: &ConnectedChannel) -> Outcome {
    match checks.platforms.token_life(&channel.access).await {
        Ok(Some(life)) => checks.note(channel, Found::Token(life), DAY).await,
        Ok(None) => Outcome::done(DAY),
        Err(error) => Outcome::failed(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ChannelId;

    const NOON: Timestamp = Timestamp(1_786_004_400_000);

    fn health(renewed: Timestamp, ends: Option<Timestamp>) -> HealthRow {
        HealthRow {
            channel_id: ChannelId(1),
            compared_until: None,
            recovered: 0,
            recovered_at: None,
            webhook_pending: None,
            webhook_error: None,
            webhook_error_at: None,
            webhook_set_at: None,
            token_since: None,
            token_renewed_at: Some(renewed),
            token_expires_at: ends,
            data_access_expires_at: None,
            number: None,
            quality: None,
            tier: None,
            name_status: None,
            verified_name: None,
        }
    }

    #[test]
    fn a_token_of_60_days_is_renewed_from_day_30_on() {
        let renewed = health(NOON, Some(NOON.plus(DAY * 60)));
        let at = |day: u32| wait(Some(&renewed), NOON, NOON.plus(DAY * day));
        assert_eq!((at(29), at(30), at(59)), (DAY, Duration::ZERO, Duration::ZERO));
    }

    #[test]
    fn one_whose_end_nobody_knows_is_renewed_when_it_is_a_day_old() {
        assert_eq!(wait(None, NOON, NOON), YOUNGEST);
        assert_eq!(wait(None, NOON, NOON.plus(DAY)), Duration::ZERO);
        assert_eq!(wait(Some(&health(NOON, None)), NOON.minus(DAY), NOON), YOUNGEST);
    }
}
