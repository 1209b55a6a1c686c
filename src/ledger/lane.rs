//! The one door in: whatever changes rows is a command given here. Commands that wait together are committed
//! together (group commit, see `batch`). Callers hear of it after the commit, and what happened is told in
//! commit order. Never a rule of the product: commands bring theirs.
//!
//! ```text
//!  callers ──try_send──▶ Lane (actor, own thread) ──one transaction──▶ database
//!     ▲                    │ BEGIN · each command · COMMIT
//!     └──── answers ◀──────┤
//!            events ◀──────┘ after the commit, in its order
//! ```
//!
//! SQLite has one lane, PostgreSQL a few: what concerns one conversation goes to one lane, and a
//! batch locks the conversations it knows of in one order, so that two batches cannot wait for
//! each other. While one batch is being written the next one gathers: there is no timer.

use super::batch::{self, Asked, Beside, Given};
use super::command::{Command, LedgerError};
use super::metrics::LedgerCounts;
use crate::domain::Timestamp;
use crate::domain::event::Voice;
use crate::store::{Db, StoreError, Writer};
use actix::prelude::*;
use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Instant;
use tokio::sync::oneshot;

/// Commands of one transaction at most: beyond it a commit saves little more
/// (docs/decisions/sqlite-lanes.md).
const BATCH: usize = 256;
/// Commands that may wait for a lane; more are refused, and the platform comes again.
const MAX_QUEUED: usize = 16_384;
/// How long a failure speaks for the moment: where nothing is given, nothing tells that it is over.
const FAILING_MILLIS: i64 = 5_000;

/// The handle: cloned freely, nobody else sees the actors.
#[derive(Clone)]
pub struct Ledger {
    lanes: Arc<[Addr<Lane>]>,
    counts: Arc<LedgerCounts>,
}

impl Ledger {
    /// Starts the lanes, each on a thread of its own. `beside`: what is written beside what happened.
    pub async fn start(db: &Db, voice: Voice, beside: Beside) -> Result<Self, StoreError> {
        let counts = Arc::new(LedgerCounts::default());
        let mut lanes = Vec::new();
        for _ in 0..db.writers() {
            let lane = Lane {
                writer: Some(db.writer().await?),
                queue: VecDeque::new(),
                drained: Vec::new(),
                voice: voice.clone(),
                beside,
                counts: counts.clone(),
            };
            lanes.push(Lane::start_in_arbiter(&Arbiter::new().handle(), move |ctx| {
                ctx.set_mailbox_capacity(MAX_QUEUED);
                lane
            }));
        }
        Ok(Self { lanes: lanes.into(), counts })
    }

    /// Gives a command; the answer comes after the commit. A caller that goes away cancels nothing.
    pub async fn give<C: Command>(&self, command: C) -> Result<C::Answer, LedgerError> {
        self.hand(command)?
            .await
            .unwrap_or_else(|_| Err(LedgerError::Unavailable("the ledger has ended".into())))
    }

    /// Gives several commands at once, so that they share a commit; answers in their order.
    pub async fn give_all<C: Command>(&self, commands: Vec<C>) -> Vec<Result<C::Answer, LedgerError>> {
        let handed: Vec<_> = commands.into_iter().map(|command| self.hand(command)).collect();
        let mut answers = Vec::with_capacity(handed.len());
        for answer in handed {
            answers.push(match answer {
                Ok(answer) => answer
                    .await
                    .unwrap_or_else(|_| Err(LedgerError::Unavailable("the ledger has ended".into()))),
                Err(error) => Err(error),
            });
        }
        answers
    }

    /// What it counted so far.
    pub fn counts(&self) -> &LedgerCounts {
        &self.counts
    }

    /// Whether what was last given could not be stored, a moment ago: a full disk still reads.
    pub fn is_failing(&self) -> bool {
        let failed = self.counts.failing_since.load(Ordering::Relaxed);
        // A moment ahead of us is not a moment ago: the clock was set back.
        failed != 0 && (0..FAILING_MILLIS).contains(&(Timestamp::now().0 - failed))
    }

    /// Waits until everything given so far is committed or refused.
    pub async fn drain(&self) {
        for lane in self.lanes.iter() {
            let (done, drained) = oneshot::channel();
            lane.do_send(Drain(done));
            // A lane that has ended has nothing left.
            drop(drained.await);
        }
    }

    fn hand<C: Command>(
        &self,
        command: C,
    ) -> Result<oneshot::Receiver<Result<C::Answer, LedgerError>>, LedgerError> {
        let (reply, answer) = oneshot::channel();
        let subject = command.subject();
        let lane = &self.lanes[subject.lane(self.lanes.len())];
        lane.try_send(Give(Given { subject, job: Box::new(Asked::new(command, reply)) }))
            .map_err(|_| LedgerError::Unavailable("too much waits to be stored".into()))?;
        self.counts.waiting.add(1);
        Ok(answer)
    }
}

#[derive(Message)]
#[rtype(result = "()")]
struct Give(Given);

#[derive(Message)]
#[rtype(result = "()")]
struct Drain(oneshot::Sender<()>);

/// One connection and what waits for it.
struct Lane {
    /// Away while a batch is being written.
    writer: Option<Writer>,
    queue: VecDeque<Given>,
    drained: Vec<oneshot::Sender<()>>,
    voice: Voice,
    beside: Beside,
    counts: Arc<LedgerCounts>,
}

impl Actor for Lane {
    type Context = Context<Self>;
}

impl Handler<Give> for Lane {
    type Result = ();
    fn handle(&mut self, Give(given): Give, ctx: &mut Self::Context) {
        self.queue.push_back(given);
        self.write_next(ctx);
    }
}

impl Handler<Drain> for Lane {
    type Result = ();
    fn handle(&mut self, Drain(done): Drain, ctx: &mut Self::Context) {
        self.drained.push(done);
        self.write_next(ctx);
    }
}

impl Lane {
    /// Writes what waits, unless a batch is being written: that one calls again when it is done.
    fn write_next(&mut self, ctx: &mut Context<Self>) {
        let Some(writer) = self.writer.take() else { return };
        let (voice, beside, counts) = (self.voice.clone(), self.beside, self.counts.clone());
        // The queue is taken when the future is first polled: everything in the mailbox is in it by then.
        let gather = async {}.into_actor(self).map(|(), lane: &mut Self, _: &mut Context<Self>| {
            let count = lane.queue.len().min(BATCH);
            lane.queue.drain(..count).collect::<Vec<_>>()
        });
        let write =
            gather.then(move |batch, lane, _| write(writer, batch, (voice, beside), counts).into_actor(lane));
        ctx.spawn(write.map(|writer, lane, ctx| {
            lane.writer = Some(writer);
            if lane.queue.is_empty() {
                // Whoever waits for the end may have gone.
                lane.drained.drain(..).for_each(|done| {
                    let _ = done.send(());
                });
            } else {
                lane.write_next(ctx);
            }
        }));
    }
}

/// Writes a batch, tells what happened, answers everybody.
async fn write(
    mut writer: Writer,
    mut batch: Vec<Given>,
    (voice, beside): (Voice, Beside),
    counts: Arc<LedgerCounts>,
) -> Writer {
    if batch.is_empty() {
        return writer;
    }
    // One order of locks for all: two batches never wait for each other. Stable: order within a subject
    // stays.
    batch.sort_by_key(|given| given.subject);
    let (began, given) = (Instant::now(), i64::try_from(batch.len()).unwrap_or(0));
    let committed = batch::commit(&mut writer, &mut batch, beside, &counts).await;
    counts.waiting.add(-given);
    match committed {
        Ok(events) => {
            counts.commits.fetch_add(1, Ordering::Relaxed);
            counts.failing_since.store(0, Ordering::Relaxed);
            counts.commands.fetch_add(batch.len() as u64, Ordering::Relaxed);
            let micros = u64::try_from(began.elapsed().as_micros()).unwrap_or(u64::MAX);
            counts.busy_micros.fetch_add(micros, Ordering::Relaxed);
            counts.batches.note(batch.len() as u64);
            counts.latency.note(micros);
            if !events.is_empty() {
                voice(events);
            }
            batch.into_iter().for_each(|given| given.job.settle(Ok(())));
        }
        Err(error) => {
            counts.failures.fetch_add(1, Ordering::Relaxed);
            counts.failing_since.store(Timestamp::now().0, Ordering::Relaxed);
            log::error!("{} commands could not be stored: {error}", batch.len());
            let error = LedgerError::Unavailable(error.to_string());
            batch.into_iter().for_each(|given| given.job.settle(Err(error.clone())));
        }
    }
    writer
}
