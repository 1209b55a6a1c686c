//! The guard in front of the frame codec: it says the same in whatever pieces the bytes come.
#![no_main]

use libfuzzer_sys::fuzz_target;
use rapport::session::frame_guard::Guard;

fuzz_target!(|bytes: &[u8]| {
    let whole = Guard::default().check(bytes);
    let mut guard = Guard::default();
    assert_eq!(bytes.iter().try_for_each(|byte| guard.check(std::slice::from_ref(byte))), whole);
    let mut guard = Guard::default();
    assert_eq!(bytes.chunks(7).try_for_each(|piece| guard.check(piece)), whole);
});
