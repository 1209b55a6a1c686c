//! The list, the history and who has read what (contract 2 and 5).

use crate::support::channel::{Channel, results};
use crate::support::client::number;
use crate::support::database::Database;
use crate::support::house::House;
use crate::support::on_both_databases;
use crate::support::webhooks::post;
use serde_json::{Value, json};
use std::collections::HashSet;

on_both_databases!(
    the_list_has_the_newest_activity_first_and_pages_without_gaps,
    history_pages_both_ways,
    unread_counts_the_customers_messages_above_ones_own_mark,
    a_message_reopens_a_closed_conversation,
    one_conversation_per_customer_and_channel_for_ever,
    the_list_is_filtered_and_searched,
    every_field_of_a_conversation_is_there,
);

async fn says(house: &House, channel: &Channel, customer: &str, id: &str) -> Value {
    results(post(&house.url(), channel, &channel.text(customer, id, &format!("text of {id}"))).await)
        .remove(0)
}

async fn the_list_has_the_newest_activity_first_and_pages_without_gaps(database: Database) {
    let house = House::open(database).await;
    let channel = house.channel("whatsapp").await;
    for n in 0..30 {
        says(&house, &channel, &format!("1555770{n:04}"), &format!("wamid.{n}")).await;
    }
    says(&house, &channel, "15557700007", "wamid.again").await;
    let mut pages = Vec::new();
    let mut path = "/api/v1/conversations?limit=7".to_owned();
    loop {
        let page = house.admin.get(&path).await.expect(200);
        pages.push(page["items"].as_array().expect("items").clone());
        let Some(cursor) = page["next_cursor"].as_str() else { break };
        assert!(cursor.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-'), "{cursor}");
        path = format!("/api/v1/conversations?limit=7&cursor={cursor}");
    }
    assert_eq!(pages.iter().map(Vec::len).collect::<Vec<_>>(), [7, 7, 7, 7, 2]);
    let ids: Vec<i64> = pages.concat().iter().map(|conversation| number(&conversation["id"])).collect();
    assert_eq!(ids.iter().collect::<HashSet<_>>().len(), 30);
    let first = &pages[0][0];
    assert_eq!(
        (&first["last_message"]["content"], &first["unread_count"]),
        (&json!("text of wamid.again"), &json!(2))
    );
    assert_eq!(pages[0][1]["last_message"]["content"], "text of wamid.29");
}

async fn history_pages_both_ways(database: Database) {
    let house = House::open(database).await;
    let channel = house.channel("messenger").await;
    let messages: Vec<_> = (1..=130).map(|n| (format!("m_{n}"), format!("{n}"))).collect();
    let result =
        results(post(&house.url(), &channel, &channel.batch("15557700421", &messages)).await).remove(0);
    let path = format!("/api/v1/conversations/{}/messages", result["conversation_id"]);
    let page = async |query: &str| {
        let items = house.admin.get(&format!("{path}?{query}")).await.expect(200)["items"]
            .as_array()
            .expect("items")
            .clone();
        items
            .iter()
            .map(|message| message["content"].as_str().expect("text").parse::<i64>().expect("a number"))
            .collect::<Vec<_>>()
    };
    let seq = async |text: i64| {
        let all = house.admin.messages(number(&result["conversation_id"])).await;
        number(
            &all.iter().find(|message| message["content"] == text.to_string().as_str()).expect("there")["seq"],
        )
    };
    assert_eq!(page("limit=3").await, [128, 129, 130], "neither: the newest, ascending");
    assert_eq!(page("after_seq=0&limit=3").await, [1, 2, 3], "from the start");
    assert_eq!(page(&format!("after_seq={}&limit=2", seq(50).await)).await, [51, 52]);
    assert_eq!(page(&format!("before_seq={}&limit=2", seq(50).await)).await, [48, 49]);
    assert_eq!(page("limit=100").await.len(), 100);
    let more = house.admin.get(&format!("{path}?limit=1000")).await;
    assert!(more.status == 400 || more.json["items"].as_array().expect("items").len() == 100, "up to 100");
    assert_eq!(page(&format!("after_seq={}", seq(130).await)).await, Vec::<i64>::new());
}

async fn unread_counts_the_customers_messages_above_ones_own_mark(database: Database) {
    let house = House::open(database).await;
    let channel = house.channel("messenger").await;
    let (_, ana) = house.admin.adds("ana", "Ana Lind", "agent").await;
    let mut conversation = 0;
    for n in 0..4 {
        conversation =
            number(&says(&house, &channel, "15557700421", &format!("m_{n}")).await["conversation_id"]);
    }
    let path = format!("/api/v1/conversations/{conversation}");
    let unread =
        async |of: &crate::support::client::Client| of.get(&path).await.expect(200)["unread_count"].clone();
    let read = async |of: &crate::support::client::Client, seq: i64| {
        let answer = of.post(&format!("{path}/read"), &json!({"seq": seq})).await;
        assert!((200..300).contains(&answer.status), "{}", answer.text);
    };
    assert_eq!((unread(&house.admin).await, unread(&ana).await), (json!(4), json!(4)));
    read(&ana, 3).await;
    assert_eq!((unread(&house.admin).await, unread(&ana).await), (json!(4), json!(1)), "per user");
    read(&ana, 1).await;
    assert_eq!(unread(&ana).await, 1, "a mark never goes back");
    ana.say(conversation, "c", "an answer").await.expect(201);
    assert_eq!(
        (unread(&house.admin).await, unread(&ana).await),
        (json!(4), json!(1)),
        "replies never lower it"
    );
    read(&ana, 999_999).await;
    assert_eq!(unread(&ana).await, 0, "beyond the newest is the newest");
    says(&house, &channel, "15557700421", "m_new").await;
    assert_eq!(unread(&ana).await, 1);
}

async fn a_message_reopens_a_closed_conversation(database: Database) {
    let house = House::open(database).await;
    let channel = house.channel("telegram").await;
    let conversation = says(&house, &channel, "15557700421", "1").await["conversation_id"].clone();
    let path = format!("/api/v1/conversations/{conversation}");
    for status in ["pending", "snoozed", "closed"] {
        assert_eq!(house.admin.patch(&path, &json!({"status": status})).await.expect(200)["status"], status);
    }
    let wrong = house.admin.patch(&path, &json!({"status": "lost"})).await.status;
    assert!(wrong == 400 || wrong == 422, "{wrong}");
    let again = says(&house, &channel, "15557700421", "2").await;
    assert_eq!(again["conversation_id"], conversation);
    assert_eq!(house.admin.get(&path).await.expect(200)["status"], "open");
}

async fn one_conversation_per_customer_and_channel_for_ever(database: Database) {
    let house = House::open(database).await;
    let channel = house.channel("whatsapp").await;
    let posts =
        (0..20).map(|n| {
            let (house, channel) = (&house, &channel);
            async move {
                says(house, channel, "15557700421", &format!("wamid.{n}")).await["conversation_id"].clone()
            }
        });
    let ids = futures_util::future::join_all(posts).await;
    assert!(ids.iter().all(|id| id == &ids[0]), "{ids:?}");
    assert_eq!(house.admin.all("/api/v1/conversations").await.len(), 1);
}

async fn the_list_is_filtered_and_searched(database: Database) {
    let house = House::open(database).await;
    let (whatsapp, telegram) = (house.channel("whatsapp").await, house.channel("telegram").await);
    let one = number(&says(&house, &whatsapp, "15557700001", "wamid.1").await["conversation_id"]);
    let two = number(&says(&house, &telegram, "15557700002", "2").await["conversation_id"]);
    let (ana_id, _) = house.admin.adds("ana", "Ana Lind", "agent").await;
    house
        .admin
        .patch(&format!("/api/v1/conversations/{one}"), &json!({"status": "closed", "assignee_id": ana_id}))
        .await
        .expect(200);
    let ids = async |query: &str| {
        let items = house.admin.all(&format!("/api/v1/conversations?{query}")).await;
        items.iter().map(|conversation| number(&conversation["id"])).collect::<Vec<_>>()
    };
    assert_eq!(ids("status=closed").await, [one]);
    assert_eq!(ids("status=open").await, [two]);
    assert_eq!(ids(&format!("assignee={ana_id}")).await, [one]);
    assert_eq!(ids(&format!("channel_id={}", telegram.id)).await, [two]);
    assert_eq!(ids("q=CUSTOMER%2015557700002").await, [two]);
    assert_eq!(ids("").await.len(), 2, "without filters: all statuses");
    house
        .admin
        .patch(&format!("/api/v1/conversations/{one}"), &json!({"assignee_id": null}))
        .await
        .expect(200);
    assert_eq!(ids(&format!("assignee={ana_id}")).await, Vec::<i64>::new());
}

async fn every_field_of_a_conversation_is_there(database: Database) {
    let house = House::open(database).await;
    let channel = house.channel("whatsapp").await;
    let id = says(&house, &channel, "15557700001", "wamid.1").await["conversation_id"].clone();
    let conversation = house.admin.get(&format!("/api/v1/conversations/{id}")).await.expect(200);
    for field in "id kind channel_id status assignee_id customer last_message unread_count version created_at"
        .split_whitespace()
    {
        assert!(conversation.get(field).is_some(), "`{field}` is always present: {conversation}");
    }
    assert_eq!(
        (&conversation["kind"], &conversation["status"], &conversation["version"]),
        (&json!("customer"), &json!("open"), &json!(1))
    );
    assert_eq!(conversation["customer"]["name"], "Customer 15557700001");
}
