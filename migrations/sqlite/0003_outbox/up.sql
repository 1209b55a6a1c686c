-- A message may wait for a moment its author chose: until then it holds back nothing of its conversation.
ALTER TABLE messages ADD COLUMN send_at BIGINT;
ALTER TABLE outbox ADD COLUMN send_at BIGINT;
-- Who holds what: a conversation with an attempt under way gets no second one.
CREATE INDEX outbox_by_channel ON outbox (channel_id, status);
