//! Stopping a run: what it said stays said, what it would have said is never said.

use super::on_customer_message::finish;
use crate::domain::{ConversationId, Refusal, RunId, RunStatus, UserId, WorkspaceId};
use crate::ledger::{Command, LedgerError, Subject, Tx};
use crate::store::accounts::audit;
use crate::store::automation::flow_runs::{self, RunRow};
use serde_json::json;

/// Stops a run; one that has ended stays as it ended.
#[derive(Debug, Clone, Copy)]
pub struct Stop {
    pub workspace_id: WorkspaceId,
    pub run_id: RunId,
    /// In which conversation.
    pub conversation_id: ConversationId,
    /// Who stops it.
    pub by: UserId,
}

impl Command for Stop {
    type Answer = RunRow;

    fn subject(&self) -> Subject {
        Subject::Conversation(self.conversation_id)
    }

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<RunRow, LedgerError> {
        let run = flow_runs::find(tx.conn, self.run_id)
            .await?
            .filter(|run| run.workspace_id == self.workspace_id)
            .ok_or_else(|| Refusal::not_found("run"))?;
        if !run.status.is_active() {
            return Ok(run);
        }
        let (by, subject) = ((self.workspace_id, Some(self.by)), format!("flow_run:{}", run.id));
        let details = json!({"flow": run.flow_id, "conversation": run.conversation_id});
        audit::note(tx.conn, by, "flow_stopped", &subject, &details, tx.now).await?;
        finish(tx, run, RunStatus::Stopped).await
    }
}
