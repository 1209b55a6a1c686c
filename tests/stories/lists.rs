//! The list as a supervisor asks for it: several values a filter, who waits longest, true counts. What would
//! hurt: a question that nobody sees, a number that is not what the list holds, a page that skips one.

use crate::support::channel::Channel;
use crate::support::client::{Client, number};
use crate::support::database::Database;
use crate::support::house::House;
use crate::support::on_both_databases;
use crate::support::webhooks::post;
use serde_json::{Value, json};

on_both_databases!(
    who_waits_longest_is_first_until_somebody_answers,
    silence_is_no_wait_and_ends_without_losing_one,
    every_filter_is_counted_as_it_is_listed,
    pages_hold_each_conversation_once_in_every_order,
    what_makes_no_sense_is_refused,
);

const PEOPLE: [&str; 3] = ["15557700421", "15557700422", "15557700423"];

async fn writes(house: &House, channel: &Channel, from: &str, id: &str) -> i64 {
    post(&house.url(), channel, &channel.text(from, id, "anybody there?")).await.expect(200);
    channel.conversation(&house.admin, from).await
}

async fn ids(client: &Client, filter: &str) -> Vec<i64> {
    let all = client.all(&format!("/api/v1/conversations?{filter}")).await;
    all.iter().map(|each| number(&each["id"])).collect()
}

async fn shown(client: &Client, id: i64) -> Value {
    client.get(&format!("/api/v1/conversations/{id}")).await.expect(200)
}

async fn set(client: &Client, id: i64, change: &Value) -> Value {
    client.patch(&format!("/api/v1/conversations/{id}"), change).await.expect(200)
}

/// Three customers who wrote one after the other.
async fn three(house: &House, channel: &Channel) -> [i64; 3] {
    let mut all = [0; 3];
    for (at, from) in PEOPLE.into_iter().enumerate() {
        all[at] = writes(house, channel, from, &format!("wamid.{at}")).await;
    }
    all
}

async fn who_waits_longest_is_first_until_somebody_answers(database: Database) {
    let house = House::open(database).await;
    let admin = &house.admin;
    let channel = house.channel("whatsapp").await;
    let [first, second, third] = three(&house, &channel).await;
    writes(&house, &channel, PEOPLE[0], "wamid.again").await;
    let waiting = "waiting=true&sort=longest_waiting";
    assert_eq!(
        ids(admin, waiting).await,
        [first, second, third],
        "a second word does not begin the wait anew"
    );
    let since = shown(admin, first).await["waiting_since"].clone();
    assert!(since.is_string(), "the clock of the row");

    let note = json!({"content": "who takes it?", "is_private": true, "client_id": "n"});
    admin.post(&format!("/api/v1/conversations/{first}/messages"), &note).await.expect(201);
    assert_eq!(ids(admin, waiting).await, [first, second, third], "a note answers nobody");
    admin.say(second, "a", "yes, here").await.expect(201);
    assert_eq!(ids(admin, waiting).await, [first, third]);
    assert_eq!(shown(admin, second).await["waiting_since"], Value::Null);
    assert_eq!(
        ids(admin, "sort=longest_waiting").await,
        [first, third, second],
        "who does not wait comes last"
    );

    set(admin, first, &json!({"status": "closed"})).await;
    assert_eq!(ids(admin, waiting).await, [third], "closing ends it");
    assert_eq!(shown(admin, first).await["waiting_since"], Value::Null);
    set(admin, first, &json!({"status": "open"})).await;
    assert_eq!(shown(admin, first).await["waiting_since"], since, "closed by mistake: nothing is lost");
    set(admin, first, &json!({"status": "closed"})).await;
    writes(&house, &channel, PEOPLE[0], "wamid.new").await;
    assert_eq!(ids(admin, waiting).await, [third, first], "who comes back begins to wait then");
    set(admin, third, &json!({"status": "snoozed", "snoozed_until": "2099-01-01T00:00:00Z"})).await;
    assert_eq!(ids(admin, &format!("{waiting}&status=open,pending")).await, [first]);
}

async fn silence_is_no_wait_and_ends_without_losing_one(database: Database) {
    let house = House::open(database).await;
    let admin = &house.admin;
    let channel = house.channel("whatsapp").await;
    let [first, second, third] = three(&house, &channel).await;
    let since = shown(admin, first).await["waiting_since"].clone();
    let customer = shown(admin, first).await["customer"]["id"].clone();
    let customer = format!("/api/v1/customers/{customer}");
    admin.patch(&customer, &json!({"blocked": true})).await.expect(200);
    assert_eq!(ids(admin, "waiting=true").await, [third, second], "nobody waits who is blocked");
    admin.patch(&customer, &json!({"blocked": false})).await.expect(200);
    assert_eq!(shown(admin, first).await["waiting_since"], since, "and waits again");
    set(admin, second, &json!({"status": "spam"})).await;
    assert_eq!(
        ids(admin, "waiting=true&sort=longest_waiting").await,
        [first, third],
        "nor is spam waited on"
    );
    assert_eq!(ids(admin, "status=spam&waiting=true").await, [0_i64; 0]);
    set(admin, second, &json!({"status": "open"})).await;
    assert_eq!(ids(admin, "waiting=true&sort=longest_waiting").await, [first, second, third]);
}

#[expect(clippy::too_many_lines, reason = "one filter after the other")]
async fn every_filter_is_counted_as_it_is_listed(database: Database) {
    let house = House::open(database).await;
    let (ana_id, ana) = house.admin.adds("ana", "Ana Lind", "agent").await;
    let channel = house.channel("whatsapp").await;
    let other = house.channel("messenger").await;
    let [first, second, third] = three(&house, &channel).await;
    post(&house.url(), &other, &other.text("7700421", "m_1", "hello")).await.expect(200);
    let mut labels = Vec::new();
    for name in ["Refund", "Order"] {
        let label = ana.post("/api/v1/labels", &json!({"name": name})).await.expect(201);
        labels.push(number(&label["id"]));
    }
    set(&ana, first, &json!({"assignee_id": ana_id, "label_ids": [labels[0]], "priority": "high"})).await;
    set(&ana, second, &json!({"status": "closed", "label_ids": [labels[1]], "priority": "urgent"})).await;
    ana.say(third, "a", "yes").await.expect(201);
    ana.put(&format!("/api/v1/conversations/{second}/follow"), &json!({})).await.expect(200);
    ana.post(&format!("/api/v1/conversations/{third}/read"), &json!({"seq": 9})).await.expect(200);

    let filters = [
        (json!({}), 4),
        (json!({"status": "open,closed"}), 4),
        (json!({"status": "closed,snoozed"}), 1),
        (json!({"assignee": "me,none"}), 4),
        (json!({"assignee": "none"}), 3),
        (json!({"assignee": ana_id}), 1),
        (json!({"label_id": format!("{},{}", labels[0], labels[1])}), 2),
        (json!({"label_id": labels[0]}), 1),
        (json!({"channel_id": format!("{},{}", channel.id, other.id)}), 4),
        (json!({"channel_id": other.id, "priority": "high,urgent"}), 0),
        (json!({"priority": "high,urgent"}), 2),
        (json!({"unread": true}), 3),
        (json!({"waiting": true}), 2),
        (json!({"following": true}), 1),
        (json!({"unread": true, "waiting": true, "assignee": "none"}), 1),
        (json!({"q": "15557700421"}), 1),
    ];
    let mut saved = Vec::new();
    for (n, (filter, expected)) in filters.iter().enumerate() {
        let query: Vec<String> = filter
            .as_object()
            .expect("an object")
            .iter()
            .map(|(field, value)| {
                format!("{field}={}", value.as_str().map_or(value.to_string(), str::to_owned))
            })
            .collect();
        let query = query.join("&");
        let listed = ids(&ana, &query).await;
        assert_eq!(listed.len(), *expected, "{query}: {listed:?}");
        let counts = ana.get(&format!("/api/v1/conversations/counts?{query}")).await.expect(200);
        assert_eq!((&counts["matching"], &counts["total"]), (&json!(expected), &json!(expected)), "{query}");
        if filter.get("unread").is_none() {
            let unread = ids(&ana, &format!("{query}&unread=true")).await;
            assert_eq!(counts["unread"], json!(unread.len()), "{query}");
        }
        let view = json!({"name": format!("View {n}"), "filter": filter});
        saved.push(ana.post("/api/v1/views", &view).await.expect(201)["id"].clone());
    }
    let badges = ana.get("/api/v1/views/counts").await.expect(200);
    for (id, (filter, expected)) in saved.iter().zip(&filters) {
        let badge = badges["items"].as_array().expect("items").iter().find(|badge| badge["id"] == *id);
        let badge = badge.unwrap_or_else(|| panic!("no badge for {filter}: {badges}"));
        assert_eq!((&badge["matching"], &badge["capped"]), (&json!(expected), &json!(false)), "{filter}");
    }
    let capped = ana.get("/api/v1/conversations/counts?up_to=2").await.expect(200);
    assert_eq!((&capped["matching"], &capped["capped"]), (&json!(2), &json!(true)), "more than it says");
    let whole = ana.get("/api/v1/conversations/counts?up_to=5").await.expect(200);
    assert_eq!((&whole["matching"], &whole["capped"]), (&json!(4), &json!(false)));
}

async fn pages_hold_each_conversation_once_in_every_order(database: Database) {
    let house = House::open(database).await;
    let admin = &house.admin;
    let channel = house.channel("whatsapp").await;
    let mut all = Vec::new();
    for n in 0..7 {
        let id = writes(&house, &channel, &format!("1555770043{n}"), &format!("wamid.{n}")).await;
        if n % 3 == 0 {
            admin.say(id, "a", "yes").await.expect(201);
        }
        all.push(id);
    }
    for sort in ["newest", "oldest", "longest_waiting"] {
        let mut paged = Vec::new();
        let mut cursor = String::new();
        loop {
            let page = format!("/api/v1/conversations?sort={sort}&limit=2{cursor}");
            let page = admin.get(&page).await.expect(200);
            paged.extend(page["items"].as_array().expect("items").iter().map(|each| number(&each["id"])));
            match page["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => break,
            }
        }
        assert_eq!(paged, ids(admin, &format!("sort={sort}")).await, "{sort}: page by page as in one");
        let mut sorted = paged.clone();
        sorted.sort_unstable();
        assert_eq!(sorted, all, "{sort}: each once");
    }
    let newest = ids(admin, "sort=newest").await;
    let mut oldest = ids(admin, "sort=oldest").await;
    oldest.reverse();
    assert_eq!(newest, oldest);
}

async fn what_makes_no_sense_is_refused(database: Database) {
    let house = House::open(database).await;
    for query in [
        "status=open,shut",
        "assignee=me,somebody",
        "label_id=red",
        "channel_id=1,x",
        "priority=loud",
        "sort=random",
        "unread=perhaps",
    ] {
        house.admin.get(&format!("/api/v1/conversations?{query}")).await.refused(400);
    }
    let view = |filter: Value| json!({"name": "A view", "filter": filter});
    for filter in [json!({"colour": "red"}), json!({"status": "shut"}), json!({"assignee": "somebody"})] {
        let refused = house.admin.post("/api/v1/views", &view(filter)).await.refused(422);
        assert_eq!(refused["code"], "bad_filter");
    }
}
