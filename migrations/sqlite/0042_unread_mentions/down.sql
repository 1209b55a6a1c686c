DROP TRIGGER participants_gone;
DROP TRIGGER participants_read;
DROP TRIGGER participants_put;
DROP TABLE unread_mentions;
