//! What a user thinks of a reply, a model's above all.

use super::access;
use crate::domain::{Message, MessageId, Permission, Rating, Refusal, SenderType, User};
use crate::ledger::{Command, LedgerError, Subject, Tx};
use crate::thread::entries;
use std::sync::Arc;

/// Says what a user thinks of an AI's answer.
#[derive(Debug, Clone)]
pub struct GiveFeedback {
    pub user: User,
    /// Of which message.
    pub message_id: MessageId,
    /// Good, bad, or withdrawn.
    pub rating: Option<Rating>,
    pub comment: Option<String>,
}

impl Command for GiveFeedback {
    type Answer = Arc<Message>;

    fn subject(&self) -> Subject {
        Subject::of(("message", self.message_id))
    }

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<Arc<Message>, LedgerError> {
        let (mut row, _) = access::message(tx, &self.user, self.message_id).await?;
        self.user.require(Permission::AiManage)?;
        if row.body.sender_type == SenderType::Customer {
            return Err(
                Refusal::conflict("not_ours", "Only replies can be rated, not customers' messages.").into()
            );
        }
        let is_withdrawn = self.rating.is_none() && self.comment.is_none();
        row.body.feedback_rating = self.rating;
        row.body.feedback_comment.clone_from(&self.comment);
        row.body.feedback_at = (!is_withdrawn).then_some(tx.now);
        entries::rewrite(tx, &mut row).await
    }
}
