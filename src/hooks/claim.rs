//! Taking what is due, by lease and fence. Never a call.

use super::record_result::TRIES;
use crate::domain::{HookId, HookState};
use crate::jobs::Free;
use crate::jobs::attempt::new_attempt_id;
use crate::ledger::{Command, LedgerError, Subject, Tx};
use crate::store::delivery::hooks::{self, Hook, HookDelivery};
use std::time::Duration;

/// Takes what is due.
#[derive(Debug, Clone)]
pub struct ClaimHooks {
    /// How many each program may be handed at most.
    pub free: Free<HookId>,
    /// For how long: longer than one call.
    pub lease: Duration,
}

/// An event that is this worker's to hand over.
#[derive(Debug, Clone)]
pub struct Claimed {
    /// The event.
    pub delivery: HookDelivery,
    pub hook: Hook,
}

impl Command for ClaimHooks {
    type Answer = Vec<Claimed>;

    fn subject(&self) -> Subject {
        Subject::of("hooks")
    }

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<Vec<Claimed>, LedgerError> {
        let mut claimed = Vec::new();
        for hook in hooks::with_due_events(tx.conn, tx.now).await? {
            let limit = self.free.of(hook.id);
            if limit > 0 {
                self.take(tx, &hook, limit, &mut claimed).await?;
            }
        }
        Ok(claimed)
    }
}

impl ClaimHooks {
    async fn take(
        &self,
        tx: &mut Tx<'_>,
        hook: &Hook,
        limit: i64,
        claimed: &mut Vec<Claimed>,
    ) -> Result<(), LedgerError> {
        for mut delivery in hooks::due(tx.conn, hook.id, tx.now, limit).await? {
            delivery.updated_at = tx.now;
            if !hook.is_on || delivery.attempts >= TRIES {
                delivery.state = HookState::Failed;
                hooks::update_delivery(tx.conn, &delivery).await?;
                continue;
            }
            let attempt_id = new_attempt_id()?;
            hooks::begin_attempt(tx.conn, delivery.id, &attempt_id, tx.now).await?;
            delivery.state = HookState::Running;
            delivery.attempt_id = Some(attempt_id);
            delivery.attempts += 1;
            delivery.due_at = tx.now.plus(self.lease);
            hooks::update_delivery(tx.conn, &delivery).await?;
            claimed.push(Claimed { delivery, hook: hook.clone() });
        }
        Ok(())
    }
}
