//! Cursors of lists: ours read back, others are refused.
#![no_main]

use libfuzzer_sys::fuzz_target;
use rapport::api::http::pagination::{decode, encode};

fuzz_target!(|cursor: &str| {
    if let Ok(Some(place)) = decode::<(i64, i64)>(Some(cursor)) {
        assert_eq!(decode::<(i64, i64)>(Some(&encode(&place))).ok().flatten(), Some(place));
    }
    let _ = decode::<i64>(Some(cursor));
    let _ = decode::<(Option<i64>, String)>(Some(cursor));
});
