DROP TRIGGER messages_moved;
