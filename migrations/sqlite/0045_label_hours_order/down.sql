DROP INDEX conversation_labels_by_hour;
CREATE INDEX conversation_labels_by_label ON conversation_labels (label_id, conversation_id);
