-- What a migration says of itself to programs that do not know it: the release that brought it, and whether it only
-- adds, so that an older program may go on working beside it. A later migration writes its own line; without one an
-- older program refuses the database.
CREATE TABLE migration_notes (
    version TEXT NOT NULL PRIMARY KEY,
    release TEXT NOT NULL,
    only_adds BOOLEAN NOT NULL
);

-- The mark of the folder that holds the files of this database: a folder without it, or with another, is not that one.
CREATE TABLE media_folder (
    id BIGINT NOT NULL PRIMARY KEY CHECK (id = 1),
    mark TEXT NOT NULL
);
