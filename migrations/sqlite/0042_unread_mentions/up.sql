-- Whom a note mentions that they have not read: by person, and only while it is so. Filled by 0049.
CREATE TABLE unread_mentions (
    user_id BIGINT NOT NULL,
    conversation_id BIGINT NOT NULL,
    PRIMARY KEY (user_id, conversation_id)
) WITHOUT ROWID;
-- In a trigger `OR IGNORE` gives way to what the statement around it says (an upsert's ABORT): so each looks first.
CREATE TRIGGER participants_put AFTER INSERT ON participants WHEN new.mention_seq > new.read_seq BEGIN
    INSERT INTO unread_mentions (user_id, conversation_id) SELECT new.user_id, new.conversation_id
    WHERE NOT EXISTS (SELECT 1 FROM unread_mentions
        WHERE user_id = new.user_id AND conversation_id = new.conversation_id);
END;
CREATE TRIGGER participants_read AFTER UPDATE OF mention_seq, read_seq ON participants
WHEN (old.mention_seq > old.read_seq) <> (new.mention_seq > new.read_seq) BEGIN
    DELETE FROM unread_mentions WHERE user_id = new.user_id AND conversation_id = new.conversation_id;
    INSERT INTO unread_mentions (user_id, conversation_id)
    SELECT new.user_id, new.conversation_id WHERE new.mention_seq > new.read_seq;
END;
CREATE TRIGGER participants_gone AFTER DELETE ON participants WHEN old.mention_seq > old.read_seq BEGIN
    DELETE FROM unread_mentions WHERE user_id = old.user_id AND conversation_id = old.conversation_id;
END;
