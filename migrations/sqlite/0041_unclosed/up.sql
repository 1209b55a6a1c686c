-- What is neither closed nor spam, by who has it (0: nobody): few, among all that were ever closed. Filled by 0043.
CREATE TABLE unclosed (
    workspace_id BIGINT NOT NULL,
    assignee_id BIGINT NOT NULL,
    conversation_id BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, assignee_id, conversation_id)
) WITHOUT ROWID;
-- In a trigger `OR IGNORE` gives way to what the statement around it says (an upsert's ABORT): so each looks first.
CREATE TRIGGER conversations_begun AFTER INSERT ON conversations
WHEN new.status <> 'closed' AND new.status <> 'spam' BEGIN
    INSERT INTO unclosed (workspace_id, assignee_id, conversation_id)
    SELECT new.workspace_id, COALESCE(new.assignee_id, 0), new.id
    WHERE NOT EXISTS (SELECT 1 FROM unclosed WHERE workspace_id = new.workspace_id
        AND assignee_id = COALESCE(new.assignee_id, 0) AND conversation_id = new.id);
END;
CREATE TRIGGER conversations_changed AFTER UPDATE OF status, assignee_id ON conversations
WHEN old.status <> new.status OR old.assignee_id IS NOT new.assignee_id BEGIN
    DELETE FROM unclosed WHERE workspace_id = old.workspace_id AND assignee_id = COALESCE(old.assignee_id, 0)
        AND conversation_id = old.id;
    INSERT INTO unclosed (workspace_id, assignee_id, conversation_id)
    SELECT new.workspace_id, COALESCE(new.assignee_id, 0), new.id
    WHERE new.status <> 'closed' AND new.status <> 'spam'
        AND NOT EXISTS (SELECT 1 FROM unclosed WHERE workspace_id = new.workspace_id
        AND assignee_id = COALESCE(new.assignee_id, 0) AND conversation_id = new.id);
END;
CREATE TRIGGER conversations_gone AFTER DELETE ON conversations BEGIN
    DELETE FROM unclosed WHERE workspace_id = old.workspace_id AND assignee_id = COALESCE(old.assignee_id, 0)
        AND conversation_id = old.id;
END;
CREATE TRIGGER conversations_active AFTER UPDATE OF last_activity_at ON conversations
WHEN old.last_activity_at / 3600000 <> new.last_activity_at / 3600000 BEGIN
    UPDATE conversation_labels SET active_hour = new.last_activity_at / 3600000 WHERE conversation_id = new.id;
END;
