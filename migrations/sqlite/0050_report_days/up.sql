-- What reports sum up, remembered of days that are long over: by who wrote (0: no colleague) and by channel (0: none), and
-- the waits that were answered that day, in seconds. Written by who keeps house, never while a message is written. What
-- changes in such a day forgets it, by the triggers here and in 0051, and it is summed up anew.
CREATE TABLE report_days (
    workspace_id BIGINT NOT NULL,
    day BIGINT NOT NULL,
    asked_at BIGINT NOT NULL,
    is_known BOOLEAN NOT NULL,
    PRIMARY KEY (workspace_id, day)
) WITHOUT ROWID;
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
) WITHOUT ROWID;
CREATE TRIGGER messages_summed AFTER UPDATE OF conversation_id, channel_id, seq, sender_user_id, status ON messages
WHEN (old.status = 'failed') <> (new.status = 'failed') OR (old.seq = 1) <> (new.seq = 1)
    OR old.conversation_id <> new.conversation_id OR old.channel_id IS NOT new.channel_id
    OR old.sender_user_id IS NOT new.sender_user_id
BEGIN
    DELETE FROM report_days WHERE workspace_id = old.workspace_id AND day = old.created_at / 86400000;
END;
CREATE TRIGGER messages_gone AFTER DELETE ON messages BEGIN
    DELETE FROM report_days WHERE workspace_id = old.workspace_id AND day = old.created_at / 86400000;
END;
CREATE TRIGGER answered_waits_gone AFTER DELETE ON answered_waits BEGIN
    DELETE FROM report_days WHERE workspace_id = old.workspace_id AND day = old.answered_at / 86400000;
END;

-- Kept by the database itself: an older program may go on working beside it.
INSERT INTO migration_notes (version, release, only_adds) VALUES ('0050', '0.2.0', TRUE), ('0051', '0.2.0', TRUE);
