-- Spam is in no report: what becomes spam, or no more, changes the days on which something was written in it. And a wait
-- goes with its conversation.
CREATE FUNCTION rapport_forget_spam_days() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM report_days WHERE workspace_id = NEW.workspace_id AND day IN (
        SELECT created_at / 86400000 FROM messages WHERE conversation_id = NEW.id);
    RETURN NULL;
END $$;
CREATE FUNCTION rapport_forget_wait() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM report_days WHERE workspace_id = OLD.workspace_id AND day = OLD.answered_at / 86400000;
    RETURN NULL;
END $$;
CREATE TRIGGER conversations_summed AFTER UPDATE OF status ON conversations FOR EACH ROW
    WHEN ((OLD.status = 'spam') <> (NEW.status = 'spam')) EXECUTE FUNCTION rapport_forget_spam_days();
CREATE TRIGGER answered_waits_gone AFTER DELETE ON answered_waits
    FOR EACH ROW EXECUTE FUNCTION rapport_forget_wait();
