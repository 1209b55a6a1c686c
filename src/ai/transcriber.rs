//! The transcriber: takes recordings that are here, has the endpoint hear them, writes the words.
//! One or many: rows and fences keep them apart. Never more than one question a recording at one
//! time, and never in anybody's way: a message is shown without its words as well.

use super::model::{Model, NoAnswer};
use super::transcribe::{ClaimRecordings, SettleRecording, Taken, is_due};
use crate::domain::Timestamp;
use crate::ledger::retry::{Places, give_back, jitter};
use crate::ledger::{Ledger, LedgerError};
use crate::media::MediaFolder;
use crate::store::Db;
use crate::store::delivery::held_work::Held;
use std::time::Duration;

/// How often the rows are looked at.
const POLL: Duration = Duration::from_millis(500);
/// Questions at one time.
const CONCURRENCY: i64 = 2;
/// How much longer than one question a lease lasts: the file is read before, the words written after.
const SLACK: Duration = Duration::from_secs(20);
const RETRY: Duration = Duration::from_secs(1);
/// What endpoints take: OpenAI's limit is 25 MB.
const LARGEST: i64 = 25_000_000;

/// The transcriber of one process.
#[derive(Clone)]
pub struct Transcriber {
    db: Db,
    ledger: Ledger,
    folder: MediaFolder,
    model: Model,
    places: Places<()>,
}

impl Transcriber {
    /// One that asks this model about the files of this folder.
    pub fn new(db: Db, ledger: Ledger, folder: MediaFolder, model: Model) -> Self {
        Self { db, ledger, folder, model, places: Places::new(CONCURRENCY) }
    }

    /// Works until the process ends. `alone`: no other process works on this database, so what is
    /// held was held by a predecessor.
    pub async fn run(self, alone: bool) {
        if alone {
            give_back(&self.ledger, Held::Recordings).await;
        }
        loop {
            match self.claim().await {
                Ok(taken) => taken.into_iter().for_each(|taken| self.begin(taken)),
                Err(error) => {
                    log::warn!("claiming recordings failed, retrying: {error}");
                    tokio::time::sleep(RETRY).await;
                }
            }
            tokio::time::sleep(POLL).await;
        }
    }

    /// A look costs a read; only what is there costs a transaction.
    async fn claim(&self) -> Result<Vec<Taken>, LedgerError> {
        let limit = self.places.free().of(());
        if limit <= 0 {
            return Ok(Vec::new());
        }
        let now = Timestamp::now();
        if !self.db.read(async move |conn| is_due(conn, now).await).await? {
            return Ok(Vec::new());
        }
        self.ledger.give(ClaimRecordings { limit, lease: self.model.timeout() + SLACK }).await
    }

    fn begin(&self, taken: Taken) {
        let place = self.places.take(());
        let transcriber = self.clone();
        actix::spawn(async move {
            let _place = place;
            transcriber.hear(taken).await;
        });
    }

    /// One recording from claim to result.
    async fn hear(&self, taken: Taken) {
        let outcome = self.words(&taken).await;
        let id = taken.transcript.attachment_id;
        if let Err(why) = &outcome {
            log::warn!("recording {id}: no transcript, attempt {}: {}", taken.transcript.attempts, why.code);
        }
        let settle = SettleRecording {
            id,
            attempt_id: taken.transcript.attempt_id.unwrap_or_default(),
            conversation_id: taken.recording.conversation_id,
            outcome,
            jitter: jitter(),
        };
        match self.ledger.give_until_stored(settle, format!("recording {id}: its words")).await {
            Some(Some(state)) => log::info!("recording {id}: {state}"),
            Some(None) => log::info!("recording {id}: taken back"),
            None => {}
        }
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
