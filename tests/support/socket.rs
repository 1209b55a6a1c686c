//! Somebody at the socket: keeps every frame of one session, waits for conditions, can be cut.
//! Judges on the way what the contract says of every session: versions only rise, each comes at most once, and
//! so do the events of a timeline.

use super::{
    PATIENCE,
    client::{Client, Proof, number},
};
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use tokio::sync::{mpsc, watch};
use tokio_tungstenite::tungstenite::{self, Message, client::IntoClientRequest, http};

/// The frames that carry a version.
pub const VERSIONED: &[&str] = &["chat_message", "message_sent", "message_updated"];

#[derive(Default)]
struct Heard {
    frames: Vec<Value>,
    versions: HashMap<i64, i64>,
    /// The newest event of each conversation's timeline.
    events: HashMap<i64, i64>,
    faults: Vec<String>,
    /// How it ended, once it has: the close code, 1006 where there was none (RFC 6455, 7.4.1).
    closed: Option<u16>,
}

/// One session.
pub struct Socket {
    out: mpsc::UnboundedSender<Message>,
    heard: Arc<Mutex<Heard>>,
    news: watch::Receiver<()>,
    tasks: [tokio::task::JoinHandle<()>; 2],
}

impl Socket {
    /// Connects with the client's own proof (a cookie with the server's own origin) and reads `welcome`.
    pub async fn open(client: &Client) -> Self {
        let socket = Self::try_open(client, None).await.unwrap_or_else(|error| panic!("no socket: {error}"));
        let welcome = socket.frame("welcome").await;
        assert_eq!(socket.frames()[0]["type"], "welcome", "the first frame");
        assert!(number(&welcome["heartbeat_ms"]) > 0, "{welcome}");
        socket
    }

    /// Connects, perhaps in vain: an HTTP refusal comes as [`tungstenite::Error::Http`].
    pub async fn try_open(client: &Client, origin: Option<&str>) -> Result<Self, tungstenite::Error> {
        let url = format!("{}/ws", client.url.replace("http://", "ws://"));
        let mut request = url.into_client_request()?;
        let headers = request.headers_mut();
        let value = |text: &str| http::HeaderValue::from_str(text).expect("a header's value");
        match &client.proof {
            Proof::Nobody => {}
            Proof::Bearer(token) => {
                drop(headers.insert("sec-websocket-protocol", value(&format!("rapport.v1, bearer.{token}"))));
            }
            Proof::Cookie(pair) => {
                headers.insert("cookie", value(pair));
                headers.insert("origin", value(&client.url));
            }
        }
        match origin {
            Some("") => drop(headers.remove("origin")),
            Some(origin) => drop(headers.insert("origin", value(origin))),
            None => {}
        }
        let (socket, _) = tokio_tungstenite::connect_async(request).await?;
        Ok(Self::listening(socket))
    }

    /// Opens any socket of a server, as a page of this origin would.
    pub async fn opened(url: &str, path: &str, origin: Option<&str>) -> Result<Self, tungstenite::Error> {
        let mut request = format!("{}{path}", url.replace("http://", "ws://")).into_client_request()?;
        if let Some(origin) = origin {
            let value = http::HeaderValue::from_str(origin).expect("a header's value");
            request.headers_mut().insert("origin", value);
        }
        let (socket, _) = tokio_tungstenite::connect_async(request).await?;
        Ok(Self::listening(socket))
    }

    /// A visitor of a web chat: the session, their token, and the welcome.
    pub async fn visitor(url: &str, channel: i64, mut hello: Value) -> (Self, String, Value) {
        let socket = Self::opened(url, &format!("/widget/{channel}/ws"), None).await.expect("a socket");
        hello["type"] = "hello".into();
        socket.send(&hello);
        let welcome = socket.frame("welcome").await;
        let token = welcome["token"].as_str().expect("a token").to_owned();
        (socket, token, welcome)
    }

    fn listening(
        socket: tokio_tungstenite::WebSocketStream<tokio_tungstenite::MaybeTlsStream<tokio::net::TcpStream>>,
    ) -> Self {
        let (mut sink, mut stream) = socket.split();
        let (out, mut queue) = mpsc::unbounded_channel::<Message>();
        let (told, news) = watch::channel(());
        let heard = Arc::new(Mutex::new(Heard::default()));
        let hearing = heard.clone();
        let writes = tokio::spawn(async move {
            while let Some(message) = queue.recv().await {
                if sink.send(message).await.is_err() {
                    return;
                }
            }
        });
        let reads = tokio::spawn(async move {
            let mut code = 1006;
            while let Some(Ok(message)) = stream.next().await {
                match message {
                    Message::Text(text) => hearing.lock().expect("no panic").hear(text.as_str()),
                    Message::Close(frame) => code = frame.map_or(1005, |frame| frame.code.into()),
                    _ => {}
                }
                told.send_replace(());
            }
            hearing.lock().expect("no panic").closed = Some(code);
            told.send_replace(());
        });
        Self { out, heard, news, tasks: [writes, reads] }
    }

    /// Sends a frame; a socket that is gone swallows it, as a browser's does.
    pub fn send(&self, frame: &Value) {
        self.send_text(&frame.to_string());
    }

    pub fn send_text(&self, text: &str) {
        self.send_message(Message::text(text.to_owned()));
    }

    pub fn send_message(&self, message: Message) {
        let _ = self.out.send(message);
    }

    /// Subscribes and waits until the server has caught it up.
    pub async fn subscribe(&self, conversation: i64, after: Option<i64>) -> Value {
        let before = self.of_type("subscribed").len();
        let mut frame = json!({"type": "subscribe", "conversation_id": conversation});
        if let Some(after) = after {
            frame["after"] = after.into();
        }
        self.send(&frame);
        self.until("subscribed", move |frames| of_type(frames, "subscribed").nth(before)).await
    }

    /// Watches the list of conversations; from here on it is told of every change.
    pub async fn watch(&self, scope: &str) {
        let before = self.of_type("watching").len();
        self.send(&json!({"type": "watch", "scope": scope, "ref": {"n": before}}));
        let answer = self.until("watching", move |frames| of_type(frames, "watching").nth(before)).await;
        assert_eq!((&answer["scope"], &answer["ref"]["n"]), (&json!(scope), &json!(before)));
    }

    /// Watches it by ticks: what changes in one comes as one frame.
    pub async fn watch_by_ticks(&self, scope: &str) {
        let before = self.of_type("watching").len();
        self.send(&json!({"type": "watch", "scope": scope, "batch": true, "ref": "ticks"}));
        self.until("watching", move |frames| of_type(frames, "watching").nth(before)).await;
    }

    /// What the server had to say to all that was sent before has come: a ping is answered after it.
    pub async fn is_level(&self) {
        let before = self.of_type("pong").len();
        self.send(&json!({"type": "ping"}));
        self.until("pong", move |frames| of_type(frames, "pong").nth(before)).await;
    }

    /// Writes by socket.
    pub fn say(&self, conversation: i64, client_id: &str, content: &str) {
        self.send(&json!({"type": "send", "conversation_id": conversation, "client_id": client_id, "content": content}));
    }

    /// The first frame of a type, when it comes.
    pub async fn frame(&self, kind: &str) -> Value {
        self.until(kind, |frames| of_type(frames, kind).next()).await
    }

    /// Waits until all frames so far give an answer.
    pub async fn until<T>(&self, what: &str, mut ask: impl FnMut(&[Value]) -> Option<T>) -> T {
        let mut news = self.news.clone();
        let asked = async {
            loop {
                news.mark_unchanged();
                let closed = {
                    let heard = self.heard.lock().expect("no panic");
                    if let Some(answer) = ask(&heard.frames) {
                        return answer;
                    }
                    heard.closed
                };
                if let Some(code) = closed {
                    panic!("the socket closed ({code:?}) before: {what}\n{}", self.story())
                }
                let _ = news.changed().await;
            }
        };
        tokio::time::timeout(PATIENCE, asked)
            .await
            .unwrap_or_else(|_| panic!("never came: {what}\n{}", self.story()))
    }

    /// The close code, when the server closes.
    pub async fn closes(&self) -> u16 {
        let mut news = self.news.clone();
        let closed = async {
            loop {
                news.mark_unchanged();
                if let Some(code) = self.heard.lock().expect("no panic").closed {
                    return code;
                }
                let _ = news.changed().await;
            }
        };
        tokio::time::timeout(PATIENCE, closed)
            .await
            .unwrap_or_else(|_| panic!("never closed\n{}", self.story()))
    }

    pub fn is_open(&self) -> bool {
        self.heard.lock().expect("no panic").closed.is_none()
    }

    pub fn frames(&self) -> Vec<Value> {
        self.heard.lock().expect("no panic").frames.clone()
    }

    pub fn of_type(&self, kind: &str) -> Vec<Value> {
        of_type(&self.frames(), kind).collect()
    }

    /// The frames of one conversation that carry a version, in the order they came.
    pub fn versioned(&self, conversation: i64) -> Vec<Value> {
        let is = |frame: &Value| {
            VERSIONED.contains(&frame["type"].as_str().unwrap_or(""))
                && frame["conversation_id"] == conversation
        };
        self.frames().into_iter().filter(is).collect()
    }

    /// What the contract says of every session's versions held so far.
    #[track_caller]
    pub fn is_faultless(&self) {
        let faults = self.heard.lock().expect("no panic").faults.clone();
        assert!(faults.is_empty(), "{}\n{}", faults.join("\n"), self.story());
    }

    /// Cut, without a goodbye; what came until then.
    pub fn cut(self) -> Vec<Value> {
        self.frames()
    }

    fn story(&self) -> String {
        let frames = self.frames();
        let from = frames.len().saturating_sub(30);
        let last: Vec<String> =
            frames[from..].iter().map(|frame| frame.to_string().chars().take(300).collect()).collect();
        format!("the last of {} frames:\n{}", frames.len(), last.join("\n"))
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        self.tasks.iter().for_each(tokio::task::JoinHandle::abort);
    }
}

impl Heard {
    fn hear(&mut self, text: &str) {
        let frame: Value = match serde_json::from_str(text) {
            Ok(frame) => frame,
            Err(error) => return self.faults.push(format!("no JSON ({error}): {text:.200}")),
        };
        if VERSIONED.contains(&frame["type"].as_str().unwrap_or("")) {
            let (conversation, version) = (frame["conversation_id"].as_i64(), frame["version"].as_i64());
            let (Some(conversation), Some(version)) = (conversation, version) else {
                return self.faults.push(format!("no conversation or version: {frame}"));
            };
            let last = self.versions.entry(conversation).or_insert(0);
            if version <= *last {
                self.faults
                    .push(format!("version {version} of conversation {conversation} came after {last}"));
            }
            *last = version.max(*last);
            if frame["message"]["version"] != version {
                self.faults
                    .push(format!("the frame says {version}, its message {}", frame["message"]["version"]));
            }
        }
        if frame["type"] == "conversation_event" {
            let (conversation, seq) = (number(&frame["conversation_id"]), number(&frame["event_seq"]));
            let last = self.events.entry(conversation).or_insert(0);
            if seq <= *last {
                self.faults.push(format!("event {seq} of conversation {conversation} came after {last}"));
            }
            *last = seq.max(*last);
        }
        self.frames.push(frame);
    }
}

/// The frames of one type.
pub fn of_type<'a>(frames: &'a [Value], kind: &'a str) -> impl Iterator<Item = Value> + use<'a> {
    frames.iter().filter(move |frame| frame["type"] == kind).cloned()
}
