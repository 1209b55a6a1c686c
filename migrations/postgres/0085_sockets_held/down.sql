DROP TABLE sockets_held;
DELETE FROM migration_notes WHERE version = '0085';
