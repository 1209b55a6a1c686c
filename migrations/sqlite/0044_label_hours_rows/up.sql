-- The hours of what was labelled before 0040.
UPDATE conversation_labels SET active_hour = COALESCE(
    (SELECT last_activity_at / 3600000 FROM conversations WHERE id = conversation_labels.conversation_id), 0)
WHERE active_hour = 0;
