//! Nothing is sent without the send gate: a new message of ours is written in one place, which takes only
//! what the gate lets pass, and what was written before is queued again only where somebody asked the gate or
//! where its attempt never began. Never what the gate decides: `domain::send_gate` has its own matrix.

use super::{Complaints, File, check, code_only, files};

/// Where a message may be written, and who speaks in it.
const WRITES: &[(&str, &str)] = &[
    ("src/thread/outgoing.rs", "our side: takes a pass of the gate and nothing else"),
    ("src/ingest/message.rs", "customers, and owners on their phones"),
    ("src/ingest/visitor.rs", "visitors of the web chat"),
    ("src/ingest/identify.rs", "a platform's notice that somebody has another name"),
    ("src/session/tests.rs", "a test of sessions"),
];

/// Where a delivery may be queued, and why no gate is gone round.
const QUEUES: &[(&str, &str)] = &[
    ("src/thread/outgoing.rs", "with its message, which the gate let pass"),
    ("src/desk/retry.rs", "a person sends it again: the gate is asked first"),
    ("src/outbox/claim.rs", "its attempt never began; the sender looks again at what has waited"),
    ("src/outbox/record_result.rs", "it surely was not sent; the sender looks again at what has waited"),
    ("src/outbox/unconfirmed.rs", "its channel would rather send twice than not at all"),
];

/// Who must ask the gate beside those who are given a pass.
const ASKS: &[(&str, &str)] = &[("src/desk/retry.rs", "SendGate::of"), ("src/sender.rs", "send_gate::look")];

fn is_listed(list: &[(&str, &str)], path: &str) -> bool {
    list.iter().any(|(place, _)| *place == path)
}

fn writes_elsewhere(file: &File) -> Complaints {
    let code = code_only(&file.text);
    let code = code.split("#[cfg(test)]").next().unwrap_or_default();
    let found = |list: &[(&str, &str)], marks: &[&str], what: &str| -> Complaints {
        if is_listed(list, &file.path) {
            return Vec::new();
        }
        let lines = code.lines().enumerate().filter(|(_, line)| marks.iter().any(|mark| line.contains(mark)));
        lines.map(|(number, line)| format!("{}:{}: {what}: {}", file.path, number + 1, line.trim())).collect()
    };
    let mut complaints = found(
        WRITES,
        &["entries::add(", "entries::add_with("],
        "writes a message: ask `thread::send_gate`, then `thread::outgoing::answer`",
    );
    complaints.extend(found(
        QUEUES,
        &["unit.enqueue(", "status = DeliveryStatus::Queued", "{ DeliveryStatus::Queued }"],
        "queues a delivery: ask `thread::send_gate` first, and say so in tests/tidy/sending.rs",
    ));
    complaints
}

#[test]
fn nobody_sends_without_the_gate() {
    check(&files("src", &[".rs"]), writes_elsewhere);
    let sources = files("src", &[".rs"]);
    for (place, mark) in ASKS {
        let file = sources.iter().find(|file| file.path == *place);
        assert!(file.is_some_and(|file| file.text.contains(mark)), "{place} does not ask the gate: {mark}");
    }
    for (place, reason) in WRITES.iter().chain(QUEUES) {
        assert!(sources.iter().any(|file| file.path == *place), "{place} ({reason}) is not there any more");
    }
}

#[test]
fn only_the_gate_makes_a_pass() {
    let gate = files("src/thread", &["send_gate.rs"]).into_iter().next().expect("the gate");
    let body = gate.text.split("pub struct Pass<'s> {").nth(1).and_then(|rest| rest.split('}').next());
    let body = body.expect("a pass");
    assert!(!body.contains("pub"), "its fields are its own, so that nobody else can make one: {body}");
    let outgoing = files("src/thread", &["outgoing.rs"]).into_iter().next().expect("what goes out");
    assert!(outgoing.text.contains("pub async fn answer(tx: &mut Tx<'_>, pass: &Pass<'_>,"));
}

#[test]
fn a_path_round_the_gate_is_found() {
    let planted = |path: &str, text: &str| writes_elsewhere(&File::planted(path, text)).len();
    assert_eq!(planted("src/desk/news.rs", "    let added = entries::add(tx, new).await?;"), 1);
    assert_eq!(planted("src/flows/news.rs", "    tx.unit.enqueue(deliveries);"), 1);
    assert_eq!(planted("src/hooks/news.rs", "    part.status = DeliveryStatus::Queued;"), 1);
    assert_eq!(planted("src/hooks/news.rs", "    if row.status == DeliveryStatus::Queued {}"), 0);
    assert_eq!(planted("src/thread/outgoing.rs", "    tx.unit.enqueue(deliveries);"), 0);
}
