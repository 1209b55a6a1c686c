//! The load: a platform that posts until it is answered 200, agents who write until they are acknowledged, and
//! screens that follow everything and come back whenever they are cut. Never gives up, never guesses.

use crate::ledgers::{Screen, Stored, sent_at_most_once};
use crate::support::channel::Channel;
use crate::support::client::Client;
use crate::support::database::Database;
use crate::support::house::House;
use crate::support::webhooks::try_post;
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use tokio::sync::Mutex;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::{Message, http::HeaderValue};

/// How much.
#[derive(Clone)]
pub struct Scale {
    pub messages: usize,
    pub conversations: usize,
    pub screens: usize,
    pub replies: usize,
    /// Messages a second; 0: as fast as it goes.
    pub rate: usize,
}

/// How far the load is.
#[derive(Default)]
pub struct Progress {
    pub posted: AtomicUsize,
    pub refused: AtomicUsize,
    /// Answers that no fault excuses: 500s and 4xx.
    pub odd: Mutex<Vec<String>>,
    pub is_over: AtomicBool,
}

/// Opens a house on a database named by a word.
pub async fn house(database: &str) -> House {
    let database = match database {
        "sqlite" => Database::sqlite(),
        _ => Database::postgres().await.expect("PostgreSQL is installed"),
    };
    House::open(database).await
}

/// The stage of a run: a channel and its conversations.
pub struct Stage {
    pub channel: Channel,
    pub conversations: Vec<i64>,
}

impl Stage {
    /// Connects the channel and begins the conversations.
    pub async fn set(house: &House, scale: &Scale) -> Self {
        let channel = house.channel("whatsapp").await;
        let mut conversations = Vec::new();
        for n in 0..scale.conversations {
            conversations.push(channel.conversation(&house.admin, &customer(n)).await);
        }
        Self { channel, conversations }
    }
}

fn customer(n: usize) -> String {
    format!("1555770{n:04}")
}

fn message_id(n: usize) -> String {
    format!("wamid.trust.{n}")
}

/// Runs the load with `fault` beside it, then compares all ledgers: what is wrong, and the figures.
pub async fn with_fault<F: AsyncFnOnce(&mut House, &Progress)>(
    house: &mut House,
    scale: &Scale,
    fault: F,
) -> (Vec<String>, String) {
    let stage = Stage::set(house, scale).await;
    let progress = Arc::new(Progress::default());
    let url = house.url();
    let screens: Vec<_> = (0..scale.screens)
        .map(|_| {
            tokio::spawn(follows(
                house.admin.clone(),
                url.clone(),
                stage.conversations.clone(),
                progress.clone(),
            ))
        })
        .collect();
    let begun = Instant::now();
    let posting = tokio::spawn(posts(url.clone(), stage.channel.clone(), scale.clone(), progress.clone()));
    let writing = tokio::spawn(writes(house.admin.clone(), stage.conversations.clone(), scale.replies));
    fault(house, &progress).await;
    let given = posting.await.expect("the platform goes on");
    let took = begun.elapsed();
    let written = writing.await.expect("the agents go on");
    let mut wrong = Vec::new();
    settled(house, &stage, &written, &mut wrong).await;
    let stored = Stored::read(&house.admin).await;
    *TARGETS.lock().await = stored.versions.clone();
    progress.is_over.store(true, Ordering::SeqCst);
    stored.holds(&given, &mut wrong);
    let mut sessions = 0;
    for (n, screen) in screens.into_iter().enumerate() {
        match tokio::time::timeout(Duration::from_mins(3), screen).await {
            Ok(Ok(screen)) => {
                sessions += screen.sessions;
                stored.is_shown_by(&format!("screen {n}"), &screen, &mut wrong);
            }
            _ => wrong.push(format!("screen {n} never caught up")),
        }
    }
    let sent = sent_at_most_once(house, &stored, &written, &mut wrong);
    wrong.extend(progress.odd.lock().await.iter().take(5).cloned());
    let figures = format!(
        "{} given, {} stored, {} screens ({sessions} sessions), {} answers other than 200, {:.0} messages/s; {sent}",
        given.len(),
        stored.count() - written.len(),
        scale.screens,
        progress.refused.load(Ordering::Relaxed),
        given.len() as f64 / took.as_secs_f64(),
    );
    (wrong, figures)
}

/// What the screens must reach before they may go.
static TARGETS: Mutex<std::collections::BTreeMap<i64, i64>> =
    Mutex::const_new(std::collections::BTreeMap::new());

/// Posts every message until it is answered 200, eight to a body, sixteen bodies at once.
async fn posts(url: String, channel: Channel, scale: Scale, progress: Arc<Progress>) -> BTreeSet<String> {
    const BATCH: usize = 8;
    let begun = Instant::now();
    let batches: Vec<usize> = (0..scale.messages).step_by(BATCH).collect();
    futures_util::stream::iter(batches)
        .for_each_concurrent(16, |first| {
            let (url, channel, progress, scale) = (&url, &channel, &progress, &scale);
            async move {
                if let Some(due) = (first * 1000).checked_div(scale.rate) {
                    tokio::time::sleep_until((begun + Duration::from_millis(due as u64)).into()).await;
                }
                let last = (first + BATCH).min(scale.messages);
                let messages: Vec<_> = (first..last).map(|n| (message_id(n), format!("text {n}"))).collect();
                let body = channel.batch(&customer(first / BATCH % scale.conversations), &messages);
                loop {
                    match try_post(url, channel, &body).await {
                        Ok(answer) if answer.status == 200 => break,
                        Ok(answer) if answer.status != 503 => {
                            progress
                                .odd
                                .lock()
                                .await
                                .push(format!("a webhook was answered {}", answer.status));
                        }
                        _ => {}
                    }
                    progress.refused.fetch_add(1, Ordering::Relaxed);
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
                progress.posted.fetch_add(messages.len(), Ordering::Relaxed);
            }
        })
        .await;
    (0..scale.messages).map(message_id).collect()
}

/// Writes replies until each is acknowledged: the texts.
async fn writes(agent: Client, conversations: Vec<i64>, replies: usize) -> BTreeSet<String> {
    let mut written = BTreeSet::new();
    for n in 0..replies {
        let text = format!("reply {n}");
        let body = json!({"content": text, "client_id": format!("trust-{n}")});
        let path = format!("/api/v1/conversations/{}/messages", conversations[n % conversations.len()]);
        loop {
            match agent.try_post(&path, &body).await {
                Ok(answer) if answer.status == 201 || answer.status == 200 => break,
                _ => tokio::time::sleep(Duration::from_millis(100)).await,
            }
        }
        written.insert(text);
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    written
}

/// Waits until nothing is on its way to the platform any more.
async fn settled(house: &House, stage: &Stage, written: &BTreeSet<String>, wrong: &mut Vec<String>) {
    let begun = Instant::now();
    while begun.elapsed() < Duration::from_mins(4) {
        let mut waiting = 0;
        for conversation in &stage.conversations {
            if written.is_empty() {
                return;
            }
            let path = format!("/api/v1/conversations/{conversation}/messages?limit=100");
            let Ok(page) = house.admin.try_get(&path).await else { continue };
            waiting += page.json["items"]
                .as_array()
                .into_iter()
                .flatten()
                .filter(|message| is_waiting(message))
                .count();
        }
        let deliveries = house.admin.try_get("/api/v1/deliveries?limit=100&status=queued").await;
        let queued =
            deliveries.ok().and_then(|page| page.json["items"].as_array().map(Vec::len)).unwrap_or(0);
        if waiting == 0 && queued == 0 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    wrong.push("some replies were still waiting after four minutes".into());
}

fn is_waiting(message: &Value) -> bool {
    message["sender_type"] == "support"
        && ["queued", "sending"].iter().any(|status| message["status"] == *status)
}

/// A screen: follows everything, comes back when it is cut, and leaves once the run is over and it shows all of it.
pub async fn follows(
    client: Client,
    url: String,
    conversations: Vec<i64>,
    progress: Arc<Progress>,
) -> Screen {
    let mut screen = Screen::default();
    loop {
        let Some(mut socket) = connect(&client, &url).await else {
            tokio::time::sleep(Duration::from_millis(50)).await;
            continue;
        };
        screen.sessions += 1;
        for conversation in &conversations {
            let frame = json!({"type": "subscribe", "conversation_id": conversation, "after": screen.version(*conversation)});
            if socket.send(Message::text(frame.to_string())).await.is_err() {
                break;
            }
        }
        loop {
            match tokio::time::timeout(Duration::from_millis(500), socket.next()).await {
                Ok(Some(Ok(Message::Text(text)))) => {
                    screen.apply(&serde_json::from_str(text.as_str()).unwrap_or_default());
                }
                Ok(Some(Err(_)) | None) => break,
                Err(_) if progress.is_over.load(Ordering::SeqCst) => {
                    let targets = TARGETS.lock().await;
                    if !targets.is_empty()
                        && targets.iter().all(|(id, version)| screen.version(*id) >= *version)
                    {
                        return screen;
                    }
                }
                Ok(Some(Ok(_))) | Err(_) => {}
            }
        }
    }
}

/// An open socket.
pub type Socket =
    tokio_tungstenite::WebSocketStream<tokio_tungstenite::MaybeTlsStream<tokio::net::TcpStream>>;

/// A socket by token.
pub async fn connect(client: &Client, url: &str) -> Option<Socket> {
    let crate::support::client::Proof::Bearer(token) = &client.proof else { return None };
    let mut request = format!("{}/ws", url.replace("http://", "ws://")).into_client_request().ok()?;
    let value = HeaderValue::from_str(&format!("rapport.v1, bearer.{token}")).ok()?;
    request.headers_mut().insert("sec-websocket-protocol", value);
    let connecting = tokio_tungstenite::connect_async(request);
    tokio::time::timeout(Duration::from_secs(10), connecting).await.ok()?.ok().map(|(socket, _)| socket)
}
