//! Making and changing flows: an admin's affair. Steps are kept as versions, so that a run follows
//! the steps it began with. Never a token in the clear: hash and seal come from above.

use crate::domain::flow::{Action, Step, name_of};
use crate::domain::{ChannelId, FlowId, MediaId, Permission, Refusal, TriggerKind, User, UserId};
use crate::ledger::{Command, LedgerError, Subject, Tx, permitted};
use crate::store::accounts::{audit, channels, users};
use crate::store::automation::flow_runs;
use crate::store::automation::flows::{self, FlowRow, NewFlow};
use crate::store::conversations::labels;
use crate::store::messages::media;
use serde_json::{Value, json};
use std::collections::HashSet;

const LONGEST_NAME: usize = 100;
const MOST_KEYWORDS: usize = 100;
const LONGEST_KEYWORD: usize = 200;

/// What a flow is to be. Its steps were checked when they were read.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// What people call it.
    pub name: String,
    /// Whether it starts.
    pub is_on: bool,
    /// In which channel alone; none: in all.
    pub channel_id: Option<ChannelId>,
    /// What starts it by itself, and the keywords.
    pub trigger: (TriggerKind, Vec<String>),
    /// What it does.
    pub steps: Vec<Step>,
}

/// What is to be another way; what is absent stays.
#[derive(Debug, Clone, Default)]
pub struct FlowChange {
    /// What people call it.
    pub name: Option<String>,
    /// Whether it starts.
    pub is_on: Option<bool>,
    /// In which channel alone.
    pub channel_id: Option<Option<ChannelId>>,
    /// What starts it by itself.
    pub trigger: Option<(TriggerKind, Vec<String>)>,
    /// What it does.
    pub steps: Option<Vec<Step>>,
}

/// Makes a flow.
#[derive(Debug, Clone)]
pub struct CreateFlow {
    pub user: User,
    pub wanted: Wanted,
    /// The hash of its address's token, and the token sealed.
    pub hook: (Vec<u8>, Vec<u8>),
}

impl Command for CreateFlow {
    type Answer = FlowRow;

    fn subject(&self) -> Subject {
        Subject::of(("flows of", self.user.workspace_id))
    }

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<FlowRow, LedgerError> {
        require(tx, &self.user).await?;
        let wanted = &self.wanted;
        let name = checked_name(&wanted.name)?;
        let keywords = checked_trigger(&wanted.trigger)?;
        check_channel(tx, &self.user, wanted.channel_id).await?;
        check_rows(tx, &self.user, &wanted.steps, &[]).await?;
        let new = NewFlow {
            name,
            is_on: wanted.is_on,
            channel_id: wanted.channel_id,
            trigger_kind: wanted.trigger.0,
            keywords,
            steps: written(&wanted.steps),
            hook_hash: self.hook.0.clone(),
            hook_sealed: self.hook.1.clone(),
        };
        let row = flows::create(tx.conn, self.user.workspace_id, &new, tx.now).await?;
        note(tx, &self.user, "flow_created", row.id, &audit_details(&row)).await?;
        Ok(row)
    }
}

/// Changes a flow; runs that have begun follow the steps they began with.
#[derive(Debug, Clone)]
pub struct UpdateFlow {
    pub user: User,
    pub id: FlowId,
    pub change: FlowChange,
}

impl Command for UpdateFlow {
    type Answer = FlowRow;

    fn subject(&self) -> Subject {
        Subject::of(("flows of", self.user.workspace_id))
    }

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<FlowRow, LedgerError> {
        let mut row = existing(tx, &self.user, self.id).await?;
        let before = audit_details(&row);
        let change = &self.change;
        if let Some(name) = &change.name {
            row.name = checked_name(name)?;
        }
        if let Some(trigger) = &change.trigger {
            row.keywords = checked_trigger(trigger)?;
            row.trigger_kind = trigger.0;
        }
        if let Some(channel) = change.channel_id {
            check_channel(tx, &self.user, channel).await?;
            row.channel_id = channel;
        }
        if let Some(steps) = &change.steps {
            let before = flows::steps(tx.conn, row.id, row.version).await?.unwrap_or_default();
            let known: Vec<Step> = serde_json::from_str(&before).unwrap_or_default();
            check_rows(tx, &self.user, steps, &known).await?;
            if *steps != known {
                row.version += 1;
                flows::add_version(tx.conn, row.id, row.version, &written(steps), tx.now).await?;
            }
        }
        row.is_on = change.is_on.unwrap_or(row.is_on);
        row.updated_at = tx.now;
        flows::update(tx.conn, &row).await?;
        let details = json!({"before": before, "after": audit_details(&row)});
        note(tx, &self.user, "flow_changed", row.id, &details).await?;
        Ok(row)
    }
}

/// Gives a flow another secret address; the one it had starts nothing more.
#[derive(Debug, Clone)]
pub struct NewHook {
    pub user: User,
    pub id: FlowId,
    /// The hash of the new token, and the token sealed.
    pub hook: (Vec<u8>, Vec<u8>),
}

impl Command for NewHook {
    type Answer = FlowRow;

    fn subject(&self) -> Subject {
        Subject::of(("flows of", self.user.workspace_id))
    }

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<FlowRow, LedgerError> {
        let row = existing(tx, &self.user, self.id).await?;
        flows::set_hook(tx.conn, row.id, &self.hook.0, &self.hook.1).await?;
        note(tx, &self.user, "flow_address_renewed", row.id, &json!({"name": row.name})).await?;
        Ok(FlowRow { hook_sealed: self.hook.1.clone(), ..row })
    }
}

/// Takes a flow away: it starts nothing more, and its runs stop where they are.
#[derive(Debug, Clone)]
pub struct DeleteFlow {
    pub user: User,
    pub id: FlowId,
}

impl Command for DeleteFlow {
    type Answer = ();

    fn subject(&self) -> Subject {
        Subject::of(("flows of", self.user.workspace_id))
    }

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<(), LedgerError> {
        let row = existing(tx, &self.user, self.id).await?;
        flows::delete(tx.conn, row.id, tx.now).await?;
        flow_runs::stop_all(tx.conn, row.id, tx.now).await?;
        note(tx, &self.user, "flow_deleted", row.id, &audit_details(&row)).await
    }
}

/// What the audit trail says of one. Its steps are kept by their version; its address is a secret.
fn audit_details(row: &FlowRow) -> Value {
    json!({
        "name": row.name,
        "is_on": row.is_on,
        "channel_id": row.channel_id,
        "trigger": row.trigger_kind,
        "keywords": row.keywords,
        "version": row.version,
    })
}

async fn note(
    tx: &mut Tx<'_>,
    user: &User,
    action: &str,
    id: FlowId,
    details: &Value,
) -> Result<(), LedgerError> {
    let by = (user.workspace_id, Some(user.id));
    Ok(audit::note(tx.conn, by, action, &format!("flow:{id}"), details, tx.now).await?)
}

async fn require(tx: &mut Tx<'_>, user: &User) -> Result<(), LedgerError> {
    permitted::require(tx, (user.workspace_id, user.id), Permission::FlowsManage).await
}

async fn existing(tx: &mut Tx<'_>, user: &User, id: FlowId) -> Result<FlowRow, LedgerError> {
    require(tx, user).await?;
    let row = flows::lock(tx.conn, user.workspace_id, id).await?;
    row.ok_or_else(|| Refusal::not_found("flow").into())
}

fn written(steps: &[Step]) -> String {
    serde_json::to_string(steps).unwrap_or_default()
}

fn checked_name(name: &str) -> Result<String, Refusal> {
    let name = crate::domain::text::clean(name.trim());
    if name.is_empty() || name.chars().count() > LONGEST_NAME {
        return Err(Refusal::invalid(
            "bad_name",
            format!("A flow name must be 1 to {LONGEST_NAME} characters."),
        ));
    }
    Ok(name)
}

/// The keywords as they are kept.
fn checked_trigger((kind, keywords): &(TriggerKind, Vec<String>)) -> Result<String, Refusal> {
    let words: Vec<_> = keywords.iter().map(|word| crate::domain::text::clean(word.trim())).collect();
    let is_bad = |word: &String| word.is_empty() || word.len() > LONGEST_KEYWORD;
    if words.len() > MOST_KEYWORDS || words.iter().any(is_bad) {
        return Err(Refusal::invalid(
            "bad_keywords",
            format!("A flow has {MOST_KEYWORDS} keywords of 1 to {LONGEST_KEYWORD} bytes at most."),
        ));
    }
    if *kind == TriggerKind::Keyword && words.is_empty() {
        return Err(Refusal::invalid("bad_keywords", "A flow that starts by keyword needs a keyword."));
    }
    Ok(serde_json::to_string(&words).unwrap_or_default())
}

async fn check_channel(tx: &mut Tx<'_>, user: &User, id: Option<ChannelId>) -> Result<(), LedgerError> {
    let Some(id) = id else { return Ok(()) };
    channels::find(tx.conn, id)
        .await?
        .filter(|channel| channel.workspace_id == user.workspace_id)
        .map(drop)
        .ok_or_else(|| {
            Refusal::invalid("bad_channel", "channel_id is not a channel of this workspace.").into()
        })
}

/// What only the rows know: that the people, labels and files which steps name are there.
async fn check_rows(
    tx: &mut Tx<'_>,
    user: &User,
    steps: &[Step],
    before: &[Step],
) -> Result<(), LedgerError> {
    let known: HashSet<i64> = before.iter().flat_map(|step| step.action.files()).collect();
    let named: HashSet<UserId> = before.iter().filter_map(assignee).collect();
    for (index, step) in steps.iter().enumerate() {
        // Who was named already may have gone since: the rest of the flow can be changed all the same.
        if let Some(id) = assignee(step).filter(|id| !named.contains(id))
            && !users::stays(tx.conn, user.workspace_id, id).await?
        {
            return Err(wrong(steps, index, "user_id is no colleague who can come in."));
        }
        if let Action::Label { label_id, .. } = step.action
            && labels::find(tx.conn, user.workspace_id, label_id).await?.is_none()
        {
            return Err(wrong(steps, index, "label_id is not a label of this workspace."));
        }
        for id in step.action.files().into_iter().filter(|id| !known.contains(id)) {
            let row = media::find(tx.conn, user.workspace_id, MediaId(id)).await?;
            if row.is_none_or(|row| row.uploaded_by != user.author()) {
                let why = "it has a file that you did not upload. Upload it to /api/v1/media first.";
                return Err(wrong(steps, index, why));
            }
        }
    }
    Ok(())
}

fn assignee(step: &Step) -> Option<UserId> {
    match step.action {
        Action::Assign { user_id } => user_id,
        _ => None,
    }
}

fn wrong(steps: &[Step], index: usize, why: &str) -> LedgerError {
    Refusal::invalid("bad_steps", format!("{}: {why}", name_of(steps, index))).into()
}
