//! Flows: what rules say to customers. A run walks through the steps of one version of its flow, one
//! transaction a step, with the message it says; triggers begin it, answers and the timer move it, a
//! person's word ends it. Who is blocked hears nothing of a flow. Never a call to a platform: what a run says
//! goes out by the outbox.
//!
//! ```text
//!  trigger ──Start──▶ running ──Advance (turn 0, 1, 2 …)──▶ done │ failed
//!                       ▲ │ wait                  a person answers ▶ taken_over
//!        answer, timer  │ ▼                       somebody stops it ▶ stopped
//!                 waiting, waiting_for_answer
//! ```

mod advance;
mod budget;
mod edit;
pub(crate) mod on_customer_message;
mod say;
mod start;
mod stop;
mod timer;
pub(crate) mod update_conversation;
mod walk;

pub use budget::Budget;
pub use edit::{CreateFlow, DeleteFlow, FlowChange, NewHook, UpdateFlow, Wanted};
pub use on_customer_message::{fell_silent, on_customer_message, taken_over};
pub use start::{Begin, Start, Started};
pub use stop::Stop;
pub use timer::FlowTimer;
