//! What a person has on the screen: frames applied the way a browser does, over many sessions.
//! Compared with the database's rows at the end; on the way it notes whatever comes twice.

use super::{client::number, socket::VERSIONED};
use serde_json::Value;
use std::collections::BTreeMap;

/// One conversation as one client shows it.
#[derive(Default, Debug)]
pub struct View {
    /// The newest version this client has: what it resumes after.
    pub version: i64,
    /// Messages by `seq`.
    pub messages: BTreeMap<i64, Value>,
    /// What a client must never see.
    pub faults: Vec<String>,
}

impl View {
    /// Applies one frame, if it is one of this conversation's.
    pub fn apply(&mut self, conversation: i64, frame: &Value) {
        let kind = frame["type"].as_str().unwrap_or("");
        if frame["conversation_id"] != conversation || !VERSIONED.contains(&kind) {
            return;
        }
        let (version, message) = (number(&frame["version"]), &frame["message"]);
        if version <= self.version {
            self.faults.push(format!("{kind} of version {version} came after {}", self.version));
        }
        let seq = number(&message["seq"]);
        if let Some(shown) = self.messages.get(&seq)
            && shown["id"] != message["id"]
        {
            self.faults.push(format!("two messages with seq {seq}: {} and {}", shown["id"], message["id"]));
        }
        let shown = self.messages.contains_key(&seq);
        match kind {
            "chat_message" | "message_sent" if shown => {
                self.faults.push(format!("message {} came as new twice", message["id"]));
            }
            "message_updated" if !shown => {
                self.faults.push(format!("message {} changed before it came", message["id"]));
            }
            _ => {}
        }
        self.messages.insert(seq, message.clone());
        self.version = self.version.max(version);
    }

    /// What is shown is what the API lists: the same messages, each in its newest version.
    #[track_caller]
    pub fn shows(&self, rows: &[Value], who: &str) {
        assert!(self.faults.is_empty(), "{who}: {}", self.faults.join("\n"));
        let brief = |message: &Value| {
            (
                number(&message["seq"]),
                number(&message["id"]),
                number(&message["version"]),
                message["status"].clone(),
            )
        };
        let shown: Vec<_> = self.messages.values().map(brief).collect();
        let stored: Vec<_> = rows.iter().map(brief).collect();
        assert_eq!(shown, stored, "{who} shows something else than is stored");
    }
}
