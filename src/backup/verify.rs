//! Looks through the rows and then for the files they name. Never changes anything, never reads a file's
//! bytes.

use super::NoBackup;
use crate::channels::registry;
use crate::config::Config;
use crate::domain::{MediaId, Timestamp};
use crate::media::MediaFolder;
use crate::store::checks::verify::{self, Finding, Looked, NAMED};
use crate::store::{Db, StoreError};
use secrecy::ExposeSecret;

/// Rows of one question.
const BATCH: i64 = 1_000;

/// Every check; those that found nothing too.
pub async fn look(config: &Config) -> Result<(Looked, Vec<Finding>), NoBackup> {
    let db = Db::open_unchanged(config.database.url.expose_secret()).await?;
    let now = Timestamp::now();
    let kinds: Vec<_> = registry::kinds().map(|kind| kind.kind).collect();
    let (looked, mut findings) = db.read(async move |conn| verify::look(conn, now, &kinds).await).await?;
    let folder = MediaFolder::at(&config.media.folder(&config.database));
    findings.push(files(&db, &folder).await?);
    Ok((looked, findings))
}

/// Files that are named and are not in the folder, or are not whole there.
async fn files(db: &Db, folder: &MediaFolder) -> Result<Finding, StoreError> {
    let (mut after, mut count, mut examples) = (MediaId(0), 0, Vec::new());
    loop {
        let rows = db.read(async move |conn| verify::files(conn, after, BATCH).await).await?;
        let Some(last) = rows.last() else { break };
        after = last.id;
        for row in rows.iter().filter(|row| !folder.has(&row.storage_key, row.size)) {
            count += 1;
            if examples.len() < NAMED {
                examples.push(format!("media {}", row.id));
            }
        }
    }
    let fault = format!("a file that is not in the media folder {}, or not whole", folder.named());
    Ok(Finding { kind: "files", fault, count, examples })
}
