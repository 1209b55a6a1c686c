//! Colleagues write to one another: one conversation for each set of them, on the same rooms,
//! versions and unread counts. Never seen by anybody else.

use super::access;
use super::reply::{Replied, Reply};
use crate::domain::{
    Cause, ConversationId, ConversationKind, ConversationState, Origin, Permission, ReadMark, Refusal, User,
    UserId,
};
use crate::ledger::{Command, LedgerError, Subject, Tx};
use crate::store::StoreError;
use crate::store::accounts::users;
use crate::store::conversations::{self, NewConversation, list};
use crate::thread::timeline;

/// Colleagues of one conversation at most, oneself included.
const MEMBERS: usize = 20;

/// Writes to colleagues.
#[derive(Debug, Clone)]
pub struct WriteDirect {
    /// Who writes.
    pub user: User,
    /// To whom; several: a conversation of them all.
    pub to: Vec<Colleague>,
    /// The customer's conversation they talk about: then it is a conversation of its own.
    pub about: Option<ConversationId>,
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
    pub state: ConversationState,
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
        self.user.require(Permission::DirectWrite)?;
        if let Some(about) = self.about {
            let subject = access::conversation(tx.conn, &self.user, about).await?;
            if subject.kind == ConversationKind::Direct {
                return Err(Refusal::invalid(
                    "bad_subject",
                    "about_conversation_id must be a customer conversation.",
                )
                .into());
            }
        }
        let others = self.colleagues(tx).await?;
        let (id, is_new) = find_or_start(tx, &self.user, &others, self.about).await?;
        let reply = Reply {
            user: self.user.clone(),
            origin: self.origin,
            conversation_id: id,
            client_id: self.client_id.clone(),
            content: Some(self.content.clone()),
            attachment_ids: Vec::new(),
            message_type: None,
            reply_to: None,
            is_private: false,
            template: None,
            send_at: None,
            enclosed: None,
        };
        let replied = reply.apply(tx).await?;
        let state =
            conversations::find(tx.conn, self.user.workspace_id, id).await?.ok_or(StoreError::NotFound)?;
        Ok(WrittenDirect { state, replied, is_new_conversation: is_new })
    }
}

impl WriteDirect {
    async fn colleagues(&self, tx: &mut Tx<'_>) -> Result<Vec<UserId>, LedgerError> {
        if self.to.is_empty() || self.to.len() >= MEMBERS {
            return Err(Refusal::invalid("bad_colleagues", "Choose 1 to 19 colleagues.").into());
        }
        let mut others = Vec::with_capacity(self.to.len());
        for named in &self.to {
            others.push(self.colleague(tx, named).await?.id);
        }
        Ok(others)
    }

    async fn colleague(&self, tx: &mut Tx<'_>, named: &Colleague) -> Result<User, LedgerError> {
        let found = match named {
            Colleague::Id(id) => users::find(tx.conn, self.user.workspace_id, *id).await?,
            Colleague::Username(username) => users::named(tx.conn, self.user.workspace_id, username).await?,
        };
        let other = found
            .filter(|member| member.deactivated_at.is_none())
            .ok_or_else(|| Refusal::not_found("colleague"))?
            .user;
        if other.id == self.user.id {
            return Err(Refusal::invalid("to_oneself", "Choose a colleague other than yourself.").into());
        }
        Ok(other)
    }
}

/// The conversation of a user with colleagues, perhaps about a customer's; begun if there is none.
pub async fn find_or_start(
    tx: &mut Tx<'_>,
    user: &User,
    others: &[UserId],
    about: Option<ConversationId>,
) -> Result<(ConversationId, bool), LedgerError> {
    let mut members: Vec<UserId> = others.iter().copied().chain([user.id]).collect();
    members.sort_unstable();
    members.dedup();
    let mut key = members.iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
    if let Some(about) = about {
        key = format!("{key};{about}");
    }
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
    let begun = timeline::begin(tx, new, &Cause::user(user)).await?;
    let state = begun.ok_or(StoreError::NotFound)?;
    if !conversations::bind_direct(tx.conn, user.workspace_id, &key, state.id).await? {
        return Err(StoreError::Collided("a direct conversation was begun twice at once".into()).into());
    }
    if let Some(about) = about {
        conversations::set_about(tx.conn, state.id, about).await?;
    }
    for member in members {
        list::set_mark(tx.conn, state.id, member, ReadMark::default(), true).await?;
    }
    Ok((state.id, true))
}
