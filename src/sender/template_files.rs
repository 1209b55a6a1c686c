//! The files of an approved message: each is brought to the platform once, before the message that shows it,
//! and what it is called there is remembered for as long as the platform keeps it. Never another message's
//! files.

use crate::auth::ConnectedChannel;
use crate::channels::Platforms;
use crate::domain::outbound::{MediaSource, Outbound, Part, SendOutcome, TemplateFile};
use crate::domain::{ChannelId, MediaId};
use crate::ledger::{Command, Ledger, LedgerError, Subject, Tx};
use crate::store::delivery::platform_files;
use std::time::Duration;

/// Remembers what a file is called at a platform, or forgets it.
struct NoteFile {
    channel: ChannelId,
    media: MediaId,
    /// What it is called there, and for how long; none: it is not there any more.
    known: Option<(String, Duration)>,
}

impl Command for NoteFile {
    type Answer = ();

    fn subject(&self) -> Subject {
        Subject::of(("file at a platform", self.channel, self.media))
    }

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<(), LedgerError> {
        match &self.known {
            Some((name, kept)) => {
                let at = (self.channel, self.media);
                platform_files::remember(tx.conn, at, name, tx.now.plus(*kept)).await?;
            }
            None => platform_files::forget(tx.conn, self.channel, self.media).await?,
        }
        Ok(())
    }
}

/// Hands a message over, its files first.
pub async fn send(
    platforms: &Platforms,
    ledger: &Ledger,
    channel: &ConnectedChannel,
    mut outbound: Outbound,
) -> SendOutcome {
    let remembered = remembered(&outbound);
    if let Part::Template(template) = &mut outbound.part {
        for file in &mut template.files {
            if let Err(outcome) = bring(platforms, ledger, channel, file).await {
                return outcome;
            }
        }
    }
    let outcome = platforms.send(&channel.access, &outbound).await;
    let is_gone = matches!(&outcome, SendOutcome::Refused(refusal) if refusal.file_gone);
    if !is_gone || remembered.is_empty() {
        return outcome;
    }
    // It was taken away before its time: refused is surely not sent, and the next try brings it anew.
    for media in remembered {
        note(ledger, channel, media, None).await;
    }
    SendOutcome::not_sent("a file of this template is no longer at the platform and is brought again")
}

/// The files that were brought for an earlier message.
fn remembered(outbound: &Outbound) -> Vec<MediaId> {
    let Part::Template(template) = &outbound.part else { return Vec::new() };
    let is_there = |file: &&TemplateFile| matches!(file.media.source, MediaSource::Uploaded(_));
    template.files.iter().filter(is_there).map(|file| file.id).collect()
}

/// Brings one file, unless it lies there already. Lost or refused, nothing was sent.
async fn bring(
    platforms: &Platforms,
    ledger: &Ledger,
    channel: &ConnectedChannel,
    file: &mut TemplateFile,
) -> Result<(), SendOutcome> {
    if !matches!(file.media.source, MediaSource::Bytes(_)) {
        return Ok(());
    }
    let (name, kept) = platforms.upload(&channel.access, &file.media).await?;
    note(ledger, channel, file.id, Some((name.clone(), kept))).await;
    file.media.source = MediaSource::Uploaded(name);
    Ok(())
}

/// If this is lost, the file is brought once more.
async fn note(
    ledger: &Ledger,
    channel: &ConnectedChannel,
    media: MediaId,
    known: Option<(String, Duration)>,
) {
    let note = NoteFile { channel: channel.channel.id, media, known };
    if let Err(error) = ledger.give(note).await {
        log::warn!("channel {}: what a file is called there was not kept: {error}", channel.channel.id);
    }
}
