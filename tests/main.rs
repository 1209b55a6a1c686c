//! All integration tests, as one binary: it links once, and a process shares its PostgreSQL and Redis.
//!
//! - `tidy`: the house rules that a program can check: layers, names, sizes, what a page may contain.
//! - `stories`: what the product promises, told over HTTP and WebSocket to the real binary, on both databases.
//!   They know what `docs/` says and nothing of the code; only `tidy` reads the source.
//! - `rough`: whatever reads what others send, handed what nobody should.
//! - `ledger`: what is committed together, on both databases.
//! - `schema`: the tables and their migrations, on both databases.
//! - `support`: the server under test, its databases, the fake platforms, clients, a browser.
//!
//! No test waits for a time to pass: each waits for a condition, with a deadline that only a hang meets.

mod ledger;
mod rough;
mod schema;
mod stories;
mod support;
mod tidy;
