-- What few conversations have is indexed for those alone: the others, nearly all, pay nothing for it when they move.
DROP INDEX conversations_by_priority;
DROP INDEX conversations_by_kind;
DROP INDEX conversations_by_waking;
DROP INDEX conversations_by_subject;
CREATE INDEX conversations_by_priority ON conversations (workspace_id, priority, last_activity_at, id) WHERE priority IS NOT NULL;
CREATE INDEX conversations_direct ON conversations (workspace_id, last_activity_at, id) WHERE kind = 'direct';
CREATE INDEX conversations_by_waking ON conversations (snoozed_until) WHERE snoozed_until IS NOT NULL;
CREATE INDEX conversations_by_subject ON conversations (about_conversation_id) WHERE about_conversation_id IS NOT NULL;
-- SQLite has this key in its table, where it cannot be narrowed without writing the table anew.
ALTER TABLE messages DROP CONSTRAINT messages_conversation_id_author_client_id_key;
CREATE UNIQUE INDEX messages_by_client_id ON messages (conversation_id, author, client_id) WHERE client_id IS NOT NULL;
