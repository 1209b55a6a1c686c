//! `rapport verify`: a sound database is called sound, and every kind of fault planted into one is found.

use crate::support::database::Database;
use crate::support::house::{House, settings};
use crate::support::on_both_databases;
use crate::support::server::Server;
use crate::support::webhooks::post;

const CUSTOMER: &str = "15557700421";

on_both_databases!(every_planted_fault_is_found_and_a_sound_database_is_sound);

/// The tables that faults are planted in; each is first copied without its keys, as a bad import would be.
const TABLES: [&str; 14] = [
    "messages",
    "message_identities",
    "conversations",
    "customer_identities",
    "outbox",
    "delivery_attempts",
    "attachments",
    "reactions",
    "raw_events",
    "participants",
    "direct_conversations",
    "parked_events",
    "media",
    "customers",
];

/// (the table, what is done to it, what must be said).
const FAULTS: &[(&str, &str, &str)] = &[
    (
        "messages",
        "UPDATE messages SET platform_message_id = 'wamid.1' WHERE platform_message_id = 'wamid.2'",
        "a platform's message that is in several rows",
    ),
    (
        "message_identities",
        "INSERT INTO message_identities SELECT * FROM message_identities",
        "a platform's message id that is kept twice",
    ),
    (
        "messages",
        "UPDATE messages SET client_id = 'c', author = 'a'",
        "a client's message that is in several rows",
    ),
    ("messages", "UPDATE messages SET seq = 1", "a place in a conversation that two messages have"),
    ("messages", "UPDATE messages SET version = 3", "a version of a conversation that two messages carry"),
    (
        "conversations",
        "INSERT INTO conversations SELECT * FROM conversations",
        "a customer with two conversations on one channel",
    ),
    (
        "customer_identities",
        "INSERT INTO customer_identities SELECT * FROM customer_identities",
        "a name on a platform that two customers have",
    ),
    ("outbox", "INSERT INTO outbox SELECT * FROM outbox", "a part of a message that is owed twice"),
    (
        "delivery_attempts",
        "INSERT INTO delivery_attempts (attempt_id, delivery_id, worker, started_at, platform_message_id) \
         SELECT 'second', delivery_id, worker, started_at, 'another' FROM delivery_attempts",
        "a delivery of which the platform accepted two attempts",
    ),
    (
        "conversations",
        "UPDATE conversations SET version = version + 1",
        "a conversation whose newest version is on no message",
    ),
    (
        "messages",
        "UPDATE messages SET version = 99 WHERE seq = 1",
        "a message with a place or version that its conversation never gave",
    ),
    (
        "messages",
        "DELETE FROM messages WHERE seq = (SELECT MAX(seq) FROM messages)",
        "a conversation whose last message is missing",
    ),
    (
        "messages",
        "DELETE FROM messages WHERE platform_message_id = 'wamid.1'",
        "a conversation with fewer or more counted messages than it counted",
    ),
    (
        "message_identities",
        "DELETE FROM message_identities",
        "a message whose platform id is not kept, so that it could be stored again",
    ),
    (
        "messages",
        "UPDATE messages SET has_attachments = true",
        "a message that should have files and has none",
    ),
    ("messages", "UPDATE messages SET conversation_id = 99", "messages.conversation_id names a row"),
    ("messages", "UPDATE messages SET reply_to_id = 99", "messages.reply_to_id names a row"),
    (
        "message_identities",
        "UPDATE message_identities SET message_id = 99",
        "message_identities.message_id names",
    ),
    ("outbox", "UPDATE outbox SET message_id = 99", "outbox.message_id names a row"),
    ("outbox", "UPDATE outbox SET conversation_id = 99", "outbox.conversation_id names a row"),
    (
        "delivery_attempts",
        "UPDATE delivery_attempts SET delivery_id = 99",
        "delivery_attempts.delivery_id names",
    ),
    ("conversations", "UPDATE conversations SET customer_id = 99", "conversations.customer_id names a row"),
    ("conversations", "UPDATE conversations SET channel_id = 99", "conversations.channel_id names a row"),
    (
        "customer_identities",
        "UPDATE customer_identities SET customer_id = 99",
        "customer_identities.customer_id names",
    ),
    (
        "attachments",
        "INSERT INTO attachments (id, workspace_id, message_id, position, kind, media_id, processing_status, tries, \
         due_at) VALUES (1, 1, 99, 0, 'image', 99, 'ready', 0, 1)",
        "attachments.message_id names a row",
    ),
    (
        "attachments",
        "INSERT INTO attachments (id, workspace_id, message_id, position, kind, media_id, processing_status, tries, \
         due_at) VALUES (1, 1, 99, 0, 'image', 99, 'ready', 0, 1)",
        "attachments.media_id names a row",
    ),
    (
        "reactions",
        "INSERT INTO reactions (message_id, actor, emojis, reacted_at) VALUES (99, 'owner', 'x', 1)",
        "reactions.message_id names a row",
    ),
    (
        "raw_events",
        "INSERT INTO raw_events (id, channel_id, message_id, body, received_at) VALUES (1, 1, 99, '', 1)",
        "raw_events.message_id names a row",
    ),
    (
        "participants",
        "INSERT INTO participants (conversation_id, user_id, is_member, read_seq, read_count, own_count) \
         VALUES (99, 1, false, 0, 0, 0)",
        "participants.conversation_id names a row",
    ),
    (
        "participants",
        "INSERT INTO participants (conversation_id, user_id, is_member, read_seq, read_count, own_count) \
         VALUES (1, 99, false, 0, 0, 0)",
        "participants.user_id names a row",
    ),
    (
        "direct_conversations",
        "INSERT INTO direct_conversations (workspace_id, members, conversation_id) VALUES (1, '1,2', 99)",
        "direct_conversations.conversation_id names a row",
    ),
    (
        "outbox",
        "UPDATE outbox SET status = 'sending', lease_until = 1",
        "a delivery whose worker never came back",
    ),
    (
        "outbox",
        "UPDATE outbox SET status = 'queued', due_at = 1",
        "a delivery that has been due for an hour on a channel that works",
    ),
    (
        "messages",
        "UPDATE messages SET status = 'sending'",
        "a message that waits to be sent while nothing of it is owed",
    ),
    (
        "delivery_attempts",
        "UPDATE delivery_attempts SET ended_at = NULL, started_at = 1",
        "an attempt without a result, an hour old",
    ),
    (
        "messages",
        "UPDATE messages SET status = 'levitating' WHERE seq = 1",
        "a word that this program does not know",
    ),
    (
        "attachments",
        "INSERT INTO attachments (id, workspace_id, message_id, position, kind, processing_status, tries, due_at) \
         VALUES (1, 1, 1, 0, 'image', 'pending', 0, 1)",
        "a file that has been due to be fetched for an hour",
    ),
    (
        "parked_events",
        "INSERT INTO parked_events (id, channel_id, kind, platform_message_id, event_key, body, received_at, expires_at) \
         VALUES (1, 1, 'receipt', 'm', '', '', 1, 1)",
        "an event that waits for its message an hour beyond its time",
    ),
];

async fn every_planted_fault_is_found_and_a_sound_database_is_sound(database: Database) {
    let mut house = House::open(database).await;
    let channel = house.channel("whatsapp").await;
    for n in 1..=3 {
        let body = channel.text(CUSTOMER, &format!("wamid.{n}"), &format!("secret words {n}"));
        post(&house.url(), &channel, &body).await.expect(200);
    }
    let conversation = channel.conversation(&house.admin, CUSTOMER).await;
    house.admin.say(conversation, "c", "an answer").await.expect(201);
    super::sending::reaches(&house.admin, conversation, "c", "sent").await;
    let told = settings(&house.database, &house.platform).without("RAPPORT_SECRET_KEY");
    let (status, said) = Server::told(told.clone(), "verify").await;
    assert_eq!((status.code(), said.contains("Nothing is wrong.")), (Some(0), true), "while it runs: {said}");

    house.server.asked_to_stop();
    house.server.ends().await;
    for table in TABLES {
        let copy = format!(
            "ALTER TABLE {table} RENAME TO whole_{table}; CREATE TABLE {table} AS SELECT * FROM whole_{table};"
        );
        house.database.execute(&copy).await;
    }
    for (table, plant, fault) in FAULTS {
        house.database.execute(plant).await;
        let (status, said) = Server::told(told.clone(), "verify").await;
        let found = said.lines().any(|line| line.starts_with("FOUND") && line.contains(fault));
        assert!(found, "{plant}: {fault} is not found: {said}");
        assert_eq!(status.code(), Some(1), "{said}");
        assert!(!said.contains("secret words") && !said.contains(CUSTOMER), "nobody's words: {said}");
        let mend = format!("DELETE FROM {table}; INSERT INTO {table} SELECT * FROM whole_{table};");
        house.database.execute(&mend).await;
    }
    let (status, said) = Server::told(told, "verify").await;
    assert_eq!(status.code(), Some(0), "mended: {said}");
    // Every check was seen to find something.
    assert!(said.contains(&format!("{} checks", FAULTS.len())), "a check without a planted fault: {said}");
}

#[tokio::test]
async fn it_makes_no_database_and_changes_none() {
    let database = Database::sqlite();
    let told = crate::support::server::Settings::new(&database);
    let (status, said) = Server::told(told, "verify").await;
    assert!(!status.success() && said.contains("there is no database"), "{said}");
    assert!(!std::path::Path::new(database.url.trim_start_matches("sqlite://")).exists());
}
