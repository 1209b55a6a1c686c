//! The WebSocket protocol itself (RFC 6455): the cases of the Autobahn suite that apply to a server that speaks JSON,
//! written here because that suite needs Python 2 and an echo server. Told on one database: no row is touched.

use crate::support::database::Database;
use crate::support::house::House;
use crate::support::raw::{Raw, frame_bytes, head};
use serde_json::json;

const PING: &[u8] = br#"{"type":"ping","ref":"still there"}"#;
const TEXT: u8 = 1;
const CONTINUED: u8 = 0;
const CLOSE: u8 = 8;
const PINGED: u8 = 9;
const PONG: u8 = 10;

/// The session still answers: the frame our own ping is answered with.
async fn still_answers(raw: &mut Raw) -> bool {
    raw.write(&frame_bytes(true, 0, TEXT, PING)).await;
    while let Some(frame) = raw.frame().await {
        if frame.opcode == CLOSE {
            return false;
        }
        if frame.opcode == TEXT && String::from_utf8_lossy(&frame.payload).contains("still there") {
            return true;
        }
    }
    false
}

/// Frames, and how the session ends after them; 0: it lives.
async fn check(house: &House, what: &str, frames: &[Vec<u8>], code: u16) {
    let mut raw = Raw::socket(&house.admin).await;
    for frame in frames {
        raw.write(frame).await;
    }
    if code == 0 {
        assert!(still_answers(&mut raw).await, "{what}: the session lives");
    } else {
        assert_eq!(raw.ends().await, code, "{what}");
    }
}

#[tokio::test]
async fn pings_are_answered_with_their_own_bytes() {
    let house = House::open(Database::sqlite()).await;
    let mut raw = Raw::socket(&house.admin).await;
    for payload in [&b""[..], b"hello", &[0, 0xff, 0xfe, 0xfd, 0], &[7; 125]] {
        raw.write(&frame_bytes(true, 0, PINGED, payload)).await;
        assert_eq!(raw.frame_of(PONG).await.map(|frame| frame.payload), Some(payload.to_vec()));
    }
    for n in 0..10_u8 {
        raw.write(&frame_bytes(true, 0, PINGED, &[n])).await;
    }
    for n in 0..10_u8 {
        assert_eq!(raw.frame_of(PONG).await.map(|frame| frame.payload), Some(vec![n]), "in their order");
    }
    raw.write(&frame_bytes(true, 0, PONG, b"nobody asked")).await;
    assert!(still_answers(&mut raw).await, "a pong nobody asked for is nothing");
    check(&house, "a ping of 126 bytes", &[frame_bytes(true, 0, PINGED, &[7; 126])], 1002).await;
    check(&house, "a ping in pieces", &[frame_bytes(false, 0, PINGED, b"x")], 1002).await;
}

#[tokio::test]
async fn what_is_no_frame_ends_with_1002() {
    let house = House::open(Database::sqlite()).await;
    for reserved in 1..=7 {
        check(&house, &format!("reserved bits {reserved}"), &[frame_bytes(true, reserved, TEXT, PING)], 1002)
            .await;
    }
    for opcode in [3, 4, 5, 6, 7, 11, 12, 13, 14, 15] {
        check(&house, &format!("opcode {opcode}"), &[frame_bytes(true, 0, opcode, b"x")], 1002).await;
    }
    let unmasked = [&[0x81, 2][..], b"{}"].concat();
    check(&house, "an unmasked frame", &[unmasked], 1002).await;
    check(&house, "a continuation of nothing", &[frame_bytes(true, 0, CONTINUED, b"x")], 1002).await;
    check(&house, "an unfinished continuation of nothing", &[frame_bytes(false, 0, CONTINUED, b"x")], 1002)
        .await;
    let twice = [frame_bytes(false, 0, TEXT, b"{\"type\":"), frame_bytes(true, 0, TEXT, b"\"ping\"}")];
    check(&house, "a new text inside of one in pieces", &twice, 1002).await;
}

#[tokio::test]
async fn a_message_in_pieces_is_one_message() {
    let house = House::open(Database::sqlite()).await;
    let mut raw = Raw::socket(&house.admin).await;
    for size in 1..PING.len() {
        let pieces: Vec<&[u8]> = PING.chunks(size).collect();
        for (at, piece) in pieces.iter().enumerate() {
            let opcode = if at == 0 { TEXT } else { CONTINUED };
            raw.write(&frame_bytes(at + 1 == pieces.len(), 0, opcode, piece)).await;
            // A ping may come between the pieces (RFC 6455, 5.4).
            raw.write(&frame_bytes(true, 0, PINGED, b"between")).await;
        }
        let answered = async {
            while let Some(frame) = raw.frame().await {
                if frame.opcode == TEXT && String::from_utf8_lossy(&frame.payload).contains("still there") {
                    return true;
                }
            }
            false
        };
        assert!(answered.await, "pieces of {size} bytes");
    }
}

#[tokio::test]
async fn text_is_utf_8_or_the_session_ends_with_1007() {
    let house = House::open(Database::sqlite()).await;
    let text = json!({"type": "ping", "ref": "κόσμε 😀 \u{10ffff} \u{fffd}"}).to_string().into_bytes();
    check(&house, "every kind of letter", &[frame_bytes(true, 0, TEXT, &text)], 0).await;
    let letters: Vec<Vec<u8>> = text
        .iter()
        .enumerate()
        .map(|(at, byte)| frame_bytes(at + 1 == text.len(), 0, u8::from(at == 0), &[*byte]))
        .collect();
    check(&house, "letters cut by frames", &letters, 0).await;
    for wrong in [
        &b"\xff"[..],
        b"\xc0\xaf",
        b"\xed\xa0\x80",
        b"\xf4\x90\x80\x80",
        b"\xce\xba\xe1\xbd\xb9\xcf\x83\xce\xbc\xce\xb5\xed\xa0\x80edited",
        b"\xf0\x9f\x98",
        b"\xfe",
        b"\x80",
    ] {
        check(&house, &format!("{wrong:?}"), &[frame_bytes(true, 0, TEXT, wrong)], 1007).await;
        let pieces = [frame_bytes(false, 0, TEXT, wrong), frame_bytes(true, 0, CONTINUED, b"x")];
        check(&house, &format!("{wrong:?} in pieces"), &pieces, 1007).await;
    }
}

#[tokio::test]
async fn a_close_is_answered_and_a_wrong_one_is_1002() {
    let house = House::open(Database::sqlite()).await;
    let close =
        |code: u16, reason: &[u8]| frame_bytes(true, 0, CLOSE, &[&code.to_be_bytes()[..], reason].concat());
    for code in [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999] {
        check(&house, &format!("a close with {code}"), &[close(code, b"bye")], code).await;
    }
    check(&house, "a close without a code", &[frame_bytes(true, 0, CLOSE, b"")], 1005).await;
    check(&house, "a close of one byte", &[frame_bytes(true, 0, CLOSE, b"\x03")], 1002).await;
    check(&house, "a close of 126 bytes", &[close(1000, &[b'x'; 124])], 1002).await;
    for code in [0, 999, 1004, 1005, 1006, 1016, 1100, 2000, 2999, 5000, 65535] {
        check(&house, &format!("a close with {code}"), &[close(code, b"")], 1002).await;
    }
    // RFC 6455 would have 1007; actix's codec does not tell the two apart. The session ends all the same.
    check(&house, "a reason that is no text", &[close(1000, b"\xff\xfe")], 1002).await;
}

#[tokio::test]
async fn what_is_too_big_is_refused_when_it_is_declared() {
    let house = House::open(Database::sqlite()).await;
    let fits = [br#"{"type":"ping","ref":""#.to_vec(), vec![b'x'; 65_000], b"\"}".to_vec()].concat();
    check(&house, "65,000 bytes", &[frame_bytes(true, 0, TEXT, &fits)], 0).await;
    check(&house, "one byte too many", &[frame_bytes(true, 0, TEXT, &vec![b' '; 65_537])], 1009).await;
    for length in [1 << 20, 1 << 30, 1 << 40, 1 << 62] {
        check(&house, &format!("{length} bytes declared"), &[head(true, 0, TEXT, length)], 1009).await;
    }
    let weight = house.server.resident_kib();
    let mut raw = Raw::socket(&house.admin).await;
    raw.write(&frame_bytes(false, 0, TEXT, b"[")).await;
    let mut sent = 0_u32;
    // Without an end: the server must end it.
    while sent < 100_000 && raw.write(&frame_bytes(false, 0, CONTINUED, &[b' '; 1000])).await {
        sent += 1;
    }
    assert_eq!(raw.ends().await, 1009, "after {sent} pieces");
    let mut pinger = Raw::socket(&house.admin).await;
    let burst: Vec<u8> =
        std::iter::repeat_n(frame_bytes(true, 0, PINGED, &[1; 100]), 1000).flatten().collect();
    for _ in 0..100 {
        // Nobody reads the pongs: at some point the server stops reading, or gives up; it must not keep them.
        let written = tokio::time::timeout(std::time::Duration::from_millis(300), pinger.write(&burst)).await;
        if !matches!(written, Ok(true)) {
            break;
        }
    }
    let grown = house.server.resident_kib().saturating_sub(weight);
    assert!(grown < 32 * 1024, "{grown} KiB more");
    house.admin.get("/api/v1/me").await.expect(200);
}

#[tokio::test]
async fn half_a_connection_ends_like_a_whole_one() {
    let house = House::open(Database::sqlite()).await;
    let mut raw = Raw::socket(&house.admin).await;
    assert!(still_answers(&mut raw).await);
    raw.half_close().await;
    raw.ends().await;
    house.admin.get("/api/v1/me").await.expect(200);
}
