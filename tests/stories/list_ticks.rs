//! The list and the people of a page that is told by ticks: few frames, however much changes, and never of
//! what is another's (contract 6).

use crate::support::channel::Channel;
use crate::support::client::{Client, number};
use crate::support::database::Database;
use crate::support::house::{House, Pair};
use crate::support::on_both_databases;
use crate::support::socket::{Socket, of_type};
use crate::support::webhooks::post;
use serde_json::{Value, json};
use std::collections::{BTreeSet, HashSet};
use std::time::Instant;

on_both_databases!(
    what_changes_in_a_tick_is_one_frame_and_each_conversation_once_in_it,
    who_is_here_comes_at_once_and_then_what_changes,
    what_calls_a_person_is_told_whatever_part_of_the_list_they_look_at,
    by_ticks_nobody_hears_of_what_is_others,
    where_nobody_watches_the_list_is_not_read,
    a_list_too_busy_to_be_told_is_to_be_fetched_and_what_is_ones_own_is_told,
);

/// One webhook with a message of each of these customers.
fn body(channel: &Channel, said: &[(String, String)]) -> Value {
    let mut bodies = said.iter().map(|(customer, text)| {
        let id = format!("wamid.{customer}.{}", text.chars().take(12).collect::<String>());
        channel.text(customer, &id, text)
    });
    let mut whole = bodies.next().expect("somebody says something");
    for body in bodies {
        let entries = body["entry"].as_array().expect("entries").clone();
        whole["entry"].as_array_mut().expect("entries").extend(entries);
    }
    whole
}

/// The items of all ticks that came.
fn items(frames: &[Value]) -> Vec<Value> {
    let ticks = of_type(frames, "conversations_updated");
    ticks.flat_map(|tick| tick["items"].as_array().expect("items").clone()).collect()
}

fn says(item: &Value, words: &str) -> bool {
    item["conversation"]["last_message"]["content"] == words
}

/// Waits until the list tells that these words are a conversation's newest.
async fn shows(session: &Socket, words: &str) -> Value {
    session.until(words, |frames| items(frames).into_iter().rfind(|item| says(item, words))).await
}

async fn what_changes_in_a_tick_is_one_frame_and_each_conversation_once_in_it(database: Database) {
    let house = House::open(database).await;
    let channel = house.channel("whatsapp").await;
    let session = Socket::open(&house.admin).await;
    session.watch_by_ticks("all").await;
    let begun = Instant::now();
    let customers: Vec<_> = (0..5).map(|n| format!("1555770050{n}")).collect();
    for round in 0..4 {
        let said: Vec<_> = customers.iter().map(|one| (one.clone(), format!("{round} of {one}"))).collect();
        post(&house.url(), &channel, &body(&channel, &said)).await.expect(200);
    }
    for one in &customers {
        let item = shows(&session, &format!("3 of {one}")).await;
        assert_eq!(item["conversation"]["unread_count"], 4, "{item}");
    }
    let ticks = session.of_type("conversations_updated");
    assert!(ticks.len() as u128 <= begun.elapsed().as_millis() / 100 + 2, "{} ticks", ticks.len());
    for tick in &ticks {
        let items = tick["items"].as_array().expect("items");
        let ids: HashSet<_> = items.iter().map(|item| number(&item["conversation"]["id"])).collect();
        assert_eq!(ids.len(), items.len(), "each once: {tick}");
    }
    let first = items(&session.frames());
    let reasons: BTreeSet<_> = first.iter().filter_map(|item| item["reason"].as_str()).collect();
    assert!(reasons.contains("created"), "{reasons:?}");
    assert_eq!(session.of_type("conversation_updated").len(), 0, "not one by one as well");
}

async fn who_is_here_comes_at_once_and_then_what_changes(database: Database) {
    let house = House::open(database).await;
    let (id, ana) = house.admin.adds("ana", "Ana Lind", "agent").await;
    let me = number(&house.admin.get("/api/v1/me").await.expect(200)["id"]);
    let session = Socket::open(&house.admin).await;
    session.watch_by_ticks("all").await;
    session.frame("presence_snapshot").await;
    let hers = Socket::open(&ana).await;
    hers.watch_by_ticks("mine").await;
    let changed = |state: &'static str| {
        move |frames: &[Value]| {
            let mut items = of_type(frames, "presence_changes")
                .flat_map(|tick| tick["items"].as_array().expect("items").clone());
            items.any(|item| item["id"] == id && item["state"] == state).then_some(())
        }
    };
    session.until("she came", changed("online")).await;
    let users = hers.frame("presence_snapshot").await["users"].clone();
    assert!(users.as_array().is_some_and(|users| users.contains(&json!({"id": me, "state": "online"}))));
    hers.send(&json!({"type": "presence", "is_here": false}));
    session.until("she went", changed("offline")).await;
    assert_eq!(session.of_type("presence").len(), 0, "not one by one as well");
    // Another part of the list, the same people.
    hers.watch_by_ticks("all").await;
    assert_eq!(hers.of_type("presence_snapshot").len(), 1);
}

async fn what_calls_a_person_is_told_whatever_part_of_the_list_they_look_at(database: Database) {
    let house = House::open(database).await;
    let channel = house.channel("whatsapp").await;
    let (ana_id, ana) = house.admin.adds("ana", "Ana Lind", "agent").await;
    let (ben_id, _) = house.admin.adds("ben", "Ben Ode", "agent").await;
    let mut others = Vec::new();
    for (customer, user) in [("15557700511", ana_id), ("15557700512", ben_id), ("15557700513", ben_id)] {
        let id = channel.conversation(&house.admin, customer).await;
        let path = format!("/api/v1/conversations/{id}");
        house.admin.patch(&path, &json!({"assignee_id": user})).await.expect(200);
        others.push(id);
    }
    let hers = Socket::open(&ana).await;
    hers.watch_by_ticks("mine_and_unassigned").await;
    hers.subscribe(others[2], None).await;
    let said = |customer: &str| (customer.to_owned(), format!("of {customer}"));
    for customer in ["15557700512", "15557700511", "15557700513", "15557700514"] {
        post(&house.url(), &channel, &body(&channel, &[said(customer)])).await.expect(200);
    }
    // Hers, the one she has open, and nobody's.
    for customer in ["15557700511", "15557700513", "15557700514"] {
        shows(&hers, &said(customer).1).await;
    }
    assert!(!items(&hers.frames()).iter().any(|item| says(item, "of 15557700512")), "it is Ben's");
}

async fn by_ticks_nobody_hears_of_what_is_others(database: Database) {
    let house = House::open(database).await;
    let channel = house.channel("whatsapp").await;
    let (_, ana) = house.admin.adds("ana", "Ana Lind", "agent").await;
    let (_, ben) = house.admin.adds("ben", "Ben Ode", "agent").await;
    let (eves, bens) = (Socket::open(&house.admin).await, Socket::open(&ben).await);
    for session in [&eves, &bens] {
        session.watch_by_ticks("all").await;
    }
    let written = json!({"to": "ben", "content": "between us", "client_id": "d-1"});
    let answer = ana.post("/api/v1/direct-messages", &written).await.json;
    let direct = number(&answer["conversation"]["id"]);
    eves.send(&json!({"type": "subscribe", "conversation_id": direct, "after": 0}));
    eves.frame("error").await;
    ana.say(direct, "d-2", "still between us").await.expect(201);
    post(&house.url(), &channel, &channel.text("15557700521", "wamid.1", "to all")).await.expect(200);
    shows(&bens, "still between us").await;
    shows(&eves, "to all").await;
    let told = eves.frames().iter().any(|frame| frame.to_string().contains("between us"));
    assert!(!told, "{:?}", eves.frames());
    // A read mark is told to whose it is.
    ben.post(&format!("/api/v1/conversations/{direct}/read"), &json!({"seq": 2})).await;
    bens.until("it is read", |frames| items(frames).into_iter().find(|item| item["reason"] == "read")).await;
    assert!(!items(&eves.frames()).iter().any(|item| item["reason"] == "read"));
}

async fn where_nobody_watches_the_list_is_not_read(database: Database) {
    let house = House::open(database).await;
    let channel = house.channel("whatsapp").await;
    let conversation = channel.conversation(&house.admin, "15557700531").await;
    let session = Socket::open(&house.admin).await;
    session.watch_by_ticks("all").await;
    session.watch_by_ticks("none").await;
    session.subscribe(conversation, Some(0)).await;
    for n in 0..10 {
        let text = channel.text("15557700531", &format!("wamid.{n}"), &format!("{n}"));
        post(&house.url(), &channel, &text).await.expect(200);
    }
    session.until("all ten", |frames| (of_type(frames, "chat_message").count() == 10).then_some(())).await;
    session.is_level().await;
    let list = ["conversations_updated", "conversation_updated", "list_stale"];
    assert!(list.iter().all(|kind| session.of_type(kind).is_empty()), "{:?}", session.frames());
    let metrics = Client::anonymous(&house.url()).get("/metrics").await.text;
    assert!(metrics.contains("rapport_list_reads_total 0"), "{metrics}");
}

async fn a_list_too_busy_to_be_told_is_to_be_fetched_and_what_is_ones_own_is_told(database: Database) {
    let house = House::open(database).await;
    let channel = house.channel("whatsapp").await;
    let (ana_id, ana) = house.admin.adds("ana", "Ana Lind", "agent").await;
    let own = channel.conversation(&house.admin, "15557700541").await;
    let path = format!("/api/v1/conversations/{own}");
    house.admin.patch(&path, &json!({"assignee_id": ana_id})).await.expect(200);
    let hers = Socket::open(&ana).await;
    hers.watch_by_ticks("all").await;
    // Ten long messages of ten customers are more than a session is told in one tick.
    let long = "a long story ".repeat(2_000);
    let mut round = 0;
    let stale = loop {
        let mut said: Vec<_> =
            (0..10).map(|n| (format!("155577006{n:02}"), format!("{round} {long}"))).collect();
        said.push(("15557700541".to_owned(), format!("{round} to Ana")));
        post(&house.url(), &channel, &body(&channel, &said)).await.expect(200);
        shows(&hers, &format!("{round} to Ana")).await;
        hers.is_level().await;
        if let Some(stale) = hers.of_type("list_stale").into_iter().next() {
            break stale;
        }
        round += 1;
        assert!(round < 30, "every tick found room: {:?}", items(&hers.frames()).len());
    };
    assert_eq!(stale["scope"], "all");
    let within = number(&stale["within_ms"]);
    assert!((1_000..=60_000).contains(&within), "{stale}");
    let list = ana.all("/api/v1/conversations").await;
    let newest = list.iter().filter(|it| {
        let last = it["last_message"]["content"].as_str().unwrap_or_default();
        last.starts_with(&format!("{round} a long story"))
    });
    assert_eq!(newest.count(), 10, "whoever fetches it after that has it all");
    assert!(hers.is_open());
}

/// Who is here, as these frames tell it.
fn online(frames: &[Value]) -> BTreeSet<i64> {
    let is_presence = |frame: &&Value| frame["type"].as_str().is_some_and(|it| it.starts_with("presence_"));
    let told = frames.iter().filter(is_presence);
    let people = told.flat_map(|frame| ["users", "items"].map(|field| frame[field].clone()));
    let here = people.filter_map(|it| it.as_array().cloned()).flatten();
    here.filter(|it| it["state"] == "online").map(|it| number(&it["id"])).collect()
}

/// Who is with one server is told at the other as there: at once to whoever comes, then once a tick.
#[tokio::test]
async fn who_is_at_another_server_comes_by_ticks_as_well() {
    let Some(Pair { redis: _redis, house, second }) = Pair::open().await else { return };
    let mut ids = BTreeSet::new();
    let mut theirs = Vec::new();
    let session = Socket::open(&house.admin).await;
    session.watch_by_ticks("all").await;
    for n in 0..5 {
        let (id, client) = house.admin.adds(&format!("agent{n}"), "An Agent", "agent").await;
        ids.insert(id);
        theirs.push(Socket::open(&client.at(&second.url())).await);
    }
    session.until("all are here", |frames| ids.is_subset(&online(frames)).then_some(())).await;
    let late = Socket::open(&house.admin).await;
    late.watch_by_ticks("mine").await;
    let snapshot = late.frame("presence_snapshot").await;
    assert!(ids.is_subset(&online(&[snapshot])), "at once");
    assert_eq!(session.of_type("presence").len(), 0);
}
