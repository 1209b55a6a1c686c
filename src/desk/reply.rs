//! An agent writes: one message for each client id, and what goes to the customer with it in
//! one transaction. Never a call to a platform.
//! Over 400 lines: one command, its words, its files, its template, its moment.

use super::enclosed::Enclosed;
use super::{access, files, mention, signature};
use crate::channels::kind::Ability;
use crate::channels::{limits, registry};
use crate::domain::text::MAX_TEXT_BYTES;
use crate::domain::{
    Channel, ChannelKind, ConversationId, ConversationKind, ConversationState, Message, MessageId,
    MessageType, Origin, Refusal, SenderType, Timestamp, User, text,
};
use crate::flows;
use crate::ledger::{Command, LedgerError, Needs, Subject, Tx};
use crate::store::StoreError;
use crate::store::conversations::{AppendEffect, joins, list};
use crate::store::messages::{self, MessageBody, MessageRow, NewAttachment};
use crate::thread::assign_on_reply::{is_free, take};
use crate::thread::entries::{Added, blank};
use crate::thread::look_up;
use crate::thread::outgoing::{self, Answer, kind_of, uses_outbox};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::sync::Arc;
use std::time::Duration;
use utoipa::ToSchema;

const LONGEST_CLIENT_ID: usize = 200;
/// How far ahead a message may be sent.
const LATEST: Duration = Duration::from_hours(24 * 366);

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
pub(super) fn too_long(limits::TooLong { kind, length, limit, unit }: limits::TooLong) -> Refusal {
    Refusal::invalid(
        "too_long",
        format!("This text is {length} {unit} long; {kind} accepts {limit}. Send it in parts."),
    )
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
    /// The approved message that it is (WhatsApp); its words are then only for our own eyes.
    pub template: Option<UsedTemplate>,
    /// When it is to be sent; none, or a moment that is over: at once.
    pub send_at: Option<Timestamp>,
    /// A place or a card in place of words.
    pub enclosed: Option<Enclosed>,
}

/// An approved message, filled in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UsedTemplate {
    /// Its name.
    pub name: String,
    /// Its language code.
    pub language: String,
    /// What goes between the braces of its body, in order.
    #[serde(default)]
    pub parameters: Vec<String>,
}

impl UsedTemplate {
    /// What to show where nobody said its words.
    fn words(&self) -> String {
        let mut words = vec![self.name.clone()];
        words.extend(self.parameters.iter().cloned());
        words.join(" · ")
    }
}

/// What became of it.
#[derive(Debug, Clone)]
pub struct Replied {
    /// The message.
    pub message: Arc<Message>,
    /// It was written before under the same client id.
    pub is_duplicate: bool,
}

/// Nothing is written where a conversation goes on elsewhere.
fn refuse_merged(state: &ConversationState) -> Result<(), Refusal> {
    let Some(into) = joins::merged_into(&state.thread) else { return Ok(()) };
    let message = format!("This conversation was merged into conversation {into}. Reply there.");
    Err(Refusal::conflict("conversation_merged", message))
}

/// The channel of a conversation with a customer.
async fn channel_of(tx: &mut Tx<'_>, state: &ConversationState) -> Result<Option<Channel>, LedgerError> {
    let Some(id) = state.channel_id else { return Ok(None) };
    let gone = || {
        let message = "The channel of this conversation was disconnected. Reconnect it to reply.";
        Refusal::conflict("channel_gone", message)
    };
    Ok(Some(look_up::channel(tx, id).await?.ok_or_else(gone)?))
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
        let is_by_itself = self.attachment_ids.is_empty() && self.reply_to.is_none();
        is_by_itself.then(|| Needs {
            conversation: Some(self.conversation_id),
            client_key: self.client_id.clone().map(|id| (self.conversation_id, self.user.author(), id)),
            user: Some(self.user.id),
            arrival: None,
        })
    }
}

impl Reply {
    fn check(&self) -> Result<(), Refusal> {
        let is_empty = self.content.as_deref().is_none_or(|text| text.trim().is_empty())
            && self.attachment_ids.is_empty()
            && self.template.is_none();
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
        refuse_merged(state)?;
        let is_direct = state.kind == ConversationKind::Direct;
        if is_direct && self.is_private {
            return Err(Refusal::invalid(
                "no_notes_here",
                "Direct messages are already private. Send a message, not a note.",
            )
            .into());
        }
        let takes = !self.is_private && is_free(state, self.origin);
        if takes || is_direct {
            tx.alone()?;
        }
        let channel = channel_of(tx, state).await?;
        let goes_out = !self.is_private && channel.as_ref().is_some_and(|channel| uses_outbox(channel.kind));
        let mut files = files::attachments(tx.conn, &self.user, &self.attachment_ids, tx.now).await?;
        if self.message_type == Some(MessageType::Voice) {
            outgoing::as_voice_notes(&mut files);
        }
        let signed = self.signed(tx, state, channel.as_ref()).await?;
        let words = signed.as_deref().or(self.content.as_deref());
        self.check_fits(channel.as_ref().map(|channel| channel.kind), words, &files)?;
        let mut body = self.body(tx, state, goes_out, &files).await?;
        body.content = signed.or(body.content);
        if self.is_private {
            body.mentions = mention::called(tx, &self.user, body.content.as_deref(), state).await?;
            if body.mentions.is_some() {
                tx.alone()?;
            }
        }
        let effect = AppendEffect {
            is_counted: is_direct,
            is_answer: !is_direct && !self.is_private,
            ..AppendEffect::ANSWER
        };
        let channel = channel.as_ref().filter(|_| !self.is_private);
        let added = outgoing::answer(tx, Answer { state, channel, effect, body, files }).await?;
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

    /// Whether the platform takes it: too long a text is refused here, never cut.
    fn check_fits(
        &self,
        kind: Option<ChannelKind>,
        words: Option<&str>,
        files: &[NewAttachment],
    ) -> Result<(), Refusal> {
        if self.template.is_some() {
            let is_alone =
                files.is_empty() && kind.is_some_and(|kind| registry::kind(kind).can(Ability::Template));
            return if is_alone {
                Ok(())
            } else {
                Err(Refusal::invalid(
                    "bad_template",
                    "A template cannot have files, and needs a channel that has templates.",
                ))
            };
        }
        let Some(kind) = kind else { return Ok(()) };
        if let Some(enclosed) = self.enclosed.as_ref().filter(|_| !self.is_private) {
            return enclosed.check_fits(kind);
        }
        outgoing::check_fits(kind, words, files).map_err(too_long)
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
        let said = self.content.as_deref().map(text::clean);
        said.or_else(|| self.template.as_ref().map(UsedTemplate::words))
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

    /// What it holds beside words and files.
    fn details(&self) -> Option<String> {
        match (&self.template, &self.enclosed) {
            (Some(template), _) => Some(serde_json::json!({ "template": template }).to_string()),
            (None, Some(enclosed)) => serde_json::to_string(enclosed).ok(),
            (None, None) => None,
        }
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
