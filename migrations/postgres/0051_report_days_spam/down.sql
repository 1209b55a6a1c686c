DROP TRIGGER answered_waits_gone ON answered_waits;
DROP TRIGGER conversations_summed ON conversations;
DROP FUNCTION rapport_forget_wait;
DROP FUNCTION rapport_forget_spam_days;
