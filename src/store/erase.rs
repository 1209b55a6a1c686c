//! Forgets a customer with everything that is theirs, in one transaction. Never half of it, and
//! never a file that something else still shows.

use super::schema::{
    attachments, conversation_labels, conversations, customer_identities, customers, delivery_attempts,
    ended_visitors, media, message_identities, messages, outbox, parked_events, participants, raw_events,
    reactions, users,
};
use super::{Conn, StoreError, search};
use crate::domain::{ChannelId, ConversationId, CustomerId, MediaId, MessageId, WorkspaceId};
use crate::on;
use diesel::dsl::{exists, not};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

/// Rows of one statement.
const AT_ONCE: i64 = 500;

/// Takes away a customer and their conversations `ids`; says which files of the folder are nobody's now.
pub async fn customer(
    conn: &mut Conn,
    workspace: WorkspaceId,
    id: CustomerId,
    ids: &[ConversationId],
) -> Result<Vec<String>, StoreError> {
    let portrait: Option<String> =
        on!(conn, db => customers::table.find(id).select(customers::avatar_url).first(db).await)?;
    let mut files: Vec<MediaId> = portrait
        .as_deref()
        .and_then(|url| url.strip_prefix("/api/v1/media/")?.parse().ok())
        .map(MediaId)
        .into_iter()
        .collect();
    loop {
        let batch: Vec<MessageId> = on!(conn, db => messages::table
            .filter(messages::conversation_id.eq_any(ids))
            .limit(AT_ONCE)
            .select(messages::id)
            .load(db).await)?;
        if batch.is_empty() {
            break;
        }
        files.extend(messages_of(conn, &batch).await?);
    }
    on!(conn, db => diesel::delete(parked_events::table.filter(parked_events::conversation_id.eq_any(ids))).execute(db).await)?;
    on!(conn, db => diesel::delete(participants::table.filter(participants::conversation_id.eq_any(ids))).execute(db).await)?;
    on!(conn, db => diesel::delete(conversation_labels::table.filter(conversation_labels::conversation_id.eq_any(ids))).execute(db).await)?;
    on!(conn, db => diesel::update(conversations::table.filter(conversations::about_conversation_id.eq_any(ids)))
        .set(conversations::about_conversation_id.eq(None::<ConversationId>)).execute(db).await)?;
    on!(conn, db => diesel::delete(conversations::table.filter(conversations::id.eq_any(ids))).execute(db).await)?;
    let names: Vec<(ChannelId, String)> = on!(conn, db => customer_identities::table
        .filter(customer_identities::customer_id.eq(id))
        .select((customer_identities::channel_id, customer_identities::external_id))
        .load(db).await)?;
    for (channel, name) in names {
        on!(conn, db => diesel::delete(ended_visitors::table.find((channel, name))).execute(db).await)?;
    }
    on!(conn, db => diesel::delete(customer_identities::table.filter(customer_identities::customer_id.eq(id))).execute(db).await)?;
    on!(conn, db => diesel::delete(customers::table.find(id)).execute(db).await)?;
    search::forget_customer(conn, id).await?;
    unshown(conn, workspace, &files).await
}

/// Takes away messages and what hangs on them; gives the files they showed.
async fn messages_of(conn: &mut Conn, ids: &[MessageId]) -> Result<Vec<MediaId>, StoreError> {
    let shown: Vec<Option<MediaId>> = on!(conn, db => attachments::table
        .filter(attachments::message_id.eq_any(ids)).select(attachments::media_id).load(db).await)?;
    on!(conn, db => diesel::delete(delivery_attempts::table.filter(delivery_attempts::delivery_id.eq_any(
        outbox::table.filter(outbox::message_id.eq_any(ids)).select(outbox::id)))).execute(db).await)?;
    on!(conn, db => diesel::delete(outbox::table.filter(outbox::message_id.eq_any(ids))).execute(db).await)?;
    on!(conn, db => diesel::delete(attachments::table.filter(attachments::message_id.eq_any(ids))).execute(db).await)?;
    on!(conn, db => diesel::delete(reactions::table.filter(reactions::message_id.eq_any(ids))).execute(db).await)?;
    on!(conn, db => diesel::delete(raw_events::table.filter(raw_events::message_id.eq_any(ids))).execute(db).await)?;
    on!(conn, db => diesel::delete(message_identities::table.filter(message_identities::message_id.eq_any(ids))).execute(db).await)?;
    for id in ids {
        search::forget_message(conn, *id).await?;
    }
    on!(conn, db => diesel::delete(messages::table.filter(messages::id.eq_any(ids))).execute(db).await)?;
    Ok(shown.into_iter().flatten().collect())
}

/// Takes away the rows of files that no message shows any more.
async fn unshown(
    conn: &mut Conn,
    workspace: WorkspaceId,
    files: &[MediaId],
) -> Result<Vec<String>, StoreError> {
    let mut keys = Vec::new();
    for some in files.chunks(500) {
        let gone: Vec<String> = on!(conn, db => diesel::delete(media::table.filter(
                media::workspace_id.eq(workspace)
                    .and(media::id.eq_any(some))
                    .and(not(exists(attachments::table.filter(attachments::media_id.eq(media::id.nullable()))))
                    .and(not(exists(users::table.filter(users::avatar_media_id.eq(media::id.nullable()))))))))
            .returning(media::storage_key)
            .get_results(db).await)?;
        keys.extend(gone);
    }
    Ok(keys)
}
