-- The hours of what was labelled before 0040, a thousand conversations at a time. Goes on where it was killed.
DO $$
DECLARE
    reached BIGINT := 0;
    last_id BIGINT;
BEGIN
    LOOP
        WITH batch AS (
            SELECT id, last_activity_at / 3600000 AS hour FROM conversations
            WHERE id IN (SELECT DISTINCT conversation_id FROM conversation_labels
                WHERE conversation_id > reached ORDER BY conversation_id LIMIT 1000)
            ORDER BY id FOR NO KEY UPDATE
        ), put AS (
            UPDATE conversation_labels AS l SET active_hour = batch.hour FROM batch
            WHERE l.conversation_id = batch.id AND l.active_hour = 0
        )
        SELECT MAX(id) INTO last_id FROM batch;
        COMMIT;
        EXIT WHEN last_id IS NULL;
        reached := last_id;
    END LOOP;
END $$;
