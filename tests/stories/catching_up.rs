//! Webhooks that were lost before they reached us: what the platform still has is read back, once, in its order
//! and marked; what it does not give any more is named. And what keeps a channel connected: its webhook, its
//! token, its number. The clock of these stories is the rows': they are shifted as if the time had gone by.
//! Over 400 lines: one platform's past is planted for all of them.

use super::answering;
use super::flows::{make, run_becomes};
use super::sending::reaches;
use crate::support::channel::{Channel, outcome};
use crate::support::client::number;
use crate::support::database::Database;
use crate::support::dice::Dice;
use crate::support::house::{House, Pair};
use crate::support::past::Written;
use crate::support::platform::Manner;
use crate::support::webhooks::{event, now, post};
use crate::support::{eventually, not_run, on_both_databases};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

on_both_databases!(
    what_webhooks_lost_is_there_once_in_the_platforms_order_and_what_cannot_be_had_is_named,
    what_is_read_back_late_starts_nothing_by_itself,
    a_model_answers_nobody_who_was_read_back_late,
    a_lost_answer_is_proved_by_what_is_read_back,
    one_conversation_that_the_platform_withholds_holds_up_no_other,
    a_look_that_is_killed_in_the_middle_ends_after_the_restart,
    a_look_that_panics_is_taken_again_after_its_lease,
    who_was_forgotten_is_not_read_back,
    a_webhook_that_was_taken_away_is_set_anew,
    ninety_days_pass_and_a_token_of_instagram_lives,
    the_end_of_a_token_and_of_the_access_to_data_is_known,
    how_a_number_stands_is_read_and_told,
);

/// What the platform says of a channel.
async fn upkeep(house: &House, channel: &Channel) -> Value {
    house.admin.get(&format!("/api/v1/channels/{}", channel.id)).await.expect(200)["upkeep"].clone()
}

/// A channel whose first look is over.
async fn connected(house: &House, kind: &'static str) -> Channel {
    let channel = house.channel(kind).await;
    eventually("its past was looked at once", async || {
        upkeep(house, &channel).await["messages"]["at"].is_string().then_some(())
    })
    .await;
    channel
}

/// As if the channels had been connected for a week, and last looked at so long ago.
async fn shift(house: &House, ago: i64) {
    house.database.execute(&format!("UPDATE channels SET created_at = created_at - {}", 7 * DAY)).await;
    let compared = now() * 1000 - ago;
    house.database.execute(&format!("UPDATE channel_health SET compared_until = {compared}")).await;
}

/// Has the channels asked now.
async fn hurry(house: &House, what: &str) {
    let sql = format!("UPDATE channel_checks SET due_at = 1 WHERE what = '{what}'");
    house.database.execute(&sql).await;
}

/// Waits until what was hurried is over, and was answered.
async fn over(house: &House, channel: &Channel, what: &str) -> Value {
    eventually(&format!("{what} of {} is answered", channel.kind), async || {
        let upkeep = upkeep(house, channel).await[what].clone();
        let is_over = upkeep["next_at"].as_str().is_some_and(|at| at > "2000")
            && upkeep["at"].is_string()
            && upkeep["fault"].is_null();
        is_over.then_some(upkeep)
    })
    .await
}

/// The webhook of a message, as it was written.
fn webhook(channel: &Channel, customer: &str, written: &Written) -> Value {
    let account = channel.external_id.as_str();
    let (from, to) = if written.is_ours { (account, customer) } else { (customer, account) };
    let mut message = json!({"mid": written.id, "text": written.text});
    if written.is_ours {
        message["is_echo"] = true.into();
    }
    let mut event = event(from, to, json!({"message": message}));
    event["timestamp"] = written.at.into();
    channel.messaging(&[event])
}

/// The conversations of a channel, by their customers.
async fn conversations(house: &House, channel: &Channel) -> BTreeMap<String, i64> {
    let all = house.admin.all(&format!("/api/v1/conversations?channel_id={}", channel.id)).await;
    let customer = |one: &Value| one["customer"]["external_id"].as_str().expect("a name").to_owned();
    all.iter().map(|one| (customer(one), number(&one["id"]))).collect()
}

fn is_recovered(message: &Value) -> bool {
    message["details"]["recovered"] == true
}

fn ids(messages: &[Value]) -> BTreeSet<String> {
    messages.iter().filter_map(|one| one["platform_message_id"].as_str().map(str::to_owned)).collect()
}

/// Three hours of two platforms: in the first a fifth of the webhooks is lost, in the other two we are deaf.
struct Hours {
    channels: [Channel; 2],
    /// By channel and customer, in order.
    written: BTreeMap<(i64, String), Vec<Written>>,
    /// The ids whose webhooks were lost.
    lost: BTreeSet<String>,
}

/// Who writes more than Instagram tells of.
const CHATTY: &str = "1002003004099";

impl Hours {
    async fn plant(house: &House) -> Self {
        let channels = [connected(house, "messenger").await, connected(house, "instagram").await];
        shift(house, 3 * HOUR).await;
        let mut hours = Self { channels, written: BTreeMap::new(), lost: BTreeSet::new() };
        let mut dice = Dice::new("three hours");
        let begin = now() * 1000 - 3 * HOUR;
        for channel in hours.channels.clone() {
            for person in 0..7 {
                let customer = format!("10020030040{person:02}");
                for turn in 0..6 {
                    let at = begin + turn * 9 * MINUTE + person * 1_000;
                    let is_lost = dice.throw(5) == 0;
                    hours.write(house, &channel, &customer, at, turn % 3 == 2, is_lost).await;
                }
                for turn in 0..4 {
                    let at = begin + HOUR + turn * 28 * MINUTE + person * 1_000;
                    hours.write(house, &channel, &customer, at, turn == 3, true).await;
                }
            }
            for turn in 0..30 {
                let at = begin + HOUR + turn * MINUTE;
                hours.write(house, &channel, CHATTY, at, false, true).await;
            }
        }
        hours
    }

    async fn write(
        &mut self,
        house: &House,
        channel: &Channel,
        customer: &str,
        at: i64,
        is_ours: bool,
        is_lost: bool,
    ) {
        let all = self.written.entry((channel.id, customer.to_owned())).or_default();
        let id =
            format!("{}{customer}.{}", if channel.kind == "messenger" { "m_" } else { "aWd" }, all.len());
        let written = Written { text: format!("said {id}"), id, at, is_ours };
        house.platform.past(|past| past.write(channel, customer, written.clone()));
        if is_lost {
            self.lost.insert(written.id.clone());
        } else {
            let answer = post(&house.url(), channel, &webhook(channel, customer, &written)).await;
            assert_eq!(outcome(answer), "stored");
        }
        all.push(written);
    }

    /// What cannot be had of a conversation: beyond the newest 20 Instagram only names.
    fn gap(&self, channel: &Channel, customer: &str) -> Vec<Written> {
        let all = &self.written[&(channel.id, customer.to_owned())];
        let is_short = channel.kind == "instagram";
        let beyond = all.len().saturating_sub(if is_short { 20 } else { all.len() });
        all[..beyond].iter().filter(|one| self.lost.contains(&one.id)).cloned().collect()
    }

    fn count_recovered(&self, channel: &Channel) -> usize {
        let lost = |(key, all): (&(i64, String), &Vec<Written>)| {
            let lost = all.iter().filter(|one| self.lost.contains(&one.id)).count();
            lost - self.gap(channel, &key.1).len()
        };
        self.written.iter().filter(|(key, _)| key.0 == channel.id).map(lost).sum()
    }

    /// None missing within what the platform gives, none doubled, each of the lost marked, in its order.
    async fn are_whole(&self, house: &House) {
        for channel in &self.channels {
            let conversations = conversations(house, channel).await;
            for ((_, customer), all) in self.written.iter().filter(|(key, _)| key.0 == channel.id) {
                let messages = house.admin.messages(conversations[customer]).await;
                let gap: BTreeSet<_> = self.gap(channel, customer).into_iter().map(|one| one.id).collect();
                let expected: BTreeSet<_> =
                    all.iter().map(|one| one.id.clone()).filter(|id| !gap.contains(id)).collect();
                assert_eq!(ids(&messages), expected, "{} of {customer}", channel.kind);
                assert_eq!(messages.len(), expected.len(), "none is doubled");
                let recovered: Vec<Value> =
                    messages.iter().filter(|one| is_recovered(one)).cloned().collect();
                let lost: BTreeSet<_> = expected.intersection(&self.lost).cloned().collect();
                assert_eq!(ids(&recovered), lost, "just the lost ones are marked");
                let times: Vec<&str> =
                    recovered.iter().map(|one| one["platform_sent_at"].as_str().expect("a time")).collect();
                assert!(times.is_sorted(), "in the platform's order: {times:?}");
                let path = format!("/api/v1/conversations/{}", conversations[customer]);
                let unread = number(&house.admin.get(&path).await.expect(200)["unread_count"]);
                let theirs = all.iter().filter(|one| !one.is_ours && !gap.contains(&one.id)).count();
                assert_eq!(unread, i64::try_from(theirs).expect("few"), "each of the customer's counts");
            }
        }
    }
}

async fn events(house: &House, conversation: i64, kind: &str) -> Vec<Value> {
    let all = house.admin.all(&format!("/api/v1/conversations/{conversation}/events")).await;
    all.into_iter().filter(|event| event["kind"] == kind).collect()
}

async fn what_webhooks_lost_is_there_once_in_the_platforms_order_and_what_cannot_be_had_is_named(
    database: Database,
) {
    let house = House::open(database).await;
    let hours = Hours::plant(&house).await;
    // Twice it is too much for the platform: that is waited out.
    house.platform.past(|past| past.throttle(2));
    hurry(&house, "messages").await;
    for channel in &hours.channels {
        let told = over(&house, channel, "messages").await;
        let recovered = i64::try_from(hours.count_recovered(channel)).expect("few");
        assert_eq!(number(&told["recovered"]), recovered, "{}: {told}", channel.kind);
        let missing = i64::try_from(hours.gap(channel, CHATTY).len()).expect("few");
        assert_eq!(number(&told["missing"]), missing, "{}: {told}", channel.kind);
    }
    hours.are_whole(&house).await;
    let instagram = &hours.channels[1];
    let chat = conversations(&house, instagram).await[CHATTY];
    let gaps = events(&house, chat, "gap").await;
    assert_eq!(
        (gaps.len(), &gaps[0]["count"], &gaps[0]["cause"]["kind"]),
        (1, &json!(10), &json!("platform"))
    );
    assert!(gaps[0]["from"].as_str() < gaps[0]["to"].as_str(), "{gaps:?}");
    assert_eq!(events(&house, chat, "recovered").await[0]["count"], 20);
    assert_eq!(house.platform.past(|past| past.too_fast), 0, "two calls a second, no more");
    let audit = house.admin.all("/api/v1/audit?action=channel_recovered").await;
    assert!(
        audit.iter().all(|entry| entry["details"]["cause"] == "platform") && !audit.is_empty(),
        "{audit:?}"
    );
    let metrics = house.admin.get("/metrics").await.text;
    let total = hours.channels.iter().map(|channel| hours.count_recovered(channel)).sum::<usize>();
    assert!(metrics.contains(&format!("rapport_recovered_messages_total {total}")), "{metrics}");
    assert!(!house.server.log().contains("said m_"), "nothing that anybody wrote is logged");

    // The webhooks come after all, hours late: each is known, but those that nobody could have.
    for ((id, customer), all) in &hours.written {
        let channel = hours.channels.iter().find(|channel| channel.id == *id).expect("ours");
        let gap: Vec<_> = hours.gap(channel, customer).into_iter().map(|one| one.id).collect();
        for written in all.iter().filter(|one| hours.lost.contains(&one.id)) {
            let answer = post(&house.url(), channel, &webhook(channel, customer, written)).await;
            let expected = if gap.contains(&written.id) { "stored" } else { "duplicate" };
            assert_eq!(outcome(answer), expected, "{}", written.id);
        }
    }
    hurry(&house, "messages").await;
    for channel in &hours.channels {
        let told = over(&house, channel, "messages").await;
        assert_eq!(number(&told["missing"]), 0, "the gap is filled: {told}");
        let recovered = i64::try_from(hours.count_recovered(channel)).expect("few");
        assert_eq!(number(&told["recovered"]), recovered, "nothing is read back twice");
    }
    assert_eq!(events(&house, chat, "gap_filled").await.len(), 1);
    assert_eq!(house.admin.messages(chat).await.len(), 30);
}

async fn what_is_read_back_late_starts_nothing_by_itself(database: Database) {
    let house = House::open(database).await;
    let channel = connected(&house, "messenger").await;
    shift(&house, 3 * HOUR).await;
    let steps = json!([{"kind": "message", "text": "We answer soon."}]);
    let flow = make(&house.admin, json!({"kind": "new_conversation"}), steps).await;
    let (old, new) = ("1002003004001", "1002003004002");
    for (customer, id, ago) in [(old, "m_old", 2 * HOUR), (new, "m_new", 2 * MINUTE)] {
        let written =
            Written { id: id.into(), text: "hello?".into(), at: now() * 1000 - ago, is_ours: false };
        house.platform.past(|past| past.write(&channel, customer, written));
    }
    hurry(&house, "messages").await;
    let told = over(&house, &channel, "messages").await;
    assert_eq!(number(&told["recovered"]), 2);
    // Whoever wrote two minutes ago is answered as if the webhook had come; the other one is people's.
    run_becomes(&house.admin, &flow, "done").await;
    let runs = house.admin.all(&format!("/api/v1/flows/{}/runs", flow["id"])).await;
    let conversations = conversations(&house, &channel).await;
    assert_eq!((runs.len(), &runs[0]["conversation_id"]), (1, &json!(conversations[new])));
    house.platform.accepts("We answer soon.").await;
    assert!(
        house.platform.accepted().iter().all(|accepted| accepted.to == new),
        "one answer, to the new one"
    );
    let waits = house.admin.get(&format!("/api/v1/conversations/{}", conversations[old])).await.expect(200);
    assert_eq!((&waits["unread_count"], &waits["status"]), (&json!(1), &json!("open")), "{waits}");
}

async fn a_model_answers_nobody_who_was_read_back_late(database: Database) {
    let (house, model, _) = answering::open(database, "auto").await;
    let channel = connected(&house, "messenger").await;
    let options = json!({"options": {"ai": {"mode": "auto", "window_ms": 300}}});
    house.admin.patch(&format!("/api/v1/channels/{}", channel.id), &options).await.expect(200);
    shift(&house, 3 * HOUR).await;
    let (old, new) = ("1002003004001", "1002003004002");
    for (customer, id, ago) in [(old, "m_old", 2 * HOUR), (new, "m_new", 2 * MINUTE)] {
        let at = now() * 1000 - ago;
        let written = Written { id: id.into(), text: "how much?".into(), at, is_ours: false };
        house.platform.past(|past| past.write(&channel, customer, written));
    }
    hurry(&house, "messages").await;
    over(&house, &channel, "messages").await;
    assert_eq!(house.platform.accepts("answer 1").await.to, new, "whoever wrote two minutes ago");
    // Whoever wrote hours ago is answered once they write again.
    post(&house.url(), &channel, &channel.text(old, "m_live", "hello?")).await.expect(200);
    assert_eq!(house.platform.accepts("answer 2").await.to, old);
    assert_eq!(model.questions().len(), 2, "and was asked about only then");
}

async fn a_lost_answer_is_proved_by_what_is_read_back(database: Database) {
    let house = House::open(database).await;
    let channel = connected(&house, "messenger").await;
    let customer = "1002003004001";
    let conversation = channel.conversation(&house.admin, customer).await;
    house.platform.meets("on its way", Manner::AcceptAndHangUp, 1);
    house.admin.say(conversation, "c-1", "on its way").await.expect(201);
    reaches(&house.admin, conversation, "c-1", "unconfirmed").await;
    // As if that was ten minutes ago, and its echo was lost as well.
    shift(&house, HOUR).await;
    let earlier = format!("UPDATE delivery_attempts SET started_at = started_at - {}", 10 * MINUTE);
    house.database.execute(&earlier).await;
    let id = house.platform.accepts("on its way").await.id;
    let at = now() * 1000 - 10 * MINUTE + 1_000;
    let written = Written { id: id.clone(), text: "on its way".into(), at, is_ours: true };
    house.platform.past(|past| past.write(&channel, customer, written));
    hurry(&house, "messages").await;
    let sent = reaches(&house.admin, conversation, "c-1", "sent").await;
    assert_eq!(sent["platform_message_id"], json!(id));
    assert_eq!(house.admin.messages(conversation).await.len(), 1, "it is that message, and no other");
}

/// A channel with messages of six customers that nobody told of.
async fn silent(house: &House) -> Channel {
    let channel = connected(house, "messenger").await;
    shift(house, 3 * HOUR).await;
    for person in 0..6 {
        for turn in 0..3 {
            let at = now() * 1000 - 2 * HOUR + turn * MINUTE;
            let (id, text) = (format!("m_{person}.{turn}"), format!("{person} {turn}"));
            let written = Written { id, text, at, is_ours: false };
            house.platform.past(|past| past.write(&channel, &format!("100200300400{person}"), written));
        }
    }
    channel
}

async fn one_conversation_that_the_platform_withholds_holds_up_no_other(database: Database) {
    let house = House::open(database).await;
    let channel = silent(&house).await;
    house.platform.past(|past| past.withheld.push("1002003004002".to_owned()));
    hurry(&house, "messages").await;
    let told = eventually("the others are read, and it is said", async || {
        let told = upkeep(&house, &channel).await["messages"].clone();
        (number(&told["recovered"]) == 15 && told["fault"].is_string()).then_some(told)
    })
    .await;
    let fault = told["fault"].as_str().expect("words");
    assert!(fault.starts_with("conversations not told of: 1: "), "{fault}");
    assert_eq!(conversations(&house, &channel).await.len(), 5);
}

/// All of them are there, once.
async fn is_whole(house: &House, channel: &Channel) {
    let conversations = conversations(house, channel).await;
    assert_eq!(conversations.len(), 6);
    for conversation in conversations.values() {
        let messages = house.admin.messages(*conversation).await;
        assert_eq!((messages.len(), ids(&messages).len()), (3, 3));
        assert!(messages.iter().all(is_recovered));
    }
    assert_eq!(number(&upkeep(house, channel).await["messages"]["recovered"]), 18, "each is counted once");
}

async fn a_look_that_is_killed_in_the_middle_ends_after_the_restart(database: Database) {
    let mut house = House::open(database).await;
    let channel = silent(&house).await;
    let before = house.platform.past(|past| {
        past.takes = Duration::from_millis(300);
        past.answered
    });
    hurry(&house, "messages").await;
    eventually("it is in the middle", async || {
        house.platform.past(|past| past.answered >= before + 3).then_some(())
    })
    .await;
    house.server.kill().await;
    house.platform.past(|past| past.takes = Duration::ZERO);
    house.server.starts_again().await;
    eventually("all of it was read", async || {
        (number(&upkeep(&house, &channel).await["messages"]["recovered"]) == 18).then_some(())
    })
    .await;
    is_whole(&house, &channel).await;
}

async fn a_look_that_panics_is_taken_again_after_its_lease(database: Database) {
    if !cfg!(debug_assertions) {
        return not_run("a debug build, which panics on command");
    }
    let change = |settings: crate::support::server::Settings| {
        // After its first look and the one at its token.
        settings.with("RAPPORT_PANIC", "channel checks:3")
    };
    let house = House::open_with(database, change).await;
    let channel = silent(&house).await;
    over(&house, &channel, "token").await;
    hurry(&house, "messages").await;
    let line = format!("channel {}: its messages: its job panicked", channel.id);
    eventually(&line, async || house.server.log().contains(&line).then_some(())).await;
    // As if its lease had gone by.
    house.database.execute("UPDATE channel_checks SET lease_until = 1").await;
    hurry(&house, "messages").await;
    over(&house, &channel, "messages").await;
    is_whole(&house, &channel).await;
}

#[tokio::test]
async fn two_servers_look_once() {
    let Some(Pair { redis: _redis, house, second: _second }) = Pair::open().await else { return };
    let channel = silent(&house).await;
    let before = house.platform.past(|past| past.answered);
    hurry(&house, "messages").await;
    over(&house, &channel, "messages").await;
    is_whole(&house, &channel).await;
    // Two pages of conversations, and each of the six; and, as the clock went on, perhaps a look before there
    // was anything.
    let asked = house.platform.past(|past| past.answered) - before;
    assert!((8..=10).contains(&asked), "{asked} calls: two servers that look would make 16");
    assert_eq!(house.platform.past(|past| past.too_fast), 0);
}

async fn who_was_forgotten_is_not_read_back(database: Database) {
    let house = House::open(database).await;
    let channel = silent(&house).await;
    hurry(&house, "messages").await;
    over(&house, &channel, "messages").await;
    is_whole(&house, &channel).await;
    let whose = "1002003004003";
    let conversation = conversations(&house, &channel).await[whose];
    let shown = house.admin.get(&format!("/api/v1/conversations/{conversation}")).await.expect(200);
    house.admin.delete(&format!("/api/v1/customers/{}", shown["customer"]["id"])).await.expect(200);
    shift(&house, 3 * HOUR).await;
    hurry(&house, "messages").await;
    over(&house, &channel, "messages").await;
    assert!(!conversations(&house, &channel).await.contains_key(whose), "what they wrote stays away");
    // Who writes again is heard again; as if that was half an hour later.
    let earlier = format!("UPDATE forgotten_addresses SET forgotten_at = forgotten_at - {}", 30 * MINUTE);
    house.database.execute(&earlier).await;
    let at = now() * 1000 - 2 * MINUTE;
    let again = Written { id: "m_again".into(), text: "me".into(), at, is_ours: false };
    house.platform.past(|past| past.write(&channel, whose, again));
    hurry(&house, "messages").await;
    over(&house, &channel, "messages").await;
    let conversation = conversations(&house, &channel).await[whose];
    assert_eq!(ids(&house.admin.messages(conversation).await), BTreeSet::from(["m_again".to_owned()]));
}

/// Waits until Telegram calls the bot there.
async fn calls_at(house: &House, url: &str) {
    eventually("the webhook is ours", async || (house.platform.webhooks() == [url]).then_some(())).await;
}

async fn a_webhook_that_was_taken_away_is_set_anew(database: Database) {
    let house = House::open(database).await;
    let channel = house.channel("telegram").await;
    let ours = format!("{}{}", house.url(), channel.webhook_path());
    calls_at(&house, &ours).await;
    over(&house, &channel, "webhook").await;
    house.platform.calls_bots_at("https://elsewhere.example/hook");
    hurry(&house, "webhook").await;
    calls_at(&house, &ours).await;
    let told = over(&house, &channel, "webhook").await;
    assert!(told["set_at"].is_string() && told["pending"] == 0, "{told}");
    let audit = house.admin.all("/api/v1/audit?action=channel_webhook_set").await;
    assert!(
        audit.iter().any(|entry| entry["subject"] == json!(format!("channel:{}", channel.id))),
        "{audit:?}"
    );
    let behind = json!({"ok": true, "result": {"url": ours, "pending_update_count": 4,
        "last_error_date": now(), "last_error_message": "Connection timed out"}});
    house.platform.answers("/getWebhookInfo", 200, behind);
    hurry(&house, "webhook").await;
    eventually("what could not be delivered is told", async || {
        let told = upkeep(&house, &channel).await["webhook"].clone();
        (told["error"] == "Connection timed out" && told["pending"] == 4).then_some(())
    })
    .await;
}

/// As if so many days had gone by.
async fn days_pass(house: &House, days: i64) {
    let by = days * DAY;
    for sql in [
        format!("UPDATE channels SET created_at = created_at - {by}"),
        format!(
            "UPDATE channel_health SET token_since = token_since - {by}, \
             token_renewed_at = token_renewed_at - {by}, token_expires_at = token_expires_at - {by}"
        ),
    ] {
        house.database.execute(&sql).await;
    }
    house.platform.past(|past| past.day += days);
    hurry(house, "token").await;
}

async fn ninety_days_pass_and_a_token_of_instagram_lives(database: Database) {
    let house = House::open(database).await;
    let channel = connected(&house, "instagram").await;
    for _ in 0..9 {
        days_pass(&house, 10).await;
        over(&house, &channel, "token").await;
    }
    let token = over(&house, &channel, "token").await;
    assert!(token["renewed_at"].is_string() && token["expires_at"].is_string(), "{token}");
    hurry(&house, "messages").await;
    over(&house, &channel, "messages").await;
    let renewed = house.admin.all("/api/v1/audit?action=channel_token_renewed").await;
    assert!((2..=4).contains(&renewed.len()), "from day 30 on, not daily: {}", renewed.len());
    assert!(!house.server.log().contains("token-instagram-"), "a token is never logged");
    assert!(!json!(renewed).to_string().contains("token-instagram-"), "nor audited");

    let refusal = json!({"error": {"code": 190, "message": "The session has been invalidated"}});
    house.platform.answers("/refresh_access_token", 400, refusal);
    days_pass(&house, 40).await;
    eventually("a refusal is told", async || {
        let token = upkeep(&house, &channel).await["token"].clone();
        token["fault"].as_str().is_some_and(|fault| fault.contains("invalidated")).then_some(())
    })
    .await;
}

async fn the_end_of_a_token_and_of_the_access_to_data_is_known(database: Database) {
    let house = House::open(database).await;
    let ends = now() + 10 * 86_400;
    let data = json!({"data": {"app_id": "884512007733901", "is_valid": true, "expires_at": 0,
        "data_access_expires_at": ends, "scopes": ["pages_messaging"]}});
    house.platform.answers("/debug_token", 200, data);
    let channel = house.channel("messenger").await;
    let token = over(&house, &channel, "token").await;
    assert!(token["expires_at"].is_null(), "a page's token does not end: {token}");
    assert!(token["data_access_expires_at"].is_string(), "{token}");
    let asked = house.platform.asked().into_iter().find(|one| one.path.contains("/debug_token"));
    let asked = asked.expect("it was asked");
    let app = format!("Bearer 884512007733901|{}", channel.secret);
    assert_eq!(asked.headers.get("authorization"), Some(&app), "as the app");
    let ended =
        json!({"data": {"is_valid": false, "error": {"code": 190, "message": "Session has expired"}}});
    house.platform.answers("/debug_token", 200, ended);
    hurry(&house, "token").await;
    eventually("its end is told", async || {
        (upkeep(&house, &channel).await["token"]["fault"] == "Session has expired").then_some(())
    })
    .await;
    let shown = house.admin.get(&format!("/api/v1/channels/{}", channel.id)).await.expect(200);
    assert_eq!(shown["state"], "active", "what is asked never pauses a channel");
}

async fn how_a_number_stands_is_read_and_told(database: Database) {
    let house = House::open(database).await;
    let says = |quality: &str, tier: &str| {
        let body = json!({"id": "731904466218053", "display_phone_number": "+1 555-014-2210",
            "verified_name": "North Pier", "quality_rating": quality, "name_status": "APPROVED",
            "whatsapp_business_manager_messaging_limit": tier});
        house.platform.answers("/731904466218053", 200, body);
    };
    says("GREEN", "TIER_1K");
    let channel = house.channel("whatsapp").await;
    let told = over(&house, &channel, "number").await;
    let expected = (&json!("GREEN"), &json!("TIER_1K"), &json!("APPROVED"), &json!("North Pier"));
    assert_eq!((&told["quality"], &told["tier"], &told["name_status"], &told["verified_name"]), expected);
    assert!(upkeep(&house, &channel).await["messages"].is_null(), "there is no way to read what was missed");

    says("RED", "TIER_250");
    let value =
        json!({"display_phone_number": "15550142210", "event": "FLAGGED", "current_limit": "TIER_250"});
    let body = json!({"object": "whatsapp_business_account", "entry": [{"id": "290417755120884",
        "time": now(), "changes": [{"field": "phone_number_quality_update", "value": value}]}]});
    assert_eq!(outcome(post(&house.url(), &channel, &body).await), "updated");
    eventually("the webhook is heard", async || {
        let told = upkeep(&house, &channel).await["number"].clone();
        (told["quality"] == "RED" && told["tier"] == "TIER_250").then_some(())
    })
    .await;
}
