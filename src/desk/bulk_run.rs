//! Goes through the changes of many conversations. Each conversation is changed by a command of its own,
//! which notes in the same transaction that it is done: whoever is killed meanwhile goes on where it was, and
//! no conversation is changed twice. Never what is to change, and who may say so: that is `bulk`.

use super::access;
use super::bulk::Change;
use crate::domain::{BulkJobId, BulkOutcome, BulkState, ConversationId, ConversationState, Timestamp, User};
use crate::ledger::{Command, Ledger, LedgerError, Subject, Tx};
use crate::store::Db;
use crate::store::accounts::{audit, users};
use crate::store::conversations::bulk::{self, JobRow};
use crate::store::conversations::labels;
use std::time::Duration;

/// Conversations that are changed between two looks at the job.
const BATCH: i64 = 100;
/// Jobs that one round works on.
const JOBS: i64 = 20;
/// How long a process that takes a job may be silent about it.
const LEASE: Duration = Duration::from_secs(10);
/// How often a process without work looks for some.
const LOOK: Duration = Duration::from_millis(500);

/// Takes a job to work on it.
struct Claim(BulkJobId);

impl Command for Claim {
    type Answer = Option<JobRow>;

    fn subject(&self) -> Subject {
        Subject::of(("bulk job", self.0))
    }

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<Self::Answer, LedgerError> {
        Ok(bulk::claim(tx.conn, self.0, tx.now, tx.now.plus(LEASE)).await?)
    }
}

/// Gives a job back; what has nothing left is finished.
struct Release {
    id: BulkJobId,
    /// Who wanted it may change nothing any more.
    is_orphaned: bool,
}

impl Command for Release {
    type Answer = ();

    fn subject(&self) -> Subject {
        Subject::of(("bulk job", self.id))
    }

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<(), LedgerError> {
        let is_done = bulk::next(tx.conn, self.id, 1).await?.is_empty();
        let state = match (is_done, self.is_orphaned) {
            (true, _) => BulkState::Finished,
            (false, true) => BulkState::Stopped,
            (false, false) => BulkState::Running,
        };
        bulk::release(tx.conn, self.id, state, tx.now).await?;
        Ok(())
    }
}

/// What a job does with each of its conversations.
#[derive(Debug, Clone)]
enum Deed {
    Change(Change),
    /// Gives it what it had before this job.
    Undo(BulkJobId),
}

impl Deed {
    fn of(job: &JobRow) -> Option<Self> {
        match job.undoes {
            Some(undone) => Some(Self::Undo(undone)),
            None => serde_json::from_str(&job.change).ok().map(Self::Change),
        }
    }

    /// What is to change of this one; none: it stays, somebody changed it since.
    async fn wish(&self, tx: &mut Tx<'_>, state: &ConversationState) -> Result<Option<Change>, LedgerError> {
        let undone = match self {
            Self::Change(change) => return Ok(Some(change.clone())),
            Self::Undo(undone) => *undone,
        };
        let Some((earlier, event_seq)) = bulk::earlier(tx.conn, undone, state.id).await? else {
            return Ok(None);
        };
        let earlier: Option<Change> = serde_json::from_str(&earlier).ok();
        let Some(mut change) = earlier.filter(|_| event_seq == state.event_seq) else { return Ok(None) };
        if let Some(labels) = &mut change.labels {
            // What was deleted since cannot be put on.
            *labels = labels::known(tx.conn, state.workspace_id, labels).await?;
        }
        Ok(Some(change))
    }
}

/// Changes one conversation of a job and notes that it is done, with the way back: all or nothing.
struct Step {
    job: BulkJobId,
    user: User,
    conversation_id: ConversationId,
    deed: Deed,
}

impl Command for Step {
    type Answer = ();

    fn subject(&self) -> Subject {
        Subject::Conversation(self.conversation_id)
    }

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<(), LedgerError> {
        let (job, id) = (self.job, self.conversation_id);
        let before = access::conversation(tx.conn, &self.user, id).await?;
        let Some(change) = self.deed.wish(tx, &before).await? else {
            bulk::settle(tx.conn, job, id, BulkOutcome::Kept, None).await?;
            return Ok(());
        };
        if bulk::settle(tx.conn, job, id, BulkOutcome::Done, None).await? {
            let way_back = change.way_back(tx.conn, &before).await?;
            let after = change.of(self.user.clone(), id).apply(tx).await?;
            if after.event_seq != before.event_seq {
                bulk::remember(tx.conn, (job, id), &way_back.written()?, after.event_seq).await?;
            }
        }
        Ok(())
    }
}

/// Notes that one conversation of a job was refused.
struct Fail {
    job: BulkJobId,
    conversation_id: ConversationId,
    code: &'static str,
}

impl Command for Fail {
    type Answer = ();

    fn subject(&self) -> Subject {
        Subject::Conversation(self.conversation_id)
    }

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<(), LedgerError> {
        let outcome = BulkOutcome::Failed;
        bulk::settle(tx.conn, self.job, self.conversation_id, outcome, Some(self.code)).await?;
        Ok(())
    }
}

/// Works on jobs for as long as the process lives; several processes may.
pub async fn run(db: Db, ledger: Ledger) {
    loop {
        match round(&db, &ledger).await {
            Ok(true) => {}
            Ok(false) => tokio::time::sleep(LOOK).await,
            Err(error) => {
                log::warn!("changes of many conversations cannot go on yet: {error}");
                tokio::time::sleep(LOOK).await;
            }
        }
    }
}

/// One batch of each job that is left; false: there was none.
async fn round(db: &Db, ledger: &Ledger) -> Result<bool, LedgerError> {
    let now = Timestamp::now();
    let left = db.read(async move |conn| bulk::left(conn, now, JOBS).await).await?;
    let is_busy = !left.is_empty();
    for id in left {
        if let Some(job) = ledger.give(Claim(id)).await? {
            batch(db, ledger, &job).await?;
        }
    }
    Ok(is_busy)
}

async fn batch(db: &Db, ledger: &Ledger, job: &JobRow) -> Result<(), LedgerError> {
    let (id, workspace, owner) = (job.id, job.workspace_id, job.user_id);
    let (account, ids) = db
        .read(async move |conn| {
            Ok((users::find(conn, workspace, owner).await?, bulk::next(conn, id, BATCH).await?))
        })
        .await?;
    let user = account.filter(|account| account.deactivated_at.is_none()).map(|account| account.user);
    let Some((user, deed)) = user.zip(Deed::of(job)) else {
        return ledger.give(Release { id, is_orphaned: true }).await;
    };
    let step = |conversation: &ConversationId| Step {
        job: id,
        user: user.clone(),
        conversation_id: *conversation,
        deed: deed.clone(),
    };
    // What is noted of each says from where the job was asked for.
    let steps = ledger.give_all::<Step>(ids.iter().map(step).collect());
    let answers = audit::from(job.address.as_deref().map(Into::into), steps).await;
    let mut refused = Vec::new();
    let mut missed = None;
    for (conversation_id, answer) in ids.into_iter().zip(answers) {
        match answer {
            Ok(()) => {}
            Err(LedgerError::Refused(refusal)) => {
                refused.push(Fail { job: id, conversation_id, code: refusal.code });
            }
            // What could not be stored is tried again.
            Err(error) => missed = Some(error),
        }
    }
    for noted in ledger.give_all::<Fail>(refused).await {
        noted?;
    }
    ledger.give(Release { id, is_orphaned: false }).await?;
    missed.map_or(Ok(()), Err)
}
