//! HTTP and sockets: the only place beside the actors' folder that knows actix-web. Never a rule of
//! the product: it reads a request, gives a command or asks a query, and writes the answer.

pub mod health;
pub mod problem;
mod routes;

pub use routes::configure;
