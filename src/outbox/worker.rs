//! The delivery worker: wakes when something is owed, claims, starts, sends, settles. One or many,
//! inside the server or beside it: rows and fences keep them apart. Never a message of its own.
//! Over 400 lines: one actor, from its start to its end.

use super::budget::Budgets;
use super::claim::{Claim, Claimed, Start, report, take_back};
use super::clock::{Look, SetBack, WallClock};
use super::record_result::{RecordResult, until};
use super::tally;
use crate::domain::outbound::{Outbound, Scope, SendOutcome};
use crate::domain::{ChannelId, ConversationId, Timestamp};
use crate::jobs::attempt::jitter;
use crate::jobs::fault::{Place, panic_in, point};
use crate::jobs::{Places, guarded};
use crate::ledger::{Ledger, LedgerError};
use crate::store::delivery::outbox;
use crate::store::{Db, DeliveryLock, StoreError};
use actix::prelude::*;
use futures_util::future::LocalBoxFuture;
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::Notify;

/// Sends that run at once.
const CONCURRENCY: usize = 512;
/// Sends of one channel that run at once: one whose platform hangs keeps no other waiting.
const EACH: i64 = 64;
/// How often rows are looked at when nobody rings.
const POLL: Duration = Duration::from_secs(2);
/// How often both clocks are compared: a jump and its way back between two looks would leave what was written
/// meanwhile due at a time that is far away.
const LOOK: Duration = Duration::from_millis(250);
/// How much longer than one call a lease lasts: the result must be written, too.
const SLACK: Duration = Duration::from_secs(10);
/// How old a lease may be when the first byte leaves, so that the call ends before it: a process that
/// was stopped in between sends nothing.
const FRESH: Duration = Duration::from_secs(5);
/// How often somebody looks for leases that are over.
const RECOVER: Duration = Duration::from_secs(3);
/// A spent budget is not asked again before: a few sends are worth one look.
const SPENT: Duration = Duration::from_millis(100);
const RETRY: Duration = Duration::from_secs(1);
/// How long a channel rests that its platform slowed without saying for how long.
const THROTTLED: Duration = Duration::from_secs(1);

/// Who knows channels and platforms: the layer above brings it.
pub trait MessageSender: 'static {
    /// What one delivery hands to its platform; an outcome, if it cannot even be tried.
    fn prepare(&self, claimed: &Claimed) -> LocalBoxFuture<'static, Result<PreparedSend, PrepareError>>;
    /// An attempt of this conversation has settled: echoes may be waiting for that.
    fn settled(&self, conversation: ConversationId);
    /// How long one call may take.
    fn timeout(&self) -> Duration;
}

/// One send, ready to go.
pub struct PreparedSend {
    pub outbound: Outbound,
    /// Does it, once.
    pub send: Box<dyn FnOnce(Outbound) -> LocalBoxFuture<'static, SendReport>>,
}

/// What came of handing one letter over.
#[derive(Debug)]
pub struct SendReport {
    /// What the platform said.
    pub outcome: SendOutcome,
    /// How long its channel had better rest, by what the platform says of its allowance.
    pub rest: Option<Duration>,
}

/// Why nothing can be handed over.
#[derive(Debug)]
pub enum PrepareError {
    /// This is what came of it, without a call.
    Settled(SendOutcome),
    /// The database is away: later.
    Later(StoreError),
}

/// The worker of one process.
pub struct DeliveryWorker {
    ledger: Ledger,
    db: Db,
    sender: Rc<dyn MessageSender>,
    rung: Arc<Notify>,
    name: String,
    /// Channels that a platform asked to wait, and until when.
    held: HashMap<ChannelId, Instant>,
    budgets: Budgets,
    lock: Option<DeliveryLock>,
    clock: WallClock,
    running: usize,
    places: Places<ChannelId>,
    is_ready: bool,
    is_claiming: bool,
    is_stopping: bool,
    stopped: Vec<tokio::sync::oneshot::Sender<()>>,
}

impl DeliveryWorker {
    /// Starts on this thread's arbiter.
    pub fn start(
        ledger: Ledger,
        db: Db,
        sender: Rc<dyn MessageSender>,
        rung: Arc<Notify>,
        name: String,
    ) -> Worker {
        let worker = Self {
            ledger,
            db,
            sender,
            rung,
            name,
            held: HashMap::new(),
            budgets: Budgets::new(),
            lock: None,
            clock: WallClock::new(Instant::now(), Timestamp::now()),
            running: 0,
            places: Places::new(EACH),
            is_ready: false,
            is_claiming: false,
            is_stopping: false,
            stopped: Vec::new(),
        };
        Worker(Actor::start(worker))
    }

    fn lease(&self) -> Duration {
        self.sender.timeout() + SLACK
    }

    /// Sits down among those who deliver, takes back what was abandoned, and begins. Who is alone
    /// takes back everything that is held: its holder has ended. Others wait for leases to end.
    fn begin(&self, ctx: &mut Context<Self>) {
        let (ledger, db) = (self.ledger.clone(), self.db.clone());
        let begin = async move {
            let mut lock = DeliveryLock::take(&db).await.map_err(LedgerError::from)?;
            let before = if lock.is_alone() { Timestamp(i64::MAX) } else { Timestamp::now() };
            let taken = take_back(&ledger, before).await?;
            lock.make_room().await.map_err(LedgerError::from)?;
            Ok::<_, LedgerError>((lock, taken))
        };
        ctx.spawn(begin.into_actor(self).map(|begun, worker, ctx| match begun {
            Ok((lock, taken)) => {
                worker.took_back(taken);
                worker.lock = Some(lock);
                worker.is_ready = true;
                worker.claim(ctx);
            }
            Err(error) => {
                log::warn!("the delivery worker cannot start, retrying: {error}");
                ctx.run_later(RETRY, |worker, ctx| worker.begin(ctx));
            }
        }));
    }

    /// Says so, and lets whoever waited for those attempts look again: no answer will come any more.
    fn took_back(&self, mut conversations: Vec<ConversationId>) {
        report(conversations.len());
        conversations.sort_unstable();
        conversations.dedup();
        conversations.into_iter().for_each(|id| self.sender.settled(id));
    }

    /// Compares both clocks; after a jump back moves what is due. The moment, if leases may be judged by it.
    fn look(&mut self, ctx: &mut Context<Self>) -> Option<Timestamp> {
        // A file is uploaded within the lease of its message, in a call of its own.
        let longest = self.lease() + self.sender.timeout();
        match self.clock.look(Instant::now(), Timestamp::now(), longest) {
            Look::Trust(now) => Some(now),
            Look::Wait => None,
            Look::Back(by) => {
                let ledger = self.ledger.clone();
                let set_back = async move {
                    ledger
                        .give_until_stored(SetBack { by, longest }, "what is due by a clock that went back")
                        .await;
                };
                ctx.spawn(set_back.into_actor(self));
                None
            }
        }
    }

    /// Takes back what was abandoned, now and then, as far as the clock is to be trusted.
    fn recover(&mut self, ctx: &mut Context<Self>) {
        if !self.is_ready || self.is_stopping {
            return;
        }
        self.budgets.tidy();
        let Some(now) = self.look(ctx) else { return };
        let ledger = self.ledger.clone();
        let recover = async move { take_back(&ledger, now).await };
        ctx.spawn(recover.into_actor(self).map(|result, worker, ctx| match result {
            Ok(taken) if taken.is_empty() => {}
            Ok(taken) => {
                worker.took_back(taken);
                worker.claim(ctx);
            }
            Err(error) => {
                log::warn!("deliveries with an expired lease could not be taken back, retrying: {error}");
            }
        }));
    }

    fn claim(&mut self, ctx: &mut Context<Self>) {
        if !self.is_ready || self.is_claiming || self.is_stopping || self.running >= CONCURRENCY {
            return;
        }
        self.is_claiming = true;
        self.held.retain(|_, until| *until > Instant::now());
        let limit = i64::try_from(CONCURRENCY - self.running).unwrap_or(1).min(EACH);
        let held = self.held.keys().copied().collect();
        let (lease, free, budgets) = (self.lease(), self.places.free(), self.budgets.clone());
        let claim = Claim { limit, lease, held, free, budgets };
        let ledger = self.ledger.clone();
        let work = async move { ledger.give(claim).await };
        ctx.spawn(work.into_actor(self).map(|result, worker, ctx| {
            worker.is_claiming = false;
            match result {
                // What was claimed just now is another's when the lease is over.
                _ if worker.is_stopping => worker.finish(),
                Ok(taken) if taken.is_nothing() => worker.sleep_until_due(ctx),
                Ok(taken) => {
                    if !taken.claimed.is_empty() {
                        point(Place::ClaimCommitted);
                    }
                    taken
                        .spent
                        .into_iter()
                        .for_each(|(channel, wait)| worker.rest(channel, wait.max(SPENT), ctx));
                    taken.claimed.into_iter().for_each(|claimed| worker.deliver(claimed, ctx));
                    worker.claim(ctx);
                }
                Err(error) => {
                    log::warn!("claiming deliveries failed, retrying: {error}");
                    ctx.run_later(RETRY, Self::claim);
                }
            }
        }));
    }

    /// Nothing of this channel is claimed for a while.
    fn rest(&mut self, channel: ChannelId, wait: Duration, ctx: &mut Context<Self>) {
        let until = Instant::now() + wait;
        let known = self.held.entry(channel).or_insert(until);
        *known = (*known).max(until);
        ctx.run_later(wait, Self::claim);
    }

    /// Something may be due before the next poll.
    fn sleep_until_due(&self, ctx: &mut Context<Self>) {
        let db = self.db.clone();
        let now = Timestamp::now();
        let next = async move { db.read(async move |conn| outbox::next_due(conn, now).await).await };
        ctx.spawn(next.into_actor(self).map(|due, _, ctx| {
            if let Ok(Some(due)) = due {
                let wait = until(due, Timestamp::now());
                if wait > Duration::ZERO && wait < POLL {
                    ctx.run_later(wait, Self::claim);
                }
            }
        }));
    }

    fn deliver(&mut self, claimed: Claimed, ctx: &mut Context<Self>) {
        self.running += 1;
        let place = self.places.take(claimed.delivery.channel_id);
        // A file is uploaded in a call of its own, before.
        let upload =
            if claimed.message.body.has_attachments { self.sender.timeout() } else { Duration::ZERO };
        let lease = self.lease() + upload;
        let what = format!("delivery {}", claimed.delivery.id);
        let work = deliver(self.ledger.clone(), self.sender.clone(), self.name.clone(), lease, claimed);
        // A panic would end this actor, and with it everything that is sent.
        let work = guarded(what, work);
        ctx.spawn(work.into_actor(self).map(|hold, worker, ctx| {
            worker.running -= 1;
            drop(place);
            if let Some((channel, wait)) = hold.flatten() {
                worker.rest(channel, wait, ctx);
            }
            worker.finish();
            worker.claim(ctx);
        }));
    }

    fn finish(&mut self) {
        if self.is_stopping && self.running == 0 && !self.is_claiming {
            // Whoever waited may have gone.
            self.stopped.drain(..).for_each(|done| {
                let _ = done.send(());
            });
        }
    }
}

/// One delivery from claim to result. Answers with a wait that concerns its whole channel.
async fn deliver(
    ledger: Ledger,
    sender: Rc<dyn MessageSender>,
    worker: String,
    lease: Duration,
    claimed: Claimed,
) -> Option<(ChannelId, Duration)> {
    panic_in("sends");
    let delivery = claimed.delivery.clone();
    let (id, conversation_id) = (delivery.id, delivery.conversation_id);
    let attempt_id = delivery.attempt_id.clone()?;
    let prepared = sender.prepare(&claimed).await;
    let start = Start { id, attempt_id: attempt_id.clone(), worker, lease, conversation_id };
    let SendReport { outcome, rest } = match prepared {
        // Without the attempt on disk not a byte leaves: the lease runs out, and it is queued again.
        Ok(letter) => match ledger.give(start).await {
            Ok(Some(began)) => hand_over(letter, began).await,
            Ok(None) => {
                tally::fenced();
                return None;
            }
            Err(error) => {
                log::warn!("delivery {id}: the attempt could not be written: {error}");
                return None;
            }
        },
        Err(PrepareError::Settled(outcome)) => SendReport { outcome, rest: None },
        Err(PrepareError::Later(error)) => {
            log::warn!("delivery {id}: cannot be prepared yet: {error}");
            return None;
        }
    };
    let hold = match &outcome {
        SendOutcome::NotSent { retry_after, scope: Scope::Channel | Scope::App, .. } => {
            Some((delivery.channel_id, retry_after.unwrap_or(THROTTLED)))
        }
        _ => rest.map(|rest| (delivery.channel_id, rest)),
    };
    point(Place::CallAnswered);
    let settle = RecordResult { id, attempt_id, conversation_id, outcome, jitter: jitter() };
    match ledger.give_until_stored(settle.clone(), format!("delivery {id}: its result")).await {
        Some(true) => tally::ended(&settle.outcome),
        Some(false) => tally::fenced(),
        None => {}
    }
    point(Place::SettleCommitted);
    sender.settled(conversation_id);
    hold
}

/// The call itself, unless this process was held up so long that its lease may be over before the answer.
async fn hand_over(letter: PreparedSend, began: Instant) -> SendReport {
    point(Place::StartCommitted);
    if began.elapsed() > FRESH {
        // Nobody's fault but ours: it does not wait ever longer, as it would for a platform.
        let outcome = SendOutcome::NotSent {
            reason: "the worker was held up, and sent nothing".into(),
            retry_after: Some(RETRY),
            scope: Scope::Recipient,
        };
        return SendReport { outcome, rest: None };
    }
    (letter.send)(letter.outbound).await
}

impl Actor for DeliveryWorker {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        ctx.run_interval(POLL, Self::claim);
        ctx.run_interval(RECOVER, Self::recover);
        ctx.run_interval(LOOK, |worker, ctx| {
            worker.look(ctx);
        });
        self.begin(ctx);
        let rung = self.rung.clone();
        ctx.add_stream(futures_util::stream::unfold(rung, |rung| async move {
            rung.notified().await;
            Some((Rung, rung))
        }));
    }
}

struct Rung;

impl StreamHandler<Rung> for DeliveryWorker {
    fn handle(&mut self, _: Rung, ctx: &mut Self::Context) {
        self.claim(ctx);
    }
}

#[derive(Message)]
#[rtype(result = "()")]
struct Finish(tokio::sync::oneshot::Sender<()>);

impl Handler<Finish> for DeliveryWorker {
    type Result = ();
    fn handle(&mut self, Finish(done): Finish, _: &mut Self::Context) {
        self.is_stopping = true;
        self.stopped.push(done);
        self.finish();
    }
}

/// The handle.
pub struct Worker(Addr<DeliveryWorker>);

impl Worker {
    /// Claims nothing more and waits until what is under way has settled: what never does will be
    /// unconfirmed.
    pub async fn drain(self) {
        let (done, finished) = tokio::sync::oneshot::channel();
        self.0.do_send(Finish(done));
        // A worker that has ended has nothing under way.
        let _ = finished.await;
    }
}
