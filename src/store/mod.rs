//! The rows: the only place that knows diesel. Never a rule of the product: it stores what the
//! ledger decides and reads what it is asked for.

pub mod conn;
pub mod conversations;
pub mod db;
pub mod error;
pub mod migrate;
pub mod schema;
mod types;

pub use conn::Conn;
pub use db::{Db, Writer};
pub use error::StoreError;
