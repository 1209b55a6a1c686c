//! Whole rows of messages. What loads them is compiled once a database and not once a question: a row of so many
//! columns cost the compiler eight seconds a question, two thirds of all it spent on this program.

use super::MessageRow;
use crate::store::db::conn::{PgConn, SqliteConn};
use crate::store::db::schema::messages;
use diesel::dsl::{AsSelect, SqlTypeOf};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::sqlite::Sqlite;
use diesel_async::RunQueryDsl;

/// Asks a database for messages.
pub(crate) trait LoadMessages {
    /// Messages that are still to be narrowed down, put in order, loaded.
    type Messages<'a>;

    /// All messages there are.
    fn messages<'a>(&self) -> Self::Messages<'a>;

    /// Loads them.
    async fn rows(&mut self, messages: Self::Messages<'_>) -> QueryResult<Vec<MessageRow>>;

    /// Loads the first of them, if there is one.
    async fn row(&mut self, messages: Self::Messages<'_>) -> QueryResult<Option<MessageRow>>;
}

macro_rules! load_messages {
    ($conn:ty, $db:ty) => {
        impl LoadMessages for $conn {
            type Messages<'a> = messages::BoxedQuery<'a, $db, SqlTypeOf<AsSelect<MessageRow, $db>>>;

            fn messages<'a>(&self) -> Self::Messages<'a> {
                messages::table.select(MessageRow::as_select()).into_boxed()
            }

            async fn rows(&mut self, messages: Self::Messages<'_>) -> QueryResult<Vec<MessageRow>> {
                messages.load(self).await
            }

            async fn row(&mut self, messages: Self::Messages<'_>) -> QueryResult<Option<MessageRow>> {
                Ok(self.rows(messages.limit(1)).await?.pop())
            }
        }
    };
}

load_messages!(SqliteConn, Sqlite);
load_messages!(PgConn, Pg);
