//! `/api/v1/customers/{id}/consents`: what a customer agreed to or withdrew. Never whether something may be
//! sent: that is the gate's.

use crate::api::http::pagination::Page;
use crate::api::http::problem::Problem;
use crate::app::App;
use crate::desk::access;
use crate::desk::consents::SetConsents;
use crate::domain::{Consent, ConsentPurpose, ConsentState, CustomerId, Identity, Refusal};
use crate::store::conversations::consents;
use actix_web::{HttpResponse, web};
use serde::Deserialize;
use utoipa::ToSchema;

/// What a customer agreed to and withdrew; of a purpose that is absent nobody noted anything.
#[utoipa::path(get, path = "/api/v1/customers/{id}/consents",
    operation_id = "list_customer_consents", tag = "customers",
    params(("id" = i64, Path)),
    responses((status = 200, body = Page<Consent>), (status = 404, body = Problem)))]
pub async fn list(
    app: web::Data<App>,
    identity: Identity,
    id: web::Path<CustomerId>,
) -> Result<HttpResponse, Problem> {
    let (user, id) = (identity.user, id.into_inner());
    let found = app
        .db
        .read(async move |conn| {
            if !access::sees_customer(conn, &user, id).await? {
                return Ok(None);
            }
            Ok(Some(consents::of_customer(conn, id).await?))
        })
        .await?;
    let items = found.ok_or_else(|| Refusal::not_found("customer"))?;
    Ok(HttpResponse::Ok().json(Page { items, next_cursor: None }))
}

/// What to note.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(
    as = SetConsentsBody,
    example = json!({"items": [{"purpose": "marketing", "state": "withdrawn"}]})
)]
pub struct ConsentsBody {
    /// `marketing`, or nothing: then nobody knows any more. Who may be called only the platform says.
    items: Vec<ConsentBody>,
}

/// Whether they agree to one purpose.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = SetConsent)]
pub struct ConsentBody {
    purpose: ConsentPurpose,
    state: ConsentState,
}

/// Notes what a customer agreed to and withdrew. What stays as it was keeps its source and its time.
#[utoipa::path(put, path = "/api/v1/customers/{id}/consents",
    operation_id = "set_customer_consents", tag = "customers",
    params(("id" = i64, Path)), request_body = ConsentsBody,
    responses((status = 200, body = Page<Consent>), (status = 404, body = Problem),
        (status = 422, body = Problem)))]
pub async fn set(
    app: web::Data<App>,
    identity: Identity,
    id: web::Path<CustomerId>,
    body: web::Json<ConsentsBody>,
) -> Result<HttpResponse, Problem> {
    let wanted = body.into_inner().items.into_iter().map(|item| (item.purpose, item.state)).collect();
    let items = app.ledger.give(SetConsents { user: identity.user, id: id.into_inner(), wanted }).await?;
    Ok(HttpResponse::Ok().json(Page { items, next_cursor: None }))
}
