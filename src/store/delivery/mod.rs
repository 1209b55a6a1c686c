//! What is owed to customers and to programs outside, and what waits for the message it speaks of.

pub mod held_work;
pub mod hooks;
pub mod outbox;
pub mod parked_events;
