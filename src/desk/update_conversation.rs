//! What stands around a conversation: status, assignee, priority, labels.

use super::{access, spam};
use crate::domain::{
    AssignedBecause, Cause, ConversationId, ConversationKind, ConversationState, ConversationStatus, LabelId,
    MOST_LABELS, Permission, Priority, Refusal, TeamId, Timestamp, User, UserId,
};
use crate::ledger::{Command, LedgerError, Subject, Tx};
use crate::store::accounts::{audit, teams, users};
use crate::store::conversations::{self, Change, labels, list};
use crate::thread::entries;
use serde::{Deserialize, Serialize};
use serde_json::{Map, json};

/// Changes what stands around a conversation: status, assignee, priority, labels.
#[derive(Debug, Clone)]
pub struct UpdateConversation {
    pub user: User,
    pub conversation_id: ConversationId,
    /// Where it stands from now on, and until when it sleeps.
    pub status: Option<(ConversationStatus, Option<Timestamp>)>,
    /// Who cares for it from now on.
    pub assignee: Option<Option<UserId>>,
    /// Which team's it is from now on.
    pub team: Option<Option<TeamId>>,
    /// How urgent it is from now on.
    pub priority: Option<Option<Priority>>,
    /// What it carries from now on, and nothing else.
    pub labels: Option<Vec<LabelId>>,
    /// What it carries from now on, too, and what no more.
    pub more_labels: LabelWish,
}

/// Labels that are added to what a conversation carries, and such as are taken away.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LabelWish {
    /// Labels it carries from now on, too.
    pub add: Vec<LabelId>,
    /// Taken away.
    pub remove: Vec<LabelId>,
}

impl Command for UpdateConversation {
    type Answer = ConversationState;

    fn subject(&self) -> Subject {
        Subject::Conversation(self.conversation_id)
    }

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<ConversationState, LedgerError> {
        let mut state = access::conversation(tx.conn, &self.user, self.conversation_id).await?;
        self.require()?;
        let (before, cause) = (state.revision, Cause::user(&self.user));
        if state.kind == ConversationKind::Direct {
            return Err(Refusal::conflict(
                "direct_conversation",
                "A conversation among colleagues has no status, assignee, team, priority or labels.",
            )
            .into());
        }
        if let Some((status, until)) =
            self.status.filter(|(status, until)| (*status, *until) != (state.status, state.snoozed_until))
        {
            let is_spam = status == ConversationStatus::Spam;
            if is_spam != (state.status == ConversationStatus::Spam) {
                spam::mark(tx, &self.user, &state, is_spam).await?;
            }
            state = entries::change(tx, &state, Change::Status(status, until), &cause).await?;
        }
        if let Some(assignee) = self.assignee.filter(|assignee| *assignee != state.assignee_id) {
            if let Some(id) = assignee
                && !users::stays(tx.conn, self.user.workspace_id, id).await?
            {
                return Err(
                    Refusal::invalid("bad_assignee", "assignee_id is no colleague who can come in.").into()
                );
            }
            let change = Change::Assignee(assignee, AssignedBecause::Manual);
            state = entries::change(tx, &state, change, &cause).await?;
        }
        if let Some(team) = self.team.filter(|team| *team != state.team_id) {
            if let Some(id) = team
                && teams::find(tx.conn, self.user.workspace_id, id).await?.is_none()
            {
                return Err(Refusal::invalid("bad_team", "team_id is no team of this workspace.").into());
            }
            state = entries::change(tx, &state, Change::Team(team), &cause).await?;
        }
        if let Some(priority) = self.priority.filter(|priority| *priority != state.priority) {
            state = entries::change(tx, &state, Change::Priority(priority), &cause).await?;
        }
        if let Some(labels) = self.wanted_labels(tx, &state).await? {
            state = self.label(tx, state, &labels).await?;
        }
        if state.revision != before {
            self.note(tx, &state).await?;
        }
        Ok(state)
    }
}

impl UpdateConversation {
    /// What the change takes, field by field.
    fn require(&self) -> Result<(), Refusal> {
        let is_labelling = self.labels.is_some() || self.more_labels != LabelWish::default();
        let asked = [
            (self.status.is_some(), Permission::ConversationsClose),
            (self.assignee.is_some() || self.team.is_some(), Permission::ConversationsAssign),
            (self.priority.is_some() || is_labelling, Permission::ConversationsLabel),
        ];
        let mut asked = asked.into_iter().filter(|(is_asked, _)| *is_asked);
        asked.try_for_each(|(_, permission)| self.user.require(permission))
    }

    async fn note(&self, tx: &mut Tx<'_>, state: &ConversationState) -> Result<(), LedgerError> {
        let mut details = Map::new();
        if self.status.is_some() {
            details.insert("status".into(), json!(state.status));
        }
        if self.assignee.is_some() {
            let people = list::people(tx.conn, state.assignee_id.as_slice()).await?;
            details.insert("assignee_id".into(), json!(state.assignee_id));
            details.insert("assignee".into(), json!(people.into_values().next().map(|person| person.name)));
        }
        if self.team.is_some() {
            let names = teams::names(tx.conn, state.team_id.as_slice()).await?;
            details.insert("team_id".into(), json!(state.team_id));
            details.insert("team".into(), json!(names.into_values().next().map(|team| team.name)));
        }
        if self.priority.is_some() {
            details.insert("priority".into(), json!(state.priority));
        }
        if let Some(labels) = &self.labels {
            let named = labels::by_ids(tx.conn, labels).await?;
            details.insert("label_ids".into(), json!(labels));
            let named: Vec<String> = named.into_iter().map(|label| label.name).collect();
            details.insert("labels".into(), json!(named));
        }
        if self.more_labels != LabelWish::default() {
            details.insert("add_label_ids".into(), json!(self.more_labels.add));
            details.insert("remove_label_ids".into(), json!(self.more_labels.remove));
        }
        let subject = format!("conversation:{}", state.id);
        let by = (self.user.workspace_id, Some(self.user.id));
        Ok(audit::note(tx.conn, by, "conversation_changed", &subject, &details.into(), tx.now).await?)
    }

    /// What it is to carry; none: nobody wants to change that.
    async fn wanted_labels(
        &self,
        tx: &mut Tx<'_>,
        state: &ConversationState,
    ) -> Result<Option<Vec<LabelId>>, LedgerError> {
        if self.labels.is_none() && self.more_labels == LabelWish::default() {
            return Ok(None);
        }
        let mut wanted = match &self.labels {
            Some(labels) => labels.clone(),
            None => labels::carried(tx.conn, state.id).await?,
        };
        wanted.extend(&self.more_labels.add);
        wanted.retain(|label| !self.more_labels.remove.contains(label));
        Ok(Some(wanted))
    }

    async fn label(
        &self,
        tx: &mut Tx<'_>,
        state: ConversationState,
        asked: &[LabelId],
    ) -> Result<ConversationState, LedgerError> {
        let mut wanted = asked.to_vec();
        wanted.sort_unstable();
        wanted.dedup();
        if wanted.len() > MOST_LABELS {
            return Err(
                Refusal::invalid("too_many_labels", "A conversation can have at most 20 labels.").into()
            );
        }
        if labels::known(tx.conn, self.user.workspace_id, &wanted).await? != wanted {
            return Err(
                Refusal::invalid("bad_label", "label_ids contains a label that does not exist.").into()
            );
        }
        let before = labels::carried(tx.conn, state.id).await?;
        if before == wanted {
            return Ok(state);
        }
        entries::carry(tx, &state, &before, &wanted, &Cause::user(&self.user)).await
    }
}

/// Gives a conversation to whoever has just begun it and would not see it otherwise.
#[derive(Debug, Clone)]
pub struct OwnBegun {
    pub user: User,
    pub conversation_id: ConversationId,
}

impl Command for OwnBegun {
    type Answer = ConversationState;

    fn subject(&self) -> Subject {
        Subject::Conversation(self.conversation_id)
    }

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<ConversationState, LedgerError> {
        let found = conversations::find(tx.conn, self.user.workspace_id, self.conversation_id).await?;
        let state = found.ok_or_else(|| Refusal::not_found("conversation"))?;
        // Somebody may have taken it meanwhile.
        if state.assignee_id.is_some() && !self.user.sees(&state) {
            return Err(Refusal::not_found("conversation").into());
        }
        let change = Change::Assignee(Some(self.user.id), AssignedBecause::Manual);
        entries::change(tx, &state, change, &Cause::user(&self.user)).await
    }
}
