DROP INDEX customers_by_gram;
