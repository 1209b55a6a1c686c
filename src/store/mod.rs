//! The rows: the only place that knows diesel. Never a rule of the product: it stores what the
//! ledger decides and reads what it is asked for.

pub mod accounts;
pub mod automation;
pub mod checks;
pub mod conversations;
pub mod db;
pub mod delivery;
pub mod messages;

pub use db::conn::Conn;
pub use db::copy::Copied;
pub use db::delivery_lock::DeliveryLock;
pub use db::error::StoreError;
pub use db::opening::Opening;
pub use db::{Db, Writer};
