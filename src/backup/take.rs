//! Takes a backup, beside a server that runs or not: the rows of one moment, then the files they name. Never
//! waits for anybody, never keeps anybody from writing.

use super::manifest::{Manifest, sum_of, write};
use super::{KEY, KeyPlace, MEDIA, NoBackup, cannot};
use crate::auth::Vault;
use crate::config::Config;
use crate::desk::maintenance::{Sealed, count_sealed};
use crate::media::MediaFolder;
use crate::store::Db;
use secrecy::{ExposeSecret, SecretString};
use std::os::unix::fs::DirBuilderExt;
use std::path::Path;

/// Takes one into `folder`, which is made, or empty.
pub async fn take(config: &Config, folder: &Path, key: &KeyPlace) -> Result<Manifest, NoBackup> {
    let db = Db::open_to_copy(config.database.url.expose_secret()).await?;
    let (secret, state) = key_of(config, &db, key).await?;
    if let (KeyPlace::Apart(file), Some(_)) = (key, &secret)
        && file.exists()
    {
        return Err(NoBackup(format!("{} is there already: nothing is written over", file.display())));
    }
    empty(folder)?;
    let copied = db.copy_into(folder).await?;
    let files = copied.files.clone();
    let kind = if config.database.is_postgres() { "postgres" } else { "sqlite" };
    let mut manifest = Manifest::new(copied, kind, state);
    let mut sums = Vec::new();
    for path in Db::copied_files(folder)? {
        let name = path.strip_prefix(folder).unwrap_or(&path).display().to_string();
        sums.push((name, sum_of(&path)?));
    }
    manifest.missing = copy_files(config, folder, &files, &mut sums)?;
    manifest.files -= manifest.missing.len();
    if let Some(secret) = secret {
        keep_key(folder, key, &secret)?;
    }
    manifest.finish(folder, &sums)?;
    Ok(manifest)
}

/// The key that goes along, and what the manifest says of it. A key that opens nothing of what is sealed is
/// refused: a backup with it would be one without.
async fn key_of(
    config: &Config,
    db: &Db,
    place: &KeyPlace,
) -> Result<(Option<SecretString>, &'static str), NoBackup> {
    let state = match place {
        KeyPlace::Inside => "inside",
        KeyPlace::Apart(_) => "apart",
        KeyPlace::LeftOut => return Ok((None, "left_out")),
    };
    let hint = "set RAPPORT_SECRET_KEY as for the server, or say --without-key and keep the key yourself";
    let kept = config.secret.kept(&config.database).map_err(|error| NoBackup(format!("{error}; {hint}")))?;
    let vault = kept.as_ref().map(Vault::new);
    let sealed = db.read(async move |conn| count_sealed(conn, vault.as_ref()).await).await;
    // A database that an older program made may lack what is counted: then the key is not tried.
    let Sealed { all, closed } = sealed.unwrap_or_default();
    match kept {
        Some(_) if all > 0 && closed == all => Err(NoBackup(format!(
            "{} is not the key that this database's secrets are sealed with: {hint}",
            config.secret.place(&config.database)
        ))),
        Some(key) => Ok((Some(key), state)),
        None if all == 0 => Ok((None, "none")),
        None => Err(NoBackup(format!("{} is missing: {hint}", config.secret.place(&config.database)))),
    }
}

fn empty(folder: &Path) -> Result<(), NoBackup> {
    let made = std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder);
    made.map_err(|error| cannot("make", folder, &error))?;
    let mut entries = std::fs::read_dir(folder).map_err(|error| cannot("read", folder, &error))?;
    if entries.next().is_some() {
        return Err(NoBackup(format!(
            "{} is not empty: each backup has a folder of its own, and nothing is written over",
            folder.display()
        )));
    }
    Ok(())
}

/// Copies the files that the rows name; gives those that are not there.
fn copy_files(
    config: &Config,
    folder: &Path,
    files: &[String],
    sums: &mut Vec<(String, String)>,
) -> Result<Vec<String>, NoBackup> {
    let target = folder.join(MEDIA);
    let made = std::fs::DirBuilder::new().mode(0o700).create(&target);
    made.map_err(|error| cannot("make", &target, &error))?;
    if files.is_empty() {
        return Ok(Vec::new());
    }
    let from = config.media.folder(&config.database);
    if !from.is_dir() {
        return Err(NoBackup(format!(
            "the media folder {} is not there, and the database names {} files in it: set RAPPORT_MEDIA_DIR \
                as for \
             the server",
            from.display(),
            files.len()
        )));
    }
    let source = MediaFolder::at(&from);
    let target = MediaFolder::at(&target);
    let mut missing = Vec::new();
    for key in files {
        match source.copy_to(key, &target).map_err(|error| cannot("copy a file of", &from, &error))? {
            Some((name, sum)) => sums.push((format!("{MEDIA}/{name}"), sum)),
            None => missing.push(key.clone()),
        }
    }
    Ok(missing)
}

fn keep_key(folder: &Path, place: &KeyPlace, key: &SecretString) -> Result<(), NoBackup> {
    let line = format!("{}\n", key.expose_secret());
    match place {
        KeyPlace::LeftOut => Ok(()),
        KeyPlace::Inside => write(folder, KEY, line.as_bytes()),
        KeyPlace::Apart(file) => {
            let beside = file.parent().filter(|folder| !folder.as_os_str().is_empty());
            let name = file.file_name().and_then(|name| name.to_str()).unwrap_or(KEY);
            write(beside.unwrap_or(Path::new(".")), name, line.as_bytes())
        }
    }
}
