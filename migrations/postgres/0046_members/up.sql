-- One's conversations with colleagues.
CREATE INDEX CONCURRENTLY participants_members ON participants (user_id, conversation_id) WHERE is_member;
