//! What looks at everything at once: the check of a whole database, reports, the overview.

pub(crate) mod report_days;
pub(crate) mod reports;
pub(crate) mod stats;
pub(crate) mod verify;
