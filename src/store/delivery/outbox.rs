//! The outbox: what is to be sent to customers, and every attempt to send it. Never a decision: states and
//! fences are the caller's, the database only makes each step atomic.

use crate::domain::{
    ChannelId, ChannelState, ConversationId, DeliveryId, DeliveryStatus, MessageId, Timestamp, WorkspaceId,
};
use crate::on;
use crate::store::accounts::channels::RETIRED;
use crate::store::db::in_list::among;
use crate::store::db::prepared::Keep;
use crate::store::db::schema::{channels, delivery_attempts, outbox};
use crate::store::{Conn, StoreError};
use diesel::dsl::{exists, not};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

/// One part of one message, queued for a customer.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = outbox)]
pub struct Delivery {
    /// Unique in the server.
    pub id: DeliveryId,
    pub workspace_id: WorkspaceId,
    /// Over which channel.
    pub channel_id: ChannelId,
    /// In which conversation.
    pub conversation_id: ConversationId,
    /// Of which message.
    pub message_id: MessageId,
    /// Which part of it: 0 the words, from 1 on the files.
    pub part: i64,
    /// How far it came.
    pub status: DeliveryStatus,
    /// The fence: only a result of this attempt counts.
    pub attempt_id: Option<String>,
    /// How often it was tried.
    pub attempts: i64,
    /// Until when its worker holds it.
    pub lease_until: Option<Timestamp>,
    /// When to try next.
    pub due_at: Timestamp,
    /// Why it did not go through.
    pub error_code: Option<String>,
    /// In the platform's words.
    pub error_message: Option<String>,
    /// What the platform calls it.
    pub platform_message_id: Option<String>,
    /// When it was queued.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// The moment its author chose; before it, it holds back nothing.
    pub send_at: Option<Timestamp>,
}

/// One try to send.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = delivery_attempts)]
pub struct Attempt {
    /// The fence, and our token on platforms that give one back.
    pub attempt_id: String,
    pub delivery_id: DeliveryId,
    pub worker: String,
    /// When it was committed, before the first byte.
    pub started_at: Timestamp,
    /// When its result was written.
    pub ended_at: Option<Timestamp>,
    /// accepted, not_sent, refused, unknown, expired.
    pub outcome: Option<String>,
    pub error_code: Option<String>,
    pub error_message: Option<String>,
    /// What the platform calls it.
    pub platform_message_id: Option<String>,
}

/// What is queued of one part of a message.
#[derive(Debug, Clone, Insertable)]
#[diesel(table_name = outbox)]
pub struct NewDelivery {
    pub workspace_id: WorkspaceId,
    /// Over which channel.
    pub channel_id: ChannelId,
    /// In which conversation.
    pub conversation_id: ConversationId,
    /// Of which message.
    pub message_id: MessageId,
    pub part: i64,
    /// How far it came.
    pub status: DeliveryStatus,
    /// How often it was tried.
    pub attempts: i64,
    /// When to send it.
    pub due_at: Timestamp,
    /// When it was queued.
    pub created_at: Timestamp,
    /// The same.
    pub updated_at: Timestamp,
    /// The moment its author chose.
    pub send_at: Option<Timestamp>,
}

/// Queues parts of messages; several cost PostgreSQL one journey.
pub async fn insert(conn: &mut Conn, new: &[NewDelivery]) -> Result<(), StoreError> {
    match conn {
        Conn::Postgres(db) if new.len() > 1 => {
            diesel::insert_into(outbox::table).values(new).execute(db).await?;
        }
        conn => {
            for each in new {
                on!(&mut *conn, db => diesel::insert_into(outbox::table).values(each).execute(db).await)?;
            }
        }
    }
    Ok(())
}

/// What a worker has: nothing else of the same conversation may be sent.
const HELD: [DeliveryStatus; 2] = [DeliveryStatus::Claimed, DeliveryStatus::Sending];

/// Deliveries that are due, the first in line of their conversations, of which none is held by a
/// worker, whose channel sends (what waits while one is paused or switched off stays; over one that was
/// disconnected it fails) and not in `held`. What waits for a moment its author chose holds back nothing.
/// On PostgreSQL they stay locked until the commit, and those that another worker holds are left
/// out.
pub async fn due(
    conn: &mut Conn,
    now: Timestamp,
    held: &[ChannelId],
    limit: i64,
) -> Result<Vec<Delivery>, StoreError> {
    let earlier = diesel::alias!(outbox as earlier);
    let is_first = not(exists(
        earlier.filter(
            earlier.field(outbox::conversation_id).eq(outbox::conversation_id).and(
                earlier.field(outbox::status).eq_any(HELD).or(earlier
                    .field(outbox::id)
                    .lt(outbox::id)
                    .and(earlier.field(outbox::status).eq(DeliveryStatus::Queued))
                    .and(
                        earlier
                            .field(outbox::send_at)
                            .is_null()
                            .or(earlier.field(outbox::send_at).le(now).assume_not_null()),
                    )),
            ),
        ),
    ));
    let sends =
        channels::state.eq(ChannelState::Active).or(channels::state_reason.eq(RETIRED).assume_not_null());
    let is_kept_by_none = exists(channels::table.filter(channels::id.eq(outbox::channel_id)).filter(sends));
    let due = outbox::table
        .filter(outbox::status.eq(DeliveryStatus::Queued).and(outbox::due_at.le(now)))
        .filter(not(among(outbox::channel_id, held)))
        .filter(is_first)
        .filter(is_kept_by_none)
        .order((outbox::due_at, outbox::id))
        .limit(limit);
    Ok(match conn {
        Conn::Sqlite(db) => due.select(Delivery::as_select()).kept().load(db).await?,
        Conn::Postgres(db) => {
            due.select(Delivery::as_select()).for_update().skip_locked().kept().load(db).await?
        }
    })
}

/// When the next queued delivery becomes due after `now`: those before wait for something else.
pub async fn next_due(conn: &mut Conn, now: Timestamp) -> Result<Option<Timestamp>, StoreError> {
    Ok(on!(conn, db => outbox::table
        .filter(outbox::status.eq(DeliveryStatus::Queued).and(outbox::due_at.gt(now)))
        .order(outbox::due_at)
        .select(outbox::due_at)
        .first(db).await.optional())?)
}

/// A delivery by id.
pub async fn find(conn: &mut Conn, id: DeliveryId) -> Result<Option<Delivery>, StoreError> {
    Ok(on!(conn, db => outbox::table.find(id).select(Delivery::as_select()).first(db).await.optional())?)
}

/// The delivery that an attempt is of.
pub async fn by_attempt(conn: &mut Conn, attempt_id: &str) -> Result<Option<Delivery>, StoreError> {
    Ok(on!(conn, db => delivery_attempts::table
        .inner_join(outbox::table.on(outbox::id.eq(delivery_attempts::delivery_id)))
        .filter(delivery_attempts::attempt_id.eq(attempt_id))
        .select(Delivery::as_select())
        .first(db).await.optional())?)
}

/// All parts of a message.
pub async fn of_message(conn: &mut Conn, message: MessageId) -> Result<Vec<Delivery>, StoreError> {
    Ok(on!(conn, db => outbox::table
        .filter(outbox::message_id.eq(message))
        .order(outbox::part)
        .select(Delivery::as_select())
        .load(db).await)?)
}

/// All parts of a message, so that no worker takes one before the commit: a worker that has one
/// already is waited for and seen.
pub async fn of_message_held(conn: &mut Conn, message: MessageId) -> Result<Vec<Delivery>, StoreError> {
    let parts = outbox::table.filter(outbox::message_id.eq(message)).order(outbox::part);
    Ok(match conn {
        Conn::Sqlite(db) => parts.select(Delivery::as_select()).load(db).await?,
        Conn::Postgres(db) => parts.select(Delivery::as_select()).for_update().load(db).await?,
    })
}

/// The deliveries of a conversation whose outcome is open: being sent, or their answer was lost.
pub async fn open_in(
    conn: &mut Conn,
    conversation: ConversationId,
) -> Result<Vec<(Delivery, Attempt)>, StoreError> {
    Ok(on!(conn, db => outbox::table
        .inner_join(delivery_attempts::table
            .on(delivery_attempts::attempt_id.nullable().eq(outbox::attempt_id)))
        .filter(outbox::conversation_id.eq(conversation)
            .and(outbox::status.eq_any([DeliveryStatus::Sending, DeliveryStatus::Unconfirmed])))
        .order(outbox::id)
        .select((Delivery::as_select(), Attempt::as_select()))
        .kept().load(db).await)?)
}

/// When an attempt was committed, before the first byte.
pub async fn started_at(conn: &mut Conn, attempt: &str) -> Result<Option<Timestamp>, StoreError> {
    Ok(on!(conn, db => delivery_attempts::table
        .filter(delivery_attempts::attempt_id.eq(attempt))
        .select(delivery_attempts::started_at)
        .first(db).await.optional())?)
}

/// The conversations of deliveries whose lease ended before `latest`, so that they can be locked before
/// the rows are.
pub async fn abandoned_in(conn: &mut Conn, latest: Timestamp) -> Result<Vec<ConversationId>, StoreError> {
    Ok(on!(conn, db => outbox::table
        .filter(outbox::status.eq_any(HELD))
        .filter(outbox::lease_until.is_null().or(outbox::lease_until.lt(latest).assume_not_null()))
        .select(outbox::conversation_id)
        .distinct()
        .order(outbox::conversation_id)
        .limit(500)
        .load(db).await)?)
}

/// Deliveries of these conversations whose lease ended before `latest`.
pub async fn abandoned(
    conn: &mut Conn,
    conversations: &[ConversationId],
    latest: Timestamp,
) -> Result<Vec<Delivery>, StoreError> {
    let held = outbox::table
        .filter(among(outbox::conversation_id, conversations))
        .filter(outbox::status.eq_any(HELD))
        .filter(outbox::lease_until.is_null().or(outbox::lease_until.lt(latest).assume_not_null()))
        .order(outbox::id);
    Ok(match conn {
        Conn::Sqlite(db) => held.select(Delivery::as_select()).load(db).await?,
        Conn::Postgres(db) => held.select(Delivery::as_select()).for_update().skip_locked().load(db).await?,
    })
}

/// Rewrites what may change of a delivery.
pub async fn update(conn: &mut Conn, delivery: &Delivery) -> Result<(), StoreError> {
    on!(conn, db => diesel::update(outbox::table.find(delivery.id))
        .set((
            outbox::status.eq(delivery.status),
            outbox::attempt_id.eq(&delivery.attempt_id),
            outbox::attempts.eq(delivery.attempts),
            outbox::lease_until.eq(delivery.lease_until),
            outbox::due_at.eq(delivery.due_at),
            outbox::error_code.eq(&delivery.error_code),
            outbox::error_message.eq(&delivery.error_message),
            outbox::platform_message_id.eq(&delivery.platform_message_id),
            outbox::updated_at.eq(delivery.updated_at),
        ))
        .kept().execute(db).await)?;
    Ok(())
}

/// Writes an attempt, before its first byte.
pub async fn insert_attempt(conn: &mut Conn, attempt: &Attempt) -> Result<(), StoreError> {
    on!(conn, db => diesel::insert_into(delivery_attempts::table).values(attempt).execute(db).await)?;
    Ok(())
}

/// What came of an attempt.
#[derive(Debug, Clone, AsChangeset)]
#[diesel(table_name = delivery_attempts)]
pub struct Ended {
    pub ended_at: Timestamp,
    /// accepted, not_sent, refused, unknown, expired.
    pub outcome: String,
    pub error_code: Option<String>,
    pub error_message: Option<String>,
    /// What the platform calls it.
    pub platform_message_id: Option<String>,
}

/// Writes the result of an attempt.
pub async fn end_attempt(conn: &mut Conn, attempt_id: &str, ended: &Ended) -> Result<(), StoreError> {
    on!(conn, db => diesel::update(delivery_attempts::table.find(attempt_id)).set(ended).kept()
        .execute(db).await)?;
    Ok(())
}

/// The attempts of several deliveries, in order.
pub async fn attempts_of(conn: &mut Conn, ids: &[DeliveryId]) -> Result<Vec<Attempt>, StoreError> {
    Ok(on!(conn, db => delivery_attempts::table
        .filter(among(delivery_attempts::delivery_id, ids))
        .order((delivery_attempts::delivery_id, delivery_attempts::started_at))
        .select(Attempt::as_select())
        .load(db).await)?)
}

#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// How far they came.
    pub status: Vec<DeliveryStatus>,
    /// Over which channel.
    pub channel: Option<ChannelId>,
    /// In which conversation.
    pub conversation: Option<ConversationId>,
    /// Of which message.
    pub message: Option<MessageId>,
}

/// A page of a workspace's deliveries, the newest first.
pub async fn page(
    conn: &mut Conn,
    workspace: WorkspaceId,
    wanted: &Wanted,
    below: Option<DeliveryId>,
    limit: i64,
) -> Result<Vec<Delivery>, StoreError> {
    Ok(on!(conn, db => {
        let mut query = outbox::table
            .filter(outbox::workspace_id.eq(workspace))
            .order(outbox::id.desc())
            .limit(limit)
            .select(Delivery::as_select())
            .into_boxed();
        if !wanted.status.is_empty() {
            query = query.filter(outbox::status.eq_any(wanted.status.clone()));
        }
        if let Some(channel) = wanted.channel {
            query = query.filter(outbox::channel_id.eq(channel));
        }
        if let Some(conversation) = wanted.conversation {
            query = query.filter(outbox::conversation_id.eq(conversation));
        }
        if let Some(message) = wanted.message {
            query = query.filter(outbox::message_id.eq(message));
        }
        if let Some(below) = below {
            query = query.filter(outbox::id.lt(below));
        }
        query.load(db).await
    })?)
}

/// How many deliveries wait, are under way, or need a person, in the whole database, and since when the
/// oldest waits. Those that are over are not counted: they are many.
pub async fn open_counts(
    conn: &mut Conn,
) -> Result<(Vec<(DeliveryStatus, i64)>, Option<Timestamp>), StoreError> {
    let counts = on!(conn, db => outbox::table
        .filter(outbox::status.eq_any(OPEN))
        .group_by(outbox::status)
        .select((outbox::status, diesel::dsl::count_star()))
        .load(db).await)?;
    Ok((counts, next_due(conn, Timestamp(i64::MIN)).await?))
}

const OPEN: [DeliveryStatus; 4] =
    [DeliveryStatus::Queued, DeliveryStatus::Claimed, DeliveryStatus::Sending, DeliveryStatus::Unconfirmed];

/// How many deliveries of a workspace wait, are under way, or need a person; those that are over are many,
/// and not counted.
pub async fn counts(
    conn: &mut Conn,
    workspace: WorkspaceId,
) -> Result<Vec<(DeliveryStatus, i64)>, StoreError> {
    Ok(on!(conn, db => outbox::table
        .filter(outbox::workspace_id.eq(workspace).and(outbox::status.eq_any(OPEN)))
        .group_by(outbox::status)
        .select((outbox::status, diesel::dsl::count_star()))
        .load(db).await)?)
}
