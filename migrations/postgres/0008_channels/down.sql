DROP INDEX attachments_by_media;
