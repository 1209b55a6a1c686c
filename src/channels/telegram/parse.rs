//! One Telegram update as events. Never reads the content of a message (that is `content`).
//! Source: docs/platforms.md 5.3; the owner of a business chat is who writes with another id than the
//! chat's.

use super::content;
use crate::channels::lenient::{self, Lenient, id_of};
use crate::channels::meta::envelope;
use crate::domain::inbound::{
    Author, CustomerIdentity, Deletion, Edit, IdentityKind, InboundEvent, InboundKind, InboundMessage,
    Participant, Profile, Reaction, Thread,
};
use crate::domain::{MessageType, Origin};
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};

/// What the body says: one update a body; a list of them (`getUpdates`) is taken too.
pub fn parse(account: &str, whole: &RawValue) -> Vec<InboundEvent> {
    let updates = lenient::elements(whole).unwrap_or_else(|| vec![whole]);
    updates.into_iter().filter_map(|raw| read_update(account, raw)).collect()
}

fn read_update(account: &str, raw: &RawValue) -> Option<InboundEvent> {
    let Ok(update) = lenient::value(raw) else {
        return Some(envelope::unreadable(account, raw.get(), "not valid JSON"));
    };
    // `{}` and `null` are pings, not updates.
    let members = update.as_object().filter(|members| !members.is_empty())?;
    let update_id = update.id("update_id");
    let (key, part) = members
        .iter()
        .find(|(key, value)| *key != "update_id" && value.is_object())
        .or_else(|| members.iter().find(|(key, _)| *key != "update_id"))?;
    let kind = if part.is_object() {
        read_part(key, part, update_id).unwrap_or_else(|error| InboundKind::Unreadable { error })
    } else {
        InboundKind::Unreadable { error: "the update is not an object".to_owned() }
    };
    let mut event = envelope::event(account, raw.get(), kind);
    event.occurred_at = part.moment("edit_date").or_else(|| part.moment("date"));
    Some(event)
}

fn read_part(key: &str, part: &Value, update_id: Option<String>) -> Result<InboundKind, String> {
    match key {
        "message" | "business_message" => message(part),
        "edited_message" | "edited_business_message" => edit(part),
        "callback_query" => callback(part),
        "message_reaction" => reaction(part),
        "my_chat_member" => reachability(part, update_id),
        "deleted_business_messages" => deletion(part),
        "business_connection" => Ok(InboundKind::BusinessConnection {
            id: part.id("id").ok_or("a connection without an id")?,
            owner_id: part
                .at("user")
                .and_then(|user| user.id("id"))
                .ok_or("a connection without an owner")?,
            enabled: part.flag("is_enabled"),
            event_id: update_id,
        }),
        other => Ok(InboundKind::Ignored {
            reason: format!(
                "update `{}`",
                other.chars().filter(char::is_ascii_graphic).take(40).collect::<String>()
            ),
        }),
    }
}

/// Where a message stands: its chat, and the names made from it.
struct Place {
    chat_id: String,
    connection: Option<String>,
    thread: Thread,
    is_group: bool,
}

impl Place {
    fn of(part: &Value) -> Result<Self, String> {
        let chat = part.at("chat").ok_or("an update without a chat")?;
        let chat_id = chat.id("id").ok_or("a chat without an id")?;
        let connection = part.id("business_connection_id");
        let is_group = chat_id.starts_with('-');
        let identity = match &connection {
            Some(connection) => CustomerIdentity::telegram_business(connection, &chat_id),
            None if is_group => CustomerIdentity::new(IdentityKind::TelegramGroup, &chat_id),
            None => CustomerIdentity::new(IdentityKind::TelegramUser, &chat_id),
        };
        let thread = Thread { identities: vec![identity], business_connection: connection.clone() };
        Ok(Self { chat_id, connection, thread, is_group })
    }

    /// `chat:message`, with the connection before it where there is one.
    fn key(&self, message_id: &str) -> String {
        super::send::message_key(self.connection.as_deref(), &self.chat_id, message_id)
    }

    /// In an owner's personal chat the customer's id is the chat's: who else writes is the owner.
    fn author(&self, part: &Value) -> Author {
        let from = part.at("from").and_then(|from| from.id("id"));
        match (&self.connection, from) {
            (Some(_), Some(from)) if from != self.chat_id => Author::Owner,
            _ => Author::Customer,
        }
    }

    fn reply_to(&self, part: &Value) -> Option<String> {
        let answered = part.at("reply_to_message").or_else(|| part.at("external_reply"))?;
        let id = answered.id("message_id").filter(|id| id != "0")?;
        let elsewhere =
            answered.at("chat").and_then(|chat| chat.id("id")).filter(|chat| *chat != self.chat_id);
        elsewhere.is_none().then(|| self.key(&id))
    }
}

fn message(part: &Value) -> Result<InboundKind, String> {
    let place = Place::of(part)?;
    let message_id = part.id("message_id").ok_or("a message without an id")?;
    if message_id == "0" {
        return Ok(InboundKind::Ignored { reason: "a message not yet sent".to_owned() });
    }
    if part.at("from").is_some_and(|from| from.flag("is_bot"))
        && place.connection.is_none()
        && !place.is_group
    {
        return Ok(InboundKind::Ignored { reason: "written by a bot".to_owned() });
    }
    if let Some(new) = part.id("migrate_to_chat_id") {
        return Ok(migration(&place, &message_id, &place.chat_id, &new));
    }
    if let Some(old) = part.id("migrate_from_chat_id") {
        return Ok(migration(&place, &message_id, &old, &place.chat_id));
    }
    let author = place.author(part);
    let content = content::read(part);
    let chat = part.at("chat").unwrap_or(part);
    Ok(InboundKind::Message(Box::new(InboundMessage {
        author,
        origin: if author == Author::Owner { Origin::Phone } else { Origin::Platform },
        may_be_ours: part.at("sender_business_bot").is_some(),
        platform_message_id: place.key(&message_id),
        profile: profile_in(&place, author, chat, part),
        sender: sender(&place, part),
        message_type: content.message_type,
        text: content.text,
        attachments: content.attachments,
        reply_to: place.reply_to(part),
        details: content.details,
        our_token: None,
        app_id: None,
        album: part.id("media_group_id"),
        history: None,
        callback_id: None,
        thread: place.thread,
    })))
}

/// A group that became a supergroup keeps its conversation under its new number.
fn migration(place: &Place, message_id: &str, old: &str, new: &str) -> InboundKind {
    let group = |id: &str| vec![CustomerIdentity::new(IdentityKind::TelegramGroup, id)];
    InboundKind::IdentityChange(Box::new(crate::domain::inbound::IdentityChange {
        platform_message_id: place.key(message_id),
        old: group(old),
        new: group(new),
        notice: None,
    }))
}

/// What the update says of the customer: the chat's names, and in a customer's own message their language.
fn profile_in(place: &Place, author: Author, chat: &Value, part: &Value) -> Profile {
    if place.is_group {
        return Profile { name: chat.text("title"), username: chat.text("username"), ..Profile::default() };
    }
    let speaks = part.at("from").filter(|_| author == Author::Customer);
    let Profile { name, username, .. } = profile(chat);
    let spoken = speaks.map(profile).unwrap_or_default();
    Profile {
        name: spoken.name.or(name),
        username: spoken.username.or(username),
        locale: spoken.locale,
        avatar_url: None,
    }
}

/// A user's names.
fn profile(user: &Value) -> Profile {
    let names: Vec<_> = [user.text("first_name"), user.text("last_name")].into_iter().flatten().collect();
    Profile {
        name: Some(names.join(" ")).filter(|name| !name.is_empty()),
        username: user.text("username"),
        avatar_url: None,
        locale: user.text("language_code"),
    }
}

/// Who of a group wrote: a member, an anonymous admin in the group's name, a channel.
fn sender(place: &Place, part: &Value) -> Option<Participant> {
    if !place.is_group {
        return None;
    }
    if let Some(chat) = part.at("sender_chat") {
        let name = chat.text("title").or_else(|| profile(chat).name);
        let identity = CustomerIdentity::new(IdentityKind::TelegramGroup, chat.id("id")?);
        return Some(Participant { identity, profile: Profile { name, ..Profile::default() } });
    }
    part.at("from").and_then(participant)
}

fn participant(user: &Value) -> Option<Participant> {
    Some(Participant {
        identity: CustomerIdentity::new(IdentityKind::TelegramUser, user.id("id")?),
        profile: profile(user),
    })
}

/// The whole new state of a message; may come without any visible change. What holds nothing that
/// we can show changes nothing.
fn edit(part: &Value) -> Result<InboundKind, String> {
    let place = Place::of(part)?;
    let message_id = part.id("message_id").ok_or("an edit without a target")?;
    let content = content::read(part);
    let is_shown = content.message_type != MessageType::Unsupported;
    // A chat keeps its order: if the message was not here by now, it never comes. An owner's may be ours,
    // on its way to be known.
    let alone = match message(part)? {
        InboundKind::Message(message) if !message.may_be_ours => Some(message),
        InboundKind::Ignored { reason } => return Ok(InboundKind::Ignored { reason }),
        _ => None,
    };
    Ok(InboundKind::Edit(Box::new(Edit {
        target: place.key(&message_id),
        event_id: None,
        order: part.int("edit_date").or_else(|| part.int("date")).unwrap_or_default(),
        author: place.author(part),
        message_type: is_shown.then_some(content.message_type),
        has_no_words: is_shown && content.text.is_none(),
        text: content.text,
        attachments: is_shown.then_some(content.attachments),
        details: if is_shown { content.details } else { Map::new() },
        thread: place.thread,
        is_whole: alone.is_some(),
        alone,
        written_at: part.moment("date"),
    })))
}

/// A press of a button under a message of ours: a row, named by the query.
fn callback(part: &Value) -> Result<InboundKind, String> {
    let id = part.id("id").ok_or("a button press without an id")?;
    let from = part.at("from").and_then(participant).ok_or("a button press without a sender")?;
    let under = part.at("message");
    let place = match under.map(Place::of) {
        Some(place) => place?,
        None => Place {
            chat_id: from.identity.external_id.clone(),
            connection: None,
            thread: Thread::of(from.identity.clone()),
            is_group: false,
        },
    };
    let data = part.text("data").or_else(|| part.text("game_short_name"));
    let title = under.and_then(|message| button_title(message, data.as_deref()?));
    let mut details = Map::new();
    details.insert("interactive".to_owned(), json!({ "kind": "callback", "title": title, "payload": data }));
    if let Some(topic) = under.and_then(content::topic) {
        details.insert("topic".to_owned(), topic.into());
    }
    let profile = if place.is_group {
        profile_in(
            &place,
            Author::Customer,
            under.and_then(|message| message.at("chat")).unwrap_or(part),
            part,
        )
    } else {
        from.profile.clone()
    };
    Ok(InboundKind::Message(Box::new(InboundMessage {
        author: Author::Customer,
        origin: Origin::Platform,
        may_be_ours: false,
        platform_message_id: format!("callback:{id}"),
        profile,
        sender: place.is_group.then_some(from),
        message_type: MessageType::Interactive,
        text: title.or(data),
        attachments: Vec::new(),
        reply_to: under.and_then(|message| message.id("message_id")).map(|id| place.key(&id)),
        details,
        our_token: None,
        app_id: None,
        album: None,
        history: None,
        callback_id: Some(id),
        thread: place.thread,
    })))
}

/// What stood on the button that carries this data.
fn button_title(message: &Value, data: &str) -> Option<String> {
    let rows = message.at("reply_markup")?.list("inline_keyboard");
    let buttons = rows.iter().filter_map(Value::as_array).flatten();
    buttons.into_iter().find(|button| button.text("callback_data").as_deref() == Some(data))?.text("text")
}

/// The full set of a person's reactions on a message.
fn reaction(part: &Value) -> Result<InboundKind, String> {
    let place = Place::of(part)?;
    let message_id = part.id("message_id").ok_or("a reaction without a target")?;
    let actor = part.at("user").or_else(|| part.at("actor_chat")).and_then(participant);
    let emojis =
        part.list("new_reaction").iter().filter_map(|reaction| match reaction.text("type").as_deref() {
            Some("custom_emoji") => Some("\u{1f48e}".to_owned()),
            Some("paid") => Some("\u{2b50}".to_owned()),
            _ => reaction.text("emoji"),
        });
    Ok(InboundKind::Reaction(Box::new(Reaction {
        target: place.key(&message_id),
        event_id: None,
        author: Author::Customer,
        actor,
        emojis: emojis.collect(),
        thread: place.thread,
    })))
}

/// In a private chat `kicked` is "blocked us"; in a group the bot was thrown out or left.
fn reachability(part: &Value, event_id: Option<String>) -> Result<InboundKind, String> {
    let place = Place::of(part)?;
    let status = part
        .at("new_chat_member")
        .and_then(|member| member.text("status"))
        .ok_or("a membership without a status")?;
    let reachable = !matches!(status.as_str(), "kicked" | "left");
    Ok(InboundKind::Reachability { thread: place.thread, reachable, event_id })
}

fn deletion(part: &Value) -> Result<InboundKind, String> {
    let place = Place::of(part)?;
    let targets: Vec<_> =
        part.list("message_ids").iter().filter_map(id_of).map(|id| place.key(&id)).collect();
    if targets.is_empty() {
        return Err("a deletion without targets".to_owned());
    }
    Ok(InboundKind::Deletion(Box::new(Deletion {
        targets,
        event_id: None,
        author: Author::Customer,
        thread: place.thread,
    })))
}
