//! What every request meets, whatever it asks for: routes, who is asking, errors, pages, limits.

pub(crate) mod address;
pub(crate) mod assets;
pub(crate) mod body_timeout;
pub(crate) mod deleted;
pub(crate) mod health;
pub(crate) mod html;
pub(crate) mod identity;
pub(crate) mod may;
pub(crate) mod metrics;
pub mod openapi;
pub(crate) mod optional;
pub(crate) mod origin_check;
pub mod pagination;
pub(crate) mod period;
pub(crate) mod problem;
pub mod problem_codes;
pub mod request_id;
pub(crate) mod routes;
pub(crate) mod workspace_address;
