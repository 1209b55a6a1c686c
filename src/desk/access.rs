//! Which conversations, and messages of them, a user may see: of customers' what their role shows them
//! (`domain/sight.rs`), of direct ones their own. The only place that decides it; never a list of exceptions
//! for admins. What a role allows to do with what one sees is asked of the user (`User::require`).

use crate::domain::{
    ConversationId, ConversationKind, ConversationState, CustomerId, MessageId, Permission, Refusal, Sight,
    User,
};
use crate::ledger::{LedgerError, Tx};
use crate::store::conversations::{self, customers, list};
use crate::store::messages::{self, MessageRow};
use crate::store::{Conn, StoreError};

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
    } else if !user.sees(&state) {
        return Err(Refusal::not_found("conversation").into());
    }
    Ok(state)
}

/// Whether the user may see a customer: all whose conversations they see, or with whom they have one to see.
pub async fn sees_customer(conn: &mut Conn, user: &User, id: CustomerId) -> Result<bool, StoreError> {
    if customers::find(conn, user.workspace_id, id).await?.is_none() {
        return Ok(false);
    }
    if user.sight == Sight::Everything {
        return Ok(true);
    }
    Ok(!conversations_of(conn, user, id).await?.is_empty())
}

/// The conversations with a customer that the user may see.
pub async fn conversations_of(
    conn: &mut Conn,
    user: &User,
    id: CustomerId,
) -> Result<Vec<ConversationState>, StoreError> {
    let ids = conversations::ids_of_customer(conn, id).await?;
    let mut states = conversations::by_ids(conn, &ids).await?;
    states.retain(|state| user.sees(state));
    Ok(states)
}

/// The conversation in which a user writes, if they may see it; else there is none. Where the command is
/// collected with others it is one that was read for all of them: a customer's.
pub async fn to_write_in(
    tx: &mut Tx<'_>,
    user: &User,
    id: ConversationId,
) -> Result<ConversationState, LedgerError> {
    let is_theirs = |state: &&ConversationState| {
        state.workspace_id == user.workspace_id
            && state.kind == ConversationKind::Customer
            && user.sees(state)
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
