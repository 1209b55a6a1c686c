//! The rows: the only place that knows diesel. Never a rule of the product: it stores what the
//! ledger decides and reads what it is asked for.

pub mod accounts;
pub(crate) mod automation;
pub(crate) mod checks;
pub(crate) mod conversations;
pub mod db;
pub(crate) mod delivery;
pub(crate) mod messages;

pub use db::conn::Conn;
pub use db::copied::Copied;
pub use db::delivery_lock::DeliveryLock;
pub use db::error::StoreError;
pub use db::opening::Opening;
pub use db::{Db, Writer};
