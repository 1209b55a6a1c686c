//! What the database itself says of its pages, indexes and keys. Never a repair.

use super::{Check, check};
use crate::store::Conn;

/// SQLite looks at every page, index and rule; PostgreSQL is asked for what it does not hold (its pages are
/// for
/// `pg_amcheck` and its own checksums).
pub(super) fn checks(conn: &Conn) -> Vec<Check> {
    let [damage, keys] = match conn {
        Conn::Sqlite(_) => [
            "SELECT integrity_check AS odd FROM pragma_integrity_check WHERE integrity_check <> 'ok'",
            "SELECT \"table\" || ' row ' || COALESCE(CAST(rowid AS TEXT), '?') AS odd FROM \
                pragma_foreign_key_check",
        ],
        Conn::Postgres(_) => [
            "SELECT conrelid::regclass::text || ' ' || conname AS odd FROM pg_constraint \
             WHERE connamespace = current_schema()::regnamespace AND contype <> 'f' AND NOT convalidated \
             UNION ALL SELECT indexrelid::regclass::text FROM pg_index AS i JOIN pg_class AS c ON c.oid = \
             i.indexrelid \
             WHERE c.relnamespace = current_schema()::regnamespace AND NOT i.indisvalid",
            "SELECT conrelid::regclass::text || ' ' || conname AS odd FROM pg_constraint \
             WHERE connamespace = current_schema()::regnamespace AND contype = 'f' AND NOT convalidated",
        ],
    };
    vec![
        check("damage", "a page, an index or a rule of a table that does not hold", damage),
        check("damage", "a key between two tables that does not hold", keys),
    ]
}
