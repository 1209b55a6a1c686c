//! What looks at everything at once: the check of a whole database, reports, the overview.

pub mod reports;
pub mod stats;
pub mod verify;
