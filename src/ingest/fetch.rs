//! Getting the files of messages that platforms keep, in the background. Rows are taken for a while, so
//! several processes never fetch twice at once; what fails comes again, and then fails visibly. Never keeps a
//! webhook waiting.

use super::download::{Downloads, LONGEST_WAIT, new_media};
use crate::channels::FetchError;
use crate::domain::inbound::RemoteSource;
use crate::domain::{ChannelId, ProcessingStatus, Timestamp};
use crate::jobs::attempt::{back_off, jitter};
use crate::jobs::{Due, Free, LeasedJobs};
use crate::ledger::{Command, Ledger, LedgerError, Subject, Tx};
use crate::media::Stored;
use crate::store::delivery::held_work::Held;
use crate::store::messages::media::{self, FileRow};
use crate::store::messages::{self, transcripts};
use crate::store::{Db, StoreError};
use crate::thread::entries;
use std::time::Duration;

/// Files taken at one time.
const CONCURRENCY: i64 = 32;
/// Bytes of a received file that lies at the platform itself: WhatsApp hands over 100 MB
/// (docs/platforms.md 2.6).
const LIMIT: u64 = 100 * 1024 * 1024;
/// Bytes of a file at an address that a webhook names: Meta's messengers take 25 MB (docs/platforms.md
/// 3.4, 4).
const ADDRESS_LIMIT: u64 = 25 * 1024 * 1024;
/// One fetch, all its steps.
const TIMEOUT: Duration = Duration::from_mins(5);
/// How long a taken file is ours: longer than a fetch.
const LEASE: Duration = Duration::from_mins(6);
/// Then a person must ask for it again.
const TRIES: i64 = 8;

/// Fetches files.
pub struct FileFetcher {
    db: Db,
    ledger: Ledger,
    downloads: Downloads,
}

impl LeasedJobs for FileFetcher {
    const NAME: &'static str = "files";
    const POLL: Duration = Duration::from_secs(1);
    /// Files fetched at one time, of one channel: one whose platform hangs keeps no other waiting.
    const EACH: i64 = 4;
    /// A file that waits for another try stands in its row as one that is held does.
    const HELD: Option<Held> = None;
    type Receiver = Option<ChannelId>;
    type Job = FileRow;
    /// The file, and what it was called on the way.
    type Outcome = Result<(Stored, Option<String>), FetchError>;

    fn receiver(file: &FileRow) -> Option<ChannelId> {
        file.channel_id
    }

    fn describe(file: &FileRow) -> String {
        format!("file {}", file.id)
    }

    async fn due(&self, free: &Free<Option<ChannelId>>) -> Result<Due, StoreError> {
        let (now, full) = (Timestamp::now(), channels_of(free.full()));
        let due = self.db.read(async move |conn| media::due(conn, now, &full, 1).await).await?;
        Ok(Due::now_if(!due.is_empty()))
    }

    async fn claim(&self, free: Free<Option<ChannelId>>) -> Result<Vec<FileRow>, LedgerError> {
        self.ledger.give(ClaimFiles { free }).await
    }

    async fn run(&self, file: &FileRow) -> Self::Outcome {
        let fetched = tokio::time::timeout(TIMEOUT, self.get(file)).await;
        fetched.unwrap_or_else(|_| Err(FetchError::Later("it took too long".to_owned())))
    }

    async fn settle(&self, file: FileRow, fetched: Self::Outcome) -> Option<FileRow> {
        let written = match fetched {
            Ok((stored, name)) => self.keep(file, stored, name).await,
            Err(error) => self.ledger.give(FileFailed { file, error, jitter: jitter() }).await,
        };
        if let Err(error) = written {
            // Its lease ends, and it is fetched again.
            log::warn!("what came of a file could not be written: {error}");
        }
        None
    }
}

impl FileFetcher {
    /// A fetcher for all channels.
    pub fn new(db: Db, ledger: Ledger, downloads: Downloads) -> Self {
        Self { db, ledger, downloads }
    }

    async fn keep(&self, file: FileRow, stored: Stored, name: Option<String>) -> Result<(), LedgerError> {
        let key = stored.storage_key.clone();
        let kept = self.ledger.give(FileCame { file, stored, name }).await;
        if !matches!(kept, Ok(true)) {
            self.downloads.folder.forget(&key).await;
        }
        kept.map(drop)
    }

    async fn get(&self, file: &FileRow) -> Result<(Stored, Option<String>), FetchError> {
        let source = file.remote.as_deref().and_then(|json| serde_json::from_str::<RemoteSource>(json).ok());
        let source = source.ok_or_else(|| FetchError::Gone("its address is unknown".to_owned()))?;
        let channel_id = file.channel_id.ok_or_else(|| FetchError::Gone("it has no channel".to_owned()))?;
        let limit = if matches!(source, RemoteSource::Url { .. }) { ADDRESS_LIMIT } else { LIMIT };
        self.downloads.download(channel_id, &source, file.mime_type.as_deref(), limit).await
    }
}

fn channels_of(keys: Vec<Option<ChannelId>>) -> Vec<ChannelId> {
    keys.into_iter().flatten().collect()
}

/// Takes files that are due.
struct ClaimFiles {
    free: Free<Option<ChannelId>>,
}

impl Command for ClaimFiles {
    type Answer = Vec<FileRow>;

    fn subject(&self) -> Subject {
        Subject::of("files")
    }

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<Vec<FileRow>, LedgerError> {
        let (mut taken, mut free) = (Vec::new(), self.free.clone());
        loop {
            let full = channels_of(free.full());
            let files = media::due(tx.conn, tx.now, &full, CONCURRENCY).await?;
            let mut is_more = i64::try_from(files.len()).is_ok_and(|count| count == CONCURRENCY);
            for mut file in files {
                let until = tx.now.plus(LEASE);
                if free.take(file.channel_id) && media::claim(tx.conn, &file, until).await? {
                    (file.tries, file.due_at) = (file.tries + 1, until);
                    taken.push(file);
                }
            }
            // Another channel's may stand behind those of one that is full now.
            is_more &= channels_of(free.full()).len() > full.len();
            if !is_more {
                return Ok(taken);
            }
        }
    }
}

/// Whether a file is still this fetch's: nobody took it back, deleted it or fetched it meanwhile.
async fn is_ours(tx: &mut Tx<'_>, file: &FileRow) -> Result<bool, LedgerError> {
    let now = media::file(tx.conn, file.id).await?;
    Ok(now.is_some_and(|now| {
        now.processing_status == ProcessingStatus::Pending
            && (now.tries, now.due_at) == (file.tries, file.due_at)
    }))
}

/// A file is here: its message is shown anew.
struct FileCame {
    file: FileRow,
    stored: Stored,
    /// What it was called on the way.
    name: Option<String>,
}

impl Command for FileCame {
    /// Whether it is kept.
    type Answer = bool;

    fn subject(&self) -> Subject {
        Subject::Conversation(self.file.conversation_id)
    }

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<bool, LedgerError> {
        let file = &self.file;
        if !is_ours(tx, file).await? {
            return Ok(false);
        }
        let Some(mut row) = messages::find(tx.conn, file.workspace_id, file.message_id).await? else {
            return Ok(false);
        };
        let uploaded_by = format!("channel:{}", file.channel_id.map_or(0, |id| id.0));
        let name = file.file_name.as_deref().or(self.name.as_deref().filter(|_| has_name(&file.kind)));
        let name = name
            .and_then(crate::media::shown_name)
            .map(|name| crate::media::with_ending(&name, &self.stored.mime_type));
        let new = new_media(file.workspace_id, &self.stored, name, uploaded_by, tx.now);
        let id = media::insert(tx.conn, &new).await?;
        media::set_ready(tx.conn, file.id, id, &new).await?;
        if transcripts::RECORDINGS.contains(&file.kind.as_str()) {
            transcripts::note(tx.conn, file.message_id, tx.now).await?;
        }
        entries::rewrite(tx, &mut row).await?;
        Ok(true)
    }
}

/// Whether files of this kind have a name that says something: a platform makes one up for the others.
fn has_name(kind: &str) -> bool {
    !["voice", "sticker", "share"].contains(&kind)
}

/// A file did not come: later, or never by itself.
struct FileFailed {
    file: FileRow,
    error: FetchError,
    /// 0 to 1: where in its span a wait lies.
    jitter: f64,
}

impl Command for FileFailed {
    type Answer = ();

    fn subject(&self) -> Subject {
        Subject::Conversation(self.file.conversation_id)
    }

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<(), LedgerError> {
        let file = &self.file;
        if !is_ours(tx, file).await? {
            return Ok(());
        }
        let may_retry = matches!(self.error, FetchError::Later(_)) && file.tries < TRIES;
        let reason = self.error.to_string();
        if may_retry {
            // 2 s, 4 s, 8 s … at most.
            let due_at = tx.now.plus(back_off(file.tries + 1, self.jitter, LONGEST_WAIT));
            let status = ProcessingStatus::Pending;
            media::set_waiting(tx.conn, file.id, status, Some(&reason), file.tries, due_at).await?;
            return Ok(());
        }
        let status = ProcessingStatus::Failed;
        media::set_waiting(tx.conn, file.id, status, Some(&reason), file.tries, tx.now).await?;
        if let Some(mut row) = messages::find(tx.conn, file.workspace_id, file.message_id).await? {
            entries::rewrite(tx, &mut row).await?;
        }
        Ok(())
    }
}
