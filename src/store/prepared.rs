//! SQL of our own that is kept prepared, where the query builder has no words for it: diesel's `sql_query` is prepared
//! anew each time. Never SQL made of values: they are bound.

use diesel::pg::Pg;
use diesel::prelude::QueryResult;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::result::Error;
use diesel::sql_types::{Array, BigInt, Nullable, Text, Untyped};
use diesel::sqlite::Sqlite;

/// A statement: its text, with `?` where a value stands, and the values in their order.
#[derive(Debug)]
pub(super) struct Prepared {
    text: &'static str,
    values: Vec<Value>,
}

/// A value of a statement. Lists are PostgreSQL's alone.
#[derive(Debug)]
pub(super) enum Value {
    Number(i64),
    Words(String),
    Numbers(Vec<i64>),
    MaybeNumbers(Vec<Option<i64>>),
    Texts(Vec<String>),
    MaybeTexts(Vec<Option<String>>),
}

impl Prepared {
    /// A statement without values yet.
    pub(super) fn new(text: &'static str) -> Self {
        Self { text, values: Vec::new() }
    }

    /// The next value.
    #[must_use]
    pub(super) fn with(mut self, value: Value) -> Self {
        self.values.push(value);
        self
    }
}

impl QueryId for Prepared {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl Query for Prepared {
    type SqlType = Untyped;
}

impl QueryFragment<Sqlite> for Prepared {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
        let mut values = self.values.iter();
        for (number, text) in self.text.split('?').enumerate() {
            if number > 0 {
                match values.next() {
                    Some(Value::Number(number)) => out.push_bind_param::<BigInt, _>(number)?,
                    Some(Value::Words(words)) => out.push_bind_param::<Text, _>(words)?,
                    _ => return Err(misfit()),
                }
            }
            out.push_sql(text);
        }
        Ok(())
    }
}

impl QueryFragment<Pg> for Prepared {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        let mut values = self.values.iter();
        for (number, text) in self.text.split('?').enumerate() {
            if number > 0 {
                match values.next().ok_or_else(misfit)? {
                    Value::Number(number) => out.push_bind_param::<BigInt, _>(number)?,
                    Value::Words(words) => out.push_bind_param::<Text, _>(words)?,
                    Value::Numbers(list) => out.push_bind_param::<Array<BigInt>, _>(list)?,
                    Value::MaybeNumbers(list) => out.push_bind_param::<Array<Nullable<BigInt>>, _>(list)?,
                    Value::Texts(list) => out.push_bind_param::<Array<Text>, _>(list)?,
                    Value::MaybeTexts(list) => out.push_bind_param::<Array<Nullable<Text>>, _>(list)?,
                }
            }
            out.push_sql(text);
        }
        Ok(())
    }
}

fn misfit() -> Error {
    Error::QueryBuilderError("a statement's values are not those of its text".into())
}
