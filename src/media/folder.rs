//! The folder that holds the files. A file appears under its name only when it is whole; one that
//! breaks off leaves nothing. Never a name that somebody else chose.
//! Over 400 lines: what is kept, what must stay free, and their tests.

use super::{picture, sniff, thumbnail};
use bytes::Bytes;
use sha2::{Digest, Sha256};
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::fs::{self, File, OpenOptions};
use tokio::io::AsyncWriteExt;
use tokio::sync::Semaphore;

/// How much of a file is looked at: a camera's notes stand before the size of its picture.
const HEAD: usize = 256 * 1024;
/// Bytes after which the disk is asked again whether there is room.
const LOOK_AGAIN: u64 = 4 * 1024 * 1024;

/// The file that says whose files these are.
const MARK: &str = ".rapport-folder";

/// Where files are kept; cloned freely.
#[derive(Debug, Clone)]
pub struct MediaFolder {
    path: Arc<Path>,
    /// Pictures are made small one at a time: that bounds the memory it takes.
    making: Arc<Semaphore>,
    floor: Floor,
}

/// Whose file it is: whoever is not signed in stops first, the database never has to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keeper {
    /// Somebody of the team, or a platform.
    Team,
    /// A visitor of the web chat.
    Visitor,
}

/// How much free space files leave, in bytes; the share of the disk counts where it is less.
#[derive(Debug, Clone, Copy)]
pub struct Floor {
    /// The team's and the platforms'.
    pub team: u64,
    /// Visitors'.
    pub visitors: u64,
}

impl Default for Floor {
    fn default() -> Self {
        Self { team: 1_000_000_000, visitors: 2_000_000_000 }
    }
}

impl Floor {
    /// What must stay free of a disk of `size` bytes.
    fn of(self, keeper: Keeper, size: u64) -> u64 {
        match keeper {
            Keeper::Team => self.team.min(size / 20),
            Keeper::Visitor => self.visitors.min(size / 20 * 3),
        }
    }
}

/// Why a file was not kept.
#[derive(Debug, thiserror::Error)]
pub enum MediaError {
    /// It is larger than allowed.
    #[error("the file is larger than {0} bytes")]
    TooLarge(u64),
    /// It holds nothing.
    #[error("the file is empty")]
    Empty,
    /// The rest of the disk is kept for the database.
    #[error("there is too little free space for more files")]
    NoRoom,
    /// The disk.
    #[error("the file could not be kept: {0}")]
    Io(#[from] io::Error),
}

/// A file that is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// Its name in the folder.
    pub storage_key: String,
    /// Its type, by its bytes.
    pub mime_type: String,
    /// In bytes.
    pub size: i64,
    /// Pixels, of a picture.
    pub width: Option<i64>,
    /// Pixels, of a picture.
    pub height: Option<i64>,
}

impl MediaFolder {
    /// The folder at `path`, made if it is not there.
    pub fn open(path: &Path) -> io::Result<Self> {
        std::fs::DirBuilder::new().recursive(true).mode(0o700).create(path)?;
        let folder = Self::at(path);
        // A folder that takes no file is better known now than at the first upload.
        folder.try_it()?;
        Ok(folder)
    }

    fn try_it(&self) -> io::Result<()> {
        let mut random = [0_u8; 8];
        getrandom::fill(&mut random).map_err(io::Error::other)?;
        let trial = self.path.join(format!(".trial-{:016x}", u64::from_ne_bytes(random)));
        std::fs::write(&trial, b"")?;
        std::fs::remove_file(&trial)
    }

    /// The same, leaving as much space as this.
    #[must_use]
    pub fn leaving(self, floor: Floor) -> Self {
        Self { floor, ..self }
    }

    /// Whether a file can be put into it now. Blocks.
    pub fn takes_files(&self) -> bool {
        self.try_it().is_ok()
    }

    /// A folder that is there, or not: nothing is made.
    pub fn at(path: &Path) -> Self {
        Self { path: path.into(), making: Arc::new(Semaphore::new(1)), floor: Floor::default() }
    }

    /// Bytes that are free on its disk, and all of them.
    pub fn space(&self) -> io::Result<(u64, u64)> {
        let disk = rustix::fs::statvfs(&*self.path)?;
        Ok((disk.f_bavail.saturating_mul(disk.f_frsize), disk.f_blocks.saturating_mul(disk.f_frsize)))
    }

    /// Whether so many bytes more leave what must stay free. A disk that does not say is not asked again.
    fn has_room(&self, keeper: Keeper, bytes: u64) -> bool {
        self.space().map_or(true, |(free, size)| free.saturating_sub(bytes) >= self.floor.of(keeper, size))
    }

    /// What stands in it to know it by.
    pub fn mark(&self) -> io::Result<Option<String>> {
        match std::fs::read_to_string(self.path.join(MARK)) {
            Ok(text) => Ok(Some(text.trim().to_owned())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Puts it there.
    pub fn set_mark(&self, mark: &str) -> io::Result<()> {
        std::fs::write(self.path.join(MARK), format!("{mark}\n"))
    }

    /// Where it is, for people.
    pub fn named(&self) -> String {
        self.path.display().to_string()
    }

    /// Begins a file of at most `limit` bytes.
    pub async fn begin(&self, limit: u64, keeper: Keeper) -> Result<Incoming, MediaError> {
        if !self.has_room(keeper, 0) {
            return Err(MediaError::NoRoom);
        }
        let mut random = [0_u8; 16];
        getrandom::fill(&mut random).map_err(io::Error::other)?;
        let key = random.iter().fold(String::with_capacity(32), |text, byte| text + &format!("{byte:02x}"));
        let target = self.place(&key)?;
        if let Some(shelf) = target.parent() {
            fs::DirBuilder::new().recursive(true).mode(0o700).create(shelf).await?;
        }
        let partial = target.with_extension("part");
        let file = owners().create_new(true).open(&partial).await?;
        let partial = Partial(Some(partial));
        Ok(Incoming {
            file,
            partial,
            target,
            key,
            head: Vec::new(),
            size: 0,
            limit,
            folder: self.clone(),
            keeper,
            checked: 0,
        })
    }

    /// A file's bytes, all of them.
    pub async fn read(&self, storage_key: &str) -> io::Result<Bytes> {
        Ok(fs::read(self.place(storage_key)?).await?.into())
    }

    /// A file, to be read in parts.
    pub async fn file(&self, storage_key: &str) -> io::Result<File> {
        File::open(self.place(storage_key)?).await
    }

    /// Copies a file into the same place of another folder: whole or not at all, and never over another one.
    /// Gives its name below the folder and the sum of its bytes; `None`: it is not here.
    pub fn copy_to(&self, storage_key: &str, other: &Self) -> io::Result<Option<(String, String)>> {
        let (from, to) = (self.place(storage_key)?, other.place(storage_key)?);
        let mut source = match std::fs::File::open(&from) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        if let Some(shelf) = to.parent() {
            std::fs::DirBuilder::new().recursive(true).mode(0o700).create(shelf)?;
        }
        let part = to.with_extension("part");
        let mut copy =
            std::fs::File::options().write(true).create(true).truncate(true).mode(0o600).open(&part)?;
        let sum = copied(&mut source, &mut copy)?;
        let linked = std::fs::hard_link(&part, &to);
        std::fs::remove_file(&part)?;
        match linked {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                if copied(&mut std::fs::File::open(&to)?, &mut io::sink())? != sum {
                    let line = format!("{} is there already and is another file", to.display());
                    return Err(io::Error::new(io::ErrorKind::AlreadyExists, line));
                }
            }
            linked => linked?,
        }
        Ok(Some((format!("{}/{storage_key}", &storage_key[..2]), sum)))
    }

    /// Whether a file is here, as long as it should be.
    pub fn has(&self, storage_key: &str, size: i64) -> bool {
        let about = self.place(storage_key).and_then(std::fs::metadata);
        about.is_ok_and(|about| i64::try_from(about.len()) == Ok(size))
    }

    /// A small picture of a file, made if it is not there; `None`: there is none of it.
    pub async fn thumbnail(&self, storage_key: &str) -> io::Result<Option<Bytes>> {
        let whole = self.place(storage_key)?;
        let small = whole.with_extension("small");
        if let Some(made) = made(&small).await? {
            return Ok(Some(made));
        }
        let _one_at_a_time = self.making.acquire().await.map_err(io::Error::other)?;
        if let Some(made) = made(&small).await? {
            return Ok(Some(made));
        }
        if fs::metadata(&whole).await?.len() > thumbnail::LARGEST_FILE {
            return Ok(None);
        }
        let bytes = fs::read(&whole).await?;
        let work = tokio::task::spawn_blocking(move || thumbnail::make(&bytes));
        let Some(picture) = work.await.map_err(io::Error::other)? else { return Ok(None) };
        let partial = small.with_extension("small.part");
        let mut file = owners().create(true).truncate(true).open(&partial).await?;
        file.write_all(&picture).await?;
        file.flush().await?;
        fs::rename(&partial, &small).await?;
        Ok(Some(picture.into()))
    }

    /// Removes what broke off long ago: a process that was killed could not. Gives how many files.
    pub async fn sweep(&self, older_than: Duration) -> io::Result<usize> {
        let mut count = 0;
        let mut shelves = fs::read_dir(&*self.path).await?;
        while let Some(shelf) = shelves.next_entry().await? {
            if !shelf.file_type().await?.is_dir() {
                continue;
            }
            let mut files = fs::read_dir(shelf.path()).await?;
            while let Some(file) = files.next_entry().await? {
                let is_partial = file.path().extension().is_some_and(|extension| extension == "part");
                // Finished or removed meanwhile is as good.
                let Some(age) =
                    file.metadata().await.ok().and_then(|about| about.modified().ok()?.elapsed().ok())
                else {
                    continue;
                };
                if is_partial && age > older_than && fs::remove_file(file.path()).await.is_ok() {
                    count += 1;
                }
            }
        }
        Ok(count)
    }

    /// Takes a file away that no row knows.
    pub async fn forget(&self, storage_key: &str) {
        let Ok(path) = self.place(storage_key) else { return };
        // There may never have been a small one.
        drop(fs::remove_file(path.with_extension("small")).await);
        if let Err(error) = fs::remove_file(path).await {
            log::warn!("a file that nothing refers to could not be removed: {error}");
        }
    }

    /// Keys are ours: what does not look like one is no path.
    pub(super) fn place(&self, key: &str) -> io::Result<PathBuf> {
        if key.len() != 32 || !key.bytes().all(|sign| sign.is_ascii_hexdigit()) {
            return Err(io::Error::new(io::ErrorKind::NotFound, "not a storage key"));
        }
        Ok(self.path.join(&key[..2]).join(key))
    }
}

/// Copies bytes; gives their sum, SHA-256 in hexadecimal signs.
pub fn copied(from: &mut impl io::Read, to: &mut impl io::Write) -> io::Result<String> {
    let (mut sum, mut chunk) = (Sha256::new(), vec![0; 128 * 1024]);
    loop {
        let count = from.read(&mut chunk)?;
        if count == 0 {
            break;
        }
        sum.update(&chunk[..count]);
        to.write_all(&chunk[..count])?;
    }
    Ok(sum.finalize().iter().fold(String::with_capacity(64), |text, byte| text + &format!("{byte:02x}")))
}

/// A new file that its owner alone reads.
fn owners() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true).mode(0o600);
    options
}

/// A small picture that was made before.
async fn made(small: &Path) -> io::Result<Option<Bytes>> {
    match fs::read(small).await {
        Ok(bytes) => Ok(Some(bytes.into())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Removes an unfinished file, unless it was finished.
struct Partial(Option<PathBuf>);

impl Drop for Partial {
    fn drop(&mut self) {
        if let Some(path) = self.0.take() {
            // It may be gone already; then that is what we wanted.
            drop(std::fs::remove_file(path));
        }
    }
}

/// A file that is still coming.
pub struct Incoming {
    file: File,
    partial: Partial,
    target: PathBuf,
    key: String,
    head: Vec<u8>,
    size: u64,
    limit: u64,
    folder: MediaFolder,
    keeper: Keeper,
    /// How much of it there was when the disk was last asked.
    checked: u64,
}

impl Incoming {
    /// Adds what came.
    pub async fn write(&mut self, chunk: &[u8]) -> Result<(), MediaError> {
        self.size += chunk.len() as u64;
        if self.size > self.limit {
            return Err(MediaError::TooLarge(self.limit));
        }
        if self.size - self.checked > LOOK_AGAIN {
            self.checked = self.size;
            if !self.folder.has_room(self.keeper, 0) {
                return Err(MediaError::NoRoom);
            }
        }
        let room = HEAD.saturating_sub(self.head.len()).min(chunk.len());
        self.head.extend_from_slice(&chunk[..room]);
        Ok(self.file.write_all(chunk).await?)
    }

    /// It is whole: flushed to the disk, then given its name.
    pub async fn finish(mut self, claimed_type: Option<&str>) -> Result<Stored, MediaError> {
        if self.size == 0 {
            return Err(MediaError::Empty);
        }
        self.file.flush().await?;
        self.file.sync_all().await?;
        if let Some(partial) = &self.partial.0 {
            fs::rename(partial, &self.target).await?;
        }
        self.partial.0 = None;
        let mime_type = sniff::mime_type(&self.head, claimed_type);
        let (width, height) = picture::size(&self.head).unzip();
        let size = i64::try_from(self.size).unwrap_or(i64::MAX);
        Ok(Stored { storage_key: self.key, mime_type, size, width, height })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn visitors_stop_first_and_the_database_never_meets_a_full_disk() {
        let (floor, gigabyte) = (Floor::default(), 1_000_000_000);
        assert_eq!(floor.of(Keeper::Visitor, 500 * gigabyte), 2 * gigabyte);
        assert_eq!(floor.of(Keeper::Team, 500 * gigabyte), gigabyte);
        assert_eq!(floor.of(Keeper::Visitor, 10 * gigabyte), 1_500_000_000);
        assert_eq!(floor.of(Keeper::Team, 10 * gigabyte), 500_000_000);
    }

    #[actix::test]
    async fn a_disk_with_too_little_free_takes_no_file() {
        let place = tempfile::tempdir().expect("a temporary folder");
        let folder = MediaFolder::open(&place.path().join("media")).expect("opens");
        let (free, size) = folder.space().expect("the disk says");
        assert!(free <= size && size > 0);
        // As if nearly all of the disk had to stay free, for visitors alone.
        let full = MediaFolder { floor: Floor { team: 0, visitors: u64::MAX }, ..folder };
        let bytes = free.saturating_sub(size / 20 * 3) + 1;
        assert!(!full.has_room(Keeper::Visitor, bytes) && full.has_room(Keeper::Team, 0));
    }

    #[actix::test]
    async fn a_file_is_whole_or_not_there() {
        let place = tempfile::tempdir().expect("a folder");
        let folder = MediaFolder::open(&place.path().join("media")).expect("opens");
        let mut incoming = folder.begin(10, Keeper::Team).await.expect("begins");
        incoming.write(b"hello").await.expect("fits");
        let stored = incoming.finish(None).await.expect("is kept");
        assert_eq!((stored.size, stored.mime_type.as_str()), (5, "text/plain"));
        let kept = folder.place(&stored.storage_key).expect("a path");
        for (path, mode) in
            [(kept.as_path(), 0o600), (kept.parent().expect("a shelf"), 0o700), (&*folder.path, 0o700)]
        {
            let about = std::fs::metadata(path).expect("is there");
            assert_eq!(about.permissions().mode() & 0o777, mode, "its owner's alone: {}", path.display());
        }
        assert_eq!(&folder.read(&stored.storage_key).await.expect("is there")[..], b"hello");
        assert!(folder.read("../../../../../../../etc/passwd").await.is_err());

        let mut large = folder.begin(3, Keeper::Team).await.expect("begins");
        assert!(matches!(large.write(b"four").await, Err(MediaError::TooLarge(3))));
        let (partial, key) = (large.partial.0.clone().expect("unfinished"), large.key.clone());
        drop(large);
        assert!(!partial.exists() && folder.read(&key).await.is_err(), "nothing is left");
    }

    #[actix::test]
    async fn what_a_kill_left_is_swept_and_nothing_else() {
        let place = tempfile::tempdir().expect("a folder");
        let folder = MediaFolder::open(&place.path().join("media")).expect("opens");
        let mut incoming = folder.begin(10, Keeper::Team).await.expect("begins");
        incoming.write(b"hello").await.expect("fits");
        let stored = incoming.finish(None).await.expect("is kept");
        let mut killed = folder.begin(10, Keeper::Team).await.expect("begins");
        killed.write(b"hel").await.expect("fits");
        let left = killed.partial.0.take().expect("unfinished");
        assert_eq!(folder.sweep(Duration::from_hours(1)).await.expect("swept"), 0, "it may still be coming");
        assert_eq!(folder.sweep(Duration::ZERO).await.expect("swept"), 1);
        assert!(!left.exists() && folder.read(&stored.storage_key).await.is_ok());
    }
}
