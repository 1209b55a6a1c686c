//! `GET /api/v1/audit`: who changed what, for admins, as JSON or as a table for a spreadsheet. Never a
//! secret: none is written down; never a cell that a spreadsheet would run.

use super::reports::cell;
use crate::api::http::may::{AuditSee, May};
use crate::api::http::pagination::{self, Page};
use crate::api::http::period::moment;
use crate::api::http::problem::Problem;
use crate::app::App;
use crate::desk::note_deed::NoteExport;
use crate::domain::{Permission, Person, Timestamp, UserId, WorkspaceId, text};
use crate::store::accounts::audit::{self, Entry, Which};
use crate::store::conversations::list;
use actix_web::http::header;
use actix_web::web::Bytes;
use actix_web::{HttpResponse, web};
use futures_util::stream::{self, StreamExt};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::HashMap;
use utoipa::{IntoParams, ToSchema};

/// Lines of one table at most: more is asked for by from and to.
const LINES: usize = 50_000;
const BATCH: i64 = 500;

/// Which entries, which page.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ListQuery {
    /// Who did it.
    user_id: Option<i64>,
    /// What was done: `user_changed`, `hook_created` …, or several with commas.
    action: Option<String>,
    /// What it was done to: `channel:3`.
    subject: Option<String>,
    /// To what kind of thing it was done: `user`, `channel`, `customer`, `conversation`, `flow` …
    object: Option<String>,
    /// Words that all stand in the entry: names of then, what was done, what changed.
    q: Option<String>,
    /// A day (`2026-11-01`) or a moment.
    from: Option<String>,
    /// The same, itself left out.
    to: Option<String>,
    /// json (the default) or csv: all of it, without pages.
    format: Option<String>,
    limit: Option<i64>,
    cursor: Option<String>,
}

type People = HashMap<UserId, Person>;

/// One thing that somebody did.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AuditEntry)]
pub struct EntryView {
    id: i64,
    at: Timestamp,
    /// Who, as they were called then; null: the command line.
    user: Option<Person>,
    /// From where, if it was asked for from outside.
    address: Option<String>,
    /// `channel_created`, `user_changed`, `customer_erased` …
    action: String,
    /// What it was done to: `channel:3`.
    subject: String,
    /// The same in parts, as it was called then.
    object: EntryObject,
    /// What changed.
    #[schema(value_type = Object)]
    details: Value,
}

/// What something was done to.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AuditObject)]
pub struct EntryObject {
    /// `user`, `channel`, `customer`, `conversation`, `flow` …
    kind: String,
    /// Null: it has none.
    id: Option<i64>,
    /// Null: it has none, or was forgotten since.
    name: Option<String>,
}

/// Who changed what and from where, the newest first.
#[utoipa::path(get, path = "/api/v1/audit", operation_id = "list_audit_entries", tag = "overview",
    params(ListQuery),
    responses((status = 200, content((Page<EntryView> = "application/json"), (String = "text/csv"))),
        (status = 400, body = Problem), (status = 403, body = Problem)))]
pub async fn list(
    app: web::Data<App>,
    May(admin, _): May<AuditSee>,
    query: web::Query<ListQuery>,
) -> Result<HttpResponse, Problem> {
    let which = which(&query)?;
    let workspace = admin.user.workspace_id;
    match query.format.as_deref() {
        None | Some("" | "json") => {}
        Some("csv") => {
            admin.user.require(Permission::Export)?;
            return table(&app, (workspace, admin.user.id), which).await;
        }
        Some(_) => return Err(Problem::bad_request("bad_filter", "format is json or csv.")),
    }
    let limit = pagination::limit(query.limit)?;
    let below = pagination::decode::<i64>(query.cursor.as_deref())?;
    let (rows, people) = read(&app, workspace, which, below, pagination::one_more(limit)).await?;
    let shown = |row: Entry| EntryView {
        id: row.id,
        at: row.at,
        user: user(&row, &people),
        object: object(&row),
        address: row.address,
        action: row.action,
        subject: row.subject,
        details: serde_json::from_str(&row.details).unwrap_or_default(),
    };
    Ok(HttpResponse::Ok().json(Page::of(rows, limit, |row| row.id, shown)))
}

/// Words that an entry is searched for, at most.
const WORDS: usize = 10;

fn which(query: &ListQuery) -> Result<Which, Problem> {
    let word = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
    let object = word(&query.object);
    if object.as_ref().is_some_and(|kind| !kind.bytes().all(|sign| sign.is_ascii_lowercase() || sign == b'_'))
    {
        return Err(Problem::bad_request("bad_filter", "object must be a kind of thing, like customer."));
    }
    let actions = query.action.as_deref().unwrap_or_default().split(',').map(str::trim);
    Ok(Which {
        user: query.user_id.map(UserId),
        actions: actions.filter(|action| !action.is_empty()).map(str::to_owned).collect(),
        subject: word(&query.subject),
        object,
        words_like: words_like(query.q.as_deref().unwrap_or_default()),
        from: moment(query.from.as_deref(), "from")?,
        to: moment(query.to.as_deref(), "to")?,
    })
}

/// Each word as LIKE looks for it, in the form in which entries keep them.
fn words_like(asked: &str) -> Vec<String> {
    let folded = text::fold(&asked.replace('_', " "));
    let escaped = |word: &str| word.replace('\\', "\\\\").replace('%', "\\%");
    folded.split_whitespace().take(WORDS).map(|word| format!("%{}%", escaped(word))).collect()
}

/// Who did it, as they were called then.
fn user(row: &Entry, people: &People) -> Option<Person> {
    let mut person = row.user_id.and_then(|id| people.get(&id)).cloned()?;
    if let Some(name) = &row.user_name {
        person.name.clone_from(name);
    }
    Some(person)
}

/// What it was done to, as it was called then.
fn object(row: &Entry) -> EntryObject {
    let (kind, id) = row.subject.split_once(':').unwrap_or((row.subject.as_str(), ""));
    EntryObject { kind: kind.to_owned(), id: id.parse().ok(), name: row.subject_name.clone() }
}

async fn read(
    app: &App,
    workspace: WorkspaceId,
    which: Which,
    below: Option<i64>,
    limit: i64,
) -> Result<(Vec<Entry>, People), Problem> {
    let read = app.db.read_slowly(async move |conn| {
        let rows = audit::page(conn, workspace, &which, below, limit).await?;
        let ids: Vec<_> = rows.iter().filter_map(|row| row.user_id).collect();
        let people = list::people(conn, &ids).await?;
        Ok((rows, people))
    });
    Ok(read.await?)
}

/// Where a table goes on.
struct Left {
    app: App,
    workspace: WorkspaceId,
    which: Which,
    below: Option<i64>,
    lines: usize,
}

impl Left {
    /// The next lines; none: these were all. Read as fast as they are taken.
    async fn next(&mut self) -> Result<Option<String>, Problem> {
        if self.lines >= LINES {
            return Ok(None);
        }
        let (rows, people) = read(&self.app, self.workspace, self.which.clone(), self.below, BATCH).await?;
        let Some(last) = rows.last() else { return Ok(None) };
        self.below = Some(last.id);
        self.lines += rows.len();
        Ok(Some(rows.into_iter().map(|row| line(row, &people)).collect()))
    }
}

/// An entry as a line of the table.
fn line(row: Entry, people: &People) -> String {
    let name = user(&row, people).map(|person| person.name);
    let at = json!(row.at).as_str().unwrap_or_default().to_owned();
    let cells = [
        row.id.to_string(),
        at,
        row.user_id.map(|id| id.to_string()).unwrap_or_default(),
        name.unwrap_or_default(),
        row.address.unwrap_or_default(),
        row.action,
        row.subject,
        row.details,
        row.subject_name.unwrap_or_default(),
    ];
    cells.map(|one| cell(&one)).join(",") + "\r\n"
}

/// All of it as CSV, while it is read; that it was taken out is an entry itself.
async fn table(app: &App, by: (WorkspaceId, UserId), which: Which) -> Result<HttpResponse, Problem> {
    let details = json!({"from": which.from, "to": which.to});
    app.ledger.give(NoteExport { by, what: "audit", details }).await?;
    let mut left = Left { app: app.clone(), workspace: by.0, which, below: None, lines: 0 };
    let head = "id,at,user_id,user,address,action,subject,details,subject_name\r\n";
    // What cannot be read at all is refused; what breaks later ends the answer in its middle.
    let first = format!("{head}{}", left.next().await?.unwrap_or_default());
    let rest = stream::try_unfold(left, |mut left| async {
        let lines = left.next().await.map_err(actix_web::Error::from)?;
        Ok::<_, actix_web::Error>(lines.map(|lines| (Bytes::from(lines), left)))
    });
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "text/csv; charset=utf-8"))
        .insert_header((header::CONTENT_DISPOSITION, "attachment; filename=\"audit.csv\""))
        .streaming(stream::once(async move { Ok(Bytes::from(first)) }).chain(rest)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_searched_for_is_folded_and_means_only_itself() {
        assert_eq!(words_like(" José  user_changed "), ["%jose%", "%user%", "%changed%"]);
        assert_eq!(words_like(r"100% \"), [r"%100\%%", r"%\\%"]);
        assert!(words_like(&"x ".repeat(50)).len() == WORDS);
    }
}
