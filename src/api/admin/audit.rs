//! `GET /api/v1/audit`: who changed what, for admins, as JSON or as a table for a spreadsheet. Never a
//! secret: none is written down; never a cell that a spreadsheet would run.

use super::reports::cell;
use crate::api::http::identity::Admin;
use crate::api::http::pagination::{self, Page};
use crate::api::http::period::moment;
use crate::api::http::problem::Problem;
use crate::app::App;
use crate::desk::audit::NoteExport;
use crate::domain::{Person, Timestamp, UserId, WorkspaceId};
use crate::store::accounts::audit::{self, Entry, Which};
use crate::store::conversations::list;
use actix_web::http::header;
use actix_web::{HttpResponse, web};
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
    /// What was done: `user_changed`, `hook_created` …
    action: Option<String>,
    /// What it was done to: `channel:3`.
    subject: Option<String>,
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
    /// Who; null: the command line.
    user: Option<Person>,
    /// From where, if it was asked for from outside.
    address: Option<String>,
    /// `channel_created`, `user_changed`, `customer_erased` …
    action: String,
    /// What it was done to: `channel:3`.
    subject: String,
    /// What changed.
    #[schema(value_type = Object)]
    details: Value,
}

/// Who changed what and from where, the newest first.
#[utoipa::path(get, path = "/api/v1/audit", operation_id = "list_audit_entries", tag = "overview",
    params(ListQuery),
    responses((status = 200, content((Page<EntryView> = "application/json"), (String = "text/csv"))),
        (status = 400, body = Problem), (status = 403, body = Problem)))]
pub async fn list(
    app: web::Data<App>,
    Admin(admin): Admin,
    query: web::Query<ListQuery>,
) -> Result<HttpResponse, Problem> {
    let word = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
    let which = Which {
        user: query.user_id.map(UserId),
        action: word(&query.action),
        subject: word(&query.subject),
        from: moment(query.from.as_deref(), "from")?,
        to: moment(query.to.as_deref(), "to")?,
    };
    let workspace = admin.user.workspace_id;
    match query.format.as_deref() {
        None | Some("" | "json") => {}
        Some("csv") => return table(&app, (workspace, admin.user.id), which).await,
        Some(_) => return Err(Problem::bad_request("bad_filter", "format is json or csv.")),
    }
    let limit = pagination::limit(query.limit)?;
    let below = pagination::decode::<i64>(query.cursor.as_deref())?;
    let (rows, people) = read(&app, workspace, which, below, pagination::one_more(limit)).await?;
    let shown = |row: Entry| EntryView {
        id: row.id,
        at: row.at,
        user: row.user_id.and_then(|id| people.get(&id).cloned()),
        address: row.address,
        action: row.action,
        subject: row.subject,
        details: serde_json::from_str(&row.details).unwrap_or_default(),
    };
    Ok(HttpResponse::Ok().json(Page::of(rows, limit, |row| row.id, shown)))
}

async fn read(
    app: &App,
    workspace: WorkspaceId,
    which: Which,
    below: Option<i64>,
    limit: i64,
) -> Result<(Vec<Entry>, People), Problem> {
    let read = app.db.read(async move |conn| {
        let rows = audit::page(conn, workspace, &which, below, limit).await?;
        let ids: Vec<_> = rows.iter().filter_map(|row| row.user_id).collect();
        let people = list::people(conn, &ids).await?;
        Ok((rows, people))
    });
    Ok(read.await?)
}

/// All of it as CSV; that it was taken out is an entry itself.
async fn table(app: &App, by: (WorkspaceId, UserId), which: Which) -> Result<HttpResponse, Problem> {
    let details = json!({"from": which.from, "to": which.to});
    app.ledger.give(NoteExport { by, what: "audit", details }).await?;
    let mut text = String::from("id,at,user_id,user,address,action,subject,details\r\n");
    let (mut below, mut lines) = (None, 0);
    while lines < LINES {
        let (rows, people) = read(app, by.0, which.clone(), below, BATCH).await?;
        let Some(last) = rows.last() else { break };
        below = Some(last.id);
        lines += rows.len();
        for row in rows {
            let name = row.user_id.and_then(|id| people.get(&id)).map(|person| person.name.clone());
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
            ];
            text += &cells.map(|one| cell(&one)).join(",");
            text += "\r\n";
        }
    }
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "text/csv; charset=utf-8"))
        .insert_header((header::CONTENT_DISPOSITION, "attachment; filename=\"audit.csv\""))
        .body(text))
}
