//! Strangers who want to use the server up: each anonymous route and frame is driven at ten times its limit
//! for ten seconds and more, while an agent works. The agent must hardly notice, neither disk nor memory may
//! fill, and
//! afterwards everything is as it was. Over 400 lines: one paragraph a door.

use crate::support::client::{Client, answer, http, number};
use crate::support::database::Database;
use crate::support::house::House;
use crate::support::raw::Raw;
use crate::support::server::{ADMIN, PASSWORD};
use crate::support::webhooks::post;
use crate::{Found, Options};
use futures_util::future::join_all;
use futures_util::{SinkExt, StreamExt};
use reqwest::Method;
use serde_json::{Value, json};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;

/// How long each door is driven at.
const DRIVEN: Duration = Duration::from_secs(10);
/// How much later than at rest an agent's answers may come.
const LATER: f64 = 100.0;
/// How much more there may be on the disk, and in memory.
const DISK: u64 = 50_000_000;
const MEMORY: u64 = 100_000_000;
/// The address that all strangers come from.
const FLOOD: &str = "203.0.113.1";

/// What all doors are driven at with.
#[derive(Clone)]
struct Target {
    url: String,
    channel: i64,
    went: Arc<AtomicU64>,
    refused: Arc<AtomicU64>,
}

impl Target {
    /// One try, and whether it was taken.
    fn note(&self, taken: bool) {
        (if taken { &self.went } else { &self.refused }).fetch_add(1, Ordering::Relaxed);
    }

    async fn socket(&self, from: &str) -> Option<Line> {
        let address = format!("{}/widget/{}/ws", self.url.replace("http://", "ws://"), self.channel);
        let mut request = address.into_client_request().ok()?;
        request.headers_mut().insert("x-forwarded-for", from.parse().ok()?);
        let (line, _) = tokio_tungstenite::connect_async(request).await.ok()?;
        Some(Line(line))
    }

    /// A visitor who said hello, and their token.
    async fn visitor(&self, from: &str) -> Option<(Line, String)> {
        let mut line = self.socket(from).await?;
        let welcome = line.asks(&json!({"type": "hello"})).await?;
        Some((line, welcome["token"].as_str()?.to_owned()))
    }
}

struct Line(tokio_tungstenite::WebSocketStream<tokio_tungstenite::MaybeTlsStream<tokio::net::TcpStream>>);

impl Line {
    async fn says(&mut self, frame: &Value) -> Option<()> {
        self.0.send(Message::text(frame.to_string())).await.ok()
    }

    /// Says something and hears what comes next.
    async fn asks(&mut self, frame: &Value) -> Option<Value> {
        self.says(frame).await?;
        loop {
            match tokio::time::timeout(Duration::from_secs(10), self.0.next()).await.ok()?? {
                Ok(Message::Text(text)) => return serde_json::from_str(&text).ok(),
                Ok(Message::Close(_)) | Err(_) => return None,
                Ok(_) => {}
            }
        }
    }
}

/// So many at the same time, again and again, until the time is over; each waits so long before it begins
/// again.
async fn driven(count: usize, pause: Duration, once: impl AsyncFn(usize)) {
    let end = Instant::now() + DRIVEN;
    let once = &once;
    join_all((0..count).map(|n| async move {
        while Instant::now() < end {
            once(n).await;
            tokio::time::sleep(pause).await;
        }
    }))
    .await;
}

/// The doors: a name, and ten times its limit or more.
const DOORS: [&str; 12] = [
    "messages of ten visitors",
    "new conversations",
    "hellos",
    "sockets that say nothing",
    "typing",
    "older messages",
    "frames of nonsense",
    "files of 24 MB",
    "webhooks that nobody signed",
    "webhooks signed wrongly, 3 MB",
    "webhooks that trickle, 150 at once",
    "open pages, set-up, flow addresses",
];

async fn drive(door: &str, at: &Target) {
    match door {
        "messages of ten visitors" => {
            let mut visitors = Vec::new();
            for _ in 0..10 {
                visitors.push(tokio::sync::Mutex::new(at.visitor(FLOOD).await));
            }
            driven(10, Duration::from_millis(5), async |n| {
                let mut visitor = visitors[n].lock().await;
                let frame = json!({"type": "send", "client_id": unique(), "content": "hello"});
                let heard = match visitor.as_mut() {
                    Some((line, _)) => line.asks(&frame).await,
                    None => None,
                };
                if heard.is_none() {
                    *visitor = at.visitor(FLOOD).await;
                }
                at.note(heard.is_some_and(|heard| heard["type"] == "message_sent"));
            })
            .await;
        }
        "new conversations" => {
            driven(4, Duration::from_millis(10), async |_| {
                let begun = async {
                    let (mut line, _) = at.visitor(FLOOD).await?;
                    line.asks(&json!({"type": "send", "client_id": unique(), "content": "buy"})).await
                };
                at.note(begun.await.is_some_and(|heard| heard["type"] == "message_sent"));
            })
            .await;
        }
        "hellos" => {
            driven(8, Duration::from_millis(5), async |_| at.note(at.visitor(FLOOD).await.is_some())).await;
        }
        "sockets that say nothing" => {
            let held = tokio::sync::Mutex::new(Vec::new());
            driven(8, Duration::from_millis(5), async |_| {
                let socket = at.socket(FLOOD).await;
                at.note(socket.is_some());
                held.lock().await.extend(socket);
            })
            .await;
        }
        "typing" | "older messages" | "frames of nonsense" => {
            let frame = match door {
                "typing" => json!({"type": "typing", "is_typing": true}),
                "older messages" => json!({"type": "history", "before_seq": 1}),
                _ => json!({"type": "nonsense"}),
            };
            let Some((mut line, _)) = at.visitor("203.0.113.9").await else { return };
            line.asks(&json!({"type": "send", "client_id": unique(), "content": "hello"})).await;
            let lines = [tokio::sync::Mutex::new(line)];
            driven(1, Duration::from_millis(1), async |_| {
                let mut line = lines[0].lock().await;
                if line.says(&frame).await.is_none() {
                    at.note(false);
                    if let Some((anew, _)) = at.visitor("203.0.113.9").await {
                        *line = anew;
                    }
                } else {
                    at.note(true);
                }
            })
            .await;
        }
        "files of 24 MB" => {
            let Some((_line, token)) = at.visitor("203.0.113.8").await else { return };
            let address = format!("{}/widget/{}/media", at.url, at.channel);
            let body: &'static [u8] = form().leak();
            driven(3, Duration::from_millis(20), async |_| {
                let request = http()
                    .post(&address)
                    .bearer_auth(&token)
                    .header("x-forwarded-for", "203.0.113.8")
                    .header("content-type", "multipart/form-data; boundary=edge")
                    .body(body);
                at.note(request.send().await.is_ok_and(|answer| answer.status() == 201));
            })
            .await;
        }
        "webhooks that nobody signed" | "webhooks signed wrongly, 3 MB" => {
            let is_signed = door.contains("signed wrongly");
            // Sent as it lies there: a copy of it for each try would cost this machine more than the server's answer.
            let body: &'static [u8] = vec![b' '; if is_signed { 3_000_000 } else { 100_000 }].leak();
            let client = http();
            let signature = format!("sha256={}", "0".repeat(64));
            driven(6, Duration::from_millis(5), async |_| {
                let mut request =
                    client.post(format!("{}/webhooks/whatsapp", at.url)).header("x-forwarded-for", FLOOD);
                if is_signed {
                    request = request.header("x-hub-signature-256", &signature);
                }
                let status = request.body(body).send().await.map(|answer| answer.status().as_u16());
                at.note(matches!(status, Ok(200)));
            })
            .await;
        }
        "webhooks that trickle, 150 at once" => {
            let head = format!(
                "POST /webhooks/whatsapp HTTP/1.1\r\nhost: x\r\nx-hub-signature-256: sha256={}\r\n\
                 content-length: 4194303\r\n\r\n",
                "0".repeat(64)
            );
            let body = vec![b' '; 4_194_303 - 1_024];
            let sockets = tokio::sync::Mutex::new(Vec::new());
            join_all((0..150).map(|_| async {
                let mut raw = Raw::connect(&at.url).await;
                raw.write(head.as_bytes()).await;
                let all = raw.write(&body);
                let taken = tokio::time::timeout(DRIVEN, all).await.is_ok();
                at.note(taken);
                sockets.lock().await.push(raw);
            }))
            .await;
            tokio::time::sleep(DRIVEN).await;
        }
        _ => {
            let client = http();
            let places = [
                format!("/widget/{}", at.channel),
                "/login".into(),
                "/api/v1/setup".into(),
                "/health/live".into(),
            ];
            driven(4, Duration::from_millis(5), async |n| {
                let seen = client.get(format!("{}{}", at.url, places[n])).send().await;
                let flow =
                    client.post(format!("{}/hooks/flows/{}", at.url, unique())).body("{}").send().await;
                at.note(seen.is_ok() && flow.is_ok());
            })
            .await;
        }
    }
}

fn unique() -> String {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    format!("s-{}", NEXT.fetch_add(1, Ordering::Relaxed))
}

fn form() -> Vec<u8> {
    let head = "--edge\r\ncontent-disposition: form-data; name=\"file\"; filename=\"a photo\"\r\n\r\n";
    [head.as_bytes(), &vec![7; 24 * 1024 * 1024], b"\r\n--edge--\r\n"].concat()
}

/// An agent at work: reads the list and answers, every few milliseconds; how long each took, in ms.
async fn works(admin: &Client, conversation: i64, end: &AtomicBool) -> Vec<f64> {
    let mut took = Vec::new();
    while !end.load(Ordering::Relaxed) {
        let begun = Instant::now();
        admin.get("/api/v1/conversations?limit=20").await.expect(200);
        took.push(begun.elapsed().as_secs_f64() * 1000.0);
        let begun = Instant::now();
        admin.say(conversation, &unique(), "on it").await.expect(201);
        took.push(begun.elapsed().as_secs_f64() * 1000.0);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    took
}

async fn at_rest(admin: &Client, conversation: i64) -> f64 {
    let end = AtomicBool::new(false);
    let timer = async {
        tokio::time::sleep(Duration::from_secs(3)).await;
        end.store(true, Ordering::Relaxed);
    };
    p95(tokio::join!(works(admin, conversation, &end), timer).0)
}

fn p95(mut took: Vec<f64>) -> f64 {
    took.sort_by(f64::total_cmp);
    took.get(took.len() * 95 / 100).copied().unwrap_or_default()
}

/// Bytes of everything below a folder.
fn weight(folder: &Path) -> u64 {
    let Ok(entries) = std::fs::read_dir(folder) else { return 0 };
    let of = |entry: std::fs::DirEntry| match entry.metadata() {
        Ok(what) if what.is_dir() => weight(&entry.path()),
        Ok(what) => what.len(),
        Err(_) => 0,
    };
    entries.flatten().map(of).sum()
}

/// What the server has on the disk: the folder it runs in, and its database if that is a file.
fn disk(house: &House) -> u64 {
    let home = std::fs::read_link(format!("/proc/{}/cwd", house.server.process_id())).unwrap_or_default();
    let file = house.database.url.strip_prefix("sqlite://").map(Path::new);
    let beside = file.and_then(Path::parent).filter(|folder| !folder.starts_with(&home));
    weight(&home) + beside.map_or(0, weight)
}

/// Each door in turn, then a thousand sign-ins at once, then whether two addresses count apart.
pub async fn strangers(database: &str, _: &Options) -> Found {
    let Some(database) = (match database {
        "sqlite" => Some(Database::sqlite()),
        _ => Database::postgres().await,
    }) else {
        return Found::of(&["no PostgreSQL here".to_owned()], String::new());
    };
    let house =
        House::open_with(database, |settings| settings.with("RAPPORT_TRUSTED_PROXIES", "127.0.0.1")).await;
    let whatsapp = house.channel("whatsapp").await;
    post(&house.url(), &whatsapp, &whatsapp.text("15557700421", "wamid.1", "hello")).await.expect(200);
    let conversation = whatsapp.conversation(&house.admin, "15557700421").await;
    let body = json!({"kind": "webchat", "name": "Site"});
    let channel = number(&house.admin.post("/api/v1/channels", &body).await.expect(201)["id"]);
    let rest = at_rest(&house.admin, conversation).await;
    let (files, memory, space) =
        (house.server.open_files(), house.server.resident_kib() * 1024, disk(&house));
    println!("| door | taken | refused | agent p95, ms (at rest {rest:.1}) | memory, MB | disk, MB |");
    println!("| --- | --- | --- | --- | --- | --- |");
    let mut wrong = Vec::new();
    let (mut slowest, mut most) = (rest, 0);
    let megabytes = |bytes: u64| bytes as f64 / 1e6;
    for door in DOORS {
        let target = Target { url: house.url(), channel, went: Arc::default(), refused: Arc::default() };
        let end = AtomicBool::new(false);
        let peak = AtomicU64::new(0);
        let flood = async {
            drive(door, &target).await;
            end.store(true, Ordering::Relaxed);
        };
        let look = async {
            while !end.load(Ordering::Relaxed) {
                peak.fetch_max(house.server.resident_kib() * 1024, Ordering::Relaxed);
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        };
        let (took, (), ()) = tokio::join!(works(&house.admin, conversation, &end), flood, look);
        let (late, more) = (p95(took), peak.into_inner().saturating_sub(memory));
        let grown = disk(&house).saturating_sub(space);
        println!(
            "| {door} | {} | {} | {late:.1} | +{:.0} | +{:.0} |",
            target.went.load(Ordering::Relaxed),
            target.refused.load(Ordering::Relaxed),
            megabytes(more),
            megabytes(grown)
        );
        if late > rest + LATER {
            wrong.push(format!("{door}: an agent's p95 was {late:.0} ms, {rest:.0} at rest"));
        }
        if more > MEMORY {
            wrong.push(format!("{door}: {:.0} MB more in memory", megabytes(more)));
        }
        if grown > DISK {
            wrong.push(format!("{door}: {:.0} MB more on the disk", megabytes(grown)));
        }
        (slowest, most) = (slowest.max(late), most.max(more));
    }
    let (evaluated, waited) = sign_ins(&house, conversation, rest, &mut wrong).await;
    apart(&house, channel, &mut wrong).await;
    let after = settles(&house, conversation, (rest, files, memory), &mut wrong).await;
    let figures = format!(
        "p95 {rest:.1} ms at rest, {slowest:.1} at worst, {after:.1} afterwards; memory +{:.0} MB, disk +{:.0} MB; {evaluated} of \
         1,000 sign-ins evaluated, the owner in after {waited:.1?}",
        megabytes(most),
        megabytes(disk(&house).saturating_sub(space))
    );
    Found::of(&wrong, figures)
}

async fn signs_in(anybody: &Client, name: &str, password: &str, from: &str, cookie: &str) -> (u16, String) {
    let request = anybody
        .request(Method::POST, "/api/v1/login")
        .header("x-forwarded-for", from)
        .header("cookie", cookie)
        .json(&json!({"username": name, "password": password}));
    let Ok(answer) = answer(request).await else { return (0, String::new()) };
    let cookies = answer.headers.get_all("set-cookie").iter().filter_map(|value| value.to_str().ok());
    let mark = cookies.filter(|cookie| cookie.contains("rapport_seen")).map(str::to_owned).next();
    (answer.status, mark.unwrap_or_default().split(';').next().unwrap_or_default().to_owned())
}

/// A thousand at once: how many were looked at, and how long the owner waited at her own device.
async fn sign_ins(house: &House, conversation: i64, rest: f64, wrong: &mut Vec<String>) -> (usize, Duration) {
    let anybody = Client::anonymous(&house.url());
    let (_, mark) = signs_in(&anybody, ADMIN, PASSWORD, "203.0.113.77", "").await;
    let end = AtomicBool::new(false);
    let flood = async {
        let all = (0..1_000).map(|n| {
            let (anybody, name) = (&anybody, format!("nobody{n}"));
            async move { signs_in(anybody, &name, "not the right one", FLOOD, "").await.0 }
        });
        let all = join_all(all).await;
        end.store(true, Ordering::Relaxed);
        all
    };
    let owner = async {
        let begun = Instant::now();
        (signs_in(&anybody, ADMIN, PASSWORD, FLOOD, &mark).await.0, begun.elapsed())
    };
    let (took, answers, (status, waited)) =
        tokio::join!(works(&house.admin, conversation, &end), flood, owner);
    let evaluated = answers.iter().filter(|status| **status == 401).count();
    let late = p95(took);
    println!("| 1,000 sign-ins at once | {evaluated} | {} | {late:.1} | | |", 1_000 - evaluated);
    if evaluated > 100 {
        wrong.push(format!("{evaluated} of 1,000 sign-ins were evaluated"));
    }
    if status != 200 {
        wrong.push(format!("the owner at her own device was answered {status}"));
    }
    if late > rest + LATER {
        wrong.push(format!("sign-ins: an agent's p95 was {late:.0} ms, {rest:.0} at rest"));
    }
    (evaluated, waited)
}

/// Behind a proxy, whoever comes from another address is served as if nothing were.
async fn apart(house: &House, channel: i64, wrong: &mut Vec<String>) {
    let target = Target { url: house.url(), channel, went: Arc::default(), refused: Arc::default() };
    let written = async {
        let (mut line, _) = target.visitor("203.0.113.200").await?;
        line.asks(&json!({"type": "send", "client_id": unique(), "content": "hello"})).await
    };
    if written.await.is_none_or(|heard| heard["type"] != "message_sent") {
        wrong.push("a visitor from another address was not served".into());
    }
    let anybody = Client::anonymous(&house.url());
    if signs_in(&anybody, ADMIN, PASSWORD, "203.0.113.200", "").await.0 != 200 {
        wrong.push("a sign-in from another address was not served".into());
    }
}

/// Afterwards: answers, files and memory as before.
async fn settles(
    house: &House,
    conversation: i64,
    (rest, files, memory): (f64, usize, u64),
    wrong: &mut Vec<String>,
) -> f64 {
    for _ in 0..30 {
        if house.server.open_files() <= files + 20 {
            break;
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    let after = at_rest(&house.admin, conversation).await;
    let (open, held) = (house.server.open_files(), house.server.resident_kib() * 1024);
    if after > rest + LATER / 2.0 {
        wrong.push(format!("afterwards an agent's p95 is {after:.0} ms"));
    }
    if open > files + 20 {
        wrong.push(format!("afterwards {open} files are open, {files} before"));
    }
    if held > memory + MEMORY {
        wrong.push(format!("afterwards {} MB are held, {} before", held / 1_000_000, memory / 1_000_000));
    }
    after
}
