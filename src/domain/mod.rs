//! Plain values: what the product talks about. Never I/O, never a platform, never SQL.

pub mod ids;
pub mod time;
pub mod words;

pub use ids::*;
pub use time::Timestamp;
pub use words::*;
