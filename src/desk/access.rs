//! Which conversations, and messages of them, a user may see: customers' all of their workspace, direct ones
//! their own. The only place that decides it; never a list of exceptions for admins. What a role allows to do
//! with what one sees is asked of the user (`User::require`).

use crate::domain::{
    ConversationId, ConversationKind, ConversationState, MessageId, Permission, Refusal, User,
};
use crate::ledger::{LedgerError, Tx};
use crate::store::Conn;
use crate::store::conversations::{self, list};
use crate::store::messages::{self, MessageRow};

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

/// The conversation in which a user writes, if they may see it; else there is none. Where the command is
/// collected with others it is one that was read for all of them: a customer's.
pub async fn to_write_in(
    tx: &mut Tx<'_>,
    user: &User,
    id: ConversationId,
) -> Result<ConversationState, LedgerError> {
    let is_theirs = |state: &&ConversationState| {
        state.workspace_id == user.workspace_id && state.kind == ConversationKind::Customer
    };
    if let Some(state) = tx.unit.conversation(id).filter(is_theirs) {
        return Ok(state.clone());
    }
    tx.alone()?;
    conversation(tx.conn, user, id).await
}

/// What writing there takes.
pub fn writing(state: &ConversationState, is_private: bool) -> Permission {
    match state.kind {
        ConversationKind::Direct => Permission::DirectWrite,
        ConversationKind::Customer if is_private => Permission::NotesWrite,
        ConversationKind::Customer => Permission::ConversationsReply,
    }
}

/// A message that the user may see, with its conversation, locked to be changed; else there is none.
pub async fn message(
    tx: &mut Tx<'_>,
    user: &User,
    id: MessageId,
) -> Result<(MessageRow, ConversationState), LedgerError> {
    let row =
        messages::find(tx.conn, user.workspace_id, id).await?.ok_or_else(|| Refusal::not_found("message"))?;
    let state = conversation(tx.conn, user, row.conversation_id).await;
    let state = state.map_err(|_| Refusal::not_found("message"))?;
    // From here on the row is written: nobody else may, until the commit.
    conversations::lock(tx.conn, &[row.conversation_id]).await?;
    Ok((messages::find(tx.conn, user.workspace_id, id).await?.unwrap_or(row), state))
}
