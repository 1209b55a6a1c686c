//! What is to go to customers and to programs outside, and what waits for the message it speaks of.

pub(crate) mod held_work;
pub(crate) mod hooks;
pub(crate) mod outbox;
pub(crate) mod parked_events;
pub(crate) mod platform_files;
