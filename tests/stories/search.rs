//! Finding a person or a word, and going there.

use crate::support::channel::{Channel, results};
use crate::support::client::{Client, number};
use crate::support::database::Database;
use crate::support::house::House;
use crate::support::on_both_databases;
use crate::support::webhooks::post;
use serde_json::{Value, json};

on_both_databases!(
    words_are_found_whatever_the_case_and_accents,
    nobody_finds_what_is_not_theirs_to_see,
    customers_are_found_by_name_and_number,
    a_hit_can_be_jumped_to,
    a_search_is_narrowed_by_channel_and_person,
    a_search_is_narrowed_by_date,
);

async fn says(house: &House, channel: &Channel, customer: &str, id: &str, words: &str) -> Value {
    results(post(&house.url(), channel, &channel.text(customer, id, words)).await).remove(0)
}

async fn found(by: &Client, question: &str) -> Vec<String> {
    let items = by.all(&format!("/api/v1/search?q={question}")).await;
    let messages = items.iter().filter(|item| item["kind"] == "message");
    messages.map(|item| item["message"]["content"].as_str().expect("text").to_owned()).collect()
}

async fn words_are_found_whatever_the_case_and_accents(database: Database) {
    let house = House::open(database).await;
    let channel = house.channel("messenger").await;
    says(&house, &channel, "7700421", "m_1", "¿Dónde está mi pedido número 4711?").await;
    says(&house, &channel, "7700421", "m_2", "東京に送ってください").await;
    let told = says(&house, &channel, "7700422", "m_3", "a second order, pedido").await;
    assert_eq!(found(&house.admin, "PEDIDO%20donde").await, ["¿Dónde está mi pedido número 4711?"]);
    assert_eq!(found(&house.admin, "pedi").await.len(), 2, "by its beginning");
    assert_eq!(found(&house.admin, "pedi").await[0], "a second order, pedido", "the newest first");
    assert_eq!(found(&house.admin, "edido").await.len(), 0);
    assert_eq!(found(&house.admin, "%E4%BA%AC").await.len(), 1);
    for strange in ["", "%22%27%2A%20OR", "NEAR(", "%00", "-%3A%26%7C%21"] {
        house.admin.get(&format!("/api/v1/search?q={strange}")).await.expect(200);
    }
    let page = house.admin.get("/api/v1/search?q=pedido&limit=1").await.expect(200);
    assert_eq!(page["items"][0]["conversation"]["id"], told["conversation_id"]);
    assert!(page["items"][0]["excerpt"].as_str().expect("text").contains("pedido"));
    assert!(page["next_cursor"].is_string());
    assert_eq!(house.admin.all("/api/v1/search?q=pedido").await.len(), 2);
}

async fn nobody_finds_what_is_not_theirs_to_see(database: Database) {
    let house = House::open(database).await;
    let (_, ana) = house.admin.adds("ana", "Ana Lind", "agent").await;
    let (_, ben) = house.admin.adds("ben", "Ben Ode", "agent").await;
    let body = json!({"to": "ben", "client_id": "d-1", "content": "a private giraffe"});
    let written = ana.post("/api/v1/direct-messages", &body).await.expect(201);
    assert_eq!(found(&ana, "giraffe").await.len(), 1);
    assert_eq!(found(&ben, "giraffe").await.len(), 1);
    assert_eq!(found(&house.admin, "giraffe").await.len(), 0, "admins included");
    let message = format!("/api/v1/messages/{}", written["message"]["id"]);
    ana.patch(&message, &json!({"content": "a private zebra"})).await.expect(200);
    assert_eq!((found(&ben, "giraffe").await.len(), found(&ben, "zebra").await.len()), (0, 1));
    ana.delete(&message).await.expect(200);
    assert_eq!(found(&ben, "zebra").await.len(), 0, "what was taken back is gone");
}

async fn customers_are_found_by_name_and_number(database: Database) {
    let house = House::open(database).await;
    let channel = house.channel("whatsapp").await;
    let told = says(&house, &channel, "15557700421", "wamid.1", "hello").await;
    says(&house, &channel, "15557700999", "wamid.2", "hello").await;
    for question in ["customer%2015557700421", "1555770042", "0421"] {
        let found = house.admin.get(&format!("/api/v1/search?q={question}")).await.expect(200);
        let people: Vec<_> = found["items"]
            .as_array()
            .expect("items")
            .iter()
            .filter(|item| item["kind"] == "customer")
            .collect();
        assert_eq!(people.len(), 1, "{question}: {found}");
        assert_eq!(people[0]["conversation"]["id"], told["conversation_id"]);
        assert_eq!(people[0]["excerpt"], "Customer 15557700421");
    }
}

async fn a_hit_can_be_jumped_to(database: Database) {
    let house = House::open(database).await;
    let channel = house.channel("messenger").await;
    let messages: Vec<_> = (1..=90)
        .map(|n| (format!("m_{n}"), if n == 40 { "the needle".into() } else { format!("hay {n}") }))
        .collect();
    post(&house.url(), &channel, &channel.batch("7700421", &messages)).await.expect(200);
    let hit = house.admin.get("/api/v1/search?q=needle").await.expect(200)["items"][0]["message"].clone();
    let path = format!("/api/v1/conversations/{}/messages", hit["conversation_id"]);
    let seq = number(&hit["seq"]);
    let page = house.admin.get(&format!("{path}?around_seq={seq}&limit=11")).await.expect(200);
    let seqs: Vec<_> =
        page["items"].as_array().expect("items").iter().map(|item| number(&item["seq"])).collect();
    assert_eq!(seqs, (seq - 5..=seq + 5).collect::<Vec<_>>());
    house.admin.get(&format!("{path}?around_seq={seq}&after_seq=1")).await.refused(400);
}

/// Two customers on a page and one on a phone: (page's channel, phone's channel, the page's second customer).
async fn three_parcels(house: &House) -> (i64, i64, Value) {
    let (page, phone) = (house.channel("messenger").await, house.channel("whatsapp").await);
    says(house, &page, "7700421", "m_1", "my parcel, please").await;
    let told = says(house, &page, "7700422", "m_2", "another parcel").await;
    says(house, &phone, "15557700423", "wamid.1", "a third parcel").await;
    says(house, &phone, "15557700423", "wamid.2", "nothing of the kind").await;
    let path = format!("/api/v1/conversations/{}", told["conversation_id"]);
    let customer = house.admin.get(&path).await.expect(200)["customer"]["id"].clone();
    (page.id, phone.id, customer)
}

async fn a_search_is_narrowed_by_channel_and_person(database: Database) {
    let house = House::open(database).await;
    let (page, phone, customer) = three_parcels(&house).await;
    let texts = async |query: &str| found(&house.admin, query).await;
    assert_eq!(texts(&format!("parcel&channel_id={page}")).await, ["another parcel", "my parcel, please"]);
    assert_eq!(texts(&format!("parcel&customer_id={customer}")).await, ["another parcel"]);
    assert_eq!(texts(&format!("parcel&customer_id={customer}&channel_id={phone}")).await.len(), 0);
    assert_eq!(
        texts(&format!("&channel_id={phone}")).await,
        ["nothing of the kind", "a third parcel"],
        "without a word: all of it"
    );
    assert_eq!(texts(&format!("&customer_id={customer}")).await, ["another parcel"]);
    let (mut cursor, mut pages) = (String::new(), Vec::new());
    while pages.len() < 3 {
        let path = format!("/api/v1/search?channel_id={page}&limit=1&cursor={cursor}");
        let answer = house.admin.get(&path).await.expect(200);
        pages.push(answer["items"][0]["message"]["content"].clone());
        let Some(next) = answer["next_cursor"].as_str() else { break };
        next.clone_into(&mut cursor);
    }
    assert_eq!(pages, ["another parcel", "my parcel, please"], "page by page");
    assert_eq!(texts(&format!("%E2%80%A6&channel_id={phone}")).await.len(), 0, "no word is not every word");
    assert_eq!(texts("&channel_id=999999").await.len(), 0);
    house.admin.get("/api/v1/search?channel_id=everywhere").await.refused(400);
    for (channel, kinds) in [(phone, json!("customer")), (page, json!(null))] {
        let path = format!("/api/v1/search?q=15557700423&channel_id={channel}");
        assert_eq!(house.admin.get(&path).await.expect(200)["items"][0]["kind"], kinds, "known on a channel");
    }
}

async fn a_search_is_narrowed_by_date(database: Database) {
    let house = House::open(database).await;
    three_parcels(&house).await;
    let texts = async |query: &str| found(&house.admin, query).await;
    let written = house.admin.get("/api/v1/search?q=third").await.expect(200)["items"][0]["message"].clone();
    let at = written["created_at"].as_str().expect("a moment").to_owned();
    let day = &at[..10];
    let third = |texts: Vec<String>| texts.contains(&"a third parcel".to_owned());
    assert!(third(texts(&format!("parcel&from={at}")).await), "from is counted");
    assert!(!third(texts(&format!("parcel&to={at}")).await), "to is left out");
    assert!(third(texts(&format!("parcel&from={day}")).await), "a day begins at midnight");
    assert!(!third(texts(&format!("&from=2020-01-01&to={day}")).await), "and ends before the next one");
    for wrong in
        ["from=yesterday", "to=2026-13-01", "from=2026-11-02&to=2026-11-02", "from=2026-11-03&to=2026-11-02"]
    {
        let refused = house.admin.get(&format!("/api/v1/search?q=parcel&{wrong}")).await.refused(400);
        assert_eq!(refused["code"], "bad_time", "{wrong}");
        let detail = refused["detail"].as_str().unwrap_or_default();
        assert!(
            detail.contains("a day like") || detail.contains("give the next one"),
            "what to do: {detail}"
        );
    }
    let (_, ana) = house.admin.adds("ana", "Ana Lind", "agent").await;
    let (_, ben) = house.admin.adds("ben", "Ben Ode", "agent").await;
    let body = json!({"to": "ben", "client_id": "d-1", "content": "between us"});
    ana.post("/api/v1/direct-messages", &body).await.expect(201);
    assert_eq!((found(&ben, "&from=2020-01-01").await.len(), texts("&from=2020-01-01").await.len()), (5, 4));
}
