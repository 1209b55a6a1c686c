DELETE FROM unread_mentions;
