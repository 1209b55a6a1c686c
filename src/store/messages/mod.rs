//! Messages: rows in, rows out. Never what stands around them: see `views`.

pub(crate) mod attachments;
pub(crate) mod insert;
pub(crate) mod known;
pub(crate) mod media;
pub(crate) mod message_log;
pub(crate) mod pages;
pub(crate) mod questions;
pub(crate) mod rows;
pub(crate) mod search;
pub(crate) mod search_narrowed;
pub(crate) mod search_wordless;
pub(crate) mod search_words;
pub(crate) mod shown;
pub(crate) mod transcripts;

use super::db::prepared::Keep;
use super::db::schema::{message_identities, messages, reactions};
use super::{Conn, StoreError};
use crate::domain::{
    ChannelId, ConversationId, MessageId, MessageStatus, SenderType, Timestamp, WorkspaceId,
};
use crate::on;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use rows::LoadMessages;

pub use attachments::{NewAttachment, delete_attachments, insert_attachments};
pub use insert::{identify, insert, next_ids};
pub use known::{ClientKey, known_client_ids, known_identities};
pub use pages::{Span, page, page_around, page_for_customer};
pub use rows::{MessageBody, MessageRow};
pub use shown::{by_ids, media_url, senders, view, view_of_new, views};

/// A message by its id.
pub async fn find(
    conn: &mut Conn,
    workspace: WorkspaceId,
    id: MessageId,
) -> Result<Option<MessageRow>, StoreError> {
    Ok(on!(conn, db => db.row(db.messages()
        .filter(messages::id.eq(id).and(messages::workspace_id.eq(workspace)))).await)?)
}

/// A message by what its client called it.
pub async fn by_client_id(
    conn: &mut Conn,
    conversation: ConversationId,
    author: &str,
    client_id: &str,
) -> Result<Option<MessageRow>, StoreError> {
    Ok(on!(conn, db => db.row(db.messages()
        .filter(messages::conversation_id.eq(conversation).and(messages::author.eq(author))
            .and(messages::client_id.eq(client_id)))).await)?)
}

/// A message by what its platform calls it.
pub async fn by_identity(
    conn: &mut Conn,
    channel: ChannelId,
    platform_message_id: &str,
) -> Result<Option<MessageRow>, StoreError> {
    Ok(on!(conn, db => {
        let found = message_identities::table
            .filter(message_identities::channel_id.eq(channel)
                .and(message_identities::platform_message_id.eq(platform_message_id)))
            .select(message_identities::message_id);
        db.row(db.messages().filter(messages::id.nullable().eq(found.single_value()))).await
    })?)
}

/// Gives a message an identity on its platform; false: another message has it.
pub async fn add_identity(
    conn: &mut Conn,
    channel: ChannelId,
    platform_message_id: &str,
    message: MessageId,
) -> Result<bool, StoreError> {
    let added = on!(conn, db => diesel::insert_into(message_identities::table)
        .values((
            message_identities::channel_id.eq(channel),
            message_identities::platform_message_id.eq(platform_message_id),
            message_identities::message_id.eq(message),
        ))
        .on_conflict_do_nothing()
        .kept().execute(db).await)?;
    Ok(added == 1)
}

/// Rewrites what may change of a message: everything but whose and where it is.
pub async fn update(conn: &mut Conn, row: &MessageRow) -> Result<(), StoreError> {
    let body = &row.body;
    on!(conn, db => diesel::update(messages::table.find(row.id))
        .set((
            messages::version.eq(body.version),
            messages::message_type.eq(body.message_type),
            messages::content.eq(&body.content),
            messages::mentions.eq(&body.mentions),
            messages::details.eq(&body.details),
            messages::platform_message_id.eq(&body.platform_message_id),
            messages::status.eq(body.status),
            messages::error_code.eq(&body.error_code),
            messages::error_message.eq(&body.error_message),
            messages::has_attachments.eq(body.has_attachments),
            messages::has_reactions.eq(body.has_reactions),
            messages::feedback_rating.eq(body.feedback_rating),
            messages::feedback_comment.eq(&body.feedback_comment),
            messages::feedback_at.eq(body.feedback_at),
            messages::platform_sent_at.eq(body.platform_sent_at),
            messages::edited_at.eq(body.edited_at),
            messages::edit_order.eq(body.edit_order),
            messages::deleted_at.eq(body.deleted_at),
            messages::send_at.eq(body.send_at),
        ))
        .kept().execute(db).await)?;
    Ok(())
}

/// The message at one place of each of several conversations.
pub async fn at_seqs(
    conn: &mut Conn,
    places: &[(ConversationId, i64)],
) -> Result<Vec<MessageRow>, StoreError> {
    if places.is_empty() {
        return Ok(Vec::new());
    }
    Ok(on!(conn, db => {
        let mut rows = db.messages();
        for (conversation, seq) in places {
            rows = rows.or_filter(messages::conversation_id.eq(conversation).and(messages::seq.eq(seq)));
        }
        db.rows(rows).await
    })?)
}

/// What changed after `version`, by rising version, `limit` rows at most.
pub async fn changed_after(
    conn: &mut Conn,
    conversation: ConversationId,
    version: i64,
    limit: i64,
) -> Result<Vec<MessageRow>, StoreError> {
    Ok(on!(conn, db => db.rows(db.messages()
        .filter(messages::conversation_id.eq(conversation).and(messages::version.gt(version)))
        .order(messages::version)
        .limit(limit)).await)?)
}

/// The message of a conversation that changed last.
pub async fn newest_change(
    conn: &mut Conn,
    conversation: ConversationId,
) -> Result<Option<MessageRow>, StoreError> {
    Ok(on!(conn, db => db.row(db.messages()
        .filter(messages::conversation_id.eq(conversation))
        .order(messages::version.desc())).await)?)
}

/// What our side sent in a conversation up to a place or a moment, and that stands below `status`.
pub async fn sent_up_to(
    conn: &mut Conn,
    conversation: ConversationId,
    up_to: UpTo,
    below: &[MessageStatus],
) -> Result<Vec<MessageRow>, StoreError> {
    let (seq, moment) = match up_to {
        UpTo::Seq(seq) => (seq, Timestamp(i64::MAX)),
        UpTo::Moment(moment) => (i64::MAX, moment),
    };
    Ok(on!(conn, db => db.rows(db.messages()
        .filter(messages::conversation_id.eq(conversation)
            .and(messages::sender_type.ne_all([SenderType::Customer, SenderType::System]))
            .and(messages::is_private.eq(false))
            .and(messages::status.eq_any(below))
            .and(messages::seq.le(seq))
            .and(messages::platform_sent_at.le(moment).assume_not_null()
                .or(messages::platform_sent_at.is_null().and(messages::created_at.le(moment)))))
        .order(messages::seq)).await)?)
}

/// How far back to look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UpTo {
    /// A place.
    Seq(i64),
    /// A moment, of the platform where it is known.
    Moment(Timestamp),
}

/// One person's reactions to a message: newer ones replace older ones; false: nothing to be seen changed.
pub async fn react(
    conn: &mut Conn,
    message: MessageId,
    actor: &str,
    name: Option<&str>,
    emojis: &[String],
    at: Timestamp,
) -> Result<bool, StoreError> {
    let signs = emojis.join("\u{1F}");
    let known: Option<(String, Timestamp)> = on!(conn, db => reactions::table.find((message, actor))
        .select((reactions::emojis, reactions::reacted_at)).first(db).await.optional())?;
    // Several within one tick of the platform's clock: none wins over some, else the greater, so
    // that every order of arrival ends alike.
    let rank = |signs: &str, at: Timestamp| (at, signs.is_empty(), signs.to_owned());
    if known.as_ref().is_some_and(|(before, when)| rank(before, *when) >= rank(&signs, at)) {
        return Ok(false);
    }
    let is_same = known.map_or(signs.is_empty(), |(before, _)| before == signs);
    on!(conn, db => diesel::insert_into(reactions::table)
        .values((
            reactions::message_id.eq(message),
            reactions::actor.eq(actor),
            reactions::actor_name.eq(name),
            reactions::emojis.eq(&signs),
            reactions::reacted_at.eq(at),
        ))
        .on_conflict((reactions::message_id, reactions::actor))
        .do_update()
        .set((reactions::emojis.eq(&signs), reactions::reacted_at.eq(at)))
        .kept().execute(db).await)?;
    Ok(!is_same)
}

/// The reaction that somebody has on a message, if any.
pub async fn reaction_of(
    conn: &mut Conn,
    message: MessageId,
    actor: &str,
) -> Result<Option<String>, StoreError> {
    let signs: Option<String> = on!(conn, db => reactions::table.find((message, actor))
        .select(reactions::emojis).first(db).await.optional())?;
    Ok(signs.filter(|signs| !signs.is_empty()))
}

/// The platform's id of the customer's last message at or below a place.
pub async fn last_of_customer(
    conn: &mut Conn,
    conversation: ConversationId,
    seq: i64,
) -> Result<Option<String>, StoreError> {
    let id: Option<Option<String>> = on!(conn, db => messages::table
        .filter(messages::conversation_id.eq(conversation)
            .and(messages::seq.le(seq))
            .and(messages::sender_type.eq(SenderType::Customer))
            .and(messages::platform_message_id.is_not_null())
            .and(messages::platform_message_id.not_like("callback:%").assume_not_null()))
        .order(messages::seq.desc())
        .select(messages::platform_message_id)
        .first(db).await.optional())?;
    Ok(id.flatten())
}

/// How many messages that count lie in `(above, up_to]`, without those that `author` wrote.
pub async fn count_unread(
    conn: &mut Conn,
    conversation: ConversationId,
    above: i64,
    up_to: i64,
    author: &str,
) -> Result<i64, StoreError> {
    Ok(on!(conn, db => messages::table
        .filter(messages::conversation_id.eq(conversation)
            .and(messages::seq.gt(above)).and(messages::seq.le(up_to))
            .and(messages::is_counted.eq(true)).and(messages::author.ne(author)))
        .count()
        .get_result(db).await)?)
}
