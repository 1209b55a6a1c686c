//! Rough handling of everything that reads what others send: bytes of no meaning, and right bodies that were damaged.
//! Nothing may panic and nothing may take long. What `cargo fuzz` would do with coverage this does with chance, on the
//! stable compiler: RAPPORT_ROUGH_CASES=1000000 lets it go on for as long as one likes. Never what an answer means.

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use rapport::channels::meta::{handshake, signature};
use rapport::channels::{parse, telegram};
use rapport::domain::{ChannelKind, text};
use rapport::live::frames;
use rapport::session::frame_guard::Guard;
use std::time::{Duration, Instant};

const KINDS: [ChannelKind; 4] = [
    ChannelKind::named("whatsapp"),
    ChannelKind::named("instagram"),
    ChannelKind::named("messenger"),
    ChannelKind::named("telegram"),
];

/// What platforms and clients really send, to be damaged.
const SEEDS: &[&str] = &[
    r#"{"object":"whatsapp_business_account","entry":[{"id":"1","changes":[{"field":"messages","value":{"messaging_product":"whatsapp","metadata":{"phone_number_id":"7"},"contacts":[{"wa_id":"1","profile":{"name":"A"}}],"messages":[{"from":"1","id":"wamid.1","timestamp":"1786004405","type":"text","text":{"body":"hi"}}],"statuses":[{"id":"wamid.1","status":"sent","timestamp":"1786004405","recipient_id":"1"}]}}]}]}"#,
    r#"{"object":"instagram","entry":[{"id":"17841","time":1786004405118,"messaging":[{"sender":{"id":"1"},"recipient":{"id":"17841"},"timestamp":1786004405118,"message":{"mid":"m_1","text":"hi","attachments":[{"type":"image","payload":{"url":"https://example.org/a.png"}}]}},{"sender":{"id":"1"},"recipient":{"id":"17841"},"timestamp":1,"read":{"mid":"m_1"}}]}]}"#,
    r#"{"object":"page","entry":[{"id":"205","time":1,"messaging":[{"sender":{"id":"1"},"recipient":{"id":"205"},"timestamp":1,"delivery":{"mids":["m_1"],"watermark":1}}],"standby":[]}]}"#,
    r#"{"update_id":1,"message":{"message_id":1,"date":1786004405,"from":{"id":1,"first_name":"A"},"chat":{"id":1,"type":"private"},"text":"hi","entities":[{"type":"bold","offset":0,"length":2}]}}"#,
    r#"{"update_id":2,"business_message":{"business_connection_id":"b","message_id":1,"date":1,"from":{"id":1},"chat":{"id":1},"photo":[{"file_id":"f","width":1,"height":1}]}}"#,
    r#"{"type":"send","conversation_id":7,"client_id":"c","content":"hi","attachment_ids":[1],"reply_to":2,"ref":{"a":[1]}}"#,
    r#"{"type":"subscribe","conversation_id":7,"after":41}"#,
];

fn runner() -> TestRunner {
    let cases =
        std::env::var("RAPPORT_ROUGH_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(2_000);
    TestRunner::new(Config { cases, failure_persistence: None, ..Config::default() })
}

/// A seed with pieces cut out, doubled, turned, or overwritten by what hurts parsers.
fn damaged() -> impl Strategy<Value = Vec<u8>> {
    const HURTS: &[&[u8]] = &[
        b"\\ud800",
        b"\\u0000",
        b"\0",
        b"\xff",
        b"1e999",
        b"-0",
        b"99999999999999999999",
        b"null",
        b"[[[[[[[[",
        b"{\"\":",
        b"\"\"",
        b"true",
        b"\xed\xa0\x80",
        b"\xe2\x80\xae",
        b"-9223372036854775808",
        b",",
        b"}",
        b"]",
    ];
    let edit = (any::<prop::sample::Index>(), any::<prop::sample::Index>(), 0..5_u8, 0..HURTS.len());
    (0..SEEDS.len(), prop::collection::vec(edit, 0..8)).prop_map(|(seed, edits)| {
        let mut bytes = SEEDS[seed].as_bytes().to_vec();
        for (from, to, how, hurt) in edits {
            if bytes.is_empty() {
                break;
            }
            let (one, other) = (from.index(bytes.len()), to.index(bytes.len()));
            let (from, to) = (one.min(other), one.max(other));
            match how {
                0 => drop(bytes.drain(from..to)),
                1 => {
                    let piece = bytes[from..to].to_vec();
                    bytes.splice(to..to, piece);
                }
                2 => bytes[from..to].reverse(),
                3 => drop(bytes.splice(from..from, HURTS[hurt].iter().copied())),
                _ => bytes[from] ^= 1 << (hurt % 8),
            }
            bytes.truncate(20_000);
        }
        bytes
    })
}

fn rough() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![4 => damaged(), 1 => prop::collection::vec(any::<u8>(), 0..2_000)]
}

/// Hands rough bytes to `read`: no panic, and none takes a second.
fn survives(read: impl Fn(&[u8])) {
    let told = runner().run(&rough(), |bytes| {
        let begun = Instant::now();
        read(&bytes);
        prop_assert!(begun.elapsed() < Duration::from_secs(1), "{:?}", begun.elapsed());
        Ok(())
    });
    told.unwrap_or_else(|error| panic!("{error}"));
}

#[test]
fn webhooks() {
    survives(|bytes| {
        for kind in KINDS {
            drop(parse(kind, "1", bytes));
        }
    });
}

#[test]
fn signatures() {
    survives(|bytes| {
        let header = String::from_utf8_lossy(bytes);
        assert!(!signature::fits(Some(&header), b"body", "secret"));
        assert!(!telegram::secret::verify(Some(&header), "a secret that no chance brings"));
        let answered = handshake::answer(Some(&header), Some(&header), Some("x"), std::iter::once("a token"));
        assert_eq!(answered, None);
    });
}

#[test]
fn frames_of_clients() {
    survives(|bytes| {
        let _ = Guard::default().check(bytes);
        if let Ok(text) = std::str::from_utf8(bytes) {
            let _ = frames::read(text);
        }
    });
}

#[test]
fn texts_and_names() {
    survives(|bytes| {
        let words = String::from_utf8_lossy(bytes);
        let clean = text::clean(&words);
        assert!(!clean.contains('\0'));
        if let Some(name) = rapport::media::shown_name(&words) {
            assert!(!name.contains(['/', '\\', '\0']) && name != "..");
        }
    });
}

#[test]
fn cursors_and_tokens() {
    let vault = rapport::auth::Vault::new(&"a secret of this test, long enough".into());
    survives(|bytes| {
        let words = String::from_utf8_lossy(bytes);
        let _ = rapport::api::http::pagination::decode::<(i64, i64)>(Some(&words));
        assert_eq!(vault.verify("visitor of 1", &words), None);
        assert!(vault.open(rapport::auth::Purpose::ChannelCredentials, bytes).is_err());
    });
}
