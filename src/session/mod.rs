//! One socket: its transport, and the two kinds of session behind it, a colleague's and a visitor's.

pub(crate) mod acks;
pub(crate) mod agent;
pub(crate) mod feeds;
pub mod frame_guard;
pub(crate) mod socket;
pub(crate) mod visitor;
pub(crate) mod visitor_frames;

#[cfg(test)]
mod tests;
