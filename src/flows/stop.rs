//! Stopping a run: what it said stays said, what it would have said is never said.

use super::hear::finish;
use crate::chat::{Command, LedgerError, Subject, Tx};
use crate::domain::{ConversationId, Refusal, RunId, RunStatus, WorkspaceId};
use crate::store::flow_runs::{self, RunRow};

/// Stops a run; one that has ended stays as it ended.
#[derive(Debug, Clone, Copy)]
pub struct Stop {
    /// Whose.
    pub workspace_id: WorkspaceId,
    /// Which run.
    pub run_id: RunId,
    /// In which conversation.
    pub conversation_id: ConversationId,
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
        finish(tx, run, RunStatus::Stopped).await
    }
}
