//! `rapport verify`: a sound database is called sound, and every kind of fault planted into one is found.
//! Over 400 lines: one list of faults, one of each kind.

use crate::support::database::Database;
use crate::support::house::{House, settings};
use crate::support::on_both_databases;
use crate::support::server::Server;
use crate::support::webhooks::post;

const CUSTOMER: &str = "15557700421";

on_both_databases!(
    every_planted_fault_is_found_and_a_sound_database_is_sound,
    what_only_the_database_itself_can_tell_is_asked,
);

/// The tables that faults are planted in; each is first copied without its keys, as a bad import would be.
const TABLES: &[&str] = &[
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
    "workspaces",
    "accounts",
    "users",
    "channels",
    "flows",
    "flow_versions",
    "flow_runs",
    "flow_steps_done",
    "hook_deliveries",
    "hook_attempts",
    "ai_turns",
    "ai_conversations",
    "transcripts",
    "labels",
    "conversation_labels",
    "canned_replies",
    "canned_reply_files",
    "bulk_jobs",
    "bulk_items",
    "settings",
    "saved_views",
    "login_sessions",
    "api_tokens",
    "message_events",
    "answered_waits",
    "audit",
    "conversation_events",
    "channel_health",
    "channel_checks",
    "message_gaps",
    "team_members",
    "team_channels",
    "templates",
    "template_syncs",
    "platform_files",
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
        "conversation_labels",
        "INSERT INTO conversation_labels (conversation_id, label_id, active_hour) SELECT id, 1, 0 FROM conversations",
        "a label in the order of an hour in which its conversation was not active last",
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
    (
        "messages",
        "DELETE FROM messages WHERE seq = 2",
        "a conversation with fewer or more messages than it gave places to",
    ),
    (
        "conversations",
        "UPDATE conversations SET last_seq = last_seq - 1",
        "a conversation that shows an older message as its last",
    ),
    (
        "participants",
        "INSERT INTO participants (conversation_id, user_id, read_seq, mention_seq) VALUES (1, 1, 99, 0)",
        "a reader who read further than the conversation goes",
    ),
    (
        "flow_steps_done",
        "INSERT INTO flow_steps_done (run_id, turn) VALUES (1, 0), (1, 0)",
        "a step of a run that was done twice",
    ),
    (
        "flow_runs",
        "INSERT INTO flow_runs (id, flow_id, trigger_key) VALUES (1, 1, 'a'), (2, 1, 'a')",
        "a trigger that began two runs of a flow",
    ),
    (
        "flow_versions",
        "INSERT INTO flow_versions (flow_id, version) VALUES (1, 1), (1, 1)",
        "a version of a flow that is kept twice",
    ),
    (
        "hook_deliveries",
        "INSERT INTO hook_deliveries (id, hook_id, event_id) VALUES (1, 1, 'a'), (2, 1, 'a')",
        "an event that a program is owed twice",
    ),
    (
        "hook_attempts",
        "INSERT INTO hook_attempts (id, delivery_id, attempt_id) VALUES (1, 1, 'a'), (2, 1, 'a')",
        "a try to reach a program that is kept twice",
    ),
    (
        "ai_turns",
        "INSERT INTO ai_turns (id, conversation_id, counted) VALUES (1, 1, 1), (2, 1, 1)",
        "messages that a model answers twice",
    ),
    (
        "transcripts",
        "INSERT INTO transcripts (attachment_id) VALUES (1), (1)",
        "a recording that is heard twice",
    ),
    (
        "labels",
        "INSERT INTO labels (id, workspace_id, name_key) VALUES (1, 1, 'a'), (2, 1, 'a')",
        "a name that two labels have",
    ),
    (
        "conversation_labels",
        "INSERT INTO conversation_labels (conversation_id, label_id) VALUES (1, 1), (1, 1)",
        "a label that a conversation carries twice",
    ),
    (
        "canned_replies",
        "INSERT INTO canned_replies (id, workspace_id, shortcut) VALUES (1, 1, 'a'), (2, 1, 'a')",
        "a shortcut that two canned replies have",
    ),
    ("users", "INSERT INTO users SELECT * FROM users", "a username that two users have"),
    ("accounts", "INSERT INTO accounts SELECT * FROM accounts", "a username that two accounts have"),
    ("users", "INSERT INTO users SELECT * FROM users", "an account that is a member of a workspace twice"),
    ("workspaces", "INSERT INTO workspaces SELECT * FROM workspaces", "an address that two workspaces have"),
    (
        "channels",
        "INSERT INTO channels SELECT * FROM channels",
        "an account of a platform that two channels have",
    ),
    (
        "participants",
        "INSERT INTO participants (conversation_id, user_id, read_seq, mention_seq) VALUES (1, 1, 0, 0), (1, 1, 0, 0)",
        "a user who stands in a conversation twice",
    ),
    (
        "direct_conversations",
        "INSERT INTO direct_conversations (workspace_id, members, conversation_id) VALUES (1, '1,2', 1), (1, '1,2', 2)",
        "a set of colleagues with two conversations",
    ),
    (
        "attachments",
        "INSERT INTO attachments (id, message_id, position) VALUES (1, 1, 0), (2, 1, 0)",
        "two files of a message in one place",
    ),
    (
        "media",
        "INSERT INTO media (id, storage_key, size) VALUES (1, 'a', 1), (2, 'a', 1)",
        "a stored file that two rows have",
    ),
    (
        "reactions",
        "INSERT INTO reactions (message_id, actor) VALUES (1, 'owner'), (1, 'owner')",
        "a reaction that stands twice",
    ),
    (
        "parked_events",
        "INSERT INTO parked_events (id, channel_id, kind, platform_message_id, event_key, expires_at) \
         VALUES (1, 1, 'receipt', 'm', '', 1), (2, 1, 'receipt', 'm', '', 1)",
        "an event that waits twice",
    ),
    (
        "settings",
        "INSERT INTO settings (workspace_id, name, value) VALUES (1, 'a', '1'), (1, 'a', '2')",
        "a setting that is set twice",
    ),
    (
        "flow_steps_done",
        "INSERT INTO flow_runs (id, flow_id, trigger_key, turn) VALUES (0, 1, 'a', 3); \
         INSERT INTO flow_steps_done (run_id, turn) VALUES (0, 9)",
        "a run with a step beyond those it says it did",
    ),
    (
        "flow_runs",
        "INSERT INTO flow_runs (id, flow_id, trigger_key, status, ended_at) VALUES (7, 1, 'b', 'running', 1)",
        "a run that has ended and has not",
    ),
    (
        "flow_runs",
        "INSERT INTO flow_runs (id, flow_id, flow_version, trigger_key) VALUES (7, 1, 1, 'b')",
        "a run or a flow whose steps are not kept",
    ),
    ("audit", "UPDATE audit SET details = ''", "an entry of the audit trail that says nothing"),
    (
        "flow_runs",
        "INSERT INTO flow_runs (id, flow_id, trigger_key, status, due_at) VALUES (7, 1, 'b', 'waiting', 1)",
        "a step of a run that has been due for an hour",
    ),
    (
        "hook_deliveries",
        "INSERT INTO hook_deliveries (id, hook_id, event_id, state, due_at) VALUES (1, 1, 'a', 'waiting', 1)",
        "an event that a program has been owed for an hour",
    ),
    (
        "conversations",
        "UPDATE conversations SET status = 'snoozed', snoozed_until = 1",
        "a conversation that should have woken an hour ago",
    ),
    (
        "media",
        "INSERT INTO media (id, storage_key, size) VALUES (1, '0123456789abcdef0123456789abcdef', 1)",
        "a file that is not in the media folder",
    ),
    (
        "customer_identities",
        "UPDATE customer_identities SET channel_id = 99",
        "customer_identities.channel_id names a row",
    ),
    ("messages", "UPDATE messages SET channel_id = 99", "messages.channel_id names a row"),
    ("messages", "UPDATE messages SET sender_user_id = 99", "messages.sender_user_id names a row"),
    (
        "message_events",
        "INSERT INTO message_events (id, message_id) VALUES (99, 99)",
        "message_events.message_id names a row",
    ),
    ("conversations", "UPDATE conversations SET assignee_id = 99", "conversations.assignee_id names a row"),
    ("conversations", "UPDATE conversations SET team_id = 99", "conversations.team_id names a row"),
    (
        "team_members",
        "INSERT INTO team_members (team_id, user_id) VALUES (99, 1)",
        "team_members.team_id names a row",
    ),
    (
        "team_members",
        "INSERT INTO team_members (team_id, user_id) VALUES (99, 99)",
        "team_members.user_id names a row",
    ),
    (
        "team_channels",
        "INSERT INTO team_channels (team_id, channel_id) VALUES (99, 99)",
        "team_channels.channel_id names a row",
    ),
    (
        "conversations",
        "UPDATE conversations SET about_conversation_id = 99",
        "conversations.about_conversation_id names a row",
    ),
    (
        "parked_events",
        "INSERT INTO parked_events (id, conversation_id) VALUES (1, 99)",
        "parked_events.conversation_id names a row",
    ),
    (
        "parked_events",
        "INSERT INTO parked_events (id, channel_id) VALUES (1, 99)",
        "parked_events.channel_id names a row",
    ),
    ("outbox", "UPDATE outbox SET channel_id = 99", "outbox.channel_id names a row"),
    ("users", "UPDATE users SET avatar_media_id = 99", "users.avatar_media_id names a row"),
    ("users", "UPDATE users SET account_id = 99", "users.account_id names a row"),
    ("flows", "INSERT INTO flows (id, channel_id) VALUES (1, 99)", "flows.channel_id names a row"),
    (
        "flow_versions",
        "INSERT INTO flow_versions (flow_id, version) VALUES (99, 1)",
        "flow_versions.flow_id names a row",
    ),
    ("flow_runs", "INSERT INTO flow_runs (id, flow_id) VALUES (1, 99)", "flow_runs.flow_id names a row"),
    (
        "flow_runs",
        "INSERT INTO flow_runs (id, conversation_id) VALUES (1, 99)",
        "flow_runs.conversation_id names a row",
    ),
    ("flow_runs", "INSERT INTO flow_runs (id, user_id) VALUES (1, 99)", "flow_runs.user_id names a row"),
    (
        "flow_steps_done",
        "INSERT INTO flow_steps_done (run_id, turn) VALUES (99, 0)",
        "flow_steps_done.run_id names a row",
    ),
    (
        "flow_steps_done",
        "INSERT INTO flow_steps_done (run_id, turn, message_id) VALUES (1, 0, 99)",
        "flow_steps_done.message_id names a row",
    ),
    (
        "hook_deliveries",
        "INSERT INTO hook_deliveries (id, hook_id) VALUES (1, 99)",
        "hook_deliveries.hook_id names a row",
    ),
    (
        "hook_deliveries",
        "INSERT INTO hook_deliveries (id, conversation_id) VALUES (1, 99)",
        "hook_deliveries.conversation_id names a row",
    ),
    (
        "hook_attempts",
        "INSERT INTO hook_attempts (id, delivery_id) VALUES (1, 99)",
        "hook_attempts.delivery_id names a row",
    ),
    (
        "conversation_labels",
        "INSERT INTO conversation_labels (conversation_id, label_id) VALUES (99, 99)",
        "conversation_labels.conversation_id names a row",
    ),
    (
        "conversation_labels",
        "INSERT INTO conversation_labels (conversation_id, label_id) VALUES (1, 99)",
        "conversation_labels.label_id names a row",
    ),
    (
        "ai_turns",
        "INSERT INTO ai_turns (id, conversation_id) VALUES (1, 99)",
        "ai_turns.conversation_id names a row",
    ),
    ("ai_turns", "INSERT INTO ai_turns (id, message_id) VALUES (1, 99)", "ai_turns.message_id names a row"),
    (
        "ai_conversations",
        "INSERT INTO ai_conversations (conversation_id) VALUES (99)",
        "ai_conversations.conversation_id names a row",
    ),
    (
        "transcripts",
        "INSERT INTO transcripts (attachment_id) VALUES (99)",
        "transcripts.attachment_id names a row",
    ),
    (
        "answered_waits",
        "INSERT INTO answered_waits (id, conversation_id) VALUES (1, 99)",
        "answered_waits.conversation_id names a row",
    ),
    (
        "saved_views",
        "INSERT INTO saved_views (id, user_id) VALUES (1, 99)",
        "saved_views.user_id names a row",
    ),
    (
        "login_sessions",
        "INSERT INTO login_sessions (id, user_id) VALUES (1, 99)",
        "login_sessions.user_id names a row",
    ),
    (
        "templates",
        "INSERT INTO templates (id, workspace_id, business, name, language) VALUES (1, 1, 'b', 'n', 'en'), (2, 1, 'b', 'n', 'en')",
        "a template that is kept twice",
    ),
    (
        "template_syncs",
        "INSERT INTO template_syncs (workspace_id, business, due_at) VALUES (1, 'b', 1), (1, 'b', 2)",
        "a business account that is asked twice",
    ),
    (
        "platform_files",
        "INSERT INTO platform_files (channel_id, media_id, platform_id) VALUES (1, 99, 'p'), (1, 99, 'p')",
        "a file that lies twice at a platform",
    ),
    (
        "platform_files",
        "INSERT INTO platform_files (channel_id, media_id, platform_id) VALUES (1, 99, 'p')",
        "platform_files.media_id names a row",
    ),
    (
        "platform_files",
        "INSERT INTO platform_files (channel_id, media_id, platform_id) VALUES (99, 1, 'p')",
        "platform_files.channel_id names a row",
    ),
    (
        "channel_health",
        "INSERT INTO channel_health (channel_id, recovered) VALUES (99, 0)",
        "channel_health.channel_id names a row",
    ),
    (
        "channel_checks",
        "INSERT INTO channel_checks (channel_id, what) VALUES (99, 'token')",
        "channel_checks.channel_id names a row",
    ),
    (
        "message_gaps",
        "INSERT INTO message_gaps (conversation_id, from_at, to_at) VALUES (99, 1, 2)",
        "message_gaps.conversation_id names a row",
    ),
    ("api_tokens", "INSERT INTO api_tokens (id, user_id) VALUES (99, 99)", "api_tokens.user_id names a row"),
    ("audit", "UPDATE audit SET user_id = 99", "audit.user_id names a row"),
    (
        "conversations",
        "UPDATE conversations SET waiting_since = 9000000000000",
        "a customer who waits since a moment after their last word",
    ),
    (
        "conversations",
        "UPDATE conversations SET waiting_since = 1",
        "a customer who waits although we wrote last",
    ),
    ("conversations", "UPDATE conversations SET last_seq = 3", "a customer who wrote last and does not wait"),
    (
        "participants",
        "INSERT INTO participants (conversation_id, user_id, read_seq, read_count) VALUES (1, 1, 1, 5)",
        "a reader who read more or fewer messages than there are up to where they read",
    ),
    (
        "canned_reply_files",
        "INSERT INTO canned_reply_files (canned_reply_id, position) VALUES (1, 0), (1, 0)",
        "two files of a canned reply in one place",
    ),
    (
        "bulk_items",
        "INSERT INTO bulk_items (job_id, conversation_id) VALUES (1, 1), (1, 1)",
        "a conversation that a job changes twice",
    ),
    (
        "canned_replies",
        "INSERT INTO canned_replies (id, user_id) VALUES (1, 99)",
        "canned_replies.user_id names a row",
    ),
    (
        "canned_reply_files",
        "INSERT INTO canned_reply_files (canned_reply_id) VALUES (99)",
        "canned_reply_files.canned_reply_id names a row",
    ),
    (
        "canned_reply_files",
        "INSERT INTO canned_reply_files (canned_reply_id, media_id) VALUES (1, 99)",
        "canned_reply_files.media_id names a row",
    ),
    ("bulk_jobs", "INSERT INTO bulk_jobs (id, user_id) VALUES (1, 99)", "bulk_jobs.user_id names a row"),
    ("bulk_items", "INSERT INTO bulk_items (job_id) VALUES (99)", "bulk_items.job_id names a row"),
    (
        "bulk_items",
        "INSERT INTO bulk_items (job_id, conversation_id) VALUES (1, 99)",
        "bulk_items.conversation_id names a row",
    ),
    (
        "participants",
        "INSERT INTO participants (conversation_id, user_id, reminder_at) VALUES (1, 1, 1)",
        "a reminder that should have come an hour ago",
    ),
    (
        "bulk_jobs",
        "INSERT INTO bulk_jobs (id, state, updated_at) VALUES (1, 'running', 1)",
        "a change of many conversations that has not gone on for an hour",
    ),
    (
        "conversation_events",
        "INSERT INTO conversation_events SELECT * FROM conversation_events",
        "a place in a timeline that two events have",
    ),
    (
        "conversation_events",
        "DELETE FROM conversation_events",
        "a conversation whose timeline has a gap, or ends elsewhere than it says",
    ),
    (
        "conversation_events",
        "UPDATE conversation_events SET details = ''",
        "an event of a timeline that says nothing",
    ),
    (
        "conversation_events",
        "UPDATE conversation_events SET conversation_id = 99",
        "conversation_events.conversation_id names a row",
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
    let mend = |table| format!("DELETE FROM {table}; INSERT INTO {table} SELECT * FROM whole_{table};");
    let mend: String = TABLES.iter().map(mend).collect();
    for (_, plant, fault) in FAULTS {
        house.database.execute(plant).await;
        let (status, said) = Server::told(told.clone(), "verify").await;
        let found = said.lines().any(|line| line.starts_with("FOUND") && line.contains(fault));
        assert!(found, "{plant}: {fault} is not found: {said}");
        assert_eq!(status.code(), Some(1), "{said}");
        assert!(!said.contains("secret words") && !said.contains(CUSTOMER), "nobody's words: {said}");
        house.database.execute(&mend).await;
    }
    let (status, said) = Server::told(told, "verify").await;
    assert_eq!(status.code(), Some(0), "mended: {said}");
    // Every check was seen to find something: those, and what the database says of itself.
    assert!(
        said.contains(&format!("{} checks", FAULTS.len() + 2)),
        "a check without a planted fault: {said}"
    );
}

/// (what is done to the database, what mends it, what must be said) where only the database itself can tell.
const DAMAGE: [[&str; 3]; 2] = [
    [
        "PRAGMA ignore_check_constraints = ON; INSERT INTO media_folder (id, mark) VALUES (2, 'x')",
        "DELETE FROM media_folder WHERE id = 2",
        "a rule of a table that does not hold",
    ],
    [
        "PRAGMA foreign_keys = OFF; INSERT INTO business_connections (channel_id, connection_id, owner_id, is_enabled, \
         updated_at) VALUES (99, 'x', 'x', true, 1)",
        "DELETE FROM business_connections",
        "a key between two tables that does not hold",
    ],
];
const DAMAGE_OF_POSTGRES: [[&str; 3]; 2] = [
    [
        "ALTER TABLE media_folder ADD CONSTRAINT odd CHECK (id > 5) NOT VALID",
        "ALTER TABLE media_folder DROP CONSTRAINT odd",
        "a rule of a table that does not hold",
    ],
    [
        "ALTER TABLE users ADD CONSTRAINT odd FOREIGN KEY (avatar_media_id) REFERENCES media (id) NOT VALID",
        "ALTER TABLE users DROP CONSTRAINT odd",
        "a key between two tables that does not hold",
    ],
];

async fn what_only_the_database_itself_can_tell_is_asked(database: Database) {
    let mut house = House::open(database).await;
    house.server.asked_to_stop();
    house.server.ends().await;
    let told = settings(&house.database, &house.platform);
    let damage = if house.database.is_sqlite() { DAMAGE } else { DAMAGE_OF_POSTGRES };
    for [plant, mend, fault] in damage {
        house.database.execute(plant).await;
        let (status, said) = Server::told(told.clone(), "verify").await;
        let found = said.lines().any(|line| line.starts_with("FOUND damage") && line.contains(fault));
        assert!(found && status.code() == Some(1), "{plant}: {fault} is not found: {said}");
        house.database.execute(mend).await;
        let (status, said) = Server::told(told.clone(), "verify").await;
        assert_eq!(status.code(), Some(0), "mended: {said}");
    }
}

#[tokio::test]
async fn it_makes_no_database_and_changes_none() {
    let database = Database::sqlite();
    let told = crate::support::server::Settings::new(&database);
    let (status, said) = Server::told(told, "verify").await;
    assert!(!status.success() && said.contains("there is no database"), "{said}");
    assert!(!std::path::Path::new(database.url.trim_start_matches("sqlite://")).exists());
}
