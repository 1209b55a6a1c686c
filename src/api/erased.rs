//! What comes after an erasure: its words leave the index, the free pages and the log of the database; and what an
//! admin is told of what stays. Never the erasure itself.

use crate::app::App;
use crate::desk::customers::WashIndex;
use crate::domain::Timestamp;
use crate::ingest::remove_unused_files;
use crate::store::audit;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// How long an answer may wait for it; what is left is done behind it.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long after an erasure a start looks once more.
const LATELY: Duration = Duration::from_hours(24);
/// Between two tries while somebody reads.
const PAUSE: Duration = Duration::from_millis(200);

/// Takes the words out of what the database keeps beside its rows. False: it is still at it.
pub(super) async fn wash(app: &App) -> bool {
    let washing = {
        let app = app.clone();
        actix_web::rt::spawn(async move {
            let begun = Instant::now();
            wash_wholly(&app).await;
            if begun.elapsed() > PATIENCE {
                log::info!("the words of an erased customer have left the index and the log");
            }
        })
    };
    tokio::time::timeout(PATIENCE, washing).await.is_ok()
}

/// A process that was killed before it was through: what was erased of late is washed once more.
pub async fn wash_again(app: App) {
    let since = Timestamp::now().minus(LATELY);
    let erased = app.db.read(async move |conn| audit::erased_since(conn, since).await).await;
    if erased.is_ok_and(|erased| !erased.is_empty()) {
        wash_wholly(&app).await;
    }
}

async fn wash_wholly(app: &App) {
    // Files of messages that were edited before are nobody's already.
    if let Err(error) = remove_unused_files(&app.db, &app.ledger, &app.media, Timestamp::now()).await {
        log::warn!("unused files cannot be looked for yet: {error}");
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
    while let Err(error) = app.db.fold().await {
        log::debug!("the log cannot be folded yet: {error}");
        actix_web::rt::time::sleep(PAUSE).await;
    }
}

/// What may still name them, in words for an admin.
pub(super) fn stays(is_postgres: bool, is_clean: bool) -> Value {
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
    if !is_clean {
        stays.push(("washing", "The search index and the log: their words go within the next minutes."));
    }
    stays.into_iter().map(|(code, text)| json!({"code": code, "text": text})).collect()
}
