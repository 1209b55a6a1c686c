-- Who became whom, by a colleague's hand or by a platform's proof, and all that is needed to part them again.
CREATE TABLE customer_merges (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    workspace_id BIGINT NOT NULL REFERENCES workspaces (id),
    kept_id BIGINT NOT NULL REFERENCES customers (id) ON DELETE CASCADE,
    user_id BIGINT REFERENCES users (id),
    record TEXT NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE INDEX customer_merges_by_customer ON customer_merges (kept_id, id);

INSERT INTO migration_notes (version, release, only_adds) VALUES ('0025', '0.2.0', TRUE);
