-- What reports sum up, remembered of days that are long over: by who wrote (0: no colleague) and by channel (0: none), and
-- the waits that were answered that day, in seconds. Written by who keeps house, never while a message is written. What
-- changes in such a day forgets it, by the triggers here and in 0051, and it is summed up anew.
CREATE TABLE report_days (
    workspace_id BIGINT NOT NULL,
    day BIGINT NOT NULL,
    asked_at BIGINT NOT NULL,
    is_known BOOLEAN NOT NULL,
    PRIMARY KEY (workspace_id, day)
);
CREATE TABLE report_sums (
    workspace_id BIGINT NOT NULL,
    day BIGINT NOT NULL,
    user_id BIGINT NOT NULL,
    channel_id BIGINT NOT NULL,
    begun BIGINT NOT NULL,
    received BIGINT NOT NULL,
    written BIGINT NOT NULL,
    failed BIGINT NOT NULL,
    waits TEXT NOT NULL,
    PRIMARY KEY (workspace_id, day, user_id, channel_id)
);
CREATE FUNCTION rapport_forget_day() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM report_days WHERE workspace_id = OLD.workspace_id AND day = OLD.created_at / 86400000;
    RETURN NULL;
END $$;
CREATE TRIGGER messages_summed AFTER UPDATE OF conversation_id, channel_id, seq, sender_user_id, status ON messages
    FOR EACH ROW WHEN ((OLD.status = 'failed') <> (NEW.status = 'failed') OR (OLD.seq = 1) <> (NEW.seq = 1)
        OR OLD.conversation_id <> NEW.conversation_id OR OLD.channel_id IS DISTINCT FROM NEW.channel_id
        OR OLD.sender_user_id IS DISTINCT FROM NEW.sender_user_id)
    EXECUTE FUNCTION rapport_forget_day();
CREATE TRIGGER messages_gone AFTER DELETE ON messages FOR EACH ROW EXECUTE FUNCTION rapport_forget_day();

-- Kept by the database itself: an older program may go on working beside it.
INSERT INTO migration_notes (version, release, only_adds) VALUES ('0050', '0.2.0', TRUE), ('0051', '0.2.0', TRUE);
