//! Taking recordings by lease and fence, and writing what was heard in them: the words, the message's
//! new version and the end of the work are one commit. Never a network call, never a message less.

use super::claim::TRIES;
use super::model::NoAnswer;
use super::record_result::wait_before_next;
use crate::domain::text::MAX_TEXT_BYTES;
use crate::domain::{AttachmentId, ConversationId, Timestamp, TranscriptState, text};
use crate::jobs::attempt::new_attempt_id;
use crate::ledger::{Command, LedgerError, Subject, Tx};
use crate::store::messages;
use crate::store::messages::transcripts::{self, Recording, Transcript};
use crate::store::{Conn, StoreError};
use crate::thread::entries;
use std::time::Duration;

/// What came longer ago was sent when there was no endpoint: nobody pays for it by surprise.
const STALE: Duration = Duration::from_hours(24);

/// Whether a recording waits to be heard.
pub(super) async fn is_due(conn: &mut Conn, now: Timestamp) -> Result<bool, StoreError> {
    Ok(!transcripts::due(conn, now, now.minus(STALE), 1).await?.is_empty())
}

/// Takes recordings that are due.
#[derive(Debug, Clone)]
pub(super) struct ClaimRecordings {
    /// How many at most.
    pub(super) limit: i64,
    /// For how long: longer than one question may take.
    pub(super) lease: Duration,
}

/// A recording that is this worker's for a while.
#[derive(Debug, Clone)]
pub struct Taken {
    /// How far it came.
    pub transcript: Transcript,
    /// Where it lies.
    pub recording: Recording,
}

impl Command for ClaimRecordings {
    type Answer = Vec<Taken>;

    fn subject(&self) -> Subject {
        Subject::of("recordings")
    }

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<Vec<Taken>, LedgerError> {
        let mut taken = Vec::new();
        let since = tx.now.minus(STALE);
        for mut transcript in transcripts::due(tx.conn, tx.now, since, self.limit).await? {
            transcript.updated_at = tx.now;
            let recording = transcripts::recording(tx.conn, transcript.attachment_id).await?;
            let Some(recording) = recording.filter(|_| transcript.attempts < TRIES) else {
                transcript.state = TranscriptState::Failed;
                transcript.error_code.get_or_insert_with(|| "lost".into());
                transcripts::update(tx.conn, &transcript).await?;
                continue;
            };
            transcript.state = TranscriptState::Running;
            transcript.attempt_id = Some(new_attempt_id()?);
            transcript.attempts += 1;
            transcript.due_at = tx.now.plus(self.lease);
            transcripts::update(tx.conn, &transcript).await?;
            taken.push(Taken { transcript, recording });
        }
        Ok(taken)
    }
}

/// Writes what was heard in a recording, or that nothing was.
#[derive(Debug, Clone)]
pub(super) struct SettleRecording {
    pub(super) id: AttachmentId,
    /// Under which fence.
    pub(super) attempt_id: String,
    pub(super) conversation_id: ConversationId,
    /// The words, or why there are none.
    pub(super) outcome: Result<String, NoAnswer>,
    /// 0 to 1: where in its span a wait lies.
    pub(super) jitter: f64,
}

impl Command for SettleRecording {
    /// None: it was taken back meanwhile.
    type Answer = Option<TranscriptState>;

    fn subject(&self) -> Subject {
        Subject::Conversation(self.conversation_id)
    }

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<Self::Answer, LedgerError> {
        let Some(mut transcript) = transcripts::find(tx.conn, self.id).await? else { return Ok(None) };
        let is_ours = transcript.state == TranscriptState::Running
            && transcript.attempt_id.as_deref() == Some(&self.attempt_id);
        if !is_ours {
            log::info!("recording {}: lease expired, its late answer is refused", self.id);
            return Ok(Some(transcript.state));
        }
        transcript.updated_at = tx.now;
        match &self.outcome {
            Ok(words) => {
                self.write(tx, &transcript, words).await?;
                transcript.state = TranscriptState::Done;
                transcript.error_code = None;
            }
            Err(why) => {
                transcript.error_code = Some(why.code.clone());
                transcript.state = if why.is_final || transcript.attempts >= TRIES {
                    TranscriptState::Failed
                } else {
                    TranscriptState::Waiting
                };
                transcript.due_at = tx.now.plus(wait_before_next(why, transcript.attempts, self.jitter));
            }
        }
        transcripts::update(tx.conn, &transcript).await?;
        Ok(Some(transcript.state))
    }
}

impl SettleRecording {
    /// The words stand under the recording and are found; in silence nothing is said.
    async fn write(&self, tx: &mut Tx<'_>, transcript: &Transcript, words: &str) -> Result<(), LedgerError> {
        let words: String = text::clean(words.trim()).chars().take(MAX_TEXT_BYTES).collect();
        let Some(recording) = transcripts::recording(tx.conn, self.id).await?.filter(|_| !words.is_empty())
        else {
            return Ok(());
        };
        transcripts::write(tx.conn, self.id, &words).await?;
        let row = messages::find(tx.conn, transcript.workspace_id, recording.message_id).await?;
        if let Some(mut row) = row {
            entries::reword(tx, &mut row).await?;
        }
        Ok(())
    }
}
