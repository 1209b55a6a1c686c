-- How many of a conversation's versions were given to changes of messages that were there: the others are its
-- messages, so that one which is gone is missed. Older programs would not count: they do not work beside it.
ALTER TABLE conversations ADD COLUMN changes BIGINT NOT NULL DEFAULT 0;
UPDATE conversations SET changes = version
    - (SELECT COUNT(*) FROM messages WHERE messages.conversation_id = conversations.id);
INSERT INTO migration_notes (version, release, only_adds) VALUES ('0021', '0.1.0', FALSE);
