//! What agents write: stored once, shown once, handed over once, whatever is pressed or lost.

use crate::support::channel::{Channel, results};
use crate::support::client::{Client, number};
use crate::support::database::Database;
use crate::support::house::House;
use crate::support::platform::Manner;
use crate::support::socket::Socket;
use crate::support::webhooks::post;
use crate::support::{eventually, on_both_databases};
use futures_util::future::join_all;
use serde_json::{Value, json};
use std::sync::Arc;

const CUSTOMER: &str = "15557700421";

on_both_databases!(
    a_client_id_sent_by_socket_and_rest_is_one_message_and_one_send,
    a_text_reaches_every_platform_once_in_its_own_shape,
    answers_leave_in_the_order_they_were_written,
    a_refusal_is_shown_in_the_platforms_words,
    a_refused_connection_is_tried_again_until_it_is_accepted_once,
    a_lost_answer_is_never_sent_again,
    a_message_owed_at_a_kill_is_sent_after_the_restart,
    deliveries_list_what_was_owed,
    a_customers_first_answer_needs_no_message_of_theirs,
    a_platform_that_hangs_delays_no_other_channel,
    a_number_is_one_customer_however_it_is_written,
);

async fn conversation(house: &House, kind: &'static str) -> (Channel, i64) {
    let channel = house.channel(kind).await;
    let answer = post(&house.url(), &channel, &channel.text(CUSTOMER, "opening", "hello")).await;
    let conversation = number(&results(answer)[0]["conversation_id"]);
    (channel, conversation)
}

/// The message of this client id, once it has this status.
pub async fn reaches(client: &Client, conversation: i64, client_id: &str, status: &str) -> Value {
    let what = format!("{client_id} becomes {status}");
    eventually(&what, async || {
        client
            .messages(conversation)
            .await
            .into_iter()
            .find(|message| message["client_id"] == client_id && message["status"] == status)
    })
    .await
}

async fn a_client_id_sent_by_socket_and_rest_is_one_message_and_one_send(database: Database) {
    let house = House::open(database).await;
    let (_, conversation) = conversation(&house, "whatsapp").await;
    let (sender, watcher) = (Socket::open(&house.admin).await, Socket::open(&house.admin).await);
    sender.subscribe(conversation, None).await;
    watcher.subscribe(conversation, None).await;

    sender.send(&json!({"type": "send", "conversation_id": conversation, "client_id": "c-1", "content": "once", "ref": "r-1"}));
    sender.say(conversation, "c-1", "once");
    sender.say(conversation, "c-1", "once");
    let sent = sender.frame("message_sent").await;
    assert_eq!((&sent["client_id"], &sent["ref"]), (&json!("c-1"), &json!("r-1")));
    let posts = join_all((0..8).map(|_| house.admin.say(conversation, "c-1", "once"))).await;
    for answer in posts {
        assert_eq!(answer.expect(200)["id"], sent["message"]["id"], "200 and the same message");
    }
    house.admin.say(conversation, "c-1", "something else").await.refused(409);
    let by_rest = join_all((0..8).map(|_| house.admin.say(conversation, "c-2", "by rest"))).await;
    let mut statuses: Vec<u16> = by_rest.iter().map(|answer| answer.status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 200, 200, 200, 200, 200, 200, 201], "created once");

    house.platform.accepts("by rest").await;
    reaches(&house.admin, conversation, "c-1", "sent").await;
    reaches(&house.admin, conversation, "c-2", "sent").await;
    assert_eq!(house.platform.accepted_with("once").len(), 1);
    assert_eq!(house.platform.accepted_with("by rest").len(), 1);
    assert_eq!(house.admin.messages(conversation).await.len(), 3);
    for session in [&sender, &watcher] {
        session
            .until("both are sent", |frames| {
                let sent = |id: &str| {
                    frames.iter().any(|frame| {
                        frame["message"]["client_id"] == id && frame["message"]["status"] == "sent"
                    })
                };
                (sent("c-1") && sent("c-2")).then_some(())
            })
            .await;
        session.is_level().await;
        session.is_faultless();
    }
    let news = |session: &Socket, kind: &str, id: &str| {
        session.of_type(kind).iter().filter(|frame| frame["message"]["client_id"] == id).count()
    };
    assert_eq!(news(&sender, "chat_message", "c-1"), 0, "the sender gets message_sent in its place");
    assert_eq!((news(&watcher, "chat_message", "c-1"), news(&watcher, "message_sent", "c-1")), (1, 0));
    assert_eq!(
        (news(&sender, "chat_message", "c-2"), news(&watcher, "chat_message", "c-2")),
        (1, 1),
        "written by REST: everyone's"
    );
}

async fn a_text_reaches_every_platform_once_in_its_own_shape(database: Database) {
    let house = House::open(database).await;
    for kind in ["whatsapp", "instagram", "messenger", "telegram"] {
        let (channel, conversation) = conversation(&house, kind).await;
        let text = format!("for {kind} <b>*_&");
        house.admin.say(conversation, "c", &text).await.expect(201);
        let accepted = house.platform.accepts(&text).await;
        assert_eq!((accepted.platform, accepted.to.trim_start_matches('+')), (kind, CUSTOMER));
        let base = match kind {
            "instagram" => "/instagram/",
            "telegram" => "/telegram/",
            _ => "/graph/",
        };
        assert!(accepted.path.starts_with(base), "the base URL's path is kept: {}", accepted.path);
        match kind {
            "whatsapp" => assert!(
                accepted.token.is_some()
                    && accepted.to.starts_with('+')
                    && accepted.path.contains(&channel.external_id)
            ),
            "messenger" => assert!(accepted.token.is_some() && accepted.body["messaging_type"] == "RESPONSE"),
            _ => {}
        }
        let message = reaches(&house.admin, conversation, "c", "sent").await;
        let id = message["platform_message_id"].as_str().expect("the platform's name for it");
        assert!(id.contains(&accepted.id), "{id} is {}", accepted.id);
        assert_eq!((&message["sender_type"], &message["origin"]), (&json!("support"), &json!("api")));
        assert_eq!(house.platform.accepted_with(&text).len(), 1);
    }
}

async fn answers_leave_in_the_order_they_were_written(database: Database) {
    let house = House::open(database).await;
    let (_, conversation) = conversation(&house, "messenger").await;
    let expected: Vec<String> = (0..9).map(|n| format!("line {n}")).collect();
    for (n, text) in expected.iter().enumerate() {
        house.admin.say(conversation, &format!("c-{n}"), text).await.expect(201);
    }
    house.platform.accepts("line 8").await;
    let texts: Vec<String> = house.platform.accepted().into_iter().map(|accepted| accepted.text).collect();
    assert_eq!(texts, expected);
}

async fn a_refusal_is_shown_in_the_platforms_words(database: Database) {
    let house = House::open(database).await;
    let (_, conversation) = conversation(&house, "instagram").await;
    let refusal = json!({"error": {"message": "This message is sent outside of allowed window.", "type": "OAuthException", "code": 10, "error_subcode": 2_534_022}});
    house.platform.meets("too late", Manner::Refuse(400, refusal, None), 1);
    house.admin.say(conversation, "c-1", "too late").await.expect(201);
    house.admin.say(conversation, "c-2", "the next one").await.expect(201);
    let failed = reaches(&house.admin, conversation, "c-1", "failed").await;
    let words = failed["error"]["message"].as_str().expect("the platform's own words");
    assert!(words.contains("outside of allowed window"), "{words}");
    assert!(!failed["error"]["code"].is_null());
    reaches(&house.admin, conversation, "c-2", "sent").await;
    assert_eq!(house.platform.accepted_with("too late").len(), 0);
}

async fn a_refused_connection_is_tried_again_until_it_is_accepted_once(database: Database) {
    let mut house = House::open(database).await;
    let (_, conversation) = conversation(&house, "telegram").await;
    house.platform.close().await;
    house.admin.say(conversation, "c-1", "patience").await.expect(201);
    house.admin.say(conversation, "c-2", "after it").await.expect(201);
    let attempts = async || {
        let deliveries = house.admin.all("/api/v1/deliveries").await;
        let first = deliveries.last().expect("it is owed");
        assert_eq!(
            first["status"].as_str().filter(|status| ["sent", "failed", "unconfirmed"].contains(status)),
            None
        );
        first["attempts"].as_array().expect("a log").clone()
    };
    let refused = eventually("it was tried twice, and refused", async || {
        let ended: Vec<_> =
            attempts().await.into_iter().filter(|attempt| !attempt["finished_at"].is_null()).collect();
        (ended.len() >= 2).then_some(ended)
    })
    .await;
    assert!(refused.iter().all(|attempt| attempt["outcome"] == "not_sent"), "{refused:?}");
    assert_ne!(refused[0]["id"], refused[1]["id"], "each try is an attempt of its own");
    house.platform.open().await;
    reaches(&house.admin, conversation, "c-2", "sent").await;
    reaches(&house.admin, conversation, "c-1", "sent").await;
    let texts: Vec<_> = house.platform.accepted().into_iter().map(|accepted| accepted.text).collect();
    assert_eq!(texts, ["patience", "after it"], "each once, in order");
}

async fn a_lost_answer_is_never_sent_again(database: Database) {
    let house = House::open(database).await;
    for kind in ["whatsapp", "instagram", "messenger", "telegram"] {
        let (_, conversation) = conversation(&house, kind).await;
        let (lost, bad) = (format!("lost on {kind}"), format!("502 on {kind}"));
        house.platform.meets(&lost, Manner::AcceptAndHangUp, 100);
        house.platform.meets(&bad, Manner::AcceptAndAnswer(502, json!("bad gateway")), 100);
        house.admin.say(conversation, "c-1", &lost).await.expect(201);
        house.admin.say(conversation, "c-2", &bad).await.expect(201);
        house.admin.say(conversation, "c-3", "after them").await.expect(201);
        reaches(&house.admin, conversation, "c-1", "unconfirmed").await;
        reaches(&house.admin, conversation, "c-2", "unconfirmed").await;
        reaches(&house.admin, conversation, "c-3", "sent").await;
        assert_eq!(house.platform.accepted_with(&lost).len(), 1, "{kind}");
        assert_eq!(house.platform.accepted_with(&bad).len(), 1, "{kind}");
    }
}

async fn a_message_owed_at_a_kill_is_sent_after_the_restart(database: Database) {
    let mut house = House::open(database).await;
    let (_, conversation) = conversation(&house, "messenger").await;
    let never = std::sync::Arc::new(tokio::sync::Notify::new());
    house.platform.meets("in flight", Manner::AcceptAndHold(never), 1);
    house.admin.say(conversation, "c-1", "in flight").await.expect(201);
    house.platform.accepts("in flight").await;
    house.admin.say(conversation, "c-2", "waiting").await.expect(201);
    house.server.kill().await;
    house.server.starts_again().await;
    // The open attempt of a process that is gone may have been sent: it is not repeated. What waited is sent.
    reaches(&house.admin, conversation, "c-2", "sent").await;
    reaches(&house.admin, conversation, "c-1", "unconfirmed").await;
    assert_eq!(
        (house.platform.accepted_with("in flight").len(), house.platform.accepted_with("waiting").len()),
        (1, 1)
    );
}

async fn deliveries_list_what_was_owed(database: Database) {
    let house = House::open(database).await;
    let (_, conversation) = conversation(&house, "whatsapp").await;
    house.platform.meets(
        "refused",
        Manner::Refuse(400, json!({"error": {"message": "no", "code": 131_026}}), None),
        1,
    );
    for (n, text) in ["first", "refused", "third"].into_iter().enumerate() {
        house.admin.say(conversation, &format!("c-{n}"), text).await.expect(201);
    }
    reaches(&house.admin, conversation, "c-2", "sent").await;
    reaches(&house.admin, conversation, "c-1", "failed").await;
    let all = house.admin.all("/api/v1/deliveries").await;
    let statuses: Vec<_> =
        all.iter().map(|delivery| delivery["status"].as_str().expect("a status").to_owned()).collect();
    assert_eq!(statuses, ["sent", "failed", "sent"], "finished too, newest first");
    assert_eq!(house.admin.all("/api/v1/deliveries?status=failed").await.len(), 1);
    assert_eq!(house.admin.all("/api/v1/deliveries?status=queued").await.len(), 0, "nothing is left owed");
}

async fn a_customers_first_answer_needs_no_message_of_theirs(database: Database) {
    let house = House::open(database).await;
    let channel = house.channel("whatsapp").await;
    let body = |external_id: &str| json!({"channel_id": channel.id, "customer": {"external_id": external_id, "name": "Ana"}});
    let created = house.admin.post("/api/v1/conversations", &body("+15557700999")).await.expect(201);
    let again = house.admin.post("/api/v1/conversations", &body("15557700999")).await.expect(200);
    assert_eq!(created["id"], again["id"], "a + before a number does not matter");
    house.admin.say(number(&created["id"]), "c", "we have news").await.expect(201);
    assert_eq!(house.platform.accepts("we have news").await.to, "+15557700999");
    let inbound = post(&house.url(), &channel, &channel.text("15557700999", "wamid.in", "which?")).await;
    assert_eq!(results(inbound)[0]["conversation_id"], created["id"]);
}

async fn a_platform_that_hangs_delays_no_other_channel(database: Database) {
    let house = House::open(database).await;
    let (stuck, quick) = (house.channel("whatsapp").await, house.channel("messenger").await);
    let held = Arc::new(tokio::sync::Notify::new());
    house.platform.meets("stuck", Manner::AcceptAndHold(held), usize::MAX);
    for n in 0..200 {
        let body = stuck.text(&format!("1555771{n:04}"), &format!("opening-{n}"), "hello");
        let opened = results(post(&house.url(), &stuck, &body).await);
        house.admin.say(number(&opened[0]["conversation_id"]), &format!("c-{n}"), "stuck").await.expect(201);
    }
    eventually("all its places are taken", async || {
        (house.platform.accepted_with("stuck").len() >= 64).then_some(())
    })
    .await;
    let opened = results(post(&house.url(), &quick, &quick.text(CUSTOMER, "opening", "hello")).await);
    house.admin.say(number(&opened[0]["conversation_id"]), "quick", "goes out").await.expect(201);
    house.platform.accepts("goes out").await;
}

async fn a_number_is_one_customer_however_it_is_written(database: Database) {
    let house = House::open(database).await;
    let channel = house.channel("whatsapp").await;
    let inbound = post(&house.url(), &channel, &channel.text("15557700999", "wamid.in", "which?")).await;
    let id = results(inbound)[0]["conversation_id"].clone();
    let body =
        |external_id: &str| json!({"channel_id": channel.id, "customer": {"external_id": external_id}});
    for written in [
        "+1 (555) 770-0999",
        "001 555 770 0999",
        "1.555.770.0999",
        "\u{202a}+1\u{a0}555\u{a0}7700999\u{202c}",
    ] {
        let found = house.admin.post("/api/v1/conversations", &body(written)).await.expect(200);
        assert_eq!(found["id"], id, "{written}");
    }
    for unreadable in ["0555 770 0999", "ana", "+1 555 CALL ME", "12"] {
        let refused = house.admin.post("/api/v1/conversations", &body(unreadable)).await;
        assert_eq!(refused.refused(422)["code"], "bad_external_id", "{unreadable}");
    }
    for asked in ["15557700999", "+1 (555) 770-0999", "0999", "555 770"] {
        let escaped: String = url::form_urlencoded::byte_serialize(asked.as_bytes()).collect();
        let listed = house.admin.get(&format!("/api/v1/conversations?q={escaped}")).await.expect(200);
        assert_eq!(listed["items"][0]["id"], id, "in the list: {asked}");
        let found = house.admin.get(&format!("/api/v1/search?q={escaped}")).await.expect(200);
        assert_eq!(found["items"][0]["conversation"]["id"], id, "in the search: {asked}");
    }
}
