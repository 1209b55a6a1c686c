-- Whom a note mentions that they have not read: by person, and only while it is so. Filled by 0049. A table and no index of
-- participants: that would take from every read mark that its row may be written in place.
CREATE TABLE unread_mentions (
    user_id BIGINT NOT NULL,
    conversation_id BIGINT NOT NULL,
    PRIMARY KEY (user_id, conversation_id)
);
CREATE FUNCTION rapport_unread_mentions() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'DELETE' AND NEW.mention_seq > NEW.read_seq THEN
        INSERT INTO unread_mentions (user_id, conversation_id) VALUES (NEW.user_id, NEW.conversation_id)
        ON CONFLICT DO NOTHING;
    ELSIF TG_OP <> 'INSERT' THEN
        DELETE FROM unread_mentions WHERE user_id = OLD.user_id AND conversation_id = OLD.conversation_id;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER participants_put AFTER INSERT ON participants FOR EACH ROW
    WHEN (NEW.mention_seq > NEW.read_seq) EXECUTE FUNCTION rapport_unread_mentions();
CREATE TRIGGER participants_read AFTER UPDATE OF mention_seq, read_seq ON participants FOR EACH ROW
    WHEN ((OLD.mention_seq > OLD.read_seq) <> (NEW.mention_seq > NEW.read_seq))
    EXECUTE FUNCTION rapport_unread_mentions();
CREATE TRIGGER participants_gone AFTER DELETE ON participants FOR EACH ROW
    WHEN (OLD.mention_seq > OLD.read_seq) EXECUTE FUNCTION rapport_unread_mentions();

-- The runs of three signs of a text, with two spaces behind it, so that every sign begins one: what 0047 and 0048 index, so
-- that a part of a name or a number is found.
CREATE FUNCTION rapport_grams(said TEXT) RETURNS TSVECTOR LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE COST 1000 AS $$
    SELECT array_to_tsvector(ARRAY(
        SELECT DISTINCT substr(said || '  ', place, 3) FROM generate_series(1, length(said)) AS place))
$$;
