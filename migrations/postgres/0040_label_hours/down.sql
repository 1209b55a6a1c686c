DELETE FROM migration_notes WHERE version BETWEEN '0040' AND '0049';
DROP TRIGGER conversation_labels_put ON conversation_labels;
DROP FUNCTION rapport_label_hour;
ALTER TABLE conversation_labels DROP COLUMN active_hour;
