//! What strangers have used up of the budgets that several servers share, each as the moment when all of it
//! will have grown again. Never how large a budget is.

use crate::domain::Timestamp;
use crate::on;
use crate::store::db::schema::budgets_spent;
use crate::store::{Conn, StoreError};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};
use diesel_async::RunQueryDsl;

/// A budget, whose, and until when it grows.
pub type SpentRow = (String, String, Timestamp);

/// Adds to what was spent: from now on if nothing was, else after it.
const SPEND: &str = "INSERT INTO budgets_spent (kind, owner, until, told_at) VALUES ($1, $2, $3 + $4, $3) \
    ON CONFLICT (kind, owner) DO UPDATE SET told_at = excluded.told_at, until = $4 + CASE \
    WHEN budgets_spent.until > excluded.told_at THEN budgets_spent.until ELSE excluded.told_at END";

/// Notes that so many milliseconds' worth was spent.
pub async fn spend(
    conn: &mut Conn,
    kind: &str,
    owner: &str,
    cost: i64,
    now: Timestamp,
) -> Result<(), StoreError> {
    on!(conn, db => diesel::sql_query(SPEND)
        .bind::<Text, _>(kind)
        .bind::<Text, _>(owner)
        .bind::<BigInt, _>(now)
        .bind::<BigInt, _>(cost)
        .execute(db).await)?;
    Ok(())
}

/// What anybody spent since a moment and has not grown again.
pub async fn told_since(
    conn: &mut Conn,
    since: Timestamp,
    now: Timestamp,
) -> Result<Vec<SpentRow>, StoreError> {
    Ok(on!(conn, db => budgets_spent::table
        .filter(budgets_spent::told_at.ge(since).and(budgets_spent::until.gt(now)))
        .select((budgets_spent::kind, budgets_spent::owner, budgets_spent::until))
        .load(db).await)?)
}

/// Forgets what has grown again.
pub async fn forget(conn: &mut Conn, now: Timestamp) -> Result<usize, StoreError> {
    Ok(on!(conn, db => diesel::delete(budgets_spent::table.filter(budgets_spent::until.lt(now)))
        .execute(db).await)?)
}
