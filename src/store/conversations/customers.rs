//! Customers and their identities on channels. Never a guess that two of them are one person.
//! Over 400 lines: customers, the names they go by, and what a merge changes in both.

use super::consents;
use crate::domain::inbound::{CustomerIdentity, IdentityKind, Thread};
use crate::domain::message::Sender;
use crate::domain::{
    ChannelId, ChannelKind, ConversationId, ConversationState, Customer, CustomerId, Timestamp, WorkspaceId,
    text,
};
use crate::on;
use crate::store::db::in_list::among;
use crate::store::db::prepared::Keep;
use crate::store::db::schema::{
    channels, conversations, customer_identities, customer_merges, customers, messages, reactions,
};
use crate::store::messages::search;
use crate::store::{Conn, StoreError};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::HashMap;
use utoipa::ToSchema;

/// A customer as they lie in their table.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Serialize, Deserialize)]
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
    /// Whether what they write is spam.
    pub is_spam: bool,
}

impl CustomerRow {
    /// What they do not say, the other one says.
    pub fn unite(&mut self, other: Self) {
        let fill = |own: &mut Option<String>, others: Option<String>| *own = own.take().or(others);
        fill(&mut self.name, other.name);
        fill(&mut self.given_name, other.given_name);
        fill(&mut self.username, other.username);
        fill(&mut self.avatar_url, other.avatar_url);
        fill(&mut self.locale, other.locale);
        fill(&mut self.referral, other.referral);
        let mut fields: Map<String, Value> = serde_json::from_str(&other.custom_fields).unwrap_or_default();
        fields.extend(serde_json::from_str::<Map<String, Value>>(&self.custom_fields).unwrap_or_default());
        self.custom_fields = Value::Object(fields).to_string();
        self.is_blocked |= other.is_blocked;
        self.is_spam |= other.is_spam;
        self.unreachable &= other.unreachable;
    }

    /// Whether what they write is kept and calls nobody.
    pub fn is_silenced(&self) -> bool {
        self.is_blocked || self.is_spam
    }

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

/// One name on a channel, and whose it is.
#[derive(Debug, Clone, Queryable)]
pub struct Holder {
    /// The name itself.
    pub external_id: String,
    /// phone, bsuid, igsid, psid, telegram, group, visitor.
    pub kind: String,
    /// Of which customer it was before a merge by hand: it keeps a conversation of its own.
    pub merged_from: Option<CustomerId>,
    /// Whose it is.
    pub customer: CustomerRow,
}

/// Whose `external_ids` are on a channel, in the order of the ids.
pub async fn holders(
    conn: &mut Conn,
    channel: ChannelId,
    external_ids: &[&str],
) -> Result<Vec<Holder>, StoreError> {
    let mut found: Vec<Holder> = on!(conn, db => customer_identities::table
        .inner_join(customers::table.on(customers::id.eq(customer_identities::customer_id)))
        .filter(customer_identities::channel_id.eq(channel)
            .and(among(customer_identities::external_id, external_ids)))
        .select((
            customer_identities::external_id,
            customer_identities::kind,
            customer_identities::merged_from,
            CustomerRow::as_select(),
        ))
        .load(db).await)?;
    let places: HashMap<&str, usize> =
        external_ids.iter().enumerate().rev().map(|(place, asked)| (*asked, place)).collect();
    found.sort_by_key(|holder| places.get(holder.external_id.as_str()).copied());
    Ok(found)
}

/// The customers that any of `external_ids` names on a channel, in the order of the ids.
pub async fn by_identities(
    conn: &mut Conn,
    channel: ChannelId,
    external_ids: &[&str],
) -> Result<Vec<(String, CustomerRow)>, StoreError> {
    let found = holders(conn, channel, external_ids).await?;
    Ok(found.into_iter().map(|holder| (holder.external_id, holder.customer)).collect())
}

/// Those of `customers` who have several names of one kind on a channel: for them it matters which was seen
/// last.
pub async fn with_several_names(
    conn: &mut Conn,
    channel: ChannelId,
    customers: &[CustomerId],
) -> Result<Vec<CustomerId>, StoreError> {
    Ok(on!(conn, db => customer_identities::table
        .filter(customer_identities::channel_id.eq(channel)
            .and(among(customer_identities::customer_id, customers)))
        .group_by((customer_identities::customer_id, customer_identities::kind))
        .having(diesel::dsl::count_star().gt(1))
        .select(customer_identities::customer_id)
        .load(db).await)?)
}

/// One of a customer's names on a channel.
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
pub struct NameRow {
    /// Unique in the server; the name that was seen last has the highest.
    pub id: i64,
    /// phone, bsuid, igsid, psid, telegram, group, visitor.
    pub kind: String,
    /// The name itself.
    pub external_id: String,
    /// Of which customer it was before a merge by hand.
    pub merged_from: Option<CustomerId>,
}

/// Every name a customer has on a channel, the one that was seen last first.
pub async fn names(
    conn: &mut Conn,
    customer: CustomerId,
    channel: ChannelId,
) -> Result<Vec<NameRow>, StoreError> {
    Ok(on!(conn, db => customer_identities::table
        .filter(customer_identities::customer_id.eq(customer)
            .and(customer_identities::channel_id.eq(channel)))
        .order(customer_identities::id.desc())
        .select((
            customer_identities::id,
            customer_identities::kind,
            customer_identities::external_id,
            customer_identities::merged_from,
        ))
        .load(db).await)?)
}

/// Takes a name from its customer: it was given up, and whoever comes by it is somebody else.
pub async fn give_up_name(
    conn: &mut Conn,
    customer: CustomerId,
    channel: ChannelId,
    external_id: &str,
) -> Result<(), StoreError> {
    on!(conn, db => diesel::delete(customer_identities::table.filter(
            customer_identities::customer_id.eq(customer)
                .and(customer_identities::channel_id.eq(channel))
                .and(customer_identities::external_id.eq(external_id))))
        .execute(db).await)?;
    search::index_customer(conn, customer).await
}

/// The conversation in which a name writes: its customer's, or its own beside it if it came by a merge by
/// hand. The thread to begin, where there is none yet.
pub async fn conversation_of_name(
    conn: &mut Conn,
    channel: ChannelId,
    customer: CustomerId,
    merged_from: Option<CustomerId>,
) -> Result<Result<ConversationState, String>, StoreError> {
    let mut thread = String::new();
    if let Some(gone) = merged_from {
        thread = format!("{MERGED}{gone}");
        let beside = super::of_customer(conn, channel, customer, &thread).await?;
        if let Some(state) = beside {
            return Ok(Ok(state));
        }
        // Merged by an earlier version, when the kept one had nothing on this channel: theirs is the only
        // one.
        if names(conn, customer, channel).await?.iter().all(|name| name.merged_from.is_some()) {
            thread = String::new();
        }
    }
    Ok(super::of_customer(conn, channel, customer, &thread).await?.ok_or(thread))
}

/// Whether the customer of a conversation is blocked, or what they write is spam.
pub async fn is_blocked(conn: &mut Conn, state: &ConversationState) -> Result<bool, StoreError> {
    let Some(id) = state.customer_id else { return Ok(false) };
    let silenced: Option<(bool, bool)> = on!(conn, db => customers::table.find(id)
        .select((customers::is_blocked, customers::is_spam))
        .first(db).await.optional())?;
    Ok(silenced.is_some_and(|(is_blocked, is_spam)| is_blocked || is_spam))
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
    pub workspace: WorkspaceId,
    pub channel: ChannelId,
    pub customer: CustomerId,
    /// phone, bsuid, igsid, psid, telegram, group, visitor.
    pub kind: &'a str,
    /// The name itself.
    pub external_id: &'a str,
    /// Of which customer the names beside it were before a merge by hand.
    pub merged_from: Option<CustomerId>,
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
            customer_identities::merged_from.eq(identity.merged_from),
        ))
        .on_conflict_do_nothing()
        .execute(db).await)?;
    if added == 1 {
        search::index_customer(conn, identity.customer).await?;
    }
    Ok(added == 1)
}

/// The names of a customer that are written to in one of their conversations, the one that was seen last
/// first.
/// `merged_from`: of which customer that conversation was before a merge by hand. Never a name of the other
/// conversation, so that an answer reaches who wrote in this one.
pub async fn addresses(
    conn: &mut Conn,
    customer: CustomerId,
    channel: ChannelId,
    merged_from: Option<CustomerId>,
) -> Result<Vec<(String, String)>, StoreError> {
    let rows = names(conn, customer, channel).await?;
    // None of its own: merged by an earlier version, when the kept one had nothing on this channel.
    let is_only = merged_from.is_none() && rows.iter().all(|row| row.merged_from.is_some());
    let theirs = rows.into_iter().filter(|row| is_only || row.merged_from == merged_from);
    Ok(theirs.map(|row| (row.kind, row.external_id)).collect())
}

/// One of the names a customer has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Queryable, ToSchema)]
#[schema(as = CustomerIdentity)]
pub struct IdentityRow {
    /// Unique in the server.
    pub id: i64,
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

/// Gives all that is one customer's to another: names, conversations, and who speaks in them. On a channel
/// where the kept one has a name or a conversation too, the names that come keep a conversation of their own
/// beside it.
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
    let taken = own_channels(conn, kept).await?;
    for (id, channel, thread) in all {
        let is_beside = thread.is_empty() && channel.is_some_and(|channel| taken.contains(&channel));
        let thread = if is_beside { format!("{MERGED}{gone}") } else { thread };
        on!(conn, db => diesel::update(conversations::table.find(id))
            .set((conversations::customer_id.eq(kept), conversations::thread.eq(thread),
                conversations::updated_at.eq(now)))
            .kept().execute(db).await)?;
        let (before, after) = (format!("customer:{gone}"), format!("customer:{kept}"));
        on!(conn, db => diesel::update(messages::table
            .filter(messages::conversation_id.eq(id).and(messages::author.eq(&before))))
            .set(messages::author.eq(&after)).kept().execute(db).await)?;
        on!(conn, db => diesel::update(messages::table
            .filter(messages::conversation_id.eq(id).and(messages::sender_customer_id.eq(gone))))
            .set(messages::sender_customer_id.eq(kept)).kept().execute(db).await)?;
        on!(conn, db => diesel::update(reactions::table.filter(reactions::actor.eq(&before).and(
                reactions::message_id
                    .eq_any(messages::table.filter(messages::conversation_id.eq(id)).select(messages::id)))))
            .set(reactions::actor.eq(&after)).execute(db).await)?;
    }
    on!(conn, db => diesel::update(customer_identities::table.filter(
            customer_identities::customer_id.eq(gone)
                .and(customer_identities::merged_from.is_null())
                .and(customer_identities::channel_id.eq_any(taken))))
        .set(customer_identities::merged_from.eq(gone)).kept().execute(db).await)?;
    on!(conn, db => diesel::update(customer_identities::table
        .filter(customer_identities::customer_id.eq(gone)))
        .set(customer_identities::customer_id.eq(kept)).kept().execute(db).await)?;
    on!(conn, db => diesel::update(customer_merges::table.filter(customer_merges::kept_id.eq(gone)))
        .set(customer_merges::kept_id.eq(kept)).execute(db).await)?;
    consents::unite(conn, kept, gone).await?;
    on!(conn, db => diesel::delete(customers::table.find(gone)).execute(db).await)?;
    search::forget_customer(conn, gone).await?;
    search::index_customer(conn, kept).await
}

/// Names that came by a merge write where the others do from now on: they are one address.
pub async fn rejoin_names(
    conn: &mut Conn,
    customer: CustomerId,
    channel: ChannelId,
    from: Option<CustomerId>,
    into: Option<CustomerId>,
) -> Result<(), StoreError> {
    let theirs =
        customer_identities::customer_id.eq(customer).and(customer_identities::channel_id.eq(channel));
    let column = customer_identities::merged_from;
    match from {
        Some(from) => {
            on!(conn, db => diesel::update(customer_identities::table.filter(theirs.and(column.eq(from))))
            .set(column.eq(into)).execute(db).await)?
        }
        None => {
            on!(conn, db => diesel::update(customer_identities::table.filter(theirs.and(column.is_null())))
            .set(column.eq(into)).execute(db).await)?
        }
    };
    Ok(())
}

/// The channels on which a customer has a name or a conversation of their own.
async fn own_channels(conn: &mut Conn, customer: CustomerId) -> Result<Vec<ChannelId>, StoreError> {
    let mut channels: Vec<ChannelId> = on!(conn, db => customer_identities::table
        .filter(customer_identities::customer_id.eq(customer).and(customer_identities::merged_from.is_null()))
        .select(customer_identities::channel_id)
        .load(db).await)?;
    let written: Vec<Option<ChannelId>> = on!(conn, db => conversations::table
        .filter(conversations::customer_id.eq(customer).and(conversations::thread.eq("")))
        .select(conversations::channel_id)
        .load(db).await)?;
    channels.extend(written.into_iter().flatten());
    channels.sort_unstable();
    channels.dedup();
    Ok(channels)
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
    let state = super::by_ids(conn, &[conversation]).await?.into_iter().next();
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

/// The name that each customer is shown by, on each channel and in each conversation there (by of whom it was
/// before a merge by hand): of the first kind that there is, the one that was seen last.
pub async fn shown_names(
    conn: &mut Conn,
    ids: &[CustomerId],
) -> Result<HashMap<(CustomerId, ChannelId, Option<CustomerId>), String>, StoreError> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let mut rows: Vec<(CustomerId, ChannelId, Option<CustomerId>, String, String)> = on!(conn, db =>
        customer_identities::table
        .filter(among(customer_identities::customer_id, ids))
        .order(customer_identities::id.desc())
        .select((
            customer_identities::customer_id,
            customer_identities::channel_id,
            customer_identities::merged_from,
            customer_identities::kind,
            customer_identities::external_id,
        ))
        .load(db).await)?;
    rows.sort_by_key(|(_, _, _, kind, _)| kind.parse::<IdentityKind>().ok());
    let mut shown = HashMap::with_capacity(rows.len());
    for (customer, channel, from, _, name) in rows {
        shown.entry((customer, channel, from)).or_insert(name);
    }
    Ok(shown)
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
            customers::is_spam.eq(row.is_spam),
            customers::search_text
                .eq(search_text([&row.given_name, &row.name, &row.username].map(Option::as_deref))),
        ))
        .kept().execute(db).await)?;
    search::index_customer(conn, row.id).await
}

/// Customers as the speakers of messages.
pub(crate) async fn senders(
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
