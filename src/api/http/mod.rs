//! What every request meets, whatever it asks for: routes, who is asking, errors, pages, limits.

pub mod address;
pub mod assets;
pub mod body_timeout;
pub mod health;
pub mod html;
pub mod identity;
pub mod metrics;
pub mod openapi;
pub mod optional;
pub mod origin_check;
pub mod pagination;
pub mod period;
pub mod problem;
pub mod request_id;
pub mod routes;
