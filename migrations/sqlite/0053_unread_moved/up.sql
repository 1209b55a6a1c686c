-- Two conversations became one, or were parted: what anybody has left to read of them is looked at anew.
CREATE TRIGGER messages_moved AFTER UPDATE OF conversation_id ON messages
WHEN old.conversation_id <> new.conversation_id BEGIN
    DELETE FROM unread_looked;
END;
