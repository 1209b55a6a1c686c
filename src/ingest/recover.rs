//! Messages that were read back from their platform because their webhooks were lost: given to the ledger as
//! the webhooks would have been, in the platform's order; and gaps, where it names messages and tells nothing
//! of them any more. Never a call to a platform.

use super::event::{Receive, Source};
use super::quarantine::Quarantine;
use super::{identify, locate};
use crate::domain::inbound::{InboundEvent, Thread};
use crate::domain::{Cause, ConversationId, Outcome, TimelineKind, Timestamp};
use crate::ledger::{Command, Ledger, LedgerError, Subject, Tx};
use crate::store::conversations::gaps::{self, Gap};
use crate::store::conversations::{self, forgotten};
use crate::store::{Db, StoreError, messages};
use crate::thread::timeline;
use serde_json::json;
use std::collections::{BTreeMap, HashSet};
use std::time::Duration;

/// Echoes that wait for an answer of ours are not missing.
const WAITING: [&str; 1] = ["echo"];
/// For so long the past of who was forgotten is left alone: nobody asks a platform for more of it.
const LOOKED_BACK: Duration = Duration::from_hours(24 * 40);

/// Which of these messages we have, or hold back until an answer of ours is there.
pub async fn known(db: &Db, source: &Source, ids: Vec<String>) -> Result<HashSet<String>, StoreError> {
    let channel = source.channel_id;
    db.read(async move |conn| {
        let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
        messages::known_identities(conn, channel, &WAITING, &ids).await
    })
    .await
}

/// Stores what is missing, the oldest first; how many messages there were, those of forgotten customers left
/// out. An error: the rest is found again at the next look.
pub async fn recover(
    db: &Db,
    ledger: &Ledger,
    source: &Source,
    mut events: Vec<InboundEvent>,
) -> Result<usize, LedgerError> {
    events.sort_by_key(|event| event.occurred_at);
    let events = not_forgotten(db, source, events).await?;
    let receive =
        |event: InboundEvent| Receive { source: source.clone(), event: event.into(), conversation: None };
    let mut receives: Vec<Receive> = events.into_iter().map(receive).collect();
    locate(db, &mut receives).await?;
    let mut counts = BTreeMap::<ConversationId, usize>::new();
    let asked = receives.clone();
    for (receive, answer) in asked.into_iter().zip(ledger.give_all(receives).await) {
        match answer {
            Ok(received) if received.outcome == Outcome::Stored => {
                received.conversation_id.into_iter().for_each(|id| *counts.entry(id).or_default() += 1);
            }
            Ok(_) => {}
            Err(error) if is_its_own(&error) => {
                log::error!("channel {}: what was read back cannot be stored: {error}", source.channel_id);
                let error = "read back, cannot be stored".to_owned();
                ledger.give(Quarantine { source: source.clone(), event: receive.event, error }).await?;
            }
            Err(error) => return Err(error),
        }
    }
    let count = counts.values().sum();
    for (conversation_id, count) in counts {
        ledger.give(NoteRecovered { source: source.clone(), conversation_id, count }).await?;
    }
    Ok(count)
}

/// Whether it fails for a reason of its own, however often it is given.
fn is_its_own(error: &LedgerError) -> bool {
    let of_the_row = |error: &StoreError| {
        matches!(error, StoreError::Broken(_) | StoreError::Taken(_) | StoreError::NotFound)
    };
    match error {
        LedgerError::Refused(_) => true,
        LedgerError::Store(error) => of_the_row(error),
        _ => false,
    }
}

/// What was not written by somebody who was forgotten since.
async fn not_forgotten(
    db: &Db,
    source: &Source,
    events: Vec<InboundEvent>,
) -> Result<Vec<InboundEvent>, StoreError> {
    let channel = source.channel_id;
    db.read(async move |conn| {
        let mut kept = Vec::with_capacity(events.len());
        for event in events {
            let address = event.kind.thread().and_then(Thread::first).map(|name| name.external_id.clone());
            let since = match address {
                Some(address) => forgotten::since(conn, channel, &address).await?,
                None => None,
            };
            if since.is_none_or(|since| event.occurred_at.is_some_and(|at| at > since)) {
                kept.push(event);
            }
        }
        Ok(kept)
    })
    .await
}

/// Says in a conversation how many messages were read back.
#[derive(Debug, Clone)]
struct NoteRecovered {
    source: Source,
    conversation_id: ConversationId,
    count: usize,
}

impl Command for NoteRecovered {
    type Answer = ();

    fn subject(&self) -> Subject {
        Subject::Conversation(self.conversation_id)
    }

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<(), LedgerError> {
        let cause = Cause::platform(self.source.channel_id, Some(self.source.name.clone()));
        let found = conversations::by_ids(tx.conn, &[self.conversation_id]).await?;
        let Some(state) = found.first() else { return Ok(()) };
        timeline::note(tx, state, TimelineKind::Recovered, &cause, json!({"count": self.count})).await
    }
}

/// Names what is missing of a conversation and is not to be had.
#[derive(Debug, Clone)]
pub struct NoteGap {
    pub source: Source,
    /// Whose conversation it is.
    pub thread: Thread,
    /// What the platform names, with its time.
    pub missing: Vec<(String, Timestamp)>,
}

impl Command for NoteGap {
    type Answer = ();

    fn subject(&self) -> Subject {
        Subject::of((self.source.channel_id, self.thread.first().map(|name| &name.external_id)))
    }

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<(), LedgerError> {
        let channel_id = self.source.channel_id;
        if let Some(name) = self.thread.first()
            && let Some(since) = forgotten::since(tx.conn, channel_id, &name.external_id).await?
            && self.missing.iter().any(|(_, at)| *at <= since)
        {
            return Ok(());
        }
        let Some(state) = identify::conversation_of(tx, &self.source, &self.thread).await? else {
            return Ok(());
        };
        let named: HashSet<String> = gaps::open(tx.conn, channel_id)
            .await?
            .into_iter()
            .filter(|gap| gap.conversation_id == state.id)
            .flat_map(|gap| gap.ids)
            .collect();
        let missing: Vec<_> = self.missing.iter().filter(|(id, _)| !named.contains(id)).collect();
        let times = || missing.iter().map(|(_, at)| *at);
        let (Some(from), Some(to)) = (times().min(), times().max()) else { return Ok(()) };
        let gap = Gap {
            workspace_id: state.workspace_id,
            channel_id,
            conversation_id: state.id,
            from,
            to,
            ids: missing.iter().map(|(id, _)| id.clone()).collect(),
        };
        if !gaps::insert(tx.conn, &gap, tx.now).await? {
            return Ok(());
        }
        let cause = Cause::platform(channel_id, Some(self.source.name.clone()));
        let details = json!({"count": gap.ids.len(), "from": from, "to": to});
        timeline::note(tx, &state, TimelineKind::Gap, &cause, details).await
    }
}

/// Looks whether what gaps name came after all, by a webhook that was late.
#[derive(Debug, Clone)]
pub struct FillGaps {
    pub source: Source,
}

impl Command for FillGaps {
    type Answer = ();

    fn subject(&self) -> Subject {
        Subject::of(("gaps", self.source.channel_id))
    }

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<(), LedgerError> {
        forgotten::drop_before(tx.conn, tx.now.minus(LOOKED_BACK)).await?;
        let channel = self.source.channel_id;
        for gap in gaps::open(tx.conn, channel).await? {
            let ids: Vec<&str> = gap.ids.iter().map(String::as_str).collect();
            let known = messages::known_identities(tx.conn, channel, &[], &ids).await?;
            let missing: Vec<String> = gap.ids.iter().filter(|id| !known.contains(*id)).cloned().collect();
            if missing.len() == gap.ids.len() {
                continue;
            }
            gaps::set_missing(tx.conn, &gap, &missing, tx.now).await?;
            let found = conversations::by_ids(tx.conn, &[gap.conversation_id]).await?;
            if let Some(state) = found.first().filter(|_| missing.is_empty()) {
                let cause = Cause::platform(channel, Some(self.source.name.clone()));
                let details = json!({"from": gap.from, "to": gap.to});
                timeline::note(tx, state, TimelineKind::GapFilled, &cause, details).await?;
            }
        }
        Ok(())
    }
}
