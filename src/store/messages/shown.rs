//! The whole message that people see, put together from its rows in a fixed number of queries a
//! page. Never one query a message.

use super::rows::LoadMessages;
use super::{MessageBody, MessageRow};
use crate::domain::message::{Attachment, Failure, Feedback, Quote, Reaction, Sender};
use crate::domain::{
    AttachmentId, ConversationId, CustomerId, MediaId, Message, MessageId, ProcessingStatus, SenderType,
    UserId,
};
use crate::on;
use crate::store::conversations::customers;
use crate::store::db::in_list::among;
use crate::store::db::schema::{attachments, conversations, messages, reactions, users};
use crate::store::{Conn, StoreError};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use std::collections::HashMap;

/// How much of a quoted message is repeated.
const QUOTE_CHARS: usize = 200;

/// Messages as people see them, in the order of `rows`.
pub async fn views(conn: &mut Conn, rows: Vec<MessageRow>) -> Result<Vec<Message>, StoreError> {
    let around = Around::load(conn, &rows).await?;
    Ok(rows.into_iter().map(|row| around.view(row)).collect())
}

/// One message as people see it.
pub async fn view(conn: &mut Conn, row: MessageRow) -> Result<Message, StoreError> {
    let around = Around::load(conn, std::slice::from_ref(&row)).await?;
    Ok(around.view(row))
}

/// A message that was written this moment, without files, reactions or a quote: but for who speaks nothing
/// needs to be read.
pub fn view_of_new(row: MessageRow, sender: Sender) -> Message {
    let mut around = Around::default();
    if let Some(user) = row.body.sender_user_id {
        around.users.insert(user, sender);
    } else if let Some(customer) = row.body.sender_customer_id {
        around.customers.insert(customer, sender);
    }
    around.view(row)
}

/// What lies around a page of messages.
#[derive(Default)]
struct Around {
    users: HashMap<UserId, Sender>,
    customers: HashMap<CustomerId, Sender>,
    attachments: HashMap<MessageId, Vec<Attachment>>,
    reactions: HashMap<MessageId, Vec<Reaction>>,
    quotes: HashMap<MessageId, Quote>,
    answered: HashMap<ConversationId, i64>,
}

impl Around {
    async fn load(conn: &mut Conn, rows: &[MessageRow]) -> Result<Self, StoreError> {
        let quoted = distinct(rows.iter().filter_map(|row| row.body.reply_to_id));
        let quotes = if quoted.is_empty() { Vec::new() } else { by_ids(conn, &quoted).await? };
        let everyone = || rows.iter().chain(&quotes);
        let users = senders(conn, &distinct(everyone().filter_map(|row| row.body.sender_user_id))).await?;
        let customers =
            customers::senders(conn, &distinct(everyone().filter_map(|row| row.body.sender_customer_id)))
                .await?;
        let mut around = Self {
            users,
            customers,
            attachments: attachments_of(
                conn,
                &distinct(rows.iter().filter(|row| row.body.has_attachments).map(|row| row.id)),
            )
            .await?,
            reactions: reactions_to(
                conn,
                &distinct(rows.iter().filter(|row| row.body.has_reactions).map(|row| row.id)),
            )
            .await?,
            quotes: HashMap::new(),
            answered: answered(conn, rows).await?,
        };
        around.quotes = quotes.into_iter().map(|row| (row.id, around.quote(row))).collect();
        Ok(around)
    }

    fn sender(&self, body: &MessageBody) -> Sender {
        let known = match (body.sender_user_id, body.sender_customer_id) {
            (Some(user), _) => self.users.get(&user).cloned(),
            (None, Some(customer)) => self.customers.get(&customer).cloned(),
            (None, None) => None,
        };
        let mut sender = known.unwrap_or_default();
        // In a group the row is the group's; the name is the member's.
        if body.sender_name.is_some() {
            sender.name.clone_from(&body.sender_name);
        }
        sender
    }

    fn quote(&self, row: MessageRow) -> Quote {
        let gone = row.body.deleted_at.is_some();
        Quote {
            id: row.id,
            sender_name: self.sender(&row.body).name,
            message_type: row.body.message_type,
            content: row
                .body
                .content
                .filter(|_| !gone)
                .map(|text| crate::domain::message::excerpt(&text, QUOTE_CHARS)),
        }
    }

    fn view(&self, row: MessageRow) -> Message {
        let MessageRow { id, conversation_id, body, .. } = row;
        let gone = body.deleted_at.is_some();
        let is_customers = body.sender_type == SenderType::Customer;
        Message {
            sender: self.sender(&body),
            attachments: if gone {
                Vec::new()
            } else {
                self.attachments.get(&id).cloned().unwrap_or_default()
            },
            reactions: if gone { Vec::new() } else { self.reactions.get(&id).cloned().unwrap_or_default() },
            quote: body.reply_to_id.and_then(|quoted| self.quotes.get(&quoted).cloned()),
            is_answered: is_customers
                && self.answered.get(&conversation_id).is_some_and(|seq| *seq > body.seq),
            is_ai_response: body.sender_type == SenderType::Ai,
            error: body
                .error_code
                .map(|code| Failure { code, message: body.error_message.unwrap_or_default() }),
            feedback: body.feedback_at.map(|at| Feedback {
                rating: body.feedback_rating,
                comment: body.feedback_comment,
                at,
            }),
            details: body.details.filter(|_| !gone).and_then(|json| serde_json::from_str(&json).ok()),
            is_private: body.is_private,
            mentions: body.mentions.and_then(|json| serde_json::from_str(&json).ok()).unwrap_or_default(),
            content: body.content.filter(|_| !gone),
            id,
            conversation_id,
            seq: body.seq,
            version: body.version,
            sender_type: body.sender_type,
            origin: body.origin,
            message_type: body.message_type,
            reply_to: body.reply_to_id,
            platform_message_id: body.platform_message_id,
            client_id: body.client_id,
            status: body.status,
            created_at: body.created_at,
            platform_sent_at: body.platform_sent_at,
            edited_at: body.edited_at,
            deleted_at: body.deleted_at,
            send_at: body.send_at,
        }
    }
}

/// Several messages by id, in no order.
pub async fn by_ids(conn: &mut Conn, ids: &[MessageId]) -> Result<Vec<MessageRow>, StoreError> {
    Ok(on!(conn, db => db.rows(db.messages().filter(among(messages::id, ids))).await)?)
}

/// Users as the speakers of messages.
pub async fn senders(conn: &mut Conn, ids: &[UserId]) -> Result<HashMap<UserId, Sender>, StoreError> {
    type Row = (UserId, String, Option<MediaId>, String, Option<String>);
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let rows: Vec<Row> = on!(conn, db => users::table
        .filter(among(users::id, ids))
        .select((users::id, users::full_name, users::avatar_media_id, users::username, users::email))
        .load(db).await)?;
    Ok(rows
        .into_iter()
        .map(|(id, name, avatar, username, email)| {
            let sender = Sender {
                id: Some(id.0),
                name: Some(name),
                avatar_url: avatar.map(media_url),
                username: Some(username),
                email,
            };
            (id, sender)
        })
        .collect())
}

async fn attachments_of(
    conn: &mut Conn,
    ids: &[MessageId],
) -> Result<HashMap<MessageId, Vec<Attachment>>, StoreError> {
    let mut found: HashMap<_, Vec<_>> = HashMap::new();
    if ids.is_empty() {
        return Ok(found);
    }
    let rows: Vec<AttachmentRow> = on!(conn, db => attachments::table
        .filter(among(attachments::message_id, ids))
        .order((attachments::message_id, attachments::position))
        .select(AttachmentRow::as_select())
        .load(db).await)?;
    for row in rows {
        found.entry(row.message_id).or_default().push(row.into());
    }
    Ok(found)
}

async fn reactions_to(
    conn: &mut Conn,
    ids: &[MessageId],
) -> Result<HashMap<MessageId, Vec<Reaction>>, StoreError> {
    let mut found: HashMap<_, Vec<_>> = HashMap::new();
    if ids.is_empty() {
        return Ok(found);
    }
    let rows: Vec<(MessageId, String, Option<String>, String)> = on!(conn, db => reactions::table
        .filter(among(reactions::message_id, ids))
        .order((reactions::message_id, reactions::reacted_at, reactions::actor))
        .select((reactions::message_id, reactions::actor, reactions::actor_name, reactions::emojis))
        .load(db).await)?;
    for (message, actor, name, emojis) in rows {
        let signs = emojis.split('\u{1F}').filter(|sign| !sign.is_empty());
        found.entry(message).or_default().extend(signs.map(|emoji| Reaction {
            emoji: emoji.to_owned(),
            actor: actor.clone(),
            name: name.clone(),
        }));
    }
    Ok(found)
}

async fn answered(conn: &mut Conn, rows: &[MessageRow]) -> Result<HashMap<ConversationId, i64>, StoreError> {
    let ids = distinct(
        rows.iter().filter(|row| row.body.sender_type == SenderType::Customer).map(|row| row.conversation_id),
    );
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let pairs: Vec<(ConversationId, i64)> = on!(conn, db => conversations::table
        .filter(among(conversations::id, &ids))
        .select((conversations::id, conversations::answered_seq))
        .load(db).await)?;
    Ok(pairs.into_iter().collect())
}

/// A file of a message as it lies in its table.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable)]
#[diesel(table_name = attachments)]
struct AttachmentRow {
    id: AttachmentId,
    message_id: MessageId,
    kind: String,
    media_id: Option<MediaId>,
    file_name: Option<String>,
    mime_type: Option<String>,
    size: Option<i64>,
    duration: Option<i64>,
    width: Option<i64>,
    height: Option<i64>,
    processing_status: ProcessingStatus,
    processing_error: Option<String>,
    transcription: Option<String>,
}

impl From<AttachmentRow> for Attachment {
    fn from(row: AttachmentRow) -> Self {
        Self {
            id: row.id,
            kind: row.kind,
            media_url: row.media_id.map(media_url),
            thumbnail_url: row
                .media_id
                .filter(|_| row.mime_type.as_deref().is_some_and(is_small_offered))
                .map(|id| format!("{}/thumbnail", media_url(id))),
            file_name: row.file_name,
            mime_type: row.mime_type,
            size: row.size,
            duration: row.duration,
            width: row.width,
            height: row.height,
            processing_status: row.processing_status,
            processing_error: row
                .processing_error
                .filter(|_| row.processing_status != ProcessingStatus::Ready),
            transcription: row.transcription,
        }
    }
}

/// Of which pictures small ones are made (`media` makes them).
fn is_small_offered(mime_type: &str) -> bool {
    matches!(mime_type, "image/png" | "image/jpeg" | "image/gif" | "image/webp")
}

/// Where a stored file can be had.
pub fn media_url(id: MediaId) -> String {
    format!("/api/v1/media/{id}")
}

fn distinct<T: Ord>(items: impl Iterator<Item = T>) -> Vec<T> {
    let mut items: Vec<T> = items.collect();
    items.sort_unstable();
    items.dedup();
    items
}
