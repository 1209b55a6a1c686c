//! What a message-shaped element says: a message, or what it changes in one. A change that does not say what
//! it changes, or how, is a message that cannot be shown.

use super::content::{self, Content};
use super::customers::{Beside, Keys};
use crate::channels::lenient::Lenient;
use crate::domain::Origin;
use crate::domain::inbound::{
    Author, Deletion, Edit, InboundKind, InboundMessage, Participant, Profile, Reaction, Thread,
};
use serde_json::Value;

/// Who wrote what has this id, and where.
pub(super) struct Wrote {
    id: String,
    author: Author,
    thread: Thread,
    profile: Profile,
    sender: Option<Participant>,
}

impl Wrote {
    /// `person` names the customer's ids in the element.
    pub(super) fn of(value: &Value, beside: &Beside, author: Author, person: &Keys) -> Result<Self, String> {
        let id = value.id("id").ok_or("a message without an id")?;
        let (thread, profile, sender) = beside.thread(value, person);
        if thread.identities.is_empty() {
            return Err("a message without a sender".to_owned());
        }
        Ok(Self { id, author, thread, profile, sender })
    }

    pub(super) fn message(self, content: Content) -> InboundMessage {
        InboundMessage {
            author: self.author,
            origin: if self.author == Author::Owner { Origin::Phone } else { Origin::Platform },
            may_be_ours: false,
            platform_message_id: self.id,
            thread: self.thread,
            profile: self.profile,
            sender: self.sender,
            message_type: content.message_type,
            text: content.text,
            attachments: content.attachments,
            reply_to: content.reply_to,
            details: content.details,
            our_token: None,
            app_id: None,
            album: None,
            history: None,
            callback_id: None,
        }
    }
}

/// A message or what a message-shaped element changes. A change that does not say what it changes,
/// or how, is a message that cannot be shown.
pub(super) fn message_kind(
    value: &Value,
    beside: &Beside,
    author: Author,
    person: &Keys,
) -> Result<InboundKind, String> {
    let wrote = Wrote::of(value, beside, author, person)?;
    let kind = value.text("type").unwrap_or_default();
    let part = value.at(&kind).filter(|part| part.is_object());
    let change = part.and_then(|part| match kind.as_str() {
        "reaction" => reaction(part, &wrote),
        "edit" => edit(part, value, &wrote),
        "revoke" => revocation(part, &wrote),
        _ => None,
    });
    if let Some(change) = change {
        return Ok(change);
    }
    let mut content = content::read(value);
    let target = part.and_then(|part| part.id("original_message_id").or_else(|| part.id("message_id")));
    content.reply_to = content.reply_to.or(target);
    Ok(InboundKind::Message(Box::new(wrote.message(content))))
}

fn reaction(part: &Value, wrote: &Wrote) -> Option<InboundKind> {
    Some(InboundKind::Reaction(Box::new(Reaction {
        target: part.id("message_id")?,
        event_id: Some(wrote.id.clone()),
        author: wrote.author,
        actor: wrote.sender.clone().or_else(|| content::actor(wrote.author, &wrote.thread, &wrote.profile)),
        emojis: part.text("emoji").into_iter().collect(),
        thread: wrote.thread.clone(),
    })))
}

fn edit(part: &Value, value: &Value, wrote: &Wrote) -> Option<InboundKind> {
    let target = part.id("original_message_id")?;
    let now = part.at("message")?;
    let content = content::known(now)?;
    let alone = Wrote {
        id: target.clone(),
        author: wrote.author,
        thread: wrote.thread.clone(),
        profile: wrote.profile.clone(),
        sender: wrote.sender.clone(),
    };
    let alone = alone.message(content::read(now));
    Some(InboundKind::Edit(Box::new(Edit {
        target,
        event_id: Some(wrote.id.clone()),
        order: value.moment("timestamp").map_or(0, |at| at.0),
        author: wrote.author,
        thread: wrote.thread.clone(),
        message_type: Some(content.message_type),
        has_no_words: false,
        text: content.text,
        attachments: (!content.attachments.is_empty()).then_some(content.attachments),
        details: alone.details.clone(),
        alone: Some(Box::new(alone)),
        is_whole: false,
        written_at: None,
    })))
}

fn revocation(part: &Value, wrote: &Wrote) -> Option<InboundKind> {
    Some(InboundKind::Deletion(Box::new(Deletion {
        targets: vec![part.id("original_message_id")?],
        event_id: Some(wrote.id.clone()),
        author: wrote.author,
        thread: wrote.thread.clone(),
    })))
}
