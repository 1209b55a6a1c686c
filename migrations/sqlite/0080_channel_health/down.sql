DELETE FROM migration_notes WHERE version = '0080';
DROP TABLE forgotten_addresses;
DROP TABLE message_gaps;
DROP TABLE channel_checks;
DROP TABLE channel_health;
