//! What customers cause, and owners on their phones: each event of a webhook becomes one command.
//! Never a platform's JSON, never an answer to HTTP.

mod attachments;
mod changes;
mod echo;
mod fetch;
mod kept;
mod locate;
mod people;
mod profile;
mod receipt;
mod receive;
mod seen;
mod tidy;
pub mod visitor;

pub use changes::ReleaseEdits;
pub use echo::{ForgetExpired, ReleaseEchoes};
pub use fetch::FileFetcher;
pub use kept::{HeardFrom, Quarantine, ReleaseQuarantined};
pub use locate::locate;
pub use people::NewThread;
pub use receive::{Receive, Received, Source};
pub use seen::Seen;
pub use tidy::remove_unused_files;
