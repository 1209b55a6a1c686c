//! HTTP and sockets: the only place beside the actors' folder that knows actix-web. Never a rule of
//! the product: it reads a request, gives a command or asks a query, and writes the answer.

pub(crate) mod admin;
pub mod http;
pub(crate) mod inbox;
pub(crate) mod public;
pub(crate) mod socket;

pub use admin::user_views::{SessionView, TokenView, UserView};
pub use http::routes::configure;
