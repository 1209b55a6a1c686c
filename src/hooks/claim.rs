//! Taking what is due, by lease and fence. Never a call.

use super::settle::TRIES;
use crate::chat::{Command, LedgerError, Subject, Tx};
use crate::domain::HookState;
use crate::store::hooks::{self, Hook, HookDelivery};
use std::time::Duration;

/// Takes what is due.
#[derive(Debug, Clone)]
pub struct ClaimHooks {
    /// How many at most.
    pub limit: i64,
    /// For how long: longer than one call.
    pub lease: Duration,
}

/// An event that is this worker's to hand over.
#[derive(Debug, Clone)]
pub struct Claimed {
    /// The event.
    pub delivery: HookDelivery,
    /// To whom.
    pub hook: Hook,
}

impl Command for ClaimHooks {
    type Answer = Vec<Claimed>;

    fn subject(&self) -> Subject {
        Subject::of("hooks")
    }

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<Vec<Claimed>, LedgerError> {
        let mut claimed = Vec::new();
        for mut delivery in hooks::due(tx.conn, tx.now, self.limit).await? {
            let Some(hook) = hooks::find(tx.conn, delivery.workspace_id, delivery.hook_id).await? else {
                continue;
            };
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
            claimed.push(Claimed { delivery, hook });
        }
        Ok(claimed)
    }
}

fn new_attempt_id() -> Result<String, LedgerError> {
    let mut bytes = [0_u8; 16];
    getrandom::fill(&mut bytes)
        .map_err(|error| LedgerError::Unavailable(format!("no randomness: {error}")))?;
    Ok(bytes.iter().fold(String::with_capacity(32), |text, byte| text + &format!("{byte:02x}")))
}
