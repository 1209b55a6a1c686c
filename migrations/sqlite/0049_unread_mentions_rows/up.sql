-- Who was mentioned before the triggers of 0042 were there.
INSERT OR IGNORE INTO unread_mentions (user_id, conversation_id)
SELECT user_id, conversation_id FROM participants WHERE mention_seq > read_seq;
