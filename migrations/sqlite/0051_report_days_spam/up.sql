-- Spam is in no report: what becomes spam, or no more, changes the days on which something was written in it.
CREATE TRIGGER conversations_summed AFTER UPDATE OF status ON conversations
WHEN (old.status = 'spam') <> (new.status = 'spam') BEGIN
    DELETE FROM report_days WHERE workspace_id = new.workspace_id AND day IN (
        SELECT created_at / 86400000 FROM messages WHERE conversation_id = new.id);
END;
