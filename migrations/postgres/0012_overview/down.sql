DROP INDEX outbox_by_status;
DROP INDEX messages_by_time;
CREATE INDEX messages_by_time ON messages (workspace_id, created_at);
