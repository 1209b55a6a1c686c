CREATE INDEX CONCURRENTLY customers_by_gram ON customers USING GIN (rapport_grams(search_text));
