//! What is written into a conversation: messages, what is queued for their customers, what proves that they
//! went out, what programs outside hear of it. Whoever writes, an agent, a customer, a flow or a model,
//! writes here.

pub(crate) mod assign_on_reply;
pub(crate) mod entries;
pub(crate) mod hook_events;
pub(crate) mod join;
pub(crate) mod look_up;
pub(crate) mod outgoing;
pub(crate) mod receipts;
pub(crate) mod recovered;
pub(crate) mod send_gate;
pub(crate) mod templates;
pub(crate) mod timeline;
