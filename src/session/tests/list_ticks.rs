//! How often those who watch are told, and of what: counts of frames and of reads, not times.

use super::*;
use crate::live::frames::Close;
use crate::live::messages::ListChange;
use crate::live::tick::TICK;
use crate::store::accounts::tokens;
use serde_json::json;
use std::collections::BTreeSet;
use std::time::Instant;

/// Colleagues of Ana's, up to an id, each with a token of the same id: so they stay signed in.
struct Enrol(i64);

impl Command for Enrol {
    type Answer = ();
    fn subject(&self) -> Subject {
        Subject::of("enrol")
    }
    async fn apply(&self, tx: &mut Tx<'_>) -> Result<(), LedgerError> {
        for id in 1..=self.0 {
            let new = users::NewUser {
                username: format!("user{id}"),
                full_name: format!("User {id}"),
                email: None,
                role: Role::Agent,
                password_hash: "no".into(),
            };
            if id > 1 {
                users::create(tx.conn, WorkspaceId(1), &new, tx.now).await?;
            }
            let hash = id.to_be_bytes();
            tokens::create(tx.conn, UserId(id), "screen", &hash, None, tx.now).await?;
        }
        Ok(())
    }
}

/// A house with so many colleagues.
async fn house_of(count: i64) -> House {
    let house = house().await;
    house.ledger.give(Enrol(count)).await.expect("are enrolled");
    house
}

/// A session of one user that watches everything.
fn watches(live: &Live, user: i64, batch: bool) -> Client {
    let client = Client::of_user(live, user, false, Rc::new(OpenBackend));
    client.say(&json!({"type": "watch", "scope": "all", "batch": batch, "ref": "list"}));
    client
}

impl Client {
    fn frames(&self, kind: &str) -> Vec<Value> {
        self.heard.borrow().iter().filter(|frame| frame["type"] == kind).cloned().collect()
    }

    async fn is_watching(&self) {
        until("it watches", || !self.frames("watching").is_empty()).await;
    }

    /// Who is here, as this session was told.
    fn online(&self) -> BTreeSet<i64> {
        let mut online = BTreeSet::new();
        for frame in self.heard.borrow().iter() {
            let some = ["users", "items"].into_iter().filter_map(|field| frame[field].as_array()).flatten();
            let by_tick = some.filter(|it| it["state"].is_string());
            let by_tick = by_tick.map(|it| (&it["id"], it["state"] == "online"));
            let alone = (frame["type"] == "presence").then(|| (&frame["user_id"], frame["online"] == true));
            for (id, is_here) in by_tick.chain(alone) {
                let id = id.as_i64().expect("an id");
                if is_here {
                    online.insert(id)
                } else {
                    online.remove(&id)
                };
            }
        }
        online
    }

    /// The newest message that the list shows of a conversation.
    fn listed(&self, id: ConversationId) -> i64 {
        let ticks = self.frames("conversations_updated");
        let mut items = ticks.iter().filter_map(|frame| frame["items"].as_array()).flatten();
        let newest = items.rfind(|item| item["conversation"]["id"] == id.0);
        newest.and_then(|item| item["conversation"]["last_message"]["seq"].as_i64()).unwrap_or(0)
    }
}

/// Ticks that fit into the time since a moment, the one under way and the first one included.
fn ticks_since(begun: Instant) -> usize {
    usize::try_from(begun.elapsed().as_millis() / TICK.as_millis()).expect("few") + 2
}

#[actix::test]
async fn who_comes_is_told_once_of_everybody_and_who_is_there_once_a_tick() {
    let house = house_of(200).await;
    let first = watches(&house.live, 1, true);
    until("it is here itself", || first.online().contains(&1)).await;
    let before = first.frames("presence_changes").len();
    let begun = Instant::now();
    let crowd: Vec<_> = (2..=200).map(|user| watches(&house.live, user, true)).collect();
    until("all are here", || first.online().len() == 200).await;
    let ticks = ticks_since(begun);
    until("and each knows it", || crowd.iter().all(|one| one.online().len() == 200)).await;
    for one in crowd.iter().chain([&first]) {
        assert_eq!(one.frames("presence_snapshot").len(), 1, "at once, when it came");
        assert!(
            one.frames("presence_changes").len() <= before + ticks,
            "{:?}",
            one.frames("presence_changes")
        );
        assert!(one.frames("presence").is_empty(), "not one by one");
    }
    let begun = Instant::now();
    crowd.iter().for_each(|one| one.hand.do_send(SessionEvent::Close(Close::Goodbye)));
    until("they are gone", || first.online().len() == 1).await;
    assert!(first.frames("presence_changes").len() <= before + ticks + ticks_since(begun));
}

/// More than a mailbox holds, also on pages that know frames of one person only.
#[actix::test]
async fn fifteen_hundred_come_at_once_and_nobody_who_watches_is_closed() {
    let house = house_of(1_500).await;
    let mut watching = vec![watches(&house.live, 1, false), watches(&house.live, 2, true)];
    watching[1].is_watching().await;
    let come = (3..=1_498).map(|user| Client::of_user(&house.live, user, false, Rc::new(OpenBackend)));
    let _crowd: Vec<_> = come.collect();
    until("those who were there know it", || watching.iter().all(|one| one.online().len() == 1_498)).await;
    watching.extend([watches(&house.live, 1_499, false), watches(&house.live, 1_500, true)]);
    until("and those who come", || watching.iter().all(|one| one.online().len() == 1_500)).await;
    assert!(watching.iter().all(|one| one.closed.get().is_none()));
    assert_eq!(house.live.metrics().slow_sessions.get(), 0);
}

#[actix::test]
async fn a_burst_of_changes_is_one_frame_and_each_conversation_once_in_it() {
    let house = house_of(2).await;
    let (batched, single) = (watches(&house.live, 1, true), watches(&house.live, 2, false));
    batched.is_watching().await;
    single.is_watching().await;
    let begun = Instant::now();
    let lines: Vec<_> = (1..=40).map(|n| say(&house, &n.to_string(), Then::Keep)).collect();
    assert!(house.ledger.give_all(lines).await.iter().all(Result::is_ok));
    until("the newest is shown", || batched.listed(house.conversation) == 40).await;
    let frames = batched.frames("conversations_updated");
    assert!(frames.len() <= ticks_since(begun), "{frames:?}");
    assert!(frames.iter().all(|frame| frame["items"].as_array().is_some_and(|items| items.len() == 1)));
    assert!(batched.frames("conversation_updated").is_empty());
    until("each by itself", || single.frames("conversation_updated").len() == 40).await;
    assert!(house.live.metrics().list_reads.get() <= ticks_since(begun) as u64);
}

#[actix::test]
async fn where_nobody_watches_nothing_is_read_or_told() {
    let house = house_of(2).await;
    let client = Client::of(&house, false);
    client.subscribe(&house, 0);
    // One who watched and does no more counts for nobody.
    let other = watches(&house.live, 2, true);
    other.is_watching().await;
    other.say(&json!({"type": "watch", "scope": "none", "ref": "rest"}));
    until("it rests", || other.frames("watching").len() == 2).await;
    for n in 0..20 {
        house.ledger.give(say(&house, &n.to_string(), Then::Keep)).await.expect("is kept");
    }
    until("all are shown", || client.versions().len() == 20).await;
    other.say(&json!({"type": "watch", "scope": "all", "batch": true, "ref": "again"}));
    until("it watches again", || other.frames("watching").len() == 3).await;
    assert_eq!(house.live.metrics().list_reads.get(), 0);
    assert!(other.frames("conversations_updated").is_empty());
    house.ledger.give(say(&house, "now", Then::Keep)).await.expect("is kept");
    until("it is told again", || other.listed(house.conversation) == 21).await;
    assert_eq!(house.live.metrics().list_reads.get(), 1);
}

/// More conversations change at once than a tick may read.
fn floods(house: &House, round: i64) {
    for n in 0..600 {
        let change = ListChange::Hint {
            id: ConversationId(1_000 + n),
            revision: round,
            reason: Reason::Status,
            only_for: None,
        };
        house.live.registry_for_tests().do_send(Heard::List(WorkspaceId(1), change));
    }
}

#[actix::test]
async fn a_list_too_busy_to_be_told_is_to_be_fetched_once_a_second_at_most() {
    let house = house_of(1).await;
    let client = watches(&house.live, 1, true);
    client.is_watching().await;
    let begun = Instant::now();
    let (mut round, mut last) = (0, None::<Instant>);
    until("it is told twice", || {
        if last.is_none_or(|last| last.elapsed() > TICK) {
            (round, last) = (round + 1, Some(Instant::now()));
            floods(&house, round);
        }
        client.frames("list_stale").len() >= 2
    })
    .await;
    let seconds = usize::try_from(begun.elapsed().as_secs()).expect("few");
    assert!(client.frames("list_stale").len() <= seconds + 2);
    let stale = client.frames("list_stale")[0].clone();
    assert_eq!((&stale["scope"], &stale["within_ms"]), (&json!("all"), &json!(1_000)), "{stale}");
    assert_eq!(house.live.metrics().list_reads.get(), 0, "nobody would have been told of what was read");
    assert_eq!(client.closed.get(), None);
    // Calm again; what is said in the tick of the last flood goes down with it.
    for n in 0.. {
        if client.listed(house.conversation) > 0 {
            break;
        }
        assert!(begun.elapsed() < TIMEOUT, "it is never told as before");
        house.ledger.give(say(&house, &n.to_string(), Then::Keep)).await.expect("is kept");
    }
}

/// What waits for a session is bounded, and what it can fetch again does not end it: it is told so when it
/// takes bytes again, and who came and went meanwhile.
#[actix::test]
async fn who_is_behind_is_told_that_the_list_is_stale_and_not_closed() {
    let house = house_of(3).await;
    let slow = Client::of_user(&house.live, 1, true, Rc::new(OpenBackend));
    slow.say(&json!({"type": "watch", "scope": "all", "batch": true}));
    slow.subscribe(&house, 0);
    let words = "x".repeat(8_000);
    let quick = watches(&house.live, 2, true);
    quick.is_watching().await;
    // Beyond the half of what may wait, and below the whole.
    let count = i64::try_from(OUTSTANDING / 8_000 * 3 / 5).expect("small");
    for _ in 0..count {
        house.ledger.give(say(&house, &words, Then::Keep)).await.expect("is kept");
    }
    until("the quick one has it", || quick.listed(house.conversation) == count).await;
    let gone = watches(&house.live, 3, true);
    until("the quick one sees them", || quick.online().contains(&3)).await;
    slow.hand.do_send(Recovers);
    until("it is to fetch the list", || !slow.frames("list_stale").is_empty()).await;
    until("it knows who is here", || slow.online().contains(&3)).await;
    drop(gone);
    assert_eq!(slow.closed.get(), None);
    assert_eq!(house.live.metrics().slow_sessions.get(), 0);
}
