DELETE FROM migration_notes WHERE version = '0018';
DROP TABLE ended_visitors;
