//! What a visitor of the web chat causes: the same door, the same identity rules, no platform in
//! between. Never a message of somebody else's conversation.

use super::download::new_media;
use super::event::Source;
use super::identify;
use crate::domain::inbound::{CustomerIdentity, IdentityKind, PROVED_VISITOR as KNOWN, Profile, Thread};
use crate::domain::{
    ChannelId, ConversationId, Event, MediaId, Message, MessageEffect, MessageId, MessageStatus, MessageType,
    Origin, Reason, Refusal, RefusalKind, SenderType, Timestamp, text,
};
use crate::flows;
use crate::ledger::{Arrival, Command, LedgerError, Needs, Subject, Tx};
use crate::media::Stored;
use crate::session::visitor::ENDED;
use crate::store::conversations::customers::{self, Holder, NewIdentity};
use crate::store::conversations::visitors;
use crate::store::messages::media::{self, MediaRow};
use crate::store::messages::{self, MessageBody, NewAttachment, UpTo, transcripts};
use crate::store::{Conn, StoreError};
use crate::thread::entries::{self, NewMessage, blank};
use crate::thread::outgoing::kind_of;
use crate::thread::{look_up, receipts};
use sha2::{Digest, Sha256};
use std::sync::Arc;

/// What is more is a mistake, or abuse.
const MAX_VISITOR_TEXT_BYTES: usize = 16_384;
const LONGEST_CLIENT_ID: usize = 200;
/// Files of one message.
const MOST_FILES: usize = 10;
/// Uploads of one visitor that wait to be sent.
const MOST_UNSENT: i64 = 20;

/// A visitor writes.
#[derive(Debug, Clone)]
pub struct VisitorSays {
    /// In which web chat.
    pub source: Source,
    pub visitor: String,
    /// When they said hello.
    pub since: Timestamp,
    /// What they are called.
    pub name: Option<String>,
    /// What the client calls it.
    pub client_id: String,
    /// The words.
    pub content: Option<String>,
    /// What it answers.
    pub reply_to: Option<MessageId>,
    /// Their uploads that go with it.
    pub attachment_ids: Vec<i64>,
}

impl VisitorSays {
    fn check(&self) -> Result<Option<&str>, Refusal> {
        if self.client_id.is_empty() || self.client_id.len() > LONGEST_CLIENT_ID {
            return Err(Refusal::invalid("bad_client_id", "client_id must be 1 to 200 bytes."));
        }
        if self.client_id.chars().any(char::is_control) {
            return Err(Refusal::invalid("bad_client_id", "client_id must not hold control characters."));
        }
        let words = self.content.as_deref().map(str::trim).filter(|words| !words.is_empty());
        if words.is_none() && self.attachment_ids.is_empty() {
            return Err(Refusal::invalid("empty_message", "Write something first."));
        }
        if self.attachment_ids.len() > MOST_FILES {
            let message = format!("A message can have at most {MOST_FILES} files.");
            return Err(Refusal::invalid("too_many_files", message));
        }
        if words.is_some_and(|words| words.len() > MAX_VISITOR_TEXT_BYTES) {
            return Err(Refusal::invalid("too_long", "This message is too long: send it in parts."));
        }
        Ok(words)
    }
}

impl VisitorSays {
    /// What was said: the same client id must mean the same message.
    fn fingerprint(&self, words: Option<&str>) -> Vec<u8> {
        let mut hash = Sha256::new();
        hash.update(words.unwrap_or_default());
        for id in &self.attachment_ids {
            hash.update(id.to_be_bytes());
        }
        hash.finalize().to_vec()
    }

    /// The visitor's own uploads, as files of the message.
    async fn files(&self, tx: &mut Tx<'_>) -> Result<Vec<NewAttachment>, LedgerError> {
        let by = uploader(&self.source, &self.visitor);
        let mut files = Vec::with_capacity(self.attachment_ids.len());
        for id in &self.attachment_ids {
            let row = media::find(tx.conn, self.source.workspace_id, MediaId(*id))
                .await?
                .filter(|row| row.uploaded_by == by)
                .ok_or_else(|| Refusal::invalid("bad_attachment", "Upload the file first."))?;
            files.push(row.attached(self.source.workspace_id, tx.now));
        }
        Ok(files)
    }
}

/// The chat may have been switched off or deleted since its socket opened.
async fn require_open(tx: &mut Tx<'_>, source: &Source) -> Result<(), LedgerError> {
    match look_up::channel(tx, source.channel_id).await? {
        Some(channel) if channel.receives() => Ok(()),
        _ => Err(closed().into()),
    }
}

/// This chat takes nothing any more.
pub fn closed() -> Refusal {
    Refusal::new(RefusalKind::NotFound, "chat_closed", "This chat is closed.")
}

/// Whether a visitor has chosen as many files as they may before they send them.
pub async fn has_enough_files(conn: &mut Conn, source: &Source, visitor: &str) -> Result<bool, StoreError> {
    let by = uploader(source, visitor);
    Ok(media::count_unused_by(conn, source.workspace_id, &by).await? >= MOST_UNSENT)
}

/// What stands in the row of a visitor's upload.
fn uploader(source: &Source, visitor: &str) -> String {
    format!("visitor:{}:{visitor}", source.channel_id)
}

/// Notes a file that a visitor uploaded.
#[derive(Debug, Clone)]
pub struct VisitorKeeps {
    /// In which web chat.
    pub source: Source,
    pub visitor: String,
    /// Where it lies and what it is.
    pub stored: Stored,
    /// What they call it.
    pub file_name: Option<String>,
}

impl Command for VisitorKeeps {
    type Answer = MediaId;

    fn subject(&self) -> Subject {
        Subject::of((self.source.channel_id, &self.visitor))
    }

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<MediaId, LedgerError> {
        let by = uploader(&self.source, &self.visitor);
        let workspace = self.source.workspace_id;
        require_open(tx, &self.source).await?;
        if has_enough_files(tx.conn, &self.source, &self.visitor).await? {
            return Err(enough_files().into());
        }
        let new = new_media(workspace, &self.stored, self.file_name.clone(), by, tx.now);
        Ok(media::insert(tx.conn, &new).await?)
    }
}

/// They must send some of them first.
pub fn enough_files() -> Refusal {
    let message = "Send the files you chose before you choose more.";
    Refusal::new(RefusalKind::TooMany, "too_many_files", message)
}

/// A stored file, if this visitor may see it: their own upload, or a file of their conversation.
pub async fn visible_file(
    conn: &mut Conn,
    source: &Source,
    visitor: &str,
    id: MediaId,
) -> Result<Option<MediaRow>, StoreError> {
    let Some(row) = media::find(conn, source.workspace_id, id).await? else { return Ok(None) };
    if row.uploaded_by == uploader(source, visitor) {
        return Ok(Some(row));
    }
    let holders = customers::holders(conn, source.channel_id, &[visitor]).await?;
    let Some(holder) = holders.into_iter().next() else { return Ok(None) };
    let (customer, from) = (holder.customer.id, holder.merged_from);
    let own = customers::conversation_of_name(conn, source.channel_id, customer, from).await?.ok();
    let shown_in = media::conversations_shown_to_customer(conn, id).await?;
    Ok(own.filter(|own| shown_in.contains(&own.id)).map(|_| row))
}

/// A visitor who proved who they are keeps the conversation that they began as nobody.
#[derive(Debug, Clone)]
pub struct VisitorIsKnown {
    /// In which web chat.
    pub source: Source,
    /// What they were known by until now.
    pub visitor: String,
    /// What they are known by from now on.
    pub known_as: String,
}

impl Command for VisitorIsKnown {
    type Answer = ();

    fn subject(&self) -> Subject {
        Subject::of((self.source.channel_id, &self.known_as))
    }

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<(), LedgerError> {
        let channel = self.source.channel_id;
        let names = [self.visitor.as_str(), self.known_as.as_str()];
        let holders = customers::holders(tx.conn, channel, &names).await?;
        let is_known = holders.iter().any(|holder| holder.external_id == self.known_as);
        let nobody = holders.into_iter().find(|holder| holder.external_id == self.visitor);
        if let Some(nobody) = nobody.filter(|_| !is_known) {
            self.move_to_known(tx, nobody).await?;
        }
        // In any case: whoever else came by this token is nobody from now on.
        Ok(visitors::end(tx.conn, channel, &self.visitor, tx.now).await?)
    }
}

impl VisitorIsKnown {
    async fn move_to_known(&self, tx: &mut Tx<'_>, nobody: Holder) -> Result<(), LedgerError> {
        let (channel, id, from) = (self.source.channel_id, nobody.customer.id, nobody.merged_from);
        // Who proved to be somebody else before stays that somebody.
        let before = customers::addresses(tx.conn, id, channel, from).await?;
        if before.iter().any(|(_, name)| name.starts_with(KNOWN)) {
            return Ok(());
        }
        let new = NewIdentity {
            workspace: self.source.workspace_id,
            channel,
            customer: id,
            kind: IdentityKind::Visitor.as_str(),
            external_id: &self.known_as,
            merged_from: from,
        };
        customers::add_identity(tx.conn, new, tx.now).await?;
        customers::give_up_name(tx.conn, id, channel, &self.visitor).await?;
        let (before, after) = (uploader(&self.source, &self.visitor), uploader(&self.source, &self.known_as));
        media::rename_uploader(tx.conn, self.source.workspace_id, &before, &after).await?;
        if let Ok(state) = customers::conversation_of_name(tx.conn, channel, id, from).await? {
            tx.tell(Event::VisitorsEnded(vec![state.id], tx.now));
        }
        Ok(())
    }
}

/// Whether a name that somebody came with at `since` has ended: a proved one is proved again, another is
/// over.
pub async fn has_ended(
    conn: &mut Conn,
    channel: ChannelId,
    visitor: &str,
    since: Timestamp,
) -> Result<bool, StoreError> {
    let ended = visitors::ended_at(conn, channel, visitor).await?;
    Ok(ended.is_some_and(|at| !visitor.starts_with(KNOWN) || at >= since))
}

/// A visitor's thread.
pub fn thread(visitor: &str) -> Thread {
    Thread::of(CustomerIdentity::new(IdentityKind::Visitor, visitor))
}

/// What a blocked visitor writes is kept, and calls nobody.
fn effect(is_blocked: bool, is_first: bool) -> MessageEffect {
    MessageEffect {
        is_counted: !is_blocked,
        is_shown: !is_blocked || is_first,
        is_answer: false,
        reopens: !is_blocked,
        window_expires_at: None,
    }
}

impl Command for VisitorSays {
    /// The message, and whether it was there.
    type Answer = (Arc<Message>, bool);

    fn subject(&self) -> Subject {
        Subject::of((self.source.channel_id, &self.visitor))
    }

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<Self::Answer, LedgerError> {
        let words = self.check()?;
        require_open(tx, &self.source).await?;
        if has_ended(tx.conn, self.source.channel_id, &self.visitor, self.since).await? {
            let message = "Send a hello frame again: your token has expired.";
            return Err(Refusal::new(RefusalKind::Conflict, ENDED, message).into());
        }
        let profile = Profile { name: self.name.clone(), ..Profile::default() };
        let (customer, state) =
            identify::resolve(tx, &self.source, &thread(&self.visitor), identify::Heard::of(&profile))
                .await?;
        let author = format!("customer:{}", customer.id);
        let fingerprint = self.fingerprint(words);
        if let Some(row) = look_up::by_client_id(tx, state.id, &author, &self.client_id).await? {
            if row.body.fingerprint.as_deref() != Some(&fingerprint[..]) {
                return Err(Refusal::conflict(
                    "client_id_taken",
                    "Another message already has this client_id.",
                )
                .into());
            }
            return Ok((Arc::new(messages::view(tx.conn, row).await?), true));
        }
        let quoted = match self.reply_to {
            Some(id) => messages::find(tx.conn, self.source.workspace_id, id)
                .await?
                .filter(|row| row.conversation_id == state.id && !row.body.is_private),
            None => None,
        };
        let files = self.files(tx).await?;
        let message_type = files.first().map_or(MessageType::Text, |file| kind_of(file).message_type());
        let body = MessageBody {
            channel_id: Some(self.source.channel_id),
            sender_type: SenderType::Customer,
            sender_customer_id: Some(customer.id),
            author,
            origin: Origin::Widget,
            reply_to_id: quoted.map(|row| row.id),
            client_id: Some(self.client_id.clone()),
            fingerprint: Some(fingerprint),
            status: MessageStatus::Received,
            ..blank(message_type, words.map(text::clean))
        };
        let new = NewMessage {
            workspace_id: self.source.workspace_id,
            conversation_id: state.id,
            effect: effect(customer.is_blocked, state.version == 0),
            reason: if customer.is_blocked { Reason::Status } else { Reason::NewCustomerMessage },
            body,
            attachments: files,
        };
        let added = entries::add(tx, new).await?;
        if added.row.body.has_attachments {
            transcripts::note(tx.conn, added.row.id, tx.now).await?;
        }
        if !customer.is_blocked {
            flows::on_customer_message(tx, &added).await?;
        }
        Ok((added.message, false))
    }

    fn needs(&self) -> Option<Needs> {
        // Files and quotes are read from rows that may not be written yet.
        let is_by_itself = self.attachment_ids.is_empty() && self.reply_to.is_none();
        let arrival = is_by_itself.then(|| Arrival {
            workspace_id: self.source.workspace_id,
            channel_id: self.source.channel_id,
            names: vec![self.visitor.clone()],
            platform_message_id: None,
            parked: &[],
            client_id: Some(self.client_id.clone()),
        });
        arrival.map(|arrival| Needs { arrival: Some(arrival), ..Needs::default() })
    }
}

/// A visitor has read what our side wrote, up to a place.
#[derive(Debug, Clone)]
pub struct VisitorRead {
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
        receipts::raise_up_to(tx, self.conversation_id, UpTo::Seq(self.seq), MessageStatus::Read).await?;
        Ok(())
    }
}
