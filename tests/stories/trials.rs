//! Trials by chance: everything that can go wrong between us and a platform, much of it, at once. The ledger of
//! the platform is the judge. `RAPPORT_TESTS_MESSAGES` sets how many messages (10,000 for the full trial), which
//! also says what was counted.

use crate::support::channel::Channel;
use crate::support::client::Client;
use crate::support::database::Database;
use crate::support::dice::Dice;
use crate::support::house::House;
use crate::support::platform::Manner;
use crate::support::redis::Redis;
use crate::support::server::Server;
use crate::support::webhooks::post;
use crate::support::worker::Worker;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// How many messages a trial sends.
fn size(usual: usize) -> usize {
    std::env::var("RAPPORT_TESTS_MESSAGES").ok().and_then(|count| count.parse().ok()).unwrap_or(usual)
}

/// How long a trial of this size may take before it is called a hang.
fn patience(messages: usize) -> Duration {
    Duration::from_mins(1) + Duration::from_millis(150) * u32::try_from(messages).unwrap_or(u32::MAX)
}

/// A conversation, its customer, and what was written there.
#[derive(Clone)]
struct Thread {
    channel: Channel,
    conversation: i64,
    customer: String,
    texts: Vec<String>,
}

/// `messages` messages to be written, on channels of these kinds, so many to each customer.
async fn threads(client: &Client, kinds: &[&'static str], messages: usize, each: usize) -> Vec<Thread> {
    let mut channels = Vec::new();
    for (n, kind) in kinds.iter().enumerate() {
        channels.push(Channel::connect(client, kind, &format!("73190446621{n:04}")).await);
    }
    let mut threads = Vec::new();
    for n in 0..messages.div_ceil(each) {
        let channel = channels[n % channels.len()].clone();
        let customer = format!("155577{n:05}");
        let conversation = channel.conversation(client, &customer).await;
        let texts = (0..each.min(messages - n * each)).map(|k| format!("#{n:05}-{k:03}#")).collect();
        threads.push(Thread { channel, conversation, customer, texts });
    }
    threads
}

/// Writes a thread's messages one after the other; whoever is away is asked again, under the same client id.
async fn write(clients: &[Client], thread: &Thread, first: usize) {
    for text in &thread.texts {
        let mut at = first;
        loop {
            let body = json!({"content": text, "client_id": text});
            let path = format!("/api/v1/conversations/{}/messages", thread.conversation);
            let answer = clients[at % clients.len()].try_post(&path, &body).await;
            if answer.is_ok_and(|answer| answer.status == 200 || answer.status == 201) {
                break;
            }
            at += 1;
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

async fn write_all(clients: &[Client], threads: &[Thread]) {
    let next = Arc::new(AtomicUsize::new(0));
    let hands = (0..8).map(|_| {
        let next = next.clone();
        async move {
            loop {
                let n = next.fetch_add(1, Ordering::Relaxed);
                let Some(thread) = threads.get(n) else { return };
                write(clients, thread, n).await;
            }
        }
    });
    futures_util::future::join_all(hands).await;
}

/// Waits until nothing is owed any more.
async fn nothing_is_owed(clients: &[Client], limit: Duration) {
    let begun = Instant::now();
    let mut at = 0;
    loop {
        let open = clients[at % clients.len()]
            .try_get("/api/v1/deliveries?status=queued,claimed,sending&limit=1")
            .await;
        if open.is_ok_and(|answer| answer.status == 200 && answer.json["items"] == json!([])) {
            return;
        }
        at += 1;
        assert!(begun.elapsed() < limit, "something is still owed after {limit:?}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// The status of each text, by the messages themselves.
async fn statuses(client: &Client, threads: &[Thread]) -> HashMap<String, String> {
    let mut found = HashMap::new();
    for thread in threads {
        for message in client.messages(thread.conversation).await {
            let text = message["content"].as_str().unwrap_or("").to_owned();
            found.insert(text, message["status"].as_str().unwrap_or("").to_owned());
        }
    }
    found
}

/// The platform's ledger against ours: each at most once, what is not unconfirmed exactly once, in order.
/// Gives how many are unconfirmed, and how many of those the platform has.
fn judge(house: &House, threads: &[Thread], statuses: &HashMap<String, String>) -> (usize, usize) {
    let ledger = house.platform.accepted();
    let mut count: HashMap<&str, usize> = HashMap::new();
    let mut order: HashMap<&str, Vec<&str>> = HashMap::new();
    for accepted in &ledger {
        *count.entry(&accepted.text).or_default() += 1;
        order.entry(accepted.to.trim_start_matches('+')).or_default().push(&accepted.text);
    }
    let (mut unconfirmed, mut arrived) = (0, 0);
    for thread in threads {
        for text in &thread.texts {
            let times = count.get(text.as_str()).copied().unwrap_or(0);
            assert!(times <= 1, "{text} was sent {times} times");
            match statuses[text].as_str() {
                "unconfirmed" => {
                    unconfirmed += 1;
                    arrived += times;
                }
                "sent" => assert_eq!(times, 1, "{text} is called sent"),
                other => panic!("{text} is {other}"),
            }
        }
        let seen = order.remove(thread.customer.as_str()).unwrap_or_default();
        assert!(seen.is_sorted(), "out of order for {}: {seen:?}", thread.customer);
    }
    assert!(order.is_empty(), "nothing went to strangers: {order:?}");
    (unconfirmed, arrived)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_and_frozen_workers_send_nothing_twice_and_nothing_out_of_order() {
    let Some(database) = Database::postgres().await else { return };
    let Some(redis) = Redis::start().await else { return };
    let messages = size(320);
    let begun = Instant::now();
    let house = House::open_with(database, |settings| {
        settings
            .with("REDIS_URL", &redis.url())
            .with("RAPPORT_DELIVERY", "off")
            .with("RAPPORT_PLATFORM_TIMEOUT", "2")
            .with("RUST_LOG", "warn")
    })
    .await;
    house.platform.takes(Duration::from_millis(15));
    let second = house.second_server(Some(&redis)).await;
    let clients = [house.admin.clone(), house.admin.at(&second.url())];
    let kinds = ["whatsapp", "messenger", "telegram", "messenger", "whatsapp", "telegram"];
    let threads = threads(&house.admin, &kinds, messages, 20).await;
    let workers = (0..8).map(|_| Worker::begin(house.worker(&redis, 2).with("RUST_LOG", "warn"))).collect();
    let is_written = AtomicBool::new(false);
    let writing = async {
        write_all(&clients, &threads).await;
        is_written.store(true, Ordering::Relaxed);
    };
    let ((), (_workers, _second, kills)) = tokio::join!(writing, torment(workers, second, &is_written));
    nothing_is_owed(&clients, patience(messages)).await;
    let (unconfirmed, arrived) = judge(&house, &threads, &statuses(&house.admin, &threads).await);
    eprintln!(
        "{messages} messages, {} kills of workers, {} of a server, one worker frozen past its lease: {} accepted once, \
         none twice, none out of order; {unconfirmed} unconfirmed ({arrived} of them accepted); {:.0} s",
        kills.0,
        kills.1,
        house.platform.accepted().len(),
        begun.elapsed().as_secs_f64()
    );
    assert!(kills.0 >= 5, "there were kills: {kills:?}");
}

/// Kills by chance until everything is written, and at least for as long as the frozen worker sleeps.
async fn torment(
    mut workers: Vec<Worker>,
    mut second: Server,
    is_written: &AtomicBool,
) -> (Vec<Worker>, Server, (usize, usize)) {
    /// The call's 2 s, the lease's 10 s more, and a look every 3 s.
    const ASLEEP: Duration = Duration::from_secs(16);
    let mut dice = Dice::new("killed_and_frozen_workers");
    let (mut kills, begun) = ((0, 0), Instant::now());
    let mut is_frozen = None;
    while !is_written.load(Ordering::Relaxed) || begun.elapsed() < ASLEEP {
        tokio::time::sleep(Duration::from_millis(300 + dice.throw(700))).await;
        match is_frozen {
            None => {
                workers[0].freeze();
                is_frozen = Some((Instant::now(), true));
            }
            Some((since, true)) if since.elapsed() > ASLEEP => {
                workers[0].thaw();
                is_frozen = Some((since, false));
            }
            _ => {}
        }
        if dice.throw(8) == 0 {
            second.kill().await;
            second.starts_again().await;
            kills.1 += 1;
        } else {
            let unlucky = 1 + usize::try_from(dice.throw(7)).expect("small");
            workers[unlucky].kill().await;
            workers[unlucky].starts_again();
            kills.0 += 1;
        }
    }
    if is_frozen.is_some_and(|(_, asleep)| asleep) {
        workers[0].thaw();
    }
    (workers, second, kills)
}

/// What was planned for a message.
#[derive(Clone, Copy, PartialEq)]
enum Plan {
    Dropped,
    BadGateway,
    Usual,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ambiguous_outcomes_are_proved_or_shown_and_never_sent_twice() {
    let messages = size(300);
    let begun = Instant::now();
    let house = House::open_with(Database::sqlite(), |settings| settings.with("RUST_LOG", "warn")).await;
    house.platform.is_curt();
    house.platform.takes(Duration::from_millis(3));
    let kinds = ["whatsapp", "messenger", "telegram", "whatsapp", "messenger", "telegram"];
    let threads = threads(&house.admin, &kinds, messages, 10).await;
    let plans = plan(&house, &threads);
    let clients = [house.admin.clone()];
    let is_done = AtomicBool::new(false);
    let sending = async {
        write_all(&clients, &threads).await;
        nothing_is_owed(&clients, patience(messages)).await;
        is_done.store(true, Ordering::Relaxed);
    };
    // Connections are refused for a twelfth of the time: a twentieth of the attempts and more.
    let refusing = async {
        let mut pauses = 0;
        while !is_done.load(Ordering::Relaxed) {
            house.platform.refuses_for(Duration::from_millis(80)).await;
            pauses += 1;
            tokio::time::sleep(Duration::from_millis(900)).await;
        }
        pauses
    };
    let ((), pauses) = tokio::join!(sending, refusing);
    let first = statuses(&house.admin, &threads).await;
    judge(&house, &threads, &first);
    let proofs = prove(&house, &threads, &first).await;
    let last = statuses(&house.admin, &threads).await;
    let (unconfirmed, arrived) = judge(&house, &threads, &last);
    let refused = attempts_not_sent(&house.admin).await;
    let mut vanished = 0;
    for thread in &threads {
        for text in &thread.texts {
            let was_taken = house.platform.has(text);
            let is_lost = plans[text] != Plan::Usual;
            match (thread.channel.kind, is_lost, was_taken) {
                // A connection that was cut between its hand-shake and our first byte: nobody can know.
                (_, false, false) => {
                    assert_eq!(last[text], "unconfirmed", "{text} never arrived");
                    vanished += 1;
                }
                ("telegram", true, _) => assert_eq!(last[text], "unconfirmed", "{text}"),
                (_, true, false) => assert_eq!(last[text], "unconfirmed", "{text}"),
                _ => assert_eq!(last[text], "sent", "{text}"),
            }
        }
    }
    assert!(vanished <= pauses, "{vanished} vanished in {pauses} pauses");
    eprintln!(
        "{messages} messages: {} accepted, none twice; {refused} attempts met a refused connection, all delivered later; \
         {proofs} lost answers proved by receipt or echo; {unconfirmed} unconfirmed ({arrived} of them accepted, on \
         Telegram); {vanished} cut before the first byte; {:.0} s",
        house.platform.accepted().len(),
        begun.elapsed().as_secs_f64()
    );
    assert!(proofs > 0 && arrived > 0 && refused > 0, "each of the three happened");
}

/// 5 % accepted and dropped, 5 % accepted and answered 502.
fn plan(house: &House, threads: &[Thread]) -> HashMap<String, Plan> {
    let mut dice = Dice::new("ambiguous_outcomes");
    let mut plans = HashMap::new();
    for text in threads.iter().flat_map(|thread| &thread.texts) {
        let plan = match dice.throw(20) {
            0 => Plan::Dropped,
            1 => Plan::BadGateway,
            _ => Plan::Usual,
        };
        match plan {
            Plan::Dropped => house.platform.meets_exactly(text, Manner::AcceptAndHangUp),
            Plan::BadGateway => {
                house.platform.meets_exactly(text, Manner::AcceptAndAnswer(502, json!("bad gateway")));
            }
            Plan::Usual => {}
        }
        plans.insert(text.clone(), plan);
    }
    plans
}

/// What the platforms tell later of what they took: WhatsApp a receipt, Messenger an echo, both with our token;
/// Telegram nothing. Gives how many messages that proved.
async fn prove(house: &House, threads: &[Thread], statuses: &HashMap<String, String>) -> usize {
    let by_text: HashMap<_, _> =
        house.platform.accepted().into_iter().map(|accepted| (accepted.text.clone(), accepted)).collect();
    let mut proofs = 0;
    for thread in threads.iter().filter(|thread| thread.channel.kind != "telegram") {
        for text in thread.texts.iter().filter(|text| statuses[*text] == "unconfirmed") {
            let Some(accepted) = by_text.get(text) else { continue };
            let token = accepted.token.as_deref();
            let body: Value = if thread.channel.kind == "whatsapp" {
                thread.channel.status(&thread.customer, &accepted.id, "sent", token)
            } else {
                thread.channel.echo(&thread.customer, &accepted.id, text, token)
            };
            post(&house.url(), &thread.channel, &body).await.expect(200);
            proofs += 1;
        }
    }
    proofs
}

/// How many attempts were surely not sent.
async fn attempts_not_sent(client: &Client) -> usize {
    let deliveries = client.all("/api/v1/deliveries").await;
    let attempts = deliveries.iter().filter_map(|delivery| delivery["attempts"].as_array()).flatten();
    attempts.filter(|attempt| attempt["outcome"] == "not_sent").count()
}
