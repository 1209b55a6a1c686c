//! What is done for every message, one thing at a time: encoding a frame, handing a change to the sessions of a room,
//! reading a webhook, checking its signature. `cargo bench -p rapport-hot`. Never a test: nothing fails here.

use actix::prelude::*;
use criterion::{BatchSize, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use rapport::channels::meta::signature;
use rapport::domain::event::Voice;
use rapport::domain::message::Sender;
use rapport::domain::{
    ChannelKind, ConversationId, Event, Message, MessageEvent, MessageId, MessageStatus, MessageType, Origin,
    SenderType, Timestamp, WorkspaceId,
};
use rapport::live::hub::{Connect, Follow};
use rapport::live::messages::Frame;
use rapport::live::session_event::{SessionEvent, Subscriber};
use rapport::live::{Hints, Live};
use rapport::store::Db;
use serde_json::{Value, json};
use std::hint::black_box;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

const WORDS: &str = "Do you still have the blue one in a small size? I could come by tomorrow after five.";
const ROOM: ConversationId = ConversationId(1);
/// Changes that come at once.
const BURST: i64 = 16;

fn message(version: i64) -> Arc<Message> {
    Arc::new(Message {
        id: MessageId(version),
        conversation_id: ROOM,
        seq: version,
        version,
        sender_type: SenderType::Customer,
        sender: Sender {
            id: Some(7),
            name: Some("Mira Oduya".into()),
            avatar_url: None,
            username: None,
            email: None,
        },
        origin: Origin::Platform,
        message_type: MessageType::Text,
        content: Some(WORDS.into()),
        attachments: Vec::new(),
        reply_to: None,
        quote: None,
        platform_message_id: Some(format!("wamid.{version}")),
        client_id: None,
        status: MessageStatus::Received,
        error: None,
        is_ai_response: false,
        is_answered: false,
        feedback: None,
        reactions: Vec::new(),
        is_private: false,
        mentions: Vec::new(),
        details: None,
        created_at: Timestamp(1_786_004_433_000),
        platform_sent_at: Some(Timestamp(1_786_004_433_000)),
        edited_at: None,
        deleted_at: None,
        send_at: None,
    })
}

fn encoding(criterion: &mut Criterion) {
    let message = message(12);
    criterion.bench_function("encode a frame", |bencher| {
        bencher.iter_batched(
            || message.clone(),
            |message| black_box(Frame::new(11, 12, true, false, message)),
            BatchSize::SmallInput,
        );
    });
}

/// A session without a socket: it takes what it is given, at once.
struct Screen {
    outstanding: Arc<AtomicUsize>,
    heard: Arc<AtomicUsize>,
}

impl Actor for Screen {
    type Context = Context<Self>;
}

impl Handler<SessionEvent> for Screen {
    type Result = ();
    fn handle(&mut self, news: SessionEvent, _: &mut Self::Context) {
        self.outstanding.fetch_sub(news.weight(), Ordering::Relaxed);
        let count = if let SessionEvent::Frames(frames) = &news { frames.len() } else { 1 };
        self.heard.fetch_add(count, Ordering::Relaxed);
    }
}

/// A room with so many sessions on one thread.
struct House {
    voice: Voice,
    heard: Arc<AtomicUsize>,
    sessions: usize,
    version: i64,
    _screens: Vec<Addr<Screen>>,
    _live: Live,
    _folder: tempfile::TempDir,
}

impl House {
    async fn open(sessions: usize) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let url = format!("sqlite://{}", folder.path().join("rapport.db").display());
        let db = Db::open(&url).await.expect("opens");
        let live = Live::start(db, Hints::none(), Duration::from_secs(60));
        let heard = Arc::new(AtomicUsize::new(0));
        let screens: Vec<_> = (0..sessions).map(|_| Self::sits_down(&live, &heard)).collect();
        // Each hears once that it follows.
        reaches(&heard, sessions).await;
        heard.store(0, Ordering::Relaxed);
        Self {
            voice: live.voice(),
            heard,
            sessions,
            version: 0,
            _screens: screens,
            _live: live,
            _folder: folder,
        }
    }

    fn sits_down(live: &Live, heard: &Arc<AtomicUsize>) -> Addr<Screen> {
        let outstanding = Arc::new(AtomicUsize::new(0));
        let screen = Screen { outstanding: outstanding.clone(), heard: heard.clone() }.start();
        let (hub, key) = (live.hub(), live.session_key());
        let news = screen.clone().recipient();
        hub.do_send(Connect(
            key,
            Subscriber { news, outstanding, workspace_id: WorkspaceId(1), identity: None },
        ));
        hub.do_send(Follow(key, ROOM));
        screen
    }

    /// A burst of changes, until every session has them all.
    async fn burst(&mut self) {
        let events = (1..=BURST)
            .map(|n| {
                Event::Message(MessageEvent {
                    workspace_id: WorkspaceId(1),
                    conversation_id: ROOM,
                    version: self.version + n,
                    is_new: true,
                    is_new_conversation: false,
                    message: message(self.version + n),
                })
            })
            .collect();
        self.version += BURST;
        (self.voice)(events);
        let each = usize::try_from(BURST).expect("a small number");
        reaches(&self.heard, self.sessions * each).await;
        self.heard.store(0, Ordering::Relaxed);
    }
}

async fn reaches(heard: &AtomicUsize, count: usize) {
    while heard.load(Ordering::Relaxed) < count {
        tokio::task::yield_now().await;
    }
}

fn delivery(criterion: &mut Criterion) {
    let system = System::new();
    let mut group = criterion.benchmark_group("deliver 16 changes to a room's sessions");
    for sessions in [4_usize, 1_000] {
        let mut house = system.block_on(House::open(sessions));
        group.throughput(Throughput::Elements(sessions as u64 * BURST.unsigned_abs()));
        group.bench_function(BenchmarkId::from_parameter(sessions), |bencher| {
            bencher.iter_custom(|rounds| {
                system.block_on(async {
                    let begun = Instant::now();
                    for _ in 0..rounds {
                        house.burst().await;
                    }
                    begun.elapsed()
                })
            });
        });
    }
    group.finish();
}

fn webhook(messages: usize) -> Vec<u8> {
    let said: Vec<Value> = (0..messages)
        .map(|n| {
            json!({"from": "15557700421", "id": format!("wamid.{n}"), "timestamp": "1786004433", "type": "text",
                "text": {"body": WORDS}})
        })
        .collect();
    let value = json!({
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": "15550142210", "phone_number_id": "731904466218053"},
        "contacts": [{"profile": {"name": "Mira Oduya"}, "wa_id": "15557700421"}],
        "messages": said,
    });
    let change = json!({"value": value, "field": "messages"});
    let entry = json!({"id": "290417755120884", "changes": [change]});
    json!({"object": "whatsapp_business_account", "entry": [entry]}).to_string().into_bytes()
}

fn reading(criterion: &mut Criterion) {
    for messages in [1_usize, 20] {
        let body = webhook(messages);
        let header = signature::sign("a secret of the app", &body);
        let mut group = criterion.benchmark_group(format!("a webhook of {messages}"));
        group.throughput(Throughput::Bytes(body.len() as u64));
        group.bench_function("signature", |bencher| {
            bencher.iter(|| black_box(signature::fits(Some(&header), &body, "a secret of the app")));
        });
        group.bench_function("parse", |bencher| {
            bencher.iter(|| black_box(rapport::channels::parse(ChannelKind::named("whatsapp"), "", &body)));
        });
        group.finish();
    }
}

criterion_group!(hot, encoding, delivery, reading);
criterion_main!(hot);
