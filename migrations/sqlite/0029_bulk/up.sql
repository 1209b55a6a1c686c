-- A change of everything that matched a filter: what is to change, and each conversation with how it went. The rows are
-- written when the job begins, so that each is changed once, whoever is killed meanwhile.
CREATE TABLE bulk_jobs (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    workspace_id BIGINT NOT NULL REFERENCES workspaces (id),
    user_id BIGINT NOT NULL REFERENCES users (id),
    change TEXT NOT NULL,
    total BIGINT NOT NULL,
    state TEXT NOT NULL,
    lease_until BIGINT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE INDEX bulk_jobs_running ON bulk_jobs (id) WHERE state = 'running';

CREATE TABLE bulk_items (
    job_id BIGINT NOT NULL REFERENCES bulk_jobs (id) ON DELETE CASCADE,
    conversation_id BIGINT NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    state TEXT NOT NULL,
    error_code TEXT,
    PRIMARY KEY (job_id, conversation_id)
);
CREATE INDEX bulk_items_by_state ON bulk_items (job_id, state, conversation_id);
CREATE INDEX bulk_items_by_conversation ON bulk_items (conversation_id);

INSERT INTO migration_notes (version, release, only_adds) VALUES ('0029', '0.2.0', TRUE);
