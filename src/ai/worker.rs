//! The turn worker: takes turns that are due, asks the model, writes its answer. Never more than one
//! question a turn at one time.

use super::claim::{ClaimTurns, Claimed, ModelBudget, Waiting};
use super::model::{Model, NoAnswer};
use super::question::what_was_said;
use super::record_result::SettleTurn;
use crate::domain::Timestamp;
use crate::jobs::attempt::jitter;
use crate::jobs::{Due, Free, LeasedJobs};
use crate::ledger::{Ledger, LedgerError};
use crate::store::delivery::held_work::Held;
use crate::store::{Db, StoreError};
use std::time::Duration;

/// How much longer than one question a lease lasts: the result must be written, too.
const SLACK: Duration = Duration::from_secs(10);
/// Asks a model for answers.
pub struct TurnWorker {
    db: Db,
    ledger: Ledger,
    model: Model,
    budget: ModelBudget,
}

impl TurnWorker {
    /// A worker that asks this model so often.
    pub fn new(db: Db, ledger: Ledger, model: Model, budget: ModelBudget) -> Self {
        Self { db, ledger, model, budget }
    }
}

impl LeasedJobs for TurnWorker {
    const NAME: &'static str = "AI turns";
    const POLL: Duration = Duration::from_millis(250);
    /// Questions at one time.
    const EACH: i64 = 8;
    const HELD: Option<Held> = Some(Held::Turns);
    type Receiver = ();
    type Job = Claimed;
    /// None: there was nothing to answer.
    type Outcome = Result<Option<String>, NoAnswer>;

    fn receiver(_: &Claimed) {}

    fn describe(claimed: &Claimed) -> String {
        format!("turn {}", claimed.turn.id)
    }

    async fn due(&self, free: &Free<()>) -> Result<Due, StoreError> {
        let (now, hears, limit) = (Timestamp::now(), self.model.hears(), free.of(()));
        if limit <= 0 {
            return Ok(Due::Nothing);
        }
        let found = self.db.read(async move |conn| Waiting::look(conn, now, hears, limit).await).await?;
        Ok(Due::now_if(!found.is_empty()))
    }

    async fn claim(&self, free: Free<()>) -> Result<Vec<Claimed>, LedgerError> {
        let (hears, lease) = (self.model.hears(), self.model.timeout() + SLACK);
        self.ledger.give(ClaimTurns { limit: free.of(()), lease, hears, budget: self.budget }).await
    }

    async fn run(&self, claimed: &Claimed) -> Self::Outcome {
        let turn = &claimed.turn;
        let outcome = match what_was_said(&self.db, claimed).await {
            Ok(Some(said)) => self.model.answer(&said).await.map(Some),
            Ok(None) => Ok(None),
            Err(error) => {
                log::warn!("turn {}: what was said cannot be read: {error}", turn.id);
                let message = "The conversation could not be read.".to_owned();
                Err(NoAnswer { code: "database".into(), message, is_final: false, retry_after: None })
            }
        };
        if let Err(why) = &outcome {
            log::warn!("AI turn {}: no answer, attempt {}: {}", turn.id, turn.attempts, why.code);
        }
        outcome
    }

    /// Until it is written; if this process ends before, the turn is taken anew.
    async fn settle(&self, Claimed { turn, .. }: Claimed, outcome: Self::Outcome) -> Option<Claimed> {
        let settle = SettleTurn {
            id: turn.id,
            attempt_id: turn.attempt_id.unwrap_or_default(),
            conversation_id: turn.conversation_id,
            outcome,
            jitter: jitter(),
        };
        let what = format!("turn {}: its answer", turn.id);
        if let Some(state) = self.ledger.give_until_stored(settle, what).await {
            log::info!("turn {}: {state}", turn.id);
        }
        None
    }
}
