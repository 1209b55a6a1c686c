//! The timer: takes runs whose step is due under a lease and has their steps done, one transaction each,
//! many at a time. Leases spare work, the runs' turns keep processes apart. Never a step of its own.

use super::advance::Advance;
use crate::domain::Timestamp;
use crate::jobs::{Due, Free, LeasedJobs};
use crate::ledger::{Command, Ledger, LedgerError, Subject, Tx};
use crate::store::automation::flow_runs::{self, RunRow};
use crate::store::delivery::held_work::Held;
use crate::store::{Db, StoreError};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Notify;

/// For how long a run is its worker's: longer than one step takes, far shorter than patience.
const LEASE: Duration = Duration::from_secs(10);

/// Moves runs.
pub struct FlowTimer {
    ledger: Ledger,
    db: Db,
    rung: Arc<Notify>,
}

impl FlowTimer {
    /// A timer that looks when `rung` is.
    pub fn new(ledger: Ledger, db: Db, rung: Arc<Notify>) -> Self {
        Self { ledger, db, rung }
    }
}

impl LeasedJobs for FlowTimer {
    const NAME: &'static str = "flow steps";
    const POLL: Duration = Duration::from_secs(1);
    /// Runs that are walked at once.
    const EACH: i64 = 256;
    const HELD: Option<Held> = Some(Held::Runs);
    type Receiver = ();
    type Job = Advance;
    /// The run's turn, if its next step is due at once.
    type Outcome = Result<Option<i64>, LedgerError>;

    fn receiver(_: &Advance) {}

    fn describe(advance: &Advance) -> String {
        format!("run {}", advance.run_id)
    }

    fn wake(&self) -> Option<Arc<Notify>> {
        Some(self.rung.clone())
    }

    async fn due(&self, free: &Free<()>) -> Result<Due, StoreError> {
        if free.of(()) <= 0 {
            return Ok(Due::Nothing);
        }
        let now = Timestamp::now();
        self.db
            .read(async move |conn| {
                if flow_runs::is_due(conn, now).await? {
                    return Ok(Due::Now);
                }
                Ok(flow_runs::next_due(conn).await?.map_or(Due::Nothing, Due::At))
            })
            .await
    }

    async fn claim(&self, free: Free<()>) -> Result<Vec<Advance>, LedgerError> {
        let runs = self.ledger.give(Claim { limit: free.of(()) }).await?;
        Ok(runs.iter().map(advance).collect())
    }

    /// One step, written with its result.
    async fn run(&self, advance: &Advance) -> Self::Outcome {
        self.ledger.give(advance.clone()).await
    }

    async fn settle(&self, advance: Advance, walked: Self::Outcome) -> Option<Advance> {
        match walked {
            Ok(turn) => turn.map(|turn| Advance { turn, ..advance }),
            // Its lease runs out, and it is taken again.
            Err(error) => {
                log::warn!("run {}: its step cannot be done yet: {error}", advance.run_id);
                None
            }
        }
    }
}

fn advance(run: &RunRow) -> Advance {
    Advance { run_id: run.id, conversation_id: run.conversation_id, turn: run.turn, lease: LEASE }
}

/// Takes runs whose step is due.
#[derive(Debug, Clone, Copy)]
struct Claim {
    limit: i64,
}

impl Command for Claim {
    type Answer = Vec<RunRow>;

    fn subject(&self) -> Subject {
        Subject::of("flows")
    }

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<Vec<RunRow>, LedgerError> {
        let until = tx.now.plus(LEASE);
        Ok(flow_runs::claim(tx.conn, tx.now, until, self.limit).await?)
    }
}
