DROP TRIGGER conversations_active ON conversations;
DROP TRIGGER conversations_changed ON conversations;
DROP TRIGGER conversations_begun ON conversations;
DROP FUNCTION rapport_label_hours;
DROP FUNCTION rapport_unclosed;
DROP TABLE unclosed;
