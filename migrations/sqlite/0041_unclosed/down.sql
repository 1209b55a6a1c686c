DROP TRIGGER conversations_active;
DROP TRIGGER conversations_gone;
DROP TRIGGER conversations_changed;
DROP TRIGGER conversations_begun;
DROP TABLE unclosed;
