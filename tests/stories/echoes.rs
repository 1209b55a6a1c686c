//! What our side wrote, told back by the platform: known by its id, never by its text (docs/platforms.md
//! 0, design "Echoes").

use super::sending::reaches;
use crate::support::channel::{Channel, outcome, results};
use crate::support::client::number;
use crate::support::database::Database;
use crate::support::house::House;
use crate::support::on_both_databases;
use crate::support::platform::Manner;
use crate::support::socket::Socket;
use crate::support::webhooks::post;
use serde_json::json;
use std::sync::Arc;
use tokio::sync::Notify;

const CUSTOMER: &str = "15557700421";
const ECHOING: [&str; 2] = ["instagram", "messenger"];

on_both_databases!(
    an_echo_of_our_own_send_makes_no_second_message,
    an_echo_that_beats_its_answer_makes_no_second_message,
    an_echo_that_waited_at_a_kill_is_looked_at_at_once,
    an_echo_proves_a_send_whose_answer_was_lost,
    the_owners_message_during_a_send_becomes_a_row_of_its_own,
    the_same_words_from_the_phone_are_another_message,
    what_the_owner_writes_on_the_phone_is_shown_once_and_unread_by_nobody,
    an_echo_starts_a_conversation_with_the_customer_not_the_account,
    a_text_with_three_pictures_is_one_message_and_its_echoes_none,
);

/// A channel of this kind and a conversation its customer began.
async fn begun(house: &House, kind: &'static str) -> (Channel, i64) {
    let channel = house.channel(kind).await;
    let conversation = begins(house, &channel).await;
    (channel, conversation)
}

async fn begins(house: &House, channel: &Channel) -> i64 {
    let answer = post(&house.url(), channel, &channel.text(CUSTOMER, "opening", "hello")).await;
    number(&results(answer)[0]["conversation_id"])
}

async fn an_echo_of_our_own_send_makes_no_second_message(database: Database) {
    let house = House::open(database).await;
    for kind in ECHOING {
        let (channel, conversation) = begun(&house, kind).await;
        let text = format!("ours on {kind}");
        house.admin.say(conversation, "c", &text).await.expect(201);
        let accepted = house.platform.accepts(&text).await;
        reaches(&house.admin, conversation, "c", "sent").await;
        let echo = channel.echo(CUSTOMER, &accepted.id, &text, accepted.token.as_deref());
        for _ in 0..3 {
            let outcome = outcome(post(&house.url(), &channel, &echo).await);
            assert!(outcome == "duplicate" || outcome == "updated", "{kind}: {outcome}");
        }
        assert_eq!(house.admin.messages(conversation).await.len(), 2, "{kind}");
    }
}

async fn an_echo_that_beats_its_answer_makes_no_second_message(database: Database) {
    let house = House::open(database).await;
    for kind in ECHOING {
        let (channel, conversation) = begun(&house, kind).await;
        let session = Socket::open(&house.admin).await;
        session.subscribe(conversation, None).await;
        let (text, let_go) = (format!("overtaken on {kind}"), Arc::new(Notify::new()));
        house.platform.meets(&text, Manner::AcceptAndHold(let_go.clone()), 1);
        house.admin.say(conversation, "c", &text).await.expect(201);
        let accepted = house.platform.accepts(&text).await;
        // Without our token, as Instagram's: only the id that the answer will name can tell.
        let echo = channel.echo(CUSTOMER, &accepted.id, &text, None);
        let result = results(post(&house.url(), &channel, &echo).await).remove(0);
        assert_eq!(
            (&result["outcome"], &result["message_id"]),
            (&json!("updated"), &json!(null)),
            "{kind}: parked"
        );
        let_go.notify_one();
        reaches(&house.admin, conversation, "c", "sent").await;
        assert_eq!(house.admin.messages(conversation).await.len(), 2, "{kind}");
        session
            .until("it is sent", |frames| {
                frames.iter().find(|frame| frame["message"]["status"] == "sent").cloned()
            })
            .await;
        session.is_level().await;
        assert_eq!(session.of_type("chat_message").len(), 1, "{kind}: shown once");
        session.is_faultless();
    }
}

/// What waits for an answer that a dead process can no longer hear is looked at when the next one begins, not
/// when its two minutes are over.
async fn an_echo_that_waited_at_a_kill_is_looked_at_at_once(database: Database) {
    let mut house = House::open(database).await;
    let (channel, conversation) = begun(&house, "instagram").await;
    house.platform.meets("cut off", Manner::AcceptAndHold(Arc::new(Notify::new())), 1);
    house.admin.say(conversation, "c", "cut off").await.expect(201);
    let accepted = house.platform.accepts("cut off").await;
    let echo = channel.echo(CUSTOMER, &accepted.id, "cut off", None);
    assert_eq!(outcome(post(&house.url(), &channel, &echo).await), "updated", "parked");
    let before = house.admin.messages(conversation).await.len();
    house.server.kill().await;
    house.server.starts_again().await;
    let message = reaches(&house.admin, conversation, "c", "sent").await;
    assert_eq!(message["platform_message_id"], accepted.id.as_str());
    assert_eq!(house.admin.messages(conversation).await.len(), before, "bound, no row");
    assert_eq!(house.platform.accepted_with("cut off").len(), 1, "sent once");
}

async fn an_echo_proves_a_send_whose_answer_was_lost(database: Database) {
    let house = House::open(database).await;
    let (messenger, instagram) = (house.channel("messenger").await, house.channel("instagram").await);
    for (channel, with_token) in [(&messenger, true), (&messenger, false), (&instagram, false)] {
        let (kind, conversation) = (channel.kind, begins(&house, channel).await);
        let text = format!("lost on {kind} {with_token}");
        let client_id = format!("c-{with_token}");
        house.platform.meets(&text, Manner::AcceptAndHangUp, 1);
        house.admin.say(conversation, &client_id, &text).await.expect(201);
        let accepted = house.platform.accepts(&text).await;
        reaches(&house.admin, conversation, &client_id, "unconfirmed").await;
        let before = house.admin.messages(conversation).await.len();
        let token = accepted.token.as_deref().filter(|_| with_token);
        let echo = channel.echo(CUSTOMER, &accepted.id, &text, token);
        post(&house.url(), channel, &echo).await.expect(200);
        let message = reaches(&house.admin, conversation, &client_id, "sent").await;
        assert_eq!(message["platform_message_id"], accepted.id.as_str(), "{kind}");
        post(&house.url(), channel, &echo).await.expect(200);
        assert_eq!(house.admin.messages(conversation).await.len(), before, "{kind}: bound, no row");
        assert_eq!(house.platform.accepted_with(&text).len(), 1, "{kind}");
        // A lost answer is bound to at most one echo: the next one is the owner's own message.
        let another = channel.echo(CUSTOMER, &format!("another-{kind}-{with_token}"), &text, None);
        assert_eq!(outcome(post(&house.url(), channel, &another).await), "stored", "{kind}");
        assert_eq!(house.admin.messages(conversation).await.len(), before + 1, "{kind}");
    }
}

async fn the_owners_message_during_a_send_becomes_a_row_of_its_own(database: Database) {
    let house = House::open(database).await;
    for kind in ECHOING {
        let (channel, conversation) = begun(&house, kind).await;
        let (text, let_go) = (format!("both wrote this on {kind}"), Arc::new(Notify::new()));
        house.platform.meets(&text, Manner::AcceptAndHold(let_go.clone()), 1);
        house.admin.say(conversation, "c", &text).await.expect(201);
        let accepted = house.platform.accepts(&text).await;
        // The owner writes the same words on the phone while ours is on its way.
        let echo = channel.echo(CUSTOMER, &format!("phone-{kind}"), &text, None);
        assert_eq!(
            outcome(post(&house.url(), &channel, &echo).await),
            "updated",
            "{kind}: parked until ours settles"
        );
        let_go.notify_one();
        let ours = reaches(&house.admin, conversation, "c", "sent").await;
        assert_eq!(ours["platform_message_id"], accepted.id.as_str());
        crate::support::eventually("the owner's own message is a row", async || {
            let rows = house.admin.messages(conversation).await;
            rows.iter().any(|row| row["platform_message_id"] == format!("phone-{kind}")).then_some(())
        })
        .await;
        assert_eq!(house.admin.messages(conversation).await.len(), 3, "{kind}");
    }
}

async fn the_same_words_from_the_phone_are_another_message(database: Database) {
    let house = House::open(database).await;
    for kind in ["instagram", "messenger", "whatsapp"] {
        let (channel, conversation) = begun(&house, kind).await;
        house.admin.say(conversation, "c", "ok").await.expect(201);
        reaches(&house.admin, conversation, "c", "sent").await;
        for n in 0..3 {
            let echo = channel.echo(CUSTOMER, &format!("{kind}-ok-{n}"), "ok", None);
            assert_eq!(outcome(post(&house.url(), &channel, &echo).await), "stored", "{kind}");
            assert_eq!(outcome(post(&house.url(), &channel, &echo).await), "duplicate", "{kind}");
        }
        assert_eq!(
            house.admin.messages(conversation).await.len(),
            5,
            "{kind}: hello, ours, three of the owner's"
        );
    }
}

async fn what_the_owner_writes_on_the_phone_is_shown_once_and_unread_by_nobody(database: Database) {
    let house = House::open(database).await;
    for kind in ["whatsapp", "instagram", "messenger"] {
        let (channel, conversation) = begun(&house, kind).await;
        let session = Socket::open(&house.admin).await;
        session.subscribe(conversation, None).await;
        let path = format!("/api/v1/conversations/{conversation}");
        let unread = house.admin.get(&path).await.expect(200)["unread_count"].clone();
        let echo = channel.echo(CUSTOMER, &format!("{kind}-phone"), "from my phone", None);
        let result = results(post(&house.url(), &channel, &echo).await).remove(0);
        assert_eq!(
            (&result["outcome"], &result["message_direction"]),
            (&json!("stored"), &json!("owner_to_customer")),
            "{kind}"
        );
        let frame = session.frame("chat_message").await;
        let message = &frame["message"];
        assert_eq!(
            (&message["sender_type"], &message["content"]),
            (&json!("support"), &json!("from my phone")),
            "{kind}"
        );
        assert_eq!(message["origin"], "phone", "{kind}");
        assert_eq!(
            house.admin.get(&path).await.expect(200)["unread_count"],
            unread,
            "{kind}: echoes add no unread and lower none"
        );
        assert_eq!(house.platform.accepted_with("from my phone").len(), 0, "{kind}: it is not sent again");
    }
}

async fn an_echo_starts_a_conversation_with_the_customer_not_the_account(database: Database) {
    let house = House::open(database).await;
    for kind in ["whatsapp", "instagram", "messenger"] {
        let channel = house.channel(kind).await;
        let echo = channel.echo("15557700888", &format!("{kind}-first"), "I wrote first", None);
        let result = results(post(&house.url(), &channel, &echo).await).remove(0);
        let inbound = channel.text("15557700888", &format!("{kind}-reply"), "and I answered");
        let answer = results(post(&house.url(), &channel, &inbound).await).remove(0);
        assert_eq!(result["conversation_id"], answer["conversation_id"], "{kind}: one conversation");
        assert!(!result["conversation_id"].is_null());
    }
}

async fn a_text_with_three_pictures_is_one_message_and_its_echoes_none(database: Database) {
    let house = House::open(database).await;
    house.platform.answers("/message_attachments", 200, json!({"attachment_id": "1"}));
    for kind in ECHOING {
        let (channel, conversation) = begun(&house, kind).await;
        let mut ids = Vec::new();
        for n in 0..3 {
            let part =
                reqwest::multipart::Part::bytes(format!("picture {n}").into_bytes()).file_name("a.txt");
            let form = reqwest::multipart::Form::new().part("file", part);
            let request = house.admin.request(reqwest::Method::POST, "/api/v1/media").multipart(form);
            ids.push(
                crate::support::client::answer(request).await.expect("an answer").expect(201)["id"].clone(),
            );
        }
        let before = house.platform.accepted().len();
        let body = json!({"content": "three of them", "client_id": "c", "attachment_ids": ids});
        house.admin.post(&format!("/api/v1/conversations/{conversation}/messages"), &body).await.expect(201);
        reaches(&house.admin, conversation, "c", "sent").await;
        let sent = house.platform.accepted().split_off(before);
        assert_eq!(sent.len(), 4, "{kind}: the words and three files, each a request of its own");
        for accepted in sent {
            let echo = channel.echo(CUSTOMER, &accepted.id, &accepted.text, accepted.token.as_deref());
            let outcome = outcome(post(&house.url(), &channel, &echo).await);
            assert!(outcome == "duplicate" || outcome == "updated", "{kind}: {outcome}");
        }
        assert_eq!(
            house.admin.messages(conversation).await.len(),
            2,
            "{kind}: hello, and one with three files"
        );
    }
}
