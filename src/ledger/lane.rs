//! The one door in (over 400 lines: one actor, one way to commit): whatever changes rows is a
//! command given here. Commands that wait together are committed together (group commit), plain
//! messages as sets (`plain`); if one of the others is refused, all are tried again with savepoints,
//! so that a failure costs only its own caller. Callers hear of it after the commit, and what
//! happened is told in commit order. Never a rule of the product: commands bring theirs.
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

use super::command::{AnswerOf, Command, LedgerError, Subject, Tx};
use super::metrics::LedgerCounts;
use crate::domain::event::Voice;
use crate::domain::{self, ConversationId, Event, Timestamp};
use crate::store::accounts::audit;
use crate::store::{self, Conn, Db, StoreError, Writer};
use crate::thread::hook_events;
use crate::thread::plain::{self, Candidates, Plain};
use actix::prelude::*;
use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;
use std::collections::{HashSet, VecDeque};
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};
use tokio::sync::oneshot;

/// Commands of one transaction at most: beyond it a commit saves little more
/// (docs/decisions/sqlite-lanes.md).
const BATCH: usize = 256;
/// Commands that may wait for a lane; more are refused, and the platform comes again.
const MAX_QUEUED: usize = 16_384;
/// How often a batch that lost against another transaction is tried.
const TRIES: u32 = 5;

/// How long a failure speaks for the moment: where nothing is given, nothing tells that it is over.
const FAILING_MILLIS: i64 = 5_000;

/// The handle: cloned freely, nobody else sees the actors.
#[derive(Clone)]
pub struct Ledger {
    lanes: Arc<[Addr<Lane>]>,
    counts: Arc<LedgerCounts>,
}

impl Ledger {
    /// Starts the lanes, each on a thread of its own.
    pub async fn start(db: &Db, voice: Voice) -> Result<Self, StoreError> {
        let counts = Arc::new(LedgerCounts::default());
        let mut lanes = Vec::new();
        for _ in 0..db.writers() {
            let lane = Lane {
                writer: Some(db.writer().await?),
                queue: VecDeque::new(),
                drained: Vec::new(),
                voice: voice.clone(),
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
        let from = audit::asked_from();
        lane.try_send(Give {
            subject,
            job: Box::new(Asked { command, from, result: None, answer: None, reply }),
        })
        .map_err(|_| LedgerError::Unavailable("too much waits to be stored".into()))?;
        self.counts.waiting.add(1);
        Ok(answer)
    }
}

/// A command and who waits for it.
struct Asked<C: Command> {
    command: C,
    /// From where it was asked for.
    from: Option<Arc<str>>,
    result: Option<Result<C::Answer, LedgerError>>,
    /// Where it is plain: what becomes the result once that is written.
    answer: Option<AnswerOf<C::Answer>>,
    reply: oneshot::Sender<Result<C::Answer, LedgerError>>,
}

trait Job: Send {
    fn run<'a>(&'a mut self, tx: Tx<'a>) -> LocalBoxFuture<'a, Applied>;
    fn plain(&mut self) -> Option<Plain>;
    fn written(&mut self, message: Arc<domain::Message>);
    fn settle(self: Box<Self>, committed: Result<(), LedgerError>);
}

enum Applied {
    Kept,
    Undone,
    /// The whole transaction is lost.
    Lost(StoreError),
}

impl<C: Command> Job for Asked<C> {
    fn run<'a>(&'a mut self, mut tx: Tx<'a>) -> LocalBoxFuture<'a, Applied> {
        async move {
            let result = audit::from(self.from.clone(), self.command.apply(&mut tx)).await;
            let applied = match &result {
                Ok(_) => Applied::Kept,
                Err(LedgerError::Store(error)) if error.ends_transaction() => Applied::Lost(error.clone()),
                Err(_) => Applied::Undone,
            };
            self.result = Some(result);
            applied
        }
        .boxed_local()
    }

    fn plain(&mut self) -> Option<Plain> {
        let (plain, answer) = self.command.plain()?;
        self.answer = Some(answer);
        Some(plain)
    }

    fn written(&mut self, message: Arc<domain::Message>) {
        self.result = self.answer.map(|answer| Ok(answer(message)));
    }

    fn settle(self: Box<Self>, committed: Result<(), LedgerError>) {
        let answer = match (self.result, committed) {
            // A refusal stands whatever became of the others.
            (Some(Err(LedgerError::Refused(refusal))), _) => Err(refusal.into()),
            (_, Err(error)) => Err(error),
            (Some(result), Ok(())) => result,
            (None, Ok(())) => Err(LedgerError::Unavailable("it was not reached".into())),
        };
        // The caller may have gone away; what is stored stays stored.
        drop(self.reply.send(answer));
    }
}

#[derive(Message)]
#[rtype(result = "()")]
struct Give {
    subject: Subject,
    job: Box<dyn Job>,
}

#[derive(Message)]
#[rtype(result = "()")]
struct Drain(oneshot::Sender<()>);

/// One connection and what waits for it.
struct Lane {
    /// Away while a batch is being written.
    writer: Option<Writer>,
    queue: VecDeque<Give>,
    drained: Vec<oneshot::Sender<()>>,
    voice: Voice,
    counts: Arc<LedgerCounts>,
}

impl Actor for Lane {
    type Context = Context<Self>;
}

impl Handler<Give> for Lane {
    type Result = ();
    fn handle(&mut self, give: Give, ctx: &mut Self::Context) {
        self.queue.push_back(give);
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
        let voice = self.voice.clone();
        let counts = self.counts.clone();
        // The queue is taken when the future is first polled: everything in the mailbox is in it by then.
        let gather = async {}.into_actor(self).map(|(), lane: &mut Self, _: &mut Context<Self>| {
            let count = lane.queue.len().min(BATCH);
            lane.queue.drain(..count).collect::<Vec<_>>()
        });
        let write = gather.then(move |batch, lane, _| write(writer, batch, voice, counts).into_actor(lane));
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
async fn write(mut writer: Writer, mut batch: Vec<Give>, voice: Voice, counts: Arc<LedgerCounts>) -> Writer {
    if batch.is_empty() {
        return writer;
    }
    // One order of locks for all: two batches never wait for each other. Stable: order within a subject
    // stays.
    batch.sort_by_key(|give| give.subject);
    let (began, given) = (Instant::now(), i64::try_from(batch.len()).unwrap_or(0));
    let committed = commit(&mut writer, &mut batch, &counts).await;
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
            batch.into_iter().for_each(|give| give.job.settle(Ok(())));
        }
        Err(error) => {
            counts.failures.fetch_add(1, Ordering::Relaxed);
            counts.failing_since.store(Timestamp::now().0, Ordering::Relaxed);
            log::error!("{} commands could not be stored: {error}", batch.len());
            let error = LedgerError::Unavailable(error.to_string());
            batch.into_iter().for_each(|give| give.job.settle(Err(error.clone())));
        }
    }
    writer
}

/// One transaction; tried again if it lost against another one, or without a command that panicked.
async fn commit(
    writer: &mut Writer,
    batch: &mut Vec<Give>,
    counts: &LedgerCounts,
) -> Result<Vec<Event>, StoreError> {
    let (mut tries, mut manner) = (0, Manner { has_sets: true, has_savepoints: false });
    loop {
        let mut events = Vec::new();
        match attempt(writer, batch, manner, &mut events).await {
            Ok(Attempt::Committed(together)) => {
                counts.together.fetch_add(together, Ordering::Relaxed);
                return Ok(events);
            }
            Ok(Attempt::SetFailed) => {
                writer.reset().await;
                manner = Manner { has_sets: false, has_savepoints: true };
            }
            Ok(Attempt::Undone) => manner.has_savepoints = true,
            Ok(Attempt::Panicked(panicked)) => {
                writer.reset().await;
                let give = batch.remove(panicked);
                log::error!("a command panicked; the others are tried again without it");
                give.job.settle(Err(LedgerError::Unavailable("this command fails".into())));
            }
            Err(StoreError::Collided(why)) if tries < TRIES => {
                writer.reset().await;
                tries += 1;
                counts.collisions.fetch_add(1, Ordering::Relaxed);
                log::info!("transaction conflict, retrying the batch: {why}");
                tokio::time::sleep(Duration::from_millis(u64::from(tries) * 3)).await;
            }
            Err(error) => {
                writer.reset().await;
                return Err(error);
            }
        }
    }
}

/// How a batch is tried.
#[derive(Clone, Copy)]
struct Manner {
    /// What is plain is written as sets.
    has_sets: bool,
    /// Each of the others can be taken back by itself, which costs PostgreSQL two journeys and SQLite a copy
    /// of every page that is touched; else nothing can but all of it.
    has_savepoints: bool,
}

/// How a try of a batch ended.
enum Attempt {
    /// All of it, and so many messages as a set.
    Committed(u64),
    /// The command at this place panicked.
    Panicked(usize),
    /// What is written as a set could not be.
    SetFailed,
    /// One of those without a savepoint is not to be: all of it is taken back.
    Undone,
}

/// Applies each command and commits.
async fn attempt(
    writer: &mut Writer,
    batch: &mut [Give],
    manner: Manner,
    events: &mut Vec<Event>,
) -> Result<Attempt, StoreError> {
    let (now, is_alone) = (Timestamp::now(), batch.len() == 1);
    let conn = writer.conn().await?;
    conn.begin().await?;
    store::conversations::lock(conn, &known_conversations(batch)).await?;
    let plain = if manner.has_sets {
        Candidates::of(batch.iter_mut().map(|give| (give.subject, give.job.plain())))
    } else {
        Candidates::default()
    };
    let Some(written) = write_plain(conn, batch, plain, now, events).await? else {
        return Ok(Attempt::SetFailed);
    };
    for (index, give) in batch.iter_mut().enumerate() {
        if written.contains(&index) {
            continue;
        }
        let mark = events.len();
        if manner.has_savepoints {
            conn.begin().await?;
        }
        let run =
            AssertUnwindSafe(give.job.run(Tx { conn: &mut *conn, now, events: &mut *events })).catch_unwind();
        match run.await {
            Ok(Applied::Kept) if !manner.has_savepoints => {}
            Ok(Applied::Kept) => conn.commit().await?,
            Ok(Applied::Undone) => {
                conn.rollback().await?;
                events.truncate(mark);
                if !manner.has_savepoints {
                    // Alone it was everything that there was.
                    return Ok(if is_alone { Attempt::Committed(0) } else { Attempt::Undone });
                }
            }
            Ok(Applied::Lost(error)) => return Err(error),
            Err(_) => return Ok(Attempt::Panicked(index)),
        }
    }
    hook_events::write(conn, events, now).await?;
    conn.commit().await?;
    Ok(Attempt::Committed(written.len() as u64))
}

/// Writes what is plain of these as sets; which of the batch they were. None: that failed or panicked, and
/// the transaction is to be begun anew without it.
async fn write_plain(
    conn: &mut Conn,
    batch: &mut [Give],
    all: Candidates,
    now: Timestamp,
    events: &mut Vec<Event>,
) -> Result<Option<HashSet<usize>>, StoreError> {
    if all.len() < 2 {
        return Ok(Some(HashSet::new()));
    }
    let mut tx = Tx { conn, now, events };
    let Ok(outcome) = AssertUnwindSafe(plain::write(&mut tx, all)).catch_unwind().await else {
        log::error!("writing messages as a set panicked; each is tried alone");
        return Ok(None);
    };
    match outcome {
        Ok(written) => {
            written.iter().for_each(|one| batch[one.index].job.written(one.message.clone()));
            Ok(Some(written.iter().map(|one| one.index).collect()))
        }
        Err(LedgerError::Store(error)) if error.ends_transaction() => Err(error),
        Err(error) => {
            log::warn!("messages could not be written as a set, each is tried alone: {error}");
            Ok(None)
        }
    }
}

fn known_conversations(batch: &[Give]) -> Vec<ConversationId> {
    let mut known: Vec<_> = batch.iter().filter_map(|give| give.subject.conversation()).collect();
    known.dedup();
    known
}
