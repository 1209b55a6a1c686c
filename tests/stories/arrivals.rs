//! Deliveries by chance, told twice: to one house in bodies of many, to another one by one. What is written together
//! must leave what each alone leaves, row for row in every table, whatever stands between: blocks, sleep, flows, quotes,
//! reactions and edits before their message, repetitions, what no database can hold.

use crate::support::channel::{Channel, results};
use crate::support::client::number;
use crate::support::database::Database;
use crate::support::dice::Dice;
use crate::support::dump::dump;
use crate::support::hearer::Hearer;
use crate::support::house::{House, settings};
use crate::support::server::Server;
use crate::support::webhooks::{now, post};
use serde_json::{Value, json};
use std::time::Duration;

/// Rounds of deliveries; more by `RAPPORT_TESTS_ORDERS`.
fn rounds() -> usize {
    std::env::var("RAPPORT_TESTS_ORDERS").ok().and_then(|count| count.parse().ok()).unwrap_or(4)
}

const CUSTOMERS: usize = 5;
const DELIVERIES: usize = 30;

#[tokio::test]
async fn what_arrives_together_leaves_what_each_alone_leaves_sqlite() {
    both_ways(Database::sqlite(), Database::sqlite()).await;
}

#[tokio::test]
async fn what_arrives_together_leaves_what_each_alone_leaves_postgres() {
    let (Some(one), Some(other)) = (Database::postgres().await, Database::postgres().await) else { return };
    both_ways(one, other).await;
}

/// A house, its channel, and how much of a body is posted at once.
struct Side {
    house: House,
    channel: Channel,
    label: i64,
}

async fn both_ways(one: Database, other: Database) {
    let hearer = Hearer::start().await;
    let (together, alone) = (side(one, &hearer).await, side(other, &hearer).await);
    let mut dice = Dice::new("what arrives together leaves what each alone leaves");
    let begins = now();
    for round in 0..rounds() {
        let customers: Vec<String> = (0..CUSTOMERS).map(|n| format!("1555{round:04}{n:03}")).collect();
        // The last two of them are new when they come.
        for customer in &customers[..CUSTOMERS - 2] {
            let first = text(&format!("{customer}.first"), customer, "hello", begins);
            for side in [&together, &alone] {
                results(post(&side.house.url(), &side.channel, &side.channel.whatsapp(first.clone())).await);
            }
            let act = dice.throw(9);
            together.acts(customer, act).await;
            alone.acts(customer, act).await;
        }
        let flows =
            if round % 4 == 3 { Some((together.listens().await, alone.listens().await)) } else { None };
        let mut ids = Vec::new();
        let deliveries: Vec<(Value, &'static str)> = (0..DELIVERIES)
            // A body is read in the order of its platform's clock; some share a second.
            .map(|n| {
                let at = begins + i64::try_from(n / 3).expect("a small number");
                delivery(&mut dice, &customers, &mut ids, &format!("{round}.{n}"), at)
            })
            .collect();
        let half = usize::try_from(dice.throw(DELIVERIES as u64)).expect("a small number");
        let mut at_once = Vec::new();
        for part in [&deliveries[..half], &deliveries[half..]] {
            at_once.extend(together.hears(part).await);
        }
        let mut one_by_one = Vec::new();
        for single in deliveries.chunks(1) {
            one_by_one.extend(alone.hears(single).await);
        }
        assert_eq!(at_once, one_by_one, "round {round}: the outcomes");
        same_rows(&together.house.database, &alone.house.database, round).await;
        if let Some((one, other)) = flows {
            together.house.admin.delete(&format!("/api/v1/flows/{one}")).await;
            alone.house.admin.delete(&format!("/api/v1/flows/{other}")).await;
        }
    }
    for side in [&together, &alone] {
        let (status, said) =
            Server::told(settings(&side.house.database, &side.house.platform), "verify").await;
        assert_eq!(status.code(), Some(0), "{said}");
    }
}

async fn side(database: Database, hearer: &Hearer) -> Side {
    let house =
        House::open_with(database, |settings| settings.with("RAPPORT_HOOKS_ALLOW_PRIVATE", "true")).await;
    let channel = house.channel("whatsapp").await;
    let hook = json!({"name": "The shop", "url": hearer.url(), "events": ["message_created", "conversation_updated"]});
    house.admin.post("/api/v1/hooks", &hook).await.expect(201);
    let label =
        house.admin.post("/api/v1/labels", &json!({"name": "VIP", "color": "#AA0000"})).await.expect(201);
    Side { house, channel, label: number(&label["id"]) }
}

impl Side {
    /// What a person of ours does about a customer before more comes; often nothing.
    async fn acts(&self, customer: &str, what: u64) {
        let admin = &self.house.admin;
        let id = self.channel.conversation(admin, customer).await;
        let path = format!("/api/v1/conversations/{id}");
        let change = match what {
            0 => json!({"status": "closed"}),
            1 => json!({"snoozed_until": "2027-01-01T00:00:00.000Z"}),
            2 => json!({"label_ids": [self.label], "priority": "urgent"}),
            3 => {
                admin.say(id, &format!("answer-{customer}"), "an answer").await.expect(201);
                super::sending::reaches(admin, id, &format!("answer-{customer}"), "sent").await;
                return;
            }
            4 => {
                let shown = admin.get(&path).await.expect(200);
                let person = format!("/api/v1/customers/{}", shown["customer"]["id"]);
                admin.patch(&person, &json!({"blocked": true})).await.expect(200);
                return;
            }
            _ => return,
        };
        admin.patch(&path, &change).await.expect(200);
    }

    /// From here on a flow listens.
    async fn listens(&self) -> i64 {
        let steps = json!([{"kind": "wait", "seconds": 3600}, {"kind": "message", "text": "never"}]);
        let trigger = json!({"kind": "keyword", "keywords": ["help"]});
        number(&super::flows::make(&self.house.admin, trigger, steps).await["id"])
    }

    /// Deliveries in one body; the outcome of each.
    async fn hears(&self, deliveries: &[(Value, &'static str)]) -> Vec<Value> {
        if deliveries.is_empty() {
            return Vec::new();
        }
        let entry = |(value, field): &(Value, &'static str)| {
            let mut entry = self.channel.whatsapp(value.clone())["entry"][0].clone();
            entry["changes"][0]["field"] = (*field).into();
            entry
        };
        let entries: Vec<Value> = deliveries.iter().map(entry).collect();
        let body = json!({"object": "whatsapp_business_account", "entry": entries});
        let results = results(post(&self.house.url(), &self.channel, &body).await);
        results.into_iter().map(|result| result["outcome"].clone()).collect()
    }
}

/// Compares every table, once what works in the background has come to rest.
async fn same_rows(one: &Database, other: &Database, round: usize) {
    for patience in (0..200).rev() {
        let (together, alone) = (dump(one).await, dump(other).await);
        if patience > 0 && together != alone {
            tokio::time::sleep(Duration::from_millis(25)).await;
            continue;
        }
        let tables =
            |rows: &std::collections::BTreeMap<String, Vec<String>>| rows.keys().cloned().collect::<Vec<_>>();
        assert_eq!(tables(&together), tables(&alone), "round {round}");
        for (table, rows) in together {
            assert_eq!(rows, alone[&table], "round {round}: {table}");
        }
        return;
    }
}

fn text(id: &str, customer: &str, words: &str, at: i64) -> Value {
    message(id, customer, at, json!({"type": "text", "text": {"body": words}}))
}

fn message(id: &str, customer: &str, at: i64, rest: Value) -> Value {
    let mut message = rest;
    message["from"] = customer.into();
    message["id"] = id.into();
    message["timestamp"] = at.to_string().into();
    json!({
        "contacts": [{"profile": {"name": format!("Customer {customer}")}, "wa_id": customer}],
        "messages": [message],
    })
}

/// One delivery: mostly plain words, now and then what interrupts them. `ids`: what was delivered so far, and by whom.
#[expect(clippy::too_many_lines, reason = "one case after the other")]
fn delivery(
    dice: &mut Dice,
    customers: &[String],
    ids: &mut Vec<(String, String)>,
    name: &str,
    at: i64,
) -> (Value, &'static str) {
    let mut one_of = |count: usize| usize::try_from(dice.throw(count as u64)).expect("a small number");
    let customer = customers[one_of(customers.len())].clone();
    // One that came, one that comes later, one that never does.
    let own: Vec<String> =
        ids.iter().filter(|(_, whose)| *whose == customer).map(|(id, _)| id.clone()).collect();
    let other = match one_of(4) {
        0 => format!("{customer}.{name}.later"),
        _ if own.is_empty() => format!("{customer}.never"),
        _ => own[one_of(own.len())].clone(),
    };
    let id = match one_of(12) {
        0 if !own.is_empty() => own[one_of(own.len())].clone(),
        1 => format!("{customer}.{name}.later"),
        _ => format!("{customer}.{name}"),
    };
    let words = ["one", "Two words", "help", "!?", "schöne Grüße, 東京", ""][one_of(6)];
    let value = match one_of(24) {
        0 => message(
            &id,
            &customer,
            at,
            json!({"type": "text", "text": {"body": "a quote"}, "context": {"id": other}}),
        ),
        1 => message(
            &id,
            &customer,
            at,
            json!({"type": "reaction", "reaction": {"message_id": other, "emoji": "👍"}}),
        ),
        2 => message(
            &id,
            &customer,
            at,
            json!({"type": "edit", "edit": {"original_message_id": other,
            "message": {"type": "text", "text": {"body": "reworded"}}}}),
        ),
        3 => message(&id, &customer, at, json!({"type": "revoke", "revoke": {"original_message_id": other}})),
        4 => message(
            &id,
            &customer,
            at,
            json!({"type": "location", "location": {"latitude": 50.0, "longitude": 14.0}}),
        ),
        5 => message(
            &id,
            &customer,
            at,
            json!({"type": "unsupported", "errors": [{"code": 131_051, "title": "Unknown"}]}),
        ),
        6 => {
            let echo = json!({"from": "15550142210", "to": customer, "id": id, "timestamp": at, "type": "text",
                "text": {"body": "by phone"}});
            ids.push((id, customer));
            return (json!({"message_echoes": [echo]}), "smb_message_echoes");
        }
        7 => {
            let mut renamed = text(&id, &customer, words, at);
            renamed["contacts"][0]["profile"]["name"] = format!("Renamed {name}").into();
            renamed
        }
        8 => {
            let mut known_by_two = text(&id, &customer, words, at);
            known_by_two["contacts"][0]["user_id"] = format!("US.{customer}").into();
            known_by_two["messages"][0]["from_user_id"] = format!("US.{customer}").into();
            known_by_two
        }
        9 => message(
            &id,
            &customer,
            at,
            json!({"type": "text", "text": {"body": "an ad"},
            "referral": {"source_type": "ad", "source_id": "1", "source_url": "https://ad.example"}}),
        ),
        10 => text(&id, &customer, "what no \u{0} text holds", at),
        _ => text(&id, &customer, words, at),
    };
    ids.push((id, customer));
    (value, "messages")
}
