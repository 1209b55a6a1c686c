//! What a backup says of itself: `manifest.json`, written last, so that a folder without it is no backup; and
//! `SHA256SUMS`, as `sha256sum -c` reads it. Never a secret.

use super::{NoBackup, cannot};
use crate::domain::Timestamp;
use crate::media::copied;
use crate::store::Copied;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

const FILE: &str = "manifest.json";
const SUMS: &str = "SHA256SUMS";
/// Of the folder; a later one may be laid out otherwise.
const FORMAT: u32 = 1;

/// What is in a backup.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    pub(super) format: u32,
    /// The program that took it.
    pub program: String,
    /// When the copy was finished; its rows are of a moment shortly before.
    pub made_at: Timestamp,
    /// `sqlite` or `postgres`: it comes back on the same.
    pub database: String,
    /// The migrations the database knows, in order.
    pub migrations: Vec<String>,
    /// Rows of messages.
    pub messages: i64,
    /// Rows of conversations.
    pub conversations: i64,
    /// Deliveries that were not over.
    pub owed: i64,
    /// How many files it holds.
    pub files: usize,
    /// Files that the database names and the folder did not have.
    pub missing: Vec<String>,
    /// `inside`, `apart`, `left_out`, or `none`: nothing was sealed yet.
    pub key: String,
    pub(super) mark: Option<String>,
    pub(super) sequences: BTreeMap<String, i64>,
    sums: String,
}

impl Manifest {
    /// Of a copy; the sums come last.
    pub(super) fn new(copied: Copied, database: &str, key: &str) -> Self {
        Self {
            format: FORMAT,
            program: env!("CARGO_PKG_VERSION").to_owned(),
            made_at: Timestamp::now(),
            database: database.to_owned(),
            migrations: copied.migrations,
            messages: copied.messages,
            conversations: copied.conversations,
            owed: copied.owed,
            files: copied.files.len(),
            missing: Vec::new(),
            key: key.to_owned(),
            mark: copied.mark,
            sequences: copied.sequences,
            sums: String::new(),
        }
    }

    /// What the database must be made of.
    pub(super) fn copied(&self) -> Copied {
        Copied {
            migrations: self.migrations.clone(),
            messages: self.messages,
            conversations: self.conversations,
            owed: self.owed,
            files: Vec::new(),
            mark: self.mark.clone(),
            sequences: self.sequences.clone(),
        }
    }

    /// Writes the sums (name and sum of each file), then this: now it is a backup.
    pub(super) fn finish(&mut self, folder: &Path, sums: &[(String, String)]) -> Result<(), NoBackup> {
        let lines = sums.iter().fold(String::new(), |lines, (name, sum)| lines + &format!("{sum}  {name}\n"));
        write(folder, SUMS, lines.as_bytes())?;
        self.sums = copied(&mut lines.as_bytes(), &mut std::io::sink()).unwrap_or_default();
        self.made_at = Timestamp::now();
        let text = serde_json::to_vec_pretty(self).map_err(|error| NoBackup(error.to_string()))?;
        let part = format!("{FILE}.part");
        write(folder, &part, &text)?;
        settle(folder).map_err(|error| cannot("write", folder, &error))?;
        let (part, whole) = (folder.join(part), folder.join(FILE));
        std::fs::rename(&part, &whole).map_err(|error| cannot("write", &whole, &error))?;
        settle(folder).map_err(|error| cannot("write", folder, &error))
    }

    /// Of the backup in a folder.
    pub(super) fn read(folder: &Path) -> Result<Self, NoBackup> {
        let path = folder.join(FILE);
        let text = std::fs::read(&path).map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => NoBackup(format!(
                "{} is no whole backup: it has no {FILE} (a backup that broke off has none)",
                folder.display()
            )),
            _ => cannot("read", &path, &error),
        })?;
        let manifest: Self = serde_json::from_slice(&text)
            .map_err(|error| NoBackup(format!("{} cannot be read: {error}", path.display())))?;
        if manifest.format != FORMAT {
            return Err(NoBackup(format!(
                "{} is laid out as number {} and this program reads number {FORMAT}: restore it with Rapport \
                    {}",
                folder.display(),
                manifest.format,
                manifest.program
            )));
        }
        Ok(manifest)
    }

    /// Refuses a backup that is not what it was. Gives the names of the files.
    pub(super) fn check(&self, folder: &Path) -> Result<Vec<String>, NoBackup> {
        let path = folder.join(SUMS);
        let lines = std::fs::read(&path).map_err(|error| cannot("read", &path, &error))?;
        if sum_of(&path)? != self.sums {
            return Err(NoBackup(format!("{} is not what it was when the backup was taken", path.display())));
        }
        let mut names = Vec::new();
        for line in String::from_utf8_lossy(&lines).lines() {
            let Some((sum, name)) = line.split_once("  ") else { continue };
            let file = folder.join(name);
            if sum_of(&file)? != sum {
                return Err(NoBackup(format!(
                    "{} is not what it was when the backup was taken: nothing was restored",
                    file.display()
                )));
            }
            names.push(name.to_owned());
        }
        Ok(names)
    }
}

/// The sum of a file.
pub(super) fn sum_of(path: &Path) -> Result<String, NoBackup> {
    let read = || copied(&mut File::open(path)?, &mut std::io::sink());
    read().map_err(|error| cannot("read", path, &error))
}

/// A new file of its owner's alone.
pub(super) fn write(folder: &Path, name: &str, bytes: &[u8]) -> Result<(), NoBackup> {
    let path = folder.join(name);
    let written = || File::options().write(true).create_new(true).mode(0o600).open(&path)?.write_all(bytes);
    written().map_err(|error| cannot("write", &path, &error))
}

/// All that was written to the folder's disk is on it.
pub(super) fn settle(folder: &Path) -> std::io::Result<()> {
    Ok(rustix::fs::syncfs(File::open(folder)?)?)
}
