//! Colleagues write to one another: one conversation for each set of them, on the same rooms,
//! versions and unread counts. Never seen by anybody else.

use super::reply::{Replied, Reply};
use crate::chat::{Command, LedgerError, Subject, Tx};
use crate::domain::{
    ConversationId, ConversationKind, ConversationState, Origin, ReadMark, Refusal, User, UserId,
};
use crate::store::conversations::{self, NewConversation};
use crate::store::{StoreError, inbox, users};

/// Writes to a colleague.
#[derive(Debug, Clone)]
pub struct WriteDirect {
    /// Who writes.
    pub user: User,
    /// To whom.
    pub to: Colleague,
    /// Where it was written.
    pub origin: Origin,
    /// What its client calls it.
    pub client_id: Option<String>,
    /// Its words.
    pub content: String,
}

/// How a colleague is named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Colleague {
    /// By id.
    Id(UserId),
    /// By what they sign in with.
    Username(String),
}

/// What became of it.
#[derive(Debug, Clone)]
pub struct WrittenDirect {
    /// Where.
    pub state: ConversationState,
    /// What.
    pub replied: Replied,
    /// Whether the conversation began with it.
    pub is_new_conversation: bool,
}

impl Command for WriteDirect {
    type Answer = WrittenDirect;

    fn subject(&self) -> Subject {
        Subject::of(("direct", self.user.workspace_id))
    }

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<WrittenDirect, LedgerError> {
        let other = self.colleague(tx).await?;
        let (id, is_new) = find_or_start(tx, &self.user, &[other.id]).await?;
        let reply = Reply {
            user: self.user.clone(),
            origin: self.origin,
            conversation_id: id,
            client_id: self.client_id.clone(),
            content: Some(self.content.clone()),
            attachment_ids: Vec::new(),
            message_type: None,
            reply_to: None,
        };
        let replied = reply.apply(tx).await?;
        let state =
            conversations::find(tx.conn, self.user.workspace_id, id).await?.ok_or(StoreError::NotFound)?;
        Ok(WrittenDirect { state, replied, is_new_conversation: is_new })
    }
}

impl WriteDirect {
    async fn colleague(&self, tx: &mut Tx<'_>) -> Result<User, LedgerError> {
        let found = match &self.to {
            Colleague::Id(id) => users::find(tx.conn, self.user.workspace_id, *id).await?,
            Colleague::Username(username) => users::by_username(tx.conn, username).await?,
        };
        let other = found
            .filter(|account| {
                account.deactivated_at.is_none() && account.user.workspace_id == self.user.workspace_id
            })
            .ok_or_else(|| Refusal::not_found("colleague"))?
            .user;
        if other.id == self.user.id {
            return Err(Refusal::invalid("to_oneself", "Choose a colleague: this is you.").into());
        }
        Ok(other)
    }
}

/// The conversation of a user with colleagues; begun if there is none.
pub async fn find_or_start(
    tx: &mut Tx<'_>,
    user: &User,
    others: &[UserId],
) -> Result<(ConversationId, bool), LedgerError> {
    let mut members: Vec<UserId> = others.iter().copied().chain([user.id]).collect();
    members.sort_unstable();
    members.dedup();
    let key = members.iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
    if let Some(id) = conversations::direct(tx.conn, user.workspace_id, &key).await? {
        return Ok((id, false));
    }
    let new = NewConversation {
        workspace: user.workspace_id,
        kind: ConversationKind::Direct,
        channel: None,
        customer: None,
        thread: "",
    };
    let state = conversations::insert(tx.conn, new, tx.now).await?.ok_or(StoreError::NotFound)?;
    if !conversations::bind_direct(tx.conn, user.workspace_id, &key, state.id).await? {
        return Err(StoreError::Collided("a direct conversation was begun twice at once".into()).into());
    }
    for member in members {
        inbox::set_mark(tx.conn, state.id, member, ReadMark::default(), true).await?;
    }
    Ok((state.id, true))
}
