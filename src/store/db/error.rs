//! What can go wrong with a database. Never a text that a customer wrote: diesel's messages
//! name tables and constraints, its details (which may hold values) are left out.

use diesel::result::{DatabaseErrorKind, Error};

/// A query or a connection failed.
#[derive(Debug, Clone, thiserror::Error)]
pub enum StoreError {
    /// There is no such row.
    #[error("no such row")]
    NotFound,
    /// A unique key is taken.
    #[error("already there: {0}")]
    Taken(String),
    /// The transaction lost against another one and may be tried again.
    #[error("another transaction was first: {0}")]
    Collided(String),
    /// The database does not answer, is locked, full or broken; later it may work.
    #[error("the database is unavailable: {0}")]
    Unavailable(String),
    /// It is not a database to work on: absent, of another version, in use. Later it is the same.
    #[error("{0}")]
    Unfit(String),
    /// The database refused the query itself: a fault of ours.
    #[error("the query failed: {0}")]
    Broken(String),
}

impl StoreError {
    /// Whether the connection or the whole transaction is lost with it.
    pub fn ends_transaction(&self) -> bool {
        matches!(self, Self::Collided(_) | Self::Unavailable(_))
    }
}

impl From<Error> for StoreError {
    fn from(error: Error) -> Self {
        match &error {
            Error::NotFound => Self::NotFound,
            Error::DatabaseError(DatabaseErrorKind::UniqueViolation, info) => {
                Self::Taken(info.message().to_owned())
            }
            Error::DatabaseError(DatabaseErrorKind::SerializationFailure, info) => {
                Self::Collided(info.message().to_owned())
            }
            Error::DatabaseError(DatabaseErrorKind::Unknown, info)
                if info.message().contains("deadlock detected") =>
            {
                Self::Collided(info.message().to_owned())
            }
            Error::DatabaseError(
                DatabaseErrorKind::ForeignKeyViolation
                | DatabaseErrorKind::NotNullViolation
                | DatabaseErrorKind::CheckViolation,
                info,
            ) => Self::Broken(info.message().to_owned()),
            Error::DatabaseError(DatabaseErrorKind::Unknown, info) if is_of_a_value(info.message()) => {
                Self::Broken(info.message().to_owned())
            }
            Error::DatabaseError(_, info) => Self::Unavailable(info.message().to_owned()),
            Error::BrokenTransactionManager
            | Error::RollbackErrorOnCommit { .. }
            | Error::AlreadyInTransaction
            | Error::NotInTransaction => Self::Unavailable(error.to_string()),
            _ => Self::Broken(error.to_string()),
        }
    }
}

/// Whether PostgreSQL could not take a value (its class 22, which diesel does not tell apart): that one
/// statement is refused, and whatever waits beside it is not.
fn is_of_a_value(message: &str) -> bool {
    const WORDS: [&str; 4] =
        ["invalid byte sequence", "out of range", "value too long", "invalid input syntax"];
    WORDS.iter().any(|words| message.contains(words))
}
