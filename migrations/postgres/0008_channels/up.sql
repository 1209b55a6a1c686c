-- Which messages show a file: asked for every file that is looked at, and when unused ones are removed.
CREATE INDEX attachments_by_media ON attachments (media_id);
