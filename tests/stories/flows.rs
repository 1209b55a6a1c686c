//! What flows say: in order, once, whoever tells of the trigger and how often; what customers and people of
//! ours make of a run; who may do what with one.

use crate::support::channel::{Channel, outcome};
use crate::support::client::{Client, number};
use crate::support::database::Database;
use crate::support::house::House;
use crate::support::webhooks::post;
use crate::support::{eventually, on_both_databases};
use futures_util::future::join_all;
use serde_json::{Value, json};

const CUSTOMER: &str = "15557700421";

on_both_databases!(
    a_trigger_told_ten_times_says_its_messages_once_and_in_order,
    an_answer_moves_the_run_that_waits_for_it_once,
    a_person_who_answers_takes_over,
    only_a_customers_new_word_starts_a_flow,
    a_bad_step_is_named_and_only_admins_edit,
    a_run_can_be_stopped_and_a_deleted_flow_stops_them_all,
    a_wait_survives_a_kill,
    a_dry_run_says_what_a_flow_would_do_and_does_nothing,
);

/// Makes a flow as an admin would.
pub async fn make(admin: &Client, trigger: Value, steps: Value) -> Value {
    let body = json!({"name": "A flow", "trigger": trigger, "steps": steps});
    admin.post("/api/v1/flows", &body).await.expect(201)
}

/// The token in a flow's address.
pub fn address(flow: &Value) -> String {
    let url = flow["hook_url"].as_str().expect("admins see the address");
    url[url.find("/hooks/").expect("a hook")..].to_owned()
}

/// The newest run of a flow, once it stands so.
pub async fn run_becomes(client: &Client, flow: &Value, status: &str) -> Value {
    let path = format!("/api/v1/flows/{}/runs", flow["id"]);
    eventually(&format!("the newest run becomes {status}"), async || {
        let run = client.get(&path).await.expect(200)["items"][0].clone();
        (run["status"] == status).then_some(run)
    })
    .await
}

async fn runs(client: &Client, flow: &Value) -> usize {
    client.all(&format!("/api/v1/flows/{}/runs", flow["id"])).await.len()
}

fn text(words: &str) -> Value {
    json!({"kind": "message", "text": words})
}

fn contents(messages: &[Value]) -> Vec<&str> {
    messages.iter().map(|message| message["content"].as_str().unwrap_or("")).collect()
}

fn call(channel: &Channel, customer: &str, key: Option<&str>) -> Value {
    json!({"channel_id": channel.id, "customer": {"external_id": customer, "name": "Ada Lovelace"},
        "variables": {"order": "A-17", "count": 2}, "key": key})
}

async fn a_trigger_told_ten_times_says_its_messages_once_and_in_order(database: Database) {
    let house = House::open(database).await;
    let channel = house.channel("whatsapp").await;
    let steps = json!([
        text("Hello {{customer.first_name}}, order {{order}}."),
        text("{{count}} parcels{{nothing}}, {{who|friend}}.")
    ]);
    let flow = make(&house.admin, json!({"kind": "webhook"}), steps).await;
    let program = Client::anonymous(&house.url());
    let address = address(&flow);

    let body = call(&channel, CUSTOMER, Some("order-17"));
    let told = join_all((0..10).map(|_| program.post(&address, &body))).await;
    let statuses = |status: u16| told.iter().filter(|answer| answer.status == status).count();
    assert_eq!((statuses(201), statuses(200)), (1, 9), "{told:?}");
    assert!(told.iter().all(|answer| answer.json["run_id"] == told[0].json["run_id"]));
    let run = run_becomes(&house.admin, &flow, "done").await;
    assert_eq!(run["steps"].as_array().map(Vec::len), Some(2), "{run}");
    program.post(&address, &body).await.expect(200);

    let conversation = number(&told[0].json["conversation_id"]);
    let said = house.admin.messages(conversation).await;
    assert_eq!(contents(&said), ["Hello Ada, order A-17.", "2 parcels, friend."]);
    for message in &said {
        assert_eq!((&message["sender_type"], &message["origin"]), (&json!("support"), &json!("flow")));
    }
    house.platform.accepts("2 parcels, friend.").await;
    let sent: Vec<_> = house.platform.accepted().into_iter().map(|accepted| accepted.text).collect();
    assert_eq!(sent, ["Hello Ada, order A-17.", "2 parcels, friend."]);

    program.post(&address, &call(&channel, "15557700422", Some("order-17"))).await.refused(409);
    let without_key = call(&channel, "15557700423", None);
    program.post(&address, &without_key).await.expect(201);
    program.post(&address, &without_key).await.expect(200);
    program.post("/hooks/flows/nobody-knows-it", &body).await.refused(404);
    program.post(&address, &json!({"channel_id": channel.id})).await.refused(400);
    assert_eq!(runs(&house.admin, &flow).await, 2);
    assert!(!house.server.log().contains(&address), "the address is a secret");
}

async fn an_answer_moves_the_run_that_waits_for_it_once(database: Database) {
    let house = House::open(database).await;
    let channel = house.channel("telegram").await;
    let steps = json!([
        text("Big or small?"),
        {"kind": "wait_for_answer", "save_as": "size"},
        {"kind": "branch", "cases": [{"words": ["big"], "go_to": "big"}]},
        text("Only big ones are left."),
        {"kind": "end"},
        {"id": "big", "kind": "message", "text": "A {{size}} it is."},
        {"kind": "set_status", "status": "closed"},
    ]);
    let flow = make(&house.admin, json!({"kind": "keyword", "keywords": ["Größe"]}), steps).await;
    let opening = channel.text(CUSTOMER, "opening", "Which GRÖSSE? größe!");
    assert_eq!(outcome(post(&house.url(), &channel, &opening).await), "stored");
    assert_eq!(outcome(post(&house.url(), &channel, &opening).await), "duplicate");
    run_becomes(&house.admin, &flow, "waiting_for_answer").await;
    house.platform.accepts("Big or small?").await;
    let answer = channel.text(CUSTOMER, "answer", "BIG, whatever the größe");
    let url = house.url();
    let told = join_all((0..5).map(|_| post(&url, &channel, &answer))).await;
    assert!(told.iter().all(|answer| answer.status == 200));
    let run = run_becomes(&house.admin, &flow, "done").await;
    assert_eq!(run["variables"]["size"], "BIG, whatever the größe");
    let went: Vec<_> = run["steps"].as_array().expect("steps").iter().map(|step| &step["outcome"]).collect();
    assert_eq!(went, [&json!(null), &json!("answered"), &json!("case 1"), &json!(null), &json!("closed")]);
    assert_eq!(runs(&house.admin, &flow).await, 1, "an answer starts nothing");
    let conversation = number(&run["conversation_id"]);
    let said = house.admin.messages(conversation).await;
    let ours: Vec<_> = said.iter().filter(|message| message["origin"] == "flow").cloned().collect();
    assert_eq!(contents(&ours), ["Big or small?", "A BIG, whatever the größe it is."]);
    let shown = house.admin.get(&format!("/api/v1/conversations/{conversation}")).await.expect(200);
    assert_eq!(shown["status"], "closed");
}

async fn a_person_who_answers_takes_over(database: Database) {
    let house = House::open(database).await;
    let channel = house.channel("whatsapp").await;
    let steps = json!([text("One moment."), {"kind": "wait", "seconds": 3600}, text("Still there?")]);
    let flow = make(&house.admin, json!({"kind": "manual"}), steps).await;
    let conversation = channel.conversation(&house.admin, CUSTOMER).await;
    let path = format!("/api/v1/flows/{}/runs", flow["id"]);
    let by_hand = json!({"conversation_id": conversation});
    let first = house.admin.post(&path, &by_hand).await.expect(201);
    let again = house.admin.post(&path, &by_hand).await.expect(200);
    assert_eq!(first["id"], again["id"], "a second press starts nothing");
    let waiting = run_becomes(&house.admin, &flow, "waiting").await;
    assert!(waiting["due_at"].is_string(), "{waiting}");
    house.admin.say(conversation, "mine", "I am here myself.").await.expect(201);
    let over = run_becomes(&house.admin, &flow, "taken_over").await;
    assert_eq!((&over["id"], &over["due_at"]), (&first["id"], &json!(null)));

    house.admin.post(&path, &by_hand).await.expect(201);
    run_becomes(&house.admin, &flow, "waiting").await;
    let phone = channel.echo(CUSTOMER, "wamid.phone", "From my phone.", None);
    assert_eq!(outcome(post(&house.url(), &channel, &phone).await), "stored");
    run_becomes(&house.admin, &flow, "taken_over").await;
    let said = house.admin.messages(conversation).await;
    assert_eq!(contents(&said), ["One moment.", "I am here myself.", "One moment.", "From my phone."]);
}

async fn only_a_customers_new_word_starts_a_flow(database: Database) {
    let house = House::open(database).await;
    let channel = house.channel("whatsapp").await;
    let by_word =
        make(&house.admin, json!({"kind": "keyword", "keywords": ["help"]}), json!([text("help is near")]))
            .await;
    let first =
        make(&house.admin, json!({"kind": "new_conversation"}), json!([text("Welcome! Say help.")])).await;
    let echo = channel.echo("15557700430", "wamid.e", "help", None);
    assert_eq!(outcome(post(&house.url(), &channel, &echo).await), "stored");
    for (id, words) in [("wamid.1", "hello"), ("wamid.2", "helpless"), ("wamid.3", "HELP!")] {
        assert_eq!(outcome(post(&house.url(), &channel, &channel.text(CUSTOMER, id, words)).await), "stored");
    }
    run_becomes(&house.admin, &by_word, "done").await;
    run_becomes(&house.admin, &first, "done").await;
    house.platform.accepts("help is near").await;
    assert_eq!((runs(&house.admin, &by_word).await, runs(&house.admin, &first).await), (1, 1));
    let off = json!({"is_on": false});
    house.admin.patch(&format!("/api/v1/flows/{}", by_word["id"]), &off).await.expect(200);
    assert_eq!(
        outcome(post(&house.url(), &channel, &channel.text(CUSTOMER, "wamid.4", "help")).await),
        "stored"
    );
    assert_eq!(runs(&house.admin, &by_word).await, 1, "it is switched off");
}

async fn a_bad_step_is_named_and_only_admins_edit(database: Database) {
    let house = House::open(database).await;
    let channel = house.channel("whatsapp").await;
    let (_, agent) = house.admin.adds("ben", "Ben", "agent").await;
    let body = |steps: Value| json!({"name": "F", "steps": steps});
    for (steps, named) in [
        (json!([text("a"), {"kind": "wait"}]), "Step 2 (wait)"),
        (
            json!([{"id": "a", "kind": "message", "text": "a"}, {"kind": "go_to", "step": "a"}]),
            "without ever waiting",
        ),
        (json!([{"kind": "assign", "user_id": 999}]), "Step 1 (assign)"),
        (json!([{"kind": "message", "text": "a", "attachment_ids": [999]}]), "Step 1 (message)"),
    ] {
        let refused = house.admin.post("/api/v1/flows", &body(steps)).await.refused(422);
        assert!(refused["detail"].as_str().is_some_and(|detail| detail.contains(named)), "{refused}");
    }
    agent.post("/api/v1/flows", &body(json!([text("a")]))).await.refused(403);
    let flow = make(&house.admin, json!({"kind": "manual"}), json!([text("a")])).await;
    let path = format!("/api/v1/flows/{}", flow["id"]);
    for refused in [
        agent.patch(&path, &json!({"name": "x"})).await,
        agent.delete(&path).await,
        agent.post(&format!("{path}/hook"), &json!({})).await,
        agent.post(&format!("{path}/broadcasts"), &json!({"key": "k", "conversation_ids": [1]})).await,
    ] {
        refused.refused(403);
    }
    assert_eq!(agent.get(&path).await.expect(200)["hook_url"], json!(null), "who knows it can start it");
    let old = address(&flow);
    let new = house.admin.post(&format!("{path}/hook"), &json!({})).await.expect(200);
    let program = Client::anonymous(&house.url());
    program.post(&old, &call(&channel, CUSTOMER, None)).await.refused(404);
    program.post(&address(&new), &call(&channel, CUSTOMER, None)).await.expect(201);
    let changed = house.admin.patch(&path, &json!({"steps": [text("b")], "name": "G"})).await.expect(200);
    assert_eq!((&changed["version"], &changed["name"]), (&json!(2), &json!("G")));
    assert_eq!(changed["hook_url"], new["hook_url"]);
    assert_eq!(house.admin.all("/api/v1/flows").await.len(), 1);
}

async fn a_run_can_be_stopped_and_a_deleted_flow_stops_them_all(database: Database) {
    let house = House::open(database).await;
    let channel = house.channel("messenger").await;
    let (_, agent) = house.admin.adds("ben", "Ben", "agent").await;
    let steps = json!([text("a"), {"kind": "wait_for_answer"}, text("never")]);
    let flow = make(&house.admin, json!({"kind": "manual"}), steps).await;
    let path = format!("/api/v1/flows/{}", flow["id"]);
    let mut runs = Vec::new();
    for customer in ["70001", "70002"] {
        let conversation = channel.conversation(&agent, customer).await;
        let started = agent.post(&format!("{path}/runs"), &json!({"conversation_id": conversation})).await;
        runs.push(started.expect(201));
        run_becomes(&agent, &flow, "waiting_for_answer").await;
    }
    let run = |index: usize| format!("/api/v1/flow-runs/{}", runs[index]["id"]);
    let stopped = agent.post(&format!("{}/stop", run(0)), &json!({})).await.expect(200);
    assert_eq!(stopped["status"], "stopped");
    assert_eq!(outcome(post(&house.url(), &channel, &channel.text("70001", "m.1", "yes")).await), "stored");
    house.admin.delete(&path).await.expect(204);
    assert_eq!(outcome(post(&house.url(), &channel, &channel.text("70002", "m.2", "yes")).await), "stored");
    for index in 0..2 {
        let run = agent.get(&run(index)).await.expect(200);
        assert_eq!(
            (&run["status"], run["steps"].as_array().map(Vec::len)),
            (&json!("stopped"), Some(1)),
            "{run}"
        );
    }
    agent.get(&path).await.refused(404);
    assert_eq!(house.platform.accepted_with("never").len(), 0);
}

async fn a_wait_survives_a_kill(database: Database) {
    let mut house = House::open(database).await;
    let channel = house.channel("whatsapp").await;
    let steps = json!([text("before"), {"kind": "wait", "seconds": 1}, text("after")]);
    let flow = make(&house.admin, json!({"kind": "webhook"}), steps).await;
    let program = Client::anonymous(&house.url());
    program.post(&address(&flow), &call(&channel, CUSTOMER, Some("k"))).await.expect(201);
    house.platform.accepts("before").await;
    house.server.kill().await;
    house.server.starts_again().await;
    let run = run_becomes(&house.admin, &flow, "done").await;
    house.platform.accepts("after").await;
    assert_eq!(contents(&house.admin.messages(number(&run["conversation_id"])).await), ["before", "after"]);
}

async fn a_dry_run_says_what_a_flow_would_do_and_does_nothing(database: Database) {
    let house = House::open(database).await;
    let channel = house.channel("whatsapp").await;
    outcome(post(&house.url(), &channel, &channel.text(CUSTOMER, "first", "Hello")).await);
    let flow = json!({"name": "Not saved yet", "steps": [
        text("Hello {{customer.first_name|there}}, big or small?"),
        {"kind": "wait_for_answer", "timeout_seconds": 60},
        {"kind": "branch", "cases": [{"words": ["big"], "go_to": "big"}]},
        {"kind": "end"},
        {"id": "big", "kind": "message", "text": "{{answer}} it is."},
        {"kind": "set_status", "status": "closed"},
    ]});
    let tried = house
        .admin
        .post("/api/v1/flows/dry-run", &json!({"flow": flow, "answers": ["Big"], "variables": {"x": "y"}}))
        .await
        .expect(200);
    assert_eq!(tried["status"], "done", "{tried}");
    let steps = tried["steps"].as_array().expect("steps");
    let texts: Vec<_> = steps.iter().filter_map(|step| step["text"].as_str()).collect();
    assert_eq!(texts, ["Hello there, big or small?", "Big", "Big it is."]);
    let waits = house.admin.post("/api/v1/flows/dry-run", &json!({"flow": flow})).await.expect(200);
    let stands = (&waits["status"], &waits["step"], &waits["seconds"]);
    assert_eq!(stands, (&json!("waiting_for_answer"), &json!(1), &json!(60)));
    let lost = json!({"flow": {"steps": [{"kind": "go_to", "step": "nowhere"}]}});
    house.admin.post("/api/v1/flows/dry-run", &lost).await.refused(422);
    let (_, agent) = house.admin.adds("ben", "Ben", "agent").await;
    agent.post("/api/v1/flows/dry-run", &json!({"flow": flow})).await.refused(403);
    assert_eq!(house.admin.all("/api/v1/flows").await.len(), 0, "nothing is saved");
    assert_eq!(house.admin.all("/api/v1/flow-runs").await.len(), 0, "nothing runs");
    assert!(house.platform.accepted().is_empty(), "nobody hears of it");
}
