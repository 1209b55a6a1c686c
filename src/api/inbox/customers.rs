//! `/api/v1/customers/{id}`: who writes to us, what we keep of them, and forgetting them. Never
//! their messages: those are their conversations'.

use super::conversations::{in_the_eyes_of, shown};
use super::erased::{self, Stays};
use crate::api::http::may::{CustomersErase, May};
use crate::api::http::optional::given;
use crate::api::http::problem::Problem;
use crate::app::App;
use crate::desk::access;
use crate::desk::customers::{ChangeCustomer, EndVisits, EraseCustomer, MergeCustomers, UndoMerge};
use crate::domain::{ConversationFor, CustomerId, Identity, Refusal, Timestamp, UserId};
use crate::store::conversations::customers::{self, IdentityRow};
use crate::store::conversations::merges::{self, Merge};
use actix_web::{HttpResponse, web};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// A customer with all that we keep of them.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CustomerProfile)]
pub struct CustomerView {
    id: CustomerId,
    /// What the team calls them, else what they call themselves.
    name: Option<String>,
    /// What the team calls them; null: as they call themselves.
    given_name: Option<String>,
    /// What they call themselves.
    own_name: Option<String>,
    /// Their name on the platform.
    username: Option<String>,
    avatar_url: Option<String>,
    /// Their language, as the platform writes it.
    locale: Option<String>,
    /// The ad or link they came by last.
    #[schema(value_type = Option<Object>)]
    referral: Option<Value>,
    /// Whether the platform was asked for their profile and answered.
    enhanced_data_fetched: bool,
    /// Whether they blocked us.
    unreachable: bool,
    /// Whether we blocked them: what they write is kept and calls nobody.
    blocked: bool,
    /// What colleagues keep of them: texts, numbers, true and false by name.
    #[schema(value_type = Object)]
    custom_fields: Value,
    /// Their names on every channel, in the order we learned them.
    identities: Vec<IdentityRow>,
    /// Who was merged into this one, the newest first.
    merges: Vec<MergeView>,
    /// The newest activity first.
    conversations: Vec<ConversationFor<'static>>,
}

/// Somebody who was merged into a customer.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CustomerMerge)]
pub struct MergeView {
    id: i64,
    at: Timestamp,
    /// Whose hand; null: the platform's proof.
    user_id: Option<UserId>,
    /// What the one who was given up was called.
    name: Option<String>,
    /// Until when it can be undone; null: not any more.
    undo_until: Option<Timestamp>,
}

impl From<&Merge> for MergeView {
    fn from(merge: &Merge) -> Self {
        let until = Some(merge.until()).filter(|until| *until > Timestamp::now());
        Self {
            id: merge.id,
            at: merge.created_at,
            user_id: merge.user_id,
            name: merge.gone_name(),
            undo_until: until,
        }
    }
}

async fn view(app: &App, identity: &Identity, id: CustomerId) -> Result<CustomerView, Problem> {
    let (workspace, user) = (identity.user.workspace_id, identity.user.clone());
    let found = app
        .db
        .read(async move |conn| {
            let Some(row) = customers::find(conn, workspace, id).await? else { return Ok(None) };
            if !access::sees_customer(conn, &user, id).await? {
                return Ok(None);
            }
            let identities = customers::all_identities(conn, id).await?;
            let mut states = access::conversations_of(conn, &user, id).await?;
            states.sort_by_key(|state| std::cmp::Reverse((state.last_activity_at, state.id)));
            let merges = merges::of_customer(conn, id).await?;
            Ok(Some((row, identities, in_the_eyes_of(conn, user.id, &states).await?, merges)))
        })
        .await?;
    let (row, identities, seen, merges) = found.ok_or_else(|| Refusal::not_found("customer"))?;
    let (given_name, own_name) = (row.given_name.clone(), row.name.clone());
    let custom_fields = serde_json::from_str(&row.custom_fields).unwrap_or_else(|_| Map::new().into());
    let customer = row.into_customer(None);
    Ok(CustomerView {
        id: customer.id,
        name: customer.name,
        given_name,
        own_name,
        username: customer.username,
        avatar_url: customer.avatar_url,
        locale: customer.locale,
        referral: customer.referral,
        enhanced_data_fetched: customer.enhanced_data_fetched,
        unreachable: customer.unreachable,
        blocked: customer.blocked,
        custom_fields,
        identities,
        merges: merges.iter().map(MergeView::from).collect(),
        conversations: seen.iter().map(shown).collect(),
    })
}

/// A customer: their names on every channel, their conversations, what we keep of them.
#[utoipa::path(get, path = "/api/v1/customers/{id}", operation_id = "get_customer", tag = "customers",
    params(("id" = i64, Path)),
    responses((status = 200, body = CustomerView), (status = 404, body = Problem)))]
pub async fn show(
    app: web::Data<App>,
    identity: Identity,
    id: web::Path<CustomerId>,
) -> Result<HttpResponse, Problem> {
    Ok(HttpResponse::Ok().json(view(&app, &identity, id.into_inner()).await?))
}

/// What to change.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(
    as = UpdateCustomerBody,
    example = json!({"name": "Ana of the bakery", "custom_fields": {"plan": "pro"}, "blocked": false})
)]
pub struct ChangeBody {
    /// What the team calls them, 1 to 100 characters: no platform overwrites it. Null: what they call
    /// themselves again.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, nullable)]
    name: Option<Option<String>>,
    /// Fields to set; null takes one away, what is absent stays.
    #[schema(value_type = Option<Object>)]
    custom_fields: Option<Map<String, Value>>,
    /// What a blocked customer writes is kept, and calls nobody.
    blocked: Option<bool>,
}

/// Changes what we keep of a customer; what is absent stays.
#[utoipa::path(patch, path = "/api/v1/customers/{id}", operation_id = "update_customer", tag = "customers",
    params(("id" = i64, Path)), request_body = ChangeBody,
    responses((status = 200, body = CustomerView), (status = 404, body = Problem),
        (status = 422, body = Problem)))]
pub async fn change(
    app: web::Data<App>,
    identity: Identity,
    id: web::Path<CustomerId>,
    body: web::Json<ChangeBody>,
) -> Result<HttpResponse, Problem> {
    let (id, ChangeBody { name, custom_fields, blocked }) = (id.into_inner(), body.into_inner());
    app.ledger.give(ChangeCustomer { user: identity.user.clone(), id, name, custom_fields, blocked }).await?;
    Ok(HttpResponse::Ok().json(view(&app, &identity, id).await?))
}

/// The other one.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = MergeCustomersBody, example = json!({"customer_id": 7}))]
pub struct MergeBody {
    #[schema(value_type = i64)]
    customer_id: CustomerId,
}

/// Makes two customers one: all of `customer_id` becomes this one's, each address keeps its own conversation.
/// It can be undone for 30 days. Where one has proved at a site who they are and the other is a visitor who
/// has not, it takes a permission of its own (403 `proved_and_unproved`).
#[utoipa::path(post, path = "/api/v1/customers/{id}/merge",
    operation_id = "merge_customers", tag = "customers",
    params(("id" = i64, Path)), request_body = MergeBody,
    responses((status = 200, body = CustomerView, description = "The customer that is left"),
        (status = 403, body = Problem), (status = 404, body = Problem), (status = 422, body = Problem)))]
pub async fn merge(
    app: web::Data<App>,
    identity: Identity,
    id: web::Path<CustomerId>,
    body: web::Json<MergeBody>,
) -> Result<HttpResponse, Problem> {
    let (kept, gone) = (id.into_inner(), body.customer_id);
    app.ledger.give(MergeCustomers { user: identity.user.clone(), kept, gone }).await?;
    Ok(HttpResponse::Ok().json(view(&app, &identity, kept).await?))
}

/// Parts two customers again: the newest of this customer's `merges` is undone, for 30 days. What came since
/// stays.
#[utoipa::path(post, path = "/api/v1/customers/{id}/merges/{merge_id}/undo",
    operation_id = "undo_customer_merge", tag = "customers",
    params(("id" = i64, Path), ("merge_id" = i64, Path)),
    responses((status = 200, body = CustomerView, description = "The customer who is left"),
        (status = 404, body = Problem), (status = 409, body = Problem)))]
pub async fn undo_merge(
    app: web::Data<App>,
    identity: Identity,
    path: web::Path<(CustomerId, i64)>,
) -> Result<HttpResponse, Problem> {
    let (kept, merge) = path.into_inner();
    app.ledger.give(UndoMerge { user: identity.user.clone(), kept, merge }).await?;
    Ok(HttpResponse::Ok().json(view(&app, &identity, kept).await?))
}

/// How many names ended.
#[derive(Debug, Serialize, ToSchema)]
pub struct EndedVisits {
    ended: usize,
}

/// Ends the customer's sessions in the web chat: every token given to their browsers until now opens nothing
/// any more, and open sockets close. Who proves again who they are comes back to the same conversation;
/// anybody else begins anew.
#[utoipa::path(post, path = "/api/v1/customers/{id}/end-visits",
    operation_id = "end_customer_visits", tag = "customers",
    params(("id" = i64, Path)),
    responses((status = 200, body = EndedVisits, description = "How many of their names it were"),
        (status = 404, body = Problem)))]
pub async fn end_visits(
    app: web::Data<App>,
    identity: Identity,
    id: web::Path<CustomerId>,
) -> Result<HttpResponse, Problem> {
    let ended = app.ledger.give(EndVisits { user: identity.user, id: id.into_inner() }).await?;
    Ok(HttpResponse::Ok().json(EndedVisits { ended }))
}

/// What went with a customer, and what may still name them.
#[derive(Debug, Serialize, ToSchema)]
pub struct ErasedCustomer {
    /// How many rows of each kind: `{conversations, messages, files, …}`.
    deleted: BTreeMap<&'static str, usize>,
    /// What stays, and why.
    stays: Vec<Stays>,
}

/// Forgets a customer with everything: conversations, messages, files, events, what colleagues saved to find
/// them. There is no way back. The answer says what went and what may still name them.
#[utoipa::path(delete, path = "/api/v1/customers/{id}", operation_id = "erase_customer", tag = "customers",
    params(("id" = i64, Path)),
    responses((status = 200, body = ErasedCustomer), (status = 403, body = Problem),
        (status = 404, body = Problem)))]
pub async fn erase(
    app: web::Data<App>,
    May(admin, _): May<CustomersErase>,
    id: web::Path<CustomerId>,
) -> Result<HttpResponse, Problem> {
    let id = id.into_inner();
    let by = admin.user.id;
    let gone = app.ledger.give(EraseCustomer { user: admin.user, id }).await?;
    for key in &gone.files {
        app.media.forget(key).await;
    }
    log::info!("user {by} erased customer {id} with everything");
    let washed = erased::wash(&app).await;
    let stays = erased::stays(app.db.is_shared(), washed);
    Ok(HttpResponse::Ok().json(ErasedCustomer { deleted: gone.counts, stays }))
}
