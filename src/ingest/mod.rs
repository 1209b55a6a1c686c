//! What customers cause, and owners on their phones: each event of a webhook becomes one command.
//! Never a platform's JSON, never an answer to HTTP.

mod attachments;
mod changes;
mod channel_notices;
mod customer_notices;
mod download;
mod echo;
mod event;
mod fetch;
pub(crate) mod identify;
mod locate;
mod message;
mod parked;
mod profile;
pub(crate) mod quarantine;
mod receipt;
mod receive;
pub(crate) mod recover;
mod seen;
pub(crate) mod unused_files;
pub(crate) mod visitor;
mod wishes;

pub use changes::ReleaseEdits;
pub use download::Downloads;
pub use echo::{ForgetExpired, ReleaseEchoes};
pub use event::{Receive, Received, Source};
pub use fetch::FileFetcher;
pub use identify::NewThread;
pub use locate::locate;
pub use profile::ask_for_profiles;
pub use quarantine::{HeardFrom, Quarantine, ReleaseQuarantined};
pub use seen::Seen;
pub use unused_files::remove_unused_files;

#[cfg(test)]
mod tests;
