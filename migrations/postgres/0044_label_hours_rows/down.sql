UPDATE conversation_labels SET active_hour = 0;
