//! What people deleted by hand and want back: labels, ready-made answers, views and flows, for 30 days. Never
//! a customer who was forgotten, nor a message.

use super::canned::require_may_put;
use super::labels::{list_of, taken};
use crate::domain::{CannedReplyId, FlowId, Label, LabelId, Permission, Refusal, Timestamp, User, ViewId};
use crate::ledger::{Command, LedgerError, Subject, Tx, permitted};
use crate::store::accounts::audit;
use crate::store::automation::flows::{self, FlowRow};
use crate::store::conversations::canned::{self, CannedReply};
use crate::store::conversations::saved::{self, ViewRow};
use crate::store::conversations::{bulk, labels};
use serde_json::json;
use std::time::Duration;

/// How long what was deleted can come back.
const KEPT: Duration = Duration::from_hours(24 * 30);

/// What was deleted before this moment does not come back.
pub fn since(now: Timestamp) -> Timestamp {
    now.minus(KEPT)
}

async fn note(tx: &mut Tx<'_>, user: &User, action: &str, id: i64) -> Result<(), LedgerError> {
    let by = (user.workspace_id, Some(user.id));
    let of = format!("{}:{id}", action.trim_end_matches("_restored"));
    Ok(audit::note(tx.conn, by, action, &of, &json!({}), tx.now).await?)
}

/// Brings something back.
#[derive(Debug, Clone)]
pub struct Restore<Id> {
    pub user: User,
    pub id: Id,
}

impl Command for Restore<LabelId> {
    type Answer = Label;

    fn subject(&self) -> Subject {
        list_of(&self.user, "labels")
    }

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<Label, LedgerError> {
        self.user.require(Permission::LabelsManage)?;
        let restored = labels::restore(tx.conn, self.user.workspace_id, self.id, since(tx.now)).await;
        let label = restored
            .map_err(|error| taken(error, "label_exists", "There is another label of this name by now."))?
            .ok_or_else(|| Refusal::not_found("label"))?;
        note(tx, &self.user, "label_restored", self.id.0).await?;
        Ok(label)
    }
}

impl Command for Restore<CannedReplyId> {
    type Answer = CannedReply;

    fn subject(&self) -> Subject {
        list_of(&self.user, "canned replies")
    }

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<CannedReply, LedgerError> {
        let reader = (self.user.workspace_id, self.user.id);
        let restored = canned::restore(tx.conn, reader, self.id, since(tx.now)).await;
        let reply = restored
            .map_err(|error| taken(error, "shortcut_exists", "Another answer has this shortcut by now."))?
            .ok_or_else(|| Refusal::not_found("ready-made answer"))?;
        require_may_put(&self.user, &reply)?;
        note(tx, &self.user, "canned_reply_restored", self.id.0).await?;
        Ok(reply)
    }
}

impl Command for Restore<ViewId> {
    type Answer = ViewRow;

    fn subject(&self) -> Subject {
        Subject::of(("views", self.user.id))
    }

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<ViewRow, LedgerError> {
        let restored = saved::restore_view(tx.conn, self.user.id, self.id, since(tx.now)).await?;
        let view = restored.ok_or_else(|| Refusal::not_found("view"))?;
        note(tx, &self.user, "view_restored", self.id.0).await?;
        Ok(view)
    }
}

/// Comes back switched off: what it would have started meanwhile is past.
impl Command for Restore<FlowId> {
    type Answer = FlowRow;

    fn subject(&self) -> Subject {
        Subject::of(("flows of", self.user.workspace_id))
    }

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<FlowRow, LedgerError> {
        let workspace = self.user.workspace_id;
        permitted::require(tx, (workspace, self.user.id), Permission::FlowsManage).await?;
        let restored = flows::restore(tx.conn, workspace, self.id, since(tx.now), tx.now).await?;
        let row = restored.ok_or_else(|| Refusal::not_found("flow"))?;
        note(tx, &self.user, "flow_restored", self.id.0).await?;
        Ok(row)
    }
}

/// Forgets for good what was deleted longer ago. A flow's row stays for its runs.
#[derive(Debug, Clone, Copy)]
pub struct PurgeDeleted;

impl Command for PurgeDeleted {
    type Answer = usize;

    fn subject(&self) -> Subject {
        Subject::of("deleted")
    }

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<usize, LedgerError> {
        let before = since(tx.now);
        Ok(labels::purge(tx.conn, before).await?
            + canned::purge(tx.conn, before).await?
            + saved::purge(tx.conn, before).await?
            + bulk::purge(tx.conn, before).await?)
    }
}
