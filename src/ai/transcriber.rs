//! The transcriber: takes recordings that are here, has the endpoint hear them, writes the words.
//! Never more than one question a recording at one time, and never in anybody's way: a message is
//! shown without its words as well.

use super::model::{Model, NoAnswer};
use super::transcribe::{ClaimRecordings, SettleRecording, Taken, is_due};
use crate::domain::Timestamp;
use crate::jobs::attempt::jitter;
use crate::jobs::{Due, Free, LeasedJobs};
use crate::ledger::{Ledger, LedgerError};
use crate::media::MediaFolder;
use crate::store::delivery::held_work::Held;
use crate::store::{Db, StoreError};
use std::time::Duration;

/// How much longer than one question a lease lasts: the file is read before, the words written after.
const SLACK: Duration = Duration::from_secs(20);
/// What endpoints take: OpenAI's limit is 25 MB.
const LARGEST: i64 = 25_000_000;

/// Has recordings heard.
pub struct Transcriber {
    db: Db,
    ledger: Ledger,
    folder: MediaFolder,
    model: Model,
}

impl LeasedJobs for Transcriber {
    const NAME: &'static str = "recordings";
    const POLL: Duration = Duration::from_millis(500);
    /// Questions at one time.
    const EACH: i64 = 2;
    const HELD: Option<Held> = Some(Held::Recordings);
    type Receiver = ();
    type Job = Taken;
    type Outcome = Result<String, NoAnswer>;

    fn receiver(_: &Taken) {}

    fn describe(taken: &Taken) -> String {
        format!("recording {}", taken.transcript.attachment_id)
    }

    async fn due(&self, free: &Free<()>) -> Result<Due, StoreError> {
        if free.of(()) <= 0 {
            return Ok(Due::Nothing);
        }
        let now = Timestamp::now();
        Ok(Due::now_if(self.db.read(async move |conn| is_due(conn, now).await).await?))
    }

    async fn claim(&self, free: Free<()>) -> Result<Vec<Taken>, LedgerError> {
        let lease = self.model.timeout() + SLACK;
        self.ledger.give(ClaimRecordings { limit: free.of(()), lease }).await
    }

    async fn run(&self, taken: &Taken) -> Self::Outcome {
        let outcome = self.words(taken).await;
        if let Err(why) = &outcome {
            let (recording, attempt) = (Self::describe(taken), taken.transcript.attempts);
            log::warn!("{recording}: no transcript, attempt {attempt}: {}", why.code);
        }
        outcome
    }

    async fn settle(&self, taken: Taken, outcome: Self::Outcome) -> Option<Taken> {
        let recording = Self::describe(&taken);
        let settle = SettleRecording {
            id: taken.transcript.attachment_id,
            attempt_id: taken.transcript.attempt_id.unwrap_or_default(),
            conversation_id: taken.recording.conversation_id,
            outcome,
            jitter: jitter(),
        };
        match self.ledger.give_until_stored(settle, format!("{recording}: its words")).await {
            Some(Some(state)) => log::info!("{recording}: {state}"),
            Some(None) => log::info!("{recording}: taken back"),
            None => {}
        }
        None
    }
}

impl Transcriber {
    /// One that asks this model about the files of this folder.
    pub fn new(db: Db, ledger: Ledger, folder: MediaFolder, model: Model) -> Self {
        Self { db, ledger, folder, model }
    }

    async fn words(&self, taken: &Taken) -> Result<String, NoAnswer> {
        if taken.recording.size > LARGEST {
            return Err(NoAnswer::never("too_large", "The recording is larger than the endpoint accepts."));
        }
        let bytes = self.folder.read(&taken.recording.storage_key).await.map_err(|error| {
            log::warn!("recording {}: its file cannot be read: {error}", taken.transcript.attachment_id);
            NoAnswer::later("file", "The recording could not be read.")
        })?;
        self.model.transcribe(bytes, &taken.recording.mime_type).await
    }
}
