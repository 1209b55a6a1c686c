//! What is hot, alone: encoding a frame, checking a signature, parsing a webhook, a message through a
//! version gate. `cargo bench -p rapport-load`; the numbers are of this machine and moment only.

use criterion::{Criterion, criterion_group, criterion_main};
use rapport::channels;
use rapport::channels::meta::signature;
use rapport::chat::entries::blank;
use rapport::chat::gate::Gate;
use rapport::chat::metrics::Histogram;
use rapport::chat::room::Frame;
use rapport::domain::{ChannelKind, ConversationId, Message, MessageId, MessageType, SenderType, WorkspaceId};
use rapport::store::Db;
use rapport::store::messages::{self, MessageBody, MessageRow};
use std::hint::black_box;
use std::sync::Arc;

const SECRET: &str = "a secret of an app";

/// A message as people see it, put together by the store from a row that is not there.
fn message() -> Message {
    let row = MessageRow {
        id: MessageId(81_223),
        workspace_id: WorkspaceId(1),
        conversation_id: ConversationId(4_711),
        body: MessageBody {
            seq: 17,
            version: 23,
            sender_type: SenderType::Customer,
            sender_name: Some("Petra Nilsen".into()),
            platform_message_id: Some("wamid.HBgLMTU1NTc3MDA0MjEVAgASGBQzQTdC".into()),
            ..blank(MessageType::Text, Some("Do you still have the blue one in a small size? ".repeat(5)))
        },
    };
    let path = std::env::temp_dir().join(format!("rapport-micro-{}.db", std::process::id()));
    let url = format!("sqlite://{}", path.display());
    let seen = async { Db::open(&url).await?.read(async move |conn| messages::view(conn, row).await).await };
    let message = tokio::runtime::Builder::new_current_thread().enable_all().build().map(|runtime| runtime.block_on(seen));
    let _ = std::fs::remove_file(path);
    message.expect("a runtime").expect("a view")
}

fn webhook() -> String {
    serde_json::json!({"object": "whatsapp_business_account", "entry": [{"id": "290417755120884", "changes": [{
        "field": "messages", "value": {"messaging_product": "whatsapp",
            "metadata": {"display_phone_number": "15550142210", "phone_number_id": "731904466218053"},
            "contacts": [{"profile": {"name": "Petra Nilsen"}, "wa_id": "15557700421"}],
            "messages": [{"from": "15557700421", "id": "wamid.HBgLMTU1NTc3MDA0MjEVAgASGBQzQTdC", "timestamp": "1790000000",
                "type": "text", "text": {"body": "Do you still have the blue one in a small size?"}}]}}]}]})
    .to_string()
}

fn hot(criterion: &mut Criterion) {
    let shown = Arc::new(message());
    criterion.bench_function("encode a frame", |bencher| {
        bencher.iter(|| Frame::new(22, 23, true, false, black_box(shown.clone())));
    });
    let body = webhook();
    criterion.bench_function("parse a WhatsApp webhook of one message", |bencher| {
        bencher.iter(|| channels::parse(ChannelKind::Whatsapp, "", black_box(body.as_bytes())));
    });
    let header = format!("sha256={}", "0".repeat(64));
    criterion.bench_function("check a signature", |bencher| {
        bencher.iter(|| signature::fits(Some(&header), black_box(body.as_bytes()), SECRET));
    });
    criterion.bench_function("a change through a version gate", |bencher| {
        let mut gate = Gate::at(0);
        let mut version = 0;
        bencher.iter(|| {
            version += 1;
            gate.offer(version - 1, black_box(version))
        });
    });
    let histogram = Histogram::default();
    criterion.bench_function("count a value", |bencher| bencher.iter(|| histogram.note(black_box(4_711))));
}

criterion_group!(benches, hot);
criterion_main!(benches);
