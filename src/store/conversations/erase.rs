//! Forgets a customer with everything that is theirs, in one transaction: what names them elsewhere, too.
//! Never half of it, and never a file that something else still shows.

use super::forgotten;
use crate::domain::{
    ChannelId, ConversationId, CustomerId, MediaId, MessageId, Timestamp, ViewId, WorkspaceId, text,
};
use crate::on;
use crate::store::accounts::audit_names;
use crate::store::db::schema::{
    ai_turns, attachments, canned_reply_files, conversation_labels, conversations, customer_identities,
    customers, delivery_attempts, ended_visitors, flow_runs, hook_deliveries, media, message_identities,
    messages, outbox, parked_events, participants, quarantined_events, raw_events, reactions, saved_views,
    users,
};
use crate::store::messages::search;
use crate::store::{Conn, StoreError};
use diesel::dsl::{exists, not};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use std::collections::BTreeMap;

/// Rows of one statement.
const BATCH: i64 = 500;

/// What was taken away.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Gone {
    /// The names of the files in the folder that are nobody's now.
    pub files: Vec<String>,
    /// How many rows of each kind.
    pub counts: BTreeMap<&'static str, usize>,
}

impl Gone {
    fn count(&mut self, what: &'static str, rows: usize) {
        *self.counts.entry(what).or_default() += rows;
    }
}

/// What a customer is known by.
#[derive(Debug, Default)]
struct Known {
    /// On which channels, by which names of the platforms.
    ids: Vec<(ChannelId, String)>,
    /// Their names for people, folded.
    names: Vec<String>,
}

/// Takes away a customer and their conversations `ids`.
pub async fn customer(
    conn: &mut Conn,
    workspace: WorkspaceId,
    id: CustomerId,
    ids: &[ConversationId],
    now: Timestamp,
) -> Result<Gone, StoreError> {
    let mut gone = Gone::default();
    let known = known(conn, id).await?;
    for (channel, address) in &known.ids {
        // Their platform still has what they wrote: it is not read back.
        forgotten::note(conn, *channel, address, now).await?;
    }
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
            .limit(BATCH)
            .select(messages::id)
            .load(db).await)?;
        if batch.is_empty() {
            break;
        }
        gone.count("messages", batch.len());
        let subjects: Vec<_> = batch.iter().map(|id| format!("message:{id}")).collect();
        audit_names::forget(conn, workspace, &subjects).await?;
        files.extend(messages_of(conn, &batch, &mut gone).await?);
    }
    let mut subjects = audit_names::subjects_of(conn, workspace, id).await?;
    subjects.extend(ids.iter().map(|id| format!("conversation:{id}")));
    audit_names::forget(conn, workspace, &subjects).await?;
    count_what_goes_along(conn, ids, &mut gone).await?;
    for (channel, name) in &known.ids {
        on!(conn, db => diesel::delete(ended_visitors::table.find((*channel, name))).execute(db).await)?;
    }
    conversations_of(conn, ids, &mut gone).await?;
    on!(conn, db => diesel::delete(customer_identities::table.filter(customer_identities::customer_id.eq(id)))
        .execute(db).await)?;
    // What they agreed to goes by the key of its table.
    on!(conn, db => diesel::delete(customers::table.find(id)).execute(db).await)?;
    search::forget_customer(conn, id).await?;
    gone.files = unshown(conn, workspace, &files).await?;
    gone.count("files", gone.files.len());
    events_naming(conn, &known, &mut gone).await?;
    unsent(conn, workspace, &known, &mut gone).await?;
    views_naming(conn, workspace, &known, &mut gone).await?;
    Ok(gone)
}

/// What goes with its conversation by the keys of the tables, for the report.
async fn count_what_goes_along(
    conn: &mut Conn,
    ids: &[ConversationId],
    gone: &mut Gone,
) -> Result<(), StoreError> {
    let runs: i64 = on!(conn, db => flow_runs::table.filter(flow_runs::conversation_id.eq_any(ids)).count()
        .get_result(db).await)?;
    let calls: i64 = on!(conn, db => hook_deliveries::table
        .filter(hook_deliveries::conversation_id.eq_any(ids)).count().get_result(db).await)?;
    let turns: i64 = on!(conn, db => ai_turns::table.filter(ai_turns::conversation_id.eq_any(ids)).count()
        .get_result(db).await)?;
    for (what, rows) in [("flow_runs", runs), ("hook_deliveries", calls), ("ai_turns", turns)] {
        gone.count(what, usize::try_from(rows).unwrap_or(0));
    }
    Ok(())
}

/// Takes away conversations without messages, and what hangs on them.
async fn conversations_of(
    conn: &mut Conn,
    ids: &[ConversationId],
    gone: &mut Gone,
) -> Result<(), StoreError> {
    let waiting = on!(conn, db =>
        diesel::delete(parked_events::table.filter(parked_events::conversation_id.eq_any(ids)))
            .execute(db).await)?;
    gone.count("waiting_events", waiting);
    on!(conn, db => diesel::delete(participants::table.filter(participants::conversation_id.eq_any(ids)))
        .execute(db).await)?;
    on!(conn, db => diesel::delete(conversation_labels::table
        .filter(conversation_labels::conversation_id.eq_any(ids))).execute(db).await)?;
    on!(conn, db => diesel::update(conversations::table
        .filter(conversations::about_conversation_id.eq_any(ids)))
        .set(conversations::about_conversation_id.eq(None::<ConversationId>)).execute(db).await)?;
    on!(conn, db => diesel::delete(conversations::table.filter(conversations::id.eq_any(ids)))
        .execute(db).await)?;
    gone.count("conversations", ids.len());
    Ok(())
}

async fn known(conn: &mut Conn, id: CustomerId) -> Result<Known, StoreError> {
    type Names = (Option<String>, Option<String>, Option<String>);
    let ids = on!(conn, db => customer_identities::table.filter(customer_identities::customer_id.eq(id))
        .select((customer_identities::channel_id, customer_identities::external_id)).load(db).await)?;
    let names: Names = on!(conn, db => customers::table.find(id)
        .select((customers::name, customers::given_name, customers::username)).first(db).await)?;
    let names = [names.0, names.1, names.2].into_iter().flatten();
    // A word alone may be anything; a whole name is somebody's.
    let names = names.map(|name| text::fold(name.trim())).filter(|name| name.contains(' ')).collect();
    Ok(Known { ids, names })
}

/// Whether `name` stands in a text as a whole, between signs that could not belong to it.
fn mentions(text: &str, name: &str) -> bool {
    let goes_on = |sign: Option<char>| sign.is_some_and(char::is_alphanumeric);
    !name.is_empty()
        && text.match_indices(name).any(|(at, _)| {
            !goes_on(text[..at].chars().next_back()) && !goes_on(text[at + name.len()..].chars().next())
        })
}

/// Events of their channels that wait, that nobody could read or that are kept as they came, where they name
/// them.
async fn events_naming(conn: &mut Conn, known: &Known, gone: &mut Gone) -> Result<(), StoreError> {
    let mut channels: Vec<ChannelId> = known.ids.iter().map(|(channel, _)| *channel).collect();
    channels.sort_unstable();
    channels.dedup();
    for channel in channels {
        let names: Vec<&str> =
            known.ids.iter().filter(|(on, _)| *on == channel).map(|(_, name)| name.as_str()).collect();
        let is_theirs = |body: &str| names.iter().any(|name| mentions(body, name));
        macro_rules! take_away {
            ($table:ident, $what:literal) => {{
                let mut after = 0_i64;
                loop {
                    let rows: Vec<(i64, Vec<u8>)> = on!(conn, db => $table::table
                        .filter($table::channel_id.eq(channel).and($table::id.gt(after)))
                        .order($table::id).limit(BATCH)
                        .select(($table::id, $table::body)).load(db).await)?;
                    let Some((last, _)) = rows.last() else { break };
                    after = *last;
                    let theirs: Vec<i64> = rows.iter()
                        .filter(|(_, body)| is_theirs(&String::from_utf8_lossy(body)))
                        .map(|(id, _)| *id).collect();
                    on!(conn, db => diesel::delete($table::table.filter($table::id.eq_any(&theirs)))
                        .execute(db).await)?;
                    gone.count($what, theirs.len());
                }
            }};
        }
        let mut after = 0_i64;
        loop {
            let rows: Vec<(i64, String)> = on!(conn, db => parked_events::table
                .filter(parked_events::channel_id.eq(channel).and(parked_events::id.gt(after)))
                .order(parked_events::id).limit(BATCH)
                .select((parked_events::id, parked_events::body)).load(db).await)?;
            let Some((last, _)) = rows.last() else { break };
            after = *last;
            let theirs: Vec<i64> =
                rows.iter().filter(|(_, body)| is_theirs(body)).map(|(id, _)| *id).collect();
            on!(conn, db => diesel::delete(parked_events::table.filter(parked_events::id.eq_any(&theirs)))
                .execute(db).await)?;
            gone.count("waiting_events", theirs.len());
        }
        take_away!(quarantined_events, "unreadable_events");
        take_away!(raw_events, "raw_events");
    }
    Ok(())
}

/// Files that they brought in a web chat and never sent.
async fn unsent(
    conn: &mut Conn,
    workspace: WorkspaceId,
    known: &Known,
    gone: &mut Gone,
) -> Result<(), StoreError> {
    for (channel, name) in &known.ids {
        let by = format!("visitor:{channel}:{name}");
        let files: Vec<MediaId> = on!(conn, db => media::table
            .filter(media::workspace_id.eq(workspace).and(media::uploaded_by.eq(by)))
            .select(media::id).load(db).await)?;
        let files = unshown(conn, workspace, &files).await?;
        gone.count("unsent_files", files.len());
        gone.files.extend(files);
    }
    Ok(())
}

/// Views that colleagues saved to find them: by their number, or by their whole name.
async fn views_naming(
    conn: &mut Conn,
    workspace: WorkspaceId,
    known: &Known,
    gone: &mut Gone,
) -> Result<(), StoreError> {
    let theirs: Vec<String> =
        known.names.iter().cloned().chain(known.ids.iter().map(|(_, name)| text::fold(name))).collect();
    let mut after = ViewId(0);
    loop {
        let rows: Vec<(ViewId, String, String)> = on!(conn, db => saved_views::table
            .inner_join(users::table.on(users::id.eq(saved_views::user_id)))
            .filter(users::workspace_id.eq(workspace).and(saved_views::id.gt(after)))
            .order(saved_views::id).limit(BATCH)
            .select((saved_views::id, saved_views::name, saved_views::filter)).load(db).await)?;
        let Some((last, _, _)) = rows.last() else { return Ok(()) };
        after = *last;
        let named = rows.iter().filter(|(_, name, filter)| {
            [name, filter].into_iter().any(|said| theirs.iter().any(|name| mentions(&text::fold(said), name)))
        });
        let named: Vec<ViewId> = named.map(|(id, _, _)| *id).collect();
        on!(conn, db => diesel::delete(saved_views::table.filter(saved_views::id.eq_any(&named)))
            .execute(db).await)?;
        gone.count("saved_views", named.len());
    }
}

/// Takes away messages and what hangs on them; gives the files they showed.
async fn messages_of(
    conn: &mut Conn,
    ids: &[MessageId],
    gone: &mut Gone,
) -> Result<Vec<MediaId>, StoreError> {
    let shown: Vec<Option<MediaId>> = on!(conn, db => attachments::table
        .filter(attachments::message_id.eq_any(ids)).select(attachments::media_id).load(db).await)?;
    on!(conn, db => diesel::delete(delivery_attempts::table.filter(delivery_attempts::delivery_id.eq_any(
        outbox::table.filter(outbox::message_id.eq_any(ids)).select(outbox::id)))).execute(db).await)?;
    on!(conn, db => diesel::delete(outbox::table.filter(outbox::message_id.eq_any(ids))).execute(db).await)?;
    on!(conn, db => diesel::delete(attachments::table.filter(attachments::message_id.eq_any(ids)))
        .execute(db).await)?;
    on!(conn, db => diesel::delete(reactions::table.filter(reactions::message_id.eq_any(ids)))
        .execute(db).await)?;
    let raw = on!(conn, db => diesel::delete(raw_events::table.filter(raw_events::message_id.eq_any(ids)))
        .execute(db).await)?;
    gone.count("raw_events", raw);
    let waiting = on!(conn, db =>
        diesel::delete(parked_events::table.filter(exists(message_identities::table.filter(
            message_identities::message_id.eq_any(ids)
                .and(message_identities::channel_id.eq(parked_events::channel_id))
                .and(message_identities::platform_message_id.eq(parked_events::platform_message_id))))))
        .execute(db).await)?;
    gone.count("waiting_events", waiting);
    on!(conn, db => diesel::delete(message_identities::table
        .filter(message_identities::message_id.eq_any(ids))).execute(db).await)?;
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
                    .and(not(exists(attachments::table
                        .filter(attachments::media_id.eq(media::id.nullable()))))
                    .and(not(exists(users::table.filter(users::avatar_media_id.eq(media::id.nullable())))))
                    .and(not(exists(canned_reply_files::table
                        .filter(canned_reply_files::media_id.eq(media::id))))))))
            .returning(media::storage_key)
            .get_results(db).await)?;
        keys.extend(gone);
    }
    Ok(keys)
}

#[cfg(test)]
mod tests {
    use super::mentions;

    #[test]
    fn a_name_is_found_as_a_whole_only() {
        for (body, name, is_theirs) in [
            (r#"{"from":"15557700421"}"#, "15557700421", true),
            (r#"{"from":"+15557700421"}"#, "15557700421", true),
            (r#"{"id":42,"x":1}"#, "42", true),
            (r#"{"id":421}"#, "42", false),
            (r#"{"id":"a42"}"#, "42", false),
            ("find ana lind now", "ana lind", true),
            ("ana linder", "ana lind", false),
            ("x", "", false),
        ] {
            assert_eq!(mentions(body, name), is_theirs, "{name} in {body}");
        }
    }
}
