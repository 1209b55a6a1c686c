//! `GET /api/v1/search`: customers by name, messages by their words, date, channel and person, as far as one
//! may see them.
//! Never a deleted message, never somebody else's direct message.

use super::conversations::{in_the_eyes_of, shown};
use crate::api::http::pagination::{self, Page};
use crate::api::http::period::moment;
use crate::api::http::problem::Problem;
use crate::app::App;
use crate::desk::access;
use crate::domain::message::excerpt;
use crate::domain::{
    ChannelId, ConversationFor, ConversationId, Customer, CustomerId, Identity, Message, MessageId, Sight,
    User, phone,
};
use crate::store::conversations::reader::Reader;
use crate::store::conversations::{self, customers};
use crate::store::messages::search::Question;
use crate::store::messages::search_narrowed::{Found, Place, Within};
use crate::store::messages::search_wordless::written;
use crate::store::messages::search_words;
use crate::store::{Conn, StoreError, messages};
use actix_web::{HttpResponse, web};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use utoipa::{IntoParams, ToSchema};

/// Customers of the first page at most.
const CUSTOMERS: i64 = 10;
const EXCERPT: usize = 160;

/// What to look for.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct SearchQuery {
    /// Words, or their beginnings, whatever the case or accents: all of them must occur. Without any, but
    /// with one of the four below: every message there, the newest first.
    #[serde(default)]
    q: String,
    /// Written from this day (`2026-11-01`, UTC) or moment (RFC 3339) on.
    from: Option<String>,
    /// The same, itself left out.
    to: Option<String>,
    /// In conversations on this channel.
    #[param(value_type = Option<i64>)]
    channel_id: Option<ChannelId>,
    /// In conversations with this customer.
    #[param(value_type = Option<i64>)]
    customer_id: Option<CustomerId>,
    limit: Option<i64>,
    cursor: Option<String>,
}

impl SearchQuery {
    fn within(&self) -> Result<Within, Problem> {
        let (from, to) = (moment(self.from.as_deref(), "from")?, moment(self.to.as_deref(), "to")?);
        if from.zip(to).is_some_and(|(from, to)| from >= to) {
            let words =
                "from must be before to, which is not included. For one day, give the next one as to.";
            return Err(Problem::bad_request("bad_time", words));
        }
        Ok(Within { from, to, channel: self.channel_id, customer: self.customer_id })
    }
}

/// A customer or a message that was found.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Found)]
pub struct FoundView {
    kind: FoundKind,
    /// Where to jump; null: a customer without a conversation.
    conversation: Option<ConversationFor<'static>>,
    message: Option<Message>,
    customer: Option<Customer>,
    /// The part that answers.
    excerpt: Option<String>,
}

/// What was found.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FoundKind {
    /// A customer, by a name.
    Customer,
    /// A message, by its words.
    Message,
}

/// Customers first (by words alone, or on a channel), then messages, the newest first. `conversation` and
/// `message.seq` say where to jump. A page looks at some ten thousand messages at most: where few of them
/// fit, it holds fewer than `limit`, even none, and `next_cursor` goes on from there; null: these were the
/// last.
#[utoipa::path(get, path = "/api/v1/search", operation_id = "search", tag = "search",
    params(SearchQuery),
    responses((status = 200, body = Page<FoundView>), (status = 400, body = Problem)))]
pub async fn find(
    app: web::Data<App>,
    identity: Identity,
    query: web::Query<SearchQuery>,
) -> Result<HttpResponse, Problem> {
    let query = query.into_inner();
    let limit = pagination::limit(query.limit)?;
    let below = pagination::decode::<Place>(query.cursor.as_deref())?;
    let (within, question) = (query.within()?, Question::of(&query.q));
    if question.is_none() && (within.is_everywhere() || !query.q.trim().is_empty()) {
        return Ok(HttpResponse::Ok().json(Page::<FoundView> { items: Vec::new(), next_cursor: None }));
    }
    let user = identity.user;
    let reader = Reader::from(&user);
    // A number is searched as one, whatever stands between its digits.
    let number = phone::searched(&query.q).and_then(|digits| Question::of(&digits));
    let (people, said, next, views) = app
        .db
        .read_slowly(async move |conn| {
            let mut named = Vec::new();
            for asked in question.iter().chain(&number).filter(|_| below.is_none()) {
                if named.is_empty() {
                    named = people(conn, &user, asked, &within).await?;
                }
            }
            let more = pagination::one_more(limit);
            let Found { ids, next } = match &question {
                Some(question) => {
                    search_words::messages(conn, &reader, question, &within, below, more).await?
                }
                None => written(conn, &reader, &within, below, more).await?,
            };
            let said = said(conn, question.as_ref(), ids).await?;
            let mut there: Vec<_> = said.iter().map(|(message, _)| message.conversation_id).collect();
            there.extend(named.iter().filter_map(|(_, conversation)| *conversation));
            there.sort_unstable();
            there.dedup();
            let states = conversations::by_ids(conn, &there).await?;
            Ok((named, said, next, in_the_eyes_of(conn, user.id, &states).await?))
        })
        .await?;
    let views: HashMap<_, _> = views.iter().map(|seen| (seen.0.id, shown(seen))).collect();
    let mut items: Vec<FoundView> = people
        .into_iter()
        .map(|(customer, conversation)| {
            let excerpt = customer.name.clone().or(customer.username.clone());
            let conversation = conversation.and_then(|id| views.get(&id)).cloned();
            let customer = Some(customer);
            FoundView { kind: FoundKind::Customer, conversation, message: None, customer, excerpt }
        })
        .collect();
    let has_more = i64::try_from(said.len()).unwrap_or(i64::MAX) > limit;
    let said = &said[..said.len().min(usize::try_from(limit).unwrap_or(0))];
    let place = |message: &Message| pagination::encode(&(message.created_at, message.id));
    let last = said.last().filter(|_| has_more).map(|(message, _)| place(message));
    let next_cursor = last.or_else(|| next.map(|next| pagination::encode(&next)));
    items.extend(said.iter().map(|(message, excerpt)| FoundView {
        kind: FoundKind::Message,
        conversation: views.get(&message.conversation_id).cloned(),
        message: Some(message.clone()),
        customer: None,
        excerpt: Some(excerpt.clone()),
    }));
    Ok(HttpResponse::Ok().json(Page { items, next_cursor }))
}

/// Messages in the order of `ids`, each with the part of it that answers.
async fn said(
    conn: &mut Conn,
    question: Option<&Question>,
    ids: Vec<MessageId>,
) -> Result<Vec<(Message, String)>, StoreError> {
    let mut rows = messages::by_ids(conn, &ids).await?;
    rows.sort_by_key(|row| ids.iter().position(|id| *id == row.id));
    Ok(messages::views(conn, rows)
        .await?
        .into_iter()
        .map(|message| {
            let words = words_of(&message);
            let part = question
                .map_or_else(|| excerpt(&words, EXCERPT), |question| question.excerpt(&words, EXCERPT));
            (message, part)
        })
        .collect())
}

/// What a message says, and what was heard in it.
fn words_of(message: &Message) -> String {
    let heard = message.attachments.iter().filter_map(|file| file.transcription.as_deref());
    message.content.as_deref().into_iter().chain(heard).collect::<Vec<_>>().join("\n")
}

/// Customers, each with the conversation they were last in. A date says nothing of a customer, and who is
/// chosen already is not looked for.
async fn people(
    conn: &mut Conn,
    user: &User,
    question: &Question,
    within: &Within,
) -> Result<Vec<(Customer, Option<ConversationId>)>, StoreError> {
    if (Within { channel: None, ..*within }) != Within::default() {
        return Ok(Vec::new());
    }
    let ids = search_words::customers(conn, user.workspace_id, question, within.channel, CUSTOMERS).await?;
    let mut rows = customers::by_ids(conn, &ids).await?;
    let last = last_seen(conn, user, &ids).await?;
    if user.sight != Sight::Everything {
        rows.retain(|id, _| last.contains_key(id));
    }
    Ok(ids
        .into_iter()
        .filter_map(|id| Some((rows.remove(&id)?.into_customer(None), last.get(&id).copied())))
        .collect())
}

/// The conversation that each of several customers was last in, of those that the user sees.
async fn last_seen(
    conn: &mut Conn,
    user: &User,
    ids: &[CustomerId],
) -> Result<HashMap<CustomerId, ConversationId>, StoreError> {
    if user.sight == Sight::Everything {
        return conversations::last_of_customers(conn, ids).await;
    }
    let mut last = HashMap::new();
    for id in ids {
        let states = access::conversations_of(conn, user, *id).await?;
        let newest = states.iter().max_by_key(|state| (state.last_activity_at, state.id));
        last.extend(newest.map(|state| (*id, state.id)));
    }
    Ok(last)
}
