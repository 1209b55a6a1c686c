DROP INDEX participants_members;
