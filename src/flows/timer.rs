//! The timer: wakes when a step is due, takes runs under a lease and has their steps done, one
//! transaction each, many at a time. One or many, inside the server or beside it: leases spare work,
//! the runs' turns keep them apart. Never a step of its own.

use super::advance::Advance;
use crate::domain::Timestamp;
use crate::ledger::retry::give_back;
use crate::ledger::{Command, Ledger, LedgerError, Subject, Tx};
use crate::store::Db;
use crate::store::automation::flow_runs::{self, RunRow};
use crate::store::delivery::held_work::Held;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Notify, watch};

/// Runs that are walked at once.
const BATCH: usize = 256;
/// How often rows are looked at when nobody rings.
const POLL: Duration = Duration::from_secs(1);
/// For how long a run is its worker's: longer than one step takes, far shorter than patience.
const LEASE: Duration = Duration::from_secs(10);
const RETRY: Duration = Duration::from_secs(1);

/// The handle.
pub struct FlowTimer {
    stop: watch::Sender<bool>,
    walking: tokio::task::JoinHandle<()>,
}

impl FlowTimer {
    /// Starts on this thread. `alone`: no other process works on this database, so what is held was
    /// held by a predecessor.
    pub fn start(ledger: Ledger, db: Db, rung: Arc<Notify>, alone: bool) -> Self {
        let (stop, stopping) = watch::channel(false);
        let walking = actix::spawn(Timer { ledger, db, rung, stopping }.run(alone));
        Self { stop, walking }
    }

    /// Takes nothing more and waits until the steps under way are done, or `limit` is over.
    pub async fn finish(self, limit: Duration) {
        // A timer that has ended needs no word.
        let _ = self.stop.send(true);
        if actix::clock::timeout(limit, self.walking).await.is_err() {
            log::warn!("some flow steps were still in progress; they are looked for at the next start");
        }
    }
}

struct Timer {
    ledger: Ledger,
    db: Db,
    rung: Arc<Notify>,
    stopping: watch::Receiver<bool>,
}

impl Timer {
    async fn run(mut self, alone: bool) {
        if alone {
            give_back(&self.ledger, Held::Runs).await;
        }
        let mut due: Vec<Advance> = Vec::new();
        while !*self.stopping.borrow() {
            let room = BATCH.saturating_sub(due.len());
            match self.claim(room).await {
                Ok(claimed) => due.extend(claimed),
                Err(error) => {
                    log::warn!("claiming flow steps failed, retrying: {error}");
                    actix::clock::sleep(RETRY).await;
                }
            }
            if due.is_empty() {
                self.sleep().await;
            } else {
                due = self.walk(due).await;
            }
        }
    }

    async fn claim(&self, room: usize) -> Result<Vec<Advance>, LedgerError> {
        if room == 0 || !self.is_due().await? {
            return Ok(Vec::new());
        }
        let limit = i64::try_from(room).unwrap_or(1);
        let runs = self.ledger.give(Claim { limit }).await?;
        Ok(runs.iter().map(|run| advance(run, run.turn)).collect())
    }

    /// Looks before it writes: a server without work commits nothing.
    async fn is_due(&self) -> Result<bool, LedgerError> {
        let now = Timestamp::now();
        Ok(self.db.read(async move |conn| flow_runs::is_due(conn, now).await).await?)
    }

    /// One step of each; those that go on at once.
    async fn walk(&self, due: Vec<Advance>) -> Vec<Advance> {
        let walked = self.ledger.give_all(due.clone()).await;
        let mut next = Vec::new();
        for (advance, walked) in due.into_iter().zip(walked) {
            match walked {
                Ok(Some(turn)) => next.push(Advance { turn, ..advance }),
                Ok(None) => {}
                // Its lease runs out, and it is taken again.
                Err(error) => log::warn!("run {}: its step cannot be done yet: {error}", advance.run_id),
            }
        }
        next
    }

    /// Until somebody rings, the next step is due, or it is time to look.
    async fn sleep(&mut self) {
        let next = self.db.read(async |conn| flow_runs::next_due(conn).await).await;
        let until = next.ok().flatten().map_or(i64::MAX, |due| due.0.saturating_sub(Timestamp::now().0));
        let wait =
            Duration::from_millis(u64::try_from(until).unwrap_or(0)).clamp(Duration::from_millis(5), POLL);
        let rung = self.rung.clone();
        tokio::select! {
            () = rung.notified() => {}
            () = actix::clock::sleep(wait) => {}
            _ = self.stopping.changed() => {}
        }
    }
}

fn advance(run: &RunRow, turn: i64) -> Advance {
    Advance { run_id: run.id, conversation_id: run.conversation_id, turn, lease: LEASE }
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
