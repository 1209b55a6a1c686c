-- A part of a customer's number is found likewise; the row's id is the identity's.
CREATE VIRTUAL TABLE search_numbers USING fts5 (number, content = '', contentless_delete = 1, tokenize = 'trigram');
CREATE TRIGGER customer_identities_put AFTER INSERT ON customer_identities WHEN new.kind = 'phone' BEGIN
    INSERT INTO search_numbers (rowid, number) VALUES (new.id, new.external_id);
END;
CREATE TRIGGER customer_identities_gone AFTER DELETE ON customer_identities WHEN old.kind = 'phone' BEGIN
    DELETE FROM search_numbers WHERE rowid = old.id;
END;
CREATE TRIGGER customer_identities_changed AFTER UPDATE OF kind, external_id ON customer_identities
WHEN old.kind <> new.kind OR old.external_id <> new.external_id BEGIN
    DELETE FROM search_numbers WHERE rowid = old.id;
    INSERT INTO search_numbers (rowid, number) SELECT new.id, new.external_id WHERE new.kind = 'phone';
END;
INSERT INTO search_numbers (rowid, number) SELECT id, external_id FROM customer_identities WHERE kind = 'phone';
