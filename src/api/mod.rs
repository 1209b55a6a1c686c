//! HTTP and sockets: the only place beside the actors' folder that knows actix-web. Never a rule of
//! the product: it reads a request, gives a command or asks a query, and writes the answer.

pub mod channels;
pub mod health;
pub mod identity;
pub mod login;
pub mod openapi;
pub mod origin;
pub mod page;
mod people;
pub mod problem;
mod routes;
pub mod setup;
pub mod tokens;
pub mod users;

pub use people::{TokenView, UserView};
pub use routes::configure;
