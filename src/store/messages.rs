//! Messages: rows in, rows out, and the whole message that people see put together from them in a
//! fixed number of queries a page. Never one query a message, but for the one that is written.

use super::schema::{attachments, conversations, message_identities, messages, reactions, users};
use super::{Conn, StoreError, customers};
use crate::domain::message::{Attachment, Failure, Feedback, Quote, Reaction, Sender};
use crate::domain::{
    AttachmentId, ChannelId, ConversationId, CustomerId, MediaId, Message, MessageId, MessageStatus,
    MessageType, Origin, ProcessingStatus, Rating, SenderType, Timestamp, UserId, WorkspaceId,
};
use crate::on;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use std::collections::HashMap;

/// How much of a quoted message is repeated.
const QUOTE_CHARS: usize = 200;

/// A message as it lies in its table.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable)]
#[diesel(table_name = messages)]
pub struct MessageRow {
    /// Unique in the server.
    pub id: MessageId,
    /// Whose it is.
    pub workspace_id: WorkspaceId,
    /// Where it belongs.
    pub conversation_id: ConversationId,
    /// What the caller decided.
    #[diesel(embed)]
    pub body: MessageBody,
}

/// What is decided about a message before it has an id.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable)]
#[diesel(table_name = messages, treat_none_as_default_value = false)]
pub struct MessageBody {
    /// Over which channel.
    pub channel_id: Option<ChannelId>,
    /// Its place.
    pub seq: i64,
    /// The version that made it or last changed it.
    pub version: i64,
    /// Who speaks.
    pub sender_type: SenderType,
    /// A colleague.
    pub sender_user_id: Option<UserId>,
    /// A customer.
    pub sender_customer_id: Option<CustomerId>,
    /// A name where there is no row: the owner's phone, a member of a group.
    pub sender_name: Option<String>,
    /// Whose `client_id`: `user:3`, `customer:7`, `owner`, `system`, `ai`, `flow:2`.
    pub author: String,
    /// Where it was written.
    pub origin: Origin,
    /// What it is.
    pub message_type: MessageType,
    /// Its words.
    pub content: Option<String>,
    /// JSON: what else belongs to its type.
    pub details: Option<String>,
    /// What it answers.
    pub reply_to_id: Option<MessageId>,
    /// The same by the platform's id, also of a message that we do not have.
    pub reply_to_platform_id: Option<String>,
    /// Its first identity on the platform.
    pub platform_message_id: Option<String>,
    /// Its identity at the client that wrote it.
    pub client_id: Option<String>,
    /// What was asked for under that `client_id`.
    pub fingerprint: Option<Vec<u8>>,
    /// How far it came.
    pub status: MessageStatus,
    /// Why it failed.
    pub error_code: Option<String>,
    /// In the platform's words.
    pub error_message: Option<String>,
    /// Whether it counts as unread for those who did not write it.
    pub is_counted: bool,
    /// Whether rows of `attachments` belong to it.
    pub has_attachments: bool,
    /// Whether rows of `reactions` belong to it.
    pub has_reactions: bool,
    /// What a user thinks of it.
    pub feedback_rating: Option<Rating>,
    /// Why.
    pub feedback_comment: Option<String>,
    /// When.
    pub feedback_at: Option<Timestamp>,
    /// When we stored it.
    pub created_at: Timestamp,
    /// When the platform says it was written.
    pub platform_sent_at: Option<Timestamp>,
    /// When it was last edited.
    pub edited_at: Option<Timestamp>,
    /// The number or date of the newest edit: older ones change nothing.
    pub edit_order: Option<i64>,
    /// When it was taken back.
    pub deleted_at: Option<Timestamp>,
}

/// Stores a message; its unique keys are checked by the database.
pub async fn insert(
    conn: &mut Conn,
    workspace: WorkspaceId,
    conversation: ConversationId,
    body: &MessageBody,
) -> Result<MessageId, StoreError> {
    Ok(on!(conn, db => diesel::insert_into(messages::table)
        .values((messages::workspace_id.eq(workspace), messages::conversation_id.eq(conversation), body))
        .returning(messages::id)
        .get_result(db).await)?)
}

/// A message by its id.
pub async fn find(
    conn: &mut Conn,
    workspace: WorkspaceId,
    id: MessageId,
) -> Result<Option<MessageRow>, StoreError> {
    Ok(on!(conn, db => messages::table
        .filter(messages::id.eq(id).and(messages::workspace_id.eq(workspace)))
        .select(MessageRow::as_select())
        .first(db).await.optional())?)
}

/// A message by what its client called it.
pub async fn by_client_id(
    conn: &mut Conn,
    conversation: ConversationId,
    author: &str,
    client_id: &str,
) -> Result<Option<MessageRow>, StoreError> {
    Ok(on!(conn, db => messages::table
        .filter(messages::conversation_id.eq(conversation).and(messages::author.eq(author)).and(messages::client_id.eq(client_id)))
        .select(MessageRow::as_select())
        .first(db).await.optional())?)
}

/// A message by what its platform calls it.
pub async fn by_identity(
    conn: &mut Conn,
    channel: ChannelId,
    platform_message_id: &str,
) -> Result<Option<MessageRow>, StoreError> {
    Ok(on!(conn, db => message_identities::table
        .inner_join(messages::table.on(messages::id.eq(message_identities::message_id)))
        .filter(message_identities::channel_id.eq(channel).and(message_identities::platform_message_id.eq(platform_message_id)))
        .select(MessageRow::as_select())
        .first(db).await.optional())?)
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
        .execute(db).await)?;
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
        ))
        .execute(db).await)?;
    Ok(())
}

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
        let rows = messages::table
            .filter(messages::conversation_id.eq(conversation).and(messages::seq.gt(above)).and(messages::seq.lt(below)))
            .limit(limit)
            .select(MessageRow::as_select())
            .into_boxed();
        if ascending { rows.order(messages::seq).load(db).await } else { rows.order(messages::seq.desc()).load(db).await }
    })?;
    if !ascending {
        page.reverse();
    }
    Ok(page)
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
        let mut rows = messages::table.select(MessageRow::as_select()).into_boxed();
        for (conversation, seq) in places {
            rows = rows.or_filter(messages::conversation_id.eq(conversation).and(messages::seq.eq(seq)));
        }
        rows.load(db).await
    })?)
}

/// What changed after `version`, by rising version, `limit` rows at most.
pub async fn changed_after(
    conn: &mut Conn,
    conversation: ConversationId,
    version: i64,
    limit: i64,
) -> Result<Vec<MessageRow>, StoreError> {
    Ok(on!(conn, db => messages::table
        .filter(messages::conversation_id.eq(conversation).and(messages::version.gt(version)))
        .order(messages::version)
        .limit(limit)
        .select(MessageRow::as_select())
        .load(db).await)?)
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
    Ok(on!(conn, db => messages::table
        .filter(messages::conversation_id.eq(conversation)
            .and(messages::sender_type.ne_all([SenderType::Customer, SenderType::System]))
            .and(messages::status.eq_any(below))
            .and(messages::seq.le(seq))
            .and(messages::platform_sent_at.le(moment).assume_not_null()
                .or(messages::platform_sent_at.is_null().and(messages::created_at.le(moment)))))
        .order(messages::seq)
        .select(MessageRow::as_select())
        .load(db).await)?)
}

/// How far back to look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UpTo {
    /// A place.
    Seq(i64),
    /// A moment, of the platform where it is known.
    Moment(Timestamp),
}

/// Writes the files of a message, none of them fetched yet.
pub async fn insert_attachments(conn: &mut Conn, files: &[NewAttachment]) -> Result<(), StoreError> {
    for file in files {
        on!(conn, db => diesel::insert_into(attachments::table).values(file).on_conflict_do_nothing().execute(db).await)?;
    }
    Ok(())
}

/// Forgets the files of a message.
pub async fn delete_attachments(conn: &mut Conn, message: MessageId) -> Result<(), StoreError> {
    on!(conn, db => diesel::delete(attachments::table.filter(attachments::message_id.eq(message))).execute(db).await)?;
    Ok(())
}

/// A file of a message, as it is first written.
#[derive(Debug, Clone, Insertable)]
#[diesel(table_name = attachments, treat_none_as_default_value = false)]
pub struct NewAttachment {
    /// Whose.
    pub workspace_id: WorkspaceId,
    /// Of which message.
    pub message_id: MessageId,
    /// Its place among the message's files.
    pub position: i64,
    /// image, video, audio, voice, document, sticker, animation, share.
    pub kind: String,
    /// Where it is stored, once it is.
    pub media_id: Option<MediaId>,
    /// JSON: where the platform keeps it.
    pub remote: Option<String>,
    /// The name its sender gave it.
    pub file_name: Option<String>,
    /// Its type.
    pub mime_type: Option<String>,
    /// In bytes.
    pub size: Option<i64>,
    /// In seconds.
    pub duration: Option<i64>,
    /// In pixels.
    pub width: Option<i64>,
    /// In pixels.
    pub height: Option<i64>,
    /// How far it came.
    pub processing_status: ProcessingStatus,
    /// How often it was tried.
    pub tries: i64,
    /// When to try next.
    pub due_at: Timestamp,
}

/// One person's reactions to a message: newer ones replace older ones; false: these are old.
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
    if known.is_some_and(|(before, when)| when > at || before == signs) {
        return Ok(false);
    }
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
        .execute(db).await)?;
    Ok(true)
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

/// What lies around a page of messages.
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
        let mut sender = known.unwrap_or(Sender { id: None, name: None, avatar_url: None });
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
        }
    }
}

async fn by_ids(conn: &mut Conn, ids: &[MessageId]) -> Result<Vec<MessageRow>, StoreError> {
    Ok(
        on!(conn, db => messages::table.filter(messages::id.eq_any(ids)).select(MessageRow::as_select()).load(db).await)?,
    )
}

async fn senders(conn: &mut Conn, ids: &[UserId]) -> Result<HashMap<UserId, Sender>, StoreError> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let rows: Vec<(UserId, String, Option<MediaId>)> = on!(conn, db => users::table
        .filter(users::id.eq_any(ids))
        .select((users::id, users::full_name, users::avatar_media_id))
        .load(db).await)?;
    Ok(rows
        .into_iter()
        .map(|(id, name, avatar)| {
            (id, Sender { id: Some(id.0), name: Some(name), avatar_url: avatar.map(media_url) })
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
        .filter(attachments::message_id.eq_any(ids))
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
        .filter(reactions::message_id.eq_any(ids))
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
        .filter(conversations::id.eq_any(&ids))
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
    transcription: Option<String>,
}

impl From<AttachmentRow> for Attachment {
    fn from(row: AttachmentRow) -> Self {
        Self {
            id: row.id,
            kind: row.kind,
            media_url: row.media_id.map(media_url),
            file_name: row.file_name,
            mime_type: row.mime_type,
            size: row.size,
            duration: row.duration,
            width: row.width,
            height: row.height,
            processing_status: row.processing_status,
            transcription: row.transcription,
        }
    }
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
