//! What goes out with a message: its parts, put into the outbox in the transaction of the message, whoever
//! writes it (an agent, a flow, a model). Never a call to a platform.

use super::entries::{self, Added, NewMessage};
use super::send_gate::Pass;
use crate::channels::registry;
use crate::channels::text_limits::TooLong;
use crate::domain::inbound::AttachmentKind;
use crate::domain::outbound::{MediaSource, OutboundMedia, Part};
use crate::domain::send_gate::{Misfit, SendReason};
use crate::domain::template::TemplateMessage;
use crate::domain::{
    Channel, ChannelKind, DeliveryStatus, Event, MessageEffect, MessageStatus, Reason, Timestamp,
};
use crate::ledger::command::{LedgerError, Tx};
use crate::store::delivery::outbox::NewDelivery;
use crate::store::messages::{MessageBody, MessageRow, NewAttachment};

/// Whether messages of such a channel go out by the outbox: the web chat's are simply there.
pub fn uses_outbox(kind: ChannelKind) -> bool {
    registry::kind(kind).uses_outbox()
}

/// What a file is shown as.
pub fn kind_of(file: &NewAttachment) -> AttachmentKind {
    file.kind.parse().unwrap_or(AttachmentKind::Document)
}

/// Something that our side says in a conversation.
#[derive(Debug)]
pub struct Answer {
    /// What it does to the conversation.
    pub effect: MessageEffect,
    /// Itself; channel, status, place and version are given here.
    pub body: MessageBody,
    /// Its files; message and place are given here.
    pub files: Vec<NewAttachment>,
}

/// Writes an answer that the send gate let pass: queued where it goes out by the outbox, else it is sent with
/// being here.
pub async fn answer(tx: &mut Tx<'_>, pass: &Pass<'_>, answer: Answer) -> Result<Added, LedgerError> {
    let Answer { effect, body, files } = answer;
    let state = pass.state();
    let channel = pass.channel().filter(|channel| uses_outbox(channel.kind));
    let body = MessageBody {
        channel_id: state.channel_id,
        status: if channel.is_some() { MessageStatus::Queued } else { MessageStatus::Sent },
        ..body
    };
    let new = NewMessage {
        workspace_id: state.workspace_id,
        conversation_id: state.id,
        effect,
        reason: Reason::MessageSent,
        body,
        attachments: files.clone(),
    };
    let added = entries::add(tx, new).await?;
    if let Some(channel) = channel {
        enqueue(tx, &added, channel, &files).await?;
    }
    Ok(added)
}

/// Queues the message for the customer, part by part: in the same transaction, so that neither is
/// without the other.
async fn enqueue(
    tx: &mut Tx<'_>,
    added: &Added,
    channel: &Channel,
    files: &[NewAttachment],
) -> Result<(), LedgerError> {
    let deliveries = deliveries(&added.row, channel, files, tx.now);
    tx.unit.enqueue(deliveries);
    tx.settle().await?;
    tx.tell(Event::OutboxReady);
    Ok(())
}

/// The parts of a message, as they are queued.
fn deliveries(
    row: &MessageRow,
    channel: &Channel,
    files: &[NewAttachment],
    now: Timestamp,
) -> Vec<NewDelivery> {
    let send_at = row.body.send_at;
    let kinds = files.iter().map(|file| file.kind.as_str());
    let mut parts = part_numbers(channel.kind, row.body.content.as_deref(), kinds);
    // A place or a card has neither words nor a file; an approved message has both in one.
    if parts.is_empty() || is_template(row.body.details.as_deref()) {
        parts = vec![0];
    }
    let delivery = |part| NewDelivery {
        workspace_id: row.workspace_id,
        channel_id: channel.id,
        conversation_id: row.conversation_id,
        message_id: row.id,
        part,
        status: DeliveryStatus::Queued,
        attempts: 0,
        due_at: send_at.unwrap_or(now),
        created_at: now,
        updated_at: now,
        send_at,
    };
    parts.into_iter().map(delivery).collect()
}

/// Whether a message is an approved one.
pub fn is_template(details: Option<&str>) -> bool {
    details.is_some_and(|details| TemplateMessage::in_details(details).is_some())
}

/// Whether the channel takes it: too long a text is refused, never cut.
pub fn check_fits(kind: ChannelKind, content: Option<&str>, files: &[NewAttachment]) -> Result<(), TooLong> {
    check_words(kind, content, files.iter().map(|file| file.kind.as_str()))
}

/// The same, of a message whose files are of these kinds: an edit has the limits of a send.
pub fn check_words<'f>(
    kind: ChannelKind,
    content: Option<&str>,
    files: impl Iterator<Item = &'f str>,
) -> Result<(), TooLong> {
    if !uses_outbox(kind) {
        return Ok(());
    }
    // Only words that go by themselves: what does not fit under a file goes before it.
    parts_of(kind, content, files).iter().try_for_each(|part| match part {
        Part::Text(text) => registry::kind(kind).check_text(text),
        _ => Ok(()),
    })
}

/// What the channel would not take of these words and files, for the gate.
pub fn misfit(kind: ChannelKind, content: Option<&str>, files: &[NewAttachment]) -> Option<Misfit> {
    let too_long = check_fits(kind, content, files).err()?;
    Some(Misfit { reason: SendReason::TooLong, words: advice(&too_long) })
}

/// What an author is told whose text the platform would not take.
pub fn advice(TooLong { kind, length, limit, unit }: &TooLong) -> String {
    format!("This text is {length} {unit} long; {kind} accepts {limit}. Send it in parts.")
}

/// The author recorded them: sound goes out to be listened to, not as a file.
pub fn as_voice_notes(files: &mut [NewAttachment]) {
    for file in files.iter_mut().filter(|file| kind_of(file) == AttachmentKind::Audio) {
        AttachmentKind::Voice.as_str().clone_into(&mut file.kind);
    }
}

fn parts_of<'f>(
    channel: ChannelKind,
    content: Option<&str>,
    kinds: impl Iterator<Item = &'f str>,
) -> Vec<Part> {
    let files = kinds.map(|kind| OutboundMedia {
        kind: kind.parse().unwrap_or(AttachmentKind::Document),
        source: MediaSource::Url(String::new()),
        mime_type: String::new(),
        file_name: None,
        caption: None,
        size_in_pixels: None,
    });
    registry::kind(channel).parts(content, files.collect())
}

/// Which parts a message with files of these kinds is sent in: 0 the words, where they go by
/// themselves; from 1 on the files.
pub fn part_numbers<'f>(
    channel: ChannelKind,
    content: Option<&str>,
    kinds: impl Iterator<Item = &'f str>,
) -> Vec<i64> {
    let mut next = 0;
    parts_of(channel, content, kinds)
        .iter()
        .map(|part| {
            if matches!(part, Part::Media(_)) {
                next += 1;
                next
            } else {
                0
            }
        })
        .collect()
}
