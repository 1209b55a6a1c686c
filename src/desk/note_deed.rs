//! What admins take out of the house is noted, too. Never what was in it.

use crate::domain::{Permission, UserId, WorkspaceId};
use crate::ledger::{Command, LedgerError, Subject, Tx, permitted};
use crate::store::accounts::audit;
use serde_json::Value;

/// Notes what somebody did by several commands, or outside of the database.
#[derive(Debug, Clone)]
pub struct NoteDeed {
    pub by: (WorkspaceId, UserId),
    /// What: `flow_broadcast`.
    pub action: &'static str,
    /// To what: `flow:3`.
    pub subject: String,
    /// Which, in numbers.
    pub details: Value,
}

impl Command for NoteDeed {
    type Answer = ();

    fn subject(&self) -> Subject {
        Subject::of(("deed", self.by.1))
    }

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<(), LedgerError> {
        let by = (self.by.0, Some(self.by.1));
        Ok(audit::note(tx.conn, by, self.action, &self.subject, &self.details, tx.now).await?)
    }
}

/// Notes that somebody takes data out.
#[derive(Debug, Clone)]
pub struct NoteExport {
    pub by: (WorkspaceId, UserId),
    /// What: `report`.
    pub what: &'static str,
    /// Of which part.
    pub details: Value,
}

impl Command for NoteExport {
    type Answer = ();

    fn subject(&self) -> Subject {
        Subject::of(("export", self.by.1))
    }

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<(), LedgerError> {
        let (workspace, by) = self.by;
        permitted::require(tx, (workspace, by), Permission::Export).await?;
        audit::note(tx.conn, (workspace, Some(by)), "exported", self.what, &self.details, tx.now).await?;
        Ok(())
    }
}
