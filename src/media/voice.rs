//! A recording made into what platforms take as a voice note: Opus in Ogg, by ffmpeg where it is installed.
//! Never waited for longer than a moment; never a guess at the format, so that no list of other files is
//! followed.

use super::folder::{Keeper, MediaFolder, Stored};
use std::process::Stdio;
use std::time::Duration;
use tokio::io::AsyncReadExt;
use tokio::process::{Child, Command};

/// Longer than any recording takes.
const TIMEOUT: Duration = Duration::from_secs(30);
/// Bytes of a voice note.
const LARGEST: u64 = 16 * 1024 * 1024;

/// The recorders' own formats, as ffmpeg calls them.
const FORMATS: &[(&str, &str)] =
    &[("audio/webm", "matroska"), ("audio/mp4", "mov"), ("audio/wav", "wav"), ("audio/x-wav", "wav")];

/// The recording as a voice note, beside the one there is; `None`: it is one already, there is no ffmpeg
/// here, or it makes nothing of it.
pub async fn voice_note(folder: &MediaFolder, recorded: &Stored) -> Option<Stored> {
    let format = FORMATS.iter().find(|(mime, _)| *mime == recorded.mime_type).map(|(_, format)| *format)?;
    let child = start(folder, recorded, format)?;
    let made = tokio::time::timeout(TIMEOUT, collect(folder, child)).await;
    made.ok().flatten()
}

fn start(folder: &MediaFolder, recorded: &Stored, format: &str) -> Option<Child> {
    let source = folder.place(&recorded.storage_key).ok()?;
    Command::new("ffmpeg")
        .args([
            "-nostdin",
            "-hide_banner",
            "-loglevel",
            "error",
            "-protocol_whitelist",
            "file,pipe",
            "-f",
            format,
        ])
        .arg("-i")
        .arg(source)
        .args([
            "-map", "0:a:0", "-ac", "1", "-ar", "48000", "-c:a", "libopus", "-b:a", "32k", "-f", "ogg",
            "pipe:1",
        ])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .ok()
}

async fn collect(folder: &MediaFolder, mut child: Child) -> Option<Stored> {
    let mut sound = child.stdout.take()?;
    let mut incoming = folder.begin(LARGEST, Keeper::Team).await.ok()?;
    let mut piece = vec![0; 64 * 1024];
    loop {
        let read = sound.read(&mut piece).await.ok()?;
        if read == 0 {
            break;
        }
        incoming.write(piece.get(..read)?).await.ok()?;
    }
    if !child.wait().await.ok()?.success() {
        return None;
    }
    incoming.finish(Some("audio/ogg")).await.ok()
}
