//! The hook worker: looks, claims, calls, settles. One or many, inside the server or beside it: rows
//! and fences keep them apart. Never an event of its own.

use super::call::{Called, Caller, Parcel, TIMEOUT};
use super::claim::{ClaimHooks, Claimed};
use super::edit::open_secret;
use super::record_result::{ForgetSettled, SettleHook};
use crate::auth::Vault;
use crate::domain::{HookId, Timestamp};
use crate::ledger::retry::{Places, give_back, jitter};
use crate::ledger::{Ledger, LedgerError};
use crate::store::Db;
use crate::store::delivery::held_work::Held;
use crate::store::delivery::hooks;
use std::rc::Rc;
use std::time::{Duration, Instant};
use tokio::sync::Notify;

/// How often the rows are looked at.
const POLL: Duration = Duration::from_millis(500);
/// Calls to one program at one time: one that hangs keeps no other waiting.
const EACH: i64 = 8;
/// How much longer than one call a lease lasts: the result must be written, too.
const SLACK: Duration = Duration::from_secs(15);
const RETRY: Duration = Duration::from_secs(1);
/// How often what is old is forgotten.
const FORGETTING: Duration = Duration::from_hours(1);

/// The worker of one process.
pub struct HookWorker {
    db: Db,
    ledger: Ledger,
    vault: Vault,
    caller: Caller,
    places: Places<HookId>,
    /// Rung when a place is free again.
    freed: Rc<Notify>,
}

impl HookWorker {
    /// A worker that calls by this caller.
    pub fn new(db: Db, ledger: Ledger, vault: Vault, caller: Caller) -> Self {
        Self { db, ledger, vault, caller, places: Places::new(EACH), freed: Rc::default() }
    }

    /// Works until the process ends. `alone`: no other process works on this database, so what is
    /// held was held by a predecessor.
    pub async fn run(self, alone: bool) {
        if alone {
            give_back(&self.ledger, Held::Hooks).await;
        }
        let mut forgot = Instant::now();
        loop {
            match self.claim().await {
                Ok(claimed) => claimed.into_iter().for_each(|claimed| self.begin(claimed)),
                Err(error) => {
                    log::warn!("claiming hook events failed, retrying: {error}");
                    tokio::time::sleep(RETRY).await;
                }
            }
            if forgot.elapsed() > FORGETTING {
                forgot = Instant::now();
                if let Err(error) = self.ledger.give(ForgetSettled).await {
                    log::warn!("old hook events could not be purged, retrying: {error}");
                }
            }
            let _ = tokio::time::timeout(POLL, self.freed.notified()).await;
        }
    }

    /// A look costs a read; only what is there costs a transaction.
    async fn claim(&self) -> Result<Vec<Claimed>, LedgerError> {
        let now = Timestamp::now();
        let due = self.db.read(async move |conn| hooks::with_due_events(conn, now).await).await?;
        let free = self.places.free();
        if due.iter().all(|hook| free.of(hook.id) <= 0) {
            return Ok(Vec::new());
        }
        self.ledger.give(ClaimHooks { free, lease: TIMEOUT + SLACK }).await
    }

    fn begin(&self, claimed: Claimed) {
        let (place, freed) = (self.places.take(claimed.hook.id), self.freed.clone());
        let (ledger, vault, caller) = (self.ledger.clone(), self.vault.clone(), self.caller.clone());
        actix::spawn(async move {
            hand_over(&ledger, &vault, &caller, claimed).await;
            drop(place);
            freed.notify_one();
        });
    }
}

/// One event from claim to result.
async fn hand_over(ledger: &Ledger, vault: &Vault, caller: &Caller, claimed: Claimed) {
    let Claimed { delivery, hook } = claimed;
    let called = match open_secret(vault, &hook.secret) {
        Ok(secret) => {
            let parcel = Parcel {
                url: &hook.url,
                secret: &secret,
                event_id: &delivery.event_id,
                event: delivery.event,
                body: delivery.body.clone(),
                attempt: delivery.attempts,
            };
            caller.call(parcel).await
        }
        Err(_) => Called::failed("The secret cannot be opened: the server's key was changed.", true),
    };
    if called.error.is_some() {
        log::info!(
            "hook {}: event {} not accepted, attempt {}",
            hook.id,
            delivery.event_id,
            delivery.attempts
        );
    }
    let attempt_id = delivery.attempt_id.unwrap_or_default();
    let settle = SettleHook { id: delivery.id, attempt_id, called, jitter: jitter() };
    // If this process ends before it is written, the event is handed over anew.
    ledger.give_until_stored(settle, format!("hook delivery {}: its result", delivery.id)).await;
}
