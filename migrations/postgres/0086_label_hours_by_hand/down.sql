DELETE FROM migration_notes WHERE version = '0086';
