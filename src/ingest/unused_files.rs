//! Files that nothing needs any more: uploads that were never sent, files of messages that were taken
//! back (platforms demand that they go), what a killed process left half written. Never a file that a
//! message, a user, a customer or a step of a flow still shows.

use crate::domain::flow::Step;
use crate::domain::{MediaId, Timestamp, WorkspaceId};
use crate::ledger::{Command, Ledger, LedgerError, Subject, Tx};
use crate::media::MediaFolder;
use crate::store::automation::flows;
use crate::store::messages::media::{self, MediaRow};
use crate::store::{Db, StoreError};
use std::time::Duration;

/// An upload may lie this long before it is sent.
const KEPT_FOR: Duration = Duration::from_hours(24);
/// And this long if a visitor uploaded it: whoever they are, it costs them nothing.
const VISITORS_PATIENCE: Duration = Duration::from_hours(1);
/// Nothing comes in for this long: what is still half written was left behind.
const BROKEN_OFF: Duration = Duration::from_hours(6);
/// Files looked at in one read.
const BATCH: i64 = 200;

/// Looks through all stored files once; gives how many went.
pub async fn remove_unused_files(
    db: &Db,
    ledger: &Ledger,
    folder: &MediaFolder,
    now: Timestamp,
) -> Result<usize, LedgerError> {
    let mut count = 0;
    let mut after = MediaId(0);
    loop {
        let page = db
            .read(async move |conn| {
                media::unused(conn, after, now.minus(Duration::from_mins(1)), BATCH).await
            })
            .await?;
        let Some((last, _)) = page.last() else { break };
        after = last.id;
        for (row, workspace_id) in page {
            let key = row.storage_key.clone();
            if ledger.give(RemoveUnused { row, workspace_id }).await? {
                folder.forget(&key).await;
                count += 1;
            }
        }
    }
    match folder.sweep(BROKEN_OFF).await {
        Ok(partial) => Ok(count + partial),
        Err(error) => {
            log::warn!("what is half written cannot be looked for: {error}");
            Ok(count)
        }
    }
}

/// Takes away the row of a file that nothing refers to.
struct RemoveUnused {
    row: MediaRow,
    workspace_id: WorkspaceId,
}

impl Command for RemoveUnused {
    /// Whether it went.
    type Answer = bool;

    fn subject(&self) -> Subject {
        Subject::of("files")
    }

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<bool, LedgerError> {
        if media::is_portrait(tx.conn, self.workspace_id, self.row.id).await? {
            return Ok(false);
        }
        // What a platform brought is needed by its message or not at all; a person may still send it.
        let patience = match self.row.uploaded_by.split(':').next() {
            Some("channel") => None,
            Some("visitor") => Some(VISITORS_PATIENCE),
            _ => Some(KEPT_FOR),
        };
        if let Some(patience) = patience
            && !media::is_older(tx.conn, self.row.id, tx.now.minus(patience)).await?
        {
            return Ok(false);
        }
        if self.is_of_a_flow(tx).await? {
            return Ok(false);
        }
        match media::remove_unused(tx.conn, self.row.id).await {
            // Something else points at it after all.
            Err(StoreError::Broken(_) | StoreError::Taken(_)) => Ok(false),
            other => Ok(other?),
        }
    }
}

impl RemoveUnused {
    /// Whether a step of a flow shows it, now or later.
    async fn is_of_a_flow(&self, tx: &mut Tx<'_>) -> Result<bool, LedgerError> {
        let id = self.row.id.0;
        let all = flows::newest_steps(tx.conn, self.workspace_id).await?;
        let shows = |json: &String| {
            let steps: Vec<Step> = serde_json::from_str(json).unwrap_or_default();
            steps.iter().any(|step| step.action.files().contains(&id))
        };
        Ok(all.iter().any(shows))
    }
}
