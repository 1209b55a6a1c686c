//! What models answer. A turn is keyed by the messages it answers, so a burst gets one answer and a
//! redelivery none; it is claimed by lease and fence like a delivery, and what becomes of it is
//! decided in the transaction that writes it: whoever wrote in between has the last word. Never a
//! message to a platform: what a model says goes out by the outbox, like everything else.
//!
//! ```text
//!  (customer wrote) ──Claim──▶ running ──Record──▶ sent        (mode auto)
//!                     ▲           │ ├────────────▶ drafted     (mode draft) ──▶ sent | discarded
//!        later ◀──────┴───────────┘ ├────────────▶ withheld    (somebody wrote in between)
//!                                   └────────────▶ failed      (shown to the agents)
//! ```
//!
//! What recordings say is asked of the same endpoint, in the same way: claimed, heard, settled.

mod claim;
mod draft;
mod model;
mod options;
mod question;
pub(crate) mod record_result;
pub(crate) mod transcribe;
mod transcriber;
mod worker;

pub use claim::ModelBudget;
pub use draft::{DiscardDraft, SendDraft};
pub use model::Model;
pub use options::AiOptions;
pub use transcriber::Transcriber;
pub use worker::TurnWorker;
