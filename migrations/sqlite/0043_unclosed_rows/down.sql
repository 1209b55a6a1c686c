DELETE FROM unclosed;
