//! Brings a backup back where there is no system: all of it is looked at first, the database comes last, and
//! a new epoch begins. Never over a database, a key or a file that is there.

use super::manifest::{Manifest, settle};
use super::{KEY, KeyPlace, MEDIA, NoBackup, cannot, key_in};
use crate::auth::new_token;
use crate::config::Config;
use crate::desk::maintenance::{BeginEpoch, MarkFolder};
use crate::ledger::Ledger;
use crate::media::MediaFolder;
use crate::store::{Db, Opening};
use crate::thread::hook_events;
use secrecy::{ExposeSecret, SecretString};
use std::path::Path;
use std::sync::Arc;

/// What was brought back.
#[derive(Debug)]
pub struct Restored {
    /// Of what.
    pub manifest: Manifest,
    /// The key is at its place; else the settings must name it.
    pub has_key: bool,
}

/// Brings the backup in `folder` back as the database, the files and the key that the settings name.
pub async fn put_back(config: &Config, folder: &Path, key: &KeyPlace) -> Result<Restored, NoBackup> {
    let manifest = Manifest::read(folder)?;
    let url = config.database.url.expose_secret();
    let ours = if config.database.is_postgres() { "postgres" } else { "sqlite" };
    if manifest.database != ours {
        return Err(NoBackup(format!(
            "the backup is of a {} database and DATABASE_URL names a {ours} one: a backup comes back on the \
                same kind",
            manifest.database
        )));
    }
    Db::refuse_one_that_is_there(url).await?;
    let secret = secret(config, &manifest, folder, key)?;
    let media_path = config.media.folder(&config.database);
    refuse_another_folder(&media_path, &manifest)?;
    let names = manifest.check(folder)?;

    let media = MediaFolder::open(&media_path).map_err(|error| cannot("make", &media_path, &error))?;
    let source = MediaFolder::at(&folder.join(MEDIA));
    for key in names.iter().filter_map(|name| name.strip_prefix(MEDIA)?.rsplit('/').next()) {
        source.copy_to(key, &media).map_err(|error| cannot("fill", &media_path, &error))?;
    }
    settle(&media_path).map_err(|error| cannot("fill", &media_path, &error))?;
    let has_key = match &secret {
        Some(secret) => config.secret.put(&config.database, secret)?,
        None => false,
    };
    Db::put_back(url, folder, manifest.copied()).await?;
    begin_anew(url, &media).await?;
    Ok(Restored { has_key: has_key || manifest.key == "none", manifest })
}

/// A new epoch in a database that is up to date; the folder is its own.
async fn begin_anew(url: &str, media: &MediaFolder) -> Result<(), NoBackup> {
    let db = Db::open_as(url, Opening::STOPPED).await?;
    let ledger = Ledger::start(&db, Arc::new(drop), hook_events::queue).await?;
    let name = new_token().expose_secret().to_owned();
    ledger.give(BeginEpoch { name, only_first: false }).await?;
    let mark = ledger.give(MarkFolder { mark: new_token().expose_secret().to_owned() }).await?;
    media.set_mark(&mark).map_err(|error| NoBackup(format!("{}: {error}", media.named())))?;
    ledger.drain().await;
    Ok(db.fold().await?)
}

/// The backup's key, wherever it is; refused where another one is at its place.
fn secret(
    config: &Config,
    manifest: &Manifest,
    folder: &Path,
    place: &KeyPlace,
) -> Result<Option<SecretString>, NoBackup> {
    let inside = folder.join(KEY);
    let key = match place {
        KeyPlace::LeftOut => return Ok(None),
        KeyPlace::Apart(file) => key_in(file)?,
        KeyPlace::Inside if inside.exists() => key_in(&inside)?,
        KeyPlace::Inside if manifest.key == "none" => return Ok(None),
        KeyPlace::Inside => match config.secret.kept(&config.database) {
            Ok(Some(key)) => key,
            _ => {
                return Err(NoBackup(format!(
                    "the backup's key is not in {}: name its file with --key FILE, set RAPPORT_SECRET_KEY, \
                        or say \
                     --without-key if it is lost (then `rapport rekey --lost`)",
                    folder.display()
                )));
            }
        },
    };
    config.secret.refuse_another(&config.database, &key)?;
    Ok(Some(key))
}

/// A folder of another database is refused.
fn refuse_another_folder(path: &Path, manifest: &Manifest) -> Result<(), NoBackup> {
    if !path.is_dir() {
        return Ok(());
    }
    let mark = MediaFolder::at(path).mark().map_err(|error| cannot("read", path, &error))?;
    if mark.is_some() && mark != manifest.mark {
        return Err(NoBackup(format!(
            "the media folder {} belongs to another database (its file .rapport-folder says so): name an \
                empty one \
             (RAPPORT_MEDIA_DIR)",
            path.display()
        )));
    }
    Ok(())
}
