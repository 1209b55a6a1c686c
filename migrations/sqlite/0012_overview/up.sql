-- What the overview counts it reads from an index alone: messages by minute, deliveries by status.
DROP INDEX messages_by_time;
CREATE INDEX messages_by_time ON messages (workspace_id, created_at, sender_type);
CREATE INDEX outbox_by_status ON outbox (workspace_id, status, updated_at);
