//! What a search is narrowed by, whose it is, and what it gives. Never its words.

use crate::domain::{ChannelId, CustomerId, MessageId, Timestamp, WorkspaceId};
use crate::on;
use crate::store::conversations::reader::Reader;
use crate::store::{Conn, StoreError};
use diesel::QueryableByName;
use diesel::sql_types::BigInt;
use diesel_async::RunQueryDsl;
use std::fmt::Write;
use std::time::Duration;

/// Ids rise with the time of a message, but for what clocks differ by.
const CLOCKS: Duration = Duration::from_hours(1);

/// One number, told as `id`.
#[derive(QueryableByName)]
pub(super) struct Number {
    #[diesel(sql_type = BigInt)]
    pub(super) id: i64,
}

/// What narrows a search beside its words.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Within {
    /// Written from then on.
    pub from: Option<Timestamp>,
    /// Written before then.
    pub to: Option<Timestamp>,
    /// In a conversation on this channel.
    pub channel: Option<ChannelId>,
    /// In a conversation with this customer.
    pub customer: Option<CustomerId>,
}

impl Within {
    /// Whether nothing is narrowed.
    pub fn is_everywhere(&self) -> bool {
        *self == Self::default()
    }

    /// As conditions on a message `m` of a conversation `c`; only numbers of ours go into the text.
    pub(super) fn conditions(&self) -> String {
        let mut text = String::new();
        for (condition, value) in [
            ("m.created_at >=", self.from.map(|at| at.0)),
            ("m.created_at <", self.to.map(|at| at.0)),
            ("c.channel_id =", self.channel.map(|id| id.0)),
            ("c.customer_id =", self.customer.map(|id| id.0)),
        ] {
            if let Some(value) = value {
                let _ = write!(text, " AND {condition} {value}");
            }
        }
        // Spam is found by who asks for its sender.
        text.push_str(if self.customer.is_none() { " AND c.status <> 'spam'" } else { "" });
        text
    }
}

/// Where a page of messages ends: when its last one was written, and its id.
pub type Place = (Timestamp, MessageId);

/// A page of messages.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Found {
    /// The newest first.
    pub ids: Vec<MessageId>,
    /// From where to go on, if the page is not full and there may be more.
    pub next: Option<Place>,
}

/// What a reader may see of a message `m` of a conversation `c` of their workspace.
pub(super) fn seen(reader: &Reader) -> String {
    format!("workspace_id = {} AND m.deleted_at IS NULL AND {}", reader.workspace, reader.sees())
}

/// The conversation `c` of each message `m`, looked up one by one, whatever the database thinks of reading
/// all of them instead.
pub(super) fn with_conversation(conn: &Conn) -> &'static str {
    if conn.has_many_writers() {
        "CROSS JOIN LATERAL (SELECT * FROM conversations AS c WHERE c.id = m.conversation_id OFFSET 0) AS c \
         WHERE true"
    } else {
        "CROSS JOIN conversations AS c WHERE c.id = m.conversation_id"
    }
}

/// The numbers that a statement gives as `id`.
pub(super) async fn numbers(conn: &mut Conn, sql: String) -> Result<Vec<i64>, StoreError> {
    let rows: Vec<Number> = on!(conn, db => diesel::sql_query(sql).load(db).await)?;
    Ok(rows.into_iter().map(|row| row.id).collect())
}

/// The ids between which everything lies that was written within; none: nothing was.
pub(super) async fn bounds(
    conn: &mut Conn,
    workspace: WorkspaceId,
    within: &Within,
    below: i64,
) -> Result<Option<(i64, i64)>, StoreError> {
    let side = |held: String, way: &str| {
        format!(
            "SELECT id FROM messages WHERE workspace_id = {workspace} AND created_at {held} \
             ORDER BY created_at{way} LIMIT 1"
        )
    };
    let mut span = (0, below);
    if let Some(from) = within.from {
        let first = numbers(conn, side(format!(">= {}", from.minus(CLOCKS).0), "")).await?;
        let Some(first) = first.into_iter().next() else { return Ok(None) };
        span.0 = first;
    }
    if let Some(to) = within.to {
        let last = numbers(conn, side(format!("< {}", to.plus(CLOCKS).0), " DESC")).await?;
        let Some(last) = last.into_iter().next() else { return Ok(None) };
        span.1 = below.min(last.saturating_add(1));
    }
    Ok(Some(span))
}
