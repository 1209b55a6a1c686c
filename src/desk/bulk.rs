//! One change of everything that matches a filter. What matches is written down when it begins; then each
//! conversation is changed by a command of its own, which notes in the same transaction that it is done:
//! whoever is killed meanwhile goes on where it was, and no conversation is changed twice. Never a second way
//! to change one: that is `care`.

use super::update_conversation::{LabelWish, UpdateConversation};
use crate::domain::{
    BulkJobId, BulkOutcome, BulkState, ConversationId, ConversationKind, ConversationStatus, LabelId,
    Priority, Refusal, Role, Timestamp, User, UserId,
};
use crate::ledger::{Command, Ledger, LedgerError, Subject, Tx};
use crate::store::accounts::{audit, users};
use crate::store::conversations::bulk::{self, JobRow};
use crate::store::conversations::filtered::{self, Filter};
use crate::store::{Conn, Db, StoreError};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::json;
use std::time::Duration;

/// Conversations of one job at most: beyond it a mistake is more likely than a wish.
const MOST: i64 = 100_000;
/// Conversations that are written down in one statement.
const LISTED: i64 = 1_000;
/// Conversations that are changed between two looks at the job.
const BATCH: i64 = 100;
/// Jobs that one round works on.
const JOBS: i64 = 20;
/// How long a process that takes a job may be silent about it.
const LEASE: Duration = Duration::from_secs(10);
/// How often a process without work looks for some.
const LOOK: Duration = Duration::from_millis(500);

/// What is to change of each; what is absent stays.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// Where it stands, and until when it sleeps.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<(ConversationStatus, Option<Timestamp>)>,
    /// Who cares for it.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "said")]
    pub assignee: Option<Option<UserId>>,
    /// How urgent it is.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "said")]
    pub priority: Option<Option<Priority>>,
    /// What it carries, and nothing else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub labels: Option<Vec<LabelId>>,
    /// What it carries, too, and what no more.
    #[serde(default)]
    pub more_labels: LabelWish,
}

/// Tells `null` from absence.
fn said<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Option<Option<T>>, D::Error> {
    Option::<T>::deserialize(deserializer).map(Some)
}

impl Change {
    fn of(&self, user: User, conversation_id: ConversationId) -> UpdateConversation {
        let Self { status, assignee, priority, labels, more_labels } = self.clone();
        UpdateConversation { user, conversation_id, status, assignee, priority, labels, more_labels }
    }
}

/// Begins a change of everything that matches.
#[derive(Debug, Clone)]
pub struct StartBulk {
    pub user: User,
    /// Of what; only customers' conversations have what can be changed.
    pub filter: Filter,
    /// How many they were told it would be.
    pub expected: Option<i64>,
    pub change: Change,
}

impl Command for StartBulk {
    /// The job, and of how many conversations it is.
    type Answer = (BulkJobId, i64);

    fn subject(&self) -> Subject {
        Subject::of(("bulk", self.user.id))
    }

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<Self::Answer, LedgerError> {
        if self.change == Change::default() {
            let message = "Nothing is to change: give a status, an assignee, a priority or labels.";
            return Err(Refusal::invalid("nothing_to_change", message).into());
        }
        let change = serde_json::to_string(&self.change)
            .map_err(|error| StoreError::Broken(format!("a change cannot be written down: {error}")))?;
        let owner = (self.user.workspace_id, self.user.id);
        let job = bulk::insert(tx.conn, owner, &change, tx.now).await?;
        let total = self.write_down(tx, job).await?;
        let details = json!({"change": self.change, "conversations": total, "expected": self.expected});
        note(tx, &self.user, "bulk_started", job, &details).await?;
        Ok((job, total))
    }
}

impl StartBulk {
    async fn write_down(&self, tx: &mut Tx<'_>, job: BulkJobId) -> Result<i64, LedgerError> {
        let filter = Filter { kind: Some(ConversationKind::Customer), ..self.filter.clone() };
        let reader = (self.user.workspace_id, self.user.id);
        let (mut total, mut after) = (0, ConversationId(0));
        loop {
            let ids = filtered::ids(tx.conn, reader, &filter, after, LISTED).await?;
            let Some(last) = ids.last() else { return Ok(total) };
            after = *last;
            total += i64::try_from(ids.len()).unwrap_or(LISTED);
            if total > MOST {
                let message = "More than 100,000 conversations match. Narrow the filter.";
                return Err(Refusal::invalid("too_many_conversations", message).into());
            }
            bulk::add(tx.conn, job, &ids).await?;
        }
    }
}

async fn note(
    tx: &mut Tx<'_>,
    user: &User,
    action: &str,
    job: BulkJobId,
    details: &serde_json::Value,
) -> Result<(), LedgerError> {
    let by = (user.workspace_id, Some(user.id));
    Ok(audit::note(tx.conn, by, action, &format!("bulk_job:{job}"), details, tx.now).await?)
}

/// A job that its user, or an admin, asks about.
pub async fn visible(conn: &mut Conn, user: &User, id: BulkJobId) -> Result<JobRow, LedgerError> {
    let job = bulk::find(conn, id).await?.filter(|job| {
        job.workspace_id == user.workspace_id && (job.user_id == user.id || user.role == Role::Admin)
    });
    job.ok_or_else(|| Refusal::not_found("job").into())
}

/// Stops a job: what was changed stays so.
#[derive(Debug, Clone)]
pub struct StopBulk {
    pub user: User,
    pub id: BulkJobId,
}

impl Command for StopBulk {
    type Answer = ();

    fn subject(&self) -> Subject {
        Subject::of(("bulk job", self.id))
    }

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<(), LedgerError> {
        let job = visible(tx.conn, &self.user, self.id).await?;
        if bulk::release(tx.conn, job.id, BulkState::Stopped, tx.now).await? {
            note(tx, &self.user, "bulk_stopped", job.id, &json!({})).await?;
        }
        Ok(())
    }
}

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

/// Changes one conversation of a job and notes that it is done: both or neither.
struct Step {
    job: BulkJobId,
    care: UpdateConversation,
}

impl Command for Step {
    type Answer = ();

    fn subject(&self) -> Subject {
        self.care.subject()
    }

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<(), LedgerError> {
        let id = self.care.conversation_id;
        if bulk::settle(tx.conn, self.job, id, BulkOutcome::Done, None).await? {
            self.care.apply(tx).await?;
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
    let change: Option<Change> = serde_json::from_str(&job.change).ok();
    let Some((user, change)) = user.zip(change) else {
        return ledger.give(Release { id, is_orphaned: true }).await;
    };
    let steps = ids.iter().map(|conversation| Step { job: id, care: change.of(user.clone(), *conversation) });
    let answers = ledger.give_all::<Step>(steps.collect()).await;
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
