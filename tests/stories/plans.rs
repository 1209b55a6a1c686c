//! No list reads a whole table: with PostgreSQL told never to scan one where any index fits, every read the screens make is
//! asked for once, and then its own statistics say whether a table that grows was scanned all the same. How fast the reads
//! are on a million messages is measured in `benches/`.

use crate::support::database::Database;
use crate::support::house::House;
use crate::support::socket::Socket;
use crate::support::webhooks::post;

const CUSTOMER: &str = "15557700421";

/// The tables that grow with messages and people.
const SCANNED: &str = "SELECT string_agg(relname || ' ' || seq_scan, ', ') FROM pg_stat_user_tables WHERE seq_scan > 0 AND \
    relname IN ('messages', 'message_identities', 'conversations', 'participants', 'outbox', 'delivery_attempts', \
    'attachments', 'customers', 'customer_identities', 'reactions', 'conversation_events', 'conversation_labels', \
    'unclosed', 'unread_mentions', 'search_messages', 'search_customers', 'answered_waits', 'report_sums')";

/// Each filter of the list, by its field, and some of them together.
const FILTERS: [&str; 27] = [
    "",
    "status=open",
    "status=open,pending",
    "assignee=me",
    "assignee=none",
    "assignee=me,none&status=open",
    "channel_id=1,2",
    "team_id=1",
    "team_id=1,2&status=open",
    "kind=direct",
    "kind=customer&status=closed",
    "label_id=1,2",
    "label_id=1&unread=true",
    "about_conversation_id=1",
    "priority=high,urgent",
    "mentioned=true",
    "unread=true",
    "waiting=true",
    "waiting=true&sort=longest_waiting",
    "following=true",
    "q=customer",
    "q=cu",
    "q=15557",
    "q=customer&status=open",
    "sort=oldest",
    "sort=longest_waiting",
    "sort=oldest&label_id=1",
];

#[tokio::test]
#[expect(clippy::too_many_lines, reason = "one read after the other")]
async fn no_read_of_a_screen_scans_a_table_that_grows() {
    let Some(database) = Database::postgres().await else { return };
    let name = database.url.rsplit('/').next().expect("a database has a name").to_owned();
    database.execute(&format!("ALTER DATABASE {name} SET enable_seqscan = off")).await;
    let mut house = House::open(database).await;
    let channel = house.channel("whatsapp").await;
    house.database.execute("SELECT pg_stat_reset()").await;
    for n in 0..5 {
        let body = channel.text(CUSTOMER, &format!("wamid.{n}"), &format!("message {n}"));
        post(&house.url(), &channel, &body).await.expect(200);
    }
    let conversation = channel.conversation(&house.admin, CUSTOMER).await;
    house.admin.say(conversation, "c", "an answer").await.expect(201);
    super::sending::reaches(&house.admin, conversation, "c", "sent").await;
    let id = house.platform.accepts("an answer").await.id;
    post(&house.url(), &channel, &channel.status(CUSTOMER, &id, "read", None)).await.expect(200);
    for field in rapport::desk::lists::FIELDS {
        let is_told =
            FILTERS.iter().any(|filter| filter.split('&').any(|one| one.starts_with(&format!("{field}="))));
        assert!(is_told, "{field} is a filter of the list: FILTERS must ask for it");
    }
    let lists = FILTERS.map(|filter| format!("/api/v1/conversations?limit=2&{filter}"));
    let counts = FILTERS.map(|filter| format!("/api/v1/conversations/counts?up_to=1000&{filter}"));
    let pages = ["", "before_seq=3", "after_seq=1"]
        .map(|span| format!("/api/v1/conversations/{conversation}/messages?limit=2&{span}"));
    let events = ["", "&before=3", "&after=1"]
        .map(|span| format!("/api/v1/conversations/{conversation}/events?limit=2{span}"));
    let others = [
        "/api/v1/conversations/counts?assignee=none&unread=true",
        "/api/v1/conversations/counts?label_id=1",
        "/api/v1/views/counts",
        "/api/v1/search?q=message",
        "/api/v1/search?q=giraffe",
        "/api/v1/search?q=message&channel_id=1&from=2020-01-01&to=2099-01-01",
        "/api/v1/search?q=message&customer_id=1",
        "/api/v1/search?channel_id=1",
        "/api/v1/search?customer_id=1&from=2020-01-01",
        "/api/v1/search?to=2099-01-01",
        "/api/v1/reports?by=day",
        "/api/v1/reports?by=agent",
        "/api/v1/reports?by=channel&format=csv",
        "/api/v1/deliveries?limit=5",
        "/api/v1/deliveries?status=queued",
        "/api/v1/stats",
        "/metrics",
    ];
    for path in lists.iter().chain(&counts).chain(&pages).chain(&events).map(String::as_str).chain(others) {
        house.admin.get(path).await.expect(200);
    }
    let session = Socket::open(&house.admin).await;
    session.watch("all").await;
    session.subscribe(conversation, Some(0)).await;
    house.server.asked_to_stop();
    // Its connections hand in what they counted when they end.
    house.server.ends().await;
    let complain = format!(
        "DO $$ DECLARE scanned text; BEGIN {}; IF scanned IS NOT NULL THEN RAISE EXCEPTION 'scanned whole: %', scanned; \
         END IF; END $$",
        SCANNED.replacen(
            "SELECT string_agg(relname || ' ' || seq_scan, ', ')",
            "SELECT string_agg(relname || ' ' || seq_scan, ', ') INTO scanned",
            1
        )
    );
    house.database.execute(&complain).await;
}
