//! What programs outside hear, and how far it came.

use super::words::words;

words! {
    /// What a program outside may hear.
    HookEvent {
        /// Somebody wrote.
        MessageCreated = "message_created",
        /// A conversation changed.
        ConversationUpdated = "conversation_updated",
        /// A message did not reach its customer.
        DeliveryFailed = "delivery_failed",
    }

    /// How far an event came on its way to a hook.
    HookState {
        /// Waits for its first try, or another.
        Waiting = "waiting",
        /// A worker calls the address.
        Running = "running",
        /// It was taken.
        Delivered = "delivered",
        /// It was tried often enough.
        Failed = "failed",
    }
}
