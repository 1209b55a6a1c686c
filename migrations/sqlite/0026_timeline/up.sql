-- What happened to a conversation, each with its cause: dense from 1 on, `conversations.event_seq` is the newest.
-- What happened before this table was there is not in it.
ALTER TABLE conversations ADD COLUMN event_seq BIGINT NOT NULL DEFAULT 0;
CREATE TABLE conversation_events (
    conversation_id BIGINT NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    event_seq BIGINT NOT NULL,
    workspace_id BIGINT NOT NULL REFERENCES workspaces (id),
    kind TEXT NOT NULL,
    at BIGINT NOT NULL,
    cause_kind TEXT NOT NULL,
    cause_id BIGINT,
    cause_name TEXT,
    details TEXT NOT NULL,
    PRIMARY KEY (conversation_id, event_seq)
);

INSERT INTO migration_notes (version, release, only_adds) VALUES ('0026', '0.2.0', TRUE);
