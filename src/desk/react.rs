//! How an agent reacts to a message. Our side has one reaction on a message, whoever of it gives it:
//! that is how the platforms count. Never a call to a platform.

use super::access;
use crate::domain::send_gate::Speaker;
use crate::domain::{ConversationId, Message, MessageId, Refusal, User};
use crate::ledger::{Command, LedgerError, Subject, Tx};
use crate::store::accounts::channels;
use crate::store::messages;
use crate::thread::entries;
use crate::thread::outgoing::uses_outbox;
use crate::thread::send_gate::{Saying, SendGate};
use std::sync::Arc;

/// Bytes of one sign: families with skin tones are long.
const MAX_BYTES: usize = 64;

/// Reacts, or takes it back.
#[derive(Debug, Clone)]
pub struct React {
    pub user: User,
    /// To which message.
    pub message_id: MessageId,
    /// The sign; none: it is taken back.
    pub emoji: Option<String>,
    /// Only if the reaction still is this one: what the platform refused goes back.
    pub instead_of: Option<Option<String>>,
}

/// What became of it, and what the platform is to be told.
#[derive(Debug, Clone)]
pub struct Reacted {
    /// What was asked.
    pub asked: React,
    /// The message with it.
    pub message: Arc<Message>,
    pub conversation_id: ConversationId,
    /// The message's platform id; none: nobody is to be told.
    pub target: Option<String>,
    /// The reaction now.
    pub emoji: Option<String>,
    /// The reaction before.
    pub before: Option<String>,
}

impl Command for React {
    type Answer = Reacted;

    fn subject(&self) -> Subject {
        Subject::of(("message", self.message_id))
    }

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<Reacted, LedgerError> {
        self.check()?;
        let missing = || Refusal::not_found("message");
        let mut row =
            messages::find(tx.conn, self.user.workspace_id, self.message_id).await?.ok_or_else(missing)?;
        let state =
            access::conversation(tx.conn, &self.user, row.conversation_id).await.map_err(|_| missing())?;
        self.user.require(access::writing(&state, false))?;
        if row.body.deleted_at.is_some() {
            return Err(Refusal::conflict("deleted", "This message was deleted.").into());
        }
        let channel = match state.channel_id {
            Some(id) => channels::find(tx.conn, id).await?.filter(|channel| uses_outbox(channel.kind)),
            None => None,
        };
        if channel.is_some() && self.emoji.is_some() && self.instead_of.is_none() {
            // Whoever is blocked gets no sign either.
            let gate = SendGate::of(tx, &state).await?;
            gate.pass(tx, Saying::free(Speaker::Person)).await?;
        }
        if channel.is_some() && row.body.platform_message_id.is_none() {
            return Err(Refusal::conflict("not_sent", "The customer does not have this message yet.").into());
        }
        let actor = if channel.is_some() { "owner".to_owned() } else { self.user.author() };
        let before = messages::reaction_of(tx.conn, row.id, &actor).await?;
        let is_overtaken = self.instead_of.as_ref().is_some_and(|expected| *expected != before);
        let signs: Vec<_> = self.emoji.clone().into_iter().collect();
        let name = Some(self.user.full_name.as_str());
        let is_new = !is_overtaken && messages::react(tx.conn, row.id, &actor, name, &signs, tx.now).await?;
        let message = if is_new {
            row.body.has_reactions = true;
            entries::rewrite(tx, &mut row).await?
        } else {
            Arc::new(messages::view(tx.conn, row.clone()).await?)
        };
        let target = row.body.platform_message_id.clone().filter(|_| is_new && channel.is_some());
        Ok(Reacted {
            asked: self.clone(),
            message,
            conversation_id: row.conversation_id,
            target,
            emoji: self.emoji.clone(),
            before,
        })
    }
}

impl React {
    fn check(&self) -> Result<(), Refusal> {
        let is_sign = |text: &String| {
            let is_letter = |sign: char| sign.is_alphabetic() || sign.is_whitespace() || sign.is_control();
            !text.is_empty() && text.len() <= MAX_BYTES && !text.chars().any(is_letter)
        };
        match &self.emoji {
            Some(text) if !is_sign(text) => {
                Err(Refusal::invalid("bad_emoji", "emoji must be a single emoji, or null."))
            }
            _ => Ok(()),
        }
    }
}
