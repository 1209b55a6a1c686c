//! Who changed what. Only added to; never a secret, never a customer's words.

use super::audit_names;
use crate::domain::{ConversationId, Erased, Timestamp, UserId, WorkspaceId};
use crate::on;
use crate::store::db::prepared::Keep;
use crate::store::db::schema::audit;
use crate::store::{Conn, StoreError};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};
use diesel_async::RunQueryDsl;
use serde::Deserialize;
use serde_json::Value;
use std::sync::Arc;

/// A customer was forgotten with everything; the details name the conversations.
pub const ERASED: &str = "customer_erased";

/// One thing that somebody did.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = audit)]
pub struct Entry {
    /// Unique in the server.
    pub id: i64,
    /// Who; none: the command line.
    pub user_id: Option<UserId>,
    /// `channel_created`, `user_changed`, `customer_erased` …
    pub action: String,
    /// What it was done to: `channel:3`.
    pub subject: String,
    /// JSON: what changed.
    pub details: String,
    pub at: Timestamp,
    /// From where, if it was asked for from outside.
    pub address: Option<String>,
    /// What whoever did it was called then; none: nobody, or it was noted by an older release.
    pub user_name: Option<String>,
    /// What it was done to was called then; none: it has no name, or was forgotten since.
    pub subject_name: Option<String>,
}

tokio::task_local! {
    /// From where whoever is being served asks.
    static FROM: Arc<str>;
}

/// From where the work that is under way was asked for, if it was from outside.
pub fn asked_from() -> Option<Arc<str>> {
    FROM.try_with(Arc::clone).ok()
}

/// Works as asked from there: what is noted meanwhile says so.
pub async fn from<R>(address: Option<Arc<str>>, work: impl Future<Output = R>) -> R {
    match address {
        Some(address) => FROM.scope(address, work).await,
        None => work.await,
    }
}

/// Notes what somebody does, in the transaction that does it: with the names of that moment.
pub async fn note(
    conn: &mut Conn,
    by: (WorkspaceId, Option<UserId>),
    action: &str,
    subject: &str,
    details: &Value,
    now: Timestamp,
) -> Result<(), StoreError> {
    let user_name = match by.1 {
        Some(user) => audit_names::of_user(conn, user).await?,
        None => None,
    };
    let subject_name = audit_names::of_subject(conn, subject).await?;
    let details = details.to_string();
    let words = audit_names::words(&[
        action,
        subject,
        user_name.as_deref().unwrap_or_default(),
        subject_name.as_deref().unwrap_or_default(),
        &details,
    ]);
    on!(conn, db => diesel::insert_into(audit::table)
        .values((
            audit::workspace_id.eq(by.0),
            audit::user_id.eq(by.1),
            audit::action.eq(action),
            audit::subject.eq(subject),
            audit::details.eq(details),
            audit::at.eq(now),
            audit::address.eq(asked_from().as_deref()),
            audit::user_name.eq(user_name),
            audit::subject_name.eq(subject_name),
            audit::search_text.eq(words),
        ))
        .execute(db).await)?;
    Ok(())
}

/// Whether the same was noted since a moment.
pub async fn is_noted_since(
    conn: &mut Conn,
    workspace: WorkspaceId,
    action: &str,
    subject: &str,
    since: Timestamp,
) -> Result<bool, StoreError> {
    let found: Option<i64> = on!(conn, db => audit::table
        .filter(audit::workspace_id.eq(workspace).and(audit::at.ge(since)))
        .filter(audit::action.eq(action).and(audit::subject.eq(subject)))
        .select(audit::id)
        .first(db).await.optional())?;
    Ok(found.is_some())
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Which {
    /// Who did it.
    pub user: Option<UserId>,
    /// What was done: one of these, if there are any.
    pub actions: Vec<String>,
    /// What it was done to.
    pub subject: Option<String>,
    /// To what kind of thing it was done: `customer`.
    pub object: Option<String>,
    /// Folded words that all stand in the entry, each as LIKE reads it.
    pub words_like: Vec<String>,
    /// From that moment on.
    pub from: Option<Timestamp>,
    /// Before that moment.
    pub to: Option<Timestamp>,
}

/// A workspace's entries below `below`, the newest first.
pub async fn page(
    conn: &mut Conn,
    workspace: WorkspaceId,
    which: &Which,
    below: Option<i64>,
    limit: i64,
) -> Result<Vec<Entry>, StoreError> {
    let (from, to) = (which.from.unwrap_or(Timestamp(i64::MIN)), which.to.unwrap_or(Timestamp(i64::MAX)));
    macro_rules! asked {
        () => {{
            let mut asked = audit::table
                .filter(audit::workspace_id.eq(workspace).and(audit::id.lt(below.unwrap_or(i64::MAX))))
                .filter(audit::at.ge(from).and(audit::at.lt(to)))
                .order(audit::id.desc())
                .limit(limit)
                .select(Entry::as_select())
                .into_boxed();
            if let Some(user) = which.user {
                asked = asked.filter(audit::user_id.eq(user));
            }
            if !which.actions.is_empty() {
                asked = asked.filter(audit::action.eq_any(&which.actions));
            }
            if let Some(object) = &which.object {
                asked =
                    asked.filter(audit::subject.like(format!("{object}:%")).or(audit::subject.eq(object)));
            }
            for words in &which.words_like {
                asked = asked.filter(audit::search_text.assume_not_null().like(words.as_str()).escape('\\'));
            }
            if let Some(subject) = &which.subject {
                asked = asked.filter(audit::subject.eq(subject));
            }
            asked
        }};
    }
    Ok(match conn {
        Conn::Sqlite(db) => asked!().load(db).await?,
        Conn::Postgres(db) => asked!().load(db).await?,
    })
}

#[derive(QueryableByName)]
struct ErasedRow {
    #[diesel(sql_type = BigInt)]
    id: i64,
    #[diesel(sql_type = BigInt)]
    workspace_id: WorkspaceId,
    #[diesel(sql_type = Text)]
    details: String,
}

/// What stands in the details of one.
#[derive(Deserialize)]
struct ErasedDetails {
    conversations: Vec<ConversationId>,
}

/// Bounded by the entries looked at: a search for the few among all would read everything that anybody ever
/// did.
const ERASED_LATELY: &str = "SELECT id, workspace_id, details \
    FROM (SELECT id, workspace_id, action, details, at FROM audit ORDER BY id DESC LIMIT 1000) AS newest \
    WHERE action = $1 AND at >= $2";

/// The customers who were forgotten since a moment, each with its entry, as far as they are among the newest
/// entries.
pub async fn erased_since(conn: &mut Conn, since: Timestamp) -> Result<Vec<(i64, Erased)>, StoreError> {
    let rows: Vec<ErasedRow> = on!(conn, db => diesel::sql_query(ERASED_LATELY)
        .bind::<Text, _>(ERASED)
        .bind::<BigInt, _>(since)
        .kept()
        .load(db).await)?;
    let read = |row: ErasedRow| {
        // A release before this one noted how many there were.
        let details: ErasedDetails = serde_json::from_str(&row.details).ok()?;
        Some((row.id, Erased { workspace_id: row.workspace_id, conversation_ids: details.conversations }))
    };
    Ok(rows.into_iter().filter_map(read).collect())
}
