//! What several targets share.

use rapport::channels::{parse, parse_kept};
use rapport::domain::ChannelKind;

/// A webhook's body: read without a panic, its events counted through, and each that was kept by itself reads again.
pub fn webhook(kind: ChannelKind, body: &[u8]) {
    let Ok(events) = parse(kind, "731904466218053", body) else { return };
    let mut positions: Vec<usize> = events.iter().map(|event| event.position).collect();
    positions.sort_unstable();
    assert!(positions.iter().copied().eq(0..events.len()));
    for event in events.iter().take(8) {
        let raw = &event.raw;
        assert!(serde_json::from_str::<&serde_json::value::RawValue>(raw).is_ok());
        let _ = parse_kept(kind, "731904466218053", Some("290417755120884"), raw);
    }
}
