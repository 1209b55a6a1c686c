//! What the product promises, as people and platforms would see it. Each file is a subject, each test a claim
//! from `contract.md`. None looks into the product; most are told on SQLite and on PostgreSQL.

mod bombs;
mod browser;
mod conversations;
mod crosssite;
mod crowds;
mod direct;
mod echoes;
mod files;
mod fixtures;
mod forgeries;
mod frames;
mod guessing;
mod harness;
pub mod matrix;
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
mod upkeep;
mod verify;
mod webhooks;
