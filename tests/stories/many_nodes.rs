//! Three servers on one PostgreSQL and one Redis, clients spread over them, in load, while one after the other dies and
//! comes back: a server, Redis, PostgreSQL. Nothing is lost, nothing doubled, every screen ends with the rows.

use super::resuming::eventually_long;
use crate::support::PATIENCE;
use crate::support::channel::{Channel, results};
use crate::support::client::number;
use crate::support::database::Database;
use crate::support::follower::Follower;
use crate::support::house::{House, Pair, settings};
use crate::support::postgres;
use crate::support::redis::Redis;
use crate::support::server::Server;
use crate::support::socket::Socket;
use crate::support::webhooks::try_post;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::time::Duration;
use tokio::sync::watch;

const CUSTOMER: &str = "15557700421";
const MESSAGES: usize = 120;
const LINES: usize = 15;

/// Posts until it is answered 200, at the next server when one does not answer, as a platform behind a balancer does.
async fn post_until_taken(urls: &[String], first: usize, channel: &Channel, body: &Value) -> Vec<Value> {
    let posting = async {
        for url in urls.iter().cycle().skip(first % urls.len()) {
            match try_post(url, channel, body).await {
                Ok(answer) if answer.status == 200 => return results(answer),
                _ => tokio::time::sleep(Duration::from_millis(20)).await,
            }
        }
        unreachable!("the servers are asked for ever")
    };
    tokio::time::timeout(PATIENCE, posting).await.expect("the webhook is taken in the end")
}

#[tokio::test]
#[expect(clippy::too_many_lines, reason = "one night, from the first death to the last screen")]
async fn whatever_dies_in_load_nothing_is_lost_or_doubled_and_screens_converge() {
    // It is killed on the way.
    postgres::alone();
    let Some(database) = Database::postgres().await else { return };
    let Some(mut redis) = Redis::start().await else { return };
    // The tests' PostgreSQL is told not to wait for its own log; whoever survives a crash of it must.
    let name = database.url.rsplit('/').next().expect("a database has a name").to_owned();
    database.execute(&format!("ALTER DATABASE {name} SET synchronous_commit = on")).await;
    let mut house = House::open_with_redis(database, Some(&redis)).await;
    let mut others = [house.second_server(Some(&redis)).await, house.second_server(Some(&redis)).await];
    let urls = [house.url(), others[0].url(), others[1].url()];
    let channel = house.channel("messenger").await;
    let conversation = channel.conversation(&house.admin, CUSTOMER).await;

    let (tell, calm) = watch::channel(None);
    let mut lives = tokio::task::JoinSet::new();
    for n in 0..6 {
        let to_say: Vec<String> =
            (0..if n < 3 { LINES } else { 0 }).map(|line| format!("client {n} line {line}")).collect();
        let client = house.admin.at(&urls[n % 3]);
        lives
            .spawn(Follower::new(&format!("client-{n}"), &client, conversation, &to_say).lives(calm.clone()));
    }
    let (progress, mut reached) = watch::channel(0);
    let (posting, targets) = (channel.clone(), urls.clone());
    let posting = tokio::spawn(async move {
        for n in 0..MESSAGES {
            let body = posting.text(CUSTOMER, &format!("m_{n}"), &format!("customer {n}"));
            // Each twice, at two servers.
            let (one, other) = tokio::join!(
                post_until_taken(&targets, n, &posting, &body),
                post_until_taken(&targets, n + 1, &posting, &body)
            );
            assert_eq!(one[0]["message_id"], other[0]["message_id"], "one message");
            progress.send_replace(n + 1);
        }
    });
    let mut at = async |posted: usize| {
        reached.wait_for(|reached| *reached >= posted).await.expect("the customer goes on");
    };
    at(20).await;
    others[0].kill().await;
    at(35).await;
    others[0].starts_again().await;
    redis.stop();
    at(60).await;
    redis.starts_again().await;
    at(80).await;
    postgres::crashes_and_comes_back().await;
    at(100).await;
    house.server.kill().await;
    house.server.starts_again().await;
    posting.await.expect("all were taken");

    let admin = house.admin.at(&urls[2]);
    let total = MESSAGES + 3 * LINES;
    let all_said = async || {
        let rows = admin.messages(conversation).await;
        let is_open = |row: &Value| matches!(row["status"].as_str(), Some("queued" | "sending"));
        (rows.len() == total && !rows.iter().any(is_open)).then_some(rows)
    };
    let rows = eventually_long("every message stored, none owed", all_said).await;
    let shown = admin.get(&format!("/api/v1/conversations/{conversation}")).await.expect(200);
    tell.send_replace(Some(number(&shown["version"])));
    while let Some(follower) = lives.join_next().await {
        let follower = follower.expect("no client panics");
        follower.view.shows(&rows, &follower.name);
    }
    let contents: BTreeSet<&str> = rows.iter().filter_map(|row| row["content"].as_str()).collect();
    assert_eq!(contents.len(), total, "every text once");
    let texts: Vec<String> = house.platform.accepted().into_iter().map(|accepted| accepted.text).collect();
    let once: BTreeSet<&String> = texts.iter().collect();
    assert_eq!(texts.len(), once.len(), "nothing was handed to the platform twice");
    let (status, said) = Server::told(settings(&house.database, &house.platform), "verify").await;
    assert_eq!(status.code(), Some(0), "{said}");
}

#[tokio::test]
async fn who_is_here_heals_when_a_server_dies() {
    let Some(Pair { redis: _redis, house, mut second }) = Pair::open().await else { return };
    let (id, bert) = house.admin.adds("bert", "Bert", "agent").await;
    let looks = Socket::open(&house.admin).await;
    looks.watch("all").await;
    let there = Socket::open(&bert.at(&second.url())).await;
    let is = |online: bool| {
        move |frames: &[Value]| {
            let news =
                frames.iter().rfind(|frame| frame["type"] == "presence" && number(&frame["user_id"]) == id);
            (news?["online"] == json!(online)).then_some(())
        }
    };
    looks.until("bert came, at the other server", is(true)).await;
    second.kill().await;
    looks.until("bert went with it", is(false)).await;
    drop(there);
    second.starts_again().await;
    let _back = Socket::open(&bert.at(&second.url())).await;
    looks.until("bert is back", is(true)).await;
}
