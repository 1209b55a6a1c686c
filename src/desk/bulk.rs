//! One change of everything that matches a filter, and its undo. What is to be changed is written down when
//! it begins; `bulk_run` goes through it. Never a second way to change a conversation: that is
//! `update_conversation`.

use super::update_conversation::{LabelWish, UpdateConversation};
use crate::domain::{
    BulkJobId, BulkState, ConversationId, ConversationKind, ConversationState, ConversationStatus, LabelId,
    Permission, Priority, Refusal, TeamId, Timestamp, User, UserId,
};
use crate::ledger::{Command, LedgerError, Subject, Tx};
use crate::store::accounts::audit;
use crate::store::conversations::bulk::{self, JobRow};
use crate::store::conversations::filtered::{self, Filter, Reader};
use crate::store::conversations::labels;
use crate::store::{Conn, StoreError};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::json;

/// Conversations of one job at most: beyond it a mistake is more likely than a wish.
const MOST: i64 = 100_000;
/// Conversations that are written down in one statement.
const LISTED: i64 = 1_000;

/// What is to change of each; what is absent stays.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// Where it stands, and until when it sleeps.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<(ConversationStatus, Option<Timestamp>)>,
    /// Who cares for it.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "said")]
    pub assignee: Option<Option<UserId>>,
    /// Which team's it is.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "said")]
    pub team: Option<Option<TeamId>>,
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
    /// The same change of one conversation.
    pub(super) fn of(&self, user: User, conversation_id: ConversationId) -> UpdateConversation {
        let Self { status, assignee, team, priority, labels, more_labels } = self.clone();
        UpdateConversation { user, conversation_id, status, assignee, team, priority, labels, more_labels }
    }

    /// What would make a conversation, once it is changed so, as it is now.
    pub(super) async fn way_back(
        &self,
        conn: &mut Conn,
        now: &ConversationState,
    ) -> Result<Self, StoreError> {
        let is_labelling = self.labels.is_some() || self.more_labels != LabelWish::default();
        let labels = if is_labelling { Some(labels::carried(conn, now.id).await?) } else { None };
        Ok(Self {
            status: self.status.map(|_| (now.status, now.snoozed_until)),
            assignee: self.assignee.map(|_| now.assignee_id),
            team: self.team.map(|_| now.team_id),
            priority: self.priority.map(|_| now.priority),
            labels,
            more_labels: LabelWish::default(),
        })
    }

    /// As it stands in a row.
    pub(super) fn written(&self) -> Result<String, StoreError> {
        serde_json::to_string(self)
            .map_err(|error| StoreError::Broken(format!("a change cannot be written down: {error}")))
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
        self.user.require(Permission::ConversationsBulk)?;
        if self.change == Change::default() {
            let message = "Nothing is to change: give a status, an assignee, a team, a priority or labels.";
            return Err(Refusal::invalid("nothing_to_change", message).into());
        }
        let change = self.change.written()?;
        let owner = (self.user.workspace_id, self.user.id);
        let job = bulk::insert(tx.conn, owner, &change, None, tx.now).await?;
        let total = self.write_down(tx, job).await?;
        let details = json!({"change": self.change, "conversations": total, "expected": self.expected});
        note(tx, &self.user, "bulk_started", job, &details).await?;
        Ok((job, total))
    }
}

impl StartBulk {
    async fn write_down(&self, tx: &mut Tx<'_>, job: BulkJobId) -> Result<i64, LedgerError> {
        let filter = Filter { kind: Some(ConversationKind::Customer), ..self.filter.clone() };
        let reader = Reader::from(&self.user);
        let (mut total, mut after) = (0, ConversationId(0));
        loop {
            let ids = filtered::ids(tx.conn, &reader, &filter, after, LISTED).await?;
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

/// A job that its user asks about, or whoever may see colleagues'.
pub async fn visible(conn: &mut Conn, user: &User, id: BulkJobId) -> Result<JobRow, LedgerError> {
    let job = bulk::find(conn, id).await?.filter(|job| {
        job.workspace_id == user.workspace_id && (job.user_id == user.id || user.may(Permission::BulkManage))
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

/// Begins a job that gives each conversation what it had before another job changed it, but for those that
/// somebody changed since.
#[derive(Debug, Clone)]
pub struct UndoBulk {
    pub user: User,
    /// The job that is undone; it has ended.
    pub id: BulkJobId,
}

impl Command for UndoBulk {
    /// The job that undoes it, and of how many conversations it is. Asked for twice, it is the same one.
    type Answer = (BulkJobId, i64);

    fn subject(&self) -> Subject {
        Subject::of(("bulk job", self.id))
    }

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<Self::Answer, LedgerError> {
        let undone = visible(tx.conn, &self.user, self.id).await?;
        self.user.require(Permission::ConversationsBulk)?;
        if undone.state == BulkState::Running {
            let message = "This job is still running. Stop it first, or wait until it has finished.";
            return Err(Refusal::conflict("job_running", message).into());
        }
        if let Some(known) = bulk::undo_of(tx.conn, undone.id).await? {
            return Ok((known.id, known.total));
        }
        let owner = (self.user.workspace_id, self.user.id);
        let job = bulk::insert(tx.conn, owner, &undone.change, Some(undone.id), tx.now).await?;
        let total = bulk::add_changed(tx.conn, job, undone.id).await?;
        let details = json!({"undoes": undone.id, "conversations": total});
        note(tx, &self.user, "bulk_undone", job, &details).await?;
        Ok((job, total))
    }
}
