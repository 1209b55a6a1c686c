//! The background work of one process, in one list: started one by one, drained together.

use super::runner::{LeasedJobs, Runner, Stopping};
use super::stored::give_back;
use crate::ledger::Ledger;
use futures_util::FutureExt;
use futures_util::future::join_all;
use std::panic::AssertUnwindSafe;
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// How long a loop that panicked rests.
const REST: Duration = Duration::from_secs(1);

/// Runs what leases nothing in the background, on this thread, mostly for as long as the process lives: where
/// it panics, it is logged by its name and begins anew.
pub fn keep_up<S: Clone + 'static, F: Future<Output = ()> + 'static>(
    with: &S,
    name: &'static str,
    work: impl Fn(S) -> F + 'static,
) {
    let with = with.clone();
    actix::spawn(async move {
        while AssertUnwindSafe(work(with.clone())).catch_unwind().await.is_err() {
            log::error!("{name} panicked; it begins anew");
            actix::clock::sleep(REST).await;
        }
    });
}

/// What this process works on, on the thread that it was started on.
pub struct Workers {
    ledger: Ledger,
    is_alone: bool,
    stop: watch::Sender<bool>,
    stopping: Stopping,
    /// What each is called in log lines, and its end.
    running: Vec<(&'static str, JoinHandle<()>)>,
}

impl Workers {
    /// None yet. `is_alone`: no other process works on this database, so what is held was held by one that
    /// has ended.
    pub fn new(ledger: Ledger, is_alone: bool) -> Self {
        let (stop, stopping) = Stopping::new();
        Self { ledger, is_alone, stop, stopping, running: Vec::new() }
    }

    /// Starts one kind of leased work.
    pub fn start<J: LeasedJobs>(&mut self, jobs: J) {
        let (ledger, held) = (self.ledger.clone(), J::HELD.filter(|_| self.is_alone));
        let runner = Runner::new(jobs, self.stopping.clone());
        let running = actix::spawn(async move {
            if let Some(held) = held {
                give_back(&ledger, held).await;
            }
            runner.run().await;
        });
        self.running.push((J::NAME, running));
    }

    /// Adds work that runs already; `drain` stops it and ends with it.
    pub fn add(&mut self, name: &'static str, drain: impl Future<Output = ()> + 'static) {
        let mut stopping = self.stopping.clone();
        let running = actix::spawn(async move {
            stopping.told().await;
            drain.await;
        });
        self.running.push((name, running));
    }

    /// Takes nothing more and waits until what is under way is done, or `limit` is over: what is left then
    /// keeps its lease.
    pub async fn finish(self, limit: Duration) {
        self.stop.send_replace(true);
        let ends = self.running.into_iter().map(|(name, running)| async move {
            if actix::clock::timeout(limit, running).await.is_err() {
                log::warn!(
                    "some {name} were still in progress; what became of them is looked for at the next start"
                );
            }
        });
        join_all(ends).await;
    }
}
