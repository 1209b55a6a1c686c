-- A person has one account, by which they sign in, and is a member of one or many workspaces: a row of `users` is one
-- membership. Names and hashes of passwords stand in both; the account's count. What is there becomes accounts with one
-- membership each. A membership beside another one of the same account has the workspace's number behind its
-- `username_key`: nobody can type that, and an older program keeps the one key it knows.
CREATE TABLE accounts (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    username TEXT NOT NULL,
    username_key TEXT NOT NULL UNIQUE,
    full_name TEXT NOT NULL,
    email TEXT,
    password_hash TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    deactivated_at BIGINT
);
ALTER TABLE users ADD COLUMN account_id BIGINT REFERENCES accounts (id);
INSERT INTO accounts (username, username_key, full_name, email, password_hash, created_at, deactivated_at)
SELECT username, username_key, full_name, email, password_hash, created_at, deactivated_at FROM users ORDER BY id;
UPDATE users SET account_id = (SELECT id FROM accounts WHERE accounts.username_key = users.username_key);
CREATE UNIQUE INDEX users_by_account ON users (account_id, workspace_id);

-- What an older program adds or changes beside this one keeps its account.
CREATE TRIGGER users_account_made AFTER INSERT ON users WHEN new.account_id IS NULL BEGIN
    INSERT INTO accounts (username, username_key, full_name, email, password_hash, created_at, deactivated_at)
    VALUES (new.username, new.username_key, new.full_name, new.email, new.password_hash, new.created_at, new.deactivated_at);
    UPDATE users SET account_id = (SELECT id FROM accounts WHERE username_key = new.username_key) WHERE id = new.id;
END;
CREATE TRIGGER users_account_kept AFTER UPDATE OF username, username_key, password_hash, deactivated_at ON users
WHEN (SELECT COUNT(*) FROM users WHERE account_id = new.account_id) = 1 BEGIN
    UPDATE accounts SET username = new.username, username_key = new.username_key, password_hash = new.password_hash,
        deactivated_at = new.deactivated_at
    WHERE id = new.account_id;
END;

-- The name of a workspace in addresses; since when nobody works there.
ALTER TABLE workspaces ADD COLUMN slug TEXT NOT NULL DEFAULT '';
ALTER TABLE workspaces ADD COLUMN archived_at BIGINT;
UPDATE workspaces
SET slug = CASE WHEN id = (SELECT MIN(id) FROM workspaces) THEN 'main' ELSE 'w' || id END;
CREATE UNIQUE INDEX workspaces_by_slug ON workspaces (slug);
CREATE TRIGGER workspaces_named AFTER INSERT ON workspaces WHEN new.slug = '' BEGIN
    UPDATE workspaces SET slug = 'w' || new.id WHERE id = new.id;
END;

-- Whom a workspace wants as a member: whose account has this name decides. None where nobody has it: the workspace is not
-- told whether somebody does.
CREATE TABLE membership_offers (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    workspace_id BIGINT NOT NULL REFERENCES workspaces (id),
    username TEXT NOT NULL,
    username_key TEXT NOT NULL,
    account_id BIGINT REFERENCES accounts (id),
    role TEXT NOT NULL,
    offered_by BIGINT NOT NULL REFERENCES users (id),
    created_at BIGINT NOT NULL,
    UNIQUE (workspace_id, username_key)
);
CREATE INDEX membership_offers_by_account ON membership_offers (account_id);

-- An older program signs people in by what stands in `users`, and goes on working beside this one.
INSERT INTO migration_notes (version, release, only_adds) VALUES ('0054', '0.2.0', TRUE);
