//! Rows handed to PostgreSQL column by column, as `unnest` takes them. Never a query.

/// The values of one column, row by row.
pub(crate) fn column<T>(values: impl Iterator<Item = T>) -> Vec<T> {
    values.collect()
}
