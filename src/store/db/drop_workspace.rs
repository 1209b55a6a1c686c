//! A workspace taken away with every row that is its own. Which those are follows from the tables: what has a
//! `workspace_id`, and what names a row of such a table by a key; so a new table needs no line here. Never a
//! file: their names are given back. Never a row of another workspace.

use super::copied::words;
use crate::domain::{AccountId, WorkspaceId};
use crate::on;
use crate::store::accounts::{account, users};
use crate::store::{Conn, StoreError};
use diesel::QueryableByName;
use diesel::sql_types::{BigInt, Text};
use diesel_async::RunQueryDsl;
use std::collections::BTreeSet;

/// What names what by a key: (table, column, the table it names).
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
struct Key {
    #[diesel(sql_type = Text)]
    child: String,
    #[diesel(sql_type = Text)]
    part: String,
    #[diesel(sql_type = Text)]
    parent: String,
}

#[derive(QueryableByName)]
struct Id {
    #[diesel(sql_type = BigInt)]
    id: i64,
}

/// The keys and the tables with a `workspace_id`, as SQLite and as PostgreSQL tell them.
const KEYS: [&str; 2] = [
    "SELECT m.name AS child, k.\"from\" AS part, k.\"table\" AS parent FROM sqlite_master AS m \
     JOIN pragma_foreign_key_list(m.name) AS k WHERE m.type = 'table'",
    "SELECT child.relname::text AS child, a.attname::text AS part, parent.relname::text AS parent \
     FROM pg_constraint AS c JOIN pg_class AS child ON child.oid = c.conrelid \
     JOIN pg_class AS parent ON parent.oid = c.confrelid \
     JOIN pg_attribute AS a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1] \
     WHERE c.contype = 'f' AND c.connamespace = current_schema()::regnamespace",
];
const OWN: [&str; 2] = [
    "SELECT m.name AS word FROM sqlite_master AS m JOIN pragma_table_info(m.name) AS c \
     WHERE m.type = 'table' AND c.name = 'workspace_id'",
    "SELECT table_name::text AS word FROM information_schema.columns \
     WHERE table_schema = current_schema() AND column_name = 'workspace_id'",
];
/// What is kept of members without a key.
const OF_MEMBERS: [&str; 3] = ["unread_left", "unread_looked", "unread_mentions"];
/// What can be searched, where its rows are named alike but for the name of the key.
const SEARCHED: [(&str, &str); 2] = [("search_messages", "messages"), ("search_customers", "customers")];
/// What stays above a workspace.
const ABOVE: [&str; 2] = ["workspaces", "accounts"];

/// The tables and their keys.
struct Tables {
    keys: Vec<Key>,
    own: BTreeSet<String>,
}

impl Tables {
    async fn read(conn: &mut Conn) -> Result<Self, StoreError> {
        let at = usize::from(conn.has_many_writers());
        let keys: Vec<Key> = on!(conn, db => diesel::sql_query(KEYS[at]).load(db).await)?;
        let own = words(conn, OWN[at]).await?.into_iter().collect();
        Ok(Self { keys, own })
    }

    /// The keys by which a table's rows belong to something of a workspace.
    fn leading(&self, table: &str) -> impl Iterator<Item = &Key> {
        self.keys.iter().filter(move |key| {
            key.child == table && key.parent != table && !ABOVE.contains(&key.parent.as_str())
        })
    }

    /// Which rows of a table are a workspace's.
    fn rows_of(&self, table: &str, id: WorkspaceId) -> String {
        if self.own.contains(table) {
            return format!("workspace_id = {id}");
        }
        let named = self.leading(table).map(|key| {
            let Key { part, parent, .. } = key;
            format!("{part} IN (SELECT id FROM {parent} WHERE {})", self.rows_of(parent, id))
        });
        let named: Vec<String> = named.collect();
        if named.is_empty() { "1 = 0".to_owned() } else { named.join(" OR ") }
    }

    /// Every table that may hold rows of a workspace, what names a row before what it names; none: they name
    /// each other in a circle.
    fn in_order(&self) -> Option<Vec<String>> {
        let named = self.keys.iter().map(|key| key.child.clone());
        let mut left: BTreeSet<String> = self.own.iter().cloned().chain(named).collect();
        for above in ABOVE {
            left.remove(above);
        }
        let mut order = Vec::with_capacity(left.len());
        while !left.is_empty() {
            let is_named = |table: &String| {
                self.keys.iter().any(|key| {
                    key.parent == *table && key.child != *table && left.contains(key.child.as_str())
                })
            };
            let next = left.iter().find(|table| !is_named(table))?.clone();
            left.remove(&next);
            order.push(next);
        }
        Some(order)
    }
}

async fn run(conn: &mut Conn, sql: &str) -> Result<usize, StoreError> {
    Ok(on!(conn, db => diesel::sql_query(sql).execute(db).await)?)
}

async fn ids(conn: &mut Conn, sql: &str) -> Result<Vec<i64>, StoreError> {
    let rows: Vec<Id> = on!(conn, db => diesel::sql_query(sql).load(db).await)?;
    Ok(rows.into_iter().map(|row| row.id).collect())
}

/// Takes a workspace away, in the transaction that is open; gives the names of its files in the folder,
/// which are nobody's from then on.
pub(crate) async fn drop_workspace(conn: &mut Conn, id: WorkspaceId) -> Result<Vec<String>, StoreError> {
    let tables = Tables::read(conn).await?;
    let order = tables.in_order().ok_or_else(|| StoreError::Broken("tables name each other".into()))?;
    let files =
        words(conn, &format!("SELECT storage_key AS word FROM media WHERE workspace_id = {id}")).await?;
    let members = ids(conn, &format!("SELECT id FROM users WHERE workspace_id = {id}")).await?;
    let accounts = accounts_of(conn, id).await?;
    move_away(conn, id).await?;
    forget_words(conn, id).await?;
    for table in order {
        run(conn, &format!("DELETE FROM {table} WHERE {}", tables.rows_of(&table, id))).await?;
    }
    for table in OF_MEMBERS {
        for member in &members {
            run(conn, &format!("DELETE FROM {table} WHERE user_id = {member}")).await?;
        }
    }
    run(conn, &format!("DELETE FROM workspaces WHERE id = {id}")).await?;
    for account in accounts {
        settle(conn, account).await?;
    }
    Ok(files)
}

async fn accounts_of(conn: &mut Conn, id: WorkspaceId) -> Result<Vec<AccountId>, StoreError> {
    let sql =
        format!("SELECT account_id AS id FROM users WHERE workspace_id = {id} AND account_id IS NOT NULL");
    Ok(ids(conn, &sql).await?.into_iter().map(AccountId).collect())
}

/// What others keep of its members: a sign-in of who is a member elsewhere, too, goes on by that; the audit
/// log of another workspace keeps a name.
async fn move_away(conn: &mut Conn, id: WorkspaceId) -> Result<(), StoreError> {
    let other = format!(
        "SELECT MIN(o.id) FROM users AS o JOIN users AS u ON u.account_id = o.account_id \
         WHERE u.id = login_sessions.user_id AND o.workspace_id <> {id}"
    );
    let ours = format!("user_id IN (SELECT id FROM users WHERE workspace_id = {id})");
    run(
        conn,
        &format!("UPDATE login_sessions SET user_id = ({other}) WHERE {ours} AND ({other}) IS NOT NULL"),
    )
    .await?;
    run(conn, &format!("UPDATE audit SET user_id = NULL WHERE workspace_id <> {id} AND {ours}")).await?;
    Ok(())
}

/// What its messages and customers are found by.
async fn forget_words(conn: &mut Conn, id: WorkspaceId) -> Result<(), StoreError> {
    let key = if conn.has_many_writers() { "id" } else { "rowid" };
    for (index, table) in SEARCHED {
        let rows = format!("SELECT id FROM {table} WHERE workspace_id = {id}");
        run(conn, &format!("DELETE FROM {index} WHERE {key} IN ({rows})")).await?;
    }
    Ok(())
}

/// Who is a member of nothing any more has no account; for others the name they sign in with stands in
/// another place.
async fn settle(conn: &mut Conn, id: AccountId) -> Result<(), StoreError> {
    if users::all_of_account(conn, id).await?.is_empty() {
        run(conn, &format!("UPDATE membership_offers SET account_id = NULL WHERE account_id = {id}")).await?;
        run(conn, &format!("DELETE FROM accounts WHERE id = {id}")).await?;
        return Ok(());
    }
    match account::find(conn, id).await? {
        Some(account) => users::follow_account(conn, &account).await,
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(child: &str, part: &str, parent: &str) -> Key {
        Key { child: child.into(), part: part.into(), parent: parent.into() }
    }

    fn tables() -> Tables {
        let keys = vec![
            key("users", "workspace_id", "workspaces"),
            key("users", "account_id", "accounts"),
            key("messages", "sender_id", "users"),
            key("messages", "reply_to_id", "messages"),
            key("reactions", "message_id", "messages"),
            key("marks", "reaction_id", "reactions"),
        ];
        Tables { keys, own: ["users", "messages"].map(str::to_owned).into() }
    }

    #[test]
    fn what_names_a_row_goes_before_it() {
        assert_eq!(tables().in_order().expect("no circle"), ["marks", "reactions", "messages", "users"]);
        let mut round = tables();
        round.keys.push(key("users", "mark_id", "marks"));
        assert_eq!(round.in_order(), None);
    }

    #[test]
    fn a_row_is_a_workspaces_by_its_column_or_by_what_it_names() {
        let id = WorkspaceId(7);
        assert_eq!(tables().rows_of("messages", id), "workspace_id = 7");
        assert_eq!(
            tables().rows_of("marks", id),
            "reaction_id IN (SELECT id FROM reactions WHERE message_id IN (SELECT id FROM messages WHERE \
             workspace_id = 7))"
        );
        assert_eq!(tables().rows_of("epochs", id), "1 = 0", "what belongs to nobody stays");
    }
}
