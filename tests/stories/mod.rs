//! What the product promises, as people and platforms would see it. Each file is a subject, each test a claim
//! from `contract.md`. None looks into the product; most are told on SQLite and on PostgreSQL.

mod browser;
mod conversations;
mod direct;
mod echoes;
mod harness;
mod people;
mod receipts;
mod redelivery;
mod resuming;
mod running;
mod sending;
mod sockets;
mod two_servers;
mod verify;
mod webhooks;
