//! HTTP and sockets: the only place beside the actors' folder that knows actix-web. Never a rule of
//! the product: it reads a request, gives a command or asks a query, and writes the answer.

pub mod address;
pub mod ai_drafts;
pub mod assets;
pub mod audit;
pub mod channels;
pub mod conversations;
pub mod customers;
pub mod deliveries;
pub mod direct_messages;
pub mod flows;
pub mod health;
pub mod history;
pub mod hooks;
pub mod identity;
pub mod labels;
pub mod login;
pub mod media;
pub mod messages;
pub mod metrics;
pub mod openapi;
pub mod origin;
pub mod page;
pub mod pages;
pub mod patience;
mod people;
mod period;
pub mod problem;
pub mod quarantine;
mod recipient;
pub mod reports;
pub mod request_id;
mod routes;
pub mod saved;
pub mod search;
pub mod settings;
pub mod setup;
mod sign_ins;
pub mod socket;
pub mod stats;
pub mod tokens;
pub mod users;
pub mod webhooks;
pub mod widget;

pub use people::{TokenView, UserView};
pub use routes::configure;
