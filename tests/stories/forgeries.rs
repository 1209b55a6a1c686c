//! A thousand forged webhooks, and right ones that come again (reliability F21, F22).

use crate::support::channel::results;
use crate::support::client::number;
use crate::support::database::Database;
use crate::support::dice::Dice;
use crate::support::house::House;
use crate::support::on_both_databases;
use crate::support::webhooks::{post, post_raw, signature};
use serde_json::json;

on_both_databases!(
    none_of_a_thousand_forgeries_is_taken,
    what_is_replayed_changes_nothing,
    a_channel_without_its_secret_hears_nothing,
);

const CUSTOMER: &str = "15557700421";

async fn none_of_a_thousand_forgeries_is_taken(database: Database) {
    let house = House::open(database).await;
    let mut dice = Dice::new("forgeries");
    for kind in ["whatsapp", "instagram", "messenger", "telegram"] {
        let channel = house.channel(kind).await;
        let bytes = channel.text(CUSTOMER, "forged", "let me in").to_string().into_bytes();
        let right =
            if kind == "telegram" { channel.secret.clone() } else { signature(&channel.secret, &bytes) };
        let header =
            if kind == "telegram" { "x-telegram-bot-api-secret-token" } else { "x-hub-signature-256" };
        for n in 0..250 {
            let (mut body, mut signed) = (bytes.clone(), right.clone().into_bytes());
            let at = usize::try_from(dice.throw(10_000)).expect("small");
            match n % 5 {
                0 if kind != "telegram" => {
                    let at = at % body.len();
                    body[at] ^= 1;
                }
                1 => signed.truncate(at % signed.len()),
                2 => {
                    let cut = at % signed.len();
                    signed[cut] = if signed[cut] == b'0' { b'1' } else { b'0' };
                }
                3 => signed.push(b'0'),
                _ => signed = [b"sha1=", signed.as_slice()].concat(),
            }
            let signed = String::from_utf8(signed).expect("letters");
            let answer = post_raw(&house.url(), &channel, body, Some((header, &signed))).await;
            assert_eq!(answer.status, 401, "{kind} {n}: {signed}: {}", answer.text);
        }
    }
    assert!(house.admin.all("/api/v1/conversations").await.is_empty());
}

async fn what_is_replayed_changes_nothing(database: Database) {
    let mut house = House::open(database).await;
    for kind in ["whatsapp", "instagram", "messenger", "telegram"] {
        let channel = house.channel(kind).await;
        let body = channel.text(CUSTOMER, "7001", "once");
        let first = results(post(&house.url(), &channel, &body).await).remove(0);
        let conversation = number(&first["conversation_id"]);
        let before = house.admin.messages(conversation).await;
        for n in 0..4 {
            if n == 2 {
                // Whoever remembers only in memory has forgotten by now.
                house.server.kill().await;
                house.server.starts_again().await;
            }
            let again = results(post(&house.url(), &channel, &body).await).remove(0);
            assert_eq!(
                (&again["outcome"], &again["message_id"]),
                (&json!("duplicate"), &first["message_id"]),
                "{kind}"
            );
        }
        assert_eq!(house.admin.messages(conversation).await, before, "{kind}");
    }
}

async fn a_channel_without_its_secret_hears_nothing(database: Database) {
    let house = House::open(database).await;
    for (kind, external_id) in [("whatsapp", "1"), ("instagram", "2"), ("messenger", "3"), ("telegram", "4")]
    {
        let mut channel = house.channel(kind).await;
        let bare = json!({"kind": kind, "name": "bare", "external_id": external_id, "credentials": {}});
        let made = house.admin.post("/api/v1/channels", &bare).await;
        if made.status != 201 {
            assert!((400..500).contains(&made.status), "{kind}: {}", made.text);
            continue;
        }
        channel.id = number(&made.json["id"]);
        channel.external_id = external_id.into();
        let bytes = channel.text(CUSTOMER, "bare", "let me in").to_string().into_bytes();
        for signed in [signature("", &bytes), String::new(), "sha256=".into()] {
            let header =
                if kind == "telegram" { "x-telegram-bot-api-secret-token" } else { "x-hub-signature-256" };
            let status =
                post_raw(&house.url(), &channel, bytes.clone(), Some((header, &signed))).await.status;
            assert_eq!(status, 401, "{kind}: {signed:?}");
        }
    }
    assert!(house.admin.all("/api/v1/conversations").await.is_empty());
}
