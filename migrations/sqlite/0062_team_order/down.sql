DROP INDEX conversations_by_team;
