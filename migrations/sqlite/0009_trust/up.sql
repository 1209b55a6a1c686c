-- Each time the database is put back from a backup an epoch begins: open pages then fetch everything anew.
CREATE TABLE epochs (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL UNIQUE,
    began_at BIGINT NOT NULL
);
