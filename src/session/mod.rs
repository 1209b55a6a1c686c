//! One socket: its transport, and the two kinds of session behind it, a colleague's and a visitor's.

pub mod acks;
pub mod agent;
pub mod feeds;
pub mod frame_guard;
pub mod socket;
pub mod visitor;
pub mod visitor_frames;

#[cfg(test)]
mod tests;
