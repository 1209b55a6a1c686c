//! What a filter of the list means to the database: its conditions, and the few conversations that can fit at
//! all, from the smallest index that knows. Never which of them a page shows: that is `filtered`.

use super::filter::Filter;
use super::joins;
use super::reader::Reader;
use crate::domain::inbound::IdentityKind;
use crate::domain::{ConversationId, ConversationKind, ConversationStatus, LabelId, UserId, WorkspaceId};
use std::fmt::{Display, Write};

/// So many conversations are read one by one and put in order; where more may fit, the list's own order is
/// followed until the page is full. Either way a page reads some thousands of rows at most.
pub(super) const FEW: usize = 4_000;

/// A part of a statement, and the texts that it binds, in order.
#[derive(Debug, Clone, Default)]
pub(super) struct Narrowed {
    pub(super) conditions: String,
    pub(super) bound: Vec<String>,
}

/// Where a customer waits: word for word what its index is of, so that both databases see that it fits.
pub(super) const WAITS: &str = "waiting_since IS NOT NULL AND status <> 'closed' AND status <> 'spam'";

/// `IN (…)` of numbers of ours and words of closed lists; nothing else may go into a text.
fn among<T: Display>(values: &[T]) -> String {
    let each: Vec<String> = values.iter().map(ToString::to_string).collect();
    format!("IN ({})", each.join(", "))
}

fn quoted(words: impl Iterator<Item = &'static str>) -> Vec<String> {
    words.map(|word| format!("'{word}'")).collect()
}

/// `%text%`, with what LIKE takes for a sign escaped.
pub(super) fn like(text: &str) -> String {
    format!("%{}%", text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_"))
}

/// What holds of a conversation `c` that the reader sees under a filter. `by_wait`: in the order of waiting,
/// whose index then fits; else it must not, for it is in another order.
pub(super) fn narrowed(reader: &Reader, filter: &Filter, by_wait: bool) -> Narrowed {
    let (workspace, user) = (reader.workspace, reader.user);
    let mut all =
        vec![format!("c.workspace_id = {workspace} AND c.thread NOT LIKE '{}'", joins::SIGNS), reader.sees()];
    all.extend(of_itself(filter));
    all.extend(whose(filter));
    all.extend(of_reader(filter, user));
    let since = if by_wait { "c.waiting_since" } else { "+c.waiting_since" };
    all.extend(filter.waiting.map(|waits| {
        if waits {
            format!("{since} IS NOT NULL AND c.status <> 'closed' AND c.status <> 'spam'")
        } else {
            format!("({since} IS NULL OR c.status = 'closed' OR c.status = 'spam')")
        }
    }));
    let mut bound = Vec::new();
    if let Some(name) = &filter.name {
        all.push(called(filter.number.is_some()));
        bound.push(like(name));
        bound.extend(filter.number.as_deref().map(like));
    }
    Narrowed { conditions: all.join(" AND "), bound }
}

/// One value alone keeps the order of its index.
fn is_one_of(column: &str, values: &[String]) -> Option<String> {
    match values {
        [] => None,
        [one] => Some(format!("{column} = {one}")),
        several => Some(format!("{column} {}", among(several))),
    }
}

/// What it is, and what it carries.
fn of_itself(filter: &Filter) -> Vec<String> {
    let statuses = quoted(filter.statuses.iter().map(|one| one.as_str()));
    let channels: Vec<String> = filter.channels.iter().map(ToString::to_string).collect();
    let priorities = quoted(filter.priorities.iter().map(|one| one.as_str()));
    let labels = (!filter.labels.is_empty()).then(|| {
        format!(
            "EXISTS (SELECT 1 FROM conversation_labels AS l WHERE l.conversation_id = c.id \
             AND l.label_id {})",
            among(&filter.labels)
        )
    });
    // Spam is in no list but its own.
    let status = is_one_of("c.status", &statuses).or_else(|| Some("c.status <> 'spam'".to_owned()));
    let priority =
        is_one_of("c.priority", &priorities).map(|one| format!("c.priority IS NOT NULL AND {one}"));
    let teams: Vec<String> = filter.teams.iter().map(ToString::to_string).collect();
    let team = is_one_of("c.team_id", &teams).map(|one| format!("c.team_id IS NOT NULL AND {one}"));
    let kind = filter.kind.map(|kind| format!("c.kind = '{kind}'"));
    let about = filter.about.map(|about| format!("c.about_conversation_id = {about}"));
    [status, is_one_of("c.channel_id", &channels), team, priority, kind, about, labels]
        .into_iter()
        .flatten()
        .collect()
}

/// Who has it.
fn whose(filter: &Filter) -> Option<String> {
    let users: Vec<String> = filter.assignees.users.iter().map(ToString::to_string).collect();
    let one_of = is_one_of("c.assignee_id", &users);
    if !filter.assignees.nobody {
        return one_of;
    }
    let nobodys = "c.assignee_id IS NULL AND c.kind = 'customer'";
    Some(one_of.map_or_else(|| nobodys.to_owned(), |one_of| format!("(({nobodys}) OR {one_of})")))
}

/// What it is to the reader.
fn of_reader(filter: &Filter, user: UserId) -> Vec<String> {
    let marked = |held: &str| {
        format!(
            "EXISTS (SELECT 1 FROM participants AS p WHERE p.conversation_id = c.id AND p.user_id = {user} \
             AND {held})"
        )
    };
    let mut all = Vec::new();
    if filter.mentioned {
        all.push(marked("p.mention_seq > p.read_seq"));
    }
    if filter.following {
        all.push(marked("p.is_following"));
    }
    if filter.unread {
        // Not a subquery of a number: PostgreSQL reads all of one user's rows at once for this.
        let read = marked("p.own_count + p.read_count >= c.unread_total");
        all.push(format!("c.unread_total > 0 AND NOT {read}"));
    }
    all
}

/// Whether somebody in it is called $1, or has $2 in their number.
fn called(by_number: bool) -> String {
    let mut text =
        "(EXISTS (SELECT 1 FROM customers AS x WHERE x.id = c.customer_id AND x.search_text LIKE $1 \
        ESCAPE '\\') OR EXISTS (SELECT 1 FROM participants AS p JOIN users AS u ON u.id = p.user_id \
        WHERE p.conversation_id = c.id AND p.is_member AND u.search_text LIKE $1 ESCAPE '\\')"
            .to_owned();
    if by_number {
        let _ = write!(
            text,
            " OR EXISTS (SELECT 1 FROM customer_identities AS i WHERE i.customer_id = c.customer_id \
             AND i.kind = '{}' AND i.external_id LIKE $2 ESCAPE '\\')",
            IdentityKind::Phone.as_str()
        );
    }
    text + ")"
}

/// Reads of `conversations` as `c` where a condition on `from` tells which: each is looked up by itself,
/// whatever PostgreSQL thinks of reading all of them instead.
fn looked_up(from: &str, which: &str, is_postgres: bool) -> String {
    if is_postgres {
        // What has an offset is planned by itself.
        return format!(
            "{from} CROSS JOIN LATERAL (SELECT * FROM conversations AS c WHERE {which} OFFSET 0) AS c \
             WHERE true"
        );
    }
    format!("{from} CROSS JOIN conversations AS c WHERE {which}")
}

/// Only conversations with one of these ids; none: there are none.
pub(super) fn these(ids: &[ConversationId], is_postgres: bool) -> Option<String> {
    if is_postgres {
        return (!ids.is_empty()).then(|| looked_up(&listed(ids), "c.id = candidate.id", true));
    }
    // No other index is asked, whatever else fits.
    (!ids.is_empty()).then(|| format!("conversations AS c NOT INDEXED WHERE c.id {}", among(ids)))
}

/// Only conversations with one of these customers; none: there are none.
pub(super) fn of_customers(ids: &[i64], is_postgres: bool) -> Option<String> {
    if is_postgres {
        return (!ids.is_empty()).then(|| looked_up(&listed(ids), "c.customer_id = candidate.id", true));
    }
    (!ids.is_empty()).then(|| format!("conversations AS c WHERE c.customer_id {}", among(ids)))
}

fn listed<T: Display>(ids: &[T]) -> String {
    let each: Vec<String> = ids.iter().map(ToString::to_string).collect();
    format!("unnest('{{{}}}'::bigint[]) AS candidate (id)", each.join(","))
}

/// Those that carry a label, as `l` knows them: hour by hour in its index.
pub(super) fn labelled(label: LabelId, is_postgres: bool) -> String {
    let from = format!("(SELECT * FROM conversation_labels WHERE label_id = {label}) AS l");
    looked_up(&from, "c.id = l.conversation_id", is_postgres)
}

/// Whether one index holds what a filter asks for, in the order of the list: nobody need be looked for then.
pub(super) fn is_one_order(filter: &Filter) -> bool {
    let fields = [
        filter.statuses.len(),
        filter.assignees.users.len() + usize::from(filter.assignees.nobody),
        filter.channels.len(),
        filter.teams.len(),
        filter.priorities.len(),
    ];
    let others = filter.kind.is_some()
        || filter.about.is_some()
        || !filter.labels.is_empty()
        || filter.mentioned
        || filter.following
        || filter.unread
        || filter.waiting == Some(true)
        || filter.name.is_some();
    !others && fields.iter().sum::<usize>() <= 1
}

/// For each field that is asked for: the ids of all that can fit it, told by an index of that field alone.
/// Each may tell some more than fit, and twice, but leaves none out.
pub(super) fn candidates(reader: &Reader, filter: &Filter) -> Vec<String> {
    let (workspace, user) = (reader.workspace, reader.user);
    let mut each = Vec::new();
    each.extend(reader.candidates());
    let conversations =
        |held: &str| format!("SELECT id FROM conversations WHERE workspace_id = {workspace} AND {held}");
    let own = |held: &str| {
        format!("SELECT conversation_id AS id FROM participants WHERE user_id = {user} AND {held}")
    };
    if filter.mentioned {
        each.push(format!("SELECT conversation_id AS id FROM unread_mentions WHERE user_id = {user}"));
    }
    if filter.following {
        each.push(own("is_following"));
    }
    if let Some(about) = filter.about {
        each.push(format!("SELECT id FROM conversations WHERE about_conversation_id = {about}"));
    }
    if filter.kind == Some(ConversationKind::Direct) {
        each.push(own("is_member"));
    }
    each.extend(held(filter, workspace));
    if !filter.labels.is_empty() {
        let labels = among(&filter.labels);
        each.push(format!("SELECT conversation_id AS id FROM conversation_labels WHERE label_id {labels}"));
    }
    if !filter.priorities.is_empty() {
        let words = among(&quoted(filter.priorities.iter().map(|one| one.as_str())));
        each.push(conversations(&format!("priority IS NOT NULL AND priority {words}")));
    }
    if !filter.teams.is_empty() {
        let teams = among(&filter.teams);
        each.push(conversations(&format!("team_id IS NOT NULL AND team_id {teams}")));
    }
    if filter.waiting == Some(true) {
        each.push(conversations(WAITS));
    }
    if !filter.statuses.is_empty() {
        each.push(conversations(&format!(
            "status {}",
            among(&quoted(filter.statuses.iter().map(|one| one.as_str())))
        )));
    }
    if !filter.channels.is_empty() {
        each.push(format!("SELECT id FROM conversations WHERE channel_id {}", among(&filter.channels)));
    }
    if filter.unread {
        each.push(since_looked(user));
    }
    each
}

/// What a reader can have left to read: what they had when it was looked at last, and all that was written
/// since. Whom nobody looked at can have left everything.
pub(super) fn since_looked(user: UserId) -> String {
    format!(
        "SELECT conversation_id AS id FROM unread_left WHERE user_id = {user} \
         UNION ALL SELECT id FROM (SELECT conversation_id AS id FROM messages WHERE messages.id > COALESCE(\
         (SELECT message_id FROM unread_looked WHERE user_id = {user}), 0) \
         ORDER BY messages.id DESC LIMIT {}) AS since",
        FEW + 1
    )
}

/// What those who are asked for have: of what is not closed, if nothing else is asked for, that alone.
fn held(filter: &Filter, workspace: WorkspaceId) -> Option<String> {
    let whose = &filter.assignees;
    if !whose.nobody && whose.users.is_empty() {
        return None;
    }
    let is_over =
        |status: &ConversationStatus| matches!(status, ConversationStatus::Closed | ConversationStatus::Spam);
    let is_open = !filter.statuses.is_empty() && !filter.statuses.iter().any(is_over);
    if filter.waiting == Some(true) || is_open {
        let nobody = whose.nobody.then(|| "0".to_owned());
        let users: Vec<String> = whose.users.iter().map(ToString::to_string).chain(nobody).collect();
        return Some(format!(
            "SELECT conversation_id AS id FROM unclosed WHERE workspace_id = {workspace} AND assignee_id {}",
            among(&users)
        ));
    }
    let conversations =
        |held: &str| format!("SELECT id FROM conversations WHERE workspace_id = {workspace} AND {held}");
    let users =
        (!whose.users.is_empty()).then(|| conversations(&format!("assignee_id {}", among(&whose.users))));
    let nobodys = whose.nobody.then(|| conversations("assignee_id IS NULL"));
    Some(users.into_iter().chain(nobodys).collect::<Vec<_>>().join(" UNION ALL "))
}
