//! One file from a platform into our folder.

use crate::auth::ChannelDirectory;
use crate::channels::{FetchError, Platforms};
use crate::domain::inbound::RemoteSource;
use crate::domain::{ChannelId, Timestamp, WorkspaceId};
use crate::media::{Keeper, MediaError, MediaFolder, Stored};
use crate::store::messages::media::NewMedia;
use futures_util::TryStreamExt;
use std::time::Duration;

/// For how long at most a platform that failed is left alone.
pub(super) const LONGEST_WAIT: Duration = Duration::from_mins(30);

/// From where and to where; cloned freely.
#[derive(Clone)]
pub struct Downloads {
    pub directory: ChannelDirectory,
    pub platforms: Platforms,
    pub folder: MediaFolder,
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
