//! What we owe customers: the one sender. Rows of the outbox are claimed by lease and fence, the
//! attempt is committed before the first byte leaves, and its result is written by the same door
//! as everything else. Never a second mechanism that sends.
//!
//! ```text
//!  queued ──Claim──▶ claimed ──Start──▶ sending ──Record──▶ sent
//!    ▲                  │                  │ ├────────────▶ failed (refused, with a reason)
//!    │    lease over ◀──┘   surely not     │ └────────────▶ unconfirmed (the answer was lost)
//!    └───────────────◀──── sent: later ────┘
//! ```

mod budget;
mod claim;
mod clock;
pub(crate) mod record_result;
mod retries;
mod tally;
mod unconfirmed;
mod worker;

pub use claim::Claimed;
pub use tally::attempts;
pub use worker::{DeliveryWorker, MessageSender, PrepareError, PreparedSend, SendReport, Worker};
