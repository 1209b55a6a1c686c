-- How many sockets of visitors an address has open at each of several servers: it may have so many at all of
-- them together. Told anew while they are open, so that a server that is gone holds none.
CREATE TABLE sockets_held (
    server TEXT NOT NULL,
    owner TEXT NOT NULL,
    held BIGINT NOT NULL,
    told_at BIGINT NOT NULL,
    PRIMARY KEY (server, owner)
);
CREATE INDEX sockets_held_told ON sockets_held (told_at);

INSERT INTO migration_notes (version, release, only_adds) VALUES ('0085', '0.2.0', TRUE);
