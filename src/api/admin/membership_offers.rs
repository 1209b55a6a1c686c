//! Offers of membership: made and taken back by a workspace's admins, accepted or declined by whoever signs
//! in with the name they were made out to. Never whether anybody has that name.

use super::user_views::{UserView, WorkspaceNameView};
use crate::api::http::identity::Signed;
use crate::api::http::may::{May, UsersManage};
use crate::api::http::pagination::{self, Page, PageQuery};
use crate::api::http::problem::Problem;
use crate::app::App;
use crate::auth::SignedIn;
use crate::desk::membership_offers::{AnswerOffer, OfferMembership, WithdrawOffer, answers};
use crate::desk::users::checked_username;
use crate::domain::{Credential, LoginSessionId, OfferId, Refusal, Role, Timestamp, Workspace};
use crate::store::accounts::membership_offers::{self as offers, Offer};
use crate::store::accounts::workspaces::WorkspaceRow;
use actix_web::{HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// An offer, as the workspace sees it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = MembershipOffer)]
pub struct OfferView {
    /// Unique in the server.
    #[schema(value_type = i64)]
    id: OfferId,
    /// To whom: what they sign in with. Whether anybody does is not told.
    username: String,
    /// What they would be.
    #[schema(example = "agent")]
    role: Role,
    /// Since when.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
}

impl From<Offer> for OfferView {
    fn from(offer: Offer) -> Self {
        let Offer { id, username, role, created_at, .. } = offer;
        Self { id, username, role, created_at }
    }
}

/// An offer, as whoever may accept it sees it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OfferedMembership)]
pub struct OfferedView {
    /// Unique in the server.
    #[schema(value_type = i64)]
    id: OfferId,
    /// Where one would be a member.
    workspace: WorkspaceNameView,
    /// What one would be.
    #[schema(example = "agent")]
    role: Role,
    /// Since when.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
}

impl From<(Offer, WorkspaceRow)> for OfferedView {
    fn from((offer, workspace): (Offer, WorkspaceRow)) -> Self {
        let workspace = (&Workspace::from(workspace)).into();
        Self { id: offer.id, workspace, role: offer.role, created_at: offer.created_at }
    }
}

/// The offers of this workspace that nobody answered yet.
#[utoipa::path(get, path = "/api/v1/membership-offers", operation_id = "list_membership_offers",
    tag = "workspaces", params(PageQuery),
    responses((status = 200, body = Page<OfferView>), (status = 403, body = Problem)))]
pub async fn list(
    app: web::Data<App>,
    May(admin, _): May<UsersManage>,
    query: web::Query<PageQuery>,
) -> Result<HttpResponse, Problem> {
    let limit = query.limit()?;
    let after = query.after()?.unwrap_or(0);
    let workspace = admin.user.workspace_id;
    let rows = app
        .db
        .read(async move |conn| {
            offers::of_workspace(conn, workspace, after, pagination::one_more(limit)).await
        })
        .await?;
    Ok(HttpResponse::Ok().json(Page::of(rows, limit, |offer| offer.id, OfferView::from)))
}

/// Whom to ask.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = CreateMembershipOfferBody, example = json!({"username": "ana", "role": "agent"}))]
pub struct OfferBody {
    /// What they sign in with.
    username: String,
    /// `admin` or `agent`; absent: `agent`.
    role: Option<Role>,
}

/// Offers a membership to whoever signs in with a username. They are no member until they accept.
#[utoipa::path(post, path = "/api/v1/membership-offers", operation_id = "create_membership_offer",
    tag = "workspaces", request_body = OfferBody,
    responses((status = 201, body = OfferView), (status = 403, body = Problem),
        (status = 409, body = Problem), (status = 422, body = Problem)))]
pub async fn create(
    app: web::Data<App>,
    May(admin, _): May<UsersManage>,
    body: web::Json<OfferBody>,
) -> Result<HttpResponse, Problem> {
    let OfferBody { username, role } = body.into_inner();
    let username = checked_username(&username)?;
    let by = (admin.user.workspace_id, admin.user.id);
    let offer = OfferMembership { by, username, role: role.unwrap_or(Role::Agent) };
    Ok(HttpResponse::Created().json(OfferView::from(app.ledger.give(offer).await?)))
}

/// Takes an offer back.
#[utoipa::path(delete, path = "/api/v1/membership-offers/{id}", operation_id = "delete_membership_offer",
    tag = "workspaces", params(("id" = i64, Path)),
    responses((status = 204, description = "Gone"), (status = 403, body = Problem),
        (status = 404, body = Problem)))]
pub async fn delete(
    app: web::Data<App>,
    May(admin, _): May<UsersManage>,
    id: web::Path<OfferId>,
) -> Result<HttpResponse, Problem> {
    let by = (admin.user.workspace_id, admin.user.id);
    app.ledger.give(WithdrawOffer { by, id: id.into_inner() }).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// What is offered to oneself. Told to who signed in, and not to programs.
#[utoipa::path(get, path = "/api/v1/me/membership-offers", operation_id = "list_my_membership_offers",
    tag = "workspaces",
    responses((status = 200, body = Page<OfferedView>)))]
pub async fn own(app: web::Data<App>, Signed(own): Signed) -> Result<HttpResponse, Problem> {
    let rows = match answers(&own) {
        Ok(account) => app.db.read(async move |conn| offers::of_account(conn, account).await).await?,
        Err(_) => Vec::new(),
    };
    let items: Vec<_> = rows.into_iter().map(OfferedView::from).collect();
    Ok(HttpResponse::Ok().json(Page { items, next_cursor: None }))
}

/// Accepts an offer: one is a member from then on.
#[utoipa::path(post, path = "/api/v1/me/membership-offers/{id}/accept", 
    operation_id = "accept_membership_offer", tag = "workspaces", params(("id" = i64, Path)),
    responses((status = 200, body = UserView, description = "Who one is there"),
        (status = 403, body = Problem), (status = 404, body = Problem)))]
pub async fn accept(
    app: web::Data<App>,
    Signed(own): Signed,
    id: web::Path<OfferId>,
) -> Result<HttpResponse, Problem> {
    let answer =
        AnswerOffer { account: answers(&own)?, id: id.into_inner(), accepts: true, kept: kept(&own) };
    let user = app.ledger.give(answer).await?.ok_or_else(|| Refusal::not_found("offer"))?;
    app.authenticator.forget();
    log::info!("user {} joined workspace {}", user.id, user.workspace_id);
    Ok(HttpResponse::Ok().json(UserView::from(user)))
}

/// Declines an offer.
#[utoipa::path(delete, path = "/api/v1/me/membership-offers/{id}", operation_id = "decline_membership_offer",
    tag = "workspaces", params(("id" = i64, Path)),
    responses((status = 204, description = "Gone"), (status = 403, body = Problem),
        (status = 404, body = Problem)))]
pub async fn decline(
    app: web::Data<App>,
    Signed(own): Signed,
    id: web::Path<OfferId>,
) -> Result<HttpResponse, Problem> {
    let answer =
        AnswerOffer { account: answers(&own)?, id: id.into_inner(), accepts: false, kept: kept(&own) };
    app.ledger.give(answer).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// The sign-in that asks.
fn kept(own: &SignedIn) -> Option<LoginSessionId> {
    match own.credential {
        Credential::Login(id) => Some(id),
        Credential::Token(_) => None,
    }
}
