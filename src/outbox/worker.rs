//! The delivery worker: wakes when something is owed, claims, starts, sends, settles. One or many,
//! inside the server or beside it: rows and fences keep them apart. Never a message of its own.

use super::claim::{Claim, Claimed, Recover, Start};
use super::settle::{Settle, until};
use super::tally;
use crate::chat::{Ledger, LedgerError};
use crate::domain::outbound::{Outbound, Scope, SendOutcome};
use crate::domain::{ChannelId, ConversationId, Timestamp};
use crate::store::{Db, StoreError, outbox};
use actix::prelude::*;
use futures_util::future::LocalBoxFuture;
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::Notify;

/// Sends that run at once.
const AT_ONCE: usize = 64;
/// How often rows are looked at when nobody rings.
const POLL: Duration = Duration::from_secs(2);
/// How much longer than one call a lease lasts: the result must be written, too.
const SLACK: Duration = Duration::from_secs(30);
const RETRY: Duration = Duration::from_secs(1);

/// Who knows channels and platforms: the layer above brings it.
pub trait Postman: 'static {
    /// What one delivery hands to its platform; an outcome, if it cannot even be tried.
    fn prepare(&self, claimed: &Claimed) -> LocalBoxFuture<'static, Result<Letter, Prepared>>;
    /// An attempt of this conversation has settled: echoes may be waiting for that.
    fn settled(&self, conversation: ConversationId);
    /// How long one call may take.
    fn timeout(&self) -> Duration;
}

/// One send, ready to go.
pub struct Letter {
    /// What.
    pub outbound: Outbound,
    /// Does it, once.
    pub send: Box<dyn FnOnce(Outbound) -> LocalBoxFuture<'static, SendOutcome>>,
}

/// Why nothing can be handed over.
#[derive(Debug)]
pub enum Prepared {
    /// This is what came of it, without a call.
    Settled(SendOutcome),
    /// The database is away: later.
    Later(StoreError),
}

/// The worker of one process.
pub struct DeliveryWorker {
    ledger: Ledger,
    db: Db,
    postman: Rc<dyn Postman>,
    rung: Arc<Notify>,
    name: String,
    /// Channels that a platform asked to wait, and until when.
    held: HashMap<ChannelId, Instant>,
    running: usize,
    is_claiming: bool,
    is_stopping: bool,
    stopped: Vec<tokio::sync::oneshot::Sender<()>>,
}

impl DeliveryWorker {
    /// Starts on this thread's arbiter. `alone`: no other process works on this database.
    pub fn start(
        ledger: Ledger,
        db: Db,
        postman: Rc<dyn Postman>,
        rung: Arc<Notify>,
        name: String,
        alone: bool,
    ) -> Worker {
        let worker = Self {
            ledger,
            db,
            postman,
            rung,
            name,
            held: HashMap::new(),
            running: 0,
            is_claiming: false,
            is_stopping: false,
            stopped: Vec::new(),
        };
        let addr = Actor::start(worker);
        addr.do_send(Begin { alone });
        Worker(addr)
    }

    fn lease(&self) -> Duration {
        self.postman.timeout() + SLACK
    }

    /// Takes back what was abandoned, now and then on.
    fn recover(&self, all: bool, ctx: &mut Context<Self>) {
        let ledger = self.ledger.clone();
        let recover = async move { ledger.give(Recover { all }).await };
        ctx.spawn(recover.into_actor(self).map(move |result, worker, ctx| match result {
            Ok(0) => worker.claim(ctx),
            Ok(count) => {
                log::info!("{count} deliveries were taken back from workers that ended");
                worker.claim(ctx);
            }
            Err(error) => {
                log::warn!("abandoned deliveries cannot be taken back yet: {error}");
                if all {
                    ctx.run_later(RETRY, |worker, ctx| worker.recover(true, ctx));
                }
            }
        }));
    }

    fn claim(&mut self, ctx: &mut Context<Self>) {
        if self.is_claiming || self.is_stopping || self.running >= AT_ONCE {
            return;
        }
        self.is_claiming = true;
        self.held.retain(|_, until| *until > Instant::now());
        let limit = i64::try_from(AT_ONCE - self.running).unwrap_or(1);
        let claim = Claim { limit, lease: self.lease(), held: self.held.keys().copied().collect() };
        let ledger = self.ledger.clone();
        let work = async move { ledger.give(claim).await };
        ctx.spawn(work.into_actor(self).map(|result, worker, ctx| {
            worker.is_claiming = false;
            match result {
                Ok(claimed) if claimed.is_empty() => worker.sleep_until_due(ctx),
                Ok(claimed) => {
                    claimed.into_iter().for_each(|claimed| worker.deliver(claimed, ctx));
                    worker.claim(ctx);
                }
                Err(error) => {
                    log::warn!("nothing can be claimed yet: {error}");
                    ctx.run_later(RETRY, Self::claim);
                }
            }
        }));
    }

    /// Something may be due before the next poll.
    fn sleep_until_due(&self, ctx: &mut Context<Self>) {
        let db = self.db.clone();
        let next = async move { db.read(async |conn| outbox::next_due(conn).await).await };
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
        let work =
            deliver(self.ledger.clone(), self.postman.clone(), self.name.clone(), self.lease(), claimed);
        ctx.spawn(work.into_actor(self).map(|hold, worker, ctx| {
            worker.running -= 1;
            if let Some((channel, wait)) = hold {
                worker.held.insert(channel, Instant::now() + wait);
                ctx.run_later(wait, Self::claim);
            }
            worker.finish();
            worker.claim(ctx);
        }));
    }

    fn finish(&mut self) {
        if self.is_stopping && self.running == 0 {
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
    postman: Rc<dyn Postman>,
    worker: String,
    lease: Duration,
    claimed: Claimed,
) -> Option<(ChannelId, Duration)> {
    let delivery = claimed.delivery.clone();
    let (id, conversation_id) = (delivery.id, delivery.conversation_id);
    let attempt_id = delivery.attempt_id.clone()?;
    let prepared = postman.prepare(&claimed).await;
    let start = Start { id, attempt_id: attempt_id.clone(), worker, lease, conversation_id };
    let outcome = match prepared {
        // Without the attempt on disk not a byte leaves: the lease runs out, and it is queued again.
        Ok(letter) => match ledger.give(start).await {
            Ok(true) => (letter.send)(letter.outbound).await,
            Ok(false) => {
                tally::fenced();
                return None;
            }
            Err(error) => {
                log::warn!("delivery {id}: the attempt could not be written: {error}");
                return None;
            }
        },
        Err(Prepared::Settled(outcome)) => outcome,
        Err(Prepared::Later(error)) => {
            log::warn!("delivery {id}: cannot be prepared yet: {error}");
            return None;
        }
    };
    let hold = match &outcome {
        SendOutcome::NotSent { retry_after: Some(wait), scope: Scope::Channel | Scope::App, .. } => {
            Some((delivery.channel_id, *wait))
        }
        _ => None,
    };
    settle(&ledger, Settle { id, attempt_id, conversation_id, outcome, jitter: jitter() }).await;
    postman.settled(conversation_id);
    hold
}

/// Writes a result until it is written: it must not be lost while this process lives.
async fn settle(ledger: &Ledger, settle: Settle) {
    loop {
        match ledger.give(settle.clone()).await {
            Ok(true) => return tally::ended(&settle.outcome),
            Ok(false) => return tally::fenced(),
            Err(LedgerError::Refused(refusal)) => {
                log::error!("delivery {}: its result was refused: {refusal}", settle.id);
                return;
            }
            Err(error) => {
                log::warn!("delivery {}: its result cannot be written yet: {error}", settle.id);
                actix::clock::sleep(RETRY).await;
            }
        }
    }
}

fn jitter() -> f64 {
    let mut byte = [128_u8];
    // Without randomness the middle will do.
    let _ = getrandom::fill(&mut byte);
    f64::from(byte[0]) / 255.0
}

impl Actor for DeliveryWorker {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        ctx.run_interval(POLL, Self::claim);
        let every = self.lease().min(Duration::from_secs(10));
        ctx.run_interval(every, |worker, ctx| worker.recover(false, ctx));
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
struct Begin {
    alone: bool,
}

impl Handler<Begin> for DeliveryWorker {
    type Result = ();
    fn handle(&mut self, begin: Begin, ctx: &mut Self::Context) {
        self.recover(begin.alone, ctx);
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
#[derive(Clone)]
pub struct Worker(Addr<DeliveryWorker>);

impl Worker {
    /// Claims nothing more and waits until what is under way has settled, or `limit` is over:
    /// what is then still open will be unconfirmed.
    pub async fn finish(&self, limit: Duration) {
        let (done, finished) = tokio::sync::oneshot::channel();
        self.0.do_send(Finish(done));
        if actix::clock::timeout(limit, finished).await.is_err() {
            log::warn!("some sends were still under way; their fate will be looked for at the next start");
        }
    }
}
