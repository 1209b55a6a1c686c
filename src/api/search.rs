//! `GET /api/v1/search`: customers by name, messages by their words, as far as one may see them.
//! Never a deleted message, never somebody else's direct message.

use super::conversations::{in_the_eyes_of, shown};
use super::page;
use super::problem::Problem;
use crate::app::App;
use crate::domain::{Customer, CustomerId, Identity, Message, MessageId};
use crate::store::search::{self, Question};
use crate::store::{Conn, StoreError, conversations, customers, messages};
use actix_web::{HttpResponse, web};
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::HashMap;
use utoipa::IntoParams;

/// Customers of the first page at most.
const CUSTOMERS: i64 = 10;
const EXCERPT: usize = 160;

/// What to look for.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct SearchQuery {
    /// Words, or their beginnings, whatever the case or accents: all of them must occur.
    #[serde(default)]
    q: String,
    limit: Option<i64>,
    cursor: Option<String>,
}

/// Customers first, then messages, the newest first. `conversation` and `message.seq` say where to jump.
#[utoipa::path(get, path = "/api/v1/search", tag = "search", params(SearchQuery),
    responses((status = 200, description = "`{items: [{kind: message|customer, conversation, message, customer, excerpt}], next_cursor}`")))]
pub async fn find(
    app: web::Data<App>,
    identity: Identity,
    query: web::Query<SearchQuery>,
) -> Result<HttpResponse, Problem> {
    let query = query.into_inner();
    let limit = page::limit(query.limit)?;
    let below = page::decode::<i64>(query.cursor.as_deref())?;
    let Some(question) = Question::of(&query.q) else {
        return Ok(HttpResponse::Ok().json(json!({"items": [], "next_cursor": null})));
    };
    let (workspace, user) = (identity.user.workspace_id, identity.user.id);
    let (people, said, views) = app
        .db
        .read(async move |conn| {
            let people = if below.is_none() { people(conn, workspace, &question).await? } else { Vec::new() };
            let before = MessageId(below.unwrap_or(i64::MAX));
            let ids =
                search::messages(conn, workspace, user, &question, before, page::one_more(limit)).await?;
            let said = said(conn, &question, ids).await?;
            let mut there: Vec<_> = said.iter().map(|(message, _)| message.conversation_id).collect();
            there.extend(people.iter().filter_map(|(_, conversation)| *conversation));
            there.sort_unstable();
            there.dedup();
            let states = conversations::by_ids(conn, &there).await?;
            Ok((people, said, in_the_eyes_of(conn, user, &states).await?))
        })
        .await?;
    let views: HashMap<_, _> = views.iter().map(|seen| (seen.0.id, shown(seen))).collect();
    let mut items: Vec<Value> = people
        .into_iter()
        .map(|(customer, conversation)| {
            let excerpt = customer.name.clone().or(customer.username.clone());
            let conversation = conversation.and_then(|id| views.get(&id));
            json!({"kind": "customer", "conversation": conversation, "message": null, "customer": customer, "excerpt": excerpt})
        })
        .collect();
    let has_more = i64::try_from(said.len()).unwrap_or(i64::MAX) > limit;
    let said = &said[..said.len().min(usize::try_from(limit).unwrap_or(0))];
    items.extend(said.iter().map(|(message, excerpt)| {
        json!({"kind": "message", "conversation": views.get(&message.conversation_id), "message": message, "customer": null, "excerpt": excerpt})
    }));
    let next_cursor = said.last().filter(|_| has_more).map(|(message, _)| page::encode(&message.id));
    Ok(HttpResponse::Ok().json(json!({"items": items, "next_cursor": next_cursor})))
}

/// Messages in the order of `ids`, each with the part of it that answers.
async fn said(
    conn: &mut Conn,
    question: &Question,
    ids: Vec<MessageId>,
) -> Result<Vec<(Message, String)>, StoreError> {
    let mut rows = messages::by_ids(conn, &ids).await?;
    rows.sort_by_key(|row| std::cmp::Reverse(row.id));
    Ok(messages::views(conn, rows)
        .await?
        .into_iter()
        .map(|message| {
            let excerpt = question.excerpt(message.content.as_deref().unwrap_or_default(), EXCERPT);
            (message, excerpt)
        })
        .collect())
}

/// Customers, each with the conversation they were last in.
async fn people(
    conn: &mut Conn,
    workspace: crate::domain::WorkspaceId,
    question: &Question,
) -> Result<Vec<(Customer, Option<crate::domain::ConversationId>)>, StoreError> {
    let ids: Vec<CustomerId> = search::customers(conn, workspace, question, CUSTOMERS).await?;
    let mut rows = customers::by_ids(conn, &ids).await?;
    let last = conversations::last_of_customers(conn, &ids).await?;
    Ok(ids
        .into_iter()
        .filter_map(|id| Some((rows.remove(&id)?.into_customer(None), last.get(&id).copied())))
        .collect())
}
