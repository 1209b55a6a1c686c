//! What comes after an erasure: its words leave the index, the free pages and the log of the database; and
//! what an admin is told of what stays. Never the erasure itself.

use crate::app::App;
use crate::desk::customers::WashIndex;
use crate::domain::Timestamp;
use crate::ingest::remove_unused_files;
use crate::store::accounts::audit;
use serde::Serialize;
use std::time::{Duration, Instant};
use utoipa::ToSchema;

/// How long an answer may wait for it; what is left is done behind it.
const TIMEOUT: Duration = Duration::from_secs(10);
/// How long after an erasure a start looks once more.
const LATELY: Duration = Duration::from_hours(24);
/// Between two tries while somebody reads.
const PAUSE: Duration = Duration::from_millis(200);

/// How often it is tried.
const TRIES: usize = 10;
/// How long a file may be that is written anew at once: it is held in memory, and whoever writes waits for a
/// second.
const COMPACTED: u64 = 128 * 1024 * 1024;

/// Takes the words out of what the database keeps beside its rows. Whether its file was written anew, too;
/// none: it is still at it.
pub(crate) async fn wash(app: &App) -> Option<bool> {
    let washing = {
        let app = app.clone();
        actix_web::rt::spawn(async move {
            let begun = Instant::now();
            let is_compact = wash_wholly(&app).await;
            if begun.elapsed() > TIMEOUT {
                log::info!("the words of an erased customer have left the index and the log");
            }
            is_compact
        })
    };
    tokio::time::timeout(TIMEOUT, washing).await.ok()?.ok()
}

/// A process that was killed before it was through: what was erased of late is washed once more.
pub async fn wash_again(app: App) {
    let since = Timestamp::now().minus(LATELY);
    let erased = app.db.read(async move |conn| audit::erased_since(conn, since).await).await;
    if erased.is_ok_and(|erased| !erased.is_empty()) {
        wash_wholly(&app).await;
    }
}

async fn wash_wholly(app: &App) -> bool {
    // Files of messages that were edited before are nobody's already.
    if let Err(error) = remove_unused_files(&app.db, &app.ledger, &app.media, Timestamp::now()).await {
        log::warn!("unused files could not be checked, retrying: {error}");
    }
    let mut is_first = true;
    loop {
        match app.ledger.give(WashIndex { is_first }).await {
            Ok(false) => break,
            Ok(true) => is_first = false,
            Err(error) => {
                log::warn!("the search index cannot be written anew yet: {error}");
                actix_web::rt::time::sleep(PAUSE).await;
            }
        }
    }
    let is_compact = compacted(app).await;
    while let Err(error) = app.db.fold().await {
        log::debug!("the log cannot be folded yet: {error}");
        actix_web::rt::time::sleep(PAUSE).await;
    }
    is_compact
}

/// Writes the file anew; where the disk has no room for it, it stays as it is.
async fn compacted(app: &App) -> bool {
    for _ in 0..TRIES {
        match app.db.compact(COMPACTED).await {
            Ok(is_compact) => return is_compact,
            Err(error) => {
                log::warn!("the database cannot be written anew yet: {error}");
                actix_web::rt::time::sleep(PAUSE).await;
            }
        }
    }
    false
}

/// Something that may still name an erased customer.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = WhatStays)]
pub struct Stays {
    code: &'static str,
    /// For an admin.
    text: &'static str,
}

/// What may still name them, in words for an admin.
pub(crate) fn stays(is_postgres: bool, washed: Option<bool>) -> Vec<Stays> {
    let mut stays = vec![
        ("team_conversations", "What colleagues wrote to each other, and ready-made answers."),
        ("backups", "Backups that were taken before."),
        ("outside", "What platforms, programs outside (webhooks) and models were told before."),
        ("audit", "The audit trail, by numbers only: that this customer was erased, by whom and when."),
    ];
    if is_postgres {
        stays.push((
            "postgres",
            "PostgreSQL's write-ahead log and free pages, until they are written over (docs/operations.md).",
        ));
    }
    match washed {
        Some(true) => {}
        Some(false) => stays.push((
            "pages",
            "Pieces of words in pages of the database file, which is too long to be written anew while it is \
                used \
             (docs/operations.md).",
        )),
        None => stays.push((
            "washing",
            "The search index, the log and the pages of the file: their words go within \
            minutes.",
        )),
    }
    stays.into_iter().map(|(code, text)| Stays { code, text }).collect()
}
