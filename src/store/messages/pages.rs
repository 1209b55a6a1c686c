//! Pages of a conversation's messages, by their places. Never what stands around them: see
//! `views`.

use super::MessageRow;
use super::rows::LoadMessages;
use crate::domain::ConversationId;
use crate::on;
use crate::store::db::schema::messages;
use crate::store::{Conn, StoreError};
use diesel::prelude::*;

/// Which part of a conversation to read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Span {
    /// The last ones.
    Newest,
    /// The last ones below this place.
    BeforeSeq(i64),
    /// The next ones above this place.
    AfterSeq(i64),
}

/// A page of a conversation, ascending by place.
pub async fn page(
    conn: &mut Conn,
    conversation: ConversationId,
    span: Span,
    limit: i64,
) -> Result<Vec<MessageRow>, StoreError> {
    let (above, below) = match span {
        Span::AfterSeq(seq) => (seq, i64::MAX),
        Span::BeforeSeq(seq) => (0, seq),
        Span::Newest => (0, i64::MAX),
    };
    let ascending = matches!(span, Span::AfterSeq(_));
    let mut page: Vec<MessageRow> = on!(conn, db => {
        let rows = db.messages()
            .filter(messages::conversation_id.eq(conversation).and(messages::seq.gt(above))
                .and(messages::seq.lt(below)))
            .limit(limit);
        db.rows(if ascending { rows.order(messages::seq) } else { rows.order(messages::seq.desc()) }).await
    })?;
    if !ascending {
        page.reverse();
    }
    Ok(page)
}

/// The same in a customer's eyes: without the notes of colleagues.
pub async fn page_for_customer(
    conn: &mut Conn,
    conversation: ConversationId,
    below: i64,
    limit: i64,
) -> Result<Vec<MessageRow>, StoreError> {
    let mut page: Vec<MessageRow> = on!(conn, db => db.rows(db.messages()
        .filter(messages::conversation_id.eq(conversation).and(messages::seq.lt(below))
            .and(messages::is_private.eq(false)))
        .order(messages::seq.desc())
        .limit(limit)).await)?;
    page.reverse();
    Ok(page)
}

/// The messages around a place, it included, ascending: about half of them before it.
pub async fn page_around(
    conn: &mut Conn,
    conversation: ConversationId,
    seq: i64,
    limit: i64,
) -> Result<Vec<MessageRow>, StoreError> {
    let after = limit / 2;
    let mut found = page(conn, conversation, Span::BeforeSeq(seq.saturating_add(1)), limit - after).await?;
    found.extend(page(conn, conversation, Span::AfterSeq(seq), after).await?);
    Ok(found)
}
