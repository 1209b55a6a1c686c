//! Catching up: what the platform has is compared with what we have, by the platform's own ids. Read are the
//! conversations in which something happened since the last look, page by page, within the platform's limits;
//! what is missing is stored as its webhook would have been. Whatever ends it, the next look finds the same.
//! Never a message that we have, never one older than the last look.

use super::asking::{AT_MOST, ChannelChecks, Outcome, source};
use super::commands::Found;
use crate::auth::ConnectedChannel;
use crate::channels::{CallError, PastMessage, PastThread};
use crate::domain::Timestamp;
use crate::domain::inbound::{InboundEvent, Thread};
use crate::ingest::recover::{self, FillGaps, NoteGap};
use crate::ledger::LedgerError;
use crate::store::StoreError;
use crate::store::accounts::channel_checks::CheckRow;
use crate::store::accounts::channel_health;
use serde::{Deserialize, Serialize};
use std::collections::HashSet;
use std::time::{Duration, Instant};

/// How often it is looked.
const EVERY: Duration = Duration::from_hours(1);
/// A look begins so much before the last one began: clocks differ, and a platform tells its past late.
const OVERLAP: Duration = Duration::from_mins(30);
/// What a channel's customers wrote so long before it was connected still waits for an answer: the window.
const BEFORE_CONNECTED: Duration = Duration::from_hours(24);
/// Nobody is asked for more of the past.
const LONGEST: Duration = Duration::from_hours(24 * 30);
/// Between two calls: the Conversations API takes 2 a second (docs/platforms.md 3.7).
const PACE: Duration = Duration::from_millis(550);
/// Answers of one conversation.
const PAGES: usize = 50;
/// What was written so lately may have its webhook on the way: it is looked at again soon.
const YOUNG: Duration = Duration::from_mins(1);
const SOON: Duration = Duration::from_mins(2);
/// While webhooks are lost it is looked more often.
const WHILE_LOSING: Duration = Duration::from_mins(5);

/// Where a look that was not ended goes on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Progress {
    /// When it began.
    began: Timestamp,
    /// What happened before is not looked at.
    since: Timestamp,
    /// Something was too young to be missing.
    #[serde(default)]
    is_early: bool,
    /// Where this page of conversations begins.
    after: Option<String>,
    /// Which of its conversations are compared already.
    #[serde(default)]
    done: Vec<String>,
    /// How many conversations the platform refused to tell of, and its last words.
    #[serde(default)]
    refused: Option<(usize, String)>,
}

impl Progress {
    /// One conversation is not to be had: it holds up no other.
    fn refuse(&mut self, words: String) {
        let count = self.refused.take().map_or(0, |(count, _)| count);
        self.refused = Some((count + 1, words));
    }

    /// From the first page on again: where it stood the platform does not know any more.
    fn rewind(&mut self) {
        (self.after, self.done) = (None, Vec::new());
    }
}

/// Whether the platform says no to this one question, not to all of the channel's.
fn is_refusal(error: &CallError) -> bool {
    !error.may_retry && !error.channel_broken
}

/// Why a look ends before its end.
enum Stop {
    /// The platform said so.
    Platform(CallError),
    /// It could not be written.
    Ledger(LedgerError),
    /// The platform wants to be left alone for a while.
    Wait(Duration),
}

impl From<CallError> for Stop {
    fn from(error: CallError) -> Self {
        Self::Platform(error)
    }
}

impl From<LedgerError> for Stop {
    fn from(error: LedgerError) -> Self {
        Self::Ledger(error)
    }
}

impl From<StoreError> for Stop {
    fn from(error: StoreError) -> Self {
        Self::Ledger(error.into())
    }
}

/// Looks, or goes on looking.
pub(super) async fn look(checks: &ChannelChecks, row: &CheckRow, channel: &ConnectedChannel) -> Outcome {
    let id = channel.channel.id;
    let health = match checks.db.read(async move |conn| channel_health::find(conn, id).await).await {
        Ok(health) => health,
        Err(error) => return error.into(),
    };
    let compared = health.and_then(|health| health.compared_until);
    let kept = row.progress.as_deref().and_then(|json| serde_json::from_str(json).ok());
    let progress = kept.unwrap_or_else(|| begin(channel.channel.created_at, compared, Timestamp::now()));
    let mut look =
        Look { checks, channel, progress, until: Instant::now() + AT_MOST, calls: 0, recovered: 0 };
    let ended = look.go().await;
    look.outcome(ended).await
}

/// A new look: from where the last one began, or from a while before the channel was connected.
fn begin(connected: Timestamp, compared: Option<Timestamp>, now: Timestamp) -> Progress {
    let since = match compared {
        Some(compared) => compared.minus(OVERLAP),
        None => connected.minus(BEFORE_CONNECTED),
    };
    let since = since.max(now.minus(LONGEST));
    Progress { began: now, since, is_early: false, after: None, done: Vec::new(), refused: None }
}

struct Look<'a> {
    checks: &'a ChannelChecks,
    channel: &'a ConnectedChannel,
    progress: Progress,
    /// Then it makes room for others.
    until: Instant,
    calls: usize,
    recovered: usize,
}

impl Look<'_> {
    /// Goes through the conversations; whether it came to the end.
    async fn go(&mut self) -> Result<bool, Stop> {
        loop {
            self.pace().await?;
            let (platforms, access) = (&self.checks.platforms, &self.channel.access);
            let page = match platforms.past_threads(access, self.progress.after.as_deref()).await {
                Err(error) if is_refusal(&error) && self.progress.after.is_some() => {
                    self.progress.rewind();
                    return Err(error.into());
                }
                page => page?,
            };
            let is_new =
                |thread: &&PastThread| thread.updated_at.is_none_or(|updated| updated >= self.progress.since);
            let threads: Vec<PastThread> = page.items.iter().filter(is_new).cloned().collect();
            let is_all_old = threads.is_empty() && !page.items.is_empty();
            for thread in threads {
                if self.progress.done.contains(&thread.id) {
                    continue;
                }
                match self.thread(&thread).await {
                    Err(Stop::Platform(error)) if is_refusal(&error) => self.progress.refuse(error.message),
                    compared => compared?,
                }
                self.progress.done.push(thread.id);
                if Instant::now() >= self.until {
                    return Ok(false);
                }
            }
            // A cursor that leads to itself leads nowhere.
            let is_loop = page.next.is_some() && page.next == self.progress.after;
            (self.progress.after, self.progress.done) = (page.next, Vec::new());
            if self.progress.after.is_none() || is_all_old || is_loop {
                return Ok(true);
            }
        }
    }

    /// Compares one conversation.
    async fn thread(&mut self, thread: &PastThread) -> Result<(), Stop> {
        let items = self.read(thread).await?;
        let source = source(self.channel);
        let ids: Vec<String> = items.iter().map(|item| item.id.clone()).collect();
        let known = recover::known(&self.checks.db, &source, ids).await?;
        let whose = items.iter().find_map(|item| item.event.as_ref()?.kind.thread().cloned());
        let (events, named) = missing(items, &known);
        let count = recover::recover(&self.checks.db, &self.checks.ledger, &source, events).await?;
        self.recovered += count;
        self.checks.counter().add(u64::try_from(count).unwrap_or(0));
        if let Some(thread) =
            whose.filter(|thread: &Thread| !thread.identities.is_empty() && !named.is_empty())
        {
            self.checks.ledger.give(NoteGap { source, thread, missing: named }).await?;
        }
        Ok(())
    }

    /// What was written in a conversation since the last look, the newest first.
    async fn read(&mut self, thread: &PastThread) -> Result<Vec<PastMessage>, Stop> {
        let (mut items, mut after) = (Vec::new(), None);
        for _ in 0..PAGES {
            self.pace().await?;
            let (platforms, access) = (&self.checks.platforms, &self.channel.access);
            let page = platforms.past_messages(access, &thread.id, after.as_deref()).await?;
            let is_new = |item: &PastMessage| item.at.is_none_or(|written| written >= self.progress.since);
            let reaches_back = page.items.last().is_none_or(|oldest| !is_new(oldest));
            let young = Timestamp::now().minus(YOUNG);
            let is_early = |item: &PastMessage| item.at.is_some_and(|written| written > young);
            let early = page.items.iter().any(is_early);
            items.extend(page.items.into_iter().filter(|item| is_new(item) && !is_early(item)));
            self.progress.is_early |= early;
            after = page.next;
            if reaches_back || after.is_none() {
                break;
            }
        }
        Ok(items)
    }

    /// Waits until the platform takes another call.
    async fn pace(&mut self) -> Result<(), Stop> {
        if let Some(wait) = self.checks.platforms.slow_down(&self.channel.access) {
            if wait > self.until.saturating_duration_since(Instant::now()) {
                return Err(Stop::Wait(wait));
            }
            actix::clock::sleep(wait).await;
        }
        // Before the first one, too: another look, perhaps of another server, may just have ended.
        actix::clock::sleep(PACE).await;
        self.calls += 1;
        Ok(())
    }

    async fn outcome(self, ended: Result<bool, Stop>) -> Outcome {
        let recovered = self.recovered;
        let outcome = match ended {
            Ok(true) => self.end().await,
            Ok(false) => {
                Outcome { again_in: Some(Duration::ZERO), progress: self.kept(), ..Outcome::default() }
            }
            Err(Stop::Wait(wait)) => {
                Outcome { again_in: Some(wait), progress: self.kept(), ..Outcome::default() }
            }
            Err(Stop::Platform(error)) => Outcome { progress: self.kept(), ..Outcome::failed(error) },
            Err(Stop::Ledger(error)) => Outcome { progress: self.kept(), ..Outcome::not_written(&error) },
        };
        Outcome { recovered, ..outcome }
    }

    /// Everything was compared.
    async fn end(&self) -> Outcome {
        if let Err(error) = self.checks.ledger.give(FillGaps { source: source(self.channel) }).await {
            return Outcome { progress: self.kept(), ..Outcome::not_written(&error) };
        }
        let again_in = match (self.progress.is_early, self.recovered) {
            (true, _) => SOON,
            (false, 0) => EVERY,
            (false, _) => WHILE_LOSING,
        };
        let compared = self.checks.note(self.channel, Found::Compared(self.progress.began), again_in).await;
        match &self.progress.refused {
            Some((count, words)) if compared.is_done => {
                Outcome { fault: Some(format!("conversations not told of: {count}: {words}")), ..compared }
            }
            _ => compared,
        }
    }

    fn kept(&self) -> Option<String> {
        serde_json::to_string(&self.progress).ok()
    }
}

/// What we do not have: what can be stored, and what is only named.
fn missing(
    items: Vec<PastMessage>,
    known: &HashSet<String>,
) -> (Vec<InboundEvent>, Vec<(String, Timestamp)>) {
    let (mut events, mut named) = (Vec::new(), Vec::new());
    // The newest come first; of two in one second the platform's order holds.
    for item in items.into_iter().rev().filter(|item| !known.contains(&item.id)) {
        match (item.event, item.at) {
            (Some(event), _) => events.push(event),
            (None, Some(at)) => named.push((item.id, at)),
            (None, None) => {}
        }
    }
    (events, named)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOON: Timestamp = Timestamp(1_786_004_400_000);

    #[test]
    fn a_look_begins_a_little_before_the_last_one_did() {
        let hour_ago = NOON.minus(EVERY);
        assert_eq!(begin(NOON, Some(hour_ago), NOON).since, hour_ago.minus(OVERLAP));
        assert_eq!(begin(NOON, None, NOON).since, NOON.minus(BEFORE_CONNECTED));
        let years_ago = NOON.minus(Duration::from_hours(24 * 900));
        assert_eq!(begin(years_ago, None, NOON).since, NOON.minus(LONGEST));
    }

    #[test]
    fn only_a_no_to_one_question_is_a_refusal() {
        let error = |may_retry, channel_broken| CallError {
            message: "no".to_owned(),
            may_retry,
            retry_after: None,
            channel_broken,
            not_yet: false,
        };
        assert!(is_refusal(&error(false, false)));
        assert!(!is_refusal(&error(true, false)) && !is_refusal(&error(false, true)));
        let mut progress = begin(NOON, None, NOON);
        (progress.after, progress.done) = (Some("c5".to_owned()), vec!["a".to_owned()]);
        progress.refuse("no".to_owned());
        progress.refuse("never".to_owned());
        progress.rewind();
        let expected = Progress { refused: Some((2, "never".to_owned())), ..begin(NOON, None, NOON) };
        assert_eq!(progress, expected);
    }

    #[test]
    fn what_is_only_named_is_a_gap_and_what_is_known_is_nothing() {
        let named = |id: &str, at| PastMessage { id: id.to_owned(), at, event: None };
        let items = vec![named("c", Some(NOON)), named("b", None), named("a", Some(NOON.minus(EVERY)))];
        let (events, gap) = missing(items, &HashSet::from(["c".to_owned()]));
        assert!(events.is_empty());
        assert_eq!(gap, [("a".to_owned(), NOON.minus(EVERY))]);
    }
}
