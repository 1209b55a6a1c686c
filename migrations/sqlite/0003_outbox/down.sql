DROP INDEX outbox_by_channel;
ALTER TABLE outbox DROP COLUMN send_at;
ALTER TABLE messages DROP COLUMN send_at;
