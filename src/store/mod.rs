//! The rows: the only place that knows diesel. Never a rule of the product: it stores what the
//! ledger decides and reads what it is asked for.

mod arrivals;
pub mod channels;
pub mod conn;
pub mod conversations;
pub mod customers;
pub mod db;
pub mod error;
pub mod inbox;
pub mod login_sessions;
pub mod media;
mod message_views;
pub mod messages;
pub mod migrate;
pub mod outbox;
pub mod schema;
pub mod settings;
pub mod stats;
mod tls;
pub mod tokens;
mod types;
pub mod users;
pub mod verify;
pub mod waiting;

pub use conn::Conn;
pub use db::{Db, Writer};
pub use error::StoreError;
