DELETE FROM migration_notes WHERE version = '0018';
DROP INDEX media_by_uploader;
DROP TABLE ended_visitors;
