//! Files: what they are by their first bytes, how large a picture is, and its small one.
#![no_main]

use libfuzzer_sys::fuzz_target;
use rapport::media::{is_safe_inline, mime_type, picture_size, thumbnail};

fuzz_target!(|bytes: &[u8]| {
    let kind = mime_type(bytes, Some("text/html"));
    assert!(
        !is_safe_inline(&kind) || !kind.contains("html") && !kind.contains("svg") && !kind.contains("xml")
    );
    if let Some((width, height)) = picture_size(bytes) {
        assert!(width > 0 && height > 0);
    }
    if let Some(small) = thumbnail(bytes) {
        let (width, height) = picture_size(&small).expect("a small picture is a picture");
        assert!((1..=480).contains(&width) && (1..=480).contains(&height));
    }
});
