//! The rows: the only place that knows diesel. Never a rule of the product: it stores what the
//! ledger decides and reads what it is asked for.

pub mod audit;
pub mod channels;
pub mod clock;
pub mod conn;
pub mod conversations;
pub mod customers;
pub mod db;
pub mod epochs;
pub mod erase;
pub mod error;
pub mod flow_runs;
pub mod flows;
pub mod hooks;
pub mod inbox;
pub mod labels;
pub mod login_sessions;
pub mod media;
pub mod message_log;
mod message_pages;
mod message_views;
pub mod messages;
pub mod migrate;
pub mod outbox;
pub mod reports;
pub mod saved;
pub mod schema;
pub mod sealed;
pub mod search;
mod seat;
pub mod settings;
pub mod stats;
mod tls;
pub mod tokens;
pub mod transcripts;
pub mod turns;
mod types;
pub mod users;
pub mod verify;
pub mod waiting;

pub use conn::Conn;
pub use db::{Db, Writer};
pub use error::StoreError;
pub use seat::Seat;
