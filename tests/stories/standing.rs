//! How one stands to a conversation: unread again, followed, reminded of. What would hurt: what was marked as
//! unread is read behind one's back, a reminder comes never, twice, or to somebody else.

use crate::support::channel::Channel;
use crate::support::client::{Client, number};
use crate::support::database::Database;
use crate::support::eventually;
use crate::support::house::House;
use crate::support::on_both_databases;
use crate::support::socket::Socket;
use crate::support::webhooks::post;
use chrono::{Duration, SecondsFormat, Utc};
use serde_json::{Value, json};

on_both_databases!(
    what_is_marked_unread_stays_so_until_it_is_opened_anew,
    reads_under_way_do_not_undo_it,
    what_is_opened_is_read_before_its_subscription_is_answered,
    what_cannot_be_unread_is_refused,
    who_follows_hears_of_it_as_of_their_own,
    a_reminder_comes_once_to_who_wanted_it,
    a_reminder_is_needless_once_somebody_answered,
    a_reminder_survives_a_kill,
);

const CUSTOMER: &str = "15557700421";

async fn writes(house: &House, channel: &Channel, from: &str, n: usize) -> i64 {
    for n in 0..n {
        let body = channel.text(from, &format!("wamid.{from}.{n}"), &format!("message {n}"));
        post(&house.url(), channel, &body).await.expect(200);
    }
    channel.conversation(&house.admin, from).await
}

async fn shown(client: &Client, id: i64) -> Value {
    client.get(&format!("/api/v1/conversations/{id}")).await.expect(200)
}

async fn unread(client: &Client, id: i64) -> i64 {
    number(&shown(client, id).await["unread_count"])
}

async fn mark_unread(client: &Client, id: i64, from: i64) -> Value {
    client.put(&format!("/api/v1/conversations/{id}/unread"), &json!({"from_seq": from})).await.expect(200)
}

fn read(socket: &Socket, id: i64, seq: i64) {
    socket.send(&json!({"type": "read", "conversation_id": id, "seq": seq}));
}

/// Whatever the socket was asked before is done: what is asked of the conversation after it comes after it.
async fn settles(socket: &Socket, client: &Client, id: i64) {
    socket.is_level().await;
    for priority in ["high", "low"] {
        client
            .patch(&format!("/api/v1/conversations/{id}"), &json!({"priority": priority}))
            .await
            .expect(200);
    }
}

fn soon(milliseconds: i64) -> String {
    (Utc::now() + Duration::milliseconds(milliseconds)).to_rfc3339_opts(SecondsFormat::Millis, true)
}

async fn what_is_marked_unread_stays_so_until_it_is_opened_anew(database: Database) {
    let house = House::open(database).await;
    let (_, ana) = house.admin.adds("ana", "Ana Lind", "agent").await;
    let (_, ben) = house.admin.adds("ben", "Ben Ode", "agent").await;
    let channel = house.channel("whatsapp").await;
    let id = writes(&house, &channel, CUSTOMER, 3).await;
    ben.post(&format!("/api/v1/conversations/{id}/read"), &json!({"seq": 3})).await.expect(200);
    let open = Socket::open(&ana).await;
    open.watch("all").await;
    open.subscribe(id, Some(0)).await;
    read(&open, id, 3);
    eventually("it is read", async || (unread(&ana, id).await == 0).then_some(())).await;

    let marked = mark_unread(&ana, id, 2).await;
    assert_eq!((&marked["read_seq"], &marked["unread_count"]), (&json!(1), &json!(2)));
    let told = open
        .until("her other pages hear of it", |frames| {
            let is_it = |frame: &&Value| {
                frame["reason"] == "read" && frame["conversation"]["unread_count"] == json!(2)
            };
            frames.iter().find(is_it).cloned()
        })
        .await;
    let opening = number(&told["conversation"]["marked_unread"]);
    assert_eq!(opening, 1);
    // The page that had it open goes on showing it.
    read(&open, id, 3);
    settles(&open, &ana, id).await;
    assert_eq!(unread(&ana, id).await, 2, "it stays");
    post(&house.url(), &channel, &channel.text(CUSTOMER, "wamid.next", "and one more")).await.expect(200);
    read(&open, id, 4);
    settles(&open, &ana, id).await;
    assert_eq!(unread(&ana, id).await, 3, "a new message does not open it");
    assert_eq!(unread(&ben, id).await, 1, "nobody else's mark moved");
    let listed = ana.all("/api/v1/conversations?unread=true").await;
    assert_eq!(listed.len(), 1, "it is where she looks for it");

    // A page that comes back after a broken connection says when its reader opened it.
    let back = Socket::open(&ana).await;
    back.subscribe(id, Some(4)).await;
    back.send(&json!({"type": "read", "conversation_id": id, "seq": 4, "opening": opening - 1}));
    settles(&back, &ana, id).await;
    assert_eq!(unread(&ana, id).await, 3, "coming back is not opening");
    back.send(&json!({"type": "read", "conversation_id": id, "seq": 4, "opening": opening}));
    eventually("opened anew, it is read", async || (unread(&ana, id).await == 0).then_some(())).await;

    mark_unread(&ana, id, 4).await;
    open.send(&json!({"type": "unsubscribe", "conversation_id": id}));
    open.subscribe(id, Some(4)).await;
    read(&open, id, 4);
    eventually("subscribing again is opening", async || (unread(&ana, id).await == 0).then_some(())).await;
    // From here on the others go on as before.
    mark_unread(&ana, id, 1).await;
    ana.post(&format!("/api/v1/conversations/{id}/read"), &json!({"seq": 4})).await.expect(200);
    assert_eq!(unread(&ana, id).await, 0, "who asks for it by itself reads it");
}

async fn what_is_opened_is_read_before_its_subscription_is_answered(database: Database) {
    let house = House::open(database).await;
    let (_, ana) = house.admin.adds("ana", "Ana Lind", "agent").await;
    let channel = house.channel("whatsapp").await;
    let id = writes(&house, &channel, CUSTOMER, 2).await;
    for round in 0..5 {
        ana.post(&format!("/api/v1/conversations/{id}/read"), &json!({"seq": 2})).await.expect(200);
        mark_unread(&ana, id, 1).await;
        let page = Socket::open(&ana).await;
        page.send(&json!({"type": "subscribe", "conversation_id": id, "after": 2}));
        read(&page, id, 1);
        read(&page, id, 2);
        if round % 2 == 1 {
            page.send(&json!({"type": "unsubscribe", "conversation_id": id}));
        }
        eventually("it is read", async || (unread(&ana, id).await == 0).then_some(())).await;
    }
}

async fn reads_under_way_do_not_undo_it(database: Database) {
    let house = House::open(database).await;
    let (_, ana) = house.admin.adds("ana", "Ana Lind", "agent").await;
    let channel = house.channel("whatsapp").await;
    let id = writes(&house, &channel, CUSTOMER, 4).await;
    for round in 0..10 {
        let sockets = [Socket::open(&ana).await, Socket::open(&ana).await];
        for socket in &sockets {
            socket.subscribe(id, Some(0)).await;
            read(socket, id, 1);
        }
        let marking = mark_unread(&ana, id, 3);
        let reading = async {
            for _ in 0..20 {
                sockets.iter().for_each(|socket| read(socket, id, 4));
                tokio::task::yield_now().await;
            }
        };
        tokio::join!(marking, reading);
        for socket in &sockets {
            settles(socket, &ana, id).await;
        }
        assert!(unread(&ana, id).await >= 2, "round {round}: read behind her back");
        ana.post(&format!("/api/v1/conversations/{id}/read"), &json!({"seq": 4})).await.expect(200);
        assert_eq!(unread(&ana, id).await, 0, "round {round}");
    }
}

async fn what_cannot_be_unread_is_refused(database: Database) {
    let house = House::open(database).await;
    let channel = house.channel("whatsapp").await;
    let id = writes(&house, &channel, CUSTOMER, 1).await;
    let path = format!("/api/v1/conversations/{id}/unread");
    let refused = house.admin.put(&path, &json!({})).await.refused(422);
    assert!(refused["detail"].as_str().is_some_and(|text| text.contains("from_seq")), "{refused}");
    for from in [0, 2, -5] {
        house.admin.put(&path, &json!({"from_seq": from})).await.refused(422);
    }
    house.admin.say(id, "a", "yes?").await.expect(201);
    let marked = mark_unread(&house.admin, id, 2).await;
    assert_eq!(marked["unread_count"], 1, "from our own words on: the customer's before them is unread");
    let empty = channel.conversation(&house.admin, "15557700499").await;
    house.admin.say(empty, "a", "hello").await.expect(201);
    let path = format!("/api/v1/conversations/{empty}/unread");
    assert_eq!(house.admin.put(&path, &json!({"from_seq": 1})).await.refused(409)["code"], "nothing_to_read");
}

async fn who_follows_hears_of_it_as_of_their_own(database: Database) {
    let house = House::open(database).await;
    let (_, ana) = house.admin.adds("ana", "Ana Lind", "agent").await;
    let (ben_id, ben) = house.admin.adds("ben", "Ben Ode", "agent").await;
    let channel = house.channel("whatsapp").await;
    let id = writes(&house, &channel, CUSTOMER, 1).await;
    house
        .admin
        .patch(&format!("/api/v1/conversations/{id}"), &json!({"assignee_id": ben_id}))
        .await
        .expect(200);
    let follow = format!("/api/v1/conversations/{id}/follow");
    assert_eq!(ana.put(&follow, &json!({})).await.expect(200)["is_following"], true);
    assert_eq!(shown(&ben, id).await["is_following"], false, "that is her own affair");
    assert_eq!(ana.all("/api/v1/conversations?following=true").await.len(), 1);
    let socket = Socket::open(&ana).await;
    socket.watch("mine").await;
    post(&house.url(), &channel, &channel.text(CUSTOMER, "wamid.next", "hello?")).await.expect(200);
    socket
        .until("she hears of it", |frames| {
            let is_it = |frame: &&Value| {
                frame["reason"] == "new_customer_message" && frame["conversation"]["is_following"] == true
            };
            frames.iter().find(is_it).cloned()
        })
        .await;
    assert_eq!(ana.delete(&follow).await.expect(200)["is_following"], false);
    assert!(ana.all("/api/v1/conversations?following=true").await.is_empty());
    ben.put("/api/v1/conversations/999999/follow", &json!({})).await.refused(404);
}

async fn a_reminder_comes_once_to_who_wanted_it(database: Database) {
    let house = House::open(database).await;
    let (_, ana) = house.admin.adds("ana", "Ana Lind", "agent").await;
    let (_, ben) = house.admin.adds("ben", "Ben Ode", "agent").await;
    let channel = house.channel("whatsapp").await;
    let id = writes(&house, &channel, CUSTOMER, 2).await;
    ana.post(&format!("/api/v1/conversations/{id}/read"), &json!({"seq": 2})).await.expect(200);
    let (hers, his) = (Socket::open(&ana).await, Socket::open(&ben).await);
    hers.watch("all").await;
    his.watch("all").await;
    let path = format!("/api/v1/conversations/{id}/reminder");
    for bad in [json!({}), json!({"at": "2001-01-01T00:00:00Z"}), json!({"at": "2999-01-01T00:00:00Z"})] {
        ana.put(&path, &bad).await.refused(422);
    }
    ana.put(&path, &json!({"at": soon(86_400_000)})).await.expect(200);
    let at = soon(800);
    let set = ana.put(&path, &json!({"at": at})).await.expect(200);
    assert_eq!(set["reminder_at"], at, "the new one replaces the last");
    assert_eq!(shown(&ben, id).await["reminder_at"], Value::Null);
    let reminder = hers.frame("reminder").await;
    assert_eq!((&reminder["conversation_id"], &reminder["at"]), (&json!(id), &json!(at)));
    assert!(reminder["customer_name"].is_string(), "of whom: {reminder}");
    let now = shown(&ana, id).await;
    assert_eq!((&now["reminder_at"], &now["unread_count"]), (&Value::Null, &json!(1)), "unread for her");
    // Another one comes after it; nothing came twice or to him.
    ana.put(&path, &json!({"at": soon(300)})).await.expect(200);
    hers.until("the next", |frames| {
        let reminders = frames.iter().filter(|frame| frame["type"] == "reminder");
        (reminders.count() == 2).then_some(())
    })
    .await;
    his.is_level().await;
    assert_eq!(his.of_type("reminder").len(), 0, "hers alone");
    ana.put(&path, &json!({"at": soon(86_400_000)})).await.expect(200);
    assert_eq!(ana.delete(&path).await.expect(200)["reminder_at"], Value::Null);
}

async fn a_reminder_is_needless_once_somebody_answered(database: Database) {
    let house = House::open(database).await;
    let (_, ana) = house.admin.adds("ana", "Ana Lind", "agent").await;
    let channel = house.channel("whatsapp").await;
    let answered = writes(&house, &channel, CUSTOMER, 1).await;
    let asked_again = writes(&house, &channel, "15557700422", 1).await;
    let came_back = writes(&house, &channel, "15557700423", 1).await;
    house.admin.say(came_back, "a", "can you send a picture?").await.expect(201);
    let silent = writes(&house, &channel, "15557700424", 1).await;
    house.admin.say(silent, "a", "can you send a picture?").await.expect(201);
    let socket = Socket::open(&ana).await;
    socket.watch("all").await;
    let at = soon(2_500);
    for id in [answered, asked_again, came_back, silent] {
        let wanted = json!({"at": at, "only_if_unanswered": true});
        ana.put(&format!("/api/v1/conversations/{id}/reminder"), &wanted).await.expect(200);
    }
    house.admin.say(answered, "b", "here is the answer").await.expect(201);
    for (from, id) in [("15557700422", "wamid.again"), ("15557700423", "wamid.back")] {
        post(&house.url(), &channel, &channel.text(from, id, "hello?")).await.expect(200);
    }
    eventually("all of them are over", async || {
        for id in [answered, asked_again, came_back, silent] {
            if !shown(&ana, id).await["reminder_at"].is_null() {
                return None;
            }
        }
        Some(())
    })
    .await;
    let due = socket
        .until("those that are needed", |frames| {
            let all: Vec<i64> = frames
                .iter()
                .filter(|frame| frame["type"] == "reminder")
                .map(|frame| number(&frame["conversation_id"]))
                .collect();
            (all.len() >= 2).then_some(all)
        })
        .await;
    let mut due = due;
    due.sort_unstable();
    assert_eq!(due, [asked_again, silent], "asking again is no answer; an answer makes it needless");
}

async fn a_reminder_survives_a_kill(database: Database) {
    let mut house = House::open(database).await;
    let (_, ana) = house.admin.adds("ana", "Ana Lind", "agent").await;
    let channel = house.channel("whatsapp").await;
    let id = writes(&house, &channel, CUSTOMER, 1).await;
    ana.post(&format!("/api/v1/conversations/{id}/read"), &json!({"seq": 1})).await.expect(200);
    let path = format!("/api/v1/conversations/{id}/reminder");
    ana.put(&path, &json!({"at": soon(1_500)})).await.expect(200);
    house.server.kill().await;
    house.server.starts_again().await;
    eventually("it came", async || {
        let now = shown(&ana, id).await;
        (now["reminder_at"].is_null() && now["unread_count"] == 1).then_some(())
    })
    .await;
    assert_eq!(shown(&ana, id).await["marked_unread"], 1, "once");
}
