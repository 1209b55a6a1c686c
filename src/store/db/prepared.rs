//! Statements that are kept prepared although diesel would prepare them anew each time: it does so with every
//! `UPDATE` and every upsert, whose text it takes for too changeable. Here a statement is known by its text.
//! Only for statements whose text does not depend on how many values they have.

use diesel::backend::Backend;
use diesel::prelude::QueryResult;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};

/// See [`Keep::kept`].
pub(crate) struct Kept<Q>(Q);

/// Keeps a statement prepared.
pub(crate) trait Keep: Sized {
    /// The same statement, prepared once a connection.
    fn kept(self) -> Kept<Self> {
        Kept(self)
    }
}

impl<Q> Keep for Q {}

impl<Q> QueryId for Kept<Q> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<Q: Query> Query for Kept<Q> {
    type SqlType = Q::SqlType;
}

impl<Q: QueryFragment<DB>, DB: Backend> QueryFragment<DB> for Kept<Q> {
    fn walk_ast<'b>(&'b self, out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        self.0.walk_ast(out)
    }

    fn is_safe_to_cache_prepared(&self, _: &DB) -> QueryResult<bool> {
        Ok(true)
    }
}
