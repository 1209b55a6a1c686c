ALTER TABLE customers DROP COLUMN given_name;
