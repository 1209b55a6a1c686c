//! Files on our own disk: random names, types by their first bytes, nothing of what the sender
//! says but a name to show. Never who may see a file, never a row.

mod folder;
mod picture;
mod sniff;
mod thumbnail;
mod voice;

pub use folder::{Floor, Incoming, Keeper, MediaError, MediaFolder, Stored, copied};
pub use picture::size as picture_size;
pub use sniff::{is_safe_inline, mime_type, plain_type, shown_name, with_ending};
pub use thumbnail::{is_offered as has_thumbnail, make as thumbnail};
pub use voice::voice_note;
