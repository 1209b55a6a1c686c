-- Programs outside that hear what happens here.
CREATE TABLE hooks (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    workspace_id BIGINT NOT NULL REFERENCES workspaces (id),
    name TEXT NOT NULL,
    url TEXT NOT NULL,
    events TEXT NOT NULL,
    secret BLOB NOT NULL,
    is_on BOOLEAN NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);

-- What each of them is owed: written beside what happened, once an event.
CREATE TABLE hook_deliveries (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    workspace_id BIGINT NOT NULL REFERENCES workspaces (id),
    hook_id BIGINT NOT NULL REFERENCES hooks (id) ON DELETE CASCADE,
    conversation_id BIGINT NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    event_id TEXT NOT NULL,
    event TEXT NOT NULL,
    body TEXT NOT NULL,
    state TEXT NOT NULL,
    attempt_id TEXT,
    attempts BIGINT NOT NULL,
    due_at BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    UNIQUE (hook_id, event_id)
);
CREATE INDEX hook_deliveries_due ON hook_deliveries (state, due_at);
CREATE INDEX hook_deliveries_by_conversation ON hook_deliveries (conversation_id);

-- Each try.
CREATE TABLE hook_attempts (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    delivery_id BIGINT NOT NULL REFERENCES hook_deliveries (id) ON DELETE CASCADE,
    attempt_id TEXT NOT NULL,
    started_at BIGINT NOT NULL,
    finished_at BIGINT,
    status_code BIGINT,
    error TEXT
);
CREATE INDEX hook_attempts_by_delivery ON hook_attempts (delivery_id, id);
