//! Which conversations a user may see: customers' all of their workspace, direct ones their own.
//! The only place that decides it; never a list of exceptions for admins.

use crate::domain::{ConversationId, ConversationKind, ConversationState, Refusal, User};
use crate::ledger::LedgerError;
use crate::store::Conn;
use crate::store::conversations::{self, list};

/// The conversation, if the user may see it; else there is none.
pub async fn conversation(
    conn: &mut Conn,
    user: &User,
    id: ConversationId,
) -> Result<ConversationState, LedgerError> {
    let state = conversations::find(conn, user.workspace_id, id)
        .await?
        .ok_or_else(|| Refusal::not_found("conversation"))?;
    if state.kind == ConversationKind::Direct {
        let is_member = list::mark(conn, id, user.id).await?.is_some_and(|(_, is_member)| is_member);
        if !is_member {
            return Err(Refusal::not_found("conversation").into());
        }
    }
    Ok(state)
}
