-- Which hour each labelled conversation was active in last (UTC, since 1970), so that what carries a label is listed in
-- that order however many carry it. It moves once an hour at most, by the triggers here and in 0041.
ALTER TABLE conversation_labels ADD COLUMN active_hour BIGINT NOT NULL DEFAULT 0;
CREATE FUNCTION rapport_label_hour() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- Locked, so that an activity at the same moment is either seen here or sees this row.
    NEW.active_hour := COALESCE(
        (SELECT last_activity_at / 3600000 FROM conversations WHERE id = NEW.conversation_id FOR NO KEY UPDATE),
        NEW.active_hour);
    RETURN NEW;
END $$;
CREATE TRIGGER conversation_labels_put BEFORE INSERT OR UPDATE OF conversation_id ON conversation_labels
    FOR EACH ROW EXECUTE FUNCTION rapport_label_hour();

-- This and what follows up to 0049 is kept by the database itself: an older program may go on working beside it.
INSERT INTO migration_notes (version, release, only_adds) VALUES
    ('0040', '0.2.0', TRUE), ('0041', '0.2.0', TRUE), ('0042', '0.2.0', TRUE), ('0043', '0.2.0', TRUE),
    ('0044', '0.2.0', TRUE), ('0045', '0.2.0', TRUE), ('0046', '0.2.0', TRUE), ('0047', '0.2.0', TRUE),
    ('0048', '0.2.0', TRUE), ('0049', '0.2.0', TRUE);
