-- What is neither closed nor spam, by who has it (0: nobody): few, among all that were ever closed. Filled by 0043.
CREATE TABLE unclosed (
    workspace_id BIGINT NOT NULL,
    assignee_id BIGINT NOT NULL,
    conversation_id BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, assignee_id, conversation_id)
);
CREATE FUNCTION rapport_unclosed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN
        DELETE FROM unclosed WHERE workspace_id = OLD.workspace_id AND assignee_id = COALESCE(OLD.assignee_id, 0)
            AND conversation_id = OLD.id;
    END IF;
    IF TG_OP <> 'DELETE' AND NEW.status <> 'closed' AND NEW.status <> 'spam' THEN
        INSERT INTO unclosed (workspace_id, assignee_id, conversation_id)
        VALUES (NEW.workspace_id, COALESCE(NEW.assignee_id, 0), NEW.id) ON CONFLICT DO NOTHING;
    END IF;
    RETURN NULL;
END $$;
CREATE FUNCTION rapport_label_hours() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE conversation_labels SET active_hour = NEW.last_activity_at / 3600000 WHERE conversation_id = NEW.id;
    RETURN NULL;
END $$;
CREATE TRIGGER conversations_begun AFTER INSERT OR DELETE ON conversations
    FOR EACH ROW EXECUTE FUNCTION rapport_unclosed();
CREATE TRIGGER conversations_changed AFTER UPDATE OF status, assignee_id ON conversations FOR EACH ROW
    WHEN (OLD.status <> NEW.status OR OLD.assignee_id IS DISTINCT FROM NEW.assignee_id)
    EXECUTE FUNCTION rapport_unclosed();
CREATE TRIGGER conversations_active AFTER UPDATE OF last_activity_at ON conversations FOR EACH ROW
    WHEN (OLD.last_activity_at / 3600000 <> NEW.last_activity_at / 3600000)
    EXECUTE FUNCTION rapport_label_hours();
