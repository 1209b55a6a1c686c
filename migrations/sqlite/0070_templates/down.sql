DELETE FROM migration_notes WHERE version = '0070';
DROP TABLE platform_files;
DROP TABLE template_syncs;
DROP TABLE templates;
