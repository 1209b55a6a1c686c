//! Who answers what nobody has, has it from then on, if the workspace wants it so. Only a person at our own
//! page: a program that answers cares for nothing.

use super::entries;
use crate::domain::{
    AssignedBecause, Cause, ConversationKind, ConversationState, ConversationStatus, Origin, User,
};
use crate::ledger::command::{LedgerError, Tx};
use crate::store::accounts::{audit, settings};
use crate::store::conversations::Change;
use serde_json::{Value, json};

/// What the workspace decides; while nobody did: yes.
pub const ASSIGN_ON_REPLY: &str = "assign_on_reply";

/// Whether nobody has a conversation that whoever answers may take. `state`: as it stood before.
pub fn is_free(state: &ConversationState, origin: Origin) -> bool {
    state.assignee_id.is_none()
        && state.kind == ConversationKind::Customer
        && state.status != ConversationStatus::Spam
        && origin == Origin::App
}

/// Gives the conversation to whoever has just answered in it. `state`: as it stood before.
pub async fn take(
    tx: &mut Tx<'_>,
    state: &ConversationState,
    user: &User,
    origin: Origin,
) -> Result<(), LedgerError> {
    if !is_free(state, origin) {
        return Ok(());
    }
    let wanted = settings::get(tx.conn, state.workspace_id, ASSIGN_ON_REPLY).await?;
    if wanted == Some(Value::Bool(false)) {
        return Ok(());
    }
    let change = Change::Assignee(Some(user.id), AssignedBecause::Reply);
    entries::change(tx, state, change, &Cause::user(user)).await?;
    let (by, subject) = ((user.workspace_id, Some(user.id)), format!("conversation:{}", state.id));
    let (assignee, because) = (user.person().name, AssignedBecause::Reply);
    let details = json!({"assignee_id": user.id, "assignee": assignee, "assigned_because": because});
    Ok(audit::note(tx.conn, by, "conversation_changed", &subject, &details, tx.now).await?)
}
