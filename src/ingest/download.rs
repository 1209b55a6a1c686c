//! One file from a platform into our folder, and how long to wait where that failed.

use crate::auth::ChannelDirectory;
use crate::channels::{FetchError, Platforms};
use crate::domain::inbound::RemoteSource;
use crate::domain::{ChannelId, Timestamp, WorkspaceId};
use crate::media::{Keeper, MediaError, MediaFolder, Stored};
use crate::store::messages::media::NewMedia;
use futures_util::TryStreamExt;
use std::time::Duration;

const FIRST_WAIT: Duration = Duration::from_secs(2);
const LONGEST_WAIT: Duration = Duration::from_mins(30);

/// From where and to where.
pub(super) struct Downloads {
    pub(super) directory: ChannelDirectory,
    pub(super) platforms: Platforms,
    pub(super) folder: MediaFolder,
}

impl Downloads {
    /// Fetches one file into the folder, with the name it was given on the way.
    pub(super) async fn download(
        &self,
        channel_id: ChannelId,
        source: &RemoteSource,
        claimed: Option<&str>,
        limit: u64,
    ) -> Result<(Stored, Option<String>), FetchError> {
        let channel = self
            .directory
            .get(channel_id)
            .await
            .map_err(|_| FetchError::Later("the channel cannot be looked up".to_owned()))?
            .ok_or_else(|| FetchError::Gone("the channel was disconnected".to_owned()))?;
        let mut remote = self.platforms.fetch(&channel.access, source, limit).await?;
        let mut incoming = self.folder.begin(limit, Keeper::Team).await.map_err(not_kept)?;
        while let Some(chunk) = remote.bytes.try_next().await? {
            incoming.write(&chunk).await.map_err(not_kept)?;
        }
        let stored = incoming.finish(claimed.or(remote.mime_type.as_deref())).await.map_err(not_kept)?;
        Ok((stored, remote.file_name))
    }
}

fn not_kept(error: MediaError) -> FetchError {
    match error {
        MediaError::TooLarge(limit) => FetchError::TooLarge(limit),
        MediaError::NoRoom => FetchError::Later("there is too little free space".to_owned()),
        MediaError::Empty => FetchError::Gone("it is empty".to_owned()),
        MediaError::Io(error) => {
            log::error!("a received file could not be kept: {error}");
            FetchError::Later("it could not be written to disk".to_owned())
        }
    }
}

/// The row of a file that was just fetched.
pub(super) fn new_media(
    workspace_id: WorkspaceId,
    stored: &Stored,
    file_name: Option<String>,
    uploaded_by: String,
    created_at: Timestamp,
) -> NewMedia {
    NewMedia {
        workspace_id,
        storage_key: stored.storage_key.clone(),
        file_name,
        mime_type: stored.mime_type.clone(),
        size: stored.size,
        width: stored.width,
        height: stored.height,
        uploaded_by,
        created_at,
    }
}

/// 2 s, 4 s, 8 s … up to half an hour.
pub(super) fn back_off(tries: i64) -> Duration {
    FIRST_WAIT.saturating_mul(1 << (tries.clamp(1, 12) - 1)).min(LONGEST_WAIT)
}
