//! What is to be heard and was heard in recordings: one row a file, written when the file is here.
//! Never a sound: only how far each came.

use crate::domain::inbound::AttachmentKind;
use crate::domain::{
    AttachmentId, ConversationId, MessageId, ProcessingStatus, SenderType, Timestamp, TranscriptState,
    WorkspaceId,
};
use crate::on;
use crate::store::db::prepared::Keep;
use crate::store::db::schema::{attachments, media, messages, transcripts};
use crate::store::{Conn, StoreError};
use diesel::dsl::exists;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

/// The kinds of files that speak.
pub const RECORDINGS: [&str; 2] = [AttachmentKind::Voice.as_str(), AttachmentKind::Audio.as_str()];

/// How far the words of one recording came.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = transcripts, treat_none_as_default_value = false)]
pub struct Transcript {
    /// Of which file.
    pub attachment_id: AttachmentId,
    pub workspace_id: WorkspaceId,
    /// How far it came.
    pub state: TranscriptState,
    /// The fence: only a result of this attempt counts.
    pub attempt_id: Option<String>,
    /// How often the endpoint was asked.
    pub attempts: i64,
    /// When to ask next; while it is asked: until when its worker holds it.
    pub due_at: Timestamp,
    /// Why there are no words.
    pub error_code: Option<String>,
    /// When the file came.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// A recording and where it lies.
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
pub struct Recording {
    /// Of which message.
    pub message_id: MessageId,
    /// In which conversation.
    pub conversation_id: ConversationId,
    /// Its name in the folder.
    pub storage_key: String,
    /// Its type, by its bytes.
    pub mime_type: String,
    /// In bytes.
    pub size: i64,
}

/// Notes that the recordings of a message, as far as they are here, are to be heard: each once.
pub async fn note(conn: &mut Conn, message: MessageId, now: Timestamp) -> Result<(), StoreError> {
    let files: Vec<(AttachmentId, WorkspaceId)> = on!(conn, db => attachments::table
        .filter(attachments::message_id.eq(message)
            .and(attachments::kind.eq_any(RECORDINGS))
            .and(attachments::processing_status.eq(ProcessingStatus::Ready))
            .and(attachments::media_id.is_not_null()))
        .order(attachments::position)
        .select((attachments::id, attachments::workspace_id))
        .load(db).await)?;
    for (attachment_id, workspace_id) in files {
        let new = Transcript {
            attachment_id,
            workspace_id,
            state: TranscriptState::Waiting,
            attempt_id: None,
            attempts: 0,
            due_at: now,
            error_code: None,
            created_at: now,
            updated_at: now,
        };
        on!(conn, db => diesel::insert_into(transcripts::table).values(&new).on_conflict_do_nothing()
            .execute(db).await)?;
    }
    Ok(())
}

/// One by its file.
pub async fn find(conn: &mut Conn, id: AttachmentId) -> Result<Option<Transcript>, StoreError> {
    Ok(on!(conn, db => transcripts::table.find(id).select(Transcript::as_select()).first(db).await
            .optional())?)
}

/// Rewrites what may change of one.
pub async fn update(conn: &mut Conn, transcript: &Transcript) -> Result<(), StoreError> {
    on!(conn, db => diesel::update(transcripts::table.find(transcript.attachment_id))
        .set((
            transcripts::state.eq(transcript.state),
            transcripts::attempt_id.eq(&transcript.attempt_id),
            transcripts::attempts.eq(transcript.attempts),
            transcripts::due_at.eq(transcript.due_at),
            transcripts::error_code.eq(&transcript.error_code),
            transcripts::updated_at.eq(transcript.updated_at),
        ))
        .kept().execute(db).await)?;
    Ok(())
}

/// Those of files that came since a moment and that are to be asked about: what waits and is due,
/// and what a worker has not come back with in time. On PostgreSQL they stay locked until the commit.
pub async fn due(
    conn: &mut Conn,
    now: Timestamp,
    since: Timestamp,
    limit: i64,
) -> Result<Vec<Transcript>, StoreError> {
    let due = transcripts::table
        .filter(transcripts::created_at.ge(since))
        .filter(
            transcripts::state
                .eq(TranscriptState::Waiting)
                .and(transcripts::due_at.le(now))
                .or(transcripts::state.eq(TranscriptState::Running).and(transcripts::due_at.lt(now))),
        )
        .order((transcripts::due_at, transcripts::attachment_id))
        .limit(limit);
    Ok(match conn {
        Conn::Sqlite(db) => due.select(Transcript::as_select()).load(db).await?,
        Conn::Postgres(db) => due.select(Transcript::as_select()).for_update().skip_locked().load(db).await?,
    })
}

/// Where a recording lies; none: it is gone.
pub async fn recording(conn: &mut Conn, id: AttachmentId) -> Result<Option<Recording>, StoreError> {
    Ok(on!(conn, db => attachments::table
        .inner_join(messages::table.on(messages::id.eq(attachments::message_id)))
        .inner_join(media::table.on(media::id.nullable().eq(attachments::media_id)))
        .filter(attachments::id.eq(id))
        .select((
            attachments::message_id,
            messages::conversation_id,
            media::storage_key,
            media::mime_type,
            media::size,
        ))
        .first(db).await.optional())?)
}

/// Gives a recording its words.
pub async fn write(conn: &mut Conn, id: AttachmentId, words: &str) -> Result<(), StoreError> {
    on!(conn, db => diesel::update(attachments::table.find(id))
        .set(attachments::transcription.eq(words))
        .kept().execute(db).await)?;
    Ok(())
}

/// What was heard in the recordings of a message, in their order.
pub async fn words_of(conn: &mut Conn, message: MessageId) -> Result<Vec<String>, StoreError> {
    let words: Vec<Option<String>> = on!(conn, db => attachments::table
        .filter(attachments::message_id.eq(message).and(attachments::transcription.is_not_null()))
        .order(attachments::position)
        .select(attachments::transcription)
        .load(db).await)?;
    Ok(words.into_iter().flatten().collect())
}

/// In which of these conversations the customer said something since a moment that is not heard yet.
pub async fn awaited(
    conn: &mut Conn,
    ids: &[ConversationId],
    since: Timestamp,
) -> Result<Vec<ConversationId>, StoreError> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let open = [TranscriptState::Waiting, TranscriptState::Running];
    let is_open = exists(
        transcripts::table
            .filter(transcripts::attachment_id.eq(attachments::id).and(transcripts::state.eq_any(open))),
    );
    Ok(on!(conn, db => messages::table
        .inner_join(attachments::table.on(attachments::message_id.eq(messages::id)))
        .filter(messages::conversation_id.eq_any(ids)
            .and(messages::has_attachments.eq(true))
            .and(messages::sender_type.eq(SenderType::Customer))
            .and(messages::created_at.ge(since))
            .and(attachments::kind.eq_any(RECORDINGS)))
        .filter(attachments::processing_status.eq(ProcessingStatus::Pending).or(is_open))
        .select(messages::conversation_id)
        .distinct()
        .load(db).await)?)
}
