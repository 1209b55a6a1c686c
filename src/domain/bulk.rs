//! How far a change of many conversations came.

use super::words::words;

words! {
    /// How far a change of many conversations came.
    BulkState {
        /// Some are left.
        Running = "running",
        /// None is left.
        Finished = "finished",
        /// Somebody stopped it.
        Stopped = "stopped",
    }

    /// How the change of one of many conversations went.
    BulkOutcome {
        /// Not tried yet.
        Waiting = "waiting",
        /// It was changed.
        Done = "done",
        /// It was refused.
        Failed = "failed",
        /// It was to be undone, and stays: somebody changed it since.
        Kept = "kept",
    }
}
