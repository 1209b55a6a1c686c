//! Finding messages by their words and what they are narrowed by, the newest first. What is frequent is found
//! by looking through the newest; what is rare by the index of words; what one person wrote in their own
//! conversations. A page looks at so many messages and no more: where that is not enough for it, it says from
//! where to go on. Never a message that its reader may not see: participants and workspace are part of the
//! query.

use super::search::Question;
use super::search_narrowed::{Found, Number, Place, Within, bounds, numbers, seen, with_conversation};
use crate::domain::{ChannelId, CustomerId, MessageId, Timestamp, WorkspaceId};
use crate::on;
use crate::store::conversations::reader::Reader;
use crate::store::db::in_list::among;
use crate::store::db::schema::{attachments, messages as messages_table};
use crate::store::{Conn, StoreError};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Text};
use diesel_async::RunQueryDsl;
use std::collections::{HashMap, HashSet};

/// Messages that are looked through first, to see whether a question is frequent.
const SAMPLE: usize = 600;
/// It is, if one in so many answers it: then the newest hold a page sooner than the index would tell it.
const RARE: usize = 100;
/// Messages that are looked through at once.
const STEP: usize = 2_000;
/// And for one page.
const LOOKED: usize = 8_000;
/// Hits of the index for one page, and how many of them are looked up at once.
const HITS: usize = 20_000;
const LOOKED_UP: usize = 1_000;

/// The messages below `below` that answer a question and that `user` may see, the newest first.
pub async fn messages(
    conn: &mut Conn,
    reader: &Reader,
    question: &Question,
    within: &Within,
    below: Option<Place>,
    limit: i64,
) -> Result<Found, StoreError> {
    let limit = usize::try_from(limit).unwrap_or(0);
    let below = below.map_or(i64::MAX, |(_, id)| id.0);
    let Some((floor, below)) = bounds(conn, reader.workspace, within, below).await? else {
        return Ok(Found::default());
    };
    let mut search =
        Search { reader, question, within, limit, floor, below, found: Vec::new(), is_over: false };
    if let Some(customer) = within.customer {
        search.of_customer(conn, customer).await?;
    } else {
        search.everywhere(conn).await?;
    }
    Ok(search.page())
}

/// One search under way: what is found, and how far it came.
struct Search<'a> {
    reader: &'a Reader,
    question: &'a Question,
    within: &'a Within,
    limit: usize,
    /// No message below it can fit.
    floor: i64,
    /// All from there on were looked at.
    below: i64,
    found: Vec<MessageId>,
    is_over: bool,
}

impl Search<'_> {
    fn is_done(&self) -> bool {
        self.is_over || self.found.len() >= self.limit
    }

    fn page(mut self) -> Found {
        let is_full = self.found.len() >= self.limit;
        let next = (!is_full && !self.is_over).then_some((Timestamp::default(), MessageId(self.below)));
        self.found.truncate(self.limit);
        Found { ids: self.found, next }
    }

    async fn everywhere(&mut self, conn: &mut Conn) -> Result<(), StoreError> {
        let hits = self.look_through(conn, SAMPLE).await?;
        if hits * RARE < SAMPLE {
            return if self.is_done() { Ok(()) } else { self.look_up(conn).await };
        }
        let mut looked = SAMPLE;
        while !self.is_done() && looked < LOOKED {
            self.look_through(conn, STEP).await?;
            looked += STEP;
        }
        Ok(())
    }

    /// Looks through the next messages, the newest first: how many of them answer.
    async fn look_through(&mut self, conn: &mut Conn, count: usize) -> Result<usize, StoreError> {
        let sql = format!(
            "SELECT id FROM messages WHERE id < {} AND id >= {} ORDER BY id DESC LIMIT {count}",
            self.below, self.floor
        );
        let ids = numbers(conn, sql).await?;
        self.take(conn, ids, count).await
    }

    /// Looks through what one customer and we wrote to each other.
    async fn of_customer(&mut self, conn: &mut Conn, customer: CustomerId) -> Result<(), StoreError> {
        let sql = format!(
            "SELECT m.id AS id FROM conversations AS c CROSS JOIN messages AS m \
             WHERE c.customer_id = {customer} AND m.conversation_id = c.id AND m.id < {} AND m.id >= {} \
             ORDER BY m.id DESC LIMIT {LOOKED}",
            self.below, self.floor
        );
        let ids = numbers(conn, sql).await?;
        self.take(conn, ids, LOOKED).await?;
        Ok(())
    }

    async fn take(&mut self, conn: &mut Conn, ids: Vec<i64>, asked: usize) -> Result<usize, StoreError> {
        self.is_over = ids.len() < asked;
        self.below = ids.last().copied().unwrap_or(self.below);
        let hits = fitting(conn, self.question, &ids).await?;
        let count = hits.len();
        self.show(conn, &hits).await?;
        Ok(count)
    }

    /// Goes on with what the index of words tells.
    async fn look_up(&mut self, conn: &mut Conn) -> Result<(), StoreError> {
        let hits = hits(conn, self.question, (self.floor, self.below)).await?;
        for some in hits.chunks(LOOKED_UP) {
            self.show(conn, some).await?;
            self.below = some.last().copied().unwrap_or(self.below);
            if self.is_done() {
                return Ok(());
            }
        }
        self.is_over = hits.len() < HITS;
        Ok(())
    }

    /// Adds those of some hits that the reader may see and that lie within, the newest first.
    async fn show(&mut self, conn: &mut Conn, hits: &[i64]) -> Result<(), StoreError> {
        if hits.is_empty() {
            return Ok(());
        }
        // By their ids, whatever else fits: a plus keeps other indexes away.
        let sql = format!(
            "SELECT m.id AS id FROM messages AS m {} AND m.id IN ({}) AND +m.{}{} \
             ORDER BY m.id DESC LIMIT {}",
            with_conversation(conn),
            listed(hits),
            seen(self.reader),
            self.within.conditions(),
            self.limit - self.found.len().min(self.limit)
        );
        self.found.extend(numbers(conn, sql).await?.into_iter().map(MessageId));
        Ok(())
    }
}

fn listed(ids: &[i64]) -> String {
    ids.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

/// Those of some messages whose words answer a question, in their order.
async fn fitting(conn: &mut Conn, question: &Question, ids: &[i64]) -> Result<Vec<i64>, StoreError> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let asked = question.on(conn);
    let fit: HashSet<i64> = match conn {
        Conn::Sqlite(_) => read_through(conn, question, ids).await?,
        Conn::Postgres(db) => {
            let rows: Vec<Number> = diesel::sql_query(
                "SELECT x.id AS id FROM unnest($1) AS x (id) CROSS JOIN LATERAL ( \
                 SELECT words FROM search_messages AS s WHERE s.id = x.id OFFSET 0) AS s \
                 WHERE s.words @@ $2::tsquery",
            )
            .bind::<Array<BigInt>, _>(ids)
            .bind::<Text, _>(asked)
            .load(db)
            .await?;
            rows.into_iter().map(|row| row.id).collect()
        }
    };
    Ok(ids.iter().copied().filter(|id| fit.contains(id)).collect())
}

/// SQLite's index of words holds no words to look at: the messages do.
async fn read_through(conn: &mut Conn, question: &Question, ids: &[i64]) -> Result<HashSet<i64>, StoreError> {
    let ids: Vec<MessageId> = ids.iter().copied().map(MessageId).collect();
    let rows: Vec<(MessageId, Option<String>, bool)> = on!(conn, db => messages_table::table
        .filter(among(messages_table::id, &ids))
        .filter(messages_table::deleted_at.is_null().and(messages_table::message_type.ne("system")))
        .select((messages_table::id, messages_table::content, messages_table::has_attachments))
        .load(db).await)?;
    let files: Vec<MessageId> = rows.iter().filter(|(_, _, has)| *has).map(|(id, ..)| *id).collect();
    let heard: Vec<(MessageId, Option<String>)> = on!(conn, db => attachments::table
        .filter(among(attachments::message_id, &files).and(attachments::transcription.is_not_null()))
        .select((attachments::message_id, attachments::transcription))
        .load(db).await)?;
    let mut said: HashMap<MessageId, String> =
        rows.into_iter().map(|(id, content, _)| (id, content.unwrap_or_default())).collect();
    for (id, heard) in heard {
        if let Some(said) = said.get_mut(&id) {
            said.extend(["\n", heard.as_deref().unwrap_or_default()]);
        }
    }
    Ok(said.into_iter().filter(|(_, said)| question.fits(said)).map(|(id, _)| id.0).collect())
}

/// The newest hits of the index of words between two ids.
async fn hits(
    conn: &mut Conn,
    question: &Question,
    (floor, below): (i64, i64),
) -> Result<Vec<i64>, StoreError> {
    let (id, fits) = match conn {
        Conn::Sqlite(_) => ("rowid", "search_messages MATCH $1"),
        Conn::Postgres(_) => ("id", "words @@ $1::tsquery"),
    };
    let sql = format!(
        "SELECT {id} AS id FROM search_messages WHERE {fits} AND {id} < {below} AND {id} >= {floor} \
         ORDER BY {id} DESC LIMIT {HITS}"
    );
    let asked = question.on(conn);
    let rows: Vec<Number> = on!(conn, db => diesel::sql_query(sql).bind::<Text, _>(asked).load(db).await)?;
    Ok(rows.into_iter().map(|row| row.id).collect())
}

/// The customers whose names answer a question, the newest first; `channel`: only who is known there.
pub async fn customers(
    conn: &mut Conn,
    workspace: WorkspaceId,
    question: &Question,
    channel: Option<ChannelId>,
    limit: i64,
) -> Result<Vec<CustomerId>, StoreError> {
    let asked = question.on(conn);
    let there = channel.map_or_else(String::new, |channel| {
        format!(
            " AND EXISTS (SELECT 1 FROM customer_identities AS i WHERE i.customer_id = c.id \
             AND i.channel_id = {channel})"
        )
    });
    let all = match conn {
        Conn::Sqlite(_) => {
            ["(SELECT rowid AS id FROM search_customers WHERE search_customers MATCH $1)"].to_vec()
        }
        // A name that many have is found among the newest: its index would tell all of them at once.
        Conn::Postgres(_) => [
            "(SELECT id FROM (SELECT * FROM search_customers ORDER BY id DESC LIMIT 2000) AS newest \
             WHERE words @@ $1::tsquery)",
            "(SELECT id FROM search_customers WHERE words @@ $1::tsquery)",
        ]
        .to_vec(),
    };
    let mut found = Vec::new();
    for some in all {
        let sql = format!(
            "SELECT c.id AS id FROM {some} AS s JOIN customers AS c ON c.id = s.id \
             WHERE c.workspace_id = {workspace}{there} ORDER BY s.id DESC LIMIT {limit}"
        );
        let asked = asked.clone();
        found = on!(conn, db => diesel::sql_query(sql).bind::<Text, _>(asked).load::<Number>(db).await)?;
        if i64::try_from(found.len()).unwrap_or(limit) >= limit {
            break;
        }
    }
    Ok(found.into_iter().map(|found| CustomerId(found.id)).collect())
}
