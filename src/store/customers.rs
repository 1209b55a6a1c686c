//! Customers and their identities on channels. Never a guess that two of them are one person.

use super::among::among;
use super::kept::Keep;
use super::schema::{channels, conversations, customer_identities, customers, messages, reactions};
use super::{Conn, StoreError, search};
use crate::domain::inbound::{CustomerIdentity, Thread};
use crate::domain::message::Sender;
use crate::domain::{
    ChannelId, ChannelKind, ConversationId, ConversationState, Customer, CustomerId, Timestamp, WorkspaceId,
    text,
};
use crate::on;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use serde::Serialize;
use std::collections::HashMap;

/// A customer as they lie in their table.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = customers)]
pub struct CustomerRow {
    /// Unique in the server.
    pub id: CustomerId,
    /// What they call themselves, as their platform tells it.
    pub name: Option<String>,
    /// Their name on the platform.
    pub username: Option<String>,
    /// Their picture.
    pub avatar_url: Option<String>,
    /// Their language.
    pub locale: Option<String>,
    /// JSON: the ad or link they came by last.
    pub referral: Option<String>,
    /// Whether the platform was asked for their profile.
    pub enhanced_data_fetched: bool,
    /// Whether they blocked us.
    pub unreachable: bool,
    /// JSON: what colleagues keep of them.
    pub custom_fields: String,
    /// Whether we blocked them.
    pub is_blocked: bool,
    /// What the team calls them; no platform overwrites it.
    pub given_name: Option<String>,
}

impl CustomerRow {
    /// What they are called here: by the team, else by themselves.
    pub fn shown_name(&self) -> Option<&str> {
        self.given_name.as_deref().or(self.name.as_deref())
    }

    /// As the speaker of a message.
    pub fn into_sender(self) -> Sender {
        Sender {
            id: Some(self.id.0),
            name: self.given_name.or(self.name).or(self.username.clone()),
            avatar_url: self.avatar_url,
            username: self.username,
            email: None,
        }
    }

    /// As the list shows them.
    pub fn into_customer(self, external_id: Option<String>) -> Customer {
        Customer {
            id: self.id,
            name: self.given_name.or(self.name),
            username: self.username,
            avatar_url: self.avatar_url,
            locale: self.locale,
            referral: self.referral.and_then(|json| serde_json::from_str(&json).ok()),
            external_id,
            enhanced_data_fetched: self.enhanced_data_fetched,
            unreachable: self.unreachable,
            blocked: self.is_blocked,
        }
    }
}

/// The customers that any of `external_ids` names on a channel, in the order of the ids.
pub async fn by_identities(
    conn: &mut Conn,
    channel: ChannelId,
    external_ids: &[&str],
) -> Result<Vec<(String, CustomerRow)>, StoreError> {
    let mut found: Vec<(String, CustomerRow)> = on!(conn, db => customer_identities::table
        .inner_join(customers::table.on(customers::id.eq(customer_identities::customer_id)))
        .filter(customer_identities::channel_id.eq(channel).and(among(customer_identities::external_id, external_ids)))
        .select((customer_identities::external_id, CustomerRow::as_select()))
        .load(db).await)?;
    found.sort_by_key(|(external_id, _)| external_ids.iter().position(|asked| asked == external_id));
    Ok(found)
}

/// Whether the customer of a conversation is blocked.
pub async fn is_blocked(conn: &mut Conn, state: &ConversationState) -> Result<bool, StoreError> {
    let Some(id) = state.customer_id else { return Ok(false) };
    let blocked: Option<bool> = on!(conn, db => customers::table.find(id)
        .select(customers::is_blocked)
        .first(db).await.optional())?;
    Ok(blocked.unwrap_or(false))
}

/// A new customer.
pub async fn insert(
    conn: &mut Conn,
    workspace: WorkspaceId,
    name: Option<&str>,
    username: Option<&str>,
    now: Timestamp,
) -> Result<CustomerId, StoreError> {
    Ok(on!(conn, db => diesel::insert_into(customers::table)
        .values((
            customers::workspace_id.eq(workspace),
            customers::name.eq(name),
            customers::username.eq(username),
            customers::search_text.eq(search_text([name, username])),
            customers::enhanced_data_fetched.eq(false),
            customers::unreachable.eq(false),
            customers::created_at.eq(now),
        ))
        .returning(customers::id)
        .get_result(db).await)?)
}

/// One of the names a customer has on a channel.
#[derive(Debug, Clone, Copy)]
pub struct NewIdentity<'a> {
    /// Whose.
    pub workspace: WorkspaceId,
    /// Where.
    pub channel: ChannelId,
    /// Who.
    pub customer: CustomerId,
    /// phone, bsuid, igsid, psid, telegram, group, visitor.
    pub kind: &'a str,
    /// The name itself.
    pub external_id: &'a str,
}

/// Gives a customer an identity; false: somebody has it.
pub async fn add_identity(
    conn: &mut Conn,
    identity: NewIdentity<'_>,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let added = on!(conn, db => diesel::insert_into(customer_identities::table)
        .values((
            customer_identities::workspace_id.eq(identity.workspace),
            customer_identities::channel_id.eq(identity.channel),
            customer_identities::customer_id.eq(identity.customer),
            customer_identities::kind.eq(identity.kind),
            customer_identities::external_id.eq(identity.external_id),
            customer_identities::created_at.eq(now),
        ))
        .on_conflict_do_nothing()
        .execute(db).await)?;
    if added == 1 {
        search::index_customer(conn, identity.customer).await?;
    }
    Ok(added == 1)
}

/// The names of a customer on a channel, the one to write to first: the newest wins, but what came
/// by a merge stands behind their own. `merged_from`: in a conversation that came by a merge it is
/// the other way round.
pub async fn addresses(
    conn: &mut Conn,
    customer: CustomerId,
    channel: ChannelId,
    merged_from: Option<CustomerId>,
) -> Result<Vec<(String, String)>, StoreError> {
    let mut rows: Vec<(i64, String, String, Option<CustomerId>)> = on!(conn, db => customer_identities::table
        .filter(customer_identities::customer_id.eq(customer).and(customer_identities::channel_id.eq(channel)))
        .select((
            customer_identities::id,
            customer_identities::kind,
            customer_identities::external_id,
            customer_identities::merged_from,
        ))
        .load(db).await)?;
    rows.sort_by_key(|(id, _, _, from)| (*from != merged_from, from.is_some(), -*id));
    Ok(rows.into_iter().map(|(_, kind, external_id, _)| (kind, external_id)).collect())
}

/// One of the names a customer has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Queryable)]
pub struct IdentityRow {
    /// Unique in the server.
    pub id: i64,
    /// Where.
    pub channel_id: ChannelId,
    /// What that channel is.
    pub channel_kind: ChannelKind,
    /// What that channel is called.
    pub channel_name: String,
    /// phone, bsuid, igsid, psid, telegram, group, visitor.
    pub kind: String,
    /// The name itself.
    pub external_id: String,
    /// Since when it is known.
    pub created_at: Timestamp,
}

/// Every name a customer has, in the order we learned them.
pub async fn all_identities(conn: &mut Conn, customer: CustomerId) -> Result<Vec<IdentityRow>, StoreError> {
    Ok(on!(conn, db => customer_identities::table
        .inner_join(channels::table.on(channels::id.eq(customer_identities::channel_id)))
        .filter(customer_identities::customer_id.eq(customer))
        .order(customer_identities::id)
        .limit(200)
        .select((
            customer_identities::id,
            customer_identities::channel_id,
            channels::kind,
            channels::name,
            customer_identities::kind,
            customer_identities::external_id,
            customer_identities::created_at,
        ))
        .load(db).await)?)
}

/// Gives all that is one customer's to another: names, conversations, and who speaks in them. A
/// conversation on a channel where the kept one has one too stands beside it, as a thread of its own.
pub async fn merge(
    conn: &mut Conn,
    kept: CustomerId,
    gone: CustomerId,
    now: Timestamp,
) -> Result<(), StoreError> {
    let all: Vec<(ConversationId, Option<ChannelId>, String)> = on!(conn, db => conversations::table
        .filter(conversations::customer_id.eq(gone))
        .order(conversations::id)
        .select((conversations::id, conversations::channel_id, conversations::thread))
        .load(db).await)?;
    let taken: Vec<(Option<ChannelId>, String)> = on!(conn, db => conversations::table
        .filter(conversations::customer_id.eq(kept))
        .select((conversations::channel_id, conversations::thread))
        .load(db).await)?;
    for (id, channel, thread) in all {
        let thread =
            if taken.contains(&(channel, thread.clone())) { format!("{MERGED}{gone}") } else { thread };
        on!(conn, db => diesel::update(conversations::table.find(id))
            .set((conversations::customer_id.eq(kept), conversations::thread.eq(thread), conversations::updated_at.eq(now)))
            .kept().execute(db).await)?;
        let (before, after) = (format!("customer:{gone}"), format!("customer:{kept}"));
        on!(conn, db => diesel::update(messages::table.filter(messages::conversation_id.eq(id).and(messages::author.eq(&before))))
            .set(messages::author.eq(&after)).kept().execute(db).await)?;
        on!(conn, db => diesel::update(messages::table.filter(messages::conversation_id.eq(id).and(messages::sender_customer_id.eq(gone))))
            .set(messages::sender_customer_id.eq(kept)).kept().execute(db).await)?;
        on!(conn, db => diesel::update(reactions::table.filter(reactions::actor.eq(&before).and(
                reactions::message_id.eq_any(messages::table.filter(messages::conversation_id.eq(id)).select(messages::id)))))
            .set(reactions::actor.eq(&after)).execute(db).await)?;
    }
    on!(conn, db => diesel::update(customer_identities::table.filter(
            customer_identities::customer_id.eq(gone).and(customer_identities::merged_from.is_null())))
        .set(customer_identities::merged_from.eq(gone)).kept().execute(db).await)?;
    on!(conn, db => diesel::update(customer_identities::table.filter(customer_identities::customer_id.eq(gone)))
        .set(customer_identities::customer_id.eq(kept)).kept().execute(db).await)?;
    on!(conn, db => diesel::delete(customers::table.find(gone)).execute(db).await)?;
    search::forget_customer(conn, gone).await?;
    search::index_customer(conn, kept).await
}

/// How the thread of a conversation that came by a merge begins; the customer's old id follows.
const MERGED: &str = "merged:";

/// Of which customer a conversation was before a merge, if it stands beside another of the same channel.
pub fn merged_from(thread: &str) -> Option<CustomerId> {
    thread.strip_prefix(MERGED)?.parse().ok().map(CustomerId)
}

/// To whom a conversation's messages go: every name of its customer, the newest first, so that a changed
/// number wins.
pub async fn thread(
    conn: &mut Conn,
    channel: ChannelId,
    conversation: ConversationId,
) -> Result<Thread, StoreError> {
    let state = super::conversations::by_ids(conn, &[conversation]).await?.into_iter().next();
    let state = state.ok_or(StoreError::NotFound)?;
    let customer = state.customer_id.ok_or(StoreError::NotFound)?;
    let mut thread = Thread::default();
    for (kind, external_id) in addresses(conn, customer, channel, merged_from(&state.thread)).await? {
        if let Ok(kind) = kind.parse() {
            thread.add(CustomerIdentity::new(kind, external_id));
        }
    }
    thread.business_connection =
        thread.identities.iter().find_map(|identity| identity.business_connection().map(str::to_owned));
    Ok(thread)
}

/// A customer by id.
pub async fn find(
    conn: &mut Conn,
    workspace: WorkspaceId,
    id: CustomerId,
) -> Result<Option<CustomerRow>, StoreError> {
    Ok(on!(conn, db => customers::table
        .filter(customers::id.eq(id).and(customers::workspace_id.eq(workspace)))
        .select(CustomerRow::as_select())
        .first(db).await.optional())?)
}

/// Several customers, by id.
pub async fn by_ids(
    conn: &mut Conn,
    ids: &[CustomerId],
) -> Result<HashMap<CustomerId, CustomerRow>, StoreError> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let rows: Vec<CustomerRow> = on!(conn, db => customers::table
        .filter(among(customers::id, ids)).select(CustomerRow::as_select()).load(db).await)?;
    Ok(rows.into_iter().map(|row| (row.id, row)).collect())
}

/// The first identity that each customer has on each channel.
pub async fn first_identities(
    conn: &mut Conn,
    ids: &[CustomerId],
) -> Result<HashMap<(CustomerId, ChannelId), String>, StoreError> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let rows: Vec<(CustomerId, ChannelId, String)> = on!(conn, db => customer_identities::table
        .filter(among(customer_identities::customer_id, ids))
        .order(customer_identities::id.desc())
        .select((customer_identities::customer_id, customer_identities::channel_id, customer_identities::external_id))
        .load(db).await)?;
    Ok(rows.into_iter().map(|(customer, channel, external_id)| ((customer, channel), external_id)).collect())
}

/// Rewrites a customer: the caller decides what stays as it was.
pub async fn update(conn: &mut Conn, row: &CustomerRow) -> Result<(), StoreError> {
    on!(conn, db => diesel::update(customers::table.find(row.id))
        .set((
            customers::name.eq(&row.name),
            customers::username.eq(&row.username),
            customers::avatar_url.eq(&row.avatar_url),
            customers::locale.eq(&row.locale),
            customers::referral.eq(&row.referral),
            customers::enhanced_data_fetched.eq(row.enhanced_data_fetched),
            customers::unreachable.eq(row.unreachable),
            customers::custom_fields.eq(&row.custom_fields),
            customers::is_blocked.eq(row.is_blocked),
            customers::given_name.eq(&row.given_name),
            customers::search_text.eq(search_text([&row.given_name, &row.name, &row.username].map(Option::as_deref))),
        ))
        .kept().execute(db).await)?;
    search::index_customer(conn, row.id).await
}

/// Customers as the speakers of messages.
pub(super) async fn senders(
    conn: &mut Conn,
    ids: &[CustomerId],
) -> Result<HashMap<CustomerId, Sender>, StoreError> {
    let rows = by_ids(conn, ids).await?;
    Ok(rows.into_iter().map(|(id, row)| (id, row.into_sender())).collect())
}

/// Every name somebody may look for.
fn search_text<const N: usize>(names: [Option<&str>; N]) -> String {
    text::fold(&names.map(Option::unwrap_or_default).join(" "))
}
