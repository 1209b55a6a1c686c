DROP INDEX conversations_by_priority;
DROP INDEX conversations_direct;
DROP INDEX conversations_by_waking;
DROP INDEX conversations_by_subject;
CREATE INDEX conversations_by_priority ON conversations (workspace_id, priority, last_activity_at, id);
CREATE INDEX conversations_by_kind ON conversations (workspace_id, kind, last_activity_at, id);
CREATE INDEX conversations_by_waking ON conversations (status, snoozed_until);
CREATE INDEX conversations_by_subject ON conversations (about_conversation_id);
