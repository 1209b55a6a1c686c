//! Sending through a Telegram bot: messages, reactions, typing, read marks of business chats.
//! Never decides when to send; never shows an address: it holds the bot's token. Source: docs/platforms.md
//! 5.4.

use super::answer;
use super::kind::KIND;
use crate::channels::call::Call;
use crate::channels::lenient::Lenient;
use crate::channels::meta::errors;
use crate::channels::{ChannelAccess, Platforms, media};
use crate::domain::inbound::{AttachmentKind, CustomerIdentity, IdentityKind, Thread};
use crate::domain::outbound::{MediaSource, Outbound, OutboundMedia, Part, SendOutcome};
use serde_json::{Value, json};

/// What identifies a message on Telegram: `chat:message`, with the connection before it where there is one.
pub fn message_key(connection: Option<&str>, chat: &str, message: &str) -> String {
    match connection {
        Some(connection) => format!("{connection}:{chat}:{message}"),
        None => format!("{chat}:{message}"),
    }
}

/// The message's number in its chat; a button press has none.
fn message_number(key: &str) -> Option<i64> {
    let (before, number) = key.rsplit_once(':')?;
    number.parse().ok().filter(|_| before != "callback")
}

/// Hands one message to Telegram.
pub async fn send(platforms: &Platforms, channel: &ChannelAccess, outbound: &Outbound) -> SendOutcome {
    let Some(chat) = chat(&outbound.thread) else {
        return SendOutcome::refused("no_address", "this customer has no Telegram chat");
    };
    let (method, mut body) = match content(&outbound.part) {
        Ok(content) => content,
        Err(outcome) => return outcome,
    };
    address(&mut body, chat, &outbound.thread);
    add_topic(&mut body, outbound);
    if let Some(number) = outbound.reply_to.as_deref().and_then(message_number) {
        body["reply_parameters"] = json!({ "message_id": number, "allow_sending_without_reply": true });
    }
    let call = match &outbound.part {
        Part::Media(file @ OutboundMedia { source: MediaSource::Bytes(bytes), .. }) => {
            upload(platforms, channel, method, &body, file, bytes).await
        }
        _ => call(platforms, channel, method, &body).await,
    };
    match call.and_then(answer::judge) {
        Ok(result) => accepted(&result, outbound, chat),
        Err(outcome) => outcome,
    }
}

/// One call of a bot's method with a JSON body.
pub async fn call(
    platforms: &Platforms,
    channel: &ChannelAccess,
    method: &str,
    body: &Value,
) -> Result<Call, SendOutcome> {
    let url = method_url(platforms, channel, method)?;
    Ok(platforms.call(channel, platforms.http.post(url).json(body)).await)
}

/// The same, judged.
pub async fn ask(
    platforms: &Platforms,
    channel: &ChannelAccess,
    method: &str,
    body: &Value,
) -> Result<Value, SendOutcome> {
    answer::judge(call(platforms, channel, method, body).await?)
}

/// Where the Bot API is.
pub fn base(platforms: &Platforms) -> &str {
    platforms.base("telegram", "https://api.telegram.org")
}

/// `base/botTOKEN/method`; a token with signs that would change the address is none.
pub fn method_url(
    platforms: &Platforms,
    channel: &ChannelAccess,
    method: &str,
) -> Result<String, SendOutcome> {
    let token = bot_token(channel)?;
    Ok(format!("{}/bot{token}/{method}", base(platforms)))
}

/// The bot's token, if it is one.
pub fn bot_token(channel: &ChannelAccess) -> Result<&str, SendOutcome> {
    let token = channel
        .credentials
        .get("bot_token")
        .ok_or_else(|| errors::broken("no_credentials", "the channel has no bot token"))?;
    let is_plain = |sign: char| sign.is_ascii_alphanumeric() || matches!(sign, ':' | '_' | '-');
    if token.chars().all(is_plain) { Ok(token) } else { Err(errors::malformed()) }
}

/// The chat to write to.
fn chat(thread: &Thread) -> Option<&CustomerIdentity> {
    [IdentityKind::TelegramGroup, IdentityKind::TelegramBusiness, IdentityKind::TelegramUser]
        .iter()
        .find_map(|kind| thread.find(*kind))
}

fn address(body: &mut Value, chat: &CustomerIdentity, thread: &Thread) {
    let id = chat.platform_id();
    body["chat_id"] = id.parse::<i64>().map_or_else(|_| id.into(), Value::from);
    if let Some(connection) = chat.business_connection().or(thread.business_connection.as_deref()) {
        body["business_connection_id"] = connection.into();
    }
}

/// Answers go where the question stood; a reaction finds its message by itself.
fn add_topic(body: &mut Value, outbound: &Outbound) {
    let topic = outbound.topic.as_deref().and_then(|topic| topic.parse::<i64>().ok());
    if let Some(topic) = topic.filter(|_| !matches!(outbound.part, Part::Reaction { .. })) {
        body["message_thread_id"] = topic.into();
    }
}

/// The method and its body without the address.
fn content(part: &Part) -> Result<(&'static str, Value), SendOutcome> {
    Ok(match part {
        Part::Text(text) => ("sendMessage", json!({ "text": text })),
        Part::Media(media) => {
            let (method, member) = method_of(media);
            let mut body = match &media.source {
                MediaSource::Url(at) | MediaSource::Uploaded(at) => json!({ member: at }),
                MediaSource::Bytes(_) => json!({}),
            };
            if let Some(caption) = media.caption.as_deref().filter(|_| member != "sticker") {
                body["caption"] = caption.into();
            }
            (method, body)
        }
        Part::Reaction { target, emoji } => {
            let number = message_number(target)
                .ok_or_else(|| SendOutcome::refused("unsupported", "this message cannot be reacted to"))?;
            let reaction: Vec<_> =
                emoji.iter().map(|emoji| json!({ "type": "emoji", "emoji": emoji })).collect();
            ("setMessageReaction", json!({ "message_id": number, "reaction": reaction }))
        }
        Part::Location { latitude, longitude, name: Some(name), address } => (
            "sendVenue",
            json!({ "latitude": latitude, "longitude": longitude, "title": name, "address": address.as_deref()
                .unwrap_or(name) }),
        ),
        Part::Location { latitude, longitude, .. } => {
            ("sendLocation", json!({ "latitude": latitude, "longitude": longitude }))
        }
        Part::Contact(card) => {
            let Some(phone) = card.phones.first() else {
                return Err(SendOutcome::refused("unsupported", "Telegram takes no card without a number"));
            };
            ("sendContact", json!({ "phone_number": phone, "first_name": card.name }))
        }
        Part::Template(_) => {
            return Err(SendOutcome::refused("unsupported", "templates exist on WhatsApp only"));
        }
    })
}

/// The method a file is sent by, and the member it stands under.
fn method_of(media: &OutboundMedia) -> (&'static str, &'static str) {
    match KIND.goes_as(media) {
        AttachmentKind::Image | AttachmentKind::Share => ("sendPhoto", "photo"),
        AttachmentKind::Video => ("sendVideo", "video"),
        AttachmentKind::Animation => ("sendAnimation", "animation"),
        AttachmentKind::Voice => ("sendVoice", "voice"),
        AttachmentKind::Audio => ("sendAudio", "audio"),
        AttachmentKind::Sticker => ("sendSticker", "sticker"),
        AttachmentKind::Document => ("sendDocument", "document"),
    }
}

/// The same call as a form with the file in it: here the file and the message go together.
async fn upload(
    platforms: &Platforms,
    channel: &ChannelAccess,
    method: &str,
    body: &Value,
    file: &OutboundMedia,
    bytes: &bytes::Bytes,
) -> Result<Call, SendOutcome> {
    let mut form = crate::channels::media::form();
    for (key, value) in body.as_object().into_iter().flatten() {
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        form = form.text(key.clone(), text);
    }
    let name = file.file_name.clone().unwrap_or_else(|| "file".to_owned());
    form = form.part(method_of(file).1, media::form_part(bytes.clone(), name, &file.mime_type)?);
    let url = method_url(platforms, channel, method)?;
    Ok(platforms.call(channel, platforms.http.post(url).multipart(form)).await)
}

/// The message's identity is what the answer says: connection, chat and number.
fn accepted(result: &Value, outbound: &Outbound, chat: &CustomerIdentity) -> SendOutcome {
    if let Part::Reaction { target, .. } = &outbound.part {
        return SendOutcome::Accepted { platform_message_id: target.clone(), learned: Vec::new() };
    }
    let Some(number) = result.id("message_id") else {
        return SendOutcome::unknown("Telegram's response has no message ID");
    };
    let named = result.at("chat").and_then(|chat| chat.id("id"));
    let asked = chat.business_connection().or(outbound.thread.business_connection.as_deref());
    let connection = result.id("business_connection_id").or_else(|| asked.map(str::to_owned));
    let chat_id = named.as_deref().unwrap_or_else(|| chat.platform_id());
    SendOutcome::Accepted {
        platform_message_id: message_key(connection.as_deref(), chat_id, &number),
        learned: Vec::new(),
    }
}

/// Shows for 5 seconds that somebody writes.
pub async fn typing(
    platforms: &Platforms,
    channel: &ChannelAccess,
    thread: &Thread,
) -> Result<(), SendOutcome> {
    let Some(chat) = chat(thread) else { return Ok(()) };
    let mut body = json!({ "action": "typing" });
    address(&mut body, chat, thread);
    answer::judge(call(platforms, channel, "sendChatAction", &body).await?).map(drop)
}

/// Marks a message of a business chat as read; in a bot's own chats there is no such thing.
pub async fn mark_read(
    platforms: &Platforms,
    channel: &ChannelAccess,
    thread: &Thread,
    key: &str,
) -> Result<(), SendOutcome> {
    let Some((chat, number)) = thread.find(IdentityKind::TelegramBusiness).zip(message_number(key)) else {
        return Ok(());
    };
    let mut body = json!({ "message_id": number });
    address(&mut body, chat, thread);
    answer::judge(call(platforms, channel, "readBusinessMessage", &body).await?).map(drop)
}

/// Tells Telegram that a button press was seen, so that the button stops spinning.
pub async fn answer_callback(
    platforms: &Platforms,
    channel: &ChannelAccess,
    callback_id: &str,
) -> Result<(), SendOutcome> {
    let body = json!({ "callback_query_id": callback_id });
    answer::judge(call(platforms, channel, "answerCallbackQuery", &body).await?).map(drop)
}
