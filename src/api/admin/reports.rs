//! `GET /api/v1/reports`: sums by day, colleague or channel, as JSON or as a table for a
//! spreadsheet. Never a cell that a spreadsheet would run.

use crate::api::http::may::{May, ReportsSee};
use crate::api::http::period::moment;
use crate::api::http::problem::Problem;
use crate::app::App;
use crate::desk::note_deed::NoteExport;
use crate::domain::{Permission, Refusal, Timestamp};
use crate::store::checks::reports::{self, By, Sums};
use actix_web::http::header;
use actix_web::{HttpResponse, web};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::collections::HashMap;
use std::fmt::Write;
use std::time::Duration;
use utoipa::{IntoParams, ToSchema};

/// How far a report reaches at most.
const MAX_PERIOD: Duration = Duration::from_hours(24 * 400);
/// How far it reaches if nobody says.
const USUAL: Duration = Duration::from_hours(24 * 30);

/// Over what, and by what.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ReportQuery {
    /// A day (`2026-11-01`) or a moment; absent: 30 days before `to`.
    from: Option<String>,
    /// The same, itself left out; absent: now.
    to: Option<String>,
    /// day (the default), agent, channel.
    by: Option<String>,
    /// json (the default) or csv.
    format: Option<String>,
}

/// Sums by day, colleague or channel.
#[derive(Debug, Serialize, ToSchema)]
pub struct Report {
    from: Timestamp,
    to: Timestamp,
    /// day, agent, channel.
    by: &'static str,
    items: Vec<ReportLine>,
}

/// One line of a report.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReportLine {
    key: ReportKey,
    /// What the colleague or the channel is called.
    name: Option<String>,
    /// Conversations that began.
    conversations: i64,
    /// What customers wrote.
    messages_in: i64,
    /// What our side wrote.
    messages_out: i64,
    /// What of it failed.
    failed: i64,
    /// Waits that were answered.
    answers: i64,
    median_first_answer_seconds: Option<i64>,
}

/// What a line is about.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
pub enum ReportKey {
    /// A day: `2026-11-01`.
    Day(String),
    /// A colleague's or a channel's id.
    Id(i64),
}

/// Sums by day, colleague or channel.
#[utoipa::path(get, path = "/api/v1/reports", operation_id = "get_report", tag = "overview",
    params(ReportQuery),
    responses((status = 200, content((Report = "application/json"), (String = "text/csv"))),
        (status = 400, body = Problem), (status = 403, body = Problem)))]
pub async fn show(
    app: web::Data<App>,
    May(admin, _): May<ReportsSee>,
    query: web::Query<ReportQuery>,
) -> Result<HttpResponse, Problem> {
    let to = moment(query.to.as_deref(), "to")?.unwrap_or_else(Timestamp::now);
    let from = moment(query.from.as_deref(), "from")?.unwrap_or_else(|| to.minus(USUAL));
    if from >= to || from.plus(MAX_PERIOD) < to {
        return Err(Refusal::invalid(
            "bad_time",
            "A report covers at most 400 days, and from must be before to.",
        )
        .into());
    }
    let by = match query.by.as_deref() {
        None | Some("" | "day") => By::Day,
        Some("agent") => By::Agent,
        Some("channel") => By::Channel,
        Some(_) => return Err(Problem::bad_request("bad_filter", "by must be day, agent or channel.")),
    };
    let is_csv = match query.format.as_deref() {
        None | Some("" | "json") => false,
        Some("csv") => {
            admin.user.require(Permission::Export)?;
            true
        }
        Some(_) => return Err(Problem::bad_request("bad_filter", "format must be json or csv.")),
    };
    let workspace = admin.user.workspace_id;
    let (lines, names) = app
        .db
        .read_slowly(async move |conn| {
            let lines = reports::sums(conn, workspace, from, to, by).await?;
            let keys: Vec<_> = lines.iter().map(|line| line.key).collect();
            let names = reports::names(conn, workspace, by, &keys).await?;
            Ok((lines, names))
        })
        .await?;
    if !is_csv {
        let items = lines.iter().map(|line| shown(by, line, &names)).collect();
        return Ok(HttpResponse::Ok().json(Report { from, to, by: word(by), items }));
    }
    let details = json!({"by": word(by), "from": from, "to": to});
    let export = NoteExport { by: (workspace, admin.user.id), what: "report", details };
    app.ledger.give(export).await?;
    Ok(HttpResponse::Ok()
        .content_type("text/csv; charset=utf-8")
        .insert_header((
            header::CONTENT_DISPOSITION,
            format!("attachment; filename=\"rapport-{}.csv\"", word(by)),
        ))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .body(csv(by, &lines, &names)))
}

fn word(by: By) -> &'static str {
    match by {
        By::Day => "day",
        By::Agent => "agent",
        By::Channel => "channel",
    }
}

/// What a line is about: a day as a day, others by their id.
fn key(by: By, line: &Sums) -> ReportKey {
    match by {
        By::Day => ReportKey::Day(Timestamp(line.key).to_rfc3339().chars().take(10).collect()),
        By::Agent | By::Channel => ReportKey::Id(line.key),
    }
}

fn shown(by: By, line: &Sums, names: &HashMap<i64, String>) -> ReportLine {
    ReportLine {
        key: key(by, line),
        name: names.get(&line.key).cloned(),
        conversations: line.conversations,
        messages_in: line.messages_in,
        messages_out: line.messages_out,
        failed: line.failed,
        answers: line.answers,
        median_first_answer_seconds: line.median_first_answer_seconds,
    }
}

const HEAD: &str = "name,conversations,messages_in,messages_out,failed,answers,median_first_answer_seconds";

fn csv(by: By, lines: &[Sums], names: &HashMap<i64, String>) -> String {
    let mut text = format!("{},{HEAD}\r\n", word(by));
    for line in lines {
        let key = match key(by, line) {
            ReportKey::Day(day) => day,
            ReportKey::Id(id) => id.to_string(),
        };
        let name = names.get(&line.key).map(String::as_str).unwrap_or_default();
        let median = line.median_first_answer_seconds.map(|seconds| seconds.to_string()).unwrap_or_default();
        let _ = write!(
            text,
            "{},{},{},{},{},{},{},{median}\r\n",
            cell(&key),
            cell(name),
            line.conversations,
            line.messages_in,
            line.messages_out,
            line.failed,
            line.answers
        );
    }
    text
}

/// A text as a cell: quoted where it must be, and never a formula (a spreadsheet runs what begins
/// with one of these signs).
pub(crate) fn cell(text: &str) -> String {
    let is_formula =
        text.trim_start().starts_with(['=', '+', '-', '@', '|', '%']) || text.starts_with(['\t', '\r', '\n']);
    let text = if is_formula { format!("'{text}") } else { text.to_owned() };
    if text.contains([',', '"', '\n', '\r', '\'', ';']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use super::cell;

    #[test]
    fn no_cell_is_a_formula() {
        assert_eq!(cell("Ana Lind"), "Ana Lind");
        assert_eq!(cell("=HYPERLINK(\"x\")"), "\"'=HYPERLINK(\"\"x\"\")\"");
        assert_eq!(cell("  @SUM(A1)"), "\"'  @SUM(A1)\"");
        assert_eq!(cell("-1+1"), "\"'-1+1\"");
        assert_eq!(cell("a,b"), "\"a,b\"");
    }
}
