//! The leased job: takes what is due, asks, writes what came of it and when it is asked again. Never what is
//! asked: that is in a file each.

use super::asking::{AT_MOST, ChannelChecks, Outcome};
use super::commands::{ClaimChecks, EnsureChecks, Found, SettleCheck};
use super::{messages, token, webhook};
use crate::auth::{ChannelDirectory, ConnectedChannel, Vault};
use crate::channels::Platforms;
use crate::config::PublicUrl;
use crate::domain::{ChannelId, ChannelState, PlatformCheck, Timestamp};
use crate::jobs::attempt::{back_off, jitter};
use crate::jobs::{Due, Free, LeasedJobs};
use crate::ledger::{Ledger, LedgerError};
use crate::live::Live;
use crate::store::accounts::channel_checks::{self, CheckRow, Checked};
use crate::store::delivery::held_work::Held;
use crate::store::{Db, StoreError};
use std::time::Duration;

/// How much longer than its work and a call that hangs a lease lasts.
const SLACK: Duration = Duration::from_mins(2);
/// The longest wait after failures.
const LONGEST_WAIT: Duration = Duration::from_hours(1);
/// The first wait after a failure is 2 to the power of this, in seconds.
const FIRST_WAIT: i64 = 5;

impl LeasedJobs for ChannelChecks {
    const NAME: &'static str = "channel checks";
    const POLL: Duration = Duration::from_secs(1);
    /// Of one channel one thing at a time: its platform counts the calls.
    const EACH: i64 = 1;
    const HELD: Option<Held> = Some(Held::Checks);
    type Receiver = ChannelId;
    type Job = CheckRow;
    type Outcome = Outcome;

    fn receiver(row: &CheckRow) -> ChannelId {
        row.channel_id
    }

    fn describe(row: &CheckRow) -> String {
        format!("channel {}: its {}", row.channel_id, row.what)
    }

    async fn due(&self, _: &Free<ChannelId>) -> Result<Due, StoreError> {
        let now = Timestamp::now();
        let next = self.db.read(async move |conn| channel_checks::next_due(conn, now).await).await?;
        Ok(match next {
            Some(due) if due <= now => Due::Now,
            Some(due) => Due::At(due),
            None => Due::Nothing,
        })
    }

    async fn claim(&self, free: Free<ChannelId>) -> Result<Vec<CheckRow>, LedgerError> {
        self.ledger.give(ClaimChecks { free, lease: AT_MOST + self.timeout + SLACK }).await
    }

    async fn run(&self, row: &CheckRow) -> Outcome {
        match self.directory.get(row.channel_id).await {
            Ok(Some(channel)) if channel.channel.state != ChannelState::Off => self.ask(row, &channel).await,
            // Off or gone: turned on again it is asked at once.
            Ok(_) => Outcome { again_in: Some(LONGEST_WAIT), ..Outcome::default() },
            Err(error) => error.into(),
        }
    }

    async fn settle(&self, row: CheckRow, outcome: Outcome) -> Option<CheckRow> {
        let wait = || back_off(row.tries + 1 + FIRST_WAIT, jitter(), LONGEST_WAIT);
        if let Some(fault) = &outcome.fault {
            log::info!("{}: not answered: {fault}", Self::describe(&row));
        }
        let checked = Checked {
            due_at: Timestamp::now().plus(outcome.again_in.unwrap_or_else(wait)),
            is_done: outcome.is_done,
            fault: outcome.fault,
            progress: outcome.progress,
        };
        let what = Self::describe(&row);
        let settle = SettleCheck { row, checked, recovered: outcome.recovered };
        if self.ledger.give_until_stored(settle, &what).await == Some(false) {
            log::info!("{what}: its lease was over before it ended");
        }
        None
    }
}

impl ChannelChecks {
    /// A job that asks the platforms of these channels.
    pub fn new(
        (db, ledger, live): (Db, Ledger, Live),
        (directory, platforms, vault): (ChannelDirectory, Platforms, Vault),
        public_url: PublicUrl,
        timeout: Duration,
    ) -> Self {
        Self { db, ledger, directory, platforms, vault, public_url, live, timeout }
    }

    async fn ask(&self, row: &CheckRow, channel: &ConnectedChannel) -> Outcome {
        match row.what {
            PlatformCheck::Messages => messages::look(self, row, channel).await,
            PlatformCheck::Webhook => webhook::look(self, channel).await,
            PlatformCheck::Token => token::look(self, channel).await,
            PlatformCheck::Number => self.number(channel).await,
        }
    }

    async fn number(&self, channel: &ConnectedChannel) -> Outcome {
        match self.platforms.number_standing(&channel.access).await {
            Ok(Some(told)) => self.note(channel, Found::Number(told), token::DAY).await,
            Ok(None) => Outcome::done(token::DAY),
            Err(error) => Outcome::failed(error),
        }
    }

    /// Sees to it, at the start of a process, that all channels are asked, and what was missed at once.
    pub async fn begin(ledger: Ledger) {
        while let Err(error) = ledger.give(EnsureChecks { is_start: true }).await {
            log::warn!("the channels' checks could not be prepared, retrying: {error}");
            actix::clock::sleep(Duration::from_secs(1)).await;
        }
    }
}
