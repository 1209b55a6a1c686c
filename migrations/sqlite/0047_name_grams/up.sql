-- A part of a name is found by its runs of three signs. Two spaces behind it, so that every sign begins such a run.
CREATE VIRTUAL TABLE search_names USING fts5 (name, content = '', contentless_delete = 1, tokenize = 'trigram');
CREATE VIRTUAL TABLE search_names_terms USING fts5vocab (search_names, 'row');
CREATE TRIGGER customers_put AFTER INSERT ON customers BEGIN
    INSERT INTO search_names (rowid, name) VALUES (new.id, new.search_text || '  ');
END;
CREATE TRIGGER customers_renamed AFTER UPDATE OF search_text ON customers WHEN old.search_text <> new.search_text BEGIN
    DELETE FROM search_names WHERE rowid = old.id;
    INSERT INTO search_names (rowid, name) VALUES (new.id, new.search_text || '  ');
END;
CREATE TRIGGER customers_gone AFTER DELETE ON customers BEGIN
    DELETE FROM search_names WHERE rowid = old.id;
END;
INSERT INTO search_names (rowid, name) SELECT id, search_text || '  ' FROM customers;
