//! Two conversations that are one: what stood in the other comes along in the order of time, ids unchanged,
//! and the other stays behind, empty, as a sign that names where everything went. Never a decision that they
//! are one.
//! Over 400 lines with their tests: bringing two together and parting them again.

use super::{labels, marks};
use crate::domain::{
    ConversationId, ConversationState, ConversationStatus, LabelId, MessageId, RunStatus, Timestamp, UserId,
};
use crate::on;
use crate::store::db::prepared::Keep;
use crate::store::db::schema::{
    answered_waits, conversation_labels, conversations as conversations_table, flow_runs, hook_deliveries,
    messages, outbox, parked_events, participants,
};
use crate::store::{Conn, StoreError};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use std::collections::{BTreeMap, HashMap, HashSet};

/// How the thread of a conversation begins that went into another; the other's id and its own follow.
const JOINED: &str = "joined:";
/// As a pattern: no list shows these.
pub const SIGNS: &str = "joined:%";

/// The conversation that this one went into.
pub fn merged_into(thread: &str) -> Option<ConversationId> {
    let (into, _) = thread.strip_prefix(JOINED)?.split_once(':')?;
    into.parse().ok().map(ConversationId)
}

/// A message's place, and what its place means.
#[derive(Debug, Clone, Copy)]
struct Line {
    id: MessageId,
    seq: i64,
    is_counted: bool,
    written: i64,
    is_from_other: bool,
}

/// Brings everything of `from` into `into`; gives the messages that came along. Both are locked by the
/// caller.
pub async fn join(
    conn: &mut Conn,
    into: &ConversationState,
    from: &ConversationState,
    now: Timestamp,
) -> Result<Vec<MessageId>, StoreError> {
    let own = lines(conn, into.id, false).await?;
    let others = lines(conn, from.id, true).await?;
    let moved: Vec<MessageId> = others.iter().map(|line| line.id).collect();
    let order = by_time(own, others);
    let marks = marks(conn, into.id, from.id).await?;
    forget_known_client_ids(conn, into.id, from.id).await?;
    let placed = place(conn, into, &order).await?;
    set_marks(conn, into.id, (&order, &placed), marks).await?;
    follow(conn, into.id, from.id, now).await?;
    let state = united(into, from, &order, &placed);
    write(conn, &state, order.len(), now).await?;
    marks::carry_over(conn, into.id, from.id).await?;
    marks::remind_after(conn, into.id, state.version).await?;
    leave_sign(conn, into, from, now).await?;
    Ok(moved)
}

async fn lines(conn: &mut Conn, id: ConversationId, is_from_other: bool) -> Result<Vec<Line>, StoreError> {
    let rows: Vec<(MessageId, i64, bool, Timestamp)> = on!(conn, db => messages::table
        .filter(messages::conversation_id.eq(id))
        .order(messages::seq)
        .select((messages::id, messages::seq, messages::is_counted, messages::created_at))
        .load(db).await)?;
    let line = |(id, seq, is_counted, at): (MessageId, i64, bool, Timestamp)| Line {
        id,
        seq,
        is_counted,
        written: at.0,
        is_from_other,
    };
    Ok(rows.into_iter().map(line).collect())
}

/// Both in the order of time; each keeps its own order, and at the same moment what was here stands first.
fn by_time(own: Vec<Line>, others: Vec<Line>) -> Vec<Line> {
    let mut order = Vec::with_capacity(own.len() + others.len());
    let mut others = others.into_iter().peekable();
    for line in own {
        while let Some(earlier) = others.next_if(|other| other.written < line.written) {
            order.push(earlier);
        }
        order.push(line);
    }
    order.extend(others);
    order
}

/// Where the messages of a conversation stand after it changed: their places in order, and its version.
struct Placed {
    seqs: Vec<i64>,
    version: i64,
}

/// Gives each message its place. What stands before the first that came along stays as it is; from there on
/// each takes the next version for its place, as a new message does.
async fn place(conn: &mut Conn, state: &ConversationState, order: &[Line]) -> Result<Placed, StoreError> {
    let mut placed = Placed { seqs: Vec::with_capacity(order.len()), version: state.version };
    let mut is_moved = false;
    for line in order {
        is_moved |= line.is_from_other;
        if !is_moved {
            placed.seqs.push(line.seq);
            continue;
        }
        placed.version += 1;
        let seq = placed.version;
        on!(conn, db => diesel::update(messages::table.find(line.id))
            .set((messages::conversation_id.eq(state.id), messages::seq.eq(seq), messages::version.eq(seq)))
            .kept().execute(db).await)?;
        placed.seqs.push(seq);
    }
    Ok(placed)
}

impl Placed {
    /// The place of the line at an index; before all of them: none.
    fn seq(&self, count: usize) -> i64 {
        count.checked_sub(1).and_then(|at| self.seqs.get(at)).copied().unwrap_or(0)
    }
}

/// A client's id means one message of a conversation: where both have it, the one that comes along gives it
/// up.
async fn forget_known_client_ids(
    conn: &mut Conn,
    into: ConversationId,
    from: ConversationId,
) -> Result<(), StoreError> {
    let named = |rows: Vec<(MessageId, String, Option<String>)>| {
        rows.into_iter().filter_map(|(id, author, client)| Some((id, (author, client?))))
    };
    let mut known = HashMap::new();
    for conversation in [into, from] {
        let rows: Vec<(MessageId, String, Option<String>)> = on!(conn, db => messages::table
            .filter(messages::conversation_id.eq(conversation).and(messages::client_id.is_not_null()))
            .select((messages::id, messages::author, messages::client_id))
            .load(db).await)?;
        for (id, name) in named(rows) {
            if known.insert(name, id).is_some() && conversation == from {
                on!(conn, db => diesel::update(messages::table.find(id))
                    .set(messages::client_id.eq(None::<String>)).execute(db).await)?;
            }
        }
    }
    Ok(())
}

/// How far each colleague read both: (here, there), and the newest notes that call them.
type Marks = BTreeMap<UserId, [(i64, i64); 2]>;

async fn marks(conn: &mut Conn, into: ConversationId, from: ConversationId) -> Result<Marks, StoreError> {
    let mut marks = Marks::new();
    for (side, id) in [into, from].into_iter().enumerate() {
        let rows: Vec<(UserId, i64, i64)> = on!(conn, db => participants::table
            .filter(participants::conversation_id.eq(id))
            .select((participants::user_id, participants::read_seq, participants::mention_seq))
            .load(db).await)?;
        for (user, read, mention) in rows {
            marks.entry(user).or_default()[side] = (read, mention);
        }
    }
    Ok(marks)
}

/// Read is what was read on its side, up to the first message that was not.
async fn set_marks(
    conn: &mut Conn,
    into: ConversationId,
    (order, placed): (&[Line], &Placed),
    marks: Marks,
) -> Result<(), StoreError> {
    for (user, sides) in marks {
        let side = |line: &Line| sides[usize::from(line.is_from_other)];
        let read = order.iter().take_while(|line| line.seq <= side(line).0).count();
        let counted = order[..read].iter().filter(|line| line.is_counted).count();
        let mention = order.iter().rposition(|line| line.seq == side(line).1).map_or(0, |at| at + 1);
        let counted = i64::try_from(counted).unwrap_or(0);
        let (read, mention) = (placed.seq(read), placed.seq(mention));
        let values = (
            participants::read_seq.eq(read),
            participants::read_count.eq(counted),
            participants::mention_seq.eq(mention),
        );
        on!(conn, db => diesel::insert_into(participants::table)
            .values((
                participants::conversation_id.eq(into),
                participants::user_id.eq(user),
                participants::is_member.eq(false),
                participants::own_count.eq(0_i64),
                values,
            ))
            .on_conflict((participants::conversation_id, participants::user_id))
            .do_update().set(values)
            .execute(db).await)?;
    }
    Ok(())
}

/// What hangs on the other conversation hangs on this one now.
async fn follow(
    conn: &mut Conn,
    into: ConversationId,
    from: ConversationId,
    now: Timestamp,
) -> Result<(), StoreError> {
    on!(conn, db => diesel::update(outbox::table.filter(outbox::conversation_id.eq(from)))
        .set(outbox::conversation_id.eq(into)).execute(db).await)?;
    on!(conn, db => diesel::update(hook_deliveries::table.filter(hook_deliveries::conversation_id.eq(from)))
        .set(hook_deliveries::conversation_id.eq(into)).execute(db).await)?;
    on!(conn, db => diesel::update(parked_events::table.filter(parked_events::conversation_id.eq(from)))
        .set(parked_events::conversation_id.eq(into)).execute(db).await)?;
    on!(conn, db => diesel::update(answered_waits::table.filter(answered_waits::conversation_id.eq(from)))
        .set(answered_waits::conversation_id.eq(into)).execute(db).await)?;
    on!(conn, db => diesel::update(conversations_table::table.filter(
            conversations_table::about_conversation_id.eq(from)))
        .set(conversations_table::about_conversation_id.eq(into)).execute(db).await)?;
    runs(conn, into, from, now).await?;
    labels(conn, into, from).await
}

/// One flow speaks at a time: where one does here, the other's ends.
async fn runs(
    conn: &mut Conn,
    into: ConversationId,
    from: ConversationId,
    now: Timestamp,
) -> Result<(), StoreError> {
    if !crate::store::automation::flow_runs::active_in(conn, into).await?.is_empty() {
        on!(conn, db => diesel::update(flow_runs::table.filter(
                flow_runs::conversation_id.eq(from).and(flow_runs::status.eq_any(RunStatus::ACTIVE))))
            .set((
                flow_runs::status.eq(RunStatus::Stopped),
                flow_runs::due_at.eq(None::<Timestamp>),
                flow_runs::updated_at.eq(now),
                flow_runs::ended_at.eq(now),
            ))
            .execute(db).await)?;
    }
    on!(conn, db => diesel::update(flow_runs::table.filter(flow_runs::conversation_id.eq(from)))
        .set(flow_runs::conversation_id.eq(into)).execute(db).await)?;
    Ok(())
}

async fn labels(conn: &mut Conn, into: ConversationId, from: ConversationId) -> Result<(), StoreError> {
    let there = |id: ConversationId| {
        conversation_labels::table
            .filter(conversation_labels::conversation_id.eq(id))
            .select(conversation_labels::label_id)
    };
    let own: Vec<LabelId> = on!(conn, db => there(into).load(db).await)?;
    let own: HashSet<_> = own.into_iter().collect();
    let others: Vec<LabelId> = on!(conn, db => there(from).load(db).await)?;
    for label in others.into_iter().filter(|label| !own.contains(label)) {
        on!(conn, db => diesel::update(conversation_labels::table.filter(
                conversation_labels::conversation_id.eq(from).and(conversation_labels::label_id.eq(label))))
            .set(conversation_labels::conversation_id.eq(into)).execute(db).await)?;
    }
    Ok(())
}

/// Takes what came along out again: it stands in its own conversation as it did, what came since stays here.
pub async fn part(
    conn: &mut Conn,
    into: &ConversationState,
    from: &ConversationState,
    moved: &[MessageId],
    now: Timestamp,
) -> Result<(), StoreError> {
    let moved: HashSet<_> = moved.iter().copied().collect();
    let all = lines(conn, into.id, false).await?;
    let marks = marks(conn, into.id, from.id).await?;
    let (back, stays): (Vec<Line>, Vec<Line>) = all.into_iter().partition(|line| moved.contains(&line.id));
    // First what leaves: its places become free.
    let back: Vec<Line> = back.into_iter().map(|line| Line { is_from_other: true, ..line }).collect();
    for (state, order) in [(from, back), (into, stays)] {
        let placed = place(conn, state, &order).await?;
        part_marks(conn, state.id, (&order, &placed), &marks).await?;
        let half = parted(state, into, &order, &placed);
        write(conn, &half, order.len(), now).await?;
        marks::remind_after(conn, state.id, half.version).await?;
    }
    for id in moved {
        on!(conn, db => diesel::update(outbox::table.filter(outbox::message_id.eq(id)))
            .set(outbox::conversation_id.eq(from.id)).execute(db).await)?;
    }
    Ok(())
}

async fn part_marks(
    conn: &mut Conn,
    id: ConversationId,
    half: (&[Line], &Placed),
    marks: &Marks,
) -> Result<(), StoreError> {
    // Both halves were read as far as the whole was.
    let whole = marks.iter().map(|(user, sides)| (*user, [sides[0], sides[0]])).collect();
    set_marks(conn, id, half, whole).await
}

/// One half of a conversation, by the lines that are in it.
fn parted(
    state: &ConversationState,
    whole: &ConversationState,
    order: &[Line],
    placed: &Placed,
) -> ConversationState {
    let unread = order.iter().filter(|line| line.is_counted).count();
    let answered = order.iter().rposition(|line| line.seq <= whole.answered_seq).map_or(0, |at| at + 1);
    ConversationState {
        version: placed.version,
        unread_total: i64::try_from(unread).unwrap_or(0),
        last_seq: placed.seq(order.len()),
        answered_seq: placed.seq(answered),
        waiting_since: whole.waiting_since.and(unanswered_since(&order[answered..])),
        last_activity_at: order.last().map_or(state.created_at, |line| Timestamp(line.written)),
        ..state.clone()
    }
}

/// When the first of these lines was written that counts: below the last answer, what its customer waits
/// since.
fn unanswered_since(lines: &[Line]) -> Option<Timestamp> {
    lines.iter().find(|line| line.is_counted).map(|line| Timestamp(line.written))
}

/// The conversation as both were: open if one was, waiting if nothing answered the last words, the later
/// window.
fn united(
    into: &ConversationState,
    from: &ConversationState,
    order: &[Line],
    placed: &Placed,
) -> ConversationState {
    let is_open = [into.status, from.status].contains(&ConversationStatus::Open);
    let answered = |line: &Line| if line.is_from_other { from.answered_seq } else { into.answered_seq };
    let is_answered = |line: &Line| line.seq == answered(line);
    let answered = order.iter().rposition(is_answered).map_or(0, |at| at + 1);
    let waits = into.waiting_since.or(from.waiting_since);
    ConversationState {
        status: if is_open { ConversationStatus::Open } else { into.status },
        snoozed_until: into.snoozed_until.filter(|_| !is_open),
        assignee_id: into.assignee_id.or(from.assignee_id),
        assigned_because: if into.assignee_id.is_some() { into } else { from }.assigned_because,
        team_id: into.team_id.or(from.team_id),
        priority: into.priority.or(from.priority),
        version: placed.version,
        unread_total: into.unread_total + from.unread_total,
        last_seq: placed.seq(order.len()),
        answered_seq: placed.seq(answered),
        last_activity_at: into.last_activity_at.max(from.last_activity_at),
        window_expires_at: into.window_expires_at.max(from.window_expires_at),
        waiting_since: waits.and(unanswered_since(&order[answered..])),
        ..into.clone()
    }
}

async fn write(
    conn: &mut Conn,
    state: &ConversationState,
    count: usize,
    now: Timestamp,
) -> Result<(), StoreError> {
    use conversations_table::dsl;
    let count = i64::try_from(count).unwrap_or(0);
    on!(conn, db => diesel::update(dsl::conversations.find(state.id))
        .set((
            dsl::status.eq(state.status),
            dsl::snoozed_until.eq(state.snoozed_until),
            dsl::assignee_id.eq(state.assignee_id),
            dsl::assigned_because.eq(state.assigned_because),
            dsl::team_id.eq(state.team_id),
            dsl::priority.eq(state.priority),
            dsl::version.eq(state.version),
            // The versions that made no message: `verify` counts by it.
            dsl::changes.eq(state.version - count),
            dsl::unread_total.eq(state.unread_total),
            dsl::last_seq.eq(state.last_seq),
            dsl::answered_seq.eq(state.answered_seq),
            dsl::last_activity_at.eq(state.last_activity_at),
            dsl::window_expires_at.eq(state.window_expires_at),
            dsl::waiting_since.eq(state.waiting_since),
            dsl::updated_at.eq(now),
        ))
        .execute(db).await)?;
    labels::move_hour(conn, state.id, state.last_activity_at).await
}

/// The other holds nothing any more, and says where it went.
async fn leave_sign(
    conn: &mut Conn,
    into: &ConversationState,
    from: &ConversationState,
    now: Timestamp,
) -> Result<(), StoreError> {
    use conversations_table::dsl;
    on!(conn, db => diesel::delete(participants::table.filter(participants::conversation_id.eq(from.id)))
        .execute(db).await)?;
    on!(conn, db => diesel::update(dsl::conversations.find(from.id))
        .set((
            dsl::thread.eq(format!("{JOINED}{}:{}", into.id, from.id)),
            dsl::status.eq(ConversationStatus::Closed),
            dsl::snoozed_until.eq(None::<Timestamp>),
            dsl::changes.eq(dsl::version),
            dsl::unread_total.eq(0_i64),
            dsl::last_seq.eq(0_i64),
            dsl::answered_seq.eq(0_i64),
            dsl::waiting_since.eq(None::<Timestamp>),
            dsl::updated_at.eq(now),
        ))
        .execute(db).await)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(id: i64, written: i64, is_from_other: bool) -> Line {
        Line { id: MessageId(id), seq: id, is_counted: true, written, is_from_other }
    }

    #[test]
    fn both_stand_in_the_order_of_time_and_each_keeps_its_own() {
        let own = vec![line(1, 10, false), line(2, 30, false), line(3, 20, false)];
        let others = vec![line(4, 10, true), line(5, 25, true), line(6, 40, true)];
        let order: Vec<_> = by_time(own, others).into_iter().map(|line| line.id.0).collect();
        assert_eq!(order, [1, 4, 5, 2, 3, 6], "at the same moment what was here stands first");
    }

    #[test]
    fn where_a_conversation_went_stands_in_its_thread() {
        assert_eq!(merged_into("joined:12:7"), Some(ConversationId(12)));
        assert_eq!(merged_into("merged:12"), None);
        assert_eq!(merged_into(""), None);
    }
}
