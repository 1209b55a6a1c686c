-- For people who have read nearly all: the few conversations that they had left when it was looked at last, and the message
-- up to which it was. What they have not read is among those, and among the conversations of all messages since. Marks that
-- go back are noted by the triggers here; where messages move (0053), everybody is looked at anew.
CREATE TABLE unread_looked (
    user_id BIGINT NOT NULL,
    message_id BIGINT,
    next_id BIGINT NOT NULL,
    asked_at BIGINT NOT NULL,
    marked BIGINT NOT NULL,
    PRIMARY KEY (user_id)
);
CREATE TABLE unread_left (
    user_id BIGINT NOT NULL,
    conversation_id BIGINT NOT NULL,
    PRIMARY KEY (user_id, conversation_id)
) WITHOUT ROWID;
-- In a trigger `OR IGNORE` gives way to what the statement around it says (an upsert's ABORT): so each looks first.
CREATE TRIGGER participants_unread AFTER UPDATE OF read_count, own_count ON participants
WHEN new.read_count + new.own_count < old.read_count + old.own_count BEGIN
    UPDATE unread_looked SET marked = marked + 1 WHERE user_id = new.user_id;
    INSERT INTO unread_left (user_id, conversation_id) SELECT new.user_id, new.conversation_id
    WHERE NOT EXISTS (SELECT 1 FROM unread_left
        WHERE user_id = new.user_id AND conversation_id = new.conversation_id);
END;
CREATE TRIGGER participants_left AFTER DELETE ON participants BEGIN
    UPDATE unread_looked SET marked = marked + 1 WHERE user_id = old.user_id;
    INSERT INTO unread_left (user_id, conversation_id) SELECT old.user_id, old.conversation_id
    WHERE NOT EXISTS (SELECT 1 FROM unread_left
        WHERE user_id = old.user_id AND conversation_id = old.conversation_id);
END;

-- Kept by the database itself: an older program may go on working beside it.
INSERT INTO migration_notes (version, release, only_adds) VALUES ('0052', '0.2.0', TRUE), ('0053', '0.2.0', TRUE);
