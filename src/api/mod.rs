//! HTTP and sockets: the only place beside the actors' folder that knows actix-web.

pub mod assets;
pub mod pages;
