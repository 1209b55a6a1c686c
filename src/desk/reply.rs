//! An agent writes: one message for each client id, and what goes to the customer with it in
//! one transaction. Never a call to a platform.
//! Over 400 lines: one command, its words, its files, its template, its moment.

use super::enclosed::Enclosed;
use super::{access, files, mention, signature};
use crate::channels::kind::Ability;
use crate::channels::{registry, text_limits};
use crate::domain::send_gate::{Misfit, Repeated, SendReason, Speaker, Verdict};
use crate::domain::template::TemplateMessage;
use crate::domain::text::MAX_TEXT_BYTES;
use crate::domain::{
    Channel, ChannelKind, ConversationId, ConversationKind, ConversationState, Message, MessageEffect,
    MessageId, MessageType, Origin, Refusal, Role, SenderType, Timestamp, User, text,
};
use crate::flows;
use crate::ledger::{Command, LedgerError, Needs, Subject, Tx};
use crate::store::accounts::channels;
use crate::store::conversations::list;
use crate::store::messages::{self, MessageBody, MessageRow, NewAttachment};
use crate::store::{Conn, StoreError};
use crate::thread::assign_on_reply::{is_free, take};
use crate::thread::entries::{Added, blank};
use crate::thread::look_up;
use crate::thread::outgoing::{self, Answer, kind_of, uses_outbox};
use crate::thread::send_gate::{self, Saying, SendGate};
use crate::thread::templates::{self, Prepared};
use sha2::{Digest, Sha256};
use std::sync::Arc;
use std::time::Duration;

const LONGEST_CLIENT_ID: usize = 200;
/// How far ahead a message may be sent.
const LATEST: Duration = Duration::from_hours(24 * 366);

const NO_NOTES_HERE: &str = "Direct messages are already private. Send a message, not a note.";

/// Whether such a message is the server's own notice, or what a platform tells: nobody writes one.
fn is_told_by_others(kind: MessageType) -> bool {
    use MessageType::{Postback, StoryMention, StoryReply, System, Unsupported};
    matches!(kind, System | Unsupported | Postback | StoryMention | StoryReply)
}

/// Whether words may be written at all, whoever takes them.
pub(super) fn check_length(content: Option<&str>) -> Result<(), Refusal> {
    if content.is_some_and(|text| text.len() > MAX_TEXT_BYTES) {
        return Err(Refusal::invalid(
            "too_long",
            format!("A message can be at most {MAX_TEXT_BYTES} bytes."),
        ));
    }
    Ok(())
}

/// What an author is told whose text the platform would not take.
pub(super) fn too_long(too_long: text_limits::TooLong) -> Refusal {
    Refusal::invalid("too_long", outgoing::advice(&too_long))
}

/// Writes a message into a conversation.
#[derive(Debug, Clone)]
pub struct Reply {
    /// Who writes.
    pub user: User,
    /// Where it was written.
    pub origin: Origin,
    /// Into which conversation.
    pub conversation_id: ConversationId,
    /// What its client calls it.
    pub client_id: Option<String>,
    /// Its words.
    pub content: Option<String>,
    /// Its files, uploaded before.
    pub attachment_ids: Vec<i64>,
    /// What it is; text if nobody says.
    pub message_type: Option<MessageType>,
    /// What it answers.
    pub reply_to: Option<MessageId>,
    /// A note among colleagues: never sent, never shown to the customer.
    pub is_private: bool,
    /// The approved message that it is; its words are then only for our own eyes.
    pub template: Option<TemplateMessage>,
    /// When it is to be sent; none, or a moment that is over: at once.
    pub send_at: Option<Timestamp>,
    /// A place or a card in place of words.
    pub enclosed: Option<Enclosed>,
}

/// What became of it.
#[derive(Debug, Clone)]
pub struct Replied {
    /// The message.
    pub message: Arc<Message>,
    /// It was written before under the same client id.
    pub is_duplicate: bool,
}

impl Command for Reply {
    type Answer = Replied;

    fn subject(&self) -> Subject {
        Subject::Conversation(self.conversation_id)
    }

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<Replied, LedgerError> {
        self.check()?;
        let state = access::to_write_in(tx, &self.user, self.conversation_id).await?;
        self.user.require(access::writing(&state, self.is_private))?;
        if let Some(row) = self.written_before(tx).await? {
            let message = Arc::new(messages::view(tx.conn, row).await?);
            return Ok(Replied { message, is_duplicate: true });
        }
        let added = self.write(tx, &state).await?;
        Ok(Replied { message: added.message, is_duplicate: false })
    }

    fn needs(&self) -> Option<Needs> {
        // Files and quotes are read from rows that may not be written yet.
        // So are our copies of templates.
        let is_by_itself =
            self.attachment_ids.is_empty() && self.reply_to.is_none() && self.template.is_none();
        is_by_itself.then(|| Needs {
            conversation: Some(self.conversation_id),
            client_key: self.client_id.clone().map(|id| (self.conversation_id, self.user.author(), id)),
            user: Some(self.user.id),
            arrival: None,
        })
    }
}

impl Reply {
    /// Whether it holds no words, no file and no template.
    fn is_empty(&self) -> bool {
        self.content.as_deref().is_none_or(|text| text.trim().is_empty())
            && self.attachment_ids.is_empty()
            && self.template.is_none()
    }

    fn check(&self) -> Result<(), Refusal> {
        let is_empty = self.is_empty();
        if let Some(enclosed) = &self.enclosed {
            enclosed.check()?;
            let is_said = self.message_type.is_none_or(|said| said == enclosed.message_type());
            if !is_empty || !is_said {
                return Err(Refusal::invalid(
                    "bad_details",
                    "A place or a card goes by itself: without words, files or a template, under its own \
                        type.",
                ));
            }
        } else if is_empty {
            return Err(Refusal::invalid("empty_message", "A message needs text or a file."));
        }
        check_length(self.content.as_deref())?;
        if let Some(template) = &self.template {
            template.check()?;
        }
        if self.message_type.is_some_and(is_told_by_others) {
            return Err(Refusal::invalid(
                "bad_message_type",
                "Only the server and the platforms write messages of this type.",
            ));
        }
        match self.client_id.as_deref() {
            Some("") => Err(Refusal::invalid("bad_client_id", "client_id must not be empty.")),
            Some(id) if id.len() > LONGEST_CLIENT_ID => Err(Refusal::invalid(
                "bad_client_id",
                format!("client_id can be at most {LONGEST_CLIENT_ID} bytes."),
            )),
            Some(id) if id.chars().any(char::is_control) => {
                Err(Refusal::invalid("bad_client_id", "client_id must not hold control characters."))
            }
            _ => Ok(()),
        }
    }

    /// What was asked for: the same client id must mean the same message.
    fn fingerprint(&self) -> Vec<u8> {
        let mut hash = Sha256::new();
        hash.update(self.content.as_deref().unwrap_or_default());
        hash.update([0]);
        for id in &self.attachment_ids {
            hash.update(id.to_be_bytes());
        }
        hash.update([0]);
        hash.update(self.reply_to.map_or(0, |id| id.0).to_be_bytes());
        if self.is_private {
            hash.update([1]);
        }
        if let Some(template) = &self.template {
            hash.update(serde_json::to_vec(template).unwrap_or_default());
        }
        if let Some(at) = self.send_at {
            hash.update(at.0.to_be_bytes());
        }
        if let Some(enclosed) = &self.enclosed {
            hash.update(serde_json::to_vec(enclosed).unwrap_or_default());
        }
        hash.finalize().to_vec()
    }

    async fn written_before(&self, tx: &mut Tx<'_>) -> Result<Option<MessageRow>, LedgerError> {
        let Some(client_id) = &self.client_id else { return Ok(None) };
        let found = look_up::by_client_id(tx, self.conversation_id, &self.user.author(), client_id).await?;
        match found {
            Some(row) if row.body.fingerprint.as_deref() != Some(&self.fingerprint()[..]) => {
                Err(Refusal::conflict(
                    "client_id_taken",
                    "Another message already has this client_id. Use a new one for each message.",
                )
                .into())
            }
            found => Ok(found),
        }
    }

    async fn write(&self, tx: &mut Tx<'_>, state: &ConversationState) -> Result<Added, LedgerError> {
        let is_direct = state.kind == ConversationKind::Direct;
        if is_direct && self.is_private {
            return Err(Refusal::invalid("no_notes_here", NO_NOTES_HERE).into());
        }
        let takes = !self.is_private && is_free(state, self.origin);
        if takes || is_direct {
            tx.alone()?;
        }
        let gate = SendGate::of(tx, state).await?;
        let goes_out = !self.is_private && gate.channel().is_some_and(|channel| uses_outbox(channel.kind));
        let mut files = files::attachments(tx.conn, &self.user, &self.file_ids(), tx.now).await?;
        if self.message_type == Some(MessageType::Voice) {
            outgoing::as_voice_notes(&mut files);
        }
        let signed = self.signed(tx, state, gate.channel()).await?;
        let words = signed.as_deref().or(self.content.as_deref());
        let misfit = self.misfit(gate.channel().map(|channel| channel.kind), words, &files);
        let pass = gate.pass(tx, self.saying(misfit)).await?;
        let prepared = self.prepared(tx, pass.channel()).await?;
        let mut body = self.body(tx, state, goes_out, &files).await?;
        body.content = signed.or(body.content);
        if let Some(prepared) = prepared {
            body.content = body.content.or(Some(prepared.words));
            body.details = Some(prepared.details);
        }
        if self.is_private {
            body.mentions = mention::called(tx, &self.user, body.content.as_deref(), state).await?;
            if body.mentions.is_some() {
                tx.alone()?;
            }
        }
        let effect = MessageEffect {
            is_counted: is_direct,
            is_answer: !is_direct && !self.is_private,
            ..MessageEffect::ANSWER
        };
        let added = outgoing::answer(tx, &pass, Answer { effect, body, files }).await?;
        if self.is_private {
            mention::note(tx, &added).await?;
        }
        if is_direct {
            own_words_are_read(tx, &added, &self.user).await?;
        } else if !self.is_private {
            flows::taken_over(tx, state.id).await?;
        }
        if takes {
            take(tx, state, &self.user, self.origin).await?;
        }
        Ok(added)
    }

    /// What it is to the gate.
    fn saying(&self, misfit: Option<Misfit>) -> Saying {
        let template = self.template.as_ref();
        Saying {
            is_note: self.is_private,
            template: template.map(|template| (template.name.clone(), template.language.clone())),
            misfit,
            ..Saying::free(Speaker::Person)
        }
    }

    /// What the gate would answer now, without writing anything: of words that nobody wrote yet, whether any
    /// may go.
    pub async fn verdict(
        &self,
        conn: &mut Conn,
        state: &ConversationState,
        now: Timestamp,
    ) -> Result<Verdict, LedgerError> {
        if !self.is_empty() || self.enclosed.is_some() {
            self.check()?;
        }
        let channel = match state.channel_id {
            Some(id) => channels::find(conn, id).await?,
            None => None,
        };
        let files = files::attachments(conn, &self.user, &self.attachment_ids, now).await?;
        let kind = channel.map(|channel| channel.kind);
        let mut misfit = self.misfit(kind, self.content.as_deref(), &files);
        if state.kind == ConversationKind::Direct && self.is_private {
            misfit = Some(Misfit { reason: SendReason::NotOnThisChannel, words: NO_NOTES_HERE.into() });
        }
        let moment = (now, self.send_at.map_or(now, |at| at.max(now)));
        let repeated = self.repeated(conn).await?;
        Ok(send_gate::look(conn, state, self.saying(misfit), moment, repeated).await?)
    }

    /// Whether its `client_id` was seen before.
    async fn repeated(&self, conn: &mut Conn) -> Result<Repeated, StoreError> {
        let Some(client_id) = &self.client_id else { return Ok(Repeated::No) };
        let author = self.user.author();
        let found = messages::by_client_id(conn, self.conversation_id, &author, client_id).await?;
        Ok(match found {
            Some(row) if row.body.fingerprint.as_deref() == Some(&self.fingerprint()[..]) => Repeated::Same,
            Some(_) => Repeated::Other,
            None => Repeated::No,
        })
    }

    /// The approved message that it is, as it fits our copy of it.
    async fn prepared(
        &self,
        tx: &mut Tx<'_>,
        channel: Option<&Channel>,
    ) -> Result<Option<Prepared>, LedgerError> {
        let (Some(message), Some(channel)) = (&self.template, channel) else { return Ok(None) };
        let author = (self.user.id, self.user.role == Role::Admin);
        Ok(Some(templates::prepare(tx, channel, message, Some(author)).await?))
    }

    /// Its own files, or those that its template shows.
    fn file_ids(&self) -> Vec<i64> {
        let Some(template) = &self.template else { return self.attachment_ids.clone() };
        let mut ids: Vec<i64> = template.files().iter().map(|id| id.0).collect();
        ids.dedup();
        ids
    }

    /// Its words as the customer gets them, where the channel has something to stand above a person's.
    async fn signed(
        &self,
        tx: &mut Tx<'_>,
        state: &ConversationState,
        channel: Option<&Channel>,
    ) -> Result<Option<String>, LedgerError> {
        let is_spoken = self.origin == Origin::App && !self.is_private && self.template.is_none();
        let words = self.content.as_deref().filter(|words| is_spoken && !words.trim().is_empty());
        let Some((channel, words)) = channel.zip(words) else { return Ok(None) };
        signature::sign(tx, (channel, state), &self.user, words).await
    }

    /// What the channel would not take of it: too long a text is refused, never cut.
    fn misfit(
        &self,
        kind: Option<ChannelKind>,
        words: Option<&str>,
        files: &[NewAttachment],
    ) -> Option<Misfit> {
        if self.template.is_some() {
            // The files that it shows are part of it.
            let is_alone = self.attachment_ids.is_empty()
                && !self.is_private
                && kind.is_some_and(|kind| registry::kind(kind).can(Ability::Template));
            let words = "A template goes by itself, without other files, on a channel that has templates.";
            return (!is_alone).then(|| Misfit { reason: SendReason::BadTemplate, words: words.into() });
        }
        let kind = kind.filter(|_| !self.is_private)?;
        if let Some(enclosed) = &self.enclosed {
            let refusal = enclosed.check_fits(kind).err()?;
            return Some(Misfit { reason: SendReason::NotOnThisChannel, words: refusal.message });
        }
        outgoing::misfit(kind, words, files)
    }

    /// When it leaves, if not at once: at its author's moment, or after the time to think again that
    /// the workspace gives.
    async fn moment(
        &self,
        tx: &mut Tx<'_>,
        state: &ConversationState,
        goes_out: bool,
    ) -> Result<Option<Timestamp>, LedgerError> {
        let refusal = |why| LedgerError::from(Refusal::invalid("bad_send_at", why));
        match self.send_at.filter(|at| *at > tx.now) {
            Some(_) if !goes_out => Err(refusal("Only messages to a platform can be scheduled.")),
            Some(at) if at > tx.now.plus(LATEST) => Err(refusal("send_at is more than a year ahead.")),
            Some(at) => Ok(Some(at)),
            None if goes_out => look_up::moment(tx, state.workspace_id).await,
            None => Ok(None),
        }
    }

    /// A message with files is what its first file is, unless its client knows better.
    fn type_with(&self, files: &[NewAttachment]) -> MessageType {
        if let Some(enclosed) = &self.enclosed {
            return enclosed.message_type();
        }
        let of_file = files.first().map(|file| kind_of(file).message_type());
        match self.message_type {
            Some(MessageType::Text) | None => of_file.unwrap_or(MessageType::Text),
            Some(known) => known,
        }
    }

    fn words(&self) -> Option<String> {
        self.content.as_deref().map(text::clean)
    }

    async fn body(
        &self,
        tx: &mut Tx<'_>,
        state: &ConversationState,
        goes_out: bool,
        files: &[NewAttachment],
    ) -> Result<MessageBody, LedgerError> {
        let quoted = match self.reply_to {
            Some(id) => Some(
                messages::find(tx.conn, state.workspace_id, id)
                    .await?
                    .filter(|row| row.conversation_id == state.id)
                    // The quote of a note would carry its words to the customer.
                    .filter(|row| self.is_private || !row.body.is_private)
                    .ok_or_else(|| {
                        Refusal::invalid("bad_reply_to", "reply_to is not a message of this conversation.")
                    })?,
            ),
            None => None,
        };
        Ok(MessageBody {
            reply_to_platform_id: quoted.and_then(|row| row.body.platform_message_id),
            send_at: self.moment(tx, state, goes_out).await?,
            ..self.said(files)
        })
    }

    /// What it holds beside words and files; a template's is prepared.
    fn details(&self) -> Option<String> {
        self.enclosed.as_ref().and_then(|enclosed| serde_json::to_string(enclosed).ok())
    }

    /// What is known of the message by itself.
    fn said(&self, files: &[NewAttachment]) -> MessageBody {
        MessageBody {
            sender_type: SenderType::Support,
            sender_user_id: Some(self.user.id),
            author: self.user.author(),
            origin: self.origin,
            is_private: self.is_private,
            reply_to_id: self.reply_to,
            client_id: self.client_id.clone(),
            fingerprint: self.client_id.is_some().then(|| self.fingerprint()),
            details: self.details(),
            ..blank(self.type_with(files), self.words())
        }
    }
}

/// Everybody but the author has something new to read.
async fn own_words_are_read(tx: &mut Tx<'_>, added: &Added, user: &User) -> Result<(), LedgerError> {
    let (mut mark, is_member) =
        list::mark(tx.conn, added.state.id, user.id).await?.ok_or(StoreError::NotFound)?;
    mark.own_count += 1;
    list::set_mark(tx.conn, added.state.id, user.id, mark, is_member).await?;
    Ok(())
}
