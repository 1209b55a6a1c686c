//! What is written into a conversation: messages, what their customers are owed, what proves that they went
//! out, what programs outside hear of it. Whoever writes, an agent, a customer, a flow or a model, writes here.

pub mod arrivals;
pub mod entries;
pub mod hook_events;
pub mod join;
pub mod outgoing;
pub mod plain;
pub mod receipts;
pub mod replies;
