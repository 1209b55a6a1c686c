//! Who a customer is, as their platform tells: asked once, after their first message. What the
//! platform does not say never overwrites what is known. Never keeps a message waiting.

use super::download::{Downloads, LONGEST_WAIT, new_media};
use crate::channels::{FetchedProfile, registry};
use crate::domain::inbound::{CustomerIdentity, IdentityKind};
use crate::domain::{CustomerId, text};
use crate::jobs::attempt::{back_off, jitter};
use crate::ledger::{Command, Ledger, LedgerError, Subject, Tx};
use crate::media::Stored;
use crate::store::conversations::{self, customers};
use crate::store::messages::media::{self, Unasked};
use crate::store::{Db, messages};
use crate::thread::entries;
use std::collections::HashMap;
use std::time::{Duration, Instant};

/// How often the rows are looked at.
const POLL: Duration = Duration::from_secs(1);
/// Customers asked about in one go.
const CONCURRENCY: i64 = 8;
/// Bytes of a picture.
const PICTURE_LIMIT: u64 = 5 * 1024 * 1024;
/// Then the customer stays as they are.
const TRIES: i64 = 5;
/// Customers whose platform did not answer, remembered at most.
const MAX_QUEUED: usize = 500;

/// Asks about customers for as long as the process lives.
pub async fn ask_for_profiles(by: Downloads, db: Db, ledger: Ledger) {
    let mut profiles = Profiles::default();
    loop {
        tokio::time::sleep(POLL).await;
        profiles.ask(&by, &db, &ledger).await;
    }
}

/// Who must wait before they are asked about again: only in memory, a restart asks anew.
#[derive(Default)]
struct Profiles {
    waiting: HashMap<CustomerId, (i64, Instant)>,
}

impl Profiles {
    /// Asks about those who are new.
    async fn ask(&mut self, by: &Downloads, db: &Db, ledger: &Ledger) {
        if self.waiting.len() > MAX_QUEUED {
            return self.waiting.clear();
        }
        let now = Instant::now();
        let but: Vec<_> =
            self.waiting.iter().filter(|(_, (_, until))| *until > now).map(|(id, _)| *id).collect();
        let kinds: Vec<_> = registry::told_of().into_iter().map(IdentityKind::as_str).collect();
        let unasked = db.read(async move |conn| media::unasked(conn, &kinds, &but, CONCURRENCY).await).await;
        for who in unasked.unwrap_or_default() {
            let tries = self.waiting.get(&who.customer_id).map_or(0, |(tries, _)| *tries) + 1;
            let learned = match learn(by, who.clone(), tries >= TRIES).await {
                Asked::Known(learned) => *learned,
                Asked::Later => {
                    self.waiting.insert(who.customer_id, (tries, now + wait(tries)));
                    continue;
                }
            };
            self.waiting.remove(&who.customer_id);
            let key = learned.picture.as_ref().map(|picture| picture.storage_key.clone());
            if let Err(error) = ledger.give(learned).await {
                log::warn!("a profile could not be written yet: {error}");
                self.waiting.insert(who.customer_id, (tries, now + wait(tries)));
                if let Some(key) = key {
                    by.folder.forget(&key).await;
                }
            }
        }
    }
}

/// 8 s, 16 s, 32 s … at most.
fn wait(tries: i64) -> Duration {
    back_off(tries + 3, jitter(), LONGEST_WAIT)
}

/// What came of asking.
enum Asked {
    /// It was told, or never will be.
    Known(Box<Learn>),
    /// To be asked again.
    Later,
}

/// Asks the platform.
async fn learn(by: &Downloads, who: Unasked, is_last: bool) -> Asked {
    let nothing = |who| Asked::Known(Box::new(Learn { who, found: None, picture: None, only_fills: false }));
    let later = |who| if is_last { nothing(who) } else { Asked::Later };
    let Ok(Some(channel)) = by.directory.get(who.channel_id).await else { return later(who) };
    let Ok(kind) = who.kind.parse::<IdentityKind>() else { return nothing(who) };
    let identity = CustomerIdentity::new(kind, who.external_id.clone());
    let found = match by.platforms.fetch_profile(&channel.access, &identity).await {
        Ok(Some(found)) => found,
        Ok(None) => return nothing(who),
        // However often it was refused: who agrees with their next message has a name then.
        Err(error) if error.not_yet => return Asked::Later,
        Err(error) if error.may_retry || error.channel_broken => return later(who),
        Err(_) => return nothing(who),
    };
    let picture = match &found.avatar {
        Some(source) => {
            by.download(who.channel_id, source, None, PICTURE_LIMIT).await.ok().map(|(stored, _)| stored)
        }
        None => None,
    };
    let only_fills = registry::kind(channel.access.kind).names_with_messages;
    Asked::Known(Box::new(Learn { who, found: Some(found), picture, only_fills }))
}

/// Writes what a platform told of a customer.
struct Learn {
    who: Unasked,
    found: Option<FetchedProfile>,
    picture: Option<Stored>,
    /// What is known already came with a message, and is newer.
    only_fills: bool,
}

impl Command for Learn {
    type Answer = ();

    fn subject(&self) -> Subject {
        Subject::of(("customer", self.who.customer_id))
    }

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<(), LedgerError> {
        let who = &self.who;
        let Some(mut row) = customers::find(tx.conn, who.workspace_id, who.customer_id).await? else {
            return Ok(());
        };
        let before = row.clone();
        row.enhanced_data_fetched = true;
        if let Some(FetchedProfile { profile, .. }) = &self.found {
            for (known, told) in [
                (&mut row.name, &profile.name),
                (&mut row.username, &profile.username),
                (&mut row.locale, &profile.locale),
            ] {
                let told = text::name_of(told.as_deref()).filter(|_| !self.only_fills || known.is_none());
                if told.is_some() {
                    *known = told;
                }
            }
        }
        if let Some(picture) = self.picture.as_ref().filter(|picture| picture.mime_type.starts_with("image/"))
        {
            let by = format!("channel:{}", who.channel_id);
            let new = new_media(who.workspace_id, picture, None, by, tx.now);
            row.avatar_url = Some(messages::media_url(media::insert(tx.conn, &new).await?));
        }
        if row == before {
            return Ok(());
        }
        customers::update(tx.conn, &row).await?;
        for conversation in conversations::ids_of_customer(tx.conn, who.customer_id).await? {
            entries::touch(tx, conversation).await?;
        }
        Ok(())
    }
}
