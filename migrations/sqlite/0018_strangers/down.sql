DELETE FROM migration_notes WHERE version = '0018';
UPDATE conversations SET status = 'closed' WHERE status = 'spam';
ALTER TABLE customers DROP COLUMN is_spam;
DROP TABLE budgets_spent;
DROP INDEX ai_turns_by_time;
DROP INDEX media_by_uploader;
DROP TABLE ended_visitors;
