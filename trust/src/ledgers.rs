//! The three ledgers and their comparison: what was given, what is stored, what is shown; what was to be sent and
//! what was accepted. Never an opinion: counts, and the first differences by name.

use crate::support::client::{Client, number};
use crate::support::house::House;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// One screen: what a client applied of every conversation it follows.
#[derive(Default)]
pub struct Screen {
    /// By conversation: the newest version, and how often each `seq` came as new.
    pub shown: BTreeMap<i64, (i64, BTreeMap<i64, u32>)>,
    /// What a client must never see.
    pub wrong: Vec<String>,
    /// How often it connected.
    pub sessions: usize,
}

impl Screen {
    /// Applies one frame, as a browser does.
    pub fn apply(&mut self, frame: &Value) {
        let kind = frame["type"].as_str().unwrap_or_default();
        let is_new = matches!(kind, "chat_message" | "message_sent");
        if !is_new && kind != "message_updated" {
            return;
        }
        let (conversation, version) = (number(&frame["conversation_id"]), number(&frame["version"]));
        let seq = number(&frame["message"]["seq"]);
        let (newest, seqs) = self.shown.entry(conversation).or_default();
        if version <= *newest {
            self.wrong.push(format!("{conversation}: version {version} came after {newest}"));
        }
        *newest = version.max(*newest);
        let times = seqs.entry(seq).or_default();
        if is_new {
            *times += 1;
        }
        if is_new && *times > 1 {
            self.wrong.push(format!("{conversation}: seq {seq} came as new {times} times"));
        }
    }

    /// The newest version it has of a conversation.
    pub fn version(&self, conversation: i64) -> i64 {
        self.shown.get(&conversation).map_or(0, |(version, _)| *version)
    }
}

/// Everything the database holds, as the API tells it.
pub struct Stored {
    /// Messages by conversation.
    pub messages: BTreeMap<i64, Vec<Value>>,
    /// The version of each conversation.
    pub versions: BTreeMap<i64, i64>,
}

impl Stored {
    /// Reads all of it.
    pub async fn read(admin: &Client) -> Self {
        let (mut messages, mut versions) = (BTreeMap::new(), BTreeMap::new());
        for conversation in admin.all("/api/v1/conversations").await {
            let id = number(&conversation["id"]);
            versions.insert(id, number(&conversation["version"]));
            messages.insert(id, admin.messages(id).await);
        }
        Self { messages, versions }
    }

    /// How many messages there are.
    pub fn count(&self) -> usize {
        self.messages.values().map(Vec::len).sum()
    }

    /// Every platform id that was given is there once, and nothing else is.
    pub fn holds(&self, given: &BTreeSet<String>, wrong: &mut Vec<String>) {
        let mut times: HashMap<&str, u32> = HashMap::new();
        for message in self.messages.values().flatten().filter(|message| message["sender_type"] == "customer")
        {
            *times.entry(message["platform_message_id"].as_str().unwrap_or("none")).or_default() += 1;
        }
        let lost: Vec<_> = given.iter().filter(|id| !times.contains_key(id.as_str())).collect();
        if !lost.is_empty() {
            wrong.push(format!("{} lost: {:?}", lost.len(), &lost[..lost.len().min(5)]));
        }
        for (id, count) in times {
            if count != 1 {
                wrong.push(format!("{id} is stored {count} times"));
            }
            if !given.contains(id) {
                wrong.push(format!("{id} is stored and was never given"));
            }
        }
        for (conversation, messages) in &self.messages {
            let seqs: Vec<i64> = messages.iter().map(|message| number(&message["seq"])).collect();
            if seqs.windows(2).any(|pair| pair[0] >= pair[1]) {
                wrong.push(format!("{conversation}: the order has a fault"));
            }
        }
    }

    /// A screen shows what is stored, each once.
    pub fn is_shown_by(&self, name: &str, screen: &Screen, wrong: &mut Vec<String>) {
        wrong.extend(screen.wrong.iter().take(3).map(|fault| format!("{name}: {fault}")));
        for (conversation, messages) in &self.messages {
            let none = BTreeMap::new();
            let shown = screen.shown.get(conversation).map_or(&none, |(_, seqs)| seqs);
            let missing =
                messages.iter().filter(|message| !shown.contains_key(&number(&message["seq"]))).count();
            if missing > 0 || shown.len() != messages.len() {
                wrong.push(format!(
                    "{name}: conversation {conversation}: {missing} missing, {} shown of {}",
                    shown.len(),
                    messages.len()
                ));
            }
        }
    }
}

/// What was written and what the platform accepted: never twice, and never accepted without a row.
pub fn sent_at_most_once(
    house: &House,
    stored: &Stored,
    written: &BTreeSet<String>,
    wrong: &mut Vec<String>,
) -> String {
    let mut accepted: HashMap<String, u32> = HashMap::new();
    for send in house.platform.accepted() {
        *accepted.entry(send.text).or_default() += 1;
    }
    let mut rows: HashMap<&str, Vec<&str>> = HashMap::new();
    for message in stored.messages.values().flatten().filter(|message| message["sender_type"] == "support") {
        let text = message["content"].as_str().unwrap_or_default();
        rows.entry(text).or_default().push(message["status"].as_str().unwrap_or_default());
    }
    let mut unconfirmed = 0;
    for text in written {
        match rows.get(text.as_str()).map(Vec::as_slice) {
            Some([status]) => {
                let times = accepted.get(text).copied().unwrap_or(0);
                unconfirmed += u32::from(*status == "unconfirmed");
                if times > 1 {
                    wrong.push(format!("{text} was accepted {times} times"));
                }
                if times == 0 && ["sent", "delivered", "read"].contains(status) {
                    wrong.push(format!("{text} is {status} and was never accepted"));
                }
                if times == 1 && ["failed", "queued"].contains(status) {
                    wrong.push(format!("{text} is {status} and was accepted"));
                }
            }
            Some(statuses) => wrong.push(format!("{text} is stored {} times", statuses.len())),
            None => wrong.push(format!("{text} was acknowledged and is not there")),
        }
    }
    format!("{} written, {} accepted, {unconfirmed} unconfirmed", written.len(), accepted.len())
}
