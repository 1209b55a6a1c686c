//! Rows whose parent is gone. Never a rule: only what names what.

use super::Check;

/// (table, what names the row, column, parent's table).
const CHILDREN: &[(&str, &str, &str, &str)] = &[
    ("messages", "id", "conversation_id", "conversations"),
    ("messages", "id", "reply_to_id", "messages"),
    ("message_identities", "message_id", "message_id", "messages"),
    ("attachments", "id", "message_id", "messages"),
    ("attachments", "id", "media_id", "media"),
    ("reactions", "message_id", "message_id", "messages"),
    ("raw_events", "id", "message_id", "messages"),
    ("outbox", "id", "message_id", "messages"),
    ("outbox", "id", "conversation_id", "conversations"),
    ("delivery_attempts", "attempt_id", "delivery_id", "outbox"),
    ("participants", "conversation_id", "conversation_id", "conversations"),
    ("participants", "user_id", "user_id", "users"),
    ("direct_conversations", "conversation_id", "conversation_id", "conversations"),
    ("conversation_events", "conversation_id", "conversation_id", "conversations"),
    ("conversations", "id", "customer_id", "customers"),
    ("conversations", "id", "channel_id", "channels"),
    ("customer_identities", "id", "customer_id", "customers"),
    ("customer_identities", "id", "channel_id", "channels"),
    ("messages", "id", "channel_id", "channels"),
    ("messages", "id", "sender_user_id", "users"),
    ("message_events", "id", "message_id", "messages"),
    ("conversations", "id", "assignee_id", "users"),
    ("conversations", "id", "team_id", "teams"),
    ("team_members", "team_id", "team_id", "teams"),
    ("team_members", "team_id", "user_id", "users"),
    ("team_channels", "team_id", "channel_id", "channels"),
    ("conversations", "id", "about_conversation_id", "conversations"),
    ("parked_events", "id", "conversation_id", "conversations"),
    ("parked_events", "id", "channel_id", "channels"),
    ("outbox", "id", "channel_id", "channels"),
    ("channel_health", "channel_id", "channel_id", "channels"),
    ("channel_checks", "channel_id", "channel_id", "channels"),
    ("message_gaps", "conversation_id", "conversation_id", "conversations"),
    ("users", "id", "avatar_media_id", "media"),
    ("users", "id", "account_id", "accounts"),
    ("flows", "id", "channel_id", "channels"),
    ("flow_versions", "flow_id", "flow_id", "flows"),
    ("flow_runs", "id", "flow_id", "flows"),
    ("flow_runs", "id", "conversation_id", "conversations"),
    ("flow_runs", "id", "user_id", "users"),
    ("flow_steps_done", "run_id", "run_id", "flow_runs"),
    ("flow_steps_done", "run_id", "message_id", "messages"),
    ("hook_deliveries", "id", "hook_id", "hooks"),
    ("hook_deliveries", "id", "conversation_id", "conversations"),
    ("hook_attempts", "id", "delivery_id", "hook_deliveries"),
    ("conversation_labels", "label_id", "conversation_id", "conversations"),
    ("conversation_labels", "conversation_id", "label_id", "labels"),
    ("ai_turns", "id", "conversation_id", "conversations"),
    ("ai_turns", "id", "message_id", "messages"),
    ("ai_conversations", "conversation_id", "conversation_id", "conversations"),
    ("transcripts", "attachment_id", "attachment_id", "attachments"),
    ("answered_waits", "id", "conversation_id", "conversations"),
    ("saved_views", "id", "user_id", "users"),
    ("canned_replies", "id", "user_id", "users"),
    ("canned_reply_files", "canned_reply_id", "canned_reply_id", "canned_replies"),
    ("canned_reply_files", "canned_reply_id", "media_id", "media"),
    ("platform_files", "media_id", "media_id", "media"),
    ("platform_files", "media_id", "channel_id", "channels"),
    ("bulk_jobs", "id", "user_id", "users"),
    ("bulk_items", "job_id", "job_id", "bulk_jobs"),
    ("bulk_items", "job_id", "conversation_id", "conversations"),
    ("login_sessions", "id", "user_id", "users"),
    ("api_tokens", "id", "user_id", "users"),
    ("audit", "id", "user_id", "users"),
];

pub(super) fn checks() -> Vec<Check> {
    let one = |(table, name, column, parent): &(&str, &str, &str, &str)| Check {
        kind: "orphans",
        fault: format!("{table}.{column} names a row of {parent} that is not there"),
        sql: format!(
            "SELECT '{table} {name} ' || CAST(child.{name} AS TEXT) AS odd FROM {table} AS child \
             WHERE child.{column} IS NOT NULL \
             AND NOT EXISTS (SELECT 1 FROM {parent} AS parent WHERE parent.id = child.{column})"
        ),
    };
    CHILDREN.iter().map(one).collect()
}
