//! What strangers have used up of the budgets that several servers share, each as the moment when all of it
//! will have grown again, and the sockets that they hold at each server. Never how large a budget is.

use crate::domain::Timestamp;
use crate::on;
use crate::store::db::schema::{budgets_spent, sockets_held};
use crate::store::{Conn, StoreError};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};
use diesel_async::RunQueryDsl;
use std::time::Duration;

/// A budget, whose, until when it grows, and when that was told. Told no earlier than it has grown: given
/// back.
pub type SpentRow = (String, String, Timestamp, Timestamp);

/// How long a budget that has grown again is remembered: other servers must hear of what was given back.
const REMEMBERED: Duration = Duration::from_mins(1);

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

/// Notes that a budget was given back.
pub async fn give_back(conn: &mut Conn, kind: &str, owner: &str, now: Timestamp) -> Result<(), StoreError> {
    on!(conn, db => diesel::update(budgets_spent::table.find((kind, owner)))
        .set((budgets_spent::until.eq(now), budgets_spent::told_at.eq(now)))
        .execute(db).await)?;
    Ok(())
}

/// What anybody spent or gave back since a moment.
pub async fn told_since(conn: &mut Conn, since: Timestamp) -> Result<Vec<SpentRow>, StoreError> {
    Ok(on!(conn, db => budgets_spent::table
        .filter(budgets_spent::told_at.ge(since))
        .select((budgets_spent::kind, budgets_spent::owner, budgets_spent::until, budgets_spent::told_at))
        .load(db).await)?)
}

/// Forgets what has grown again.
pub async fn forget(conn: &mut Conn, now: Timestamp) -> Result<usize, StoreError> {
    let grown = now.minus(REMEMBERED);
    Ok(on!(conn, db => diesel::delete(budgets_spent::table.filter(budgets_spent::until.lt(grown)))
        .execute(db).await)?)
}

/// Which server, whose address, and how many sockets are open there.
pub type HeldRow = (String, String, i64);

/// Notes how many sockets an address holds at a server.
pub async fn hold(
    conn: &mut Conn,
    server: &str,
    owner: &str,
    held: i64,
    now: Timestamp,
) -> Result<(), StoreError> {
    let told = (sockets_held::held.eq(held), sockets_held::told_at.eq(now));
    on!(conn, db => diesel::insert_into(sockets_held::table)
        .values((sockets_held::server.eq(server), sockets_held::owner.eq(owner), told))
        .on_conflict((sockets_held::server, sockets_held::owner))
        .do_update()
        .set(told)
        .execute(db).await)?;
    Ok(())
}

/// What other servers told of their sockets since a moment.
pub async fn held_since(conn: &mut Conn, server: &str, since: Timestamp) -> Result<Vec<HeldRow>, StoreError> {
    Ok(on!(conn, db => sockets_held::table
        .filter(sockets_held::told_at.ge(since).and(sockets_held::server.ne(server)))
        .select((sockets_held::server, sockets_held::owner, sockets_held::held))
        .load(db).await)?)
}

/// Forgets what nobody told anew for so long that it does not count any more.
pub async fn forget_held(conn: &mut Conn, before: Timestamp) -> Result<usize, StoreError> {
    Ok(on!(conn, db => diesel::delete(sockets_held::table.filter(sockets_held::told_at.lt(before)))
        .execute(db).await)?)
}
