DELETE FROM migration_notes WHERE version IN ('0050', '0051');
DROP TRIGGER answered_waits_gone;
DROP TRIGGER messages_gone;
DROP TRIGGER messages_summed;
DROP TABLE report_sums;
DROP TABLE report_days;
