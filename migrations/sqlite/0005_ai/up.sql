-- One answer of a model: `counted` names the newest message it answers (the customer's n-th), so
-- that a set of messages is answered once. It is valid while nobody wrote since.
CREATE TABLE ai_turns (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    workspace_id BIGINT NOT NULL REFERENCES workspaces (id),
    conversation_id BIGINT NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    counted BIGINT NOT NULL,
    first_seq BIGINT NOT NULL,
    last_seq BIGINT NOT NULL,
    state TEXT NOT NULL,
    attempt_id TEXT,
    attempts BIGINT NOT NULL,
    due_at BIGINT NOT NULL,
    content TEXT,
    error_code TEXT,
    error_message TEXT,
    message_id BIGINT REFERENCES messages (id) ON DELETE SET NULL,
    decided_by BIGINT REFERENCES users (id),
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    UNIQUE (conversation_id, counted)
);
CREATE INDEX ai_turns_due ON ai_turns (state, due_at);

-- Where a model answers although its channel says otherwise: a flow handed the conversation over.
CREATE TABLE ai_conversations (
    conversation_id BIGINT PRIMARY KEY NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    mode TEXT NOT NULL,
    updated_at BIGINT NOT NULL
);
