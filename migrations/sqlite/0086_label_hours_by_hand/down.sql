CREATE TRIGGER conversations_active AFTER UPDATE OF last_activity_at ON conversations
WHEN old.last_activity_at / 3600000 <> new.last_activity_at / 3600000 BEGIN
    UPDATE conversation_labels SET active_hour = new.last_activity_at / 3600000 WHERE conversation_id = new.id;
END;
DELETE FROM migration_notes WHERE version = '0086';
