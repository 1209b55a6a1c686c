//! Whole rows of messages. What loads them is compiled once a database and not once a question: a row of so
//! many columns cost the compiler eight seconds a question, two thirds of all it spent on this program.

use crate::domain::{
    ChannelId, ConversationId, CustomerId, MessageId, MessageStatus, MessageType, Origin, Rating, SenderType,
    Timestamp, UserId, WorkspaceId,
};
use crate::store::db::conn::{PgConn, SqliteConn};
use crate::store::db::schema::messages;
use diesel::dsl::{AsSelect, SqlTypeOf};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::sqlite::Sqlite;
use diesel_async::RunQueryDsl;

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
#[derive(Debug, Clone, PartialEq, Queryable, Selectable)]
#[diesel(table_name = messages)]
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
    pub feedback_comment: Option<String>,
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
    /// A note among colleagues.
    pub is_private: bool,
    /// JSON: the users it mentions.
    pub mentions: Option<String>,
    /// When it is to be sent, if not at once.
    pub send_at: Option<Timestamp>,
}

/// Asks a database for messages.
pub(crate) trait LoadMessages {
    /// Messages that are still to be narrowed down, put in order, loaded.
    type Messages<'a>;

    /// All messages there are.
    fn messages<'a>(&self) -> Self::Messages<'a>;

    /// Loads them.
    async fn rows(&mut self, messages: Self::Messages<'_>) -> QueryResult<Vec<MessageRow>>;

    /// Loads the first of them, if there is one.
    async fn row(&mut self, messages: Self::Messages<'_>) -> QueryResult<Option<MessageRow>>;
}

macro_rules! load_messages {
    ($conn:ty, $db:ty) => {
        impl LoadMessages for $conn {
            type Messages<'a> = messages::BoxedQuery<'a, $db, SqlTypeOf<AsSelect<MessageRow, $db>>>;

            fn messages<'a>(&self) -> Self::Messages<'a> {
                messages::table.select(MessageRow::as_select()).into_boxed()
            }

            async fn rows(&mut self, messages: Self::Messages<'_>) -> QueryResult<Vec<MessageRow>> {
                messages.load(self).await
            }

            async fn row(&mut self, messages: Self::Messages<'_>) -> QueryResult<Option<MessageRow>> {
                Ok(self.rows(messages.limit(1)).await?.pop())
            }
        }
    };
}

load_messages!(SqliteConn, Sqlite);
load_messages!(PgConn, Pg);
