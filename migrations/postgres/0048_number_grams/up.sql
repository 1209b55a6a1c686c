CREATE INDEX CONCURRENTLY customer_identities_by_gram ON customer_identities USING GIN (rapport_grams(external_id))
WHERE kind = 'phone';
