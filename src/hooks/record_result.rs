//! What becomes of a call. Never a result under an old fence.

use super::call::Called;
use crate::domain::{HookDeliveryId, HookState};
use crate::jobs::attempt::back_off;
use crate::ledger::{Command, LedgerError, Subject, Tx};
use crate::store::delivery::hooks;
use std::time::Duration;

/// Calls of one event before it counts as failed: with these waits about a day.
pub(super) const TRIES: i64 = 16;
const LONGEST_WAIT: Duration = Duration::from_hours(6);
/// How long what is settled can be looked at and replayed.
const KEPT: Duration = Duration::from_hours(30 * 24);

/// Writes what came of a call.
#[derive(Debug, Clone)]
pub struct SettleHook {
    pub id: HookDeliveryId,
    /// Under which fence.
    pub attempt_id: String,
    /// What came of it.
    pub called: Called,
    /// 0 to 1: where in its span a wait lies.
    pub jitter: f64,
}

impl Command for SettleHook {
    type Answer = ();

    fn subject(&self) -> Subject {
        Subject::of(("hook delivery", self.id))
    }

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<(), LedgerError> {
        let Called { status, error, is_final } = &self.called;
        let status = status.map(i64::from);
        hooks::end_attempt(tx.conn, self.id, &self.attempt_id, tx.now, status, error.as_deref()).await?;
        let Some(mut delivery) = hooks::delivery(tx.conn, self.id).await? else { return Ok(()) };
        let is_ours = delivery.state == HookState::Running
            && delivery.attempt_id.as_deref() == Some(self.attempt_id.as_str());
        // It was taken, whoever handed it over: it need not be tried again.
        if !is_ours && (error.is_some() || delivery.state == HookState::Delivered) {
            return Ok(());
        }
        delivery.state = if error.is_none() {
            HookState::Delivered
        } else if *is_final || delivery.attempts >= TRIES {
            HookState::Failed
        } else {
            delivery.due_at = tx.now.plus(back_off(delivery.attempts, self.jitter, LONGEST_WAIT));
            HookState::Waiting
        };
        delivery.attempt_id = None;
        delivery.updated_at = tx.now;
        Ok(hooks::update_delivery(tx.conn, &delivery).await?)
    }
}

/// Forgets what was settled long ago.
#[derive(Debug, Clone)]
pub struct ForgetSettled;

impl Command for ForgetSettled {
    type Answer = usize;

    fn subject(&self) -> Subject {
        Subject::of("hooks")
    }

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<usize, LedgerError> {
        Ok(hooks::forget(tx.conn, tx.now.minus(KEPT)).await?)
    }
}
