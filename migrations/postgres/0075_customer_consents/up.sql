-- What customers agreed to or withdrew, for each purpose, how that became known, since when and until when.
CREATE TABLE customer_consents (
    workspace_id BIGINT NOT NULL REFERENCES workspaces (id),
    customer_id BIGINT NOT NULL REFERENCES customers (id) ON DELETE CASCADE,
    purpose TEXT NOT NULL,
    state TEXT NOT NULL,
    source TEXT NOT NULL,
    changed_at BIGINT NOT NULL,
    expires_at BIGINT,
    PRIMARY KEY (customer_id, purpose)
);

-- An older program would send offers to who wants none: it does not work beside this one.
INSERT INTO migration_notes (version, release, only_adds) VALUES ('0075', '0.2.0', FALSE);
