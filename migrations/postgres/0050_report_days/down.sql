DELETE FROM migration_notes WHERE version IN ('0050', '0051');
DROP TRIGGER messages_gone ON messages;
DROP TRIGGER messages_summed ON messages;
DROP FUNCTION rapport_forget_day;
DROP TABLE report_sums;
DROP TABLE report_days;
