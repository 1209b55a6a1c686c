//! `column IN (…)` in a form whose SQL is the same however many values there are, so that both databases keep
//! it prepared: diesel's own `eq_any` is prepared anew each time on SQLite. Never a query.

use diesel::expression::{AppearsOnTable, Expression, SelectableExpression, ValidGrouping};
use diesel::pg::Pg;
use diesel::prelude::QueryResult;
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::serialize::ToSql;
use diesel::sql_types::{Array, Bool, HasSqlType, SqlType, Text};
use diesel::sqlite::Sqlite;
use serde::Serialize;
use std::marker::PhantomData;

/// A value of such a list: an id or a word.
pub(crate) trait Listed {
    /// As it is bound.
    type Raw: Serialize;
    /// The type of its column.
    type Sql: SqlType + 'static;

    /// As it is bound.
    fn raw(self) -> Self::Raw;
}

impl<'a> Listed for &'a &str {
    type Raw = &'a str;
    type Sql = Text;

    fn raw(self) -> &'a str {
        self
    }
}

/// See [`among`].
pub(crate) struct Among<C, R, S> {
    column: C,
    values: Vec<R>,
    json: String,
    sql: PhantomData<S>,
}

/// Whether the column is one of the values.
pub(crate) fn among<C, V: Listed>(
    column: C,
    values: impl IntoIterator<Item = V>,
) -> Among<C, V::Raw, V::Sql> {
    let values: Vec<V::Raw> = values.into_iter().map(Listed::raw).collect();
    let json = serde_json::to_string(&values).expect("numbers and words are JSON");
    Among { column, values, json, sql: PhantomData }
}

impl<C: Expression, R, S> Expression for Among<C, R, S> {
    type SqlType = Bool;
}

impl<C: AppearsOnTable<QS>, R, S, QS> AppearsOnTable<QS> for Among<C, R, S> {}

impl<C: SelectableExpression<QS>, R, S, QS> SelectableExpression<QS> for Among<C, R, S> {}

impl<C: ValidGrouping<GB>, R, S, GB> ValidGrouping<GB> for Among<C, R, S> {
    type IsAggregate = C::IsAggregate;
}

impl<C: QueryId, R, S: 'static> QueryId for Among<C, R, S> {
    type QueryId = Among<C::QueryId, (), S>;
    const HAS_STATIC_QUERY_ID: bool = C::HAS_STATIC_QUERY_ID;
}

impl<C: QueryFragment<Sqlite>, R, S> QueryFragment<Sqlite> for Among<C, R, S> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
        self.column.walk_ast(out.reborrow())?;
        out.push_sql(" IN (SELECT value FROM json_each(");
        out.push_bind_param::<Text, _>(&self.json)?;
        out.push_sql("))");
        Ok(())
    }
}

impl<C: QueryFragment<Pg>, R, S: SqlType> QueryFragment<Pg> for Among<C, R, S>
where
    Pg: HasSqlType<Array<S>>,
    Vec<R>: ToSql<Array<S>, Pg>,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        self.column.walk_ast(out.reborrow())?;
        out.push_sql(" = ANY(");
        out.push_bind_param::<Array<S>, _>(&self.values)?;
        out.push_sql(")");
        Ok(())
    }
}
