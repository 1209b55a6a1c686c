//! What a user wants of a conversation beside reading it: to follow it, to be reminded of it. How far they
//! read is in `list`. Never whether a reminder is still needed.

use crate::domain::{AnswerFrom, ConversationId, Timestamp, UserId, WorkspaceId};
use crate::on;
use crate::store::db::prepared::Keep;
use crate::store::db::schema::{conversations, messages, participants};
use crate::store::{Conn, StoreError};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

/// A reminder that a user wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wanted {
    pub at: Timestamp,
    /// Whose answer makes it needless; none: nobody's.
    pub waits_for: Option<AnswerFrom>,
    /// The place after which that answer would stand.
    pub seq: i64,
}

/// There is a row for the user; who had none had read nothing.
async fn ensure(conn: &mut Conn, id: ConversationId, user: UserId) -> Result<(), StoreError> {
    on!(conn, db => diesel::insert_into(participants::table)
        .values((
            participants::conversation_id.eq(id),
            participants::user_id.eq(user),
            participants::is_member.eq(false),
            participants::read_seq.eq(0_i64),
            participants::read_count.eq(0_i64),
            participants::own_count.eq(0_i64),
        ))
        .on_conflict_do_nothing()
        .execute(db).await)?;
    Ok(())
}

/// Makes a user follow a conversation, or no more.
pub async fn set_following(
    conn: &mut Conn,
    id: ConversationId,
    user: UserId,
    is_following: bool,
) -> Result<(), StoreError> {
    ensure(conn, id, user).await?;
    on!(conn, db => diesel::update(participants::table.find((id, user)))
        .set(participants::is_following.eq(is_following)).kept().execute(db).await)?;
    Ok(())
}

/// Writes of what a user wants to be reminded; none: of nothing.
pub async fn set_reminder(
    conn: &mut Conn,
    id: ConversationId,
    user: UserId,
    wanted: Option<Wanted>,
) -> Result<(), StoreError> {
    ensure(conn, id, user).await?;
    on!(conn, db => diesel::update(participants::table.find((id, user)))
        .set((
            participants::reminder_at.eq(wanted.map(|wanted| wanted.at)),
            participants::reminder_waits_for.eq(wanted.and_then(|wanted| wanted.waits_for)),
            participants::reminder_seq.eq(wanted.map_or(0, |wanted| wanted.seq)),
        ))
        .kept().execute(db).await)?;
    Ok(())
}

/// Of what a user wants to be reminded in a conversation.
pub async fn reminder(
    conn: &mut Conn,
    id: ConversationId,
    user: UserId,
) -> Result<Option<Wanted>, StoreError> {
    let row: Option<(Option<Timestamp>, Option<AnswerFrom>, i64)> = on!(conn, db => participants::table
        .find((id, user))
        .select((participants::reminder_at, participants::reminder_waits_for, participants::reminder_seq))
        .first(db).await.optional())?;
    Ok(row.and_then(|(at, waits_for, seq)| Some(Wanted { at: at?, waits_for, seq })))
}

/// Whose time to be reminded has come, and of which conversation, the longest due first.
pub async fn to_remind(
    conn: &mut Conn,
    now: Timestamp,
    limit: i64,
) -> Result<Vec<(WorkspaceId, ConversationId, UserId)>, StoreError> {
    Ok(on!(conn, db => participants::table
        .inner_join(conversations::table.on(conversations::id.eq(participants::conversation_id)))
        .filter(participants::reminder_at.le(now))
        .order(participants::reminder_at)
        .limit(limit)
        .select((conversations::workspace_id, participants::conversation_id, participants::user_id))
        .load(db).await)?)
}

/// What users want of a conversation that goes on in another, they want of that one.
pub(crate) async fn carry_over(
    conn: &mut Conn,
    into: ConversationId,
    from: ConversationId,
) -> Result<(), StoreError> {
    type Row = (UserId, bool, bool, Option<Timestamp>, Option<AnswerFrom>);
    let rows: Vec<Row> = on!(conn, db => participants::table
        .filter(participants::conversation_id.eq(from))
        .select((
            participants::user_id,
            participants::is_following,
            participants::is_kept_unread,
            participants::reminder_at,
            participants::reminder_waits_for,
        ))
        .load(db).await)?;
    for (user, is_following, is_kept_unread, at, waits_for) in rows {
        let row = || participants::table.find((into, user));
        if is_following {
            set_following(conn, into, user, true).await?;
        }
        if is_kept_unread {
            ensure(conn, into, user).await?;
            on!(conn, db => diesel::update(row())
                .set((
                    participants::is_kept_unread.eq(true),
                    participants::marked_unread.eq(participants::marked_unread + 1),
                ))
                .execute(db).await)?;
        }
        let own = reminder(conn, into, user).await?;
        if let Some(at) = at.filter(|at| own.is_none_or(|own| *at < own.at)) {
            set_reminder(conn, into, user, Some(Wanted { at, waits_for, seq: 0 })).await?;
        }
    }
    Ok(())
}

/// The messages of a conversation have other places now: only what comes after `seq` makes a reminder
/// needless.
pub(crate) async fn remind_after(conn: &mut Conn, id: ConversationId, seq: i64) -> Result<(), StoreError> {
    on!(conn, db => diesel::update(participants::table.filter(
            participants::conversation_id.eq(id).and(participants::reminder_at.is_not_null())))
        .set(participants::reminder_seq.eq(seq)).execute(db).await)?;
    Ok(())
}

/// The place of the newest message that counts and is not the reader's own.
pub async fn newest_counted(
    conn: &mut Conn,
    id: ConversationId,
    author: &str,
) -> Result<Option<i64>, StoreError> {
    Ok(on!(conn, db => messages::table
        .filter(messages::conversation_id.eq(id)
            .and(messages::is_counted.eq(true)).and(messages::author.ne(author)))
        .order(messages::seq.desc())
        .select(messages::seq)
        .first(db).await.optional())?)
}
