//! Tells the story: sets the clock to each moment of it, has customers write through the simulated platforms
//! and colleagues work through the API. Never a word of its own.

use super::accounts::account;
use super::agents::Agents;
use super::story::{Act, Beat, Conversation, Direct, Line, Story, ago};
use super::{pictures, voice};
use crate::app::App;
use crate::channels::simulated::{Customer, KeptFile, Simulation, UNHEARD, UNREACHABLE, words};
use crate::domain::{Channel, ChannelKind, Timestamp, User};
use crate::ingest::Source;
use crate::ingest::visitor::VisitorSays;
use reqwest::Method;
use serde_json::{Map, Value, json};
use std::collections::HashMap;
use std::error::Error;
use std::time::Duration;

/// How long before everything else the workspace was set up.
pub const SET_UP: Duration = Duration::from_hours(24 * 9);
/// How often something that comes by itself is looked for, and how many times.
const LOOK: Duration = Duration::from_millis(20);
const LOOKS: usize = 250;
/// Whose deed it is where nobody is named.
const OWNER: &str = "ada";

/// Who tells, and what is known by then.
pub struct Teller<'a> {
    /// The server from the inside: for the web chat, whose visitors speak by socket.
    pub app: &'a App,
    /// The platforms.
    pub simulation: &'a Simulation,
    /// The colleagues at work.
    pub agents: Agents,
    /// The channels.
    pub channels: &'a [Channel],
    /// The colleagues.
    pub people: &'a [User],
    /// The ids of the labels, by their names.
    labels: HashMap<String, i64>,
    /// The conversations that have begun, by their place in the story.
    begun: HashMap<usize, i64>,
}

impl<'a> Teller<'a> {
    /// One who knows nothing yet.
    pub fn new(
        app: &'a App,
        simulation: &'a Simulation,
        agents: Agents,
        channels: &'a [Channel],
        people: &'a [User],
    ) -> Self {
        Self { app, simulation, agents, channels, people, labels: HashMap::new(), begun: HashMap::new() }
    }

    /// Everything, from the first day to now.
    pub async fn tell(mut self, story: &Story) -> Result<(), Box<dyn Error>> {
        self.simulation.hurry(true);
        for (name, mime_type, bytes) in pictures::all()? {
            self.simulation.keep(name, KeptFile { mime_type, bytes });
        }
        self.simulation.keep("voice", KeptFile { mime_type: "audio/wav", bytes: voice::recording() });
        self.set_up(story).await?;
        for (ago, beat) in story.beats() {
            Timestamp::set_behind(ago);
            match beat {
                Beat::Line(at, number, line) => {
                    self.write(at, &story.conversations[at], number, line).await?;
                }
                Beat::Act(at, act) => self.act(at, act, ago).await?,
                Beat::Direct(direct) => self.direct(direct).await?,
            }
        }
        self.read(story).await?;
        Timestamp::set_behind(Duration::ZERO);
        self.simulation.hurry(false);
        Ok(())
    }

    /// Labels, canned replies, flows, and the model that drafts answers.
    async fn set_up(&mut self, story: &Story) -> Result<(), Box<dyn Error>> {
        for label in &story.labels {
            let made = self.agents.post(OWNER, "/labels", label).await?;
            let name = label["name"].as_str().unwrap_or_default().to_owned();
            self.labels.insert(name, made["id"].as_i64().unwrap_or_default());
        }
        for canned in &story.canned_replies {
            self.agents.post(OWNER, "/canned-replies", canned).await?;
        }
        for flow in &story.flows {
            let mut flow = flow.clone();
            if let Some(kind) = flow.as_object_mut().and_then(|flow| flow.remove("channel")) {
                let channel = self.channels.iter().find(|channel| json!(channel.kind) == kind);
                flow["channel_id"] = json!(channel.map(|channel| channel.id));
            }
            self.agents.post(OWNER, "/flows", &flow).await?;
        }
        Ok(())
    }

    async fn write(
        &mut self,
        at: usize,
        told: &Conversation,
        number: usize,
        line: &Line,
    ) -> Result<(), Box<dyn Error>> {
        match line.by.as_str() {
            "customer" => self.customer(at, told, number, line).await,
            "phone" => {
                let customer = customer(told);
                let text = line.text.as_deref().unwrap_or_default();
                if let Some(account) = account(self.channel(told.channel)?) {
                    self.simulation.answer_by_phone(&account, &customer, text).await;
                }
                Ok(())
            }
            name => self.colleague(at, told, number, name, line).await,
        }
    }

    async fn customer(
        &mut self,
        at: usize,
        told: &Conversation,
        number: usize,
        line: &Line,
    ) -> Result<(), Box<dyn Error>> {
        if line.is_answered && told.channel == ChannelKind::named("instagram") {
            self.draft(told.channel).await?;
        }
        let channel = self.channel(told.channel)?;
        if let Some(account) = account(channel) {
            let what = self.content(told, line);
            self.simulation.send(&account, &customer(told), &what).await;
        } else {
            self.visitor(channel, told, number, line).await?;
        }
        if number == 0 {
            let newest = self.agents.get(OWNER, "/conversations?kind=customer&limit=1").await?;
            let id = newest["items"][0]["id"].as_i64().ok_or("a conversation did not begin")?;
            self.begun.insert(at, id);
        }
        if line.is_answered { self.answered(at).await } else { Ok(()) }
    }

    /// What is sent: words, or something else; a reaction is to the newest of our own messages.
    fn content(&self, told: &Conversation, line: &Line) -> Value {
        let Some(mut what) = line.content.clone() else {
            return words(line.text.as_deref().unwrap_or_default());
        };
        if let Some(reaction) = what.get_mut("reaction").and_then(Value::as_object_mut) {
            let sent = self.simulation.accepted();
            let to_them = sent.iter().rfind(|send| send.to.trim_start_matches('+') == told.id);
            reaction.insert("message_id".to_owned(), json!(to_them.map(|send| &send.id)));
        }
        what
    }

    /// The web chat has no platform: its visitor speaks to the server itself.
    async fn visitor(
        &self,
        channel: &Channel,
        told: &Conversation,
        number: usize,
        line: &Line,
    ) -> Result<(), Box<dyn Error>> {
        let source = Source {
            channel_id: channel.id,
            workspace_id: channel.workspace_id,
            kind: channel.kind,
            name: channel.name.clone(),
        };
        let says = VisitorSays {
            source,
            visitor: told.id.clone(),
            since: Timestamp::now(),
            name: Some(told.name.clone()),
            client_id: format!("demo-{number}"),
            content: line.text.clone(),
            reply_to: None,
            attachment_ids: Vec::new(),
        };
        self.app.ledger.give(says).await?;
        Ok(())
    }

    /// From now on a model drafts answers here.
    async fn draft(&self, kind: ChannelKind) -> Result<(), Box<dyn Error>> {
        let instructions = "You answer for North Pier, a café with a shop by the harbour. Be short and kind.";
        let ai = json!({ "mode": "draft", "window_ms": 0, "instructions": instructions });
        let path = format!("/channels/{}", self.channel(kind)?.id);
        self.agents.patch(OWNER, &path, &json!({ "options": { "ai": ai } })).await?;
        Ok(())
    }

    async fn colleague(
        &self,
        at: usize,
        told: &Conversation,
        number: usize,
        name: &str,
        line: &Line,
    ) -> Result<(), Box<dyn Error>> {
        let path = format!("/conversations/{}/messages", self.id(at)?);
        let client_id = format!("demo-{at}-{number}");
        let body = json!({ "content": line.text, "client_id": client_id, "is_private": line.is_note });
        self.agents.post(name, &path, &body).await?;
        let is_heard = told.id != UNREACHABLE && told.id != UNHEARD;
        if line.is_note || !is_heard { Ok(()) } else { self.sent(at).await }
    }

    /// The clock may go on only when nothing is under way: what was lent for a while would seem forgotten.
    async fn sent(&self, at: usize) -> Result<(), Box<dyn Error>> {
        let path = format!("/conversations/{}/messages?limit=1", self.id(at)?);
        for _ in 0..LOOKS {
            let page = self.agents.get(OWNER, &path).await?;
            let status = page["items"][0]["status"].as_str().unwrap_or_default();
            if !matches!(status, "queued" | "sending" | "pending") {
                return Ok(());
            }
            tokio::time::sleep(LOOK).await;
        }
        log::warn!("the demo's conversation {at} still waits for a message to be sent");
        Ok(())
    }

    /// Until a flow has answered or a model has drafted something; a story without it is one, too.
    async fn answered(&self, at: usize) -> Result<(), Box<dyn Error>> {
        let path = format!("/conversations/{}", self.id(at)?);
        for _ in 0..LOOKS {
            let it = self.agents.get(OWNER, &path).await?;
            let is_ours = it["last_message"]["sender_type"].as_str().is_some_and(|by| by != "customer");
            if is_ours || !it["ai_draft"].is_null() {
                return self.sent(at).await;
            }
            tokio::time::sleep(LOOK).await;
        }
        log::warn!("nobody has answered by itself in the demo's conversation {at}");
        Ok(())
    }

    async fn act(&self, at: usize, act: &Act, before: Duration) -> Result<(), Box<dyn Error>> {
        let mut body = Map::new();
        if let Some(name) = &act.assignee {
            let user = self.people.iter().find(|user| user.username == *name);
            body.insert("assignee_id".to_owned(), json!(user.map(|user| user.id)));
        }
        if let Some(names) = &act.labels {
            let ids: Vec<_> = names.iter().filter_map(|name| self.labels.get(name)).collect();
            body.insert("label_ids".to_owned(), json!(ids));
        }
        if let Some(time) = &act.snoozed_for {
            let until = Timestamp::now().plus(before).plus(ago(time));
            body.insert("snoozed_until".to_owned(), json!(until));
        }
        for (name, value) in [("status", &act.status), ("priority", &act.priority)] {
            if let Some(value) = value {
                body.insert(name.to_owned(), json!(value));
            }
        }
        let path = format!("/conversations/{}", self.id(at)?);
        self.agents.patch(&act.by, &path, &Value::Object(body)).await?;
        Ok(())
    }

    async fn direct(&self, direct: &Direct) -> Result<(), Box<dyn Error>> {
        let to = self.people.iter().find(|user| user.username == direct.to).map(|user| user.id);
        let body = json!({ "to": to, "content": direct.text });
        self.agents.post(&direct.by, "/direct-messages", &body).await?;
        Ok(())
    }

    /// What was read by now: everything but what is told to be unread.
    async fn read(&self, story: &Story) -> Result<(), Box<dyn Error>> {
        for (at, told) in story.conversations.iter().enumerate() {
            if told.is_unread {
                continue;
            }
            let id = self.id(at)?;
            let page = self.agents.get(OWNER, &format!("/conversations/{id}/messages?limit=1")).await?;
            let read = json!({ "seq": page["items"][0]["seq"] });
            for user in self.people {
                let path = format!("/conversations/{id}/read");
                self.agents.call(&user.username, Method::POST, &path, Some(&read)).await?;
            }
        }
        Ok(())
    }

    fn channel(&self, kind: ChannelKind) -> Result<&'a Channel, String> {
        let found = self.channels.iter().find(|channel| channel.kind == kind);
        found.ok_or_else(|| format!("the demo has no {kind} channel"))
    }

    fn id(&self, at: usize) -> Result<i64, String> {
        self.begun.get(&at).copied().ok_or_else(|| format!("the demo's conversation {at} has not begun"))
    }
}

fn customer(told: &Conversation) -> Customer {
    Customer { id: told.id.clone().into(), name: told.name.clone().into() }
}
