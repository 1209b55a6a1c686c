//! Conversations: the list, one of them, and caring for it, or for several at once. Never a message: see `messages`.

use super::recipient::{self, CustomerBody};
use crate::api::http::pagination::{self, Page};
use crate::api::http::problem::Problem;
use crate::app::App;
use crate::desk::access;
use crate::desk::audit::NoteDeed;
use crate::desk::update_conversation::{Read, UpdateConversation};
use crate::domain::message::Failure;
use crate::domain::{
    ChannelId, Conversation, ConversationFor, ConversationId, ConversationState, ConversationStatus,
    Identity, LabelId, Priority, ReadMark, Refusal, Timestamp, User, UserId, phone, text,
};
use crate::store::conversations::list::{self, After, Assignee, Filter};
use crate::store::{Conn, StoreError};
use actix_web::{HttpResponse, web};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::json;
use std::borrow::Cow;
use std::collections::HashMap;
use utoipa::{IntoParams, ToSchema};

/// Conversations changed at once, at most.
const MOST: usize = 100;

/// Which conversations.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ListQuery {
    /// open, pending, snoozed, closed, spam, or several with commas; absent: all but spam.
    status: Option<String>,
    /// A user's id, `me`, or `none`.
    assignee: Option<String>,
    channel_id: Option<i64>,
    /// customer or direct; absent: both.
    kind: Option<String>,
    label_id: Option<i64>,
    /// Only one's conversations with colleagues about this one.
    about_conversation_id: Option<i64>,
    /// low, medium, high or urgent.
    priority: Option<String>,
    /// Only where a note that one has not read mentions one.
    #[serde(default)]
    mentioned: bool,
    /// Only where one has something left to read.
    #[serde(default)]
    unread: bool,
    /// A name, or a part of it.
    q: Option<String>,
    limit: Option<i64>,
    cursor: Option<String>,
}

impl ListQuery {
    fn statuses(&self) -> Result<Vec<ConversationStatus>, Problem> {
        let words = self.status.as_deref().unwrap_or_default().split(',').map(str::trim);
        let parsed = words.filter(|word| !word.is_empty()).map(str::parse);
        parsed.collect::<Result<_, _>>().map_err(|_| bad("status", "open, pending, snoozed, closed or spam"))
    }

    fn filter(&self, me: UserId) -> Result<Filter, Problem> {
        let given = |text: &Option<String>| {
            text.as_deref().map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned)
        };
        Ok(Filter {
            statuses: self.statuses()?,
            unread: self.unread,
            assignee: match given(&self.assignee).as_deref() {
                None => None,
                Some("me") => Some(Assignee::User(me)),
                Some("none" | "unassigned") => Some(Assignee::Nobody),
                Some(id) => {
                    Some(Assignee::User(id.parse().map_err(|_| bad("assignee", "a user's id, me, or none"))?))
                }
            },
            channel: self.channel_id.map(ChannelId),
            kind: given(&self.kind)
                .map(|word| word.parse())
                .transpose()
                .map_err(|_| bad("kind", "customer or direct"))?,
            label: self.label_id.map(LabelId),
            about: self.about_conversation_id.map(ConversationId),
            priority: given(&self.priority)
                .map(|word| word.parse())
                .transpose()
                .map_err(|_| bad("priority", "low, medium, high or urgent"))?,
            mentioned: self.mentioned,
            name_like: given(&self.q).map(|name| like(&name)),
            number_like: given(&self.q)
                .and_then(|number| phone::searched(&number))
                .map(|it| format!("%{it}%")),
        })
    }
}

fn bad(field: &str, allowed: &str) -> Problem {
    Problem::bad_request("bad_filter", format!("{field} must be {allowed}."))
}

/// `%name%`, with what LIKE takes for a sign escaped.
fn like(name: &str) -> String {
    let folded = text::fold(name).replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
    format!("%{folded}%")
}

/// The list, newest activity first.
#[utoipa::path(get, path = "/api/v1/conversations",
    operation_id = "list_conversations", tag = "conversations",
    params(ListQuery),
    responses((status = 200, body = Page<ConversationFor<'static>>), (status = 422, body = Problem)))]
pub async fn list(
    app: web::Data<App>,
    identity: Identity,
    query: web::Query<ListQuery>,
) -> Result<HttpResponse, Problem> {
    let limit = pagination::limit(query.limit)?;
    let filter = query.filter(identity.user.id)?;
    let after = pagination::decode::<(i64, i64)>(query.cursor.as_deref())?
        .map(|(at, id)| After { last_activity_at: Timestamp(at), id: ConversationId(id) });
    let (workspace, user) = (identity.user.workspace_id, identity.user.id);
    let rows = app
        .db
        .read(async move |conn| {
            let states =
                list::page(conn, workspace, user, &filter, after, pagination::one_more(limit)).await?;
            in_the_eyes_of(conn, user, &states).await
        })
        .await?;
    let place = |(conversation, ..): &Seen| (conversation.last_activity_at.0, conversation.id.0);
    let page = Page::of(rows, limit, place, |seen| shown(&seen));
    Ok(HttpResponse::Ok().json(page))
}

/// Where counting may end.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct CountQuery {
    /// A page that says "999+" need not know more: nobody counts further than this.
    up_to: Option<i64>,
}

/// How many conversations there are.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ConversationCounts)]
pub struct Counts {
    /// All that fit the filters, or `up_to`.
    total: i64,
    /// Those of them where one has something left to read, or `up_to`.
    unread: i64,
}

/// How many conversations the same filters give, without any of them.
#[utoipa::path(get, path = "/api/v1/conversations/counts",
    operation_id = "count_conversations", tag = "conversations",
    params(ListQuery, CountQuery),
    responses((status = 200, body = Counts), (status = 400, body = Problem)))]
pub async fn counts(
    app: web::Data<App>,
    identity: Identity,
    query: web::Query<ListQuery>,
    end: web::Query<CountQuery>,
) -> Result<HttpResponse, Problem> {
    let filter = query.filter(identity.user.id)?;
    if end.up_to.is_some_and(|most| most < 1) {
        return Err(bad("up_to", "a number from 1 on"));
    }
    let (workspace, user, most) = (identity.user.workspace_id, identity.user.id, end.up_to);
    let counts = app
        .db
        .read(async move |conn| {
            let total = list::count(conn, workspace, user, &filter, most).await?;
            if filter.unread {
                return Ok(Counts { total, unread: total });
            }
            let left = Filter { unread: true, ..filter };
            Ok(Counts { total, unread: list::count(conn, workspace, user, &left, most).await? })
        })
        .await?;
    Ok(HttpResponse::Ok().json(counts))
}

/// A conversation and how far its reader came.
pub(crate) type Seen = (Conversation, ReadMark);

/// Conversations and how far the user read each of them.
pub(crate) async fn in_the_eyes_of(
    conn: &mut Conn,
    user: UserId,
    states: &[ConversationState],
) -> Result<Vec<Seen>, StoreError> {
    let views = list::views(conn, states, &HashMap::new()).await?;
    let ids: Vec<_> = states.iter().map(|state| state.id).collect();
    let marks = list::marks_of(conn, user, &ids).await?;
    Ok(views
        .into_iter()
        .map(|view| {
            let mark = marks.get(&view.id).copied().unwrap_or_default();
            (view, mark)
        })
        .collect())
}

/// A conversation as its reader sees it.
pub(crate) fn shown((conversation, mark): &Seen) -> ConversationFor<'static> {
    let unread_count = mark.unread(conversation.unread_total);
    let conversation = Cow::Owned(conversation.clone());
    ConversationFor { conversation, unread_count, is_mentioned: mark.is_mentioned() }
}

/// One conversation, as the user sees it.
pub async fn view(
    app: &App,
    identity: &Identity,
    state: ConversationState,
) -> Result<ConversationFor<'static>, Problem> {
    let user = identity.user.id;
    let views = app.db.read(async move |conn| in_the_eyes_of(conn, user, &[state]).await).await?;
    Ok(shown(views.first().ok_or(StoreError::NotFound)?))
}

/// The conversation, if the user may see it.
pub async fn visible(
    app: &App,
    identity: &Identity,
    id: ConversationId,
) -> Result<ConversationState, Problem> {
    let user = identity.user.clone();
    let seen = app.db.read(async move |conn| Ok(access::conversation(conn, &user, id).await)).await?;
    Ok(seen?)
}

/// One conversation.
#[utoipa::path(get, path = "/api/v1/conversations/{id}",
    operation_id = "get_conversation", tag = "conversations",
    params(("id" = i64, Path)),
    responses((status = 200, body = ConversationFor<'static>), (status = 404, body = Problem)))]
pub async fn show(
    app: web::Data<App>,
    identity: Identity,
    id: web::Path<ConversationId>,
) -> Result<HttpResponse, Problem> {
    let state = visible(&app, &identity, id.into_inner()).await?;
    Ok(HttpResponse::Ok().json(view(&app, &identity, state).await?))
}

/// With whom to start one.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(
    as = StartConversationBody,
    example = json!({"channel_id": 1, "customer": {"external_id": "+34600112233", "name": "Ana Lind"}})
)]
pub struct StartBody {
    channel_id: i64,
    customer: CustomerBody,
}

/// Starts a conversation, or finds the one there is.
#[utoipa::path(post, path = "/api/v1/conversations",
    operation_id = "start_conversation", tag = "conversations",
    request_body = StartBody,
    responses((status = 201, body = ConversationFor<'static>, description = "A new conversation"),
        (status = 200, body = ConversationFor<'static>, description = "The one there is"),
        (status = 404, body = Problem), (status = 422, body = Problem)))]
pub async fn start(
    app: web::Data<App>,
    identity: Identity,
    body: web::Json<StartBody>,
) -> Result<HttpResponse, Problem> {
    let StartBody { channel_id, customer } = body.into_inner();
    let workspace = identity.user.workspace_id;
    let (state, is_new) = recipient::conversation(&app, workspace, ChannelId(channel_id), customer).await?;
    if is_new {
        let (by, subject) = ((workspace, identity.user.id), format!("conversation:{}", state.id));
        let details = json!({"channel": channel_id});
        app.ledger.give(NoteDeed { by, action: "conversation_started", subject, details }).await?;
    }
    let shown = view(&app, &identity, state).await?;
    Ok(if is_new { HttpResponse::Created().json(shown) } else { HttpResponse::Ok().json(shown) })
}

/// What may be changed.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(
    as = UpdateConversationBody,
    example = json!({"status": "pending", "assignee_id": 2, "priority": "high", "label_ids": [1]})
)]
pub struct CareBody {
    /// open, pending, snoozed, closed; spam, with all conversations of its sender, until one of them gets
    /// another status.
    status: Option<ConversationStatus>,
    /// Until when it sleeps, if it is snoozed.
    snoozed_until: Option<Timestamp>,
    /// A user's id; null: nobody.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<i64>)]
    assignee_id: Option<Option<UserId>>,
    /// low, medium, high, urgent; null: none.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<Priority>)]
    priority: Option<Option<Priority>>,
    /// The labels it carries from now on, and no others.
    label_ids: Option<Vec<LabelId>>,
}

impl CareBody {
    fn care(self, user: User, conversation_id: ConversationId) -> UpdateConversation {
        let status = match (self.status, self.snoozed_until) {
            (Some(status), until) => Some((status, until.filter(|_| status == ConversationStatus::Snoozed))),
            (None, Some(until)) => Some((ConversationStatus::Snoozed, Some(until))),
            (None, None) => None,
        };
        let Self { assignee_id: assignee, priority, label_ids: labels, .. } = self;
        UpdateConversation { user, conversation_id, status, assignee, priority, labels }
    }
}

/// Tells `null` from absence.
pub(crate) fn given<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Option<Option<T>>, D::Error> {
    Option::<T>::deserialize(deserializer).map(Some)
}

/// Changes status, sleep, assignee, priority or labels; what is absent stays.
#[utoipa::path(patch, path = "/api/v1/conversations/{id}",
    operation_id = "update_conversation", tag = "conversations",
    params(("id" = i64, Path)), request_body = CareBody,
    responses((status = 200, body = ConversationFor<'static>), (status = 404, body = Problem),
        (status = 422, body = Problem)))]
pub async fn care(
    app: web::Data<App>,
    identity: Identity,
    id: web::Path<ConversationId>,
    body: web::Json<CareBody>,
) -> Result<HttpResponse, Problem> {
    let care = body.into_inner().care(identity.user.clone(), id.into_inner());
    let state = app.ledger.give(care).await?;
    Ok(HttpResponse::Ok().json(view(&app, &identity, state).await?))
}

/// Several conversations, and what to change of each.
// Not flattened: as a schema, both parts would forbid each other's fields.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = UpdateConversationsBody, example = json!({"ids": [1, 2], "status": "closed"}))]
pub struct BulkBody {
    /// 100 at most.
    #[schema(value_type = Vec<i64>)]
    ids: Vec<ConversationId>,
    /// open, pending, snoozed, closed; spam, with all conversations of its sender, until one of them gets
    /// another status.
    #[schema(value_type = Option<String>)]
    status: Option<ConversationStatus>,
    /// Until when they sleep, if they are snoozed.
    #[schema(value_type = Option<String>)]
    snoozed_until: Option<Timestamp>,
    /// A user's id; null: nobody.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<i64>)]
    assignee_id: Option<Option<UserId>>,
    /// low, medium, high, urgent; null: none.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    priority: Option<Option<Priority>>,
    /// The labels they carry from now on, and no others.
    #[schema(value_type = Option<Vec<i64>>)]
    label_ids: Option<Vec<LabelId>>,
}

/// What became of several conversations.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = UpdatedConversations)]
pub struct BulkAnswer {
    /// One for each id, in their order.
    items: Vec<BulkItem>,
}

/// What became of one of several conversations.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = UpdatedConversation)]
pub struct BulkItem {
    id: ConversationId,
    /// After the change; null: it was refused.
    conversation: Option<ConversationFor<'static>>,
    /// Why it was refused.
    error: Option<Failure>,
}

/// Changes several conversations at once; each is changed or refused by itself.
#[utoipa::path(post, path = "/api/v1/conversations/bulk",
    operation_id = "update_conversations", tag = "conversations",
    request_body = BulkBody,
    responses((status = 200, body = BulkAnswer), (status = 422, body = Problem)))]
pub async fn bulk(
    app: web::Data<App>,
    identity: Identity,
    body: web::Json<BulkBody>,
) -> Result<HttpResponse, Problem> {
    let BulkBody { ids, status, snoozed_until, assignee_id, priority, label_ids } = body.into_inner();
    let change = CareBody { status, snoozed_until, assignee_id, priority, label_ids };
    if ids.is_empty() || ids.len() > MOST {
        return Err(Refusal::invalid("bad_ids", "ids must list 1 to 100 conversations.").into());
    }
    let cares = ids.iter().map(|id| change.clone().care(identity.user.clone(), *id)).collect();
    let given = app.ledger.give_all::<UpdateConversation>(cares).await;
    let (user, states) = (identity.user.id, given.iter().flatten().cloned().collect::<Vec<_>>());
    let views = app.db.read(async move |conn| in_the_eyes_of(conn, user, &states).await).await?;
    let views: HashMap<_, _> = views.iter().map(|seen| (seen.0.id, shown(seen))).collect();
    let items = ids.iter().zip(given).map(|(id, outcome)| match outcome {
        Ok(_) => BulkItem { id: *id, conversation: views.get(id).cloned(), error: None },
        Err(error) => {
            let Problem { code, detail, .. } = error.into();
            let error = Failure { code: code.to_owned(), message: detail };
            BulkItem { id: *id, conversation: None, error: Some(error) }
        }
    });
    Ok(HttpResponse::Ok().json(BulkAnswer { items: items.collect() }))
}

/// Up to where.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = MarkReadBody, example = json!({"seq": 12}))]
pub struct ReadBody {
    seq: i64,
}

/// How far one has read.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ReadUpTo)]
pub struct ReadAnswer {
    conversation_id: ConversationId,
    /// The place of the last message read.
    read_seq: i64,
    unread_count: i64,
}

/// Marks as read up to a place.
#[utoipa::path(post, path = "/api/v1/conversations/{id}/read",
    operation_id = "mark_conversation_read", tag = "conversations",
    params(("id" = i64, Path)), request_body = ReadBody,
    responses((status = 200, body = ReadAnswer), (status = 404, body = Problem)))]
pub async fn read(
    app: web::Data<App>,
    identity: Identity,
    id: web::Path<ConversationId>,
    body: web::Json<ReadBody>,
) -> Result<HttpResponse, Problem> {
    let read = Read { user: identity.user, conversation_id: id.into_inner(), seq: body.seq };
    let (state, mark) = app.ledger.give(read).await?;
    app.channel_signals.read(state.id, mark.read_seq);
    let unread_count = mark.unread(state.unread_total);
    let answer = ReadAnswer { conversation_id: state.id, read_seq: mark.read_seq, unread_count };
    Ok(HttpResponse::Ok().json(answer))
}
