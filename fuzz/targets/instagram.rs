//! Webhooks of Instagram: no bytes break the parser, and what it kept reads again.
#![no_main]

use libfuzzer_sys::fuzz_target;
use rapport::domain::ChannelKind;

fuzz_target!(|body: &[u8]| rapport_fuzz::webhook(ChannelKind::named("instagram"), body));
