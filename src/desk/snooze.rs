//! A sleeping conversation wakes when its time has come, once, whichever process looks first.
//! Never a timer that must survive: the row says until when it sleeps.

use crate::domain::{Cause, ConversationId, ConversationStatus, Timestamp, WorkspaceId};
use crate::ledger::{Command, Ledger, LedgerError, Subject, Tx};
use crate::store::conversations::{self, Change};
use crate::store::{Db, StoreError};
use crate::thread::entries;

/// Conversations woken in one go.
const BATCH: i64 = 200;

/// Wakes a conversation, if it still sleeps and its time has come.
#[derive(Debug, Clone, Copy)]
pub struct Wake {
    pub workspace_id: WorkspaceId,
    pub conversation_id: ConversationId,
}

impl Command for Wake {
    /// Whether it woke by this.
    type Answer = bool;

    fn subject(&self) -> Subject {
        Subject::Conversation(self.conversation_id)
    }

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<bool, LedgerError> {
        let state = conversations::find(tx.conn, self.workspace_id, self.conversation_id).await?;
        let due = state.filter(|state| {
            state.status == ConversationStatus::Snoozed && state.snoozed_until.is_some_and(|at| at <= tx.now)
        });
        if let Some(state) = &due {
            let open = Change::Status(ConversationStatus::Open, None);
            entries::change(tx, state, open, &Cause::system()).await?;
        }
        Ok(due.is_some())
    }
}

/// Wakes all whose time has come.
pub async fn wake_due(db: &Db, ledger: &Ledger) -> Result<(), StoreError> {
    let now = Timestamp::now();
    let due = db.read(async move |conn| conversations::to_wake(conn, now, BATCH).await).await?;
    let wakes = due
        .into_iter()
        .map(|state| Wake { workspace_id: state.workspace_id, conversation_id: state.id })
        .collect();
    for woken in ledger.give_all::<Wake>(wakes).await {
        if let Err(error) = woken {
            log::warn!("a snoozed conversation could not be reopened, retrying: {error}");
        }
    }
    Ok(())
}
