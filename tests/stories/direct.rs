//! Colleagues among themselves: the same rooms, versions and unread counts, and nobody else's business.

use crate::support::client::number;
use crate::support::database::Database;
use crate::support::house::House;
use crate::support::on_both_databases;
use crate::support::socket::Socket;
use serde_json::{Value, json};

on_both_databases!(
    a_direct_message_starts_one_conversation_for_both,
    direct_messages_are_their_participants_only_admins_included,
    unread_is_each_users_own,
    a_direct_message_is_shown_to_both_once,
    several_colleagues_have_one_conversation,
    colleagues_talk_about_a_customers_conversation,
);

fn direct(to: impl Into<Value>, client_id: &str, content: &str) -> Value {
    json!({"to": to.into(), "client_id": client_id, "content": content})
}

async fn a_direct_message_starts_one_conversation_for_both(database: Database) {
    let house = House::open(database).await;
    let (ana_id, ana) = house.admin.adds("ana", "Ana Lind", "agent").await;
    let (ben_id, ben) = house.admin.adds("ben", "Ben Ode", "agent").await;
    let first = ana.post("/api/v1/direct-messages", &direct("ben", "d-1", "hello Ben")).await;
    assert!((200..=201).contains(&first.status), "{}", first.text);
    let first = first.json;
    assert_eq!(first["is_new_conversation"], true);
    assert_eq!(
        (&first["conversation"]["kind"], &first["message"]["sender_type"]),
        (&json!("direct"), &json!("support"))
    );
    let again = ana.post("/api/v1/direct-messages", &direct(ben_id, "d-1", "hello Ben")).await.expect(200);
    assert_eq!(again["message"]["id"], first["message"]["id"], "the same client id");
    let answer = ben.post("/api/v1/direct-messages", &direct(ana_id, "d-2", "hello Ana")).await.json;
    assert_eq!(
        (&answer["conversation"]["id"], &answer["is_new_conversation"]),
        (&first["conversation"]["id"], &json!(false))
    );
    let conversation = number(&first["conversation"]["id"]);
    ana.say(conversation, "d-3", "by the usual way").await.expect(201);
    let texts: Vec<_> =
        ben.messages(conversation).await.iter().map(|message| message["content"].clone()).collect();
    assert_eq!(texts, [json!("hello Ben"), json!("hello Ana"), json!("by the usual way")]);
    assert_eq!(house.platform.accepted().len(), 0, "no platform hears of it");
    ana.post("/api/v1/direct-messages", &direct("nobody-here", "d-9", "?")).await.refused(404);
}

async fn direct_messages_are_their_participants_only_admins_included(database: Database) {
    let house = House::open(database).await;
    let (_, ana) = house.admin.adds("ana", "Ana Lind", "agent").await;
    let (_, ben) = house.admin.adds("ben", "Ben Ode", "agent").await;
    let (_, eve) = house.admin.adds("eve", "Eve Curious", "admin").await;
    let list = Socket::open(&eve).await;
    list.watch("all").await;
    let answer = ana.post("/api/v1/direct-messages", &direct("ben", "d-1", "between us")).await.json;
    let conversation = number(&answer["conversation"]["id"]);
    let path = format!("/api/v1/conversations/{conversation}");
    for stranger in [&eve, &house.admin] {
        stranger.get(&path).await.refused(404);
        stranger.get(&format!("{path}/messages")).await.refused(404);
        stranger.say(conversation, "intruder", "me too").await.refused(404);
        stranger.patch(&path, &json!({"status": "closed"})).await.refused(404);
        stranger.post(&format!("{path}/read"), &json!({"seq": 1})).await.refused(404);
        let message = format!("/api/v1/messages/{}", answer["message"]["id"]);
        assert!(matches!(stranger.patch(&message, &json!({"content": "changed"})).await.status, 403 | 404));
        assert!(matches!(stranger.delete(&message).await.status, 403 | 404));
        assert_eq!(stranger.all("/api/v1/conversations").await.len(), 0);
        assert_eq!(stranger.all("/api/v1/conversations?q=between").await.len(), 0);
        let session = Socket::open(stranger).await;
        session.send(&json!({"type": "subscribe", "conversation_id": conversation, "after": 0}));
        session.send(&json!({"type": "typing", "conversation_id": conversation, "is_typing": true}));
        session.frame("error").await;
        ben.say(conversation, &format!("d-{}", session.frames().len()), "still between us").await;
        session.is_level().await;
        assert_eq!((session.versioned(conversation).len(), session.of_type("subscribed").len()), (0, 0));
    }
    list.is_level().await;
    assert_eq!(list.of_type("conversation_updated").len(), 0, "nor does the list tell");
    assert_eq!(ana.all("/api/v1/conversations").await.len(), 1);
}

async fn unread_is_each_users_own(database: Database) {
    let house = House::open(database).await;
    let (_, ana) = house.admin.adds("ana", "Ana Lind", "agent").await;
    let (_, ben) = house.admin.adds("ben", "Ben Ode", "agent").await;
    let answer = ana.post("/api/v1/direct-messages", &direct("ben", "d-1", "one")).await.json;
    let conversation = number(&answer["conversation"]["id"]);
    ana.say(conversation, "d-2", "two").await.expect(201);
    let path = format!("/api/v1/conversations/{conversation}");
    let unread =
        async |of: &crate::support::client::Client| of.get(&path).await.expect(200)["unread_count"].clone();
    assert_eq!((unread(&ana).await, unread(&ben).await), (json!(0), json!(2)), "one's own are read");
    let read = ben.post(&format!("{path}/read"), &json!({"seq": 1})).await;
    assert!((200..300).contains(&read.status), "{}", read.text);
    assert_eq!(unread(&ben).await, 1);
    ben.say(conversation, "d-3", "three").await.expect(201);
    assert_eq!((unread(&ana).await, unread(&ben).await), (json!(1), json!(1)), "a reply lowers nobody's");
}

async fn a_direct_message_is_shown_to_both_once(database: Database) {
    let house = House::open(database).await;
    let (_, ana) = house.admin.adds("ana", "Ana Lind", "agent").await;
    let (_, ben) = house.admin.adds("ben", "Ben Ode", "agent").await;
    let lists = [Socket::open(&ana).await, Socket::open(&ben).await];
    for list in &lists {
        list.watch("all").await;
    }
    let answer = ana.post("/api/v1/direct-messages", &direct("ben", "d-1", "one")).await.json;
    let conversation = number(&answer["conversation"]["id"]);
    for list in &lists {
        let frame = list.frame("conversation_updated").await;
        assert_eq!(
            (&frame["reason"], &frame["conversation"]["id"]),
            (&json!("created"), &json!(conversation))
        );
        list.subscribe(conversation, Some(1)).await;
    }
    lists[1].say(conversation, "d-2", "two");
    assert_eq!(lists[0].frame("chat_message").await["message"]["content"], "two");
    lists[1].frame("message_sent").await;
    for list in &lists {
        list.is_level().await;
        list.is_faultless();
        assert_eq!(list.versioned(conversation).len(), 1);
    }
}

async fn several_colleagues_have_one_conversation(database: Database) {
    let house = House::open(database).await;
    let (ana_id, ana) = house.admin.adds("ana", "Ana Lind", "agent").await;
    let (_, ben) = house.admin.adds("ben", "Ben Ode", "agent").await;
    let (_, eve) = house.admin.adds("eve", "Eve Curious", "agent").await;
    let path = "/api/v1/direct-messages";
    let first = house.admin.post(path, &direct(json!([ana_id, "ben"]), "g-1", "to both")).await.expect(201);
    assert_eq!(first["conversation"]["participants"].as_array().expect("people").len(), 3);
    let again = ben.post(path, &direct(json!(["olga", "ana"]), "g-2", "from Ben")).await.expect(201);
    assert_eq!(again["conversation"]["id"], first["conversation"]["id"], "whoever writes");
    let pair = ana.post(path, &direct("ben", "g-3", "only us")).await.expect(201);
    assert_ne!(pair["conversation"]["id"], first["conversation"]["id"]);
    let id = number(&first["conversation"]["id"]);
    assert_eq!(ana.messages(id).await.len(), 2);
    eve.get(&format!("/api/v1/conversations/{id}")).await.refused(404);
    assert_eq!(ana.all("/api/v1/conversations?kind=direct").await.len(), 2);
    ana.post(path, &direct(json!([]), "g-4", "nobody")).await.refused(422);
}

async fn colleagues_talk_about_a_customers_conversation(database: Database) {
    let house = House::open(database).await;
    let channel = house.channel("messenger").await;
    let subject = channel.conversation(&house.admin, "15557700421").await;
    let (_, ana) = house.admin.adds("ana", "Ana Lind", "agent").await;
    let (_, ben) = house.admin.adds("ben", "Ben Ode", "agent").await;
    let path = "/api/v1/direct-messages";
    let plain = ana.post(path, &direct("ben", "d-1", "hello")).await.expect(201);
    let mut asking = direct("ben", "d-2", "what do you think of them?");
    asking["about_conversation_id"] = subject.into();
    let asked = ana.post(path, &asking).await.expect(201);
    assert_ne!(asked["conversation"]["id"], plain["conversation"]["id"], "a conversation of its own");
    assert_eq!(asked["conversation"]["about_conversation_id"], subject);
    let about = format!("/api/v1/conversations?about_conversation_id={subject}");
    assert_eq!(ben.all(&about).await.len(), 1, "found from the customer's side");
    assert_eq!(house.admin.all(&about).await.len(), 0, "by those who take part");
    asking["about_conversation_id"] = plain["conversation"]["id"].clone();
    asking["client_id"] = "d-3".into();
    ana.post(path, &asking).await.refused(422);
}
