//! Who may: passwords, tokens, the sealing of credentials, and the answer to "who is asking".
//! Never HTTP, never a rule about conversations, never a secret in a log line.

mod authenticator;
pub(crate) mod budgets;
mod directory;
mod guess_limits;
mod guesses;
mod password;
pub(crate) mod slots;
pub(crate) mod strangers;
mod throttle;
mod token;
mod vault;
mod visitor_token;

pub use authenticator::{Authenticator, Found, LOGIN_IDLE, LOGIN_LASTS, NoSeat, SignedIn};
pub use directory::{ChannelDirectory, ConnectedChannel, open_credentials, seal_credentials};
pub use guess_limits::{Asker, Limits as GuessLimits};
pub use password::{Hasher, checked as checked_password};
pub use throttle::{Throttle, Turn};
pub use token::{TokenHash, new_token};
pub use vault::{Purpose, Vault, VaultError};
pub use visitor_token::VisitorToken;
