//! What SQLite does for each filter of the list: it searches, and never runs through a table. PostgreSQL is
//! asked the same in `tests/stories/plans.rs`.

use super::*;
use crate::domain::sight::Eyes;
use crate::domain::{
    ChannelId, ConversationKind, ConversationStatus, LabelId, Priority, Sight, TeamId, UserId, WorkspaceId,
};
use crate::store::db::migrate;
use diesel::sql_types::Text;
use diesel::{Connection, QueryableByName, RunQueryDsl, SqliteConnection};

#[derive(QueryableByName)]
struct Step {
    #[diesel(sql_type = Text)]
    detail: String,
}

/// Who sees everything, and who sees less.
fn readers() -> Vec<Reader> {
    let eyes = |sight, teams: &[i64]| Eyes {
        user: UserId(7),
        sight,
        teams: teams.iter().copied().map(TeamId).collect(),
    };
    let reader = |eyes| Reader { workspace: WorkspaceId(1), user: UserId(7), eyes };
    [
        eyes(Sight::Everything, &[]),
        eyes(Sight::Teams, &[3, 4]),
        eyes(Sight::OwnAndUnassigned, &[3]),
        eyes(Sight::Teams, &[]),
    ]
    .map(reader)
    .into()
}

/// One of each field, and some together.
fn filters() -> Vec<Filter> {
    // A new field does not compile here: ask for it below.
    let Filter {
        statuses: _,
        assignees: _,
        channels: _,
        teams: _,
        kind: _,
        priorities: _,
        about: _,
        labels: _,
        mentioned: _,
        unread: _,
        waiting: _,
        following: _,
        name: _,
        number: _,
    } = Filter::default();
    let all = Filter::default;
    let open = || vec![ConversationStatus::Open];
    let mine = || Assignees { nobody: false, users: vec![UserId(7)] };
    let several = || Assignees { nobody: true, users: vec![UserId(7), UserId(8)] };
    vec![
        all(),
        Filter { statuses: open(), ..all() },
        Filter { statuses: vec![ConversationStatus::Open, ConversationStatus::Snoozed], ..all() },
        Filter { assignees: mine(), ..all() },
        Filter { assignees: Assignees { nobody: true, users: Vec::new() }, ..all() },
        Filter { assignees: several(), statuses: open(), ..all() },
        Filter { assignees: several(), ..all() },
        Filter { channels: vec![ChannelId(3)], ..all() },
        Filter { channels: vec![ChannelId(3), ChannelId(4)], statuses: open(), ..all() },
        Filter { teams: vec![TeamId(3)], ..all() },
        Filter { teams: vec![TeamId(3), TeamId(4)], statuses: open(), ..all() },
        Filter { teams: vec![TeamId(3)], assignees: mine(), ..all() },
        Filter { kind: Some(ConversationKind::Direct), ..all() },
        Filter { kind: Some(ConversationKind::Customer), statuses: open(), ..all() },
        Filter { priorities: vec![Priority::High], ..all() },
        Filter { priorities: vec![Priority::High, Priority::Urgent], assignees: mine(), ..all() },
        Filter { about: Some(ConversationId(9)), ..all() },
        Filter { labels: vec![LabelId(5)], ..all() },
        Filter { labels: vec![LabelId(5), LabelId(6)], unread: true, ..all() },
        Filter { mentioned: true, ..all() },
        Filter { unread: true, ..all() },
        Filter { unread: true, assignees: mine(), statuses: open(), ..all() },
        Filter { waiting: Some(true), ..all() },
        Filter { waiting: Some(false), ..all() },
        Filter { waiting: Some(true), assignees: several(), ..all() },
        Filter { following: true, ..all() },
        Filter { name: Some("anna".into()), ..all() },
        Filter { name: Some("346".into()), number: Some("346".into()), statuses: open(), ..all() },
    ]
}

/// Every statement that a filter may come to.
fn statements(reader: &Reader, filter: &Filter) -> Vec<String> {
    let few = [ConversationId(1), ConversationId(2)];
    let mut all = narrowed::candidates(reader, filter);
    for by in [By::Newest, By::Oldest, By::Waiting] {
        for after in [None, Some((Timestamp(5), ConversationId(6)))] {
            let question = Question { reader, filter, by, after };
            let mut ways = vec![Among::These(&few), Among::First];
            ways.extend(filter.labels.iter().map(|label| Among::Labelled(*label)));
            // Who waits is asked for in that order, and nobody else is.
            if filter.labels.is_empty() && (by != By::Waiting || filter.waiting == Some(true)) {
                ways.push(Among::All);
            }
            let waits = by != By::Waiting || filter.waiting == Some(true);
            all.extend(ways.iter().filter(|_| waits).filter_map(|way| Some(question.sql(way, 51, false)?.0)));
        }
    }
    all
}

#[test]
fn no_filter_of_the_list_runs_through_a_table() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("rapport.db").display().to_string();
    let mut conn = SqliteConnection::establish(&path).expect("opens");
    migrate::sqlite(&mut conn).expect("migrates");
    let mut asked = 0;
    let all = readers()
        .into_iter()
        .flat_map(|reader| filters().into_iter().map(move |filter| (reader.clone(), filter)));
    for (reader, filter) in all {
        for sql in statements(&reader, &filter) {
            let steps: Vec<Step> =
                diesel::sql_query(format!("EXPLAIN QUERY PLAN {sql}")).load(&mut conn).expect(&sql);
            // What was gathered just before is run through: candidates, the first of all, what was since.
            let gathers = |name: &str| {
                let made = format!("CO-ROUTINE {name}");
                steps.iter().any(|step| step.detail.starts_with(&made))
            };
            let is_scan = |step: &&Step| {
                let name =
                    step.detail.strip_prefix("SCAN ").map(|rest| rest.split(' ').next().unwrap_or(rest));
                name.is_some_and(|name| !gathers(name))
            };
            let bad = steps.iter().find(is_scan);
            assert!(bad.is_none(), "{}: {sql}", bad.map_or("", |step| step.detail.as_str()));
            asked += 1;
        }
    }
    assert!(asked > 200, "{asked} statements");
}
