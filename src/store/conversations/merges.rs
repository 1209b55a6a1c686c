//! What merges remember, so that two customers can be parted again for thirty days. Never who may do it.

use super::{consents, customers, joins};
use crate::domain::{
    Consent, ConversationId, ConversationStatus, CustomerId, MessageId, Timestamp, UserId, WorkspaceId,
};
use crate::on;
use crate::store::db::prepared::Keep;
use crate::store::db::schema::{
    conversations, customer_identities, customer_merges, customers as customers_table, messages, reactions,
};
use crate::store::messages::search;
use crate::store::{Conn, StoreError, conversations as rooms};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// How long a merge can be undone.
pub const UNDONE_FOR: Duration = Duration::from_hours(30 * 24);

/// All that a merge changed.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Record {
    /// The customer who was given up; none: only two conversations of one customer became one.
    gone: Option<Gone>,
    /// What the one who stayed was called before.
    kept: Option<customers::CustomerRow>,
    /// Names, each with the customer it was merged from before.
    names: Vec<(i64, CustomerId, Option<CustomerId>)>,
    /// Conversations that changed their customer, each with its thread before.
    rooms: Vec<(ConversationId, String)>,
    /// Merges of the one who was given up.
    merges: Vec<i64>,
    /// What the one who stayed agreed to or withdrew before, and what the other did.
    #[serde(default)]
    consents: [Vec<Consent>; 2],
    /// Two conversations that became one.
    joined: Option<Brought>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Gone {
    row: customers::CustomerRow,
    created_at: Timestamp,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Brought {
    into: ConversationId,
    from: ConversationId,
    thread: String,
    status: ConversationStatus,
    moved: Vec<MessageId>,
}

/// A merge that can be undone.
#[derive(Debug, Clone, Queryable)]
pub struct Merge {
    /// Unique in the server.
    pub id: i64,
    /// Who stayed.
    pub kept_id: CustomerId,
    /// Whose hand; none: the platform's proof.
    pub user_id: Option<UserId>,
    record: String,
    pub created_at: Timestamp,
}

impl Merge {
    fn record(&self) -> Record {
        serde_json::from_str(&self.record).unwrap_or_default()
    }

    /// What the one who was given up is called.
    pub fn gone_name(&self) -> Option<String> {
        self.record().gone.and_then(|gone| gone.row.shown_name().map(str::to_owned))
    }

    /// Until when it can be undone.
    pub fn until(&self) -> Timestamp {
        self.created_at.plus(UNDONE_FOR)
    }
}

impl Record {
    /// How both stand before one becomes the other.
    pub async fn before(
        conn: &mut Conn,
        kept: &customers::CustomerRow,
        gone: &customers::CustomerRow,
    ) -> Result<Self, StoreError> {
        let mut record = Self { kept: Some(kept.clone()), ..Self::default() };
        for id in [kept.id, gone.id] {
            let names: Vec<(i64, Option<CustomerId>)> = on!(conn, db => customer_identities::table
                .filter(customer_identities::customer_id.eq(id))
                .select((customer_identities::id, customer_identities::merged_from))
                .load(db).await)?;
            record.names.extend(names.into_iter().map(|(name, from)| (name, id, from)));
        }
        if kept.id == gone.id {
            return Ok(record);
        }
        record.rooms = on!(conn, db => conversations::table
            .filter(conversations::customer_id.eq(gone.id))
            .select((conversations::id, conversations::thread))
            .load(db).await)?;
        record.merges = on!(conn, db => customer_merges::table
            .filter(customer_merges::kept_id.eq(gone.id)).select(customer_merges::id).load(db).await)?;
        let created_at: Timestamp = on!(conn, db => customers_table::table
            .find(gone.id).select(customers_table::created_at).first(db).await)?;
        record.gone = Some(Gone { row: gone.clone(), created_at });
        record.consents =
            [consents::of_customer(conn, kept.id).await?, consents::of_customer(conn, gone.id).await?];
        Ok(record)
    }

    /// Two conversations became one, too.
    pub fn joined(
        &mut self,
        into: ConversationId,
        from: &crate::domain::ConversationState,
        moved: Vec<MessageId>,
    ) {
        self.joined =
            Some(Brought { into, from: from.id, thread: from.thread.clone(), status: from.status, moved });
    }

    /// Keeps it.
    pub async fn keep(
        &self,
        conn: &mut Conn,
        by: (WorkspaceId, Option<UserId>),
        kept: CustomerId,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let json = serde_json::to_string(self)
            .map_err(|error| StoreError::Broken(format!("a merge cannot be written down: {error}")))?;
        forget(conn, now).await?;
        on!(conn, db => diesel::insert_into(customer_merges::table)
            .values((
                customer_merges::workspace_id.eq(by.0),
                customer_merges::kept_id.eq(kept),
                customer_merges::user_id.eq(by.1),
                customer_merges::record.eq(json),
                customer_merges::created_at.eq(now),
            ))
            .execute(db).await)?;
        Ok(())
    }
}

/// The merges of one who stayed, the newest first.
pub async fn of_customer(conn: &mut Conn, kept: CustomerId) -> Result<Vec<Merge>, StoreError> {
    Ok(on!(conn, db => customer_merges::table
        .filter(customer_merges::kept_id.eq(kept))
        .order(customer_merges::id.desc())
        .limit(100)
        .select((
            customer_merges::id,
            customer_merges::kept_id,
            customer_merges::user_id,
            customer_merges::record,
            customer_merges::created_at,
        ))
        .load(db).await)?)
}

/// Forgets what can be undone no more.
async fn forget(conn: &mut Conn, now: Timestamp) -> Result<(), StoreError> {
    on!(conn, db => diesel::delete(customer_merges::table.filter(
            customer_merges::created_at.lt(now.minus(UNDONE_FOR)))).execute(db).await)?;
    Ok(())
}

/// Parts two again: what came since stays where it is. Gives the conversations that changed.
pub async fn undo(
    conn: &mut Conn,
    workspace: WorkspaceId,
    merge: &Merge,
    now: Timestamp,
) -> Result<Vec<ConversationId>, StoreError> {
    let record = merge.record();
    let mut changed = Vec::new();
    if let Some(brought) = &record.joined {
        part(conn, brought, now).await?;
        changed.extend([brought.into, brought.from]);
    }
    if let Some(gone) = &record.gone {
        revive(conn, workspace, gone).await?;
        let [before, theirs] = &record.consents;
        consents::part(conn, workspace, (merge.kept_id, before), (gone.row.id, theirs)).await?;
        for (id, thread) in &record.rooms {
            restore_thread(conn, merge.kept_id, gone.row.id, *id, thread).await?;
            changed.push(*id);
        }
    }
    for (name, customer, from) in &record.names {
        on!(conn, db => diesel::update(customer_identities::table.filter(
                customer_identities::id.eq(name).and(customer_identities::customer_id.eq(merge.kept_id))))
            .set((customer_identities::customer_id.eq(customer), customer_identities::merged_from.eq(from)))
            .kept().execute(db).await)?;
    }
    if let Some(kept) = record.kept.filter(|_| record.gone.is_some()) {
        restore_kept(conn, workspace, kept).await?;
    }
    on!(conn, db => diesel::delete(customer_merges::table.find(merge.id)).execute(db).await)?;
    if let Some(gone) = &record.gone {
        on!(conn, db => diesel::update(customer_merges::table
            .filter(customer_merges::id.eq_any(&record.merges)))
            .set(customer_merges::kept_id.eq(gone.row.id)).execute(db).await)?;
        search::index_customer(conn, gone.row.id).await?;
    }
    search::index_customer(conn, merge.kept_id).await?;
    Ok(changed)
}

async fn part(conn: &mut Conn, brought: &Brought, now: Timestamp) -> Result<(), StoreError> {
    let states = rooms::by_ids(conn, &[brought.into, brought.from]).await?;
    let find = |id| states.iter().find(|state| state.id == id).ok_or(StoreError::NotFound);
    let (into, from) = (find(brought.into)?, find(brought.from)?);
    joins::part(conn, into, from, &brought.moved, now).await?;
    on!(conn, db => diesel::update(conversations::table.find(brought.from))
        .set((conversations::thread.eq(&brought.thread), conversations::status.eq(brought.status)))
        .kept().execute(db).await)?;
    Ok(())
}

/// The one who was given up is there again, as they were.
async fn revive(conn: &mut Conn, workspace: WorkspaceId, gone: &Gone) -> Result<(), StoreError> {
    on!(conn, db => diesel::insert_into(customers_table::table)
        .values((
            customers_table::id.eq(gone.row.id),
            customers_table::workspace_id.eq(workspace),
            customers_table::search_text.eq(""),
            customers_table::enhanced_data_fetched.eq(gone.row.enhanced_data_fetched),
            customers_table::unreachable.eq(gone.row.unreachable),
            customers_table::created_at.eq(gone.created_at),
            customers_table::custom_fields.eq(&gone.row.custom_fields),
            customers_table::is_blocked.eq(gone.row.is_blocked),
        ))
        .execute(db).await)?;
    customers::update(conn, &gone.row).await
}

/// What the one who stayed took from the other is theirs no more; what changed since stays.
async fn restore_kept(
    conn: &mut Conn,
    workspace: WorkspaceId,
    before: customers::CustomerRow,
) -> Result<(), StoreError> {
    let Some(mut row) = customers::find(conn, workspace, before.id).await? else { return Ok(()) };
    (row.name, row.given_name, row.username) = (before.name, before.given_name, before.username);
    (row.avatar_url, row.locale, row.referral) = (before.avatar_url, before.locale, before.referral);
    (row.custom_fields, row.is_blocked) = (before.custom_fields, before.is_blocked);
    customers::update(conn, &row).await
}

/// A conversation and who speaks in it are the other's again.
async fn restore_thread(
    conn: &mut Conn,
    kept: CustomerId,
    gone: CustomerId,
    id: ConversationId,
    thread: &str,
) -> Result<(), StoreError> {
    on!(conn, db => diesel::update(conversations::table.find(id))
        .set((conversations::customer_id.eq(gone), conversations::thread.eq(thread)))
        .kept().execute(db).await)?;
    let (before, after) = (format!("customer:{kept}"), format!("customer:{gone}"));
    on!(conn, db => diesel::update(messages::table
        .filter(messages::conversation_id.eq(id).and(messages::author.eq(&before))))
        .set(messages::author.eq(&after)).kept().execute(db).await)?;
    on!(conn, db => diesel::update(messages::table
        .filter(messages::conversation_id.eq(id).and(messages::sender_customer_id.eq(kept))))
        .set(messages::sender_customer_id.eq(gone)).kept().execute(db).await)?;
    on!(conn, db => diesel::update(reactions::table.filter(reactions::actor.eq(&before).and(
            reactions::message_id
                .eq_any(messages::table.filter(messages::conversation_id.eq(id)).select(messages::id)))))
        .set(reactions::actor.eq(&after)).execute(db).await)?;
    Ok(())
}
