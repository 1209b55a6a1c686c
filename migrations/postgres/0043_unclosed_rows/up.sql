-- What was not closed before the triggers of 0041 were there: a thousand at a time, each locked as briefly as a message
-- locks it. Begins anew where it was killed.
DO $$
DECLARE
    reached BIGINT := 0;
    last_id BIGINT;
BEGIN
    LOOP
        WITH batch AS (
            SELECT id, workspace_id, COALESCE(assignee_id, 0) AS assignee_id, status FROM conversations
            WHERE id > reached ORDER BY id LIMIT 1000 FOR NO KEY UPDATE
        ), put AS (
            INSERT INTO unclosed (workspace_id, assignee_id, conversation_id)
            SELECT workspace_id, assignee_id, id FROM batch WHERE status <> 'closed' AND status <> 'spam'
            ON CONFLICT DO NOTHING
        )
        SELECT MAX(id) INTO last_id FROM batch;
        COMMIT;
        EXIT WHEN last_id IS NULL;
        reached := last_id;
    END LOOP;
END $$;
