//! One transaction: how the commands of a batch are applied and committed. Those that say what they need are
//! collected: what they look up is read together, what they write is written together, one statement a
//! table. Then the others have their turns, each behind nothing of its subject. Whatever cannot be, a refused
//! command, a clash, a failed statement, costs the others a new try and nothing else.

use super::command::{Command, LedgerError, Subject, Tx};
use super::known::{Known, Needs};
use super::metrics::LedgerCounts;
use super::unit::{Mark, Unit};
use crate::domain::{ConversationId, ConversationState, Event, Timestamp};
use crate::store::accounts::audit;
use crate::store::{Conn, StoreError, Writer, conversations};
use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;
use std::collections::HashSet;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::sync::oneshot;

/// How often a batch that lost against another transaction is tried.
const TRIES: u32 = 5;

/// What is written beside what happened, in its transaction, when all of it is there.
pub type Beside =
    for<'a> fn(&'a mut Conn, &'a [Event], Timestamp) -> LocalBoxFuture<'a, Result<(), StoreError>>;

/// A command that waits, and what it concerns.
pub(super) struct Given {
    pub(super) subject: Subject,
    pub(super) job: Box<dyn Job>,
}

/// A command, whatever its answer is.
pub(super) trait Job: Send {
    fn needs(&self) -> Option<Needs>;
    fn run<'a>(&'a mut self, tx: Tx<'a>) -> LocalBoxFuture<'a, Applied>;
    fn settle(self: Box<Self>, committed: Result<(), LedgerError>);
}

/// What became of a command.
pub(super) enum Applied {
    /// It is done, if the transaction is.
    Kept,
    /// It said no: nothing is wrong with the transaction.
    Refused,
    /// It is to be applied by itself.
    PutOff,
    /// It failed: what it did has to be taken back.
    Undone,
    /// The whole transaction is lost.
    Lost(StoreError),
}

/// A command and who waits for it.
pub(super) struct Asked<C: Command> {
    command: C,
    /// From where it was asked for.
    from: Option<Arc<str>>,
    result: Option<Result<C::Answer, LedgerError>>,
    reply: oneshot::Sender<Result<C::Answer, LedgerError>>,
}

impl<C: Command> Asked<C> {
    pub(super) fn new(command: C, reply: oneshot::Sender<Result<C::Answer, LedgerError>>) -> Self {
        Self { command, from: audit::asked_from(), result: None, reply }
    }
}

impl<C: Command> Job for Asked<C> {
    fn needs(&self) -> Option<Needs> {
        self.command.needs()
    }

    fn run<'a>(&'a mut self, mut tx: Tx<'a>) -> LocalBoxFuture<'a, Applied> {
        async move {
            let result = audit::from(self.from.clone(), self.command.apply(&mut tx)).await;
            let applied = match &result {
                Ok(_) => Applied::Kept,
                Err(LedgerError::Refused(_)) => Applied::Refused,
                Err(LedgerError::PutOff) => Applied::PutOff,
                Err(LedgerError::Store(error)) if error.ends_transaction() => Applied::Lost(error.clone()),
                Err(_) => Applied::Undone,
            };
            self.result = Some(result);
            applied
        }
        .boxed_local()
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

/// How far the commands of a batch are kept apart from each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Apart {
    /// What can be is collected, and nothing of the others can be taken back but all of it.
    Nothing,
    /// Each of the others can be taken back by itself, which costs PostgreSQL two journeys and SQLite a copy
    /// of every page that is touched.
    Others,
    /// Nothing is collected, and each can be taken back by itself.
    Each,
}

/// How a try of a batch ended.
enum Attempt {
    /// All of it, and so many commands were collected.
    Committed(u64),
    /// The command at this place panicked.
    Panicked(usize),
    /// It is to be begun anew like this; if only the others are kept apart, it was taken back already.
    Again(Apart),
}

/// One transaction; tried again if it lost against another one, or without a command that panicked.
pub(super) async fn commit(
    writer: &mut Writer,
    batch: &mut Vec<Given>,
    beside: Beside,
    counts: &LedgerCounts,
) -> Result<Vec<Event>, StoreError> {
    let (mut tries, mut apart) = (0, Apart::Nothing);
    loop {
        let mut events = Vec::new();
        match attempt(writer, batch, apart, beside, &mut events).await {
            Ok(Attempt::Committed(together)) => {
                counts.together.fetch_add(together, Ordering::Relaxed);
                return Ok(events);
            }
            Ok(Attempt::Again(next)) => {
                if next == Apart::Each {
                    writer.reset().await;
                }
                apart = next;
            }
            Ok(Attempt::Panicked(panicked)) => {
                writer.reset().await;
                let given = batch.remove(panicked);
                log::error!("a command panicked; the others are tried again without it");
                given.job.settle(Err(LedgerError::Unavailable("this command fails".into())));
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

/// A transaction under way.
struct Work<'c> {
    conn: &'c mut Conn,
    now: Timestamp,
    events: &'c mut Vec<Event>,
    unit: Unit,
}

impl Work<'_> {
    /// Applies a command, behind which `expected` others may be collected; none: it panicked.
    async fn apply(&mut self, given: &mut Given, expected: usize) -> Option<Applied> {
        let (conn, events, unit) = (&mut *self.conn, &mut *self.events, &mut self.unit);
        let tx = Tx { conn, now: self.now, events, unit, expected };
        AssertUnwindSafe(given.job.run(tx)).catch_unwind().await.ok()
    }

    fn mark(&self) -> (usize, Mark) {
        (self.events.len(), self.unit.mark())
    }

    fn cut(&mut self, (events, unit): (usize, Mark)) {
        self.events.truncate(events);
        self.unit.cut(unit);
    }
}

/// Applies each command and commits.
async fn attempt(
    writer: &mut Writer,
    batch: &mut [Given],
    apart: Apart,
    beside: Beside,
    events: &mut Vec<Event>,
) -> Result<Attempt, StoreError> {
    let is_alone = batch.len() == 1;
    let conn = writer.conn().await?;
    conn.begin().await?;
    let locked = conversations::lock(conn, &known_conversations(batch)).await?;
    let mut work = Work { conn, now: Timestamp::now(), events, unit: Unit::default() };
    let collected = match apart {
        Apart::Each => Collected::default(),
        Apart::Nothing | Apart::Others => match collect(&mut work, batch, locked).await? {
            Ok(collected) => collected,
            Err(ended) => return Ok(ended),
        },
    };
    for (index, given) in batch.iter_mut().enumerate().filter(|(index, _)| !collected.done.contains(index)) {
        let mark = work.events.len();
        if apart != Apart::Nothing {
            work.conn.begin().await?;
        }
        match work.apply(given, 1).await {
            Some(Applied::Kept) if apart == Apart::Nothing => {}
            Some(Applied::Kept) => work.conn.commit().await?,
            Some(Applied::Refused | Applied::Undone | Applied::PutOff) => {
                work.conn.rollback().await?;
                work.events.truncate(mark);
                work.unit = Unit::default();
                if apart == Apart::Nothing {
                    // Alone it was everything that there was.
                    return Ok(if is_alone { Attempt::Committed(0) } else { Attempt::Again(Apart::Others) });
                }
            }
            Some(Applied::Lost(error)) => return Err(error),
            None => return Ok(Attempt::Panicked(index)),
        }
    }
    ring_once(work.events);
    beside(work.conn, work.events, work.now).await?;
    work.conn.commit().await?;
    Ok(Attempt::Committed(collected.kept))
}

/// What was collected.
#[derive(Default)]
struct Collected {
    /// Which of the batch need no turn of their own.
    done: HashSet<usize>,
    /// How many of them were not refused.
    kept: u64,
}

/// Applies those that say what they need and writes what came of them; else how this try ended.
async fn collect(
    work: &mut Work<'_>,
    batch: &mut [Given],
    locked: Vec<ConversationState>,
) -> Result<Result<Collected, Attempt>, StoreError> {
    let mut collected = Collected::default();
    let (places, needs): (Vec<usize>, Vec<Needs>) =
        candidates(batch, work.conn.has_many_writers()).into_iter().unzip();
    if places.len() < 2 {
        return Ok(Ok(collected));
    }
    work.unit.known = match Known::read(work.conn, &needs, locked).await {
        Ok(known) => Some(known),
        Err(error) => return each_alone(error).map(Err),
    };
    let mut put_off = None;
    for (expected, &index) in (1..=places.len()).rev().zip(&places) {
        let subject = batch[index].subject;
        // What comes after one that is put off waits for it: the order of a subject stays.
        if put_off == Some(subject) {
            continue;
        }
        let mark = work.mark();
        match work.apply(&mut batch[index], expected).await {
            Some(Applied::Kept) => collected.kept += 1,
            Some(Applied::Refused) => work.cut(mark),
            Some(Applied::PutOff) => {
                work.cut(mark);
                put_off = Some(subject);
                continue;
            }
            Some(Applied::Undone) => return Ok(Err(Attempt::Again(Apart::Each))),
            Some(Applied::Lost(error)) => return Err(error),
            None => return Ok(Err(Attempt::Panicked(index))),
        }
        collected.done.insert(index);
    }
    let mut unit = std::mem::take(&mut work.unit);
    match AssertUnwindSafe(unit.flush(work.conn, work.now)).catch_unwind().await {
        Ok(Ok(())) => Ok(Ok(collected)),
        Ok(Err(error)) => each_alone(error).map(Err),
        Err(_) => {
            log::error!("writing what was collected panicked; each command is tried alone");
            Ok(Err(Attempt::Again(Apart::Each)))
        }
    }
}

/// What could not be read or written together is tried one by one, unless all of it is lost.
fn each_alone(error: StoreError) -> Result<Attempt, StoreError> {
    if error.ends_transaction() {
        return Err(error);
    }
    log::warn!("a batch could not be collected, each command is tried alone: {error}");
    Ok(Attempt::Again(Apart::Each))
}

/// Those of a batch sorted by subject that say what they need, and before which nothing of their subject
/// stands that does not. Where several write at once they must know their conversation, which is locked.
fn candidates(batch: &[Given], are_many: bool) -> Vec<(usize, Needs)> {
    let (mut all, mut blocked) = (Vec::new(), None);
    for (index, given) in batch.iter().enumerate() {
        match given.job.needs().filter(|needs| !are_many || needs.conversation.is_some()) {
            Some(needs) if blocked != Some(given.subject) => all.push((index, needs)),
            _ => blocked = Some(given.subject),
        }
    }
    all
}

/// However many answers wait to be sent, they ring once.
fn ring_once(events: &mut Vec<Event>) {
    let mut has_rung = false;
    events.retain(|event| !matches!(event, Event::OutboxReady) || !std::mem::replace(&mut has_rung, true));
}

fn known_conversations(batch: &[Given]) -> Vec<ConversationId> {
    let mut known: Vec<_> = batch.iter().filter_map(|given| given.subject.conversation()).collect();
    known.dedup();
    known
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Says what it needs, or nothing.
    struct Waits(bool);

    impl Job for Waits {
        fn needs(&self) -> Option<Needs> {
            self.0.then(Needs::default)
        }

        fn run<'a>(&'a mut self, _: Tx<'a>) -> LocalBoxFuture<'a, Applied> {
            async { Applied::Kept }.boxed_local()
        }

        fn settle(self: Box<Self>, _: Result<(), LedgerError>) {}
    }

    fn chosen(batch: &[(i64, bool)]) -> Vec<usize> {
        let given = |(id, says): &(i64, bool)| Given {
            subject: Subject::Conversation(ConversationId(*id)),
            job: Box::new(Waits(*says)),
        };
        let batch: Vec<Given> = batch.iter().map(given).collect();
        candidates(&batch, false).into_iter().map(|(index, _)| index).collect()
    }

    #[test]
    fn nothing_overtakes_what_stands_before_it_in_its_conversation() {
        assert_eq!(chosen(&[(1, true), (1, true), (1, true)]), [0, 1, 2]);
        assert_eq!(chosen(&[(1, true), (1, false), (1, true)]), [0]);
        assert!(chosen(&[(1, false), (1, true)]).is_empty());
    }

    #[test]
    fn conversations_do_not_wait_for_each_other() {
        assert_eq!(chosen(&[(1, false), (2, true), (3, true)]), [1, 2]);
    }

    #[test]
    fn the_outbox_rings_once() {
        let mut events = vec![Event::OutboxReady, Event::FlowDue, Event::OutboxReady, Event::OutboxReady];
        ring_once(&mut events);
        assert!(matches!(events[..], [Event::OutboxReady, Event::FlowDue]));
    }
}
