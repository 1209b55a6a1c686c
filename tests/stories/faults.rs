//! The process ends at each place a delivery comes by: before and after each commit and the call. Debug builds
//! have these places (`RAPPORT_FAULT`); a release has none, and then these stories say that they did not run.

use super::sending::reaches;
use crate::support::database::Database;
use crate::support::house::House;
use crate::support::{eventually, not_run};

/// How often the process ends at each place.
const TIMES: usize = 20;

/// What must have become of a message at whose delivery the process ended.
#[derive(Clone, Copy, PartialEq)]
enum Fate {
    /// Nothing had left, and nothing was on disk that says otherwise: it is sent, once.
    Sent,
    /// The attempt was on disk, nothing had left: nobody knows, nobody sends it again.
    Unsent,
    /// The platform took it, and we do not know.
    Accepted,
}

/// Twenty messages of one conversation, so that each start comes to the delivery of one, and ends there.
async fn ends_at(place: &str, fate: Fate) {
    if !cfg!(debug_assertions) {
        return not_run("a debug build, which ends on command");
    }
    let mut house =
        House::open_with(Database::sqlite(), |settings| settings.with("RAPPORT_DELIVERY", "off")).await;
    let conversation = house.channel("messenger").await.conversation(&house.admin, "15557700421").await;
    let texts: Vec<String> = (0..TIMES).map(|n| format!("{place} {n}")).collect();
    for text in &texts {
        house.admin.say(conversation, text, text).await.expect(201);
    }
    house.server.kill().await;
    house.server.will_have("RAPPORT_DELIVERY", None);
    house.server.will_have("RAPPORT_FAULT", Some(place));
    for time in 0..TIMES {
        house.server.begins_again();
        let what = format!("it ends at its fault, time {time}");
        eventually(&what, async || house.server.has_ended().then_some(())).await;
    }
    house.server.will_have("RAPPORT_FAULT", None);
    house.server.starts_again().await;
    let expected = if fate == Fate::Sent { "sent" } else { "unconfirmed" };
    for text in &texts {
        reaches(&house.admin, conversation, text, expected).await;
    }
    let accepted: Vec<_> = house.platform.accepted().into_iter().map(|accepted| accepted.text).collect();
    let once = if fate == Fate::Unsent { Vec::new() } else { texts };
    assert_eq!(accepted, once, "each at most once, in the order they were written");
}

#[tokio::test]
async fn ended_before_a_claim_is_committed_it_is_sent_once() {
    ends_at("claim-written", Fate::Sent).await;
}

#[tokio::test]
async fn ended_after_a_claim_is_committed_it_is_sent_once() {
    ends_at("claim-committed", Fate::Sent).await;
}

#[tokio::test]
async fn ended_before_an_attempt_is_committed_it_is_sent_once() {
    ends_at("start-written", Fate::Sent).await;
}

#[tokio::test]
async fn ended_before_the_call_it_is_never_sent_by_itself() {
    ends_at("start-committed", Fate::Unsent).await;
}

#[tokio::test]
async fn ended_after_the_call_it_is_never_sent_again() {
    ends_at("call-answered", Fate::Accepted).await;
}

#[tokio::test]
async fn ended_before_a_result_is_committed_it_is_never_sent_again() {
    ends_at("settle-written", Fate::Accepted).await;
}

#[tokio::test]
async fn ended_after_a_result_is_committed_it_is_sent_once() {
    ends_at("settle-committed", Fate::Sent).await;
}
