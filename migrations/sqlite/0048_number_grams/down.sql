DROP TRIGGER customer_identities_changed;
DROP TRIGGER customer_identities_gone;
DROP TRIGGER customer_identities_put;
DROP TABLE search_numbers;
