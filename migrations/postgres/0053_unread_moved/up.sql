-- Two conversations became one, or were parted: what anybody has left to read of them is looked at anew.
CREATE FUNCTION rapport_unread_moved() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM unread_looked;
    RETURN NULL;
END $$;
CREATE TRIGGER messages_moved AFTER UPDATE OF conversation_id ON messages FOR EACH ROW
    WHEN (OLD.conversation_id <> NEW.conversation_id) EXECUTE FUNCTION rapport_unread_moved();
