//! What the simulated Meta still has of the past: conversations and their messages in pages, as its
//! Conversations API tells them (docs/platforms.md 3.7). Instagram tells no more of a conversation than the
//! newest 20. Never more than a session's memory.

use super::{SimulatedAccount, Simulation};
use crate::channels::lenient::Lenient;
use crate::domain::{ChannelKind, Timestamp};
use actix_web::HttpResponse;
use actix_web::web::{Data, Path, Query};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::PoisonError;

/// Conversations of one answer.
const THREADS: usize = 25;
/// Messages of one answer with all that is told of them.
const DETAILED: usize = 20;
/// Messages that are kept of one conversation.
const KEPT: usize = 200;

/// The messages of each account's customers, in the order they were written.
pub(super) type Threads = HashMap<(String, String), Vec<Written>>;

/// A message that was written.
#[derive(Debug, Clone)]
pub(super) struct Written {
    id: String,
    text: String,
    at: Timestamp,
    is_ours: bool,
}

impl Simulation {
    /// Keeps what was written, where the platform can be asked for it.
    pub(super) fn write(
        &self,
        account: &SimulatedAccount,
        customer: &str,
        id: &str,
        text: &str,
        is_ours: bool,
    ) {
        if !["instagram", "messenger"].contains(&account.kind.as_str()) {
            return;
        }
        let mut threads = self.inner.threads.lock().unwrap_or_else(PoisonError::into_inner);
        let thread = threads.entry((account.external_id.clone(), customer.to_owned())).or_default();
        let (id, text, at) = (id.to_owned(), text.to_owned(), Timestamp::now());
        thread.push(Written { id, text, at, is_ours });
        let over = thread.len().saturating_sub(KEPT);
        thread.drain(..over);
    }

    fn threads(&self) -> Threads {
        self.inner.threads.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// `GET …/{account}/conversations`
pub(super) async fn conversations(
    simulation: Data<Simulation>,
    path: Path<(String, String)>,
    query: Query<HashMap<String, String>>,
) -> HttpResponse {
    let (_, account) = path.into_inner();
    let Some(kind) = query.get("platform").filter(|kind| ["instagram", "messenger"].contains(&kind.as_str()))
    else {
        return refuse(100, "(#100) The parameter platform is required");
    };
    let kind: ChannelKind = kind.parse().unwrap_or(ChannelKind::named("messenger"));
    let Some(account) = simulation.account(kind, &account) else {
        return refuse(100, "Unsupported get request. Object does not exist");
    };
    let threads = simulation.threads();
    let mut found: Vec<_> = threads.iter().filter(|((of, _), _)| *of == account.external_id).collect();
    let updated = |written: &[Written]| written.last().map(|one| one.at).unwrap_or_default();
    found.sort_by_key(|((_, customer), written)| (std::cmp::Reverse(updated(written)), customer.clone()));
    let from = place(query.get("after").map(String::as_str));
    let mut items = Vec::new();
    for ((of, customer), written) in found.iter().skip(from).take(THREADS) {
        let at = updated(written).to_rfc3339();
        items.push(json!({"id": thread_id(of, customer), "updated_time": at}));
    }
    HttpResponse::Ok().json(page(&items, from, from + THREADS, found.len()))
}

/// The messages of a conversation, as its `fields` ask for them; none: there is no such conversation.
pub(super) fn messages(simulation: &Simulation, id: &str, fields: &str) -> Option<Value> {
    let threads = simulation.threads();
    let ((account, customer), written) =
        threads.iter().find(|((account, customer), _)| thread_id(account, customer) == id)?;
    let kind = ChannelKind::named("instagram");
    let is_short = simulation.account(kind, account).is_some_and(|found| found.external_id == *account);
    let argument = |name: &str| fields.split_once(&format!(".{name}("))?.1.split_once(')').map(|(it, _)| it);
    let limit = argument("limit").and_then(|limit| limit.parse().ok()).unwrap_or(DETAILED);
    let from = place(argument("after"));
    let told = |(place, one): (usize, &Written)| {
        let mut told = json!({ "id": one.id, "created_time": one.at.to_rfc3339() });
        if fields.contains("from") && (!is_short || place < DETAILED) {
            let (sender, recipient) = if one.is_ours { (account, customer) } else { (customer, account) };
            told["from"] = json!({ "id": sender });
            told["to"] = json!({ "data": [{ "id": recipient }] });
            told["message"] = one.text.as_str().into();
        }
        told
    };
    let items: Vec<Value> = written.iter().rev().enumerate().skip(from).take(limit).map(told).collect();
    Some(json!({ "id": id, "messages": page(&items, from, from + limit, written.len()) }))
}

fn thread_id(account: &str, customer: &str) -> String {
    format!("t_{account}_{customer}")
}

/// Where a cursor points to.
fn place(cursor: Option<&str>) -> usize {
    cursor.and_then(|cursor| cursor.strip_prefix('c')?.parse().ok()).unwrap_or(0)
}

/// One answer of a list; whoever wants more goes on at its cursor.
fn page(items: &[Value], from: usize, until: usize, count: usize) -> Value {
    let mut page = json!({ "data": items });
    page["paging"]["cursors"] = json!({ "before": format!("c{from}"), "after": format!("c{until}") });
    if until < count {
        page["paging"]["next"] = "https://graph.facebook.com/".into();
    }
    page
}

fn refuse(code: i64, message: &str) -> HttpResponse {
    HttpResponse::BadRequest()
        .json(json!({ "error": { "code": code, "message": message, "type": "OAuthException" } }))
}

/// What is asked of a node by its `fields`, if it is messages.
pub(super) fn fields(query: &HashMap<String, String>) -> Option<&str> {
    query.get("fields").map(String::as_str).filter(|fields| fields.starts_with("messages"))
}

/// Where the simulated Telegram calls a bot: at its channel's own path, whatever address it was told.
pub(super) fn webhook_info(simulation: &Simulation, told: Option<&Value>) -> Value {
    let mut set = simulation.inner.webhook.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(url) = told.and_then(|told| told.text("url")) {
        *set = url;
    }
    json!({ "url": *set, "has_custom_certificate": false, "pending_update_count": 0 })
}
