//! A client on a bad network: it subscribes with what it has, is cut, comes back, and sends again what was
//! never acknowledged, under the same `client_id`, as the dashboard does. Never gives up while the test runs.

use super::{PATIENCE, client::Client, client::number, dice::Dice, socket::Socket, view::View};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

pub struct Follower {
    pub name: String,
    pub view: View,
    /// Sessions it needed.
    pub sessions: usize,
    client: Client,
    conversation: i64,
    /// What it has to say and nobody has acknowledged, by client id.
    unsaid: BTreeMap<String, String>,
    dice: Dice,
}

impl Follower {
    pub fn new(name: &str, client: &Client, conversation: i64, to_say: &[String]) -> Self {
        let unsaid = to_say.iter().map(|text| (format!("{name}-{text}"), text.clone())).collect();
        Self {
            name: name.into(),
            view: View::default(),
            sessions: 0,
            client: client.clone(),
            conversation,
            unsaid,
            dice: Dice::new(name),
        }
    }

    /// Lives through sessions, each cut after a fraction of a second, until `calm` says that no more cuts
    /// come; then stays until it has said all and shows `done` messages' worth.
    pub async fn lives(mut self, calm: tokio::sync::watch::Receiver<Option<i64>>) -> Self {
        let begun = Instant::now();
        loop {
            let target = *calm.borrow();
            assert!(
                begun.elapsed() < 4 * PATIENCE,
                "{} never caught up: {:?} of {target:?}",
                self.name,
                self.view.version
            );
            if let Some(version) = target
                && self.view.version >= version
                && self.unsaid.is_empty()
            {
                return self;
            }
            let Ok(socket) = Socket::try_open(&self.client, None).await else {
                // The server is away: come back soon, as a browser does with jitter.
                tokio::time::sleep(Duration::from_millis(20 + self.dice.throw(60))).await;
                continue;
            };
            self.sessions += 1;
            let cut_after = Duration::from_millis(50 + self.dice.throw(400));
            self.one_session(&socket, cut_after).await;
            for frame in socket.cut() {
                self.hears(&frame);
            }
        }
    }

    async fn one_session(&self, socket: &Socket, cut_after: Duration) {
        socket.send(
            &json!({"type": "subscribe", "conversation_id": self.conversation, "after": self.view.version}),
        );
        for (client_id, content) in &self.unsaid {
            socket.say(self.conversation, client_id, content);
        }
        let _ = tokio::time::timeout(cut_after, socket.closes()).await;
        socket.is_faultless();
    }

    fn hears(&mut self, frame: &Value) {
        self.view.apply(self.conversation, frame);
        if frame["type"] == "message_sent" {
            self.unsaid.remove(frame["client_id"].as_str().unwrap_or(""));
        }
        // Replayed as a message of the conversation: its client id is ours all the same.
        if let Some(client_id) = frame["message"]["client_id"].as_str() {
            self.unsaid.remove(client_id);
        }
        debug_assert!(frame["type"] != "subscribed" || number(&frame["version"]) >= 0);
    }
}
