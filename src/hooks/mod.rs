//! Telling programs outside what happened. What they are to hear stands in rows, written beside what
//! happened (`thread::hook_events`); the worker claims by lease and fence, calls, and settles, like the
//! sender. An address may hear of one event twice (its answer was lost): the event's id is the
//! same. Never an internal address, unless a setting allows it; never a redirect.

mod call;
mod claim;
mod edit;
pub(crate) mod record_result;
mod worker;

pub use call::Caller;
pub use edit::{CreateHook, DeleteHook, HookChange, Replay, UpdateHook};
pub use worker::{HookWorker, forget_settled};
