DROP TRIGGER customers_gone;
DROP TRIGGER customers_renamed;
DROP TRIGGER customers_put;
DROP TABLE search_names_terms;
DROP TABLE search_names;
