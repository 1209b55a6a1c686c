//! Customers and their identities on channels. Never a guess that two of them are one person.

use super::schema::{customer_identities, customers};
use super::{Conn, StoreError};
use crate::domain::message::Sender;
use crate::domain::{ChannelId, Customer, CustomerId, Timestamp, WorkspaceId, text};
use crate::on;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use std::collections::HashMap;

/// A customer as they lie in their table.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = customers)]
pub struct CustomerRow {
    /// Unique in the server.
    pub id: CustomerId,
    /// What they call themselves.
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
}

impl CustomerRow {
    /// As the list shows them.
    pub fn into_customer(self, external_id: Option<String>) -> Customer {
        Customer {
            id: self.id,
            name: self.name,
            username: self.username,
            avatar_url: self.avatar_url,
            locale: self.locale,
            referral: self.referral.and_then(|json| serde_json::from_str(&json).ok()),
            external_id,
            enhanced_data_fetched: self.enhanced_data_fetched,
            unreachable: self.unreachable,
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
        .filter(customer_identities::channel_id.eq(channel).and(customer_identities::external_id.eq_any(external_ids)))
        .select((customer_identities::external_id, CustomerRow::as_select()))
        .load(db).await)?;
    found.sort_by_key(|(external_id, _)| external_ids.iter().position(|asked| asked == external_id));
    Ok(found)
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
            customers::search_text.eq(search_text(name, username)),
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
    Ok(added == 1)
}

/// All identities of a customer on a channel, the newest last: (kind, external id).
pub async fn identities(
    conn: &mut Conn,
    customer: CustomerId,
    channel: ChannelId,
) -> Result<Vec<(String, String)>, StoreError> {
    Ok(on!(conn, db => customer_identities::table
        .filter(customer_identities::customer_id.eq(customer).and(customer_identities::channel_id.eq(channel)))
        .order(customer_identities::id)
        .select((customer_identities::kind, customer_identities::external_id))
        .load(db).await)?)
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
        .filter(customers::id.eq_any(ids)).select(CustomerRow::as_select()).load(db).await)?;
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
        .filter(customer_identities::customer_id.eq_any(ids))
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
            customers::search_text.eq(search_text(row.name.as_deref(), row.username.as_deref())),
        ))
        .execute(db).await)?;
    Ok(())
}

/// Customers as the speakers of messages.
pub(super) async fn senders(
    conn: &mut Conn,
    ids: &[CustomerId],
) -> Result<HashMap<CustomerId, Sender>, StoreError> {
    let rows = by_ids(conn, ids).await?;
    Ok(rows
        .into_iter()
        .map(|(id, row)| {
            (id, Sender { id: Some(id.0), name: row.name.or(row.username), avatar_url: row.avatar_url })
        })
        .collect())
}

fn search_text(name: Option<&str>, username: Option<&str>) -> String {
    text::fold(&[name.unwrap_or_default(), username.unwrap_or_default()].join(" "))
}
