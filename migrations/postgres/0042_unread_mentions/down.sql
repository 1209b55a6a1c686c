DROP TRIGGER participants_gone ON participants;
DROP TRIGGER participants_read ON participants;
DROP TRIGGER participants_put ON participants;
DROP FUNCTION rapport_unread_mentions;
DROP TABLE unread_mentions;
DROP FUNCTION rapport_grams;
