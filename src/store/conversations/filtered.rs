//! The list of conversations: which of them a user sees under a filter, in which order, and how many there
//! are. What stands around each is in `list`. Never what a filter is written as: that is
//! `desk::lists`.

use super::ConversationRow;
use super::labels::HOUR;
use super::name_search::{self, numbers};
use super::narrowed::{self, FEW, Narrowed, labelled, narrowed, these};
use crate::domain::{ConversationId, ConversationState, LabelId, ListOrder, Timestamp};
use crate::store::{Conn, StoreError};
use diesel::pg::Pg;
use diesel::query_builder::BoxedSqlQuery;
use diesel::sql_types::Text;
use diesel::sqlite::Sqlite;
use diesel_async::RunQueryDsl;

pub use super::filter::{Assignees, Filter, Owner};
pub use super::reader::Reader;

/// The place in a list after which a page begins: the last one's, by what the list is in order of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum After {
    /// By its activity.
    Activity(Timestamp, ConversationId),
    /// By how long its customer waits.
    Waiting(Timestamp, ConversationId),
}

/// What a page is in order of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum By {
    /// The newest activity first.
    Newest,
    /// The oldest activity first.
    Oldest,
    /// Who waits longest first.
    Waiting,
}

type Place = (Timestamp, ConversationId);

impl By {
    /// The column, which way, and how a later one compares.
    fn words(self) -> (&'static str, &'static str, char) {
        match self {
            Self::Newest => ("c.last_activity_at", " DESC", '<'),
            Self::Oldest => ("c.last_activity_at", "", '>'),
            Self::Waiting => ("c.waiting_since", "", '>'),
        }
    }

    fn order(self) -> String {
        let (column, way, _) = self.words();
        format!("{column}{way}, c.id{way}")
    }

    /// What comes after a place; said so that an index range begins there: an `or` alone would be a look at
    /// everything before it.
    fn after(self, place: Option<Place>) -> String {
        let (column, _, sign) = self.words();
        place.map_or_else(String::new, |(Timestamp(at), id)| {
            format!(" AND {column} {sign}= {at} AND ({column} {sign} {at} OR c.id {sign} {id})")
        })
    }

    /// The key by which pages of several orders are one.
    fn key(self, state: &ConversationState) -> (i64, i64) {
        match self {
            Self::Newest => (-state.last_activity_at.0, -state.id.0),
            Self::Oldest => (state.last_activity_at.0, state.id.0),
            Self::Waiting => (state.waiting_since.unwrap_or_default().0, state.id.0),
        }
    }
}

/// Where conversations are looked for.
enum Among<'a> {
    /// In their order, until enough are found.
    All,
    /// Only the first of all, in their order.
    First,
    /// Only these.
    These(&'a [ConversationId]),
    /// Those that carry a label, hour by hour.
    Labelled(LabelId),
}

/// A page of what a reader may see.
pub async fn page(
    conn: &mut Conn,
    reader: &Reader,
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
        ListOrder::Newest => listed(conn, reader, filter, By::Newest, by_activity, limit).await,
        ListOrder::Oldest => listed(conn, reader, filter, By::Oldest, by_activity, limit).await,
        ListOrder::LongestWaiting => longest_waiting(conn, reader, filter, after, limit).await,
    }
}

/// First those who wait, then those who do not.
async fn longest_waiting(
    conn: &mut Conn,
    reader: &Reader,
    filter: &Filter,
    after: Option<After>,
    limit: i64,
) -> Result<Vec<ConversationState>, StoreError> {
    let only = |waiting| Filter { waiting: Some(waiting), ..filter.clone() };
    let (waiting, place) = match after {
        Some(After::Waiting(at, id)) => (Some((at, id)), None),
        Some(After::Activity(at, id)) => (None, Some((at, id))),
        None => (None, None),
    };
    let mut found = if place.is_some() || filter.waiting == Some(false) {
        Vec::new()
    } else {
        listed(conn, reader, &only(true), By::Waiting, waiting, limit).await?
    };
    let left = limit - i64::try_from(found.len()).unwrap_or(limit);
    if left > 0 && filter.waiting != Some(true) {
        found.extend(listed(conn, reader, &only(false), By::Newest, place, left).await?);
    }
    Ok(found)
}

/// A page in one order. Few that can fit are put in order; of many, the order itself is followed.
async fn listed(
    conn: &mut Conn,
    reader: &Reader,
    filter: &Filter,
    by: By,
    after: Option<Place>,
    limit: i64,
) -> Result<Vec<ConversationState>, StoreError> {
    let question = Question { reader, filter, by, after };
    if let Some(few) = few(conn, reader, filter).await? {
        return question.states(conn, &Among::These(&few), limit).await;
    }
    if filter.name.is_some() {
        // Who has a usual name stands among the first.
        let found = question.states(conn, &Among::First, limit).await?;
        if i64::try_from(found.len()).unwrap_or(limit) >= limit {
            return Ok(found);
        }
        if let Some(few) = name_search::candidates(conn, reader, filter).await? {
            return question.states(conn, &Among::These(&few), limit).await;
        }
    }
    if filter.labels.is_empty() || by == By::Waiting {
        return question.states(conn, &Among::All, limit).await;
    }
    let mut found = Vec::new();
    for label in &filter.labels {
        found.extend(question.states(conn, &Among::Labelled(*label), limit).await?);
    }
    found.sort_by_key(|state| by.key(state));
    found.dedup_by_key(|state| state.id);
    found.truncate(usize::try_from(limit).unwrap_or(0));
    Ok(found)
}

/// All that can fit a filter, if some field of it leaves only a few.
async fn few(
    conn: &mut Conn,
    reader: &Reader,
    filter: &Filter,
) -> Result<Option<Vec<ConversationId>>, StoreError> {
    if narrowed::is_one_order(filter) && !reader.eyes.are_narrow() {
        return Ok(None);
    }
    let mut fewest: Option<Vec<ConversationId>> = None;
    for candidates in narrowed::candidates(reader, filter) {
        let most = fewest.as_ref().map_or(FEW, Vec::len);
        let sql = format!("SELECT id FROM ({candidates}) AS candidate LIMIT {}", most + 1);
        let found = ids_of(conn, sql, &[]).await?;
        if found.len() <= most {
            fewest = Some(found);
        }
    }
    Ok(fewest.map(distinct))
}

/// Each once, in order.
fn distinct(mut ids: Vec<ConversationId>) -> Vec<ConversationId> {
    ids.sort_unstable();
    ids.dedup();
    ids
}

/// One question to the list.
struct Question<'a> {
    reader: &'a Reader,
    filter: &'a Filter,
    by: By,
    after: Option<Place>,
}

const COLUMNS: &str = "c.id, c.workspace_id, c.kind, c.channel_id, c.customer_id, c.thread, c.status, \
    c.assignee_id, c.assigned_because, c.team_id, c.version, c.revision, c.unread_total, c.answered_seq, \
    c.last_seq, c.last_activity_at, c.window_expires_at, c.snoozed_until, c.priority, \
    c.about_conversation_id, c.waiting_since, c.event_seq, c.created_at, c.updated_at";

impl Question<'_> {
    async fn states(
        &self,
        conn: &mut Conn,
        among: &Among<'_>,
        limit: i64,
    ) -> Result<Vec<ConversationState>, StoreError> {
        let Some((sql, bound)) = self.sql(among, limit, conn.has_many_writers()) else {
            return Ok(Vec::new());
        };
        let rows: Vec<ConversationRow> = match conn {
            Conn::Sqlite(db) => {
                let query = diesel::sql_query(sql).into_boxed::<Sqlite>();
                bound.iter().fold(query, BoxedSqlQuery::bind::<Text, _>).load(db).await?
            }
            Conn::Postgres(db) => {
                let query = diesel::sql_query(sql).into_boxed::<Pg>();
                bound.iter().fold(query, BoxedSqlQuery::bind::<Text, _>).load(db).await?
            }
        };
        Ok(rows.into_iter().map(Into::into).collect())
    }

    /// The statement and the texts that it binds; none: nothing can fit.
    fn sql(&self, among: &Among<'_>, limit: i64, is_postgres: bool) -> Option<(String, Vec<String>)> {
        let Narrowed { conditions, bound } = narrowed(self.reader, self.filter, self.by == By::Waiting);
        let (mut after, mut order) = (self.by.after(self.after), self.by.order());
        let from = match among {
            Among::All => "conversations AS c WHERE true".to_owned(),
            Among::First => self.the_first(),
            Among::These(ids) => these(ids, is_postgres)?,
            Among::Labelled(label) => {
                let (_, way, sign) = self.by.words();
                order = format!("l.active_hour{way}, {order}");
                if let Some((at, _)) = self.after {
                    after = format!(" AND l.active_hour {sign}= {}{after}", at.0 / HOUR);
                }
                labelled(*label, is_postgres)
            }
        };
        let sql =
            format!("SELECT {COLUMNS} FROM {from} AND {conditions}{after} ORDER BY {order} LIMIT {limit}");
        Some((sql, bound))
    }

    fn the_first(&self) -> String {
        let (workspace, after, order) = (self.reader.workspace, self.by.after(self.after), self.by.order());
        let waits = if self.by == By::Waiting { format!(" AND {}", narrowed::WAITS) } else { String::new() };
        format!(
            "(SELECT * FROM conversations AS c WHERE c.workspace_id = {workspace}{waits}{after} \
             ORDER BY {order} LIMIT {FEW}) AS c WHERE true"
        )
    }
}

async fn ids_of(conn: &mut Conn, sql: String, bound: &[String]) -> Result<Vec<ConversationId>, StoreError> {
    Ok(numbers(conn, sql, bound).await?.into_iter().map(ConversationId).collect())
}

/// How many of what a reader may see there are; above `up_to` nobody counts on.
pub async fn count(
    conn: &mut Conn,
    reader: &Reader,
    filter: &Filter,
    up_to: Option<i64>,
) -> Result<i64, StoreError> {
    let is_postgres = conn.has_many_writers();
    let counted = |from: String| Counting { reader, filter, from, up_to };
    if let Some(few) = few(conn, reader, filter).await? {
        let Some(from) = these(&few, is_postgres) else { return Ok(0) };
        return counted(from).count(conn).await;
    }
    if filter.name.is_some() {
        let question = Question { reader, filter, by: By::Newest, after: None };
        let found = counted(question.the_first()).count(conn).await?;
        if up_to.is_some_and(|most| found >= most) {
            return Ok(found);
        }
        if let Some(few) = name_search::candidates(conn, reader, filter).await? {
            let Some(from) = these(&few, is_postgres) else { return Ok(0) };
            return counted(from).count(conn).await;
        }
    }
    let from = match filter.labels.as_slice() {
        [label] => labelled(*label, is_postgres),
        _ => "conversations AS c WHERE true".to_owned(),
    };
    counted(from).count(conn).await
}

struct Counting<'a> {
    reader: &'a Reader,
    filter: &'a Filter,
    from: String,
    up_to: Option<i64>,
}

impl Counting<'_> {
    async fn count(self, conn: &mut Conn) -> Result<i64, StoreError> {
        let Narrowed { conditions, bound } = narrowed(self.reader, self.filter, false);
        let most = self.up_to.map_or_else(String::new, |most| format!(" LIMIT {most}"));
        let from = self.from;
        let sql =
            format!("SELECT COUNT(*) AS id FROM (SELECT c.id FROM {from} AND {conditions}{most}) AS counted");
        Ok(numbers(conn, sql, &bound).await?.into_iter().next().unwrap_or(0))
    }
}

/// The ids of what a reader may see, in their order, above `after`.
pub async fn ids(
    conn: &mut Conn,
    reader: &Reader,
    filter: &Filter,
    after: ConversationId,
    limit: i64,
) -> Result<Vec<ConversationId>, StoreError> {
    let from = match few(conn, reader, filter).await? {
        Some(few) => match these(&few, conn.has_many_writers()) {
            Some(from) => from,
            None => return Ok(Vec::new()),
        },
        None => "conversations AS c WHERE true".to_owned(),
    };
    let Narrowed { conditions, bound } = narrowed(reader, filter, false);
    let sql =
        format!("SELECT c.id FROM {from} AND {conditions} AND c.id > {after} ORDER BY c.id LIMIT {limit}");
    ids_of(conn, sql, &bound).await
}

#[cfg(test)]
#[path = "filtered_tests.rs"]
mod tests;
