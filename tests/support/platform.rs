//! The platforms, as one fake: Graph (WhatsApp, Messenger, Instagram by Facebook login), Instagram and the
//! Telegram Bot API on one port, each below a path of its own. It keeps a ledger of every message it
//! accepted, and misbehaves on demand. All its ids are invented.
//! Over 400 lines because the four platforms are one book of what was accepted.

use super::past::Past;
use super::{eventually, server::free_port, templates::Templates, wire};
use serde_json::{Value, json};
use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::BufReader;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;

/// A message a platform accepted: it is with the customer, whatever we were answered.
#[derive(Debug, Clone)]
pub struct Accepted {
    /// `whatsapp`, `messenger`, `instagram`, `telegram`.
    pub platform: &'static str,
    /// What the platform calls it: `wamid…`, `m_…`, `aWd…`, or Telegram's message id.
    pub id: String,
    pub to: String,
    pub text: String,
    /// What we sent along to recognise it by: `biz_opaque_callback_data` or `metadata`.
    pub token: Option<String>,
    pub body: Value,
    pub path: String,
}

/// How a request is met.
#[derive(Clone)]
pub enum Manner {
    /// It is accepted, and the connection is cut before an answer.
    AcceptAndHangUp,
    /// It is accepted, and the answer waits until it is let go.
    AcceptAndHold(Arc<Notify>),
    /// It is accepted, and answered with this, as by a proxy that gave up.
    AcceptAndAnswer(u16, Value),
    /// It is not accepted, and answered with this and `Retry-After` where given.
    Refuse(u16, Value, Option<u32>),
}

struct Rule {
    text: String,
    manner: Manner,
    times: usize,
}

#[derive(Default)]
struct Book {
    accepted: Vec<Accepted>,
    rules: Vec<Rule>,
    by_text: HashMap<String, Manner>,
    texts: HashSet<String>,
    /// Every request that is no send.
    asked: Vec<wire::Request>,
    /// What requests that are no sends are answered with, by the end of their path.
    answers: Vec<(String, u16, Value)>,
    /// Files, each given out once it is let go.
    files: HashMap<String, (Vec<u8>, Arc<Notify>)>,
    next: u64,
    /// How long an answer takes.
    takes: Duration,
    /// The approved messages of its WhatsApp.
    templates: Templates,
    /// Each connection is for one request: the next send opens one anew.
    is_curt: bool,
    /// What Meta still has of the past.
    past: Past,
    /// Where Telegram calls each bot, by the beginning of its methods' addresses.
    webhooks: HashMap<String, String>,
}

/// The running fake. Ends with the test.
pub struct Platform {
    port: u16,
    book: Arc<Mutex<Book>>,
    listening: Option<tokio::task::JoinHandle<()>>,
    pauses: tokio::sync::mpsc::Sender<Pause>,
}

type Pause = (Duration, tokio::sync::oneshot::Sender<()>);

impl Platform {
    pub async fn start() -> Self {
        let (pauses, _) = tokio::sync::mpsc::channel(1);
        let mut platform = Self { port: free_port(), book: Arc::default(), listening: None, pauses };
        platform.open().await;
        platform
    }

    /// Base URLs have a path here, because the contract says that one is kept.
    pub fn url(&self, platform: &str) -> String {
        format!("http://127.0.0.1:{}/{platform}", self.port)
    }

    /// Accepts connections (again).
    pub async fn open(&mut self) {
        let listener = TcpListener::bind(("127.0.0.1", self.port)).await.expect("the port is still ours");
        let (pauses, asked) = tokio::sync::mpsc::channel(1);
        self.pauses = pauses;
        self.listening = Some(tokio::spawn(listen(listener, self.port, self.book.clone(), asked)));
    }

    /// Refuses connections: surely nothing is accepted.
    pub async fn close(&mut self) {
        if let Some(listening) = self.listening.take() {
            listening.abort();
            let _ = listening.await;
        }
    }

    /// Meets the next `times` sends whose text contains `text` in this manner.
    pub fn meets(&self, text: &str, manner: Manner, times: usize) {
        self.book.lock().expect("no panic").rules.push(Rule { text: text.into(), manner, times });
    }

    /// Meets the one send of exactly this text in this manner: quick, however many there are.
    pub fn meets_exactly(&self, text: &str, manner: Manner) {
        self.book.lock().expect("no panic").by_text.insert(text.into(), manner);
    }

    /// Whether this text was accepted.
    pub fn has(&self, text: &str) -> bool {
        self.book.lock().expect("no panic").texts.contains(text)
    }

    /// Answers only so much later.
    pub fn takes(&self, time: Duration) {
        self.book.lock().expect("no panic").takes = time;
    }

    /// Takes one request on each connection.
    pub fn is_curt(&self) {
        self.book.lock().expect("no panic").is_curt = true;
    }

    /// Refuses connections for a while; those there are go on, and those that wait are taken before.
    pub async fn refuses_for(&self, time: Duration) {
        let (done, over) = tokio::sync::oneshot::channel();
        self.pauses.send((time, done)).await.expect("it listens");
        over.await.expect("it listens again");
    }

    /// Reads and writes what Meta still has of the past.
    pub fn past<T>(&self, with: impl FnOnce(&mut Past) -> T) -> T {
        with(&mut self.book.lock().expect("no panic").past)
    }

    /// Somebody takes every bot's webhook away, or leads it elsewhere.
    pub fn calls_bots_at(&self, url: &str) {
        self.book.lock().expect("no panic").webhooks.values_mut().for_each(|set| url.clone_into(set));
    }

    /// Where Telegram calls bots.
    pub fn webhooks(&self) -> Vec<String> {
        self.book.lock().expect("no panic").webhooks.values().cloned().collect()
    }

    /// Has these approved messages, in Meta's shape, and lists so many of them a page.
    pub fn has_templates(&self, known: Value, page: usize) {
        let Value::Array(known) = known else { panic!("templates are a list") };
        let mut book = self.book.lock().expect("no panic");
        book.templates.known = Some(known);
        book.templates.page = page;
    }

    /// What was accepted, in order.
    pub fn accepted(&self) -> Vec<Accepted> {
        self.book.lock().expect("no panic").accepted.clone()
    }

    /// What was accepted with exactly this text.
    pub fn accepted_with(&self, text: &str) -> Vec<Accepted> {
        self.accepted().into_iter().filter(|accepted| accepted.text == text).collect()
    }

    /// Every request that was no send, in order.
    pub fn asked(&self) -> Vec<wire::Request> {
        self.book.lock().expect("no panic").asked.clone()
    }

    /// Answers every look-up whose path ends so.
    pub fn answers(&self, path: &str, status: u16, body: Value) {
        self.book.lock().expect("no panic").answers.push((path.into(), status, body));
    }

    /// Has a file: WhatsApp's `media-ID`, Telegram's `file-ID`, and `files/ID` by address. It is given out
    /// once it is let go.
    pub fn holds_file(&self, id: &str, bytes: Vec<u8>) -> Arc<Notify> {
        let let_go = Arc::new(Notify::new());
        self.book.lock().expect("no panic").files.insert(id.into(), (bytes, let_go.clone()));
        let_go
    }

    /// The first acceptance of this text, when it comes.
    pub async fn accepts(&self, text: &str) -> Accepted {
        eventually(&format!("a platform accepts {text:?}"), async || {
            self.accepted_with(text).into_iter().next()
        })
        .await
    }
}

impl Drop for Platform {
    fn drop(&mut self) {
        if let Some(listening) = self.listening.take() {
            listening.abort();
        }
    }
}

/// Nobody came for so long: then nobody waits at the door.
const QUIET: Duration = Duration::from_millis(2);

async fn listen(
    mut listener: TcpListener,
    port: u16,
    book: Arc<Mutex<Book>>,
    mut asked: tokio::sync::mpsc::Receiver<Pause>,
) {
    // The connections end with the listener: that is what `close` is for.
    let mut connections = tokio::task::JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                let Ok((stream, _)) = accepted else { return };
                connections.spawn(serve(stream, book.clone()));
            }
            Some((time, done)) = asked.recv() => {
                while let Ok(Ok((stream, _))) = tokio::time::timeout(QUIET, listener.accept()).await {
                    connections.spawn(serve(stream, book.clone()));
                }
                drop(listener);
                tokio::time::sleep(time).await;
                listener = TcpListener::bind(("127.0.0.1", port)).await.expect("the port is still ours");
                let _ = done.send(());
            }
        }
    }
}

async fn serve(stream: TcpStream, book: Arc<Mutex<Book>>) {
    let mut stream = BufReader::new(stream);
    while let Ok(Some(request)) = wire::read(&mut stream).await {
        let Ok(()) = meet(&mut stream, &request, &book).await else { return };
        if book.lock().expect("no panic").is_curt {
            return;
        }
    }
}

/// Answers one request; an error ends the connection.
async fn meet(
    stream: &mut BufReader<TcpStream>,
    request: &wire::Request,
    book: &Mutex<Book>,
) -> std::io::Result<()> {
    let hang_up = || std::io::Error::other("hung up on purpose");
    let Some(send) = as_send(request) else {
        book.lock().expect("no panic").asked.push(request.clone());
        return look_up(stream, request, book).await;
    };
    let (manner, answer) = enter(send, book);
    let (takes, is_curt) = {
        let book = book.lock().expect("no panic");
        (book.takes, book.is_curt)
    };
    if !takes.is_zero() {
        tokio::time::sleep(takes).await;
    }
    let curt: &[_] = if is_curt { &[("connection", "close".to_owned())] } else { &[] };
    match manner {
        None => wire::write(stream, 200, curt, &answer.to_string()).await,
        Some(Manner::AcceptAndHangUp) => Err(hang_up()),
        Some(Manner::AcceptAndHold(let_go)) => {
            let_go.notified().await;
            wire::write(stream, 200, &[], &answer.to_string()).await
        }
        Some(Manner::AcceptAndAnswer(status, body)) => {
            wire::write(stream, status, curt, &body.to_string()).await
        }
        Some(Manner::Refuse(status, body, wait)) => {
            let headers: Vec<_> =
                wait.map(|seconds| ("retry-after", seconds.to_string())).into_iter().collect();
            wire::write(stream, status, &headers, &body.to_string()).await
        }
    }
}

/// Writes the ledger, unless a rule refuses; gives how to meet it, and the usual answer.
fn enter(send: Accepted, book: &Mutex<Book>) -> (Option<Manner>, Value) {
    let mut book = book.lock().expect("no panic");
    let rule = book.rules.iter_mut().find(|rule| rule.times > 0 && send.text.contains(&rule.text));
    let manner = rule.map(|rule| {
        rule.times -= 1;
        rule.manner.clone()
    });
    let manner = manner.or_else(|| book.by_text.remove(&send.text));
    let refused = book.templates.refuses(&send.body);
    let manner = manner.or(refused.map(|(status, body)| Manner::Refuse(status, body, None)));
    if matches!(manner, Some(Manner::Refuse(..))) {
        return (manner, Value::Null);
    }
    book.next += 1;
    let id = match send.platform {
        "whatsapp" => format!("wamid.HBgLout{:08}", book.next),
        "messenger" => format!("m_out{:08}", book.next),
        "instagram" => format!("aWdNout{:08}", book.next),
        _ => (10_000 + book.next).to_string(),
    };
    let accepted = Accepted { id, ..send };
    let answer = usual_answer(&accepted);
    book.texts.insert(accepted.text.clone());
    book.accepted.push(accepted);
    (manner, answer)
}

/// Reads a request as a send, if it is one: docs/platforms.md 2.5, 3.4, 4 and 5.4. The id comes with
/// acceptance.
fn as_send(request: &wire::Request) -> Option<Accepted> {
    if request.method != "POST" {
        return None;
    }
    let body: Value = serde_json::from_slice(&request.body).ok()?;
    let path = request.path.split('?').next()?.to_owned();
    let text = |value: &Value| value.as_str().unwrap_or("").to_owned();
    let id = String::new();
    if path.starts_with("/telegram/") {
        let sends = path.ends_with("/sendMessage");
        let to = body["chat_id"].as_i64().map_or_else(|| text(&body["chat_id"]), |id| id.to_string());
        return sends.then(|| Accepted {
            platform: "telegram",
            id,
            to,
            text: text(&body["text"]),
            token: None,
            path,
            body,
        });
    }
    if !path.ends_with("/messages") || body["status"] == "read" || !body["sender_action"].is_null() {
        return None;
    }
    if body["messaging_product"] == "whatsapp" {
        let to = if body["to"].is_null() { text(&body["recipient"]) } else { text(&body["to"]) };
        let token = body["biz_opaque_callback_data"].as_str().map(str::to_owned);
        return Some(Accepted {
            platform: "whatsapp",
            id,
            to,
            text: text(&body["text"]["body"]),
            token,
            path,
            body,
        });
    }
    // Messenger and Instagram by Facebook login share Graph; the tests' tokens say whose they are.
    let authorization = request.headers.get("authorization").map_or("", String::as_str);
    let on_instagram =
        path.starts_with("/instagram/") || format!("{authorization}{}", request.path).contains("instagram");
    let platform = if on_instagram { "instagram" } else { "messenger" };
    let token = body["message"]["metadata"].as_str().map(str::to_owned);
    let (to, said) = (text(&body["recipient"]["id"]), text(&body["message"]["text"]));
    Some(Accepted { platform, id, to, text: said, token, path, body })
}

fn usual_answer(accepted: &Accepted) -> Value {
    let now = std::time::SystemTime::UNIX_EPOCH.elapsed().unwrap_or(Duration::ZERO).as_secs();
    match accepted.platform {
        "whatsapp" => json!({
            "messaging_product": "whatsapp",
            "contacts": [{"input": accepted.to, "wa_id": accepted.to.trim_start_matches('+')}],
            "messages": [{"id": accepted.id}],
        }),
        "telegram" => {
            let chat: i64 = accepted.to.parse().unwrap_or(0);
            let id: i64 = accepted.id.parse().unwrap_or(0);
            let mut result = json!({
                "message_id": id, "date": now, "text": accepted.text,
                "from": {"id": 7_045_512_398_i64, "is_bot": true, "first_name": "North Pier"},
                "chat": {"id": chat, "type": "private"},
            });
            if let Some(connection) = accepted.body.get("business_connection_id") {
                result["business_connection_id"] = connection.clone();
            }
            json!({"ok": true, "result": result})
        }
        _ => json!({"recipient_id": accepted.to, "message_id": accepted.id}),
    }
}

/// Whatever is asked beside sends: a file, what a test said, or something plausible.
async fn look_up(
    stream: &mut BufReader<TcpStream>,
    request: &wire::Request,
    book: &Mutex<Book>,
) -> std::io::Result<()> {
    let path = request.path.split('?').next().unwrap_or_default().to_owned();
    let is_file = path.contains("/files/") || path.contains("/file/bot");
    let (said, file) = {
        let mut book = book.lock().expect("no panic");
        let said = book.answers.iter().rev().find(|(end, _, _)| path.ends_with(end.as_str())).cloned();
        let said = said.or_else(|| {
            let (status, body) = book.templates.answer(request)?;
            Some((path.clone(), status, body))
        });
        (said, path.rsplit('/').next().filter(|_| is_file).and_then(|id| book.files.get(id).cloned()))
    };
    if let Some((_, status, body)) = said {
        return wire::write(stream, status, &[], &body.to_string()).await;
    }
    let (takes, told) = {
        let mut book = book.lock().expect("no panic");
        (book.past.takes, book.past.answer(request))
    };
    if let Some((status, headers, body)) = told {
        tokio::time::sleep(takes).await;
        return wire::write(stream, status, &headers, &body.to_string()).await;
    }
    if let Some(answer) = webhook_of_a_bot(&path, request, book) {
        return wire::write(stream, 200, &[], &answer.to_string()).await;
    }
    if let Some((bytes, let_go)) = file {
        let_go.notified().await;
        let_go.notify_one();
        return wire::write_bytes(stream, 200, &[], &bytes).await;
    }
    if is_file {
        return wire::write(stream, 404, &[], "{}").await;
    }
    wire::write(stream, 200, &[], &plausible(request).to_string()).await
}

/// Telegram keeps where it calls a bot.
fn webhook_of_a_bot(path: &str, request: &wire::Request, book: &Mutex<Book>) -> Option<Value> {
    let (bot, method) = path.rsplit_once('/').filter(|(bot, _)| bot.starts_with("/telegram/bot"))?;
    let mut book = book.lock().expect("no panic");
    match method {
        "setWebhook" => {
            let url = request.json()["url"].as_str().unwrap_or_default().to_owned();
            book.webhooks.insert(bot.to_owned(), url);
            Some(json!({"ok": true, "result": true, "description": "Webhook was set"}))
        }
        "getWebhookInfo" => {
            let url = book.webhooks.get(bot).cloned().unwrap_or_default();
            let result = json!({"url": url, "has_custom_certificate": false, "pending_update_count": 0});
            Some(json!({"ok": true, "result": result}))
        }
        _ => None,
    }
}

/// Profiles, subscriptions, webhooks, where a file lies.
fn plausible(request: &wire::Request) -> Value {
    let asked = request.json();
    if let Some(id) = asked["file_id"].as_str() {
        return json!({"ok": true, "result": {"file_id": id, "file_path": format!("photos/{}", id.trim_start_matches("file-"))}});
    }
    let path = request.path.split('?').next().unwrap_or_default();
    if let Some(id) = path.rsplit('/').next().and_then(|last| last.strip_prefix("media-")) {
        let host = request.headers.get("host").map_or("", String::as_str);
        return json!({"id": format!("media-{id}"), "url": format!("http://{host}/graph/files/{id}"), "mime_type": "image/png"});
    }
    if path.ends_with("/media") {
        return json!({"id": "an-upload"});
    }
    if path.ends_with("/message_attachments") {
        return json!({"attachment_id": "an-upload"});
    }
    if path.contains("/getChat") {
        return json!({"ok": true, "result": {"id": asked["chat_id"]}});
    }
    if request.path.starts_with("/telegram/") {
        return json!({"ok": true, "result": {"id": 7_045_512_398_i64, "is_bot": true, "first_name": "North Pier", "username": "north_pier_bot", "url": "", "pending_update_count": 0}});
    }
    json!({"success": true})
}
