DROP TRIGGER conversations_summed;
