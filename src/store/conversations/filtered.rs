//! The list of conversations: which of them a user sees under a filter, in which order, and how many there
//! are. What stands around each is `inbox`'. Never what a filter is written as: that is `desk::lists`.

use super::{ConversationRow, joins};
use crate::domain::inbound::IdentityKind;
use crate::domain::{
    ChannelId, ConversationId, ConversationKind, ConversationState, ConversationStatus, LabelId, ListOrder,
    Priority, Timestamp, UserId, WorkspaceId,
};
use crate::on;
use crate::store::db::schema::{
    conversation_labels, conversations, customer_identities, customers as customers_table, participants,
    users,
};
use crate::store::{Conn, StoreError};
use diesel::dsl::{exists, sql};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool};
use diesel_async::RunQueryDsl;

/// Which conversations a list holds. Several values of one field: any of them; none: whatever it is.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Only with one of these; none: all but spam.
    pub statuses: Vec<ConversationStatus>,
    /// Only what nobody or one of these has.
    pub assignees: Assignees,
    /// Only of these channels.
    pub channels: Vec<ChannelId>,
    /// Only customers' or only direct ones.
    pub kind: Option<ConversationKind>,
    /// Only with one of these priorities.
    pub priorities: Vec<Priority>,
    /// Only what colleagues say about this conversation.
    pub about: Option<ConversationId>,
    /// Only with one of these labels.
    pub labels: Vec<LabelId>,
    /// Only where a note that the user has not read mentions them.
    pub mentioned: bool,
    /// Only where the user has something left to read.
    pub unread: bool,
    /// Only where a customer waits for an answer, or only where none does.
    pub waiting: Option<bool>,
    /// Only what the user follows.
    pub following: bool,
    /// Only with a person whose folded name holds this (already escaped for LIKE).
    pub name_like: Option<String>,
    /// Or with a customer whose number holds this.
    pub number_like: Option<String>,
}

/// Whose conversations.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Assignees {
    /// Nobody's.
    pub nobody: bool,
    /// These users'.
    pub users: Vec<UserId>,
}

/// The place in a list after which a page begins: the last one's, by what the list is in order of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum After {
    /// By its activity.
    Activity(Timestamp, ConversationId),
    /// By how long its customer waits.
    Waiting(Timestamp, ConversationId),
}

/// Whose list.
pub type Reader = (WorkspaceId, UserId);

/// What a reader may see, narrowed as `filter` says: the same for a page and for a count.
macro_rules! narrowed {
    ($query:expr, $reader:expr, $filter:expr) => {{
        let (workspace, user) = $reader;
        let filter: &Filter = $filter;
        let mut query = $query
            .filter(conversations::workspace_id.eq(workspace))
            .filter(conversations::thread.not_like(joins::SIGNS))
            .filter(
                conversations::kind.eq(ConversationKind::Customer).or(exists(
                    participants::table.filter(
                        participants::conversation_id
                            .eq(conversations::id)
                            .and(participants::user_id.eq(user))
                            .and(participants::is_member.eq(true)),
                    ),
                )),
            )
            .into_boxed();
        query = match filter.statuses.as_slice() {
            // In no list but its own.
            [] => query.filter(conversations::status.ne(ConversationStatus::Spam)),
            // One alone keeps the order of its index.
            [status] => query.filter(conversations::status.eq(*status)),
            several => query.filter(conversations::status.eq_any(several.to_vec())),
        };
        let is_nobodys =
            || conversations::assignee_id.is_null().and(conversations::kind.eq(ConversationKind::Customer));
        query = match (filter.assignees.nobody, filter.assignees.users.as_slice()) {
            (false, []) => query,
            (true, []) => query.filter(is_nobodys()),
            (false, [one]) => query.filter(conversations::assignee_id.eq(*one)),
            (false, several) => query.filter(conversations::assignee_id.eq_any(several.to_vec())),
            (true, several) => query.filter(
                is_nobodys().or(conversations::assignee_id.eq_any(several.to_vec()).assume_not_null()),
            ),
        };
        query = match filter.channels.as_slice() {
            [] => query,
            [one] => query.filter(conversations::channel_id.eq(*one)),
            several => query.filter(conversations::channel_id.eq_any(several.to_vec())),
        };
        query = match filter.kind {
            // Said in words, not bound: so both databases see that the index of direct ones fits.
            Some(ConversationKind::Direct) => query.filter(sql::<Bool>("conversations.kind = 'direct'")),
            Some(ConversationKind::Customer) => {
                query.filter(conversations::kind.eq(ConversationKind::Customer))
            }
            None => query,
        };
        query = match filter.priorities.as_slice() {
            [] => query,
            [one] => query.filter(conversations::priority.eq(*one)),
            several => query.filter(conversations::priority.eq_any(several.to_vec())),
        };
        if let Some(about) = filter.about {
            query = query.filter(conversations::about_conversation_id.eq(about));
        }
        if !filter.labels.is_empty() {
            query = query.filter(exists(
                conversation_labels::table.filter(
                    conversation_labels::conversation_id
                        .eq(conversations::id)
                        .and(conversation_labels::label_id.eq_any(filter.labels.clone())),
                ),
            ));
        }
        if filter.mentioned {
            query = query.filter(exists(
                participants::table.filter(
                    participants::conversation_id
                        .eq(conversations::id)
                        .and(participants::user_id.eq(user))
                        .and(participants::mention_seq.gt(participants::read_seq)),
                ),
            ));
        }
        if filter.following {
            query = query.filter(
                conversations::id.eq_any(
                    participants::table
                        .filter(participants::user_id.eq(user))
                        // In words, too: that is what its index is of.
                        .filter(sql::<Bool>("participants.is_following"))
                        .select(participants::conversation_id),
                ),
            );
        }
        query = match filter.waiting {
            Some(true) => query.filter(sql::<Bool>(WAITS)),
            Some(false) => query.filter(sql::<Bool>(WAITS_NOT)),
            None => query,
        };
        if let Some(name) = &filter.name_like {
            let is_called = || {
                exists(
                    customers_table::table.filter(
                        customers_table::id
                            .nullable()
                            .eq(conversations::customer_id)
                            .and(customers_table::search_text.like(name.clone()).escape('\\')),
                    ),
                )
                .or(exists(
                    participants::table
                        .inner_join(users::table.on(users::id.eq(participants::user_id)))
                        .filter(
                            participants::conversation_id
                                .eq(conversations::id)
                                .and(participants::is_member.eq(true))
                                .and(users::search_text.like(name.clone()).escape('\\')),
                        ),
                ))
            };
            query = match &filter.number_like {
                Some(number) => query.filter(
                    is_called().or(exists(
                        customer_identities::table.filter(
                            customer_identities::customer_id
                                .nullable()
                                .eq(conversations::customer_id)
                                .and(customer_identities::kind.eq(IdentityKind::Phone.as_str()))
                                .and(customer_identities::external_id.like(number.clone())),
                        ),
                    )),
                ),
                None => query.filter(is_called()),
            };
        }
        if filter.unread {
            query = query.filter(
                // Not a subquery of a number: PostgreSQL reads all of one user's rows at once for this.
                sql::<Bool>(
                    "conversations.unread_total > 0 AND NOT EXISTS (SELECT 1 FROM participants AS p \
                    WHERE p.conversation_id = conversations.id \
                    AND p.own_count + p.read_count >= conversations.unread_total AND p.user_id = ",
                )
                .bind::<BigInt, _>(user.0)
                .sql(")"),
            );
        }
        query
    }};
}

/// Where a customer waits: word for word what its index is of, so that both databases see that it fits.
const WAITS: &str = "conversations.waiting_since IS NOT NULL AND conversations.status <> 'closed' \
    AND conversations.status <> 'spam'";
const WAITS_NOT: &str = "(conversations.waiting_since IS NULL OR conversations.status = 'closed' \
    OR conversations.status = 'spam')";

/// A page of what a reader may see.
pub async fn page(
    conn: &mut Conn,
    reader: Reader,
    filter: &Filter,
    order: ListOrder,
    after: Option<After>,
    limit: i64,
) -> Result<Vec<ConversationState>, StoreError> {
    let by_activity = match after {
        Some(After::Activity(at, id)) => Some((at, id)),
        _ => None,
    };
    match order {
        ListOrder::Newest => newest(conn, reader, filter, by_activity, limit).await,
        ListOrder::Oldest => oldest(conn, reader, filter, by_activity, limit).await,
        ListOrder::LongestWaiting => longest_waiting(conn, reader, filter, after, limit).await,
    }
}

async fn newest(
    conn: &mut Conn,
    reader: Reader,
    filter: &Filter,
    after: Option<(Timestamp, ConversationId)>,
    limit: i64,
) -> Result<Vec<ConversationState>, StoreError> {
    let rows: Vec<ConversationRow> = on!(conn, db => {
        let all = conversations::table
            .order((conversations::last_activity_at.desc(), conversations::id.desc()))
            .limit(limit)
            .select(ConversationRow::as_select());
        let mut query = narrowed!(all, reader, filter);
        if let Some((at, id)) = after {
            // Said so that an index range begins there: an `or` alone would be a look at everything before
            // it.
            query = query
                .filter(conversations::last_activity_at.le(at))
                .filter(conversations::last_activity_at.lt(at).or(conversations::id.lt(id)));
        }
        query.load(db).await
    })?;
    Ok(rows.into_iter().map(Into::into).collect())
}

async fn oldest(
    conn: &mut Conn,
    reader: Reader,
    filter: &Filter,
    after: Option<(Timestamp, ConversationId)>,
    limit: i64,
) -> Result<Vec<ConversationState>, StoreError> {
    let rows: Vec<ConversationRow> = on!(conn, db => {
        let all = conversations::table
            .order((conversations::last_activity_at, conversations::id))
            .limit(limit)
            .select(ConversationRow::as_select());
        let mut query = narrowed!(all, reader, filter);
        if let Some((at, id)) = after {
            query = query
                .filter(conversations::last_activity_at.ge(at))
                .filter(conversations::last_activity_at.gt(at).or(conversations::id.gt(id)));
        }
        query.load(db).await
    })?;
    Ok(rows.into_iter().map(Into::into).collect())
}

/// First those who wait, then those who do not.
async fn longest_waiting(
    conn: &mut Conn,
    reader: Reader,
    filter: &Filter,
    after: Option<After>,
    limit: i64,
) -> Result<Vec<ConversationState>, StoreError> {
    let only = |waiting| Filter { waiting: Some(waiting), ..filter.clone() };
    let mut found = match after {
        Some(After::Activity(..)) => Vec::new(),
        _ if filter.waiting == Some(false) => Vec::new(),
        Some(After::Waiting(at, id)) => waiting(conn, reader, &only(true), Some((at, id)), limit).await?,
        None => waiting(conn, reader, &only(true), None, limit).await?,
    };
    let left = limit - i64::try_from(found.len()).unwrap_or(limit);
    if left > 0 && filter.waiting != Some(true) {
        let place = match after {
            Some(After::Activity(at, id)) => Some((at, id)),
            _ => None,
        };
        found.extend(newest(conn, reader, &only(false), place, left).await?);
    }
    Ok(found)
}

async fn waiting(
    conn: &mut Conn,
    reader: Reader,
    filter: &Filter,
    after: Option<(Timestamp, ConversationId)>,
    limit: i64,
) -> Result<Vec<ConversationState>, StoreError> {
    let rows: Vec<ConversationRow> = on!(conn, db => {
        let all = conversations::table
            .order((conversations::waiting_since, conversations::id))
            .limit(limit)
            .select(ConversationRow::as_select());
        let mut query = narrowed!(all, reader, filter);
        if let Some((at, id)) = after {
            query = query
                .filter(conversations::waiting_since.ge(at))
                .filter(conversations::waiting_since.gt(at).assume_not_null().or(conversations::id.gt(id)));
        }
        query.load(db).await
    })?;
    Ok(rows.into_iter().map(Into::into).collect())
}

/// How many of what a reader may see there are; above `up_to` nobody counts on.
pub async fn count(
    conn: &mut Conn,
    reader: Reader,
    filter: &Filter,
    up_to: Option<i64>,
) -> Result<i64, StoreError> {
    let Some(up_to) = up_to else {
        return Ok(on!(conn, db => {
            let all = conversations::table.select(sql::<BigInt>("count(*)"));
            narrowed!(all, reader, filter).first(db).await
        })?);
    };
    let found: Vec<ConversationId> = on!(conn, db => {
        let all = conversations::table.select(conversations::id).limit(up_to);
        narrowed!(all, reader, filter).load(db).await
    })?;
    Ok(i64::try_from(found.len()).unwrap_or(up_to))
}

/// The ids of what a reader may see, in their order, above `after`.
pub async fn ids(
    conn: &mut Conn,
    reader: Reader,
    filter: &Filter,
    after: ConversationId,
    limit: i64,
) -> Result<Vec<ConversationId>, StoreError> {
    Ok(on!(conn, db => {
        let all = conversations::table.order(conversations::id).limit(limit).select(conversations::id);
        narrowed!(all, reader, filter).filter(conversations::id.gt(after)).load(db).await
    })?)
}
