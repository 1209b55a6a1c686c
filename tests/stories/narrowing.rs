//! Every filter of the list beside what a person would pick by hand from all rows: nine thousand conversations,
//! so that both ways to find them are gone, the few that can fit and the order that is followed. What would
//! hurt: a conversation that a filter does not show, or shows twice, or in the wrong place.

use crate::support::client::{Client, number};
use crate::support::database::Database;
use crate::support::house::House;
use crate::support::on_both_databases;
use serde_json::json;

on_both_databases!(each_filter_shows_what_one_would_pick_by_hand,);

const COUNT: i64 = 9_000;
/// The first of the ids that are written here.
const FIRST: i64 = 100_000;
/// A moment in a whole hour.
const MORNING: i64 = 1_785_999_600_000;

/// Whose ids the rows hold.
struct Ids {
    me: i64,
    ana: i64,
    channels: [i64; 2],
    labels: [i64; 2],
    team: i64,
}

/// What is true of one conversation, by its number alone: told here once more than in SQL.
#[derive(Debug, Clone)]
struct Picked {
    k: i64,
    status: &'static str,
    assignee: Option<i64>,
    channel: Option<i64>,
    priority: Option<&'static str>,
    waits_since: Option<i64>,
    active_at: i64,
    unread_total: i64,
    read: i64,
    name: String,
    number: String,
    labels: Vec<i64>,
    is_direct: bool,
    is_member: bool,
    is_mentioned: bool,
    is_following: bool,
    is_teams: bool,
}

impl Picked {
    fn of(k: i64, ids: &Ids) -> Self {
        let is_direct = k % 97 == 0;
        let status = match k % 7 {
            0 | 1 => "closed",
            2 => "snoozed",
            3 => "pending",
            4 if k % 70 == 4 => "spam",
            _ => "open",
        };
        let is_over = matches!(status, "closed" | "spam");
        let has_mark = k % 10 == 0;
        Self {
            k,
            status,
            assignee: [Some(ids.ana), Some(ids.me)]
                .get(usize::try_from(k % 5).expect("small"))
                .copied()
                .flatten(),
            channel: (!is_direct).then_some(ids.channels[usize::from(k % 3 == 0)]),
            priority: ["high", "urgent"].get(usize::try_from(k % 11).expect("small")).copied(),
            waits_since: (k % 4 == 0 && !is_over).then_some(MORNING + k * 1_000),
            active_at: MORNING + (k * 7_919) % 9_001 * 60_000,
            unread_total: k % 6,
            read: if k % 20 == 0 { 9 } else { 0 },
            name: if k % 900 == 0 { format!("zoe quine {k}") } else { format!("anna lind {k}") },
            number: format!("3460{}", 1_000_000 + k),
            labels: [(2, 0), (300, 1)]
                .iter()
                .filter(|(by, _)| k % by == 0)
                .map(|(_, at)| ids.labels[*at])
                .collect(),
            is_direct,
            is_member: is_direct && k % 2 == 0,
            is_mentioned: has_mark && k % 50 == 0,
            is_following: has_mark && k % 100 == 0,
            is_teams: !is_direct && k % 13 == 0,
        }
    }

    fn is_seen(&self) -> bool {
        !self.is_direct || self.is_member
    }

    fn is_unread(&self) -> bool {
        self.unread_total > self.read
    }

    fn is_called(&self, part: &str) -> bool {
        !self.is_direct && (self.name.contains(part) || self.number.contains(part))
    }
}

fn numbers() -> String {
    format!("WITH RECURSIVE n (k) AS (SELECT 1 UNION ALL SELECT k + 1 FROM n WHERE k < {COUNT})")
}

/// The same, as SQL for both databases.
async fn write(database: &Database, ids: &Ids) {
    let (n, Ids { me, ana, channels, labels, .. }) = (numbers(), ids);
    let rows = [
        format!(
            "INSERT INTO customers (id, workspace_id, name, search_text, enhanced_data_fetched, unreachable, created_at) \
             {n} SELECT {FIRST} + k, 1, 'x', CASE WHEN k % 900 = 0 THEN 'zoe quine ' ELSE 'anna lind ' END || k, \
             true, false, 1 FROM n WHERE k % 97 <> 0"
        ),
        format!(
            "INSERT INTO customer_identities (id, workspace_id, channel_id, customer_id, kind, external_id, created_at) \
             {n} SELECT {FIRST} + k, 1, {}, {FIRST} + k, 'phone', '3460' || (1000000 + k), 1 FROM n WHERE k % 97 <> 0",
            channels[0]
        ),
        format!(
            "INSERT INTO conversations (id, workspace_id, kind, channel_id, customer_id, thread, status, assignee_id, \
             priority, waiting_since, version, revision, unread_total, answered_seq, last_seq, last_activity_at, \
             created_at, updated_at) {n} SELECT {FIRST} + k, 1, CASE WHEN k % 97 = 0 THEN 'direct' ELSE 'customer' END, \
             CASE WHEN k % 97 = 0 THEN NULL WHEN k % 3 = 0 THEN {} ELSE {} END, \
             CASE WHEN k % 97 = 0 THEN NULL ELSE {FIRST} + k END, '', \
             CASE WHEN k % 7 < 2 THEN 'closed' WHEN k % 7 = 2 THEN 'snoozed' WHEN k % 7 = 3 THEN 'pending' \
             WHEN k % 70 = 4 THEN 'spam' ELSE 'open' END, CASE k % 5 WHEN 0 THEN {ana} WHEN 1 THEN {me} ELSE NULL END, \
             CASE k % 11 WHEN 0 THEN 'high' WHEN 1 THEN 'urgent' ELSE NULL END, \
             CASE WHEN k % 4 = 0 THEN {MORNING} + k * 1000 ELSE NULL END, 0, 1, k % 6, 0, 0, \
             {MORNING} + (k * 7919) % 9001 * 60000, 1, 1 FROM n",
            channels[1], channels[0]
        ),
        // What is unread is looked for among the conversations of messages.
        format!(
            "INSERT INTO messages (workspace_id, conversation_id, seq, version, sender_type, author, origin, message_type, \
             content, platform_message_id, status, is_counted, has_attachments, has_reactions, created_at) {n} SELECT 1, \
             {FIRST} + k, 1, 1, 'customer', 'customer:1', 'platform', 'text', 'x', 'n.' || k, 'received', true, false, \
             false, 1 FROM n WHERE k % 6 > 0"
        ),
        format!(
            "INSERT INTO participants (conversation_id, user_id, is_member, read_seq, read_count, own_count, mention_seq, \
             is_following) {n} SELECT {FIRST} + k, {me}, k % 97 = 0 AND k % 2 = 0, 1, CASE WHEN k % 20 = 0 THEN 9 ELSE 0 \
             END, 0, CASE WHEN k % 50 = 0 THEN 5 ELSE 0 END, k % 100 = 0 FROM n WHERE k % 10 = 0 OR k % 194 = 0"
        ),
        format!(
            "INSERT INTO conversation_labels (conversation_id, label_id) \
             {n} SELECT {FIRST} + k, {} FROM n WHERE k % 2 = 0",
            labels[0]
        ),
        format!(
            "INSERT INTO conversation_labels (conversation_id, label_id) \
             {n} SELECT {FIRST} + k, {} FROM n WHERE k % 300 = 0",
            labels[1]
        ),
    ];
    for sql in rows {
        database.execute(&sql).await;
    }
}

/// The first hundred and fifty of a list, in two pages.
async fn shown(client: &Client, filter: &str) -> Vec<i64> {
    let (mut ids, mut cursor) = (Vec::new(), String::new());
    for limit in [100, 50] {
        let path = format!("/api/v1/conversations?limit={limit}&{filter}{cursor}");
        let page = client.get(&path).await.expect(200);
        ids.extend(page["items"].as_array().expect("items").iter().map(|item| number(&item["id"]) - FIRST));
        let Some(next) = page["next_cursor"].as_str() else { break };
        cursor = format!("&cursor={next}");
    }
    ids
}

type Fits = fn(&Picked, &Ids) -> bool;

fn filters(ids: &Ids) -> Vec<(String, Fits)> {
    let [first, second] = ids.labels;
    let each: Vec<(String, Fits)> = vec![
        (String::new(), |_, _| true),
        ("status=open".into(), |it, _| it.status == "open"),
        ("status=pending,snoozed".into(), |it, _| matches!(it.status, "pending" | "snoozed")),
        ("status=spam".into(), |it, _| it.status == "spam"),
        ("assignee=me".into(), |it, ids| it.assignee == Some(ids.me)),
        ("assignee=me&status=pending".into(), |it, ids| {
            it.assignee == Some(ids.me) && it.status == "pending"
        }),
        ("assignee=none&status=open".into(), |it, _| {
            it.assignee.is_none() && !it.is_direct && it.status == "open"
        }),
        ("assignee=me,none".into(), |it, ids| {
            it.assignee == Some(ids.me) || it.assignee.is_none() && !it.is_direct
        }),
        (format!("channel_id={}&priority=urgent", ids.channels[1]), |it, ids| {
            it.channel == Some(ids.channels[1]) && it.priority == Some("urgent")
        }),
        ("priority=high,urgent".into(), |it, _| it.priority.is_some()),
        ("kind=direct".into(), |it, _| it.is_direct),
        ("kind=customer&status=closed".into(), |it, _| !it.is_direct && it.status == "closed"),
        (format!("label_id={first}"), |it, ids| it.labels.contains(&ids.labels[0])),
        (format!("label_id={second}"), |it, ids| it.labels.contains(&ids.labels[1])),
        (format!("label_id={first},{second}"), |it, _| !it.labels.is_empty()),
        (format!("label_id={first}&unread=true&status=open"), |it, ids| {
            it.labels.contains(&ids.labels[0]) && it.is_unread() && it.status == "open"
        }),
        ("mentioned=true".into(), |it, _| it.is_mentioned),
        ("following=true".into(), |it, _| it.is_following),
        ("unread=true".into(), |it, _| it.is_unread()),
        ("waiting=true".into(), |it, _| it.waits_since.is_some()),
        ("waiting=true&assignee=me".into(), |it, ids| {
            it.waits_since.is_some() && it.assignee == Some(ids.me)
        }),
        ("q=Anna".into(), |it, _| it.is_called("anna")),
        ("q=quine".into(), |it, _| it.is_called("quine")),
        ("q=e%20q".into(), |it, _| it.is_called("e q")),
        ("q=z".into(), |it, _| it.is_called("z")),
        ("q=qu".into(), |it, _| it.is_called("qu")),
        ("q=46010010".into(), |it, _| it.is_called("46010010")),
        ("q=anna&status=pending&mentioned=true".into(), |it, _| {
            it.is_called("anna") && it.status == "pending" && it.is_mentioned
        }),
        ("q=nobody".into(), |it, _| it.is_called("nobody")),
        ("about_conversation_id=1".into(), |_, _| false),
        (format!("team_id={}", ids.team), |it, _| it.is_teams),
        (format!("team_id={}&status=open", ids.team), |it, _| it.is_teams && it.status == "open"),
    ];
    each
}

async fn each_filter_shows_what_one_would_pick_by_hand(database: Database) {
    let house = House::open(database).await;
    let admin = &house.admin;
    let me = number(&admin.get("/api/v1/me").await.expect(200)["id"]);
    let (ana, _) = admin.adds("ana", "Ana Lind", "agent").await;
    let channels = [house.channel("whatsapp").await.id, house.channel("messenger").await.id];
    let mut labels = [0; 2];
    for (label, name) in labels.iter_mut().zip(["Order", "Refund"]) {
        *label = number(&admin.post("/api/v1/labels", &json!({"name": name})).await.expect(201)["id"]);
    }
    let team = number(&admin.post("/api/v1/teams", &json!({"name": "Repairs"})).await.expect(201)["id"]);
    let ids = Ids { me, ana, channels, labels, team };
    write(&house.database, &ids).await;
    let given = format!(
        "UPDATE conversations SET team_id = {team} WHERE kind = 'customer' AND id > {FIRST} AND (id - {FIRST}) % 13 = 0"
    );
    house.database.execute(&given).await;
    let all: Vec<Picked> = (1..=COUNT).map(|k| Picked::of(k, &ids)).filter(Picked::is_seen).collect();
    for field in rapport::desk::lists::FIELDS.iter().filter(|field| **field != "sort") {
        let is_asked = filters(&ids).iter().any(|(filter, _)| filter.contains(&format!("{field}=")));
        assert!(is_asked, "{field} is a filter of the list: pick by hand what it shows");
    }
    for (filter, fits) in filters(&ids) {
        let is_listed = |it: &&Picked| fits(it, &ids) && (it.status != "spam" || filter.contains("spam"));
        let mut expected: Vec<&Picked> = all.iter().filter(is_listed).collect();
        let counts = admin.get(&format!("/api/v1/conversations/counts?{filter}")).await.expect(200);
        let unread = expected.iter().filter(|it| it.is_unread()).count();
        assert_eq!(counts["total"], json!(expected.len()), "{filter}");
        assert_eq!(counts["unread"], json!(unread), "{filter}");
        let first = |expected: &[&Picked]| expected.iter().take(150).map(|it| it.k).collect::<Vec<_>>();
        expected.sort_by_key(|it| (-it.active_at, -it.k));
        assert_eq!(shown(admin, &filter).await, first(&expected), "{filter}");
        expected.sort_by_key(|it| (it.active_at, it.k));
        assert_eq!(
            shown(admin, &format!("{filter}&sort=oldest")).await,
            first(&expected),
            "{filter}, oldest"
        );
        expected.sort_by_key(|it| match it.waits_since {
            Some(since) => (false, since, it.k),
            None => (true, -it.active_at, -it.k),
        });
        let waiting = shown(admin, &format!("{filter}&sort=longest_waiting")).await;
        assert_eq!(waiting, first(&expected), "{filter}, longest waiting");
    }
}
