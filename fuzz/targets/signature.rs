//! The signature header of Meta's webhooks: what fits is what we would have signed, to the letter.
#![no_main]

use libfuzzer_sys::fuzz_target;
use rapport::channels::meta::signature::{sign, verify};

fuzz_target!(|input: (&str, &str, &[u8])| {
    let (header, secret, body) = input;
    let fits = verify(Some(header), body, [secret]).is_some();
    assert_eq!(fits, !secret.is_empty() && header == sign(secret, body));
});
