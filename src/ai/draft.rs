//! What a person does with a draft: sends it, changed or not, or discards it. Never twice.

use super::record_result::{ai_body, saying, write};
use crate::domain::send_gate::Speaker;
use crate::domain::text::MAX_TEXT_BYTES;
use crate::domain::{
    ConversationId, Message, MessageType, Origin, Permission, Refusal, SenderType, TurnId, TurnState, User,
    text,
};
use crate::flows;
use crate::ledger::{Command, LedgerError, Subject, Tx};
use crate::store::automation::ai_turns::{self, Turn};
use crate::store::conversations;
use crate::store::messages::{self, MessageBody};
use crate::thread::assign_on_reply::take;
use crate::thread::entries::{self, blank};
use crate::thread::send_gate::SendGate;
use std::sync::Arc;

/// Sends a draft.
#[derive(Debug, Clone)]
pub struct SendDraft {
    pub user: User,
    /// Where they asked.
    pub origin: Origin,
    pub id: TurnId,
    /// In which conversation, as the caller found it.
    pub conversation_id: ConversationId,
    /// Other words; none: the draft's.
    pub content: Option<String>,
}

/// What became of it.
#[derive(Debug, Clone)]
pub struct Sent {
    /// The message.
    pub message: Arc<Message>,
    /// It was sent before.
    pub is_duplicate: bool,
}

impl Command for SendDraft {
    type Answer = Sent;

    fn subject(&self) -> Subject {
        Subject::Conversation(self.conversation_id)
    }

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<Sent, LedgerError> {
        self.user.require(Permission::ConversationsReply)?;
        let mut turn = existing(tx, &self.user, self.id).await?;
        let words = self.content.as_deref().map(str::trim);
        if words.is_some_and(|words| words.is_empty() || words.len() > MAX_TEXT_BYTES) {
            return Err(
                Refusal::invalid("empty_message", "A message needs 1 to 65,536 bytes of text.").into()
            );
        }
        if let (TurnState::Sent, Some(id)) = (turn.state, turn.message_id) {
            let row = messages::find(tx.conn, turn.workspace_id, id).await?;
            let row = row.ok_or_else(|| Refusal::not_found("draft"))?;
            let message = Arc::new(messages::view(tx.conn, row).await?);
            return Ok(Sent { message, is_duplicate: true });
        }
        let state = conversations::find(tx.conn, turn.workspace_id, turn.conversation_id).await?;
        let state = state.ok_or_else(|| Refusal::not_found("draft"))?;
        if turn.state != TurnState::Drafted || !turn.is_current(&state) {
            return Err(outdated().into());
        }
        let is_changed = words.is_some_and(|words| Some(words) != turn.content.as_deref());
        let body = if is_changed { self.own_words(&turn, words) } else { ai_body(&turn) };
        let gate = SendGate::of(tx, &state).await?;
        let saying = saying(&gate, body.content.as_deref(), Speaker::Person);
        let pass = gate.pass(tx, saying).await?;
        let added = write(tx, &pass, body).await?;
        // Whoever sends a draft speaks, and flows do no more.
        flows::taken_over(tx, state.id).await?;
        take(tx, &state, &self.user, self.origin).await?;
        turn.state = TurnState::Sent;
        turn.message_id = Some(added.row.id);
        turn.decided_by = Some(self.user.id);
        turn.updated_at = tx.now;
        ai_turns::update(tx.conn, &turn).await?;
        Ok(Sent { message: added.message, is_duplicate: false })
    }
}

impl SendDraft {
    /// Who changes a draft speaks for themselves.
    fn own_words(&self, turn: &Turn, words: Option<&str>) -> MessageBody {
        MessageBody {
            sender_type: SenderType::Support,
            sender_user_id: Some(self.user.id),
            author: self.user.author(),
            origin: self.origin,
            client_id: Some(format!("turn-{}", turn.id)),
            ..blank(MessageType::Text, words.map(text::clean))
        }
    }
}

/// Discards a draft, or takes note that a model gave no answer.
#[derive(Debug, Clone)]
pub struct DiscardDraft {
    pub user: User,
    pub id: TurnId,
    /// In which conversation, as the caller found it.
    pub conversation_id: ConversationId,
}

impl Command for DiscardDraft {
    type Answer = ();

    fn subject(&self) -> Subject {
        Subject::Conversation(self.conversation_id)
    }

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<(), LedgerError> {
        self.user.require(Permission::AiManage)?;
        let mut turn = existing(tx, &self.user, self.id).await?;
        match turn.state {
            TurnState::Discarded => return Ok(()),
            TurnState::Drafted | TurnState::Failed => {}
            _ => return Err(outdated().into()),
        }
        turn.state = TurnState::Discarded;
        turn.decided_by = Some(self.user.id);
        turn.updated_at = tx.now;
        ai_turns::update(tx.conn, &turn).await?;
        entries::touch(tx, turn.conversation_id).await?;
        Ok(())
    }
}

async fn existing(tx: &mut Tx<'_>, user: &User, id: TurnId) -> Result<Turn, LedgerError> {
    let turn = ai_turns::find(tx.conn, id).await?.filter(|turn| turn.workspace_id == user.workspace_id);
    turn.ok_or_else(|| Refusal::not_found("draft").into())
}

fn outdated() -> Refusal {
    Refusal::conflict("draft_outdated", "A newer message was written. This draft is out of date.")
}
