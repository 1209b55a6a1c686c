//! The hook worker: takes events that are due, calls the address, writes what it answered. Never an event of
//! its own.

use super::call::{Called, Caller, Parcel, TIMEOUT};
use super::claim::{ClaimHooks, Claimed};
use super::edit::open_secret;
use super::record_result::{ForgetSettled, SettleHook};
use crate::auth::Vault;
use crate::domain::{HookId, Timestamp};
use crate::jobs::attempt::jitter;
use crate::jobs::{Due, Free, LeasedJobs};
use crate::ledger::{Ledger, LedgerError};
use crate::store::delivery::held_work::Held;
use crate::store::delivery::hooks;
use crate::store::{Db, StoreError};
use std::time::Duration;

/// How much longer than one call a lease lasts: the result must be written, too.
const SLACK: Duration = Duration::from_secs(15);
/// How often what is old is forgotten.
const FORGETTING: Duration = Duration::from_hours(1);

/// Calls programs outside.
pub struct HookWorker {
    db: Db,
    ledger: Ledger,
    vault: Vault,
    caller: Caller,
}

impl HookWorker {
    /// A worker that calls by this caller.
    pub fn new(db: Db, ledger: Ledger, vault: Vault, caller: Caller) -> Self {
        Self { db, ledger, vault, caller }
    }
}

impl LeasedJobs for HookWorker {
    const NAME: &'static str = "hook events";
    const POLL: Duration = Duration::from_millis(500);
    /// Calls to one program at one time: one that hangs keeps no other waiting.
    const EACH: i64 = 8;
    const HELD: Option<Held> = Some(Held::Hooks);
    type Receiver = HookId;
    type Job = Claimed;
    type Outcome = Called;

    fn receiver(claimed: &Claimed) -> HookId {
        claimed.hook.id
    }

    fn describe(claimed: &Claimed) -> String {
        format!("hook delivery {}", claimed.delivery.id)
    }

    async fn due(&self, free: &Free<HookId>) -> Result<Due, StoreError> {
        let now = Timestamp::now();
        let due = self.db.read(async move |conn| hooks::with_due_events(conn, now).await).await?;
        Ok(Due::now_if(due.iter().any(|hook| free.of(hook.id) > 0)))
    }

    async fn claim(&self, free: Free<HookId>) -> Result<Vec<Claimed>, LedgerError> {
        self.ledger.give(ClaimHooks { free, lease: TIMEOUT + SLACK }).await
    }

    async fn run(&self, claimed: &Claimed) -> Called {
        let Claimed { delivery, hook } = claimed;
        let called = match open_secret(&self.vault, &hook.secret) {
            Ok(secret) => {
                let parcel = Parcel {
                    url: &hook.url,
                    secret: &secret,
                    event_id: &delivery.event_id,
                    event: delivery.event,
                    body: delivery.body.clone(),
                    attempt: delivery.attempts,
                };
                self.caller.call(parcel).await
            }
            Err(_) => Called::failed("The secret cannot be opened: the server's key was changed.", true),
        };
        if called.error.is_some() {
            let (event, attempt) = (&delivery.event_id, delivery.attempts);
            log::info!("hook {}: event {event} not accepted, attempt {attempt}", hook.id);
        }
        called
    }

    /// If this process ends before it is written, the event is handed over anew.
    async fn settle(&self, claimed: Claimed, called: Called) -> Option<Claimed> {
        let what = format!("{}: its result", Self::describe(&claimed));
        let attempt_id = claimed.delivery.attempt_id.unwrap_or_default();
        let settle = SettleHook { id: claimed.delivery.id, attempt_id, called, jitter: jitter() };
        self.ledger.give_until_stored(settle, what).await;
        None
    }
}

/// Forgets what was settled long ago, now and then, for as long as the process lives.
pub async fn forget_settled(ledger: Ledger) {
    loop {
        tokio::time::sleep(FORGETTING).await;
        if let Err(error) = ledger.give(ForgetSettled).await {
            log::warn!("old hook events could not be purged, retrying: {error}");
        }
    }
}
