//! What the product promises, as people and platforms would see it. Each file is a subject, each test a claim
//! from `contract.md`. None looks into the product; most are told on SQLite and on PostgreSQL.

mod browser;
mod conversations;
mod crowds;
mod direct;
mod echoes;
mod fixtures;
mod harness;
mod people;
mod permutations;
mod receipts;
mod redelivery;
mod resuming;
mod running;
mod sending;
mod settings;
mod sockets;
mod two_servers;
mod verify;
mod webhooks;
