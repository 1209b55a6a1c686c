-- What the team calls a customer: it stands above the name their platform tells, which goes on being learned.
ALTER TABLE customers ADD COLUMN given_name TEXT;
