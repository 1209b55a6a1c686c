//! What happened to a conversation: each thing once, dense and with its cause; told live, read back where it was
//! missed, on one server and on two; never to a visitor, never to who is no part of it; gone with its customer.
//! Over 400 lines: one subject, told from each side.

use super::answering;
use super::flows::{make, run_becomes};
use crate::support::channel::{Channel, results};
use crate::support::client::{Client, number};
use crate::support::database::Database;
use crate::support::dice::Dice;
use crate::support::house::{House, Pair};
use crate::support::server::Server;
use crate::support::socket::Socket;
use crate::support::webhooks::post;
use crate::support::{eventually, on_both_databases};
use futures_util::future::join_all;
use serde_json::{Value, json};

on_both_databases!(
    what_people_customers_and_time_do_stands_there_with_its_cause,
    what_a_flow_does_is_its_doing,
    a_model_that_gives_up_says_so,
    merging_spam_and_leaving_are_told_of_every_conversation,
    deeds_at_once_are_dense_and_each_session_sees_each_once,
    a_session_that_comes_back_gets_what_it_missed_then_what_comes,
    whatever_is_cut_each_event_is_seen_once_in_order,
    neither_visitors_nor_others_hear_of_it,
    who_looks_is_shown_to_colleagues_until_they_go,
    a_forgotten_customers_events_are_gone,
);

const CUSTOMER: &str = "15557700421";
const OTHER: &str = "15557700422";

async fn writes(house: &House, channel: &Channel, customer: &str, id: &str) -> i64 {
    let told = post(&house.url(), channel, &channel.text(customer, id, &format!("text of {id}"))).await;
    number(&results(told)[0]["conversation_id"])
}

async fn events(client: &Client, conversation: i64) -> Vec<Value> {
    let mut all: Vec<Value> = Vec::new();
    loop {
        let after = all.last().map_or(0, |event| number(&event["event_seq"]));
        let path = format!("/api/v1/conversations/{conversation}/events?limit=7&after={after}");
        let page = client.get(&path).await.expect(200);
        all.extend(page["items"].as_array().expect("items").iter().cloned());
        if page["next_cursor"].is_null() {
            return all;
        }
        assert_eq!(page["next_cursor"], json!(all.last().expect("one")["event_seq"].to_string()));
    }
}

fn kinds(events: &[Value]) -> Vec<&str> {
    events.iter().map(|event| event["kind"].as_str().expect("a kind")).collect()
}

fn places(events: &[Value]) -> Vec<i64> {
    events.iter().map(|event| number(&event["event_seq"])).collect()
}

async fn changes(client: &Client, conversation: i64, change: &Value) {
    client.patch(&format!("/api/v1/conversations/{conversation}"), change).await.expect(200);
}

/// The events of a conversation that a session was told, in the order they came.
fn told(socket: &Socket, conversation: i64) -> Vec<Value> {
    let frames = socket.of_type("conversation_event");
    let here = frames.into_iter().filter(|frame| frame["conversation_id"] == conversation);
    here.map(|frame| {
        assert_eq!(frame["event_seq"], frame["event"]["event_seq"]);
        frame["event"].clone()
    })
    .collect()
}

/// Waits until a session was told of an event's place.
async fn hears(socket: &Socket, conversation: i64, seq: i64) {
    let is_it = |frame: &&Value| {
        frame["type"] == "conversation_event"
            && frame["conversation_id"] == conversation
            && frame["event_seq"] == seq
    };
    socket.until("the event", |frames| frames.iter().find(is_it).map(|_| ())).await;
}

async fn follows(client: &Client, conversation: i64, after_event: Option<i64>) -> (Socket, Value) {
    let socket = Socket::open(client).await;
    let mut frame = json!({"type": "subscribe", "conversation_id": conversation});
    if let Some(after) = after_event {
        frame["after_event"] = after.into();
    }
    socket.send(&frame);
    let subscribed = socket.frame("subscribed").await;
    (socket, subscribed)
}

async fn what_people_customers_and_time_do_stands_there_with_its_cause(database: Database) {
    let house = House::open(database).await;
    let channel = house.channel("whatsapp").await;
    let (ana_id, ana) = house.admin.adds("ana", "Ana Lind", "agent").await;
    let (ben_id, _) = house.admin.adds("ben", "Ben Ode", "agent").await;
    let label = json!({"name": "Refund", "color": "#aa0000"});
    let label = house.admin.post("/api/v1/labels", &label).await.expect(201);
    let conversation = writes(&house, &channel, CUSTOMER, "wamid.1").await;
    changes(&ana, conversation, &json!({"assignee_id": ben_id})).await;
    changes(&ana, conversation, &json!({"assignee_id": ben_id})).await;
    house
        .admin
        .patch(&format!("/api/v1/users/{ben_id}"), &json!({"full_name": "Ben Odell"}))
        .await
        .expect(200);
    changes(&ana, conversation, &json!({"assignee_id": null, "priority": "high"})).await;
    changes(&ana, conversation, &json!({"label_ids": [label["id"]]})).await;
    changes(&ana, conversation, &json!({"label_ids": [], "status": "closed"})).await;
    writes(&house, &channel, CUSTOMER, "wamid.2").await;
    writes(&house, &channel, CUSTOMER, "wamid.3").await;
    let soon = (chrono::Utc::now() + chrono::Duration::milliseconds(500)).to_rfc3339();
    changes(&ana, conversation, &json!({"snoozed_until": soon})).await;
    let found = eventually("it wakes", async || {
        let found = events(&ana, conversation).await;
        let is_awake = kinds(&found).contains(&"woken");
        is_awake.then_some(found)
    })
    .await;
    let expected = [
        "created",
        "assigned",
        "assigned",
        "priority",
        "labelled",
        "status",
        "unlabelled",
        "status",
        "snoozed",
        "woken",
    ];
    assert_eq!(kinds(&found), expected, "{found:#?}");
    assert_eq!(places(&found), (1..=10).collect::<Vec<_>>());
    let by_ana = json!({"kind": "user", "id": ana_id, "name": "Ana Lind"});
    let by_channel = json!({"kind": "platform", "id": channel.id, "name": "The whatsapp"});
    let by_itself = json!({"kind": "system", "id": null, "name": null});
    let causes: Vec<_> = found.iter().map(|event| event["cause"].clone()).collect();
    assert_eq!((&causes[0], &causes[7], &causes[9]), (&by_channel, &by_channel, &by_itself));
    assert!([1, 2, 3, 4, 5, 6, 8].iter().all(|at| causes[*at] == by_ana), "{causes:?}");
    let ben = json!({"id": ben_id, "name": "Ben Ode"});
    assert_eq!((&found[1]["assignee"], &found[1]["before"]), (&ben, &Value::Null));
    assert_eq!((&found[2]["assignee"], &found[2]["before"]["name"]), (&Value::Null, &json!("Ben Odell")));
    assert_eq!((&found[3]["priority"], &found[3]["before"]), (&json!("high"), &Value::Null));
    assert_eq!(found[4]["labels"], json!([label]));
    assert_eq!(found[6]["labels"], json!([label]));
    assert_eq!((&found[5]["status"], &found[5]["before"]), (&json!("closed"), &json!("open")));
    assert_eq!((&found[7]["status"], &found[7]["before"]), (&json!("open"), &json!("closed")));
    let shown = ana.get(&format!("/api/v1/conversations/{conversation}")).await.expect(200);
    assert_eq!((&shown["unread_count"], &shown["version"]), (&json!(3), &json!(3)), "events are no messages");
    pages_both_ways(&ana, conversation).await;
}

async fn pages_both_ways(client: &Client, conversation: i64) {
    let page = async |query: &str| {
        let path = format!("/api/v1/conversations/{conversation}/events?{query}");
        let page = client.get(&path).await.expect(200);
        (places(page["items"].as_array().expect("items")), page["next_cursor"].clone())
    };
    assert_eq!(page("limit=3").await, (vec![8, 9, 10], json!("8")), "the newest");
    assert_eq!(page("limit=3&before=3").await, (vec![1, 2], Value::Null));
    assert_eq!(page("limit=3&before=8").await, (vec![5, 6, 7], json!("5")));
    assert_eq!(page("limit=3&after=8").await, (vec![9, 10], Value::Null));
    assert_eq!(page("after=10").await, (vec![], Value::Null));
    let path = format!("/api/v1/conversations/{conversation}/events?after=1&before=2");
    assert_eq!(client.get(&path).await.refused(400)["code"], "bad_page");
}

async fn what_a_flow_does_is_its_doing(database: Database) {
    let house = House::open(database).await;
    let channel = house.channel("whatsapp").await;
    let (ben, _) = house.admin.adds("ben", "Ben Ode", "agent").await;
    let label = json!({"name": "Refund", "color": "#aa0000"});
    let label = house.admin.post("/api/v1/labels", &label).await.expect(201);
    let steps = json!([
        {"kind": "label", "label_id": label["id"], "change": "put"},
        {"kind": "assign", "user_id": ben},
        {"kind": "set_status", "status": "pending"},
        {"kind": "hand_to_ai", "mode": "draft"},
    ]);
    let flow = make(&house.admin, json!({"kind": "new_conversation"}), steps).await;
    let conversation = writes(&house, &channel, CUSTOMER, "wamid.1").await;
    run_becomes(&house.admin, &flow, "done").await;
    let found = events(&house.admin, conversation).await;
    assert_eq!(kinds(&found), ["created", "labelled", "assigned", "status", "handed_to_ai"]);
    let by_flow = json!({"kind": "flow", "id": flow["id"], "name": "A flow"});
    assert!(found[1..].iter().all(|event| event["cause"] == by_flow), "{found:#?}");
    assert_eq!(found[4]["mode"], "draft");
}

async fn a_model_that_gives_up_says_so(database: Database) {
    use crate::support::model::Mood;
    let (house, model, channel) = answering::open(database, "auto").await;
    model.is_always(Some(Mood::Fails(400, json!({"error": {"code": "bad", "message": "no"}}))));
    let conversation = answering::writes_as(CUSTOMER, &house, &channel, "m-1", "hello?").await;
    let found = eventually("it gives up", async || {
        let found = events(&house.admin, conversation).await;
        (found.len() == 2).then_some(found)
    })
    .await;
    assert_eq!(kinds(&found), ["created", "ai_failed"]);
    assert_eq!(found[1]["cause"], json!({"kind": "ai", "id": null, "name": null}));
    assert!(found[1]["code"].is_string(), "{found:?}");
}

async fn merging_spam_and_leaving_are_told_of_every_conversation(database: Database) {
    let house = House::open(database).await;
    let channel = house.channel("whatsapp").await;
    let (ana_id, _) = house.admin.adds("ana", "Ana Lind", "agent").await;
    let one = writes(&house, &channel, CUSTOMER, "wamid.1").await;
    let two = writes(&house, &channel, OTHER, "wamid.2").await;
    let customer = async |conversation: i64| {
        let shown = house.admin.get(&format!("/api/v1/conversations/{conversation}")).await.expect(200);
        shown["customer"]["id"].clone()
    };
    let (kept, gone) = (customer(one).await, customer(two).await);
    changes(&house.admin, one, &json!({"assignee_id": ana_id})).await;
    let path = format!("/api/v1/customers/{kept}");
    house.admin.post(&format!("{path}/merge"), &json!({"customer_id": gone})).await.expect(200);
    changes(&house.admin, one, &json!({"status": "spam"})).await;
    changes(&house.admin, two, &json!({"status": "open"})).await;
    let merges = house.admin.get(&path).await.expect(200)["merges"].clone();
    let undo = format!("{path}/merges/{}/undo", merges[0]["id"]);
    house.admin.post(&undo, &json!({})).await.expect(200);
    house.admin.delete(&format!("/api/v1/users/{ana_id}")).await;
    let (first, second) = (events(&house.admin, one).await, events(&house.admin, two).await);
    assert_eq!(
        kinds(&first),
        ["created", "assigned", "merged", "spam", "not_spam", "unmerged", "assigned"],
        "{first:#?}"
    );
    assert_eq!(kinds(&second), ["created", "merged", "spam", "not_spam", "unmerged"], "{second:#?}");
    assert_eq!((&first[2]["customer_id"], &first[2]["into"]), (&gone, &kept));
    let left = &first[6];
    assert_eq!((&left["assignee"], &left["before"]["name"]), (&Value::Null, &json!("Ana Lind")));
    assert_eq!(left["cause"]["kind"], "user");
}

async fn deeds_at_once_are_dense_and_each_session_sees_each_once(database: Database) {
    let house = House::open(database).await;
    let channel = house.channel("whatsapp").await;
    let conversation = writes(&house, &channel, CUSTOMER, "wamid.1").await;
    let (from_start, _) = follows(&house.admin, conversation, Some(0)).await;
    let (from_now, subscribed) = follows(&house.admin, conversation, None).await;
    assert_eq!(subscribed["event_seq"], 1);
    let deeds = (0..60_usize).map(|n| {
        let change = match n % 3 {
            0 => json!({"priority": (["low", "medium", "high"])[n / 3 % 3]}),
            1 => json!({"status": (["closed", "open", "pending"])[n / 3 % 3]}),
            _ => json!({"priority": null}),
        };
        let admin = house.admin.clone();
        async move { changes(&admin, conversation, &change).await }
    });
    join_all(deeds).await;
    let found = events(&house.admin, conversation).await;
    assert!(found.len() > 1, "some of them changed something");
    let last = i64::try_from(found.len()).expect("a few");
    assert_eq!(places(&found), (1..=last).collect::<Vec<_>>(), "dense");
    for (session, first) in [(&from_start, 0), (&from_now, 1)] {
        hears(session, conversation, last).await;
        assert_eq!(told(session, conversation), found[first..]);
    }
}

async fn a_session_that_comes_back_gets_what_it_missed_then_what_comes(database: Database) {
    let house = House::open(database).await;
    let channel = house.channel("whatsapp").await;
    let conversation = writes(&house, &channel, CUSTOMER, "wamid.1").await;
    for n in 0..150 {
        let priority = if n % 2 == 0 { json!("high") } else { Value::Null };
        changes(&house.admin, conversation, &json!({"priority": priority})).await;
    }
    let found = events(&house.admin, conversation).await;
    assert_eq!(found.len(), 151);
    for after in [0, 1, 100, 150, 151, 999] {
        let (session, subscribed) = follows(&house.admin, conversation, Some(after)).await;
        let frames = session.frames();
        let at = frames.iter().position(|frame| frame["type"] == "subscribed").expect("it is");
        let missed = frames[..at].iter().filter(|frame| frame["type"] == "conversation_event");
        let missed: Vec<_> = missed.map(|frame| number(&frame["event_seq"])).collect();
        assert_eq!(missed, (after + 1..=151).collect::<Vec<_>>(), "after {after}, before `subscribed`");
        assert_eq!(subscribed["event_seq"], after.max(151));
        assert_eq!(subscribed["version"], 1, "and messages from now on");
        assert!(session.versioned(conversation).is_empty());
    }
    // Both at once: each in its own order, and what comes afterwards comes once.
    let session = Socket::open(&house.admin).await;
    let both = json!({"type": "subscribe", "conversation_id": conversation, "after": 0, "after_event": 149});
    session.send(&both);
    assert_eq!(session.frame("subscribed").await["version"], 1);
    changes(&house.admin, conversation, &json!({"status": "closed"})).await;
    writes(&house, &channel, CUSTOMER, "wamid.2").await;
    hears(&session, conversation, 153).await;
    assert_eq!(places(&told(&session, conversation)), [150, 151, 152, 153]);
    session.is_level().await;
    assert_eq!(session.versioned(conversation).len(), 2);
    session.is_faultless();
}

/// A session is cut and comes back again and again, with what it has, while things happen in no foreseen order.
async fn whatever_is_cut_each_event_is_seen_once_in_order(database: Database) {
    let house = House::open(database).await;
    let channel = house.channel("whatsapp").await;
    let conversation = writes(&house, &channel, CUSTOMER, "wamid.1").await;
    let mut dice = Dice::new("timeline");
    let mut seen: Vec<Value> = Vec::new();
    for round in 0..12 {
        let (session, _) =
            follows(&house.admin, conversation, Some(places(&seen).last().copied().unwrap_or(0))).await;
        for n in 0..dice.throw(6) {
            match dice.throw(5) {
                0 => changes(&house.admin, conversation, &json!({"status": "closed"})).await,
                1 => changes(&house.admin, conversation, &json!({"priority": "low"})).await,
                2 => changes(&house.admin, conversation, &json!({"priority": null})).await,
                3 => assert_eq!(
                    writes(&house, &channel, CUSTOMER, &format!("wamid.{round}.{n}")).await,
                    conversation
                ),
                _ => drop(house.admin.say(conversation, &format!("c{round}-{n}"), "an answer").await),
            }
        }
        if dice.throw(2) == 0 {
            session.is_level().await;
        }
        session.is_faultless();
        let frames = told(&session, conversation);
        session.cut();
        seen.extend(frames);
    }
    let all = events(&house.admin, conversation).await;
    let (last, _) =
        follows(&house.admin, conversation, Some(places(&seen).last().copied().unwrap_or(0))).await;
    seen.extend(told(&last, conversation));
    assert_eq!(seen, all, "each once, in order, as it stands");
}

async fn neither_visitors_nor_others_hear_of_it(database: Database) {
    let house = House::open(database).await;
    let body = json!({"kind": "webchat", "name": "Shop", "external_id": "shop", "credentials": {}});
    let webchat = number(&house.admin.post("/api/v1/channels", &body).await.expect(201)["id"]);
    let hello = json!({"token": null, "after": null, "name": null});
    let (visitor, ..) = Socket::visitor(&house.url(), webchat, hello).await;
    visitor.send(&json!({"type": "send", "client_id": "v", "content": "hello"}));
    let sent = visitor.frame("message_sent").await;
    let conversation = number(&sent["conversation_id"]);
    let (ana_id, ana) = house.admin.adds("ana", "Ana Lind", "agent").await;
    let (session, _) = follows(&ana, conversation, None).await;
    session.send(&json!({"type": "viewing", "conversation_id": conversation, "is_viewing": true}));
    session.frame("viewers").await;
    changes(&ana, conversation, &json!({"assignee_id": ana_id, "status": "closed"})).await;
    hears(&session, conversation, 3).await;
    ana.say(conversation, "a", "that was all").await.expect(201);
    visitor
        .until("the answer", |frames| {
            frames.iter().find(|frame| frame["message"]["content"] == "that was all").map(|_| ())
        })
        .await;
    for frame in visitor.frames() {
        let kind = frame["type"].as_str().unwrap_or_default();
        assert!(!["conversation_event", "viewers"].contains(&kind), "{frame}");
        assert!(frame.get("event_seq").is_none(), "{frame}");
    }
    // A conversation among others: neither its events nor who looks at it.
    house.admin.adds("ben", "Ben Ode", "agent").await;
    let direct = json!({"to": "ben", "content": "between us", "client_id": "d"});
    let direct = ana.post("/api/v1/direct-messages", &direct).await.expect(201);
    let direct = number(&direct["conversation"]["id"]);
    let found = events(&ana, direct).await;
    assert_eq!((kinds(&found), &found[0]["cause"]["name"]), (vec!["created"], &json!("Ana Lind")));
    house.admin.get(&format!("/api/v1/conversations/{direct}/events")).await.refused(404);
    let outside = Socket::open(&house.admin).await;
    outside.send(&json!({"type": "subscribe", "conversation_id": direct, "after_event": 0, "ref": 1}));
    outside.send(&json!({"type": "viewing", "conversation_id": direct, "is_viewing": true, "ref": 2}));
    for reference in [1, 2] {
        let refused = |frames: &[Value]| {
            frames.iter().find(|frame| frame["type"] == "error" && frame["ref"] == reference).cloned()
        };
        assert_eq!(outside.until("a refusal", refused).await["code"], "not_found");
    }
    let (inside, _) = follows(&ana, direct, Some(0)).await;
    inside.is_level().await;
    assert!(inside.of_type("viewers").is_empty(), "nobody who may not look does");
    assert!(outside.of_type("conversation_event").is_empty());
}

/// The faces that a session was shown last.
fn faces(frames: &[Value], conversation: i64) -> Option<Vec<&str>> {
    let is_it = |frame: &&Value| frame["type"] == "viewers" && frame["conversation_id"] == conversation;
    let users = frames.iter().rev().find(is_it)?["users"].as_array().expect("users");
    Some(users.iter().map(|user| user["name"].as_str().expect("a name")).collect())
}

async fn is_shown(socket: &Socket, conversation: i64, expected: &[&str]) {
    let shows = |frames: &[Value]| (faces(frames, conversation)? == expected).then_some(());
    socket.until(&format!("{expected:?} are shown"), shows).await;
}

async fn who_looks_is_shown_to_colleagues_until_they_go(database: Database) {
    let house = House::open(database).await;
    let channel = house.channel("whatsapp").await;
    let conversation = writes(&house, &channel, CUSTOMER, "wamid.1").await;
    let (_, ana) = house.admin.adds("ana", "Ana Lind", "agent").await;
    let (_, ben) = house.admin.adds("ben", "Ben Ode", "agent").await;
    let looks = |is: bool| json!({"type": "viewing", "conversation_id": conversation, "is_viewing": is});
    let (anas, _) = follows(&ana, conversation, None).await;
    anas.send(&looks(true));
    is_shown(&anas, conversation, &["Ana Lind"]).await;
    let (bens, _) = follows(&ben, conversation, None).await;
    is_shown(&bens, conversation, &["Ana Lind"]).await;
    bens.send(&looks(true));
    bens.send(&looks(true));
    is_shown(&anas, conversation, &["Ana Lind", "Ben Ode"]).await;
    // A second tab of Ana's changes nothing, and neither does its end.
    let (second, _) = follows(&ana, conversation, None).await;
    second.send(&looks(true));
    is_shown(&second, conversation, &["Ana Lind", "Ben Ode"]).await;
    second.is_level().await;
    drop(second);
    bens.send(&looks(false));
    is_shown(&anas, conversation, &["Ana Lind"]).await;
    drop(anas);
    is_shown(&bens, conversation, &[]).await;
    for n in 0..21 {
        let asked = json!({"type": "viewing", "conversation_id": 900_000 + n, "is_viewing": true, "ref": n});
        bens.send(&asked);
    }
    let refused = |frames: &[Value]| {
        frames.iter().filter(|frame| frame["type"] == "error" && frame["ref"].is_i64()).nth(20).cloned()
    };
    bens.until("each is refused", refused).await;
    assert!(bens.is_open());
}

async fn a_forgotten_customers_events_are_gone(database: Database) {
    let house = House::open(database).await;
    let channel = house.channel("whatsapp").await;
    let conversation = writes(&house, &channel, CUSTOMER, "wamid.1").await;
    let other = writes(&house, &channel, OTHER, "wamid.2").await;
    changes(&house.admin, conversation, &json!({"status": "closed"})).await;
    let shown = house.admin.get(&format!("/api/v1/conversations/{conversation}")).await.expect(200);
    house.admin.delete(&format!("/api/v1/customers/{}", shown["customer"]["id"])).await.expect(200);
    house.admin.get(&format!("/api/v1/conversations/{conversation}/events")).await.refused(404);
    assert_eq!(events(&house.admin, other).await.len(), 1);
    let rows = crate::support::dump::dump(&house.database).await;
    assert_eq!(rows["conversation_events"].len(), 1, "only the other's: {:?}", rows["conversation_events"]);
}

#[tokio::test]
async fn two_servers_tell_the_same_events_and_faces() {
    let Some(Pair { redis: _redis, house, second }) = Pair::open().await else { return };
    tells_the_same(&house, &second, true).await;
}

#[tokio::test]
async fn without_redis_the_poll_brings_the_events() {
    let Some(database) = Database::postgres().await else { return };
    let house = House::open(database).await;
    let second = house.second_server(None).await;
    tells_the_same(&house, &second, false).await;
}

async fn tells_the_same(house: &House, second: &Server, has_redis: bool) {
    let there = house.admin.at(&second.url());
    let channel = house.channel("whatsapp").await;
    let conversation = channel.conversation(&house.admin, CUSTOMER).await;
    let (here_session, _) = follows(&house.admin, conversation, Some(0)).await;
    let (there_session, _) = follows(&there, conversation, Some(0)).await;
    for n in 0..40_usize {
        let client = if n % 2 == 0 { &house.admin } else { &there };
        let priority = if n % 4 < 2 { json!("high") } else { Value::Null };
        changes(client, conversation, &json!({"priority": priority, "status": (["open", "pending"])[n % 2]}))
            .await;
    }
    let found = events(&there, conversation).await;
    let last = i64::try_from(found.len()).expect("a few");
    assert!(last > 40, "{last}");
    for session in [&here_session, &there_session] {
        hears(session, conversation, last).await;
        assert_eq!(told(session, conversation), found);
    }
    if has_redis {
        let looks = json!({"type": "viewing", "conversation_id": conversation, "is_viewing": true});
        here_session.send(&looks);
        is_shown(&there_session, conversation, &["olga"]).await;
        drop(here_session);
        is_shown(&there_session, conversation, &[]).await;
    }
}
