//! What a visitor of the web chat causes: the same door, the same identity rules, no platform in
//! between. Never a message of somebody else's conversation.

use super::people;
use super::receive::Source;
use crate::chat::entries::{self, NewMessage, blank};
use crate::chat::settle;
use crate::chat::{Command, LedgerError, Subject, Tx};
use crate::domain::inbound::{CustomerIdentity, IdentityKind, Profile, Thread};
use crate::domain::{
    ConversationId, Message, MessageId, MessageStatus, MessageType, Origin, Reason, Refusal, SenderType, text,
};
use crate::store::conversations::Growth;
use crate::store::messages::{self, MessageBody, UpTo};
use sha2::{Digest, Sha256};
use std::sync::Arc;

/// What is more is a mistake, or abuse.
const LONGEST: usize = 16_384;
const LONGEST_CLIENT_ID: usize = 200;

/// A visitor writes.
#[derive(Debug, Clone)]
pub struct VisitorSays {
    /// In which web chat.
    pub source: Source,
    /// Who.
    pub visitor: String,
    /// What they are called.
    pub name: Option<String>,
    /// What the client calls it.
    pub client_id: String,
    /// The words.
    pub content: Option<String>,
    /// What it answers.
    pub reply_to: Option<MessageId>,
}

impl VisitorSays {
    fn check(&self) -> Result<&str, Refusal> {
        if self.client_id.is_empty() || self.client_id.len() > LONGEST_CLIENT_ID {
            return Err(Refusal::invalid("bad_client_id", "client_id holds 1 to 200 bytes."));
        }
        let words = self.content.as_deref().map(str::trim).filter(|words| !words.is_empty());
        let words = words.ok_or_else(|| Refusal::invalid("empty_message", "Write something first."))?;
        if words.len() > LONGEST {
            return Err(Refusal::invalid("too_long", "This message is too long: send it in parts."));
        }
        Ok(words)
    }
}

/// A visitor's thread.
pub fn thread(visitor: &str) -> Thread {
    Thread::of(CustomerIdentity::new(IdentityKind::Visitor, visitor))
}

impl Command for VisitorSays {
    /// The message, and whether it was there.
    type Answer = (Arc<Message>, bool);

    fn subject(&self) -> Subject {
        Subject::of((self.source.channel_id, &self.visitor))
    }

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<Self::Answer, LedgerError> {
        let words = self.check()?;
        let profile = Profile { name: self.name.as_deref().map(text::clean), ..Profile::default() };
        let (customer, state) =
            people::resolve(tx, &self.source, &thread(&self.visitor), people::Heard::of(&profile)).await?;
        let author = format!("customer:{customer}");
        let fingerprint = Sha256::digest(words).to_vec();
        if let Some(row) = messages::by_client_id(tx.conn, state.id, &author, &self.client_id).await? {
            if row.body.fingerprint.as_deref() != Some(&fingerprint[..]) {
                return Err(Refusal::conflict(
                    "client_id_taken",
                    "Another message was written under this client_id.",
                )
                .into());
            }
            return Ok((Arc::new(messages::view(tx.conn, row).await?), true));
        }
        let quoted = match self.reply_to {
            Some(id) => messages::find(tx.conn, self.source.workspace_id, id)
                .await?
                .filter(|row| row.conversation_id == state.id),
            None => None,
        };
        let body = MessageBody {
            channel_id: Some(self.source.channel_id),
            sender_type: SenderType::Customer,
            sender_customer_id: Some(customer),
            author,
            origin: Origin::Widget,
            reply_to_id: quoted.map(|row| row.id),
            client_id: Some(self.client_id.clone()),
            fingerprint: Some(fingerprint),
            status: MessageStatus::Received,
            ..blank(MessageType::Text, Some(text::clean(words)))
        };
        let growth = Growth {
            is_counted: true,
            is_shown: true,
            is_answer: false,
            reopens: true,
            window_expires_at: None,
        };
        let new = NewMessage {
            workspace_id: self.source.workspace_id,
            conversation_id: state.id,
            growth,
            reason: Reason::NewCustomerMessage,
            body,
            attachments: Vec::new(),
        };
        Ok((entries::add(tx, new).await?.message, false))
    }
}

/// A visitor has read what our side wrote, up to a place.
#[derive(Debug, Clone)]
pub struct VisitorRead {
    /// Where.
    pub conversation_id: ConversationId,
    /// The place.
    pub seq: i64,
}

impl Command for VisitorRead {
    type Answer = ();

    fn subject(&self) -> Subject {
        Subject::Conversation(self.conversation_id)
    }

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<(), LedgerError> {
        settle::raise_up_to(tx, self.conversation_id, UpTo::Seq(self.seq), MessageStatus::Read).await?;
        Ok(())
    }
}
