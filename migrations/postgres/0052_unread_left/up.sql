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
);
CREATE FUNCTION rapport_unread_left() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- First this row: whoever looks meanwhile sees that it moved, or is waited for.
    UPDATE unread_looked SET marked = marked + 1 WHERE user_id = OLD.user_id;
    INSERT INTO unread_left (user_id, conversation_id) VALUES (OLD.user_id, OLD.conversation_id)
    ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;
CREATE TRIGGER participants_unread AFTER UPDATE OF read_count, own_count ON participants FOR EACH ROW
    WHEN (NEW.read_count + NEW.own_count < OLD.read_count + OLD.own_count)
    EXECUTE FUNCTION rapport_unread_left();
CREATE TRIGGER participants_left AFTER DELETE ON participants
    FOR EACH ROW EXECUTE FUNCTION rapport_unread_left();

-- Kept by the database itself: an older program may go on working beside it.
INSERT INTO migration_notes (version, release, only_adds) VALUES ('0052', '0.2.0', TRUE), ('0053', '0.2.0', TRUE);
