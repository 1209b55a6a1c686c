//! Conversations: the list, how many there are, one of them, and caring for it. Never a message: see
//! `messages`; several at once: see `bulk`.

use super::recipient::{self, CustomerBody};
use crate::api::http::may::{ConversationsStart, May};
use crate::api::http::optional::given;
use crate::api::http::pagination::{self, Page};
use crate::api::http::problem::Problem;
use crate::app::App;
use crate::desk::access;
use crate::desk::lists::ListFilter;
use crate::desk::mark_read::{Read, Reading};
use crate::desk::note_deed::NoteDeed;
use crate::desk::update_conversation::{LabelWish, OwnBegun, UpdateConversation};
use crate::domain::{
    Cause, ChannelId, Conversation, ConversationFor, ConversationId, ConversationState, ConversationStatus,
    Identity, LabelId, ListOrder, Permission, Priority, ReadMark, Refusal, TeamId, Timestamp, User, UserId,
};
use crate::store::conversations::filtered::{self, After, Filter, Reader};
use crate::store::conversations::list;
use crate::store::{Conn, StoreError};
use actix_web::{HttpResponse, web};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::borrow::Cow;
use std::collections::HashMap;
use utoipa::{IntoParams, ToSchema};

/// In which order, and which page.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PageQuery {
    /// newest (activity), oldest, or longest_waiting (those who wait first); absent: newest.
    sort: Option<String>,
    limit: Option<i64>,
    cursor: Option<String>,
}

impl PageQuery {
    fn order(&self) -> Result<ListOrder, Problem> {
        let sort = self.sort.as_deref().map(str::trim).filter(|sort| !sort.is_empty());
        let order = sort.map_or(Ok(ListOrder::Newest), str::parse);
        order.map_err(|_| bad("sort", "newest, oldest or longest_waiting"))
    }

    fn after(&self, order: ListOrder) -> Result<Option<After>, Problem> {
        let cursor = self.cursor.as_deref();
        if order == ListOrder::LongestWaiting {
            let place = pagination::decode::<(bool, i64, i64)>(cursor)?;
            return Ok(place.map(|(waits, at, id)| {
                let after = if waits { After::Waiting } else { After::Activity };
                after(Timestamp(at), ConversationId(id))
            }));
        }
        let place = pagination::decode::<(i64, i64)>(cursor)?;
        Ok(place.map(|(at, id)| After::Activity(Timestamp(at), ConversationId(id))))
    }
}

/// What a cursor holds of the last one of a page.
fn place(order: ListOrder, (conversation, ..): &Seen) -> Value {
    let (id, at) = (conversation.id.0, conversation.last_activity_at.0);
    match (order, conversation.waiting_since) {
        (ListOrder::LongestWaiting, Some(since)) => json!([true, since.0, id]),
        (ListOrder::LongestWaiting, None) => json!([false, at, id]),
        _ => json!([at, id]),
    }
}

fn bad(field: &str, allowed: &str) -> Problem {
    bad_filter(format!("{field} must be {allowed}."))
}

fn bad_filter(why: String) -> Problem {
    Problem::bad_request("bad_filter", why)
}

/// The list, newest activity first unless `sort` says otherwise.
#[utoipa::path(get, path = "/api/v1/conversations",
    operation_id = "list_conversations", tag = "conversations",
    params(ListFilter, PageQuery),
    responses((status = 200, body = Page<ConversationFor<'static>>), (status = 400, body = Problem)))]
pub async fn list(
    app: web::Data<App>,
    identity: Identity,
    query: web::Query<ListFilter>,
    page: web::Query<PageQuery>,
) -> Result<HttpResponse, Problem> {
    let limit = pagination::limit(page.limit)?;
    let filter = query.read(identity.user.id).map_err(bad_filter)?;
    let order = page.order()?;
    let after = page.after(order)?;
    let (reader, user) = (Reader::from(&identity.user), identity.user.id);
    let is_slow = filter.may_take_long();
    let page = async move |conn: &mut Conn| {
        let limit = pagination::one_more(limit);
        let states = filtered::page(conn, &reader, &filter, order, after, limit).await?;
        in_the_eyes_of(conn, user, &states).await
    };
    let rows = if is_slow { app.db.read_slowly(page).await? } else { app.db.read(page).await? };
    let page = Page::of(rows, limit, |seen| place(order, seen), |seen| shown(&seen));
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
    /// The same as `total`: what a badge of these filters shows.
    matching: i64,
    /// Whether counting ended at `up_to`: there may be more ("999+").
    capped: bool,
}

impl Counts {
    fn of(total: i64, unread: i64, up_to: Option<i64>) -> Self {
        Self { total, unread, matching: total, capped: up_to.is_some_and(|most| total >= most) }
    }
}

/// How many conversations the same filters give, without any of them.
#[utoipa::path(get, path = "/api/v1/conversations/counts",
    operation_id = "count_conversations", tag = "conversations",
    params(ListFilter, CountQuery),
    responses((status = 200, body = Counts), (status = 400, body = Problem)))]
pub async fn counts(
    app: web::Data<App>,
    identity: Identity,
    query: web::Query<ListFilter>,
    end: web::Query<CountQuery>,
) -> Result<HttpResponse, Problem> {
    let filter = query.read(identity.user.id).map_err(bad_filter)?;
    if end.up_to.is_some_and(|most| most < 1) {
        return Err(bad("up_to", "a number from 1 on"));
    }
    let (reader, most) = (Reader::from(&identity.user), end.up_to);
    // Nobody else waits for who counts.
    let counts = app
        .db
        .read_slowly(async move |conn| {
            let total = filtered::count(conn, &reader, &filter, most).await?;
            if filter.unread {
                return Ok(Counts::of(total, total, most));
            }
            let left = Filter { unread: true, ..filter };
            Ok(Counts::of(total, filtered::count(conn, &reader, &left, most).await?, most))
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
    ConversationFor::new(Cow::Owned(conversation.clone()), *mark)
}

/// One conversation, as the user sees it.
pub async fn view(
    app: &App,
    identity: &Identity,
    state: ConversationState,
) -> Result<ConversationFor<'static>, Problem> {
    shown_to(app, identity.user.id, state).await
}

/// The same, by who it is.
pub(crate) async fn shown_to(
    app: &App,
    user: UserId,
    state: ConversationState,
) -> Result<ConversationFor<'static>, Problem> {
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
    May(identity, _): May<ConversationsStart>,
    body: web::Json<StartBody>,
) -> Result<HttpResponse, Problem> {
    let StartBody { channel_id, customer } = body.into_inner();
    let workspace = identity.user.workspace_id;
    let (channel, cause) = (ChannelId(channel_id), Cause::user(&identity.user));
    let (state, is_new) = recipient::conversation(&app, workspace, channel, customer, cause).await?;
    if is_new {
        let (by, subject) = ((workspace, identity.user.id), format!("conversation:{}", state.id));
        let details = json!({"channel": channel_id});
        app.ledger.give(NoteDeed { by, action: "conversation_started", subject, details }).await?;
    }
    let state = own_what_one_began(&app, &identity, state, is_new).await?;
    let shown = view(&app, &identity, state).await?;
    Ok(if is_new { HttpResponse::Created().json(shown) } else { HttpResponse::Ok().json(shown) })
}

/// Whoever begins a conversation that they would not see has it; one that was there and is not theirs to see
/// is not there.
async fn own_what_one_began(
    app: &App,
    identity: &Identity,
    state: ConversationState,
    is_new: bool,
) -> Result<ConversationState, Problem> {
    if identity.user.sees(&state) {
        return Ok(state);
    }
    if !is_new {
        return Err(Refusal::not_found("conversation").into());
    }
    let (conversation_id, user) = (state.id, identity.user.clone());
    Ok(app.ledger.give(OwnBegun { user, conversation_id }).await?)
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
    pub(crate) status: Option<ConversationStatus>,
    /// Until when it sleeps, if it is snoozed.
    pub(crate) snoozed_until: Option<Timestamp>,
    /// A user's id; null: nobody.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<i64>)]
    pub(crate) assignee_id: Option<Option<UserId>>,
    /// A team's id; null: no team's.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<i64>)]
    pub(crate) team_id: Option<Option<TeamId>>,
    /// low, medium, high, urgent; null: none.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<Priority>)]
    pub(crate) priority: Option<Option<Priority>>,
    /// The labels it carries from now on, and no others.
    pub(crate) label_ids: Option<Vec<LabelId>>,
    /// Labels it carries from now on, too.
    #[serde(default)]
    pub(crate) add_label_ids: Vec<LabelId>,
    /// Labels it carries no more.
    #[serde(default)]
    pub(crate) remove_label_ids: Vec<LabelId>,
}

impl CareBody {
    pub(crate) fn care(self, user: User, conversation_id: ConversationId) -> UpdateConversation {
        let status = match (self.status, self.snoozed_until) {
            (Some(status), until) => Some((status, until.filter(|_| status == ConversationStatus::Snoozed))),
            (None, Some(until)) => Some((ConversationStatus::Snoozed, Some(until))),
            (None, None) => None,
        };
        let Self { assignee_id: assignee, team_id: team, priority, label_ids: labels, .. } = self;
        let more_labels = LabelWish { add: self.add_label_ids, remove: self.remove_label_ids };
        UpdateConversation { user, conversation_id, status, assignee, team, priority, labels, more_labels }
    }
}

/// Changes status, sleep, assignee, team, priority or labels; what is absent stays.
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

/// Up to where.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = MarkReadBody, example = json!({"seq": 12}))]
pub struct ReadBody {
    seq: i64,
    /// `marked_unread` of the conversation when its reader opened it: then what was marked as unread since
    /// stays so. Absent: it is read in any case.
    #[serde(default)]
    opening: Option<i64>,
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
    let reading = body.opening.map_or(Reading::Asked, |opening| Reading::Shown(Some(opening)));
    let may_answer = identity.user.may(Permission::ConversationsReply);
    let read = Read { user: identity.user, conversation_id: id.into_inner(), seq: body.seq, reading };
    let (state, mark) = app.ledger.give(read).await?;
    if may_answer {
        app.channel_signals.read(state.id, mark.read_seq);
    }
    let unread_count = mark.unread(state.unread_total);
    let answer = ReadAnswer { conversation_id: state.id, read_seq: mark.read_seq, unread_count };
    Ok(HttpResponse::Ok().json(answer))
}
