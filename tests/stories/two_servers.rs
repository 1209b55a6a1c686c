//! Two servers, one PostgreSQL: with Redis for the hints, and without, where the poll alone must do.

use super::redelivery::{deliver_forty_times, shows_each_once};
use crate::support::client::Client;
use crate::support::database::Database;
use crate::support::eventually;
use crate::support::house::{House, Pair, settings};
use crate::support::server::{Server, Settings};
use crate::support::socket::Socket;
use crate::support::webhooks::post;
use serde_json::{Value, json};
use std::collections::HashMap;

const CUSTOMER: &str = "15557700421";

#[tokio::test]
async fn forty_redeliveries_over_two_servers_are_twenty_five_messages() {
    let Some(Pair { redis: _redis, house, second }) = Pair::open().await else { return };
    tell(house, second).await;
}

#[tokio::test]
async fn without_redis_the_poll_brings_what_the_other_server_stored() {
    let Some(database) = Database::postgres().await else { return };
    let house = House::open(database).await;
    let second = house.second_server(None).await;
    tell(house, second).await;
}

async fn tell(house: House, second: Server) {
    let there = house.admin.at(&second.url());
    let channel = house.channel("whatsapp").await;
    let conversation = channel.conversation(&house.admin, CUSTOMER).await;
    let sessions = [
        Socket::open(&house.admin).await,
        Socket::open(&there).await,
        Socket::open(&house.admin).await,
        Socket::open(&there).await,
    ];
    for session in &sessions {
        session.subscribe(conversation, None).await;
    }
    let outcomes = deliver_forty_times(&[house.url(), second.url()], &channel).await;
    assert_eq!(outcomes, HashMap::from([("stored".into(), 25), ("duplicate".into(), 975)]));
    for session in &sessions {
        shows_each_once(session, conversation, 25).await;
    }
    assert_eq!(there.messages(conversation).await, house.admin.messages(conversation).await);
}

#[tokio::test]
async fn one_client_id_at_two_servers_is_one_message_and_one_send() {
    let Some(Pair { redis: _redis, house, second }) = Pair::open().await else { return };
    let there = house.admin.at(&second.url());
    let channel = house.channel("messenger").await;
    let conversation = channel.conversation(&house.admin, CUSTOMER).await;
    let posts = (0..16).map(|n| {
        let client = if n % 2 == 0 { &house.admin } else { &there };
        client.say(conversation, "c", "said once")
    });
    let answers = futures_util::future::join_all(posts).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 201).count(), 1);
    assert!(answers.iter().all(|answer| answer.json["id"] == answers[0].json["id"]));
    super::sending::reaches(&there, conversation, "c", "sent").await;
    assert_eq!(house.platform.accepted_with("said once").len(), 1);
}

#[tokio::test]
async fn who_is_forgotten_and_what_stops_at_one_server_is_told_by_the_other() {
    let Some(Pair { redis: _redis, house, second }) = Pair::open().await else { return };
    tells_who_and_what_is_gone(house, second).await;
}

#[tokio::test]
async fn who_is_forgotten_and_what_stops_is_told_even_if_no_word_comes() {
    let Some(database) = Database::postgres().await else { return };
    let house = House::open(database).await;
    let second = house.second_server(None).await;
    tells_who_and_what_is_gone(house, second).await;
}

async fn tells_who_and_what_is_gone(house: House, second: Server) {
    let there = house.admin.at(&second.url());
    let channel = house.channel("whatsapp").await;
    let conversation = channel.conversation(&house.admin, CUSTOMER).await;
    let screen = Socket::open(&there).await;
    screen.watch("all").await;
    let shown = there.get(&format!("/api/v1/conversations/{conversation}")).await.expect(200);
    house.admin.delete(&format!("/api/v1/customers/{}", shown["customer"]["id"])).await.expect(200);
    let frame = screen.frame("conversations_erased").await;
    assert_eq!(frame["conversation_ids"], json!([conversation]));
    house
        .admin
        .patch(&format!("/api/v1/channels/{}", channel.id), &json!({"state": "off"}))
        .await
        .expect(200);
    let stopped = |frames: &[Value]| {
        frames.iter().any(|frame| frame["type"] == "channel_updated" && frame["state"] == "off").then_some(())
    };
    screen.until("the channel stopped", stopped).await;
}

#[tokio::test]
async fn whose_rights_change_at_one_server_leaves_the_other_even_if_no_word_comes() {
    let Some(database) = Database::postgres().await else { return };
    let house = House::open(database).await;
    let second = house.second_server(None).await;
    let (gone, ana) = house.admin.adds("ana", "Ana Lind", "agent").await;
    let (risen, bert) = house.admin.adds("bert", "Bert Ahl", "agent").await;
    let (_, eva) = house.admin.adds("eva", "Eva Lund", "agent").await;
    let sits_down = async |user: &Client| Socket::open(&user.at(&second.url())).await;
    let (removed, raised, stays) = (sits_down(&ana).await, sits_down(&bert).await, sits_down(&eva).await);
    house.admin.delete(&format!("/api/v1/users/{gone}")).await.expect(204);
    house.admin.patch(&format!("/api/v1/users/{risen}"), &json!({"role": "admin"})).await.expect(200);
    assert_eq!((removed.closes().await, raised.closes().await), (4001, 4001));
    // What ended was looked for among all of them; whose rights are as they were sits on.
    assert!(stays.is_open());
}

#[tokio::test]
async fn when_redis_goes_away_nothing_is_missed() {
    let Some(Pair { mut redis, house, second }) = Pair::open().await else { return };
    let channel = house.channel("whatsapp").await;
    let conversation = channel.conversation(&house.admin, CUSTOMER).await;
    let (list, session) = (
        Socket::open(&house.admin.at(&second.url())).await,
        Socket::open(&house.admin.at(&second.url())).await,
    );
    list.watch("all").await;
    session.subscribe(conversation, Some(0)).await;
    for n in 0..20 {
        if n == 10 {
            redis.stop();
        }
        post(&house.url(), &channel, &channel.text(CUSTOMER, &format!("wamid.{n}"), &format!("{n}")))
            .await
            .expect(200);
    }
    shows_each_once(&session, conversation, 20).await;
    list.until("the list as well", |frames| {
        frames.iter().find(|frame| frame["conversation"]["last_message"]["content"] == json!("19")).cloned()
    })
    .await;
}

#[tokio::test]
async fn what_strangers_use_up_at_one_server_counts_at_the_other() {
    let Some(database) = Database::postgres().await else { return };
    let house = House::open(database).await;
    let second = house.second_server(None).await;
    let body = json!({"kind": "webchat", "name": "Site"});
    let channel =
        house.admin.post("/api/v1/channels", &body).await.expect(201)["id"].as_i64().expect("an id");
    let begins = async |url: String, client_id: &str| {
        let (visitor, _, _) = Socket::visitor(&url, channel, json!({})).await;
        visitor.send(&json!({"type": "send", "client_id": client_id, "content": "hello"}));
        visitor
            .until("an answer", |frames| {
                let is_answer = |frame: &&Value| frame["client_id"] == client_id || frame["ref"] == client_id;
                frames.iter().find(is_answer).cloned()
            })
            .await
    };
    for n in 0..29 {
        assert_eq!(begins(house.url(), &format!("a-{n}")).await["type"], "message_sent");
    }
    let mut there = 0;
    eventually("an end at the other server", async || {
        // Each try uses some of it up: what was told at the other server comes within a second or two.
        tokio::time::sleep(std::time::Duration::from_secs(2)).await;
        there += 1;
        (begins(second.url(), &format!("b-{there}")).await["code"] == "rate_limited").then_some(())
    })
    .await;
    assert!(there <= 3, "{there} more at the other server");
}

#[tokio::test]
async fn visitors_sockets_at_one_server_count_at_the_other_and_are_given_back() {
    let Some(database) = Database::postgres().await else { return };
    let few = |settings: Settings| settings.with("RAPPORT_LIMIT_SOCKETS", "40");
    let house = House::open_with(database, few).await;
    let second = Server::start(few(settings(&house.database, &house.platform))).await;
    let body = json!({"kind": "webchat", "name": "Site"});
    let channel =
        house.admin.post("/api/v1/channels", &body).await.expect(201)["id"].as_i64().expect("an id");
    let opens = async |url: String| {
        let address = format!("{}/widget/{channel}/ws", url.replace("http://", "ws://"));
        tokio_tungstenite::connect_async(address).await.ok().map(|(line, _)| line)
    };
    let mut first = Vec::new();
    for _ in 0..40 {
        first.push(opens(house.url()).await.expect("a socket"));
    }
    // Far fewer than forty are tried there: what ends it is the other server's word.
    eventually("an end at the other server", async || {
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        opens(second.url()).await.is_none().then_some(())
    })
    .await;
    drop(first);
    eventually("places are given back", async || opens(second.url()).await).await;
}
