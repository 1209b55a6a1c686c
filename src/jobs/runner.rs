//! The one loop of all leased work: looks at the rows when something rings or it is time, claims as much as
//! there are places for, runs each job by itself, settles it. A panic costs its own try: the place is free
//! again, the lease runs out, and the job is taken again.

use super::fault;
use super::places::{Free, Places};
use crate::domain::Timestamp;
use crate::ledger::LedgerError;
use crate::store::StoreError;
use crate::store::delivery::held_work::Held;
use futures_util::FutureExt;
use std::fmt::Display;
use std::hash::Hash;
use std::panic::AssertUnwindSafe;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Notify, watch};

/// How long nothing is claimed after that failed.
const RETRY: Duration = Duration::from_secs(1);
/// Nothing that is due soon is waited for shorter than this.
const SHORTEST: Duration = Duration::from_millis(5);

/// One kind of leased work. It may be done by many processes at once: rows, leases and fences keep them
/// apart.
pub trait LeasedJobs: 'static {
    /// What its jobs are called in log lines.
    const NAME: &'static str;
    /// How often the rows are looked at when nobody rings.
    const POLL: Duration;
    /// Jobs of one receiver that run at one time.
    const EACH: i64;
    /// What is given back at the start of a process that works alone: its holder has ended.
    const HELD: Option<Held>;

    /// Whose places a job takes up.
    type Receiver: Copy + Eq + Hash;
    /// What was claimed.
    type Job;
    /// What came of a job.
    type Outcome;

    /// Whose places this job takes up.
    fn receiver(job: &Self::Job) -> Self::Receiver;

    /// What this job is called in log lines.
    fn describe(job: &Self::Job) -> String;

    /// What rings when something may be due.
    fn wake(&self) -> Option<Arc<Notify>> {
        None
    }

    /// Looks, without taking: a look costs reads, a claim a transaction.
    fn due(&self, free: &Free<Self::Receiver>) -> impl Future<Output = Result<Due, StoreError>>;

    /// Takes what is due, under a lease, as far as places are free.
    fn claim(&self, free: Free<Self::Receiver>) -> impl Future<Output = Result<Vec<Self::Job>, LedgerError>>;

    /// Does it, within the lease.
    fn run(&self, job: &Self::Job) -> impl Future<Output = Self::Outcome>;

    /// Writes what came of it, if the lease still holds. What goes on at once keeps its place.
    fn settle(&self, job: Self::Job, outcome: Self::Outcome) -> impl Future<Output = Option<Self::Job>>;
}

/// When there is something to claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Due {
    /// There is.
    Now,
    /// There will be, if nothing comes before.
    At(Timestamp),
    /// Nothing is known of.
    Nothing,
}

impl Due {
    /// Now, if that is so; else nothing is known of.
    pub fn now_if(is_due: bool) -> Self {
        if is_due { Self::Now } else { Self::Nothing }
    }
}

/// Does this work. None: it panicked, and the log says so of `what`; its lease runs out.
pub async fn guarded<T>(what: impl Display, work: impl Future<Output = T>) -> Option<T> {
    let done = AssertUnwindSafe(work).catch_unwind().await;
    done.inspect_err(|_| log::error!("{what}: its job panicked; it is taken again when its lease ends")).ok()
}

/// Does one kind of leased work until it is told to stop.
pub(super) struct Runner<J: LeasedJobs> {
    jobs: Rc<J>,
    wake: Option<Arc<Notify>>,
    places: Places<J::Receiver>,
    stopping: Stopping,
}

impl<J: LeasedJobs> Runner<J> {
    pub(super) fn new(jobs: J, stopping: Stopping) -> Self {
        Self { wake: jobs.wake(), jobs: Rc::new(jobs), places: Places::new(J::EACH), stopping }
    }

    /// Claims until it is told to stop, then waits for what is under way.
    pub(super) async fn run(mut self) {
        while !self.stopping.is_told() {
            let looked = AssertUnwindSafe(self.look()).catch_unwind().await;
            match looked {
                Ok(Ok(Duration::ZERO)) => {}
                Ok(Ok(wait)) => self.sleep(wait).await,
                Ok(Err(error)) => {
                    log::warn!("claiming {} failed, retrying: {error}", J::NAME);
                    self.rest().await;
                }
                Err(_) => {
                    log::error!("claiming {} panicked, retrying", J::NAME);
                    self.rest().await;
                }
            }
        }
        self.places.all_free().await;
    }

    /// Begins what is due; how long nothing more will be, as far as the rows tell.
    async fn look(&self) -> Result<Duration, LedgerError> {
        match self.jobs.due(&self.places.free()).await? {
            Due::Nothing => Ok(J::POLL),
            Due::At(due) => {
                let left = due.0.saturating_sub(Timestamp::now().0);
                Ok(Duration::from_millis(u64::try_from(left).unwrap_or(0)).clamp(SHORTEST, J::POLL))
            }
            Due::Now => {
                let claimed = self.jobs.claim(self.places.free()).await?;
                let wait = if claimed.is_empty() { J::POLL } else { Duration::ZERO };
                claimed.into_iter().for_each(|job| self.begin(job));
                Ok(wait)
            }
        }
    }

    fn begin(&self, job: J::Job) {
        let place = self.places.take(J::receiver(&job));
        let (jobs, stopping) = (self.jobs.clone(), self.stopping.clone());
        actix::spawn(async move {
            guarded(J::describe(&job), carry_out(&*jobs, job, &stopping)).await;
            drop(place);
        });
    }

    /// Until somebody rings, a place is free again, or it is time to look.
    async fn sleep(&mut self, wait: Duration) {
        let rung = async {
            match &self.wake {
                Some(wake) => wake.notified().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = rung => {}
            // What was answered by one commit is freed together, and then claimed together.
            () = self.places.freed() => tokio::task::yield_now().await,
            () = actix::clock::sleep(wait) => {}
            () = self.stopping.told() => {}
        }
    }

    /// After a failure nobody's ring shortens the wait.
    async fn rest(&mut self) {
        tokio::select! {
            () = actix::clock::sleep(RETRY) => {}
            () = self.stopping.told() => {}
        }
    }
}

/// One job from claim to result, and what goes on at once, unless it is time to stop.
async fn carry_out<J: LeasedJobs>(jobs: &J, mut job: J::Job, stopping: &Stopping) {
    loop {
        fault::panic_in(J::NAME);
        let outcome = jobs.run(&job).await;
        match jobs.settle(job, outcome).await {
            Some(next) if !stopping.is_told() => job = next,
            _ => return,
        }
    }
}

/// Whether it is time to stop.
#[derive(Clone)]
pub(super) struct Stopping(watch::Receiver<bool>);

impl Stopping {
    pub(super) fn new() -> (watch::Sender<bool>, Self) {
        let (stop, stopping) = watch::channel(false);
        (stop, Self(stopping))
    }

    /// Whoever would tell being gone tells as well.
    fn is_told(&self) -> bool {
        *self.0.borrow() || self.0.has_changed().is_err()
    }

    /// Waits for it.
    pub(super) async fn told(&mut self) {
        // An error is its sender's end.
        let _ = self.0.wait_for(|is_told| *is_told).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::RefCell;
    use std::time::Instant;

    /// Longer than a panic takes to be printed.
    const LEASE: Duration = Duration::from_secs(2);

    /// Two jobs of one place: the first panics at its first try.
    #[derive(Default)]
    struct Rows {
        due: RefCell<Vec<(&'static str, Instant)>>,
        begun: RefCell<Vec<&'static str>>,
        done: RefCell<Vec<&'static str>>,
        /// Jobs wait for it.
        go_on: Notify,
    }

    struct Planted(Rc<Rows>);

    impl LeasedJobs for Planted {
        const NAME: &'static str = "planted jobs";
        const POLL: Duration = Duration::from_millis(10);
        const EACH: i64 = 1;
        const HELD: Option<Held> = None;
        type Receiver = ();
        type Job = &'static str;
        type Outcome = ();

        fn receiver(_: &&'static str) {}

        fn describe(job: &&'static str) -> String {
            format!("planted job {job}")
        }

        async fn due(&self, free: &Free<()>) -> Result<Due, StoreError> {
            let is_due = self.0.due.borrow().iter().any(|(_, due)| *due <= Instant::now());
            Ok(Due::now_if(is_due && free.of(()) > 0))
        }

        async fn claim(&self, free: Free<()>) -> Result<Vec<&'static str>, LedgerError> {
            assert!(free.of(()) > 0, "no place is given twice");
            let mut rows = self.0.due.borrow_mut();
            let Some((job, due)) = rows.iter_mut().find(|(_, due)| *due <= Instant::now()) else {
                return Ok(Vec::new());
            };
            *due += LEASE;
            Ok(vec![*job])
        }

        async fn run(&self, job: &&'static str) {
            let is_first = self.0.begun.borrow().is_empty();
            self.0.begun.borrow_mut().push(*job);
            assert!(*job != "odd" || !is_first, "asked to");
            if *job == "slow" {
                self.0.go_on.notified().await;
            }
        }

        async fn settle(&self, job: &'static str, (): ()) -> Option<&'static str> {
            self.0.due.borrow_mut().retain(|(name, _)| *name != job);
            self.0.done.borrow_mut().push(job);
            None
        }
    }

    fn rows(jobs: &[&'static str]) -> Rc<Rows> {
        let rows = Rc::new(Rows::default());
        rows.due.borrow_mut().extend(jobs.iter().map(|job| (*job, Instant::now())));
        rows
    }

    async fn until(what: impl Fn() -> bool) {
        let is_so = async {
            while !what() {
                actix::clock::sleep(Duration::from_millis(1)).await;
            }
        };
        actix::clock::timeout(Duration::from_secs(10), is_so).await.expect("it comes true");
    }

    #[actix::test]
    async fn a_job_that_panics_gives_back_its_place_and_is_taken_again_after_its_lease() {
        let rows = rows(&["odd", "usual"]);
        let (_stop, stopping) = Stopping::new();
        actix::spawn(Runner::new(Planted(rows.clone()), stopping).run());
        until(|| rows.due.borrow().is_empty()).await;
        assert_eq!(*rows.begun.borrow(), ["odd", "usual", "odd"], "the only place is free again at once");
        assert_eq!(*rows.done.borrow(), ["usual", "odd"]);
    }

    #[actix::test]
    async fn at_the_end_nothing_more_is_claimed_and_what_is_under_way_is_waited_for() {
        let rows = rows(&["slow", "usual"]);
        let (stop, stopping) = Stopping::new();
        let running = actix::spawn(Runner::new(Planted(rows.clone()), stopping).run());
        until(|| !rows.begun.borrow().is_empty()).await;
        stop.send_replace(true);
        actix::clock::sleep(Duration::from_millis(20)).await;
        assert!(!running.is_finished(), "a job is under way");
        rows.go_on.notify_one();
        running.await.expect("no panic");
        assert_eq!(*rows.begun.borrow(), ["slow"]);
        assert_eq!(*rows.done.borrow(), ["slow"]);
    }
}
