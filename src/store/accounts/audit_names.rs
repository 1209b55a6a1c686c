//! What everybody and everything in the audit log was called when it was done, and the words by which an
//! entry is found. A forgotten customer's name goes from all of them. Never a name that only its owner may
//! see.

use crate::domain::{
    CannedReplyId, ChannelId, ConversationId, CustomerId, FlowId, HookId, LabelId, MessageId, OfferId,
    TeamId, UserId, WorkspaceId, message, text,
};
use crate::on;
use crate::store::db::in_list::among;
use crate::store::db::schema::{
    audit, canned_replies, channels, conversations, customers, flows, hooks, labels, membership_offers,
    messages, teams, templates, users, workspaces,
};
use crate::store::{Conn, StoreError};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use serde_json::Value;
use std::collections::BTreeSet;

/// Signs of the details that can be searched for: what is longer is a text of its own.
const SEARCHED: usize = 500;
/// Rows of one statement.
const BATCH: i64 = 500;
/// What is noted where a platform proved that two customers are one; its details hold the names that proved
/// it.
const JOINED: &str = "customer_joined";
const MERGED: &str = "customer_merged";

/// What a user is called.
pub(crate) async fn of_user(conn: &mut Conn, id: UserId) -> Result<Option<String>, StoreError> {
    Ok(on!(conn, db => users::table.find(id).select(users::full_name).first(db).await.optional())?)
}

/// What `kind:id` is called, where that has a name for everybody: a customer's conversations and messages
/// have theirs.
pub(crate) async fn of_subject(conn: &mut Conn, subject: &str) -> Result<Option<String>, StoreError> {
    macro_rules! named {
        ($id:expr, $table:ident.$name:ident) => {
            on!(conn, db => $table::table.find($id).select($table::$name).first(db).await.optional())?
        };
    }
    let Some((kind, id)) = subject.split_once(':') else { return Ok(None) };
    let Ok(id) = id.parse::<i64>() else { return Ok(None) };
    Ok(match kind {
        "user" => named!(UserId(id), users.full_name),
        "workspace" => named!(WorkspaceId(id), workspaces.name),
        "membership_offer" => named!(OfferId(id), membership_offers.username),
        "channel" => named!(ChannelId(id), channels.name),
        "team" => named!(TeamId(id), teams.name),
        "label" => named!(LabelId(id), labels.name),
        "flow" => named!(FlowId(id), flows.name),
        "hook" => named!(HookId(id), hooks.name),
        "template" => named!(id, templates.name),
        "canned_reply" => named!(CannedReplyId(id), canned_replies.shortcut),
        "customer" => of_customer(conn, CustomerId(id)).await?,
        "conversation" => of_conversation(conn, ConversationId(id)).await?,
        "message" => {
            let conversation: Option<ConversationId> = named!(MessageId(id), messages.conversation_id);
            match conversation {
                Some(id) => of_conversation(conn, id).await?,
                None => None,
            }
        }
        _ => None,
    })
}

async fn of_conversation(conn: &mut Conn, id: ConversationId) -> Result<Option<String>, StoreError> {
    let customer: Option<Option<CustomerId>> = on!(conn, db => conversations::table.find(id)
        .select(conversations::customer_id).first(db).await.optional())?;
    match customer.flatten() {
        Some(id) => of_customer(conn, id).await,
        None => Ok(None),
    }
}

/// A customer's name for people.
async fn of_customer(conn: &mut Conn, id: CustomerId) -> Result<Option<String>, StoreError> {
    type Names = (Option<String>, Option<String>, Option<String>);
    let names: Option<Names> = on!(conn, db => customers::table.find(id)
        .select((customers::given_name, customers::name, customers::username))
        .first(db).await.optional())?;
    Ok(names.and_then(|(given, own, username)| given.or(own).or(username)))
}

/// The folded words of an entry.
pub(crate) fn words(parts: &[&str]) -> String {
    let cut: Vec<String> = parts.iter().map(|part| message::excerpt(part, SEARCHED)).collect();
    text::fold(&cut.join(" ").replace('_', " "))
}

/// One that names who is to be forgotten.
#[derive(Queryable)]
struct Naming {
    id: i64,
    action: String,
    subject: String,
    details: String,
    user_name: Option<String>,
}

/// Takes the name of whom these are from the entries about them.
pub(crate) async fn forget(
    conn: &mut Conn,
    workspace: WorkspaceId,
    subjects: &[String],
) -> Result<(), StoreError> {
    let subjects: Vec<&str> = subjects.iter().map(String::as_str).collect();
    let mut after = 0_i64;
    loop {
        let rows: Vec<Naming> = on!(conn, db => audit::table
            .filter(audit::workspace_id.eq(workspace).and(among(audit::subject, &subjects))
                .and(audit::id.gt(after)))
            .filter(audit::subject_name.is_not_null().or(audit::action.eq(JOINED)))
            .order(audit::id)
            .limit(BATCH)
            .select((audit::id, audit::action, audit::subject, audit::details, audit::user_name))
            .load(db).await)?;
        let Some(last) = rows.last() else { return Ok(()) };
        after = last.id;
        for row in rows {
            forget_in(conn, row).await?;
        }
    }
}

async fn forget_in(conn: &mut Conn, row: Naming) -> Result<(), StoreError> {
    let mut details: Value = serde_json::from_str(&row.details).unwrap_or_default();
    if let Some(details) = details.as_object_mut().filter(|_| row.action == JOINED) {
        details.remove("names");
    }
    let details = details.to_string();
    let user_name = row.user_name.as_deref().unwrap_or_default();
    let words = words(&[&row.action, &row.subject, user_name, &details]);
    on!(conn, db => diesel::update(audit::table.find(row.id))
        .set((
            audit::subject_name.eq(None::<String>),
            audit::details.eq(details),
            audit::search_text.eq(words),
        ))
        .execute(db).await)?;
    Ok(())
}

/// A customer as the log knows them: under their own number, and under those of all who became them and are
/// not there by themselves again.
pub(crate) async fn subjects_of(
    conn: &mut Conn,
    workspace: WorkspaceId,
    id: CustomerId,
) -> Result<Vec<String>, StoreError> {
    let (mut known, mut open) = (BTreeSet::from([id]), vec![id]);
    while let Some(next) = open.pop() {
        let rows: Vec<String> = on!(conn, db => audit::table
            .filter(audit::workspace_id.eq(workspace).and(audit::subject.eq(format!("customer:{next}"))))
            .filter(audit::action.eq_any([JOINED, MERGED]))
            .select(audit::details)
            .load(db).await)?;
        for gone in rows.iter().filter_map(|details| gone_of(details)) {
            let is_there: i64 = on!(conn, db => customers::table.find(gone).count().get_result(db).await)?;
            if is_there == 0 && known.insert(gone) {
                open.push(gone);
            }
        }
    }
    Ok(known.iter().map(|id| format!("customer:{id}")).collect())
}

/// Who became another by what was noted.
fn gone_of(details: &str) -> Option<CustomerId> {
    let details: Value = serde_json::from_str(details).ok()?;
    details["merged"].as_i64().or(details["joined"].as_i64()).map(CustomerId)
}
