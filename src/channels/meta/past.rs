//! What Instagram and Messenger still have of the past: Meta's Conversations API, read as the webhooks that
//! were lost. A message becomes the very element that its webhook would have held, and goes through the same
//! parser. Never what we have; never an address that an answer names (it holds the token).
//! Source: docs/platforms.md 3.7.

use super::graph;
use super::messaging::{self, Flavour};
use crate::channels::actions::CallError;
use crate::channels::lenient::{Lenient, moment_of};
use crate::channels::media::segment;
use crate::channels::{ChannelAccess, PastMessage, PastMessages, PastThread, PastThreads, Platforms};
use crate::domain::Timestamp;
use crate::domain::inbound::{InboundEvent, InboundKind};
use crate::domain::outbound::SendOutcome;
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};
use std::time::Duration;

/// Conversations of one answer.
const THREADS: &str = "25";
/// Messages of one answer with all that is told of them: Instagram tells no more than the newest 20.
const DETAILED: usize = 20;
/// Messages of one answer where only their names are told.
const NAMED: usize = 100;
/// Between two calls: the Conversations API takes 2 a second (docs/platforms.md 3.7).
const PACE: Duration = Duration::from_millis(550);
/// All that is told of a message.
const DETAILS: &str = "id,created_time,from,to,message,attachments,shares,story,sticker,is_unsupported";
/// What is told of one everywhere.
const BASICS: &str = "id,created_time,from,to,message";
/// What Instagram tells of an older one.
const NAMES: &str = "id,created_time";

/// Where the past of an account is.
pub struct Past {
    /// Whose it is.
    pub flavour: Flavour,
    /// The account's own address, above its conversations.
    pub account: String,
    /// Where a conversation is by its id.
    pub node: fn(&Platforms, &str) -> String,
    /// The account itself, where it may go by two ids.
    pub itself: Option<String>,
}

impl Past {
    fn platform(&self) -> &'static str {
        match self.flavour {
            Flavour::Instagram => "instagram",
            Flavour::Messenger => "messenger",
        }
    }

    /// Whether only the newest messages of a conversation are told of.
    fn is_short(&self) -> bool {
        self.flavour == Flavour::Instagram
    }

    /// The conversations, the latest first.
    pub async fn threads(
        &self,
        platforms: &Platforms,
        channel: &ChannelAccess,
        after: Option<&str>,
    ) -> Result<PastThreads, CallError> {
        let url = format!("{}/conversations", self.account);
        let mut query =
            vec![("platform", self.platform()), ("fields", "id,updated_time"), ("limit", THREADS)];
        query.extend(after.map(|after| ("after", after)));
        let found = graph::get(platforms, channel, &url, &query).await?;
        let thread =
            |item: &Value| Some(PastThread { id: item.id("id")?, updated_at: moment(item, "updated_time") });
        told(found.at("data"))?;
        let items = found.list("data").iter().filter_map(thread).collect();
        Ok(PastThreads { items, next: next(&found) })
    }

    /// The messages of one, the newest first.
    pub async fn messages(
        &self,
        platforms: &Platforms,
        channel: &ChannelAccess,
        thread: &str,
        after: Option<&str>,
    ) -> Result<PastMessages, CallError> {
        let url = (self.node)(platforms, &segment(thread));
        let names_only = self.is_short() && after.is_some();
        let fields = if names_only { NAMES } else { DETAILS };
        let asked = graph::get(platforms, channel, &url, &[("fields", &expanded(fields, after))]).await;
        let found = match asked {
            // A field that this version does not know, or more than it can tell at once: what is always told
            // is enough.
            Err(outcome) if !names_only && is_too_much(&outcome) => {
                tokio::time::sleep(PACE).await;
                graph::get(platforms, channel, &url, &[("fields", &expanded(BASICS, after))]).await?
            }
            asked => asked?,
        };
        let empty = Value::Null;
        let page = found.at("messages").unwrap_or(&empty);
        if found.at("messages").is_some() || found.at("id").is_none() {
            told(page.at("data"))?;
        }
        let own = self.own_names(platforms, channel, page.list("data")).await?;
        let message = |item: &Value| self.message(&channel.external_id, &own, item);
        Ok(PastMessages { items: page.list("data").iter().filter_map(message).collect(), next: next(page) })
    }

    /// What the account is called in what is told: its id, its page's, and where neither stands in a message
    /// what it says of itself.
    async fn own_names(
        &self,
        platforms: &Platforms,
        channel: &ChannelAccess,
        items: &[Value],
    ) -> Result<Vec<String>, CallError> {
        let mut own = vec![channel.external_id.clone()];
        own.extend(channel.options.page_id.clone());
        let is_clear = |item: &Value| {
            let parties = [sender(item), recipient(item)];
            parties.iter().all(Option::is_none) || parties.iter().flatten().any(|id| own.contains(id))
        };
        if items.iter().all(is_clear) {
            return Ok(own);
        }
        if let Some(url) = &self.itself {
            tokio::time::sleep(PACE).await;
            let found = graph::get(platforms, channel, url, &[("fields", "id,user_id")]).await?;
            own.extend([found.id("id"), found.id("user_id")].into_iter().flatten());
        }
        Ok(own)
    }

    /// One message; none: the account wrote to itself.
    fn message(&self, account: &str, own: &[String], item: &Value) -> Option<PastMessage> {
        let (id, at) = (item.id("id")?, moment(item, "created_time"));
        let (sender, recipient) = (sender(item), recipient(item));
        let is_own = |party: &Option<String>| party.as_ref().is_some_and(|id| own.contains(id));
        let event = match (is_own(&sender), is_own(&recipient)) {
            (true, true) => return None,
            (true, false) => recipient.and_then(|to| self.event(account, &to, true, item)),
            (false, true) => sender.and_then(|from| self.event(account, &from, false, item)),
            (false, false) => None,
        };
        Some(PastMessage { id, at, event })
    }

    /// What its webhook would have said.
    fn event(&self, account: &str, customer: &str, is_ours: bool, item: &Value) -> Option<InboundEvent> {
        let (from, to) = if is_ours { (account, customer) } else { (customer, account) };
        let element = json!({
            "sender": { "id": from }, "recipient": { "id": to },
            "timestamp": moment(item, "created_time")?.0,
            "message": content(self.flavour, item, is_ours),
        });
        let body = messaging::wrapped(self.flavour, account, &element.to_string());
        let whole: &RawValue = serde_json::from_str(&body).ok()?;
        let mut event = messaging::parse(whole, self.flavour).pop()?;
        match &mut event.kind {
            InboundKind::Message(message) => {
                message.details.insert("recovered".to_owned(), true.into());
                Some(event)
            }
            _ => None,
        }
    }
}

/// Whether less may be told: an unknown field is code 100, "reduce the amount of data" is code 1, which may
/// also be anything.
fn is_too_much(outcome: &SendOutcome) -> bool {
    match outcome {
        SendOutcome::Refused(refusal) => refusal.code == "100",
        SendOutcome::Unknown { .. } => true,
        _ => false,
    }
}

/// The messages of a conversation with these fields, as Graph expands them.
fn expanded(fields: &str, after: Option<&str>) -> String {
    let limit = if fields == NAMES { NAMED } else { DETAILED };
    // A cursor is made of letters, digits and a few signs; anything else would end the expression.
    let is_cursor =
        |after: &&str| after.chars().all(|sign| sign.is_alphanumeric() || "_-=+/.:".contains(sign));
    let after = after.filter(is_cursor).map(|after| format!(".after({after})")).unwrap_or_default();
    format!("messages.limit({limit}){after}{{{fields}}}")
}

/// Where the next answer begins, if there is one.
fn next(page: &Value) -> Option<String> {
    let paging = page.at("paging")?;
    paging.text("next")?;
    paging.at("cursors")?.text("after")
}

fn sender(item: &Value) -> Option<String> {
    item.at("from")?.id("id")
}

fn recipient(item: &Value) -> Option<String> {
    item.at("to")?.list("data").first()?.id("id")
}

/// A date with its offset, or a number as webhooks have it.
fn moment(item: &Value, key: &str) -> Option<Timestamp> {
    let text = item.text(key);
    text.as_deref().and_then(Timestamp::from_iso).or_else(|| moment_of(item.int(key)?))
}

/// A message as webhooks tell it.
fn content(flavour: Flavour, item: &Value, is_ours: bool) -> Value {
    let mut message = Map::new();
    message.insert("mid".to_owned(), item.id("id").into());
    if is_ours {
        message.insert("is_echo".to_owned(), true.into());
    }
    if let Some(text) = item.text("message") {
        message.insert("text".to_owned(), text.into());
    }
    if item.flag("is_unsupported") {
        message.insert("is_unsupported".to_owned(), true.into());
    }
    let story = item.at("story");
    if let Some(answered) = story.and_then(|story| story.at("reply_to")) {
        let story = json!({ "id": answered.id("id"), "url": answered.text("link") });
        message.insert("reply_to".to_owned(), json!({ "story": story }));
    }
    let mentioned = story.and_then(|story| story.at("mention"));
    let files: Vec<Value> = listed(item, "attachments")
        .iter()
        .map(file)
        .chain(item.text("sticker").map(|url| json!({ "type": "sticker", "payload": { "url": url } })))
        .chain(listed(item, "shares").iter().map(|shared| share(flavour, shared)))
        .chain(mentioned.map(|story| {
            json!({ "type": "story_mention", "payload": { "id": story.id("id"), "url": story.text("link") } })
        }))
        .collect();
    if !files.is_empty() {
        message.insert("attachments".to_owned(), files.into());
    }
    message.into()
}

/// What stands in `key`, which may be wrapped in `data`.
fn listed<'a>(item: &'a Value, key: &str) -> &'a [Value] {
    match item.at(key) {
        Some(Value::Array(list)) => list,
        Some(found) => found.list("data"),
        None => &[],
    }
}

fn file(found: &Value) -> Value {
    let url = |key: &str| found.at(key).and_then(|data| data.text("url"));
    let mime = found.text("mime_type").unwrap_or_default();
    let (kind, url) = match (url("image_data"), url("video_data"), found.text("file_url")) {
        (Some(url), _, _) => ("image", Some(url)),
        (_, Some(url), _) => ("video", Some(url)),
        (_, _, url) if mime.starts_with("audio/") => ("audio", url),
        (_, _, url) if mime.starts_with("image/") => ("image", url),
        (_, _, url) if mime.starts_with("video/") => ("video", url),
        (_, _, url) => ("file", url),
    };
    json!({ "type": kind, "payload": { "url": url, "name": found.text("name") } })
}

/// Instagram gives the picture or film of what was shared, Messenger a link to it.
fn share(flavour: Flavour, shared: &Value) -> Value {
    let (title, url) = (shared.text("name"), shared.text("link"));
    match flavour {
        Flavour::Instagram => json!({ "type": "share", "payload": { "title": title, "url": url } }),
        Flavour::Messenger => json!({ "type": "fallback", "title": title, "url": url, "payload": null }),
    }
}

/// An answer that holds no list was no answer: what is missing would seem to be there.
fn told(list: Option<&Value>) -> Result<(), CallError> {
    if list.is_some_and(Value::is_array) {
        return Ok(());
    }
    let reason = "the platform's answer holds no list".to_owned();
    Err(SendOutcome::Unknown { reason }.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::MessageType;
    use crate::domain::inbound::{Author, RemoteSource};

    fn past(flavour: Flavour) -> Past {
        Past { flavour, account: String::new(), node: |_, id| id.to_owned(), itself: None }
    }

    fn read(flavour: Flavour, item: &Value) -> Option<PastMessage> {
        past(flavour).message("77", &["77".to_owned()], item)
    }

    #[test]
    fn a_message_is_read_as_its_webhook_would_have_been() {
        let item = json!({ "id": "m_1", "created_time": "2026-08-06T08:20:05+0000", "message": "hello",
            "from": { "id": "491", "name": "Mira" }, "to": { "data": [{ "id": "77" }] } });
        let read = read(Flavour::Messenger, &item).expect("a message");
        let event = read.event.expect("told");
        assert_eq!((read.at, event.occurred_at), (Some(Timestamp(1_786_004_405_000)), read.at));
        let InboundKind::Message(message) = event.kind else { panic!("{:?}", event.kind) };
        assert_eq!((message.author, message.platform_message_id.as_str()), (Author::Customer, "m_1"));
        assert_eq!(message.text.as_deref(), Some("hello"));
        assert_eq!(message.thread.first().map(|who| who.external_id.as_str()), Some("491"));
        assert_eq!(message.details["recovered"], true);
    }

    #[test]
    fn what_the_owner_wrote_elsewhere_is_an_echo_and_files_come_along() {
        let item = json!({ "id": "a", "created_time": 1_786_004_405, "from": { "id": "77" },
            "to": { "data": [{ "id": "491" }] }, "attachments": { "data": [
                { "mime_type": "image/jpeg", "image_data": { "url": "https://cdn/p.jpg" } },
                { "mime_type": "application/pdf", "name": "list.pdf", "file_url": "https://cdn/l" }] } });
        let event = read(Flavour::Instagram, &item).and_then(|read| read.event).expect("told");
        let InboundKind::Message(message) = event.kind else { panic!("{:?}", event.kind) };
        assert!(message.author == Author::Owner && message.may_be_ours);
        assert_eq!(message.message_type, MessageType::Image);
        assert_eq!(message.attachments[0].source, RemoteSource::Url { url: "https://cdn/p.jpg".to_owned() });
        assert_eq!(message.attachments[1].file_name.as_deref(), Some("list.pdf"));
    }

    #[test]
    fn who_is_not_told_of_is_named_only_and_who_writes_to_themselves_is_nobody() {
        let named = json!({ "id": "a", "created_time": "2026-08-06T08:20:05+0000" });
        let read_back = read(Flavour::Instagram, &named).expect("named");
        assert!(read_back.event.is_none() && read_back.at.is_some());
        let alone = json!({ "id": "b", "from": { "id": "77" }, "to": { "data": [{ "id": "77" }] } });
        assert!(read(Flavour::Instagram, &alone).is_none());
    }

    #[test]
    fn a_cursor_never_ends_the_expression() {
        assert_eq!(expanded(NAMES, Some("QVFI_x=")), "messages.limit(100).after(QVFI_x=){id,created_time}");
        assert_eq!(expanded(NAMES, Some("x){id}")), "messages.limit(100){id,created_time}");
    }

    #[test]
    fn there_is_more_only_where_a_next_answer_is_named() {
        let page = json!({ "paging": { "cursors": { "after": "x" }, "next": "https://…" } });
        assert_eq!(next(&page).as_deref(), Some("x"));
        assert_eq!(next(&json!({ "paging": { "cursors": { "after": "x" } } })), None);
    }
}
