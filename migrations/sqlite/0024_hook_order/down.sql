DELETE FROM migration_notes WHERE version = '0024';
DROP INDEX hook_deliveries_due;
CREATE INDEX hook_deliveries_due ON hook_deliveries (state, due_at);
