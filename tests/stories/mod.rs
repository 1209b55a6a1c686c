//! What the product promises, as people and platforms would see it. Each file is a subject, each test a claim
//! from `contract.md`. None looks into the product; most are told on SQLite and on PostgreSQL.

mod answering;
mod arrivals;
mod browser;
mod conversations;
mod courtesies;
mod crowds;
mod customers;
mod direct;
mod echoes;
mod faults;
mod fixtures;
mod flows;
mod flows_at_once;
mod harness;
mod media;
mod notes;
mod outside;
mod overview;
mod people;
mod permutations;
mod receipts;
mod redelivery;
mod resuming;
mod running;
mod search;
mod sending;
mod settings;
mod sockets;
mod together;
mod trials;
mod two_servers;
mod verify;
mod waiting;
mod webhooks;
mod workers;
