//! How fast this process may send: so much a second over one channel, so much to one customer, with room for
//! a burst. Never a platform's answer: a wait it asks for is the worker's and the row's. How much that is,
//! each kind of channel says (`Kind::rates`); the contract asks for 30 a second and a burst of 10 at least.
//! Several processes have a budget each; what they exceed together the platform's own 429 slows.

use crate::channels::kind::Rates;
use crate::channels::registry;
use crate::domain::{ChannelId, ChannelKind, ConversationId};
use governor::clock::{Clock, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota};
use std::collections::HashMap;
use std::hash::Hash;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

/// Whom a wait concerns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wait {
    /// Everybody on this channel.
    Channel(Duration),
    /// This customer.
    Recipient(Duration),
}

/// What is left to spend; cloned freely.
#[derive(Debug, Clone)]
pub struct Budgets(Arc<HashMap<ChannelKind, Budget>>);

#[derive(Debug)]
struct Budget {
    channels: DefaultKeyedRateLimiter<ChannelId>,
    recipients: DefaultKeyedRateLimiter<ConversationId>,
}

impl Budgets {
    /// Full ones, for all platforms.
    pub fn new() -> Self {
        Self(Arc::new(registry::kinds().map(|kind| (kind.kind, Budget::of(kind.rates))).collect()))
    }

    /// Spends one message, or says how long to wait.
    pub(super) fn spend(
        &self,
        kind: ChannelKind,
        channel: ChannelId,
        conversation: ConversationId,
    ) -> Result<(), Wait> {
        let Some(budget) = self.0.get(&kind) else { return Ok(()) };
        check(&budget.channels, &channel).map_err(Wait::Channel)?;
        check(&budget.recipients, &conversation).map_err(Wait::Recipient)
    }

    /// Forgets those who have spent nothing lately: they have a full budget anyway.
    pub(super) fn tidy(&self) {
        for budget in self.0.values() {
            budget.channels.retain_recent();
            budget.recipients.retain_recent();
        }
    }
}

impl Default for Budgets {
    fn default() -> Self {
        Self::new()
    }
}

impl Budget {
    fn of(rates: Rates) -> Self {
        let recipient = Quota::with_period(Duration::from_millis(rates.recipient_every_ms.max(1)))
            .unwrap_or(Quota::per_second(NonZeroU32::MIN));
        Self {
            channels: DefaultKeyedRateLimiter::keyed(Quota::per_second(count(rates.channel_per_second))),
            recipients: DefaultKeyedRateLimiter::keyed(recipient.allow_burst(count(rates.recipient_burst))),
        }
    }
}

fn count(number: u32) -> NonZeroU32 {
    NonZeroU32::new(number).unwrap_or(NonZeroU32::MIN)
}

fn check<K: Clone + Eq + Hash>(limiter: &DefaultKeyedRateLimiter<K>, key: &K) -> Result<(), Duration> {
    limiter.check_key(key).map_err(|until| until.wait_time_from(DefaultClock::default().now()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sending() -> impl Iterator<Item = ChannelKind> {
        registry::kinds().filter(|kind| kind.uses_outbox()).map(|kind| kind.kind)
    }

    fn passes(kind: ChannelKind, conversation: impl Fn(i64) -> i64) -> (i64, Option<Wait>) {
        let budgets = Budgets::new();
        for n in 0..1_000 {
            if let Err(wait) = budgets.spend(kind, ChannelId(1), ConversationId(conversation(n))) {
                return (n, Some(wait));
            }
        }
        (1_000, None)
    }

    #[test]
    fn each_platform_lets_a_burst_of_ten_to_one_customer_pass_and_then_waits() {
        for kind in sending() {
            let (passed, wait) = passes(kind, |_| 1);
            assert!(passed >= 10, "{kind}: {passed}");
            assert!(wait.is_some(), "{kind}");
        }
        assert!(matches!(passes(ChannelKind::named("whatsapp"), |_| 1).1,
                Some(Wait::Recipient(wait)) if wait <= Duration::from_secs(6)));
    }

    #[test]
    fn a_channel_sends_thirty_a_second_and_more_where_its_platform_takes_more() {
        for kind in sending() {
            let (passed, wait) = passes(kind, |n| n);
            assert!(passed >= 30, "{kind}: {passed}");
            assert!(
                matches!(wait, Some(Wait::Channel(wait)) if wait <= Duration::from_millis(40)),
                "{kind}: {wait:?}"
            );
        }
    }

    #[test]
    fn one_channel_spends_nothing_of_another() {
        let budgets = Budgets::new();
        while budgets.spend(ChannelKind::named("telegram"), ChannelId(1), ConversationId(1)).is_ok() {}
        assert_eq!(budgets.spend(ChannelKind::named("telegram"), ChannelId(2), ConversationId(2)), Ok(()));
    }
}
