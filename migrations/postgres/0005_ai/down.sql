DROP TABLE ai_conversations;
DROP TABLE ai_turns;
