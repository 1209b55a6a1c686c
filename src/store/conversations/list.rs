//! Conversations as people see them: what stands around one (customer, channel, colleagues, newest message,
//! read marks), in a fixed number of queries a page. Which of them a list holds is in `filtered`.

use super::{customers, joins, labels};
use crate::domain::conversation::HUMAN_AGENT_AFTER_WINDOW;
use crate::domain::{
    ChannelId, ChannelKind, Conversation, ConversationId, ConversationKind, ConversationState, MediaId,
    Message, Person, ReadMark, Timestamp, UserId,
};
use crate::on;
use crate::store::accounts::teams;
use crate::store::automation::ai_turns;
use crate::store::db::in_list::among;
use crate::store::db::prepared::Keep;
use crate::store::db::schema::{channels, participants, users};
use crate::store::{Conn, StoreError, messages};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use std::collections::HashMap;

/// Conversations as people see them, in the order of `states`. `known`: newest messages that
/// need not be read again.
pub async fn views(
    conn: &mut Conn,
    states: &[ConversationState],
    known: &HashMap<(ConversationId, i64), Message>,
) -> Result<Vec<Conversation>, StoreError> {
    let customer_ids: Vec<_> = states.iter().filter_map(|state| state.customer_id).collect();
    let customers = customers::by_ids(conn, &customer_ids).await?;
    let identities = customers::shown_names(conn, &customer_ids).await?;
    let channels = channel_names(conn, states).await?;
    let assigned: Vec<_> = states.iter().filter_map(|state| state.assignee_id).collect();
    let assignees = people(conn, &assigned).await?;
    let given: Vec<_> = states.iter().filter_map(|state| state.team_id).collect();
    let teams = teams::names(conn, &given).await?;
    let members = members(conn, states).await?;
    let ids: Vec<_> = states.iter().map(|state| state.id).collect();
    let labels = labels::of_conversations(conn, &ids).await?;
    let last = last_messages(conn, states, known).await?;
    let drafts = ai_turns::drafts(conn, states).await?;
    Ok(states
        .iter()
        .map(|state| {
            let channel = state.channel_id.and_then(|id| channels.get(&id));
            let row = state.customer_id.and_then(|id| customers.get(&id));
            let external_id = state.customer_id.zip(state.channel_id).and_then(|(customer, channel)| {
                let key = (customer, channel, customers::merged_from(&state.thread));
                // Merged by an earlier version, when the kept one had nothing on this channel.
                let only = || identities.iter().find(|(known, _)| (known.0, known.1) == (customer, channel));
                identities.get(&key).or_else(|| Some(only()?.1)).cloned()
            });
            Conversation {
                customer: row.map(|row| row.clone().into_customer(external_id)),
                channel_kind: channel.map(|channel| channel.kind),
                channel_name: channel.map(|channel| channel.name.clone()),
                ai_draft: drafts.get(&state.id).cloned(),
                assignee: state.assignee_id.and_then(|id| assignees.get(&id).cloned()),
                participants: members.get(&state.id).cloned().unwrap_or_default(),
                last_message: last.get(&(state.id, state.last_seq)).cloned(),
                id: state.id,
                kind: state.kind,
                channel_id: state.channel_id,
                status: state.status,
                assignee_id: state.assignee_id,
                assigned_because: state.assigned_because,
                team_id: state.team_id,
                team: state.team_id.and_then(|id| teams.get(&id).cloned()),
                version: state.version,
                revision: state.revision,
                unread_total: state.unread_total,
                last_activity_at: state.last_activity_at,
                window_expires_at: state.window_expires_at,
                human_agent_until: channel
                    .and_then(|channel| channel.human_agent_until(state.window_expires_at)),
                snoozed_until: state.snoozed_until,
                waiting_since: state.waits_since(),
                priority: state.priority,
                labels: labels.get(&state.id).cloned().unwrap_or_default(),
                about_conversation_id: state.about_conversation_id,
                merged_into: joins::merged_into(&state.thread),
                created_at: state.created_at,
                updated_at: state.updated_at,
            }
        })
        .collect())
}

/// The columns of a [`ReadMark`].
type MarkRow = (i64, i64, i64, i64, bool, Option<Timestamp>, i64, bool);

fn mark_of(row: MarkRow) -> ReadMark {
    let (
        read_seq,
        read_count,
        own_count,
        mention_seq,
        is_following,
        reminder_at,
        marked_unread,
        is_kept_unread,
    ) = row;
    ReadMark {
        read_seq,
        read_count,
        own_count,
        mention_seq,
        is_following,
        reminder_at,
        marked_unread,
        is_kept_unread,
    }
}

macro_rules! mark_columns {
    () => {
        (
            participants::read_seq,
            participants::read_count,
            participants::own_count,
            participants::mention_seq,
            participants::is_following,
            participants::reminder_at,
            participants::marked_unread,
            participants::is_kept_unread,
        )
    };
}

/// How far one user read each of several conversations.
pub async fn marks_of(
    conn: &mut Conn,
    user: UserId,
    ids: &[ConversationId],
) -> Result<HashMap<ConversationId, ReadMark>, StoreError> {
    let rows: Vec<(ConversationId, MarkRow)> = on!(conn, db => participants::table
        .filter(participants::user_id.eq(user).and(among(participants::conversation_id, ids)))
        .select((participants::conversation_id, mark_columns!()))
        .load(db).await)?;
    Ok(rows.into_iter().map(|(id, mark)| (id, mark_of(mark))).collect())
}

/// How far everybody read each of several conversations.
pub async fn marks_in(
    conn: &mut Conn,
    ids: &[ConversationId],
) -> Result<HashMap<ConversationId, HashMap<UserId, ReadMark>>, StoreError> {
    let rows: Vec<(ConversationId, UserId, MarkRow)> = on!(conn, db => participants::table
        .filter(among(participants::conversation_id, ids))
        .select((participants::conversation_id, participants::user_id, mark_columns!()))
        .load(db).await)?;
    let mut marks: HashMap<_, HashMap<_, _>> = HashMap::new();
    for (conversation, user, mark) in rows {
        marks.entry(conversation).or_default().insert(user, mark_of(mark));
    }
    Ok(marks)
}

/// How far one user read one conversation, and whether they are a member of it.
pub async fn mark(
    conn: &mut Conn,
    id: ConversationId,
    user: UserId,
) -> Result<Option<(ReadMark, bool)>, StoreError> {
    let row: Option<(MarkRow, bool)> = on!(conn, db => participants::table
        .find((id, user))
        .select((mark_columns!(), participants::is_member))
        .first(db).await.optional())?;
    Ok(row.map(|(mark, is_member)| (mark_of(mark), is_member)))
}

/// Writes how far one user read one conversation; what else they want of it is `marks`'.
pub async fn set_mark(
    conn: &mut Conn,
    id: ConversationId,
    user: UserId,
    mark: ReadMark,
    is_member: bool,
) -> Result<(), StoreError> {
    let columns = || {
        (
            participants::read_seq.eq(mark.read_seq),
            participants::read_count.eq(mark.read_count),
            participants::own_count.eq(mark.own_count),
            participants::mention_seq.eq(mark.mention_seq),
            participants::marked_unread.eq(mark.marked_unread),
            participants::is_kept_unread.eq(mark.is_kept_unread),
        )
    };
    on!(conn, db => diesel::insert_into(participants::table)
        .values((
            participants::conversation_id.eq(id),
            participants::user_id.eq(user),
            participants::is_member.eq(is_member),
            columns(),
        ))
        .on_conflict((participants::conversation_id, participants::user_id))
        .do_update()
        .set(columns())
        .kept().execute(db).await)?;
    Ok(())
}

async fn last_messages(
    conn: &mut Conn,
    states: &[ConversationState],
    known: &HashMap<(ConversationId, i64), Message>,
) -> Result<HashMap<(ConversationId, i64), Message>, StoreError> {
    let mut last: HashMap<_, _> = HashMap::new();
    let mut missing = Vec::new();
    for state in states.iter().filter(|state| state.last_seq > 0) {
        let place = (state.id, state.last_seq);
        match known.get(&place) {
            Some(message) => drop(last.insert(place, message.clone())),
            None => missing.push(place),
        }
    }
    let rows = messages::at_seqs(conn, &missing).await?;
    last.extend(
        messages::views(conn, rows)
            .await?
            .into_iter()
            .map(|message| ((message.conversation_id, message.seq), message)),
    );
    Ok(last)
}

/// What of a channel its conversations show.
struct Named {
    kind: ChannelKind,
    name: String,
    has_human_agents: bool,
}

impl Named {
    /// Until when a person may still answer after the platform's window.
    fn human_agent_until(&self, window_expires_at: Option<Timestamp>) -> Option<Timestamp> {
        let ended = window_expires_at.filter(|_| self.has_human_agents);
        ended.map(|ended| ended.plus(HUMAN_AGENT_AFTER_WINDOW))
    }
}

async fn channel_names(
    conn: &mut Conn,
    states: &[ConversationState],
) -> Result<HashMap<ChannelId, Named>, StoreError> {
    let ids: Vec<_> = states.iter().filter_map(|state| state.channel_id).collect();
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let rows: Vec<(ChannelId, ChannelKind, String, String)> = on!(conn, db => channels::table
        .filter(among(channels::id, &ids))
        .select((channels::id, channels::kind, channels::name, channels::options))
        .load(db).await)?;
    let named = |(id, kind, name, options): (ChannelId, ChannelKind, String, String)| {
        // Only where the kind of channel has it: whoever changes a channel sees to that.
        let is_set = serde_json::from_str::<serde_json::Value>(&options)
            .is_ok_and(|options| options["human_agent"] == true);
        (id, Named { kind, name, has_human_agents: is_set })
    };
    Ok(rows.into_iter().map(named).collect())
}

async fn members(
    conn: &mut Conn,
    states: &[ConversationState],
) -> Result<HashMap<ConversationId, Vec<Person>>, StoreError> {
    let ids: Vec<_> =
        states.iter().filter(|state| state.kind == ConversationKind::Direct).map(|state| state.id).collect();
    let mut found: HashMap<_, Vec<_>> = HashMap::new();
    if ids.is_empty() {
        return Ok(found);
    }
    let rows: Vec<(ConversationId, UserId, String, Option<MediaId>)> = on!(conn, db => participants::table
        .inner_join(users::table.on(users::id.eq(participants::user_id)))
        .filter(among(participants::conversation_id, &ids).and(participants::is_member.eq(true)))
        .order((participants::conversation_id, participants::user_id))
        .select((participants::conversation_id, users::id, users::full_name, users::avatar_media_id))
        .load(db).await)?;
    for (conversation, id, name, avatar) in rows {
        found.entry(conversation).or_default().push(Person {
            id,
            name,
            avatar_url: avatar.map(messages::media_url),
        });
    }
    Ok(found)
}

/// Several users as others see them.
pub async fn people(conn: &mut Conn, ids: &[UserId]) -> Result<HashMap<UserId, Person>, StoreError> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let rows: Vec<(UserId, String, Option<MediaId>)> = on!(conn, db => users::table
        .filter(among(users::id, ids)).select((users::id, users::full_name, users::avatar_media_id))
        .load(db).await)?;
    Ok(rows
        .into_iter()
        .map(|(id, name, avatar)| (id, Person { id, name, avatar_url: avatar.map(messages::media_url) }))
        .collect())
}
