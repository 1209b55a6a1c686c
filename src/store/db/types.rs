//! How the domain's values stand in a column. Never a rule about them: only bytes in, bytes out.

use super::in_list::Listed;
use crate::domain::template::TemplateAccess;
use crate::domain::{
    AccountId, AiMode, AnswerFrom, AssignedBecause, AttachmentId, BulkJobId, BulkOutcome, BulkState,
    CannedReplyId, CauseKind, ChannelId, ChannelKind, ChannelState, ConsentPurpose, ConsentSource,
    ConsentState, ConversationId, ConversationKind, ConversationStatus, CustomerId, DeliveryId,
    DeliveryStatus, FlowId, HookDeliveryId, HookEvent, HookId, HookState, LabelId, LoginSessionId, MediaId,
    MessageId, MessageStatus, MessageType, OfferId, Origin, PlatformCheck, Priority, ProcessingStatus,
    Rating, Role, RunId, RunStatus, SenderType, Sight, StartedBy, TeamId, Timestamp, TokenId,
    TranscriptState, TriggerKind, TurnId, TurnState, UserId, ViewId, WorkspaceId,
};
use diesel::backend::Backend;
use diesel::deserialize::{self, FromSql, Queryable};
use diesel::expression::AsExpression;
use diesel::internal::derives::as_expression::Bound;
use diesel::serialize::{self, Output, ToSql};
use diesel::sql_types::{BigInt, Nullable, SingleValue, Text};
use std::sync::Once;

/// What `#[derive(AsExpression, FromSqlRow)]` writes, for types that must not know diesel.
macro_rules! column {
    ($sql:ty: $($name:ident),* $(,)?) => {$(
        impl AsExpression<$sql> for $name {
            type Expression = Bound<$sql, Self>;
            fn as_expression(self) -> Self::Expression { Bound::new(self) }
        }
        impl<'a> AsExpression<$sql> for &'a $name {
            type Expression = Bound<$sql, Self>;
            fn as_expression(self) -> Self::Expression { Bound::new(self) }
        }
        impl AsExpression<Nullable<$sql>> for $name {
            type Expression = Bound<Nullable<$sql>, Self>;
            fn as_expression(self) -> Self::Expression { Bound::new(self) }
        }
        impl<'a> AsExpression<Nullable<$sql>> for &'a $name {
            type Expression = Bound<Nullable<$sql>, Self>;
            fn as_expression(self) -> Self::Expression { Bound::new(self) }
        }
        impl<DB: Backend> ToSql<Nullable<$sql>, DB> for $name where Self: ToSql<$sql, DB> {
            fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DB>) -> serialize::Result {
                ToSql::<$sql, DB>::to_sql(self, out)
            }
        }
        impl<DB: Backend, ST: SingleValue> Queryable<ST, DB> for $name where Self: FromSql<ST, DB> {
            type Row = Self;
            fn build(row: Self::Row) -> deserialize::Result<Self> { Ok(row) }
        }
    )*};
}

macro_rules! numbers {
    ($($name:ident),* $(,)?) => {
        column!(BigInt: $($name),*);
        $(
            impl<DB: Backend> ToSql<BigInt, DB> for $name where i64: ToSql<BigInt, DB> {
                fn to_sql<'b>(&'b self, out: &mut Output<'b, '_,
                    DB>) -> serialize::Result { self.0.to_sql(out) }
            }
            impl<DB: Backend> FromSql<BigInt, DB> for $name where i64: FromSql<BigInt, DB> {
                fn from_sql(raw: DB::RawValue<'_>) -> deserialize::Result<Self> { i64::from_sql(raw)
                    .map(Self) }
            }
            impl Listed for &$name {
                type Raw = i64;
                type Sql = BigInt;
                fn raw(self) -> i64 { self.0 }
            }
        )*
    };
}

macro_rules! words {
    ($($name:ident),* $(,)?) => {
        column!(Text: $($name),*);
        $(
            impl<DB: Backend> ToSql<Text, DB> for $name where str: ToSql<Text, DB> {
                fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DB>) -> serialize::Result { self.as_str()
                    .to_sql(out) }
            }
            impl<DB: Backend> FromSql<Text, DB> for $name where String: FromSql<Text, DB> {
                fn from_sql(raw: DB::RawValue<'_>) -> deserialize::Result<Self> { Ok(String::from_sql(raw)?
                    .parse()?) }
            }
        )*
    };
}

/// The same, where a word that this program does not know must not cost the whole list it stands in: it is
/// shown as the word that claims and permits least, and told once. Rights, kinds and what is owed have no
/// such word.
macro_rules! words_or {
    ($($name:ident: $least:ident),* $(,)?) => {
        column!(Text: $($name),*);
        $(
            impl<DB: Backend> ToSql<Text, DB> for $name where str: ToSql<Text, DB> {
                fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DB>) -> serialize::Result { self.as_str()
                    .to_sql(out) }
            }
            impl<DB: Backend> FromSql<Text, DB> for $name where String: FromSql<Text, DB> {
                fn from_sql(raw: DB::RawValue<'_>) -> deserialize::Result<Self> {
                    Ok(String::from_sql(raw)?.parse().unwrap_or_else(|_| {
                        static TOLD: Once = Once::new();
                        TOLD.call_once(|| log::error!(
                            "a row holds a {} that this program does not know, and is shown as `{}`: \
                                `rapport verify` \
                             names the tables and ids", stringify!($name), Self::$least
                        ));
                        Self::$least
                    }))
                }
            }
        )*
    };
}

words_or!(
    AssignedBecause: Manual,
    CauseKind: System,
    ConversationStatus: Open,
    MessageStatus: Received,
    MessageType: Unsupported,
    Origin: Platform,
    Priority: Low,
    ProcessingStatus: Failed,
    SenderType: System,
);

numbers!(
    AccountId,
    AttachmentId,
    BulkJobId,
    ChannelId,
    ConversationId,
    CustomerId,
    DeliveryId,
    CannedReplyId,
    FlowId,
    LabelId,
    LoginSessionId,
    MediaId,
    HookDeliveryId,
    HookId,
    MessageId,
    OfferId,
    RunId,
    TeamId,
    Timestamp,
    TokenId,
    TurnId,
    UserId,
    ViewId,
    WorkspaceId,
);
words!(
    AiMode,
    AnswerFrom,
    BulkOutcome,
    BulkState,
    PlatformCheck,
    ChannelKind,
    ChannelState,
    ConsentPurpose,
    ConsentSource,
    ConsentState,
    ConversationKind,
    DeliveryStatus,
    HookEvent,
    HookState,
    Rating,
    Role,
    RunStatus,
    Sight,
    StartedBy,
    TemplateAccess,
    TranscriptState,
    TriggerKind,
    TurnState,
);
