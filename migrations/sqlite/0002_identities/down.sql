CREATE INDEX messages_by_platform_id ON messages (channel_id, platform_message_id);
DROP TABLE message_identities;
