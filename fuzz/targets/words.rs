//! What clients say over sockets, and texts of strangers: read or refused, and cleaning twice changes nothing.
#![no_main]

use libfuzzer_sys::fuzz_target;
use rapport::live::frames;
use rapport::domain::text::{clean, fold};

fuzz_target!(|text: &str| {
    if let Err(bad) = frames::read(text) {
        assert!(!bad.code.is_empty());
    }
    let cleaned = clean(text);
    assert!(!cleaned.contains('\0'));
    assert_eq!(clean(&cleaned), cleaned);
    let _ = fold(&cleaned);
});
