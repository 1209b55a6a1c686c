DROP TRIGGER messages_moved ON messages;
DROP FUNCTION rapport_unread_moved;
