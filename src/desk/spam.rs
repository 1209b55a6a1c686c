//! Spam: what nobody needs, with its sender. All their conversations leave every list but their own, what
//! they write next is kept there and calls nobody, and nothing is answered by itself; *not spam* brings all
//! of it back. Never a message that is taken away.

use super::customers::{hear_again, silence};
use crate::domain::{Cause, ConversationState, ConversationStatus, Refusal, User};
use crate::ledger::{LedgerError, Tx};
use crate::store::accounts::audit;
use crate::store::conversations::{self, Change, customers};
use crate::thread::entries;
use serde_json::json;

/// Marks the sender of a conversation and their other conversations with them, or brings those back. The
/// conversation itself is the caller's.
pub(super) async fn mark(
    tx: &mut Tx<'_>,
    user: &User,
    state: &ConversationState,
    is_spam: bool,
) -> Result<(), LedgerError> {
    let found = match state.customer_id {
        Some(id) => customers::find(tx.conn, state.workspace_id, id).await?,
        None => None,
    };
    let mut sender = found.ok_or_else(|| Refusal::not_found("customer"))?;
    if sender.is_spam == is_spam {
        return Ok(());
    }
    sender.is_spam = is_spam;
    customers::update(tx.conn, &sender).await?;
    if is_spam {
        silence(tx, sender.id).await?;
    } else {
        hear_again(tx, sender.id).await?;
    }
    let ids = conversations::ids_of_customer(tx.conn, sender.id).await?;
    let was = |other: &ConversationState| (other.status == ConversationStatus::Spam) != is_spam;
    let now = if is_spam { ConversationStatus::Spam } else { ConversationStatus::Open };
    let others = conversations::by_ids(tx.conn, &ids).await?;
    for other in others.iter().filter(|other| other.id != state.id && was(other)) {
        entries::change(tx, other, Change::Status(now, None), &Cause::user(user)).await?;
    }
    let action = if is_spam { "customer_spam" } else { "customer_not_spam" };
    let (by, of) = ((user.workspace_id, Some(user.id)), format!("customer:{}", sender.id));
    Ok(audit::note(tx.conn, by, action, &of, &json!({"conversations": ids}), tx.now).await?)
}
