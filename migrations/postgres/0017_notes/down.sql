DROP TABLE media_folder;
DROP TABLE migration_notes;
